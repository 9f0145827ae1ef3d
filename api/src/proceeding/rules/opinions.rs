//! Opinions: who was asked and what they said.

use chrono::{DateTime, Utc};

use super::Case;
use crate::kernel::{
    ids::{OpinionId, OrgUnitId, ProceedingId},
    policy::Action,
    refusal::{Named, Refusal},
};

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

/// How far the present round of a consultation has come.
#[derive(Clone, Debug, Default)]
pub struct Hearing {
    /// Who has been asked and has not spoken.
    pub unheard: Vec<OrgUnitId>,
    /// Whose objection has no answer.
    pub unanswered: Vec<OrgUnitId>,
    /// When silence may be recorded: the clock of whoever is asked longest.
    pub until: Option<DateTime<Utc>>,
}

impl Hearing {
    /// As a case and its opinions tell; `task` is the act by which opinions are given.
    #[must_use]
    pub fn of(case: &Case, opinions: &[Opinion], task: Action) -> Self {
        let asked = || case.open.iter().filter(|entry| entry.task == task);
        Self {
            unheard: asked().map(|entry| entry.org).collect(),
            unanswered: opinions
                .iter()
                .filter(|opinion| opinion.round == case.head.return_count && opinion.stage == task.code())
                .filter(|opinion| opinion.wants_answer())
                .map(|opinion| opinion.org)
                .collect(),
            until: asked().filter_map(|entry| entry.due_at).max(),
        }
    }

    /// Whether there is an objection to answer.
    pub fn check_answer(&self) -> Result<(), Refusal> {
        if self.unanswered.is_empty() {
            return Err(Refusal::forbidden("没有待答复的反对意见。", "No objection waits for an answer."));
        }
        Ok(())
    }

    /// Whether the consultation may be closed at `now`: everybody was heard or had the full time, and every objection has
    /// its answer. `names` tells who is missing.
    pub fn check_close(&self, now: DateTime<Utc>, names: &dyn Fn(OrgUnitId) -> Option<Named>) -> Result<(), Refusal> {
        let too_early = self.until.is_some_and(|until| now < until);
        if (self.unheard.is_empty() || !too_early) && self.unanswered.is_empty() {
            return Ok(());
        }
        let named = |ids: &[OrgUnitId]| ids.iter().filter_map(|id| names(*id)).collect();
        // Who had the full time and kept silent does not stand in the way.
        let waited: &[OrgUnitId] = if too_early { &self.unheard } else { &[] };
        Err(Refusal::ConsultationIncomplete {
            unheard: named(waited),
            unanswered: named(&self.unanswered),
            until: self.until.filter(|_| !waited.is_empty()),
        })
    }
}
