//! Holding a file against the draft it is to go into: what its items are there, and whatever is odd with its place.

use std::collections::{HashMap, HashSet};

use super::{Parsed, Places, names};
use crate::{
    duty_list::{
        rules::{
            content::{Content, DutyCategory},
            findings::Counts,
            sheet::{
                Field, Finding, Place, SheetFindingKind, SheetSeverity, Told,
                across::{counts_up, known_already, numbering},
                items::{Entry, entry, refused},
                layout::RawItem,
                plain, sheet_name,
                title::Named,
            },
        },
        service::content::{Ground, ItemContent, ItemDepartment, LegalBasis, held_against},
        store::{self, items::Revision, lists::DutyList, versions::Version},
    },
    kernel::{
        clock::china_date,
        fault::Outcome,
        ids::{DomainId, DutyItemId},
        runner::Tx,
        text,
    },
    territory,
};

crate::api_enum! {
    /// What becomes of the items that a draft has already (导入方式).
    pub enum ImportMode {
        /// They stay, the file's are added; one that is in both is an error (追加).
        Append,
        /// The draft says what the file says: items of the same code, or the same name where the file has no codes, go on
        /// with the file's text, others are taken out (替换).
        Replace,
    }
}

/// Most findings that are told one by one.
const TOLD: usize = 500;

/// What was found when a file was held against its township.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The findings, in the order of the file, as far as they are told.
    pub findings: Vec<Finding>,
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// Items in the file.
    pub counts: Counts,
    /// Items that the draft has and the file does not, which go.
    pub removed: usize,
}

impl Report {
    fn of(mut findings: Vec<Finding>, raw: &[RawItem], removed: usize) -> Self {
        let order = |finding: &Finding| {
            let sheet = raw.iter().position(|item| item.sheet == finding.place.sheet).unwrap_or_default();
            (sheet, finding.place.row, finding.place.column)
        };
        findings.sort_by_key(order);
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        let warnings = findings.len() - errors;
        // Where not all can be told, errors come before what is only to be known.
        if findings.len() > TOLD && errors > 0 {
            findings.sort_by_key(|finding| !finding.is_error());
        }
        findings.truncate(TOLD);
        Self { findings, errors, warnings, counts: Counts::of(raw.iter().map(|item| item.category)), removed }
    }

    /// Findings that are only counted.
    #[must_use]
    pub fn untold(&self) -> usize {
        self.errors + self.warnings - self.findings.len()
    }
}

/// A list that may be imported as it is.
pub(super) struct Examined {
    /// Its items, as the draft will have them.
    pub(super) items: Vec<Ready>,
    /// Revisions of the draft that go, with their identities unless an item of the file goes on with them.
    pub(super) gone: Vec<(Revision, bool)>,
    pub(super) report: Report,
}

/// An item that may be imported as it is.
pub(super) struct Ready {
    pub(super) content: Content,
    pub(super) code: Option<String>,
    pub(super) ordinal: Option<i32>,
    /// The item of the draft whose text this is from now on.
    pub(super) known: Option<DutyItemId>,
}

/// Where a list belongs, and what its draft says so far.
pub(super) struct Draft<'a> {
    pub(super) list: &'a DutyList,
    pub(super) items: Vec<Revision>,
    /// Codes that items of earlier drafts bear.
    pub(super) taken: HashSet<String>,
}

impl<'a> Draft<'a> {
    /// A draft as it stands.
    pub(super) async fn of(tx: &Tx, list: &'a DutyList, version: &Version) -> Outcome<Self> {
        let contents = super::super::reading::contents(tx.db(), version).await?;
        let items: Vec<Revision> = contents.into_iter().map(|(revision, _)| revision).collect();
        let mut taken = store::items::codes(tx.db(), list.id).await?;
        for item in &items {
            taken.remove(&item.code);
        }
        Ok(Self { list, items, taken })
    }
}

