//! Rules of validation that the framework leaves out, so that operations which no other server would take would run here:
//! may a variable of the declared type stand where it is used (the framework has the rule and never asks it), does a
//! subscription ask for one field, is a text given where a word belongs, is anything asked of `__typename`. What an answer
//! may hold at once is seen to by [`overlap`].

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, Directive, ExecutableDocument, Field, InputValueDefinition, OperationDefinition, OperationType,
            Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition, VariableDefinition,
        },
    },
};
use async_graphql_value::{ConstValue, Value};

use super::{documents::root_type, overlap, variables::MOST_ENTRIES};

/// A place for a value.
struct Place {
    ty: Type,
    has_default: bool,
}

/// A field: what it answers, and the places of its arguments.
struct Answers {
    ty: Type,
    arguments: HashMap<String, Place>,
}

/// The places for values in the schema.
pub struct Positions {
    fields: HashMap<String, HashMap<String, Answers>>,
    inputs: HashMap<String, HashMap<String, Place>>,
    words: HashSet<String>,
    /// Interfaces and unions.
    abstracts: HashSet<String>,
    name_of_type: Type,
}

/// What the specification says of a schema's answers about itself, which no SDL shows. `__Questions` are asked of the query
/// root.
const INTROSPECTION: &str = "
type __Questions { __schema: __Schema! __type(name: String!): __Type }
type __Schema { description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
  directives(includeDeprecated: Boolean! = false): [__Directive!]! }
type __Type { kind: __TypeKind! name: String description: String specifiedByURL: String isOneOf: Boolean
  fields(includeDeprecated: Boolean! = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean! = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean! = false): [__InputValue!] ofType: __Type }
type __Field { name: String! description: String args(includeDeprecated: Boolean! = false): [__InputValue!]! type: __Type!
  isDeprecated: Boolean! deprecationReason: String }
type __InputValue { name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean!
  deprecationReason: String }
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive { name: String! description: String isRepeatable: Boolean! locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean! = false): [__InputValue!]! }
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
enum __DirectiveLocation { QUERY }";

/// What does not stand where it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misplaced {
    /// Which, and what is expected.
    pub message: String,
    /// Line and column, 1-based.
    pub at: (usize, usize),
}

fn places(definitions: Vec<Positioned<InputValueDefinition>>) -> HashMap<String, Place> {
    let place = |definition: Positioned<InputValueDefinition>| {
        let InputValueDefinition { name, ty, default_value, .. } = definition.node;
        (name.node.to_string(), Place { ty: ty.node, has_default: default_value.is_some() })
    };
    definitions.into_iter().map(place).collect()
}

/// The name of a type without its lists.
pub(super) fn innermost(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}

impl Positions {
    /// The places in an SDL text.
    #[must_use]
    pub fn of(sdl: &str) -> Self {
        let (mut fields, mut inputs) = (HashMap::new(), HashMap::new());
        let (mut words, mut abstracts) = (HashSet::new(), HashSet::new());
        let known = [sdl, INTROSPECTION].into_iter().filter_map(|text| parse_schema(text).ok());
        for definition in known.flat_map(|document| document.definitions) {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let one_of = definition.node.directives.iter().any(|directive| directive.node.name.node == "oneOf");
            let answering = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => {
                    abstracts.insert(name.clone());
                    interface.fields
                }
                TypeKind::Union(_) => {
                    abstracts.insert(name);
                    continue;
                }
                TypeKind::Enum(_) => {
                    words.insert(name);
                    continue;
                }
                TypeKind::InputObject(input) => {
                    let mut known = places(input.fields);
                    for place in known.values_mut() {
                        // The one that is given must be something.
                        place.ty.nullable &= !one_of;
                    }
                    inputs.insert(name, known);
                    continue;
                }
                TypeKind::Scalar => continue,
            };
            let answers = answering.into_iter().map(|field| {
                let answers = Answers { ty: field.node.ty.node, arguments: places(field.node.arguments) };
                (field.node.name.node.to_string(), answers)
            });
            let answers: HashMap<String, Answers> = answers.collect();
            if name == "__Questions" {
                fields.entry("Query".to_owned()).or_insert_with(HashMap::new).extend(answers);
                continue;
            }
            fields.insert(name, answers);
        }
        let name_of_type = Type { base: BaseType::Named(Name::new("String")), nullable: false };
        Self { fields, inputs, words, abstracts, name_of_type }
    }

    /// What a field of a type answers, if the schema knows it.
    pub(super) fn answer(&self, on: &str, field: &str) -> Option<&Type> {
        if field == "__typename" {
            return Some(&self.name_of_type);
        }
        self.fields.get(on)?.get(field).map(|answers| &answers.ty)
    }

    /// Whether fields can be asked of a type.
    pub(super) fn is_composite(&self, name: &str) -> bool {
        self.fields.contains_key(name) || self.abstracts.contains(name)
    }

    /// Whether a type is that of one kind of objects.
    pub(super) fn is_object(&self, name: &str) -> bool {
        self.fields.contains_key(name) && !self.abstracts.contains(name)
    }

    /// Whether everything in each operation stands where it may. What the schema does not know is left to others.
    pub fn check(&self, document: &ExecutableDocument) -> Result<(), Misplaced> {
        document.operations.iter().try_for_each(|(_, operation)| {
            let (operation_at, operation) = (operation.pos, &operation.node);
            let root = root_type(operation.ty);
            if operation.ty == OperationType::Subscription {
                let mut keys = HashSet::new();
                roots(document, &operation.selection_set.node, &mut keys);
                if keys.len() > 1 {
                    let at = (operation_at.line, operation_at.column);
                    return Err(Misplaced { message: "A subscription asks for one field.".into(), at });
                }
            }
            let mut walk = Walk { positions: self, document, operation, seen: HashSet::new() };
            walk.directives(&operation.directives)?;
            for declared in &operation.variable_definitions {
                walk.declared(declared)?;
            }
            walk.set(root, &operation.selection_set.node)
        })?;
        overlap::check(self, document)
    }
}

