//! `evaluation_round`: one half-yearly round; its procedure is the proceeding with the same id.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "evaluation_round")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub authority_id: Uuid,
    pub year: i32,
    pub half: i16,
    /// The province's dimensions, weights and minima as they stood when the round opened.
    #[sea_orm(column_type = "JsonBinary")]
    pub rules: Json,
    pub opens_at: Option<DateTimeUtc>,
    pub closes_at: Option<DateTimeUtc>,
    pub objection_until: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
