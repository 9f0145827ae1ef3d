//! Refusals as data: an interface with the code, and a type per code that carries facts.

use async_graphql::{Interface, SimpleObject};
use chrono::{DateTime, Utc};

use super::Date;
use crate::kernel::{
    ctx::Lang,
    ids::{DutyItemId, OrgUnitId, VersionId},
    issuers::Unproven,
    place::OrgKind,
    refusal::{InputProblem, Match, Named, Refusal, RefusalCode, Route},
    role::Role,
    sheet::FileProblem,
    text::CharacterProblem,
};

/// Something a fact names (所指对象): its id, to be read with `node`, and its name.
#[derive(Clone, Debug, SimpleObject)]
pub struct FactReference {
    /// Id (标识).
    pub id: String,
    /// Name (名称).
    pub name: String,
}

impl From<Named> for FactReference {
    fn from(named: Named) -> Self {
        Self { id: named.id, name: named.name }
    }
}

fn references(all: Vec<Named>) -> Vec<FactReference> {
    all.into_iter().map(Into::into).collect()
}

/// Something that looks like what was proposed (相似对象).
#[derive(Clone, Debug, SimpleObject)]
pub struct SimilarMatter {
    /// What it is (对象).
    pub subject: FactReference,
    /// Likeness in per cent (相似度，百分比).
    pub percent: i32,
}

impl From<Match> for SimilarMatter {
    fn from(found: Match) -> Self {
        Self { subject: found.subject.into(), percent: found.percent.into() }
    }
}

/// A version near the time asked for (邻近版本).
#[derive(Clone, Debug, SimpleObject)]
pub struct NearbyVersion {
    /// The version (版本).
    pub version_id: VersionId,
    /// When it takes or took effect (生效时间).
    pub effective_from: DateTime<Utc>,
}

crate::api_enum! {
    /// What is wrong with a value (输入问题).
    pub enum InputProblemKind {
        /// Nothing where something is needed (为空).
        Empty,
        /// Too long (过长).
        TooLong,
        /// A character that cannot stand there (含不允许的字符).
        ForbiddenCharacter,
        /// A number outside its bounds (超出范围).
        OutOfRange,
        /// Too many entries (条目过多).
        TooMany,
        /// Too few entries (条目过少).
        TooFew,
        /// Not of the expected form (格式不符).
        Malformed,
        /// Named twice, or existing already (重复).
        Duplicate,
        /// Cannot stand together with another value (互相冲突).
        Conflict,
    }
}

macro_rules! user_errors {
    ($($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, SimpleObject)]
            pub struct $name {
                /// Code (代码); never changes its meaning.
                pub code: RefusalCode,
                /// Sentence for people, in the language asked for (说明).
                pub message: String,
                /// Where in the arguments the refused value stands, outermost first; empty if the whole act is refused (位置).
                pub path: Vec<String>,
                $($(#[$fmeta])* pub $field: $type,)*
            }
        )+

        /// Why an act was refused (拒绝原因). Branch on `code` or on the concrete type, which carries the facts.
        #[derive(Clone, Debug, Interface)]
        #[graphql(
            field(name = "code", ty = "&RefusalCode", desc = "Code (代码); never changes its meaning."),
            field(name = "message", ty = "&String", desc = "Sentence for people, in the language asked for (说明)."),
            field(name = "path", ty = "&Vec<String>", desc = "Where in the arguments the refused value stands, outermost first; empty if the whole act is refused (位置).")
        )]
        pub enum UserError {
            $($(#[$meta])* $name($name)),+
        }
    };
}

