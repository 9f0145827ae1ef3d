//! `similarity_answer`: a reviewer's answer to a warning that two items of a version look alike.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "similarity_answer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub version_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub first_item_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub second_item_id: Uuid,
    pub province_id: Uuid,
    pub answer: String,
    pub answered_by: Uuid,
    pub answered_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
