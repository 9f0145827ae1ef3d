//! `division_successor`: which division continues which.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "division_successor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub division_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub successor_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
