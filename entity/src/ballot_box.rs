//! `ballot_box`: all papers and all ballots on one subject in one round, encrypted together with the deployment's secret, padded and rewritten whole each time: the database alone does not show what is in a box.

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
    /// Unused papers, ballots, organisations from which ballots came: see the wing's rules.
    pub sealed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
