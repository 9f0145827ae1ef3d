//! The shape of a procedure. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::{
    ctx::Actor,
    deadline::Deadline,
    ids::{AccountId, DecisionId, OpinionId, OrgUnitId, ProceedingId, ProvinceId, QueueEntryId},
    policy::{self, Act, Action, Permit, Target},
    refusal::{InputProblem, Named, Refusal},
};

crate::api_enum! {
    /// Kind of a proceeding (程序类别).
    pub enum ProceedingKind {
        /// Dynamic adjustment (动态调整).
        Adjustment,
        /// Duty admission (职责准入).
        Admission,
        /// A version of a list on its way to publication (清单版本).
        ListVersion,
        /// What an authority has to do about a change of law (立改废释跟踪).
        LawWatch,
        /// Two-way evaluation (双向评价).
        Evaluation,
    }
}

impl ProceedingKind {
    /// The id of a proceeding of this kind as clients see it.
    #[must_use]
    pub fn public_id(self, id: Uuid) -> String {
        use crate::kernel::ids::{AdjustmentId, AdmissionId, LawWatchId, RoundId, VersionId};
        match self {
            Self::Adjustment => AdjustmentId(id).to_string(),
            Self::Admission => AdmissionId(id).to_string(),
            Self::ListVersion => VersionId(id).to_string(),
            Self::LawWatch => LawWatchId(id).to_string(),
            Self::Evaluation => RoundId(id).to_string(),
        }
    }

    /// What its numbers begin with.
    #[must_use]
    pub fn series(self) -> &'static str {
        match self {
            Self::Adjustment => "TZ",
            Self::Admission => "ZR",
            Self::ListVersion => "QD",
            Self::LawWatch => "LF",
            Self::Evaluation => "PJ",
        }
    }

    /// The name of the type in the schema, for evidence.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Adjustment => "Adjustment",
            Self::Admission => "Admission",
            Self::ListVersion => "ListVersion",
            Self::LawWatch => "LawWatch",
            Self::Evaluation => "EvaluationRound",
        }
    }
}

crate::api_enum! {
    /// In what capacity an organisation takes part in a proceeding (参与身份).
    pub enum Capacity {
        /// Establishment office of the list authority (清单主管编办).
        Establishment,
        /// General office that enters the authority's decisions (决定登记机构).
        Decision,
        /// Reviewer of legality (合法性审查机构).
        Legal,
        /// Reviewer of resources (资源审查机构).
        Finance,
        /// Reviewer between the list authority and the province (中间审核机构).
        Reviewer,
        /// Reviewer of the province (省级审定机构).
        Approver,
        /// Department asked for its opinion (会商部门).
        Consulted,
        /// Township concerned (所涉乡镇).
        Township,
        /// Organisation that is rated (被评单位).
        Rated,
        /// Organisation whose people rate others (参评单位).
        Rater,
    }
}

/// The head of a proceeding.
#[derive(Clone, Debug)]
pub struct Proceeding {
    /// Id.
    pub id: ProceedingId,
    /// Province.
    pub province: ProvinceId,
    /// Kind.
    pub kind: ProceedingKind,
    /// Number people quote.
    pub number: String,
    /// Title.
    pub title: String,
    /// State, a word of the kind's own enum.
    pub state: String,
    /// The decision body whose lists are concerned.
    pub authority: OrgUnitId,
    /// The territory concerned.
    pub path: String,
    /// Who proposed it.
    pub proposer: OrgUnitId,
    /// The person who created it.
    pub created_by: Option<AccountId>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was submitted last.
    pub submitted_at: Option<DateTime<Utc>>,
    /// The person who submitted it last.
    pub submitted_by: Option<AccountId>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// The next office of the review chain.
    pub chain_index: i32,
    /// How often it was returned.
    pub return_count: i32,
    /// Who approved it.
    pub approver: Option<OrgUnitId>,
    /// Revision.
    pub revision: i32,
}

/// A party of a proceeding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// The organisation.
    pub org: OrgUnitId,
    /// In what capacity.
    pub capacity: Capacity,
    /// Place in the review chain, for reviewers.
    pub ordinal: i32,
}

/// What an organisation has to do.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Id.
    pub id: QueueEntryId,
    /// The proceeding.
    pub proceeding: ProceedingId,
    /// The organisation.
    pub org: OrgUnitId,
    /// The act that is waited for.
    pub task: Action,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// Its clock, if it has one.
    pub deadline: Option<Deadline>,
    /// When the clock ends.
    pub due_at: Option<DateTime<Utc>>,
    /// By which calendar.
    pub calendar_version: Option<String>,
    /// When it was noticed that the clock had run out.
    pub breached_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub closed_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<String>,
}

impl Entry {
    /// Whether its time is over at `now`, or was when it was done.
    #[must_use]
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.due_at.is_some_and(|due| self.closed_at.unwrap_or(now) >= due)
    }
}

/// Somebody to wait for.
#[derive(Clone, Debug)]
pub struct Wait {
    /// The organisation.
    pub org: OrgUnitId,
    /// The act that is waited for.
    pub task: Action,
    /// The clock.
    pub deadline: Option<Deadline>,
}

