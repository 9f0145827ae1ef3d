//! How an endpoint is doing: what its failures mean for everything that waits there.

use chrono::{DateTime, Utc};

use super::{
    WebhookOutcome,
    schedule::{SPAN, asked, rest},
};

/// How an endpoint is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures in a row; those that were under way together count once. While there are any, one message goes at a time.
    pub failures: i32,
    /// Since when every attempt failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// Until when nothing is attempted.
    pub rest_until: Option<DateTime<Utc>>,
}

impl Health {
    /// Of an endpoint that somebody lets go on, or has moved: nothing is held against it, but where it is in doubt, one
    /// message goes first.
    #[must_use]
    pub fn anew(in_doubt: bool) -> Self {
        Self { failures: i32::from(in_doubt), ..Self::default() }
    }

    /// After an attempt with a message that was taken in hand when there were `seen` failures.
    #[must_use]
    pub fn after(self, outcome: WebhookOutcome, seen: i32, retry_after: Option<u32>, now: DateTime<Utc>) -> Self {
        // Taken in hand before the last failure that counted, it tells nothing of the time since.
        let late = seen < self.failures;
        if outcome == WebhookOutcome::Delivered {
            return Self { rest_until: self.rest_until.filter(|_| late), ..Self::default() };
        }
        let failures = if late { self.failures } else { self.failures.saturating_add(1) };
        let rest = if late { asked(outcome, retry_after) } else { Some(rest(outcome, failures, retry_after)) };
        Self {
            failures,
            failing_since: self.failing_since.or(Some(now)),
            rest_until: self.rest_until.max(rest.map(|rest| now + rest)),
        }
    }

    /// Whether it has only failed for so long that what waited is given up where its time is over.
    #[must_use]
    pub fn outlasts(&self, now: DateTime<Utc>) -> bool {
        self.failing_since.is_some_and(|since| now - since >= SPAN)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-02T01:00:00Z".parse().unwrap()
    }

    fn failing(failures: i32) -> Health {
        Health { failures, failing_since: Some(now()), rest_until: None }
    }

    #[test]
    fn a_failure_makes_it_doubtful_and_the_next_makes_it_rest() {
        let first = Health::default().after(WebhookOutcome::Rejected, 0, None, now());
        assert_eq!(first, Health { failures: 1, failing_since: Some(now()), rest_until: Some(now()) });
        let later = now() + TimeDelta::seconds(1);
        let second = first.after(WebhookOutcome::TimedOut, 1, None, later);
        let rest_until = Some(later + TimeDelta::seconds(5));
        assert_eq!(second, Health { failures: 2, failing_since: Some(now()), rest_until });
        assert_eq!(second.after(WebhookOutcome::Delivered, 2, None, later), Health::default());
    }

    #[test]
    fn who_asks_for_time_is_heard_even_if_others_are_answered_later() {
        let first = Health::default().after(WebhookOutcome::Busy, 0, Some(7), now());
        assert_eq!(first.rest_until, Some(now() + TimeDelta::seconds(7)));
        let second = first.after(WebhookOutcome::Busy, 0, Some(30), now());
        assert_eq!((second.failures, second.rest_until), (1, Some(now() + TimeDelta::seconds(30))));
        let third = second.after(WebhookOutcome::Delivered, 0, None, now());
        assert_eq!(third, Health { rest_until: second.rest_until, ..Health::default() });
        // What was taken in hand before all of this was forgotten fails now.
        assert_eq!(Health::default().after(WebhookOutcome::Rejected, 3, None, now()).failing_since, Some(now()));
    }

    #[test]
    fn what_goes_on_is_tried_with_one_where_it_was_in_doubt() {
        assert_eq!(Health::anew(false), Health::default());
        assert_eq!(Health::anew(true), Health { failures: 1, ..Health::default() });
    }

    #[test]
    fn it_is_given_up_after_the_whole_span() {
        assert!(!failing(3).outlasts(now() + SPAN - TimeDelta::seconds(1)));
        assert!(failing(3).outlasts(now() + SPAN));
        assert!(!Health::default().outlasts(now() + SPAN));
    }

    proptest! {
        #[test]
        fn failures_that_were_under_way_together_count_once(before in 0..1_000_i32, together in 1..100_usize) {
            let fails = |health: Health, _| health.after(WebhookOutcome::Unreachable, before, None, now());
            let after = (0..together).fold(failing(before), fails);
            prop_assert_eq!(after, failing(before).after(WebhookOutcome::Unreachable, before, None, now()));
            prop_assert_eq!(after.failures, before + 1);
        }

        #[test]
        fn an_attempt_never_shortens_a_rest_but_by_success(
            before in 0..1_000_i32,
            seen in 0..1_000_i32,
            retry_after in proptest::option::of(0..100_000_u32),
        ) {
            let resting = Health { rest_until: Some(now() + TimeDelta::seconds(30)), ..failing(before) };
            let after = resting.after(WebhookOutcome::Busy, seen, retry_after, now());
            prop_assert!(after.rest_until >= resting.rest_until);
            prop_assert!(after.rest_until <= Some(now() + TimeDelta::hours(1)));
            prop_assert!(after.failures >= resting.failures && after.failing_since == resting.failing_since);
        }
    }
}
