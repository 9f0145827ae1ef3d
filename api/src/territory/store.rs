//! The SQL of territory.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Cond, Expr, ExprTrait, SelectStatement},
};
use uuid::Uuid;
use yidan_entity::{
    division, division_successor, internal_office, org_unit, position, province, review_chain_step, zone_overlay,
};

use super::rules::{self, Ancestor, Division, Office, OrgUnit, Position};
use crate::kernel::{
    db::contains,
    fault::{Fault, Outcome, refuse},
    ids::{DivisionId, OfficeId, OrgUnitId, PositionId, ProvinceId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    place::{self, DivisionLevel, OrgKind},
    policy::{Act, Permit, act},
    refusal::Refusal,
    runner::Tx,
    scope::{self, Scope},
    settings::ProvinceSettings,
    value::stored,
};

fn level(number: i16) -> Result<DivisionLevel, Fault> {
    DivisionLevel::from_number(number).ok_or_else(|| Fault::new(format!("level {number} in the database")))
}

impl TryFrom<division::Model> for Division {
    type Error = Fault;

    fn try_from(row: division::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            code: row.code,
            name: row.name,
            level: level(row.level)?,
            kind: stored(&row.kind)?,
            parent: row.parent_id.map(Into::into),
            path: row.path,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
    }
}

impl TryFrom<org_unit::Model> for OrgUnit {
    type Error = Fault;

    fn try_from(row: org_unit::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            division: row.division_id.into(),
            path: row.path,
            level: level(row.level)?,
            kind: stored(&row.kind)?,
            name: row.name,
            short_name: row.short_name,
            parent: row.parent_id.map(Into::into),
            vertical: row.vertical,
            successor: row.successor_id.map(Into::into),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            revision: row.revision,
        })
    }
}

impl From<internal_office::Model> for Office {
    fn from(row: internal_office::Model) -> Self {
        Self {
            id: row.id.into(),
            org: row.org_unit_id.into(),
            name: row.name,
            ordinal: row.ordinal,
            closed_at: row.closed_at,
            revision: row.revision,
        }
    }
}

impl From<position::Model> for Position {
    fn from(row: position::Model) -> Self {
        Self {
            id: row.id.into(),
            office: row.office_id.into(),
            name: row.name,
            ordinal: row.ordinal,
            closed_at: row.closed_at,
            revision: row.revision,
        }
    }
}

fn all<M, T: TryFrom<M, Error = Fault>>(rows: Vec<M>) -> Outcome<Vec<T>> {
    Ok(rows.into_iter().map(T::try_from).collect::<Result<_, _>>()?)
}

// ---- divisions

/// Divisions by id.
pub async fn divisions(db: &impl ConnectionTrait, ids: &[DivisionId]) -> Outcome<HashMap<DivisionId, Division>> {
    let rows = division::Entity::find().filter(division::Column::Id.is_in(ids.iter().map(|id| id.0))).all(db).await?;
    Ok(all::<_, Division>(rows)?.into_iter().map(|division| (division.id, division)).collect())
}

/// One division.
pub async fn division(db: &impl ConnectionTrait, id: DivisionId) -> Outcome<Option<Division>> {
    let row = division::Entity::find_by_id(id.0).one(db).await?;
    Ok(row.map(Division::try_from).transpose()?)
}

/// Divisions that exist on `day`; before the records begin, those with which they begin.
fn division_exists_on(day: NaiveDate) -> Cond {
    let day = std::cmp::max(day, rules::records_begin());
    let ends = division::Column::ValidTo.is_null().or(division::Column::ValidTo.gt(day));
    Cond::all().add(division::Column::ValidFrom.lte(day)).add(ends)
}

/// The division that bears `code` on `day`.
pub async fn division_by_code(db: &impl ConnectionTrait, code: &str, day: NaiveDate) -> Outcome<Option<Division>> {
    let row = division::Entity::find()
        .filter(division::Column::Code.eq(code))
        .filter(division_exists_on(day))
        .one(db)
        .await?;
    Ok(row.map(Division::try_from).transpose()?)
}

/// Which divisions a list shows.
#[derive(Clone, Debug, Default)]
pub struct DivisionFilter {
    /// Direct children of this one.
    pub parent: Option<DivisionId>,
    /// Anywhere below this path.
    pub below: Option<String>,
    /// Of this level.
    pub level: Option<DivisionLevel>,
    /// With this in the name.
    pub name: Option<String>,
    /// On this day.
    pub on: Option<NaiveDate>,
}