user_errors! {
    /// A refusal without further facts: `NOT_FOUND`, `IDEMPOTENCY_CONFLICT`, `SAMPLE_TOO_SMALL`, `WEAK_PASSWORD` (一般拒绝).
    PlainError {}

    /// A value cannot be accepted (输入无效).
    InvalidInputError {
        /// What is wrong (问题).
        problem: InputProblemKind,
        /// 1-based position of the character that cannot stand there (字符位置).
        position: Option<i32>,
        /// Code point of that character, such as `U+202E` (码位).
        character: Option<String>,
        /// Why that character cannot stand there (字符问题).
        character_problem: Option<CharacterProblem>,
        /// Smallest accepted number (最小值).
        minimum: Option<i32>,
        /// Largest accepted number or length (最大值).
        maximum: Option<i32>,
    }

    /// Visible, but the act is not the caller's (无权操作).
    ForbiddenError {
        /// Roles that may do it, in the right organisation (可操作角色).
        required_roles: Vec<Role>,
    }

    /// Somebody changed it in the meantime (版本已过期).
    StaleRevisionError {
        /// The current revision (当前修订号).
        current_revision: i32,
    }

    /// The act is not possible in the present state (状态不符).
    WrongStateError {
        /// The present state (当前状态).
        state: String,
        /// States in which the act is possible (可操作状态); empty if the state allows it and nothing is left for the caller
        /// to do.
        allowed_states: Vec<String>,
        /// What is in that state, if it is something else than what the act is on (所指对象).
        subject: Option<FactReference>,
    }

    /// No published version at that time (清单未生效).
    ListNotInForceError {
        /// The township (乡镇).
        township: FactReference,
        /// The time asked for (查询时点).
        as_of: DateTime<Utc>,
        /// The versions nearest in time (邻近版本).
        nearest_versions: Vec<NearbyVersion>,
    }

    /// The item was taken back upward (事项已收回).
    ItemReclaimedError {
        /// The item (事项).
        item: FactReference,
        /// Who took it over (承接部门).
        taking_over_departments: Vec<FactReference>,
        /// How (工作方式).
        method: String,
    }

    /// The cited item cannot be cited here: not in force, or another township's (引用无效).
    CitationError {
        /// The item (事项).
        item_id: Option<DutyItemId>,
        /// The item with its name, where it may be told (事项名称).
        item: Option<FactReference>,
    }

    /// The other route is the right one (路径不符).
    RouteMismatchError {
        /// The right route (正确路径).
        correct_route: Route,
        /// The rule that says so (规则).
        rule: String,
    }

    /// A step has to come first (越过程序).
    StepSkippedError {
        /// The step (环节).
        required_step: String,
        /// Who has to take it (责任单位).
        actor: Option<FactReference>,
    }

    /// Nobody decides on what they or their organisation submitted (自批自审).
    SelfApprovalError {
        /// The organisation that submitted (提交单位).
        organisation_id: OrgUnitId,
    }

    /// A decision without its document (缺少决定记录).
    DecisionRecordMissingError {
        /// What is missing: `body`, `documentNo`, `meeting`, `decidedOn` (缺少的内容).
        missing: Vec<String>,
    }

    /// Somebody has not been heard, or an objection has no answer (征求意见未完成).
    ConsultationIncompleteError {
        /// Who has not been heard (尚未反馈).
        unheard: Vec<FactReference>,
        /// Whose objection has no answer (尚未答复).
        unanswered: Vec<FactReference>,
        /// From when on silence may be recorded as "no opinion" (可按无意见处理的时间).
        until: Option<DateTime<Utc>>,
    }

    /// Not at this time (不在窗口期).
    WindowClosedError {
        /// When it opens or opened (开始时间).
        opens_at: Option<DateTime<Utc>>,
        /// When it closes or closed (截止时间).
        closes_at: Option<DateTime<Utc>>,
    }

    /// A date that the rules do not allow (期限无效).
    DeadlineInvalidError {
        /// The earliest allowed day (最早日期).
        earliest: Option<Date>,
        /// The latest allowed day (最晚日期).
        latest: Option<Date>,
    }

    /// The same matter exists already (重复事项).
    DuplicateMatterError {
        /// What it looks like (相似对象).
        matches: Vec<SimilarMatter>,
    }

    /// Both heads of the township must sign (缺少双签).
    SignatureMissingError {
        /// Whose signature is missing (尚未签署的角色).
        missing_roles: Vec<Role>,
    }

    /// The authority has no office for the next step (缺少承办机构).
    OfficeMissingError {
        /// Kind of the office (机构类别).
        kind: OrgKind,
        /// The authority, or the division at whose level it is missing (所在单位或区划).
        authority: FactReference,
    }

    /// User name and password do not fit, or logging in is not possible now (登录被拒绝).
    CredentialsRefusedError {
        /// Seconds after which trying again makes sense (建议等待秒数).
        retry_after_seconds: Option<i32>,
    }

    /// A token of an identity provider does not log in (统一认证登录被拒绝).
    SignOnRefusedError {
        /// Why (原因).
        reason: Unproven,
        /// Seconds after which trying again makes sense; only with `TOO_MANY_ATTEMPTS` (建议等待秒数).
        retry_after_seconds: Option<i32>,
    }

    /// A list version has findings that forbid the next step (存在未处理问题).
    UnresolvedFindingsError {
        /// The findings, each with its kind, as in `DUPLICATE: …` (问题).
        findings: Vec<String>,
    }

    /// A file is none that can be read here, or carries what it should not (文件无法读取).
    UnreadableFileError {
        /// What is wrong with it (问题).
        file_problem: FileProblem,
        /// The place in the file, such as `基本履职事项清单!C7`; null if it is the file as a whole (位置).
        at: Option<String>,
    }

    /// A spreadsheet has errors; nothing of it was imported (表格有错误). The report tells them one by one.
    SpreadsheetErrorsError {
        /// How many (错误数).
        errors: i32,
    }
}

