//! Endpoints, as those who manage them read and change them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait,
    sea_query::{Cond, Expr, ExprTrait, Query, SelectStatement},
};
use serde_json::Value;
use yidan_entity::{org_unit, webhook_endpoint};

use super::changed_one;
use crate::kernel::{
    fault::{Fault, Outcome},
    ids::{OrgUnitId, ProvinceId, WebhookEndpointId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    policy::{Act, Action, Permit, act},
    runner::Tx,
    scope,
};
use crate::webhook::rules::{Endpoint, Health, WebhookDisabledReason, WebhookEndpointState};

use webhook_endpoint::Column as C;

/// Endpoints of a province by id.
pub async fn endpoints(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    ids: &[WebhookEndpointId],
) -> Outcome<HashMap<WebhookEndpointId, Endpoint>> {
    let rows = webhook_endpoint::Entity::find()
        .filter(C::ProvinceId.eq(province.0))
        .filter(C::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), row.try_into()?))).collect()
}

/// An endpoint, whatever its province; for couriers.
pub async fn endpoint(db: &impl ConnectionTrait, id: WebhookEndpointId) -> Outcome<Option<Endpoint>> {
    let row = webhook_endpoint::Entity::find_by_id(id.0).one(db).await?;
    Ok(row.map(Endpoint::try_from).transpose()?)
}

/// The sealed secrets of an endpoint: the present one, and the one before it with the time until which it signs.
pub async fn secrets(
    db: &impl ConnectionTrait,
    id: WebhookEndpointId,
) -> Outcome<Option<(Vec<u8>, Option<(Vec<u8>, DateTime<Utc>)>)>> {
    let row = webhook_endpoint::Entity::find_by_id(id.0).one(db).await?;
    Ok(row.map(|row| (row.secret, row.old_secret.zip(row.old_secret_until))))
}

/// The select of the endpoints in a territory of a province, or of the caller's own organisation there; of those, those of
/// the organisation asked for.
#[must_use]
pub fn select_endpoints(
    province: ProvinceId,
    within: Option<&str>,
    own: Option<OrgUnitId>,
    asked: Option<OrgUnitId>,
) -> SelectStatement {
    let mut select = webhook_endpoint::Entity::find().filter(C::ProvinceId.eq(province.0));
    if let Some(root) = within {
        select = select.filter(scope::inside("webhook_endpoint", root));
    }
    for org in own.into_iter().chain(asked) {
        select = select.filter(C::OrgUnitId.eq(org.0));
    }
    select.into_query()
}

/// A page of endpoints, newest first.
pub async fn endpoint_page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    page: &PageArgs,
) -> Outcome<Page<Endpoint>> {
    let order = Keyset::new("webhook-endpoints", vec![Key::desc(Expr::col(("webhook_endpoint", "id")), KeyKind::Id)]);
    let page = paging::fetch::<webhook_endpoint::Model>(db, select, &order, page).await?;
    super::converted(page)
}

