//! States of an admission request, who moves it on, and what it must bring. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    duty_list::rules::{change::OriginDocument, content::Content, diff::BurdenDirection},
    kernel::{
        calendar::Calendar,
        fault::Check,
        ids::OrgUnitId,
        policy::Action,
        refusal::{InputProblem, Named, Refusal, Route, Rule},
    },
    proceeding::rules::{Capacity, Hearing, Procedure, ProceedingKind},
};

crate::api_enum! {
    /// State of an admission request (职责准入状态).
    pub enum AdmissionState {
        /// Being drafted (起草中).
        Draft,
        /// Returned for correction (退回修改).
        Returned,
        /// Submitted, not yet taken in hand (已提交).
        Submitted,
        /// Checked by the county's establishment office (县委编办审核).
        EoCheck,
        /// Every township concerned is heard (征求乡镇意见).
        TownshipConsultation,
        /// Reviewed for legality and resources (合法性与资源审查).
        LegalAndResourceReview,
        /// Before the county's committee and government (县级审议).
        CountyDecision,
        /// Reviewed between county and province (市级审核); skipped where no such level exists.
        CityReview,
        /// Before the province (省级审定).
        ProvinceReview,
        /// Approved by the province; waits for the next version of the lists (已批准，待纳入清单).
        Approved,
        /// Incorporated into the lists it concerns; only now the duty holds. A list that did not take it up in time has
        /// no `incorporatedAt`: there the approval has lapsed (已纳入清单).
        Incorporated,
        /// Approved but incorporated nowhere in time (逾期失效).
        Lapsed,
        /// Refused (不予准入).
        Rejected,
        /// Withdrawn by who proposed it (已撤回).
        Withdrawn,
    }
}

/// The procedure of an admission request.
pub struct AdmissionProcedure;

impl Procedure for AdmissionProcedure {
    type State = AdmissionState;
    const KIND: ProceedingKind = ProceedingKind::Admission;
    const STATES: &'static [AdmissionState] = AdmissionState::ALL;

    fn possible(state: AdmissionState) -> &'static [Action] {
        use Action as A;
        match state {
            AdmissionState::Draft | AdmissionState::Returned => {
                &[A::UpdateAdmission, A::SubmitAdmission, A::WithdrawAdmission]
            }
            AdmissionState::Submitted => &[A::ReceiveAdmission, A::WithdrawAdmission],
            AdmissionState::EoCheck => &[A::CheckAdmission, A::WithdrawAdmission],
            AdmissionState::TownshipConsultation => &[
                A::GiveAdmissionOpinion,
                A::AnswerAdmissionObjection,
                A::CloseAdmissionConsultation,
                A::WithdrawAdmission,
            ],
            AdmissionState::LegalAndResourceReview => {
                &[A::ReviewAdmissionLegality, A::ReviewAdmissionResources, A::WithdrawAdmission]
            }
            AdmissionState::CountyDecision => &[A::DecideAdmissionAtCounty, A::WithdrawAdmission],
            AdmissionState::CityReview => &[A::ReviewAdmissionAtCity, A::WithdrawAdmission],
            AdmissionState::ProvinceReview => &[A::DecideAdmissionAtProvince, A::WithdrawAdmission],
            AdmissionState::Approved
            | AdmissionState::Incorporated
            | AdmissionState::Lapsed
            | AdmissionState::Rejected
            | AdmissionState::Withdrawn => &[],
        }
    }

    fn capacity(action: Action) -> Option<Capacity> {
        match action {
            Action::ReceiveAdmission | Action::CheckAdmission | Action::CloseAdmissionConsultation => {
                Some(Capacity::Establishment)
            }
            Action::ReviewAdmissionLegality => Some(Capacity::Legal),
            Action::ReviewAdmissionResources => Some(Capacity::Finance),
            Action::DecideAdmissionAtCounty => Some(Capacity::Decision),
            Action::ReviewAdmissionAtCity => Some(Capacity::Reviewer),
            Action::DecideAdmissionAtProvince => Some(Capacity::Approver),
            _ => None,
        }
    }

    fn needs_entry(action: Action) -> bool {
        Self::capacity(action).is_some() || action == Action::GiveAdmissionOpinion
    }
}

