//! The SQL of proceedings.

use std::collections::HashMap;

pub use audit_event::Model as EventRow;
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement,
    sea_query::{Cond, Expr, ExprTrait, Func, OnConflict, SelectStatement},
};
use uuid::Uuid;
use yidan_entity::{audit_event, decision_record, number_sequence, opinion, proceeding, proceeding_party, queue_entry};

use super::rules::{Capacity, Case, Decision, Entry, Opinion, Party, Proceeding, ProceedingKind};
use crate::kernel::{
    deadline::{Deadline, Due},
    fault::{Fault, Outcome, refuse},
    ids::{OrgUnitId, ProceedingId, ProvinceId, QueueEntryId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    policy::{Act, Action, Permit},
    refusal::Refusal,
    runner::Tx,
    scope::Scope,
    value::stored,
};

impl TryFrom<proceeding::Model> for Proceeding {
    type Error = Fault;

    fn try_from(row: proceeding::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            kind: stored(&row.kind)?,
            number: row.number,
            title: row.title,
            state: row.state,
            authority: row.authority_id.into(),
            path: row.path,
            proposer: row.proposer_org_id.into(),
            created_by: row.created_by.map(Into::into),
            created_at: row.created_at,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by.map(Into::into),
            closed_at: row.closed_at,
            chain_index: row.chain_index,
            return_count: row.return_count,
            approver: row.approver_org_id.map(Into::into),
            revision: row.revision,
        })
    }
}

impl TryFrom<queue_entry::Model> for Entry {
    type Error = Fault;

    fn try_from(row: queue_entry::Model) -> Result<Self, Fault> {
        let deadline = match (row.starts_at, row.basis, row.amount) {
            (Some(starts_at), Some(basis), Some(amount)) => Some(Deadline {
                starts_at,
                basis: stored(&basis)?,
                amount: amount.unsigned_abs(),
                pauses: row.pauses.map(serde_json::from_value).transpose()?.unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(Self {
            id: row.id.into(),
            proceeding: row.proceeding_id.into(),
            org: row.org_unit_id.into(),
            task: stored(&row.task)?,
            opened_at: row.opened_at,
            deadline,
            due_at: row.due_at,
            calendar_version: row.calendar_version,
            breached_at: row.breached_at,
            closed_at: row.closed_at,
            outcome: row.outcome,
        })
    }
}

impl TryFrom<opinion::Model> for Opinion {
    type Error = Fault;

    fn try_from(row: opinion::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            proceeding: row.proceeding_id.into(),
            org: row.org_unit_id.into(),
            stage: row.stage,
            round: row.round,
            stance: stored(&row.stance)?,
            text: row.text,
            capacity: row.capacity,
            given_at: row.given_at,
            answer: row.answer,
            answered_at: row.answered_at,
        })
    }
}

impl TryFrom<decision_record::Model> for Decision {
    type Error = Fault;

    fn try_from(row: decision_record::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            proceeding: row.proceeding_id.into(),
            stage: stored(&row.stage)?,
            outcome: stored(&row.outcome)?,
            org: row.org_unit_id.into(),
            body: row.body,
            document_no: row.document_no,
            meeting: row.meeting,
            decided_on: row.decided_on,
            reason: row.reason,
            entered_at: row.entered_at,
        })
    }
}

fn group<K: std::hash::Hash + Eq, M, T: TryFrom<M, Error = Fault>>(
    rows: Vec<M>,
    key: impl Fn(&T) -> K,
) -> Outcome<HashMap<K, Vec<T>>> {
    let mut map: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        let item = T::try_from(row)?;
        map.entry(key(&item)).or_default().push(item);
    }
    Ok(map)
}

// ---- heads and cases

/// The next number of a series, such as `TZ-329921-2026-0012`.
pub async fn next_number(tx: &Tx, province: ProvinceId, series: &str) -> Outcome<String> {
    use number_sequence::Column::{Last, ProvinceId as Province, Series};
    let row =
        number_sequence::ActiveModel { province_id: Set(province.0), series: Set(series.to_owned()), last: Set(1) };
    let on_conflict = OnConflict::columns([Province, Series])
        .value(Last, Expr::col((number_sequence::Entity, Last)).add(1))
        .to_owned();
    let row = number_sequence::Entity::insert(row).on_conflict(on_conflict).exec_with_returning(tx.db()).await?;
    Ok(format!("{series}-{:04}", row.last))
}

