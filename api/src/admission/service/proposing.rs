//! Drafting, submitting, withdrawing.

use serde_json::json;

use super::{load, wait};
use crate::{
    admission::rules::{AdmissionGrounds, AdmissionProcedure, AdmissionState, Resources, check_burden, check_grounds},
    duty_list::{
        rules::change::{ChangeOrigin, check_claim, check_proof, check_route},
        service::{
            proposals::{Proposal, ProposedChange, read},
            requests::{
                OriginDocumentFacts, current, one_authority, parties_of, path_of, read_document, similar_to,
                submittable,
            },
        },
        store::change::{self, Change, Request},
    },
    kernel::{
        clock::china_date,
        fault::{Check, Outcome, refuse},
        graphql::Date,
        ids::AdmissionId,
        place::{OrgKind, within},
        policy::{Action, Target, act, permit as policy_permit},
        refusal::{Refusal, Route},
        runner::{Tx, UseCase},
        text,
    },
    proceeding::{
        self,
        rules::{Capacity, ProceedingKind},
        service::{Move, Note, advance, open_head, permit, record_opening},
        store::NOT_NEEDED,
    },
    territory::{
        rules::OrgUnit,
        service::authority::{office, stored_authority},
    },
};

crate::api_input! {
    /// What would follow the duty: powers, people, money (随事划转的资源).
    part ResourcePackage {
        /// Powers (权限).
        powers: Option<String>,
        /// Posts and quotas (编制岗位).
        posts: Option<String>,
        /// Money (经费).
        money: Option<String>,
        /// Equipment (装备).
        equipment: Option<String>,
        /// Training (培训).
        training: Option<String>,
    }

    /// What an admission request states (准入申请内容).
    part AdmissionContent {
        /// Title, 1–200 characters (标题).
        title: String,
        /// Who asks (事由来源): `DEPARTMENT_PROPOSAL`, `COUNTY_ORDER` or `CITY_ORDER`.
        origin: ChangeOrigin,
        /// Legal basis and what is asked (依据和内容).
        reason: String,
        /// Document of the leadership that assigns it; needed for orders (交办文件).
        document: Option<OriginDocumentFacts>,
        /// Why it is needed (必要性).
        necessity: String,
        /// Why the department cannot do it itself (部门无法自行承担的原因).
        inability: String,
        /// Explanation for sub-districts (对街道的专门说明).
        special_explanation: Option<String>,
        /// What it would cost the townships (承接能力评估).
        capacity_assessment: String,
        /// What would follow the duty; may be left empty only with a reason (资源保障).
        resources: Option<ResourcePackage>,
        /// Why nothing would follow (不配置资源的理由).
        no_resources_reason: Option<String>,
        /// When it should begin, at least 30 working days ahead unless the province sets otherwise (拟承担时间).
        intended_start: Option<Date>,
        /// When it ends or is reviewed (终止或复审日期).
        sunset_on: Option<Date>,
        /// Number of the provincial decision that allows a delegated penalty power (省级赋权决定文号).
        penalty_decision_no: Option<String>,
        /// What is to change (申请事项). All lists belong to one authority.
        changes: Vec<ProposedChange>,
    }
}

