//! `webhook_endpoint`: where an organisation, or a whole province, wants to be told what happens.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    /// None: the whole province.
    pub org_unit_id: Option<Uuid>,
    pub path: String,
    pub url: String,
    pub description: String,
    /// None: all there are.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub acts: Option<Json>,
    pub secret: Vec<u8>,
    pub old_secret: Option<Vec<u8>>,
    pub old_secret_until: Option<DateTimeUtc>,
    pub state: String,
    pub disabled_because: Option<String>,
    pub seen_seq: i64,
    pub last_number: i64,
    pub failures: i32,
    pub failing_since: Option<DateTimeUtc>,
    pub rest_until: Option<DateTimeUtc>,
    pub created_by: Uuid,
    pub created_at: DateTimeUtc,
    pub revision: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
