//! Drafting, signing, submitting, withdrawing.

use serde_json::json;

use super::{load, signing, wait};
use crate::{
    adjustment::{
        rules::{AdjustmentGrounds, AdjustmentProcedure, AdjustmentState, Signing},
        store,
    },
    duty_list::{
        rules::change::{ChangeOrigin, OriginLaw, check_claim, check_proof, check_route, is_pure_renaming},
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
        audit::Event,
        fault::{Check, Outcome, refuse},
        graphql::Date,
        ids::{AdjustmentId, LawChangeId},
        place::OrgKind,
        policy::{Action, Target, act, permit as policy_permit},
        refusal::{Refusal, Route},
        runner::{Tx, UseCase},
        scope::Scope,
        text,
    },
    proceeding::{
        self,
        rules::{Case, ProceedingKind},
        service::{Move, Note, advance, open_head, permit, record_opening},
    },
    territory::{self, rules::OrgUnit, service::authority::office},
};

crate::api_input! {
    /// A law that asks for a change (事由法律法规).
    part OriginLawFacts {
        /// Title of the instrument (名称).
        instrument: String,
        /// Article (条款).
        article: String,
        /// When it takes effect (施行日期).
        effective_on: Date,
    }
}

crate::api_input! {
    /// Drafts an adjustment request (起草动态调整申请).
    command CreateAdjustment {
        /// Title, 1–200 characters (标题).
        title: String,
        /// Who or what asks (事由来源). What a department or city or county leadership wants is no adjustment.
        origin: ChangeOrigin,
        /// Basis and reasons (依据和理由).
        reason: String,
        /// The law that asks for it; needed for `LAW_CHANGE` (事由法律法规).
        law: Option<OriginLawFacts>,
        /// The document that asks for it; needed for `CENTRAL_DEPLOYMENT` and `PROVINCIAL_REQUIREMENT` (事由文件).
        document: Option<OriginDocumentFacts>,
        /// The registered change of law it answers (立改废释登记).
        law_change_id: Option<LawChangeId>,
        /// What is to change (申请事项).
        changes: Vec<ProposedChange>,
    }

    /// Replaces the content of a draft or returned adjustment request (修改动态调整申请). Signatures under the old text no
    /// longer count.
    command UpdateAdjustment {
        /// The request (申请).
        id: AdjustmentId,
        /// Title, 1–200 characters (标题).
        title: String,
        /// Who or what asks (事由来源).
        origin: ChangeOrigin,
        /// Basis and reasons (依据和理由).
        reason: String,
        /// The law that asks for it; needed for `LAW_CHANGE` (事由法律法规).
        law: Option<OriginLawFacts>,
        /// The document that asks for it; needed for `CENTRAL_DEPLOYMENT` and `PROVINCIAL_REQUIREMENT` (事由文件).
        document: Option<OriginDocumentFacts>,
        /// The registered change of law it answers (立改废释登记).
        law_change_id: Option<LawChangeId>,
        /// What is to change (申请事项).
        changes: Vec<ProposedChange>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Signs an adjustment request as one of the township's two heads (签署动态调整申请).
    command SignAdjustment {
        /// The request (申请).
        id: AdjustmentId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Submits an adjustment request to the county's establishment office (提交动态调整申请).
    command SubmitAdjustment {
        /// The request (申请).
        id: AdjustmentId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Withdraws an adjustment request before it is decided (撤回动态调整申请).
    command WithdrawAdjustment {
        /// The request (申请).
        id: AdjustmentId,
        /// Why (撤回原因).
        reason: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

/// What both drafting and redrafting bring.
struct Given<'a> {
    title: &'a str,
    origin: ChangeOrigin,
    reason: &'a str,
    law: Option<&'a OriginLawFacts>,
    document: Option<&'a OriginDocumentFacts>,
    law_change: Option<LawChangeId>,
    changes: &'a [ProposedChange],
}

/// The same, read and judged.
struct Drafted {
    title: String,
    request: Request,
    changes: Vec<Change>,
    authority: OrgUnit,
    path: String,
}

fn read_law(given: Option<&OriginLawFacts>, check: &mut Check) -> Option<OriginLaw> {
    let law = given?;
    let instrument = check.take(text::line("input.law.instrument", &law.instrument, text::LINE));
    let article = check.take(text::line("input.law.article", &law.article, 60));
    Some(OriginLaw { instrument: instrument?, article: article?, effective_on: law.effective_on.0 })
}

async fn draft(tx: &Tx, id: AdjustmentId, given: &Given<'_>) -> Outcome<Drafted> {
    let actor = tx.actor()?;
    check_route(given.origin, Route::Adjustment)?;
    check_claim(given.origin, actor.role, "input")?;
    let mut check = Check::new();
    let title = check.take(text::line("input.title", given.title, text::LINE));
    let reason = check.take(text::block("input.reason", given.reason, text::BLOCK));
    let law = read_law(given.law, &mut check);
    let document = read_document(given.document, "input.document", &mut check);
    check.done()?;
    check_proof(given.origin, law.as_ref(), document.as_ref(), "input")?;
    if let Some(law_change) = given.law_change {
        let known = store::law_changes(tx.db(), &Scope::of_actor(actor), &[law_change]).await?;
        if !known.contains_key(&law_change) {
            return refuse(Refusal::not_found("input.lawChangeId"));
        }
    }
    let Proposal { changes, lists, burden, fingerprint } = read(tx, given.changes, "input.changes").await?;
    let authority = one_authority(tx, &lists, "input.changes").await?;
    if actor.org_kind == OrgKind::Township {
        if lists.iter().any(|list| list.org != actor.org) {
            return refuse(Refusal::forbidden(
                "乡镇只能申请调整本乡镇的清单。",
                "A township applies for its own list only.",
            ));
        }
    } else if office(tx.db(), &authority, OrgKind::EstablishmentOffice).await?.id != actor.org {
        return refuse(Refusal::forbidden(
            "只能提出本级主管清单的调整。",
            "An establishment office raises adjustments of its own lists only.",
        ));
    }
    let directions: Vec<_> = changes.iter().map(|change| change.direction).collect();
    let short_path = is_pure_renaming(&directions) && actor.org_kind == OrgKind::Township;
    let request = Request {
        id: id.into(),
        province: actor.province,
        route: Route::Adjustment,
        origin: given.origin,
        burden,
        reason: reason.unwrap_or_default(),
        grounds: serde_json::to_value(AdjustmentGrounds { law, document, short_path })?,
        law_change: given.law_change,
        rerouted_to: None,
        similar: Vec::new(),
        fingerprint,
    };
    let path = path_of(&lists, &authority);
    Ok(Drafted { title: title.unwrap_or_default(), request, changes, authority, path })
}

impl UseCase for CreateAdjustment {
    const NAME: &'static str = "createAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let actor = tx.actor()?;
        // The route before the role: a department should learn which way is the right one, not only that this is not.
        check_route(self.origin, Route::Adjustment)?;
        check_claim(self.origin, actor.role, "input")?;
        let id = AdjustmentId::new();
        let permit =
            policy_permit::<act::CreateAdjustment>(actor, &Target::owned(id, actor.province, actor.org, &actor.path))?;
        let given = Given {
            title: &self.title,
            origin: self.origin,
            reason: &self.reason,
            law: self.law.as_ref(),
            document: self.document.as_ref(),
            law_change: self.law_change_id,
            changes: &self.changes,
        };
        let drafted = draft(tx, id, &given).await?;
        let head = open_head(
            tx,
            id.into(),
            ProceedingKind::Adjustment,
            actor.province,
            drafted.title,
            AdjustmentState::Draft,
            &drafted.authority,
            drafted.path,
            actor.org,
        )
        .await?;
        proceeding::store::insert(tx, &permit, &head).await?;
        change::write(tx, &permit, &drafted.request, true).await?;
        change::write_changes(tx, &permit, head.province, &drafted.changes).await?;
        record_opening(tx, &permit, &head, json!({ "origin": self.origin, "burden": drafted.request.burden }));
        Ok(id)
    }
}

impl UseCase for UpdateAdjustment {
    const NAME: &'static str = "updateAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::UpdateAdjustment>(tx, &case, self.expected_revision).await?;
        let given = Given {
            title: &self.title,
            origin: self.origin,
            reason: &self.reason,
            law: self.law.as_ref(),
            document: self.document.as_ref(),
            law_change: self.law_change_id,
            changes: &self.changes,
        };
        let drafted = draft(tx, self.id, &given).await?;
        if drafted.authority.id != case.head.authority {
            return refuse(Refusal::conflict(
                "input.changes",
                "不得改为另一审定主体的清单。",
                "must stay with the same authority.",
            ));
        }
        change::write(tx, &permit, &drafted.request, false).await?;
        change::write_changes(tx, &permit, case.head.province, &drafted.changes).await?;
        let step = Move { title: Some(drafted.title), path: Some(drafted.path), ..Move::to(&case.head.state) };
        let facts = json!({ "origin": self.origin, "burden": drafted.request.burden });
        advance(tx, &permit, &case.head, step, Note::default().facts(facts)).await?;
        Ok(self.id)
    }
}

async fn signing_of(tx: &Tx, case: &Case, request: &Request, changes: &[Change]) -> Outcome<Signing> {
    let signed = store::signatures(tx.db(), &[case.head.id]).await?.remove(&case.head.id).unwrap_or_default();
    Ok(signing(&case.head, request, changes, &signed))
}

impl UseCase for SignAdjustment {
    const NAME: &'static str = "signAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let actor = tx.actor()?;
        let (case, request) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::SignAdjustment>(tx, &case, self.expected_revision).await?;
        let changes = change::changes(tx.db(), &[case.head.id]).await?.remove(&case.head.id).unwrap_or_default();
        let signing = signing_of(tx, &case, &request, &changes).await?;
        signing.allows(Action::SignAdjustment, actor.role, actor.account)?;
        let digest = signing.digest;
        store::sign(tx, &permit, case.head.province, actor.role, actor.account, &digest).await?;
        tx.record(
            Event::new(
                Action::SignAdjustment,
                case.head.province,
                case.head.kind.type_name(),
                case.head.id.0,
                case.head.path.clone(),
            )
            .of(case.head.id)
            .change(json!(null), json!({ "role": actor.role, "digest": digest })),
        );
        Ok(self.id)
    }
}

impl UseCase for SubmitAdjustment {
    const NAME: &'static str = "submitAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let (case, request) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::SubmitAdjustment>(tx, &case, self.expected_revision).await?;
        let changes = change::changes(tx.db(), &[case.head.id]).await?.remove(&case.head.id).unwrap_or_default();
        let actor = tx.actor()?;
        let grounds = super::grounds(&request)?;
        check_claim(request.origin, actor.role, "input")?;
        check_proof(request.origin, grounds.law.as_ref(), grounds.document.as_ref(), "input")?;
        current(tx, &changes).await?;
        let signing = signing_of(tx, &case, &request, &changes).await?;
        signing.allows(Action::SubmitAdjustment, actor.role, actor.account)?;
        submittable(tx, &case, &changes).await?;
        let authority = territory::service::authority::stored_authority(tx.db(), case.head.authority).await?;
        let parties = parties_of(tx, &authority, &changes, case.head.proposer).await?;
        let similar = similar_to(tx, &case, &request).await?;
        let establishment = office(tx.db(), &authority, OrgKind::EstablishmentOffice).await?;
        proceeding::store::clear_parties(tx, &permit).await?;
        change::set_similar(tx, &permit, &similar).await?;
        let days = tx.actor()?.settings.deadlines.adjustment_check;
        let step = Move {
            wait: vec![wait(establishment.id, Action::ReceiveAdjustment, tx.now(), days)],
            parties,
            submitted: true,
            ..Move::to(AdjustmentState::Submitted)
        };
        let facts = json!({ "burden": request.burden, "similar": similar.len(), "shortPath": grounds.short_path });
        advance(tx, &permit, &case.head, step, Note::default().facts(facts)).await?;
        if let Some(law_change) = request.law_change {
            super::law::answered(tx, law_change, &case).await?;
        }
        Ok(self.id)
    }
}

impl UseCase for WithdrawAdjustment {
    const NAME: &'static str = "withdrawAdjustment";
    type Output = AdjustmentId;

    async fn execute(&self, tx: &Tx) -> Outcome<AdjustmentId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let (case, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<AdjustmentProcedure, act::WithdrawAdjustment>(tx, &case, self.expected_revision).await?;
        let step = Move { ends: true, outcome: proceeding::store::NOT_NEEDED, ..Move::to(AdjustmentState::Withdrawn) };
        advance(tx, &permit, &case.head, step, Note::because(Some(&reason))).await?;
        Ok(self.id)
    }
}
