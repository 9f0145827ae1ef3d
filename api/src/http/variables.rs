//! Do the given values fit the declared variables? Checked before anything runs: the framework would let a missing
//! required variable pass where the position is nullable, and reports others only in the middle of an execution.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    ScalarType,
    parser::{
        parse_schema,
        types::{BaseType, OperationDefinition, Type, TypeKind, TypeSystemDefinition},
    },
};
use async_graphql_value::ConstValue;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::kernel::graphql::Date;

/// Most entries of a list. A province has fewer townships; databases take ten times as many values in one question.
pub const MOST_ENTRIES: usize = 3_000;

enum Input {
    Enum(HashSet<String>),
    Object(HashMap<String, (Type, bool)>),
    OneOf(HashMap<String, (Type, bool)>),
    Scalar,
}

/// The input types of the schema.
pub struct Inputs(HashMap<String, Input>);

/// What is wrong with the variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit(pub String);

impl Inputs {
    /// The input types of an SDL text.
    #[must_use]
    pub fn of(sdl: &str) -> Self {
        let mut inputs = HashMap::new();
        let document = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        for definition in document {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let one_of = definition.node.directives.iter().any(|directive| directive.node.name.node == "oneOf");
            let input = match definition.node.kind {
                TypeKind::Enum(kind) => {
                    Input::Enum(kind.values.into_iter().map(|value| value.node.value.node.to_string()).collect())
                }
                TypeKind::InputObject(kind) => {
                    let fields = kind
                        .fields
                        .into_iter()
                        .map(|field| {
                            (field.node.name.node.to_string(), (field.node.ty.node, field.node.default_value.is_some()))
                        })
                        .collect();
                    if one_of { Input::OneOf(fields) } else { Input::Object(fields) }
                }
                TypeKind::Scalar => Input::Scalar,
                _ => continue,
            };
            inputs.insert(definition.node.name.node.to_string(), input);
        }
        Self(inputs)
    }

    /// Whether `variables` fit what `operation` declares.
    pub fn check(&self, operation: &OperationDefinition, variables: &Map<String, Value>) -> Result<(), Misfit> {
        for definition in &operation.variable_definitions {
            let name = definition.node.name.node.as_str();
            let declared = &definition.node.var_type.node;
            match variables.get(name) {
                None if definition.node.default_value.is_some() || declared.nullable => {}
                None => {
                    return Err(Misfit(format!(
                        "Variable \"${name}\" of required type \"{declared}\" was not provided."
                    )));
                }
                Some(value) => self.fits(declared, value, &mut format!("${name}"))?,
            }
        }
        Ok(())
    }