/// A procedure: its states and who may do what in them.
pub trait Procedure {
    /// Its states, declared in the order in which they are passed.
    type State: Copy + PartialEq + std::str::FromStr + std::fmt::Display + 'static;
    /// Its kind.
    const KIND: ProceedingKind;
    /// All states in order.
    const STATES: &'static [Self::State];

    /// Acts that a state allows.
    fn possible(state: Self::State) -> &'static [Action];

    /// The party an act belongs to, if it belongs to one.
    fn capacity(action: Action) -> Option<Capacity>;

    /// Whether an act is only for an organisation that is waited for.
    fn needs_entry(action: Action) -> bool;
}

/// A proceeding with what decides who may do what.
#[derive(Clone, Debug)]
pub struct Case {
    /// The head.
    pub head: Proceeding,
    /// The parties.
    pub parties: Vec<Party>,
    /// What is waited for.
    pub open: Vec<Entry>,
}

impl Case {
    /// Its state.
    #[must_use]
    pub fn state<P: Procedure>(&self) -> Option<P::State> {
        self.head.state.parse().ok()
    }

    /// Organisations that take part in this capacity; of the reviewers the one whose turn it is.
    #[must_use]
    pub fn in_capacity(&self, capacity: Capacity) -> Vec<OrgUnitId> {
        self.parties
            .iter()
            .filter(|party| party.capacity == capacity)
            .filter(|party| capacity != Capacity::Reviewer || party.ordinal == self.head.chain_index)
            .map(|party| party.org)
            .collect()
    }

    fn named(&self) -> Vec<OrgUnitId> {
        self.parties
            .iter()
            .filter(|party| {
                matches!(
                    party.capacity,
                    Capacity::Consulted | Capacity::Township | Capacity::Rated | Capacity::Establishment
                )
            })
            .map(|party| party.org)
            .collect()
    }

    fn check_policy<P: Procedure>(&self, action: Action, actor: &Actor) -> Result<(), Refusal> {
        let responsible = P::capacity(action).map(|capacity| self.in_capacity(capacity)).unwrap_or_default();
        let named = self.named();
        policy::check(action, actor, &self.target(&responsible, &named))
    }

    fn target<'a>(&'a self, responsible: &'a [OrgUnitId], named: &'a [OrgUnitId]) -> Target<'a> {
        Target {
            id: self.head.id.0,
            province: self.head.province,
            path: &self.head.path,
            owner: Some(self.head.proposer),
            responsible,
            named,
        }
    }

    /// Whether the state allows the act, and if not, whether a step was skipped.
    fn check_state<P: Procedure>(
        &self,
        action: Action,
        actor: &Actor,
        names: &dyn Fn(OrgUnitId) -> Option<Named>,
    ) -> Result<(), Refusal> {
        let rank = |state: &P::State| P::STATES.iter().position(|known| known == state).unwrap_or(usize::MAX);
        let current = self.state::<P>();
        let here = current.as_ref().map_or(usize::MAX, rank);
        if !current.is_some_and(|state| P::possible(state).contains(&action)) {
            let needed: Vec<&P::State> =
                P::STATES.iter().filter(|state| P::possible(**state).contains(&action)).collect();
            if let Some(waited) = self.open.first()
                && !needed.is_empty()
                && needed.iter().all(|state| rank(state) > here)
            {
                return Err(Refusal::StepSkipped { step: waited.task.to_string(), actor: names(waited.org) });
            }
            return Err(Refusal::WrongState {
                state: self.head.state.clone(),
                needed: needed.into_iter().map(ToString::to_string).collect(),
            });
        }
        let waited = self.open.iter().any(|entry| entry.task == action && entry.org == actor.org);
        if P::needs_entry(action) && !waited {
            return Err(Refusal::WrongState { state: "DONE".into(), needed: vec![self.head.state.clone()] });
        }
        Ok(())
    }

    /// The one question: may this actor do this now?
    pub fn may<P: Procedure>(&self, action: Action, actor: &Actor) -> Result<(), Refusal> {
        self.check_policy::<P>(action, actor)?;
        self.check_state::<P>(action, actor, &|_| None)
    }

    /// The acts this actor can do now.
    #[must_use]
    pub fn viewer_actions<P: Procedure>(&self, actor: &Actor) -> Vec<Action> {
        let possible = self.state::<P>().map(P::possible).unwrap_or_default();
        possible.iter().copied().filter(|action| self.may::<P>(*action, actor).is_ok()).collect()
    }

    /// The permit to do `A` now; `names` tells who is waited for if a step was skipped.
    pub fn permit<P: Procedure, A: Act>(
        &self,
        actor: &Actor,
        names: &dyn Fn(OrgUnitId) -> Option<Named>,
    ) -> Result<Permit<A>, Refusal> {
        let responsible = P::capacity(A::ACTION).map(|capacity| self.in_capacity(capacity)).unwrap_or_default();
        let named = self.named();
        let permit = policy::permit::<A>(actor, &self.target(&responsible, &named))?;
        self.check_state::<P>(A::ACTION, actor, names)?;
        Ok(permit)
    }
}

