//! Provinces and their settings.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use yidan_entity::province;

use super::{all, changed_one};
use crate::kernel::{
    fault::{Fault, Outcome},
    ids::ProvinceId,
    policy::{Act, Permit, act},
    runner::Tx,
    settings::ProvinceSettings,
};

/// A served province.
#[derive(Clone, Debug)]
pub struct ProvinceRow {
    /// Id.
    pub id: ProvinceId,
    /// Code of its division.
    pub code: String,
    /// Name.
    pub name: String,
    /// Settings.
    pub settings: ProvinceSettings,
    /// Revision of the settings.
    pub revision: i32,
}

impl TryFrom<province::Model> for ProvinceRow {
    type Error = Fault;

    fn try_from(row: province::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            code: row.code,
            name: row.name,
            settings: serde_json::from_value(row.settings)?,
            revision: row.revision,
        })
    }
}

/// A served province.
pub async fn province(db: &impl ConnectionTrait, id: ProvinceId) -> Outcome<Option<ProvinceRow>> {
    let row = province::Entity::find_by_id(id.0).one(db).await?;
    Ok(row.map(ProvinceRow::try_from).transpose()?)
}

/// The served province with this code.
pub async fn province_by_code(db: &impl ConnectionTrait, code: &str) -> Outcome<Option<ProvinceRow>> {
    let row = province::Entity::find().filter(province::Column::Code.eq(code)).one(db).await?;
    Ok(row.map(ProvinceRow::try_from).transpose()?)
}

/// All served provinces.
pub async fn provinces(db: &impl ConnectionTrait) -> Outcome<Vec<ProvinceRow>> {
    all(province::Entity::find().order_by_asc(province::Column::Code).all(db).await?)
}

/// Writes a new served province.
pub async fn insert_province(
    db: &impl ConnectionTrait,
    _: &Permit<act::Bootstrap>,
    new: &ProvinceRow,
    now: chrono::DateTime<chrono::Utc>,
) -> Outcome<()> {
    let row = province::ActiveModel {
        id: Set(new.id.0),
        code: Set(new.code.clone()),
        name: Set(new.name.clone()),
        settings: Set(serde_json::to_value(&new.settings)?),
        created_at: Set(now),
        revision: Set(new.revision),
    };
    row.insert(db).await?;
    Ok(())
}

/// Replaces a province's settings if nobody else did in the meantime.
pub async fn update_settings<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    revision: i32,
    settings: &ProvinceSettings,
) -> Outcome<()> {
    let done = province::Entity::update_many()
        .col_expr(province::Column::Revision, Expr::value(revision + 1))
        .col_expr(province::Column::Settings, Expr::value(serde_json::to_value(settings)?))
        .filter(province::Column::Id.eq(permit.target()))
        .filter(province::Column::Revision.eq(revision))
        .exec(tx.db())
        .await?;
    changed_one(done.rows_affected, revision)
}
