//! Documents known by a name instead of their text: those of manifests, as the tools of frontends write them, and those
//! that a client has registered by their hash (automatic persisted queries).
//!
//! A manifest is taken as it is: the map from id to text that Relay's compiler (`persisted_queries.json`) and codegen's
//! client preset (`persisted-documents.json`) write, or Apollo's `persisted-query-manifest.json`. Its ids are whatever the
//! tool made them. With `trusted_only` nothing else is answered.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::parser::parse_query;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use sha2::{Digest, Sha256};

use super::{
    lexed,
    limits::{self, Limits},
    positions::{Misplaced, Positions},
    request::Asked,
    settled::for_judging,
};
use crate::schema::{self, Checker};

/// What Relay's compiler and codegen write: a map from id to text. Every entry is kept as it came, so that an id that
/// comes twice is seen.
struct ById(Vec<(String, String)>);

impl<'de> Deserialize<'de> for ById {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = ById;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from id to document")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ById, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(ById(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// What Apollo's tool writes.
#[derive(Deserialize)]
struct ApolloManifest {
    format: String,
    version: Option<serde_json::Value>,
    operations: Vec<ApolloOperation>,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    Apollo(ApolloManifest),
    ById(ById),
}

/// Why no document is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// No manifest has the id.
    Unknown,
    /// The hash has not been registered here; the client sends the text with it next.
    NotRegistered,
    /// Nothing is registered where only trusted documents are answered.
    NotSupported,
    /// The hash is not that of the text.
    WrongHash,
    /// The text is in no manifest, and only those are answered.
    NotTrusted,
}

/// Documents by name.
#[derive(Debug, Default)]
pub struct Trusted {
    by_id: HashMap<String, Arc<str>>,
    texts: HashSet<Arc<str>>,
    only: bool,
    registered: Mutex<HashMap<String, Arc<str>>>,
}

/// Registered documents kept at once.
const KEPT: usize = 1_000;