/// The acts on which the state of the consultation decides.
pub const HEARD: &[Action] = &[Action::AnswerAdmissionObjection, Action::CloseAdmissionConsultation];

/// Whether the consultation allows an act that policy and state allow. Mutations and `viewerActions` ask this same
/// question.
pub fn hearing_allows(
    action: Action,
    hearing: &Hearing,
    now: DateTime<Utc>,
    names: &dyn Fn(OrgUnitId) -> Option<Named>,
) -> Result<(), Refusal> {
    match action {
        Action::AnswerAdmissionObjection => hearing.check_answer(),
        Action::CloseAdmissionConsultation => hearing.check_close(now, names),
        _ => Ok(()),
    }
}

/// The state after the county's decision, or after the review by the office at `index` of a chain of `length` offices
/// above the county: each existing level in turn, the province last.
#[must_use]
pub fn next_review(index: usize, length: usize) -> AdmissionState {
    if index + 1 < length { AdmissionState::CityReview } else { AdmissionState::ProvinceReview }
}

crate::api_enum! {
    /// How the review of resources went (资源审查结果).
    pub enum ResourceOutcome {
        /// People, money and powers follow the duty (保障到位).
        Sufficient,
        /// Something is to be corrected; returned (需修改，退回).
        Correct,
        /// The duty would come without means; refused (保障不足，不予通过).
        Insufficient,
    }
}

/// What would follow the duty: powers, people, money (权随事转、人随事转、钱随事转).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Powers.
    pub powers: Option<String>,
    /// Posts and quotas.
    pub posts: Option<String>,
    /// Money.
    pub money: Option<String>,
    /// Equipment.
    pub equipment: Option<String>,
    /// Training.
    pub training: Option<String>,
}

impl Resources {
    /// Whether nothing would follow.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// What is special about an admission request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionGrounds {
    /// The document of the leadership that assigns it.
    pub document: Option<OriginDocument>,
    /// Why it is needed.
    pub necessity: String,
    /// Why the department cannot do it itself.
    pub inability: String,
    /// Explanation for sub-districts, which are protected further.
    pub special_explanation: Option<String>,
    /// What it would cost the townships.
    pub capacity_assessment: String,
    /// What would follow the duty.
    pub resources: Resources,
    /// Why nothing would follow.
    pub no_resources_reason: Option<String>,
    /// When it should begin.
    pub intended_start: Option<NaiveDate>,
    /// When it ends or is reviewed.
    pub sunset_on: Option<NaiveDate>,
    /// The provincial decision that allows a delegated penalty power.
    pub penalty_decision_no: Option<String>,
}

/// Only what makes the burden heavier is an admission; what makes it lighter is decided faster.
pub fn check_burden(burden: BurdenDirection) -> Result<(), Refusal> {
    if burden == BurdenDirection::Heavier {
        return Ok(());
    }
    Err(Refusal::RouteMismatch {
        correct: Route::Adjustment,
        rule: Rule {
            zh: "职责准入只适用于增加乡镇职责；减轻或不变的调整由乡镇或县委编办走动态调整程序。",
            en: "Admission is for what adds to a township's duties; what does not is an adjustment raised by the township or the county's establishment office.",
        },
    })
}

