//! `webhook_delivery`: one message for one endpoint, as it is sent at each attempt.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub endpoint_id: Uuid,
    pub province_id: Uuid,
    /// Within the endpoint, without gaps.
    pub number: i64,
    /// None: a test.
    pub event_seq: Option<i64>,
    pub act: Option<String>,
    pub kind: String,
    pub body: String,
    pub state: String,
    pub attempts: i32,
    pub tries: i32,
    pub next_at: Option<DateTimeUtc>,
    pub lease: Option<Uuid>,
    pub lease_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    pub give_up_at: Option<DateTimeUtc>,
    pub asked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
