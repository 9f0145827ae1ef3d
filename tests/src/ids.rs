//! Which kind of id stands where. The schema does not say; the server does when it is given something else.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

use serde_json::Value;
use uuid::Uuid;

use crate::{
    Client,
    sdl::{Leaf, Operation, with},
};

/// An id of this kind that names nothing.
#[must_use]
pub fn random(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

/// The row that an id names.
///
/// # Panics
/// Where it is none.
#[must_use]
pub fn row(id: &str) -> Uuid {
    id.split_once('_').and_then(|(_, row)| row.parse().ok()).unwrap_or_else(|| panic!("not an id: {id}"))
}

/// The kinds of the ids among `leaves`, by their places; empty where any id may stand. `variables` has "no id" there.
/// Asked of the server once per operation and choice of places: the schema is the same in every world.
pub async fn kinds(
    client: &Client,
    operation: &Operation,
    variables: &Value,
    leaves: &[Leaf],
) -> BTreeMap<String, String> {
    static KNOWN: Mutex<Option<HashMap<String, BTreeMap<String, String>>>> = Mutex::new(None);
    let places = leaves.iter().filter(|leaf| leaf.type_name == "ID").map(|leaf| leaf.pointer.as_str());
    let key = places.fold(operation.name.clone(), |key, place| key + " " + place);
    let known = KNOWN.lock().unwrap().as_ref().and_then(|known| known.get(&key).cloned());
    if let Some(known) = known {
        return known;
    }
    let found = ask_kinds(client, operation, variables, leaves).await;
    KNOWN.lock().unwrap().get_or_insert_default().insert(key, found.clone());
    found
}

async fn ask_kinds(
    client: &Client,
    operation: &Operation,
    variables: &Value,
    leaves: &[Leaf],
) -> BTreeMap<String, String> {
    let mut open: Vec<&Leaf> = leaves.iter().filter(|leaf| leaf.type_name == "ID").collect();
    let mut variables = variables.clone();
    let mut known = BTreeMap::new();
    while let Some(prefix) = complaint(client, operation, &variables).await {
        // The complaint names the kind but not the place: it is wherever an id of that kind ends the complaint.
        let mut groups: Vec<Vec<&Leaf>> = open.iter().map(|leaf| vec![*leaf]).collect();
        let pairs = (0..open.len()).flat_map(|right| (0..right).map(move |left| (left, right)));
        groups.extend(pairs.map(|(left, right)| vec![open[left], open[right]]));
        groups.push(open.clone());
        let mut found = None;
        for group in groups {
            let tried = group.iter().fold(variables.clone(), |tried, leaf| with(&tried, leaf, random(&prefix).into()));
            if complaint(client, operation, &tried).await.as_ref() != Some(&prefix) {
                found = Some((tried, group));
                break;
            }
        }
        let (tried, group) = found.unwrap_or_else(|| panic!("{}: where does {prefix} stand?", operation.name));
        variables = tried;
        for leaf in group {
            known.insert(leaf.pointer.clone(), prefix.clone());
            open.retain(|other| other.pointer != leaf.pointer);
        }
    }
    known.extend(open.into_iter().map(|leaf| (leaf.pointer.clone(), String::new())));
    known
}

async fn complaint(client: &Client, operation: &Operation, variables: &Value) -> Option<String> {
    let answer = client.query(&operation.document, variables.clone()).await;
    let message = answer.messages().into_iter().find(|message| message.contains("开头的标识"))?;
    let (_, rest) = message.split_once("应为以 ")?;
    Some(rest.split_once('_')?.0.to_owned())
}

/// `variables` with an id of the right kind that names nothing wherever an id stands.
#[must_use]
pub fn filled(variables: &Value, leaves: &[Leaf], kinds: &BTreeMap<String, String>) -> Value {
    leaves.iter().filter(|leaf| leaf.type_name == "ID").fold(variables.clone(), |variables, leaf| {
        let kind = kinds.get(&leaf.pointer).filter(|kind| !kind.is_empty()).map_or("org", String::as_str);
        with(&variables, leaf, random(kind).into())
    })
}
