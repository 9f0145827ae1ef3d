//! `wording_instrument`: which wordings rest on which legal instrument, for the watch on changes of law.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wording_instrument")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub wording_id: Uuid,
    /// Normalised title.
    #[sea_orm(primary_key, auto_increment = false)]
    pub instrument: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
