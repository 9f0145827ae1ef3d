//! Where in a file the lists stand: sheets by their names, columns by what is written above them, items row by row.

mod notes;
mod rows;

use std::collections::BTreeMap;

use self::rows::Rows;
use super::{
    Field, Finding, Place, SheetFindingKind as Kind, Told, category_of, field_of, needed, plain, sheet_name,
    texts::takeover,
};
use crate::{
    duty_list::rules::content::DutyCategory,
    kernel::sheet::{Row, Sheet, Workbook},
};

/// How many rows from the top headings may stand.
const HEAD: usize = 30;
/// Most items of one list. The longest compilation known began with 2,046 matters.
pub const ITEMS: usize = 3_000;

/// An item as it stands in a file, cell by cell.
#[derive(Clone, Debug)]
pub struct RawItem {
    /// Its category.
    pub category: DutyCategory,
    /// Name of its sheet.
    pub sheet: String,
    /// The row it begins in.
    pub row: u32,
    cells: BTreeMap<Field, RawCell>,
}

#[derive(Clone, Debug)]
struct RawCell {
    column: u16,
    heading: String,
    text: String,
}

impl RawItem {
    /// What stands in a column; empty if nothing does.
    #[must_use]
    pub fn text(&self, field: Field) -> &str {
        self.cells.get(&field).map_or("", |cell| cell.text.as_str())
    }

    /// The place of a column, or of the row where there is no such column.
    #[must_use]
    pub fn place(&self, field: Field) -> Place {
        let cell = self.cells.get(&field);
        Place {
            sheet: self.sheet.clone(),
            row: Some(self.row),
            column: cell.map(|cell| cell.column),
            heading: cell.map(|cell| cell.heading.clone()).unwrap_or_default(),
        }
    }
}

/// What was found in a file.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// What stands above the tables and on the sheets: whose lists they are is said there.
    pub titles: Vec<String>,
    /// The items in their order.
    pub items: Vec<RawItem>,
    /// What is odd.
    pub findings: Vec<Finding>,
}

/// Finds the lists of a file. `name` is the file's.
#[must_use]
pub fn layout(name: &str, workbook: &Workbook) -> Layout {
    let mut found = Layout::default();
    let mut present = Vec::new();
    for sheet in workbook.sheets.iter().filter(|sheet| !sheet.rows.is_empty()) {
        let place = Place { sheet: sheet.name.clone(), ..Place::default() };
        if sheet.hidden {
            let told = Told::new("隐藏的工作表不导入。", "A hidden sheet is not imported.");
            found.findings.push(Finding::warning(Kind::Ignored, place, &sheet.name, told));
            continue;
        }
        match head(sheet) {
            Some(head) => read(sheet, name, &head, &mut found, &mut present),
            None if category_of(&sheet.name).is_some() => {
                let told = Told::new(
                    "未找到表头：须有一行写明“序号、类别、事项名称”等栏目名称。",
                    "No headings found: one row has to name the columns, such as 序号, 类别, 事项名称.",
                );
                found.findings.push(Finding::error(Kind::ColumnMissing, place, &sheet.name, told));
            }
            None if ours(&sheet.name) => {}
            None => {
                let told = Told::new("该工作表不是清单，未导入。", "This sheet is no list and was left out.");
                found.findings.push(Finding::warning(Kind::Ignored, place, &sheet.name, told));
            }
        }
    }
    missing(&mut found, &present);
    found
}

/// Sheets of the template that explain it, and those that covers are called.
fn ours(name: &str) -> bool {
    ["填写说明", "名录", "封面", "目录", "说明"].contains(&name.trim())
}

fn missing(found: &mut Layout, present: &[DutyCategory]) {
    if present.is_empty() {
        if !found.findings.iter().any(Finding::is_error) {
            let told = Told::new(
                "文件中没有清单：工作表应名为“基本履职事项清单”“配合履职事项清单”“上级部门收回事项清单”。",
                "There is no list in the file: sheets are called 基本履职事项清单, 配合履职事项清单, 上级部门收回事项清单.",
            );
            found.findings.push(Finding::error(Kind::NoList, Place::default(), "", told));
        }
        return;
    }
    for category in DutyCategory::ALL.iter().filter(|category| !present.contains(category)) {
        let name = sheet_name(*category);
        let told = Told::new(format!("文件中没有{name}。"), format!("The file has no {name}."));
        found.findings.push(Finding::warning(Kind::ListMissing, Place::default(), name, told));
    }
}

