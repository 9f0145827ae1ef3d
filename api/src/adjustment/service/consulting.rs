//! The joint consultation: opinions, answers to objections, closing. Silence is recorded and never taken for consent.

use serde_json::json;

use super::{load, only, wait};
use crate::{
    adjustment::rules::{AdjustmentProcedure, AdjustmentState, hearing_allows},
    kernel::{
        fault::Outcome,
        ids::{AdjustmentId, OpinionId},
        policy::{Action, act},
        runner::{Tx, UseCase},
        text,
    },
    proceeding::{
        rules::{Capacity, Stance},
        service::{
            Move, Note, advance,
            consultation::{answer, conclude, hear, hearing},
            permit,
        },
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
        let (hearing, names) = hearing(tx, &case, Action::GiveAdjustmentOpinion).await?;
        let named = |org| names.get(&org).cloned();
        hearing_allows(Action::AnswerAdjustmentObjection, &hearing, tx.now(), &named)?;
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
        let (hearing, names) = hearing(tx, &case, Action::GiveAdjustmentOpinion).await?;
        let named = |org| names.get(&org).cloned();
        hearing_allows(Action::CloseAdjustmentConsultation, &hearing, tx.now(), &named)?;
        let silent = conclude(tx, &permit, &case, Action::GiveAdjustmentOpinion, hearing).await?;
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
