//! The steps of the county: taking in hand, checking, legal review, decision, filing.

use serde_json::json;

use super::{grounds, load, only, wait};
use crate::{
    adjustment::rules::{AdjustmentProcedure, AdjustmentState, CheckOutcome, LegalOutcome, check_consulted},
    duty_list::{service::requests::approvable, store::change},
    kernel::{
        fault::{Outcome, refuse},
        ids::{AdjustmentId, OrgUnitId},
        policy::{Act, Action, Permit, act},
        refusal::{InputProblem, Match, Named, Refusal},
        runner::{Tx, UseCase},
        scope::Scope,
        text,
    },
    proceeding::{
        rules::{Capacity, Case, DecisionOutcome, Stance, Wait, reason_given},
        service::{DecisionRecordFacts, GivenOpinion, Move, Note, advance, decide, give_opinion, permit},
        store::NOT_NEEDED,
    },
    territory,
};

crate::api_input! {
    /// Takes a submitted adjustment request in hand (受理动态调整申请).
    command ReceiveAdjustment {
        /// The request (申请).
        id: AdjustmentId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Records the establishment office's check (审核动态调整申请).
    command CheckAdjustment {
        /// The request (申请).
        id: AdjustmentId,
        /// How it went (审核结果).
        outcome: CheckOutcome,
        /// Why; needed unless it passes (理由).
        reason: Option<String>,
        /// Departments to be heard beside those the changes name (另行征求意见的部门).
        consulted_org_unit_ids: Option<Vec<OrgUnitId>>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Records the legal review (动态调整合法性审查).
    command ReviewAdjustmentLegality {
        /// The request (申请).
        id: AdjustmentId,
        /// How it went (审查结果).
        outcome: LegalOutcome,
        /// The opinion (审查意见).
        opinion: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Records the county's decision (登记动态调整审定结果).
    command DecideAdjustment {
        /// The request (申请).
        id: AdjustmentId,
        /// How it went (决定结果).
        outcome: DecisionOutcome,
        /// The decision with its document (决定记录).
        decision: DecisionRecordFacts,
        /// Why; needed unless it is approved (理由).
        reason: Option<String>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Files an incorporated adjustment with the offices above (动态调整备案).
    command FileAdjustment {
        /// The request (申请).
        id: AdjustmentId,
        /// Number of the filing report (备案文号).
        document_no: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

impl UseCase for ReceiveAdjustment {
    const NAME: &'static str = "receiveAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::ReceiveAdjustment>(tx, &case, self.expected_revision).await?;
        // The clock of the check runs from the submission: taking one's time to take it in hand does not extend it.
        let since = case.head.submitted_at.unwrap_or(tx.now());
        let days = tx.actor()?.settings.deadlines.adjustment_check;
        let step = Move {
            wait: vec![wait(only(&case, Capacity::Establishment)?, Action::CheckAdjustment, since, days)],
            ..Move::to(AdjustmentState::EoCheck)
        };
        advance(tx, &permit, &case.head, step, Note::default()).await?;
        Ok(self.id)
    }
}

/// Sends a request back for correction, not more often than the province allows.
async fn send_back<A: Act>(tx: &Tx, permit: &Permit<A>, case: &Case, reason: Option<&str>) -> Outcome<()> {
    let most = tx.actor()?.settings.thresholds.max_returns;
    if u32::try_from(case.head.return_count).unwrap_or(0) >= most {
        return refuse(Refusal::conflict(
            "input.outcome",
            "退回次数已达上限，须作出通过或不予通过的结论。",
            "was returned as often as allowed; pass or refuse it.",
        ));
    }
    let again = Wait { org: case.head.proposer, task: Action::SubmitAdjustment, deadline: None };
    let step = Move { wait: vec![again], returned: true, outcome: "RETURNED", ..Move::to(AdjustmentState::Returned) };
    advance(tx, permit, &case.head, step, Note::because(reason)).await
}

async fn end<A: Act>(tx: &Tx, permit: &Permit<A>, case: &Case, state: AdjustmentState, note: Note) -> Outcome<()> {
    advance(tx, permit, &case.head, Move { ends: true, outcome: NOT_NEEDED, ..Move::to(state) }, note).await
}

/// Departments to be heard: those named by what the items say or would say, and those added by the office.
async fn consulted(tx: &Tx, case: &Case, extra: &[OrgUnitId]) -> Outcome<Vec<OrgUnitId>> {
    let changes = change::changes(tx.db(), &[case.head.id]).await?.remove(&case.head.id).unwrap_or_default();
    let mut orgs: Vec<OrgUnitId> = changes
        .iter()
        .filter_map(|change| change.content.as_ref())
        .flat_map(|content| content.departments.iter().map(|(org, _)| *org))
        .collect();
    let bases: Vec<_> = changes.iter().flat_map(|change| &change.targets).filter_map(|target| target.base).collect();
    let named = crate::duty_list::store::items::departments(tx.db(), &bases).await?;
    orgs.extend(named.values().flatten().map(|(org, _)| *org));
    let known = territory::store::orgs(tx.db(), &Scope::of(tx.ctx()), extra).await?;
    for (index, id) in extra.iter().enumerate() {
        let path = format!("input.consultedOrgUnitIds.{index}");
        match known.get(id).filter(|org| org.valid_to.is_none()) {
            Some(org) => check_consulted(org.id, org.kind, case.head.proposer, &path)?,
            None => return refuse(Refusal::not_found(path)),
        }
    }
    orgs.extend(extra);
    orgs.extend(case.in_capacity(Capacity::Township));
    orgs.sort_unstable();
    orgs.dedup();
    let establishment = case.in_capacity(Capacity::Establishment);
    orgs.retain(|org| *org != case.head.proposer && !establishment.contains(org));
    Ok(orgs)
}

impl UseCase for CheckAdjustment {
    const NAME: &'static str = "checkAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let reason = text::optional("input.reason", self.reason.as_deref(), text::BLOCK, text::block)?;
        let (case, request) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::CheckAdjustment>(tx, &case, self.expected_revision).await?;
        let actor = tx.actor()?;
        if case.head.is_by(actor.account) {
            return refuse(Refusal::SelfApproval { organisation: actor.org });
        }
        if self.outcome != CheckOutcome::Pass && reason.is_none() {
            return refuse(Refusal::invalid("input.reason", InputProblem::Empty));
        }
        let deadlines = &actor.settings.deadlines;
        match self.outcome {
            CheckOutcome::Return => send_back(tx, &permit, &case, reason.as_deref()).await?,
            CheckOutcome::Reject => {
                end(tx, &permit, &case, AdjustmentState::Rejected, Note::because(reason.as_deref())).await?;
            }
            CheckOutcome::Reroute => {
                end(tx, &permit, &case, AdjustmentState::ReroutedToAdmission, Note::because(reason.as_deref())).await?;
            }
            CheckOutcome::Pass if !request.similar.is_empty() && reason.is_none() => {
                // What looks like a refused request passes only with a reason on record.
                let matches = request
                    .similar
                    .iter()
                    .map(|found| Match {
                        subject: Named::new(&found.id, format!("{} {}", found.number, found.title)),
                        percent: found.percent,
                    })
                    .collect();
                return refuse(Refusal::DuplicateMatter { matches });
            }
            CheckOutcome::Pass if grounds(&request)?.short_path => {
                approvable(tx, &case).await?;
                let since = case.head.submitted_at.unwrap_or(tx.now());
                let step = Move {
                    wait: vec![wait(actor.org, Action::DraftIncorporation, since, deadlines.rename_total)],
                    approver: Some(Some((actor.org, actor.level.number()))),
                    ..Move::to(AdjustmentState::Approved)
                };
                advance(
                    tx,
                    &permit,
                    &case.head,
                    step,
                    Note::because(reason.as_deref()).facts(json!({ "shortPath": true })),
                )
                .await?;
            }
            CheckOutcome::Pass => {
                let orgs = consulted(tx, &case, self.consulted_org_unit_ids.as_deref().unwrap_or_default()).await?;
                if orgs.is_empty() {
                    // A decision without a consultation on record is impossible, so somebody has to be heard.
                    return refuse(Refusal::invalid("input.consultedOrgUnitIds", InputProblem::TooFew { min: 1 }));
                }
                let days = deadlines.adjustment_consultation;
                let mut waits: Vec<Wait> =
                    orgs.iter().map(|org| wait(*org, Action::GiveAdjustmentOpinion, tx.now(), days)).collect();
                waits.push(wait(actor.org, Action::CloseAdjustmentConsultation, tx.now(), days));
                let step = Move {
                    wait: waits,
                    parties: orgs.iter().map(|org| (*org, Capacity::Consulted, 0)).collect(),
                    ..Move::to(AdjustmentState::JointConsultation)
                };
                advance(
                    tx,
                    &permit,
                    &case.head,
                    step,
                    Note::because(reason.as_deref()).facts(json!({ "consulted": orgs })),
                )
                .await?;
            }
        }
        Ok(self.id)
    }
}

impl UseCase for ReviewAdjustmentLegality {
    const NAME: &'static str = "reviewAdjustmentLegality";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let opinion = text::block("input.opinion", &self.opinion, text::BLOCK)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit =
            permit::<AdjustmentProcedure, act::ReviewAdjustmentLegality>(tx, &case, self.expected_revision).await?;
        let actor = tx.actor()?;
        let stance = match self.outcome {
            LegalOutcome::Lawful => Stance::Agree,
            LegalOutcome::Correct => Stance::Conditional,
            LegalOutcome::Unlawful => Stance::Object,
        };
        let given = GivenOpinion {
            org: actor.org,
            stage: Action::ReviewAdjustmentLegality,
            stance,
            text: &opinion,
            capacity: None,
        };
        give_opinion(tx, &permit, &case.head, given).await?;
        match self.outcome {
            LegalOutcome::Lawful => {
                let clerk = only(&case, Capacity::Decision)?;
                let step = Move {
                    wait: vec![wait(
                        clerk,
                        Action::DecideAdjustment,
                        tx.now(),
                        actor.settings.deadlines.adjustment_decision,
                    )],
                    ..Move::to(AdjustmentState::CountyDecision)
                };
                advance(
                    tx,
                    &permit,
                    &case.head,
                    step,
                    Note::because(Some(&opinion)).facts(json!({ "outcome": self.outcome })),
                )
                .await?;
            }
            LegalOutcome::Correct => send_back(tx, &permit, &case, Some(&opinion)).await?,
            LegalOutcome::Unlawful => {
                end(tx, &permit, &case, AdjustmentState::Rejected, Note::because(Some(&opinion))).await?;
            }
        }
        Ok(self.id)
    }
}

impl UseCase for DecideAdjustment {
    const NAME: &'static str = "decideAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let reason = text::optional("input.reason", self.reason.as_deref(), text::BLOCK, text::block)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::DecideAdjustment>(tx, &case, self.expected_revision).await?;
        reason_given(self.outcome, reason.as_deref())?;
        let record = decide(tx, &permit, &case, self.outcome, &self.decision, reason.as_deref(), true).await?;
        let actor = tx.actor()?;
        match self.outcome {
            DecisionOutcome::Approved => {
                approvable(tx, &case).await?;
                let establishment = only(&case, Capacity::Establishment)?;
                let days = actor.settings.deadlines.adjustment_incorporation;
                let step = Move {
                    wait: vec![wait(establishment, Action::DraftIncorporation, tx.now(), days)],
                    approver: Some(Some((actor.org, actor.level.number()))),
                    ..Move::to(AdjustmentState::Approved)
                };
                advance(tx, &permit, &case.head, step, Note::because(reason.as_deref()).facts(record)).await?;
            }
            DecisionOutcome::Rejected => {
                end(tx, &permit, &case, AdjustmentState::Rejected, Note::because(reason.as_deref()).facts(record))
                    .await?;
            }
            DecisionOutcome::Returned => send_back(tx, &permit, &case, reason.as_deref()).await?,
        }
        Ok(self.id)
    }
}

impl UseCase for FileAdjustment {
    const NAME: &'static str = "fileAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let document = text::line("input.documentNo", &self.document_no, text::LINE)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::FileAdjustment>(tx, &case, self.expected_revision).await?;
        let above: Vec<OrgUnitId> = case
            .parties
            .iter()
            .filter(|party| matches!(party.capacity, Capacity::Reviewer | Capacity::Approver))
            .map(|party| party.org)
            .collect();
        let step = Move { ends: true, ..Move::to(AdjustmentState::Filed) };
        advance(
            tx,
            &permit,
            &case.head,
            step,
            Note::default().facts(json!({ "documentNo": document, "filedWith": above })),
        )
        .await?;
        Ok(self.id)
    }
}
