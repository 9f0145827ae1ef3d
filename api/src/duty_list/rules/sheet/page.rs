//! A list laid out as it is published: three sheets, first the columns of published lists, then ours.

use chrono::{DateTime, Utc};

use super::{Field, headings, names::Names, sheet_name, texts};
use crate::{
    duty_list::rules::content::{Content, DepartmentRole, DutyCategory, ReclaimMethod},
    kernel::{
        ids::{DomainId, OrgUnitId},
        sheet::{Column, Document, DocumentRow, Table, Value, Width},
    },
};

crate::api_enum! {
    /// Which columns a list is written with (栏目范围).
    pub enum ListColumns {
        /// Those of published lists, nothing else (公布栏目).
        Published,
        /// All: what is exported with them is imported without a difference (全部栏目).
        All,
    }
}

/// What stands in the place of the department for a reclaimed matter that was abolished.
const CANCELLED: &str = "取消";
/// Longest text of a cell; a longer one goes on in the row below.
const CELL: usize = 30_000;

/// An item to write.
pub struct Listed<'a> {
    /// Its code.
    pub code: &'a str,
    /// Its number in its category.
    pub ordinal: i32,
    /// What it says.
    pub content: &'a Content,
}

/// What stands above the tables.
pub struct Heading {
    /// The township with what it belongs to, such as 澜溪县柳汀镇.
    pub township: String,
    /// Version, day and decision, a line each.
    pub notes: Vec<String>,
    /// When the file is made.
    pub created: DateTime<Utc>,
}

/// How things are called in a list.
pub trait Called {
    /// An organisation.
    fn org(&self, id: OrgUnitId) -> String;
    /// A domain class.
    fn domain(&self, id: DomainId) -> String;
}

