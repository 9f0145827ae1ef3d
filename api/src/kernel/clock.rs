//! The only source of time. Everything that needs "now" gets it from a [`Clock`] carried by the request's context, so
//! that tests can move time and no rule can read it behind the caller's back.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};

/// China time; one offset for the whole country and no daylight saving since 1991.
pub const CHINA: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(offset) => offset,
    None => panic!("eight hours is a valid offset"),
};

/// Tells the time in UTC, to the millisecond: the precision both databases keep and compare alike.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        to_millis(Utc::now())
    }
}

/// A moment to the millisecond, as moments are kept and compared here.
#[must_use]
pub fn to_millis(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

/// A clock that tests set and move; it goes on by one millisecond at each look, so that events keep their order.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(start.timestamp_millis())))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    /// Sets the clock.
    pub fn set(&self, to: DateTime<Utc>) {
        self.0.store(to.timestamp_millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        let millis = self.0.fetch_add(1, Ordering::SeqCst);
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }
}

/// The calendar day of `at` in China.
#[must_use]
pub fn china_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&CHINA).date_naive()
}

/// The last day of a time that ends at midnight in China.
#[must_use]
pub fn last_day(until: DateTime<Utc>) -> NaiveDate {
    china_date(until - TimeDelta::milliseconds(1))
}

/// The moment at which `date` begins in China.
#[must_use]
pub fn china_midnight(date: NaiveDate) -> DateTime<Utc> {
    (date.and_time(chrono::NaiveTime::MIN) - TimeDelta::hours(8)).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_china_day_begins_at_sixteen_utc_the_day_before() {
        let Some(date) = NaiveDate::from_ymd_opt(2026, 3, 1) else { panic!() };
        let start = china_midnight(date);
        assert_eq!(start.to_rfc3339(), "2026-02-28T16:00:00+00:00");
        assert_eq!(china_date(start), date);
        assert_eq!(china_date(start - TimeDelta::milliseconds(1)), date.pred_opt().unwrap_or_default());
    }
}
