//! What couriers read and write: marks, leases, what came of attempts. Every change is conditional on what the courier has
//! seen, so that of two nodes one does it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Cond, Expr, ExprTrait, LockBehavior, LockType, Query},
};
use serde_json::Value;
use uuid::Uuid;
use yidan_entity::{audit_chain, audit_event, webhook_attempt, webhook_delivery, webhook_endpoint};

use crate::kernel::{
    fault::{Fault, Outcome},
    feed::Happening,
    ids::{ProceedingId, ProvinceId, WebhookDeliveryId, WebhookEndpointId},
    runner::Tx,
};
use crate::webhook::rules::{Attempt, Delivery, Endpoint, Health, WebhookDeliveryState, WebhookEndpointState};

use webhook_delivery::Column as D;
use webhook_endpoint::Column as E;

/// The number of the last event of a province.
pub async fn chain_head(db: &impl ConnectionTrait, province: ProvinceId) -> Outcome<i64> {
    Ok(audit_chain::Entity::find_by_id(province.0).one(db).await?.map_or(0, |chain| chain.seq))
}

/// Endpoints for which there are events that nobody has looked at.
pub async fn behind(db: &impl ConnectionTrait) -> Outcome<Vec<Endpoint>> {
    let news = Query::select()
        .expr(Expr::val(1))
        .from(audit_chain::Entity)
        .and_where(
            Expr::col((audit_chain::Entity, audit_chain::Column::ProvinceId))
                .equals((webhook_endpoint::Entity, E::ProvinceId)),
        )
        .and_where(
            Expr::col((audit_chain::Entity, audit_chain::Column::Seq))
                .gt(Expr::col((webhook_endpoint::Entity, E::SeenSeq))),
        )
        .to_owned();
    let rows = webhook_endpoint::Entity::find()
        .filter(E::State.eq(WebhookEndpointState::Active))
        .filter(Expr::exists(news))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Endpoint::try_from).collect::<Result<_, Fault>>()?)
}

/// Events of a province after a number, in their order.
pub async fn events(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    after: i64,
    limit: u64,
) -> Outcome<Vec<Happening>> {
    let events = audit_event::Entity::find()
        .filter(audit_event::Column::ProvinceId.eq(province.0))
        .filter(audit_event::Column::Seq.gt(after))
        .order_by_asc(audit_event::Column::Seq)
        .limit(limit)
        .all(db);
    Ok(events.await?)
}

/// What events of these proceedings left behind, up to a number, in their order.
pub async fn history(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    ids: &[ProceedingId],
    to: i64,
) -> Outcome<Vec<(Option<Uuid>, i64, Option<Value>)>> {
    let rows = audit_event::Entity::find()
        .select_only()
        .column(audit_event::Column::ProceedingId)
        .column(audit_event::Column::Seq)
        .column(audit_event::Column::After)
        .filter(audit_event::Column::ProvinceId.eq(province.0))
        .filter(audit_event::Column::ProceedingId.is_in(ids.iter().map(|id| id.0)))
        .filter(audit_event::Column::Seq.lte(to))
        .order_by_asc(audit_event::Column::Seq)
        .into_tuple::<(Option<Uuid>, i64, Option<Value>)>()
        .all(db);
    Ok(rows.await?)
}

/// Notes that events up to `to` were looked at and `made` deliveries made of them; false if another node was first, or the
/// endpoint is not active any more. Answers the number of the delivery before the first of these.
pub async fn move_mark(tx: &Tx, seen: &Endpoint, to: i64, made: i64) -> Outcome<Option<i64>> {
    let moved = webhook_endpoint::Entity::update_many()
        .col_expr(E::SeenSeq, Expr::value(to))
        .col_expr(E::LastNumber, Expr::col(E::LastNumber).add(made))
        .filter(E::Id.eq(seen.id.0))
        .filter(E::SeenSeq.eq(seen.seen))
        .filter(E::State.eq(WebhookEndpointState::Active))
        .exec(tx.db())
        .await?;
    if moved.rows_affected == 0 {
        return Ok(None);
    }
    last_number(tx, seen.id).await.map(|last| Some(last - made))
}

