//! The schema as a test reads it: its operations, and for each a document that calls it with every argument as a
//! variable. Whatever a wing adds to the schema is covered by the tests that walk it, without touching them.

use std::{collections::BTreeMap, fmt::Write};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::{Map, Value};

/// The schema.
pub struct Schema {
    types: BTreeMap<String, TypeDefinition>,
}

/// Question or act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// A field of `Query`.
    Query,
    /// A field of `Mutation`.
    Mutation,
}

/// A field of `Query` or `Mutation`.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Question or act.
    pub root: Root,
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// A document that calls it with every argument as a variable of the same name.
    pub document: String,
}

impl Operation {
    /// The word that the evidence would have for it: `checkAdjustment` is `CHECK_ADJUSTMENT`.
    #[must_use]
    pub fn action(&self) -> String {
        self.name.chars().fold(String::new(), |mut word, letter| {
            if letter.is_uppercase() {
                word.push('_');
            }
            word.push(letter.to_ascii_uppercase());
            word
        })
    }
}

/// An argument, or a field of an input object.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may be left out.
    pub optional: bool,
}

impl Argument {
    fn of(definition: &InputValueDefinition) -> Self {
        let ty = definition.ty.node.clone();
        let optional = ty.nullable || definition.default_value.is_some();
        Self { name: definition.name.node.to_string(), ty, optional }
    }
}

/// The name at the bottom of a type, without lists.
#[must_use]
pub fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

impl Schema {
    /// The schema that the server serves.
    #[must_use]
    pub fn current() -> Self {
        Self::parse(&yidan::schema::sdl())
    }

    /// The schema of a text.
    #[must_use]
    pub fn parse(sdl: &str) -> Self {
        let definitions = parse_schema(sdl).unwrap().definitions;
        let types = definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some((definition.node.name.node.to_string(), definition.node)),
            _ => None,
        });
        Self { types: types.collect() }
    }

    /// Every type by its name.
    #[must_use]
    pub fn types(&self) -> &BTreeMap<String, TypeDefinition> {
        &self.types
    }

    /// The fields of an object or an interface; of anything else none.
    #[must_use]
    pub fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        let fields = match self.types.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| &field.node).collect()
    }

    /// The fields of an input object; of anything else none.
    #[must_use]
    pub fn input_fields(&self, name: &str) -> Option<Vec<Argument>> {
        match self.types.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::InputObject(object)) => {
                Some(object.fields.iter().map(|field| Argument::of(&field.node)).collect())
            }
            _ => None,
        }
    }

    /// The values of an enum; of anything else none.
    #[must_use]
    pub fn values(&self, name: &str) -> Option<Vec<String>> {
        match self.types.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::Enum(kind)) => {
                Some(kind.values.iter().map(|value| value.node.value.node.to_string()).collect())
            }
            _ => None,
        }
    }

    /// Every operation, questions first.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let of = |root: Root, name: &str| {
            let fields = self.fields(name).into_iter().map(move |field| self.operation(root, field));
            fields.collect::<Vec<_>>()
        };
        [of(Root::Query, "Query"), of(Root::Mutation, "Mutation")].concat()
    }

    /// All that can be asked of a type without arguments, so many levels deep, as a selection.
    #[must_use]
    pub fn whole(&self, name: &str, depth: usize) -> String {
        self.selection(name, depth)
    }

    /// Whether there is such a place in the arguments of an operation.
    #[must_use]
    pub fn has_place(&self, operation: &Operation, path: &[&str]) -> bool {
        let Some((first, rest)) = path.split_first() else { return true };
        let Some(argument) = operation.arguments.iter().find(|argument| argument.name == *first) else { return false };
        let mut base = argument.ty.base.clone();
        for part in rest {
            base = match base {
                BaseType::List(inner) if part.parse::<usize>().is_ok() => inner.base,
                BaseType::List(_) => return false,
                BaseType::Named(name) => {
                    let fields = self.input_fields(&name).unwrap_or_default();
                    let Some(field) = fields.into_iter().find(|field| field.name == *part) else { return false };
                    field.ty.base
                }
            };
        }
        true
    }

    fn operation(&self, root: Root, field: &FieldDefinition) -> Operation {
        let arguments: Vec<Argument> = field.arguments.iter().map(|argument| Argument::of(&argument.node)).collect();
        let name = field.name.node.to_string();
        let (mut declared, mut given) = (String::new(), String::new());
        for argument in &arguments {
            let _ = write!(declared, "${}: {} ", argument.name, argument.ty);
            let _ = write!(given, "{0}: ${0} ", argument.name);
        }
        let (declared, given) = if arguments.is_empty() {
            (String::new(), String::new())
        } else {
            (format!("({declared})"), format!("({given})"))
        };
        let word = if root == Root::Query { "query" } else { "mutation" };
        let selection = self.selection(named(&field.ty.node), 2);
        let document = format!("{word}{declared} {{ {name}{given}{selection} }}");
        Operation { root, name, arguments, document }
    }

    /// What can be asked of a type without arguments, down to a depth; refusals always with what they say.
    fn selection(&self, name: &str, depth: usize) -> String {
        let fields = self.fields(name);
        if fields.is_empty() {
            return if matches!(self.types.get(name).map(|kind| &kind.kind), Some(TypeKind::Union(_))) {
                " { __typename }".to_owned()
            } else {
                String::new()
            };
        }
        let mut text = String::from(" { __typename");
        for field in fields {
            let below = named(&field.ty.node);
            let composite = !self.fields(below).is_empty();
            if field.arguments.iter().any(|argument| !Argument::of(&argument.node).optional) {
                continue;
            }
            if !composite || depth > 0 {
                let _ = write!(text, " {}{}", field.name.node, self.selection(below, depth.saturating_sub(1)));
            }
        }
        text + " }"
    }
}

