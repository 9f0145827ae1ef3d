//! States of an adjustment request and who moves it on; the watch on changes of law. Pure.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    duty_list::rules::{
        change::{ChangeOrigin, OriginDocument, OriginLaw},
        content::{Basis, instrument_key},
        diff::BurdenDirection,
    },
    kernel::{
        ids::{AccountId, OrgUnitId},
        place::OrgKind,
        policy::Action,
        refusal::{Named, Refusal},
        role::Role,
    },
    proceeding::rules::{Capacity, Hearing, Procedure, ProceedingKind},
};

crate::api_enum! {
    /// State of an adjustment request (动态调整状态).
    pub enum AdjustmentState {
        /// Being drafted (起草中).
        Draft,
        /// Returned for correction (退回修改).
        Returned,
        /// Submitted, not yet taken in hand (已提交).
        Submitted,
        /// Checked by the county's establishment office (县委编办审核).
        EoCheck,
        /// Discussed with the departments concerned (部门会商).
        JointConsultation,
        /// Reviewed for legality (合法性审查).
        LegalReview,
        /// Before the county's committee and government (县级审定).
        CountyDecision,
        /// Decided; waits for the next version of the lists (已审定，待纳入清单).
        Approved,
        /// Incorporated into every list it concerns (已纳入清单).
        Incorporated,
        /// Filed with the offices above (已备案).
        Filed,
        /// Refused (不予调整).
        Rejected,
        /// Belongs to the other route (转职责准入程序).
        ReroutedToAdmission,
        /// Withdrawn by who raised it (已撤回).
        Withdrawn,
    }
}

/// The procedure of an adjustment request.
pub struct AdjustmentProcedure;

impl Procedure for AdjustmentProcedure {
    type State = AdjustmentState;
    const KIND: ProceedingKind = ProceedingKind::Adjustment;
    const STATES: &'static [AdjustmentState] = AdjustmentState::ALL;

    fn possible(state: AdjustmentState) -> &'static [Action] {
        use Action as A;
        match state {
            AdjustmentState::Draft | AdjustmentState::Returned => {
                &[A::UpdateAdjustment, A::SignAdjustment, A::SubmitAdjustment, A::WithdrawAdjustment]
            }
            AdjustmentState::Submitted => &[A::ReceiveAdjustment, A::WithdrawAdjustment],
            AdjustmentState::EoCheck => &[A::CheckAdjustment, A::WithdrawAdjustment],
            AdjustmentState::JointConsultation => &[
                A::GiveAdjustmentOpinion,
                A::AnswerAdjustmentObjection,
                A::CloseAdjustmentConsultation,
                A::WithdrawAdjustment,
            ],
            AdjustmentState::LegalReview => &[A::ReviewAdjustmentLegality, A::WithdrawAdjustment],
            AdjustmentState::CountyDecision => &[A::DecideAdjustment, A::WithdrawAdjustment],
            AdjustmentState::Incorporated => &[A::FileAdjustment],
            AdjustmentState::Approved
            | AdjustmentState::Filed
            | AdjustmentState::Rejected
            | AdjustmentState::ReroutedToAdmission
            | AdjustmentState::Withdrawn => &[],
        }
    }

    fn capacity(action: Action) -> Option<Capacity> {
        match action {
            Action::ReceiveAdjustment
            | Action::CheckAdjustment
            | Action::CloseAdjustmentConsultation
            | Action::FileAdjustment => Some(Capacity::Establishment),
            Action::ReviewAdjustmentLegality => Some(Capacity::Legal),
            Action::DecideAdjustment => Some(Capacity::Decision),
            _ => None,
        }
    }

    fn needs_entry(action: Action) -> bool {
        matches!(
            action,
            Action::ReceiveAdjustment
                | Action::CheckAdjustment
                | Action::GiveAdjustmentOpinion
                | Action::CloseAdjustmentConsultation
                | Action::ReviewAdjustmentLegality
                | Action::DecideAdjustment
                | Action::FileAdjustment
        )
    }
}

crate::api_enum! {
    /// How the establishment office's check went (审核结果).
    pub enum CheckOutcome {
        /// In order; goes on (通过).
        Pass,
        /// Returned for correction (退回修改).
        Return,
        /// Refused (不予受理).
        Reject,
        /// Belongs to the other route (转职责准入程序).
        Reroute,
    }
}

/// Whether the office may ask an organisation for its opinion: departments speak of their duties. A township concerned is
/// heard anyway, the operator has no part in it, and the proposer has said what it wants.
pub fn check_consulted(org: OrgUnitId, kind: OrgKind, proposer: OrgUnitId, path: &str) -> Result<(), Refusal> {
    if org == proposer {
        return Err(Refusal::conflict(path, "申请单位不参加会商。", "the proposer is not heard on its own request."));
    }
    if !kind.can_owe_duties() {
        return Err(Refusal::conflict(
            path,
            "只能征求部门的意见。",
            "only departments, which can owe duties, are asked.",
        ));
    }
    Ok(())
}

