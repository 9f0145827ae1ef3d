//! The cells of a workbook, read as a stream: what is empty costs nothing but the time to skip it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufRead,
};

use chrono::{Days, NaiveDate};

use quick_xml::events::BytesStart;

use super::{
    Cell, FileProblem, Limits, Row, Sheet, Taken, Unreadable, Workbook, letters,
    package::Package,
    parts::{self, Looks, Next, RichText, Shown, Xml, attribute, unescape},
};

/// Last row and first column that do not exist.
const EDGE: (u32, u32) = (1_048_576, 16_384);

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, Unreadable> {
    let mut package = Package::open(bytes, limits)?;
    parts::check_kind(&mut package)?;
    let (named, strings, styles) = parts::sheets(&mut package, limits)?;
    let looks = match styles {
        Some(part) if package.has(&part) => parts::looks(&mut package, &part)?,
        _ => Looks::new(),
    };
    let strings = match strings {
        Some(part) if package.has(&part) => parts::strings(&mut package, &part, limits)?,
        _ => Vec::new(),
    };
    let (mut taken, mut sheets) = (Taken::default(), Vec::new());
    for one in named {
        let outcome = package.part(&one.part).and_then(|part| {
            let cells = Cells { sheet: &one.name, strings: &strings, looks: &looks, limits, taken: &mut taken };
            cells.read(&mut Xml::new(part))
        });
        let (rows, unseen) = package.explain(outcome)?;
        let has = |column: u16| rows.iter().any(|row| row.cell(column).is_some());
        let hidden_rows = rows.iter().map(|row| row.number).filter(|row| unseen.rows.contains(row)).collect();
        let hidden_columns = (0..limits.columns).filter(|column| unseen.column(*column) && has(*column)).collect();
        sheets.push(Sheet { name: one.name, hidden: one.hidden, rows, hidden_rows, hidden_columns });
    }
    Ok(Workbook { sheets })
}

type Rows = BTreeMap<u32, BTreeMap<u16, Cell>>;

/// What is hidden from who opens the file.
#[derive(Default)]
struct Unseen {
    rows: BTreeSet<u32>,
    /// First and last of columns next to one another, from 1.
    columns: Vec<(u32, u32)>,
}

impl Unseen {
    fn column(&self, column: u16) -> bool {
        let number = u32::from(column) + 1;
        self.columns.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }
}

struct Cells<'a> {
    sheet: &'a str,
    strings: &'a [String],
    looks: &'a Looks,
    limits: &'a Limits,
    taken: &'a mut Taken,
}

/// A cell that is being read.
#[derive(Default)]
struct Open {
    row: u32,
    column: u32,
    kind: String,
    style: usize,
    value: String,
    in_value: bool,
    rich: RichText,
}

