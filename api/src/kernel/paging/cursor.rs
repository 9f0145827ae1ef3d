//! Cursors: the name of an order and the values of its keys, in a form that clients hand back and never read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};

use super::{KeyKind, KeyValue, Keyset};
use crate::kernel::refusal::{InputProblem, Refusal};

pub(super) fn bad_cursor(path: &'static str) -> Refusal {
    Refusal::invalid(path, InputProblem::Malformed { expected: "a cursor of this list in this order" })
}

pub(super) fn encode(order: &Keyset, values: &[KeyValue]) -> String {
    let text = serde_json::to_vec(&(order.name, values)).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(text)
}

pub(super) fn decode(cursor: &str, order: &Keyset) -> Option<Vec<KeyValue>> {
    if cursor.len() > 2_000 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (name, raw): (String, Vec<serde_json::Value>) = serde_json::from_slice(&bytes).ok()?;
    if name != order.name || raw.len() != order.keys.len() {
        return None;
    }
    // A text that looks like a number or an id must stay a text: the key knows its own type.
    std::iter::zip(raw, &order.keys)
        .map(|(raw, key)| match key.kind {
            KeyKind::Int => serde_json::from_value(raw).ok().map(KeyValue::Int),
            KeyKind::Id => serde_json::from_value(raw).ok().map(KeyValue::Id),
            KeyKind::Time => serde_json::from_value(raw).ok().filter(is_in_our_era).map(KeyValue::Time),
            KeyKind::Text => {
                serde_json::from_value(raw).ok().filter(|text: &String| is_storable(text)).map(KeyValue::Text)
            }
        })
        .collect()
}

/// A cursor we gave out names a moment that both databases know.
fn is_in_our_era(time: &DateTime<Utc>) -> bool {
    (1..=9_999).contains(&time.year())
}

/// A cursor we gave out names a text that was stored, and none with a NUL can be.
fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}
