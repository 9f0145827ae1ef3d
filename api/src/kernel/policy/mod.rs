//! May this actor do this act to this target? One pure answer for mutations, buttons and queues alike.
//!
//! [`grants`] is the whole policy as data. A [`Permit`] can only be made here, names its act in its type and its target
//! by id, and every write of a store room demands one. What state a thing is in and what its procedure requires next is
//! not policy: that is the business of the wing's rules.
//!
//! To add an act: a line in [`action`], one in [`grants`], one where webhooks say whether it is told; the snapshot of the matrix in `tests/` shows what changed.

mod action;

use std::marker::PhantomData;

use uuid::Uuid;

pub use action::{Act, Action, act};

use super::{
    ctx::Actor,
    ids::{OrgUnitId, ProvinceId},
    place,
    refusal::{Refusal, Rule},
    role::Role::{
        self, Assessment, BurdenOfficer, DecisionClerk, DeptHead, DeptOfficer, Discipline, EoCity, EoCounty,
        EoProvince, Finance, Inspector, Legal, TechnicalAdmin, TownshipHead, TownshipLeader, TownshipListAdmin,
        TownshipPartySecretary, TownshipStaff,
    },
};

/// How an actor stands to a target. Several may hold at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray, strum::IntoStaticStr)]
pub enum Relation {
    /// The actor's organisation owns, proposed or is the target.
    Own,
    /// The actor's organisation is where the present step lies.
    Responsible,
    /// The target names the actor's organisation and asks for its word.
    Named,
    /// The target lies in the territory of the actor's organisation.
    Above,
    /// The target is the actor's own account or session.
    Oneself,
}

/// What policy needs to know of a target.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// Its id.
    pub id: Uuid,
    /// Its province.
    pub province: ProvinceId,
    /// Its territory.
    pub path: &'a str,
    /// The organisation that owns or proposed it.
    pub owner: Option<OrgUnitId>,
    /// The organisations at which the present step lies.
    pub responsible: &'a [OrgUnitId],
    /// The organisations it names and asks.
    pub named: &'a [OrgUnitId],
}

impl<'a> Target<'a> {
    /// A target that belongs to `owner` and lies at `path`.
    pub fn owned(id: impl Into<Uuid>, province: ProvinceId, owner: OrgUnitId, path: &'a str) -> Self {
        Self { owner: Some(owner), ..Self::at(id, province, path) }
    }

    /// A target that lies at `path` and belongs to no organisation.
    pub fn at(id: impl Into<Uuid>, province: ProvinceId, path: &'a str) -> Self {
        Self { id: id.into(), province, path, owner: None, responsible: &[], named: &[] }
    }
}

const HEADS: &[Role] = &[TownshipPartySecretary, TownshipHead];
const TOWNSHIP_TEAM: &[Role] = &[TownshipPartySecretary, TownshipHead, TownshipLeader, TownshipListAdmin];
const DEPARTMENT: &[Role] = &[DeptHead, DeptOfficer];
const PROPOSERS: &[Role] = &[DeptHead, DeptOfficer, DecisionClerk];
const HEARD: &[Role] =
    &[TownshipPartySecretary, TownshipHead, TownshipLeader, TownshipListAdmin, DeptHead, DeptOfficer];
/// Who may connect other systems to their own organisation.
const CONNECTING: &[Role] =
    &[TownshipPartySecretary, TownshipHead, TownshipListAdmin, DeptHead, EoCounty, EoCity, EoProvince];
const ESTABLISHMENT: &[Role] = &[EoCounty, EoCity, EoProvince];
const EVERYONE: &[Role] = Role::ALL;