/// The select of a list of divisions.
#[must_use]
pub fn select_divisions(filter: &DivisionFilter) -> SelectStatement {
    let mut select = division::Entity::find();
    if let Some(parent) = filter.parent {
        select = select.filter(division::Column::ParentId.eq(parent.0));
    }
    if let Some(root) = &filter.below {
        let (from, to) = place::below(root);
        select = select.filter(division::Column::Path.gte(from)).filter(division::Column::Path.lt(to));
    }
    if let Some(level) = filter.level {
        select = select.filter(division::Column::Level.eq(level.number()));
    }
    if let Some(name) = &filter.name {
        select = select.filter(contains(("division", "name"), name));
    }
    if let Some(day) = filter.on {
        select = select.filter(division_exists_on(day));
    }
    select.into_query()
}

/// A page of divisions by code.
pub async fn division_page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    page: &PageArgs,
) -> Outcome<Page<Division>> {
    let order = Keyset::new(
        "division",
        vec![
            Key::asc(Expr::col(("division", "code")), KeyKind::Text),
            Key::asc(Expr::col(("division", "id")), KeyKind::Id),
        ],
    );
    let page = paging::fetch::<division::Model>(db, select, &order, page).await?;
    convert(page)
}

fn convert<M, T: TryFrom<M, Error = Fault>>(page: Page<M>) -> Outcome<Page<T>> {
    let mut rows = Vec::with_capacity(page.rows.len());
    for (cursor, row) in page.rows {
        rows.push((cursor, T::try_from(row)?));
    }
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}

/// For each division itself and those above it, nearest first. As many queries as there are levels.
pub async fn lineages(db: &impl ConnectionTrait, ids: &[DivisionId]) -> Outcome<HashMap<DivisionId, Vec<Division>>> {
    let mut known: HashMap<DivisionId, Division> = HashMap::new();
    let mut next: Vec<DivisionId> = ids.to_vec();
    for _ in 0..6 {
        next.retain(|id| !known.contains_key(id));
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            break;
        }
        let found = divisions(db, &next).await?;
        next = found.values().filter_map(|division| division.parent).collect();
        known.extend(found);
    }
    let upward = |id: DivisionId| {
        std::iter::successors(known.get(&id), |division| division.parent.and_then(|parent| known.get(&parent)))
    };
    Ok(ids.iter().map(|id| (*id, upward(*id).take(6).cloned().collect())).collect())
}

/// A lineage as rules see it.
#[must_use]
pub fn ancestors(lineage: &[Division]) -> Vec<Ancestor> {
    lineage.iter().map(|division| Ancestor { id: division.id, level: division.level }).collect()
}

