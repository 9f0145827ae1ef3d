//! May everything a document asks for stand in one answer? Fields under the same key have to be the same field where they
//! can meet, and have to look alike where only their places are the same (the specification's "field selection merging").
//! The framework compares what stands on one level on one type.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{
    Positioned,
    parser::types::{BaseType, ExecutableDocument, Field, Selection, SelectionSet, Type},
};

use super::{
    documents::root_type,
    positions::{Misplaced, Positions, innermost},
};

/// Fields looked at for one document. Far above what the limits of documents let pass, unless somebody tries to.
const MOST: usize = 200_000;

/// A field with the type it is asked of.
type Asked<'a> = (&'a str, &'a Positioned<Field>);

/// Selections with the types they are made on.
type Sets<'a> = Vec<(&'a str, &'a SelectionSet)>;

/// Whether the answers of all operations are of one mind.
pub fn check(positions: &Positions, document: &ExecutableDocument) -> Result<(), Misplaced> {
    document.operations.iter().try_for_each(|(_, operation)| {
        let root = root_type(operation.node.ty);
        let mut compared = Compared { positions, document, left: MOST };
        compared.alike(vec![(root, &operation.node.selection_set.node)])?;
        compared.same(vec![(root, &operation.node.selection_set.node)])
    })
}

struct Compared<'a> {
    positions: &'a Positions,
    document: &'a ExecutableDocument,
    left: usize,
}