crate::api_enum! {
    /// How the legal review went (合法性审查结果).
    pub enum LegalOutcome {
        /// Lawful (合法).
        Lawful,
        /// Lawful if something is corrected; returned (需修改，退回).
        Correct,
        /// Unlawful; refused (不合法，不予通过).
        Unlawful,
    }
}

/// What is special about an adjustment request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentGrounds {
    /// The law that asks for it.
    pub law: Option<OriginLaw>,
    /// The document that asks for it.
    pub document: Option<OriginDocument>,
    /// Whether it takes the short path of a department's new name.
    pub short_path: bool,
}

/// Whether the signatures are there that keep "voluntary" applications voluntary: what weighs heavier on the township
/// and is its own application needs both heads, and both signed what is submitted.
pub fn check_signatures(
    origin: ChangeOrigin,
    burden: BurdenDirection,
    digest: &str,
    signed: &[Signed],
) -> Result<(), Refusal> {
    if origin != ChangeOrigin::TownshipApplication || burden != BurdenDirection::Heavier {
        return Ok(());
    }
    let missing: Vec<Role> = [Role::TownshipPartySecretary, Role::TownshipHead]
        .into_iter()
        .filter(|role| !signed.iter().any(|signed| signed.role == *role && signed.digest == digest))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Refusal::SignatureMissing { roles: missing }) }
}

/// A head's signature under a text.
#[derive(Clone, Debug)]
pub struct Signed {
    /// As which head.
    pub role: Role,
    /// The person.
    pub account: AccountId,
    /// The text signed.
    pub digest: String,
}

/// What decides beside policy and state while a request is drafted: the present text and who signed which.
#[derive(Clone, Debug)]
pub struct Signing {
    /// Who or what asks.
    pub origin: ChangeOrigin,
    /// Heavier or lighter.
    pub burden: BurdenDirection,
    /// Fingerprint of the present text.
    pub digest: String,
    /// The signatures there are, under whatever text.
    pub signed: Vec<Signed>,
}

impl Signing {
    /// The acts it decides on.
    pub const DECIDES: &[Action] = &[Action::SignAdjustment, Action::SubmitAdjustment];

    /// Whether an act that policy and state allow can be done by this person. Mutations and `viewerActions` ask this same
    /// question.
    pub fn allows(&self, action: Action, role: Role, account: AccountId) -> Result<(), Refusal> {
        match action {
            Action::SignAdjustment => {
                if self.signed.iter().any(|signed| signed.account == account && signed.role != role) {
                    // One person may hold both posts, but two signatures need two persons.
                    return Err(Refusal::SignatureMissing { roles: vec![role] });
                }
                if self.signed.iter().any(|signed| signed.role == role && signed.digest == self.digest) {
                    return Err(Refusal::forbidden(
                        "现有文本已由该岗位签署。",
                        "The present text is signed in this post already.",
                    ));
                }
                Ok(())
            }
            Action::SubmitAdjustment => check_signatures(self.origin, self.burden, &self.digest, &self.signed),
            _ => Ok(()),
        }
    }
}

/// The acts on which the state of the consultation decides.
pub const HEARD: &[Action] = &[Action::AnswerAdjustmentObjection, Action::CloseAdjustmentConsultation];

/// Whether the consultation allows an act that policy and state allow. Mutations and `viewerActions` ask this same
/// question.
pub fn hearing_allows(
    action: Action,
    hearing: &Hearing,
    now: DateTime<Utc>,
    names: &dyn Fn(OrgUnitId) -> Option<Named>,
) -> Result<(), Refusal> {
    match action {
        Action::AnswerAdjustmentObjection => hearing.check_answer(),
        Action::CloseAdjustmentConsultation => hearing.check_close(now, names),
        _ => Ok(()),
    }
}

crate::api_enum! {
    /// Kind of a change of law: 立改废释 (变更类型).
    pub enum LawChangeKind {
        /// Made (制定).
        Made,
        /// Amended (修改).
        Amended,
        /// Repealed (废止).
        Repealed,
        /// Interpreted (解释).
        Interpreted,
    }
}

/// Whether an item rests on what changes: on the instrument, and on one of the articles if both name any.
#[must_use]
pub fn rests_on(instrument: &str, articles: &[String], bases: &[Basis]) -> bool {
    bases
        .iter()
        .filter(|basis| instrument_key(&basis.instrument) == instrument)
        .any(|basis| articles.is_empty() || basis.article.as_ref().is_none_or(|article| articles.contains(article)))
}

