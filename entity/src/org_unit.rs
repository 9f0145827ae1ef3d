//! `org_unit`: an organisation: committee and government, establishment office, department, township.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "org_unit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    /// The territory it serves.
    pub division_id: Uuid,
    /// Path of that division.
    pub path: String,
    pub level: i16,
    pub kind: String,
    pub name: String,
    pub short_name: String,
    /// The management committee it belongs to, or the line above a vertical department.
    pub parent_id: Option<Uuid>,
    pub vertical: bool,
    pub successor_id: Option<Uuid>,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub revision: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
