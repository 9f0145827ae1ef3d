//! The SQL of evaluation: rounds here, the [`roll`], the sealed [`boxes`], [`results`] and objections in rooms of their
//! own.

pub mod boxes;
pub mod results;
pub mod roll;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Cond, Expr, ExprTrait, SelectStatement},
};
use yidan_entity::{evaluation_round, proceeding};

use super::rules::{HalfYear, Round, RoundState};
use crate::{
    kernel::{
        fault::{Fault, Outcome},
        ids::{OrgUnitId, ProceedingId, RoundId},
        paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
        policy::{Permit, act},
        runner::Tx,
        scope::Scope,
        settings::EvaluationSettings,
        value::stored,
    },
    proceeding::rules::{Proceeding, ProceedingKind},
};

fn half(number: i16) -> Result<HalfYear, Fault> {
    HalfYear::from_number(number).ok_or_else(|| Fault::new(format!("half {number} in the database")))
}

fn round(row: evaluation_round::Model, head: Proceeding) -> Result<Round, Fault> {
    Ok(Round {
        state: stored(&head.state)?,
        head,
        year: row.year,
        half: half(row.half)?,
        rules: serde_json::from_value(row.rules)?,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        objection_until: row.objection_until,
    })
}

async fn with_heads(db: &impl ConnectionTrait, rows: Vec<evaluation_round::Model>) -> Outcome<Vec<Round>> {
    let heads =
        proceeding::Entity::find().filter(proceeding::Column::Id.is_in(rows.iter().map(|row| row.id))).all(db).await?;
    let mut heads: HashMap<_, _> = heads.into_iter().map(|head| (head.id, head)).collect();
    rows.into_iter()
        .map(|row| {
            let head = heads.remove(&row.id).ok_or_else(|| Fault::new("a round without its proceeding"))?;
            Ok(round(row, head.try_into()?)?)
        })
        .collect()
}

/// The path and everything above it: `a.b.c` lies in `a`, `a.b` and `a.b.c`.
fn lineage(path: &str) -> Vec<&str> {
    path.match_indices('.').map(|(end, _)| &path[..end]).chain([path]).collect()
}

/// Proceedings of rounds inside the scope, and those with published results in whose territory the caller is.
fn visible(scope: &Scope) -> Cond {
    let column = |name: &'static str| Expr::col(("proceeding", name));
    let published = match scope {
        Scope::Everything => return Cond::all(),
        Scope::Public => return scope.proceedings("proceeding"),
        Scope::Member { province, path, .. } => Cond::all()
            .add(column("province_id").eq(province.0))
            .add(column("state").is_in([RoundState::Published, RoundState::Insufficient]))
            .add(column("path").is_in(lineage(path))),
    };
    Cond::any().add(scope.proceedings("proceeding")).add(published)
}

/// Ids of the visible rounds, in a state if one is given.
fn visible_ids(scope: &Scope, states: Option<&[RoundState]>) -> SelectStatement {
    let mut select = proceeding::Entity::find()
        .select_only()
        .column(proceeding::Column::Id)
        .filter(proceeding::Column::Kind.eq(ProceedingKind::Evaluation))
        .filter(visible(scope));
    if let Some(states) = states {
        select = select.filter(proceeding::Column::State.is_in(states.iter().copied()));
    }
    select.into_query()
}

