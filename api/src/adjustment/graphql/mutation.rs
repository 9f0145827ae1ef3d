//! Acts of adjustment.

use async_graphql::{Context, Object};

use super::{Adjustment, LawChange, LawWatch, law, objects::adjustment};
use crate::{
    adjustment::service::{
        consulting::{AnswerAdjustmentObjection, CloseAdjustmentConsultation, GiveAdjustmentOpinion},
        deciding::{CheckAdjustment, DecideAdjustment, FileAdjustment, ReceiveAdjustment, ReviewAdjustmentLegality},
        law::{DismissLawWatch, RegisterLawChange},
        raising::{CreateAdjustment, SignAdjustment, SubmitAdjustment, UpdateAdjustment, WithdrawAdjustment},
    },
    kernel::{
        fault::{Fault, Outcome},
        graphql::{Reply, ctx},
        ids::AdjustmentId,
        runner::command,
    },
};

crate::payload! {
    /// Result of an act on an adjustment request (动态调整操作结果).
    AdjustmentPayload {
        /// The request as it is now (动态调整申请).
        adjustment: Adjustment
    }
    /// Result of registering a change of law (立改废释登记结果).
    LawChangePayload {
        /// The registered change (立改废释登记).
        law_change: LawChange
    }
    /// Result of an act on a watch (跟踪任务操作结果).
    LawWatchPayload {
        /// The task as it is now (跟踪任务).
        law_watch: LawWatch
    }
}

async fn answer(context: &Context<'_>, outcome: Outcome<AdjustmentId>) -> Reply<AdjustmentPayload> {
    let outcome = match outcome {
        Ok(id) => adjustment(context, id)
            .await
            .and_then(|found| found.ok_or_else(|| Fault::new("the adjustment is gone").into())),
        Err(failure) => Err(failure),
    };
    AdjustmentPayload::of(ctx(context), outcome)
}

macro_rules! act {
    ($context:ident, $input:ident) => {{
        let outcome = command(ctx($context), &$input).await;
        answer($context, outcome).await
    }};
}

/// Acts of adjustment.
#[derive(Default)]
pub struct AdjustmentMutation;

#[Object]
impl AdjustmentMutation {
    /// Drafts an adjustment request (起草动态调整申请). Township, or the county's establishment office.
    async fn create_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请内容)")] input: CreateAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Replaces the content of a draft or returned request (修改动态调整申请). Who raised it.
    async fn update_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请内容)")] input: UpdateAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Signs a request as one of the township's two heads (签署动态调整申请).
    async fn sign_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请)")] input: SignAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Submits a request to the county's establishment office (提交动态调整申请). Who raised it.
    async fn submit_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请)")] input: SubmitAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Withdraws a request before it is decided (撤回动态调整申请). Who raised it.
    async fn withdraw_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and reason (申请与原因)")] input: WithdrawAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Takes a submitted request in hand (受理动态调整申请). County's establishment office.
    async fn receive_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The request (申请)")] input: ReceiveAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Records the establishment office's check (审核动态调整申请): pass, return, refuse, or send to the other route.
    async fn check_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and result (申请与审核结果)")] input: CheckAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Gives my organisation's opinion on a request (对动态调整提出意见). Organisations that are asked.
    async fn give_adjustment_opinion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and opinion (申请与意见)")] input: GiveAdjustmentOpinion,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Answers an objection as who raised the request (答复动态调整反对意见).
    async fn answer_adjustment_objection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Objection and answer (意见与答复)")] input: AnswerAdjustmentObjection,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Closes the consultation (结束动态调整会商). County's establishment office.
    async fn close_adjustment_consultation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and summary (申请与情况)")] input: CloseAdjustmentConsultation,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Records the legal review (动态调整合法性审查). Justice bureau.
    async fn review_adjustment_legality(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and result (申请与审查结果)")] input: ReviewAdjustmentLegality,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Records the county's decision (登记动态调整审定结果). Clerk of the general offices.
    async fn decide_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and decision (申请与决定)")] input: DecideAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Files an incorporated adjustment with the offices above (动态调整备案). County's establishment office.
    async fn file_adjustment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Request and report (申请与备案文号)")] input: FileAdjustment,
    ) -> Reply<AdjustmentPayload> {
        act!(context, input)
    }

    /// Registers a change of law; wherever an item in force rests on it a task opens (登记立改废释). Establishment offices and
    /// justice bureaus.
    async fn register_law_change(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The change (变更内容)")] input: RegisterLawChange,
    ) -> Reply<LawChangePayload> {
        let outcome = match command(ctx(context), &input).await {
            Ok(id) => law::law_change(context, id)
                .await
                .and_then(|found| found.ok_or_else(|| Fault::new("the change is gone").into())),
            Err(failure) => Err(failure),
        };
        LawChangePayload::of(ctx(context), outcome)
    }

    /// States that a change of law needs no change of my county's lists (说明无需调整). County's establishment office.
    async fn dismiss_law_watch(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Task and reason (任务与理由)")] input: DismissLawWatch,
    ) -> Reply<LawWatchPayload> {
        let outcome = match command(ctx(context), &input).await {
            Ok(id) => law::law_watch(context, id)
                .await
                .and_then(|found| found.ok_or_else(|| Fault::new("the task is gone").into())),
            Err(failure) => Err(failure),
        };
        LawWatchPayload::of(ctx(context), outcome)
    }
}
