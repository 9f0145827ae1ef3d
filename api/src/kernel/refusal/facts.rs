//! What refusals speak of: places in an input, things with their names, rules in both languages.

use crate::kernel::{text::CharacterProblem, value::Word};

crate::api_enum! {
    /// The two ways in which a duty may enter a list (路径).
    pub enum Route {
        /// Dynamic adjustment, decided by the county (动态调整).
        Adjustment,
        /// Duty admission, approved by the province only (职责准入).
        Admission,
    }
}

/// Where in the input the refused value stands, outermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<String>);

impl From<&str> for Path {
    fn from(dotted: &str) -> Self {
        Self(dotted.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }
}

impl From<String> for Path {
    fn from(dotted: String) -> Self {
        dotted.as_str().into()
    }
}

/// A finding that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// Its kind.
    pub kind: Word,
    /// What it is about; may be empty.
    pub about: String,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputProblem {
    /// Nothing where something is needed.
    Empty,
    /// Longer than `max` characters.
    TooLong {
        /// Largest accepted length.
        max: usize,
        /// Length given.
        actual: usize,
    },
    /// A character that cannot stand there.
    ForbiddenCharacter {
        /// 1-based position in characters.
        position: usize,
        /// Unicode code point.
        code: u32,
        /// Why.
        hint: CharacterProblem,
    },
    /// A number outside its bounds.
    OutOfRange {
        /// Smallest accepted value.
        min: i64,
        /// Largest accepted value.
        max: i64,
    },
    /// More entries than allowed.
    TooMany {
        /// Largest accepted number.
        max: usize,
    },
    /// Fewer entries than needed.
    TooFew {
        /// Smallest accepted number.
        min: usize,
    },
    /// Not of the expected form.
    Malformed {
        /// The expected form.
        expected: &'static str,
    },
    /// Names something twice, or something that exists already.
    Duplicate,
    /// The one place there is for it is taken.
    Taken {
        /// By whom.
        by: Named,
    },
    /// Cannot stand together with another value of the input.
    Conflict {
        /// The rule, in both languages.
        rule: Rule,
    },
}

/// A sentence that states a rule, in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// Something named in a fact: its id and the name people know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Id as clients see it.
    pub id: String,
    /// Name.
    pub name: String,
}

impl Named {
    /// An id with its name.
    #[must_use]
    pub fn new(id: impl ToString, name: impl Into<String>) -> Self {
        Self { id: id.to_string(), name: name.into() }
    }
}

/// Something that looks like what was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// What it is.
    pub subject: Named,
    /// Likeness in per cent.
    pub percent: u8,
}
