//! Files that come with an operation: the GraphQL multipart request spec, and only with a header that a page of another
//! origin cannot send without asking first. A browser posts such a form by itself, with whatever it knows of its user.

use std::sync::Arc;

use actix_web::{
    guard::GuardContext,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap, HeaderName},
    },
    web::Bytes,
};
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value};

use super::{answer::code, operation::Refused, request::Parameters};
use crate::kernel::graphql::{UploadedFile, Uploads};

/// Headers one of which says that the caller is no form: a browser asks before it sends them elsewhere.
const PREFLIGHT: [HeaderName; 2] =
    [HeaderName::from_static("graphql-require-preflight"), HeaderName::from_static("apollo-require-preflight")];
/// Most files of an operation.
const FILES: usize = 10;
/// Longest map of files.
const MAP: u64 = 16 << 10;

/// Whether a request says that it brings a form.
#[must_use]
pub fn is_multipart(headers: &HeaderMap) -> bool {
    let content = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content.trim_start().get(..20).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data;"))
}

/// Whether a request brings files; such a one may be larger than others.
#[must_use]
pub fn brings_files(request: &GuardContext<'_>) -> bool {
    is_multipart(request.head().headers())
}

fn bad(detail: &str) -> Refused {
    Refused::http(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
}

/// The boundary of a request with files that may be answered; none if it has none.
pub fn boundary(headers: &HeaderMap) -> Result<Option<String>, Refused> {
    if !is_multipart(headers) {
        return Ok(None);
    }
    let asked = PREFLIGHT.iter().any(|name| headers.get(name).is_some_and(|value| !value.is_empty()));
    if !asked {
        let detail = "A POST with files must have the header GraphQL-Require-Preflight.";
        return Err(Refused::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::BAD_REQUEST, detail));
    }
    let content = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    multer::parse_boundary(content).map(Some).map_err(|_| bad("The boundary of the form is missing."))
}

/// What a request with files asks: `operations`, `map` and the files, in this order. `json_bytes` is the longest
/// `operations`.
pub async fn parameters(body: Bytes, boundary: String, json_bytes: usize) -> Result<Parameters, Refused> {
    let limits = SizeLimit::new().for_field("operations", json_bytes as u64).for_field("map", MAP);
    let stream = futures_util::stream::once(std::future::ready(Ok::<_, std::io::Error>(body)));
    let mut form = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(limits));
    let operations = part(&mut form, "operations").await?;
    let map = part(&mut form, "map").await?;
    let Ok(Value::Object(map)) = serde_json::from_slice(&map) else {
        return Err(bad("The part map must be a JSON object."));
    };
    let mut parameters = Parameters::of_body(&operations).map_err(|unreadable| bad(unreadable.detail()))?;
    if map.len() > FILES {
        return Err(bad("There are too many files."));
    }
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(places) = map.get(&name) else { return Err(bad("The map names no place for a file.")) };
        let file = UploadedFile {
            name: field.file_name().unwrap_or_default().chars().filter(|c| !c.is_control()).take(120).collect(),
            bytes: bytes(field).await?.to_vec().into(),
        };
        place(&mut parameters.variables, places, &Uploads::variable(files.len()))?;
        files.push(Arc::new(file));
    }
    if files.len() < map.len() {
        return Err(bad("A file that the map names is missing."));
    }
    parameters.uploads = Uploads(files);
    Ok(parameters)
}

fn broken(error: multer::Error) -> Refused {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            Refused::http(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, "A part of the form is too large.")
        }
        _ => bad("The form cannot be read."),
    }
}

async fn bytes(field: Field<'_>) -> Result<Bytes, Refused> {
    field.bytes().await.map_err(broken)
}

async fn part(form: &mut Multipart<'_>, name: &str) -> Result<Bytes, Refused> {
    match form.next_field().await.map_err(broken)? {
        Some(field) if field.name() == Some(name) => bytes(field).await,
        _ => Err(bad("The parts of the form must be operations, map and then the files.")),
    }
}

/// Puts what stands for a file in its places: nulls below `variables`.
fn place(variables: &mut Map<String, Value>, places: &Value, stands_for: &str) -> Result<(), Refused> {
    let wrong = || bad("The map must name places in variables that are null.");
    let places = places.as_array().filter(|places| !places.is_empty() && places.len() <= FILES).ok_or_else(wrong)?;
    for place in places {
        let mut parts = place.as_str().and_then(|place| place.strip_prefix("variables.")).ok_or_else(wrong)?.split('.');
        let mut at = parts.next().and_then(|name| variables.get_mut(name)).ok_or_else(wrong)?;
        for part in parts {
            at = match at {
                Value::Object(fields) => fields.get_mut(part),
                Value::Array(entries) => part.parse::<usize>().ok().and_then(|index| entries.get_mut(index)),
                _ => None,
            }
            .ok_or_else(wrong)?;
        }
        if !at.is_null() {
            return Err(wrong());
        }
        *at = Value::String(stands_for.to_owned());
    }
    Ok(())
}
