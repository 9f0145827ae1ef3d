//! Texts as HTML.

use async_graphql::parser::types::{BaseType, Type};

/// `text` with nothing in it that HTML would take for its own.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A line of a description: what stands between back quotes is code.
pub fn line(text: &str) -> String {
    let mut html = String::new();
    for (turn, part) in text.split('`').enumerate() {
        let part = escape(part);
        html.push_str(&if turn % 2 == 1 { format!("<code>{part}</code>") } else { part });
    }
    html
}

/// A description, paragraph by paragraph; nothing if there is none.
pub fn prose(text: Option<&str>) -> String {
    let paragraphs = text.unwrap_or_default().split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    paragraphs.fold(String::new(), |html, text| html + "<p>" + &line(text) + "</p>\n")
}

/// Types that the language brings along; nothing on the page says what they are.
const BUILT_IN: &[&str] = &["Int", "Float", "String", "Boolean", "ID"];

/// The name of a type, linked to where it is explained.
pub fn link(name: &str) -> String {
    if BUILT_IN.contains(&name) { name.to_owned() } else { format!("<a href=\"#{name}\">{name}</a>") }
}

/// A type with its lists and what may not be null.
pub fn ty(ty: &Type) -> String {
    let base = match &ty.base {
        BaseType::Named(name) => link(name),
        BaseType::List(inner) => format!("[{}]", self::ty(inner)),
    };
    if ty.nullable { base } else { base + "!" }
}