/// How many endpoints an organisation, or the province as a whole, has.
pub async fn endpoint_count(db: &impl ConnectionTrait, province: ProvinceId, org: Option<OrgUnitId>) -> Outcome<usize> {
    let whose = match org {
        Some(org) => Cond::all().add(C::OrgUnitId.eq(org.0)),
        None => Cond::all().add(C::OrgUnitId.is_null()),
    };
    let found = webhook_endpoint::Entity::find().filter(C::ProvinceId.eq(province.0)).filter(whose).count(db).await?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

fn listed(acts: Option<&[Action]>) -> Option<Value> {
    acts.map(|acts| acts.iter().map(|act| act.code()).collect())
}

/// Writes a new endpoint with its sealed secret.
pub async fn insert_endpoint(
    tx: &Tx,
    permit: &Permit<act::CreateWebhookEndpoint>,
    new: &Endpoint,
    sealed: Vec<u8>,
) -> Outcome<()> {
    let row = webhook_endpoint::ActiveModel {
        id: Set(permit.target()),
        province_id: Set(new.province.0),
        org_unit_id: Set(new.org.map(|org| org.0)),
        path: Set(new.path.clone()),
        url: Set(new.url.clone()),
        description: Set(new.description.clone()),
        acts: Set(listed(new.acts.as_deref())),
        secret: Set(sealed),
        old_secret: Set(None),
        old_secret_until: Set(None),
        state: Set(new.state.code().to_owned()),
        disabled_because: Set(None),
        seen_seq: Set(new.seen),
        last_number: Set(new.last_number),
        failures: Set(new.health.failures),
        failing_since: Set(new.health.failing_since),
        rest_until: Set(new.health.rest_until),
        created_by: Set(tx.actor()?.account.0),
        created_at: Set(new.created_at),
        revision: Set(new.revision),
    };
    webhook_endpoint::Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// What changes in an endpoint.
#[derive(Default)]
pub struct EndpointChange<'a> {
    /// New address.
    pub url: Option<&'a str>,
    /// New description.
    pub description: Option<&'a str>,
    /// New acts.
    pub acts: Option<Option<&'a [Action]>>,
    /// New state, with its reason.
    pub state: Option<(WebhookEndpointState, Option<WebhookDisabledReason>)>,
    /// How it is doing from now on, whatever failed before.
    pub health: Option<Health>,
    /// The number of the event from which on it is told.
    pub seen: Option<i64>,
    /// New sealed secret, and until when the one before it signs, too.
    pub secret: Option<(Vec<u8>, DateTime<Utc>)>,
}

/// Changes an endpoint if nobody else changed it in the meantime.
pub async fn update_endpoint<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    revision: i32,
    change: EndpointChange<'_>,
) -> Outcome<()> {
    let mut update = webhook_endpoint::Entity::update_many()
        .col_expr(C::Revision, Expr::value(revision + 1))
        .filter(C::Id.eq(permit.target()))
        .filter(C::Revision.eq(revision));
    if let Some(health) = change.health {
        update = update
            .col_expr(C::Failures, Expr::value(health.failures))
            .col_expr(C::FailingSince, Expr::value(health.failing_since))
            .col_expr(C::RestUntil, Expr::value(health.rest_until));
    }
    if let Some(url) = change.url {
        update = update.col_expr(C::Url, Expr::value(url));
    }
    if let Some(description) = change.description {
        update = update.col_expr(C::Description, Expr::value(description));
    }
    if let Some(acts) = change.acts {
        update = update.col_expr(C::Acts, Expr::value(listed(acts)));
    }
    if let Some((state, reason)) = change.state {
        update = update
            .col_expr(C::State, Expr::value(state))
            .col_expr(C::DisabledBecause, Expr::value(reason.map(WebhookDisabledReason::code)));
    }
    if let Some(seen) = change.seen {
        update = update.col_expr(C::SeenSeq, Expr::value(seen));
    }
    if let Some((sealed, until)) = change.secret {
        update = update
            .col_expr(C::OldSecret, Expr::col(C::Secret))
            .col_expr(C::OldSecretUntil, Expr::value(until))
            .col_expr(C::Secret, Expr::value(sealed));
    }
    changed_one(update.exec(tx.db()).await?.rows_affected, revision)
}

/// Removes an endpoint with its deliveries.
pub async fn delete_endpoint(tx: &Tx, permit: &Permit<act::DeleteWebhookEndpoint>, revision: i32) -> Outcome<()> {
    let done = webhook_endpoint::Entity::delete_many()
        .filter(C::Id.eq(permit.target()))
        .filter(C::Revision.eq(revision))
        .exec(tx.db())
        .await?;
    changed_one(done.rows_affected, revision)
}

/// Endpoints that are not disabled, of organisations that have ended by `today`.
pub async fn orphans(db: &impl ConnectionTrait, today: NaiveDate) -> Outcome<Vec<Endpoint>> {
    let ended = Query::select()
        .column(org_unit::Column::Id)
        .from(org_unit::Entity)
        .and_where(Expr::col(org_unit::Column::ValidTo).lte(today))
        .to_owned();
    let rows = webhook_endpoint::Entity::find()
        .filter(C::State.ne(WebhookEndpointState::Disabled))
        .filter(C::OrgUnitId.in_subquery(ended))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Endpoint::try_from).collect::<Result<_, Fault>>()?)
}
