//! Lists, comparisons and obligations as documents. Who may see what they are made of is asked before.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::names;
use crate::{
    duty_list::{
        rules::{
            content::Content,
            diff::{ClauseSide, DiffKind, Difference},
            sheet::{
                names::Names,
                page::{Called, Heading, ListColumns, Listed, cell_of_item, one_table, sheets, template},
                sheet_name,
            },
        },
        service::reading::{self, Comparison},
        store::{
            self,
            items::Revision,
            lists::DutyList,
            obligations::{self, Obligation, ObligationOrder},
            versions::Version,
        },
    },
    kernel::{
        clock::china_date,
        fault::{Fault, Outcome, refuse},
        ids::{DivisionId, DomainId, DutyItemId, OrgUnitId},
        paging::PageArgs,
        refusal::{InputProblem, Refusal},
        scope::Scope,
        sheet::{Column, Document, SheetFormat, Table, Value, Width},
    },
    proceeding::rules::Decision,
    territory,
};

/// Most rows of a file of obligations.
const OBLIGATIONS: usize = 10_000;

/// How the things that a list names are called.
struct Dictionary {
    names: Names,
    orgs: HashMap<OrgUnitId, String>,
    domains: HashMap<DomainId, String>,
}

impl Called for Dictionary {
    fn org(&self, id: OrgUnitId) -> String {
        let known = self.names.written(id).map(str::to_owned);
        known.or_else(|| self.orgs.get(&id).cloned()).unwrap_or_default()
    }

    fn domain(&self, id: DomainId) -> String {
        self.domains.get(&id).cloned().unwrap_or_default()
    }
}

async fn org_names(db: &impl ConnectionTrait, mut ids: Vec<OrgUnitId>) -> Outcome<HashMap<OrgUnitId, String>> {
    ids.sort_unstable();
    ids.dedup();
    let found = territory::store::orgs(db, &Scope::Everything, &ids).await?;
    Ok(found.into_iter().map(|(id, org)| (id, org.name)).collect())
}

async fn domain_names(db: &impl ConnectionTrait, mut ids: Vec<DomainId>) -> Outcome<HashMap<DomainId, String>> {
    ids.sort_unstable();
    ids.dedup();
    let found = store::lists::domains(db, &Scope::Everything, &ids).await?;
    Ok(found.into_iter().map(|(id, domain)| (id, domain.name)).collect())
}

/// A township with what it belongs to, such as 澜溪县柳汀镇.
async fn full_name(db: &impl ConnectionTrait, township: DivisionId) -> Outcome<String> {
    let lineage = territory::store::lineages(db, &[township]).await?.remove(&township).unwrap_or_default();
    let mut lineage = lineage;
    lineage.sort_by_key(|division| division.path.len());
    let from = lineage.len().saturating_sub(2);
    Ok(lineage.iter().skip(from).map(|division| division.name.as_str()).collect())
}

fn day(at: DateTime<Utc>) -> String {
    china_date(at).format("%Y年%-m月%-d日").to_string()
}

/// A version of a list. `decisions` are those that the caller may see.
pub async fn list_version(
    db: &impl ConnectionTrait,
    version: &Version,
    decisions: &[Decision],
    format: SheetFormat,
    columns: Option<ListColumns>,
    now: DateTime<Utc>,
) -> Outcome<Document> {
    let list = store::lists::lists(db, &Scope::Everything, &[version.list]).await?.remove(&version.list);
    let list = list.ok_or_else(|| Fault::new("a version without its list"))?;
    let contents = reading::contents(db, version).await?;
    let orgs = contents.iter().flat_map(|(_, content)| content.departments.iter().map(|(org, _)| *org)).collect();
    let dictionary = Dictionary {
        names: names(db, list.province, &list.path).await?,
        orgs: org_names(db, orgs).await?,
        domains: domain_names(db, contents.iter().map(|(_, content)| content.domain).collect()).await?,
    };
    let heading = heading(db, &list, version, decisions, now).await?;
    let items: Vec<Listed<'_>> = contents
        .iter()
        .map(|(revision, content)| Listed { code: &revision.code, ordinal: revision.ordinal, content })
        .collect();
    // What is printed is published as lists are; what is opened in a program is to be read back.
    let columns = columns.unwrap_or(match format {
        SheetFormat::Html => ListColumns::Published,
        SheetFormat::Xlsx | SheetFormat::Csv => ListColumns::All,
    });
    let mut document = match format {
        SheetFormat::Csv => one_table(&heading, &items, &dictionary, columns),
        SheetFormat::Xlsx | SheetFormat::Html => sheets(&heading, &items, &dictionary, columns),
    };
    document.name = format!("{}（第{}版）", document.name, version.no);
    Ok(document)
}

