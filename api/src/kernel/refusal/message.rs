//! What a refusal says to people, in Chinese and in English.

use super::{InputProblem, Match, Named, Refusal, Route, Unresolved};
use crate::kernel::{
    clock::{china_date, last_day},
    ctx::Lang,
    issuers::Unproven,
    policy::Action,
    sheet::FileProblem,
    text::CharacterProblem,
};

impl Refusal {
    /// The sentence for people; programs use the code and the facts.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.chinese(),
            Lang::En => self.english(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::InvalidInput { path, problem } => format!("“{}”{}", path.0.join("."), problem_zh(problem)),
            Self::NotFound { .. } => "未找到，或您无权查看。".into(),
            Self::Forbidden { rule, .. } => rule.zh.into(),
            Self::StaleRevision { current } => format!("内容已被他人修改，当前修订号为 {current}，请刷新后重试。"),
            Self::WrongState { state, needed, .. } if needed.is_empty() => {
                format!("当前状态为“{}”，本单位在这一环节没有待办：已经办结，或无须本单位办理。", state.term)
            }
            Self::WrongState { state, needed, subject } => {
                let subject = subject.as_ref().map(|subject| format!("“{}”", subject.name)).unwrap_or_default();
                let needed: Vec<String> = needed.iter().map(|state| format!("“{}”", state.term)).collect();
                format!("{subject}当前状态为“{}”，仅在{}状态下可以操作。", state.term, needed.join("、"))
            }
            Self::IdempotencyConflict => "该幂等键已用于另一项操作。".into(),
            Self::ListNotInForce { township, as_of, .. } => {
                format!("{} 在 {} 没有生效的清单。", township.name, china_date(*as_of))
            }
            Self::ItemReclaimed { item, departments, method } => {
                format!("“{}”已由上级部门收回，承接部门：{}。{method}", item.name, names(departments, "、"))
            }
            Self::CitationStale { item } => format!("所引用的“{}”未在清单中生效。", item.name),
            Self::CitationForeign { .. } => "所引用的事项属于其他乡镇（街道）的清单。".into(),
            Self::RouteMismatch { correct, rule } => format!(
                "应走{}程序：{}",
                match correct {
                    Route::Adjustment => "动态调整",
                    Route::Admission => "职责准入",
                },
                rule.zh
            ),
            Self::StepSkipped { step, actor } => match actor {
                Some(actor) => format!("须先由{}完成“{}”环节。", actor.name, step_zh(step)),
                None => format!("须先完成“{}”环节。", step_zh(step)),
            },
            Self::SelfApproval { .. } => "不得审批本人或本单位提交的事项。".into(),
            Self::DecisionRecordMissing { missing } => {
                let term = |field: &&'static str| match *field {
                    "body" => "决定机构",
                    "documentNo" => "文号",
                    "meeting" => "会议名称",
                    "decidedOn" => "决定日期",
                    other => other,
                };
                format!("决定记录不完整，缺少：{}。", missing.iter().map(term).collect::<Vec<_>>().join("、"))
            }
            Self::ConsultationIncomplete { unheard, unanswered, until } => {
                let mut text = String::new();
                if !unheard.is_empty() {
                    text += &format!("尚未反馈意见：{}。", names(unheard, "、"));
                }
                if !unanswered.is_empty() {
                    text += &format!("反对意见尚未逐条答复：{}。", names(unanswered, "、"));
                }
                if let Some(until) = until {
                    text += &format!("征求意见期至 {} 24时；逾期未反馈记为“无意见”，不视为同意。", last_day(*until));
                }
                text
            }
            Self::WindowClosed { .. } => "当前不在办理窗口期内。".into(),
            Self::DeadlineInvalid { path, rule, .. } => format!("“{}”日期无效：{}", path.0.join("."), rule.zh),
            Self::SampleTooSmall => "有效样本不足，结果不予公布。".into(),
            Self::DuplicateMatter { matches } => format!("存在相同或高度相似的事项：{}。", matched(matches, "、")),
            Self::SignatureMissing { .. } => "加重负担的申请须由党委书记和乡镇长（主任）两人分别签署。".into(),
            Self::OfficeMissing { kind, authority } => {
                format!("{}未设置{}，无法进入下一环节。", authority.name, kind.term())
            }
            Self::CredentialsRefused { retry_after } => match retry_after {
                Some(seconds) => format!("用户名或密码不正确，或账号暂不可用，请 {seconds} 秒后再试。"),
                None => "用户名或密码不正确，或账号暂不可用。".into(),
            },
            Self::SignOnRefused { reason, retry_after } => match reason {
                Unproven::Invalid => "统一认证令牌无效。",
                Unproven::Issuer => "本省未登记该统一认证平台。",
                Unproven::Audience => "该统一认证令牌不是发给本系统的。",
                Unproven::Expired => "统一认证令牌已过期或尚未生效，请重新登录统一认证平台。",
                Unproven::Nonce => "统一认证令牌与本次登录不符，请重新登录统一认证平台。",
                Unproven::Used => "统一认证令牌已使用过，请重新登录统一认证平台。",
                Unproven::NoAccount => "已通过统一认证，但没有与之关联的可用账号，请联系管理员。",
                Unproven::Unavailable => "暂时无法向统一认证平台核验，请稍后再试。",
                Unproven::TooManyAttempts => {
                    let seconds = retry_after.unwrap_or(1);
                    return format!("您所在网络地址提交的无效统一认证令牌过多，请 {seconds} 秒后再试。");
                }
            }
            .into(),
            Self::WeakPassword { rule } => rule.zh.into(),
            Self::UnresolvedFindings { findings } => {
                let told = |one: &Unresolved| match &*one.about {
                    "" => one.kind.term.to_owned(),
                    about => format!("{}：{about}", one.kind.term),
                };
                format!("存在未处理的问题：{}。", findings.iter().map(told).collect::<Vec<_>>().join("；"))
            }
            Self::UnreadableFile { problem, at, .. } => {
                let at = at.as_deref().map(|at| format!("（{at}）")).unwrap_or_default();
                format!("文件无法读取{at}：{}", file_zh(*problem))
            }
            Self::SpreadsheetErrors { errors } => {
                format!("表格有 {errors} 处错误，未导入任何内容；请按报告逐处改正后再导入。")
            }
        }
    }

    fn english(&self) -> String {
        match self {
            Self::InvalidInput { path, problem } => format!("\"{}\" {}", path.0.join("."), problem_en(problem)),
            Self::NotFound { .. } => "Not found, or not visible to you.".into(),
            Self::Forbidden { rule, .. } => rule.en.into(),
            Self::StaleRevision { current } => {
                format!("Somebody changed it in the meantime; the current revision is {current}.")
            }
            Self::WrongState { state, needed, .. } if needed.is_empty() => {
                format!(
                    "The state is {}; nothing of this step is left for your organisation: it is done, or was not asked.",
                    state.code
                )
            }
            Self::WrongState { state, needed, subject } => {
                let subject = subject.as_ref().map(|subject| format!(" of \"{}\"", subject.name)).unwrap_or_default();
                let needed: Vec<&str> = needed.iter().map(|state| state.code).collect();
                format!("The state{subject} is {}; this is possible only in {}.", state.code, needed.join(", "))
            }
            Self::IdempotencyConflict => "The idempotency key was used for another command.".into(),
            Self::ListNotInForce { township, as_of, .. } => {
                format!("{} has no list in force on {}.", township.name, china_date(*as_of))
            }
            Self::ItemReclaimed { item, departments, method } => {
                format!("\"{}\" was reclaimed by {}. {method}", item.name, names(departments, ", "))
            }
            Self::CitationStale { item } => format!("The cited item \"{}\" is not in force.", item.name),
            Self::CitationForeign { .. } => "The cited item stands in another township's list.".into(),
            Self::RouteMismatch { correct, rule } => format!(
                "The right route is {}: {}",
                match correct {
                    Route::Adjustment => "dynamic adjustment",
                    Route::Admission => "duty admission",
                },
                rule.en
            ),
            Self::StepSkipped { step, actor } => match actor {
                Some(actor) => format!("{} must complete {step} first.", actor.name),
                None => format!("{step} must be completed first."),
            },
            Self::SelfApproval { .. } => "Nobody decides on what they or their organisation submitted.".into(),
            Self::DecisionRecordMissing { missing } => {
                format!("The decision record is incomplete: {} missing.", missing.join(", "))
            }
            Self::ConsultationIncomplete { unheard, unanswered, until } => {
                let mut text = String::new();
                if !unheard.is_empty() {
                    text += &format!("Not yet heard: {}. ", names(unheard, ", "));
                }
                if !unanswered.is_empty() {
                    text += &format!("Objections without an answer: {}. ", names(unanswered, ", "));
                }
                if let Some(until) = until {
                    text += &format!(
                        "The consultation runs until {}; silence is then recorded as no opinion, never as consent.",
                        last_day(*until)
                    );
                }
                text.trim_end().into()
            }
            Self::WindowClosed { .. } => "This is not possible at this time.".into(),
            Self::DeadlineInvalid { path, rule, .. } => {
                format!("\"{}\" is not an allowed date: {}", path.0.join("."), rule.en)
            }
            Self::SampleTooSmall => "Too few ballots; the result is not published.".into(),
            Self::DuplicateMatter { matches } => {
                format!("The same or a very similar matter exists: {}.", matched(matches, ", "))
            }
            Self::SignatureMissing { .. } => {
                "A request that makes the burden heavier needs the signatures of both heads, who are two persons."
                    .into()
            }
            Self::OfficeMissing { kind, authority } => {
                format!("{} has no organisation of kind {kind} for the next step.", authority.name)
            }
            Self::CredentialsRefused { retry_after } => match retry_after {
                Some(seconds) => format!(
                    "User name or password is wrong, or the account cannot be used now; try again in {seconds} seconds."
                ),
                None => "User name or password is wrong, or the account cannot be used now.".into(),
            },
            Self::SignOnRefused { reason, retry_after } => match reason {
                Unproven::Invalid => "The identity token is not good.",
                Unproven::Issuer => "The province has no such identity provider here.",
                Unproven::Audience => "The identity token was made for somebody else.",
                Unproven::Expired => {
                    "The identity token is too old, or not good yet: log in to the identity provider again."
                }
                Unproven::Nonce => {
                    "The identity token does not belong to this sign-on: log in to the identity provider again."
                }
                Unproven::Used => "The identity token has been used: log in to the identity provider again.",
                Unproven::NoAccount => {
                    "The identity provider knows you, and no account that can act is linked: ask an administrator."
                }
                Unproven::Unavailable => "The identity provider cannot be asked now; try again later.",
                Unproven::TooManyAttempts => {
                    let seconds = retry_after.unwrap_or(1);
                    return format!(
                        "Too many attempts with bad identity tokens from this address; try again in {seconds} seconds."
                    );
                }
            }
            .into(),
            Self::WeakPassword { rule } => rule.en.into(),
            Self::UnresolvedFindings { findings } => {
                let told = |one: &Unresolved| format!("{} {}", one.kind.code, one.about).trim_end().to_owned();
                format!("Unresolved findings: {}", findings.iter().map(told).collect::<Vec<_>>().join("; "))
            }
            Self::UnreadableFile { problem, at, .. } => {
                let at = at.as_deref().map(|at| format!(" ({at})")).unwrap_or_default();
                format!("The file cannot be read{at}: {}", file_en(*problem))
            }
            Self::SpreadsheetErrors { errors } => {
                format!(
                    "The spreadsheet has {errors} errors and nothing was imported; the report names each with its place."
                )
            }
        }
    }
}

