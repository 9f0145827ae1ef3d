//! Clocks, opinions, decision records, parties.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::queue::QueueEntry;
use crate::{
    kernel::{
        clock::china_date,
        ctx::Ctx,
        deadline::DeadlineBasis,
        fault::Outcome,
        graphql::{
            Date, Reply, ctx,
            loader::{self, Batch},
        },
        ids::{DecisionId, OpinionId, ProceedingId},
        policy::Action,
        scope::Scope,
    },
    proceeding::{
        rules::{self, Capacity, Case, DecisionOutcome, Entry, Stance},
        store,
    },
    territory::graphql::{OrgUnit, named_org, named_orgs},
};

/// Cases by id, inside the caller's scope.
pub struct CaseById;

impl Batch for CaseById {
    type Key = ProceedingId;
    type Value = Arc<Case>;

    async fn load(ctx: &Ctx, keys: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Self::Value>> {
        let found = store::cases(ctx.db().read(), &Scope::of(ctx), keys).await?;
        Ok(found.into_iter().map(|(id, case)| (id, Arc::new(case))).collect())
    }
}

struct OpinionsOf;

impl Batch for OpinionsOf {
    type Key = ProceedingId;
    type Value = Vec<rules::Opinion>;

    async fn load(ctx: &Ctx, keys: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Self::Value>> {
        store::opinions(ctx.db().read(), keys).await
    }
}

struct DecisionsOf;

impl Batch for DecisionsOf {
    type Key = ProceedingId;
    type Value = Vec<rules::Decision>;

    async fn load(ctx: &Ctx, keys: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Self::Value>> {
        store::decisions(ctx.db().read(), keys).await
    }
}

struct EntriesOf;

impl Batch for EntriesOf {
    type Key = ProceedingId;
    type Value = Vec<Entry>;

    async fn load(ctx: &Ctx, keys: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Self::Value>> {
        store::entries(ctx.db().read(), keys).await
    }
}

/// How far the consultation of a visible proceeding has come; `task` is the act by which opinions are given.
pub async fn hearing(context: &Context<'_>, case: &Case, task: Action) -> Reply<rules::Hearing> {
    let opinions = loader::one::<OpinionsOf>(context, case.head.id).await?.unwrap_or_default();
    Ok(rules::Hearing::of(case, &opinions, task))
}

/// Opinions of a visible proceeding.
pub async fn opinions(context: &Context<'_>, id: ProceedingId) -> Reply<Vec<Opinion>> {
    Ok(loader::one::<OpinionsOf>(context, id).await?.unwrap_or_default().into_iter().map(Opinion).collect())
}

/// Decisions of a visible proceeding.
pub async fn decisions(context: &Context<'_>, id: ProceedingId) -> Reply<Vec<DecisionRecord>> {
    Ok(loader::one::<DecisionsOf>(context, id).await?.unwrap_or_default().into_iter().map(DecisionRecord).collect())
}

/// Steps of a visible proceeding with their clocks.
pub async fn entries(context: &Context<'_>, id: ProceedingId) -> Reply<Vec<QueueEntry>> {
    Ok(loader::one::<EntriesOf>(context, id).await?.unwrap_or_default().into_iter().map(QueueEntry::of).collect())
}

/// An organisation that takes part in a proceeding (参与单位).
#[derive(SimpleObject)]
pub struct ProceedingParty {
    /// In what capacity (参与身份).
    capacity: Capacity,
    /// The organisation (单位).
    organisation: OrgUnit,
}

/// Parties of a case.
pub async fn parties(context: &Context<'_>, case: &Case) -> Reply<Vec<ProceedingParty>> {
    let orgs = named_orgs(context, case.parties.iter().map(|party| party.org).collect()).await?;
    Ok(std::iter::zip(&case.parties, orgs)
        .map(|(party, organisation)| ProceedingParty { capacity: party.capacity, organisation })
        .collect())
}

/// A pause of a clock (期限中止).
#[derive(SimpleObject)]
pub struct DeadlinePause {
    /// When the clock stopped (中止时间).
    from: DateTime<Utc>,
    /// When it went on (恢复时间); null while it stands.
    to: Option<DateTime<Utc>>,
}

/// A clock on a step (期限).
pub struct Deadline(pub(super) Entry);

/// A clock on a step (期限): recomputable from its parts.
#[Object]
impl Deadline {
    /// When it started (起算时间). The day of the event itself does not count.
    async fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.0.deadline.as_ref().map(|deadline| deadline.starts_at)
    }

