//! The log of deliveries, as those who manage an endpoint read it, and what they have sent again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QueryTrait,
    sea_query::{Expr, SelectStatement},
};
use yidan_entity::{webhook_attempt, webhook_delivery, webhook_endpoint};

use crate::kernel::{
    fault::Outcome,
    ids::{ProvinceId, WebhookDeliveryId, WebhookEndpointId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    policy::{Act, Action, Permit},
    runner::Tx,
};
use crate::webhook::rules::{Attempt, Delivery, SPAN, WebhookDeliveryState};

use webhook_delivery::Column as C;

/// Which deliveries a list shows.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// In one of these states.
    pub states: Option<Vec<WebhookDeliveryState>>,
    /// Of one of these acts.
    pub acts: Option<Vec<Action>>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

/// The select of the deliveries of an endpoint.
#[must_use]
pub fn select_deliveries(endpoint: WebhookEndpointId, filter: &DeliveryFilter) -> SelectStatement {
    let mut select = webhook_delivery::Entity::find().filter(C::EndpointId.eq(endpoint.0));
    if let Some(states) = &filter.states {
        select = select.filter(C::State.is_in(states.iter().copied()));
    }
    if let Some(acts) = &filter.acts {
        select = select.filter(C::Act.is_in(acts.iter().copied()));
    }
    if let Some(from) = filter.from {
        select = select.filter(C::CreatedAt.gte(from));
    }
    if let Some(to) = filter.to {
        select = select.filter(C::CreatedAt.lt(to));
    }
    select.into_query()
}

/// A page of deliveries, newest first.
pub async fn delivery_page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    page: &PageArgs,
) -> Outcome<Page<Delivery>> {
    let order =
        Keyset::new("webhook-deliveries", vec![Key::desc(Expr::col(("webhook_delivery", "number")), KeyKind::Int)]);
    super::converted(paging::fetch::<webhook_delivery::Model>(db, select, &order, page).await?)
}

/// How many deliveries of an endpoint are in a state.
pub async fn delivery_count(
    db: &impl ConnectionTrait,
    endpoint: WebhookEndpointId,
    state: WebhookDeliveryState,
) -> Outcome<i32> {
    let found =
        webhook_delivery::Entity::find().filter(C::EndpointId.eq(endpoint.0)).filter(super::is(state)).count(db);
    Ok(i32::try_from(found.await?).unwrap_or(i32::MAX))
}

/// Deliveries of a province by id.
pub async fn deliveries(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    ids: &[WebhookDeliveryId],
) -> Outcome<HashMap<WebhookDeliveryId, Delivery>> {
    let rows = webhook_delivery::Entity::find()
        .filter(C::ProvinceId.eq(province.0))
        .filter(C::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), row.try_into()?))).collect()
}

/// What came of the attempts of deliveries, in their order.
pub async fn attempts(
    db: &impl ConnectionTrait,
    ids: &[WebhookDeliveryId],
) -> Outcome<HashMap<WebhookDeliveryId, Vec<Attempt>>> {
    let rows = webhook_attempt::Entity::find()
        .filter(webhook_attempt::Column::DeliveryId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(webhook_attempt::Column::Number)
        .all(db)
        .await?;
    let mut map: HashMap<WebhookDeliveryId, Vec<Attempt>> = HashMap::new();
    for row in rows {
        map.entry(row.delivery_id.into()).or_default().push(row.try_into()?);
    }
    Ok(map)
}

/// A delivery to be written.
pub struct NewDelivery {
    /// Id.
    pub id: WebhookDeliveryId,
    /// Number within the endpoint.
    pub number: i64,
    /// The event; none for a test.
    pub event: Option<i64>,
    /// The act; none for a test.
    pub act: Option<Action>,
    /// Type of the message.
    pub kind: String,
    /// What is sent.
    pub body: String,
    /// Whether somebody waits to see what comes of it: it goes before what is due.
    pub asked: bool,
}

/// Writes deliveries that wait for their first attempt.
pub async fn insert_deliveries(
    tx: &Tx,
    province: ProvinceId,
    endpoint: WebhookEndpointId,
    new: Vec<NewDelivery>,
) -> Outcome<()> {
    if new.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let rows = new.into_iter().map(|one| webhook_delivery::ActiveModel {
        id: Set(one.id.0),
        endpoint_id: Set(endpoint.0),
        province_id: Set(province.0),
        number: Set(one.number),
        event_seq: Set(one.event),
        act: Set(one.act.map(|act| act.code().to_owned())),
        kind: Set(one.kind),
        body: Set(one.body),
        state: Set(WebhookDeliveryState::Pending.code().to_owned()),
        attempts: Set(0),
        tries: Set(0),
        next_at: Set(Some(now)),
        lease: Set(None),
        lease_until: Set(None),
        created_at: Set(now),
        finished_at: Set(None),
        give_up_at: Set(Some(now + SPAN)),
        asked_at: Set(one.asked.then_some(now)),
    });
    webhook_delivery::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Ends the rest of the endpoint that the permit names: somebody is waiting to see whether it is back.
pub async fn wake<A: Act>(tx: &Tx, permit: &Permit<A>) -> Outcome<()> {
    webhook_endpoint::Entity::update_many()
        .col_expr(webhook_endpoint::Column::RestUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(webhook_endpoint::Column::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Which deliveries are sent again.
pub enum Again {
    /// This one, before what is due; if it waits, it waits no longer.
    One(WebhookDeliveryId),
    /// Those that wait.
    Waiting,
    /// Those that were given up since then.
    FailedSince(DateTime<Utc>),
}

/// Lets deliveries of the endpoint that the permit names wait for an attempt now, the schedule from its beginning; answers
/// how many. What is in hand stays there: it is being tried.
pub async fn redeliver<A: Act>(tx: &Tx, permit: &Permit<A>, which: Again) -> Outcome<u64> {
    let update = webhook_delivery::Entity::update_many()
        .col_expr(C::State, Expr::value(WebhookDeliveryState::Pending))
        .col_expr(C::Tries, Expr::value(0))
        .col_expr(C::NextAt, Expr::value(tx.now()))
        .col_expr(C::GiveUpAt, Expr::value(tx.now() + SPAN))
        .col_expr(C::FinishedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(C::EndpointId.eq(permit.target()));
    let update = match which {
        Again::One(id) => update.col_expr(C::AskedAt, Expr::value(tx.now())).filter(C::Id.eq(id.0)),
        Again::Waiting => update.filter(super::is(WebhookDeliveryState::Pending)),
        Again::FailedSince(since) => {
            update.filter(C::State.eq(WebhookDeliveryState::Failed)).filter(C::FinishedAt.gte(since))
        }
    };
    Ok(update.exec(tx.db()).await?.rows_affected)
}
