//! `list_version`: one edition of a list; its procedure is the proceeding with the same id.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "list_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub province_id: Uuid,
    pub list_id: Uuid,
    pub version_no: i32,
    /// `FIRST` or `INCORPORATION`.
    pub edition: String,
    pub base_version_id: Option<Uuid>,
    pub effective_from: Option<DateTimeUtc>,
    pub effective_to: Option<DateTimeUtc>,
    /// When the version became known.
    pub published_at: Option<DateTimeUtc>,
    /// When it became known that `effective_to` ends it.
    pub superseded_at: Option<DateTimeUtc>,
    pub content_hash: Option<String>,
    pub basic_count: i32,
    pub cooperative_count: i32,
    pub reclaimed_count: i32,
    pub notes: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
