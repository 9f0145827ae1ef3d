//! Loading, moving on and recording proceedings, for the wings that have one; and what time does to them.

pub mod consultation;
pub mod queue_sheet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::proceeding::{
    rules::{
        Capacity, Case, Decision, DecisionFacts, DecisionOutcome, Opinion, Procedure, Proceeding, ProceedingKind,
        Stance, Wait,
    },
    store::{self, Closing, HeadChange},
};
use crate::{
    kernel::{
        audit::Event,
        clock::china_date,
        ctx::Ctx,
        fault::{Fault, Outcome, refuse},
        graphql::Date,
        ids::{DecisionId, OpinionId, OrgUnitId, ProceedingId, ProvinceId, QueueEntryId},
        policy::{Act, Action, Permit, act, by_system},
        refusal::{Named, Refusal},
        runner::{Tx, UseCase, run},
        scope::Scope,
        text,
    },
    territory,
};

crate::api_input! {
    /// The record of a decision (决定记录). A collective decision needs body, document number, meeting and day.
    part DecisionRecordFacts {
        /// The body that decided, such as 县委常委会 (决定机构).
        body: Option<String>,
        /// Number of the document (文号).
        document_no: Option<String>,
        /// The meeting, for a collective decision (会议名称).
        meeting: Option<String>,
        /// The day of the decision (决定日期).
        decided_on: Option<Date>,
    }
}

/// A visible case of one kind, or `NOT_FOUND`.
pub async fn load<P: Procedure>(tx: &Tx, id: impl Into<ProceedingId>, path: &str) -> Outcome<Case> {
    let id = id.into();
    store::hold(tx, id).await?;
    let found = store::cases(tx.db(), &Scope::of(tx.ctx()), &[id]).await?.remove(&id);
    match found {
        Some(case) if case.head.kind == P::KIND => Ok(case),
        _ => refuse(Refusal::not_found(path)),
    }
}

/// The permit to do `A` now: policy, then state, then the revision the caller has seen.
pub async fn permit<P: Procedure, A: Act>(tx: &Tx, case: &Case, expected_revision: Option<i32>) -> Outcome<Permit<A>> {
    let waited: Vec<OrgUnitId> = case.open.iter().map(|entry| entry.org).collect();
    let names = territory::store::orgs(tx.db(), &Scope::Everything, &waited).await?;
    let permit = case.permit::<P, A>(tx.actor()?, &|org| names.get(&org).map(territory::rules::OrgUnit::named))?;
    match expected_revision {
        Some(expected) if expected != case.head.revision => {
            refuse(Refusal::StaleRevision { current: case.head.revision })
        }
        _ => Ok(permit),
    }
}

/// How a proceeding moves on.
#[derive(Default)]
pub struct Move {
    /// New state.
    pub to: String,
    /// Whom to wait for now.
    pub wait: Vec<Wait>,
    /// Which open entries end.
    pub close: Closing,
    /// How they ended.
    pub outcome: &'static str,
    /// Parties that join.
    pub parties: Vec<(OrgUnitId, Capacity, i32)>,
    /// New title.
    pub title: Option<String>,
    /// Submitted now.
    pub submitted: bool,
    /// Ended now.
    pub ends: bool,
    /// Next office of the review chain.
    pub chain_index: Option<i32>,
    /// Returned once more.
    pub returned: bool,
    /// Approved by this organisation of this level, or no longer.
    pub approver: Option<Option<(OrgUnitId, i16)>>,
    /// New territory.
    pub path: Option<String>,
}

impl Move {
    /// To a state.
    pub fn to(state: impl ToString) -> Self {
        Self { to: state.to_string(), outcome: "DONE", ..Self::default() }
    }
}

/// What the evidence of a move says beside the states.
#[derive(Default)]
pub struct Note {
    /// The reason given.
    pub reason: Option<String>,
    /// Further facts.
    pub facts: Value,
    /// The organisation concerned.
    pub concerns: Option<OrgUnitId>,
}

