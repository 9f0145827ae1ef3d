//! An item as it stands in a file, put together: what its cells say, by the names the province and its departments have.

use std::collections::HashMap;

use super::{
    Field, Finding, Place, SheetFindingKind as Kind, Told,
    layout::RawItem,
    names::{Meant, Names},
    plain, texts,
};
use crate::{
    duty_list::rules::content::{Basis, DepartmentRole, DutyCategory, ItemSource, ReclaimMethod},
    kernel::{
        ids::{DomainId, OrgUnitId},
        refusal::{InputProblem, Path, Refusal},
        similarity::Profile,
    },
};

/// An item read from a file, not yet held against what its category demands.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its category.
    pub category: DutyCategory,
    /// Domain class, if it is known.
    pub domain: Option<DomainId>,
    /// Name.
    pub name: String,
    /// Duties of the departments.
    pub superior: Vec<String>,
    /// Duties of the township.
    pub township: Vec<String>,
    /// Organisations named, as far as they are known.
    pub departments: Vec<(OrgUnitId, DepartmentRole)>,
    /// What became of a reclaimed item.
    pub reclaim: Option<ReclaimMethod>,
    /// How a reclaimed item is done now.
    pub method: Option<String>,
    /// What it rests on.
    pub bases: Vec<Basis>,
    /// Whether a delegated penalty power comes with it.
    pub penalty: bool,
    /// Where it comes from.
    pub source: Option<ItemSource>,
    /// Tags.
    pub tags: Vec<String>,
    /// Code.
    pub code: Option<String>,
    /// The number it bears in the file, if that is one.
    pub number: Option<i32>,
}

/// Reads one item; what is odd goes to `findings`.
#[must_use]
pub fn entry(raw: &RawItem, names: &Names, findings: &mut Vec<Finding>) -> Entry {
    let mut reader = Reader { raw, names, findings };
    let (departments, said_cancelled) = reader.departments();
    let filled = |field: Field| Some(raw.text(field).to_owned()).filter(|text| !text.is_empty());
    let method = filled(Field::Method);
    let reclaim = reader.reclaim(said_cancelled, departments.is_empty(), method.as_deref());
    Entry {
        category: raw.category,
        domain: reader.domain(),
        name: reader.name(),
        superior: texts::duties(raw.text(Field::Superior)),
        township: texts::duties(raw.text(Field::Township)),
        departments,
        reclaim,
        method,
        bases: texts::bases(raw.text(Field::Bases)),
        penalty: reader.penalty(),
        source: reader.source(),
        tags: texts::tags(raw.text(Field::Tags)),
        code: filled(Field::Code),
        number: raw.text(Field::Ordinal).trim_end_matches(['.', '、', '．']).parse().ok().filter(|number| *number > 0),
    }
}

struct Reader<'a> {
    raw: &'a RawItem,
    names: &'a Names,
    findings: &'a mut Vec<Finding>,
}