/// From when to when a version is or was in force.
fn in_force(version: &Version) -> String {
    let from = version.period.effective_from.map_or_else(|| "尚未施行".into(), |from| format!("自{}起施行", day(from)));
    let to = version.period.effective_to.map(|to| format!("，{}失效", day(to))).unwrap_or_default();
    format!("第{}版：{from}{to}", version.no)
}

async fn heading(
    db: &impl ConnectionTrait,
    list: &DutyList,
    version: &Version,
    decisions: &[Decision],
    now: DateTime<Utc>,
) -> Outcome<Heading> {
    let mut line = format!("第{}版", version.no);
    match (version.period.effective_from, version.period.recorded_from) {
        (Some(from), published) => {
            line += &format!("，自{}起施行", day(from));
            line += &published.map(|published| format!("，{}公布", day(published))).unwrap_or_default();
            line += &version.period.effective_to.map(|to| format!("，{}失效", day(to))).unwrap_or_default();
        }
        (None, _) => line += "（尚未公布）",
    }
    let mut notes = vec![line];
    notes.extend(decisions.last().map(|decision| {
        let meeting = decision.meeting.as_deref().map(|meeting| format!("{meeting}，")).unwrap_or_default();
        let decided = decision.decided_on.format("%Y年%-m月%-d日");
        format!("审定：{}（{meeting}{decided}，{}）", decision.body, decision.document_no)
    }));
    Ok(Heading { township: full_name(db, list.township).await?, notes, created: now })
}

/// An empty list of a township to fill in.
pub async fn list_template(
    db: &impl ConnectionTrait,
    place: &territory::rules::Division,
    province: crate::kernel::ids::ProvinceId,
    now: DateTime<Utc>,
) -> Outcome<Document> {
    let names = names(db, province, &place.path).await?;
    let notes = vec!["填写前请先看“填写说明”工作表；可填写的类别和部门见“名录”。".to_owned()];
    let heading = Heading { township: full_name(db, place.id).await?, notes, created: now };
    Ok(template(&heading, &names))
}

/// What changed from one version of a list to another.
pub async fn comparison(
    db: &impl ConnectionTrait,
    left: &Version,
    right: &Version,
    found: &Comparison,
    now: DateTime<Utc>,
) -> Outcome<Document> {
    let list = store::lists::lists(db, &Scope::Everything, &[right.list]).await?.remove(&right.list);
    let list = list.ok_or_else(|| Fault::new("a version without its list"))?;
    let township = full_name(db, list.township).await?;
    // A name alone says little about an item that is on one side only.
    let whole =
        |row: &Difference| matches!(row.kind, DiffKind::Added | DiffKind::Removed | DiffKind::Split | DiffKind::Merged);
    let (before, after) = if found.rows.iter().any(whole) {
        (reading::contents(db, left).await?, reading::contents(db, right).await?)
    } else {
        (Vec::new(), Vec::new())
    };
    let said = before.iter().chain(&after).map(|(_, content)| content);
    let orgs = said.flat_map(|content| content.departments.iter().map(|(org, _)| *org)).collect();
    let dictionary = Dictionary {
        names: names(db, list.province, &list.path).await?,
        orgs: org_names(db, orgs).await?,
        domains: HashMap::new(),
    };
    let texts = |contents: &[(Revision, Content)]| -> HashMap<DutyItemId, String> {
        contents.iter().map(|(revision, content)| (revision.item, cell_of_item(content, &dictionary))).collect()
    };
    let (before, after) = (texts(&before), texts(&after));
    let columns = [
        ("差异", Width::Medium),
        ("负担变化", Width::Narrow),
        ("清单", Width::Medium),
        ("事项编码", Width::Medium),
        ("原事项名称", Width::Wide),
        ("现事项名称", Width::Wide),
        ("条款归属", Width::Medium),
        ("原文", Width::Wide),
        ("现文", Width::Wide),
    ];
    let rows = found.rows.iter().map(|row| {
        let old = row.old.and_then(|item| found.left.get(&item));
        let new = row.new.and_then(|item| found.right.get(&item));
        let text = |text: Option<&str>| Value::from(text.unwrap_or_default());
        let either = new.or(old);
        let gone = row.old.filter(|_| row.kind == DiffKind::Removed).and_then(|item| before.get(&item));
        let come = row.new.filter(|_| whole(row)).and_then(|item| after.get(&item));
        vec![
            row.kind.term().into(),
            row.burden.term().into(),
            text(either.map(|revision| sheet_name(revision.category))),
            text(either.map(|revision| revision.code.as_str())),
            text(old.map(|revision| revision.wording.name.as_str())),
            text(new.map(|revision| revision.wording.name.as_str())),
            text(row.side.map(ClauseSide::term)),
            text(gone.or(row.from.as_ref()).map(String::as_str)),
            text(come.or(row.to.as_ref()).map(String::as_str)),
        ]
        .into()
    });
    let title = format!("{township}履职事项清单第{}版与第{}版比对", left.no, right.no);
    let burden = crate::duty_list::rules::diff::overall(&found.rows);
    Ok(Document {
        name: title.clone(),
        author: township,
        created: now,
        tables: vec![Table {
            name: "版本比对".into(),
            title: title.clone(),
            notes: vec![
                format!("总体负担变化：{}；差异 {} 处", burden.term(), found.rows.len()),
                format!("{}；{}", in_force(left), in_force(right)),
            ],
            columns: columns.into_iter().map(|(heading, width)| Column::new(heading, width)).collect(),
            rows: rows.collect(),
            printed: None,
            goes_on: None,
        }],
        title,
    })
}

