//! Opinions: who was asked and what they said.

use chrono::{DateTime, Utc};

use crate::kernel::ids::{OpinionId, OrgUnitId, ProceedingId};

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