/// Visible rounds by id.
pub async fn rounds(db: &impl ConnectionTrait, scope: &Scope, ids: &[RoundId]) -> Outcome<HashMap<RoundId, Round>> {
    let rows = evaluation_round::Entity::find()
        .filter(evaluation_round::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .filter(evaluation_round::Column::Id.in_subquery(visible_ids(scope, None)))
        .all(db)
        .await?;
    Ok(with_heads(db, rows).await?.into_iter().map(|round| (round.id(), round)).collect())
}

/// One round, visible or not.
pub async fn known(db: &impl ConnectionTrait, id: RoundId) -> Outcome<Option<Round>> {
    Ok(rounds(db, &Scope::Everything, &[id]).await?.remove(&id))
}

/// Which rounds a list shows.
#[derive(Clone, Debug, Default)]
pub struct RoundFilter {
    /// Of this year.
    pub year: Option<i32>,
    /// Of this half.
    pub half: Option<HalfYear>,
    /// In one of these states.
    pub states: Option<Vec<RoundState>>,
    /// Of this authority.
    pub authority: Option<OrgUnitId>,
}

/// The select of a list of rounds.
#[must_use]
pub fn select_rounds(scope: &Scope, filter: &RoundFilter) -> SelectStatement {
    use evaluation_round::Column as C;
    let visible = visible_ids(scope, filter.states.as_deref());
    let mut select = evaluation_round::Entity::find().filter(C::Id.in_subquery(visible));
    if let Some(year) = filter.year {
        select = select.filter(C::Year.eq(year));
    }
    if let Some(half) = filter.half {
        select = select.filter(C::Half.eq(half.number()));
    }
    if let Some(authority) = filter.authority {
        select = select.filter(C::AuthorityId.eq(authority.0));
    }
    select.into_query()
}

/// A page of rounds, the latest half-year first.
pub async fn round_page(db: &impl ConnectionTrait, select: SelectStatement, page: &PageArgs) -> Outcome<Page<Round>> {
    let key = |name: &'static str| Expr::col(("evaluation_round", name));
    let order = Keyset::new(
        "rounds",
        vec![
            Key::desc(key("year"), KeyKind::Int),
            Key::desc(key("half"), KeyKind::Int),
            Key::desc(key("id"), KeyKind::Id),
        ],
    );
    let page = paging::fetch::<evaluation_round::Model>(db, select, &order, page).await?;
    let (cursors, rows): (Vec<_>, Vec<_>) = page.rows.into_iter().unzip();
    let rows = std::iter::zip(cursors, with_heads(db, rows).await?).collect();
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}

/// The rounds of authorities, each with its half-year and state.
pub async fn rounds_of(
    db: &impl ConnectionTrait,
    authorities: &[OrgUnitId],
) -> Outcome<HashMap<OrgUnitId, Vec<(RoundId, i32, HalfYear, RoundState)>>> {
    let rows = evaluation_round::Entity::find()
        .filter(evaluation_round::Column::AuthorityId.is_in(authorities.iter().map(|id| id.0)))
        .all(db)
        .await?;
    let mut map: HashMap<OrgUnitId, Vec<_>> = HashMap::new();
    for round in with_heads(db, rows).await? {
        map.entry(round.head.authority).or_default().push((round.id(), round.year, round.half, round.state));
    }
    Ok(map)
}

/// Rounds whose time for votes is over at `now` and that are still open.
pub async fn due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Outcome<Vec<RoundId>> {
    let open = visible_ids(&Scope::Everything, Some(&[RoundState::Open]));
    let rows = evaluation_round::Entity::find()
        .filter(evaluation_round::Column::ClosesAt.lte(now))
        .filter(evaluation_round::Column::Id.in_subquery(open))
        .order_by_asc(evaluation_round::Column::ClosesAt)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Writes what is special about a new round.
pub async fn insert_round(tx: &Tx, permit: &Permit<act::PlanEvaluation>, new: &Round) -> Outcome<()> {
    let row = evaluation_round::ActiveModel {
        id: Set(permit.target()),
        province_id: Set(new.head.province.0),
        authority_id: Set(new.head.authority.0),
        year: Set(new.year),
        half: Set(new.half.number()),
        rules: Set(serde_json::to_value(&new.rules)?),
        opens_at: Set(None),
        closes_at: Set(None),
        objection_until: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Fixes rules and time of the round a permit names.
pub async fn open_round(
    tx: &Tx,
    permit: &Permit<act::OpenEvaluation>,
    rules: &EvaluationSettings,
    closes_at: DateTime<Utc>,
) -> Outcome<()> {
    use evaluation_round::Column as C;
    evaluation_round::Entity::update_many()
        .col_expr(C::Rules, Expr::value(serde_json::to_value(rules)?))
        .col_expr(C::OpensAt, Expr::value(tx.now()))
        .col_expr(C::ClosesAt, Expr::value(closes_at))
        .filter(C::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Puts off the end of the votes of an open round, after a calendar was loaded; an announced time is never shortened.
pub async fn put_off(
    tx: &Tx,
    _: &Permit<act::LoadCalendar>,
    proceeding: ProceedingId,
    closes_at: DateTime<Utc>,
) -> Outcome<()> {
    use evaluation_round::Column as C;
    evaluation_round::Entity::update_many()
        .col_expr(C::ClosesAt, Expr::value(closes_at))
        .filter(C::Id.eq(proceeding.0))
        .filter(C::ClosesAt.lt(closes_at))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Fixes until when the results of the round a permit names may be objected to.
pub async fn set_objection_until(
    tx: &Tx,
    permit: &Permit<act::TallyEvaluation>,
    until: Option<DateTime<Utc>>,
) -> Outcome<()> {
    use evaluation_round::Column as C;
    evaluation_round::Entity::update_many()
        .col_expr(C::ObjectionUntil, Expr::value(until))
        .filter(C::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Waits until nobody else changes the objections or entries of a round.
pub async fn lock(tx: &Tx, id: RoundId) -> Outcome<()> {
    evaluation_round::Entity::find_by_id(id.0).lock_exclusive().one(tx.db()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lies_in_everything_above_it() {
        assert_eq!(lineage("32.3299.329921"), ["32", "32.3299", "32.3299.329921"]);
        assert_eq!(lineage("32"), ["32"]);
    }
}
