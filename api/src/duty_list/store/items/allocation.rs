//! Which internal office handles an item.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Cond, Expr, ExprTrait, OnConflict, Query, SelectStatement},
};
use uuid::Uuid;
use yidan_entity::{internal_office, item_allocation};

use crate::{
    duty_list::rules::content::DutyCategory,
    kernel::{
        fault::Outcome,
        ids::{DutyItemId, OfficeId, ProvinceId},
        policy::{Permit, act},
        runner::Tx,
    },
};

/// Offices that handle items now: lead first.
pub async fn allocations(
    db: &impl ConnectionTrait,
    items: &[DutyItemId],
) -> Outcome<HashMap<DutyItemId, Vec<(OfficeId, bool)>>> {
    let rows = item_allocation::Entity::find()
        .filter(item_allocation::Column::ItemId.is_in(items.iter().map(|id| id.0)))
        .filter(item_allocation::Column::ToAt.is_null())
        .filter(item_allocation::Column::OfficeId.in_subquery(open_offices()))
        .order_by_desc(item_allocation::Column::Role)
        .order_by_asc(item_allocation::Column::OfficeId)
        .all(db)
        .await?;
    let mut map: HashMap<DutyItemId, Vec<(OfficeId, bool)>> = HashMap::new();
    for row in rows {
        map.entry(row.item_id.into()).or_default().push((row.office_id.into(), row.role == "LEAD"));
    }
    Ok(map)
}

pub(super) fn open_offices() -> SelectStatement {
    Query::select()
        .column(("internal_office", "id"))
        .from(internal_office::Entity)
        .and_where(Expr::col(("internal_office", "closed_at")).is_null())
        .to_owned()
}

/// Items an office handles, or items of a list that no office leads.
#[must_use]
pub fn handled_by(office: Option<OfficeId>) -> Cond {
    let mut held = Query::select()
        .expr(Expr::val(1))
        .from_as("item_allocation", "a")
        .and_where(Expr::col(("a", "item_id")).equals(("r", "item_id")))
        .and_where(Expr::col(("a", "to_at")).is_null())
        .to_owned();
    if let Some(office) = office {
        held.and_where(Expr::col(("a", "office_id")).eq(office.0));
        Cond::all().add(Expr::exists(held))
    } else {
        held.and_where(Expr::col(("a", "role")).eq("LEAD"))
            .and_where(Expr::col(("a", "office_id")).in_subquery(open_offices()));
        Cond::all().add(Expr::exists(held).not()).add(Expr::col(("r", "category")).ne(DutyCategory::Reclaimed.code()))
    }
}

/// Replaces the offices that handle an item.
pub async fn allocate(
    tx: &Tx,
    permit: &Permit<act::AllocateDutyItem>,
    province: ProvinceId,
    offices: &[(OfficeId, bool)],
) -> Outcome<()> {
    item_allocation::Entity::update_many()
        .col_expr(item_allocation::Column::ToAt, Expr::value(tx.now()))
        .filter(item_allocation::Column::ItemId.eq(permit.target()))
        .filter(item_allocation::Column::ToAt.is_null())
        .exec(tx.db())
        .await?;
    for (office, lead) in offices {
        let row = item_allocation::ActiveModel {
            id: Set(Uuid::now_v7()),
            province_id: Set(province.0),
            item_id: Set(permit.target()),
            office_id: Set(office.0),
            role: Set(if *lead { "LEAD" } else { "ASSIST" }.to_owned()),
            from_at: Set(tx.now()),
            to_at: Set(None),
        };
        item_allocation::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}