/// One place in the variables of an operation where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// The type of the value: `String`, `ID`, `Int`, an enum …
    pub type_name: String,
}

impl Leaf {
    /// The name of the field or argument.
    #[must_use]
    pub fn field(&self) -> &str {
        self.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default()
    }
}

/// `variables` with another value at `leaf`.
#[must_use]
pub fn with(variables: &Value, leaf: &Leaf, value: Value) -> Value {
    let mut variables = variables.clone();
    *variables.pointer_mut(&leaf.pointer).unwrap() = value;
    variables
}

/// Makes variables for operations.
pub struct Sampler<'a> {
    schema: &'a Schema,
    /// Whether what may be left out is given, too.
    pub optional: bool,
}

/// Values that a field of this name takes, where any text will not do.
const TEXTS: &[(&str, &str)] = &[
    ("code", "320102099"),
    ("townshipCode", "320102002"),
    ("within", "320102"),
    ("provinceCode", "320000"),
    ("username", "li.si"),
    ("password", "Sample-2026-pw"),
    ("currentPassword", "Sample-2026-pw"),
    ("newPassword", "Sample-2027-pw"),
    ("temporaryPassword", "Sample-2026-pw"),
    ("origins", "https://a.example"),
    ("secret", "Zk7n0wqUe4tq2yYvB1mXwA"),
    ("on", "2026-03-02"),
    ("decidedOn", "2026-03-02"),
    ("role", "DEPT_OFFICER"),
];

impl<'a> Sampler<'a> {
    /// A sampler that gives everything.
    #[must_use]
    pub fn full(schema: &'a Schema) -> Self {
        Self { schema, optional: true }
    }

    /// A sampler that gives what must be given.
    #[must_use]
    pub fn minimal(schema: &'a Schema) -> Self {
        Self { schema, optional: false }
    }

    /// Variables for an operation, with the places where their values stand. Ids are texts that are none, to be
    /// replaced; cursors are left out, since none fits.
    #[must_use]
    pub fn variables(&self, operation: &Operation) -> (Value, Vec<Leaf>) {
        let mut leaves = Vec::new();
        let map = self.object(&operation.arguments, "", 0, &mut leaves);
        (Value::Object(map), leaves)
    }

    fn object(&self, fields: &[Argument], pointer: &str, depth: usize, leaves: &mut Vec<Leaf>) -> Map<String, Value> {
        let paging =
            fields.iter().any(|field| field.name == "before") && fields.iter().any(|field| field.name == "after");
        let mut map = Map::new();
        for field in fields {
            let skipped = field.name == "idempotencyKey"
                || (paging && matches!(field.name.as_str(), "after" | "before" | "last"));
            if skipped || (field.optional && (!self.optional || depth > 3)) {
                continue;
            }
            let pointer = format!("{pointer}/{}", field.name);
            let value = self.value(&field.ty, &field.name, pointer, depth, leaves);
            map.insert(field.name.clone(), value);
        }
        map
    }

    fn value(&self, ty: &Type, field: &str, pointer: String, depth: usize, leaves: &mut Vec<Leaf>) -> Value {
        let name = match &ty.base {
            BaseType::List(inner) => {
                return Value::Array(vec![self.value(inner, field, format!("{pointer}/0"), depth, leaves)]);
            }
            BaseType::Named(name) => name.as_str(),
        };
        if let Some(fields) = self.schema.input_fields(name) {
            return Value::Object(self.object(&fields, &pointer, depth + 1, leaves));
        }
        leaves.push(Leaf { pointer, type_name: name.to_owned() });
        let known = TEXTS.iter().find(|(name, _)| *name == field).map(|(_, text)| *text);
        if let Some(values) = self.schema.values(name) {
            return known.filter(|known| values.iter().any(|value| value == known)).unwrap_or(&values[0]).into();
        }
        match name {
            "ID" => "no id".into(),
            "Int" => 1.into(),
            "Float" => 1.0.into(),
            "Boolean" => true.into(),
            "Date" => known.unwrap_or("2026-07-01").into(),
            "DateTime" => "2026-07-01T00:00:00Z".into(),
            _ => known.unwrap_or("测试").into(),
        }
    }
}
