//! What requests ask for, in the schema; shared by adjustment and admission.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    DutyList,
    items::{DutyItem, DutyItemRevision, ProposedContent, named_item},
    loaders::{ChangesOfRequest, ListById, RequestById, RevisionById, VersionById},
    versions::ListVersion,
};
use crate::{
    duty_list::{
        rules::{
            change::{ChangeDirection, ChangeOrigin, IssuerKind, OriginDocument, OriginLaw, SimilarRequest},
            diff::BurdenDirection,
        },
        store::change::{Change, Request, Target},
    },
    kernel::{
        fault::Fault,
        graphql::{Date, Reply, loader},
        ids::{ChangeId, ProceedingId},
    },
};

/// Where a change applies (调整对象).
pub struct ChangeTarget(Target);

/// Where a change applies (调整对象): a list, and there an item unless the change adds one.
#[Object]
impl ChangeTarget {
    /// The list (清单).
    async fn list(&self, context: &Context<'_>) -> Reply<DutyList> {
        let found = loader::one::<ListById>(context, self.0.list).await?;
        found.map(DutyList::of).ok_or_else(|| Fault::new("a target without its list").into())
    }

    /// The item (事项); null for an addition.
    async fn item(&self, context: &Context<'_>) -> Reply<Option<DutyItem>> {
        match self.0.item {
            Some(item) => named_item(context, item).await.map(Some),
            None => Ok(None),
        }
    }

    /// How the item read when the change was written down (原内容); null for an addition.
    async fn current(&self, context: &Context<'_>) -> Reply<Option<DutyItemRevision>> {
        match self.0.base {
            Some(base) => Ok(loader::one::<RevisionById>(context, base).await?.map(DutyItemRevision)),
            None => Ok(None),
        }
    }

    /// Items that a new one splits off from or merges (拆分或合并自).
    async fn derived_from(&self, context: &Context<'_>) -> Reply<Vec<DutyItem>> {
        futures_util::future::try_join_all(self.0.derived_from.iter().map(|id| named_item(context, *id))).await
    }

    /// The version that incorporates it, or is about to (纳入的版本).
    async fn version(&self, context: &Context<'_>) -> Reply<Option<ListVersion>> {
        match self.0.draft {
            Some(draft) => Ok(loader::one::<VersionById>(context, draft).await?.map(ListVersion::of)),
            None => Ok(None),
        }
    }

    /// When it was incorporated (纳入时间).
    async fn incorporated_at(&self) -> Option<DateTime<Utc>> {
        self.0.incorporated_at
    }
}

/// A change that a request asks for (申请事项).
pub struct RequestedChange(Change);

/// A change that a request asks for (申请事项).
#[Object]
impl RequestedChange {
    /// Id (标识).
    async fn id(&self) -> ChangeId {
        self.0.id
    }

    /// What is to happen (调整方式).
    async fn direction(&self) -> ChangeDirection {
        self.0.direction
    }

    /// Heavier or lighter for the township (负担变化).
    async fn burden(&self) -> BurdenDirection {
        self.0.burden
    }

    /// What the item would say (调整后内容); null for a removal.
    async fn content(&self) -> Option<ProposedContent> {
        self.0
            .content
            .clone()
            .map(|content| ProposedContent { code: content.category.code_prefix().to_owned(), content })
    }

    /// Where it applies (调整对象).
    async fn targets(&self) -> Vec<ChangeTarget> {
        self.0.targets.iter().cloned().map(ChangeTarget).collect()
    }
}

/// The changes of a request the caller sees.
pub async fn changes(context: &Context<'_>, id: ProceedingId) -> Reply<Vec<RequestedChange>> {
    Ok(loader::one::<ChangesOfRequest>(context, id)
        .await?
        .unwrap_or_default()
        .into_iter()
        .map(RequestedChange)
        .collect())
}

/// A request that looks like another (相似申请).
#[derive(SimpleObject)]
pub struct SimilarRequestFound {
    /// Id, to be read with `node` (标识).
    id: async_graphql::ID,
    /// Number (编号).
    number: String,
    /// Title (标题).
    title: String,
    /// Likeness in per cent (相似度).
    percent: i32,
}

impl From<SimilarRequest> for SimilarRequestFound {
    fn from(found: SimilarRequest) -> Self {
        Self { id: found.id.into(), number: found.number, title: found.title, percent: found.percent.into() }
    }
}

/// A document that asks for a change (事由文件).
#[derive(SimpleObject)]
pub struct OriginDocumentOf {
    /// Title (标题).
    title: String,
    /// Number (文号).
    number: String,
    /// Who issued it (发文单位).
    issuer: String,
    /// What kind of body that is (发文主体).
    issuer_kind: IssuerKind,
}

impl From<OriginDocument> for OriginDocumentOf {
    fn from(document: OriginDocument) -> Self {
        Self {
            title: document.title,
            number: document.number,
            issuer: document.issuer,
            issuer_kind: document.issuer_kind,
        }
    }
}

/// A law that asks for a change (事由法律法规).
#[derive(SimpleObject)]
pub struct OriginLawOf {
    /// Title of the instrument (名称).
    instrument: String,
    /// Article (条款).
    article: String,
    /// When it takes effect (施行日期).
    effective_on: Date,
}

impl From<OriginLaw> for OriginLawOf {
    fn from(law: OriginLaw) -> Self {
        Self { instrument: law.instrument, article: law.article, effective_on: Date(law.effective_on) }
    }
}

/// The fields of a request the caller sees.
pub struct RequestFields(pub ProceedingId);

impl RequestFields {
    async fn request(&self, context: &Context<'_>) -> Reply<Arc<Request>> {
        let found = loader::one::<RequestById>(context, self.0).await?;
        found.ok_or_else(|| Fault::new("a procedure without its request").into())
    }
}

/// What every request has (申请公共字段).
#[Object]
impl RequestFields {
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

    /// What is to change (申请事项).
    async fn changes(&self, context: &Context<'_>) -> Reply<Vec<RequestedChange>> {
        changes(context, self.0).await
    }

    /// Requests refused in the last months that look like this one; found at submission (疑似重复申请).
    async fn similar_requests(&self, context: &Context<'_>) -> Reply<Vec<SimilarRequestFound>> {
        Ok(self.request(context).await?.similar.iter().cloned().map(Into::into).collect())
    }
}