/// The policy: by which relation which roles may do an act. What is not listed is denied. The match is exhaustive, so
/// an act without a line does not compile.
#[must_use]
pub fn grants(action: Action) -> &'static [(Relation, &'static [Role])] {
    use Action as A;
    use Relation::{Above, Named, Oneself, Own, Responsible};
    match action {
        // Recorded by the system itself.
        A::Login | A::SignOn | A::RefuseLogin | A::DetectTokenReplay | A::RefreshSession => &[],
        A::BreachDeadline | A::MarkLateAdjustment | A::LapseAdmission | A::LoadCalendar | A::Bootstrap => &[],
        // Voting ends when the announced time is over and at no other moment: nobody may cut it short.
        A::CloseEvaluation => &[],
        // Everybody for themselves.
        A::Logout | A::LogoutEverywhere | A::RevokeSession | A::SwitchPost | A::ChangePassword => {
            &[(Oneself, EVERYONE)]
        }
        // Accounts and organisations: technical, no business.
        A::CreateAccount | A::ResetPassword | A::DisableAccount | A::EnableAccount | A::UnlockAccount => {
            &[(Above, &[TechnicalAdmin])]
        }
        A::CreatePost | A::EndPost | A::LinkIdentity | A::UnlinkIdentity => &[(Above, &[TechnicalAdmin])],
        A::CreateOrgUnit | A::RenameOrgUnit | A::AbolishOrgUnit => &[(Above, &[TechnicalAdmin])],
        A::AssignTownshipToZone | A::ReleaseTownshipFromZone => &[(Above, &[TechnicalAdmin])],
        A::ConfigureReviewChain | A::RegisterDivisionChange | A::UpdateProvinceAccess => &[(Above, &[TechnicalAdmin])],
        A::CreateInternalOffice | A::RenameInternalOffice | A::CloseInternalOffice => {
            &[(Above, &[TechnicalAdmin]), (Own, TOWNSHIP_TEAM)]
        }
        A::CreatePosition | A::ClosePosition => &[(Above, &[TechnicalAdmin]), (Own, TOWNSHIP_TEAM)],
        // The province's rules and catalogue.
        A::UpdateProvinceRules | A::CreateDutyDomain | A::RetireDutyDomain => &[(Above, &[EoProvince])],
        // Lists.
        A::DraftFirstEdition | A::AddDraftItem | A::UpdateDraftItem | A::RemoveDraftItem | A::AdoptTemplates => {
            &[(Own, TOWNSHIP_TEAM)]
        }
        // Also done at the machine for a whole county, as nobody but the system: drafts only, which the townships confirm.
        A::ImportDutyList => &[(Own, TOWNSHIP_TEAM)],
        A::ConfirmListVersion => &[(Own, HEADS)],
        A::ReviewListVersion => &[(Responsible, &[EoCounty])],
        A::ReviewListVersionAbove => &[(Responsible, &[EoCity, EoProvince])],
        A::ApproveListVersion => &[(Responsible, &[DecisionClerk])],
        A::PublishListVersion => &[(Responsible, &[EoCounty])],
        A::ReturnListVersion => &[(Responsible, &[EoCounty, EoCity, EoProvince, DecisionClerk])],
        A::WithdrawListVersion => &[(Own, HEADS), (Named, &[EoCounty])],
        A::DraftIncorporation => &[(Responsible, &[EoCounty])],
        A::AnswerSimilarity => &[(Named, &[EoCounty]), (Own, TOWNSHIP_TEAM)],
        A::CreateItemTemplate | A::UpdateItemTemplate | A::RetireItemTemplate => &[(Named, &[EoCounty])],
        A::AllocateDutyItem => &[(Own, TOWNSHIP_TEAM)],
        // Dynamic adjustment: townships raise, the establishment office raises for law; the county decides.
        A::CreateAdjustment | A::UpdateAdjustment | A::SubmitAdjustment | A::WithdrawAdjustment => {
            &[(Own, &[TownshipPartySecretary, TownshipHead, TownshipLeader, TownshipListAdmin, EoCounty])]
        }
        A::SignAdjustment => &[(Own, HEADS)],
        A::ReceiveAdjustment | A::CheckAdjustment | A::CloseAdjustmentConsultation => &[(Responsible, &[EoCounty])],
        A::AnswerAdjustmentObjection => {
            &[(Own, &[TownshipPartySecretary, TownshipHead, TownshipLeader, TownshipListAdmin, EoCounty])]
        }
        A::GiveAdjustmentOpinion => &[(Named, HEARD)],
        A::ReviewAdjustmentLegality => &[(Responsible, &[Legal])],
        A::DecideAdjustment => &[(Responsible, &[DecisionClerk])],
        A::FileAdjustment => &[(Responsible, &[EoCounty])],
        A::RegisterLawChange => &[(Own, &[EoCounty, EoCity, EoProvince, Legal])],
        A::DismissLawWatch | A::AnswerLawChange => &[(Responsible, &[EoCounty])],
        // Duty admission: departments and decision bodies propose, only the province approves.
        A::CreateAdmission | A::UpdateAdmission => &[(Own, PROPOSERS)],
        A::SubmitAdmission | A::WithdrawAdmission => &[(Own, &[DeptHead, DecisionClerk])],
        A::ReceiveAdmission | A::CheckAdmission | A::CloseAdmissionConsultation => &[(Responsible, &[EoCounty])],
        A::GiveAdmissionOpinion => &[(Named, TOWNSHIP_TEAM)],
        A::AnswerAdmissionObjection => &[(Own, PROPOSERS)],
        A::ReviewAdmissionLegality => &[(Responsible, &[Legal])],
        A::ReviewAdmissionResources => &[(Responsible, &[Finance])],
        A::DecideAdmissionAtCounty => &[(Responsible, &[DecisionClerk])],
        A::ReviewAdmissionAtCity => &[(Responsible, &[EoCity])],
        A::DecideAdmissionAtProvince => &[(Responsible, &[EoProvince])],
        // Two-way evaluation.
        A::PlanEvaluation | A::OpenEvaluation | A::TallyEvaluation => &[(Own, &[Assessment])],
        // Which persons of a rating organisation vote is on the roll.
        A::ClaimBallots => &[(
            Responsible,
            &[
                TownshipPartySecretary,
                TownshipHead,
                TownshipLeader,
                TownshipListAdmin,
                TownshipStaff,
                DeptHead,
                DeptOfficer,
            ],
        )],
        // A ballot is cast with its paper, by nobody in particular.
        A::CastBallot => &[],
        A::RaiseEvaluationObjection => &[(Named, &[TownshipPartySecretary, TownshipHead, DeptHead])],
        A::AnswerEvaluationObjection | A::PublishEvaluation => &[(Own, &[Assessment])],
        // Webhooks: technical, or an organisation's own; what is told is what the organisation sees, whoever set it up.
        A::CreateWebhookEndpoint
        | A::UpdateWebhookEndpoint
        | A::RotateWebhookSecret
        | A::PauseWebhookEndpoint
        | A::ResumeWebhookEndpoint
        | A::DeleteWebhookEndpoint
        | A::SendTestWebhook
        | A::RedeliverWebhook
        | A::RedeliverFailedWebhooks => &[(Above, &[TechnicalAdmin]), (Own, CONNECTING)],
        A::DisableWebhookEndpoint => &[],
        // Evidence.
        A::ReadEvidence => &[(Above, &[Inspector, Discipline, BurdenOfficer, EoCounty, EoCity, EoProvince])],
    }
}

