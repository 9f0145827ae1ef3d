//! Which approved requests wait for which lists, and which have come into them.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;
use yidan_entity::{change_request, proceeding, request_target, version_change};

use crate::{
    kernel::{
        fault::Outcome,
        ids::{DutyItemId, DutyListId, ProceedingId, ProvinceId, RevisionId, VersionId},
        policy::{Act, Permit},
        refusal::Named,
        runner::Tx,
        value::stored,
    },
    proceeding::rules::ProceedingKind,
};

/// The approved requests among these, oldest first.
async fn approved(db: &impl ConnectionTrait, requests: SelectStatement) -> Outcome<Vec<proceeding::Model>> {
    let rows = proceeding::Entity::find()
        .filter(proceeding::Column::Kind.is_in([ProceedingKind::Adjustment, ProceedingKind::Admission]))
        .filter(proceeding::Column::State.eq("APPROVED"))
        .filter(proceeding::Column::Id.in_subquery(requests))
        .order_by_asc(proceeding::Column::Id)
        .all(db)
        .await?;
    Ok(rows)
}

/// Approved requests with something left to incorporate into a list, oldest first.
pub async fn waiting_for(db: &impl ConnectionTrait, list: DutyListId) -> Outcome<Vec<ProceedingId>> {
    let left = Query::select()
        .column(("t", "request_id"))
        .from_as("request_target", "t")
        .and_where(Expr::col(("t", "list_id")).eq(list.0))
        .and_where(Expr::col(("t", "draft_version_id")).is_null())
        .and_where(Expr::col(("t", "incorporated_at")).is_null())
        .to_owned();
    let rows = approved(db, left).await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Approved requests about these items that have not been incorporated, as facts of a refusal, oldest first.
pub async fn waiting_about(db: &impl ConnectionTrait, items: &[DutyItemId]) -> Outcome<Vec<Named>> {
    let left = Query::select()
        .column(("t", "request_id"))
        .from_as("request_target", "t")
        .and_where(Expr::col(("t", "item_id")).is_in(items.iter().map(|id| id.0)))
        .and_where(Expr::col(("t", "incorporated_at")).is_null())
        .to_owned();
    let rows = approved(db, left).await?;
    let mut named = Vec::with_capacity(rows.len());
    for row in rows {
        let kind: ProceedingKind = stored(&row.kind)?;
        named.push(Named::new(kind.public_id(row.id), format!("{} {}", row.number, row.title)));
    }
    Ok(named)
}

/// Notes that a version is about to incorporate a target, or no longer is.
pub async fn set_draft<A: Act>(tx: &Tx, _: &Permit<A>, targets: &[Uuid], version: Option<VersionId>) -> Outcome<()> {
    request_target::Entity::update_many()
        .col_expr(request_target::Column::DraftVersionId, Expr::value(version.map(|id| id.0)))
        .filter(request_target::Column::Id.is_in(targets.iter().copied()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Frees the targets of a version that was withdrawn.
pub async fn release<A: Act>(tx: &Tx, permit: &Permit<A>) -> Outcome<()> {
    request_target::Entity::update_many()
        .col_expr(request_target::Column::DraftVersionId, Expr::value(None::<Uuid>))
        .filter(request_target::Column::DraftVersionId.eq(permit.target()))
        .filter(request_target::Column::IncorporatedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Marks the targets of a published version as incorporated; answers the requests that have nothing left.
pub async fn incorporate<A: Act>(tx: &Tx, permit: &Permit<A>) -> Outcome<Vec<ProceedingId>> {
    use request_target::Column as C;
    request_target::Entity::update_many()
        .col_expr(C::IncorporatedAt, Expr::value(tx.now()))
        .filter(C::DraftVersionId.eq(permit.target()))
        .exec(tx.db())
        .await?;
    let mine = Query::select()
        .column(("t", "request_id"))
        .from_as("request_target", "t")
        .and_where(Expr::col(("t", "draft_version_id")).eq(permit.target()))
        .to_owned();
    let left = Query::select()
        .expr(Expr::val(1))
        .from_as("request_target", "o")
        .and_where(Expr::col(("o", "request_id")).equals(("change_request", "id")))
        .and_where(Expr::col(("o", "incorporated_at")).is_null())
        .to_owned();
    let rows = change_request::Entity::find()
        .filter(change_request::Column::Id.in_subquery(mine))
        .filter(Expr::exists(left).not())
        .order_by_asc(change_request::Column::Id)
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Whether any list has taken up a request.
pub async fn is_incorporated_anywhere(db: &impl ConnectionTrait, request: ProceedingId) -> Outcome<bool> {
    let taken_up = request_target::Entity::find()
        .filter(request_target::Column::RequestId.eq(request.0))
        .filter(request_target::Column::IncorporatedAt.is_not_null())
        .count(db)
        .await?;
    Ok(taken_up > 0)
}

// ---- what an incorporating version changes

/// A change that an incorporating version makes.
#[derive(Clone, Debug)]
pub struct VersionChange {
    /// The item.
    pub item: DutyItemId,
    /// How it read.
    pub old: Option<RevisionId>,
    /// How it reads.
    pub new: Option<RevisionId>,
    /// The approved request that allows it.
    pub request: ProceedingId,
}

/// Writes a change.
pub async fn insert_change<A: Act>(
    tx: &Tx,
    _: &Permit<A>,
    province: ProvinceId,
    version: VersionId,
    change: &VersionChange,
) -> Outcome<()> {
    let row = version_change::ActiveModel {
        version_id: Set(version.0),
        item_id: Set(change.item.0),
        province_id: Set(province.0),
        old_revision_id: Set(change.old.map(|id| id.0)),
        new_revision_id: Set(change.new.map(|id| id.0)),
        request_id: Set(change.request.0),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Changes of versions.
pub async fn changes(
    db: &impl ConnectionTrait,
    versions: &[VersionId],
) -> Outcome<HashMap<VersionId, Vec<VersionChange>>> {
    let rows = version_change::Entity::find()
        .filter(version_change::Column::VersionId.is_in(versions.iter().map(|id| id.0)))
        .order_by_asc(version_change::Column::ItemId)
        .all(db)
        .await?;
    let mut map: HashMap<VersionId, Vec<VersionChange>> = HashMap::new();
    for row in rows {
        map.entry(row.version_id.into()).or_default().push(VersionChange {
            item: row.item_id.into(),
            old: row.old_revision_id.map(Into::into),
            new: row.new_revision_id.map(Into::into),
            request: row.request_id.into(),
        });
    }
    Ok(map)
}