impl UserError {
    /// The refusal as data, with its message in `lang`.
    #[must_use]
    pub fn new(refusal: Refusal, lang: Lang) -> Self {
        let code = refusal.code();
        let message = refusal.message(lang);
        let path = refusal.path().to_vec();
        macro_rules! error {
            ($name:ident { $($field:ident: $value:expr),* $(,)? }) => {
                Self::$name($name { code, message, path, $($field: $value),* })
            };
        }
        match refusal {
            Refusal::NotFound { .. }
            | Refusal::IdempotencyConflict
            | Refusal::SampleTooSmall
            | Refusal::WeakPassword { .. } => {
                error!(PlainError {})
            }
            Refusal::InvalidInput { problem, .. } => {
                let facts = InputFacts::of(&problem);
                error!(InvalidInputError {
                    problem: facts.kind,
                    position: facts.position,
                    character: facts.character,
                    character_problem: facts.character_problem,
                    minimum: facts.minimum,
                    maximum: facts.maximum,
                })
            }
            Refusal::Forbidden { roles, .. } => error!(ForbiddenError { required_roles: roles }),
            Refusal::StaleRevision { current } => error!(StaleRevisionError { current_revision: current }),
            Refusal::WrongState { state, needed, subject } => {
                error!(WrongStateError {
                    state: state.code.to_owned(),
                    allowed_states: needed.iter().map(|state| state.code.to_owned()).collect(),
                    subject: subject.map(Into::into),
                })
            }
            Refusal::ListNotInForce { township, as_of, nearest } => error!(ListNotInForceError {
                township: township.into(),
                as_of: as_of,
                nearest_versions: nearest
                    .into_iter()
                    .map(|(version_id, effective_from)| NearbyVersion { version_id, effective_from })
                    .collect(),
            }),
            Refusal::ItemReclaimed { item, departments, method } => error!(ItemReclaimedError {
                item: item.into(),
                taking_over_departments: references(departments),
                method: method,
            }),
            Refusal::CitationStale { item } => {
                error!(CitationError { item_id: item.id.parse().ok(), item: Some(item.into()) })
            }
            Refusal::CitationForeign { item } => error!(CitationError { item_id: Some(item), item: None }),
            Refusal::RouteMismatch { correct, rule } => error!(RouteMismatchError {
                correct_route: correct,
                rule: match lang {
                    Lang::Zh => rule.zh,
                    Lang::En => rule.en,
                }
                .to_owned(),
            }),
            Refusal::StepSkipped { step, actor } => {
                error!(StepSkippedError { required_step: step, actor: actor.map(Into::into) })
            }
            Refusal::SelfApproval { organisation } => error!(SelfApprovalError { organisation_id: organisation }),
            Refusal::DecisionRecordMissing { missing } => {
                error!(DecisionRecordMissingError { missing: missing.into_iter().map(str::to_owned).collect() })
            }
            Refusal::ConsultationIncomplete { unheard, unanswered, until } => error!(ConsultationIncompleteError {
                unheard: references(unheard),
                unanswered: references(unanswered),
                until: until,
            }),
            Refusal::WindowClosed { from, to } => error!(WindowClosedError { opens_at: from, closes_at: to }),
            Refusal::DeadlineInvalid { earliest, latest, .. } => {
                error!(DeadlineInvalidError { earliest: earliest.map(Date), latest: latest.map(Date) })
            }
            Refusal::DuplicateMatter { matches } => {
                error!(DuplicateMatterError { matches: matches.into_iter().map(Into::into).collect() })
            }
            Refusal::SignatureMissing { roles } => error!(SignatureMissingError { missing_roles: roles }),
            Refusal::OfficeMissing { kind, authority } => {
                error!(OfficeMissingError { kind: kind, authority: authority.into() })
            }
            Refusal::CredentialsRefused { retry_after } => error!(CredentialsRefusedError {
                retry_after_seconds: retry_after.and_then(|seconds| i32::try_from(seconds).ok()),
            }),
            Refusal::SignOnRefused { reason, retry_after } => error!(SignOnRefusedError {
                reason: reason,
                retry_after_seconds: retry_after.and_then(|seconds| i32::try_from(seconds).ok()),
            }),
            Refusal::UnreadableFile { problem, at, .. } => {
                error!(UnreadableFileError { file_problem: problem, at: at })
            }
            Refusal::SpreadsheetErrors { errors } => {
                error!(SpreadsheetErrorsError { errors: i32::try_from(errors).unwrap_or(i32::MAX) })
            }
            Refusal::UnresolvedFindings { findings } => error!(UnresolvedFindingsError {
                findings: findings
                    .iter()
                    .map(|one| match &*one.about {
                        "" => one.kind.code.to_owned(),
                        about => format!("{}: {about}", one.kind.code),
                    })
                    .collect(),
            }),
        }
    }
}