impl Note {
    /// With a reason.
    #[must_use]
    pub fn because(reason: Option<&str>) -> Self {
        Self { reason: reason.map(str::to_owned), ..Self::default() }
    }

    /// With facts.
    #[must_use]
    pub fn facts(mut self, facts: Value) -> Self {
        self.facts = facts;
        self
    }
}

/// Moves a proceeding on: head, queue, parties and evidence together.
pub async fn advance<A: Act>(tx: &Tx, permit: &Permit<A>, head: &Proceeding, step: Move, note: Note) -> Outcome<()> {
    let submitted_by =
        if step.submitted { Some(tx.ctx().member().map_or(uuid::Uuid::nil(), |actor| actor.account.0)) } else { None };
    let change = HeadChange {
        state: &step.to,
        title: step.title.as_deref(),
        submitted_by: submitted_by.filter(|id| !id.is_nil()),
        closed: step.ends,
        chain_index: step.chain_index,
        returned: step.returned,
        approver: step.approver,
        path: step.path.as_deref(),
    };
    store::update_head(tx, permit, head.revision, change).await?;
    store::close_entries(tx, permit, step.close, step.outcome).await?;
    store::add_parties(tx, permit, head.province, &step.parties).await?;
    let calendar = tx.ctx().calendar();
    for wait in &step.wait {
        let deadline = wait.deadline.as_ref().map(|deadline| (deadline, deadline.due(&calendar)));
        store::open_entry(tx, permit, head.province, wait.org, wait.task, deadline).await?;
    }
    let mut after = json!({ "state": step.to });
    merge(&mut after, note.facts);
    let mut event = Event::new(
        A::ACTION,
        head.province,
        head.kind.type_name(),
        head.id.0,
        step.path.unwrap_or_else(|| head.path.clone()),
    )
    .of(head.id)
    .because(note.reason.as_deref())
    .change(json!({ "state": head.state }), after);
    event.concerns = note.concerns;
    tx.record(event);
    Ok(())
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// The head of a new proceeding, in its first state, with the next number of its series.
pub async fn open_head(
    tx: &Tx,
    id: ProceedingId,
    kind: ProceedingKind,
    province: ProvinceId,
    title: String,
    state: impl ToString,
    authority: &territory::rules::OrgUnit,
    path: String,
    proposer: OrgUnitId,
) -> Outcome<Proceeding> {
    use chrono::Datelike;
    let code = authority.path.rsplit('.').next().unwrap_or_default();
    let year = china_date(tx.now()).year();
    let number = store::next_number(tx, province, &format!("{}-{code}-{year}", kind.series())).await?;
    Ok(Proceeding {
        id,
        province,
        kind,
        number,
        title,
        state: state.to_string(),
        authority: authority.id,
        path,
        proposer,
        created_by: tx.ctx().member().map(|actor| actor.account),
        created_at: tx.now(),
        submitted_at: None,
        submitted_by: None,
        closed_at: None,
        chain_index: 0,
        return_count: 0,
        approver: None,
        revision: 1,
    })
}

/// The evidence of a new proceeding.
pub fn record_opening<A: Act>(tx: &Tx, _: &Permit<A>, head: &Proceeding, facts: Value) {
    let mut after = json!({ "state": head.state, "number": head.number, "title": head.title });
    merge(&mut after, facts);
    tx.record(
        Event::new(A::ACTION, head.province, head.kind.type_name(), head.id.0, head.path.clone())
            .of(head.id)
            .change(json!(null), after),
    );
}

/// Records a decision with its document.
pub async fn decide<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    case: &Case,
    outcome: DecisionOutcome,
    facts: &DecisionRecordFacts,
    reason: Option<&str>,
    collective: bool,
) -> Outcome<Value> {
    crate::proceeding::rules::reason_given(outcome, reason)?;
    let given = DecisionFacts {
        body: text::optional("input.decision.body", facts.body.as_deref(), text::LINE, text::line)?,
        document_no: text::optional("input.decision.documentNo", facts.document_no.as_deref(), text::LINE, text::line)?,
        meeting: text::optional("input.decision.meeting", facts.meeting.as_deref(), text::LINE, text::line)?,
        decided_on: facts.decided_on.map(|date| date.0),
    };
    let began = case.head.submitted_at.unwrap_or(case.head.created_at);
    given.complete(collective, china_date(began), china_date(tx.now()))?;
    let actor = tx.actor()?;
    let record = Decision {
        id: DecisionId::new(),
        proceeding: case.head.id,
        stage: A::ACTION,
        outcome,
        org: actor.org,
        body: given.body.clone().unwrap_or_default(),
        document_no: given.document_no.clone().unwrap_or_default(),
        meeting: given.meeting.clone(),
        decided_on: given.decided_on.unwrap_or_default(),
        reason: reason.map(str::to_owned),
        entered_at: tx.now(),
    };
    store::insert_decision(tx, permit, case.head.province, &record, actor.account.0).await?;
    Ok(json!({ "outcome": outcome, "decision": given }))
}

