//! Lists as spreadsheets: how townships have written them for years, and how they come out again. Pure.
//!
//! In: [`layout`] finds the three sheets and their columns by their names and cuts the rows into items; [`texts`] reads what
//! stands in a cell; [`names`] knows departments and classes by what people call them; [`items`] puts an item together;
//! [`title`] says whose list it is.
//! Whatever is odd becomes a [`Finding`] with its place; nothing stops at the first one.
//!
//! Out: [`page`] lays a list out as it is published, so that reading it back gives the same list.

pub mod across;
pub mod items;
pub mod layout;
pub mod names;
pub mod page;
pub mod texts;
pub mod title;

use super::content::DutyCategory;
use crate::kernel::{ctx::Lang, sheet::letters};

crate::api_enum! {
    /// How serious a finding about a spreadsheet is (问题等级).
    pub enum SheetSeverity {
        /// Nothing is imported until it is mended (错误).
        Error,
        /// Imported as the message says (提示).
        Warning,
    }
}

crate::api_enum! {
    /// Kind of a finding about a spreadsheet (表格问题类型).
    pub enum SheetFindingKind {
        /// None of the three lists is in the file (未找到清单).
        NoList,
        /// One of the three lists is not in the file (缺少一类清单).
        ListMissing,
        /// The title, or the file's name, names another township than the draft's (标题为其他乡镇).
        OtherTownship,
        /// A sheet, a column or a row is none of a list's and was left out (未识别，已略过).
        Ignored,
        /// Rows or columns that are hidden in the file; they are imported like the others (隐藏的行或列，照常导入).
        Hidden,
        /// A column that the list needs is not there (缺少必需的列).
        ColumnMissing,
        /// Two columns are for the same thing (列重复).
        ColumnTwice,
        /// Nothing stands where something is needed (必填内容为空).
        Missing,
        /// The text cannot be taken as it is: too long, or with characters that cannot stand there (内容不符合要求).
        Invalid,
        /// The category of an item has no place for this (该类事项不填此项).
        NotAllowed,
        /// No domain class of the province has this name (领域类别不存在).
        UnknownDomain,
        /// No organisation that can be responsible here has this name (部门不存在).
        UnknownDepartment,
        /// Several organisations are called so (部门名称有歧义).
        AmbiguousDepartment,
        /// A name was taken for an organisation's that it shortens (按简称识别的部门).
        ShortenedDepartment,
        /// Several departments, none marked as the lead: the first is taken for it (未标明牵头部门).
        LeadAssumed,
        /// A word that is none of those that may stand here (取值不在范围内).
        UnknownWord,
        /// The same item stands elsewhere in the file or the draft (事项重复).
        Duplicate,
        /// Another item reads much like it (事项相似).
        Similar,
        /// An ordinal that starts again, leaves a gap or is no number; the message says whether the numbers are kept or items
        /// are counted anew (序号不连续).
        Numbering,
        /// An item of an earlier draft has this code; the item gets another one (事项编码已被占用).
        CodeTaken,
        /// More items than one list takes (事项过多).
        TooMany,
    }
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Told {
    /// A sentence.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The sentence in a language.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// Where something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Name of the sheet.
    pub sheet: String,
    /// Row, from 1; none for the sheet as a whole.
    pub row: Option<u32>,
    /// Column, from 0; none for the row as a whole.
    pub column: Option<u16>,
    /// What is written above the column.
    pub heading: String,
}

impl Place {
    /// The letters of the column.
    #[must_use]
    pub fn letters(&self) -> Option<String> {
        self.column.map(letters)
    }
}

/// Something odd about a spreadsheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How serious.
    pub severity: SheetSeverity,
    /// What kind.
    pub kind: SheetFindingKind,
    /// Where.
    pub place: Place,
    /// What stands there, shortened.
    pub value: String,
    /// What is wrong, and what becomes of it.
    pub message: Told,
    /// What may have been meant.
    pub suggestions: Vec<String>,
}

