//! Opinions and decision records.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;
use yidan_entity::{decision_record, opinion};

use super::group;
use crate::kernel::{
    fault::Outcome,
    ids::{ProceedingId, ProvinceId},
    policy::{Act, Permit},
    runner::Tx,
};
use crate::proceeding::rules::{Decision, Opinion};

/// Writes an opinion.
pub async fn insert_opinion<A: Act>(tx: &Tx, permit: &Permit<A>, province: ProvinceId, new: &Opinion) -> Outcome<()> {
    let row = opinion::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        proceeding_id: Set(permit.target()),
        org_unit_id: Set(new.org.0),
        stage: Set(new.stage.clone()),
        round: Set(new.round),
        stance: Set(new.stance.code().to_owned()),
        text: Set(new.text.clone()),
        capacity: Set(new.capacity.clone()),
        given_by: Set(tx.ctx().member().map(|actor| actor.account.0)),
        given_at: Set(new.given_at),
        answer: Set(None),
        answered_by: Set(None),
        answered_at: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Answers an opinion that has no answer yet.
pub async fn answer_opinion<A: Act>(tx: &Tx, permit: &Permit<A>, id: Uuid, answer: &str) -> Outcome<bool> {
    let by = tx.ctx().member().map(|actor| actor.account.0);
    let done = opinion::Entity::update_many()
        .col_expr(opinion::Column::Answer, Expr::value(answer))
        .col_expr(opinion::Column::AnsweredBy, Expr::value(by))
        .col_expr(opinion::Column::AnsweredAt, Expr::value(tx.now()))
        .filter(opinion::Column::Id.eq(id))
        .filter(opinion::Column::ProceedingId.eq(permit.target()))
        .filter(opinion::Column::Answer.is_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Opinions of proceedings, in the order in which they were given.
pub async fn opinions(db: &impl ConnectionTrait, ids: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Vec<Opinion>>> {
    let rows = opinion::Entity::find()
        .filter(opinion::Column::ProceedingId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(opinion::Column::GivenAt)
        .order_by_asc(opinion::Column::Id)
        .all(db)
        .await?;
    group(rows, |opinion: &Opinion| opinion.proceeding)
}

/// Writes a decision.
pub async fn insert_decision<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    province: ProvinceId,
    new: &Decision,
    by: Uuid,
) -> Outcome<()> {
    let row = decision_record::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        proceeding_id: Set(permit.target()),
        stage: Set(new.stage.code().to_owned()),
        outcome: Set(new.outcome.code().to_owned()),
        org_unit_id: Set(new.org.0),
        body: Set(new.body.clone()),
        document_no: Set(new.document_no.clone()),
        meeting: Set(new.meeting.clone()),
        decided_on: Set(new.decided_on),
        reason: Set(new.reason.clone()),
        entered_by: Set(by),
        entered_at: Set(new.entered_at),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Decisions of proceedings, in the order in which they were recorded.
pub async fn decisions(
    db: &impl ConnectionTrait,
    ids: &[ProceedingId],
) -> Outcome<HashMap<ProceedingId, Vec<Decision>>> {
    let rows = decision_record::Entity::find()
        .filter(decision_record::Column::ProceedingId.is_in(ids.iter().map(|id| id.0)))
        .order_by_asc(decision_record::Column::EnteredAt)
        .order_by_asc(decision_record::Column::Id)
        .all(db)
        .await?;
    group(rows, |decision: &Decision| decision.proceeding)
}
