//! What is written: tables with titles, laid out the way official lists are printed.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

crate::api_enum! {
    /// Format of a file to download (文件格式).
    pub enum SheetFormat {
        /// A workbook for spreadsheet programs, laid out for A4 landscape (Excel工作簿).
        Xlsx,
        /// Text with commas, UTF-8 with its mark (CSV文本).
        Csv,
        /// A page made for print: A4 landscape, headings repeated, no scripts, nothing loaded from elsewhere (打印网页).
        Html,
    }
}

/// A file to write.
#[derive(Clone, Debug)]
pub struct Document {
    /// Name of the file without its ending.
    pub name: String,
    /// Title.
    pub title: String,
    /// Who answers for it.
    pub author: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Its tables: sheets of a workbook, sections of a page.
    pub tables: Vec<Table>,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Name of the sheet.
    pub name: String,
    /// Title above the table.
    pub title: String,
    /// Lines between title and headings, such as version and decision.
    pub notes: Vec<String>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// How many of the columns are printed; all if none. What stands beside them is for reading back.
    pub printed: Option<usize>,
    /// What a row says, and in which column, that goes on with the one above; nothing if none.
    pub goes_on: Option<(usize, &'static str)>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Heading.
    pub heading: String,
    /// How wide.
    pub width: Width,
    /// Whether equal values below one another are one merged cell.
    pub merged: bool,
}

impl Column {
    /// A column.
    pub fn new(heading: impl Into<String>, width: Width) -> Self {
        Self { heading: heading.into(), width, merged: false }
    }

    /// The same with equal values merged.
    #[must_use]
    pub fn merged(self) -> Self {
        Self { merged: true, ..self }
    }
}

/// How wide a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// A number or a word.
    Narrow,
    /// A name.
    Medium,
    /// A line or two.
    Wide,
    /// Several sentences.
    Text,
}

impl Width {
    /// Whether what stands there is short and stands in the middle.
    pub(super) fn is_short(self) -> bool {
        matches!(self, Self::Narrow | Self::Medium)
    }

    /// In characters of the standard font.
    pub(super) fn characters(self) -> u16 {
        match self {
            Self::Narrow => 9,
            Self::Medium => 16,
            Self::Wide => 30,
            Self::Text => 44,
        }
    }
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Values, one per column.
    pub cells: Vec<Value>,
    /// Whether it goes on with the row above: what is empty here is said there.
    pub continues: bool,
}

impl From<Vec<Value>> for Row {
    fn from(cells: Vec<Value>) -> Self {
        Self { cells, continues: false }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text; never run as a formula, whatever it begins with.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with a part.
    Decimal(f64),
}

impl Value {
    /// Nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self::Text(String::new())
    }

    /// As text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Decimal(number) => Cow::Owned(number.to_string()),
        }
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

impl<T: Into<String>> From<T> for Value {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// A text in pieces none of which is too tall, as far as its paragraphs allow. Where white space stands around an end of a
/// line it is not cut: whoever reads cells leaves that out.
fn pieces(value: &Value, tall: impl Fn(&str) -> f64) -> Vec<Value> {
    let text = value.text();
    if tall(&text) <= 1.0 {
        return vec![value.clone()];
    }
    let (mut pieces, mut piece, mut taken) = (Vec::new(), String::new(), 0.0);
    let bare = |text: &str| !text.is_empty() && text.trim() == text;
    for (index, line) in text.split('\n').enumerate() {
        let more = tall(line);
        if taken + more > 1.0 && bare(&piece) && bare(line) {
            pieces.push(std::mem::take(&mut piece).into());
            taken = 0.0;
        } else if index > 0 {
            piece.push('\n');
        }
        piece.push_str(line);
        taken += more;
    }
    pieces.push(piece.into());
    pieces
}

impl Table {
    /// How many rows each cell reaches down, by row and column; 0 for one that a cell above covers.
    pub(super) fn spans(&self) -> Vec<Vec<u32>> {
        let mut spans: Vec<Vec<u32>> = self.rows.iter().map(|row| vec![1; row.cells.len()]).collect();
        for column in 0..self.columns.len() {
            let mut anchor = 0;
            for index in 1..self.rows.len() {
                if self.joins(index, column) {
                    if let Some(span) = spans[index].get_mut(column) {
                        *span = 0;
                    }
                    if let Some(span) = spans[anchor].get_mut(column) {
                        *span += 1;
                    }
                } else {
                    anchor = index;
                }
            }
        }
        spans
    }

    fn joins(&self, index: usize, column: usize) -> bool {
        let cell = |row: usize| self.rows.get(row).and_then(|row| row.cells.get(column));
        let (Some(row), Some(mine)) = (self.rows.get(index), cell(index)) else { return false };
        if mine.is_empty() {
            return row.continues;
        }
        // What a row that goes on leaves out is said in the one above it.
        let says = |above: &usize| {
            !self.rows.get(*above).is_some_and(|row| row.continues) || !self.is_left_out(*above, column)
        };
        let above = (0..index).rev().find(says).and_then(cell);
        self.columns.get(column).is_some_and(|column| column.merged) && above == Some(mine)
    }

    fn is_left_out(&self, row: usize, column: usize) -> bool {
        self.rows.get(row).and_then(|row| row.cells.get(column)).is_none_or(Value::is_empty)
    }

    /// The same with rows that are too tall cut between their paragraphs into rows that go on. `tall` says how much of the
    /// tallest row a text in a column takes.
    pub(super) fn cut(&self, tall: impl Fn(usize, &str) -> f64) -> Self {
        let rows = self.rows.iter().flat_map(|row| {
            let cells = (0..).zip(&row.cells).map(|(column, value)| pieces(value, |text| tall(column, text)));
            let cells: Vec<Vec<Value>> = cells.collect();
            let count = cells.iter().map(Vec::len).max().unwrap_or(1);
            let piece = |index: usize| {
                let continues = row.continues || index > 0;
                let said = |column: usize| self.goes_on.filter(|(there, _)| continues && *there == column);
                let cells = cells.iter().enumerate().map(|(column, of)| match (of.get(index), said(column)) {
                    (Some(value), None) => value.clone(),
                    (_, Some((_, text))) => text.into(),
                    (None, None) => Value::empty(),
                });
                Row { cells: cells.collect(), continues }
            };
            (0..count).map(piece).collect::<Vec<_>>()
        });
        Self { rows: rows.collect(), ..self.clone() }
    }
}
