//! `item_template`: a county's model item that townships adopt and may override.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "item_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub authority_id: Uuid,
    pub code: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub content: Json,
    pub retired_at: Option<DateTimeUtc>,
    pub revision: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
