//! What came back, with the questions tests ask of it.

use serde_json::Value;

/// An answer over HTTP.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it came, byte for byte.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

impl Answer {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value at `pointer` below `data`, as in `/viewer/account/id`; null where there is nothing.
    #[must_use]
    pub fn data(&self, pointer: &str) -> &Value {
        self.body.pointer(&format!("/data{pointer}")).unwrap_or(&Value::Null)
    }

    /// The text at `pointer` below `data`.
    #[must_use]
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        self.data(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer}: {}", self.text)).to_owned()
    }

    /// The id at `pointer` below `data`.
    #[must_use]
    #[track_caller]
    pub fn id(&self, pointer: &str) -> String {
        let id = self.text_at(pointer);
        assert!(id.contains('_'), "not an id at {pointer}: {id}");
        id
    }

    /// The whole list at `pointer` below `data`, one text per entry.
    #[must_use]
    #[track_caller]
    pub fn texts(&self, pointer: &str, field: &str) -> Vec<String> {
        let list = self.data(pointer).as_array().unwrap_or_else(|| panic!("no list at {pointer}: {}", self.text));
        list.iter().map(|entry| entry[field].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// `extensions.code` of the top-level errors.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| error["extensions"]["code"].as_str().unwrap_or("(no code)").to_owned()).collect()
    }

    /// Messages of the top-level errors.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| error["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Codes of the refusals in the payload of a mutation.
    #[must_use]
    pub fn user_error_codes(&self, field: &str) -> Vec<String> {
        let errors = self.data(&format!("/{field}/userErrors")).as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| error["code"].as_str().unwrap_or("(no code)").to_owned()).collect()
    }

    /// The answer, if it has no top-level error; stops the test otherwise.
    #[track_caller]
    pub fn good(self) -> Self {
        assert!(self.status == 200 && self.body["errors"].is_null(), "{} {}", self.status, self.text);
        self
    }
}

/// The answer to a mutation asked for with [`Client::act`](crate::Client::act).
#[derive(Clone, Debug)]
pub struct Act {
    /// The mutation.
    pub field: String,
    /// The whole answer.
    pub answer: Answer,
}

impl Act {
    /// What was done; stops the test if the act was refused.
    #[track_caller]
    pub fn done(self) -> Value {
        let answer = self.answer.good();
        let payload = answer.data(&format!("/{}", self.field)).clone();
        assert_eq!(payload["userErrors"], serde_json::json!([]), "{} was refused", self.field);
        payload
    }

    /// Why it was refused: the first refusal with its facts. Stops the test if it was not.
    #[track_caller]
    pub fn refusal(&self) -> Value {
        let errors = self.answer.data(&format!("/{}/userErrors", self.field));
        let first = errors.as_array().and_then(|errors| errors.first());
        first.unwrap_or_else(|| panic!("{} was not refused: {}", self.field, self.answer.text)).clone()
    }

    /// The code of the first refusal.
    #[track_caller]
    pub fn refused(&self) -> String {
        self.refusal()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Codes of the top-level errors.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.answer.codes()
    }
}
