//! The steps up to the county's decision: check, consultation of townships, legal and resource review.

use serde_json::json;

use super::{load, only, reject, send_back, wait};
use crate::{
    admission::rules::{AdmissionProcedure, AdmissionState, ResourceOutcome, hearing_allows},
    duty_list::store::change::Request,
    kernel::{
        fault::{Outcome, refuse},
        ids::{AdmissionId, OpinionId, OrgUnitId},
        policy::{Act, Action, Permit, act},
        refusal::{InputProblem, Match, Named, Refusal},
        runner::{Tx, UseCase},
        text,
    },
    proceeding::{
        rules::{Capacity, Case, DecisionOutcome, Stance, Wait, reason_given},
        service::{
            GivenOpinion, Move, Note, advance,
            consultation::{answer, conclude, hear, hearing},
            give_opinion, permit,
        },
        store::Closing,
    },
};

crate::api_enum! {
    /// How the legal review of an admission went (合法性审查结果).
    pub enum AdmissionLegalOutcome {
        /// Lawful (合法).
        Lawful,
        /// Lawful if something is corrected; returned (需修改，退回).
        Correct,
        /// Unlawful; refused (不合法，不予通过).
        Unlawful,
    }
}

crate::api_input! {
    /// Takes a submitted admission request in hand (受理职责准入申请).
    command ReceiveAdmission {
        /// The request (申请).
        id: AdmissionId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Records the establishment office's check (审核职责准入申请).
    command CheckAdmission {
        /// The request (申请).
        id: AdmissionId,
        /// How it went (审核结果).
        outcome: DecisionOutcome,
        /// Why; needed unless it passes, and also to pass a request that looks like a refused one (理由).
        reason: Option<String>,
        /// How many working days townships have to answer; within the province's bounds, the longest if left out (征求意见工作日数).
        consultation_days: Option<i32>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Gives my township's opinion on an admission request (乡镇对职责准入提出意见).
    command GiveAdmissionOpinion {
        /// The request (申请).
        id: AdmissionId,
        /// What it says in one word (意见类型): `AGREE`, `CONDITIONAL`, `OBJECT`.
        stance: Stance,
        /// What it says (意见内容).
        text: String,
        /// What it says of its capacity to do it (承接能力说明).
        capacity: Option<String>,
    }

    /// Answers a township's objection as who proposed the request (答复职责准入反对意见).
    command AnswerAdmissionObjection {
        /// The request (申请).
        id: AdmissionId,
        /// The objection (反对意见).
        opinion_id: OpinionId,
        /// The answer (答复).
        answer: String,
    }

    /// Closes the consultation: every township was heard or had the full time, and every objection has its answer
    /// (结束乡镇征求意见).
    command CloseAdmissionConsultation {
        /// The request (申请).
        id: AdmissionId,
        /// Summary for the record (征求意见情况).
        summary: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Records the legal review (职责准入合法性审查).
    command ReviewAdmissionLegality {
        /// The request (申请).
        id: AdmissionId,
        /// How it went (审查结果).
        outcome: AdmissionLegalOutcome,
        /// The opinion (审查意见).
        opinion: String,
    }

    /// Records the review of resources (职责准入资源审查).
    command ReviewAdmissionResources {
        /// The request (申请).
        id: AdmissionId,
        /// How it went (审查结果).
        outcome: ResourceOutcome,
        /// The opinion (审查意见).
        opinion: String,
    }
}

impl UseCase for ReceiveAdmission {
    const NAME: &'static str = "receiveAdmission";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::ReceiveAdmission>(tx, &case, self.expected_revision).await?;
        let since = case.head.submitted_at.unwrap_or(tx.now());
        let days = tx.actor()?.settings.deadlines.admission_check;
        let step = Move {
            wait: vec![wait(only(&case, Capacity::Establishment)?, Action::CheckAdmission, since, days)],
            ..Move::to(AdmissionState::EoCheck)
        };
        advance(tx, &permit, &case.head, step, Note::default()).await?;
        Ok(self.id)
    }
}

/// A request that looks like a refused one passes only with a reason on record: it may not slip through.
fn check_evasion(request: &Request, reason: Option<&str>) -> Outcome<()> {
    if request.similar.is_empty() || reason.is_some() {
        return Ok(());
    }
    let matches = request
        .similar
        .iter()
        .map(|found| Match {
            subject: Named::new(&found.id, format!("{} {}", found.number, found.title)),
            percent: found.percent,
        })
        .collect();
    refuse(Refusal::DuplicateMatter { matches })
}

/// The length of the consultation, within the province's bounds.
fn consultation_days(tx: &Tx, wanted: Option<i32>) -> Outcome<u32> {
    let deadlines = &tx.actor()?.settings.deadlines;
    let (min, max) = (deadlines.admission_consultation_min, deadlines.admission_consultation_max);
    match wanted.map(u32::try_from) {
        None => Ok(max),
        Some(Ok(days)) if (min..=max).contains(&days) => Ok(days),
        Some(_) => refuse(Refusal::invalid(
            "input.consultationDays",
            InputProblem::OutOfRange { min: min.into(), max: max.into() },
        )),
    }
}

impl UseCase for CheckAdmission {
    const NAME: &'static str = "checkAdmission";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let reason = text::optional("input.reason", self.reason.as_deref(), text::BLOCK, text::block)?;
        let (case, request) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::CheckAdmission>(tx, &case, self.expected_revision).await?;
        reason_given(self.outcome, reason.as_deref())?;
        let note = Note::because(reason.as_deref());
        match self.outcome {
            DecisionOutcome::Returned => send_back(tx, &permit, &case, note).await?,
            DecisionOutcome::Rejected => reject(tx, &permit, &case, note).await?,
            DecisionOutcome::Approved => {
                check_evasion(&request, reason.as_deref())?;
                let days = consultation_days(tx, self.consultation_days)?;
                let townships = case.in_capacity(Capacity::Township);
                let mut waits: Vec<Wait> =
                    townships.iter().map(|org| wait(*org, Action::GiveAdmissionOpinion, tx.now(), days)).collect();
                waits.push(wait(tx.actor()?.org, Action::CloseAdmissionConsultation, tx.now(), days));
                let step = Move { wait: waits, ..Move::to(AdmissionState::TownshipConsultation) };
                advance(
                    tx,
                    &permit,
                    &case.head,
                    step,
                    note.facts(json!({ "workingDays": days, "townships": townships })),
                )
                .await?;
            }
        }
        Ok(self.id)
    }
}

impl UseCase for GiveAdmissionOpinion {
    const NAME: &'static str = "giveAdmissionOpinion";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::GiveAdmissionOpinion>(tx, &case, None).await?;
        hear(tx, &permit, &case, self.stance, &self.text, self.capacity.as_deref()).await?;
        Ok(self.id)
    }
}