/// What a request must bring before it is submitted; refusals name the field of the content that was drafted.
pub fn check_grounds(
    grounds: &AdmissionGrounds,
    contents: &[&Content],
    today: NaiveDate,
    lead_time: u32,
    calendar: &Calendar,
    check: &mut Check,
) {
    if grounds.resources.is_empty() {
        check.require(grounds.no_resources_reason.is_some(), || {
            Refusal::invalid("content.resources", InputProblem::Empty)
        });
    }
    let earliest = calendar.working_day(today, lead_time);
    match grounds.intended_start {
        None => check.note(Refusal::invalid("content.intendedStart", InputProblem::Empty)),
        Some(start) => check.require(start >= earliest, || Refusal::DeadlineInvalid {
            path: "content.intendedStart".into(),
            earliest: Some(earliest),
            latest: None,
            rule: Rule {
                zh: "拟承担时间距申请须不少于规定的工作日数。",
                en: "The intended start lies at least the prescribed number of working days after the application.",
            },
        }),
    }
    if let (Some(start), Some(sunset)) = (grounds.intended_start, grounds.sunset_on) {
        check.require(sunset > start, || Refusal::DeadlineInvalid {
            path: "content.sunsetOn".into(),
            earliest: start.succ_opt(),
            latest: None,
            rule: Rule {
                zh: "终止或复审日期须晚于拟承担时间。",
                en: "The end or review lies after the intended start.",
            },
        });
    }
    if contents.iter().any(|content| crate::duty_list::rules::change::needs_penalty_decision(content)) {
        check.require(grounds.penalty_decision_no.is_some(), || {
            Refusal::conflict(
                "content.penaltyDecisionNo",
                "行政处罚赋权事项须有省级决定文号。",
                "a delegated penalty power needs the number of the provincial decision.",
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_province_leads_to_approval() {
        let approving: Vec<_> = AdmissionState::ALL
            .iter()
            .filter(|state| AdmissionProcedure::possible(**state).contains(&Action::DecideAdmissionAtProvince))
            .collect();
        assert_eq!(approving, [&AdmissionState::ProvinceReview]);
        assert_eq!(AdmissionProcedure::capacity(Action::DecideAdmissionAtProvince), Some(Capacity::Approver));
    }

    #[test]
    fn every_act_on_an_admission_is_possible_in_some_state() {
        for action in Action::ALL.iter().filter(|action| action.code().contains("ADMISSION")) {
            let possible =
                AdmissionState::ALL.iter().any(|state| AdmissionProcedure::possible(*state).contains(action));
            let outside = matches!(action, Action::CreateAdmission | Action::LapseAdmission);
            assert!(possible != outside, "{action}");
        }
    }

    #[test]
    fn a_duty_without_means_says_why() {
        let today: NaiveDate = "2026-03-02".parse().unwrap();
        let calendar = Calendar::default();
        let paths = |grounds: &AdmissionGrounds| {
            let mut check = Check::new();
            check_grounds(grounds, &[], today, 30, &calendar, &mut check);
            check.done().err().unwrap_or_default().iter().map(|refusal| refusal.path().join(".")).collect::<Vec<_>>()
        };
        let mut grounds = AdmissionGrounds::default();
        assert_eq!(paths(&grounds), ["content.resources", "content.intendedStart"]);
        grounds.resources.money = Some("每年5万元".into());
        grounds.intended_start = Some("2026-04-10".parse().unwrap());
        assert_eq!(paths(&grounds), ["content.intendedStart"]);
        grounds.intended_start = Some("2026-04-13".parse().unwrap());
        assert!(paths(&grounds).is_empty());
        grounds.sunset_on = grounds.intended_start;
        assert_eq!(paths(&grounds), ["content.sunsetOn"]);
    }

    proptest! {
        #[test]
        fn a_chain_is_climbed_step_by_step_and_ends_at_the_province(length in 1usize..6) {
            let states: Vec<_> = (0..length).map(|index| next_review(index, length)).collect();
            prop_assert_eq!(states.iter().filter(|state| **state == AdmissionState::CityReview).count(), length - 1);
            prop_assert_eq!(states.last(), Some(&AdmissionState::ProvinceReview));
        }
    }
}