fn file_zh(problem: FileProblem) -> &'static str {
    match problem {
        FileProblem::NotASpreadsheet => "不是电子表格，请使用 .xlsx 或 .csv 文件。",
        FileProblem::OldWorkbook => "是旧版工作簿，请另存为 .xlsx 文件。",
        FileProblem::Encrypted => "已加密，请取消密码后再上传。",
        FileProblem::Macros => "含有宏，请另存为不带宏的 .xlsx 文件。",
        FileProblem::Formula => "单元格中有公式，请改为直接填写的内容（可“选择性粘贴—数值”）。",
        FileProblem::ErrorValue => "单元格是错误值（如 #REF!），请改为应填的内容。",
        FileProblem::TooLarge => "超出可读取的大小：字节、工作表、行、列、单元格或字数过多。",
        FileProblem::Bomb => "解压后的内容过大；清单下方如有大量带格式的空行，或文件中有图片，请删除后再上传。",
        FileProblem::EmptyRows => "空行过多；请删除清单下方的空行（选中后“删除整行”）再上传。",
        FileProblem::Damaged => "文件已损坏或不符合格式。",
        FileProblem::Encoding => "文字编码无法识别，请使用 UTF-8、GB 18030 或带标记的 UTF-16。",
        FileProblem::Empty => "文件中没有内容。",
    }
}

