//! Adjustment requests in the schema.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::law::LawChange;
use crate::{
    adjustment::{
        rules::{AdjustmentGrounds, AdjustmentProcedure, AdjustmentState, HEARD, Signing, hearing_allows},
        service::signing,
        store,
    },
    duty_list::{
        graphql::{
            loaders::{ChangesOfRequest, RequestById},
            requests::{OriginDocumentOf, OriginLawOf, RequestFields},
        },
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
        policy::Action,
        role::Role,
    },
    proceeding::{
        graphql::{CaseById, ProceedingFields, hearing},
        rules::Case,
    },
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

    /// What every procedure has.
    #[graphql(flatten)]
    fn procedure(&self) -> ProceedingFields {
        ProceedingFields(Arc::clone(&self.0))
    }

    /// What every request has.
    #[graphql(flatten)]
    fn asked(&self) -> RequestFields {
        RequestFields(self.0.head.id)
    }

    /// State (状态).
    async fn state(&self) -> Reply<AdjustmentState> {
        self.0.state::<AdjustmentProcedure>().ok_or_else(|| Fault::new("an adjustment without a state").into())
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

    /// Signatures of the township's heads under any text of the request (签署情况).
    async fn signatures(&self, context: &Context<'_>) -> Reply<Vec<HeadSignature>> {
        let signed = loader::one::<SignaturesOf>(context, self.0.head.id).await?.unwrap_or_default();
        Ok(signed
            .into_iter()
            .map(|signature| HeadSignature { role: signature.role, signed_at: signature.at })
            .collect())
    }

    /// What I can do with it now (我可进行的操作), by the same rule that decides the mutations: whose
    /// act it is and in which state. What an act brings along is judged when it is done.
    async fn viewer_actions(&self, context: &Context<'_>) -> Reply<Vec<Action>> {
        let Some(actor) = ctx(context).member() else { return Ok(Vec::new()) };
        let mut actions = self.0.viewer_actions::<AdjustmentProcedure>(actor);
        if actions.iter().any(|action| Signing::DECIDES.contains(action)) {
            let id = self.0.head.id;
            let request = self.request(context).await?;
            let changes = loader::one::<ChangesOfRequest>(context, id).await?.unwrap_or_default();
            let signed = loader::one::<SignaturesOf>(context, id).await?.unwrap_or_default();
            let signing = signing(&self.0.head, &request, &changes, &signed);
            actions.retain(|action| signing.allows(*action, actor.role, actor.account).is_ok());
        }
        if actions.iter().any(|action| HEARD.contains(action)) {
            let hearing = hearing(context, &self.0, Action::GiveAdjustmentOpinion).await?;
            let now = ctx(context).now();
            actions.retain(|action| hearing_allows(*action, &hearing, now, &|_| None).is_ok());
        }
        Ok(actions)
    }
}
