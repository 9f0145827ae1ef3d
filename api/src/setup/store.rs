//! The SQL of what holds for the whole deployment.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait};
use yidan_entity::{account, deployment, province};

use crate::kernel::{fault::Outcome, value::stored};

crate::api_enum! {
    /// How far the demonstration has been loaded (演示数据状态).
    pub enum Demonstration {
        /// Begun and not ended (加载中).
        Loading,
        /// There, whole (已加载).
        Loaded,
    }
}

const NAME: &str = "demonstration";

/// Whether the demonstration is there.
pub async fn demonstration(db: &impl ConnectionTrait) -> Outcome<Option<Demonstration>> {
    let row = deployment::Entity::find_by_id(NAME).one(db).await?;
    Ok(row.map(|row| stored(&row.value)).transpose()?)
}

/// Notes how far the demonstration has been loaded.
pub async fn set_demonstration(db: &impl ConnectionTrait, to: Demonstration) -> Outcome<()> {
    let row = deployment::ActiveModel { name: Set(NAME.to_owned()), value: Set(to.code().to_owned()) };
    if demonstration(db).await?.is_some() {
        row.update(db).await?;
    } else {
        row.insert(db).await?;
    }
    Ok(())
}

/// Whether anybody works here: a province is served, or somebody has an account.
pub async fn in_use(db: &impl ConnectionTrait) -> Outcome<bool> {
    Ok(province::Entity::find().count(db).await? > 0 || account::Entity::find().count(db).await? > 0)
}
