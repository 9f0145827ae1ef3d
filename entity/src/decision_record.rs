//! `decision_record`: a decision with its document.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "decision_record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub proceeding_id: Uuid,
    pub stage: String,
    pub outcome: String,
    /// The office that entered it.
    pub org_unit_id: Uuid,
    pub body: String,
    pub document_no: String,
    pub meeting: Option<String>,
    pub decided_on: Date,
    pub reason: Option<String>,
    pub entered_by: Uuid,
    pub entered_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
