//! `audit_event`: one event per act, chained by hash; also the outbox, read by sequence number.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub province_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub id: Uuid,
    pub at: DateTimeUtc,
    pub act: String,
    pub account_id: Option<Uuid>,
    pub post_id: Option<Uuid>,
    pub role: Option<String>,
    pub org_unit_id: Option<Uuid>,
    pub actor_name: String,
    pub target_kind: String,
    pub target_id: Uuid,
    pub proceeding_id: Option<Uuid>,
    /// The organisation the act concerns, beside the actor's.
    pub scope_org_id: Option<Uuid>,
    /// Territory the act concerns.
    pub path: String,
    pub reason: Option<String>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub before: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub after: Option<Json>,
    pub request_id: String,
    pub prev_hash: String,
    pub hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
