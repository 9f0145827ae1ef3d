//! What a request asks: document, operation, variables. Types are checked as GraphQL over HTTP demands.

use serde_json::{Map, Value};

/// The parameters of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// The document.
    pub query: String,
    /// Which operation of it.
    pub operation_name: Option<String>,
    /// Values of the variables.
    pub variables: Map<String, Value>,
    /// What else the caller says.
    pub extensions: Map<String, Value>,
}

/// Why the parameters cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The body is not the JSON it says it is.
    Body(&'static str),
    /// A parameter is missing or of the wrong type.
    Parameter(&'static str),
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

    fn of_map(mut map: Map<String, Value>) -> Result<Self, Unreadable> {
        let query = match map.remove("query") {
            Some(Value::String(text)) => text,
            None | Some(Value::Null) => return Err(Unreadable::Parameter("query is missing")),
            Some(_) => return Err(Unreadable::Parameter("query must be a string")),
        };
        let operation_name = match map.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) if name.is_empty() => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err(Unreadable::Parameter("operationName must be a string")),
        };
        let mut object = |name: &'static str, message| match map.remove(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(Unreadable::Parameter(message)),
        };
        Ok(Self {
            query,
            operation_name,
            variables: object("variables", "variables must be a JSON object")?,
            extensions: object("extensions", "extensions must be a JSON object")?,
        })
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
        ] {
            let (Unreadable::Body(text) | Unreadable::Parameter(text)) =
                Parameters::of_body(body.as_bytes()).unwrap_err();
            assert_eq!(text, wrong);
        }
        let good = Parameters::of_body(br#"{"query":"{a}","variables":null,"operationName":"A"}"#).unwrap();
        assert_eq!(good.operation_name.as_deref(), Some("A"));
        let get = Parameters::of_query_string("query=%7Ba%7D&variables=%7B%22x%22%3A1%7D").unwrap();
        assert_eq!(get.variables.get("x"), Some(&Value::from(1)));
    }
}
