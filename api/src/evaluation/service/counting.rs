//! The end of the votes, by time alone, and the tally, by the office.

use serde::Serialize;
use serde_json::json;

use super::{case, load, permit};
use crate::{
    evaluation::{
        rules::{
            EvaluationDirection, EvaluationStanding, Round, RoundState, period,
            tally::{self, Tally},
        },
        store,
    },
    kernel::{
        ctx::Ctx,
        deadline::Deadline,
        fault::{Fault, Outcome},
        ids::{OrgUnitId, RoundId},
        policy::{Action, act, by_system},
        runner::{Tx, UseCase, run},
    },
    proceeding::{
        self,
        rules::Wait,
        service::{Move, Note},
        store::NOT_NEEDED,
    },
};

/// Closes the rounds whose time is over. Nobody can close one earlier: who has been promised a time may use it to the
/// end, an office could otherwise stop the count when it likes the turn-out, and the last ballot would be known to have
/// come just before.
pub async fn tick(ctx: &Ctx) -> Outcome<()> {
    for round in store::due(ctx.db().read(), ctx.now()).await? {
        // A round that cannot be closed keeps neither the others nor the deadlines waiting.
        if let Err(failure) = run(ctx, &Close { round }).await {
            tracing::error!(?failure, %round, "closing a round");
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Close {
    round: RoundId,
}

impl UseCase for Close {
    const NAME: &'static str = "closeEvaluation";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        let permit = by_system::<act::CloseEvaluation>(self.round, "the time for votes is over");
        // The boxes first: whoever is casting a ballot gets it in, whoever comes later finds the round closed.
        let boxes = store::boxes::take_all(tx, self.round).await?;
        let round =
            store::known(tx.db(), self.round).await?.ok_or_else(|| Fault::new("a round that was due is gone"))?;
        if round.state != RoundState::Open || round.takes_votes(tx.now()).is_ok() {
            tx.unrecorded("closed by another node in the meantime");
            return Ok(());
        }
        // All boxes are written once more, in one order: no row is left that tells which was changed last.
        for (subject, _, mut contents) in boxes {
            contents.close();
            store::boxes::put(tx, &permit, subject, &contents).await?;
        }
        let head = case(tx, self.round).await?.head;
        // Who did not vote has missed no deadline.
        let step = Move {
            outcome: NOT_NEEDED,
            wait: vec![Wait { org: head.proposer, task: Action::TallyEvaluation, deadline: None }],
            ..Move::to(RoundState::Closed)
        };
        proceeding::service::advance(tx, &permit, &head, step, Note::default()).await
    }
}

crate::api_input! {
    /// Tallies a closed round (计票). Nobody sees a figure by it: the results go to the organisations they concern, to
    /// object to, and to all others when they are published.
    command TallyEvaluation {
        /// The round (评价轮次).
        id: RoundId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

impl UseCase for TallyEvaluation {
    const NAME: &'static str = "tallyEvaluation";
    type Output = RoundId;

    async fn execute(&self, tx: &Tx) -> Outcome<RoundId> {
        let (case, round) = load(tx, self.id, "input.id").await?;
        let permit = permit::<act::TallyEvaluation>(tx, &case, &round, self.expected_revision).await?;
        let counted = count(tx, &round).await?;
        for (subject, earlier) in &counted.rolled {
            store::results::roll_into(tx, &permit, *subject, earlier).await?;
        }
        store::results::insert(tx, &permit, round.head.province, &counted.results).await?;
        let sufficient: Vec<OrgUnitId> = counted
            .results
            .iter()
            .filter(|(.., tally)| tally.standing == EvaluationStanding::Sufficient)
            .map(|(subject, ..)| *subject)
            .collect();
        let office = Wait { org: round.head.proposer, task: Action::PublishEvaluation, deadline: None };
        let mut step =
            if sufficient.is_empty() { Move::to(RoundState::Tallied) } else { Move::to(RoundState::Objection) };
        let mut facts = json!({ "subjects": counted.results.len() });
        if !sufficient.is_empty() {
            let days = tx.actor()?.settings.deadlines.evaluation_objection;
            let until = Deadline::working_days(tx.now(), days).due(&tx.ctx().calendar()).at;
            store::set_objection_until(tx, &permit, until).await?;
            facts["objectionUntil"] = json!(until);
            // To object is a right with an end, not a task with a deadline.
            let object = |org| Wait { org, task: Action::RaiseEvaluationObjection, deadline: None };
            step.wait.extend(sufficient.into_iter().map(object));
        }
        step.wait.push(office);
        proceeding::service::advance(tx, &permit, &round.head, step, Note::default().facts(facts)).await?;
        Ok(round.id())
    }
}

struct Counted {
    results: Vec<(OrgUnitId, EvaluationDirection, Tally)>,
    rolled: Vec<(OrgUnitId, Vec<RoundId>)>,
}

/// Counts every box of a round, with the boxes of earlier rounds in which the same subject fell short.
async fn count(tx: &Tx, round: &Round) -> Outcome<Counted> {
    let boxes = store::boxes::take_all(tx, round.id()).await?;
    let short = store::results::short(tx.db(), round.head.authority, round.id()).await?;
    let departments: Vec<OrgUnitId> = boxes
        .iter()
        .filter(|(_, direction, _)| *direction == EvaluationDirection::TownshipToDepartment)
        .map(|(subject, ..)| *subject)
        .collect();
    // What is not due yet is neither done in time nor late.
    let (from, to) = period(round.year, round.half);
    let punctual = proceeding::store::punctuality(tx.db(), &departments, from, to.min(tx.now())).await?;
    let (mut results, mut rolled) = (Vec::with_capacity(boxes.len()), Vec::new());
    for (subject, direction, contents) in boxes {
        let (mut all, mut earlier) = (vec![contents], Vec::new());
        for id in short.get(&subject).into_iter().flatten() {
            if let Some((same, contents)) = store::boxes::take(tx, *id, subject).await?
                && same == direction
                && tally::fits(&contents, direction.dimensions(&round.rules))
            {
                all.push(contents);
                earlier.push(*id);
            }
        }
        let objective = punctual.get(&subject).and_then(|(in_time, late)| tally::objective(*in_time, *late));
        let tally = tally::tally(&round.rules, direction, &all, objective);
        if tally.standing == EvaluationStanding::Sufficient && !earlier.is_empty() {
            rolled.push((subject, earlier));
        }
        results.push((subject, direction, tally));
    }
    Ok(Counted { results, rolled })
}
