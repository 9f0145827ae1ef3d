//! `proceeding`: what every procedure has in common: number, title, state, territory, parties, revision.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "proceeding")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub kind: String,
    pub number: String,
    pub title: String,
    pub state: String,
    /// Decision body whose lists are concerned.
    pub authority_id: Uuid,
    /// Territory concerned.
    pub path: String,
    pub proposer_org_id: Uuid,
    pub created_by: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub submitted_at: Option<DateTimeUtc>,
    pub submitted_by: Option<Uuid>,
    pub closed_at: Option<DateTimeUtc>,
    /// Next office of the review chain, 0 = the first above the authority.
    pub chain_index: i32,
    pub return_count: i32,
    pub approver_org_id: Option<Uuid>,
    pub approver_level: Option<i16>,
    pub revision: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
