//! Divisions.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Cond, Expr, ExprTrait, SelectStatement},
};
use yidan_entity::{division, division_successor};

use super::all;
use crate::kernel::{
    db::contains,
    fault::{Fault, Outcome},
    ids::DivisionId,
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    place::{self, DivisionLevel},
    policy::{Permit, act},
    runner::Tx,
    scope,
};
use crate::territory::rules::{self, Ancestor, Division};

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
pub(super) fn division_exists_on(day: NaiveDate) -> Cond {
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

/// Divisions that have borne `code` up to `day`, the latest first.
pub async fn bearers_of_code(db: &impl ConnectionTrait, code: &str, day: NaiveDate) -> Outcome<Vec<Division>> {
    let rows = division::Entity::find()
        .filter(division::Column::Code.eq(code))
        .filter(division::Column::ValidFrom.lte(std::cmp::max(day, rules::records_begin())))
        .order_by_desc(division::Column::ValidFrom)
        .all(db)
        .await?;
    all(rows)
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

pub(super) fn convert<M, T: TryFrom<M, Error = Fault>>(page: Page<M>) -> Outcome<Page<T>> {
    let mut rows = Vec::with_capacity(page.rows.len());
    for (cursor, row) in page.rows {
        rows.push((cursor, T::try_from(row)?));
    }
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}

/// For each division itself and those above it, nearest first. Those above are found by the path, in one query; only
/// where a division has been put under another one are they looked for level by level.
pub async fn lineages(db: &impl ConnectionTrait, ids: &[DivisionId]) -> Outcome<HashMap<DivisionId, Vec<Division>>> {
    let mut known = if ids.is_empty() { HashMap::new() } else { divisions(db, ids).await? };
    let above: BTreeSet<String> = known.values().flat_map(|division| paths_above(&division.path)).collect();
    if !above.is_empty() {
        let rows = division::Entity::find().filter(division::Column::Path.is_in(above)).all(db).await?;
        for row in rows {
            let found = Division::try_from(row)?;
            known.insert(found.id, found);
        }
    }
    for _ in 0..6 {
        let next: BTreeSet<DivisionId> =
            known.values().filter_map(|division| division.parent).filter(|id| !known.contains_key(id)).collect();
        if next.is_empty() {
            break;
        }
        known.extend(divisions(db, &next.into_iter().collect::<Vec<_>>()).await?);
    }
    let upward = |id: DivisionId| {
        std::iter::successors(known.get(&id), |division| division.parent.and_then(|parent| known.get(&parent)))
    };
    Ok(ids.iter().map(|id| (*id, upward(*id).take(6).cloned().collect())).collect())
}

/// The paths of the divisions above one with this path.
fn paths_above(path: &str) -> impl Iterator<Item = String> {
    path.match_indices('.').map(|(at, _)| path[..at].to_owned())
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

/// Names of everything townships belong to, in all provinces, on a day.
pub async fn names_above_townships(db: &impl ConnectionTrait, day: NaiveDate) -> Outcome<BTreeSet<String>> {
    let names = division::Entity::find()
        .select_only()
        .column(division::Column::Name)
        .filter(division::Column::Level.ne(DivisionLevel::Township.number()))
        .filter(division_exists_on(day))
        .into_tuple::<String>()
        .all(db)
        .await?;
    Ok(names.into_iter().collect())
}

/// The townships in a territory on a day, by code.
pub async fn townships_below(db: &impl ConnectionTrait, root: &str, day: NaiveDate) -> Outcome<Vec<Division>> {
    let rows = division::Entity::find()
        .filter(scope::inside("division", root))
        .filter(division::Column::Level.eq(DivisionLevel::Township.number()))
        .filter(division_exists_on(day))
        .order_by_asc(division::Column::Code)
        .all(db)
        .await?;
    all(rows)
}