// ---- opinions

crate::api_enum! {
    /// What an organisation says when it is heard (意见类型).
    pub enum Stance {
        /// Agrees (同意).
        Agree,
        /// Agrees on conditions (有条件同意).
        Conditional,
        /// Objects (反对); has to be answered.
        Object,
        /// Said nothing within the time; never counts as consent (逾期未反馈，记为无意见).
        NoOpinion,
    }
}

/// An opinion.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// Id.
    pub id: OpinionId,
    /// The proceeding.
    pub proceeding: ProceedingId,
    /// Who gave it.
    pub org: OrgUnitId,
    /// The step at which it was given: the task of the queue entry.
    pub stage: String,
    /// Which time the step was taken; a returned request starts again.
    pub round: i32,
    /// What was said in one word.
    pub stance: Stance,
    /// What was said.
    pub text: String,
    /// What the organisation says of its capacity to do it.
    pub capacity: Option<String>,
    /// When.
    pub given_at: DateTime<Utc>,
    /// How the proposer answered.
    pub answer: Option<String>,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
}

impl Opinion {
    /// Whether an answer is due: objections are answered one by one.
    #[must_use]
    pub fn wants_answer(&self) -> bool {
        self.stance == Stance::Object && self.answer.is_none()
    }
}

// ---- decisions

crate::api_enum! {
    /// How a decision went (决定结果).
    pub enum DecisionOutcome {
        /// Approved, or passed on with approval (同意).
        Approved,
        /// Refused; final (不同意).
        Rejected,
        /// Returned for correction (退回修改).
        Returned,
    }
}

/// A recorded decision.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Id.
    pub id: DecisionId,
    /// The proceeding.
    pub proceeding: ProceedingId,
    /// The act that recorded it.
    pub stage: Action,
    /// How it went.
    pub outcome: DecisionOutcome,
    /// The office that recorded it.
    pub org: OrgUnitId,
    /// The body that decided.
    pub body: String,
    /// Number of the document.
    pub document_no: String,
    /// The meeting, for a collective decision.
    pub meeting: Option<String>,
    /// The day.
    pub decided_on: NaiveDate,
    /// The reason.
    pub reason: Option<String>,
    /// When it was recorded.
    pub entered_at: DateTime<Utc>,
}

/// The record of a decision as given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DecisionFacts {
    /// The body that decided.
    pub body: Option<String>,
    /// Number of the document.
    pub document_no: Option<String>,
    /// The meeting.
    pub meeting: Option<String>,
    /// The day.
    pub decided_on: Option<NaiveDate>,
}

impl DecisionFacts {
    /// Whether the record is complete: a collective decision names body, document, meeting and day. The day is not in
    /// the future and not before the procedure began.
    pub fn complete(&self, collective: bool, began: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
        let blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        let mut missing = Vec::new();
        if blank(&self.body) {
            missing.push("body");
        }
        if blank(&self.document_no) {
            missing.push("documentNo");
        }
        if collective && blank(&self.meeting) {
            missing.push("meeting");
        }
        match self.decided_on {
            None => missing.push("decidedOn"),
            Some(day) if day > today || day < began => {
                return Err(Refusal::DeadlineInvalid {
                    path: "input.decision.decidedOn".into(),
                    earliest: Some(began),
                    latest: Some(today),
                    rule: crate::kernel::refusal::Rule {
                        zh: "决定日期不得晚于今日，也不得早于程序开始之日。",
                        en: "The day of a decision is not in the future and not before the procedure began.",
                    },
                });
            }
            Some(_) => {}
        }
        if missing.is_empty() { Ok(()) } else { Err(Refusal::DecisionRecordMissing { missing }) }
    }
}

/// A reason is mandatory for a refusal or a return.
pub fn reason_given(outcome: DecisionOutcome, reason: Option<&str>) -> Result<(), Refusal> {
    if outcome == DecisionOutcome::Approved || reason.is_some() {
        Ok(())
    } else {
        Err(Refusal::invalid("input.reason", InputProblem::Empty))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_without_its_document_says_what_is_missing() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (began, today) = (day("2026-03-01"), day("2026-03-10"));
        let facts = |document: &str, meeting: Option<&str>, on: Option<&str>| DecisionFacts {
            body: Some("县委常委会".into()),
            document_no: Some(document.into()),
            meeting: meeting.map(Into::into),
            decided_on: on.map(day),
        };
        assert_eq!(
            facts("澜委〔2026〕3号", Some("第5次常委会"), Some("2026-03-05")).complete(true, began, today),
            Ok(())
        );
        assert_eq!(
            facts(" ", None, None).complete(true, began, today),
            Err(Refusal::DecisionRecordMissing { missing: vec!["documentNo", "meeting", "decidedOn"] })
        );
        assert_eq!(facts("x", None, Some("2026-03-05")).complete(false, began, today), Ok(()));
        assert!(facts("x", Some("m"), Some("2026-03-11")).complete(true, began, today).is_err());
        assert!(facts("x", Some("m"), Some("2026-02-28")).complete(true, began, today).is_err());
    }
}