/// Takes the number of one delivery more.
pub async fn next_number(tx: &Tx, endpoint: WebhookEndpointId) -> Outcome<i64> {
    webhook_endpoint::Entity::update_many()
        .col_expr(E::LastNumber, Expr::col(E::LastNumber).add(1))
        .filter(E::Id.eq(endpoint.0))
        .exec(tx.db())
        .await?;
    last_number(tx, endpoint).await
}

async fn last_number(tx: &Tx, endpoint: WebhookEndpointId) -> Outcome<i64> {
    let row = webhook_endpoint::Entity::find_by_id(endpoint.0).one(tx.db()).await?;
    row.map(|row| row.last_number).ok_or_else(|| Fault::new("an endpoint that was just changed is gone").into())
}

/// Written out and not bound, so that the partial indexes on states are good for it.
pub(super) fn is(state: WebhookDeliveryState) -> Expr {
    let word = Expr::cust(format!("'{}'", state.code()));
    Expr::col((webhook_delivery::Entity, D::State)).eq(word)
}

/// Waits and is in nobody's hand.
fn free(now: DateTime<Utc>) -> Cond {
    let in_no_hand = Cond::any().add(D::Lease.is_null()).add(D::LeaseUntil.lte(now));
    Cond::all().add(is(WebhookDeliveryState::Pending)).add(in_no_hand)
}

fn due(now: DateTime<Utc>) -> Cond {
    free(now).add(D::NextAt.lte(now))
}

/// Active endpoints that do not rest and have something due, with how many failures there were in a row.
pub async fn due_endpoints(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Outcome<Vec<(WebhookEndpointId, i32)>> {
    let waiting = Query::select()
        .expr(Expr::val(1))
        .from(webhook_delivery::Entity)
        .and_where(Expr::col((webhook_delivery::Entity, D::EndpointId)).equals((webhook_endpoint::Entity, E::Id)))
        .cond_where(due(now))
        .to_owned();
    let rows: Vec<(Uuid, i32)> = webhook_endpoint::Entity::find()
        .select_only()
        .columns([E::Id, E::Failures])
        .filter(E::State.eq(WebhookEndpointState::Active))
        .filter(Cond::any().add(E::RestUntil.is_null()).add(E::RestUntil.lte(now)))
        .filter(Expr::exists(waiting))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, failures)| (id.into(), failures)).collect())
}

/// How many deliveries of an endpoint couriers have in hand, those of other nodes among them.
pub async fn in_hand(tx: &Tx, endpoint: WebhookEndpointId) -> Outcome<u64> {
    let found = webhook_delivery::Entity::find()
        .filter(D::EndpointId.eq(endpoint.0))
        .filter(is(WebhookDeliveryState::Pending))
        .filter(D::LeaseUntil.gt(tx.now()))
        .count(tx.db());
    Ok(found.await?)
}

