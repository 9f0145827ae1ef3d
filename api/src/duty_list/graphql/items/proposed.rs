//! Content that is only proposed, and model items.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::{DutyClause, DutyDomain, LegalBasisOf, NamedDepartment, clauses, departments, domain};
use crate::{
    duty_list::{
        rules::{
            content::{Content, DutyCategory, ItemSource, ReclaimMethod},
            diff::ClauseSide,
        },
        store::templates::Template,
    },
    kernel::{graphql::Reply, ids::TemplateId},
    territory::graphql::{OrgUnit, named_org},
};

/// What an item would say (拟定内容).
pub struct ProposedContent {
    /// What it says.
    pub content: Content,
    /// Code for citations.
    pub code: String,
}

/// What an item would say: proposed in a request, or a model for townships (拟定内容).
#[Object]
impl ProposedContent {
    /// Category (类别).
    async fn category(&self) -> DutyCategory {
        self.content.category
    }

    /// Domain class (领域类别).
    async fn domain(&self, context: &Context<'_>) -> Reply<DutyDomain> {
        domain(context, self.content.domain).await
    }

    /// Name (事项名称).
    async fn name(&self) -> &str {
        &self.content.wording.name
    }

    /// Duties of the departments (上级部门职责).
    async fn superior_clauses(&self) -> Vec<DutyClause> {
        clauses(&self.code, ClauseSide::Superior, &self.content.wording.superior)
    }

    /// Duties of the township (乡镇职责).
    async fn township_clauses(&self) -> Vec<DutyClause> {
        clauses(&self.code, ClauseSide::Township, &self.content.wording.township)
    }

    /// Organisations named, in order (责任部门).
    async fn departments(&self, context: &Context<'_>) -> Reply<Vec<NamedDepartment>> {
        departments(context, &self.content.departments).await
    }

    /// What would become of a reclaimed item (收回方式).
    async fn reclaim_method(&self) -> Option<ReclaimMethod> {
        self.content.reclaim_method
    }

    /// How a reclaimed item would be done (工作方式).
    async fn method(&self) -> Option<&str> {
        self.content.wording.method.as_deref()
    }

    /// What it rests on (实施依据).
    async fn legal_bases(&self) -> Vec<LegalBasisOf> {
        self.content.wording.bases.iter().map(Into::into).collect()
    }

    /// Whether a delegated penalty power comes with it (是否含行政处罚赋权).
    async fn penalty_power(&self) -> bool {
        self.content.penalty_power
    }

    /// Where it comes from (来源).
    async fn source(&self) -> ItemSource {
        self.content.source
    }
}

/// A model item (样板事项).
#[derive(Clone)]
pub struct ItemTemplate(pub Arc<Template>);

crate::connection! {
    /// A list of model items (样板事项列表).
    ItemTemplateConnection, ItemTemplateEdge, ItemTemplate
}

/// A county's model item that townships adopt and may override (样板事项).
#[Object]
impl ItemTemplate {
    /// Id (标识).
    pub async fn id(&self) -> TemplateId {
        self.0.id
    }

    /// Code, unique in the county (编码).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The list authority whose townships may adopt it (清单审定主体).
    async fn authority(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.authority).await
    }

    /// What it says (内容).
    async fn content(&self) -> ProposedContent {
        ProposedContent { content: self.0.content.clone(), code: self.0.code.clone() }
    }

    /// Whether it may still be adopted (是否启用).
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Revision, for `expectedRevision` (修订号).
    async fn revision(&self) -> i32 {
        self.0.revision
    }
}
