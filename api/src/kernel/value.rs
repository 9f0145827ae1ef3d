//! Values with a fixed vocabulary.
//!
//! [`api_enum!`](crate::api_enum) writes an enum once for all its uses: in rules, as text in the database, in evidence
//! and in the GraphQL schema. The doc comments of the enum and of its values become the schema's descriptions, so they
//! give the English meaning and the Chinese term.

use std::str::FromStr;

use super::fault::Fault;

/// Declares an enum whose values are the same words everywhere: `SCREAMING_SNAKE_CASE` in the schema, the database
/// and the evidence.
#[macro_export]
macro_rules! api_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[doc = $doc:literal])+ $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            async_graphql::Enum, strum::Display, strum::EnumString, strum::IntoStaticStr,
            serde::Serialize, serde::Deserialize,
        )]
        #[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        $vis enum $name { $($(#[doc = $doc])+ $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for this value in the schema and the database.
            #[must_use]
            pub fn code(self) -> &'static str {
                self.into()
            }

            /// What this value is called in Chinese: the term its description ends with.
            #[must_use]
            pub fn term(self) -> &'static str {
                $crate::kernel::value::term_of(match self { $(Self::$variant => concat!($($doc),+)),+ })
                    .unwrap_or_else(|| self.code())
            }
        }

        impl From<$name> for $crate::kernel::value::Word {
            fn from(value: $name) -> Self {
                Self { code: value.code(), term: value.term() }
            }
        }

        impl From<$name> for sea_orm::Value {
            fn from(value: $name) -> Self {
                value.code().into()
            }
        }
    };
}

/// The Chinese term at the end of a description, in parentheses.
#[must_use]
pub fn term_of(description: &'static str) -> Option<&'static str> {
    let (from, to) = description.rfind('(').zip(description.rfind(')'))?;
    description.get(from + 1..to)
}

/// A value of an enum as people are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word in the schema.
    pub code: &'static str,
    /// The Chinese term.
    pub term: &'static str,
}

impl From<(&'static str, &'static str)> for Word {
    fn from((code, term): (&'static str, &'static str)) -> Self {
        Self { code, term }
    }
}

/// Reads a stored word back; an unknown one means that the database and the program do not belong together.
pub fn stored<E: FromStr>(word: &str) -> Result<E, Fault> {
    word.parse().map_err(|_| Fault::new(format!("unknown {} in the database: {word}", std::any::type_name::<E>())))
}

/// A JSON column read straight into its type, without the tree of values in between.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub struct Stored<T>(pub T);

impl<T: serde::de::DeserializeOwned> sea_orm::TryGetableFromJson for Stored<T> {}

/// Declares the input of a command once, for the schema and for the use case: `command Name { … }` becomes the input
/// object `NameInput` with an optional idempotency key, `part Name { … }` an input object used inside others. Doc
/// comments become the schema's descriptions.
#[macro_export]
macro_rules! api_input {
    ($($(#[$meta:meta])* command $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, async_graphql::InputObject, serde::Serialize)]
            #[graphql(name_type)]
            pub struct $name {
                $($(#[$fmeta])* pub $field: $type,)*
                /// Key under which a repetition of this command gets the first answer (幂等键): nothing is done again, and
                /// the same thing is named, as it is by then. 1–100 printable ASCII characters, kept for 30 days.
                #[serde(skip)]
                pub idempotency_key: Option<String>,
            }

            impl async_graphql::TypeName for $name {
                fn type_name() -> std::borrow::Cow<'static, str> {
                    concat!(stringify!($name), "Input").into()
                }
            }

            impl $crate::kernel::runner::Keyed for $name {
                fn idempotency_key(&self) -> Option<&str> {
                    self.idempotency_key.as_deref()
                }
            }
        )+
    };
    ($($(#[$meta:meta])* part $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, async_graphql::InputObject, serde::Serialize)]
            #[graphql(name_type)]
            pub struct $name {
                $($(#[$fmeta])* pub $field: $type,)*
            }

            impl async_graphql::TypeName for $name {
                fn type_name() -> std::borrow::Cow<'static, str> {
                    concat!(stringify!($name), "Input").into()
                }
            }
        )+
    };
}
