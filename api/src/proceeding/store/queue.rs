//! Queue entries: who is awaited, until when.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Statement,
    sea_query::{Expr, Func, SelectStatement},
};
use yidan_entity::{proceeding, queue_entry};

use crate::kernel::{
    deadline::{Deadline, Due},
    fault::Outcome,
    ids::{OrgUnitId, ProceedingId, ProvinceId, QueueEntryId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    policy::{Act, Action, Permit},
    runner::Tx,
};
use crate::proceeding::rules::{Entry, ProceedingKind};

/// Opens an entry.
pub async fn open_entry<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    province: ProvinceId,
    org: OrgUnitId,
    task: Action,
    deadline: Option<(&Deadline, Due)>,
) -> Outcome<()> {
    let (parts, due) = deadline.map_or((None, None), |(deadline, due)| (Some(deadline), Some(due)));
    let row = queue_entry::ActiveModel {
        id: Set(QueueEntryId::new().0),
        province_id: Set(province.0),
        proceeding_id: Set(permit.target()),
        org_unit_id: Set(org.0),
        task: Set(task.code().to_owned()),
        opened_at: Set(tx.now()),
        basis: Set(parts.map(|deadline| deadline.basis.code().to_owned())),
        amount: Set(parts.map(|deadline| i32::try_from(deadline.amount).unwrap_or(i32::MAX))),
        starts_at: Set(parts.map(|deadline| deadline.starts_at)),
        due_at: Set(due.as_ref().and_then(|due| due.at)),
        pauses: Set(parts.map(|deadline| serde_json::to_value(&deadline.pauses)).transpose()?),
        calendar_version: Set(due.map(|due| due.calendar_version)),
        breached_at: Set(None),
        closed_at: Set(None),
        closed_by: Set(None),
        outcome: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Which open entries of a proceeding end.
#[derive(Clone, Copy, Debug, Default)]
pub enum Closing {
    /// All.
    #[default]
    All,
    /// None.
    None,
    /// The one of this organisation for this task.
    One(OrgUnitId, Action),
}

/// Ends open entries; `outcome` says how.
pub async fn close_entries<A: Act>(tx: &Tx, permit: &Permit<A>, which: Closing, outcome: &str) -> Outcome<()> {
    let by = tx.ctx().member().map(|actor| actor.account.0);
    let mut update = queue_entry::Entity::update_many()
        .col_expr(queue_entry::Column::ClosedAt, Expr::value(tx.now()))
        .col_expr(queue_entry::Column::ClosedBy, Expr::value(by))
        .col_expr(queue_entry::Column::Outcome, Expr::value(outcome))
        .filter(queue_entry::Column::ProceedingId.eq(permit.target()))
        .filter(queue_entry::Column::ClosedAt.is_null());
    match which {
        Closing::None => return Ok(()),
        Closing::All => {}
        Closing::One(org, task) => {
            update = update.filter(queue_entry::Column::OrgUnitId.eq(org.0)).filter(queue_entry::Column::Task.eq(task));
        }
    }
    update.exec(tx.db()).await?;
    Ok(())
}

/// The select of an organisation's open entries for some tasks.
#[must_use]
pub fn select_queue(
    province: ProvinceId,
    org: OrgUnitId,
    tasks: &[Action],
    overdue_at: Option<DateTime<Utc>>,
) -> SelectStatement {
    let mut select = queue_entry::Entity::find()
        .filter(queue_entry::Column::ProvinceId.eq(province.0))
        .filter(queue_entry::Column::OrgUnitId.eq(org.0))
        .filter(queue_entry::Column::ClosedAt.is_null())
        .filter(queue_entry::Column::Task.is_in(tasks.iter().copied()));
    if let Some(now) = overdue_at {
        select = select.filter(queue_entry::Column::DueAt.lte(now));
    }
    select.into_query()
}

/// A page of a queue: what is due first comes first, so what is overdue leads; what has no clock comes last.
pub async fn queue_page(db: &impl ConnectionTrait, select: SelectStatement, page: &PageArgs) -> Outcome<Page<Entry>> {
    let never = DateTime::<Utc>::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let due = Func::coalesce([Expr::col(("queue_entry", "due_at")), Expr::value(never)]);
    let order = Keyset::new(
        "queue",
        vec![Key::asc(Expr::expr(due), KeyKind::Time), Key::asc(Expr::col(("queue_entry", "id")), KeyKind::Id)],
    );
    let page = paging::fetch::<queue_entry::Model>(db, select, &order, page).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for (cursor, row) in page.rows {
        rows.push((cursor, Entry::try_from(row)?));
    }
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}

/// An organisation's open entries for some tasks that are due between two moments, soonest first.
pub async fn due_between(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    org: OrgUnitId,
    tasks: &[Action],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Outcome<Vec<Entry>> {
    let rows = queue_entry::Entity::find()
        .filter(queue_entry::Column::ProvinceId.eq(province.0))
        .filter(queue_entry::Column::OrgUnitId.eq(org.0))
        .filter(queue_entry::Column::ClosedAt.is_null())
        .filter(queue_entry::Column::Task.is_in(tasks.iter().copied()))
        .filter(queue_entry::Column::DueAt.gt(from))
        .filter(queue_entry::Column::DueAt.lte(to))
        .order_by_asc(queue_entry::Column::DueAt)
        .limit(100)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Entry::try_from).collect::<Result<_, _>>()?)
}

/// How the queues of a province stand with one task.
#[derive(Debug, FromQueryResult)]
pub struct QueueFigures {
    /// Code of the province.
    pub province: String,
    /// The task.
    pub task: String,
    /// Entries that wait.
    pub open: i64,
    /// Those of them whose time is over.
    pub overdue: i64,
    /// Since when the oldest waits.
    pub oldest: DateTime<Utc>,
}

/// How all queues stand, for operators.
pub async fn queue_figures(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Outcome<Vec<QueueFigures>> {
    let overdue = "COALESCE(SUM(CASE WHEN q.due_at <= $1 THEN 1 ELSE 0 END), 0)";
    let text = format!(
        "SELECT v.code AS province, q.task, COUNT(*) AS open, {overdue} AS overdue, MIN(q.opened_at) AS oldest \
         FROM queue_entry q JOIN province v ON v.id = q.province_id \
         WHERE q.closed_at IS NULL GROUP BY v.code, q.task"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), text, [now.into()]);
    Ok(QueueFigures::find_by_statement(statement).all(db).await?)
}

/// Open entries whose time is over and that have not been marked, oldest first.
pub async fn unmarked_breaches(db: &impl ConnectionTrait, now: DateTime<Utc>, limit: u64) -> Outcome<Vec<Entry>> {
    let rows = queue_entry::Entity::find()
        .filter(queue_entry::Column::ClosedAt.is_null())
        .filter(queue_entry::Column::BreachedAt.is_null())
        .filter(queue_entry::Column::DueAt.lte(now))
        .order_by_asc(queue_entry::Column::DueAt)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Entry::try_from).collect::<Result<_, _>>()?)
}

