//! Hearing organisations: opinions, answers to objections, closing. Silence is recorded and never taken for consent.

use std::collections::HashMap;

use serde_json::json;

use super::{GivenOpinion, Move, Note, advance, give_opinion};
use crate::{
    kernel::{
        fault::{Outcome, refuse},
        ids::{OpinionId, OrgUnitId},
        policy::{Act, Action, Permit},
        refusal::{InputProblem, Named, Refusal},
        runner::Tx,
        scope::Scope,
        text,
    },
    proceeding::{
        rules::{Case, Hearing, Stance},
        store::{self, Closing},
    },
    territory,
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

/// How far a consultation has come, with the names of those it still waits for.
pub async fn hearing(tx: &Tx, case: &Case, task: Action) -> Outcome<(Hearing, HashMap<OrgUnitId, Named>)> {
    let opinions = store::opinions(tx.db(), &[case.head.id]).await?.remove(&case.head.id).unwrap_or_default();
    let hearing = Hearing::of(case, &opinions, task);
    let missing = [hearing.unheard.as_slice(), hearing.unanswered.as_slice()].concat();
    let orgs = territory::store::orgs(tx.db(), &Scope::Everything, &missing).await?;
    Ok((hearing, orgs.into_iter().map(|(id, org)| (id, org.named())).collect()))
}

/// Records the silence of those who have not spoken; whether their time has come is for the rules to say. Answers who
/// stayed silent.
pub async fn conclude<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    case: &Case,
    task: Action,
    hearing: Hearing,
) -> Outcome<Vec<OrgUnitId>> {
    for org in &hearing.unheard {
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
    Ok(hearing.unheard)
}
