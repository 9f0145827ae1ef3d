//! Texts with separators, as Chinese spreadsheet programs write them: UTF-8, UTF-16 with its mark, or GB 18030.

use std::borrow::Cow;

use ::csv::{ReaderBuilder, StringRecord, WriterBuilder};
use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{Cell, FileProblem, Limits, Row, Sheet, Taken, Unreadable, Workbook, document::Document, letters};

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let text = decode(bytes)?;
    // Quotes come in pairs; one that is not closed would swallow the rows below it.
    if text.matches('"').count() % 2 == 1 {
        return Err(FileProblem::Damaged.into());
    }
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(&text)).from_reader(text.as_bytes());
    let (mut taken, mut rows, mut record) = (Taken::default(), Vec::new(), StringRecord::new());
    // The parser leaves out empty lines and a cell may have several: counted are rows as a spreadsheet program shows
    // them, which is where a person looks.
    let (mut number, mut ended) = (0, 1);
    while reader.read_record(&mut record).map_err(|_| FileProblem::Damaged)? {
        let inside = record.iter().map(|cell| cell.matches('\n').count()).sum::<usize>() as u64;
        let line = reader.position().line();
        let empty = line.saturating_sub(ended).saturating_sub(1 + inside);
        number += 1 + u32::try_from(empty).unwrap_or_default();
        ended = line;
        if !taken.written(limits, 1 + usize::try_from(empty).unwrap_or(usize::MAX)) {
            return Err(Unreadable::at(FileProblem::EmptyRows, format!("A{number}")));
        }
        let mut cells = Vec::new();
        for (index, raw) in record.iter().enumerate() {
            let text = raw.trim();
            if text.is_empty() {
                continue;
            }
            let column = u16::try_from(index).unwrap_or(u16::MAX);
            let place = || format!("{}{number}", letters(column));
            if column >= limits.columns || !taken.cell(limits, text) {
                return Err(Unreadable::at(FileProblem::TooLarge, place()));
            }
            cells.push(Cell { column, text: unescaped(text).to_owned(), from_above: false });
        }
        if !cells.is_empty() {
            if !taken.row(limits) {
                return Err(Unreadable::at(FileProblem::TooLarge, format!("A{number}")));
            }
            rows.push(Row { number, cells });
        }
    }
    let below = reader.position().line().saturating_sub(ended);
    if !taken.written(limits, usize::try_from(below).unwrap_or(usize::MAX)) {
        return Err(Unreadable::at(FileProblem::EmptyRows, format!("A{}", number + 1)));
    }
    Ok(Workbook { sheets: vec![Sheet { rows, ..Sheet::default() }] })
}

/// The text of the bytes. A mark at the beginning decides; without one UTF-8 if it is, else GB 18030 if it is.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, bytes),
        None => (GB18030, bytes),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
    let text = text.ok_or(FileProblem::Encoding)?;
    // Pictures and programs decode as something, too: no table has these characters in it.
    let strange =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || ('\u{E000}'..='\u{F8FF}').contains(&c);
    if text.chars().any(strange) {
        return Err(FileProblem::Encoding.into());
    }
    Ok(text)
}

/// Whatever stands most often in the first line outside quotes, of what programs use.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let outside = |c: &char| {
        if *c == '"' {
            quoted = !quoted;
        }
        !quoted
    };
    let head: String = text.chars().take(4_000).filter(outside).collect();
    let count = |wanted: char| head.chars().filter(|c| *c == wanted).count();
    let best = [',', '\t', ';'].into_iter().max_by_key(|c| (count(*c), *c == ','));
    u8::try_from(best.unwrap_or(',')).unwrap_or(b',')
}

/// What would be run as a formula by the program that opens the file.
fn is_active(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A text that a spreadsheet program does not run.
fn escaped(text: &str) -> Cow<'_, str> {
    // What stands behind such marks already gets one more, so that reading takes away what writing added.
    if is_active(text.trim_start_matches('\'')) && !text.is_empty() {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn unescaped(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_active(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

/// A document as text with separators, UTF-8 with its mark: without it Chinese spreadsheet programs take it for GB 18030.
/// All tables stand below one another under one line of headings, so they need the same columns.
pub(super) fn write(document: &Document) -> Result<Vec<u8>, ::csv::Error> {
    let mut bytes = "\u{FEFF}".as_bytes().to_vec();
    let mut writer = WriterBuilder::new().flexible(true).terminator(::csv::Terminator::CRLF).from_writer(&mut bytes);
    let mut headings: Option<Vec<&str>> = None;
    for table in &document.tables {
        let these: Vec<&str> = table.columns.iter().map(|column| column.heading.as_str()).collect();
        if headings.as_ref() != Some(&these) {
            writer.write_record(these.iter().map(|heading| escaped(heading).into_owned()))?;
            headings = Some(these);
        }
        for row in &table.rows {
            writer.write_record(row.cells.iter().map(|value| escaped(&value.text()).into_owned()))?;
        }
    }
    writer.flush()?;
    drop(writer);
    Ok(bytes)
}
