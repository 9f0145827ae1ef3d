//! When an attempt is repeated, when it is given up, how long an endpoint rests.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Delivery, Endpoint, WebhookDeliveryState, WebhookDisabledReason, WebhookEndpointState, WebhookGivenUpReason,
    WebhookOutcome,
};

/// Seconds until the next attempt, after each that failed: the schedule that Standard Webhooks proposes, some three days
/// in all.
const WAITS: &[i64] = &[5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];
/// Longest time that a receiver may ask for, in seconds: more would hold what happens back for too long.
const LONGEST: i64 = 3_600;
/// Shortest rest of an endpoint that fails, in seconds; it doubles with each failure.
const REST: i64 = 5;
/// Longest of these, so that it is noticed soon when the endpoint is back.
const LONGEST_REST: i64 = 60;

/// How long a delivery may wait where an endpoint only fails. The whole schedule fits in: who is tried as often as it says
/// is given up earlier.
pub const SPAN: TimeDelta = TimeDelta::days(4);
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
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a day has few milliseconds")]
    let spread = (*wait as f64 * 1_000.0 * (0.9 + 0.2 * chance.clamp(0.0, 1.0))) as i64;
    let own = TimeDelta::milliseconds(spread);
    Next::Again(now + asked(outcome, retry_after).map_or(own, |asked| own.max(asked)))
}

/// For how long a receiver wants to be left alone, within bounds.
pub(super) fn asked(outcome: WebhookOutcome, retry_after: Option<u32>) -> Option<TimeDelta> {
    let seconds = retry_after.filter(|_| outcome == WebhookOutcome::Busy)?;
    Some(TimeDelta::seconds(i64::from(seconds).clamp(1, LONGEST)))
}

/// How long an endpoint rests after so many failures in a row: all its deliveries wait, then one attempt tells whether it is
/// back. A receiver that asks for time gets what it asks for.
#[must_use]
pub fn rest(outcome: WebhookOutcome, failures: i32, retry_after: Option<u32>) -> TimeDelta {
    // The first failure may be the message's fault; from the second on the endpoint is suspected.
    let own = if failures < 2 { 0 } else { (REST << (failures - 2).min(4)).min(LONGEST_REST) };
    asked(outcome, retry_after).unwrap_or(TimeDelta::seconds(own))
}

/// When a delivery is tried next at the earliest: at its own time, or when its endpoint has rested. Never while nothing goes
/// to the endpoint.
#[must_use]
pub fn tried_next(delivery: &Delivery, endpoint: &Endpoint) -> Option<DateTime<Utc>> {
    let own = delivery.next_at.filter(|_| endpoint.state == WebhookEndpointState::Active)?;
    Some(endpoint.health.rest_until.map_or(own, |rest| own.max(rest)))
}

