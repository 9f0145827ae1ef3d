//! What a request asks: document, operation, variables. Types are checked as GraphQL over HTTP demands.

use serde_json::{Map, Value};

use crate::kernel::graphql::Uploads;

/// The document that a request wants run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// This text.
    Text(String),
    /// The one a manifest knows by this id.
    Id(String),
    /// The one with this SHA-256, in hexadecimal digits; with its text it is registered under it.
    Hash {
        /// The hash.
        hash: String,
        /// The text, if it is sent along.
        text: Option<String>,
    },
}

/// The parameters of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// The document.
    pub document: Asked,
    /// Which operation of it.
    pub operation_name: Option<String>,
    /// Values of the variables.
    pub variables: Map<String, Value>,
    /// What else the caller says.
    pub extensions: Map<String, Value>,
    /// Files that the variables name.
    pub uploads: Uploads,
}

/// Why the parameters cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The body is not the JSON it says it is.
    Body(&'static str),
    /// A parameter is missing or of the wrong type.
    Parameter(&'static str),
}

impl Unreadable {
    /// What is wrong.
    #[must_use]
    pub fn detail(&self) -> &'static str {
        match self {
            Self::Body(detail) | Self::Parameter(detail) => detail,
        }
    }
}

impl Parameters {
    /// The parameters in a JSON body.
    pub fn of_body(body: &[u8]) -> Result<Self, Unreadable> {
        if body.is_empty() {
            return Err(Unreadable::Body("the body is empty"));
        }
        let value: Value = serde_json::from_slice(body).map_err(|_| Unreadable::Body("the body is not valid JSON"))?;
        match value {
            Value::Object(map) => Self::of_map(map),
            Value::Array(_) => Err(Unreadable::Body("batches are not supported; send one request at a time")),
            _ => Err(Unreadable::Body("the body must be a JSON object")),
        }
    }

    /// The parameters in a query string.
    pub fn of_query_string(text: &str) -> Result<Self, Unreadable> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(text).map_err(|_| Unreadable::Body("the query string cannot be read"))?;
        let mut map = Map::new();
        for (name, text) in pairs {
            let value = match name.as_str() {
                "variables" | "extensions" if text.is_empty() => Value::Null,
                "variables" => {
                    serde_json::from_str(&text).map_err(|_| Unreadable::Parameter("variables must be a JSON object"))?
                }
                "extensions" => serde_json::from_str(&text)
                    .map_err(|_| Unreadable::Parameter("extensions must be a JSON object"))?,
                _ => Value::String(text),
            };
            map.insert(name, value);
        }
        Self::of_map(map)
    }

    /// The parameters in a JSON object.
    pub fn of_map(mut map: Map<String, Value>) -> Result<Self, Unreadable> {
        let mut string = |name: &'static str, message| match map.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Unreadable::Parameter(message)),
        };
        let query = string("query", "query must be a string")?;
        let document_id = string("documentId", "documentId must be a string")?;
        let operation_name = string("operationName", "operationName must be a string")?.filter(|name| !name.is_empty());
        let mut object = |name: &'static str, message| match map.remove(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(Unreadable::Parameter(message)),
        };
        let variables = object("variables", "variables must be a JSON object")?;
        let extensions = object("extensions", "extensions must be a JSON object")?;
        let document = asked(query, document_id, extensions.get("persistedQuery"))?;
        Ok(Self { document, operation_name, variables, extensions, uploads: Uploads::default() })
    }
}

fn asked(query: Option<String>, id: Option<String>, persisted: Option<&Value>) -> Result<Asked, Unreadable> {
    let hash = match persisted {
        None | Some(Value::Null) => None,
        Some(persisted) => match (persisted.get("version").and_then(Value::as_u64), &persisted["sha256Hash"]) {
            (Some(1), Value::String(hash)) => Some(hash.to_ascii_lowercase()),
            _ => return Err(Unreadable::Parameter("extensions.persistedQuery must have version 1 and a sha256Hash")),
        },
    };
    // Clients whose protocol demands a text send an empty one beside the name of a document.
    let query = query.filter(|text| !text.is_empty() || (id.is_none() && hash.is_none()));
    match (query, id, hash) {
        (Some(_), Some(_), _) => Err(Unreadable::Parameter("send query or documentId, not both")),
        (None, Some(id), _) => Ok(Asked::Id(id)),
        (text, None, Some(hash)) => Ok(Asked::Hash { hash, text }),
        (Some(text), None, None) => Ok(Asked::Text(text)),
        (None, None, None) => Err(Unreadable::Parameter("query is missing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_checked() {
        for (body, wrong) in [
            ("", "the body is empty"),
            ("{", "the body is not valid JSON"),
            ("[]", "batches are not supported; send one request at a time"),
            ("1", "the body must be a JSON object"),
            ("{}", "query is missing"),
            (r#"{"query":1}"#, "query must be a string"),
            (r#"{"query":"{a}","operationName":1}"#, "operationName must be a string"),
            (r#"{"query":"{a}","variables":[]}"#, "variables must be a JSON object"),
            (r#"{"query":"{a}","extensions":"x"}"#, "extensions must be a JSON object"),
            (r#"{"documentId":1}"#, "documentId must be a string"),
            (r#"{"query":"{a}","documentId":"x"}"#, "send query or documentId, not both"),
            (
                r#"{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"x"}}}"#,
                "extensions.persistedQuery must have version 1 and a sha256Hash",
            ),
        ] {
            let (Unreadable::Body(text) | Unreadable::Parameter(text)) =
                Parameters::of_body(body.as_bytes()).unwrap_err();
            assert_eq!(text, wrong);
        }
        let good = Parameters::of_body(br#"{"query":"{a}","variables":null,"operationName":"A"}"#).unwrap();
        assert_eq!(good.operation_name.as_deref(), Some("A"));
        let document = |body: &str| Parameters::of_body(body.as_bytes()).unwrap().document;
        assert_eq!(document(r#"{"query":"{a}"}"#), Asked::Text("{a}".into()));
        assert_eq!(document(r#"{"documentId":"x"}"#), Asked::Id("x".into()));
        assert_eq!(document(r#"{"query":"","documentId":"x"}"#), Asked::Id("x".into()));
        let persisted = r#""extensions":{"persistedQuery":{"version":1,"sha256Hash":"AB"}}"#;
        assert_eq!(document(&format!("{{{persisted}}}")), Asked::Hash { hash: "ab".into(), text: None });
        let with_text = document(&format!(r#"{{"query":"{{a}}",{persisted}}}"#));
        assert_eq!(with_text, Asked::Hash { hash: "ab".into(), text: Some("{a}".into()) });
        let get = Parameters::of_query_string("query=%7Ba%7D&variables=%7B%22x%22%3A1%7D").unwrap();
        assert_eq!(get.variables.get("x"), Some(&Value::from(1)));
    }
}