/// Holds a file against the names of its township and the rules for items.
pub(super) async fn examine(tx: &Tx, parsed: &Parsed, draft: &Draft<'_>, mode: ImportMode) -> Outcome<Examined> {
    let raw = &parsed.layout.items;
    let names = names(tx.db(), draft.list.province, &draft.list.path).await?;
    let mut findings: Vec<Finding> = parsed.layout.findings.iter().chain(&parsed.repeated).cloned().collect();
    findings.extend(other_township(tx, parsed, draft.list).await?);
    if mode == ImportMode::Replace {
        emptied(&mut findings, &draft.items);
    }
    let entries: Vec<Entry> = raw.iter().map(|raw| entry(raw, &names, &mut findings)).collect();
    let standing = draft.items.iter().filter(|_| mode == ImportMode::Append);
    let behind: Vec<DutyCategory> = standing.map(|revision| revision.category).collect();
    findings.extend(numbering(raw, &entries, &behind));
    let inputs: Vec<ItemContent> = entries.iter().map(input).collect();
    let ground = Ground::of(tx, inputs.iter()).await?;
    let known = Known::of(&draft.items);
    let (mut items, mut used) = (Vec::new(), HashSet::new());
    for ((raw, entry), input) in raw.iter().zip(&entries).zip(&inputs) {
        let content = match held_against(&ground, input, "") {
            Ok(content) => Some(content),
            Err(refusals) => {
                let more: Vec<Finding> =
                    refusals.iter().filter_map(|refusal| refused(raw, refusal, &findings)).collect();
                findings.extend(without_false_gaps(more));
                None
            }
        };
        let mut code = entry.code.clone();
        if let Some(Err(refusal)) = code.as_deref().map(|code| text::line("code", code, 30)) {
            findings.extend(refused(raw, &refusal, &findings));
        }
        let same = known.find(entry);
        if let (ImportMode::Append, Some((same, field))) = (mode, same) {
            findings.push(known_already(raw, &same.code, field));
        }
        if code.as_ref().is_some_and(|code| draft.taken.contains(code)) {
            let told = Told::new(
                "此编码已用于以前的草案，导入时另行编码。",
                "An earlier draft used this code; the item gets another one.",
            );
            let taken =
                Finding::warning(SheetFindingKind::CodeTaken, raw.place(Field::Code), raw.text(Field::Code), told);
            findings.push(taken);
            code = None;
        }
        let known = same.map(|(same, _)| same.item).filter(|item| mode == ImportMode::Replace && used.insert(*item));
        items.extend(content.map(|content| Ready { content, code, ordinal: None, known }));
    }
    number(&mut items, &entries, &draft.items, mode);
    let gone: Vec<(Revision, bool)> = match mode {
        ImportMode::Append => Vec::new(),
        ImportMode::Replace => {
            draft.items.iter().map(|revision| (revision.clone(), !used.contains(&revision.item))).collect()
        }
    };
    let removed = gone.iter().filter(|(_, with_item)| *with_item).count();
    let report = Report::of(findings, raw, removed);
    Ok(Examined { items, gone, report })
}

/// What is refused about an item, without gaps where something stands that was refused itself: one fault is one error.
fn without_false_gaps(found: Vec<Finding>) -> Vec<Finding> {
    let is_gap = |finding: &Finding| finding.kind == SheetFindingKind::Missing;
    let filled: Vec<Place> =
        found.iter().filter(|finding| !is_gap(finding)).map(|finding| finding.place.clone()).collect();
    found.into_iter().filter(|finding| !is_gap(finding) || !filled.contains(&finding.place)).collect()
}

/// Says that a file seems to be another township's: a model list to be adapted, or the wrong file.
async fn other_township(tx: &Tx, parsed: &Parsed, list: &DutyList) -> Outcome<Option<Finding>> {
    let Some((county, _)) = list.path.rsplit_once('.') else { return Ok(None) };
    let today = china_date(tx.now());
    let townships = territory::store::townships_below(tx.db(), county, today).await?;
    let places = Places::of(tx.db(), townships, today).await?;
    let own = places.townships.iter().position(|township| township.id == list.township);
    // One that is no longer among them is known by its name.
    let is_own = |named: &Named| named.township.map_or(named.name == list.township_name, |index| Some(index) == own);
    let mut others: Vec<String> = Vec::new();
    for named in places.said(parsed).all().filter(|named| !is_own(named)) {
        if !others.contains(&named.name) {
            others.push(named.name.clone());
        }
    }
    if others.is_empty() {
        return Ok(None);
    }
    let others = others.join("、");
    let told = Told::new(
        format!("文件标题或文件名为“{others}”，将导入“{}”的草案，请确认没有选错文件。", list.township_name),
        format!("The file names {others}, and goes into the draft of {}: is it the right one?", list.township_name),
    );
    Ok(Some(Finding::warning(SheetFindingKind::OtherTownship, Place::default(), &others, told)))
}