/// Everything that a select of obligations has, as a document.
pub async fn obligation_table(
    db: &impl ConnectionTrait,
    org: &str,
    select: Option<obligations::Select>,
    by: ObligationOrder,
    at: crate::duty_list::rules::AsOf,
    now: DateTime<Utc>,
) -> Outcome<Document> {
    let rows = all_obligations(db, select, by, at).await?;
    let mut townships: Vec<DivisionId> = rows.iter().map(|row| row.revision.township).collect();
    townships.sort_unstable();
    townships.dedup();
    let places = territory::store::divisions(db, &townships).await?;
    let domains = domain_names(db, rows.iter().map(|row| row.revision.domain).collect()).await?;
    let columns = [
        ("乡镇（街道）", Width::Medium),
        ("角色", Width::Narrow),
        ("清单", Width::Medium),
        ("类别", Width::Medium),
        ("事项编码", Width::Narrow),
        ("事项名称", Width::Wide),
        ("上级部门职责", Width::Text),
        ("乡镇（街道）职责", Width::Text),
        ("工作方式", Width::Wide),
        ("生效日期", Width::Medium),
    ];
    let clauses = |all: &[String]| Value::from(crate::duty_list::rules::sheet::page::cell_of_duties(all));
    let rows = rows.iter().map(|row| {
        let revision = &row.revision;
        let wording = &revision.wording;
        vec![
            places.get(&revision.township).map(|place| place.name.as_str()).unwrap_or_default().into(),
            row.role.term().into(),
            sheet_name(revision.category).into(),
            domains.get(&revision.domain).map(String::as_str).unwrap_or_default().into(),
            revision.code.as_str().into(),
            wording.name.as_str().into(),
            clauses(&wording.superior),
            clauses(&wording.township),
            wording.method.as_deref().unwrap_or_default().into(),
            revision.period.effective_from.map(day).unwrap_or_default().into(),
        ]
        .into()
    });
    let rows: Vec<_> = rows.collect();
    let title = format!("{org}责任事项");
    let mut columns: Vec<Column> = columns.into_iter().map(|(heading, width)| Column::new(heading, width)).collect();
    columns[0].merged = true;
    Ok(Document {
        name: title.clone(),
        author: org.to_owned(),
        created: now,
        tables: vec![Table {
            name: "责任事项".into(),
            title: title.clone(),
            notes: vec![format!("{}生效的责任事项，共 {} 项", day(at.effective), rows.len())],
            columns,
            rows,
            printed: None,
            goes_on: None,
        }],
        title,
    })
}

async fn all_obligations(
    db: &impl ConnectionTrait,
    select: Option<obligations::Select>,
    by: ObligationOrder,
    at: crate::duty_list::rules::AsOf,
) -> Outcome<Vec<Obligation>> {
    let Some(select) = select else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = PageArgs { first: Some(100), after: after.take(), ..PageArgs::default() };
        let page = obligations::page(db, select.clone(), by, at, &page).await?;
        after = page.rows.last().map(|(cursor, _)| cursor.clone());
        all.extend(page.rows.into_iter().map(|(_, row)| row));
        if all.len() > OBLIGATIONS {
            return refuse(Refusal::invalid("filter", InputProblem::TooMany { max: OBLIGATIONS }));
        }
        if !page.has_next {
            return Ok(all);
        }
    }
}