/// Marks an entry as overdue; answers whether it was still unmarked and open.
pub async fn mark_breach(tx: &Tx, permit: &Permit<crate::kernel::policy::act::BreachDeadline>) -> Outcome<bool> {
    let done = queue_entry::Entity::update_many()
        .col_expr(queue_entry::Column::BreachedAt, Expr::value(tx.now()))
        .filter(queue_entry::Column::Id.eq(permit.target()))
        .filter(queue_entry::Column::ClosedAt.is_null())
        .filter(queue_entry::Column::BreachedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}

/// All open entries with a clock, for recomputing.
pub async fn clocks(db: &impl ConnectionTrait) -> Outcome<Vec<Entry>> {
    let rows = queue_entry::Entity::find()
        .filter(queue_entry::Column::ClosedAt.is_null())
        .filter(queue_entry::Column::StartsAt.is_not_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Entry::try_from).collect::<Result<_, _>>()?)
}

/// Writes the recomputed end of a clock.
pub async fn set_due(
    tx: &Tx,
    _: &Permit<crate::kernel::policy::act::LoadCalendar>,
    entry: QueueEntryId,
    due: &Due,
) -> Outcome<()> {
    let mut update = queue_entry::Entity::update_many()
        .col_expr(queue_entry::Column::DueAt, Expr::value(due.at))
        .col_expr(queue_entry::Column::CalendarVersion, Expr::value(due.calendar_version.clone()))
        .filter(queue_entry::Column::Id.eq(entry.0))
        .filter(queue_entry::Column::ClosedAt.is_null());
    if due.at.is_none_or(|due| due > tx.now()) {
        // What a new notice gives time again was not late; should it become so, that will be noticed anew.
        update = update.col_expr(queue_entry::Column::BreachedAt, Expr::value(None::<DateTime<Utc>>));
    }
    update.exec(tx.db()).await?;
    Ok(())
}

/// How many tasks organisations did in time and late between two moments: the objective part of an evaluation.
pub async fn punctuality(
    db: &impl ConnectionTrait,
    orgs: &[OrgUnitId],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Outcome<HashMap<OrgUnitId, (i32, i32)>> {
    let rows = queue_entry::Entity::find()
        .filter(queue_entry::Column::OrgUnitId.is_in(orgs.iter().map(|id| id.0)))
        .filter(queue_entry::Column::DueAt.gte(from))
        .filter(queue_entry::Column::DueAt.lt(to))
        // To vote is a right: who used it in time has not done a duty in time.
        .filter(queue_entry::Column::Task.ne(Action::ClaimBallots))
        .all(db)
        .await?;
    let mut map: HashMap<OrgUnitId, (i32, i32)> = HashMap::new();
    for row in rows {
        // What ended because the whole proceeding did says nothing about the organisation.
        if row.outcome.as_deref() == Some(NOT_NEEDED) {
            continue;
        }
        let in_time = row.due_at.is_some_and(|due| row.closed_at.is_some_and(|closed| closed < due));
        let (good, late) = map.entry(row.org_unit_id.into()).or_default();
        if in_time { *good += 1 } else { *late += 1 }
    }
    Ok(map)
}

/// Outcome of entries that ended because the proceeding moved on without them.
pub const NOT_NEEDED: &str = "NOT_NEEDED";

/// Proceedings of a kind in a state in which a task is open whose time is over, oldest first.
pub async fn overdue(
    db: &impl ConnectionTrait,
    kind: ProceedingKind,
    task: Action,
    state: &str,
    now: DateTime<Utc>,
) -> Outcome<Vec<ProceedingId>> {
    let in_state = proceeding::Entity::find()
        .filter(proceeding::Column::Kind.eq(kind))
        .filter(proceeding::Column::State.eq(state))
        .into_query()
        .clear_selects()
        .column(("proceeding", "id"))
        .to_owned();
    let rows = queue_entry::Entity::find()
        .filter(queue_entry::Column::ProceedingId.in_subquery(in_state))
        .filter(queue_entry::Column::ClosedAt.is_null())
        .filter(queue_entry::Column::Task.eq(task))
        .filter(queue_entry::Column::DueAt.lte(now))
        .order_by_asc(queue_entry::Column::DueAt)
        .limit(500)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.proceeding_id.into()).collect())
}
