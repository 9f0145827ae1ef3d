//! Working days and working hours in China time.
//!
//! The State Council publishes the holidays of a year together with the weekend days that are worked in exchange. A
//! year without a published notice is *provisional*: until it is loaded, Monday to Friday are working days but for the
//! holidays that the law itself puts on a day of the solar year. Every deadline says which calendar version it was
//! computed with, so that it can be recomputed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

use super::clock::{CHINA, china_date, china_midnight};

/// The exceptions of one year from the Monday-to-Friday rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearDays {
    /// Days off that would be worked.
    pub holidays: BTreeSet<NaiveDate>,
    /// Weekend days that are worked.
    pub workdays: BTreeSet<NaiveDate>,
}

/// All loaded years, each with the version of its notice.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    years: BTreeMap<i32, (u32, YearDays)>,
}

/// Office hours within a working day; the same in every province.
const OFFICE_HOURS: [(NaiveTime, NaiveTime); 2] = [(hour(8, 30), hour(11, 30)), (hour(14, 0), hour(17, 30))];

const fn hour(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => panic!("office hours are valid times"),
    }
}

/// How far a search for working days goes before it gives up; no cap in the rules comes near.
const HORIZON_DAYS: i64 = 20 * 366;

impl Calendar {
    /// A calendar of these years; a later entry for a year replaces an earlier one.
    #[must_use]
    pub fn new(years: impl IntoIterator<Item = (i32, u32, YearDays)>) -> Self {
        Self { years: years.into_iter().map(|(year, version, days)| (year, (version, days))).collect() }
    }

    /// Whether no notice for `year` has been loaded.
    #[must_use]
    pub fn is_provisional(&self, year: i32) -> bool {
        !self.years.contains_key(&year)
    }

    /// The exceptions of a year: those of its notice, or the days that the law knows without one.
    #[must_use]
    pub fn days_of(&self, year: i32) -> YearDays {
        match self.years.get(&year) {
            Some((_, days)) => days.clone(),
            None => YearDays {
                holidays: NaiveDate::from_ymd_opt(year, 1, 1)
                    .into_iter()
                    .flat_map(|first| first.iter_days().take_while(move |day| day.year() == year))
                    .filter(|day| is_lawful_holiday(*day))
                    .collect(),
                workdays: BTreeSet::new(),
            },
        }
    }

    /// The loaded years with version and exceptions.
    pub fn years(&self) -> impl Iterator<Item = (i32, u32, &YearDays)> {
        self.years.iter().map(|(year, (version, days))| (*year, *version, days))
    }

    /// Whether `date` is a working day.
    #[must_use]
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        match self.years.get(&date.year()) {
            Some((_, days)) if weekend => days.workdays.contains(&date),
            Some((_, days)) => !days.holidays.contains(&date),
            None => !weekend && !is_lawful_holiday(date),
        }
    }

    /// The working days after `date`, in order.
    pub fn working_days_after(&self, date: NaiveDate) -> impl Iterator<Item = NaiveDate> + '_ {
        (1..HORIZON_DAYS)
            .filter_map(move |offset| date.checked_add_signed(TimeDelta::days(offset)))
            .filter(|day| self.is_working_day(*day))
    }

    /// The `count`-th working day after `date`; day 1 is the next working day.
    #[must_use]
    pub fn working_day(&self, date: NaiveDate, count: u32) -> NaiveDate {
        if count == 0 {
            return date;
        }
        self.working_days_after(date).nth(count as usize - 1).unwrap_or(NaiveDate::MAX)
    }

    /// The end (24:00 China time) of the `count`-th working day after `event`.
    #[must_use]
    pub fn end_of_working_day(&self, event: DateTime<Utc>, count: u32) -> DateTime<Utc> {
        end_of(self.working_day(china_date(event), count))
    }

    /// How many working days lie between the day of `from` (not counted) and the day of `to` (counted).
    #[must_use]
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> u32 {
        self.working_days_after(from).take_while(|day| *day <= to).count().try_into().unwrap_or(u32::MAX)
    }

    /// Office hours on `date`, as moments; none on a day off.
    pub fn office_hours(&self, date: NaiveDate) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        let works = self.is_working_day(date);
        OFFICE_HOURS.iter().filter(move |_| works).filter_map(move |(from, to)| {
            let at = |time| date.and_time(time).and_local_timezone(CHINA).single();
            Some((at(*from)?.to_utc(), at(*to)?.to_utc()))
        })
    }

    /// The version of the notices that govern the days from `from` to `to`, such as `2026.1+2027.provisional`.
    #[must_use]
    pub fn version(&self, from: NaiveDate, to: NaiveDate) -> String {
        (from.year()..=to.year().min(from.year() + 20))
            .map(|year| match self.years.get(&year) {
                Some((version, _)) => format!("{year}.{version}"),
                None => format!("{year}.provisional"),
            })
            .collect::<Vec<_>>()
            .join("+")
    }
}

