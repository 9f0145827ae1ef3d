//! What is told, and to whom.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use uuid::Uuid;

use crate::{
    kernel::{
        ids::{OrgUnitId, ProvinceId},
        place::{self, OrgKind},
        policy::Action,
        scope::Scope,
    },
    proceeding::rules::ProceedingKind,
};

/// Whether an act is ever told. Never: log-ins, accounts and whatever else is about persons; ballots and their papers,
/// whose hour alone would say who voted; what is done about webhooks.
#[must_use]
pub fn is_told(act: Action) -> bool {
    use Action as A;
    match act {
        A::Login
        | A::SignOn
        | A::LinkIdentity
        | A::UnlinkIdentity
        | A::RefuseLogin
        | A::RefreshSession
        | A::DetectTokenReplay
        | A::Logout
        | A::LogoutEverywhere
        | A::RevokeSession
        | A::SwitchPost
        | A::ChangePassword
        | A::CreateAccount
        | A::ResetPassword
        | A::DisableAccount
        | A::EnableAccount
        | A::UnlockAccount
        | A::CreatePost
        | A::EndPost => false,
        A::ClaimBallots | A::CastBallot => false,
        A::CreateWebhookEndpoint
        | A::UpdateWebhookEndpoint
        | A::RotateWebhookSecret
        | A::PauseWebhookEndpoint
        | A::ResumeWebhookEndpoint
        | A::DeleteWebhookEndpoint
        | A::SendTestWebhook
        | A::RedeliverWebhook
        | A::RedeliverFailedWebhooks
        | A::DisableWebhookEndpoint => false,
        A::ReadEvidence | A::Bootstrap => false,
        A::CreateOrgUnit
        | A::RenameOrgUnit
        | A::AbolishOrgUnit
        | A::CreateInternalOffice
        | A::RenameInternalOffice
        | A::CloseInternalOffice
        | A::CreatePosition
        | A::ClosePosition
        | A::AssignTownshipToZone
        | A::ReleaseTownshipFromZone
        | A::ConfigureReviewChain
        | A::RegisterDivisionChange
        | A::UpdateProvinceAccess
        | A::UpdateProvinceRules => true,
        A::CreateDutyDomain
        | A::RetireDutyDomain
        | A::DraftFirstEdition
        | A::AddDraftItem
        | A::UpdateDraftItem
        | A::RemoveDraftItem
        | A::AdoptTemplates
        | A::ImportDutyList
        | A::ConfirmListVersion
        | A::ReviewListVersion
        | A::ReviewListVersionAbove
        | A::ApproveListVersion
        | A::PublishListVersion
        | A::ReturnListVersion
        | A::WithdrawListVersion
        | A::DraftIncorporation
        | A::AnswerSimilarity
        | A::CreateItemTemplate
        | A::UpdateItemTemplate
        | A::RetireItemTemplate
        | A::AllocateDutyItem => true,
        A::CreateAdjustment
        | A::UpdateAdjustment
        | A::SignAdjustment
        | A::SubmitAdjustment
        | A::WithdrawAdjustment
        | A::ReceiveAdjustment
        | A::CheckAdjustment
        | A::GiveAdjustmentOpinion
        | A::AnswerAdjustmentObjection
        | A::CloseAdjustmentConsultation
        | A::ReviewAdjustmentLegality
        | A::DecideAdjustment
        | A::FileAdjustment
        | A::RegisterLawChange
        | A::DismissLawWatch
        | A::AnswerLawChange
        | A::MarkLateAdjustment => true,
        A::CreateAdmission
        | A::UpdateAdmission
        | A::SubmitAdmission
        | A::WithdrawAdmission
        | A::ReceiveAdmission
        | A::CheckAdmission
        | A::GiveAdmissionOpinion
        | A::AnswerAdmissionObjection
        | A::CloseAdmissionConsultation
        | A::ReviewAdmissionLegality
        | A::ReviewAdmissionResources
        | A::DecideAdmissionAtCounty
        | A::ReviewAdmissionAtCity
        | A::DecideAdmissionAtProvince
        | A::LapseAdmission => true,
        A::PlanEvaluation
        | A::OpenEvaluation
        | A::CloseEvaluation
        | A::TallyEvaluation
        | A::RaiseEvaluationObjection
        | A::AnswerEvaluationObjection
        | A::PublishEvaluation => true,
        A::BreachDeadline | A::LoadCalendar => true,
    }
}

