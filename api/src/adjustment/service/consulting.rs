//! The joint consultation: opinions, answers to objections, closing. Silence is recorded and never taken for consent.

use serde_json::json;

use super::{load, only, wait};
use crate::{
    adjustment::rules::{AdjustmentProcedure, AdjustmentState},
    kernel::{
        fault::{Outcome, refuse},
        ids::{AdjustmentId, OpinionId, OrgUnitId},
        policy::{Act, Action, Permit, act},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase},
        text,
    },
    proceeding::{
        rules::{Capacity, Case, Stance},
        service::{GivenOpinion, Move, Note, advance, give_opinion, named, opinions_now, permit},
        store::{self, Closing},
    },
};

crate::api_input! {
    /// Gives my organisation's opinion on an adjustment request (对动态调整提出意见).
    command GiveAdjustmentOpinion {
        /// The request (申请).
        id: AdjustmentId,
        /// What it says in one word (意见类型): `AGREE`, `CONDITIONAL`, `OBJECT`.
        stance: Stance,
        /// What it says (意见内容).
        text: String,
        /// What it says of its capacity to do it (承接能力说明).
        capacity: Option<String>,
    }

    /// Answers an objection as who raised the request (答复动态调整反对意见).
    command AnswerAdjustmentObjection {
        /// The request (申请).
        id: AdjustmentId,
        /// The objection (反对意见).
        opinion_id: OpinionId,
        /// The answer (答复).
        answer: String,
    }

    /// Closes the consultation: everybody was heard or had the full time, and every objection has its answer (结束会商).
    command CloseAdjustmentConsultation {
        /// The request (申请).
        id: AdjustmentId,
        /// Summary for the record (会商情况).
        summary: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

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
    earliest: Option<chrono::DateTime<chrono::Utc>>,
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
pub fn window_end(case: &Case, task: Action) -> Option<chrono::DateTime<chrono::Utc>> {
    case.open.iter().filter(|entry| entry.task == task).filter_map(|entry| entry.due_at).max()
}

impl UseCase for GiveAdjustmentOpinion {
    const NAME: &'static str = "giveAdjustmentOpinion";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::GiveAdjustmentOpinion>(tx, &case, None).await?;
        hear(tx, &permit, &case, self.stance, &self.text, self.capacity.as_deref()).await?;
        Ok(self.id)
    }
}

impl UseCase for AnswerAdjustmentObjection {
    const NAME: &'static str = "answerAdjustmentObjection";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::AnswerAdjustmentObjection>(tx, &case, None).await?;
        answer(tx, &permit, &case, self.opinion_id, &self.answer).await?;
        Ok(self.id)
    }
}

impl UseCase for CloseAdjustmentConsultation {
    const NAME: &'static str = "closeAdjustmentConsultation";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let summary = text::block("input.summary", &self.summary, text::BLOCK)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit =
            permit::<AdjustmentProcedure, act::CloseAdjustmentConsultation>(tx, &case, self.expected_revision).await?;
        let end = window_end(&case, Action::GiveAdjustmentOpinion);
        let silent = conclude(tx, &permit, &case, Action::GiveAdjustmentOpinion, end).await?;
        let days = tx.actor()?.settings.deadlines.adjustment_legal;
        let step = Move {
            wait: vec![wait(only(&case, Capacity::Legal)?, Action::ReviewAdjustmentLegality, tx.now(), days)],
            ..Move::to(AdjustmentState::LegalReview)
        };
        advance(tx, &permit, &case.head, step, Note::because(Some(&summary)).facts(json!({ "silent": silent })))
            .await?;
        Ok(self.id)
    }
}
