//! `change_request`: the grounds of an adjustment or admission request; its procedure is the proceeding with the same id.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub route: String,
    pub origin: String,
    pub burden: String,
    pub reason: String,
    /// Origin document, law, signatures, necessity, resources: see the wing's rules.
    #[sea_orm(column_type = "JsonBinary")]
    pub grounds: Json,
    pub law_change_id: Option<Uuid>,
    pub rerouted_to: Option<Uuid>,
    /// Requests found alike when this one was submitted.
    #[sea_orm(column_type = "JsonBinary")]
    pub similar: Json,
    /// The words compared for likeness.
    pub fingerprint: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