/// Takes up to `limit` due deliveries of an endpoint in hand until then; which, in the order in which they are due.
pub async fn lease(
    tx: &Tx,
    endpoint: WebhookEndpointId,
    limit: u64,
    lease: Uuid,
    until: DateTime<Utc>,
) -> Outcome<Vec<WebhookDeliveryId>> {
    let ids: Vec<Uuid> = webhook_delivery::Entity::find()
        .select_only()
        .column(D::Id)
        .filter(D::EndpointId.eq(endpoint.0))
        .filter(due(tx.now()))
        // Somebody waits to see what comes of these.
        .order_by_asc(D::AskedAt.is_null())
        .order_by_asc(D::NextAt)
        .order_by_asc(D::Number)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(tx.db())
        .await?;
    webhook_delivery::Entity::update_many()
        .col_expr(D::Lease, Expr::value(lease))
        .col_expr(D::LeaseUntil, Expr::value(until))
        .filter(D::Id.is_in(ids.iter().copied()))
        .filter(due(tx.now()))
        .exec(tx.db())
        .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// A delivery that is still in hand under this lease.
pub async fn leased(db: &impl ConnectionTrait, id: WebhookDeliveryId, lease: Uuid) -> Outcome<Option<Delivery>> {
    let row = webhook_delivery::Entity::find_by_id(id.0)
        .filter(D::Lease.eq(lease))
        .filter(D::State.eq(WebhookDeliveryState::Pending))
        .one(db)
        .await?;
    Ok(row.map(Delivery::try_from).transpose()?)
}

/// What becomes of a delivery after an attempt.
pub struct Settled {
    /// State.
    pub state: WebhookDeliveryState,
    /// When it is tried next.
    pub next_at: Option<DateTime<Utc>>,
}

/// Notes what came of an attempt and gives the delivery out of hand; false if the lease ran out and somebody else has it.
pub async fn settle(tx: &Tx, delivery: &Delivery, lease: Uuid, settled: Settled, attempt: Attempt) -> Outcome<bool> {
    let finished = settled.next_at.is_none().then_some(tx.now());
    let done = webhook_delivery::Entity::update_many()
        .col_expr(D::State, Expr::value(settled.state))
        .col_expr(D::Attempts, Expr::value(delivery.attempts + 1))
        .col_expr(D::Tries, Expr::value(delivery.tries + 1))
        .col_expr(D::NextAt, Expr::value(settled.next_at))
        .col_expr(D::AskedAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(D::FinishedAt, Expr::value(finished))
        .col_expr(D::Lease, Expr::value(None::<Uuid>))
        .col_expr(D::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(D::Id.eq(delivery.id.0))
        .filter(D::Lease.eq(lease))
        .exec(tx.db())
        .await?;
    if done.rows_affected == 0 {
        return Ok(false);
    }
    let row = webhook_attempt::ActiveModel {
        delivery_id: Set(delivery.id.0),
        number: Set(attempt.number),
        province_id: Set(delivery.province.0),
        at: Set(attempt.at),
        outcome: Set(attempt.outcome.code().to_owned()),
        status: Set(attempt.status),
        millis: Set(attempt.millis),
        answer: Set(attempt.answer),
    };
    webhook_attempt::Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(true)
}

/// Holds an endpoint until the transaction ends.
pub async fn hold_endpoint(tx: &Tx, id: WebhookEndpointId) -> Outcome<Option<Endpoint>> {
    let row = webhook_endpoint::Entity::find_by_id(id.0).lock_exclusive().one(tx.db()).await?;
    Ok(row.map(Endpoint::try_from).transpose()?)
}

/// Notes how an endpoint is doing.
pub async fn note_health(tx: &Tx, id: WebhookEndpointId, health: Health) -> Outcome<()> {
    webhook_endpoint::Entity::update_many()
        .col_expr(E::Failures, Expr::value(health.failures))
        .col_expr(E::FailingSince, Expr::value(health.failing_since))
        .col_expr(E::RestUntil, Expr::value(health.rest_until))
        .filter(E::Id.eq(id.0))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Gives up what waits at an endpoint and whose time is over, however often it was tried.
pub async fn give_up(tx: &Tx, endpoint: WebhookEndpointId) -> Outcome<()> {
    webhook_delivery::Entity::update_many()
        .col_expr(D::State, Expr::value(WebhookDeliveryState::Failed))
        .col_expr(D::NextAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(D::AskedAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(D::FinishedAt, Expr::value(tx.now()))
        // A courier that is gone may have left its own.
        .col_expr(D::Lease, Expr::value(None::<Uuid>))
        .col_expr(D::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(D::EndpointId.eq(endpoint.0))
        .filter(D::GiveUpAt.lte(tx.now()))
        .filter(free(tx.now()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Forgets deliveries that were finished before then.
pub async fn forget(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Outcome<u64> {
    Ok(webhook_delivery::Entity::delete_many().filter(D::FinishedAt.lt(before)).exec(db).await?.rows_affected)
}

/// How many deliveries wait and how many were given up, in all provinces.
pub async fn totals(db: &impl ConnectionTrait) -> Outcome<HashMap<WebhookDeliveryState, u64>> {
    let mut totals = HashMap::new();
    for state in [WebhookDeliveryState::Pending, WebhookDeliveryState::Failed] {
        totals.insert(state, webhook_delivery::Entity::find().filter(is(state)).count(db).await?);
    }
    Ok(totals)
}