/// Acts by which an organisation decides on what another one put forward. The county's decision on an admission is not
/// among them: the general office that records it also records the orders of the same committee and government, and the
/// province decides in the end; there the wing holds that it is never the same person.
#[must_use]
pub fn is_decision(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::ReviewListVersion
            | A::ReviewListVersionAbove
            | A::ApproveListVersion
            | A::ReviewAdjustmentLegality
            | A::DecideAdjustment
            | A::CheckAdmission
            | A::ReviewAdmissionLegality
            | A::ReviewAdmissionResources
            | A::ReviewAdmissionAtCity
            | A::DecideAdmissionAtProvince
    )
}

/// Whether `relation` holds between `actor` and `target`.
#[must_use]
pub fn holds(relation: Relation, actor: &Actor, target: &Target<'_>) -> bool {
    match relation {
        Relation::Own => target.owner == Some(actor.org),
        Relation::Responsible => target.responsible.contains(&actor.org),
        Relation::Named => target.named.contains(&actor.org),
        Relation::Above => place::within(target.path, &actor.path),
        Relation::Oneself => target.id == actor.account.0,
    }
}

/// What is missing where the actor's role alone would do, and stands in none of the relations it would take.
fn missing(relation: Option<Relation>) -> Rule {
    let (zh, en) = match relation {
        None => ("您当前的岗位无权进行该操作。", "Your present post may not do this."),
        Some(Relation::Own) => (
            "您的岗位可以进行这类操作，但本件须由提出（所属）单位办理。",
            "Your post may do this, but here it is for the organisation that raised or owns it.",
        ),
        Some(Relation::Responsible) => (
            "您的岗位可以进行这类操作，但本环节由其他单位承办。",
            "Your post may do this, but this step lies with another organisation.",
        ),
        Some(Relation::Named) => (
            "您的岗位可以进行这类操作，但本件未征求或指定贵单位。",
            "Your post may do this, but your organisation is not asked or named here.",
        ),
        Some(Relation::Above) => (
            "您的岗位可以进行这类操作，但对象不在贵单位所辖地域内。",
            "Your post may do this, but not outside your organisation's territory.",
        ),
        Some(Relation::Oneself) => ("只能由本人操作。", "Only the person concerned may do this."),
    };
    Rule { zh, en }
}