/// Writes the head of a new proceeding.
pub async fn insert<A: Act>(tx: &Tx, _: &Permit<A>, new: &Proceeding) -> Outcome<()> {
    let row = proceeding::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        kind: Set(new.kind.code().to_owned()),
        number: Set(new.number.clone()),
        title: Set(new.title.clone()),
        state: Set(new.state.clone()),
        authority_id: Set(new.authority.0),
        path: Set(new.path.clone()),
        proposer_org_id: Set(new.proposer.0),
        created_by: Set(new.created_by.map(|id| id.0)),
        created_at: Set(new.created_at),
        submitted_at: Set(new.submitted_at),
        submitted_by: Set(new.submitted_by.map(|id| id.0)),
        closed_at: Set(new.closed_at),
        chain_index: Set(new.chain_index),
        return_count: Set(new.return_count),
        approver_org_id: Set(None),
        approver_level: Set(None),
        revision: Set(new.revision),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// The select of the proceedings of one kind inside a scope.
#[must_use]
pub fn select(scope: &Scope, kind: ProceedingKind) -> sea_orm::Select<proceeding::Entity> {
    proceeding::Entity::find().filter(proceeding::Column::Kind.eq(kind)).filter(scope.proceedings("proceeding"))
}

/// Heads by id, inside a scope.
pub async fn heads(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[ProceedingId],
) -> Outcome<HashMap<ProceedingId, Proceeding>> {
    let rows = proceeding::Entity::find()
        .filter(scope.proceedings("proceeding"))
        .filter(proceeding::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), row.try_into()?))).collect()
}

/// Holds a proceeding until the transaction ends, so that of two acts at once the second sees what the first did.
pub async fn hold(tx: &Tx, id: ProceedingId) -> Outcome<()> {
    proceeding::Entity::find_by_id(id.0).lock_exclusive().one(tx.db()).await?;
    Ok(())
}