impl Cells<'_> {
    fn place(&self, row: u32, column: u32) -> String {
        let column = u16::try_from(column).map_or_else(|_| "?".into(), letters);
        format!("{}!{column}{row}", self.sheet)
    }

    fn read<R: BufRead>(mut self, xml: &mut Xml<R>) -> Result<(Vec<Row>, Unseen), Unreadable> {
        let (mut rows, mut merged, mut unseen) = (Rows::new(), Vec::new(), Unseen::default());
        let (mut row, mut column) = (0_u32, 0_u32);
        let mut open: Option<Open> = None;
        loop {
            match xml.next()? {
                Next::Start(element) => match (element.local_name().as_ref(), &mut open) {
                    ("row", None) => {
                        row = number(&element, "r")?.unwrap_or(row.saturating_add(1));
                        column = 0;
                        if !self.taken.written(self.limits, 1) {
                            return Err(Unreadable::at(FileProblem::EmptyRows, self.place(row, 0)));
                        }
                        if is_hidden(&element)? {
                            unseen.rows.insert(row);
                        }
                    }
                    // There are no more than there can be columns.
                    ("col", None) if unseen.columns.len() < usize::from(u16::MAX) && is_hidden(&element)? => {
                        let (first, last) = (number(&element, "min")?, number(&element, "max")?);
                        unseen.columns.extend(first.zip(last));
                    }
                    ("c", None) => {
                        let place = attribute(&element, "r")?;
                        let place = place.map(|text| a1(&text).ok_or(FileProblem::Damaged)).transpose()?;
                        let (at_row, at_column) = place.unwrap_or((row.max(1), column));
                        column = at_column.saturating_add(1);
                        let kind = attribute(&element, "t")?.unwrap_or_default();
                        let style = attribute(&element, "s")?.and_then(|style| style.parse().ok()).unwrap_or_default();
                        open = Some(Open { row: at_row, column: at_column, kind, style, ..Open::default() });
                    }
                    ("v", Some(cell)) => cell.in_value = true,
                    // What a formula says depends on who computes it.
                    ("f", Some(cell)) => {
                        let place = self.place(cell.row, cell.column);
                        return Err(Unreadable::at(FileProblem::Formula, place));
                    }
                    (name, Some(cell)) => cell.rich.start(name),
                    ("mergeCell", None) => {
                        let region = attribute(&element, "ref")?.and_then(|text| region(&text));
                        merged.push(region.ok_or(FileProblem::Damaged)?);
                        if merged.len() > self.limits.merged {
                            return Err(Unreadable::at(FileProblem::TooLarge, self.sheet));
                        }
                    }
                    _ => {}
                },
                Next::Text(text) => {
                    if let Some(cell) = &mut open {
                        if cell.in_value {
                            cell.value.push_str(&text);
                        }
                        cell.rich.text(&text);
                    }
                }
                Next::End(name) => match (name.as_str(), &mut open) {
                    ("v", Some(cell)) => cell.in_value = false,
                    ("c", Some(_)) => {
                        if let Some(cell) = open.take() {
                            self.keep(cell, &mut rows)?;
                        }
                    }
                    (name, Some(cell)) => cell.rich.end(name),
                    _ => {}
                },
                Next::Done => break,
            }
        }
        self.spread(&mut rows, &merged)?;
        let rows = rows.into_iter();
        let rows = rows.map(|(number, cells)| Row { number, cells: cells.into_values().collect() }).collect();
        Ok((rows, unseen))
    }

    /// Keeps a cell if something stands in it.
    fn keep(&mut self, mut cell: Open, rows: &mut Rows) -> Result<(), Unreadable> {
        let text = match cell.kind.as_str() {
            "s" => {
                let index = cell.value.trim().parse::<usize>().ok();
                // Without a value it is an empty cell with a look.
                match index.map(|index| self.strings.get(index)) {
                    Some(Some(text)) => text.clone(),
                    Some(None) => return Err(FileProblem::Damaged.into()),
                    None if cell.value.trim().is_empty() => String::new(),
                    None => return Err(FileProblem::Damaged.into()),
                }
            }
            "inlineStr" => unescape(&cell.rich.take()),
            "str" => unescape(&cell.value),
            "b" => if cell.value.trim() == "1" { "TRUE" } else { "FALSE" }.into(),
            "e" => return Err(Unreadable::at(FileProblem::ErrorValue, self.place(cell.row, cell.column))),
            "d" => cell.value,
            _ => shown(cell.value.trim(), self.looks.get(&cell.style).copied()),
        };
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let column = u16::try_from(cell.column).ok().filter(|column| *column < self.limits.columns);
        let fresh = !rows.contains_key(&cell.row);
        let (Some(column), true) = (column, self.taken.cell(self.limits, text)) else {
            return Err(Unreadable::at(FileProblem::TooLarge, self.place(cell.row, cell.column)));
        };
        if fresh && !self.taken.row(self.limits) {
            return Err(Unreadable::at(FileProblem::TooLarge, self.place(cell.row, cell.column)));
        }
        let kept = Cell { column, text: text.to_owned(), from_above: false };
        rows.entry(cell.row).or_default().insert(column, kept);
        Ok(())
    }

    /// Lets what stands in a merged region stand in each of its rows in which something else stands.
    fn spread(&mut self, rows: &mut Rows, merged: &[Region]) -> Result<(), Unreadable> {
        for region in merged {
            let Ok(column) = u16::try_from(region.left) else { continue };
            let Some(text) = rows.get(&region.top).and_then(|row| row.get(&column)).map(|cell| cell.text.clone())
            else {
                continue;
            };
            for (number, row) in rows.range_mut(region.top.saturating_add(1)..=region.bottom.max(region.top + 1)) {
                if *number > region.bottom {
                    break;
                }
                if !self.taken.cell(self.limits, &text) {
                    return Err(Unreadable::at(FileProblem::TooLarge, self.place(region.top, region.left)));
                }
                row.insert(column, Cell { column, text: text.clone(), from_above: true });
            }
        }
        Ok(())
    }
}

