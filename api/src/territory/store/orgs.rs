//! Organisations.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use yidan_entity::{division, org_unit};

use super::{all, convert};
use crate::kernel::{
    db::contains,
    fault::{Outcome, refuse},
    ids::{DivisionId, OrgUnitId, ProvinceId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    place::OrgKind,
    policy::{Act, Permit, act},
    refusal::Refusal,
    runner::Tx,
    scope::{self, Scope},
};
use crate::territory::rules::OrgUnit;

/// Organisations by id, within the scope's province; for who reads, those that something visible names.
pub async fn orgs(db: &impl ConnectionTrait, scope: &Scope, ids: &[OrgUnitId]) -> Outcome<HashMap<OrgUnitId, OrgUnit>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = org_unit::Entity::find()
        .filter(scope.published(org_unit::Column::ProvinceId))
        .filter(org_unit::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(all::<_, OrgUnit>(rows)?.into_iter().map(|org| (org.id, org)).collect())
}

/// One organisation, within the scope's province.
pub async fn org(db: &impl ConnectionTrait, scope: &Scope, id: OrgUnitId) -> Outcome<Option<OrgUnit>> {
    let row = org_unit::Entity::find_by_id(id.0).filter(scope.province(org_unit::Column::ProvinceId)).one(db).await?;
    Ok(row.map(OrgUnit::try_from).transpose()?)
}

/// Which organisations a list shows.
#[derive(Clone, Debug, Default)]
pub struct OrgFilter {
    /// In this territory.
    pub within: Option<String>,
    /// In exactly this division.
    pub division: Option<DivisionId>,
    /// Of this kind.
    pub kind: Option<OrgKind>,
    /// With this in the name.
    pub name: Option<String>,
    /// Including those that no longer exist.
    pub ended: bool,
}

/// The select of a list of organisations.
#[must_use]
pub fn select_orgs(scope: &Scope, filter: &OrgFilter) -> SelectStatement {
    let mut select = org_unit::Entity::find().filter(scope.province(org_unit::Column::ProvinceId));
    if let Some(root) = &filter.within {
        select = select.filter(scope::inside("org_unit", root));
    }
    if let Some(division) = filter.division {
        select = select.filter(org_unit::Column::DivisionId.eq(division.0));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(org_unit::Column::Kind.eq(kind));
    }
    if let Some(name) = &filter.name {
        select = select.filter(contains(("org_unit", "name"), name));
    }
    if !filter.ended {
        select = select.filter(org_unit::Column::ValidTo.is_null());
    }
    select.into_query()
}

/// A page of organisations by territory and name.
pub async fn org_page(db: &impl ConnectionTrait, select: SelectStatement, page: &PageArgs) -> Outcome<Page<OrgUnit>> {
    let order = Keyset::new(
        "org",
        vec![
            Key::asc(Expr::col(("org_unit", "path")), KeyKind::Text),
            Key::asc(Expr::col(("org_unit", "name")), KeyKind::Text),
            Key::asc(Expr::col(("org_unit", "id")), KeyKind::Id),
        ],
    );
    convert(paging::fetch::<org_unit::Model>(db, select, &order, page).await?)
}

/// Organisations of some kinds that serve exactly these divisions and do not belong to a zone's committee, oldest first.
pub async fn orgs_of_divisions(
    db: &impl ConnectionTrait,
    scope: &Scope,
    divisions: &[DivisionId],
    kinds: &[OrgKind],
) -> Outcome<Vec<OrgUnit>> {
    if divisions.is_empty() {
        return Ok(Vec::new());
    }
    let committee = Query::select()
        .expr(Expr::val(1))
        .from_as(org_unit::Entity, "committee")
        .and_where(Expr::col(("committee", "id")).equals(("org_unit", "parent_id")))
        .and_where(Expr::col(("committee", "kind")).eq(OrgKind::ManagementCommittee))
        .to_owned();
    let rows = org_unit::Entity::find()
        .filter(scope.published(org_unit::Column::ProvinceId))
        .filter(org_unit::Column::DivisionId.is_in(divisions.iter().map(|id| id.0)))
        .filter(org_unit::Column::Kind.is_in(kinds.iter().copied()))
        .filter(org_unit::Column::ValidTo.is_null())
        .filter(Expr::exists(committee).not())
        .order_by_asc(org_unit::Column::Id)
        .all(db)
        .await?;
    all(rows)
}

/// Existing organisations that may be responsible for something in a township: those of its county and of the levels
/// above, by territory and name.
pub async fn responsible_in(db: &impl ConnectionTrait, province: ProvinceId, path: &str) -> Outcome<Vec<OrgUnit>> {
    let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    let above: Vec<&str> = ends.filter_map(|end| path.get(..end)).collect();
    let kinds = OrgKind::ALL.iter().copied().filter(|kind| kind.can_owe_duties());
    let rows = org_unit::Entity::find()
        .filter(org_unit::Column::ProvinceId.eq(province.0))
        .filter(org_unit::Column::Path.is_in(above))
        .filter(org_unit::Column::Kind.is_in(kinds))
        .filter(org_unit::Column::ValidTo.is_null())
        .order_by_asc(org_unit::Column::Path)
        .order_by_asc(org_unit::Column::Name)
        .all(db)
        .await?;
    all(rows)
}

/// Organisations of some kinds that belong to a zone's committee, oldest first.
pub async fn orgs_of_committee(
    db: &impl ConnectionTrait,
    committee: OrgUnitId,
    kinds: &[OrgKind],
) -> Outcome<Vec<OrgUnit>> {
    let rows = org_unit::Entity::find()
        .filter(org_unit::Column::ParentId.eq(committee.0))
        .filter(org_unit::Column::Kind.is_in(kinds.iter().copied()))
        .filter(org_unit::Column::ValidTo.is_null())
        .order_by_asc(org_unit::Column::Id)
        .all(db)
        .await?;
    all(rows)
}

/// Holds a division until the transaction ends, so that of two organisations registered in it at once the second sees
/// the first.
pub async fn hold_division(tx: &Tx, id: DivisionId) -> Outcome<()> {
    division::Entity::find_by_id(id.0).lock_exclusive().one(tx.db()).await?;
    Ok(())
}

/// The existing organisation of the same kind in the same place: division, level, committee or line above.
pub async fn in_the_place_of(db: &impl ConnectionTrait, new: &OrgUnit) -> Outcome<Option<OrgUnit>> {
    let parent = match new.parent {
        Some(parent) => org_unit::Column::ParentId.eq(parent.0),
        None => org_unit::Column::ParentId.is_null(),
    };
    let row = org_unit::Entity::find()
        .filter(org_unit::Column::ProvinceId.eq(new.province.0))
        .filter(org_unit::Column::DivisionId.eq(new.division.0))
        .filter(org_unit::Column::Kind.eq(new.kind))
        .filter(org_unit::Column::Level.eq(new.level.number()))
        .filter(org_unit::Column::ValidTo.is_null())
        .filter(parent)
        .one(db)
        .await?;
    Ok(row.map(OrgUnit::try_from).transpose()?)
}

/// Writes a new organisation.
pub async fn insert_org(tx: &Tx, _: &Permit<act::CreateOrgUnit>, new: &OrgUnit) -> Outcome<()> {
    let row = org_unit::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        division_id: Set(new.division.0),
        path: Set(new.path.clone()),
        level: Set(new.level.number()),
        kind: Set(new.kind.code().to_owned()),
        name: Set(new.name.clone()),
        short_name: Set(new.short_name.clone()),
        parent_id: Set(new.parent.map(|id| id.0)),
        vertical: Set(new.vertical),
        successor_id: Set(new.successor.map(|id| id.0)),
        valid_from: Set(new.valid_from),
        valid_to: Set(new.valid_to),
        revision: Set(new.revision),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// What changes in an organisation.
pub struct OrgChange<'a> {
    /// New names.
    pub names: Option<(&'a str, &'a str)>,
    /// Its end and who continues it.
    pub end: Option<(NaiveDate, Option<OrgUnitId>)>,
}

/// Changes an organisation if nobody else did in the meantime.
pub async fn update_org<A: Act>(tx: &Tx, permit: &Permit<A>, revision: i32, change: OrgChange<'_>) -> Outcome<()> {
    let mut update = org_unit::Entity::update_many()
        .col_expr(org_unit::Column::Revision, Expr::value(revision + 1))
        .filter(org_unit::Column::Id.eq(permit.target()))
        .filter(org_unit::Column::Revision.eq(revision));
    if let Some((name, short)) = change.names {
        update = update
            .col_expr(org_unit::Column::Name, Expr::value(name))
            .col_expr(org_unit::Column::ShortName, Expr::value(short));
    }
    if let Some((day, successor)) = change.end {
        update = update
            .col_expr(org_unit::Column::ValidTo, Expr::value(day))
            .col_expr(org_unit::Column::SuccessorId, Expr::value(successor.map(|id| id.0)));
    }
    changed_one(update.exec(tx.db()).await?.rows_affected, revision)
}

pub(super) fn changed_one(rows: u64, revision: i32) -> Outcome<()> {
    if rows == 1 { Ok(()) } else { refuse(Refusal::StaleRevision { current: revision + 1 }) }
}