impl Reader<'_> {
    fn error(
        &mut self,
        kind: Kind,
        field: Field,
        zh: impl Into<String>,
        en: impl Into<String>,
        suggestions: Vec<String>,
    ) {
        if kind == Kind::Missing && told_missing(self.raw, field, self.findings) {
            return;
        }
        let (place, value) = (self.raw.place(field), self.raw.text(field));
        self.findings.push(Finding::error(kind, place, value, Told::new(zh, en)).suggesting(suggestions));
    }

    fn domain(&mut self) -> Option<DomainId> {
        let text = self.raw.text(Field::Domain);
        if text.is_empty() {
            self.error(Kind::Missing, Field::Domain, "须填写类别。", "The class is missing.", Vec::new());
            return None;
        }
        let known = self.names.domain(text);
        if known.is_none() {
            self.error(
                Kind::UnknownDomain,
                Field::Domain,
                format!("本省领域类别目录中没有“{text}”。"),
                format!("The province has no domain class \"{text}\"."),
                self.names.domains_like(text),
            );
        }
        known
    }

    /// The name in one line: a line break in a narrow column is no part of it.
    fn name(&mut self) -> String {
        let name: String = self.raw.text(Field::Name).lines().map(str::trim).collect();
        if name.is_empty() {
            self.error(Kind::Missing, Field::Name, "须填写事项名称。", "The name of the item is missing.", Vec::new());
        }
        name
    }

    fn departments(&mut self) -> (Vec<(OrgUnitId, DepartmentRole)>, bool) {
        let text = self.raw.text(Field::Departments);
        if self.raw.category == DutyCategory::Reclaimed && texts::says_cancelled(text) {
            return (Vec::new(), true);
        }
        let mentioned = texts::departments(text);
        if mentioned.is_empty() && self.raw.category == DutyCategory::Cooperative {
            self.error(
                Kind::Missing,
                Field::Departments,
                "须填写对应上级部门。",
                "The department is missing.",
                Vec::new(),
            );
        }
        let led = mentioned.iter().any(|one| one.role == Some(DepartmentRole::Lead));
        let mut found = Vec::new();
        for (index, one) in mentioned.iter().enumerate() {
            let role = match (self.raw.category, one.role) {
                (DutyCategory::Basic, _) => DepartmentRole::Guide,
                (DutyCategory::Reclaimed, _) => DepartmentRole::Takeover,
                (DutyCategory::Cooperative, Some(role)) => role,
                (DutyCategory::Cooperative, None) if index == 0 && !led => DepartmentRole::Lead,
                (DutyCategory::Cooperative, None) => DepartmentRole::CoLead,
            };
            found.extend(self.org(&one.name).map(|org| (org, role)));
        }
        if self.raw.category == DutyCategory::Cooperative && mentioned.len() > 1 && !led {
            let first = mentioned.first().map(|one| one.name.clone()).unwrap_or_default();
            let told = Told::new(
                format!("未标明牵头部门，以第一个“{first}”为牵头部门；可写作“{first}（牵头）”。"),
                format!("No department is marked as the lead; the first, {first}, is taken for it."),
            );
            self.findings.push(Finding::warning(Kind::LeadAssumed, self.raw.place(Field::Departments), text, told));
        }
        (found, false)
    }

    fn org(&mut self, name: &str) -> Option<OrgUnitId> {
        match self.names.org(name) {
            Meant::Named(id) => Some(id),
            Meant::Shortened(id, full) => {
                let told = Told::new(format!("“{name}”按“{full}”导入。"), format!("\"{name}\" is taken for {full}."));
                let place = self.raw.place(Field::Departments);
                let finding = Finding::warning(Kind::ShortenedDepartment, place, name, told);
                self.findings.push(finding.suggesting(vec![full]));
                Some(id)
            }
            Meant::Several(all) => {
                let told = Told::new(
                    format!("“{name}”可能指多个部门，请写全称。"),
                    format!("Several organisations are called \"{name}\"; write the full name."),
                );
                let finding = Finding::error(Kind::AmbiguousDepartment, self.raw.place(Field::Departments), name, told);
                self.findings.push(finding.suggesting(all));
                None
            }
            Meant::Nobody(alike) => {
                let told = Told::new(
                    format!("未找到部门“{name}”：该县及上级没有这一名称的在册部门。"),
                    format!("No department \"{name}\" is registered in the county or above it."),
                );
                let finding = Finding::error(Kind::UnknownDepartment, self.raw.place(Field::Departments), name, told);
                self.findings.push(finding.suggesting(alike));
                None
            }
        }
    }

    fn reclaim(&mut self, said_cancelled: bool, nobody: bool, method: Option<&str>) -> Option<ReclaimMethod> {
        let text = self.raw.text(Field::Reclaim);
        if !text.is_empty() {
            let names = |value: ReclaimMethod| [value.code(), value.term()];
            let found = texts::word(text, ReclaimMethod::ALL, names);
            if found.is_none() {
                self.unknown_word(Field::Reclaim, ReclaimMethod::ALL.iter().map(|value| value.term()));
            }
            return found;
        }
        if self.raw.category != DutyCategory::Reclaimed {
            return None;
        }
        let cancelled = said_cancelled || (nobody && method.is_some_and(|method| method.starts_with("取消")));
        Some(if cancelled { ReclaimMethod::Cancelled } else { ReclaimMethod::TakenOver })
    }

    fn penalty(&mut self) -> bool {
        let text = self.raw.text(Field::Penalty);
        if text.is_empty() {
            return false;
        }
        let found = texts::yes(text);
        if found.is_none() {
            self.unknown_word(Field::Penalty, ["是", "否"].into_iter());
        }
        found.unwrap_or_default()
    }

    fn source(&mut self) -> Option<ItemSource> {
        let text = self.raw.text(Field::Source);
        if text.is_empty() {
            return None;
        }
        let found = texts::word(text, ItemSource::ALL, |value| [value.code(), value.term()]);
        if found.is_none() {
            self.unknown_word(Field::Source, ItemSource::ALL.iter().map(|value| value.term()));
        }
        found
    }

    fn unknown_word(&mut self, field: Field, known: impl Iterator<Item = &'static str>) {
        let known: Vec<String> = known.map(str::to_owned).collect();
        let all = known.join("、");
        self.error(Kind::UnknownWord, field, format!("须为：{all}。"), format!("One of: {all}."), known);
    }
}

