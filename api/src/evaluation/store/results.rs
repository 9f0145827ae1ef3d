//! Results and objections.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;
use yidan_entity::{evaluation_objection, evaluation_result, evaluation_round};

use super::visible_ids;
use crate::{
    evaluation::rules::{EvaluationDirection, EvaluationStanding, Objection, RoundState, tally::Tally},
    kernel::{
        fault::{Fault, Outcome},
        ids::{ObjectionId, OrgUnitId, ProvinceId, RoundId},
        paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
        policy::{Permit, act},
        runner::Tx,
        scope::Scope,
        value::stored,
    },
};

/// The result of one subject in one round.
#[derive(Clone, Debug)]
pub struct SubjectResult {
    /// The round.
    pub round: RoundId,
    /// Who was rated.
    pub subject: OrgUnitId,
    /// In which direction.
    pub direction: EvaluationDirection,
    /// The figures.
    pub tally: Tally,
    /// The later round in whose result the ballots were counted.
    pub rolled_into: Option<RoundId>,
}

impl TryFrom<evaluation_result::Model> for SubjectResult {
    type Error = Fault;

    fn try_from(row: evaluation_result::Model) -> Result<Self, Fault> {
        Ok(Self {
            round: row.round_id.into(),
            subject: row.subject_org_id.into(),
            direction: stored(&row.direction)?,
            tally: Tally {
                standing: stored(&row.standing)?,
                ballot_score: row.ballot_score,
                objective_score: row.objective_score,
                total_score: row.total_score,
                ballot_count: row.ballot_count,
                cells: serde_json::from_value(row.dimensions)?,
                comments: serde_json::from_value(row.comments)?,
            },
            rolled_into: row.rolled_into.map(Into::into),
        })
    }
}

fn all<M, T: TryFrom<M, Error = Fault>>(rows: Vec<M>) -> Outcome<Vec<T>> {
    Ok(rows.into_iter().map(T::try_from).collect::<Result<_, _>>()?)
}

/// Writes the results of the round a permit names.
pub async fn insert(
    tx: &Tx,
    permit: &Permit<act::TallyEvaluation>,
    province: ProvinceId,
    results: &[(OrgUnitId, EvaluationDirection, Tally)],
) -> Outcome<()> {
    for (subject, direction, tally) in results {
        let row = evaluation_result::ActiveModel {
            round_id: Set(permit.target()),
            subject_org_id: Set(subject.0),
            province_id: Set(province.0),
            direction: Set(direction.code().to_owned()),
            standing: Set(tally.standing.code().to_owned()),
            ballot_score: Set(tally.ballot_score),
            objective_score: Set(tally.objective_score),
            total_score: Set(tally.total_score),
            ballot_count: Set(tally.ballot_count),
            dimensions: Set(serde_json::to_value(&tally.cells)?),
            comments: Set(serde_json::to_value(&tally.comments)?),
            rolled_into: Set(None),
        };
        row.insert(tx.db()).await?;
    }
    Ok(())
}

/// Rounds of an authority in which subjects fell short and whose ballots have not been counted since, oldest first. A
/// result annulled after an objection is not among them: the subject has seen figures made of those ballots, and the
/// difference to the next ones would show single voters.
pub async fn short(
    db: &impl ConnectionTrait,
    authority: OrgUnitId,
    except: RoundId,
) -> Outcome<HashMap<OrgUnitId, Vec<RoundId>>> {
    use evaluation_result::Column as C;
    let rounds = evaluation_round::Entity::find()
        .select_only()
        .column(evaluation_round::Column::Id)
        .filter(evaluation_round::Column::AuthorityId.eq(authority.0))
        .filter(
            evaluation_round::Column::Id
                .in_subquery(visible_ids(&Scope::Everything, Some(&[RoundState::Published, RoundState::Insufficient]))),
        )
        .into_query();
    let annulled = Query::select()
        .expr(Expr::val(1))
        .from("evaluation_objection")
        .and_where(Expr::col(("evaluation_objection", "round_id")).equals(("evaluation_result", "round_id")))
        .and_where(Expr::col(("evaluation_objection", "org_unit_id")).equals(("evaluation_result", "subject_org_id")))
        .and_where(Expr::col(("evaluation_objection", "upheld")).eq(true))
        .to_owned();
    let rows = evaluation_result::Entity::find()
        .filter(C::RoundId.in_subquery(rounds))
        .filter(C::RoundId.ne(except.0))
        .filter(C::Standing.eq(EvaluationStanding::Insufficient))
        .filter(C::RolledInto.is_null())
        .filter(Expr::exists(annulled).not())
        .order_by_asc(C::RoundId)
        .all(db)
        .await?;
    let mut map: HashMap<OrgUnitId, Vec<RoundId>> = HashMap::new();
    for row in rows {
        map.entry(row.subject_org_id.into()).or_default().push(row.round_id.into());
    }
    Ok(map)
}