/// An opinion as given.
pub struct GivenOpinion<'a> {
    /// Who gives it.
    pub org: OrgUnitId,
    /// At which step.
    pub stage: Action,
    /// What is said in one word.
    pub stance: Stance,
    /// What is said.
    pub text: &'a str,
    /// What is said of capacity.
    pub capacity: Option<&'a str>,
}

/// Records an opinion and ends the entry that asked for it.
pub async fn give_opinion<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    head: &Proceeding,
    given: GivenOpinion<'_>,
) -> Outcome<OpinionId> {
    let opinion = Opinion {
        id: OpinionId::new(),
        proceeding: head.id,
        org: given.org,
        stage: given.stage.to_string(),
        round: head.return_count,
        stance: given.stance,
        text: given.text.to_owned(),
        capacity: given.capacity.map(str::to_owned),
        given_at: tx.now(),
        answer: None,
        answered_at: None,
    };
    store::insert_opinion(tx, permit, head.province, &opinion).await?;
    Ok(opinion.id)
}

/// Organisations by id as facts of a refusal, in their order.
pub async fn named(tx: &Tx, ids: &[OrgUnitId]) -> Outcome<Vec<Named>> {
    let found = territory::store::orgs(tx.db(), &Scope::Everything, ids).await?;
    Ok(ids.iter().filter_map(|id| found.get(id).map(territory::rules::OrgUnit::named)).collect())
}

// ---- what time does

#[derive(Serialize)]
struct Breach {
    entry: QueueEntryId,
    proceeding: ProceedingId,
    due_at: Option<DateTime<Utc>>,
}

impl UseCase for Breach {
    const NAME: &'static str = "breachDeadline";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        let permit = by_system::<act::BreachDeadline>(self.entry, "the time is over");
        let open = store::open_entries(tx.db(), &[self.proceeding]).await?.remove(&self.proceeding).unwrap_or_default();
        let entry = open.into_iter().find(|entry| entry.id == self.entry);
        let head = store::heads(tx.db(), &Scope::Everything, &[self.proceeding]).await?.remove(&self.proceeding);
        let head = head.ok_or_else(|| Fault::new("a queue entry without its proceeding"))?;
        let (Some(entry), true) = (entry, store::mark_breach(tx, &permit).await?) else {
            tx.unrecorded("done or marked by another node in the meantime");
            return Ok(());
        };
        let facts = json!({ "task": entry.task, "dueAt": self.due_at, "calendar": entry.calendar_version });
        tx.record(
            Event::new(Action::BreachDeadline, head.province, head.kind.type_name(), head.id.0, head.path)
                .of(head.id)
                .concerning(entry.org)
                .change(json!(null), facts),
        );
        Ok(())
    }
}

/// Marks what is overdue; answers how much was found.
pub async fn mark_breaches(ctx: &Ctx) -> Outcome<usize> {
    let found = store::unmarked_breaches(ctx.db().read(), ctx.now(), 500).await?;
    let count = found.len();
    for entry in found {
        run(ctx, &Breach { entry: entry.id, proceeding: entry.proceeding, due_at: entry.due_at }).await?;
    }
    Ok(count)
}