struct InputFacts {
    kind: InputProblemKind,
    position: Option<i32>,
    character: Option<String>,
    character_problem: Option<CharacterProblem>,
    minimum: Option<i32>,
    maximum: Option<i32>,
}

impl InputFacts {
    fn of(problem: &InputProblem) -> Self {
        let plain = |kind| Self {
            kind,
            position: None,
            character: None,
            character_problem: None,
            minimum: None,
            maximum: None,
        };
        let number = |value: usize| i32::try_from(value).ok();
        match problem {
            InputProblem::Empty => plain(InputProblemKind::Empty),
            InputProblem::TooLong { max, .. } => Self { maximum: number(*max), ..plain(InputProblemKind::TooLong) },
            InputProblem::ForbiddenCharacter { position, code, hint } => Self {
                position: number(*position),
                character: Some(format!("U+{code:04X}")),
                character_problem: Some(*hint),
                ..plain(InputProblemKind::ForbiddenCharacter)
            },
            InputProblem::OutOfRange { min, max } => Self {
                minimum: i32::try_from(*min).ok(),
                maximum: i32::try_from(*max).ok(),
                ..plain(InputProblemKind::OutOfRange)
            },
            InputProblem::TooMany { max } => Self { maximum: number(*max), ..plain(InputProblemKind::TooMany) },
            InputProblem::TooFew { min } => Self { minimum: number(*min), ..plain(InputProblemKind::TooFew) },
            InputProblem::Malformed { .. } => plain(InputProblemKind::Malformed),
            InputProblem::Duplicate => plain(InputProblemKind::Duplicate),
            InputProblem::Conflict { .. } | InputProblem::Taken { .. } => plain(InputProblemKind::Conflict),
        }
    }
}
