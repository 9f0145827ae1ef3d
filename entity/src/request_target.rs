//! `request_target`: where a change applies: a list, and there an item unless the change adds one.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "request_target")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub request_id: Uuid,
    pub change_id: Uuid,
    pub list_id: Uuid,
    pub item_id: Option<Uuid>,
    /// How the item read when the request was submitted.
    pub base_revision_id: Option<Uuid>,
    #[sea_orm(column_type = "JsonBinary")]
    pub derived_from: Json,
    pub draft_version_id: Option<Uuid>,
    pub incorporated_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