/// Why a delivery was given up; none if it was not.
#[must_use]
pub fn given_up(delivery: &Delivery) -> Option<WebhookGivenUpReason> {
    if delivery.state != WebhookDeliveryState::Failed {
        return None;
    }
    let exhausted = usize::try_from(delivery.tries).is_ok_and(|tries| tries > WAITS.len());
    let overdue = delivery.give_up_at.zip(delivery.finished_at).is_some_and(|(end, finished)| end <= finished);
    Some(match (exhausted, overdue) {
        (true, _) => WebhookGivenUpReason::Exhausted,
        (false, true) => WebhookGivenUpReason::Overdue,
        (false, false) => WebhookGivenUpReason::Gone,
    })
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
    use crate::{
        kernel::ids::{ProvinceId, WebhookDeliveryId, WebhookEndpointId},
        webhook::rules::Health,
    };

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
        assert_eq!(wait(WebhookOutcome::Busy, 1, Some(7)), Some(7));
        assert_eq!(wait(WebhookOutcome::Busy, 1, Some(u32::MAX)), Some(3_600));
        assert_eq!(wait(WebhookOutcome::Rejected, 1, Some(90)), Some(5));
        assert_eq!(rest(WebhookOutcome::Busy, 1, Some(240)), TimeDelta::seconds(240));
        assert_eq!(
            rest(WebhookOutcome::Busy, 40, Some(7)),
            TimeDelta::seconds(7),
            "instead of the endpoint's own rest"
        );
        assert_eq!(rest(WebhookOutcome::Busy, 1, Some(0)), TimeDelta::seconds(1));
        assert_eq!(rest(WebhookOutcome::Busy, 1, Some(u32::MAX)), TimeDelta::seconds(3_600));
    }

    #[test]
    fn rests_are_short() {
        let rests = [1, 2, 3, 4, 5, 6, 7, i32::MAX].map(|failures| rest(WebhookOutcome::TimedOut, failures, None));
        assert_eq!(rests.map(|rest| rest.num_seconds()), [0, 5, 10, 20, 40, 60, 60, 60]);
    }

    #[test]
    fn the_whole_schedule_fits_into_the_span() {
        let (mut at, mut tries) = (now(), 1);
        while let Next::Again(next) = next(WebhookOutcome::Busy, tries, Some(u32::MAX), at, 1.0) {
            (at, tries) = (next, tries + 1);
        }
        assert_eq!(tries, 10);
        let took = at - now();
        assert!(took > TimeDelta::days(3) && took + TimeDelta::hours(6) < SPAN, "{took}");
    }

    fn delivery(state: WebhookDeliveryState, tries: i32) -> Delivery {
        let waits = state == WebhookDeliveryState::Pending;
        Delivery {
            id: WebhookDeliveryId::new(),
            province: ProvinceId::new(),
            endpoint: WebhookEndpointId::new(),
            number: 1,
            act: None,
            kind: "webhook.test".to_owned(),
            body: "{}".to_owned(),
            state,
            attempts: tries,
            tries,
            next_at: waits.then(now),
            give_up_at: Some(now() + SPAN),
            created_at: now(),
            finished_at: (!waits).then(now),
        }
    }

    fn endpoint(state: WebhookEndpointState, rest_until: Option<DateTime<Utc>>) -> Endpoint {
        Endpoint {
            id: WebhookEndpointId::new(),
            province: ProvinceId::new(),
            org: None,
            path: "320000".to_owned(),
            url: "https://hook.example/".to_owned(),
            description: "x".to_owned(),
            acts: None,
            state,
            disabled_because: None,
            old_secret_until: None,
            seen: 0,
            last_number: 1,
            health: Health { rest_until, ..Health::default() },
            created_at: now(),
            revision: 1,
        }
    }

    #[test]
    fn nothing_is_tried_while_its_endpoint_rests_or_is_held() {
        use WebhookDeliveryState::{Delivered, Pending};
        use WebhookEndpointState::{Active, Disabled, Paused};
        let (before, after) = (now() - TimeDelta::seconds(9), now() + TimeDelta::seconds(9));
        let tried = |state, rest_until| tried_next(&delivery(Pending, 1), &endpoint(state, rest_until));
        assert_eq!(tried(Active, None), Some(now()));
        assert_eq!(tried(Active, Some(before)), Some(now()));
        assert_eq!(tried(Active, Some(after)), Some(after));
        assert_eq!((tried(Paused, None), tried(Disabled, Some(after))), (None, None));
        assert_eq!(tried_next(&delivery(Delivered, 1), &endpoint(Active, None)), None);
    }

    #[test]
    fn who_was_given_up_is_told_why() {
        use WebhookDeliveryState::{Delivered, Failed, Pending};
        assert_eq!((given_up(&delivery(Pending, 3)), given_up(&delivery(Delivered, 10))), (None, None));
        assert_eq!(given_up(&delivery(Failed, 10)), Some(WebhookGivenUpReason::Exhausted));
        assert_eq!(given_up(&delivery(Failed, 1)), Some(WebhookGivenUpReason::Gone));
        let overdue = Delivery { finished_at: Some(now() + SPAN), ..delivery(Failed, 9) };
        assert_eq!(given_up(&overdue), Some(WebhookGivenUpReason::Overdue));
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

        #[test]
        fn no_rest_is_longer_than_an_hour_nor_than_a_minute_unless_asked_for(
            failures in 0..=i32::MAX,
            retry_after in proptest::option::of(0..=u32::MAX),
        ) {
            prop_assert!(rest(WebhookOutcome::Busy, failures, retry_after) <= TimeDelta::hours(1));
            prop_assert!(rest(WebhookOutcome::Rejected, failures, retry_after) <= TimeDelta::minutes(1));
            prop_assert!(rest(WebhookOutcome::Rejected, failures, None) >= TimeDelta::zero());
        }
    }
}