fn file_en(problem: FileProblem) -> &'static str {
    match problem {
        FileProblem::NotASpreadsheet => "it is no spreadsheet; use an .xlsx or .csv file.",
        FileProblem::OldWorkbook => "it is a workbook of the old kind; save it as .xlsx.",
        FileProblem::Encrypted => "it is locked with a password; remove it first.",
        FileProblem::Macros => "it carries macros; save it as an .xlsx file without them.",
        FileProblem::Formula => "a cell has a formula; put the value itself there.",
        FileProblem::ErrorValue => "a cell holds an error such as #REF!; put there what belongs there.",
        FileProblem::TooLarge => "it has more bytes, sheets, rows, columns, cells or characters than are read.",
        FileProblem::Bomb => "it inflates to far too much; delete pictures, and empty rows with a look below the list.",
        FileProblem::EmptyRows => "it has far too many empty rows; delete the rows below the list.",
        FileProblem::Damaged => "it is broken, or not written by the rules of its format.",
        FileProblem::Encoding => "its encoding is not known; use UTF-8, GB 18030, or UTF-16 with its mark.",
        FileProblem::Empty => "nothing stands in it.",
    }
}

fn names(all: &[Named], separator: &str) -> String {
    all.iter().map(|named| named.name.as_str()).collect::<Vec<_>>().join(separator)
}

