//! Changes of law and their watches in the schema.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};

use crate::{
    adjustment::{
        rules::{LawChangeKind, LawWatchProcedure, LawWatchState},
        store,
    },
    duty_list::{
        graphql::{DutyItemRevision, as_of, items::RevisionConnection},
        store::items,
    },
    kernel::{
        ctx::Ctx,
        fault::{Fault, Outcome},
        graphql::{
            Date, Reply,
            connection::Total,
            ctx,
            loader::{self, Batch},
        },
        ids::{LawChangeId, LawWatchId},
        paging::PageArgs,
        policy::Action,
        scope::Scope,
    },
    proceeding::{
        graphql::{AuditEventConnection, CaseById, QueueEntry, entries, timeline},
        rules::Case,
    },
    territory::graphql::{OrgUnit, named_org},
};

struct LawChangeById;

impl Batch for LawChangeById {
    type Key = LawChangeId;
    type Value = Arc<store::LawChange>;

    async fn load(ctx: &Ctx, keys: &[LawChangeId]) -> Outcome<HashMap<LawChangeId, Self::Value>> {
        let found = store::law_changes(ctx.db().read(), &Scope::of(ctx), keys).await?;
        Ok(found.into_iter().map(|(id, change)| (id, Arc::new(change))).collect())
    }
}

struct WatchById;

impl Batch for WatchById {
    type Key = LawWatchId;
    type Value = store::LawWatch;

    async fn load(ctx: &Ctx, keys: &[LawWatchId]) -> Outcome<HashMap<LawWatchId, Self::Value>> {
        store::watches(ctx.db().read(), keys).await
    }
}

struct WatchesOf;

impl Batch for WatchesOf {
    type Key = LawChangeId;
    type Value = Vec<store::LawWatch>;

    async fn load(ctx: &Ctx, keys: &[LawChangeId]) -> Outcome<HashMap<LawChangeId, Self::Value>> {
        store::watches_of(ctx.db().read(), keys).await
    }
}

/// A registered change of law (立改废释登记).
#[derive(Clone)]
pub struct LawChange(Arc<store::LawChange>);

impl LawChange {
    /// The change in the schema.
    #[must_use]
    pub fn of(facts: Arc<store::LawChange>) -> Self {
        Self(facts)
    }
}

crate::connection! {
    /// A list of changes of law (立改废释列表).
    LawChangeConnection, LawChangeEdge, LawChange
}

/// The change of law with this id, if it concerns the caller.
pub async fn law_change(context: &Context<'_>, id: LawChangeId) -> Reply<Option<LawChange>> {
    Ok(loader::one::<LawChangeById>(context, id).await?.map(LawChange))
}

/// The watch with this id, if the caller may see it.
pub async fn law_watch(context: &Context<'_>, id: LawWatchId) -> Reply<Option<LawWatch>> {
    let Some(case) = loader::one::<CaseById>(context, id.into()).await? else { return Ok(None) };
    let watch = loader::one::<WatchById>(context, id).await?;
    Ok(watch.map(|facts| LawWatch { facts, case }))
}

/// A registered change of law, party rule or policy document (立改废释登记).
#[Object]
impl LawChange {
    /// Id (标识).
    pub async fn id(&self) -> LawChangeId {
        self.0.id
    }

    /// Kind (变更类型).
    async fn kind(&self) -> LawChangeKind {
        self.0.kind
    }

    /// Title of the instrument (名称).
    async fn instrument(&self) -> &str {
        &self.0.instrument
    }

    /// Articles concerned; all if empty (条款).
    async fn articles(&self) -> &[String] {
        &self.0.articles
    }

    /// When it takes effect (施行日期).
    async fn effective_on(&self) -> Date {
        Date(self.0.effective_on)
    }

    /// What changes (变更要点).
    async fn summary(&self) -> &str {
        &self.0.summary
    }

    /// Who registered it (登记单位).
    async fn registered_by(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.org).await
    }

    /// When it was registered (登记时间).
    async fn registered_at(&self) -> DateTime<Utc> {
        self.0.registered_at
    }

    /// Items in force now that rest on the instrument and on the articles named, in the territory of who registered it
    /// (受影响事项).
    async fn affected_items(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<RevisionConnection> {
        let db = ctx(context).db().read();
        let select = store::affected(db, &self.0, as_of(context, None, None)).await?;
        let args = PageArgs { first, after, last, before };
        let page = items::page(db, select.clone(), &items::list_order(), &args, None).await?;
        Ok(RevisionConnection::new(page.map(|revision| DutyItemRevision(Arc::new(revision))), Total::count(select)))
    }

    /// What each list authority has to do about it, where the caller may see it (各地跟踪任务).
    async fn watches(&self, context: &Context<'_>) -> Reply<Vec<LawWatch>> {
        let watches = loader::one::<WatchesOf>(context, self.0.id).await?.unwrap_or_default();
        let mut visible = Vec::new();
        let cases = loader::many::<CaseById>(context, watches.iter().map(|watch| watch.id.into()).collect()).await?;
        for facts in watches {
            if let Some(case) = cases.get(&facts.id.into()) {
                visible.push(LawWatch { case: Arc::clone(case), facts });
            }
        }
        Ok(visible)
    }
}

/// What one list authority has to do about a change of law (立改废释跟踪任务).
#[derive(Clone)]
pub struct LawWatch {
    facts: store::LawWatch,
    case: Arc<Case>,
}

/// What one list authority has to do about a change of law (立改废释跟踪任务): raise an adjustment, or say why none is needed.
/// Doing neither in time is recorded as 动态调整不及时.
#[Object]
impl LawWatch {
    /// Id (标识).
    pub async fn id(&self) -> LawWatchId {
        self.facts.id
    }

    /// Number (编号).
    async fn number(&self) -> &str {
        &self.case.head.number
    }

    /// Title (标题).
    async fn title(&self) -> &str {
        &self.case.head.title
    }

    /// State (状态).
    async fn state(&self) -> Reply<LawWatchState> {
        self.case.state::<LawWatchProcedure>().ok_or_else(|| Fault::new("a watch without a state").into())
    }

    /// The change of law (立改废释登记).
    async fn law_change(&self, context: &Context<'_>) -> Reply<Option<LawChange>> {
        law_change(context, self.facts.law_change).await
    }

    /// The list authority (清单审定主体).
    async fn authority(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.case.head.authority).await
    }

    /// How many items in force rested on the instrument when it was registered (受影响事项数).
    async fn affected_count(&self) -> i32 {
        self.facts.affected
    }

    /// Steps with their clocks (办理环节).
    async fn steps(&self, context: &Context<'_>) -> Reply<Vec<QueueEntry>> {
        entries(context, self.case.head.id).await
    }

    /// What I can do with it now (我可进行的操作). `ANSWER_LAW_CHANGE` is done by submitting an adjustment request with the
    /// id of the change of law.
    async fn viewer_actions(&self, context: &Context<'_>) -> Vec<Action> {
        ctx(context).member().map(|actor| self.case.viewer_actions::<LawWatchProcedure>(actor)).unwrap_or_default()
    }

    /// Revision, for `expectedRevision` (修订号).
    async fn revision(&self) -> i32 {
        self.case.head.revision
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
        timeline(context, self.case.head.id, PageArgs { first, after, last, before }).await
    }
}
