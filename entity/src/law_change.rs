//! `law_change`: a registered change of law, party rule or policy document.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "law_change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub kind: String,
    pub instrument: String,
    /// Normalised title.
    pub instrument_key: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub articles: Json,
    pub effective_on: Date,
    pub summary: String,
    pub org_unit_id: Uuid,
    pub path: String,
    pub registered_by: Uuid,
    pub registered_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