/// A list as sheets.
#[must_use]
pub fn sheets(heading: &Heading, items: &[Listed<'_>], called: &impl Called, columns: ListColumns) -> Document {
    let tables = DutyCategory::ALL.iter().map(|category| {
        let (published, ours) = headings(*category);
        let fields: Vec<Field> = match columns {
            ListColumns::Published => published.iter().map(|(field, _)| *field).collect(),
            ListColumns::All => published.iter().chain(ours).map(|(field, _)| *field).collect(),
        };
        let these = items.iter().filter(|item| item.content.category == *category);
        Table {
            name: sheet_name(*category).into(),
            title: format!("{}{}", heading.township, sheet_name(*category)),
            notes: heading.notes.clone(),
            columns: published
                .iter()
                .chain(ours)
                .take(fields.len())
                .map(|(field, term)| column(*field, term))
                .collect(),
            rows: these.flat_map(|item| rows(item, &fields, called)).collect(),
            printed: Some(published.len()),
            goes_on: goes_on(&fields),
        }
    });
    document(heading, tables.collect())
}

/// A list as one table: a column says which of the three lists an item stands in.
#[must_use]
pub fn one_table(heading: &Heading, items: &[Listed<'_>], called: &impl Called, columns: ListColumns) -> Document {
    let mut fields = vec![(Field::List, "清单")];
    let all = DutyCategory::ALL.iter().flat_map(|category| {
        let (published, ours) = headings(*category);
        let ours = if columns == ListColumns::All { ours } else { &[] };
        published.iter().chain(ours)
    });
    for (field, term) in all {
        // 承接部门, 指导部门 and 对应上级部门 are one column here.
        let term = match field {
            Field::Departments => "部门",
            Field::Township => "乡镇（街道）职责",
            _ => term,
        };
        if !fields.iter().any(|(known, _)| known == field) {
            fields.push((*field, term));
        }
    }
    let these: Vec<Field> = fields.iter().map(|(field, _)| *field).collect();
    let table = Table {
        name: "履职事项清单".into(),
        title: format!("{}履职事项清单", heading.township),
        notes: heading.notes.clone(),
        columns: fields.iter().map(|(field, term)| column(*field, term)).collect(),
        rows: items.iter().flat_map(|item| rows(item, &these, called)).collect(),
        printed: None,
        goes_on: goes_on(&these),
    };
    document(heading, vec![table])
}

fn document(heading: &Heading, tables: Vec<Table>) -> Document {
    let title = format!("{}履职事项清单", heading.township);
    Document { name: title.clone(), title, author: heading.township.clone(), created: heading.created, tables }
}

fn column(field: Field, term: &str) -> Column {
    let width = match field {
        Field::Ordinal | Field::Penalty => Width::Narrow,
        Field::List | Field::Domain | Field::Reclaim | Field::Code | Field::Source | Field::Tags => Width::Medium,
        Field::Name | Field::Departments | Field::Bases => Width::Wide,
        Field::Superior | Field::Township | Field::Method => Width::Text,
    };
    let column = Column::new(term, width);
    if field == Field::Domain { column.merged() } else { column }
}

/// What a row that goes on says in the place of a number.
fn goes_on(fields: &[Field]) -> Option<(usize, &'static str)> {
    fields.iter().position(|field| *field == Field::Ordinal).map(|column| (column, super::GOES_ON))
}

/// The rows of an item: one, unless its duties are longer than a cell.
fn rows(item: &Listed<'_>, fields: &[Field], called: &impl Called) -> Vec<DocumentRow> {
    let wording = &item.content.wording;
    let (superior, township) = (parts(&wording.superior), parts(&wording.township));
    let more = superior.len().max(township.len()).max(1);
    (0..more)
        .map(|index| {
            let cells = fields.iter().map(|field| match field {
                Field::Superior => superior.get(index).cloned().unwrap_or_default().into(),
                Field::Township => township.get(index).cloned().unwrap_or_default().into(),
                Field::Ordinal if index > 0 => super::GOES_ON.into(),
                _ if index > 0 => Value::empty(),
                other => value(item, *other, called),
            });
            DocumentRow { cells: cells.collect(), continues: index > 0 }
        })
        .collect()
}

/// Duties in one cell, cut off where a cell ends.
#[must_use]
pub fn cell_of_duties(duties: &[String]) -> String {
    parts(duties).into_iter().next().unwrap_or_default()
}

/// What an item says besides its name, in one cell: departments, duties and method below one another, cut off where a
/// cell ends. Its name where it says nothing else.
#[must_use]
pub fn cell_of_item(content: &Content, called: &impl Called) -> String {
    let wording = &content.wording;
    let said = [
        ("部门：", departments(content, called)),
        ("上级部门职责：\n", texts::written_duties(&wording.superior)),
        ("乡镇（街道）职责：\n", texts::written_duties(&wording.township)),
        ("工作方式：", wording.method.clone().unwrap_or_default()),
    ];
    let said = said.into_iter().filter(|(_, text)| !text.is_empty());
    let text = said.map(|(label, text)| format!("{label}{text}")).collect::<Vec<_>>().join("\n");
    let text = if text.is_empty() { wording.name.clone() } else { text };
    cells_of(text).into_iter().next().unwrap_or_default()
}

/// Duties as texts that fit into cells.
fn parts(duties: &[String]) -> Vec<String> {
    cells_of(texts::written_duties(duties))
}

/// A text as texts that fit into cells.
fn cells_of(text: String) -> Vec<String> {
    if text.chars().count() <= CELL {
        return vec![text];
    }
    // Cut between lines without white space at their ends, which readers leave out: what follows is read as going on.
    let (mut parts, mut part, mut length) = (Vec::new(), String::new(), 0);
    let bare = |text: &str| !text.is_empty() && text.trim() == text;
    for (index, line) in text.split('\n').enumerate() {
        let more = line.chars().count() + 1;
        if length + more > CELL && bare(&part) && bare(line) {
            parts.push(std::mem::take(&mut part));
            length = 0;
        } else if index > 0 {
            part.push('\n');
        }
        part.push_str(line);
        length += more;
    }
    parts.push(part);
    parts
}

fn value(item: &Listed<'_>, field: Field, called: &impl Called) -> Value {
    let content = item.content;
    match field {
        Field::List => sheet_name(content.category).into(),
        Field::Ordinal => Value::Number(item.ordinal.into()),
        Field::Domain => called.domain(content.domain).into(),
        Field::Name => content.wording.name.as_str().into(),
        Field::Departments => departments(content, called).into(),
        Field::Method => content.wording.method.clone().unwrap_or_default().into(),
        Field::Reclaim => content.reclaim_method.map(ReclaimMethod::term).unwrap_or_default().into(),
        Field::Code => item.code.into(),
        Field::Bases => texts::written_bases(&content.wording.bases).into(),
        Field::Penalty => if content.penalty_power { "是" } else { "否" }.into(),
        Field::Source => content.source.term().into(),
        Field::Tags => texts::written_tags(&content.wording.tags).into(),
        // One text for several rows; see `rows`.
        Field::Superior | Field::Township => Value::empty(),
    }
}

/// Departments one after the other; of several that share a matter the lead is marked.
fn departments(content: &Content, called: &impl Called) -> String {
    let several = content.departments.len() > 1;
    let names = content.departments.iter().map(|(org, role)| {
        let name = called.org(*org);
        if several && *role == DepartmentRole::Lead { format!("{name}（牵头）") } else { name }
    });
    let names = names.collect::<Vec<_>>().join("、");
    // What nobody took over was abolished, and published lists say so there.
    let cancelled = names.is_empty() && content.reclaim_method == Some(ReclaimMethod::Cancelled);
    if cancelled { CANCELLED.into() } else { names }
}

/// An empty list to fill in, with what may stand where.
#[must_use]
pub fn template(heading: &Heading, names: &Names) -> Document {
    struct Nobody;
    impl Called for Nobody {
        fn org(&self, _: OrgUnitId) -> String {
            String::new()
        }
        fn domain(&self, _: DomainId) -> String {
            String::new()
        }
    }
    let mut document = sheets(heading, &[], &Nobody, ListColumns::All);
    document.name = format!("{}履职事项清单模板", heading.township);
    let line = |text: &str| DocumentRow::from(vec![Value::from(text)]);
    document.tables.push(Table {
        name: "填写说明".into(),
        title: "填写说明".into(),
        columns: vec![Column::new("说明", Width::Text)],
        rows: GUIDE.iter().map(|text| line(text)).collect(),
        ..Table::default()
    });
    let orgs: Vec<&str> = names.org_names().collect();
    let domains = names.domain_names();
    let cell = |text: Option<&str>| Value::from(text.unwrap_or_default());
    document.tables.push(Table {
        name: "名录".into(),
        title: "可填写的领域类别和部门".into(),
        columns: vec![Column::new("可用类别", Width::Medium), Column::new("可用机构", Width::Wide)],
        rows: (0..orgs.len().max(domains.len()))
            .map(|index| vec![cell(domains.get(index).map(String::as_str)), cell(orgs.get(index).copied())].into())
            .collect(),
        ..Table::default()
    });
    document
}

const GUIDE: &[&str] = &[
    "三张清单各占一个工作表，工作表名称不要改动；没有的清单可以留空。",
    "类别须是本省领域类别目录中的名称，见“名录”。上下相同的类别可以合并单元格，也可以只写在第一行。",
    "部门写全称或简称，见“名录”。多个部门用“、”分隔，牵头部门后注“（牵头）”；未注明的，以第一个为牵头部门。",
    "职责逐条写：①……②……，或一条一行。一格写不下的续在下一行，序号栏写“续”。",
    "收回事项没有承接部门的，在承接部门栏写“取消”，工作方式栏说明如何取消。",
    "实施依据写作《名称》第几条，每行一项。行政处罚赋权填“是”或“否”。标签用“、”分隔。",
    "事项编码留空即自动编号。单元格中不要使用公式；文件不要加密，不要带宏。",
];

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::duty_list::rules::content::{ItemSource, Wording};

    struct Numbers;

    impl Called for Numbers {
        fn org(&self, id: OrgUnitId) -> String {
            format!("{}局", id.0.as_u128())
        }
        fn domain(&self, _: DomainId) -> String {
            String::new()
        }
    }

    fn content(superior: &[&str], township: &[&str], method: Option<&str>, orgs: &[(u128, DepartmentRole)]) -> Content {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Content {
            category: DutyCategory::Cooperative,
            domain: DomainId(Uuid::nil()),
            wording: Wording {
                name: "养老机构安全".into(),
                superior: own(superior),
                township: own(township),
                method: method.map(str::to_owned),
                bases: Vec::new(),
                tags: Vec::new(),
            },
            departments: orgs.iter().map(|(number, role)| (OrgUnitId(Uuid::from_u128(*number)), *role)).collect(),
            penalty_power: false,
            reclaim_method: None,
            source: ItemSource::Law,
        }
    }

    #[test]
    fn an_item_in_one_cell_says_what_it_says_besides_its_name() {
        let all = [(1, DepartmentRole::Lead), (2, DepartmentRole::CoLead)];
        let whole = content(&["备案", "评定"], &["走访"], Some("委托检查"), &all);
        let expected =
            "部门：1局（牵头）、2局\n上级部门职责：\n①备案\n②评定\n乡镇（街道）职责：\n走访\n工作方式：委托检查";
        assert_eq!(cell_of_item(&whole, &Numbers), expected);
        assert_eq!(cell_of_item(&content(&[], &[], None, &[]), &Numbers), "养老机构安全");
        let long = "长".repeat(1_000);
        let many = content(&[long.as_str(); 60], &[], None, &[]);
        assert!(cell_of_item(&many, &Numbers).chars().count() <= CELL);
    }

    #[test]
    fn rows_that_go_on_say_so_in_the_place_of_a_number() {
        let long = "长".repeat(1_000);
        let many = content(&[long.as_str(); 60], &["走访"], None, &[]);
        let item = Listed { code: "PH-001", ordinal: 7, content: &many };
        let rows = rows(&item, &[Field::Ordinal, Field::Name, Field::Superior, Field::Township], &Numbers);
        assert!(rows.len() > 1);
        let said: Vec<String> = rows.iter().map(|row| row.cells[0].text().into_owned()).collect();
        assert_eq!(said.first().map(String::as_str), Some("7"));
        assert!(said.iter().skip(1).all(|text| text == crate::duty_list::rules::sheet::GOES_ON), "{said:?}");
    }
}
