//! Objects answered at once. The framework makes a future of every field; a page of fifty items has some two thousand
//! fields, nearly all of which stand in memory already. A type that implements [`Direct`] says which of its fields those
//! are, and [`AtOnce`] answers them without futures; the others, and selections with fragments, go the usual way.
//!
//! A field left out of [`Direct::direct`] is slower, not wrong. A field in it must say what its resolver says; the test
//! of the type compares the two.

use std::{borrow::Cow, fmt::Display};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
};
use futures_util::future::try_join_all;

/// A type with fields that stand in memory.
pub trait Direct: ContainerType {
    /// The value of a field; none if it has to be looked up.
    fn direct(&self, field: &Field) -> Option<Value>;
}

/// The fields of a selection without fragments, directives and repetitions.
fn plain(selection: &SelectionSet) -> Option<Vec<&Positioned<Field>>> {
    let mut fields: Vec<&Positioned<Field>> = Vec::with_capacity(selection.items.len());
    for selection in &selection.items {
        let Selection::Field(field) = &selection.node else { return None };
        let key = &field.node.response_key().node;
        if !field.node.directives.is_empty() || fields.iter().any(|known| known.node.response_key().node == *key) {
            return None;
        }
        fields.push(field);
    }
    Some(fields)
}

fn value_of<T: Direct>(this: &T, field: &Field) -> Option<Value> {
    if !field.arguments.is_empty() {
        return None;
    }
    match field.name.node.as_str() {
        "__typename" => Some(Value::String(this.introspection_type_name().into_owned())),
        _ => this.direct(field),
    }
}

/// `this` as `field` selects it, if all of that stands in memory.
#[must_use]
pub fn object<T: Direct>(this: &T, field: &Field) -> Option<Value> {
    let fields = plain(&field.selection_set.node)?;
    let values = fields.iter().map(|field| Some((key(field), value_of(this, &field.node)?)));
    values.collect::<Option<IndexMap<Name, Value>>>().map(Value::Object)
}

/// Many objects of the type called `name`, as `field` selects them, if `value` finds all of that in memory.
#[must_use]
pub fn list<T>(
    name: &str,
    all: impl Iterator<Item = T>,
    field: &Field,
    value: impl Fn(&T, &str) -> Option<Value>,
) -> Option<Value> {
    let fields = plain(&field.selection_set.node)?;
    if fields.iter().any(|field| !field.node.arguments.is_empty()) {
        return None;
    }
    let one = |this: T| {
        let mut values = IndexMap::with_capacity(fields.len());
        for field in &fields {
            let value = match field.node.name.node.as_str() {
                "__typename" => text(name),
                asked => value(&this, asked)?,
            };
            values.insert(key(field), value);
        }
        Some(Value::Object(values))
    };
    all.map(one).collect::<Option<Vec<Value>>>().map(Value::List)
}

/// A text.
#[must_use]
pub fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

/// An id.
#[must_use]
pub fn id(value: impl Display) -> Value {
    Value::String(value.to_string())
}

fn key(field: &Positioned<Field>) -> Name {
    field.node.response_key().node.clone()
}

/// An object whose fields are answered at once where they can be.
pub struct AtOnce<T>(pub T);

impl<T> From<T> for AtOnce<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Direct> OutputType for AtOnce<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let Some(fields) = plain(&ctx.item.node) else { return self.0.resolve(ctx, field).await };
        let mut values = IndexMap::with_capacity(fields.len());
        let mut waiting: Vec<Context<'_>> = Vec::new();
        for field in fields {
            let value = value_of(&self.0, &field.node);
            if value.is_none() {
                waiting.push(ctx.with_field(field));
            }
            values.insert(key(field), value.unwrap_or_default());
        }
        let found = try_join_all(waiting.iter().map(|ctx| self.0.resolve_field(ctx))).await?;
        for (ctx, value) in std::iter::zip(&waiting, found) {
            values.insert(key(ctx.item), value.unwrap_or_default());
        }
        Ok(Value::Object(values))
    }
}

/// Declares a test that fields of a type are answered at once as their resolvers answer them.
#[cfg(test)]
#[macro_export]
macro_rules! answered_alike {
    ($test:ident, $type:ty, $sample:expr, $fields:literal) => {
        #[test]
        fn $test() {
            struct Root;

            #[async_graphql::Object]
            impl Root {
                async fn at_once(&self) -> $crate::kernel::graphql::AtOnce<$type> {
                    $sample.into()
                }

                async fn usual(&self) -> $type {
                    $sample
                }
            }

            use async_graphql::{EmptyMutation, EmptySubscription, Schema};
            let schema = Schema::new(Root, EmptyMutation, EmptySubscription);
            let document = concat!("{ atOnce { ", $fields, " } usual { ", $fields, " } }");
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let answer = runtime.block_on(schema.execute(document)).into_result().unwrap().data.into_json().unwrap();
            assert_eq!(answer["atOnce"].to_string(), answer["usual"].to_string());
        }
    };
}
