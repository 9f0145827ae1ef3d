//! A clock on a step: what it counts, since when, with which pauses, and when it ends.
//!
//! Working days: a working day counts when the clock runs at its end, so the day of the event never counts and the
//! deadline is 24:00 China time of the last counted day. Working time counts minutes of office hours, wall clock counts
//! minutes. The computation is a pure function of its parts and can be repeated whenever a calendar changes.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    calendar::{Calendar, end_of},
    clock::china_date,
};

crate::api_enum! {
    /// What a deadline counts (期限计算方式).
    pub enum DeadlineBasis {
        /// Minutes on the clock, day and night (自然时间).
        WallClock,
        /// Minutes of office hours on working days (工作时间).
        WorkingTime,
        /// Working days after the day of the event, until 24:00 China time (工作日).
        WorkingDay,
    }
}

/// An interval in which a deadline does not run; open while the pause lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When the clock stopped.
    pub from: DateTime<Utc>,
    /// When it went on.
    pub to: Option<DateTime<Utc>>,
}

/// The parts of a deadline that are facts; everything else follows from them and the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// When the clock started.
    pub starts_at: DateTime<Utc>,
    /// What it counts.
    pub basis: DeadlineBasis,
    /// How many working days or minutes.
    pub amount: u32,
    /// When it stood still.
    pub pauses: Vec<Pause>,
}

/// When a deadline ends and by which calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The end; none while a pause lasts.
    pub at: Option<DateTime<Utc>>,
    /// The notices it was computed with.
    pub calendar_version: String,
}

impl Deadline {
    /// A deadline of `amount` working days after `event`.
    #[must_use]
    pub const fn working_days(event: DateTime<Utc>, amount: u32) -> Self {
        Self { starts_at: event, basis: DeadlineBasis::WorkingDay, amount, pauses: Vec::new() }
    }

    /// When the deadline ends.
    #[must_use]
    pub fn due(&self, calendar: &Calendar) -> Due {
        let at = if self.pauses.iter().any(|pause| pause.to.is_none()) {
            None
        } else {
            match self.basis {
                DeadlineBasis::WorkingDay => Some(self.last_working_day(calendar)),
                DeadlineBasis::WallClock => Some(self.after_minutes([(self.starts_at, DateTime::<Utc>::MAX_UTC)])),
                DeadlineBasis::WorkingTime => {
                    let first = china_date(self.starts_at);
                    let hours = std::iter::once(first)
                        .chain(calendar.working_days_after(first))
                        .flat_map(|day| calendar.office_hours(day).collect::<Vec<_>>());
                    Some(self.after_minutes(hours))
                }
            }
        };
        let end = at.map_or_else(|| china_date(self.starts_at), |at| china_date(at - TimeDelta::milliseconds(1)));
        Due { at, calendar_version: calendar.version(china_date(self.starts_at), end) }
    }

    fn last_working_day(&self, calendar: &Calendar) -> DateTime<Utc> {
        if self.amount == 0 {
            return end_of(china_date(self.starts_at));
        }
        calendar
            .working_days_after(china_date(self.starts_at))
            .map(end_of)
            .filter(|end| !self.paused_at(*end))
            .nth(self.amount as usize - 1)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn paused_at(&self, at: DateTime<Utc>) -> bool {
        self.pauses.iter().any(|pause| pause.from < at && pause.to.is_none_or(|to| at <= to))
    }

    /// The moment at which `amount` minutes have run inside `windows` and outside the pauses.
    fn after_minutes(&self, windows: impl IntoIterator<Item = (DateTime<Utc>, DateTime<Utc>)>) -> DateTime<Utc> {
        let mut left = TimeDelta::minutes(i64::from(self.amount));
        let mut pauses: Vec<_> = self.pauses.iter().filter_map(|pause| Some((pause.from, pause.to?))).collect();
        pauses.sort_unstable();
        for (from, to) in windows {
            let mut at = from.max(self.starts_at);
            while at < to {
                let stop = pauses.iter().find(|(_, end)| *end > at);
                let (run_until, resume) = match stop {
                    Some(&(begin, end)) if begin <= at => {
                        at = end;
                        continue;
                    }
                    Some(&(begin, end)) if begin < to => (begin, end),
                    _ => (to, to),
                };
                if at + left <= run_until {
                    return at + left;
                }
                left -= run_until - at;
                at = resume;
            }
        }
        DateTime::<Utc>::MAX_UTC
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::calendar::tests::published;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn a_working_day_deadline_ends_at_midnight_china_time() {
        let due = Deadline::working_days(at("2026-09-30T09:00:00+08:00"), 5).due(&published());
        assert_eq!(due.at, Some(at("2026-10-14T00:00:00+08:00")));
        assert_eq!(due.calendar_version, "2026.1");
    }

    #[test]
    fn a_pause_over_three_day_ends_moves_the_deadline_by_three_working_days() {
        let mut deadline = Deadline::working_days(at("2026-11-02T09:00:00+08:00"), 5);
        assert_eq!(deadline.due(&published()).at, Some(at("2026-11-10T00:00:00+08:00")));
        deadline.pauses.push(Pause { from: at("2026-11-03T10:00:00+08:00"), to: None });
        assert_eq!(deadline.due(&published()).at, None);
        deadline.pauses[0].to = Some(at("2026-11-06T10:00:00+08:00"));
        assert_eq!(deadline.due(&published()).at, Some(at("2026-11-13T00:00:00+08:00")));
    }

    #[test]
    fn working_time_skips_lunch_nights_and_pauses() {
        let mut deadline = Deadline {
            starts_at: at("2026-11-20T11:00:00+08:00"),
            basis: DeadlineBasis::WorkingTime,
            amount: 60,
            pauses: vec![],
        };
        assert_eq!(deadline.due(&published()).at, Some(at("2026-11-20T14:30:00+08:00")));
        deadline
            .pauses
            .push(Pause { from: at("2026-11-20T11:10:00+08:00"), to: Some(at("2026-11-23T08:40:00+08:00")) });
        assert_eq!(deadline.due(&published()).at, Some(at("2026-11-23T09:30:00+08:00")));
        deadline.basis = DeadlineBasis::WallClock;
        assert_eq!(deadline.due(&published()).at, Some(at("2026-11-23T09:30:00+08:00")));
    }

    proptest! {
        #[test]
        fn a_later_start_or_a_pause_never_brings_the_end_forward(
            start in 0i64..500_000, gap in 0i64..50_000, amount in 1u32..600, basis in 0usize..3,
            pause in 0i64..100_000, length in 1i64..50_000,
        ) {
            let calendar = published();
            let base = at("2025-01-01T00:00:00+08:00");
            let make = |minutes: i64, pauses: Vec<Pause>| Deadline {
                starts_at: base + TimeDelta::minutes(minutes),
                basis: DeadlineBasis::ALL[basis],
                amount: if DeadlineBasis::ALL[basis] == DeadlineBasis::WorkingDay { amount % 60 + 1 } else { amount },
                pauses,
            };
            let plain = make(start, vec![]).due(&calendar).at;
            prop_assert!(plain <= make(start + gap, vec![]).due(&calendar).at);
            let from = base + TimeDelta::minutes(start + pause);
            let paused = make(start, vec![Pause { from, to: Some(from + TimeDelta::minutes(length)) }]);
            prop_assert!(plain <= paused.due(&calendar).at);
            prop_assert_eq!(paused.due(&calendar), paused.due(&calendar));
        }
    }
}
