//! Questions that go on: what happens on a proceeding, what changes in my queue. A wing whose procedure is a proceeding has
//! both without a line of its own.
//!
//! Every answer has a `cursor`. Who comes back with the last one as `after` is told first what happened in the meantime.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_graphql::{Context, ID, SimpleObject, Subscription};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{self, BoxStream};

use super::{
    evidence::AuditEvent,
    queue::{QueueEntry, tasks_of},
};
use crate::{
    kernel::{
        ctx::{Actor, Ctx},
        fault::{Failure, Outcome, refuse},
        feed::Happening,
        graphql::{Reply, ctx},
        ids::{self, ProceedingId, QueueEntryId},
        policy::Action,
        refusal::{InputProblem, Refusal},
        scope::Scope,
    },
    proceeding::{
        rules::{Entry, ProceedingKind},
        store,
    },
};

crate::api_enum! {
    /// What changed about a task (待办变化类型).
    pub enum QueueChangeKind {
        /// It waits from now on (新增待办).
        Opened,
        /// Its last day has begun; told once per subscription, and again to who subscribes anew (即将到期).
        DueSoon,
        /// Its time is over (已超期).
        Breached,
        /// Its time was computed again by a new holiday notice (期限已重算).
        Moved,
        /// It is done, or no longer needed (已办结).
        Closed,
    }
}

/// A change of my queue (待办变化).
#[derive(SimpleObject)]
pub struct QueueChange {
    /// For `after` of a later subscription (续订游标).
    cursor: String,
    /// What changed (变化类型).
    kind: QueueChangeKind,
    /// When (时间).
    at: DateTime<Utc>,
    /// The task as it is now (待办).
    entry: QueueEntry,
}

/// Something that happened on a proceeding (程序动态).
#[derive(SimpleObject)]
pub struct ProceedingChange {
    /// For `after` of a later subscription (续订游标).
    cursor: String,
    /// What was done (留痕).
    event: AuditEvent,
}

/// How often it is looked whether a deadline is about to pass.
const LOOK: Duration = Duration::from_secs(15);
/// How long before its end a deadline is about to pass: deadlines end at 24:00 of their last day.
const SOON: TimeDelta = TimeDelta::hours(24);
/// Changes remembered so that none is told twice.
const REMEMBERED: usize = 1_000;

fn cursor(seq: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("live:{seq}"))
}

/// The number to go on from: that of the cursor, or of the last event that a browser says it has seen, else that of the
/// latest event.
async fn position(ctx: &Ctx, actor: &Actor, after: Option<&str>) -> Outcome<i64> {
    let head = ctx.platform().feed.head(ctx.db(), actor.province).await?;
    // Who reconnects by itself says the same `after` as the first time, and its last event beside it.
    let Some(after) = ctx.last_event().or(after) else { return Ok(head) };
    let bytes = URL_SAFE_NO_PAD.decode(after).unwrap_or_default();
    let known = std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_prefix("live:")?.parse().ok());
    match known.filter(|seq| (0..=head).contains(seq)) {
        Some(seq) => Ok(seq),
        None => refuse(Refusal::invalid("after", InputProblem::Malformed { expected: "a cursor of a subscription" })),
    }
}

/// The proceeding an event is about, on its timeline or beside it.
fn proceeding_of(event: &Happening) -> Option<ProceedingId> {
    let about = || ProceedingKind::ALL.iter().any(|kind| kind.type_name() == event.target_kind);
    event.proceeding_id.or_else(|| about().then_some(event.target_id)).map(Into::into)
}

/// Who follows a queue, and how far.
struct Queue {
    ctx: Ctx,
    actor: Arc<Actor>,
    tasks: Vec<Action>,
    seq: i64,
    pending: VecDeque<QueueChange>,
    told: HashSet<(QueueEntryId, QueueChangeKind, DateTime<Utc>)>,
}

impl Follower for Queue {
    type Change = QueueChange;

    async fn next(&mut self) -> Outcome<QueueChange> {
        loop {
            if let Some(change) = self.pending.pop_front() {
                return Ok(change);
            }
            let platform = Arc::clone(self.ctx.platform());
            let news = platform.feed.next(&platform.db, self.actor.province, self.seq);
            if let Ok(events) = tokio::time::timeout(LOOK, news).await {
                for event in events? {
                    self.heard(&event).await?;
                }
            }
            self.look_ahead().await?;
        }
    }
}

impl Queue {
    /// Tells a change. Who leaves off at it goes on after event number `known`.
    fn tell(&mut self, kind: QueueChangeKind, at: DateTime<Utc>, entry: Entry, known: i64) {
        if self.told.len() >= REMEMBERED {
            self.told.clear();
        }
        if self.told.insert((entry.id, kind, at)) {
            self.pending.push_back(QueueChange { cursor: cursor(known), kind, at, entry: QueueEntry::of(entry) });
        }
    }