/// Whether it was said already that the whole column is missing.
fn told_missing(raw: &RawItem, field: Field, known: &[Finding]) -> bool {
    let term = super::layout::term(raw.category, field).unwrap_or(field.term());
    let missing = |finding: &Finding| {
        finding.kind == Kind::ColumnMissing && finding.place.sheet == raw.sheet && finding.value == term
    };
    known.iter().any(missing)
}

/// The column of what an input's path names.
#[must_use]
pub fn field_at(path: &[String]) -> Field {
    match path.first().map(String::as_str) {
        Some("superiorClauses") => Field::Superior,
        Some("townshipClauses") => Field::Township,
        Some("departments") => Field::Departments,
        Some("domainId") => Field::Domain,
        Some("legalBases") => Field::Bases,
        Some("tags") => Field::Tags,
        Some("method") => Field::Method,
        Some("reclaimMethod") => Field::Reclaim,
        Some("code") => Field::Code,
        Some("ordinal") => Field::Ordinal,
        _ => Field::Name,
    }
}

/// A refusal of what an item says, as a finding at its place. None where its column is reported already: an unknown
/// department is no department, and saying both helps nobody.
#[must_use]
pub fn refused(raw: &RawItem, refusal: &Refusal, known: &[Finding]) -> Option<Finding> {
    let field = field_at(refusal.path());
    let place = raw.place(field);
    let reported = known.iter().any(|finding| {
        finding.is_error()
            && finding.place.row == place.row
            && finding.place.sheet == place.sheet
            && finding.place.column == place.column
    });
    if reported || told_missing(raw, field, known) {
        return None;
    }
    let heading = if place.heading.is_empty() { field.term() } else { &place.heading };
    let (kind, named) = match refusal {
        Refusal::InvalidInput { problem, .. } => {
            let kind = match problem {
                InputProblem::Empty | InputProblem::TooFew { .. } => Kind::Missing,
                InputProblem::Conflict { .. } => Kind::NotAllowed,
                InputProblem::Duplicate | InputProblem::Taken { .. } => Kind::Duplicate,
                _ => Kind::Invalid,
            };
            let path = Path(vec![heading.to_owned()]);
            (kind, Refusal::InvalidInput { path, problem: problem.clone() })
        }
        other => (Kind::Invalid, other.clone()),
    };
    let told = Told::new(named.message(crate::kernel::ctx::Lang::Zh), named.message(crate::kernel::ctx::Lang::En));
    Some(Finding::error(kind, place, raw.text(field), told))
}

/// Ordinals that are no numbers, start again or leave gaps, each where it stands. Numbers that only leave gaps are kept;
/// others are counted anew, as are all that go on behind items of a draft, which `behind` names by their category.
#[must_use]
pub fn numbering(raw: &[RawItem], entries: &[Entry], behind: &[DutyCategory]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut last: HashMap<(&str, DutyCategory), i32> = HashMap::new();
    let kept = |category: DutyCategory| {
        let mine = entries.iter().filter(|entry| entry.category == category);
        counts_up(&mine.map(|entry| entry.number).collect::<Vec<_>>())
    };
    let kept: Vec<DutyCategory> =
        DutyCategory::ALL.iter().copied().filter(|category| !behind.contains(category) && kept(*category)).collect();
    for (raw, entry) in raw.iter().zip(entries) {
        let before = last.entry((&raw.sheet, raw.category)).or_default();
        let text = raw.text(Field::Ordinal);
        let expected = *before + 1;
        *before = entry.number.unwrap_or(expected);
        if text.is_empty() || entry.number == Some(expected) {
            continue;
        }
        let told = if kept.contains(&raw.category) {
            Told::new(
                format!("序号应为 {expected}；缺号不影响导入，序号照原样保留。"),
                format!("{expected} was expected here; a gap is no harm, the numbers are kept."),
            )
        } else {
            Told::new(
                format!("序号应为 {expected}；导入时按所在顺序重新编号。"),
                format!("{expected} was expected here; items are numbered anew in the order in which they stand."),
            )
        };
        found.push(Finding::warning(Kind::Numbering, raw.place(Field::Ordinal), text, told));
    }
    found
}

