//! An operation as it is carried out. The framework reads conditions without the defaults of their variables, and carries a
//! field out as often as it is written: a mutation whose answer is asked for in two places would be done twice, and a
//! subscription whose field stands in a fragment would never begin. So defaults are filled in first, what is skipped at the
//! root is left out, and each field of the root stands there once with all that is asked of it. And a document as the
//! framework has to be given it to see all of it when it judges.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, InlineFragment, Selection,
        SelectionSet,
    },
};
use async_graphql_value::Value;
use serde_json::{Map, Value as Json};

/// The fragments of a document.
type Fragments = std::collections::HashMap<Name, Positioned<FragmentDefinition>>;

/// Brings the operation called `name`, or the only one, into the form in which it is carried out.
pub fn settle(document: &mut ExecutableDocument, name: Option<&str>, variables: &mut Map<String, Json>) {
    let operation = match (&mut document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(all), Some(name)) => all.get_mut(name),
        (DocumentOperations::Multiple(all), None) => all.values_mut().next(),
    };
    let Some(operation) = operation else { return };
    for declared in &operation.node.variable_definitions {
        let name = declared.node.name.node.as_str();
        if let Some(default) = &declared.node.default_value
            && !variables.contains_key(name)
            && let Ok(default) = default.node.clone().into_json()
        {
            variables.insert(name.to_owned(), default);
        }
    }
    let mut roots = Roots { fragments: &document.fragments, variables, seen: HashSet::new(), fields: Vec::new() };
    let set = std::mem::take(&mut operation.node.selection_set.node.items);
    roots.take(&SelectionSet { items: set });
    let fields = roots.fields.into_iter().map(|field| Positioned::new(Selection::Field(field.clone()), field.pos));
    operation.node.selection_set.node.items = fields.collect();
}