impl UseCase for AnswerAdmissionObjection {
    const NAME: &'static str = "answerAdmissionObjection";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::AnswerAdmissionObjection>(tx, &case, None).await?;
        let (hearing, names) = hearing(tx, &case, Action::GiveAdmissionOpinion).await?;
        let named = |org| names.get(&org).cloned();
        hearing_allows(Action::AnswerAdmissionObjection, &hearing, tx.now(), &named)?;
        answer(tx, &permit, &case, self.opinion_id, &self.answer).await?;
        Ok(self.id)
    }
}

impl UseCase for CloseAdmissionConsultation {
    const NAME: &'static str = "closeAdmissionConsultation";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let summary = text::block("input.summary", &self.summary, text::BLOCK)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit =
            permit::<AdmissionProcedure, act::CloseAdmissionConsultation>(tx, &case, self.expected_revision).await?;
        let (hearing, names) = hearing(tx, &case, Action::GiveAdmissionOpinion).await?;
        let named = |org| names.get(&org).cloned();
        hearing_allows(Action::CloseAdmissionConsultation, &hearing, tx.now(), &named)?;
        let silent = conclude(tx, &permit, &case, Action::GiveAdmissionOpinion, hearing).await?;
        let days = tx.actor()?.settings.deadlines.admission_review;
        // An office that proposes does not review its own proposal.
        let reviews: Vec<Wait> =
            [(Capacity::Legal, Action::ReviewAdmissionLegality), (Capacity::Finance, Action::ReviewAdmissionResources)]
                .into_iter()
                .map(|(capacity, task)| Ok((only(&case, capacity)?, task)))
                .collect::<Outcome<Vec<_>>>()?
                .into_iter()
                .filter(|(org, _)| *org != case.head.proposer)
                .map(|(org, task)| wait(org, task, tx.now(), days))
                .collect();
        let step = Move { wait: reviews, ..Move::to(AdmissionState::LegalAndResourceReview) };
        advance(tx, &permit, &case.head, step, Note::because(Some(&summary)).facts(json!({ "silent": silent })))
            .await?;
        Ok(self.id)
    }
}

/// Records one of the two reviews; the last one passes the request on.
async fn reviewed<A: Act>(tx: &Tx, permit: &Permit<A>, case: &Case, stance: Stance, opinion: &str) -> Outcome<()> {
    let actor = tx.actor()?;
    let given = GivenOpinion { org: actor.org, stage: A::ACTION, stance, text: opinion, capacity: None };
    give_opinion(tx, permit, &case.head, given).await?;
    let note = Note::because(Some(opinion)).facts(json!({ "stance": stance }));
    match stance {
        Stance::Conditional => send_back(tx, permit, case, note).await,
        Stance::Object => reject(tx, permit, case, note).await,
        Stance::Agree | Stance::NoOpinion => {
            let mine = |org: OrgUnitId, task: Action| org == actor.org && task == A::ACTION;
            let last = case.open.iter().all(|entry| mine(entry.org, entry.task));
            let step = if last {
                let days = actor.settings.deadlines.admission_county;
                Move {
                    wait: vec![wait(only(case, Capacity::Decision)?, Action::DecideAdmissionAtCounty, tx.now(), days)],
                    ..Move::to(AdmissionState::CountyDecision)
                }
            } else {
                Move { close: Closing::One(actor.org, A::ACTION), ..Move::to(&case.head.state) }
            };
            advance(tx, permit, &case.head, step, note).await
        }
    }
}

impl UseCase for ReviewAdmissionLegality {
    const NAME: &'static str = "reviewAdmissionLegality";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let opinion = text::block("input.opinion", &self.opinion, text::BLOCK)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::ReviewAdmissionLegality>(tx, &case, None).await?;
        let stance = match self.outcome {
            AdmissionLegalOutcome::Lawful => Stance::Agree,
            AdmissionLegalOutcome::Correct => Stance::Conditional,
            AdmissionLegalOutcome::Unlawful => Stance::Object,
        };
        reviewed(tx, &permit, &case, stance, &opinion).await?;
        Ok(self.id)
    }
}

impl UseCase for ReviewAdmissionResources {
    const NAME: &'static str = "reviewAdmissionResources";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let opinion = text::block("input.opinion", &self.opinion, text::BLOCK)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::ReviewAdmissionResources>(tx, &case, None).await?;
        let stance = match self.outcome {
            ResourceOutcome::Sufficient => Stance::Agree,
            ResourceOutcome::Correct => Stance::Conditional,
            ResourceOutcome::Insufficient => Stance::Object,
        };
        reviewed(tx, &permit, &case, stance, &opinion).await?;
        Ok(self.id)
    }
}
