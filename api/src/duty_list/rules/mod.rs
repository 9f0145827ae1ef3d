//! What a list is and how it may change. Pure.

pub mod change;
pub mod content;
pub mod diff;
pub mod findings;
pub mod sheet;
pub mod succession;
pub mod version;

use chrono::{DateTime, Utc};

/// The two times of every question about lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AsOf {
    /// In force at this moment …
    pub effective: DateTime<Utc>,
    /// … as recorded at this moment.
    pub known: DateTime<Utc>,
}

/// When something was in force and since when that was known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// From; none while unpublished.
    pub effective_from: Option<DateTime<Utc>>,
    /// Until.
    pub effective_to: Option<DateTime<Utc>>,
    /// Since when it was known that it would be in force.
    pub recorded_from: Option<DateTime<Utc>>,
    /// Since when it was known that it would end.
    pub recorded_to: Option<DateTime<Utc>>,
    /// As recorded at this moment; as recorded now if none.
    pub known: Option<DateTime<Utc>>,
}

impl Period {
    /// Whether it was in force, as far as was known: an end counts only once it is recorded. The store's select says the
    /// same in SQL.
    #[must_use]
    pub fn holds(&self, at: AsOf) -> bool {
        let began = self.effective_from.is_some_and(|from| from <= at.effective);
        let known = self.recorded_from.is_some_and(|from| from <= at.known);
        let open = self.effective_to.is_none_or(|to| to > at.effective);
        let end_unknown = self.recorded_to.is_some_and(|to| to > at.known);
        began && known && (open || end_unknown)
    }

    /// The period as far as it was known at a moment: an end that was recorded later had not been decided on. Carries the
    /// moment with it, so that what is reached from here is read with the same knowledge.
    #[must_use]
    pub fn as_known(self, known: DateTime<Utc>) -> Self {
        let ends = self.recorded_to.is_none_or(|recorded| recorded <= known);
        Self {
            effective_to: self.effective_to.filter(|_| ends),
            recorded_to: self.recorded_to.filter(|_| ends),
            known: Some(known),
            ..self
        }
    }

    /// The period with the knowledge of another one, from which it was reached.
    #[must_use]
    pub fn known_like(self, other: &Self) -> Self {
        other.known.map_or(self, |known| self.as_known(known))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_known_then_differs_from_what_is_known_now() {
        let day = |day: i64| DateTime::from_timestamp(day * 86_400, 0).unwrap();
        // In force from day 10; on day 20 it became known that it ends on day 15 … which can only be future in real life.
        let period = Period {
            effective_from: Some(day(10)),
            effective_to: Some(day(30)),
            recorded_from: Some(day(5)),
            recorded_to: Some(day(20)),
            known: None,
        };
        let holds = |effective, known| period.holds(AsOf { effective: day(effective), known: day(known) });
        assert!(holds(12, 12));
        assert!(!holds(12, 4), "not yet known");
        assert!(!holds(9, 12), "not yet in force");
        assert!(holds(31, 19), "on day 19 nobody knew that it would end");
        assert!(!holds(31, 21));
    }

    #[test]
    fn an_end_recorded_later_reads_as_open() {
        let day = |day: i64| DateTime::from_timestamp(day * 86_400, 0).unwrap();
        let period = Period {
            effective_from: Some(day(10)),
            effective_to: Some(day(30)),
            recorded_from: Some(day(5)),
            recorded_to: Some(day(20)),
            known: None,
        };
        let ends = |period: Period| (period.effective_to, period.recorded_to);
        assert_eq!(ends(period.as_known(day(19))), (None, None));
        assert_eq!(ends(period.as_known(day(20))), (Some(day(30)), Some(day(20))));
        assert_eq!(period.as_known(day(19)).effective_from, period.effective_from);
        // What is reached from something read as of then is read as of then.
        assert_eq!(ends(period.known_like(&period.as_known(day(19)))), (None, None));
        assert_eq!(period.known_like(&period), period);
    }

    proptest! {
        #[test]
        fn at_any_two_times_at_most_one_version_holds_and_none_is_lost(
            steps in proptest::collection::vec((1i64..50, 0i64..80), 1..10), at in 0i64..600, known in 0i64..600,
        ) {
            let moment = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
            let mut versions: Vec<Period> = Vec::new();
            let mut now = 0;
            for (wait, ahead) in steps {
                now += wait;
                let last = versions.last().and_then(|last| last.effective_from);
                let wanted = Some(moment(now + ahead));
                let Ok(from) = version::effective_from(wanted, moment(now), last) else { continue };
                // What publishing does: it ends the version before it and is known from now on.
                if let Some(last) = versions.last_mut() {
                    (last.effective_to, last.recorded_to) = (Some(from), Some(moment(now)));
                }
                let (effective_from, recorded_from) = (Some(from), Some(moment(now)));
                versions.push(Period { effective_from, recorded_from, ..Period::default() });
            }
            let time = AsOf { effective: moment(at), known: moment(known) };
            let holding = versions.iter().filter(|version| version.holds(time)).count();
            let begun = versions.iter().any(|version| {
                version.effective_from <= Some(time.effective) && version.recorded_from <= Some(time.known)
            });
            prop_assert_eq!(holding, usize::from(begun), "{:?} of {:?}", time, versions);
        }
    }
}