    fn fits(&self, declared: &Type, value: &Value, place: &mut String) -> Result<(), Misfit> {
        if value.is_null() {
            return if declared.nullable {
                Ok(())
            } else {
                Err(Misfit(format!("Variable \"{place}\" must not be null.")))
            };
        }
        match (&declared.base, value) {
            (BaseType::List(_), Value::Array(items)) if items.len() > MOST_ENTRIES => {
                Err(Misfit(format!("Variable \"{place}\" has too many entries; a list has at most {MOST_ENTRIES}.")))
            }
            (BaseType::List(inner), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.at(place, &format!("[{index}]"), |this, place| this.fits(inner, item, place))?;
                }
                Ok(())
            }
            // A single value stands for a list of one.
            (BaseType::List(inner), _) => self.fits(inner, value, place),
            (BaseType::Named(name), _) => self.named(name, value, place),
        }
    }

    fn at(
        &self,
        place: &mut String,
        part: &str,
        check: impl FnOnce(&Self, &mut String) -> Result<(), Misfit>,
    ) -> Result<(), Misfit> {
        let length = place.len();
        place.push_str(part);
        check(self, place)?;
        place.truncate(length);
        Ok(())
    }

    fn named(&self, name: &str, value: &Value, place: &mut String) -> Result<(), Misfit> {
        let wrong =
            |expected: &str| Err(Misfit(format!("Variable \"{place}\" got an invalid value; expected {expected}.")));
        match name {
            "Int" => match value.as_i64() {
                Some(number) if i32::try_from(number).is_ok() => Ok(()),
                _ => wrong("a 32-bit Int"),
            },
            "Float" if value.is_number() => Ok(()),
            "Boolean" if value.is_boolean() => Ok(()),
            "String" if value.is_string() => Ok(()),
            "ID" if value.is_string() || value.is_i64() => Ok(()),
            "Float" | "Boolean" | "String" | "ID" => wrong(name),
            // What people type most is told with its place, which the framework would not know.
            "Date" => match ConstValue::from_json(value.clone()).ok().and_then(|value| Date::parse(value).ok()) {
                Some(_) => Ok(()),
                None => wrong("a day as YYYY-MM-DD, from 1900 to 2999"),
            },
            "DateTime" => match value.as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok()) {
                Some(_) => Ok(()),
                None => wrong("a moment as RFC 3339 writes it, such as 2026-01-31T09:00:00+08:00"),
            },
            _ => match (self.0.get(name), value) {
                (Some(Input::Enum(values)), Value::String(word)) if values.contains(word) => Ok(()),
                (Some(Input::Enum(_)), _) => wrong(&format!("a value of {name}")),
                (Some(Input::Object(fields)), Value::Object(map)) => self.object(name, fields, map, place),
                (Some(Input::OneOf(fields)), Value::Object(map)) => {
                    if map.len() != 1 || map.values().any(Value::is_null) {
                        return wrong(&format!("exactly one field of {name}"));
                    }
                    self.object(name, fields, map, place)
                }
                (Some(Input::Object(_) | Input::OneOf(_)), _) => wrong(&format!("an object {name}")),
                // A scalar of its own judges its values itself; a type that is no input is a matter of validation.
                (Some(Input::Scalar) | None, _) => Ok(()),
            },
        }
    }

    fn object(
        &self,
        name: &str,
        fields: &HashMap<String, (Type, bool)>,
        map: &Map<String, Value>,
        place: &mut String,
    ) -> Result<(), Misfit> {
        for (field, (declared, has_default)) in fields {
            match map.get(field) {
                Some(value) => self.at(place, &format!(".{field}"), |this, place| this.fits(declared, value, place))?,
                None if declared.nullable || *has_default => {}
                None => {
                    return Err(Misfit(format!(
                        "Variable \"{place}\": field \"{field}\" of required type \"{declared}\" was not provided."
                    )));
                }
            }
        }
        match map.keys().find(|key| !fields.contains_key(*key)) {
            Some(unknown) => Err(Misfit(format!(
                "Variable \"{place}\": {name} has no field \"{}\".",
                unknown.chars().take(60).collect::<String>()
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, types::DocumentOperations};
    use serde_json::json;

    use super::*;

    const SDL: &str =
        "input A { n: Int!, e: E, l: [A!], d: Int! = 1 } enum E { X Y } scalar D type Query { q(a: A): Int }";

    fn check(declaration: &str, variables: &Value) -> Result<(), Misfit> {
        let document = parse_query(format!("query({declaration}) {{ q }}")).unwrap();
        let DocumentOperations::Single(operation) = &document.operations else { panic!() };
        let Value::Object(map) = variables else { panic!() };
        Inputs::of(SDL).check(&operation.node, map)
    }

    #[test]
    fn values_are_held_against_their_types() {
        assert_eq!(check("$a: A!", &json!({"a": {"n": 1, "e": "X", "l": [{"n": 2}]}})), Ok(()));
        assert_eq!(check("$a: [Int!]", &json!({"a": 3})), Ok(()));
        assert_eq!(check("$a: D", &json!({"a": {"any": "thing"}})), Ok(()));
        assert_eq!(check("$a: Int! = 1", &json!({})), Ok(()));
        assert_eq!(check("$a: [Date]", &json!({"a": ["2026-01-31", null]})), Ok(()));
        assert_eq!(check("$a: DateTime", &json!({"a": "2026-01-31T09:00:00+08:00"})), Ok(()));
        for (declaration, variables) in [
            ("$a: A!", json!({})),
            ("$a: A!", json!({"a": null})),
            ("$a: A", json!({"a": {"e": "X"}})),
            ("$a: A", json!({"a": {"n": 1, "e": "Z"}})),
            ("$a: A", json!({"a": {"n": 1, "z": 1}})),
            ("$a: A", json!({"a": {"n": 1, "l": [{"n": "1"}]}})),
            ("$a: Int", json!({"a": 3_000_000_000i64})),
            ("$a: Int", json!({"a": 1.5})),
            ("$a: Int", json!({"a": 2.0})),
            ("$a: String", json!({"a": 1})),
            ("$a: Boolean", json!({"a": "true"})),
            ("$a: Date", json!({"a": "2026-13-01"})),
            ("$a: Date", json!({"a": 20_260_101})),
            ("$a: [DateTime!]", json!({"a": ["2026-01-01T00:00:00Z", "2026-01-01"]})),
        ] {
            assert!(check(declaration, &variables).is_err(), "{declaration} {variables}");
        }
    }
}
