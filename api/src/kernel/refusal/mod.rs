//! Expected "no"s. A refusal carries a code that never changes and the facts a client can act on; its message exists in
//! Chinese and English ([`message`]). In the schema each code that carries facts is a type of its own
//! (`kernel::graphql::user_error`).
//!
//! To add one: a variant here, its sentence in [`message`], its type in `user_error`. The compiler finds all three.

mod facts;
mod message;

use chrono::{DateTime, NaiveDate, Utc};

pub use facts::{InputProblem, Match, Named, Path, Route, Rule, Unresolved};

use super::{
    ids::{DutyItemId, OrgUnitId, VersionId},
    role::Role,
    sheet::FileProblem,
    value::Word,
};

/// An expected "no" with its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A value cannot be accepted.
    InvalidInput {
        /// Where.
        path: Path,
        /// Why.
        problem: InputProblem,
    },
    /// Nothing with this id that the caller may see.
    NotFound {
        /// Where the id stands in the input.
        path: Path,
    },
    /// Visible, but the act is not the caller's.
    Forbidden {
        /// Roles that may.
        roles: Vec<Role>,
        /// What else is missing.
        rule: Rule,
    },
    /// The caller's copy is out of date.
    StaleRevision {
        /// The current revision.
        current: i32,
    },
    /// Not in this state.
    WrongState {
        /// The state it is in.
        state: Word,
        /// States in which the act is possible; none if the state allows it and nothing is left for the caller to do.
        needed: Vec<Word>,
        /// What is in that state, if it is something else than what the act is on.
        subject: Option<Named>,
    },
    /// The key was used for another command.
    IdempotencyConflict,
    /// No published version at that time.
    ListNotInForce {
        /// The township.
        township: Named,
        /// The time asked for.
        as_of: DateTime<Utc>,
        /// The versions nearest in time, with the day each takes effect.
        nearest: Vec<(VersionId, DateTime<Utc>)>,
    },
    /// The item was taken back upward.
    ItemReclaimed {
        /// The item.
        item: Named,
        /// Who took it over.
        departments: Vec<Named>,
        /// How.
        method: String,
    },
    /// The cited item is not in force.
    CitationStale {
        /// The item.
        item: Named,
    },
    /// The cited item stands in another township's list.
    CitationForeign {
        /// The item.
        item: DutyItemId,
    },
    /// The other route is the right one.
    RouteMismatch {
        /// The right one.
        correct: Route,
        /// Why.
        rule: Rule,
    },
    /// A step has to come first.
    StepSkipped {
        /// The step.
        step: String,
        /// Who has to take it.
        actor: Option<Named>,
    },
    /// Nobody decides on what their own organisation or they themselves submitted.
    SelfApproval {
        /// The organisation.
        organisation: OrgUnitId,
    },
    /// A decision without its document.
    DecisionRecordMissing {
        /// What is missing from the record.
        missing: Vec<&'static str>,
    },
    /// Somebody has not been heard, or an objection has not been answered.
    ConsultationIncomplete {
        /// Who has not been heard.
        unheard: Vec<Named>,
        /// Whose objection has no answer.
        unanswered: Vec<Named>,
        /// When silence may be recorded as "no opinion".
        until: Option<DateTime<Utc>>,
    },
    /// Not at this time.
    WindowClosed {
        /// When it opens or opened.
        from: Option<DateTime<Utc>>,
        /// When it closes or closed.
        to: Option<DateTime<Utc>>,
    },
    /// A date that the rules do not allow.
    DeadlineInvalid {
        /// Where.
        path: Path,
        /// The earliest allowed day.
        earliest: Option<NaiveDate>,
        /// The latest allowed day.
        latest: Option<NaiveDate>,
        /// Why.
        rule: Rule,
    },
    /// Too few ballots; carries no numbers.
    SampleTooSmall,
    /// The same matter exists.
    DuplicateMatter {
        /// What it looks like.
        matches: Vec<Match>,
    },
    /// Both heads of the township must sign.
    SignatureMissing {
        /// Whose signature is missing.
        roles: Vec<Role>,
    },
    /// The authority has no office for the next step.
    OfficeMissing {
        /// Its kind.
        kind: super::place::OrgKind,
        /// The authority, or the division at whose level it is missing.
        authority: Named,
    },
    /// User name and password do not fit, or logging in is not possible now; the reason is not told.
    CredentialsRefused {
        /// When trying again makes sense, in seconds.
        retry_after: Option<u32>,
    },
    /// A token of an identity provider does not log in.
    SignOnRefused {
        /// Why.
        reason: super::issuers::Unproven,
        /// When trying again makes sense, in seconds, if it was tried too often.
        retry_after: Option<u32>,
    },
    /// The password is too weak.
    WeakPassword {
        /// The rule.
        rule: Rule,
    },
    /// A list version has findings that forbid the next step.
    UnresolvedFindings {
        /// The findings.
        findings: Vec<Unresolved>,
    },
    /// A file that is not read.
    UnreadableFile {
        /// Where it stands in the input.
        path: Path,
        /// Why.
        problem: FileProblem,
        /// At which place of the file.
        at: Option<String>,
    },
    /// A spreadsheet has errors, which its report tells one by one.
    SpreadsheetErrors {
        /// How many.
        errors: usize,
    },
}

impl Refusal {
    /// A value that cannot be accepted.
    pub fn invalid(path: impl Into<Path>, problem: InputProblem) -> Self {
        Self::InvalidInput { path: path.into(), problem }
    }

    /// A value that cannot stand together with another one.
    pub fn conflict(path: impl Into<Path>, zh: &'static str, en: &'static str) -> Self {
        Self::invalid(path, InputProblem::Conflict { rule: Rule { zh, en } })
    }