/// Notes that a subject's ballots of earlier rounds were counted in the round a permit names.
pub async fn roll_into(
    tx: &Tx,
    permit: &Permit<act::TallyEvaluation>,
    subject: OrgUnitId,
    earlier: &[RoundId],
) -> Outcome<()> {
    use evaluation_result::Column as C;
    evaluation_result::Entity::update_many()
        .col_expr(C::RolledInto, Expr::value(permit.target()))
        .filter(C::SubjectOrgId.eq(subject.0))
        .filter(C::RoundId.is_in(earlier.iter().map(|id| id.0)))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Annuls a subject's result in the round a permit names: not a figure is left.
pub async fn annul(tx: &Tx, permit: &Permit<act::AnswerEvaluationObjection>, subject: OrgUnitId) -> Outcome<()> {
    use evaluation_result::Column as C;
    let mut update = evaluation_result::Entity::update_many()
        .col_expr(C::Standing, Expr::value(EvaluationStanding::Insufficient.code()))
        .col_expr(C::Dimensions, Expr::value(serde_json::json!([])))
        .col_expr(C::Comments, Expr::value(serde_json::json!([])));
    for figure in [C::BallotScore, C::ObjectiveScore, C::TotalScore, C::BallotCount] {
        update = update.col_expr(figure, Expr::value(None::<i32>));
    }
    update.filter(C::RoundId.eq(permit.target())).filter(C::SubjectOrgId.eq(subject.0)).exec(tx.db()).await?;
    Ok(())
}

/// All results of rounds.
pub async fn of_rounds(db: &impl ConnectionTrait, rounds: &[RoundId]) -> Outcome<HashMap<RoundId, Vec<SubjectResult>>> {
    let rows = evaluation_result::Entity::find()
        .filter(evaluation_result::Column::RoundId.is_in(rounds.iter().map(|id| id.0)))
        .order_by_asc(evaluation_result::Column::SubjectOrgId)
        .all(db)
        .await?;
    let mut map: HashMap<RoundId, Vec<SubjectResult>> = HashMap::new();
    for result in all::<_, SubjectResult>(rows)? {
        map.entry(result.round).or_default().push(result);
    }
    Ok(map)
}

/// Whether an organisation has a result in rounds, and which.
pub async fn standings(
    db: &impl ConnectionTrait,
    rounds: &[RoundId],
    subject: OrgUnitId,
) -> Outcome<HashMap<RoundId, EvaluationStanding>> {
    let rows = evaluation_result::Entity::find()
        .filter(evaluation_result::Column::RoundId.is_in(rounds.iter().map(|id| id.0)))
        .filter(evaluation_result::Column::SubjectOrgId.eq(subject.0))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| Ok((row.round_id.into(), stored(&row.standing)?))).collect::<Result<_, Fault>>()?)
}

/// The select of the results of one round whose visibility has been settled; of one subject only if given.
#[must_use]
pub fn select_of_round(
    round: RoundId,
    direction: Option<EvaluationDirection>,
    only: Option<OrgUnitId>,
) -> SelectStatement {
    use evaluation_result::Column as C;
    let mut select = evaluation_result::Entity::find().filter(C::RoundId.eq(round.0));
    if let Some(direction) = direction {
        select = select.filter(C::Direction.eq(direction));
    }
    if let Some(only) = only {
        select = select.filter(C::SubjectOrgId.eq(only.0));
    }
    select.into_query()
}

/// The select of a subject's results in visible rounds that have ended.
#[must_use]
pub fn select_of_subject(scope: &Scope, subject: OrgUnitId, direction: Option<EvaluationDirection>) -> SelectStatement {
    use evaluation_result::Column as C;
    let ended = visible_ids(scope, Some(&[RoundState::Published, RoundState::Insufficient]));
    let mut select =
        evaluation_result::Entity::find().filter(C::SubjectOrgId.eq(subject.0)).filter(C::RoundId.in_subquery(ended));
    if let Some(direction) = direction {
        select = select.filter(C::Direction.eq(direction));
    }
    select.into_query()
}

