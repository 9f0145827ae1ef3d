//! Files that come with an operation, as the multipart request spec sends them.

use std::sync::Arc;

use async_graphql::{Context, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use serde::Serialize;

use crate::kernel::{
    fault::{Outcome, refuse},
    refusal::{InputProblem, Refusal},
};

/// A file that came with an operation.
#[derive(Debug, PartialEq, Eq)]
pub struct UploadedFile {
    /// Its name, as the caller gives it.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// The files that came with an operation, in the order of its map; put there by the HTTP layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uploads(pub Vec<Arc<UploadedFile>>);

impl Uploads {
    /// The value that stands for a file in the variables.
    #[must_use]
    pub fn variable(index: usize) -> String {
        format!("upload:{index}")
    }
}

/// A file argument. Says nothing of its content, so it is no part of what an idempotency key compares.
#[derive(Clone, Debug, Serialize)]
pub struct Upload(String);

/// A file (上传文件), sent as a part of a `multipart/form-data` request by the GraphQL multipart request spec: parts
/// `operations`, `map` and the file itself, with the header `GraphQL-Require-Preflight` or `Apollo-Require-Preflight`.
#[Scalar(name = "Upload", specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec")]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl Upload {
    /// The file, or the refusal that says how to send one. `path` is where it stands in the input.
    pub fn file(&self, context: &Context<'_>, path: &'static str) -> Outcome<Arc<UploadedFile>> {
        let index = self.0.strip_prefix("upload:").and_then(|index| index.parse::<usize>().ok());
        let uploads = context.data_opt::<Uploads>();
        match index.zip(uploads).and_then(|(index, uploads)| uploads.0.get(index).cloned()) {
            Some(file) => Ok(file),
            None => refuse(Refusal::invalid(
                path,
                InputProblem::Malformed { expected: "a file part of a multipart request" },
            )),
        }
    }
}
