//! The hash of an event: SHA-256 over a canonical text of all its fields. Keys of objects are sorted, because a
//! database may keep them in another order; times count milliseconds, which both databases keep.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use yidan_entity::audit_event;

/// What stands before the first event of a chain.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The hash of `event`, from everything in it but its own hash.
#[must_use]
pub fn hash_of(event: &audit_event::Model) -> String {
    let audit_event::Model {
        province_id,
        seq,
        id,
        at,
        act,
        account_id,
        post_id,
        role,
        org_unit_id,
        actor_name,
        target_kind,
        target_id,
        proceeding_id,
        scope_org_id,
        path,
        reason,
        before,
        after,
        request_id,
        prev_hash,
        hash: _,
    } = event;
    let fields = json!([
        prev_hash,
        province_id,
        seq,
        id,
        at.timestamp_millis(),
        act,
        account_id,
        post_id,
        role,
        org_unit_id,
        actor_name,
        target_kind,
        target_id,
        proceeding_id,
        scope_org_id,
        path,
        reason,
        before.as_ref().map(canonical),
        after.as_ref().map(canonical),
        request_id,
    ]);
    hex::encode(Sha256::digest(fields.to_string()))
}

/// `value` with the keys of every object sorted.
#[must_use]
pub fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by(|left, right| left.0.cmp(right.0));
            Value::Object(entries.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let left: Value = serde_json::from_str(r#"{"b":1,"a":{"d":[1,{"z":0,"y":1}],"c":2}}"#).unwrap();
        let right: Value = serde_json::from_str(r#"{"a":{"c":2,"d":[1,{"y":1,"z":0}]},"b":1}"#).unwrap();
        assert_eq!(canonical(&left).to_string(), canonical(&right).to_string());
    }
}
