//! The messages of the protocol graphql-transport-ws, and the codes a connection is closed with.

use actix_ws::{CloseCode, CloseReason};
use bytestring::ByteString;
use serde_json::{Map, Value, json};

use crate::http::request::Parameters;

/// The name of the protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// Longest id of an operation; clients use numbers or UUIDs.
const LONGEST_ID: usize = 128;

/// Why a connection is closed, as graphql-transport-ws numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The message cannot be understood.
    Invalid(&'static str),
    /// An operation came before the log-in was acknowledged.
    Unauthorized,
    /// The log-in is not good, or no longer, or its province does not let this page call.
    Forbidden(&'static str),
    /// The client speaks another protocol.
    Protocol,
    /// The client did not begin in time.
    Late,
    /// The id is taken by an operation that goes on.
    Taken,
    /// The client began twice.
    Twice,
    /// The client holds too many connections.
    Crowded,
    /// The message is larger than a body may be.
    TooLarge,
    /// What came is no WebSocket.
    Broken,
    /// Nobody can say now whether the log-in is good.
    Unsure,
    /// The server cannot go on with the connection.
    Failed,
    /// The server stops.
    Away,
}

impl Closing {
    /// Code and reason.
    #[must_use]
    pub fn reason(self) -> CloseReason {
        let (code, text) = match self {
            Self::Invalid(text) => (CloseCode::Other(4400), text),
            Self::Unauthorized => (CloseCode::Other(4401), "Unauthorized"),
            Self::Forbidden(text) => (CloseCode::Other(4403), text),
            Self::Protocol => (CloseCode::Other(4406), "Subprotocol not acceptable"),
            Self::Late => (CloseCode::Other(4408), "Connection initialisation timeout"),
            Self::Taken => (CloseCode::Other(4409), "Subscriber for this id already exists"),
            Self::Twice => (CloseCode::Other(4429), "Too many initialisation requests"),
            Self::Crowded => (CloseCode::Again, "Too many connections"),
            Self::Unsure => (CloseCode::Again, "Try again later"),
            Self::TooLarge => (CloseCode::Size, "The message is too large"),
            Self::Broken => (CloseCode::Protocol, "Not a WebSocket frame"),
            Self::Failed => (CloseCode::Error, "Internal server error"),
            Self::Away => (CloseCode::Away, "The server stops"),
        };
        CloseReason { code, description: Some(text.to_owned()) }
    }
}

/// What a client says.
#[derive(Debug, PartialEq)]
pub enum Said {
    /// It begins.
    Init(Map<String, Value>),
    /// It asks whether anybody is there.
    Ping(Option<Value>),
    /// It is there.
    Pong,
    /// It asks for something.
    Subscribe(String, Box<Parameters>),
    /// It has heard enough.
    Complete(String),
}

impl Said {
    /// Reads a message.
    pub fn of(text: &str) -> Result<Self, Closing> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(Closing::Invalid("Invalid message: not a JSON object"));
        };
        let Some(Value::String(kind)) = message.remove("type") else {
            return Err(Closing::Invalid("Invalid message: type is missing"));
        };
        let payload = message.remove("payload").filter(|payload| !payload.is_null());
        let map = |payload: Option<Value>| match payload {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(_) => Err(Closing::Invalid("Invalid message: payload must be an object")),
        };
        let mut id = || match message.remove("id") {
            Some(Value::String(id)) if !id.is_empty() && id.len() <= LONGEST_ID => Ok(id),
            _ => Err(Closing::Invalid("Invalid message: id must be a string of 1 to 128 bytes")),
        };
        match kind.as_str() {
            "connection_init" => Ok(Self::Init(map(payload)?.unwrap_or_default())),
            "ping" => Ok(Self::Ping(map(payload)?.map(Value::Object))),
            "pong" => map(payload).map(|_| Self::Pong),
            "complete" => Ok(Self::Complete(id()?)),
            "subscribe" => {
                let id = id()?;
                let Some(payload) = map(payload)? else {
                    return Err(Closing::Invalid("Invalid message: payload is missing"));
                };
                match Parameters::of_map(payload) {
                    Ok(parameters) => Ok(Self::Subscribe(id, Box::new(parameters))),
                    Err(unreadable) => Err(Closing::Invalid(unreadable.detail())),
                }
            }
            "connection_ack" | "next" | "error" => Err(Closing::Invalid("Invalid message: only the server sends it")),
            _ => Err(Closing::Invalid("Invalid message: unknown type")),
        }
    }
}

/// The server has heard the beginning.
#[must_use]
pub fn acknowledged() -> ByteString {
    ByteString::from_static(r#"{"type":"connection_ack"}"#)
}

/// The server is there.
#[must_use]
pub fn pong(payload: Option<&Value>) -> ByteString {
    match payload {
        None => ByteString::from_static(r#"{"type":"pong"}"#),
        Some(payload) => json!({ "type": "pong", "payload": payload }).to_string().into(),
    }
}

/// An answer of an operation. Written straight, so that keys keep the order in which they were asked for.
#[must_use]
pub fn next(id: &str, response: &async_graphql::Response) -> ByteString {
    let id = Value::from(id);
    let payload = serde_json::to_string(response).unwrap_or_default();
    format!(r#"{{"id":{id},"type":"next","payload":{payload}}}"#).into()
}

/// An operation that is not run, and so ends.
#[must_use]
pub fn error(id: &str, errors: &Value) -> ByteString {
    json!({ "id": id, "type": "error", "payload": errors }).to_string().into()
}

/// An operation has ended.
#[must_use]
pub fn complete(id: &str) -> ByteString {
    json!({ "id": id, "type": "complete" }).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_say_is_read() {
        assert_eq!(Said::of(r#"{"type":"connection_init"}"#), Ok(Said::Init(Map::new())));
        assert_eq!(Said::of(r#"{"type":"connection_init","payload":null}"#), Ok(Said::Init(Map::new())));
        assert_eq!(Said::of(r#"{"type":"ping","payload":{"a":1}}"#), Ok(Said::Ping(Some(json!({ "a": 1 })))));
        assert_eq!(Said::of(r#"{"type":"pong"}"#), Ok(Said::Pong));
        assert_eq!(Said::of(r#"{"type":"complete","id":"1"}"#), Ok(Said::Complete("1".into())));
        let asked = Said::of(r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#).unwrap();
        assert!(matches!(asked, Said::Subscribe(id, parameters) if id == "1" && parameters.variables.is_empty()));
    }

    #[test]
    fn what_no_client_says_is_invalid() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"hello"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"complete","id":""}"#,
            r#"{"type":"complete","id":1}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
        ] {
            let closing = Said::of(text).unwrap_err();
            assert_eq!(closing.reason().code, CloseCode::Other(4400), "{text}");
            assert!(closing.reason().description.unwrap().len() <= 123, "a reason fits into a frame: {text}");
        }
        assert!(Said::of(&format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(129))).is_err());
    }
}
