//! `review_chain_step`: a configured review chain above a list authority; without rows the chain follows the divisions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_chain_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub authority_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    pub province_id: Uuid,
    pub office_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
