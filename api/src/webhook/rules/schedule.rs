//! When an attempt is repeated, when it is given up, when an endpoint rests.

use chrono::{DateTime, TimeDelta, Utc};

use super::{WebhookDisabledReason, WebhookOutcome};

/// Seconds until the next attempt, after each that failed: the schedule that Standard Webhooks proposes, some three days
/// in all.
const WAITS: &[i64] = &[5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];
/// Longest time that a receiver may ask for.
const LONGEST: i64 = 24 * 3_600;
/// Longest rest of an endpoint that fails, so that it is noticed soon when it is back.
const REST: i64 = 5 * 60;

/// How long the secret before the present one signs, too.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is done.
    Done,
    /// It is tried again then.
    Again(DateTime<Utc>),
    /// It is given up.
    GivenUp,
}

/// What follows from the `tries`-th attempt. `chance`, from 0 to 1, spreads those who failed together: up to a tenth
/// earlier or later.
#[must_use]
pub fn next(outcome: WebhookOutcome, tries: i32, retry_after: Option<u32>, now: DateTime<Utc>, chance: f64) -> Next {
    if outcome == WebhookOutcome::Delivered {
        return Next::Done;
    }
    let wait = usize::try_from(tries - 1).ok().and_then(|index| WAITS.get(index));
    let Some(wait) = wait.filter(|_| outcome != WebhookOutcome::Gone) else { return Next::GivenUp };
    let asked = retry_after.filter(|_| outcome == WebhookOutcome::Busy).map_or(0, i64::from).min(LONGEST);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a day has few milliseconds")]
    let spread = (*wait as f64 * 1_000.0 * (0.9 + 0.2 * chance.clamp(0.0, 1.0))) as i64;
    Next::Again(now + TimeDelta::milliseconds(spread.max(asked * 1_000)))
}

/// How long an endpoint rests after so many failures in a row: all its deliveries wait, one attempt tells whether it is
/// back. A receiver that asks for time gets it.
#[must_use]
pub fn rest(outcome: WebhookOutcome, failures: i32, retry_after: Option<u32>) -> TimeDelta {
    let asked = retry_after.filter(|_| outcome == WebhookOutcome::Busy).map_or(0, i64::from);
    // The first failure may be the message's fault; from the second on the endpoint is suspected.
    let own = if failures < 2 { 0 } else { 1_i64 << failures.min(9) };
    TimeDelta::seconds(own.max(asked).min(REST))
}

/// Whether the endpoint is switched off now.
#[must_use]
pub fn disabled(
    outcome: WebhookOutcome,
    failing_since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    patience: TimeDelta,
) -> Option<WebhookDisabledReason> {
    match outcome {
        WebhookOutcome::Gone => Some(WebhookDisabledReason::Gone),
        WebhookOutcome::Delivered => None,
        _ => failing_since.filter(|since| now - *since >= patience).map(|_| WebhookDisabledReason::Failing),
    }
}

/// What an HTTP status means.
#[must_use]
pub fn outcome_of(status: u16) -> WebhookOutcome {
    match status {
        200..=299 => WebhookOutcome::Delivered,
        410 => WebhookOutcome::Gone,
        429 | 503 => WebhookOutcome::Busy,
        _ => WebhookOutcome::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-02T01:00:00Z".parse().unwrap()
    }

    fn wait(outcome: WebhookOutcome, tries: i32, retry_after: Option<u32>) -> Option<i64> {
        match next(outcome, tries, retry_after, now(), 0.5) {
            Next::Again(at) => Some((at - now()).num_seconds()),
            _ => None,
        }
    }

    #[test]
    fn attempts_grow_rarer_and_end() {
        let waits: Vec<i64> = (1..).map_while(|tries| wait(WebhookOutcome::Rejected, tries, None)).collect();
        assert_eq!(waits.len(), 9);
        assert!(waits.is_sorted() && waits[0] == 5 && waits[8] == 86_400);
        assert_eq!(next(WebhookOutcome::TimedOut, 10, None, now(), 0.5), Next::GivenUp);
        assert_eq!(next(WebhookOutcome::Gone, 1, None, now(), 0.5), Next::GivenUp);
        assert_eq!(next(WebhookOutcome::Delivered, 10, None, now(), 0.5), Next::Done);
    }

    #[test]
    fn who_asks_for_time_gets_it_within_bounds() {
        assert_eq!(wait(WebhookOutcome::Busy, 1, Some(90)), Some(90));
        assert_eq!(wait(WebhookOutcome::Busy, 2, Some(1)), Some(300));
        assert_eq!(wait(WebhookOutcome::Busy, 1, Some(u32::MAX)), Some(86_400));
        assert_eq!(wait(WebhookOutcome::Rejected, 1, Some(90)), Some(5));
        assert_eq!(rest(WebhookOutcome::Busy, 1, Some(60)), TimeDelta::seconds(60));
        assert_eq!(rest(WebhookOutcome::Rejected, 1, None), TimeDelta::zero());
        assert_eq!(rest(WebhookOutcome::TimedOut, 3, None), TimeDelta::seconds(8));
        assert_eq!(rest(WebhookOutcome::TimedOut, i32::MAX, None), TimeDelta::seconds(300));
    }

    #[test]
    fn an_endpoint_that_only_fails_is_switched_off() {
        let (since, patience) = (now() - TimeDelta::days(5), TimeDelta::days(5));
        let disabled = |outcome, since| disabled(outcome, since, now(), patience);
        assert_eq!(disabled(WebhookOutcome::TimedOut, Some(since)), Some(WebhookDisabledReason::Failing));
        assert_eq!(disabled(WebhookOutcome::TimedOut, Some(since + TimeDelta::seconds(1))), None);
        assert_eq!(disabled(WebhookOutcome::TimedOut, None), None);
        assert_eq!(disabled(WebhookOutcome::Delivered, Some(since)), None);
        assert_eq!(disabled(WebhookOutcome::Gone, None), Some(WebhookDisabledReason::Gone));
    }

    proptest! {
        #[test]
        fn chance_moves_an_attempt_a_tenth_at_most(tries in 1..10_i32, chance in 0.0..=1.0_f64) {
            let Next::Again(at) = next(WebhookOutcome::Rejected, tries, None, now(), chance) else { panic!() };
            let middle = WAITS[usize::try_from(tries - 1).unwrap()] * 1_000;
            let wait = (at - now()).num_milliseconds();
            prop_assert!((wait - middle).abs() <= middle / 10 + 1);
        }
    }
}
