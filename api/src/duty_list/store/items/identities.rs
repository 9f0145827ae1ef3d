//! The identities behind revisions, and their lineage.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, Query},
};
use yidan_entity::{duty_item, item_lineage};

use super::visible;
use crate::kernel::{
    fault::Outcome,
    ids::{DutyItemId, DutyListId, ProvinceId, TemplateId},
    scope::Scope,
};

/// An item's identity.
#[derive(Clone, Debug)]
pub struct Item {
    /// Id.
    pub id: DutyItemId,
    /// Province.
    pub province: ProvinceId,
    /// The list.
    pub list: DutyListId,
    /// Code.
    pub code: String,
    /// The model item it came from.
    pub template: Option<TemplateId>,
}

impl From<duty_item::Model> for Item {
    fn from(row: duty_item::Model) -> Self {
        Self {
            id: row.id.into(),
            province: row.province_id.into(),
            list: row.list_id.into(),
            code: row.code,
            template: row.template_id.map(Into::into),
        }
    }
}

/// Items by id, within the scope's province or, for who reads, of all, of which the caller may see a revision.
pub async fn items(db: &impl ConnectionTrait, scope: &Scope, ids: &[DutyItemId]) -> Outcome<HashMap<DutyItemId, Item>> {
    let seen = Query::select()
        .expr(Expr::val(1))
        .from_as("item_revision", "r")
        .and_where(Expr::col(("r", "item_id")).equals(("duty_item", "id")))
        .cond_where(visible(scope))
        .to_owned();
    let rows = duty_item::Entity::find()
        .filter(scope.published(duty_item::Column::ProvinceId))
        .filter(duty_item::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .filter(Expr::exists(seen))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}

/// Lineage of items: what they came from, or what came from them.
pub async fn lineage(
    db: &impl ConnectionTrait,
    items: &[DutyItemId],
    forward: bool,
) -> Outcome<HashMap<DutyItemId, Vec<DutyItemId>>> {
    use item_lineage::Column::{FromItemId, ItemId};
    let key = if forward { FromItemId } else { ItemId };
    let rows = item_lineage::Entity::find()
        .filter(key.is_in(items.iter().map(|id| id.0)))
        .order_by_asc(ItemId)
        .order_by_asc(FromItemId)
        .all(db)
        .await?;
    let mut map: HashMap<DutyItemId, Vec<DutyItemId>> = HashMap::new();
    for row in rows {
        let (from, to) = if forward { (row.from_item_id, row.item_id) } else { (row.item_id, row.from_item_id) };
        map.entry(from.into()).or_default().push(to.into());
    }
    Ok(map)
}
