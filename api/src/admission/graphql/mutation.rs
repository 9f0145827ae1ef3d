//! Acts of admission.

use async_graphql::{Context, Object};

use super::{Admission, objects::admission};
use crate::{
    admission::service::{
        approving::{DecideAdmissionAtCounty, DecideAdmissionAtProvince, ReviewAdmissionAtCity},
        proposing::{CreateAdmission, SubmitAdmission, UpdateAdmission, WithdrawAdmission},
        reviewing::{
            AnswerAdmissionObjection, CheckAdmission, CloseAdmissionConsultation, GiveAdmissionOpinion,
            ReceiveAdmission, ReviewAdmissionLegality, ReviewAdmissionResources,
        },
    },
    kernel::{
        fault::{Fault, Outcome},
        graphql::{Reply, ctx},
        ids::AdmissionId,
        runner::command,
    },
};

crate::payload! {
    /// Result of an act on an admission request (职责准入操作结果).
    AdmissionPayload {
        /// The request as it is now (职责准入申请).
        admission: Admission
    }
}

async fn answer(context: &Context<'_>, outcome: Outcome<AdmissionId>) -> Reply<AdmissionPayload> {
    let outcome = match outcome {
        Ok(id) => admission(context, id)
            .await
            .and_then(|found| found.ok_or_else(|| Fault::new("the admission is gone").into())),
        Err(failure) => Err(failure),
    };
    AdmissionPayload::of(ctx(context), outcome)
}

macro_rules! act {
    ($context:ident, $input:ident) => {{
        let outcome = command(ctx($context), &$input).await;
        answer($context, outcome).await
    }};
}

/// Acts of admission.
#[derive(Default)]
pub struct AdmissionMutation;

#[Object]
impl AdmissionMutation {
    /// Drafts an admission request (起草职责准入申请). Department, or clerk for an order of city or county leadership.
    async fn create_admission(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请内容)")] input: CreateAdmission,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Replaces the content of a draft or returned request (修改职责准入申请). Who proposed it.
    async fn update_admission(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请内容)")] input: UpdateAdmission,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Submits a request to the county's establishment office (提交职责准入申请). Head of the department, or clerk.
    async fn submit_admission(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请)")] input: SubmitAdmission,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Withdraws a request before it is approved (撤回职责准入申请). Head of the department, or clerk.
    async fn withdraw_admission(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and reason (申请与原因)")] input: WithdrawAdmission,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Takes a submitted request in hand (受理职责准入申请). County's establishment office.
    async fn receive_admission(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请)")] input: ReceiveAdmission,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Records the establishment office's check (审核职责准入申请): pass to the townships, return, or refuse.
    async fn check_admission(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and result (申请与审核结果)")] input: CheckAdmission,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Gives my township's opinion on a request (乡镇对职责准入提出意见). Townships that are asked.
    async fn give_admission_opinion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and opinion (申请与意见)")] input: GiveAdmissionOpinion,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Answers a township's objection as who proposed the request (答复职责准入反对意见).
    async fn answer_admission_objection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Objection and answer (意见与答复)")] input: AnswerAdmissionObjection,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Closes the consultation of townships (结束乡镇征求意见). County's establishment office.
    async fn close_admission_consultation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and summary (申请与情况)")] input: CloseAdmissionConsultation,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Records the legal review (职责准入合法性审查). Justice bureau.
    async fn review_admission_legality(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and result (申请与审查结果)")] input: ReviewAdmissionLegality,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Records the review of resources (职责准入资源审查). Finance bureau.
    async fn review_admission_resources(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and result (申请与审查结果)")] input: ReviewAdmissionResources,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Records the decision of the county's committee and government (登记县级审议结果). Clerk of the general offices.
    async fn decide_admission_at_county(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and decision (申请与决定)")] input: DecideAdmissionAtCounty,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Records the review of an office between county and province (市级审核职责准入).
    async fn review_admission_at_city(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and result (申请与审核结果)")] input: ReviewAdmissionAtCity,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }

    /// Approves or refuses a request at the province (省级审定职责准入). Establishment office of the province, and nobody else.
    async fn decide_admission_at_province(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and decision (申请与决定)")] input: DecideAdmissionAtProvince,
    ) -> Reply<AdmissionPayload> {
        act!(context, input)
    }
}
