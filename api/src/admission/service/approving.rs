//! The county's decision, the review chain, and the province, which alone approves.

use serde_json::Value;

use super::{load, only, reject, send_back, wait};
use crate::{
    admission::rules::{AdmissionProcedure, AdmissionState, next_review},
    duty_list::service::requests::approvable,
    kernel::{
        fault::{Fault, Outcome, refuse},
        ids::AdmissionId,
        policy::{Act, Action, Permit, act},
        refusal::Refusal,
        runner::{Tx, UseCase},
        text,
    },
    proceeding::{
        rules::{Capacity, Case, DecisionOutcome, reason_given},
        service::{DecisionRecordFacts, Move, Note, advance, decide, permit},
    },
};

crate::api_input! {
    /// Records the decision of the county's committee and government (登记县级审议结果). It only passes the request on:
    /// the province approves.
    command DecideAdmissionAtCounty {
        /// The request (申请).
        id: AdmissionId,
        /// How it went (审议结果).
        outcome: DecisionOutcome,
        /// The decision with its document (决定记录).
        decision: DecisionRecordFacts,
        /// Why; needed unless it is passed on (理由).
        reason: Option<String>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Records the review of an office between county and province (市级审核职责准入).
    command ReviewAdmissionAtCity {
        /// The request (申请).
        id: AdmissionId,
        /// How it went (审核结果).
        outcome: DecisionOutcome,
        /// Opinion; needed unless it is passed on (审核意见).
        reason: Option<String>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Records the province's decision (省级审定职责准入).
    command DecideAdmissionAtProvince {
        /// The request (申请).
        id: AdmissionId,
        /// How it went (审定结果).
        outcome: DecisionOutcome,
        /// The decision with its document (决定记录); the meeting may be left out.
        decision: DecisionRecordFacts,
        /// Why; needed unless it is approved (理由).
        reason: Option<String>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

/// How many offices stand above the county.
fn chain_length(case: &Case) -> usize {
    case.parties.iter().filter(|party| matches!(party.capacity, Capacity::Reviewer | Capacity::Approver)).count()
}

/// Passes a request to the office at `index` of the chain.
async fn pass_up<A: Act>(tx: &Tx, permit: &Permit<A>, case: &Case, index: usize, note: Note) -> Outcome<()> {
    let deadlines = &tx.actor()?.settings.deadlines;
    let to = next_review(index, chain_length(case));
    let ordinal = i32::try_from(index).unwrap_or(i32::MAX);
    let (capacity, task, days) = if to == AdmissionState::CityReview {
        (Capacity::Reviewer, Action::ReviewAdmissionAtCity, deadlines.admission_city)
    } else {
        (Capacity::Approver, Action::DecideAdmissionAtProvince, deadlines.admission_province)
    };
    let reviewer = case.parties.iter().find(|party| party.capacity == capacity && party.ordinal == ordinal);
    let reviewer = reviewer.ok_or_else(|| Fault::new("a gap in a review chain"))?.org;
    let step = Move { wait: vec![wait(reviewer, task, tx.now(), days)], chain_index: Some(ordinal), ..Move::to(to) };
    advance(tx, permit, &case.head, step, note).await
}

fn note(reason: Option<&str>, record: Value) -> Note {
    Note::because(reason).facts(record)
}

impl UseCase for DecideAdmissionAtCounty {
    const NAME: &'static str = "decideAdmissionAtCounty";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let reason = text::optional("input.reason", self.reason.as_deref(), text::BLOCK, text::block)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit =
            permit::<AdmissionProcedure, act::DecideAdmissionAtCounty>(tx, &case, self.expected_revision).await?;
        let actor = tx.actor()?;
        if case.head.is_by(actor.account) {
            // The general office records both the order and the decision of the committee and government; never the
            // same person.
            return refuse(Refusal::SelfApproval { organisation: actor.org });
        }
        reason_given(self.outcome, reason.as_deref())?;
        let record = decide(tx, &permit, &case, self.outcome, &self.decision, reason.as_deref(), true).await?;
        let note = note(reason.as_deref(), record);
        match self.outcome {
            DecisionOutcome::Approved => pass_up(tx, &permit, &case, 0, note).await?,
            DecisionOutcome::Rejected => reject(tx, &permit, &case, note).await?,
            DecisionOutcome::Returned => send_back(tx, &permit, &case, note).await?,
        }
        Ok(self.id)
    }
}

impl UseCase for ReviewAdmissionAtCity {
    const NAME: &'static str = "reviewAdmissionAtCity";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let reason = text::optional("input.reason", self.reason.as_deref(), text::BLOCK, text::block)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit =
            permit::<AdmissionProcedure, act::ReviewAdmissionAtCity>(tx, &case, self.expected_revision).await?;
        reason_given(self.outcome, reason.as_deref())?;
        let note = note(reason.as_deref(), serde_json::json!({ "outcome": self.outcome }));
        match self.outcome {
            DecisionOutcome::Approved => {
                let next = usize::try_from(case.head.chain_index).unwrap_or(0) + 1;
                pass_up(tx, &permit, &case, next, note).await?;
            }
            DecisionOutcome::Rejected => reject(tx, &permit, &case, note).await?,
            DecisionOutcome::Returned => send_back(tx, &permit, &case, note).await?,
        }
        Ok(self.id)
    }
}

impl UseCase for DecideAdmissionAtProvince {
    const NAME: &'static str = "decideAdmissionAtProvince";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let reason = text::optional("input.reason", self.reason.as_deref(), text::BLOCK, text::block)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit =
            permit::<AdmissionProcedure, act::DecideAdmissionAtProvince>(tx, &case, self.expected_revision).await?;
        let actor = tx.actor()?;
        reason_given(self.outcome, reason.as_deref())?;
        let record = decide(tx, &permit, &case, self.outcome, &self.decision, reason.as_deref(), false).await?;
        let note = note(reason.as_deref(), record);
        match self.outcome {
            DecisionOutcome::Approved => {
                approvable(tx, &case).await?;
                let days = actor.settings.deadlines.admission_incorporation;
                let step = Move {
                    wait: vec![wait(only(&case, Capacity::Establishment)?, Action::DraftIncorporation, tx.now(), days)],
                    approver: Some(Some((actor.org, actor.level.number()))),
                    ..Move::to(AdmissionState::Approved)
                };
                advance(tx, &permit, &case.head, step, note).await?;
            }
            DecisionOutcome::Rejected => reject(tx, &permit, &case, note).await?,
            DecisionOutcome::Returned => send_back(tx, &permit, &case, note).await?,
        }
        Ok(self.id)
    }
}
