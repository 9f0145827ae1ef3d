//! Spreadsheet files: what is in them comes in as it stands there, what they should not carry is refused, and what is
//! written reads the same in a program that knows nothing of ours.

mod hostile;
mod reading;
mod writing;

use yidan::kernel::sheet::{FileProblem, Limits, Sheet, Unreadable, Workbook, read};
use yidan_tests::files::{Pack, rows_xml};

fn opened(name: &str, bytes: &[u8]) -> Result<Workbook, Unreadable> {
    read(name, bytes, &Limits::default())
}

#[track_caller]
fn problem(bytes: &[u8]) -> FileProblem {
    refused("清单.xlsx", bytes).problem
}

#[track_caller]
fn refused(name: &str, bytes: &[u8]) -> Unreadable {
    opened(name, bytes).expect_err("this should not be read")
}

/// The cells of a sheet as `A1=text`.
fn cells(sheet: &Sheet) -> Vec<String> {
    let letters = yidan::kernel::sheet::letters;
    let rows = sheet.rows.iter();
    rows.flat_map(|row| {
        row.cells.iter().map(|cell| {
            let mark = if cell.from_above { "^" } else { "" };
            format!("{}{}={mark}{}", letters(cell.column), row.number, cell.text)
        })
    })
    .collect()
}