impl<'a> Compared<'a> {
    /// The fields of selections by the key of their answer.
    fn by_key(&mut self, sets: Sets<'a>) -> Result<BTreeMap<&'a str, Vec<Asked<'a>>>, Misplaced> {
        let (mut found, mut seen, mut sets) = (BTreeMap::new(), BTreeSet::new(), sets);
        while let Some((on, set)) = sets.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        self.left = self.left.checked_sub(1).ok_or_else(|| {
                            wrong(field, "Too many fields have the same key in the answer; use aliases.".into())
                        })?;
                        let key = field.node.response_key().node.as_str();
                        found.entry(key).or_insert_with(Vec::new).push((on, field));
                    }
                    Selection::InlineFragment(fragment) => {
                        let condition = fragment.node.type_condition.as_ref();
                        let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
                        sets.push((on, &fragment.node.selection_set.node));
                    }
                    Selection::FragmentSpread(spread) => {
                        let name = spread.node.fragment_name.node.as_str();
                        if let Some(fragment) = self.document.fragments.get(name)
                            && seen.insert(name)
                        {
                            let on = fragment.node.type_condition.node.on.node.as_str();
                            sets.push((on, &fragment.node.selection_set.node));
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    /// What is selected below fields.
    fn below(&self, fields: &[Asked<'a>]) -> Sets<'a> {
        let positions = self.positions;
        let known = fields.iter().filter_map(|(on, field)| {
            let ty = positions.answer(on, field.node.name.node.as_str())?;
            Some((innermost(ty), &field.node.selection_set.node))
        });
        known.filter(|(_, set)| !set.items.is_empty()).collect()
    }

    /// Whether answers under the same key look alike, on whatever type they are asked for.
    fn alike(&mut self, sets: Sets<'a>) -> Result<(), Misplaced> {
        for (key, fields) in self.by_key(sets)? {
            let positions = self.positions;
            let mut known = fields
                .iter()
                .filter_map(|(on, field)| Some((*field, positions.answer(on, field.node.name.node.as_str())?)));
            if let Some((_, first)) = known.next()
                && let Some((field, other)) = known.find(|(_, other)| !self.is_shaped_like(first, other))
            {
                let message = format!(
                    "Fields \"{key}\" conflict because they return conflicting types \"{first}\" and \"{other}\". \
                     Use different aliases on the fields to fetch both if this was intentional."
                );
                return Err(wrong(field, message));
            }
            let below = self.below(&fields);
            if !below.is_empty() {
                self.alike(below)?;
            }
        }
        Ok(())
    }

    fn is_shaped_like(&self, one: &Type, other: &Type) -> bool {
        one.nullable == other.nullable
            && match (&one.base, &other.base) {
                (BaseType::List(one), BaseType::List(other)) => self.is_shaped_like(one, other),
                (BaseType::Named(one), BaseType::Named(other)) => {
                    let composite = |name: &str| self.positions.is_composite(name);
                    one == other || (composite(one) && composite(other))
                }
                _ => false,
            }
    }

    /// Whether fields that can meet in one answer are the same.
    fn same(&mut self, sets: Sets<'a>) -> Result<(), Misplaced> {
        for (key, fields) in self.by_key(sets)? {
            // An answer is of one object type: what is asked of another one never meets it.
            let positions = self.positions;
            let objects: BTreeSet<&str> =
                fields.iter().map(|(on, _)| *on).filter(|on| positions.is_object(on)).collect();
            let kinds: Vec<Option<&str>> =
                if objects.is_empty() { vec![None] } else { objects.into_iter().map(Some).collect() };
            for kind in kinds {
                let meeting: Vec<Asked<'a>> =
                    fields.iter().filter(|(on, _)| !positions.is_object(on) || Some(*on) == kind).copied().collect();
                let Some(((_, first), others)) = meeting.split_first() else { continue };
                for (_, other) in others {
                    if first.node.name.node != other.node.name.node {
                        let (one, other_name) = (&first.node.name.node, &other.node.name.node);
                        let message = format!(
                            "Fields \"{key}\" conflict because \"{one}\" and \"{other_name}\" are different fields. \
                             Use different aliases on the fields to fetch both if this was intentional."
                        );
                        return Err(wrong(other, message));
                    }
                    if !same_arguments(&first.node, &other.node) {
                        let message = format!(
                            "Fields \"{key}\" conflict because they have differing arguments. \
                             Use different aliases on the fields to fetch both if this was intentional."
                        );
                        return Err(wrong(other, message));
                    }
                }
                let below = self.below(&meeting);
                if !below.is_empty() {
                    self.same(below)?;
                }
            }
        }
        Ok(())
    }
}

fn same_arguments(one: &Field, other: &Field) -> bool {
    one.arguments.len() == other.arguments.len()
        && one
            .arguments
            .iter()
            .all(|(name, value)| other.get_argument(&name.node).is_some_and(|other| other.node == value.node))
}

fn wrong(field: &Positioned<Field>, message: String) -> Misplaced {
    Misplaced { message, at: (field.pos.line, field.pos.column) }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = "type Query { pet: Pet dog: Dog animal: Animal }
        union Pet = Dog | Cat
        interface Animal { name: String! friend(n: Int): Animal }
        type Dog implements Animal { name: String! barks: Boolean! age: Int friend(n: Int): Animal owner: Person tags: [String!] }
        type Cat implements Animal { name: String! meows: Boolean! age: Int! nick: String! friend(n: Int): Animal owner: Person }
        type Person { first: String! last: String! pet: Pet }";

    fn check_text(text: &str) -> Result<(), String> {
        check(&Positions::of(SDL), &parse_query(text).unwrap()).map_err(|misplaced| misplaced.message)
    }

    #[test]
    fn what_can_stand_in_one_answer_passes() {
        for good in [
            "{ dog { name name friend(n: 1) { name } friend(n: 1) { x: name } } }",
            "{ pet { ... on Dog { x: barks } ... on Cat { x: meows } } }",
            "{ pet { ... on Dog { x: name } ... on Cat { x: nick } } }",
            "{ pet { ... on Dog { owner { x: first } } ... on Cat { owner { x: last } } } }",
            "{ animal { name ... on Dog { name } ...f ...f } } fragment f on Cat { name friend(n: 2) { name } }",
            "{ pet { ... on Dog { friend(n: 1) { name } } ... on Cat { friend(n: 2) { name } } __typename } }",
            "{ unknown { x } dog { unknown { x } } }",
        ] {
            assert_eq!(check_text(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_cannot_is_refused() {
        for bad in [
            "{ dog { x: name x: barks } }",
            "{ dog { friend(n: 1) { name } friend(n: 2) { name } } }",
            "{ dog { friend { name } friend(n: 2) { name } } }",
            "{ dog { owner { x: first } owner { x: last } } }",
            "{ dog { owner { x: first } ...f } } fragment f on Dog { owner { x: last } }",
            "{ dog { x: name } ...f } fragment f on Query { dog { x: age } }",
            "{ pet { ... on Dog { x: name } ... on Cat { x: meows } } }",
            "{ pet { ... on Dog { age } ... on Cat { age } } }",
            "{ pet { ... on Dog { x: tags } ... on Cat { x: nick } } }",
            "{ pet { ... on Dog { x: owner { first } } ... on Cat { x: nick } } }",
            "{ animal { x: name ... on Dog { x: barks } } }",
            "{ animal { friend(n: 1) { name } ... on Dog { friend(n: 2) { name } } } }",
            "{ pet { ... on Dog { owner { x: first } } ... on Cat { owner { x: pet { __typename } } } } }",
        ] {
            assert!(check_text(bad).is_err_and(|message| message.contains("conflict because")), "{bad}");
        }
    }

    #[test]
    fn towers_of_doubled_fields_end() {
        let level = "... on Dog { friend { ".to_owned();
        let both = |inner: String| {
            format!(
                "friend {{ name {inner} }} ... on Dog {{ friend {{ {inner} }} }} ... on Cat {{ friend {{ {inner} }} }}"
            )
        };
        let tower = (0..7).fold(level + "name } }", |inner, _| both(inner));
        // Either way there is an answer, and soon.
        let _ = check_text(&format!("{{ animal {{ {tower} }} }}"));
    }
}