/// What the fields of a root are answered under. That no fragment spreads itself has been seen to.
fn roots<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, keys: &mut HashSet<&'a str>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                keys.insert(field.node.response_key().node.as_str());
            }
            Selection::InlineFragment(fragment) => roots(document, &fragment.node.selection_set.node, keys),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(spread.node.fragment_name.node.as_str()) {
                    roots(document, &fragment.node.selection_set.node, keys);
                }
            }
        }
    }
}

struct Walk<'a> {
    positions: &'a Positions,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    seen: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, on: &str, set: &'a SelectionSet) -> Result<(), Misplaced> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(on, field)?,
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives)?;
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
                    self.set(on, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives)?;
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.seen.insert(name)
                    {
                        self.set(&fragment.node.type_condition.node.on.node, &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, on: &str, field: &'a Positioned<Field>) -> Result<(), Misplaced> {
        self.directives(&field.node.directives)?;
        let positions = self.positions;
        let nothing = field.node.arguments.is_empty() && field.node.selection_set.node.items.is_empty();
        if field.node.name.node == "__typename" && !nothing {
            let message = "\"__typename\" has neither arguments nor fields.".into();
            return Err(Misplaced { message, at: (field.pos.line, field.pos.column) });
        }
        let answers = positions.fields.get(on).and_then(|fields| fields.get(field.node.name.node.as_str()));
        let Some(answers) = answers else { return Ok(()) };
        let at = (field.pos.line, field.pos.column);
        for (name, value) in &field.node.arguments {
            if let Some(place) = answers.arguments.get(name.node.as_str()) {
                self.value(&value.node, &place.ty, place.has_default, at)?;
            }
        }
        self.set(innermost(&answers.ty), &field.node.selection_set.node)
    }

    /// A variable has no directives, and its default is a value like others.
    fn declared(&self, declared: &Positioned<VariableDefinition>) -> Result<(), Misplaced> {
        let at = (declared.pos.line, declared.pos.column);
        if let Some(directive) = declared.node.directives.first() {
            let message = format!("Directive \"@{}\" may not be used on a variable.", directive.node.name.node);
            return Err(Misplaced { message, at });
        }
        match &declared.node.default_value {
            Some(default) => self.value(&default.node.clone().into_value(), &declared.node.var_type.node, false, at),
            None => Ok(()),
        }
    }

    /// `@skip` and `@include` have one argument, and other directives have no place in an operation.
    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), Misplaced> {
        let condition = Type { base: BaseType::Named(Name::new("Boolean")), nullable: false };
        for directive in directives {
            let name = directive.node.name.node.as_str();
            for (argument, value) in &directive.node.arguments {
                if matches!(name, "skip" | "include") && argument.node == "if" {
                    self.value(&value.node, &condition, false, (directive.pos.line, directive.pos.column))?;
                }
            }
        }
        Ok(())
    }

    fn value(&self, value: &Value, ty: &Type, has_default: bool, at: (usize, usize)) -> Result<(), Misplaced> {
        match (value, &ty.base) {
            (Value::Variable(name), _) => {
                let declared = self.operation.variable_definitions.iter().find(|one| one.node.name.node == *name);
                let Some(declared) = declared else { return Ok(()) };
                let default = declared.node.default_value.as_ref();
                let some_default = default.is_some_and(|default| default.node != ConstValue::Null);
                if allowed(&declared.node.var_type.node, some_default, ty, has_default) {
                    return Ok(());
                }
                let is = &declared.node.var_type.node;
                Err(Misplaced {
                    message: format!("Variable \"${name}\" of type \"{is}\" is used where \"{ty}\" is expected."),
                    at,
                })
            }
            (Value::List(items), BaseType::List(_)) if items.len() > MOST_ENTRIES => {
                Err(Misplaced { message: format!("A list has at most {MOST_ENTRIES} entries."), at })
            }
            (Value::List(items), BaseType::List(inner)) => {
                items.iter().try_for_each(|item| self.value(item, inner, false, at))
            }
            // A single value stands for a list of one; a variable never does.
            (_, BaseType::List(inner)) => self.value(value, inner, false, at),
            // In variables words come as JSON's texts; in a document a word is none.
            (Value::String(text), BaseType::Named(name)) if self.positions.words.contains(name.as_str()) => {
                let message = format!("Enum \"{name}\" cannot represent a text: write {text} without quotation marks.");
                Err(Misplaced { message, at })
            }
            (Value::Object(map), BaseType::Named(name)) => {
                let Some(fields) = self.positions.inputs.get(name.as_str()) else { return Ok(()) };
                map.iter().try_for_each(|(field, value)| match fields.get(field.as_str()) {
                    Some(place) => self.value(value, &place.ty, place.has_default, at),
                    None => Ok(()),
                })
            }
            _ => Ok(()),
        }
    }
}

