//! `evaluation_result`: the tally of one subject in one round.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "evaluation_result")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub round_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_org_id: Uuid,
    pub province_id: Uuid,
    pub direction: String,
    /// SUFFICIENT or INSUFFICIENT.
    pub standing: String,
    /// Hundredths of a point.
    pub ballot_score: Option<i32>,
    pub objective_score: Option<i32>,
    pub total_score: Option<i32>,
    pub ballot_count: Option<i32>,
    /// Code and score of each published dimension.
    #[sea_orm(column_type = "JsonBinary")]
    pub dimensions: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub comments: Json,
    pub rolled_into: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
