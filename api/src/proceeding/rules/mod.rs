//! The shape of a procedure. Pure.

mod case;
mod decisions;
mod opinions;

pub use self::case::*;
pub use self::decisions::*;
pub use self::opinions::*;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::kernel::{
    deadline::Deadline,
    ids::{self, AccountId, OrgUnitId, ProceedingId, ProvinceId, QueueEntryId},
    policy::Action,
    value::Word,
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

/// The id that clients know a thing of this kind by, as evidence names the kind.
#[must_use]
pub fn subject_id(kind: &str, id: Uuid) -> Option<String> {
    Some(match kind {
        "Account" => ids::AccountId(id).to_string(),
        "Division" => ids::DivisionId(id).to_string(),
        "DutyDomain" => ids::DomainId(id).to_string(),
        "DutyItem" => ids::DutyItemId(id).to_string(),
        "InternalOffice" => ids::OfficeId(id).to_string(),
        "ItemTemplate" => ids::TemplateId(id).to_string(),
        "LawChange" => ids::LawChangeId(id).to_string(),
        "OrgUnit" => ids::OrgUnitId(id).to_string(),
        "Position" => ids::PositionId(id).to_string(),
        "Province" => ids::ProvinceId(id).to_string(),
        "WebhookEndpoint" => ids::WebhookEndpointId(id).to_string(),
        _ => ProceedingKind::ALL.iter().find(|known| known.type_name() == kind)?.public_id(id),
    })
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

impl Proceeding {
    /// Whether this person has drafted or submitted it; nobody passes what is their own work.
    #[must_use]
    pub fn is_by(&self, account: AccountId) -> bool {
        self.created_by == Some(account) || self.submitted_by == Some(account)
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
    type State: Copy + PartialEq + std::str::FromStr + Into<Word> + 'static;
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

    /// Whether the steps after it wait for an act, so that who wants to take one of them too early is sent there.
    #[must_use]
    fn holds_up(_: Action) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
