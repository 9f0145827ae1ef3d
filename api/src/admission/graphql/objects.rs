//! Admission requests in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use crate::{
    admission::{
        rules::{AdmissionGrounds, AdmissionProcedure, AdmissionState, HEARD, Resources, hearing_allows},
        service::likeness::similar_items,
    },
    duty_list::{
        graphql::{
            DutyItemRevision, as_of,
            loaders::{RequestById, RevisionById},
            requests::{OriginDocumentOf, RequestFields},
        },
        store::change::Request,
    },
    kernel::{
        fault::Fault,
        graphql::{Date, Reply, ctx, loader},
        ids::{AdmissionId, RevisionId},
        policy::Action,
    },
    proceeding::{
        graphql::{CaseById, ProceedingFields, hearing},
        rules::Case,
    },
};

/// What would follow the duty (随事划转的资源).
#[derive(SimpleObject)]
pub struct ResourcePackageOf {
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

impl From<Resources> for ResourcePackageOf {
    fn from(given: Resources) -> Self {
        Self {
            powers: given.powers,
            posts: given.posts,
            money: given.money,
            equipment: given.equipment,
            training: given.training,
        }
    }
}

/// An item in force that looks like what is proposed (相似事项).
#[derive(SimpleObject)]
pub struct SimilarItem {
    /// The item as it reads (事项内容).
    item: DutyItemRevision,
    /// Likeness of the names in per cent (名称相似度).
    percent: i32,
}

/// An admission request (职责准入申请).
#[derive(Clone)]
pub struct Admission(Arc<Case>);

impl Admission {
    /// The request in the schema.
    #[must_use]
    pub fn of(case: Arc<Case>) -> Self {
        Self(case)
    }

    async fn request(&self, context: &Context<'_>) -> Reply<Arc<Request>> {
        let found = loader::one::<RequestById>(context, self.0.head.id).await?;
        found.ok_or_else(|| Fault::new("an admission without its request").into())
    }

    async fn grounds(&self, context: &Context<'_>) -> Reply<AdmissionGrounds> {
        Ok(serde_json::from_value(self.request(context).await?.grounds.clone())?)
    }
}

/// The admission with this id, if the caller may see it.
pub async fn admission(context: &Context<'_>, id: AdmissionId) -> Reply<Option<Admission>> {
    use crate::proceeding::rules::ProceedingKind;
    let found = loader::one::<CaseById>(context, id.into()).await?;
    Ok(found.filter(|case| case.head.kind == ProceedingKind::Admission).map(Admission))
}

crate::connection! {
    /// A list of admission requests (职责准入申请列表).
    AdmissionConnection, AdmissionEdge, Admission
}

/// A duty-admission request (职责准入申请): what a department or city or county leadership wants to add; only
/// the province approves. Drafts and opinions are internal to those who take part.
#[Object]
impl Admission {
    /// Id (标识).
    pub async fn id(&self) -> AdmissionId {
        AdmissionId(self.0.head.id.0)
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
    async fn state(&self) -> Reply<AdmissionState> {
        self.0.state::<AdmissionProcedure>().ok_or_else(|| Fault::new("an admission without a state").into())
    }

    /// The document of the leadership that assigns it (交办文件).
    async fn document(&self, context: &Context<'_>) -> Reply<Option<OriginDocumentOf>> {
        Ok(self.grounds(context).await?.document.map(Into::into))
    }

    /// Why it is needed (必要性).
    async fn necessity(&self, context: &Context<'_>) -> Reply<String> {
        Ok(self.grounds(context).await?.necessity)
    }

    /// Why the department cannot do it itself (部门无法自行承担的原因).
    async fn inability(&self, context: &Context<'_>) -> Reply<String> {
        Ok(self.grounds(context).await?.inability)
    }

    /// Explanation for sub-districts (对街道的专门说明).
    async fn special_explanation(&self, context: &Context<'_>) -> Reply<Option<String>> {
        Ok(self.grounds(context).await?.special_explanation)
    }

    /// What it would cost the townships (承接能力评估).
    async fn capacity_assessment(&self, context: &Context<'_>) -> Reply<String> {
        Ok(self.grounds(context).await?.capacity_assessment)
    }

    /// What would follow the duty (随事划转的资源).
    async fn resources(&self, context: &Context<'_>) -> Reply<ResourcePackageOf> {
        Ok(self.grounds(context).await?.resources.into())
    }

    /// Why nothing would follow (不配置资源的理由).
    async fn no_resources_reason(&self, context: &Context<'_>) -> Reply<Option<String>> {
        Ok(self.grounds(context).await?.no_resources_reason)
    }

    /// When it should begin (拟承担时间).
    async fn intended_start(&self, context: &Context<'_>) -> Reply<Option<Date>> {
        Ok(self.grounds(context).await?.intended_start.map(Date))
    }

    /// When it ends or is reviewed (终止或复审日期).
    async fn sunset_on(&self, context: &Context<'_>) -> Reply<Option<Date>> {
        Ok(self.grounds(context).await?.sunset_on.map(Date))
    }

    /// The provincial decision that allows a delegated penalty power (省级赋权决定文号).
    async fn penalty_decision_no(&self, context: &Context<'_>) -> Reply<Option<String>> {
        Ok(self.grounds(context).await?.penalty_decision_no)
    }

    /// Whether it looks like a refused request, so that it passes only with a reason on record (是否疑似规避准入).
    async fn flagged_as_evasion(&self, context: &Context<'_>) -> Reply<bool> {
        Ok(!self.request(context).await?.similar.is_empty())
    }

    /// Items in force under the same authority that look like what is proposed, most alike first, at most ten (相似事项).
    async fn similar_items(&self, context: &Context<'_>) -> Reply<Vec<SimilarItem>> {
        let found = similar_items(ctx(context), &self.0, as_of(context, None, None)).await?;
        let revisions = loader::many::<RevisionById>(context, found.iter().map(|(id, _)| *id).collect()).await?;
        let item = |(id, percent): (RevisionId, u8)| {
            revisions
                .get(&id)
                .map(|revision| SimilarItem { item: DutyItemRevision(Arc::clone(revision)), percent: percent.into() })
        };
        Ok(found.into_iter().filter_map(item).collect())
    }

    /// What I can do with it now (我可进行的操作), by the same rule that decides the mutations: whose
    /// act it is and in which state. What an act brings along is judged when it is done.
    async fn viewer_actions(&self, context: &Context<'_>) -> Reply<Vec<Action>> {
        let Some(actor) = ctx(context).member() else { return Ok(Vec::new()) };
        let mut actions = self.0.viewer_actions::<AdmissionProcedure>(actor);
        if actions.iter().any(|action| HEARD.contains(action)) {
            let hearing = hearing(context, &self.0, Action::GiveAdmissionOpinion).await?;
            let now = ctx(context).now();
            actions.retain(|action| hearing_allows(*action, &hearing, now, &|_| None).is_ok());
        }
        Ok(actions)
    }
}