/// Successors of divisions.
pub async fn successors(
    db: &impl ConnectionTrait,
    ids: &[DivisionId],
    backward: bool,
) -> Outcome<HashMap<DivisionId, Vec<DivisionId>>> {
    use division_successor::Column::{DivisionId as From, SuccessorId as To};
    let column = if backward { To } else { From };
    let rows = division_successor::Entity::find()
        .filter(column.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(From)
        .order_by_asc(To)
        .all(db)
        .await?;
    let mut map: HashMap<DivisionId, Vec<DivisionId>> = HashMap::new();
    for row in rows {
        let (key, value) =
            if backward { (row.successor_id, row.division_id) } else { (row.division_id, row.successor_id) };
        map.entry(key.into()).or_default().push(value.into());
    }
    Ok(map)
}

/// Writes a new division.
pub async fn insert_division(tx: &Tx, _: &Permit<act::RegisterDivisionChange>, new: &Division) -> Outcome<()> {
    let row = division::ActiveModel {
        id: Set(new.id.0),
        code: Set(new.code.clone()),
        name: Set(new.name.clone()),
        level: Set(new.level.number()),
        kind: Set(new.kind.code().to_owned()),
        parent_id: Set(new.parent.map(|id| id.0)),
        path: Set(new.path.clone()),
        valid_from: Set(new.valid_from),
        valid_to: Set(new.valid_to),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Ends a division on `day` and names who continues it.
pub async fn end_division(
    tx: &Tx,
    _: &Permit<act::RegisterDivisionChange>,
    id: DivisionId,
    day: NaiveDate,
    by: &[DivisionId],
) -> Outcome<()> {
    division::Entity::update_many()
        .col_expr(division::Column::ValidTo, Expr::value(day))
        .filter(division::Column::Id.eq(id.0))
        .exec(tx.db())
        .await?;
    for successor in by {
        let row = division_successor::ActiveModel { division_id: Set(id.0), successor_id: Set(successor.0) };
        row.insert(tx.db()).await?;
    }
    Ok(())
}

// ---- organisations

/// Organisations by id, within the scope's province.
pub async fn orgs(db: &impl ConnectionTrait, scope: &Scope, ids: &[OrgUnitId]) -> Outcome<HashMap<OrgUnitId, OrgUnit>> {
    let rows = org_unit::Entity::find()
        .filter(scope.province(org_unit::Column::ProvinceId))
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
    let committees = org_unit::Entity::find()
        .select_only()
        .column(org_unit::Column::Id)
        .filter(org_unit::Column::Kind.eq(OrgKind::ManagementCommittee))
        .into_query();
    let rows = org_unit::Entity::find()
        .filter(scope.province(org_unit::Column::ProvinceId))
        .filter(org_unit::Column::DivisionId.is_in(divisions.iter().map(|id| id.0)))
        .filter(org_unit::Column::Kind.is_in(kinds.iter().copied()))
        .filter(org_unit::Column::ValidTo.is_null())
        .filter(
            Cond::any()
                .add(org_unit::Column::ParentId.is_null())
                .add(org_unit::Column::ParentId.not_in_subquery(committees)),
        )
        .order_by_asc(org_unit::Column::Id)
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

fn changed_one(rows: u64, revision: i32) -> Outcome<()> {
    if rows == 1 { Ok(()) } else { refuse(Refusal::StaleRevision { current: revision + 1 }) }
}

// ---- zones and chains

/// The committees that administer townships on `day`, with the overlay that says so.
pub async fn zones_of(
    db: &impl ConnectionTrait,
    townships: &[DivisionId],
    day: NaiveDate,
) -> Outcome<HashMap<DivisionId, (Uuid, OrgUnitId)>> {
    let rows = zone_overlay::Entity::find()
        .filter(zone_overlay::Column::DivisionId.is_in(townships.iter().map(|id| id.0)))
        .filter(zone_overlay::Column::ValidFrom.lte(day))
        .filter(zone_overlay::Column::ValidTo.is_null().or(zone_overlay::Column::ValidTo.gt(day)))
        .order_by_asc(zone_overlay::Column::ValidFrom)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.division_id.into(), (row.id, row.committee_id.into()))).collect())
}

/// Whether some committee administers the township on `day` or later.
pub async fn is_zoned_from(db: &impl ConnectionTrait, township: DivisionId, day: NaiveDate) -> Outcome<bool> {
    let found = zone_overlay::Entity::find()
        .filter(zone_overlay::Column::DivisionId.eq(township.0))
        .filter(zone_overlay::Column::ValidTo.is_null().or(zone_overlay::Column::ValidTo.gt(day)))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Townships a committee administers on `day`.
pub async fn townships_of_committee(
    db: &impl ConnectionTrait,
    committee: OrgUnitId,
    day: NaiveDate,
) -> Outcome<Vec<DivisionId>> {
    let rows = zone_overlay::Entity::find()
        .filter(zone_overlay::Column::CommitteeId.eq(committee.0))
        .filter(zone_overlay::Column::ValidFrom.lte(day))
        .filter(zone_overlay::Column::ValidTo.is_null().or(zone_overlay::Column::ValidTo.gt(day)))
        .order_by_asc(zone_overlay::Column::DivisionId)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.division_id.into()).collect())
}

