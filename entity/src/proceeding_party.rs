//! `proceeding_party`: organisations a proceeding names, beside its proposer.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "proceeding_party")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub proceeding_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub org_unit_id: Uuid,
    pub province_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub capacity: String,
    /// Place in the review chain, for reviewers.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
