//! `opinion`: what an organisation said when it was heard, and how the proposer answered.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "opinion")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub proceeding_id: Uuid,
    pub org_unit_id: Uuid,
    pub stage: String,
    pub round: i32,
    pub stance: String,
    pub text: String,
    pub capacity: Option<String>,
    pub given_by: Option<Uuid>,
    pub given_at: DateTimeUtc,
    pub answer: Option<String>,
    pub answered_by: Option<Uuid>,
    pub answered_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