fn matched(all: &[Match], separator: &str) -> String {
    all.iter().map(|found| format!("{} ({}%)", found.subject.name, found.percent)).collect::<Vec<_>>().join(separator)
}

fn step_zh(step: &str) -> &str {
    let act = Action::ALL.iter().find(|act| act.code() == step);
    act.map_or(if step == "APPROVED_REQUEST" { "经批准的申请" } else { step }, |act| act.term())
}

/// The expectations of [`InputProblem::Malformed`] in Chinese; a test holds the table against the sources.
fn expected_zh(expected: &str) -> &str {
    EXPECTED.iter().find(|(en, _)| *en == expected).map_or(expected, |(_, zh)| zh)
}

const EXPECTED: &[(&str, &str)] = &[
    ("1–100 printable ASCII characters", "1至100个可见ASCII字符"),
    ("22–100 random printable ASCII characters", "22至100个随机的可见ASCII字符"),
    ("6 digits, 9 for a township", "6位数字，乡镇为9位"),
    ("AGREE, CONDITIONAL or OBJECT", "AGREE（同意）、CONDITIONAL（有条件同意）或 OBJECT（反对）"),
    ("a cursor of this list in this order", "本列表在本排序下给出的游标"),
    ("a cursor of a subscription", "订阅给出的游标"),
    ("a file part of a multipart request", "multipart 请求中的一个文件"),
    ("a title", "标题"),
    ("an id of this system", "本系统的标识"),
    ("https://host[:port], or http:// on an intranet", "https://主机[:端口]，内网可用 http://"),
    ("letters, digits or Chinese characters", "字母、数字或汉字"),
    ("letters, digits, . _ - @", "字母、数字和 . _ - @"),
    ("the code of a dimension", "评价维度的代码"),
    ("the name of a setting", "设置项的名称"),
    ("upper-case letters and _", "大写字母和下划线"),
];

fn problem_zh(problem: &InputProblem) -> String {
    match problem {
        InputProblem::Empty => "不能为空。".into(),
        InputProblem::TooLong { max, actual } => format!("过长：最多 {max} 个字符，实际 {actual} 个。"),
        InputProblem::ForbiddenCharacter { position, code, hint } => format!(
            "第 {position} 个字符（U+{code:04X}）不能使用：{}。",
            match hint {
                CharacterProblem::Control => "控制字符",
                CharacterProblem::Invisible => "不可见或双向控制字符",
                CharacterProblem::Emoji => "表情符号",
                CharacterProblem::FullWidth => "全角字母或数字，请改用半角",
                CharacterProblem::Unassigned => "私有区或未定义字符",
            }
        ),
        InputProblem::OutOfRange { min, max } => format!("须在 {min} 到 {max} 之间。"),
        InputProblem::TooMany { max } => format!("过多：最多 {max} 项。"),
        InputProblem::TooFew { min } => format!("过少：至少 {min} 项。"),
        InputProblem::Malformed { expected } => format!("格式不正确，应为：{}。", expected_zh(expected)),
        InputProblem::Duplicate => "重复，或已存在。".into(),
        InputProblem::Taken { by } => format!(
            "：已有“{}”，同一区划、层级和上级机构之下此类机构只能设一个；属于另一体制（如兵团、师）的，请填写其上级机构。",
            by.name
        ),
        InputProblem::Conflict { rule } => format!("：{}", rule.zh),
    }
}

fn problem_en(problem: &InputProblem) -> String {
    match problem {
        InputProblem::Empty => "must not be empty.".into(),
        InputProblem::TooLong { max, actual } => format!("is too long: at most {max} characters, got {actual}."),
        InputProblem::ForbiddenCharacter { position, code, hint } => format!(
            "cannot contain character {position} (U+{code:04X}): {}.",
            match hint {
                CharacterProblem::Control => "a control character",
                CharacterProblem::Invisible => "invisible, or changes the direction of writing",
                CharacterProblem::Emoji => "an emoji",
                CharacterProblem::FullWidth => "a full-width letter or digit; use the half-width form",
                CharacterProblem::Unassigned => "a private-use or unassigned character",
            }
        ),
        InputProblem::OutOfRange { min, max } => format!("must be between {min} and {max}."),
        InputProblem::TooMany { max } => format!("has too many entries: at most {max}."),
        InputProblem::TooFew { min } => format!("has too few entries: at least {min}."),
        InputProblem::Malformed { expected } => format!("is malformed; expected: {expected}."),
        InputProblem::Duplicate => "is a duplicate, or exists already.".into(),
        InputProblem::Taken { by } => format!(
            ": there is \"{}\" already, and one division has one of this kind per level and body above; name the body \
             above (parentId) of one that belongs to another system, as the Corps and its divisions do.",
            by.name
        ),
        InputProblem::Conflict { rule } => format!(": {}", rule.en),
    }
}
