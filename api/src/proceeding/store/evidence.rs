//! Audit events, as inspectors and timelines read them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use uuid::Uuid;
use yidan_entity::audit_event;

use crate::kernel::{
    fault::Outcome,
    ids::OrgUnitId,
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    policy::Action,
    scope::Scope,
};

/// Which events a list shows.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of this proceeding.
    pub proceeding: Option<Uuid>,
    /// About this target.
    pub target: Option<Uuid>,
    /// By this person.
    pub account: Option<Uuid>,
    /// By or about this organisation.
    pub org: Option<OrgUnitId>,
    /// Of this act.
    pub act: Option<Action>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

/// The select of events in a territory, or of one proceeding whose visibility has been settled.
#[must_use]
pub fn select_events(scope: Option<&Scope>, filter: &EventFilter) -> SelectStatement {
    use audit_event::Column as C;
    let mut select = audit_event::Entity::find();
    if let Some(scope) = scope {
        select = select.filter(scope.territory("audit_event"));
    }
    if let Some(id) = filter.proceeding {
        select = select.filter(C::ProceedingId.eq(id));
    }
    if let Some(id) = filter.target {
        select = select.filter(C::TargetId.eq(id));
    }
    if let Some(id) = filter.account {
        select = select.filter(C::AccountId.eq(id));
    }
    if let Some(org) = filter.org {
        select = select.filter(C::OrgUnitId.eq(org.0).or(C::ScopeOrgId.eq(org.0)));
    }
    if let Some(act) = filter.act {
        select = select.filter(C::Act.eq(act));
    }
    if let Some(from) = filter.from {
        select = select.filter(C::At.gte(from));
    }
    if let Some(to) = filter.to {
        select = select.filter(C::At.lt(to));
    }
    select.into_query()
}

/// A page of events by number.
pub async fn event_page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    newest_first: bool,
    page: &PageArgs,
) -> Outcome<Page<audit_event::Model>> {
    let keys = vec![
        Key::asc(Expr::col(("audit_event", "seq")), KeyKind::Int),
        Key::asc(Expr::col(("audit_event", "id")), KeyKind::Id),
    ];
    let order = Keyset::new(if newest_first { "events-newest" } else { "events" }, keys);
    let order = if newest_first { order.reversed() } else { order };
    paging::fetch::<audit_event::Model>(db, select, &order, page).await
}