crate::api_input! {
    /// Drafts an admission request (起草职责准入申请).
    command CreateAdmission {
        /// What it states (内容).
        content: AdmissionContent,
    }

    /// Replaces the content of a draft or returned admission request (修改职责准入申请).
    command UpdateAdmission {
        /// The request (申请).
        id: AdmissionId,
        /// What it states now (内容).
        content: AdmissionContent,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Submits an admission request to the county's establishment office (提交职责准入申请).
    command SubmitAdmission {
        /// The request (申请).
        id: AdmissionId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Withdraws an admission request before it is approved (撤回职责准入申请).
    command WithdrawAdmission {
        /// The request (申请).
        id: AdmissionId,
        /// Why (撤回原因).
        reason: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

struct Drafted {
    title: String,
    request: Request,
    changes: Vec<Change>,
    authority: OrgUnit,
    path: String,
}

fn read_resources(given: Option<&ResourcePackage>, check: &mut Check) -> Resources {
    let Some(given) = given else { return Resources::default() };
    let mut read = |field: &str, raw: Option<&str>| {
        check.take(text::optional(format!("input.content.resources.{field}"), raw, text::BLOCK, text::block)).flatten()
    };
    Resources {
        powers: read("powers", given.powers.as_deref()),
        posts: read("posts", given.posts.as_deref()),
        money: read("money", given.money.as_deref()),
        equipment: read("equipment", given.equipment.as_deref()),
        training: read("training", given.training.as_deref()),
    }
}

fn read_grounds(given: &AdmissionContent, check: &mut Check) -> AdmissionGrounds {
    let mut block = |field: &str, raw: &str| {
        check.take(text::block(format!("input.content.{field}"), raw, text::BLOCK)).unwrap_or_default()
    };
    let necessity = block("necessity", &given.necessity);
    let inability = block("inability", &given.inability);
    let capacity_assessment = block("capacityAssessment", &given.capacity_assessment);
    let mut optional = |field: &str, raw: Option<&str>, max| {
        check.take(text::optional(format!("input.content.{field}"), raw, max, text::block)).flatten()
    };
    let special_explanation = optional("specialExplanation", given.special_explanation.as_deref(), text::BLOCK);
    let no_resources_reason = optional("noResourcesReason", given.no_resources_reason.as_deref(), text::BLOCK);
    let penalty_decision_no = optional("penaltyDecisionNo", given.penalty_decision_no.as_deref(), text::LINE);
    AdmissionGrounds {
        document: read_document(given.document.as_ref(), "input.content.document", check),
        necessity,
        inability,
        special_explanation,
        capacity_assessment,
        resources: read_resources(given.resources.as_ref(), check),
        no_resources_reason,
        intended_start: given.intended_start.map(|date| date.0),
        sunset_on: given.sunset_on.map(|date| date.0),
        penalty_decision_no,
    }
}

async fn draft(tx: &Tx, id: AdmissionId, given: &AdmissionContent) -> Outcome<Drafted> {
    let actor = tx.actor()?;
    check_route(given.origin, Route::Admission)?;
    check_claim(given.origin, actor.role, "input.content")?;
    let mut check = Check::new();
    let title = check.take(text::line("input.content.title", &given.title, text::LINE));
    let reason = check.take(text::block("input.content.reason", &given.reason, text::BLOCK));
    let grounds = read_grounds(given, &mut check);
    check.done()?;
    check_proof(given.origin, None, grounds.document.as_ref(), "input.content")?;
    let Proposal { changes, lists, burden, fingerprint } = read(tx, &given.changes, "input.content.changes").await?;
    check_burden(burden)?;
    let authority = one_authority(tx, &lists, "input.content.changes").await?;
    if !within(&authority.path, &actor.path) {
        return refuse(Refusal::forbidden(
            "只能对本级或下级辖区内的清单提出准入。",
            "Only lists in one's own territory can be proposed for.",
        ));
    }
    if given.origin == ChangeOrigin::CountyOrder
        && office(tx.db(), &authority, OrgKind::GeneralOffice).await?.id != actor.org
    {
        return refuse(Refusal::conflict(
            "input.content.origin",
            "县级交办须由本县两办登记。",
            "a county's order is entered by that county's general office.",
        ));
    }
    let request = Request {
        id: id.into(),
        province: actor.province,
        route: Route::Admission,
        origin: given.origin,
        burden,
        reason: reason.unwrap_or_default(),
        grounds: serde_json::to_value(grounds)?,
        law_change: None,
        rerouted_to: None,
        similar: Vec::new(),
        fingerprint,
    };
    let path = path_of(&lists, &authority);
    Ok(Drafted { title: title.unwrap_or_default(), request, changes, authority, path })
}

impl UseCase for CreateAdmission {
    const NAME: &'static str = "createAdmission";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let actor = tx.actor()?;
        check_route(self.content.origin, Route::Admission)?;
        let id = AdmissionId::new();
        let permit =
            policy_permit::<act::CreateAdmission>(actor, &Target::owned(id, actor.province, actor.org, &actor.path))?;
        let drafted = draft(tx, id, &self.content).await?;
        let head = open_head(
            tx,
            id.into(),
            ProceedingKind::Admission,
            actor.province,
            drafted.title,
            AdmissionState::Draft,
            &drafted.authority,
            drafted.path,
            actor.org,
        )
        .await?;
        proceeding::store::insert(tx, &permit, &head).await?;
        change::write(tx, &permit, &drafted.request, true).await?;
        change::write_changes(tx, &permit, head.province, &drafted.changes, true).await?;
        record_opening(tx, &permit, &head, json!({ "origin": self.content.origin }));
        Ok(id)
    }
}

impl UseCase for UpdateAdmission {
    const NAME: &'static str = "updateAdmission";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::UpdateAdmission>(tx, &case, self.expected_revision).await?;
        let drafted = draft(tx, self.id, &self.content).await?;
        if drafted.authority.id != case.head.authority {
            return refuse(Refusal::conflict(
                "input.content.changes",
                "不得改为另一审定主体的清单。",
                "must stay with the same authority.",
            ));
        }
        change::write(tx, &permit, &drafted.request, false).await?;
        change::write_changes(tx, &permit, case.head.province, &drafted.changes, false).await?;
        let step = Move { title: Some(drafted.title), path: Some(drafted.path), ..Move::to(&case.head.state) };
        advance(tx, &permit, &case.head, step, Note::default().facts(json!({ "origin": self.content.origin }))).await?;
        Ok(self.id)
    }
}

impl UseCase for SubmitAdmission {
    const NAME: &'static str = "submitAdmission";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let (case, request) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::SubmitAdmission>(tx, &case, self.expected_revision).await?;
        let grounds: AdmissionGrounds = serde_json::from_value(request.grounds.clone())?;
        let changes = change::changes(tx.db(), &[case.head.id]).await?.remove(&case.head.id).unwrap_or_default();
        current(tx, &changes).await?;
        let deadlines = &tx.actor()?.settings.deadlines;
        let contents: Vec<_> = changes.iter().filter_map(|change| change.content.as_ref()).collect();
        let mut check = Check::new();
        let calendar = tx.ctx().calendar();
        check_grounds(&grounds, &contents, china_date(tx.now()), deadlines.admission_lead_time, &calendar, &mut check);
        check.done()?;
        submittable(tx, &case, &changes).await?;
        let authority = stored_authority(tx.db(), case.head.authority).await?;
        let mut parties = parties_of(tx, &authority, &changes, case.head.proposer).await?;
        let finance = office(tx.db(), &authority, OrgKind::Finance).await?;
        parties.push((finance.id, Capacity::Finance, 0));
        let similar = similar_to(tx, &case, &request).await?;
        let establishment = office(tx.db(), &authority, OrgKind::EstablishmentOffice).await?;
        proceeding::store::clear_parties(tx, &permit).await?;
        change::set_similar(tx, &permit, &similar).await?;
        let step = Move {
            wait: vec![wait(establishment.id, Action::ReceiveAdmission, tx.now(), deadlines.admission_check)],
            parties,
            submitted: true,
            chain_index: Some(0),
            ..Move::to(AdmissionState::Submitted)
        };
        advance(tx, &permit, &case.head, step, Note::default().facts(json!({ "similar": similar }))).await?;
        Ok(self.id)
    }
}

impl UseCase for WithdrawAdmission {
    const NAME: &'static str = "withdrawAdmission";
    type Output = AdmissionId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdmissionId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdmissionProcedure, act::WithdrawAdmission>(tx, &case, self.expected_revision).await?;
        let step = Move { ends: true, outcome: NOT_NEEDED, ..Move::to(AdmissionState::Withdrawn) };
        advance(tx, &permit, &case.head, step, Note::because(Some(&reason))).await?;
        Ok(self.id)
    }
}
