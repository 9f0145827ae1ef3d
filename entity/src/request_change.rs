//! `request_change`: one change a request asks for.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "request_change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub request_id: Uuid,
    pub ordinal: i32,
    pub direction: String,
    pub burden: String,
    /// Proposed item; null for a removal.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub content: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
