//! The heads of proceedings, their parties, and cases read whole.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Cond, Expr, ExprTrait, OnConflict, SelectStatement},
};
use uuid::Uuid;
use yidan_entity::{number_sequence, proceeding, proceeding_party, queue_entry};

use super::group;
use crate::kernel::{
    fault::{Outcome, refuse},
    ids::{OrgUnitId, ProceedingId, ProvinceId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    policy::{Act, Permit},
    refusal::Refusal,
    runner::Tx,
    scope::Scope,
    value::stored,
};
use crate::proceeding::rules::{Capacity, Case, Entry, Party, Proceeding, ProceedingKind};

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
    proceeding::Entity::insert(row).exec_without_returning(tx.db()).await?;
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

/// Counts up the revision of the proceeding a permit names, which the caller holds: what belongs to it has changed, and
/// who decides with the revision of before is told.
pub async fn touch<A: Act>(tx: &Tx, permit: &Permit<A>) -> Outcome<()> {
    proceeding::Entity::update_many()
        .col_expr(proceeding::Column::Revision, Expr::col(proceeding::Column::Revision).add(1))
        .filter(proceeding::Column::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
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
