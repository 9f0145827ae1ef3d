//! The schema as a text.

use async_graphql::parser::types::TypeKind;
use yidan_tests::{
    sdl::{Schema, named},
    snapshot,
};

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    snapshot::check("schema.graphql", &yidan::schema::sdl(), "UPDATE_SCHEMA");
}

/// Names that the language itself or the framework brings along, with their own descriptions or none.
fn is_ours(name: &str) -> bool {
    !name.starts_with("__") && !matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID" | "JSON" | "DateTime")
}

#[test]
fn everything_says_in_english_and_chinese_what_it_is() {
    let schema = Schema::current();
    let mut silent = Vec::new();
    let mut hear = |place: String, text: Option<&str>| {
        let text = text.unwrap_or_default();
        let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let english = text.chars().any(|c| c.is_ascii_alphabetic());
        // What Relay defines needs no Chinese name at every field.
        let foreign = place.contains("Edge.") || place.contains("PageInfo.");
        if !english || !(chinese || foreign) {
            silent.push(format!("{place}: {text:?}"));
        }
    };
    let text =
        |description: &Option<async_graphql::Positioned<String>>| description.as_ref().map(|text| text.node.clone());
    for (name, definition) in schema.types().iter().filter(|(name, _)| is_ours(name)) {
        hear(name.clone(), text(&definition.description).as_deref());
        for field in schema.fields(name) {
            hear(format!("{name}.{}", field.name.node), text(&field.description).as_deref());
            for argument in &field.arguments {
                let argument = &argument.node;
                hear(
                    format!("{name}.{}({})", field.name.node, argument.name.node),
                    text(&argument.description).as_deref(),
                );
            }
        }
        match &definition.kind {
            TypeKind::Enum(kind) => {
                for value in &kind.values {
                    hear(format!("{name}.{}", value.node.value.node), text(&value.node.description).as_deref());
                }
            }
            TypeKind::InputObject(object) => {
                for field in &object.fields {
                    hear(format!("{name}.{}", field.node.name.node), text(&field.node.description).as_deref());
                }
            }
            _ => {}
        }
    }
    assert!(silent.is_empty(), "without a description in both languages:\n{}", silent.join("\n"));
}

#[test]
fn every_mutation_takes_one_input_and_answers_with_its_refusals() {
    let schema = Schema::current();
    let mut odd = Vec::new();
    for field in schema.fields("Mutation") {
        let payload = named(&field.ty.node);
        let refusals = schema.fields(payload).iter().any(|field| field.name.node == "userErrors");
        let arguments: Vec<&str> = field.arguments.iter().map(|argument| argument.node.name.node.as_str()).collect();
        let keyed = field.arguments.first().is_none_or(|argument| {
            let fields = schema.input_fields(named(&argument.node.ty.node)).unwrap_or_default();
            fields.iter().any(|field| field.name == "idempotencyKey")
        });
        if !refusals || arguments != ["input"] || !payload.ends_with("Payload") || !keyed {
            odd.push(field.name.node.to_string());
        }
    }
    // Their inputs are secrets, which are never kept, not even as the digest of a key; a ballot has no account either.
    assert_eq!(odd, ["castBallot", "changePassword", "login", "refreshSession", "signOn"]);
}

#[test]
fn every_connection_is_paged_the_same_way() {
    let schema = Schema::current();
    let mut odd = Vec::new();
    for name in schema.types().keys() {
        for field in schema.fields(name) {
            if !named(&field.ty.node).ends_with("Connection") {
                continue;
            }
            let arguments: Vec<&str> =
                field.arguments.iter().map(|argument| argument.node.name.node.as_str()).collect();
            if !["first", "after", "last", "before"].iter().all(|needed| arguments.contains(needed)) {
                odd.push(format!("{name}.{}", field.name.node));
            }
        }
    }
    assert!(odd.is_empty(), "{odd:?}");
}

#[test]
fn everything_that_can_be_fetched_by_its_id_says_so() {
    let schema = Schema::current();
    for name in schema.types().keys().filter(|name| name.ends_with("Connection") && *name != "Connection") {
        for needed in ["edges", "nodes", "pageInfo", "totalCount"] {
            assert!(schema.fields(name).iter().any(|field| field.name.node == needed), "{name} has no {needed}");
        }
    }
}