/// The headings of a sheet.
struct Head {
    /// Which of the rows they are.
    index: usize,
    columns: Vec<(u16, String, Option<Field>)>,
}

impl Head {
    fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|(_, _, known)| *known == Some(field))
    }
}

fn headings(row: &Row) -> Vec<(u16, String, Option<Field>)> {
    row.cells.iter().map(|cell| (cell.column, cell.text.replace('\n', ""), field_of(&cell.text))).collect()
}

/// The first row that names the name of an item and another column.
fn head(sheet: &Sheet) -> Option<Head> {
    sheet.rows.iter().take(HEAD).enumerate().find_map(|(index, row)| {
        let columns = headings(row);
        let known = columns.iter().filter(|(_, _, field)| field.is_some()).count();
        let head = Head { index, columns };
        (known >= 2 && head.has(Field::Name)).then_some(head)
    })
}

/// The category of a sheet: by its name, by what stands above the table, by the name of the file, by its columns.
fn category(sheet: &Sheet, file: &str, head: &Head) -> Option<DutyCategory> {
    let titles = sheet.rows.iter().take(head.index).flat_map(|row| row.cells.iter().map(|cell| cell.text.as_str()));
    let named = std::iter::once(sheet.name.as_str()).chain(titles).chain([file]).find_map(category_of);
    named.or_else(|| {
        if head.has(Field::Superior) && head.has(Field::Township) {
            Some(DutyCategory::Cooperative)
        } else if head.has(Field::Method) {
            Some(DutyCategory::Reclaimed)
        } else {
            None
        }
    })
}

fn read(sheet: &Sheet, file: &str, head: &Head, found: &mut Layout, present: &mut Vec<DutyCategory>) {
    let number = sheet.rows.get(head.index).map(|row| row.number);
    let at = |column: Option<u16>, heading: &str| Place {
        sheet: sheet.name.clone(),
        row: number,
        column,
        heading: heading.to_owned(),
    };
    for row in sheet.rows.iter().take(head.index) {
        found.titles.extend(row.cells.iter().map(|cell| cell.text.clone()));
    }
    // A column says for each item in which list it stands; else the sheet does for all of them.
    let category = if head.has(Field::List) { None } else { category(sheet, file, head) };
    if category.is_none() && !head.has(Field::List) {
        let told = Told::new(
            "无法判断这是哪一类清单：请以清单名称命名工作表，或增加“清单”一列。",
            "Which of the three lists is this? Name the sheet after it, or add a column 清单.",
        );
        found.findings.push(Finding::error(Kind::NoList, at(None, ""), &sheet.name, told));
        return;
    }
    present.extend(category);
    found.findings.extend(hidden(sheet, head));
    let mut columns: BTreeMap<Field, (u16, String)> = BTreeMap::new();
    for (column, heading, field) in &head.columns {
        match field {
            None => unknown_column(sheet, head, *column, heading, found, at(Some(*column), heading)),
            Some(field) if columns.contains_key(field) => {
                let told = Told::new(
                    format!("“{heading}”与另一列是同一栏目。"),
                    format!("\"{heading}\" is the same as another column."),
                );
                found.findings.push(Finding::error(Kind::ColumnTwice, at(Some(*column), heading), heading, told));
            }
            Some(field) => drop(columns.insert(*field, (*column, heading.clone()))),
        }
    }
    let beside =
        sheet.rows.iter().skip(head.index + 1).flat_map(|row| row.cells.iter().map(|cell| (cell.column, row.number)));
    let mut beside: Vec<(u16, u32)> =
        beside.filter(|(column, _)| head.columns.iter().all(|(known, _, _)| known != column)).collect();
    beside.sort_unstable();
    beside.dedup_by_key(|(column, _)| *column);
    for (column, row) in beside {
        let told = Told::new("该列没有表头，不导入。", "Nothing is written above this column; it is left out.");
        let place = Place { row: Some(row), ..at(Some(column), "") };
        found.findings.push(Finding::warning(Kind::Ignored, place, "", told));
    }
    let first = found.items.len();
    Rows { sheet, category, columns: &columns, found, present, section: None, above: None }.read(head);
    let joined = !columns.contains_key(&Field::Departments)
        && columns.get(&Field::Method).is_some_and(|(_, heading)| names_takeover(heading));
    if joined {
        found.items.iter_mut().skip(first).for_each(split_takeover);
    }
    // Lines between the items may name the classes instead of a column.
    let classed = found.items.iter().skip(first).all(|item| !item.text(Field::Domain).is_empty());
    for field in category.map(needed).unwrap_or_default() {
        let said = (*field == Field::Domain && classed) || (*field == Field::Departments && joined);
        if !columns.contains_key(field) && !said {
            let term = category.and_then(|category| term(category, *field)).unwrap_or(field.term());
            let told = Told::new(format!("缺少“{term}”一列。"), format!("The column {term} is missing."));
            found.findings.push(Finding::error(Kind::ColumnMissing, at(None, ""), term, told));
        }
    }
}

