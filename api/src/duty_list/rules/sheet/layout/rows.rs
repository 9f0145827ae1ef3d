//! The rows below the headings: items, lines that name a class, what goes on from the row above, notes and sums.

use std::collections::BTreeMap;

use super::{Head, ITEMS, Layout, RawCell, RawItem, notes};
use crate::{
    duty_list::rules::{
        content::DutyCategory,
        sheet::{
            Field, Finding, GOES_ON, Place, SheetFindingKind as Kind, Told, category_of, plain, sheet_name,
            texts::clean,
        },
    },
    kernel::sheet::{Row, Sheet},
};

/// The rows of a sheet, read one after the other.
pub(super) struct Rows<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) category: Option<DutyCategory>,
    pub(super) columns: &'a BTreeMap<Field, (u16, String)>,
    pub(super) found: &'a mut Layout,
    pub(super) present: &'a mut Vec<DutyCategory>,
    /// The class that a line between the items names.
    pub(super) section: Option<String>,
    /// The class of the item above.
    pub(super) above: Option<String>,
}

impl Rows<'_> {
    pub(super) fn read(mut self, head: &Head) {
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
            cell.map(|cell| (clean(&cell.text), cell.from_above)).filter(|(text, _)| !text.is_empty())
        };
        let fresh = |field: Field| text(field).is_some_and(|(_, from_above)| !from_above);
        let known = self.columns.keys().any(|field| text(*field).is_some());
        if !known {
            return;
        }
        // Whatever it says then, even what reads like a note.
        if text(Field::Ordinal).is_some_and(|(text, _)| text == GOES_ON) {
            return self.more(row, first);
        }
        let own = row.cells.iter().filter(|cell| !cell.from_above).count();
        let number = text(Field::Ordinal).filter(|(_, from_above)| !from_above);
        let is_numbered = number.as_ref().is_some_and(|(text, _)| text.chars().all(|c| c.is_ascii_digit()));
        let first_item = self.found.items.get(first);
        let unnumbered = !is_numbered && first_item.is_some_and(|item| !item.text(Field::Ordinal).is_empty());
        // What bears a number is an item, even one that is called 合计.
        if (!is_numbered && notes::is_sum(row, self.names_end())) || notes::is_note(row, unnumbered) {
            let told = Told::new("该行是注释或合计，未导入。", "This row is a note or a sum and was left out.");
            let first = row.cells.iter().find(|cell| !cell.from_above);
            let value = first.map(|cell| clean(&cell.text)).unwrap_or_default();
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
        self.more(row, first);
    }

    /// The last column of what an item is known by: only up to there a class or a sum is named.
    fn names_end(&self) -> u16 {
        let columns = [Field::Ordinal, Field::Domain, Field::Name].into_iter();
        columns.filter_map(|field| self.columns.get(&field).map(|(column, _)| *column)).max().unwrap_or_default()
    }

    /// Adds what stands in a row to the item above.
    fn more(&mut self, row: &Row, first: usize) {
        let more =
            self.columns.iter().filter(|(field, _)| !matches!(field, Field::Ordinal | Field::Domain | Field::List));
        let more: Vec<(Field, String)> = more
            .filter_map(|(field, (column, _))| Some((*field, row.cell(*column).filter(|cell| !cell.from_above)?)))
            .map(|(field, cell)| (field, clean(&cell.text)))
            .filter(|(_, text)| !text.is_empty())
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
        let own = row.cells.iter().find(|cell| !cell.from_above && cell.column <= self.names_end());
        let Some(cell) = own else { return false };
        let text = clean(&cell.text);
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
            let text = row.cell(*column).map(|cell| clean(&cell.text)).unwrap_or_default();
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
