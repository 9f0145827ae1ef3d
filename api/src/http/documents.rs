//! Documents, parsed and judged once. Frontends send the same few hundred texts all day long.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet},
    },
};
use async_graphql_value::Value;

use super::{
    lexed::{self, Wrong},
    limits::{self, Excess, Limits},
};

/// A document that was parsed and is within the limits.
pub struct Document {
    /// The parsed document.
    pub parsed: ExecutableDocument,
    /// The variables that decide whether something is asked for.
    pub conditions: HashSet<Name>,
    valid: AtomicBool,
}

/// Why a document is refused.
#[derive(Clone, Debug)]
pub enum Unfit {
    /// It does not parse.
    Syntax {
        /// What is wrong, without the text around it.
        message: String,
        /// Line and column, 1-based.
        at: Option<(usize, usize)>,
    },
    /// It says something twice.
    Wrong {
        /// What.
        message: String,
        /// Line and column, 1-based.
        at: (usize, usize),
    },
    /// It asks too much.
    Excess(Excess),
}

/// Which operation of a document runs.
pub enum Chosen<'a> {
    /// This one.
    Operation(&'a Positioned<OperationDefinition>),
    /// None: the name is missing or names nothing.
    Nothing(&'static str),
}

impl Document {
    /// Whether it has been validated against the schema.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.valid.load(Ordering::Relaxed)
    }

    /// Notes that it has been validated.
    pub fn mark_valid(&self) {
        self.valid.store(true, Ordering::Relaxed);
    }

    /// The operation called `name`, or the only one.
    #[must_use]
    pub fn operation(&self, name: Option<&str>) -> Chosen<'_> {
        match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Chosen::Operation(operation),
            (DocumentOperations::Single(_), Some(_)) => {
                Chosen::Nothing("The operation named in operationName is not in the document.")
            }
            (DocumentOperations::Multiple(all), Some(name)) => match all.get(name) {
                Some(operation) => Chosen::Operation(operation),
                None => Chosen::Nothing("The operation named in operationName is not in the document."),
            },
            (DocumentOperations::Multiple(all), None) => match all.values().next() {
                Some(operation) if all.len() == 1 => Chosen::Operation(operation),
                _ => Chosen::Nothing("The document has several operations: name one in operationName."),
            },
        }
    }
}

impl Document {
    /// The name of the operation called `name`, or of the only one.
    #[must_use]
    pub fn name<'a>(&'a self, name: Option<&'a str>) -> Option<&'a str> {
        match &self.parsed.operations {
            DocumentOperations::Single(_) => None,
            DocumentOperations::Multiple(all) => name.or_else(|| all.keys().next().map(async_graphql::Name::as_str)),
        }
    }
}

/// What an operation is, for logs.
#[must_use]
pub fn type_name(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

/// The type whose fields an operation asks for.
#[must_use]
pub fn root_type(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

const KEPT: usize = 1_000;

/// The documents seen lately.
pub struct Documents {
    limits: Limits,
    known: Mutex<HashMap<String, Arc<Document>>>,
}

impl Documents {
    /// None yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, known: Mutex::default() }
    }

    /// The limits documents are judged by.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The document of a text.
    pub fn get(&self, text: &str) -> Result<Arc<Document>, Unfit> {
        if text.len() > self.limits.document_bytes {
            return Err(Unfit::Excess(Excess::Document));
        }
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Ok(Arc::clone(known));
        }
        if nesting(text) > MAX_NESTING {
            return Err(Unfit::Excess(Excess::Depth));
        }
        let read = lexed::read(text).map_err(|Wrong { message, at }| Unfit::Wrong { message, at })?;
        let parsed = parse_query(&read).map_err(|error| Unfit::Syntax {
            message: first_line(&error.to_string()),
            at: error.positions().next().map(|position| (position.line, position.column)),
        })?;
        limits::judge(&parsed, &self.limits).map_err(Unfit::Excess)?;
        let conditions = conditions(&parsed);
        let document = Arc::new(Document { parsed, conditions, valid: AtomicBool::new(false) });
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            // Starting over costs a parse per document; keeping account of ages would cost every request.
            known.clear();
        }
        known.insert(text.to_owned(), Arc::clone(&document));
        Ok(document)
    }
}

/// The variables of `@skip` and `@include`.
fn conditions(document: &ExecutableDocument) -> HashSet<Name> {
    fn of(set: &SelectionSet, found: &mut HashSet<Name>) {
        for selection in &set.items {
            for directive in selection.node.directives() {
                for (_, value) in &directive.node.arguments {
                    if let Value::Variable(name) = &value.node {
                        found.insert(name.clone());
                    }
                }
            }
            match &selection.node {
                Selection::Field(field) => of(&field.node.selection_set.node, found),
                Selection::InlineFragment(fragment) => of(&fragment.node.selection_set.node, found),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    let mut found = HashSet::new();
    for (_, operation) in document.operations.iter() {
        of(&operation.node.selection_set.node, &mut found);
    }
    for fragment in document.fragments.values() {
        of(&fragment.node.selection_set.node, &mut found);
    }
    found
}

/// Brackets open at once anywhere in the text: what a recursive parser's stack has to hold.
const MAX_NESTING: usize = 100;

fn nesting(text: &str) -> usize {
    let (mut open, mut deepest) = (0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' | b'(' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A parser's error without the source it quotes.
fn first_line(message: &str) -> String {
    let expected =
        message.lines().find(|line| line.contains("= ")).map(|line| line.trim().trim_start_matches("= ").to_owned());
    let text = expected.unwrap_or_else(|| message.lines().next().unwrap_or_default().to_owned());
    format!("Syntax error: {}", text.chars().take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syntax_error_does_not_quote_the_document() {
        let documents = Documents::new(Limits::default());
        let Err(Unfit::Syntax { message, at }) = documents.get("{ secretfield(") else { panic!() };
        assert!(!message.contains("secretfield"), "{message}");
        assert!(at.is_some());
    }

    #[test]
    fn a_tower_of_brackets_never_reaches_the_parser() {
        let documents = Documents::new(Limits::default());
        let text = format!("{{ a(x: {}1{}) }}", "[".repeat(20_000), "]".repeat(20_000));
        assert!(matches!(documents.get(&text), Err(Unfit::Excess(Excess::Depth))));
    }
}