/// Parties of proceedings.
pub async fn parties(db: &impl ConnectionTrait, ids: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Vec<Party>>> {
    let rows = proceeding_party::Entity::find()
        .filter(proceeding_party::Column::ProceedingId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(proceeding_party::Column::Capacity)
        .order_by_asc(proceeding_party::Column::Ordinal)
        .order_by_asc(proceeding_party::Column::OrgUnitId)
        .all(db)
        .await?;
    let mut map: HashMap<ProceedingId, Vec<Party>> = HashMap::new();
    for row in rows {
        let party = Party { org: row.org_unit_id.into(), capacity: stored(&row.capacity)?, ordinal: row.ordinal };
        map.entry(row.proceeding_id.into()).or_default().push(party);
    }
    Ok(map)
}

/// Adds parties; those already there stay.
pub async fn add_parties<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    province: ProvinceId,
    parties: &[(OrgUnitId, Capacity, i32)],
) -> Outcome<()> {
    if parties.is_empty() {
        return Ok(());
    }
    let rows = parties.iter().map(|(org, capacity, ordinal)| proceeding_party::ActiveModel {
        proceeding_id: Set(permit.target()),
        org_unit_id: Set(org.0),
        province_id: Set(province.0),
        capacity: Set(capacity.code().to_owned()),
        ordinal: Set(*ordinal),
    });
    proceeding_party::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Removes all parties; a request that is submitted again names its parties again.
pub async fn clear_parties<A: Act>(tx: &Tx, permit: &Permit<A>) -> Outcome<()> {
    proceeding_party::Entity::delete_many()
        .filter(proceeding_party::Column::ProceedingId.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Open entries of proceedings, in the order in which they were opened.
pub async fn open_entries(
    db: &impl ConnectionTrait,
    ids: &[ProceedingId],
) -> Outcome<HashMap<ProceedingId, Vec<Entry>>> {
    let rows = queue_entry::Entity::find()
        .filter(queue_entry::Column::ProceedingId.is_in(ids.iter().map(|id| id.0)))
        .filter(queue_entry::Column::ClosedAt.is_null())
        .order_by_asc(queue_entry::Column::OpenedAt)
        .order_by_asc(queue_entry::Column::Id)
        .all(db)
        .await?;
    group(rows, |entry: &Entry| entry.proceeding)
}

/// All entries of proceedings, in the order in which they were opened.
pub async fn entries(db: &impl ConnectionTrait, ids: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Vec<Entry>>> {
    let rows = queue_entry::Entity::find()
        .filter(queue_entry::Column::ProceedingId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(queue_entry::Column::OpenedAt)
        .order_by_asc(queue_entry::Column::Id)
        .all(db)
        .await?;
    group(rows, |entry: &Entry| entry.proceeding)
}

/// Cases by id, inside a scope.
pub async fn cases(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[ProceedingId],
) -> Outcome<HashMap<ProceedingId, Case>> {
    let heads = heads(db, scope, ids).await?;
    let visible: Vec<ProceedingId> = heads.keys().copied().collect();
    let mut parties = parties(db, &visible).await?;
    let mut open = open_entries(db, &visible).await?;
    Ok(heads
        .into_iter()
        .map(|(id, head)| {
            let case = Case {
                head,
                parties: parties.remove(&id).unwrap_or_default(),
                open: open.remove(&id).unwrap_or_default(),
            };
            (id, case)
        })
        .collect())
}

/// What changes in a head.
pub struct HeadChange<'a> {
    /// New state.
    pub state: &'a str,
    /// New title.
    pub title: Option<&'a str>,
    /// Submitted by this person now.
    pub submitted_by: Option<Uuid>,
    /// Ended now.
    pub closed: bool,
    /// Next office of the review chain.
    pub chain_index: Option<i32>,
    /// Returned once more.
    pub returned: bool,
    /// Approved by this organisation of this level, or no longer approved.
    pub approver: Option<Option<(OrgUnitId, i16)>>,
    /// Number and territory, given when a draft is submitted.
    pub path: Option<&'a str>,
}

/// Moves the head a permit names on, if nobody else did in the meantime.
pub async fn update_head<A: Act>(tx: &Tx, permit: &Permit<A>, revision: i32, change: HeadChange<'_>) -> Outcome<()> {
    use proceeding::Column as C;
    let mut update = proceeding::Entity::update_many()
        .col_expr(C::Revision, Expr::value(revision + 1))
        .col_expr(C::State, Expr::value(change.state))
        .filter(C::Id.eq(permit.target()))
        .filter(C::Revision.eq(revision));
    if let Some(title) = change.title {
        update = update.col_expr(C::Title, Expr::value(title));
    }
    if let Some(account) = change.submitted_by {
        update = update.col_expr(C::SubmittedAt, Expr::value(tx.now())).col_expr(C::SubmittedBy, Expr::value(account));
    }
    if change.closed {
        update = update.col_expr(C::ClosedAt, Expr::value(tx.now()));
    }
    if let Some(index) = change.chain_index {
        update = update.col_expr(C::ChainIndex, Expr::value(index));
    }
    if change.returned {
        update = update.col_expr(C::ReturnCount, Expr::col(C::ReturnCount).add(1));
    }
    if let Some(approver) = change.approver {
        update = update
            .col_expr(C::ApproverOrgId, Expr::value(approver.map(|(org, _)| org.0)))
            .col_expr(C::ApproverLevel, Expr::value(approver.map(|(_, level)| level)));
    }
    if let Some(path) = change.path {
        update = update.col_expr(C::Path, Expr::value(path));
    }
    match update.exec(tx.db()).await?.rows_affected {
        1 => Ok(()),
        _ => refuse(Refusal::StaleRevision { current: revision + 1 }),
    }
}

// ---- queue entries

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
    queue_entry::Entity::update_many()
        .col_expr(queue_entry::Column::DueAt, Expr::value(due.at))
        .col_expr(queue_entry::Column::CalendarVersion, Expr::value(due.calendar_version.clone()))
        .filter(queue_entry::Column::Id.eq(entry.0))
        .filter(queue_entry::Column::ClosedAt.is_null())
        .exec(tx.db())
        .await?;
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

// ---- opinions and decisions

/// Writes an opinion.
pub async fn insert_opinion<A: Act>(tx: &Tx, permit: &Permit<A>, province: ProvinceId, new: &Opinion) -> Outcome<()> {
    let row = opinion::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        proceeding_id: Set(permit.target()),
        org_unit_id: Set(new.org.0),
        stage: Set(new.stage.clone()),
        round: Set(new.round),
        stance: Set(new.stance.code().to_owned()),
        text: Set(new.text.clone()),
        capacity: Set(new.capacity.clone()),
        given_by: Set(tx.ctx().member().map(|actor| actor.account.0)),
        given_at: Set(new.given_at),
        answer: Set(None),
        answered_by: Set(None),
        answered_at: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Answers an opinion that has no answer yet.
pub async fn answer_opinion<A: Act>(tx: &Tx, permit: &Permit<A>, id: Uuid, answer: &str) -> Outcome<bool> {
    let by = tx.ctx().member().map(|actor| actor.account.0);
    let done = opinion::Entity::update_many()
        .col_expr(opinion::Column::Answer, Expr::value(answer))
        .col_expr(opinion::Column::AnsweredBy, Expr::value(by))
        .col_expr(opinion::Column::AnsweredAt, Expr::value(tx.now()))
        .filter(opinion::Column::Id.eq(id))
        .filter(opinion::Column::ProceedingId.eq(permit.target()))
        .filter(opinion::Column::Answer.is_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Opinions of proceedings, in the order in which they were given.
pub async fn opinions(db: &impl ConnectionTrait, ids: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Vec<Opinion>>> {
    let rows = opinion::Entity::find()
        .filter(opinion::Column::ProceedingId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(opinion::Column::GivenAt)
        .order_by_asc(opinion::Column::Id)
        .all(db)
        .await?;
    group(rows, |opinion: &Opinion| opinion.proceeding)
}

/// Writes a decision.
pub async fn insert_decision<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    province: ProvinceId,
    new: &Decision,
    by: Uuid,
) -> Outcome<()> {
    let row = decision_record::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        proceeding_id: Set(permit.target()),
        stage: Set(new.stage.code().to_owned()),
        outcome: Set(new.outcome.code().to_owned()),
        org_unit_id: Set(new.org.0),
        body: Set(new.body.clone()),
        document_no: Set(new.document_no.clone()),
        meeting: Set(new.meeting.clone()),
        decided_on: Set(new.decided_on),
        reason: Set(new.reason.clone()),
        entered_by: Set(by),
        entered_at: Set(new.entered_at),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Decisions of proceedings, in the order in which they were recorded.
pub async fn decisions(
    db: &impl ConnectionTrait,
    ids: &[ProceedingId],
) -> Outcome<HashMap<ProceedingId, Vec<Decision>>> {
    let rows = decision_record::Entity::find()
        .filter(decision_record::Column::ProceedingId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(decision_record::Column::EnteredAt)
        .order_by_asc(decision_record::Column::Id)
        .all(db)
        .await?;
    group(rows, |decision: &Decision| decision.proceeding)
}

// ---- evidence

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

/// Removes answers kept for idempotency keys that are older than `before`.
pub async fn forget_keys(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Outcome<u64> {
    use yidan_entity::idempotency_key;
    let done =
        idempotency_key::Entity::delete_many().filter(idempotency_key::Column::CreatedAt.lt(before)).exec(db).await?;
    Ok(done.rows_affected)
}

/// Whether the database answers.
pub async fn ping(db: &impl ConnectionTrait) -> Outcome<()> {
    db.query_one_raw(Statement::from_string(db.get_database_backend(), "SELECT 1".to_owned())).await?;
    Ok(())
}

/// Writes a version of a year's published days.
pub async fn insert_calendar(
    db: &impl ConnectionTrait,
    year: i32,
    version: u32,
    days: &crate::kernel::calendar::YearDays,
    source: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    use yidan_entity::work_calendar;
    let row = work_calendar::ActiveModel {
        year: Set(year),
        version: Set(i32::try_from(version).unwrap_or(i32::MAX)),
        days: Set(serde_json::to_value(days)?),
        source: Set(source.to_owned()),
        loaded_at: Set(now),
    };
    row.insert(db).await?;
    Ok(())
}

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

/// Which proceedings of a kind a list shows.
#[derive(Default)]
pub struct CaseFilter {
    /// In these states.
    pub states: Vec<&'static str>,
    /// Raised by this organisation.
    pub proposer: Option<OrgUnitId>,
    /// A condition of the wing's own.
    pub also: Option<Cond>,
    /// With this in title or number.
    pub text: Option<String>,
}

/// The select of proceedings of a kind inside a scope.
#[must_use]
pub fn select_cases(scope: &Scope, kind: ProceedingKind, filter: CaseFilter) -> SelectStatement {
    let mut select = select(scope, kind);
    if !filter.states.is_empty() {
        select = select.filter(proceeding::Column::State.is_in(filter.states));
    }
    if let Some(org) = filter.proposer {
        select = select.filter(proceeding::Column::ProposerOrgId.eq(org.0));
    }
    if let Some(also) = filter.also {
        select = select.filter(also);
    }
    if let Some(text) = filter.text {
        select = select.filter(
            Cond::any().add(proceeding::Column::Title.contains(&text)).add(proceeding::Column::Number.contains(&text)),
        );
    }
    select.into_query()
}

/// A page of proceedings, newest first, as cases.
pub async fn case_page(db: &impl ConnectionTrait, select: SelectStatement, page: &PageArgs) -> Outcome<Page<Case>> {
    let order = Keyset::new("proceedings", vec![Key::desc(Expr::col(("proceeding", "id")), KeyKind::Id)]);
    let page = paging::fetch::<proceeding::Model>(db, select, &order, page).await?;
    let ids: Vec<ProceedingId> = page.rows.iter().map(|(_, row)| row.id.into()).collect();
    let mut parties = parties(db, &ids).await?;
    let mut open = open_entries(db, &ids).await?;
    let mut rows = Vec::with_capacity(ids.len());
    for (cursor, row) in page.rows {
        let head = Proceeding::try_from(row)?;
        let case = Case {
            parties: parties.remove(&head.id).unwrap_or_default(),
            open: open.remove(&head.id).unwrap_or_default(),
            head,
        };
        rows.push((cursor, case));
    }
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}
