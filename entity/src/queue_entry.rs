//! `queue_entry`: what one organisation still has to do in one proceeding, with its clock.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "queue_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub proceeding_id: Uuid,
    pub org_unit_id: Uuid,
    pub task: String,
    pub opened_at: DateTimeUtc,
    pub basis: Option<String>,
    pub amount: Option<i32>,
    pub starts_at: Option<DateTimeUtc>,
    pub due_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub pauses: Option<Json>,
    pub calendar_version: Option<String>,
    pub breached_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    pub closed_by: Option<Uuid>,
    pub outcome: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
