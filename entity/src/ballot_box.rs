//! `ballot_box`: all papers and all ballots on one subject in one round, each set kept sorted by random value and rewritten whole: neither order, time nor row tells one voter's ballot from another's.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ballot_box")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub round_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_org_id: Uuid,
    pub province_id: Uuid,
    pub direction: String,
    /// SHA-256 of each unused ballot paper, with the rater's organisation.
    #[sea_orm(column_type = "JsonBinary")]
    pub papers: Json,
    /// Scores and comments only.
    #[sea_orm(column_type = "JsonBinary")]
    pub ballots: Json,
    /// Organisations from which at least one ballot came.
    #[sea_orm(column_type = "JsonBinary")]
    pub rater_orgs: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
