//! Use cases of evaluation: planning and opening ([`opening`]), taking papers and casting ballots ([`voting`]), what time
//! and the office do afterwards ([`counting`]), objections and publication ([`objections`]).

pub mod counting;
pub mod objections;
pub mod opening;
pub mod result_sheet;
pub mod voting;

pub use counting::tick;

use std::collections::HashMap;

use sea_orm::ConnectionTrait;

use super::{
    rules::{self, Evaluation, Facts, Round, RoundState},
    store,
};
use crate::{
    kernel::{
        ctx::Actor,
        fault::{Failure, Fault, Outcome, refuse},
        ids::{OrgUnitId, RoundId},
        policy::{Act, Action, Permit},
        refusal::{Named, Refusal},
        runner::Tx,
        scope::Scope,
    },
    proceeding::{self, rules::Case},
    territory,
};

/// Type of a round in the schema, for evidence.
const TARGET: &str = "EvaluationRound";

/// A visible round with its case, or `NOT_FOUND`.
async fn load(tx: &Tx, id: RoundId, path: &str) -> Outcome<(Case, Round)> {
    let Some(round) = store::rounds(tx.db(), &Scope::of(tx.ctx()), &[id]).await?.remove(&id) else {
        return refuse(Refusal::not_found(path));
    };
    Ok((case(tx, id).await?, round))
}

async fn case(tx: &Tx, id: RoundId) -> Outcome<Case> {
    let found = proceeding::store::cases(tx.db(), &Scope::Everything, &[id.into()]).await?.remove(&id.into());
    found.ok_or_else(|| Fault::new("a round without its proceeding").into())
}

/// The permit to do `A` now: policy, state, revision, and what the facts allow.
async fn permit<A: Act>(tx: &Tx, case: &Case, round: &Round, expected: Option<i32>) -> Outcome<Permit<A>> {
    let permit = match proceeding::service::permit::<Evaluation, A>(tx, case, expected).await {
        Ok(permit) => permit,
        Err(Failure::Refused(refusals)) => {
            return Err(refusals
                .into_iter()
                .map(|refusal| timely(A::ACTION, refusal, round))
                .collect::<Vec<_>>()
                .into());
        }
        Err(other) => return Err(other),
    };
    let key = (round.id(), round.head.authority);
    let facts = facts(tx.db(), tx.actor()?, &[key]).await?.remove(&round.id()).unwrap_or_default();
    rules::allows(A::ACTION, round, &facts, tx.now())?;
    Ok(permit)
}

/// What only time stands against is refused with the time.
fn timely(action: Action, refusal: Refusal, round: &Round) -> Refusal {
    match (action, &refusal) {
        (Action::ClaimBallots, Refusal::WrongState { .. }) if round.closes_at.is_some() => {
            Refusal::WindowClosed { from: round.opens_at, to: round.closes_at }
        }
        (Action::TallyEvaluation, Refusal::WrongState { .. }) if round.state == RoundState::Open => {
            Refusal::WindowClosed { from: round.closes_at, to: None }
        }
        _ => refusal,
    }
}

/// What decides beside policy and state, for many rounds at once; each is asked for together with its authority.
pub async fn facts(
    db: &impl ConnectionTrait,
    actor: &Actor,
    keys: &[(RoundId, OrgUnitId)],
) -> Outcome<HashMap<RoundId, Facts>> {
    let ids: Vec<RoundId> = keys.iter().map(|(id, _)| *id).collect();
    let authorities: Vec<OrgUnitId> = keys.iter().map(|(_, authority)| *authority).collect();
    let mut lines = store::roll::my_lines(db, &ids, actor.account, actor.org).await?;
    let mut standings = store::results::standings(db, &ids, actor.org).await?;
    let mut objections = store::results::objections(db, &ids).await?;
    let rounds = store::rounds_of(db, &authorities).await?;
    let waiting: Vec<OrgUnitId> = objections.values().flatten().map(|objection| objection.org).collect();
    let names = territory::store::orgs(db, &Scope::Everything, &waiting).await?;
    let mut map = HashMap::new();
    for (id, authority) in keys {
        let lines = lines.remove(id).unwrap_or_default();
        let objections = objections.remove(id).unwrap_or_default();
        let unanswered = objections.iter().filter(|objection| objection.answer.is_none());
        let others = rounds.get(authority).into_iter().flatten().filter(|(other, ..)| other != id);
        let facts = Facts {
            unclaimed: lines.iter().filter(|line| !line.issued).count(),
            on_roll: lines.len(),
            own: standings.remove(id),
            objected: objections.iter().any(|objection| objection.org == actor.org),
            unanswered: unanswered
                .map(|one| {
                    names.get(&one.org).map_or_else(|| Named::new(one.org, ""), territory::rules::OrgUnit::named)
                })
                .collect(),
            others: others.map(|(_, year, half, state)| (*year, *half, *state)).collect(),
        };
        map.insert(*id, facts);
    }
    Ok(map)
}
