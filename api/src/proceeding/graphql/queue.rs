//! Queues: what waits for me.

use std::collections::HashMap;

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};

use super::objects::Deadline;
use crate::{
    kernel::{
        ctx::{Actor, Ctx},
        fault::{Fault, Outcome},
        graphql::{
            Reply,
            connection::Total,
            ctx,
            loader::{self, Batch},
        },
        ids::{ProceedingId, QueueEntryId},
        paging::PageArgs,
        policy::{Action, grants},
        scope::Scope,
        sheet::{SheetFormat, SpreadsheetFile},
    },
    proceeding::{
        rules::{Entry, Proceeding, ProceedingKind},
        service::queue_sheet::queue_table,
        store,
    },
    territory::graphql::{OrgUnit, named_org},
};

/// Heads by id, inside the caller's scope.
struct HeadById;

impl Batch for HeadById {
    type Key = ProceedingId;
    type Value = Proceeding;

    async fn load(ctx: &Ctx, keys: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Self::Value>> {
        store::heads(ctx.db().read(), &Scope::of(ctx), keys).await
    }
}

/// What a proceeding is called (程序摘要).
pub struct ProceedingSummary(Proceeding);

impl ProceedingSummary {
    /// The summary of a proceeding the caller sees.
    #[must_use]
    pub fn of(head: Proceeding) -> Self {
        Self(head)
    }
}

/// What a proceeding is called (程序摘要); read the rest with `node(id: …)`.
#[Object]
impl ProceedingSummary {
    /// Id of the adjustment, admission, list version … (标识).
    async fn id(&self) -> async_graphql::ID {
        self.0.kind.public_id(self.0.id.0).into()
    }

    /// Kind (类别).
    async fn kind(&self) -> ProceedingKind {
        self.0.kind
    }

    /// Number people quote (编号).
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// Title (标题).
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Who proposed it (提出单位).
    async fn proposer(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.proposer).await
    }
}

/// An entry of a queue (待办).
#[derive(Clone)]
pub struct QueueEntry(Entry);

impl QueueEntry {
    /// The entry in the schema.
    #[must_use]
    pub fn of(entry: Entry) -> Self {
        Self(entry)
    }
}

crate::connection! {
    /// A queue (待办列表).
    QueueEntryConnection, QueueEntryEdge, QueueEntry
}

/// What an organisation has to do in a proceeding, with its clock (待办).
#[Object]
impl QueueEntry {
    /// Id (标识).
    async fn id(&self) -> QueueEntryId {
        self.0.id
    }

    /// The proceeding (所属程序).
    async fn proceeding(&self, context: &Context<'_>) -> Reply<ProceedingSummary> {
        let found = loader::one::<HeadById>(context, self.0.proceeding).await?;
        found.map(ProceedingSummary).ok_or_else(|| Fault::new("a queue entry without its proceeding").into())
    }

    /// The organisation that is waited for (责任单位).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.org).await
    }

    /// The act that is waited for (待办事项).
    async fn task(&self) -> Action {
        self.0.task
    }

    /// Since when (开始时间).
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// Its clock (期限); null if it has none.
    async fn deadline(&self) -> Option<Deadline> {
        self.0.deadline.is_some().then(|| Deadline(self.0.clone()))
    }

    /// Whether its time is over, or was when it was done (是否超期).
    async fn overdue(&self, context: &Context<'_>) -> bool {
        self.0.is_overdue(ctx(context).now())
    }

    /// When it was done (办结时间); null while it is open.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// How it ended: `DONE`, `SILENT`, `NOT_NEEDED` (办结方式).
    async fn outcome(&self) -> Option<&str> {
        self.0.outcome.as_deref()
    }
}

/// Acts that a role may do when its organisation is waited for.
pub(super) fn tasks_of(actor: &Actor) -> Vec<Action> {
    Action::ALL
        .iter()
        .copied()
        .filter(|action| grants(*action).iter().any(|(_, roles)| roles.contains(&actor.role)))
        .collect()
}

/// Questions about queues.
#[derive(Default)]
pub struct QueueQuery;

#[Object]
impl QueueQuery {
    /// What waits for me: my organisation's open tasks that my post may do, overdue ones first, then by due time
    /// (我的待办). A task stays here while it still needs something of others, as closing a consultation needs the
    /// opinions: `viewerActions` of the proceeding says what can be done now. `DRAFT_INCORPORATION` is done on the list
    /// that the approved request changes, with `draftIncorporation`.
    async fn queue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only what is overdue (仅超期)")] overdue: Option<bool>,
        #[graphql(desc = "Only these tasks (仅限事项)")] tasks: Option<Vec<Action>>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<QueueEntryConnection> {
        let ctx = ctx(context);
        let actor = ctx.actor()?;
        let mut mine = tasks_of(actor);
        if let Some(tasks) = tasks {
            mine.retain(|task| tasks.contains(task));
        }
        let overdue_at = overdue.unwrap_or(false).then(|| ctx.now());
        let select = store::select_queue(actor.province, actor.org, &mine, overdue_at);
        let page = store::queue_page(ctx.db().read(), select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(QueueEntryConnection::new(page.map(QueueEntry), Total::count(select)))
    }

    /// What waits for me, as a file of 1,000 entries at most; see `queue` (我的待办下载).
    async fn queue_file(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Format (文件格式)")] format: SheetFormat,
        #[graphql(desc = "Only what is overdue (仅超期)")] overdue: Option<bool>,
        #[graphql(desc = "Only these tasks (仅限事项)")] tasks: Option<Vec<Action>>,
    ) -> Reply<SpreadsheetFile> {
        let ctx = ctx(context);
        let actor = ctx.actor()?;
        let db = ctx.db().read();
        let mut mine = tasks_of(actor);
        if let Some(tasks) = tasks {
            mine.retain(|task| tasks.contains(task));
        }
        let overdue_at = overdue.unwrap_or(false).then(|| ctx.now());
        let select = store::select_queue(actor.province, actor.org, &mine, overdue_at);
        let (mut entries, mut after) = (Vec::new(), None);
        loop {
            let page = PageArgs { first: Some(100), after, ..PageArgs::default() };
            let page = store::queue_page(db, select.clone(), &page).await?;
            after = page.rows.last().map(|(cursor, _)| cursor.clone());
            entries.extend(page.rows.into_iter().map(|(_, entry)| entry));
            if !page.has_next || entries.len() >= 1_000 {
                break;
            }
        }
        let ids: Vec<ProceedingId> = entries.iter().map(|entry| entry.proceeding).collect();
        let heads = store::heads(db, &Scope::of(ctx), &ids).await?;
        let document = queue_table(&actor.org_name, &entries, &heads, ctx.moment());
        Ok(SpreadsheetFile::of(ctx.platform(), document, format).await?)
    }
}