crate::api_enum! {
    /// What became of a change of law under one authority (跟踪状态).
    pub enum LawWatchState {
        /// Waits for an adjustment request or a statement that none is needed (待处理).
        Open,
        /// Nobody acted in time: 动态调整不及时 (逾期未处理).
        Late,
        /// An adjustment request was submitted (已提出调整申请).
        Answered,
        /// Stated that the lists need no change (说明无需调整).
        Dismissed,
    }
}

/// The procedure of a watch.
pub struct LawWatchProcedure;

impl Procedure for LawWatchProcedure {
    type State = LawWatchState;
    const KIND: ProceedingKind = ProceedingKind::LawWatch;
    const STATES: &'static [LawWatchState] = LawWatchState::ALL;

    fn possible(state: LawWatchState) -> &'static [Action] {
        match state {
            LawWatchState::Open | LawWatchState::Late => &[Action::AnswerLawChange, Action::DismissLawWatch],
            LawWatchState::Answered | LawWatchState::Dismissed => &[],
        }
    }

    fn capacity(action: Action) -> Option<Capacity> {
        matches!(action, Action::AnswerLawChange | Action::DismissLawWatch).then_some(Capacity::Establishment)
    }

    fn needs_entry(_: Action) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavier_application_needs_both_heads_under_the_same_text() {
        let one = |role, digest: &str| Signed { role, account: AccountId::new(), digest: digest.to_owned() };
        let signed = |secretary: &str, head: &str| {
            vec![one(Role::TownshipPartySecretary, secretary), one(Role::TownshipHead, head)]
        };
        let check = |origin, burden, signed: &[Signed]| check_signatures(origin, burden, "new", signed);
        assert_eq!(check(ChangeOrigin::TownshipApplication, BurdenDirection::Heavier, &signed("new", "new")), Ok(()));
        assert_eq!(
            check(ChangeOrigin::TownshipApplication, BurdenDirection::Heavier, &signed("new", "old")),
            Err(Refusal::SignatureMissing { roles: vec![Role::TownshipHead] })
        );
        assert!(check(ChangeOrigin::TownshipApplication, BurdenDirection::Heavier, &[]).is_err());
        assert_eq!(check(ChangeOrigin::TownshipApplication, BurdenDirection::Lighter, &[]), Ok(()));
        assert_eq!(check(ChangeOrigin::LawChange, BurdenDirection::Heavier, &[]), Ok(()));
    }

    #[test]
    fn departments_are_consulted_and_nobody_else() {
        let (org, proposer) = (OrgUnitId::new(), OrgUnitId::new());
        let check = |org, kind| check_consulted(org, kind, proposer, "input.consultedOrgUnitIds.0");
        assert_eq!(check(org, OrgKind::Department), Ok(()));
        for kind in [OrgKind::Township, OrgKind::Operator, OrgKind::CommitteeGovernment] {
            assert!(check(org, kind).is_err(), "{kind}");
        }
        assert!(check(proposer, OrgKind::EstablishmentOffice).is_err());
    }

    #[test]
    fn a_text_is_signed_once_by_each_head_and_by_two_persons() {
        let (secretary, other) = (AccountId::new(), AccountId::new());
        let signing = |digest: &str| Signing {
            origin: ChangeOrigin::TownshipApplication,
            burden: BurdenDirection::Heavier,
            digest: digest.to_owned(),
            signed: vec![Signed { role: Role::TownshipPartySecretary, account: secretary, digest: "old".into() }],
        };
        let sign = |digest: &str, role, account| signing(digest).allows(Action::SignAdjustment, role, account);
        assert!(matches!(sign("old", Role::TownshipPartySecretary, secretary), Err(Refusal::Forbidden { .. })));
        assert!(sign("old", Role::TownshipPartySecretary, other).is_err(), "whoever holds the post now");
        assert_eq!(sign("new", Role::TownshipPartySecretary, secretary), Ok(()));
        assert_eq!(sign("old", Role::TownshipHead, other), Ok(()));
        assert!(matches!(sign("old", Role::TownshipHead, secretary), Err(Refusal::SignatureMissing { .. })));
        assert!(signing("old").allows(Action::SubmitAdjustment, Role::TownshipListAdmin, other).is_err());
    }

    #[test]
    fn every_act_on_an_adjustment_is_possible_in_some_state() {
        for action in Action::ALL.iter().filter(|action| action.code().contains("ADJUSTMENT")) {
            let possible =
                AdjustmentState::ALL.iter().any(|state| AdjustmentProcedure::possible(*state).contains(action));
            let outside = matches!(action, Action::CreateAdjustment | Action::MarkLateAdjustment);
            assert!(possible != outside, "{action}");
        }
    }
}
