//! The sealed boxes. What lies in the table is encrypted under a key of its own for each box, derived from the
//! deployment's secret, with a fresh nonce at each write.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use yidan_entity::ballot_box;

use crate::{
    evaluation::rules::{EvaluationDirection, ballot::BallotBox},
    kernel::{
        ctx::Ctx,
        fault::{Fault, Outcome},
        ids::{OrgUnitId, ProvinceId, RoundId},
        policy::{Act, Permit, act},
        runner::Tx,
        value::stored,
    },
};

fn seal(tx: &Tx, round: RoundId, subject: OrgUnitId, contents: &BallotBox) -> Result<Vec<u8>, Fault> {
    tx.ctx().platform().keyring.secret().seal(&purpose(round, subject), &contents.to_bytes()?)
}

fn open(ctx: &Ctx, row: &ballot_box::Model) -> Result<BallotBox, Fault> {
    let purpose = purpose(row.round_id.into(), row.subject_org_id.into());
    BallotBox::from_bytes(&ctx.platform().keyring.secret().open(&purpose, &row.sealed)?)
}

fn purpose(round: RoundId, subject: OrgUnitId) -> String {
    format!("ballot box {round} {subject}")
}

/// Sets up an empty box for each subject of the round a permit names.
pub async fn set_up(
    tx: &Tx,
    permit: &Permit<act::OpenEvaluation>,
    province: ProvinceId,
    subjects: &[(OrgUnitId, EvaluationDirection)],
) -> Outcome<()> {
    let mut rows = Vec::with_capacity(subjects.len());
    for (subject, direction) in subjects {
        rows.push(ballot_box::ActiveModel {
            round_id: Set(permit.target()),
            subject_org_id: Set(subject.0),
            province_id: Set(province.0),
            direction: Set(direction.code().to_owned()),
            sealed: Set(seal(tx, permit.target().into(), *subject, &BallotBox::default())?),
        });
    }
    ballot_box::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// A box, locked until the transaction ends.
pub async fn take(tx: &Tx, round: RoundId, subject: OrgUnitId) -> Outcome<Option<(EvaluationDirection, BallotBox)>> {
    let row = ballot_box::Entity::find_by_id((round.0, subject.0)).lock_exclusive().one(tx.db()).await?;
    Ok(row.map(|row| Ok::<_, Fault>((stored(&row.direction)?, open(tx.ctx(), &row)?))).transpose()?)
}

/// Boxes of a round as they are now, by subject.
pub async fn look(ctx: &Ctx, round: RoundId, subjects: &[OrgUnitId]) -> Outcome<HashMap<OrgUnitId, BallotBox>> {
    let rows = ballot_box::Entity::find()
        .filter(ballot_box::Column::RoundId.eq(round.0))
        .filter(ballot_box::Column::SubjectOrgId.is_in(subjects.iter().map(|id| id.0)))
        .all(ctx.db().read())
        .await?;
    let open = |row: ballot_box::Model| Ok((row.subject_org_id.into(), open(ctx, &row)?));
    Ok(rows.into_iter().map(open).collect::<Result<_, Fault>>()?)
}

/// All boxes of a round by subject, locked until the transaction ends.
pub async fn take_all(tx: &Tx, round: RoundId) -> Outcome<Vec<(OrgUnitId, EvaluationDirection, BallotBox)>> {
    let rows = ballot_box::Entity::find()
        .filter(ballot_box::Column::RoundId.eq(round.0))
        .order_by_asc(ballot_box::Column::SubjectOrgId)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    let open = |row: ballot_box::Model| Ok((row.subject_org_id.into(), stored(&row.direction)?, open(tx.ctx(), &row)?));
    Ok(rows.into_iter().map(open).collect::<Result<_, Fault>>()?)
}

/// Puts a box of the round a permit names back.
pub async fn put<A: Act>(tx: &Tx, permit: &Permit<A>, subject: OrgUnitId, contents: &BallotBox) -> Outcome<()> {
    let sealed = seal(tx, permit.target().into(), subject, contents)?;
    ballot_box::Entity::update_many()
        .col_expr(ballot_box::Column::Sealed, Expr::value(sealed))
        .filter(ballot_box::Column::RoundId.eq(permit.target()))
        .filter(ballot_box::Column::SubjectOrgId.eq(subject.0))
        .exec(tx.db())
        .await?;
    Ok(())
}
