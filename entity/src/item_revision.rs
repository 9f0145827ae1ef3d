//! `item_revision`: an item as it reads in one or more consecutive versions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "item_revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub item_id: Uuid,
    pub list_id: Uuid,
    pub category: String,
    pub domain_id: Uuid,
    pub wording_id: Uuid,
    /// Number in its category.
    pub ordinal: i32,
    pub penalty_power: bool,
    pub reclaim_method: Option<String>,
    pub source: String,
    pub introduced_version_id: Uuid,
    pub introduced_no: i32,
    pub retired_version_id: Option<Uuid>,
    pub retired_no: Option<i32>,
    /// Null while its version is not published.
    pub effective_from: Option<DateTimeUtc>,
    pub effective_to: Option<DateTimeUtc>,
    pub recorded_from: Option<DateTimeUtc>,
    pub recorded_to: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
