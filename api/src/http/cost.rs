//! What an operation may come to before it runs: how many fields the answer has if every page is full. A few hundred
//! bytes of nested lists would otherwise ask for gigabytes.
//!
//! A page counts as many times as it may have rows; any other list as often as its arguments name things, or
//! [`LIST`] times. Questions about the schema itself (`__schema`, `__type`) are measured by its real lists and have a
//! bound of their own: the tools' question, which asks for all of it, fits, and going round in circles does not.

use std::collections::HashMap;

use async_graphql::{
    Name, Value as ConstValue,
    parser::{
        parse_schema,
        types::{
            BaseType, ExecutableDocument, Field, FieldDefinition, OperationDefinition, Selection, SelectionSet, Type,
            TypeKind, TypeSystemDefinition,
        },
    },
};
use serde_json::{Map, Value};

use super::documents::root_type;
use crate::kernel::paging::{DEFAULT_PAGE, MAX_PAGE};

/// How long a list is taken to be that is no page.
const LIST: u64 = 5;
/// About how long the lists of introspection are.
const SCHEMA_LISTS: &[(&str, u64)] = &[
    ("types", 400),
    ("fields", 12),
    ("args", 3),
    ("inputFields", 8),
    ("enumValues", 8),
    ("interfaces", 2),
    ("possibleTypes", 30),
    ("directives", 8),
];
/// What stands for much work behind few fields: files that are written or read.
const HEAVY: &[(&str, u64)] = &[("SpreadsheetFile", 5_000), ("ImportDutyListPayload", 5_000)];
/// Most that may be asked about the schema: twice what the tools ask.
pub const SCHEMA: u64 = 2_500_000;

/// What an operation may come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requested {
    /// Fields of the answer.
    pub fields: u64,
    /// Fields about the schema among them, which count for nothing but their own bound.
    pub schema: u64,
}

struct Shape {
    of: String,
    list: bool,
    paged: bool,
}

/// The shapes of the schema's fields.
pub struct Costs(HashMap<String, HashMap<String, Shape>>);

/// The name of a type and whether it is a list.
fn named(ty: &Type) -> (String, bool) {
    match &ty.base {
        BaseType::Named(name) => (name.to_string(), false),
        BaseType::List(inner) => (named(inner).0, true),
    }
}

fn shape(field: &FieldDefinition) -> Shape {
    let (of, list) = named(&field.ty.node);
    Shape { of, list, paged: field.arguments.iter().any(|argument| argument.node.name.node == "first") }
}

impl Costs {
    /// The shapes in an SDL text.
    #[must_use]
    pub fn of(sdl: &str) -> Self {
        let mut types = HashMap::new();
        for definition in parse_schema(sdl).map(|document| document.definitions).unwrap_or_default() {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let fields = fields.into_iter().map(|field| (field.node.name.node.to_string(), shape(&field.node)));
            types.insert(definition.node.name.node.to_string(), fields.collect());
        }
        Self(types)
    }

    /// What `operation` of `document` may come to with these variables.
    #[must_use]
    pub fn requested(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Map<String, Value>,
    ) -> Requested {
        let root = root_type(operation.ty);
        let known = HashMap::new();
        let mut meter = Meter { costs: self, document, operation, variables, known, schema: 0, refs: HashMap::new() };
        let fields = meter.set(root, &operation.selection_set.node);
        Requested { fields, schema: meter.schema }
    }
}

struct Meter<'a> {
    costs: &'a Costs,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Map<String, Value>,
    known: HashMap<&'a str, u64>,
    schema: u64,
    refs: HashMap<&'a str, u64>,
}