    async fn heard(&mut self, event: &Happening) -> Outcome<()> {
        self.seq = event.seq;
        let Some(proceeding) = proceeding_of(event) else { return Ok(()) };
        self.ctx.reached(event.at);
        let entries = store::entries(self.ctx.db().read(), &[proceeding]).await?.remove(&proceeding);
        let mut changes = Vec::new();
        for entry in entries.unwrap_or_default() {
            if entry.org != self.actor.org || !self.tasks.contains(&entry.task) {
                continue;
            }
            let kind = if entry.opened_at == event.at {
                QueueChangeKind::Opened
            } else if entry.closed_at == Some(event.at) {
                QueueChangeKind::Closed
            } else if entry.breached_at == Some(event.at) {
                QueueChangeKind::Breached
            } else if event.act == Action::LoadCalendar.code() && entry.closed_at.is_none() {
                QueueChangeKind::Moved
            } else {
                continue;
            };
            changes.push((kind, entry));
        }
        // Whoever leaves off between two changes of one act is told both again rather than one never.
        let last = changes.len();
        for (index, (kind, entry)) in changes.into_iter().enumerate() {
            let known = if index + 1 == last { event.seq } else { event.seq - 1 };
            self.tell(kind, event.at, entry, known);
        }
        Ok(())
    }

    /// Tells what comes to its last day.
    async fn look_ahead(&mut self) -> Outcome<()> {
        let (now, actor) = (self.ctx.now(), Arc::clone(&self.actor));
        let soon = store::due_between(self.ctx.db().read(), actor.province, actor.org, &self.tasks, now, now + SOON);
        for entry in soon.await? {
            let Some(due) = entry.due_at else { continue };
            self.tell(QueueChangeKind::DueSoon, due - SOON, entry, self.seq);
        }
        Ok(())
    }
}

/// Who follows a proceeding, and how far.
struct Timeline {
    ctx: Ctx,
    actor: Arc<Actor>,
    proceeding: ProceedingId,
    seq: i64,
    pending: VecDeque<ProceedingChange>,
}

impl Follower for Timeline {
    type Change = ProceedingChange;

    async fn next(&mut self) -> Outcome<ProceedingChange> {
        loop {
            if let Some(change) = self.pending.pop_front() {
                return Ok(change);
            }
            let platform = Arc::clone(self.ctx.platform());
            let events = platform.feed.next(&platform.db, self.actor.province, self.seq).await?;
            self.seq = events.last().map_or(self.seq, |event| event.seq);
            let mine: Vec<_> = events.iter().filter(|event| event.proceeding_id == Some(self.proceeding.0)).collect();
            let Some(last) = mine.last() else { continue };
            self.ctx.reached(last.at);
            visible(&self.ctx, self.proceeding).await?;
            self.pending.extend(mine.into_iter().map(|event| ProceedingChange {
                cursor: cursor(event.seq),
                event: AuditEvent::of(Happening::clone(event)),
            }));
        }
    }
}

async fn visible(ctx: &Ctx, id: ProceedingId) -> Outcome<()> {
    let found = store::heads(ctx.db().read(), &Scope::of(ctx), &[id]).await?;
    if found.contains_key(&id) { Ok(()) } else { refuse(Refusal::not_found("id")) }
}

/// Questions about what happens from now on, over a WebSocket or server-sent events (实时订阅).
#[derive(Default)]
pub struct LiveSubscription;

/// Questions about what happens from now on, over a WebSocket or server-sent events (实时订阅).
#[Subscription]
impl LiveSubscription {
    /// What changes in my queue (我的待办变化): the tasks that `queue` shows, as they come, near their end, pass it and go.
    async fn queue_changes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Cursor of the last change that arrived; what came since is told first (续订游标)")]
        after: Option<String>,
    ) -> Result<BoxStream<'static, Reply<QueueChange>>, Failure> {
        let ctx = ctx(context).clone();
        let actor = Arc::clone(ctx.actor()?);
        let seq = position(&ctx, &actor, after.as_deref()).await?;
        let tasks = tasks_of(&actor);
        let mut queue = Queue { ctx, actor, tasks, seq, pending: VecDeque::new(), told: HashSet::new() };
        queue.look_ahead().await?;
        Ok(until_refused(queue))
    }

    /// What happens on a proceeding that I see (程序动态), as its timeline will show it.
    async fn proceeding_changes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The adjustment, admission, list version … (程序)")] id: ID,
        #[graphql(desc = "Cursor of the last change that arrived; what came since is told first (续订游标)")]
        after: Option<String>,
    ) -> Result<BoxStream<'static, Reply<ProceedingChange>>, Failure> {
        let ctx = ctx(context).clone();
        let actor = Arc::clone(ctx.actor()?);
        let Some((_, uuid)) = ids::parse(&id) else { return Err(Refusal::not_found("id").into()) };
        let proceeding = ProceedingId(uuid);
        visible(&ctx, proceeding).await?;
        let seq = position(&ctx, &actor, after.as_deref()).await?;
        let timeline = Timeline { ctx, actor, proceeding, seq, pending: VecDeque::new() };
        Ok(until_refused(timeline))
    }
}

/// Somebody who waits for changes.
trait Follower: Send + 'static {
    type Change: Send + 'static;

    /// The next change.
    fn next(&mut self) -> impl Future<Output = Outcome<Self::Change>> + Send;
}

/// The changes, up to the first refusal or fault, which is told.
fn until_refused<F: Follower>(follower: F) -> BoxStream<'static, Reply<F::Change>> {
    let changes = stream::unfold(Some(follower), async |follower| {
        let mut follower = follower?;
        match follower.next().await {
            Ok(change) => Some((Ok(change), Some(follower))),
            Err(failure) => Some((Err(failure), None)),
        }
    });
    Box::pin(changes)
}
