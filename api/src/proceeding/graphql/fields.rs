//! What every procedure has in the schema; a wing's object takes it over with `#[graphql(flatten)]`.

use std::sync::Arc;

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};

use super::{
    AuditEventConnection, DecisionRecord, Opinion, QueueEntry, decisions, entries, objects::ProceedingParty, opinions,
    parties, timeline,
};
use crate::{
    kernel::{graphql::Reply, paging::PageArgs},
    proceeding::rules::Case,
    territory::graphql::{OrgUnit, named_org},
};

/// The fields of a procedure the caller sees.
pub struct ProceedingFields(pub Arc<Case>);

/// What every procedure has (程序公共字段).
#[Object]
impl ProceedingFields {
    /// Number people quote, such as `TZ-329921-2026-0012`: kind, county, year, number (编号).
    async fn number(&self) -> &str {
        &self.0.head.number
    }

    /// Title (标题).
    async fn title(&self) -> &str {
        &self.0.head.title
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

    /// Opinions of those heard and of the reviews (意见).
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