impl Trusted {
    /// The documents of these manifests; with `only`, no others are answered. Fails with a sentence that names the file.
    pub fn load<'a>(files: impl IntoIterator<Item = &'a Path>, only: bool, limits: &Limits) -> Result<Self, String> {
        let mut trusted = Self { only, ..Self::default() };
        for file in files {
            let wrong = |what: String| format!("{}: {what}", file.display());
            let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
            let manifest = serde_json::from_str(&text)
                .map_err(|_| wrong("expected a map from id to document, or a manifest of Apollo's tool".to_owned()))?;
            let documents: Vec<(String, String)> = match manifest {
                Manifest::ById(ById(documents)) => documents,
                Manifest::Apollo(manifest) if manifest.format != "apollo-persisted-query-manifest" => {
                    return Err(wrong(format!("unknown format {:?}", manifest.format)));
                }
                Manifest::Apollo(manifest) => match manifest.version {
                    Some(version) if version != 1 => {
                        return Err(wrong(format!("unknown version {version}; known is 1")));
                    }
                    _ => manifest.operations.into_iter().map(|one| (one.id, one.body)).collect(),
                },
            };
            for (id, text) in documents {
                trusted.add(&id, text, limits).map_err(|what| wrong(format!("document {id:?}: {what}")))?;
            }
        }
        if only && trusted.by_id.is_empty() {
            return Err("trusted documents only, and no manifest that has any".to_owned());
        }
        Ok(trusted)
    }

    fn add(&mut self, id: &str, text: String, limits: &Limits) -> Result<(), String> {
        if id.trim().is_empty() {
            return Err("its id is empty".to_owned());
        }
        if text.len() > limits.document_bytes {
            return Err(format!("longer than {} bytes", limits.document_bytes));
        }
        let read = lexed::read(&text).map_err(|wrong| wrong.message)?;
        let parsed =
            parse_query(&read).map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())?;
        limits::judge(&parsed, limits).map_err(|excess| excess.message(limits))?;
        let text: Arc<str> = text.into();
        match self.by_id.insert(id.to_owned(), Arc::clone(&text)) {
            Some(other) if other != text => return Err("another document has this id".to_owned()),
            _ => {}
        }
        self.texts.insert(text);
        Ok(())
    }

    /// What no longer fits the schema, a sentence for each document: a frontend that is behind is no reason not to serve the
    /// others, and one to be told before its users find out.
    #[must_use]
    pub fn unfit(&self) -> Vec<String> {
        if self.by_id.is_empty() {
            return Vec::new();
        }
        let (checker, positions) = (Checker::new(true), Positions::of(&schema::sdl()));
        let fits = |text: &str| {
            let read = lexed::read(text).map_err(|wrong| wrong.message)?;
            let parsed = parse_query(&read).map_err(|error| error.to_string())?;
            positions.check(&parsed).map_err(|Misplaced { message, .. }| message)?;
            let first = parsed.operations.iter().next().and_then(|(name, _)| name.cloned());
            let errors = checker.check(for_judging(&parsed), first.as_deref());
            errors.into_iter().next().map_or(Ok(()), |error| Err(error.message))
        };
        let check = |(id, text): (&String, &Arc<str>)| {
            let why = fits(text).err()?;
            Some(format!("trusted document {id:?} does not fit the schema: {why}"))
        };
        let mut unfit: Vec<String> = self.by_id.iter().filter_map(check).collect();
        unfit.sort();
        unfit
    }

    /// The text of what a request asks to run.
    pub fn find(&self, asked: &Asked) -> Result<Arc<str>, Untold> {
        match asked {
            Asked::Text(text) => match self.texts.get(text.as_str()) {
                Some(known) => Ok(Arc::clone(known)),
                None if self.only => Err(Untold::NotTrusted),
                None => Ok(text.as_str().into()),
            },
            Asked::Id(id) => {
                // The draft on persisted documents writes a hash with the name of its algorithm before it.
                let bare = id.strip_prefix("sha256:").unwrap_or(id);
                let known = self.by_id.get(id).or_else(|| self.by_id.get(bare));
                known.cloned().ok_or(Untold::Unknown)
            }
            Asked::Hash { hash, text } => self.registered(hash, text.as_deref()),
        }
    }

    fn registered(&self, hash: &str, text: Option<&str>) -> Result<Arc<str>, Untold> {
        if let Some(known) = self.by_id.get(hash).filter(|known| text.is_none_or(|text| text == &***known)) {
            return Ok(Arc::clone(known));
        }
        if self.only {
            return Err(Untold::NotSupported);
        }
        let mut registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        match text {
            None => registered.get(hash).cloned().ok_or(Untold::NotRegistered),
            Some(text) if hex::encode(Sha256::digest(text)) != hash => Err(Untold::WrongHash),
            Some(text) => {
                if registered.len() >= KEPT {
                    registered.clear();
                }
                let text: Arc<str> = text.into();
                registered.insert(hash.to_owned(), Arc::clone(&text));
                Ok(text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> std::path::PathBuf {
        let file = std::env::temp_dir().join(format!("yidan-{}-{name}", std::process::id()));
        std::fs::write(&file, text).unwrap();
        file
    }

    fn loaded(name: &str, text: &str, only: bool) -> Result<Trusted, String> {
        let file = written(name, text);
        let trusted = Trusted::load([file.as_path()], only, &Limits::default());
        std::fs::remove_file(file).unwrap();
        trusted
    }

    #[test]
    fn manifests_of_all_three_tools_are_taken_as_they_are() {
        let relay = loaded("relay.json", r#"{ "8d1a": "query A { __typename }" }"#, false).unwrap();
        assert_eq!(&*relay.find(&Asked::Id("8d1a".into())).unwrap(), "query A { __typename }");
        assert_eq!(&*relay.find(&Asked::Id("sha256:8d1a".into())).unwrap(), "query A { __typename }");
        assert_eq!(relay.find(&Asked::Id("x".into())), Err(Untold::Unknown));
        let apollo = r#"{ "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{ "id": "9c", "name": "B", "type": "query", "body": "query B { __typename }" }] }"#;
        let apollo = loaded("apollo.json", apollo, true).unwrap();
        assert_eq!(&*apollo.find(&Asked::Id("9c".into())).unwrap(), "query B { __typename }");
        assert_eq!(apollo.find(&Asked::Text("{ __typename }".into())), Err(Untold::NotTrusted));
        assert!(apollo.find(&Asked::Text("query B { __typename }".into())).is_ok(), "by its text as well");
        let hash = hex::encode(Sha256::digest("{ __typename }"));
        let register = Asked::Hash { hash, text: Some("{ __typename }".into()) };
        assert_eq!(apollo.find(&register), Err(Untold::NotSupported));
    }

    #[test]
    fn a_bad_manifest_is_named_with_what_is_wrong_in_it() {
        for (text, wrong) in [
            ("", "expected a map"),
            ("[]", "expected a map"),
            (r#"{ "a": 1 }"#, "expected a map"),
            (r#"{ "a": "query {" }"#, "document \"a\""),
            (r#"{ "format": "x", "operations": [] }"#, "unknown format"),
            (r#"{ "format": "apollo-persisted-query-manifest", "version": 2, "operations": [] }"#, "unknown version 2"),
            (r#"{ "": "{ __typename }" }"#, "id is empty"),
            (r#"{ "a": "{ __typename }", "a": "{ viewer { id } }" }"#, "another document has this id"),
            (
                r#"{ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [
                    { "id": "a", "body": "{ __typename }" }, { "id": "a", "body": "{ viewer { id } }" }] }"#,
                "another document has this id",
            ),
        ] {
            let error = loaded("bad.json", text, false).err().unwrap();
            assert!(error.contains(wrong) && error.contains("bad.json"), "{error}");
        }
        let twice = r#"{ "a": "{ __typename }", "a": "{ __typename }" }"#;
        assert!(loaded("twice.json", twice, true).is_ok(), "the same is no other");
        assert!(loaded("empty.json", "{}", true).err().unwrap().contains("no manifest"));
        assert!(Trusted::load([Path::new("/nowhere.json")], false, &Limits::default()).is_err());
    }

    #[test]
    fn documents_that_do_not_fit_the_schema_are_told_and_none_is_run() {
        let manifest = r#"{
            "good": "query A($id: ID!) { node(id: $id) { id } }",
            "two": "query A { __typename } query B { __typename }",
            "live": "subscription { queueChanges { kind } }",
            "act": "mutation($input: SwitchPostInput!) { switchPost(input: $input) { userErrors { code } } }",
            "field": "{ nonsense }",
            "argument": "{ node(nr: 5) { id } }",
            "type": "query($id: Int!) { node(id: $id) { id } }",
            "input": "query($x: NoInput) { __typename }"
        }"#;
        let unfit = loaded("unfit.json", manifest, false).unwrap().unfit();
        let named = |id: &str| unfit.iter().any(|told| told.contains(&format!("{id:?} does not fit")));
        assert!(unfit.len() == 4 && ["field", "argument", "type", "input"].into_iter().all(named), "{unfit:#?}");
        assert!(Trusted::default().unfit().is_empty());
    }

    #[test]
    fn a_hash_is_registered_with_its_text_and_then_stands_for_it() {
        let trusted = Trusted::default();
        let text = "{ __typename }";
        let hash = hex::encode(Sha256::digest(text));
        let asked = |text: Option<&str>| Asked::Hash { hash: hash.clone(), text: text.map(str::to_owned) };
        assert_eq!(trusted.find(&asked(None)), Err(Untold::NotRegistered));
        assert_eq!(trusted.find(&asked(Some("{ other }"))), Err(Untold::WrongHash));
        assert_eq!(&*trusted.find(&asked(Some(text))).unwrap(), text);
        assert_eq!(&*trusted.find(&asked(None)).unwrap(), text);
    }
}