async fn page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    order: &Keyset,
    page: &PageArgs,
) -> Outcome<Page<SubjectResult>> {
    let page = paging::fetch::<evaluation_result::Model>(db, select, order, page).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for (cursor, row) in page.rows {
        rows.push((cursor, SubjectResult::try_from(row)?));
    }
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}

/// A page of one round's results by name of the subject: a list, not a ranking.
pub async fn page_of_round(
    db: &impl ConnectionTrait,
    mut select: SelectStatement,
    args: &PageArgs,
) -> Outcome<Page<SubjectResult>> {
    let subject = || Expr::col(("evaluation_result", "subject_org_id"));
    select.inner_join("org_unit", subject().equals(("org_unit", "id")));
    let order = Keyset::new(
        "round-results",
        vec![Key::asc(Expr::col(("org_unit", "name")), KeyKind::Text), Key::asc(subject(), KeyKind::Id)],
    );
    page(db, select, &order, args).await
}

/// A page of one subject's results, the latest half-year first.
pub async fn page_of_subject(
    db: &impl ConnectionTrait,
    mut select: SelectStatement,
    args: &PageArgs,
) -> Outcome<Page<SubjectResult>> {
    let round = || Expr::col(("evaluation_result", "round_id"));
    select.inner_join("evaluation_round", round().equals(("evaluation_round", "id")));
    let key = |name: &'static str| Expr::col(("evaluation_round", name));
    let order = Keyset::new(
        "subject-results",
        vec![
            Key::desc(key("year"), KeyKind::Int),
            Key::desc(key("half"), KeyKind::Int),
            Key::desc(round(), KeyKind::Id),
        ],
    );
    page(db, select, &order, args).await
}

// ---- objections

impl TryFrom<evaluation_objection::Model> for Objection {
    type Error = Fault;

    fn try_from(row: evaluation_objection::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            round: row.round_id.into(),
            org: row.org_unit_id.into(),
            text: row.text,
            raised_at: row.raised_at,
            upheld: row.upheld,
            answer: row.answer,
            answered_at: row.answered_at,
        })
    }
}

/// Writes an objection to a result of the round a permit names.
pub async fn insert_objection(
    tx: &Tx,
    permit: &Permit<act::RaiseEvaluationObjection>,
    province: ProvinceId,
    new: &Objection,
    by: Uuid,
) -> Outcome<()> {
    let row = evaluation_objection::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        round_id: Set(permit.target()),
        org_unit_id: Set(new.org.0),
        text: Set(new.text.clone()),
        raised_by: Set(by),
        raised_at: Set(new.raised_at),
        upheld: Set(None),
        answer: Set(None),
        answered_by: Set(None),
        answered_at: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Answers an objection in the round a permit names; answers whether it had no answer yet.
pub async fn answer_objection(
    tx: &Tx,
    permit: &Permit<act::AnswerEvaluationObjection>,
    id: ObjectionId,
    upheld: bool,
    answer: &str,
    by: Uuid,
) -> Outcome<bool> {
    use evaluation_objection::Column as C;
    let done = evaluation_objection::Entity::update_many()
        .col_expr(C::Upheld, Expr::value(upheld))
        .col_expr(C::Answer, Expr::value(answer))
        .col_expr(C::AnsweredBy, Expr::value(by))
        .col_expr(C::AnsweredAt, Expr::value(tx.now()))
        .filter(C::Id.eq(id.0))
        .filter(C::RoundId.eq(permit.target()))
        .filter(C::Answer.is_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Objections in rounds, in the order in which they were raised.
pub async fn objections(db: &impl ConnectionTrait, rounds: &[RoundId]) -> Outcome<HashMap<RoundId, Vec<Objection>>> {
    let rows = evaluation_objection::Entity::find()
        .filter(evaluation_objection::Column::RoundId.is_in(rounds.iter().map(|id| id.0)))
        .order_by_asc(evaluation_objection::Column::Id)
        .all(db)
        .await?;
    let mut map: HashMap<RoundId, Vec<Objection>> = HashMap::new();
    for objection in all::<_, Objection>(rows)? {
        map.entry(objection.round).or_default().push(objection);
    }
    Ok(map)
}

/// One objection.
pub async fn objection(db: &impl ConnectionTrait, id: ObjectionId) -> Outcome<Option<Objection>> {
    let row = evaluation_objection::Entity::find_by_id(id.0).one(db).await?;
    Ok(row.map(Objection::try_from).transpose()?)
}
