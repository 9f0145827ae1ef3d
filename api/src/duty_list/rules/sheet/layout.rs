//! Where in a file the lists stand: sheets by their names, columns by what is written above them, items row by row.

use std::collections::BTreeMap;

use super::{Field, Finding, Place, SheetFindingKind as Kind, Told, category_of, field_of, needed, plain, sheet_name};
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
    // Lines between the items may name the classes instead of a column.
    let classed = found.items.iter().skip(first).all(|item| !item.text(Field::Domain).is_empty());
    for field in category.map(needed).unwrap_or_default() {
        if !(columns.contains_key(field) || (*field == Field::Domain && classed)) {
            let term = category.and_then(|category| term(category, *field)).unwrap_or(field.term());
            let told = Told::new(format!("缺少“{term}”一列。"), format!("The column {term} is missing."));
            found.findings.push(Finding::error(Kind::ColumnMissing, at(None, ""), term, told));
        }
    }
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

struct Rows<'a> {
    sheet: &'a Sheet,
    category: Option<DutyCategory>,
    columns: &'a BTreeMap<Field, (u16, String)>,
    found: &'a mut Layout,
    present: &'a mut Vec<DutyCategory>,
    /// The class that a line between the items names.
    section: Option<String>,
    /// The class of the item above.
    above: Option<String>,
}

impl Rows<'_> {
    fn read(mut self, head: &Head) {
        let heads: Vec<String> = head.columns.iter().map(|(_, heading, _)| plain(heading)).collect();
        let first = self.found.items.len();
        for row in self.sheet.rows.iter().skip(head.index + 1) {
            // Printed lists repeat their headings.
            if row.cells.iter().map(|cell| plain(&cell.text)).eq(heads.iter().cloned()) {
                continue;
            }
            if self.found.items.len() >= ITEMS {
                let place = self.place(row, Field::Name);
                let told = Told::new(
                    format!("一份清单最多 {ITEMS} 项，其余未读。"),
                    format!("A list has at most {ITEMS} items; the rest was not read."),
                );
                self.found.findings.push(Finding::error(Kind::TooMany, place, "", told));
                return;
            }
            self.row(row, first);
        }
    }

    fn place(&self, row: &Row, field: Field) -> Place {
        let column = self.columns.get(&field);
        Place {
            sheet: self.sheet.name.clone(),
            row: Some(row.number),
            column: column.map(|(column, _)| *column),
            heading: column.map(|(_, heading)| heading.clone()).unwrap_or_default(),
        }
    }

    fn row(&mut self, row: &Row, first: usize) {
        let text = |field: Field| {
            let cell = self.columns.get(&field).and_then(|(column, _)| row.cell(*column));
            cell.map(|cell| (super::texts::clean(&cell.text), cell.from_above)).filter(|(text, _)| !text.is_empty())
        };
        let fresh = |field: Field| text(field).is_some_and(|(_, from_above)| !from_above);
        let known = self.columns.keys().any(|field| text(*field).is_some());
        if !known {
            return;
        }
        let own = row.cells.iter().filter(|cell| !cell.from_above).count();
        if is_sum(row) || is_note(row) {
            let told = Told::new("该行是注释或合计，未导入。", "This row is a note or a sum and was left out.");
            let first = row.cells.iter().find(|cell| !cell.from_above);
            let value = first.map(|cell| super::texts::clean(&cell.text)).unwrap_or_default();
            let place = Place { sheet: self.sheet.name.clone(), row: Some(row.number), ..Place::default() };
            self.found.findings.push(Finding::warning(Kind::Ignored, place, &value, told));
            return;
        }
        // Where a class reaches down from above, a lone name is an item of it.
        let bare = row.cells.len() == 1 || !fresh(Field::Name);
        if own == 1 && bare && self.is_section(row) {
            return;
        }
        if fresh(Field::Name) || fresh(Field::Ordinal) || (text(Field::Name).is_none() && fresh(Field::Domain)) {
            return self.item(row);
        }
        // What has no name and number of its own goes on with the item above.
        let more: Vec<(Field, String)> = self
            .columns
            .keys()
            .filter(|field| fresh(**field) && !matches!(field, Field::Domain | Field::List))
            .filter_map(|field| text(*field).map(|(text, _)| (*field, text)))
            .collect();
        if more.is_empty() {
            return;
        }
        let columns = self.columns;
        let Some(item) = self.found.items.get_mut(first..).and_then(<[_]>::last_mut) else {
            let told = Told::new(
                "该行没有事项名称，上方也没有可续接的事项。",
                "The row has no name of an item, and there is none above it.",
            );
            let place = self.place(row, Field::Name);
            self.found.findings.push(Finding::error(Kind::Missing, place, "", told));
            return;
        };
        for (field, text) in more {
            let Some((column, heading)) = columns.get(&field) else { continue };
            let cell = item.cells.entry(field).or_insert_with(|| RawCell {
                column: *column,
                heading: heading.clone(),
                text: String::new(),
            });
            if !cell.text.is_empty() {
                cell.text.push('\n');
            }
            cell.text.push_str(&text);
        }
    }

    /// Whether the one text of a row names the class of the items below, as in 一、党的建设（18项）.
    fn is_section(&mut self, row: &Row) -> bool {
        let Some(cell) = row.cells.iter().find(|cell| !cell.from_above) else { return false };
        let text = super::texts::clean(&cell.text);
        let Some(rest) = numbered_in_chinese(&text) else { return false };
        let class = rest.split(['（', '(', '：', ':']).next().unwrap_or_default().trim();
        if class.is_empty() || class.chars().count() > 20 {
            return false;
        }
        (self.section, self.above) = (Some(class.to_owned()), None);
        true
    }

    fn item(&mut self, row: &Row) {
        let mut cells = BTreeMap::new();
        for (field, (column, heading)) in self.columns {
            let text = row.cell(*column).map(|cell| super::texts::clean(&cell.text)).unwrap_or_default();
            cells.insert(*field, RawCell { column: *column, heading: heading.clone(), text });
        }
        let listed = cells.get(&Field::List).map(|cell| cell.text.clone()).unwrap_or_default();
        let Some(category) = self.category.or_else(|| category_of(&listed)) else {
            let told = Told::new(
                "“清单”一列须写明：基本履职事项清单、配合履职事项清单或上级部门收回事项清单。",
                "The column 清单 has to say 基本履职事项清单, 配合履职事项清单 or 上级部门收回事项清单.",
            );
            let names = DutyCategory::ALL.iter().map(|category| sheet_name(*category).to_owned()).collect();
            let place = self.place(row, Field::List);
            self.found.findings.push(Finding::error(Kind::UnknownWord, place, &listed, told).suggesting(names));
            return;
        };
        if !self.present.contains(&category) {
            self.present.push(category);
        }
        if let Some(cell) = cells.get_mut(&Field::Domain) {
            // Below a line that names a class, and where only the first of several items names it, it goes without saying.
            if cell.text.is_empty() {
                cell.text = self.above.clone().or_else(|| self.section.clone()).unwrap_or_default();
            }
            self.above = Some(cell.text.clone()).filter(|text| !text.is_empty());
        } else if let Some(class) = &self.section {
            cells.insert(Field::Domain, RawCell { column: 0, heading: String::new(), text: class.clone() });
        }
        self.found.items.push(RawItem { category, sheet: self.sheet.name.clone(), row: row.number, cells });
    }
}

