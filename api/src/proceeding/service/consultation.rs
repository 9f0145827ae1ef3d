//! Hearing organisations: opinions, answers to objections, closing. Silence is recorded and never taken for consent.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{GivenOpinion, Move, Note, advance, give_opinion, named, opinions_now};
use crate::{
    kernel::{
        fault::{Outcome, refuse},
        ids::{OpinionId, OrgUnitId},
        policy::{Act, Action, Permit},
        refusal::{InputProblem, Refusal},
        runner::Tx,
        text,
    },
    proceeding::{
        rules::{Case, Stance},
        store::{self, Closing},
    },
};

/// Records the opinion of the actor's organisation and ends its entry.
pub async fn hear<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    case: &Case,
    stance: Stance,
    raw: &str,
    capacity: Option<&str>,
) -> Outcome<()> {
    let said = text::block("input.text", raw, text::BLOCK)?;
    let capacity = text::optional("input.capacity", capacity, text::BLOCK, text::block)?;
    if stance == Stance::NoOpinion {
        return refuse(Refusal::invalid(
            "input.stance",
            InputProblem::Malformed { expected: "AGREE, CONDITIONAL or OBJECT" },
        ));
    }
    let actor = tx.actor()?;
    let given = GivenOpinion { org: actor.org, stage: A::ACTION, stance, text: &said, capacity: capacity.as_deref() };
    give_opinion(tx, permit, &case.head, given).await?;
    let step = Move { close: Closing::One(actor.org, A::ACTION), ..Move::to(&case.head.state) };
    let note = Note { concerns: Some(case.head.proposer), ..Note::default() };
    advance(tx, permit, &case.head, step, note.facts(json!({ "stance": stance, "text": said }))).await
}

/// Records the proposer's answer to an objection.
pub async fn answer<A: Act>(tx: &Tx, permit: &Permit<A>, case: &Case, opinion: OpinionId, raw: &str) -> Outcome<()> {
    let answer = text::block("input.answer", raw, text::BLOCK)?;
    if !store::answer_opinion(tx, permit, opinion.0, &answer).await? {
        return refuse(Refusal::not_found("input.opinionId"));
    }
    let step = Move { close: Closing::None, ..Move::to(&case.head.state) };
    advance(tx, permit, &case.head, step, Note::default().facts(json!({ "opinion": opinion, "answer": answer }))).await
}

/// Refuses to close a consultation in which somebody was not heard or not answered; records silence once its time has
/// come. `earliest` is when silence may be recorded. Answers who stayed silent.
pub async fn conclude<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    case: &Case,
    task: Action,
    earliest: Option<DateTime<Utc>>,
) -> Outcome<Vec<OrgUnitId>> {
    let unheard: Vec<OrgUnitId> = case.open.iter().filter(|entry| entry.task == task).map(|entry| entry.org).collect();
    let opinions = opinions_now(tx, &case.head, task).await?;
    let unanswered: Vec<OrgUnitId> =
        opinions.iter().filter(|opinion| opinion.wants_answer()).map(|opinion| opinion.org).collect();
    let too_early = earliest.is_some_and(|earliest| tx.now() < earliest);
    if (!unheard.is_empty() && too_early) || !unanswered.is_empty() {
        return refuse(Refusal::ConsultationIncomplete {
            unheard: named(tx, &unheard).await?,
            unanswered: named(tx, &unanswered).await?,
            until: earliest.filter(|_| !unheard.is_empty()),
        });
    }
    for org in &unheard {
        let given = GivenOpinion {
            org: *org,
            stage: task,
            stance: Stance::NoOpinion,
            text: "逾期未反馈，记为无意见。",
            capacity: None,
        };
        give_opinion(tx, permit, &case.head, given).await?;
        store::close_entries(tx, permit, Closing::One(*org, task), "SILENT").await?;
    }
    Ok(unheard)
}

/// When the clock of a consultation ends.
#[must_use]
pub fn window_end(case: &Case, task: Action) -> Option<DateTime<Utc>> {
    case.open.iter().filter(|entry| entry.task == task).filter_map(|entry| entry.due_at).max()
}