/// A document for the framework to judge, which does not look at the directives of `__typename`: they stand on a fragment
/// around it.
#[must_use]
pub fn for_judging(document: &ExecutableDocument) -> ExecutableDocument {
    fn around(set: &mut SelectionSet) {
        for selection in &mut set.items {
            let pos = selection.pos;
            let selection = &mut selection.node;
            match selection {
                Selection::Field(field)
                    if field.node.name.node == "__typename" && !field.node.directives.is_empty() =>
                {
                    let directives = std::mem::take(&mut field.node.directives);
                    let only = SelectionSet { items: vec![Positioned::new(Selection::Field(field.clone()), pos)] };
                    let fragment =
                        InlineFragment { type_condition: None, directives, selection_set: Positioned::new(only, pos) };
                    *selection = Selection::InlineFragment(Positioned::new(fragment, pos));
                }
                Selection::Field(field) => around(&mut field.node.selection_set.node),
                Selection::InlineFragment(fragment) => around(&mut fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    let mut document = document.clone();
    match &mut document.operations {
        DocumentOperations::Single(operation) => around(&mut operation.node.selection_set.node),
        DocumentOperations::Multiple(all) => {
            for operation in all.values_mut() {
                around(&mut operation.node.selection_set.node);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        around(&mut fragment.node.selection_set.node);
    }
    document
}

/// The fields of a root, as the specification collects them.
struct Roots<'a> {
    fragments: &'a Fragments,
    variables: &'a Map<String, Json>,
    seen: HashSet<Name>,
    fields: Vec<Positioned<Field>>,
}

impl Roots<'_> {
    fn take(&mut self, set: &SelectionSet) {
        for selection in &set.items {
            if self.is_skipped(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => self.add(field),
                Selection::InlineFragment(fragment) => self.take(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragments = self.fragments;
                    if let Some(fragment) = fragments.get(name)
                        && self.seen.insert(name.clone())
                    {
                        self.take(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn add(&mut self, field: &Positioned<Field>) {
        let key = &field.node.response_key().node;
        if let Some(known) = self.fields.iter_mut().find(|known| known.node.response_key().node == *key) {
            let more = field.node.selection_set.node.items.iter().cloned();
            known.node.selection_set.node.items.extend(more);
            return;
        }
        let mut field = field.clone();
        field.node.directives.clear();
        self.fields.push(field);
    }

    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let wanted = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return false,
            };
            let given = match directive.node.get_argument("if").map(|given| &given.node) {
                Some(Value::Boolean(given)) => Some(*given),
                Some(Value::Variable(name)) => self.variables.get(name.as_str()).and_then(Json::as_bool),
                _ => None,
            };
            // What is no truth value has been refused before.
            given.is_some_and(|given| given != wanted)
        })
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    /// What is carried out at the root: each field with the names directly below it.
    fn settled(text: &str, name: Option<&str>, variables: Json) -> (Vec<(String, Vec<String>)>, Json) {
        let mut document = parse_query(text).unwrap();
        let Json::Object(mut variables) = variables else { panic!() };
        settle(&mut document, name, &mut variables);
        let operation =
            document.operations.iter().find(|(known, _)| name.is_none() || known.is_some_and(|it| it == name.unwrap()));
        let set = &operation.unwrap().1.node.selection_set.node;
        let names = |set: &SelectionSet| {
            let names = set.items.iter().map(|selection| match &selection.node {
                Selection::Field(field) => field.node.response_key().node.to_string(),
                Selection::FragmentSpread(spread) => format!("...{}", spread.node.fragment_name.node),
                Selection::InlineFragment(_) => "...".into(),
            });
            names.collect::<Vec<_>>()
        };
        let fields = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => {
                (field.node.response_key().node.to_string(), names(&field.node.selection_set.node))
            }
            _ => panic!("only fields stand at the root"),
        });
        (fields.collect(), Json::Object(variables))
    }

    fn roots(text: &str, variables: Json) -> Vec<(String, Vec<String>)> {
        settled(text, None, variables).0
    }

    fn is(expected: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        expected.iter().map(|(key, below)| ((*key).to_owned(), names(below))).collect()
    }

    #[test]
    fn what_is_asked_for_twice_is_carried_out_once() {
        let expected = is(&[("make", &["id", "number"]), ("other", &["x"])]);
        for text in [
            "mutation { make { id } other { x } make { number } }",
            "mutation { make { id } ...f } fragment f on Mutation { other { x } ...g ...g } fragment g on Mutation { make { number } }",
            "mutation { ... on Mutation { make { id } } ... { other { x } ... { make { number } } } }",
        ] {
            assert_eq!(roots(text, json!({})), expected, "{text}");
        }
        assert_eq!(
            roots("mutation { a: make { id } b: make { id } }", json!({})),
            is(&[("a", &["id"]), ("b", &["id"])])
        );
    }

    #[test]
    fn conditions_know_the_defaults_of_variables() {
        let text = "query($t: Boolean! = true, $n: Int = 3, $u: Boolean) { a @include(if: $t) b @skip(if: $t) ... @include(if: $t) { c } ...f @skip(if: $u) }
            fragment f on Query { d }";
        let (fields, variables) = settled(text, None, json!({ "u": false }));
        assert_eq!(fields, is(&[("a", &[]), ("c", &[]), ("d", &[])]));
        assert_eq!(variables, json!({ "t": true, "n": 3, "u": false }));
        let (fields, variables) = settled(text, None, json!({ "t": false, "n": null, "u": true }));
        assert_eq!(
            (fields, variables),
            (is(&[("b", &[])]), json!({ "t": false, "n": null, "u": true })),
            "null is given"
        );
    }

    #[test]
    fn of_several_operations_the_named_one_is_settled() {
        let text = "query A($x: Int = 1) { a a } query B($y: Int = 2) { ... { b } b }";
        let (fields, variables) = settled(text, Some("B"), json!({}));
        assert_eq!((fields, variables), (is(&[("b", &[])]), json!({ "y": 2 })));
    }
}