/// A list that is not in the file would take all items of its category out of the draft: rather said by an empty sheet.
fn emptied(findings: &mut [Finding], items: &[Revision]) {
    for category in DutyCategory::ALL {
        let name = sheet_name(*category);
        let missing = findings.iter_mut().find(|one| one.kind == SheetFindingKind::ListMissing && one.value == name);
        let count = items.iter().filter(|item| item.category == *category).count();
        if let Some(finding) = missing.filter(|_| count > 0) {
            finding.severity = SheetSeverity::Error;
            finding.message = Told::new(
                format!("文件中没有{name}，而草案中有{count}项；如确要全部删去，请保留只有表头的空表。"),
                format!(
                    "The file has no {name}, and the draft has {count} of its items; keep an empty sheet with its headings to take them out."
                ),
            );
        }
    }
}

/// The items of a draft by what a file names them.
struct Known<'a> {
    by_code: HashMap<&'a str, &'a Revision>,
    by_name: HashMap<(DutyCategory, String), &'a Revision>,
}

impl<'a> Known<'a> {
    fn of(items: &'a [Revision]) -> Self {
        let by_code = items.iter().map(|item| (item.code.as_str(), item)).collect();
        let by_name = items.iter().map(|item| ((item.category, plain(&item.wording.name)), item)).collect();
        Self { by_code, by_name }
    }

    fn find(&self, entry: &Entry) -> Option<(&'a Revision, Field)> {
        match &entry.code {
            Some(code) => self.by_code.get(code.as_str()).map(|found| (*found, Field::Code)),
            None => self.by_name.get(&(entry.category, plain(&entry.name))).map(|found| (*found, Field::Name)),
        }
    }
}

/// Numbers as the file has them, where a category begins with the file and they go up; else in the order of the rows.
fn number(items: &mut [Ready], entries: &[Entry], before: &[Revision], mode: ImportMode) {
    for category in DutyCategory::ALL {
        let given: Vec<Option<i32>> =
            entries.iter().filter(|entry| entry.category == *category).map(|entry| entry.number).collect();
        let standing = before.iter().filter(|revision| revision.category == *category && mode == ImportMode::Append);
        let last = standing.map(|revision| revision.ordinal).max().unwrap_or_default();
        let keep = last == 0 && counts_up(&given);
        let mine = items.iter_mut().filter(|item| item.content.category == *category);
        for ((item, given), next) in mine.zip(given).zip(last + 1..) {
            item.ordinal = if keep { given } else { Some(next) };
        }
    }
}

fn input(entry: &Entry) -> ItemContent {
    let departments =
        entry.departments.iter().map(|(org_unit_id, role)| ItemDepartment { org_unit_id: *org_unit_id, role: *role });
    let bases = entry
        .bases
        .iter()
        .map(|basis| LegalBasis { instrument: basis.instrument.clone(), article: basis.article.clone() });
    ItemContent {
        category: entry.category,
        // An unknown class is refused at its own place.
        domain_id: entry.domain.unwrap_or(DomainId(uuid::Uuid::nil())),
        name: entry.name.clone(),
        superior_clauses: Some(entry.superior.clone()),
        township_clauses: Some(entry.township.clone()),
        departments: Some(departments.collect()),
        reclaim_method: entry.reclaim,
        method: entry.method.clone(),
        legal_bases: Some(bases.collect()),
        penalty_power: Some(entry.penalty),
        source: entry.source,
        tags: Some(entry.tags.clone()),
    }
}