/// A number as it is shown.
fn shown(value: &str, look: Option<Shown>) -> String {
    match look {
        Some(Shown::Day) => day(value),
        Some(Shown::Time) => time(value),
        Some(Shown::Percent) => percent(value),
        None => typed(value),
    }
}

/// A time that is stored as a part of a day; with its seconds only if it has some.
fn time(value: &str) -> String {
    let days = value.parse::<f64>().ok().filter(|days| (0.0..2_958_466.0).contains(days));
    let Some(days) = days else { return typed(value) };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within a day")]
    let seconds = (days.fract() * 86_400.0).round() as u64 % 86_400;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 { format!("{hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}:{seconds:02}") }
}

/// A part of a whole in hundredths, with two more places at most.
fn percent(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(part) if part.is_finite() && part.abs() < 1e13 => {
            let hundredths = format!("{:.2}", part * 100.0);
            format!("{}%", hundredths.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => typed(value),
    }
}

/// A day that is stored as how many have gone by, as it is written in lists; with its time only if it has one.
fn day(value: &str) -> String {
    let days = value.parse::<f64>().ok().filter(|days| (1.0..2_958_466.0).contains(days));
    let Some(days) = days else { return typed(value) };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the days there are")]
    let (whole, minutes) = (days.trunc() as u64, (days.fract() * 1_440.0).round() as u64);
    // Programs count a 29 February 1900 that never was.
    let first = NaiveDate::from_ymd_opt(1899, 12, if whole < 60 { 31 } else { 30 });
    let Some(day) = first.and_then(|first| first.checked_add_days(Days::new(whole))) else { return typed(value) };
    if minutes == 0 { day.to_string() } else { format!("{day} {:02}:{:02}", minutes / 60 % 24, minutes % 60) }
}

/// A number as it reads: whole ones without a point, whatever they are stored as.
fn typed(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Ok(number) if number.is_finite() => number.to_string(),
        _ => value.to_owned(),
    }
}

fn number(element: &BytesStart<'_>, name: &str) -> Result<Option<u32>, FileProblem> {
    let Some(text) = attribute(element, name)? else { return Ok(None) };
    let number: u32 = text.parse().map_err(|_| FileProblem::Damaged)?;
    if (1..=EDGE.0).contains(&number) { Ok(Some(number)) } else { Err(FileProblem::Damaged) }
}

/// Whether an element says that it is hidden.
fn is_hidden(element: &BytesStart<'_>) -> Result<bool, FileProblem> {
    Ok(attribute(element, "hidden")?.is_some_and(|hidden| ["1", "true"].contains(&hidden.trim())))
}

/// Row (from 1) and column (from 0) of a reference such as `C7`.
fn a1(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.replace('$', "");
    let digits = reference.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = reference.split_at(digits);
    if !(1..=3).contains(&letters.len()) || !letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let column = letters.bytes().fold(0_u32, |sum, byte| sum * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = row.parse().ok()?;
    ((1..=EDGE.0).contains(&row) && column <= EDGE.1).then(|| (row, column - 1))
}

struct Region {
    top: u32,
    left: u32,
    bottom: u32,
}

fn region(reference: &str) -> Option<Region> {
    let (from, to) = reference.split_once(':').unwrap_or((reference, reference));
    let ((top, left), (bottom, _)) = (a1(from)?, a1(to)?);
    (bottom >= top).then_some(Region { top, left, bottom })
}
