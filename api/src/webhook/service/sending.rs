//! What couriers do: take deliveries in hand, note what came of them. In between no transaction is open and no connection
//! held.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::disable;
use crate::{
    kernel::{
        ctx::Ctx,
        fault::Outcome,
        ids::{WebhookDeliveryId, WebhookEndpointId},
        runner::{Tx, UseCase, run},
    },
    webhook::{
        rules::{Attempt, Delivery, Next, WebhookDeliveryState, WebhookEndpointState, WebhookOutcome, disabled, next},
        store::{self, Settled},
    },
};

/// A delivery in hand.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The delivery.
    pub delivery: Delivery,
    /// Where to.
    pub url: String,
    /// What signs it.
    pub secrets: Vec<Vec<u8>>,
    /// The proof that it is in this courier's hand.
    pub lease: Uuid,
    /// How many failures the endpoint had in a row when it was taken in hand.
    pub failures: i32,
}

/// What came of an attempt, as the courier saw it.
#[derive(Clone, Debug)]
pub struct Report {
    /// What came of it.
    pub outcome: WebhookOutcome,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// How many seconds the receiver asks for.
    pub retry_after: Option<u32>,
    /// How the answer begins.
    pub answer: Option<String>,
    /// How long it took.
    pub millis: u128,
    /// Something between 0 and 1, to spread what failed together.
    pub chance: f64,
}

#[derive(Serialize)]
struct Lease {
    endpoint: WebhookEndpointId,
    limit: u64,
    under: Uuid,
    until: DateTime<Utc>,
}

impl UseCase for Lease {
    const NAME: &'static str = "leaseWebhooks";
    type Output = (i32, Vec<WebhookDeliveryId>);

    async fn execute(&self, tx: &Tx) -> Outcome<Self::Output> {
        tx.unrecorded("it takes in hand what is in the log");
        // The endpoint is held, so that of several nodes one finds out whether it is back.
        let found = store::hold_endpoint(tx, self.endpoint).await?;
        let Some(endpoint) = found.filter(|endpoint| endpoint.state == WebhookEndpointState::Active) else {
            return Ok((0, Vec::new()));
        };
        let failures = endpoint.health.failures;
        let limit = match endpoint.health.rest_until {
            Some(until) if until > tx.now() => 0,
            _ if failures == 0 => self.limit,
            _ => 1_u64.saturating_sub(store::in_hand(tx, self.endpoint).await?),
        };
        if limit == 0 {
            return Ok((failures, Vec::new()));
        }
        Ok((failures, store::lease(tx, self.endpoint, limit, self.under, self.until).await?))
    }
}

/// Takes up to `limit` due deliveries of an endpoint in hand for a while: one where it failed last, none while it rests.
pub async fn take(ctx: &Ctx, endpoint: WebhookEndpointId, limit: u64, time: TimeDelta) -> Outcome<Vec<Parcel>> {
    let lease = Uuid::now_v7();
    let (failures, ids) = run(ctx, &Lease { endpoint, limit, under: lease, until: ctx.now() + time }).await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = store::endpoint(ctx.db().read(), endpoint).await?;
    // Held a moment ago: what is in hand falls back when the lease ends.
    let Some(found) = found.filter(|endpoint| endpoint.state == WebhookEndpointState::Active) else {
        return Ok(Vec::new());
    };
    let secrets = super::secrets(ctx, endpoint).await?;
    let mut parcels = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(delivery) = store::leased(ctx.db().read(), id, lease).await? {
            parcels.push(Parcel { delivery, url: found.url.clone(), secrets: secrets.clone(), lease, failures });
        }
    }
    Ok(parcels)
}

#[derive(Serialize)]
struct Settle<'a> {
    delivery: WebhookDeliveryId,
    #[serde(skip)]
    parcel: &'a Parcel,
    #[serde(skip)]
    report: &'a Report,
    #[serde(skip)]
    patience: TimeDelta,
}

impl UseCase for Settle<'_> {
    const NAME: &'static str = "settleWebhook";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        let (delivery, report, now) = (&self.parcel.delivery, self.report, tx.now());
        tx.unrecorded("what came of a delivery stands in the log");
        // The endpoint first, as everywhere, so that two couriers never wait for each other.
        let Some(endpoint) = store::hold_endpoint(tx, delivery.endpoint).await? else { return Ok(()) };
        let following = next(report.outcome, delivery.tries + 1, report.retry_after, now, report.chance);
        let settled = match following {
            Next::Done => Settled { state: WebhookDeliveryState::Delivered, next_at: None },
            Next::Again(at) => Settled { state: WebhookDeliveryState::Pending, next_at: Some(at) },
            Next::GivenUp => Settled { state: WebhookDeliveryState::Failed, next_at: None },
        };
        let attempt = Attempt {
            number: delivery.attempts + 1,
            at: now,
            outcome: report.outcome,
            status: report.status.map(i32::from),
            millis: i32::try_from(report.millis).unwrap_or(i32::MAX),
            answer: report.answer.clone().filter(|text| !text.is_empty()),
        };
        if !store::settle(tx, delivery, self.parcel.lease, settled, attempt).await? {
            return Ok(());
        }
        // What an endpoint did at an address that was changed meanwhile says nothing about the new one.
        if endpoint.url != self.parcel.url {
            return Ok(());
        }
        let health = endpoint.health.after(report.outcome, self.parcel.failures, report.retry_after, now);
        if health != endpoint.health {
            store::note_health(tx, endpoint.id, health).await?;
        }
        let active = endpoint.state == WebhookEndpointState::Active;
        if let Some(reason) = disabled(report.outcome, health.failing_since, now, self.patience).filter(|_| active) {
            return disable(tx, &endpoint, reason).await;
        }
        // Others were tried in its place; it does not wait for ever.
        if health.outlasts(now) {
            store::give_up(tx, endpoint.id).await?;
        }
        Ok(())
    }
}

/// Notes what came of a delivery. An endpoint that has failed for as long as `patience` is switched off.
pub async fn settle(ctx: &Ctx, parcel: &Parcel, report: &Report, patience: TimeDelta) -> Outcome<()> {
    run(ctx, &Settle { delivery: parcel.delivery.id, parcel, report, patience }).await
}
