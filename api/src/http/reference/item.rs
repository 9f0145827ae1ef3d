//! An operation, or a type with all that belongs to it.

use async_graphql::{
    Positioned, Value,
    parser::types::{ConstDirective, EnumType, FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind},
};

use super::html::{escape, line, link, prose, ty};

type Text = Option<Positioned<String>>;

fn said(description: &Text) -> String {
    prose(description.as_ref().map(|text| text.node.as_str()))
}

/// That something will go, why and since when, if it is so.
fn going(directives: &[Positioned<ConstDirective>]) -> String {
    let Some(directive) = directives.iter().find(|directive| directive.node.name.node == "deprecated") else {
        return String::new();
    };
    let reason = directive.node.arguments.iter().find(|(name, _)| name.node == "reason");
    let reason = match reason.map(|(_, value)| &value.node) {
        Some(Value::String(reason)) => line(reason),
        _ => String::new(),
    };
    format!("<p class=\"deprecated\">弃用 Deprecated: {reason}</p>\n")
}

/// What may be given: arguments, or the fields of an input.
fn inputs<'a>(values: impl Iterator<Item = &'a InputValueDefinition>, anchor: Option<&str>) -> String {
    let mut rows = String::new();
    for value in values {
        let name = &value.name.node;
        let id = anchor.map_or_else(String::new, |anchor| format!(" id=\"{anchor}.{name}\""));
        let default = value.default_value.as_ref();
        let default = default.map_or_else(String::new, |default| format!(" = {}", escape(&default.node.to_string())));
        rows.push_str(&format!(
            "<dt{id}><code>{name}: {}{default}</code></dt>\n<dd>{}{}</dd>\n",
            ty(&value.ty.node),
            said(&value.description),
            going(&value.directives)
        ));
    }
    if rows.is_empty() { rows } else { format!("<dl>\n{rows}</dl>\n") }
}

/// A field of `Query`, `Mutation` or `Subscription`.
pub fn of_operation(field: &FieldDefinition, anchor: &str, body: &mut String) {
    let arguments = inputs(field.arguments.iter().map(|argument| &argument.node), None);
    body.push_str(&format!(
        "<section id=\"{anchor}\"><h3><a href=\"#{anchor}\">{}</a><code>: {}</code></h3>\n{}{}{arguments}</section>\n",
        field.name.node,
        ty(&field.ty.node),
        said(&field.description),
        going(&field.directives),
    ));
}

fn fields(fields: &[Positioned<FieldDefinition>], owner: &str) -> String {
    let rows = fields.iter().map(|field| {
        let field = &field.node;
        format!(
            "<dt id=\"{owner}.{0}\"><code>{0}: {1}</code></dt>\n<dd>{2}{3}{4}</dd>\n",
            field.name.node,
            ty(&field.ty.node),
            said(&field.description),
            going(&field.directives),
            inputs(field.arguments.iter().map(|argument| &argument.node), None),
        )
    });
    format!("<dl>\n{}</dl>\n", rows.collect::<String>())
}

fn values(kind: &EnumType, owner: &str) -> String {
    let rows = kind.values.iter().map(|value| {
        let value = &value.node;
        format!(
            "<dt id=\"{owner}.{0}\"><code>{0}</code></dt>\n<dd>{1}{2}</dd>\n",
            value.value.node,
            said(&value.description),
            going(&value.directives),
        )
    });
    format!("<dl>\n{}</dl>\n", rows.collect::<String>())
}

fn names(lead: &str, some: &[Positioned<async_graphql::Name>], between: &str) -> String {
    if some.is_empty() {
        return String::new();
    }
    let links: Vec<String> = some.iter().map(|name| link(&name.node)).collect();
    format!("<code>{lead}{}</code>", links.join(between))
}

/// A type.
pub fn of_type(definition: &TypeDefinition, body: &mut String) {
    let name = definition.name.node.as_str();
    let (beside, below) = match &definition.kind {
        TypeKind::Object(object) => {
            (names(" implements ", &object.implements, " &amp; "), fields(&object.fields, name))
        }
        TypeKind::Interface(interface) => {
            (names(" implements ", &interface.implements, " &amp; "), fields(&interface.fields, name))
        }
        TypeKind::Union(union) => (names(" = ", &union.members, " | "), String::new()),
        TypeKind::Enum(kind) => (String::new(), values(kind, name)),
        TypeKind::InputObject(object) => {
            (String::new(), inputs(object.fields.iter().map(|field| &field.node), Some(name)))
        }
        TypeKind::Scalar => Default::default(),
    };
    body.push_str(&format!(
        "<section id=\"{name}\"><h3><a href=\"#{name}\">{name}</a>{beside}</h3>\n{}{}{below}</section>\n",
        said(&definition.description),
        going(&definition.directives),
    ));
}