impl<'a> Meter<'a> {
    fn set(&mut self, on: &str, set: &'a SelectionSet) -> u64 {
        let parts = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => self.field(on, &field.node),
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref().map_or(on, |condition| condition.node.on.node.as_str());
                self.set(on, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
        });
        parts.fold(0, u64::saturating_add)
    }

    /// Each fragment once, however often it is spread; that none spreads itself has been seen to.
    fn fragment(&mut self, name: &'a str) -> u64 {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return 0 };
        let cost = self.set(&fragment.node.type_condition.node.on.node, &fragment.node.selection_set.node);
        self.known.insert(name, cost);
        cost
    }

    fn field(&mut self, on: &str, field: &'a Field) -> u64 {
        let name = field.name.node.as_str();
        if name.starts_with("__") {
            let about = self.about(&field.selection_set.node);
            self.schema = self.schema.saturating_add(about);
            return 1;
        }
        let costs = self.costs;
        // What the schema does not know, validation refuses.
        let Some(shape) = costs.0.get(on).and_then(|fields| fields.get(name)) else { return 1 };
        // The rows of a connection are those its page was asked for.
        let row = on.ends_with("Connection") && matches!(name, "nodes" | "edges");
        let times = match (shape.paged, shape.list && !row) {
            (true, _) => self.page(field),
            (false, true) => self.named_by(field).unwrap_or(LIST),
            (false, false) => 1,
        };
        let weight = HEAVY.iter().find(|(heavy, _)| *heavy == shape.of).map_or(0, |(_, weight)| *weight);
        let below = self.set(&shape.of, &field.selection_set.node).saturating_add(weight);
        below.saturating_mul(times).saturating_add(1)
    }

    /// What a question about the schema comes to.
    fn about(&mut self, set: &'a SelectionSet) -> u64 {
        let parts = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                let times = SCHEMA_LISTS.iter().find(|(list, _)| *list == name).map_or(1, |(_, times)| *times);
                self.about(&field.node.selection_set.node).saturating_mul(times).saturating_add(1)
            }
            Selection::InlineFragment(fragment) => self.about(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                if let Some(known) = self.refs.get(name) {
                    return *known;
                }
                let Some(fragment) = self.document.fragments.get(name) else { return 0 };
                let cost = self.about(&fragment.node.selection_set.node);
                self.refs.insert(name, cost);
                cost
            }
        });
        parts.fold(0, u64::saturating_add)
    }

    /// The rows of a page.
    fn page(&self, field: &Field) -> u64 {
        let rows = ["first", "last"].iter().find_map(|name| self.argument(field, name)?.as_u64());
        rows.unwrap_or(DEFAULT_PAGE as u64).min(MAX_PAGE as u64)
    }

    /// How many things the arguments of a field name.
    fn named_by(&self, field: &Field) -> Option<u64> {
        let given = field.arguments.iter().filter_map(|(name, _)| self.argument(field, &name.node));
        given.filter_map(|given| given.as_array().map(|entries| entries.len() as u64)).max()
    }

    /// An argument as it will arrive.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let given = field.get_argument(name)?.node.clone();
        given.into_const_with(|variable| self.variable(&variable).ok_or(())).ok()?.into_json().ok()
    }

    fn variable(&self, name: &Name) -> Option<ConstValue> {
        if let Some(given) = self.variables.get(name.as_str()) {
            return ConstValue::from_json(given.clone()).ok();
        }
        let declared = self.operation.variable_definitions.iter().find(|declared| declared.node.name.node == *name)?;
        declared.node.default_value.as_ref().map(|default| default.node.clone())
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    const SDL: &str =
        "type Query { list(first: Int): ThingConnection! nodes(ids: [ID!]!): [Node]! thing: Thing! plain: [Thing!]! }
        type ThingConnection { nodes: [Thing!]! edges: [ThingEdge!]! totalCount: Int! }
        type ThingEdge { node: Thing! }
        interface Node { id: ID! }
        type Thing implements Node { id: ID! name: String! parts(first: Int, last: Int): ThingConnection! }";

    fn cost(text: &str, variables: Value) -> u64 {
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        Costs::of(SDL).requested(&document, &operation.node, variables.as_object().unwrap()).fields
    }

    fn about_the_schema(text: &str) -> u64 {
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        Costs::of(SDL).requested(&document, &operation.node, &Map::new()).schema
    }

    #[test]
    fn the_schema_is_asked_for_whole_and_not_in_circles() {
        let refs =
            "fragment ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
        let whole = "{ __schema { queryType { name } types { kind name description fields(includeDeprecated: true) {
            name description args { name description type { ...ref } defaultValue } type { ...ref } isDeprecated }
            inputFields { name description type { ...ref } defaultValue } interfaces { ...ref }
            enumValues { name description isDeprecated } possibleTypes { ...ref } }
            directives { name description locations args { name type { ...ref } } } } }";
        let whole = about_the_schema(&format!("{whole} {refs}"));
        assert!((SCHEMA / 10..SCHEMA).contains(&whole), "{whole}");
        for circle in ["possibleTypes { interfaces { ", "fields { type { "] {
            let text = format!("{{ __type(name: \"Node\") {{ {} name {} }} }}", circle.repeat(6), "} } ".repeat(6));
            assert!(about_the_schema(&text) > SCHEMA, "{circle}");
        }
        assert_eq!(about_the_schema("{ list { nodes { __typename } } }"), 0);
    }

    #[test]
    fn a_page_counts_as_often_as_it_may_have_rows() {
        assert_eq!(cost("{ thing { name } }", json!({})), 2);
        assert_eq!(cost("{ list { nodes { name } } }", json!({})), 1 + 20 * 2);
        assert_eq!(cost("{ list(first: 3) { totalCount edges { node { name } } } }", json!({})), 1 + 3 * 4);
        let nested = "query($n: Int = 7, $m: Int) { list(first: $n) { nodes { parts(last: $m) { nodes { id } } } } }";
        assert_eq!(cost(nested, json!({})), 1 + 7 * (1 + (1 + 20 * 2)));
        assert_eq!(cost(nested, json!({ "n": 2, "m": 5 })), 1 + 2 * (1 + (1 + 5 * 2)));
        assert_eq!(cost("{ list(first: 1000000) { nodes { id } } }", json!({})), 1 + 100 * 2, "more is refused anyway");
        assert_eq!(cost("{ list(first: -1) { nodes { id } } }", json!({})), 1 + 20 * 2);
    }

    #[test]
    fn a_list_counts_as_often_as_things_are_named() {
        assert_eq!(cost("{ plain { id name } }", json!({})), 1 + 5 * 2);
        let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Thing { name } } }";
        assert_eq!(cost(nodes, json!({ "ids": ["a", "b", "c"] })), 1 + 3 * 2);
        assert_eq!(
            cost("{ nodes(ids: [\"a\"]) { ...t } } fragment t on Thing { id parts { nodes { id } } }", json!({})),
            1 + 1 + 1 + 20 * 2
        );
    }

    #[test]
    fn the_schema_itself_counts_apart_and_nothing_overflows() {
        assert_eq!(cost("{ __schema { types { fields { name } } } __typename }", json!({})), 2);
        let mut text = String::from("{ list { nodes { ...f0 } } }");
        for index in 0..30 {
            text += &format!(
                " fragment f{index} on Thing {{ a: parts(first: 100) {{ nodes {{ ...f{next} }} }} b: parts {{ nodes {{ ...f{next} }} }} }}",
                next = index + 1
            );
        }
        assert_eq!(cost(&(text + " fragment f30 on Thing { id }"), json!({})), u64::MAX);
    }
}