/// Whether a heading names both who takes a matter over and how it is done, as in 承接部门及工作方式.
fn names_takeover(heading: &str) -> bool {
    let heading = plain(heading);
    (heading.contains("承接部门") || heading.contains("承接单位")) && heading.contains("工作方式")
}

/// Takes apart what stands in one column for both.
fn split_takeover(item: &mut RawItem) {
    if item.category != DutyCategory::Reclaimed {
        return;
    }
    let Some(cell) = item.cells.get_mut(&Field::Method) else { return };
    let (departments, method) = takeover(&cell.text);
    let departments = RawCell { text: departments, ..cell.clone() };
    cell.text = method;
    item.cells.insert(Field::Departments, departments);
}

/// Says that something is hidden: who looked the file through has not seen it.
fn hidden(sheet: &Sheet, head: &Head) -> Option<Finding> {
    let (rows, columns) = (sheet.hidden_rows.len(), sheet.hidden_columns.len());
    let (row, column) = (sheet.hidden_rows.first().copied(), sheet.hidden_columns.first().copied());
    let what = match (row, column) {
        (None, None) => return None,
        (Some(_), None) => (format!("{rows} 行"), format!("rows: {rows}")),
        (None, Some(_)) => (format!("{columns} 列"), format!("columns: {columns}")),
        (Some(_), Some(_)) => (format!("{rows} 行、{columns} 列"), format!("rows: {rows}, columns: {columns}")),
    };
    let told = Told::new(
        format!("有 {}在文件中被隐藏，照常导入；如不应导入，请先删除。", what.0),
        format!("Hidden in the file and imported like the others ({}); delete what is not meant.", what.1),
    );
    // The first row, else the first column.
    let column = column.filter(|_| row.is_none());
    let heading =
        head.columns.iter().find(|(known, _, _)| Some(*known) == column).map(|(_, heading, _)| heading.clone());
    let place = Place { sheet: sheet.name.clone(), row, column, heading: heading.unwrap_or_default() };
    Some(Finding::warning(Kind::Hidden, place, "", told))
}

/// What a column is called in a category.
pub(super) fn term(category: DutyCategory, field: Field) -> Option<&'static str> {
    let (published, ours) = super::headings(category);
    published.iter().chain(ours).find(|(known, _)| *known == field).map(|(_, term)| *term)
}

fn unknown_column(sheet: &Sheet, head: &Head, column: u16, heading: &str, found: &mut Layout, place: Place) {
    let used = sheet.rows.iter().skip(head.index + 1).any(|row| row.cell(column).is_some());
    if used {
        let told = Told::new(
            format!("“{heading}”不是清单栏目，该列不导入。"),
            format!("\"{heading}\" is no column of a list; it is left out."),
        );
        found.findings.push(Finding::warning(Kind::Ignored, place, heading, told));
    }
}

#[cfg(test)]
mod tests;