/// The answer: why not, or nothing.
pub fn check(action: Action, actor: &Actor, target: &Target<'_>) -> Result<(), Refusal> {
    if target.province != actor.province {
        return Err(Refusal::not_found(""));
    }
    let granted =
        grants(action).iter().any(|(relation, roles)| roles.contains(&actor.role) && holds(*relation, actor, target));
    if !granted {
        let mut roles: Vec<Role> = grants(action).iter().flat_map(|(_, roles)| roles.iter().copied()).collect();
        roles.sort_unstable();
        roles.dedup();
        let relation =
            grants(action).iter().find(|(_, roles)| roles.contains(&actor.role)).map(|(relation, _)| *relation);
        return Err(Refusal::Forbidden { roles, rule: missing(relation) });
    }
    if is_decision(action) && target.owner == Some(actor.org) {
        return Err(Refusal::SelfApproval { organisation: actor.org });
    }
    Ok(())
}

/// A permit to do `A` to one target; only this module makes one.
#[derive(Debug)]
pub struct Permit<A> {
    target: Uuid,
    act: PhantomData<A>,
}

impl<A: Act> Permit<A> {
    /// The one thing it is good for.
    #[must_use]
    pub fn target(&self) -> Uuid {
        self.target
    }
}

/// A permit, or the reason why not.
pub fn permit<A: Act>(actor: &Actor, target: &Target<'_>) -> Result<Permit<A>, Refusal> {
    check(A::ACTION, actor, target)?;
    Ok(Permit { target: target.id, act: PhantomData })
}

/// A permit for what the system does by itself: time passing, a log-in, preparing a deployment. Greppable on purpose;
/// who calls it says why.
#[must_use]
pub fn by_system<A: Act>(target: impl Into<Uuid>, _why: &'static str) -> Permit<A> {
    Permit { target: target.into(), act: PhantomData }
}

/// The offices that own the lists, at any level.
#[must_use]
pub fn is_establishment(role: Role) -> bool {
    ESTABLISHMENT.contains(&role)
}

/// The roles of a department.
#[must_use]
pub fn is_department(role: Role) -> bool {
    DEPARTMENT.contains(&role)
}
