//! The reference page: the whole schema as one page of HTML to read, to search and to pass on. Operations
//! first, then the types they speak of, each linked wherever it is named; descriptions stand as they are, in both
//! languages.

mod html;
mod item;

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};

use html::{escape, prose};

/// How the page looks.
pub const STYLE: &str = include_str!("style.css");

/// What searches it.
pub const SCRIPT: &str = include_str!("search.js");

/// Where the page has its style sheet and its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Beside it, as the policy of served pages asks for.
    Linked,
    /// Within, so that the page is one file.
    Within,
}

/// The operations: the type that holds them, what they are.
const ROOTS: &[(&str, &str)] =
    &[("Query", "Queries 查询"), ("Mutation", "Mutations 操作"), ("Subscription", "Subscriptions 订阅")];

/// The kinds of types, in the order in which they are shown.
const KINDS: &[&str] = &["Objects 对象", "Interfaces 接口", "Unions 联合", "Enums 枚举", "Inputs 输入", "Scalars 标量"];

fn kind(definition: &TypeDefinition) -> usize {
    match definition.kind {
        TypeKind::Object(_) => 0,
        TypeKind::Interface(_) => 1,
        TypeKind::Union(_) => 2,
        TypeKind::Enum(_) => 3,
        TypeKind::InputObject(_) => 4,
        TypeKind::Scalar => 5,
    }
}

/// The page of a schema; of a text that is none, a page without anything.
#[must_use]
pub fn page(sdl: &str, style: Style) -> String {
    let definitions = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
    let mut types: Vec<TypeDefinition> = definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        })
        .collect();
    types.sort_by(|left, right| left.name.node.cmp(&right.name.node));
    let (mut contents, mut body) = (String::new(), String::new());
    for (root, title) in ROOTS {
        operations(&types, root, title, &mut contents, &mut body);
    }
    for (number, title) in KINDS.iter().enumerate() {
        let is_root = |name: &str| ROOTS.iter().any(|(root, _)| *root == name);
        let some = types.iter().filter(|one| kind(one) == number && !is_root(&one.name.node));
        let some: Vec<&TypeDefinition> = some.collect();
        let names: Vec<(String, String)> =
            some.iter().map(|one| (one.name.node.to_string(), one.name.node.to_string())).collect();
        section(title, &names, &mut contents, &mut body);
        for definition in some {
            item::of_type(definition, &mut body);
        }
    }
    let script = match style {
        Style::Linked => "<script src=\"/reference.js\" defer></script>".to_owned(),
        Style::Within => format!("<script>{SCRIPT}</script>"),
    };
    let style = match style {
        Style::Linked => "<link rel=\"stylesheet\" href=\"/reference.css\">\
                          <link rel=\"icon\" type=\"image/svg+xml\" href=\"/favicon.svg\">"
            .to_owned(),
        Style::Within => format!("<style>{STYLE}</style>"),
    };
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>依单 Yidan · 接口手册 Reference</title>\n{style}\n</head>\n<body>\n\
         <header><h1>依单 <small>Yidan {} · 接口手册 Reference</small></h1>\
         <label hidden>查找 Find <input id=\"find\" type=\"search\"></label></header>\n\
         <nav aria-label=\"目录 Contents\">\n{contents}</nav>\n<main>\n<p id=\"none\" role=\"status\" hidden>没有找到 Nothing found</p>\n{body}</main>\n{script}\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// The heading of a part, and its names in the table of contents.
fn section(title: &str, names: &[(String, String)], contents: &mut String, body: &mut String) {
    if names.is_empty() {
        return;
    }
    let count = names.len();
    contents.push_str(&format!("<details open><summary>{title} <small>{count}</small></summary>\n<ul>\n"));
    for (anchor, name) in names {
        contents.push_str(&format!("<li><a href=\"#{}\">{}</a></li>\n", escape(anchor), escape(name)));
    }
    contents.push_str("</ul></details>\n");
    body.push_str(&format!("<h2>{title}</h2>\n"));
}

/// The fields of a root, each as an operation.
fn operations(types: &[TypeDefinition], root: &str, title: &str, contents: &mut String, body: &mut String) {
    let Some(definition) = types.iter().find(|definition| definition.name.node == root) else { return };
    let TypeKind::Object(object) = &definition.kind else { return };
    let fields: Vec<&FieldDefinition> = object.fields.iter().map(|field| &field.node).collect();
    let anchors: Vec<(String, String)> =
        fields.iter().map(|field| (format!("{root}.{}", field.name.node), field.name.node.to_string())).collect();
    section(title, &anchors, contents, body);
    body.push_str(&prose(definition.description.as_ref().map(|text| text.node.as_str())));
    for (field, (anchor, _)) in fields.into_iter().zip(&anchors) {
        item::of_operation(field, anchor, body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDL: &str = r#"
        "The questions (查询)."
        type Query { "One `list` of <these> (清单)." list("Which (标识)." id: ID! = "a\"b"): [List!]! old: Int @deprecated(reason: "2026-01-01: use `list`") }
        type List implements Node { id: ID! state: State }
        interface Node { id: ID! }
        enum State { OPEN CLOSED }
        union Any = List
        input Filter { text: String = "x" }
        scalar Date
    "#;

    #[test]
    fn everything_is_shown_linked_and_escaped() {
        let page = page(SDL, Style::Linked);
        for wanted in [
            "id=\"Query.list\"",
            "id=\"List\"",
            "id=\"List.state\"",
            "id=\"State.OPEN\"",
            "id=\"Filter.text\"",
            "[<a href=\"#List\">List</a>!]!",
            "One <code>list</code> of &lt;these&gt; (清单).",
            "implements <a href=\"#Node\">Node</a>",
            "= &quot;x&quot;",
            "2026-01-01: use <code>list</code>",
            "href=\"/reference.css\"",
        ] {
            assert!(page.contains(wanted), "{wanted}\n{page}");
        }
        assert!(!page.contains("<style") && !page.contains("style=\""));
    }

    #[test]
    fn as_one_file_it_needs_nothing_else() {
        let page = page(SDL, Style::Within);
        assert!(page.contains("<style>") && page.contains("<script>"));
        assert!(!page.contains("<link") && !page.contains("src="));
    }

    #[test]
    fn every_link_leads_somewhere() {
        let page = page(&crate::schema::sdl(), Style::Linked);
        let ids: std::collections::HashSet<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let links: Vec<&str> = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(links.len() > 1_000);
        let lost: Vec<&&str> = links.iter().filter(|link| !ids.contains(**link)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}