/// The specification's "variable usage is allowed".
fn allowed(declared: &Type, some_default: bool, place: &Type, has_default: bool) -> bool {
    if !place.nullable && declared.nullable {
        return (some_default || has_default) && compatible(declared, &Type { nullable: true, ..place.clone() });
    }
    compatible(declared, place)
}

fn compatible(declared: &Type, place: &Type) -> bool {
    let base = match (&declared.base, &place.base) {
        (BaseType::List(declared), BaseType::List(place)) => compatible(declared, place),
        (BaseType::Named(declared), BaseType::Named(place)) => declared == place,
        _ => false,
    };
    base && (place.nullable || !declared.nullable)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = "type Query { thing(id: ID!, ids: [ID!], first: Int! = 20, with: Filter, one: Either): Thing }
        type Thing { id: ID! part(n: Int): Thing }
        input Filter { code: String! tags: [String!] deep: Filter size: Int! = 1 }
        input Either @oneOf { left: ID right: Int }";

    fn check(text: &str) -> Result<(), String> {
        let document = parse_query(text).unwrap();
        Positions::of(SDL).check(&document).map_err(|misplaced| misplaced.message)
    }

    #[test]
    fn variables_stand_where_their_type_belongs() {
        for good in [
            "query($a: ID!) { thing(id: $a) { id } }",
            "query($a: ID = 1) { thing(id: $a) { id } }",
            "query($a: Int) { thing(id: 1, first: $a) { id } }",
            "query($a: Int!) { thing(id: 1) { part(n: $a) { id } } }",
            "query($a: [ID!]!) { thing(id: 1, ids: $a) { id } }",
            "query($a: ID!) { thing(id: 1, ids: [$a]) { id } }",
            "query($a: String!, $b: Filter) { thing(id: 1, with: { code: $a, tags: [$a], deep: $b }) { id } }",
            "query($a: Int) { thing(id: 1, with: { code: \"x\", size: $a }) { id } }",
            "query($a: ID!) { thing(id: 1, one: { left: $a }) { id } }",
            "query($a: Boolean!) { thing(id: 1) { id @skip(if: $a) } }",
            "query($a: Nonsense) { unknown(x: $a) { id } }",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_subscription_asks_for_one_field() {
        assert_eq!(check("subscription { a { x y } }"), Ok(()));
        assert_eq!(check("subscription { a { x } ...f } fragment f on Subscription { a { y } }"), Ok(()));
        assert!(check("subscription { a: x b: x }").is_err());
        assert!(check("subscription { ...f } fragment f on Subscription { ... { a } b }").is_err());
    }

    #[test]
    fn elsewhere_they_are_refused() {
        for bad in [
            "query($a: ID) { thing(id: $a) { id } }",
            "query($a: ID = null) { thing(id: $a) { id } }",
            "query($a: Int!) { thing(id: $a) { id } }",
            "query($a: String) { thing(id: 1, first: $a) { id } }",
            "query($a: [ID]) { thing(id: 1, ids: $a) { id } }",
            "query($a: ID!) { thing(id: 1, ids: $a) { id } }",
            "query($a: ID) { thing(id: 1, ids: [$a]) { id } }",
            "query($a: String) { thing(id: 1, with: { code: $a }) { id } }",
            "query($a: String) { thing(id: 1, with: { code: \"x\", deep: { code: \"y\", tags: [$a] } }) { id } }",
            "query($a: ID) { thing(id: 1, one: { left: $a }) { id } }",
            "query($a: Boolean) { thing(id: 1) { id @skip(if: $a) } }",
            "query($a: String!) { thing(id: 1) { ...f } } fragment f on Thing { ... on Thing { part(n: $a) { id } } }",
            "query($a: Boolean) { thing(id: 1) { ... @include(if: $a) { id } } }",
        ] {
            assert!(check(bad).is_err_and(|message| message.contains("\"$a\"")), "{bad}");
        }
    }
}
