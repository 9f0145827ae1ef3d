//! Spreadsheets (电子表格): files in and out. Knows cells, not duties.
//!
//! In: [`read()`] takes the bytes of an `.xlsx` or `.csv` file and answers its sheets row by row, or says why it will not.
//! A file is a stranger's: nothing is reserved by the file's own word, whatever is inflated is counted, and what a person
//! did not type into a cell (macros, formulas) is refused rather than guessed at.
//!
//! Out: a [`Document`] is written as `.xlsx`, `.csv` or a page made for print by [`write()`].

mod csv;
mod document;
mod html;
mod out;
mod package;
mod parts;
mod read;
mod worksheet;
mod xlsx;

pub use document::{Column, Document, Row as DocumentRow, SheetFormat, Table, Value, Width};
pub use out::{SpreadsheetFile, on_the_side, write};
pub use read::read;

use super::refusal::Refusal;

/// What a file is read into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workbook {
    /// Its sheets in their order.
    pub sheets: Vec<Sheet>,
}

/// One sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its name; empty in a `.csv` file.
    pub name: String,
    /// Whether it is hidden from who opens the file.
    pub hidden: bool,
    /// The rows in which something stands, from the top.
    pub rows: Vec<Row>,
    /// Numbers of those of the rows that are hidden from who opens the file.
    pub hidden_rows: Vec<u32>,
    /// Columns in which something stands, from 0, that are hidden.
    pub hidden_columns: Vec<u16>,
}

/// A row in which something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1.
    pub number: u32,
    /// The cells in which something stands, from the left.
    pub cells: Vec<Cell>,
}

/// A cell in which something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its column, from 0.
    pub column: u16,
    /// Its text, without white space around it.
    pub text: String,
    /// Whether the text stands above, in a merged region that reaches down to this row.
    pub from_above: bool,
}

impl Row {
    /// The cell in a column.
    #[must_use]
    pub fn cell(&self, column: u16) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column == column)
    }
}

/// The letters of a column: A for 0, AA for 26.
#[must_use]
pub fn letters(column: u16) -> String {
    let mut letters = Vec::new();
    let mut rest = u32::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or_default()));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

crate::api_enum! {
    /// Why a file is not read (文件问题).
    pub enum FileProblem {
        /// Neither an .xlsx nor a .csv file (不是电子表格).
        NotASpreadsheet,
        /// A workbook of the old binary kind, such as .xls (旧版二进制工作簿).
        OldWorkbook,
        /// Locked with a password (已加密).
        Encrypted,
        /// Carries macros (含宏).
        Macros,
        /// A cell is computed instead of typed (含公式).
        Formula,
        /// A cell holds an error such as #REF! (单元格为错误值).
        ErrorValue,
        /// More bytes, sheets, rows, columns, cells or characters than a list can need (过大).
        TooLarge,
        /// Inflates to far more than a list can need (压缩炸弹).
        Bomb,
        /// Far more empty rows than a person leaves between items, as whole columns with a look leave them (空行过多).
        EmptyRows,
        /// Broken, or not written by the rules of its format (文件损坏).
        Damaged,
        /// None of UTF-8, GB 18030 as Chinese spreadsheet programs write it, and UTF-16 with its mark (编码无法识别).
        Encoding,
        /// Nothing stands in it (空文件).
        Empty,
    }
}

/// Why a file is not read, and at which place if there is one, such as `基本履职事项清单!C7`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Why.
    pub problem: FileProblem,
    /// Where.
    pub at: Option<String>,
}

impl Unreadable {
    fn at(problem: FileProblem, place: impl Into<String>) -> Self {
        Self { problem, at: Some(place.into()) }
    }
}

impl Unreadable {
    /// As a refusal of the file at `path` of the input.
    #[must_use]
    pub fn refusal(self, path: &str) -> Refusal {
        Refusal::UnreadableFile { path: path.into(), problem: self.problem, at: self.at }
    }
}

impl From<FileProblem> for Unreadable {
    fn from(problem: FileProblem) -> Self {
        Self { problem, at: None }
    }
}

/// How much of a file is read. Far above any list — the longest known has some 2,000 rows — and far below what hurts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Files packed in it.
    pub entries: usize,
    /// Bytes of all that is packed in it.
    pub inflated: u64,
    /// Sheets.
    pub sheets: usize,
    /// Rows with something in them, in all sheets.
    pub rows: usize,
    /// Rows that are written down in the file without anything in them, in all sheets.
    pub empty_rows: usize,
    /// Columns.
    pub columns: u16,
    /// Cells with something in them, in all sheets.
    pub cells: usize,
    /// Characters of a cell; what spreadsheet programs hold.
    pub cell_characters: usize,
    /// Characters of all cells.
    pub characters: usize,
    /// Merged regions of a sheet.
    pub merged: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 8 << 20,
            entries: 1_000,
            inflated: 64 << 20,
            sheets: 20,
            rows: 10_000,
            empty_rows: 100_000,
            columns: 64,
            cells: 200_000,
            cell_characters: 32_767,
            characters: 8_000_000,
            merged: 20_000,
        }
    }
}

/// What has been taken of the limits so far.
#[derive(Debug, Default)]
struct Taken {
    rows: usize,
    written: usize,
    cells: usize,
    characters: usize,
}

impl Taken {
    /// Takes one cell with this text; false if it is too much.
    fn cell(&mut self, limits: &Limits, text: &str) -> bool {
        // A character has at most four bytes, so most texts need no walk.
        let length = if text.len() <= 1_000 { text.len() } else { text.chars().count() };
        self.cells += 1;
        self.characters += length;
        length <= limits.cell_characters && self.cells <= limits.cells && self.characters <= limits.characters
    }

    /// Takes rows that are written down, whatever is in them; false if they are too many.
    fn written(&mut self, limits: &Limits, rows: usize) -> bool {
        self.written = self.written.saturating_add(rows);
        self.written <= limits.rows + limits.empty_rows
    }

    /// Takes one row with something in it; false if it is too much.
    fn row(&mut self, limits: &Limits) -> bool {
        self.rows += 1;
        self.rows <= limits.rows
    }
}
