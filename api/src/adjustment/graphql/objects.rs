//! Adjustment requests in the schema.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::law::LawChange;
use crate::{
    adjustment::{
        rules::{AdjustmentGrounds, AdjustmentProcedure, AdjustmentState},
        store,
    },
    duty_list::{
        graphql::{
            loaders::RequestById,
            requests::{OriginDocumentOf, OriginLawOf, RequestedChange, SimilarRequestFound, changes},
        },
        rules::{change::ChangeOrigin, diff::BurdenDirection},
        store::change::Request,
    },
    kernel::{
        ctx::Ctx,
        fault::{Fault, Outcome},
        graphql::{
            Reply, ctx,
            loader::{self, Batch},
        },
        ids::{AdjustmentId, ProceedingId},
        paging::PageArgs,
        policy::Action,
        role::Role,
    },
    proceeding::{
        graphql::{
            AuditEventConnection, CaseById, DecisionRecord, Opinion, QueueEntry, decisions, entries,
            objects::ProceedingParty, opinions, parties, timeline,
        },
        rules::Case,
    },
    territory::graphql::{OrgUnit, named_org},
};

struct SignaturesOf;

impl Batch for SignaturesOf {
    type Key = ProceedingId;
    type Value = Vec<store::Signature>;

    async fn load(ctx: &Ctx, keys: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Self::Value>> {
        store::signatures(ctx.db().read(), keys).await
    }
}

/// A head's signature (签署).
#[derive(SimpleObject)]
pub struct HeadSignature {
    /// As which head (角色).
    role: Role,
    /// When (签署时间).
    signed_at: DateTime<Utc>,
}

/// An adjustment request (动态调整申请).
#[derive(Clone)]
pub struct Adjustment(Arc<Case>);

impl Adjustment {
    /// The request in the schema.
    #[must_use]
    pub fn of(case: Arc<Case>) -> Self {
        Self(case)
    }

    async fn request(&self, context: &Context<'_>) -> Reply<Arc<Request>> {
        let found = loader::one::<RequestById>(context, self.0.head.id).await?;
        found.ok_or_else(|| Fault::new("an adjustment without its request").into())
    }

    async fn grounds(&self, context: &Context<'_>) -> Reply<AdjustmentGrounds> {
        Ok(serde_json::from_value(self.request(context).await?.grounds.clone())?)
    }
}

/// The adjustment with this id, if the caller may see it.
pub async fn adjustment(context: &Context<'_>, id: AdjustmentId) -> Reply<Option<Adjustment>> {
    use crate::proceeding::rules::ProceedingKind;
    let found = loader::one::<CaseById>(context, id.into()).await?;
    Ok(found.filter(|case| case.head.kind == ProceedingKind::Adjustment).map(Adjustment))
}

crate::connection! {
    /// A list of adjustment requests (动态调整申请列表).
    AdjustmentConnection, AdjustmentEdge, Adjustment
}

/// A dynamic-adjustment request (动态调整申请): what law, the centre, the province or the township itself asks for, decided
/// by the county. Drafts and opinions are internal to those who take part.
#[Object]
impl Adjustment {
    /// Id (标识).
    pub async fn id(&self) -> AdjustmentId {
        AdjustmentId(self.0.head.id.0)
    }

    /// Number people quote, such as `TZ-329921-2026-0012` (编号).
    async fn number(&self) -> &str {
        &self.0.head.number
    }

    /// Title (标题).
    async fn title(&self) -> &str {
        &self.0.head.title
    }

    /// State (状态).
    async fn state(&self) -> Reply<AdjustmentState> {
        self.0.state::<AdjustmentProcedure>().ok_or_else(|| Fault::new("an adjustment without a state").into())
    }

    /// Who or what asks (事由来源).
    async fn origin(&self, context: &Context<'_>) -> Reply<ChangeOrigin> {
        Ok(self.request(context).await?.origin)
    }

    /// Heavier or lighter for the township as a whole (负担变化).
    async fn burden(&self, context: &Context<'_>) -> Reply<BurdenDirection> {
        Ok(self.request(context).await?.burden)
    }