/// Whether the law gives everybody this day off, as far as the solar calendar tells: New Year, Qingming, Labour Day and
/// National Day (全国年节及纪念日放假办法, State Council decree 795 of 2024, Art. 2). Spring Festival, Dragon Boat and
/// Mid-Autumn follow the moon and wait for the notice.
fn is_lawful_holiday(date: NaiveDate) -> bool {
    match (date.month(), date.day()) {
        (1, 1) | (5, 1 | 2) | (10, 1..=3) => true,
        (4, day) => Some(day) == qingming(date.year()),
        _ => false,
    }
}

/// The day of April on which Qingming falls; known for this century.
fn qingming(year: i32) -> Option<u32> {
    let within = u32::try_from(year).ok().filter(|year| (2000..2100).contains(year))? % 100;
    // The solar term drifts by 0.2422 days a year and each leap day brings it back.
    Some((within * 2_422 + 48_100) / 10_000 - within / 4)
}

/// 24:00 China time of `date`.
#[must_use]
pub fn end_of(date: NaiveDate) -> DateTime<Utc> {
    china_midnight(date.succ_opt().unwrap_or(date))
}

/// Reads the vendored file format: one map of holidays and one of make-up days for all years together.
pub fn parse_years(json: &str) -> Result<BTreeMap<i32, YearDays>, serde_json::Error> {
    #[derive(Deserialize)]
    struct File {
        holidays: BTreeMap<NaiveDate, serde_json::Value>,
        workdays: BTreeMap<NaiveDate, serde_json::Value>,
    }
    let file: File = serde_json::from_str(json)?;
    let mut years = BTreeMap::<i32, YearDays>::new();
    for date in file.holidays.into_keys() {
        years.entry(date.year()).or_default().holidays.insert(date);
    }
    for date in file.workdays.into_keys() {
        years.entry(date.year()).or_default().workdays.insert(date);
    }
    Ok(years)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn published() -> Calendar {
        let years = parse_years(include_str!("../../data/chinese-days.json")).unwrap_or_default();
        Calendar::new(years.into_iter().map(|(year, days)| (year, 1, days)))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn make_up_days_of_2026_are_worked_and_holidays_are_not() {
        let calendar = published();
        for text in ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"] {
            assert!(calendar.is_working_day(day(text)), "{text} is a make-up day");
        }
        for text in ["2026-01-01", "2026-02-17", "2026-10-07", "2026-11-21"] {
            assert!(!calendar.is_working_day(day(text)), "{text} is off");
        }
    }

    #[test]
    fn five_working_days_across_the_national_day_holiday() {
        // 30 September is a Wednesday; 1–7 October are off and Saturday the 10th is worked.
        let calendar = published();
        assert_eq!(calendar.working_day(day("2026-09-30"), 1), day("2026-10-08"));
        assert_eq!(calendar.working_day(day("2026-09-30"), 3), day("2026-10-10"));
        assert_eq!(calendar.working_day(day("2026-09-30"), 5), day("2026-10-13"));
    }

    #[test]
    fn a_year_without_notice_is_provisional() {
        let calendar = published();
        assert!(!calendar.is_provisional(2026));
        assert!(calendar.is_provisional(2027));
        assert_eq!(calendar.version(day("2026-12-01"), day("2027-01-05")), "2026.1+2027.provisional");
        let days = calendar.days_of(2027);
        let off = ["2027-01-01", "2027-04-05", "2027-05-01", "2027-05-02", "2027-10-01", "2027-10-02", "2027-10-03"];
        assert_eq!(days, YearDays { holidays: off.map(day).into(), workdays: BTreeSet::new() });
        assert!(!calendar.is_working_day(day("2027-01-01")) && calendar.is_working_day(day("2027-01-04")));
    }

    #[test]
    fn what_the_law_says_of_the_solar_year_is_in_every_notice_since() {
        let calendar = published();
        let years = calendar.years().filter(|(year, ..)| *year >= 2008);
        for (year, _, days) in years {
            for date in Calendar::default().days_of(year).holidays {
                // The second day of May and of the weekend bridges came with the revision that took effect in 2025.
                let newer = (date.month(), date.day()) == (5, 2) && year < 2025;
                let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
                assert!(newer || weekend || days.holidays.contains(&date), "{date}");
            }
        }
    }

    proptest! {
        #[test]
        fn due_days_are_working_days_counted_without_gap(offset in 0i64..1_500, count in 1u32..60) {
            let calendar = published();
            let start = day("2024-01-01") + TimeDelta::days(offset);
            let due = calendar.working_day(start, count);
            prop_assert!(calendar.is_working_day(due));
            prop_assert_eq!(calendar.working_days_between(start, due), count);
        }

        #[test]
        fn due_times_never_run_backwards(first in 0i64..20_000, gap in 0i64..20_000, count in 1u32..40) {
            let calendar = published();
            let start = china_midnight(day("2025-01-01")) + TimeDelta::minutes(first * 17);
            let later = start + TimeDelta::minutes(gap);
            prop_assert!(calendar.end_of_working_day(start, count) <= calendar.end_of_working_day(later, count));
        }
    }
}