/// Whether numbers go up from item to item, so that they can be kept as they are.
#[must_use]
pub fn counts_up(numbers: &[Option<i32>]) -> bool {
    numbers.iter().all(|number| number.is_some_and(|number| (1..=9_999).contains(&number)))
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
}

/// Items that stand in a file twice, by name or code, and those that read much alike. `similar` in per cent.
#[must_use]
pub fn repeated(raw: &[RawItem], similar: u8) -> Vec<Finding> {
    let mut found = Vec::new();
    let names: Vec<String> = raw.iter().map(|item| plain(item.text(Field::Name))).collect();
    let (mut first_name, mut first_code) = (HashMap::new(), HashMap::new());
    let mut twice = vec![false; raw.len()];
    for (index, item) in raw.iter().enumerate() {
        if let Some(first) =
            names.get(index).filter(|name| !name.is_empty()).and_then(|name| seen(&mut first_name, name, index))
        {
            twice[index] = true;
            found.extend(raw.get(first).map(|other| duplicate(item, other, Field::Name)));
        }
        let code = item.text(Field::Code);
        if let Some(first) =
            Some(code).filter(|code| !code.is_empty()).and_then(|code| seen(&mut first_code, code, index))
        {
            found.extend(raw.get(first).map(|other| duplicate(item, other, Field::Code)));
        }
    }
    let profiles: Vec<Profile> = raw.iter().map(|item| Profile::of(item.text(Field::Name))).collect();
    for (right, item) in raw.iter().enumerate().filter(|(index, _)| !twice[*index]) {
        // The one most like it is enough to know.
        let alike = profiles.iter().take(right).enumerate().filter_map(|(left, profile)| {
            let (small, large) =
                (profile.size().min(profiles[right].size()), profile.size().max(profiles[right].size()));
            // Two texts of so different lengths cannot be that much alike.
            let possible = small > 0 && 200 * u64::from(small) >= u64::from(similar) * u64::from(small + large);
            possible.then(|| (profile.percent(&profiles[right]), left)).filter(|(percent, _)| *percent >= similar)
        });
        if let Some((percent, left)) = alike.max_by_key(|(percent, left)| (*percent, std::cmp::Reverse(*left)))
            && let Some(other) = raw.get(left)
        {
            let (at, name) = (whereabouts(other), other.text(Field::Name));
            let told = Told::new(
                format!("与{at}的“{name}”相似（{percent}%）：导入后须合并其一，或在联审时说明区别。"),
                format!(
                    "Much like \"{name}\" at {at} ({percent}%): one has to go, or the review has to say how they differ."
                ),
            );
            let finding = Finding::warning(Kind::Similar, item.place(Field::Name), item.text(Field::Name), told);
            found.push(finding.suggesting(vec![at]));
        }
    }
    found
}

fn seen<'a>(known: &mut HashMap<&'a str, usize>, key: &'a str, index: usize) -> Option<usize> {
    let first = known.get(key).copied();
    if first.is_none() {
        known.insert(key, index);
    }
    first
}

fn whereabouts(item: &RawItem) -> String {
    let place = item.place(Field::Name);
    let letters = place.letters().unwrap_or_default();
    if item.sheet.is_empty() {
        format!("{letters}{}", item.row)
    } else {
        format!("{}!{letters}{}", item.sheet, item.row)
    }
}

fn duplicate(item: &RawItem, other: &RawItem, field: Field) -> Finding {
    let at = whereabouts(other);
    let told = Told::new(format!("与{at}的事项重复。"), format!("The same as the item at {at}."));
    Finding::error(Kind::Duplicate, item.place(field), item.text(field), told).suggesting(vec![at])
}

/// The finding for an item that the draft has already.
#[must_use]
pub fn known_already(raw: &RawItem, code: &str, field: Field) -> Finding {
    let told = Told::new(
        format!("草案中已有此事项（{code}）；如要以文件为准，请选择替换方式导入。"),
        format!("The draft has this item already ({code}); import with REPLACE to let the file decide."),
    );
    Finding::error(Kind::Duplicate, raw.place(field), raw.text(field), told).suggesting(vec![code.to_owned()])
}

/// A place as people write it, for tables and logs.
#[must_use]
pub fn written_place(place: &Place) -> String {
    let cell = match (place.letters(), place.row) {
        (Some(letters), Some(row)) => format!("{letters}{row}"),
        (None, Some(row)) => row.to_string(),
        _ => String::new(),
    };
    match (place.sheet.is_empty(), cell.is_empty()) {
        (true, _) => cell,
        (false, true) => place.sheet.clone(),
        (false, false) => format!("{}!{cell}", place.sheet),
    }
}