/// What follows a Chinese number and its mark: 一、… or （一）….
fn numbered_in_chinese(text: &str) -> Option<&str> {
    let digit = |c: char| "一二三四五六七八九十".contains(c);
    let bracket = text.strip_prefix(['（', '(']);
    let rest = bracket.unwrap_or(text).trim_start_matches(digit);
    if rest.len() == bracket.unwrap_or(text).len() {
        return None;
    }
    if bracket.is_some() { rest.strip_prefix(['）', ')']) } else { rest.strip_prefix(['、', '.', '．']) }
}

/// Words before a colon that nobody begins an item with: who signed a printed list, and when.
const SIGNED: &[&str] = &[
    "注",
    "备注",
    "附注",
    "说明",
    "审核人",
    "审核",
    "复核人",
    "填报人",
    "填报单位",
    "填表人",
    "填表单位",
    "填表日期",
    "制表",
    "制表人",
    "制表单位",
    "负责人",
    "主要负责人",
    "联系人",
    "联系电话",
    "电话",
    "日期",
    "单位（盖章）",
];
const SUMS: &[&str] = &["合计", "总计", "小计", "共计"];

/// Whether a row is a note below or between the items: whatever stands in it is signed or noted.
fn is_note(row: &Row) -> bool {
    let mut own =
        row.cells.iter().filter(|cell| !cell.from_above).map(|cell| super::texts::clean(&cell.text)).peekable();
    let Some(first) = own.peek() else { return false };
    if ["注", "备注", "附注", "说明"].contains(&first.as_str()) {
        return true;
    }
    own.all(|text| text.split_once(['：', ':']).is_some_and(|(label, _)| SIGNED.contains(&label.trim())))
}

/// Whether a row counts others: 合计, 合计：3项, 合计（基本履职事项）, 共3项. An item's name may well begin so.
fn is_sum(row: &Row) -> bool {
    let counted = |text: &str| {
        let digits = |rest: &str| {
            let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            number.len() < rest.len() && ["项", "项。", ""].contains(&number)
        };
        let behind = SUMS.iter().find_map(|sum| text.strip_prefix(sum));
        behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['：', ':', '（', '(']) || digits(rest))
            || text.strip_prefix('共').is_some_and(digits)
    };
    let own = row.cells.iter().filter(|cell| !cell.from_above);
    own.take(3).any(|cell| counted(&super::texts::clean(&cell.text).replace([' ', '\u{3000}'], "")))
}
