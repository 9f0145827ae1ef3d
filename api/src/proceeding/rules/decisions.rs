//! Decisions and the records they need.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::{
    ids::{DecisionId, OrgUnitId, ProceedingId},
    policy::Action,
    refusal::{InputProblem, Refusal},
};

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
