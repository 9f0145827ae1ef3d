//! Answers of reviewers to pairs of items that look alike.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{OnConflict, Query},
};
use yidan_entity::{list_version, similarity_answer};

use crate::kernel::{
    fault::Outcome,
    ids::{AccountId, DutyItemId, DutyListId, ProvinceId},
    policy::{Permit, act},
    runner::Tx,
};

/// Keeps a reviewer's answer to a pair that looks alike.
pub async fn answer(
    tx: &Tx,
    permit: &Permit<act::AnswerSimilarity>,
    province: ProvinceId,
    pair: (DutyItemId, DutyItemId),
    text: &str,
    by: AccountId,
) -> Outcome<()> {
    use similarity_answer::Column as C;
    let row = similarity_answer::ActiveModel {
        version_id: Set(permit.target()),
        first_item_id: Set(pair.0.0),
        second_item_id: Set(pair.1.0),
        province_id: Set(province.0),
        answer: Set(text.to_owned()),
        answered_by: Set(by.0),
        answered_at: Set(tx.now()),
    };
    let on_conflict = OnConflict::columns([C::VersionId, C::FirstItemId, C::SecondItemId])
        .update_columns([C::Answer, C::AnsweredBy, C::AnsweredAt])
        .to_owned();
    similarity_answer::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Answers given to pairs of a version and of the versions before it: what was settled once need not be settled again.
pub async fn answers(
    db: &impl ConnectionTrait,
    list: DutyListId,
) -> Outcome<HashMap<(DutyItemId, DutyItemId), String>> {
    let versions = Query::select()
        .column(("list_version", "id"))
        .from(list_version::Entity)
        .and_where(list_version::Column::ListId.eq(list.0))
        .to_owned();
    let rows = similarity_answer::Entity::find()
        .filter(similarity_answer::Column::VersionId.in_subquery(versions))
        .order_by_asc(similarity_answer::Column::AnsweredAt)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| ((row.first_item_id.into(), row.second_item_id.into()), row.answer)).collect())
}
