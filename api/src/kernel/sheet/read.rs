//! Which kind of file it is.

use super::{FileProblem, Limits, Unreadable, Workbook, csv, worksheet};

/// First bytes of a compound file: a workbook of the old kind, or a new one under a password.
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// First bytes of a package that has files in it.
const PACKAGE: &[u8] = b"PK\x03\x04";

/// Reads a file. `name` is only looked at where the bytes do not say what they are.
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    if bytes.is_empty() {
        return Err(FileProblem::Empty.into());
    }
    if bytes.len() > limits.bytes {
        return Err(FileProblem::TooLarge.into());
    }
    let workbook = if bytes.starts_with(COMPOUND) {
        return Err(if is_under_password(bytes) { FileProblem::Encrypted } else { FileProblem::OldWorkbook }.into());
    } else if bytes.starts_with(PACKAGE) {
        worksheet::read(bytes, limits)?
    } else if named_csv(name) {
        csv::read(bytes, limits)?
    } else {
        return Err(FileProblem::NotASpreadsheet.into());
    };
    if workbook.sheets.iter().all(|sheet| sheet.rows.is_empty()) {
        return Err(FileProblem::Empty.into());
    }
    Ok(workbook)
}

fn named_csv(name: &str) -> bool {
    let extension = name.rsplit('.').next().unwrap_or_default();
    ["csv", "txt", "tsv"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// A password wraps the package in a compound file that names its stream in UTF-16.
fn is_under_password(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}