    /// Basis and reasons (依据和理由).
    async fn reason(&self, context: &Context<'_>) -> Reply<String> {
        Ok(self.request(context).await?.reason.clone())
    }

    /// The law that asks for it (事由法律法规).
    async fn law(&self, context: &Context<'_>) -> Reply<Option<OriginLawOf>> {
        Ok(self.grounds(context).await?.law.map(Into::into))
    }

    /// The document that asks for it (事由文件).
    async fn document(&self, context: &Context<'_>) -> Reply<Option<OriginDocumentOf>> {
        Ok(self.grounds(context).await?.document.map(Into::into))
    }

    /// Whether it only follows a department's new name and takes the short path (是否走部门更名简易程序).
    async fn short_path(&self, context: &Context<'_>) -> Reply<bool> {
        Ok(self.grounds(context).await?.short_path)
    }

    /// The registered change of law it answers (立改废释登记).
    async fn law_change(&self, context: &Context<'_>) -> Reply<Option<LawChange>> {
        match self.request(context).await?.law_change {
            Some(id) => super::law::law_change(context, id).await,
            None => Ok(None),
        }
    }

    /// What is to change (申请事项).
    async fn changes(&self, context: &Context<'_>) -> Reply<Vec<RequestedChange>> {
        changes(context, self.0.head.id).await
    }

    /// Requests refused in the last months that look like this one; found at submission (疑似重复申请).
    async fn similar_requests(&self, context: &Context<'_>) -> Reply<Vec<SimilarRequestFound>> {
        Ok(self.request(context).await?.similar.iter().cloned().map(Into::into).collect())
    }

    /// Signatures of the township's heads under any text of the request (签署情况).
    async fn signatures(&self, context: &Context<'_>) -> Reply<Vec<HeadSignature>> {
        let signed = loader::one::<SignaturesOf>(context, self.0.head.id).await?.unwrap_or_default();
        Ok(signed
            .into_iter()
            .map(|signature| HeadSignature { role: signature.role, signed_at: signature.at })
            .collect())
    }

    /// Who raised it (提出单位).
    async fn proposer(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.head.proposer).await
    }

    /// The decision body that decides it (审定主体).
    async fn authority(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.head.authority).await
    }

    /// Organisations that take part (参与单位).
    async fn parties(&self, context: &Context<'_>) -> Reply<Vec<ProceedingParty>> {
        parties(context, &self.0).await
    }

    /// Steps with their clocks, open and done (办理环节).
    async fn steps(&self, context: &Context<'_>) -> Reply<Vec<QueueEntry>> {
        entries(context, self.0.head.id).await
    }

    /// Opinions of departments and of the legal review (意见).
    async fn opinions(&self, context: &Context<'_>) -> Reply<Vec<Opinion>> {
        opinions(context, self.0.head.id).await
    }

    /// Recorded decisions (决定记录).
    async fn decisions(&self, context: &Context<'_>) -> Reply<Vec<DecisionRecord>> {
        decisions(context, self.0.head.id).await
    }

    /// How often it was returned (退回次数).
    async fn return_count(&self) -> i32 {
        self.0.head.return_count
    }

    /// When it was drafted (起草时间).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.head.created_at
    }

    /// When it was submitted last (提交时间).
    async fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.0.head.submitted_at
    }

    /// When it ended (办结时间).
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.head.closed_at
    }

    /// What I can do with it now (我可进行的操作), by the same rule that decides the mutations.
    async fn viewer_actions(&self, context: &Context<'_>) -> Vec<Action> {
        ctx(context).member().map(|actor| self.0.viewer_actions::<AdjustmentProcedure>(actor)).unwrap_or_default()
    }

    /// Revision, for `expectedRevision` (修订号).
    async fn revision(&self) -> i32 {
        self.0.head.revision
    }

    /// What was done, oldest first (办理过程).
    async fn timeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<AuditEventConnection> {
        timeline(context, self.0.head.id, PageArgs { first, after, last, before }).await
    }
}