    /// Nothing there that the caller may see.
    pub fn not_found(path: impl Into<Path>) -> Self {
        Self::NotFound { path: path.into() }
    }

    /// Not the caller's to do.
    #[must_use]
    pub fn forbidden(zh: &'static str, en: &'static str) -> Self {
        Self::Forbidden { roles: Vec::new(), rule: Rule { zh, en } }
    }

    /// Not in this state.
    pub fn wrong_state<S: Into<Word> + Copy>(state: S, needed: &[S]) -> Self {
        Self::WrongState {
            state: state.into(),
            needed: needed.iter().map(|state| (*state).into()).collect(),
            subject: None,
        }
    }

    /// Where in the input the refused value stands; empty if the refusal concerns the whole act.
    #[must_use]
    pub fn path(&self) -> &[String] {
        match self {
            Self::InvalidInput { path, .. }
            | Self::NotFound { path }
            | Self::DeadlineInvalid { path, .. }
            | Self::UnreadableFile { path, .. } => &path.0,
            _ => &[],
        }
    }

    /// The code of the refusal; part of the contract.
    #[must_use]
    pub fn code(&self) -> RefusalCode {
        match self {
            Self::InvalidInput { .. } => RefusalCode::InvalidInput,
            Self::NotFound { .. } => RefusalCode::NotFound,
            Self::Forbidden { .. } => RefusalCode::Forbidden,
            Self::StaleRevision { .. } => RefusalCode::StaleRevision,
            Self::WrongState { .. } => RefusalCode::WrongState,
            Self::IdempotencyConflict => RefusalCode::IdempotencyConflict,
            Self::ListNotInForce { .. } => RefusalCode::ListNotInForce,
            Self::ItemReclaimed { .. } => RefusalCode::ItemReclaimed,
            Self::CitationStale { .. } => RefusalCode::CitationStale,
            Self::CitationForeign { .. } => RefusalCode::CitationForeign,
            Self::RouteMismatch { .. } => RefusalCode::RouteMismatch,
            Self::StepSkipped { .. } => RefusalCode::StepSkipped,
            Self::SelfApproval { .. } => RefusalCode::SelfApproval,
            Self::DecisionRecordMissing { .. } => RefusalCode::DecisionRecordMissing,
            Self::ConsultationIncomplete { .. } => RefusalCode::ConsultationIncomplete,
            Self::WindowClosed { .. } => RefusalCode::WindowClosed,
            Self::DeadlineInvalid { .. } => RefusalCode::DeadlineInvalid,
            Self::SampleTooSmall => RefusalCode::SampleTooSmall,
            Self::DuplicateMatter { .. } => RefusalCode::DuplicateMatter,
            Self::SignatureMissing { .. } => RefusalCode::SignatureMissing,
            Self::OfficeMissing { .. } => RefusalCode::OfficeMissing,
            Self::CredentialsRefused { .. } => RefusalCode::CredentialsRefused,
            Self::SignOnRefused { .. } => RefusalCode::SignOnRefused,
            Self::WeakPassword { .. } => RefusalCode::WeakPassword,
            Self::UnresolvedFindings { .. } => RefusalCode::UnresolvedFindings,
            Self::UnreadableFile { .. } => RefusalCode::UnreadableFile,
            Self::SpreadsheetErrors { .. } => RefusalCode::SpreadsheetErrors,
        }
    }
}

crate::api_enum! {
    /// Code of a refusal (拒绝代码). Codes never change their meaning; new ones may be added.
    pub enum RefusalCode {
        /// A value cannot be accepted (输入无效).
        InvalidInput,
        /// Nothing with this id that the caller may see (不存在或不可见).
        NotFound,
        /// Visible, but the act is not the caller's (无权操作).
        Forbidden,
        /// Somebody changed it in the meantime (版本已过期).
        StaleRevision,
        /// The act is not possible in the present state (状态不符).
        WrongState,
        /// The idempotency key was used for another command (幂等键冲突).
        IdempotencyConflict,
        /// No published version at that time (清单未生效).
        ListNotInForce,
        /// The item was taken back upward (事项已收回).
        ItemReclaimed,
        /// The cited item is not in force (引用已失效).
        CitationStale,
        /// The cited item stands in another township's list (引用他乡镇事项).
        CitationForeign,
        /// The other route is the right one (路径不符).
        RouteMismatch,
        /// A step has to come first (越过程序).
        StepSkipped,
        /// Nobody decides on what they or their organisation submitted (自批自审).
        SelfApproval,
        /// A decision without its document (缺少决定记录).
        DecisionRecordMissing,
        /// Somebody has not been heard, or an objection has no answer (征求意见未完成).
        ConsultationIncomplete,
        /// Not at this time (不在窗口期).
        WindowClosed,
        /// A date that the rules do not allow (期限无效).
        DeadlineInvalid,
        /// Too few ballots to publish (样本不足).
        SampleTooSmall,
        /// The same matter exists already (重复事项).
        DuplicateMatter,
        /// Both heads of the township must sign (缺少双签).
        SignatureMissing,
        /// The authority has no office for the next step (缺少承办机构).
        OfficeMissing,
        /// User name and password do not fit, or logging in is not possible now (登录被拒绝).
        CredentialsRefused,
        /// A token of an identity provider does not log in (统一认证登录被拒绝).
        SignOnRefused,
        /// The password is too weak (密码强度不足).
        WeakPassword,
        /// A list version has findings that forbid the next step (存在未处理问题).
        UnresolvedFindings,
        /// A file is none that can be read here, or carries what it should not (文件无法读取).
        UnreadableFile,
        /// A spreadsheet has errors; nothing of it was imported (表格有错误).
        SpreadsheetErrors,
    }
}