    /// What it counts (计算方式).
    async fn basis(&self) -> Option<DeadlineBasis> {
        self.0.deadline.as_ref().map(|deadline| deadline.basis)
    }

    /// How many working days, or minutes (时长).
    async fn amount(&self) -> Option<i32> {
        self.0.deadline.as_ref().and_then(|deadline| i32::try_from(deadline.amount).ok())
    }

    /// When it ends (截止时间); null while it is paused.
    async fn due_at(&self) -> Option<DateTime<Utc>> {
        self.0.due_at
    }

    /// When it stood still (中止情况).
    async fn pauses(&self) -> Vec<DeadlinePause> {
        let pauses = self.0.deadline.as_ref().map(|deadline| deadline.pauses.clone()).unwrap_or_default();
        pauses.into_iter().map(|pause| DeadlinePause { from: pause.from, to: pause.to }).collect()
    }

    /// When it was noticed that time had run out (超期认定时间); null if it has not.
    async fn breached_at(&self) -> Option<DateTime<Utc>> {
        self.0.breached_at
    }

    /// The published holiday notices it was computed with, such as `2026.1`; `provisional` for a year without one (日历版本).
    async fn calendar_version(&self) -> Option<&str> {
        self.0.calendar_version.as_deref()
    }

    /// Working days left, today not counted; 0 on the last day and when overdue (剩余工作日).
    async fn working_days_left(&self, context: &Context<'_>) -> Option<i32> {
        let ctx = ctx(context);
        let due = self.0.due_at?;
        let last = china_date(due - chrono::TimeDelta::milliseconds(1));
        i32::try_from(ctx.calendar().working_days_between(china_date(ctx.now()), last)).ok()
    }
}

/// An opinion (意见).
pub struct Opinion(rules::Opinion);

/// What an organisation said when it was heard (意见).
#[Object]
impl Opinion {
    /// Id (标识).
    async fn id(&self) -> OpinionId {
        self.0.id
    }

    /// Who gave it (提出单位).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.org).await
    }

    /// The act by which it was given (环节).
    async fn stage(&self) -> Option<Action> {
        self.0.stage.parse().ok()
    }

    /// Which round of the step, counted from 0; a returned request starts another (轮次).
    async fn round(&self) -> i32 {
        self.0.round
    }

    /// What was said in one word (意见类型).
    async fn stance(&self) -> Stance {
        self.0.stance
    }

    /// What was said (意见内容).
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// What the organisation says of its capacity to do it (承接能力说明).
    async fn capacity(&self) -> Option<&str> {
        self.0.capacity.as_deref()
    }

    /// When (提出时间).
    async fn given_at(&self) -> DateTime<Utc> {
        self.0.given_at
    }

    /// How the proposer answered (答复).
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// When it was answered (答复时间).
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }
}

/// A recorded decision (决定记录).
pub struct DecisionRecord(rules::Decision);

/// A recorded decision with its document (决定记录).
#[Object]
impl DecisionRecord {
    /// Id (标识).
    async fn id(&self) -> DecisionId {
        self.0.id
    }

    /// The act that recorded it (环节).
    async fn stage(&self) -> Action {
        self.0.stage
    }

    /// How it went (结果).
    async fn outcome(&self) -> DecisionOutcome {
        self.0.outcome
    }

    /// The office that recorded it (登记单位).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.org).await
    }

    /// The body that decided (决定机构).
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// Number of the document (文号).
    async fn document_no(&self) -> &str {
        &self.0.document_no
    }

    /// The meeting, for a collective decision (会议).
    async fn meeting(&self) -> Option<&str> {
        self.0.meeting.as_deref()
    }

    /// The day (决定日期).
    async fn decided_on(&self) -> Date {
        Date(self.0.decided_on)
    }

    /// The reason (理由).
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// When it was recorded (登记时间).
    async fn entered_at(&self) -> DateTime<Utc> {
        self.0.entered_at
    }
}
