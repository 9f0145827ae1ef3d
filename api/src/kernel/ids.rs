//! Typed ids: a prefix that says what the id names, and a `UUIDv7`. Clients see one opaque string and never build one.

use std::{borrow::Cow, fmt, str::FromStr};

use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

/// Splits `prefix_hex` into its parts; anything but the canonical spelling is no id.
#[must_use]
pub fn parse(text: &str) -> Option<(&str, Uuid)> {
    let (prefix, hex) = text.rsplit_once('_')?;
    let canonical = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    canonical.then(|| Uuid::try_parse(hex).ok()).flatten().map(|uuid| (prefix, uuid))
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(pub Uuid);

            impl $name {
                /// What every id of this type begins with.
                pub const PREFIX: &'static str = $prefix;

                /// A new id; time-ordered, so that rows written together lie together.
                #[must_use]
                pub fn new() -> Self {
                    Self(Uuid::now_v7())
                }
            }

            impl Default for $name {
                fn default() -> Self {
                    Self::new()
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, concat!($prefix, "_{}"), self.0.simple())
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }

            impl FromStr for $name {
                type Err = WrongId;

                fn from_str(text: &str) -> Result<Self, WrongId> {
                    match parse(text) {
                        Some(($prefix, uuid)) => Ok(Self(uuid)),
                        _ => Err(WrongId { expected: $prefix }),
                    }
                }
            }

            impl From<Uuid> for $name {
                fn from(uuid: Uuid) -> Self {
                    Self(uuid)
                }
            }

            impl From<$name> for Uuid {
                fn from(id: $name) -> Self {
                    id.0
                }
            }

            impl From<$name> for sea_orm::Value {
                fn from(id: $name) -> Self {
                    id.0.into()
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(|_| D::Error::custom(concat!("expected an id ", $prefix, "_…")))
                }
            }

            impl InputType for $name {
                type RawValueType = Self;

                fn type_name() -> Cow<'static, str> {
                    <ID as InputType>::type_name()
                }

                fn create_type_info(registry: &mut Registry) -> String {
                    <ID as InputType>::create_type_info(registry)
                }

                fn parse(value: Option<Value>) -> InputValueResult<Self> {
                    let id = ID::parse(value).map_err(InputValueError::propagate)?;
                    id.parse().map_err(|_| {
                        InputValueError::custom(concat!("expected an id that begins with \"", $prefix, "_\""))
                    })
                }

                fn to_value(&self) -> Value {
                    Value::String(self.to_string())
                }

                fn as_raw_value(&self) -> Option<&Self> {
                    Some(self)
                }
            }

            impl OutputType for $name {
                fn type_name() -> Cow<'static, str> {
                    <ID as OutputType>::type_name()
                }

                fn create_type_info(registry: &mut Registry) -> String {
                    <ID as OutputType>::create_type_info(registry)
                }

                async fn resolve(
                    &self,
                    _: &ContextSelectionSet<'_>,
                    _: &Positioned<Field>,
                ) -> ServerResult<Value> {
                    Ok(Value::String(self.to_string()))
                }
            }
        )+

        /// Every prefix with the name of its type, for tests and for `node`.
        pub const PREFIXES: &[(&str, &str)] = &[$(($prefix, stringify!($name))),+];
    };
}

/// A string that is not an id of the expected type.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongId {
    /// The prefix that was expected.
    pub expected: &'static str,
}

ids! {
    /// A served province.
    ProvinceId = "prov";
    /// An administrative division in one period of validity.
    DivisionId = "div";
    /// An organisation.
    OrgUnitId = "org";
    /// An internal office of an organisation.
    OfficeId = "off";
    /// A position inside an internal office.
    PositionId = "pos";
    /// An account.
    AccountId = "acc";
    /// A post: one role of one person in one organisation.
    PostId = "post";
    /// A log-in session.
    SessionId = "ses";
    /// An event of the evidence.
    AuditEventId = "evt";
    /// An entry of a queue.
    QueueEntryId = "que";
    /// An opinion given in a proceeding.
    OpinionId = "opn";
    /// A decision record.
    DecisionId = "dec";
    /// A domain class of a province's catalogue.
    DomainId = "dom";
    /// A township's duty list.
    DutyListId = "list";
    /// A version of a duty list.
    VersionId = "ver";
    /// A duty item.
    DutyItemId = "item";
    /// A revision of a duty item.
    RevisionId = "rev";
    /// A wording shared by revisions.
    WordingId = "word";
    /// A county's model item.
    TemplateId = "tpl";
    /// A dynamic-adjustment request.
    AdjustmentId = "adj";
    /// A duty-admission request.
    AdmissionId = "adm";
    /// A change inside a request.
    ChangeId = "chg";
    /// A registered change of law.
    LawChangeId = "law";
    /// What one authority has to do about a change of law.
    LawWatchId = "watch";
    /// An evaluation round.
    RoundId = "round";
    /// An objection to an evaluation result.
    ObjectionId = "obj";
    /// An endpoint of webhooks.
    WebhookEndpointId = "hook";
    /// A delivery to an endpoint; receivers know it as the id of the message.
    WebhookDeliveryId = "msg";
    /// Any proceeding, whatever its kind; never shown to clients, who see the id of the kind.
    ProceedingId = "proc";
}

macro_rules! proceedings {
    ($($name:ident),+) => {
        $(
            impl From<$name> for ProceedingId {
                fn from(id: $name) -> Self {
                    Self(id.0)
                }
            }
        )+
    };
}

proceedings!(VersionId, AdjustmentId, AdmissionId, LawWatchId, RoundId);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn only_the_canonical_spelling_of_the_right_type_parses() {
        let id = DutyItemId::new();
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        assert!(text.parse::<DutyListId>().is_err());
        assert!(text.to_uppercase().parse::<DutyItemId>().is_err());
        assert!(format!(" {text}").parse::<DutyItemId>().is_err());
        assert!(format!("item_{}", id.0.hyphenated()).parse::<DutyItemId>().is_err());
    }

    #[test]
    fn prefixes_are_distinct() {
        let prefixes: HashSet<_> = PREFIXES.iter().map(|(prefix, _)| prefix).collect();
        assert_eq!(prefixes.len(), PREFIXES.len());
    }
}
