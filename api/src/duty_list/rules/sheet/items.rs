//! An item as it stands in a file, put together: what its cells say, by the names the province and its departments have.

use super::{
    Field, Finding, SheetFindingKind as Kind, Told,
    layout::RawItem,
    names::{Meant, Names},
    texts,
};
use crate::{
    duty_list::rules::content::{Basis, DEPARTMENTS, DepartmentRole, DutyCategory, ItemSource, ReclaimMethod},
    kernel::{
        ids::{DomainId, OrgUnitId},
        refusal::{InputProblem, Path, Refusal},
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
        let mut mentioned = texts::departments(text);
        if mentioned.is_empty() && self.raw.category == DutyCategory::Cooperative {
            self.error(
                Kind::Missing,
                Field::Departments,
                "须填写对应上级部门。",
                "The department is missing.",
                Vec::new(),
            );
        }
        if mentioned.len() > DEPARTMENTS {
            let (zh, en) = (
                format!("部门过多：最多 {DEPARTMENTS} 个。"),
                format!("There are too many departments: at most {DEPARTMENTS}."),
            );
            self.error(Kind::Invalid, Field::Departments, zh, en, Vec::new());
            mentioned.truncate(DEPARTMENTS);
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