impl Finding {
    fn new(severity: SheetSeverity, kind: SheetFindingKind, place: Place, value: &str, message: Told) -> Self {
        let value = if value.chars().nth(120).is_some() {
            value.chars().take(119).chain(['…']).collect()
        } else {
            value.to_owned()
        };
        Self { severity, kind, place, value, message, suggestions: Vec::new() }
    }

    /// Something that has to be mended first.
    #[must_use]
    pub fn error(kind: SheetFindingKind, place: Place, value: &str, message: Told) -> Self {
        Self::new(SheetSeverity::Error, kind, place, value, message)
    }

    /// Something to know.
    #[must_use]
    pub fn warning(kind: SheetFindingKind, place: Place, value: &str, message: Told) -> Self {
        Self::new(SheetSeverity::Warning, kind, place, value, message)
    }

    /// The same with what may have been meant.
    #[must_use]
    pub fn suggesting(self, suggestions: Vec<String>) -> Self {
        Self { suggestions, ..self }
    }

    /// Whether nothing is imported with it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == SheetSeverity::Error
    }
}

/// In the place of a number: the row goes on with the item above, whatever it says.
pub const GOES_ON: &str = "续";

/// Names of the three lists as they stand on sheets.
#[must_use]
pub fn sheet_name(category: DutyCategory) -> &'static str {
    match category {
        DutyCategory::Basic => "基本履职事项清单",
        DutyCategory::Cooperative => "配合履职事项清单",
        DutyCategory::Reclaimed => "上级部门收回事项清单",
    }
}

/// The category that a name tells.
#[must_use]
pub fn category_of(name: &str) -> Option<DutyCategory> {
    let name = plain(name);
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["收回", "reclaimed"]) {
        Some(DutyCategory::Reclaimed)
    } else if has(&["配合", "协助", "cooperative"]) {
        Some(DutyCategory::Cooperative)
    } else if has(&["基本", "主责", "basic"]) {
        Some(DutyCategory::Basic)
    } else {
        None
    }
}

/// A text for comparison: without white space and marks, full-width letters as half-width ones, lower case.
#[must_use]
pub fn plain(text: &str) -> String {
    let text = text.chars().map(texts::half_width);
    text.filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

crate::api_enum! {
    /// A column of a list (清单栏目).
    pub enum Field {
        /// Which of the three lists the item stands in (清单).
        List,
        /// Number in the list (序号).
        Ordinal,
        /// Domain class (类别).
        Domain,
        /// Name (事项名称).
        Name,
        /// Departments: superior, guiding or taking over (部门).
        Departments,
        /// Duties of the departments (上级部门职责).
        Superior,
        /// Duties of the township (乡镇职责).
        Township,
        /// How a reclaimed item is done now (工作方式).
        Method,
        /// What became of a reclaimed item (收回方式).
        Reclaim,
        /// Code (事项编码).
        Code,
        /// What it rests on (实施依据).
        Bases,
        /// Whether a delegated penalty power comes with it (行政处罚赋权).
        Penalty,
        /// Where it comes from (来源).
        Source,
        /// Words for sorting and finding (标签).
        Tags,
    }
}

/// Columns with what is written above them.
pub type Headings = &'static [(Field, &'static str)];

