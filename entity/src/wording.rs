//! `wording`: the texts of an item, stored once per province however many townships share them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wording")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub hash: String,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub superior_clauses: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub township_clauses: Json,
    pub method: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub bases: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