/// The type of a message: what was acted on and how, such as `adjustment.submit_adjustment`.
#[must_use]
pub fn kind_of(target_kind: &str, act: Action) -> String {
    let mut kind = String::with_capacity(40);
    for (index, character) in target_kind.char_indices() {
        if character.is_ascii_uppercase() && index > 0 {
            kind.push('_');
        }
        kind.push(character.to_ascii_lowercase());
    }
    kind.push('.');
    kind += &act.code().to_ascii_lowercase();
    kind
}

/// Whoever an endpoint belongs to, as far as that decides what it hears.
#[derive(Clone, Debug)]
pub enum Reader {
    /// The whole province.
    Province {
        /// The province as a place.
        path: String,
    },
    /// An organisation.
    Organisation {
        /// Which.
        org: OrgUnitId,
        /// Its kind.
        kind: OrgKind,
        /// Its territory.
        path: String,
    },
}

/// The state in which a proceeding is still its author's. Some begin in it; none comes back to it.
pub const DRAFT: &str = "DRAFT";

/// The state in which one ends that its author gave up.
const WITHDRAWN: &str = "WITHDRAWN";

/// The state of its proceeding that an event left behind; none if it did not touch it.
#[must_use]
pub fn state_in(facts: Option<&Value>) -> Option<&str> {
    facts?.get("state")?.as_str()
}

/// Which of these events, in their order, happened in a draft: the proceeding of each, its number and what it left behind,
/// from the beginning of each proceeding. What has become of a draft since makes no difference: whoever looks later would
/// be told more than who looked at once.
#[must_use]
pub fn in_drafts(events: &[(Option<Uuid>, i64, Option<Value>)]) -> HashSet<i64> {
    let mut drafts: HashMap<Uuid, bool> = HashMap::new();
    let mut found = HashSet::new();
    for (proceeding, seq, after) in events {
        let Some(proceeding) = *proceeding else { continue };
        if let Some(state) = state_in(after.as_ref()) {
            // One that is withdrawn as a draft has never been anything else.
            let still = state == WITHDRAWN && drafts.get(&proceeding) == Some(&true);
            drafts.insert(proceeding, state == DRAFT || still);
        }
        if drafts.get(&proceeding) == Some(&true) {
            found.insert(*seq);
        }
    }
    found
}

/// What there is to know of an event before it is told.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// The act.
    pub act: Action,
    /// The territory it concerns.
    pub path: &'a str,
    /// Whether it stands on the timeline of a proceeding, and if so, whether the reader sees that proceeding, or saw it when
    /// it was a draft and this happened.
    pub timeline: Option<bool>,
    /// Whether it is about a proceeding without standing on its timeline.
    pub beside: bool,
    /// The organisation that acted.
    pub by: Option<OrgUnitId>,
    /// The organisation concerned.
    pub concerns: Option<OrgUnitId>,
}

impl Reader {
    /// Whether the whole territory is the reader's to see, as it is for everybody in an establishment office. Elsewhere
    /// that depends on the person, so an endpoint hears of what names the organisation.
    fn sees_territory(&self) -> bool {
        match self {
            Self::Province { .. } => true,
            Self::Organisation { kind, .. } => *kind == OrgKind::EstablishmentOffice,
        }
    }

    fn path(&self) -> &str {
        match self {
            Self::Province { path } | Self::Organisation { path, .. } => path,
        }
    }

    /// What the reader sees of proceedings.
    #[must_use]
    pub fn scope(&self, province: ProvinceId) -> Scope {
        let org = match self {
            // No organisation in particular.
            Self::Province { .. } => OrgUnitId(uuid::Uuid::nil()),
            Self::Organisation { org, .. } => *org,
        };
        let (path, territory) = (self.path().to_owned(), self.sees_territory());
        Scope::Member { province, org, path, territory, reading: false }
    }

    /// What the reader sees of proceedings because it takes part in them, wherever they are.
    #[must_use]
    pub fn part(&self, province: ProvinceId) -> Scope {
        match self.scope(province) {
            Scope::Member { province, org, path, reading, .. } => {
                Scope::Member { province, org, path, territory: false, reading }
            }
            other => other,
        }
    }

    /// Whether the reader, who takes part in a proceeding, did so when it was a draft. Requests name their parties when they
    /// are submitted; a version of a list has its own from the beginning.
    #[must_use]
    pub fn drafted(&self, kind: ProceedingKind, proposer: OrgUnitId) -> bool {
        kind == ProceedingKind::ListVersion || matches!(self, Self::Organisation { org, .. } if *org == proposer)
    }