/// What is written above a column of a list: first the columns of published lists in their order, then ours.
#[must_use]
pub fn headings(category: DutyCategory) -> (Headings, Headings) {
    use Field as F;
    match category {
        DutyCategory::Basic => (
            &[(F::Ordinal, "序号"), (F::Domain, "类别"), (F::Name, "事项名称")],
            &[
                (F::Township, "乡镇（街道）职责"),
                (F::Departments, "指导部门"),
                (F::Bases, "实施依据"),
                (F::Penalty, "行政处罚赋权"),
                (F::Source, "来源"),
                (F::Tags, "标签"),
                (F::Code, "事项编码"),
            ],
        ),
        DutyCategory::Cooperative => (
            &[
                (F::Ordinal, "序号"),
                (F::Domain, "类别"),
                (F::Name, "事项名称"),
                (F::Departments, "对应上级部门"),
                (F::Superior, "上级部门职责"),
                (F::Township, "乡镇（街道）配合职责"),
            ],
            &[
                (F::Bases, "实施依据"),
                (F::Penalty, "行政处罚赋权"),
                (F::Source, "来源"),
                (F::Tags, "标签"),
                (F::Code, "事项编码"),
            ],
        ),
        DutyCategory::Reclaimed => (
            &[
                (F::Ordinal, "序号"),
                (F::Domain, "类别"),
                (F::Name, "事项名称"),
                (F::Departments, "承接部门"),
                (F::Method, "工作方式"),
            ],
            &[
                (F::Reclaim, "收回方式"),
                (F::Superior, "上级部门职责"),
                (F::Bases, "实施依据"),
                (F::Penalty, "行政处罚赋权"),
                (F::Source, "来源"),
                (F::Tags, "标签"),
                (F::Code, "事项编码"),
            ],
        ),
    }
}

/// Columns without which a list says too little.
#[must_use]
pub fn needed(category: DutyCategory) -> &'static [Field] {
    match category {
        DutyCategory::Basic => &[Field::Domain, Field::Name],
        DutyCategory::Cooperative => {
            &[Field::Domain, Field::Name, Field::Departments, Field::Superior, Field::Township]
        }
        DutyCategory::Reclaimed => &[Field::Domain, Field::Name, Field::Departments, Field::Method],
    }
}

/// The column that a heading is written above.
#[must_use]
pub fn field_of(heading: &str) -> Option<Field> {
    use Field as F;
    let heading = plain(heading);
    let exact = match heading.as_str() {
        "清单" | "清单类别" | "清单类型" | "清单名称" | "所属清单" => Some(F::List),
        "序号" | "编号" | "no" => Some(F::Ordinal),
        "类别" | "领域" | "领域类别" | "事项类别" | "类型" | "事项类型" | "类别领域" => {
            Some(F::Domain)
        }
        "事项名称"
        | "事项"
        | "名称"
        | "履职事项"
        | "职责事项"
        | "事项内容"
        | "履职事项名称"
        | "基本履职事项"
        | "配合履职事项"
        | "收回事项"
        | "上级部门收回事项"
        | "具体事项" => Some(F::Name),
        "上级部门职责" | "部门职责" | "上级部门职责分工" | "对应上级部门职责" => {
            Some(F::Superior)
        }
        "部门" | "牵头部门" | "责任部门" | "责任单位" | "上级部门" | "对应部门" | "指导部门" | "承接部门"
        | "承接单位" => Some(F::Departments),
        "乡镇职责" | "配合职责" | "街道职责" | "镇街职责" | "镇职责" => Some(F::Township),
        "工作方式" | "承接部门工作方式" | "承接方式" | "收回后工作方式" | "工作方式措施" => {
            Some(F::Method)
        }
        "收回方式" => Some(F::Reclaim),
        "事项编码" | "编码" | "代码" | "事项代码" => Some(F::Code),
        "实施依据" | "法律依据" | "设定依据" | "依据" | "法律法规依据" | "政策依据" => {
            Some(F::Bases)
        }
        "行政处罚赋权" | "是否含行政处罚赋权" | "行政处罚" | "赋权" | "是否赋权" => {
            Some(F::Penalty)
        }
        "来源" | "事项来源" => Some(F::Source),
        "标签" | "关键词" => Some(F::Tags),
        _ => None,
    };
    let has = |word: &str| heading.contains(word);
    exact.or_else(|| {
        if heading.chars().count() > 24 {
            None
        } else if has("职责") && (has("配合") || has("乡镇") || has("镇街") || has("街道")) && !has("事项")
        {
            Some(F::Township)
        } else if has("职责") && (has("部门") || has("上级")) {
            Some(F::Superior)
        } else if has("工作方式") || has("工作措施") {
            Some(F::Method)
        } else if has("部门") || has("承接单位") {
            Some(F::Departments)
        } else if has("事项名称") || has("事项清单") {
            Some(F::Name)
        } else {
            None
        }
    })
}
