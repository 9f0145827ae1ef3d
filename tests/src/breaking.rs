//! What a change of the schema breaks for those who use it: judged between the schema of a release and today's.
//!
//! What a client may have asked for stays. What goes has been marked `@deprecated` in the release, with a reason that begins
//! with the day it was marked (`2026-05-01: use …`), at least [`NOTICE_DAYS`] ago.

use async_graphql::{
    Value,
    parser::types::{
        BaseType, ConstDirective, EnumType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind,
    },
};
use chrono::NaiveDate;

use crate::sdl::Schema;

/// How long before it goes something has to have been deprecated: six months.
pub const NOTICE_DAYS: i64 = 183;

/// The changes from `old` to `new` that break somebody on `today`, each as a line.
#[must_use]
pub fn breaks(old: &Schema, new: &Schema, today: NaiveDate) -> Vec<String> {
    let mut judge = Judge { new, today, found: Vec::new() };
    for (name, definition) in old.types() {
        judge.ty(name, definition);
    }
    judge.found
}

struct Judge<'a> {
    new: &'a Schema,
    today: NaiveDate,
    found: Vec<String>,
}

type Directives = [async_graphql::Positioned<ConstDirective>];

/// The day since which something is deprecated, if it is and says so.
fn deprecated_since(directives: &Directives) -> Option<NaiveDate> {
    let directive = directives.iter().find(|directive| directive.node.name.node == "deprecated")?;
    let (_, reason) = directive.node.arguments.iter().find(|(name, _)| name.node == "reason")?;
    match &reason.node {
        Value::String(reason) => reason.get(..10)?.parse().ok(),
        _ => None,
    }
}

/// Whether every value of `narrow` is one of `wide`: what an answer may become, and the other way about what may be sent.
fn fits(narrow: &Type, wide: &Type) -> bool {
    let bases = match (&narrow.base, &wide.base) {
        (BaseType::Named(narrow), BaseType::Named(wide)) => narrow == wide,
        (BaseType::List(narrow), BaseType::List(wide)) => fits(narrow, wide),
        _ => false,
    };
    bases && (wide.nullable || !narrow.nullable)
}

fn is_required(value: &InputValueDefinition) -> bool {
    !value.ty.node.nullable && value.default_value.is_none()
}

fn kind(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Scalar => "a scalar",
        TypeKind::Object(_) => "an object",
        TypeKind::Interface(_) => "an interface",
        TypeKind::Union(_) => "a union",
        TypeKind::Enum(_) => "an enum",
        TypeKind::InputObject(_) => "an input",
    }
}

fn names(list: &[async_graphql::Positioned<async_graphql::Name>]) -> Vec<&str> {
    list.iter().map(|name| name.node.as_str()).collect()
}

fn fields(kind: &TypeKind) -> Vec<&FieldDefinition> {
    match kind {
        TypeKind::Object(object) => object.fields.iter().map(|field| &field.node).collect(),
        TypeKind::Interface(interface) => interface.fields.iter().map(|field| &field.node).collect(),
        _ => Vec::new(),
    }
}

fn parents(kind: &TypeKind) -> Vec<&str> {
    match kind {
        TypeKind::Object(object) => names(&object.implements),
        TypeKind::Interface(interface) => names(&interface.implements),
        _ => Vec::new(),
    }
}

fn values(kind: &TypeKind) -> Vec<&EnumType> {
    if let TypeKind::Enum(kind) = kind { vec![kind] } else { Vec::new() }
}

impl Judge<'_> {
    fn say(&mut self, what: String) {
        self.found.push(what);
    }

    /// That something is gone, unless it was announced long enough ago.
    fn gone(&mut self, place: &str, directives: &Directives) {
        match deprecated_since(directives) {
            Some(since) if (self.today - since).num_days() >= NOTICE_DAYS => {}
            Some(since) => self.say(format!("{place} is gone and was deprecated only on {since}")),
            None => self.say(format!("{place} is gone without having been deprecated with a date")),
        }
    }

    fn ty(&mut self, name: &str, old: &TypeDefinition) {
        let Some(new) = self.new.types().get(name) else {
            // A type goes with the last field that led to it, which is judged where it stood; nobody asks for an input,
            // a scalar or an enum by itself, but generated code and fragments name all of them.
            return self.gone(name, &old.directives);
        };
        if std::mem::discriminant(&old.kind) != std::mem::discriminant(&new.kind) {
            return self.say(format!("{name} was {} and is {}", kind(&old.kind), kind(&new.kind)));
        }
        for parent in parents(&old.kind).into_iter().filter(|parent| !parents(&new.kind).contains(parent)) {
            self.say(format!("{name} is no {parent} any more"));
        }
        let now = fields(&new.kind);
        for field in fields(&old.kind) {
            let place = format!("{name}.{}", field.name.node);
            match now.iter().find(|one| one.name.node == field.name.node) {
                None => self.gone(&place, &field.directives),
                Some(one) => self.field(&place, field, one),
            }
        }
        for (old, new) in values(&old.kind).into_iter().zip(values(&new.kind)) {
            for value in &old.values {
                if !new.values.iter().any(|one| one.node.value.node == value.node.value.node) {
                    self.gone(&format!("{name}.{}", value.node.value.node), &value.node.directives);
                }
            }
        }
        if let (TypeKind::Union(old), TypeKind::Union(new)) = (&old.kind, &new.kind) {
            let now = names(&new.members);
            for member in names(&old.members).into_iter().filter(|member| !now.contains(member)) {
                self.say(format!("{name} is never {member} any more"));
            }
        }
        if let (TypeKind::InputObject(old), TypeKind::InputObject(new)) = (&old.kind, &new.kind) {
            let old: Vec<_> = old.fields.iter().map(|field| &field.node).collect();
            let new: Vec<_> = new.fields.iter().map(|field| &field.node).collect();
            self.inputs(name, ".", &old, &new);
        }
    }

    fn field(&mut self, place: &str, old: &FieldDefinition, new: &FieldDefinition) {
        if !fits(&new.ty.node, &old.ty.node) {
            self.say(format!("{place} was {} and is {}", old.ty.node, new.ty.node));
        }
        let old: Vec<_> = old.arguments.iter().map(|argument| &argument.node).collect();
        let new: Vec<_> = new.arguments.iter().map(|argument| &argument.node).collect();
        self.inputs(place, ":", &old, &new);
    }

    fn inputs(&mut self, owner: &str, sign: &str, old: &[&InputValueDefinition], new: &[&InputValueDefinition]) {
        for value in old {
            let place = format!("{owner}{sign}{}", value.name.node);
            let Some(now) = new.iter().find(|one| one.name.node == value.name.node) else {
                self.gone(&place, &value.directives);
                continue;
            };
            // What could be left out still can; what could be sent still can.
            let optional_now =
                Type { nullable: now.ty.node.nullable || now.default_value.is_some(), base: now.ty.node.base.clone() };
            let optional_then = Type { nullable: value.ty.node.nullable, base: value.ty.node.base.clone() };
            if !fits(&optional_then, &optional_now) || (is_required(now) && !is_required(value)) {
                self.say(format!("{place} took {} and takes {}", value.ty.node, now.ty.node));
            }
            let default =
                |value: &InputValueDefinition| value.default_value.as_ref().map(|value| value.node.to_string());
            if default(value).is_some() && default(value) != default(now) {
                self.say(format!("{place} has another default"));
            }
        }
        for now in new.iter().filter(|now| is_required(now)) {
            if !old.iter().any(|value| value.name.node == now.name.node) {
                self.say(format!("{owner}{sign}{} is new and must be given", now.name.node));
            }
        }
    }
}