/// Puts a township under a committee.
pub async fn insert_zone(
    tx: &Tx,
    _: &Permit<act::AssignTownshipToZone>,
    province: ProvinceId,
    division: DivisionId,
    committee: OrgUnitId,
    from: NaiveDate,
) -> Outcome<()> {
    let row = zone_overlay::ActiveModel {
        id: Set(Uuid::now_v7()),
        province_id: Set(province.0),
        division_id: Set(division.0),
        committee_id: Set(committee.0),
        valid_from: Set(from),
        valid_to: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Ends a committee's administration of a township.
pub async fn end_zone(tx: &Tx, _: &Permit<act::ReleaseTownshipFromZone>, overlay: Uuid, day: NaiveDate) -> Outcome<()> {
    zone_overlay::Entity::update_many()
        .col_expr(zone_overlay::Column::ValidTo, Expr::value(day))
        .filter(zone_overlay::Column::Id.eq(overlay))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The configured chains above decision bodies; none where the divisions are followed.
pub async fn configured_chains(
    db: &impl ConnectionTrait,
    authorities: &[OrgUnitId],
) -> Outcome<HashMap<OrgUnitId, Vec<OrgUnitId>>> {
    let rows = review_chain_step::Entity::find()
        .filter(review_chain_step::Column::AuthorityId.is_in(authorities.iter().map(|id| id.0)))
        .order_by_asc(review_chain_step::Column::AuthorityId)
        .order_by_asc(review_chain_step::Column::Ordinal)
        .all(db)
        .await?;
    let mut map: HashMap<OrgUnitId, Vec<OrgUnitId>> = HashMap::new();
    for row in rows {
        map.entry(row.authority_id.into()).or_default().push(row.office_id.into());
    }
    Ok(map)
}

/// Replaces the configured chain above a decision body.
pub async fn set_chain(
    tx: &Tx,
    permit: &Permit<act::ConfigureReviewChain>,
    province: ProvinceId,
    offices: &[OrgUnitId],
) -> Outcome<()> {
    review_chain_step::Entity::delete_many()
        .filter(review_chain_step::Column::AuthorityId.eq(permit.target()))
        .exec(tx.db())
        .await?;
    for (ordinal, office) in (0..).zip(offices) {
        let row = review_chain_step::ActiveModel {
            authority_id: Set(permit.target()),
            ordinal: Set(ordinal),
            province_id: Set(province.0),
            office_id: Set(office.0),
        };
        row.insert(tx.db()).await?;
    }
    Ok(())
}

// ---- internal offices and positions

/// Internal offices of organisations, in their order.
pub async fn offices_of(
    db: &impl ConnectionTrait,
    orgs: &[OrgUnitId],
    closed: bool,
) -> Outcome<HashMap<OrgUnitId, Vec<Office>>> {
    let mut select = internal_office::Entity::find()
        .filter(internal_office::Column::OrgUnitId.is_in(orgs.iter().map(|id| id.0)))
        .order_by_asc(internal_office::Column::Ordinal)
        .order_by_asc(internal_office::Column::Id);
    if !closed {
        select = select.filter(internal_office::Column::ClosedAt.is_null());
    }
    let mut map: HashMap<OrgUnitId, Vec<Office>> = HashMap::new();
    for row in select.all(db).await? {
        map.entry(row.org_unit_id.into()).or_default().push(row.into());
    }
    Ok(map)
}

/// Internal offices by id, within the scope's province.
pub async fn offices(db: &impl ConnectionTrait, scope: &Scope, ids: &[OfficeId]) -> Outcome<HashMap<OfficeId, Office>> {
    let rows = internal_office::Entity::find()
        .filter(scope.province(internal_office::Column::ProvinceId))
        .filter(internal_office::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}

/// Positions of internal offices, in their order.
pub async fn positions_of(
    db: &impl ConnectionTrait,
    offices: &[OfficeId],
) -> Outcome<HashMap<OfficeId, Vec<Position>>> {
    let rows = position::Entity::find()
        .filter(position::Column::OfficeId.is_in(offices.iter().map(|id| id.0)))
        .filter(position::Column::ClosedAt.is_null())
        .order_by_asc(position::Column::Ordinal)
        .order_by_asc(position::Column::Id)
        .all(db)
        .await?;
    let mut map: HashMap<OfficeId, Vec<Position>> = HashMap::new();
    for row in rows {
        map.entry(row.office_id.into()).or_default().push(row.into());
    }
    Ok(map)
}

/// Positions by id, within the scope's province.
pub async fn positions(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[PositionId],
) -> Outcome<HashMap<PositionId, Position>> {
    let rows = position::Entity::find()
        .filter(scope.province(position::Column::ProvinceId))
        .filter(position::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}

/// Writes a new internal office.
pub async fn insert_office(
    tx: &Tx,
    _: &Permit<act::CreateInternalOffice>,
    province: ProvinceId,
    new: &Office,
) -> Outcome<()> {
    let row = internal_office::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        org_unit_id: Set(new.org.0),
        name: Set(new.name.clone()),
        ordinal: Set(new.ordinal),
        closed_at: Set(new.closed_at),
        revision: Set(new.revision),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Renames or closes an internal office if nobody else changed it in the meantime.
pub async fn update_office<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    revision: i32,
    name: Option<&str>,
    close: bool,
) -> Outcome<()> {
    let mut update = internal_office::Entity::update_many()
        .col_expr(internal_office::Column::Revision, Expr::value(revision + 1))
        .filter(internal_office::Column::Id.eq(permit.target()))
        .filter(internal_office::Column::Revision.eq(revision));
    if let Some(name) = name {
        update = update.col_expr(internal_office::Column::Name, Expr::value(name));
    }
    if close {
        update = update.col_expr(internal_office::Column::ClosedAt, Expr::value(tx.now()));
    }
    changed_one(update.exec(tx.db()).await?.rows_affected, revision)
}

/// Writes a new position.
pub async fn insert_position(
    tx: &Tx,
    _: &Permit<act::CreatePosition>,
    province: ProvinceId,
    new: &Position,
) -> Outcome<()> {
    let row = position::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        office_id: Set(new.office.0),
        name: Set(new.name.clone()),
        ordinal: Set(new.ordinal),
        closed_at: Set(new.closed_at),
        revision: Set(new.revision),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Closes a position.
pub async fn close_position(tx: &Tx, permit: &Permit<act::ClosePosition>, revision: i32) -> Outcome<()> {
    let done = position::Entity::update_many()
        .col_expr(position::Column::Revision, Expr::value(revision + 1))
        .col_expr(position::Column::ClosedAt, Expr::value(tx.now()))
        .filter(position::Column::Id.eq(permit.target()))
        .filter(position::Column::Revision.eq(revision))
        .exec(tx.db())
        .await?;
    changed_one(done.rows_affected, revision)
}

// ---- provinces

/// A served province.
#[derive(Clone, Debug)]
pub struct ProvinceRow {
    /// Id.
    pub id: ProvinceId,
    /// Code of its division.
    pub code: String,
    /// Name.
    pub name: String,
    /// Settings.
    pub settings: ProvinceSettings,
    /// Revision of the settings.
    pub revision: i32,
}

impl TryFrom<province::Model> for ProvinceRow {
    type Error = Fault;

    fn try_from(row: province::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            code: row.code,
            name: row.name,
            settings: serde_json::from_value(row.settings)?,
            revision: row.revision,
        })
    }
}

/// A served province.
pub async fn province(db: &impl ConnectionTrait, id: ProvinceId) -> Outcome<Option<ProvinceRow>> {
    let row = province::Entity::find_by_id(id.0).one(db).await?;
    Ok(row.map(ProvinceRow::try_from).transpose()?)
}

/// The served province with this code.
pub async fn province_by_code(db: &impl ConnectionTrait, code: &str) -> Outcome<Option<ProvinceRow>> {
    let row = province::Entity::find().filter(province::Column::Code.eq(code)).one(db).await?;
    Ok(row.map(ProvinceRow::try_from).transpose()?)
}

/// All served provinces.
pub async fn provinces(db: &impl ConnectionTrait) -> Outcome<Vec<ProvinceRow>> {
    all(province::Entity::find().order_by_asc(province::Column::Code).all(db).await?)
}

/// Writes a new served province.
pub async fn insert_province(
    db: &impl ConnectionTrait,
    _: &Permit<act::Bootstrap>,
    new: &ProvinceRow,
    now: chrono::DateTime<chrono::Utc>,
) -> Outcome<()> {
    let row = province::ActiveModel {
        id: Set(new.id.0),
        code: Set(new.code.clone()),
        name: Set(new.name.clone()),
        settings: Set(serde_json::to_value(&new.settings)?),
        created_at: Set(now),
        revision: Set(new.revision),
    };
    row.insert(db).await?;
    Ok(())
}

/// Replaces a province's settings if nobody else did in the meantime.
pub async fn update_settings<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    revision: i32,
    settings: &ProvinceSettings,
) -> Outcome<()> {
    let done = province::Entity::update_many()
        .col_expr(province::Column::Revision, Expr::value(revision + 1))
        .col_expr(province::Column::Settings, Expr::value(serde_json::to_value(settings)?))
        .filter(province::Column::Id.eq(permit.target()))
        .filter(province::Column::Revision.eq(revision))
        .exec(tx.db())
        .await?;
    changed_one(done.rows_affected, revision)
}
