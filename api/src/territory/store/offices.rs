//! Internal offices and positions.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use yidan_entity::{internal_office, position};

use super::changed_one;
use crate::kernel::{
    fault::Outcome,
    ids::{OfficeId, OrgUnitId, PositionId, ProvinceId},
    policy::{Act, Permit, act},
    runner::Tx,
    scope::Scope,
};
use crate::territory::rules::{Office, Position};

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

/// Internal offices by id, within the scope's province; for who reads, those that something visible names.
pub async fn offices(db: &impl ConnectionTrait, scope: &Scope, ids: &[OfficeId]) -> Outcome<HashMap<OfficeId, Office>> {
    let rows = internal_office::Entity::find()
        .filter(scope.published(internal_office::Column::ProvinceId))
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
