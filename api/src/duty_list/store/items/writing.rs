//! New items and revisions, drafted in a version.

use std::collections::HashSet;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::ExprTrait as _,
};
use yidan_entity::{duty_item, item_department, item_lineage, item_revision, similarity_answer};

use super::Item;
use crate::{
    duty_list::rules::content::{Content, DutyCategory},
    kernel::{
        fault::Outcome,
        ids::{DutyItemId, DutyListId, ProvinceId, RevisionId, VersionId},
        policy::{Act, Permit},
        runner::Tx,
    },
};

/// The next free code of a category in a list.
pub async fn next_code(db: &impl ConnectionTrait, list: DutyListId, category: DutyCategory) -> Outcome<String> {
    let prefix = format!("{}-", category.code_prefix());
    let codes: Vec<String> = duty_item::Entity::find()
        .filter(duty_item::Column::ListId.eq(list.0))
        .filter(duty_item::Column::Code.starts_with(&prefix))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.code)
        .collect();
    let last = codes.iter().filter_map(|code| code.strip_prefix(&prefix)?.parse::<u32>().ok()).max().unwrap_or(0);
    Ok(format!("{prefix}{:03}", last + 1))
}

/// A new revision to write.
pub struct NewRevision<'a> {
    /// Its item.
    pub item: DutyItemId,
    /// Its list.
    pub list: DutyListId,
    /// Number in its category.
    pub ordinal: i32,
    /// What it says.
    pub content: &'a Content,
    /// The version that brings it.
    pub version: VersionId,
    /// The number of that version.
    pub version_no: i32,
}

/// Writes a new item's identity.
pub async fn insert_item<A: Act>(tx: &Tx, _: &Permit<A>, new: &Item, derived_from: &[DutyItemId]) -> Outcome<()> {
    let row = duty_item::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        list_id: Set(new.list.0),
        code: Set(new.code.clone()),
        template_id: Set(new.template.map(|id| id.0)),
        created_at: Set(tx.now()),
    };
    row.insert(tx.db()).await?;
    for source in derived_from {
        let row = item_lineage::ActiveModel { item_id: Set(new.id.0), from_item_id: Set(source.0) };
        row.insert(tx.db()).await?;
    }
    Ok(())
}

/// Writes a new revision with the organisations it names; answers its id.
pub async fn insert_revision<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    province: ProvinceId,
    new: NewRevision<'_>,
) -> Outcome<RevisionId> {
    let wording = crate::duty_list::store::wordings::keep(tx, permit, province, &new.content.wording).await?;
    let id = RevisionId::new();
    let content = new.content;
    let row = item_revision::ActiveModel {
        id: Set(id.0),
        province_id: Set(province.0),
        item_id: Set(new.item.0),
        list_id: Set(new.list.0),
        category: Set(content.category.code().to_owned()),
        domain_id: Set(content.domain.0),
        wording_id: Set(wording.0),
        ordinal: Set(new.ordinal),
        penalty_power: Set(content.penalty_power),
        reclaim_method: Set(content.reclaim_method.map(|method| method.code().to_owned())),
        source: Set(content.source.code().to_owned()),
        introduced_version_id: Set(new.version.0),
        introduced_no: Set(new.version_no),
        retired_version_id: Set(None),
        retired_no: Set(None),
        effective_from: Set(None),
        effective_to: Set(None),
        recorded_from: Set(None),
        recorded_to: Set(None),
    };
    row.insert(tx.db()).await?;
    let rows: Vec<_> = (0..)
        .zip(&content.departments)
        .map(|(ordinal, (org, role))| item_department::ActiveModel {
            revision_id: Set(id.0),
            org_unit_id: Set(org.0),
            province_id: Set(province.0),
            role: Set(role.code().to_owned()),
            ordinal: Set(ordinal),
        })
        .collect();
    if !rows.is_empty() {
        item_department::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(id)
}

/// Removes a revision that was never published; and the item's identity, with what was said of it, if no other revision
/// is left.
pub async fn remove_draft<A: Act>(
    tx: &Tx,
    _: &Permit<A>,
    revision: RevisionId,
    item: Option<DutyItemId>,
) -> Outcome<()> {
    item_department::Entity::delete_many()
        .filter(item_department::Column::RevisionId.eq(revision.0))
        .exec(tx.db())
        .await?;
    item_revision::Entity::delete_many()
        .filter(item_revision::Column::Id.eq(revision.0))
        .filter(item_revision::Column::EffectiveFrom.is_null())
        .exec(tx.db())
        .await?;
    if let Some(item) = item {
        let traced = item_lineage::Column::ItemId.eq(item.0).or(item_lineage::Column::FromItemId.eq(item.0));
        item_lineage::Entity::delete_many().filter(traced).exec(tx.db()).await?;
        let answered =
            similarity_answer::Column::FirstItemId.eq(item.0).or(similarity_answer::Column::SecondItemId.eq(item.0));
        similarity_answer::Entity::delete_many().filter(answered).exec(tx.db()).await?;
        duty_item::Entity::delete_many().filter(duty_item::Column::Id.eq(item.0)).exec(tx.db()).await?;
    }
    Ok(())
}

/// The largest number in a category of a draft or of what is in force.
pub async fn last_ordinal(db: &impl ConnectionTrait, list: DutyListId, category: DutyCategory) -> Outcome<i32> {
    let row = item_revision::Entity::find()
        .filter(item_revision::Column::ListId.eq(list.0))
        .filter(item_revision::Column::Category.eq(category))
        .filter(item_revision::Column::RetiredNo.is_null())
        .order_by_desc(item_revision::Column::Ordinal)
        .one(db)
        .await?;
    Ok(row.map_or(0, |row| row.ordinal))
}

/// Every code that an item of a list bears, whatever became of the item.
pub async fn codes(db: &impl ConnectionTrait, list: DutyListId) -> Outcome<HashSet<String>> {
    let rows = duty_item::Entity::find().filter(duty_item::Column::ListId.eq(list.0)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}