    /// Whether the reader is told.
    #[must_use]
    pub fn hears(&self, heard: Heard<'_>) -> bool {
        if !is_told(heard.act) || heard.beside {
            return false;
        }
        let inside = place::within(heard.path, self.path());
        match heard.timeline {
            // A list that is published is everybody's to read; told of it are those in whose territory it is.
            Some(sees) => sees || (heard.act == Action::PublishListVersion && inside),
            None if self.sees_territory() => inside || self.is_one_of(heard),
            None => self.is_one_of(heard),
        }
    }

    fn is_one_of(&self, heard: Heard<'_>) -> bool {
        match self {
            Self::Province { .. } => false,
            Self::Organisation { org, .. } => [heard.by, heard.concerns].contains(&Some(*org)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HERE: &str = "320000.320100.320102";

    fn department() -> Reader {
        Reader::Organisation { org: OrgUnitId::new(), kind: OrgKind::Department, path: HERE.into() }
    }

    fn heard(act: Action) -> Heard<'static> {
        Heard { act, path: HERE, timeline: None, beside: false, by: None, concerns: None }
    }

    #[test]
    fn types_are_made_of_what_and_how() {
        assert_eq!(kind_of("ListVersion", Action::PublishListVersion), "list_version.publish_list_version");
        assert_eq!(kind_of("Adjustment", Action::BreachDeadline), "adjustment.breach_deadline");
    }

    #[test]
    fn ballots_persons_and_webhooks_are_told_to_nobody() {
        let province = Reader::Province { path: "320000".into() };
        for act in Action::ALL {
            let words = [
                "BALLOT", "ACCOUNT", "LOGIN", "SESSION", "PASSWORD", "WEBHOOK", "TOKEN", "_POST", "LOGOUT", "SIGN_ON",
                "IDENTITY",
            ];
            if words.iter().any(|word| act.code().contains(word)) {
                assert!(!is_told(*act), "{act}");
            }
            let beside = Heard { beside: true, ..heard(*act) };
            assert!(!province.hears(beside), "{act}");
            assert_eq!(province.hears(heard(*act)), is_told(*act), "{act}");
        }
    }

    #[test]
    fn an_organisation_hears_of_what_names_it() {
        let department = department();
        let Reader::Organisation { org, .. } = &department else { panic!() };
        let act = Action::RenameOrgUnit;
        assert!(!department.hears(heard(act)));
        assert!(department.hears(Heard { concerns: Some(*org), ..heard(act) }));
        assert!(department.hears(Heard { by: Some(*org), ..heard(act) }));
        assert!(!department.hears(Heard { by: Some(*org), concerns: Some(*org), ..heard(Action::CreateAccount) }));
        let office =
            Reader::Organisation { org: OrgUnitId::new(), kind: OrgKind::EstablishmentOffice, path: HERE.into() };
        assert!(office.hears(heard(act)));
        assert!(!office.hears(Heard { path: "320000.320100.320104", ..heard(act) }));
    }

    #[test]
    fn what_happened_in_a_draft_is_known_afterwards() {
        let (one, other, third) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let state = |state: &str| Some(json!({ "state": state }));
        let events = [
            (Some(one), 1, state("DRAFT")),
            (Some(other), 2, state("SUBMITTED")),
            (Some(one), 3, Some(json!({ "role": "TOWNSHIP_HEAD" }))),
            (None, 4, None),
            (Some(one), 5, state("SUBMITTED")),
            (Some(one), 6, None),
            (Some(one), 7, state("RETURNED")),
            (Some(other), 8, None),
            (Some(third), 9, state("DRAFT")),
            (Some(third), 10, state("WITHDRAWN")),
            (Some(one), 11, state("WITHDRAWN")),
        ];
        assert_eq!(in_drafts(&events), HashSet::from([1, 3, 9, 10]));
    }

    #[test]
    fn who_is_named_at_the_submission_took_no_part_in_the_draft() {
        let department = department();
        let Reader::Organisation { org, .. } = &department else { panic!() };
        assert!(department.drafted(ProceedingKind::Adjustment, *org));
        assert!(!department.drafted(ProceedingKind::Adjustment, OrgUnitId::new()));
        assert!(department.drafted(ProceedingKind::ListVersion, OrgUnitId::new()));
    }

    #[test]
    fn a_proceeding_is_heard_of_by_those_who_see_it_and_a_published_list_by_its_county() {
        let department = department();
        let submitted = |sees| Heard { timeline: Some(sees), ..heard(Action::SubmitAdjustment) };
        assert!(department.hears(submitted(true)) && !department.hears(submitted(false)));
        let published = Heard { timeline: Some(false), ..heard(Action::PublishListVersion) };
        assert!(department.hears(published));
        assert!(!department.hears(Heard { path: "320000.320100.320104", ..published }));
    }
}
