//! A document as a workbook in the layout of official lists.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use unicode_width::UnicodeWidthStr;

use super::document::{Document, Table, Value};

/// Fonts that every Chinese spreadsheet program has; others put their own in the place.
const BODY: &str = "仿宋";
const HEAD: &str = "黑体";
const TITLE: &str = "宋体";

/// Characters across a page of A4 landscape: what is printed is made as wide.
const PAGE: f64 = 128.0;
/// Points of a line of text in the tallest of the fonts that stand in for ours, and the most a row may have.
const LINE: f64 = 15.4;
const TALLEST: f64 = 409.0;
/// Lines that a row may have.
const LINES: f64 = 26.0;

struct Looks {
    title: Format,
    note: Format,
    heading: Format,
    text: Format,
    short: Format,
    text_top: Format,
    short_top: Format,
}

impl Looks {
    fn new() -> Self {
        let framed = || Format::new().set_border(FormatBorder::Thin).set_text_wrap().set_font_size(10);
        let centred = |format: Format| format.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter);
        Self {
            title: centred(Format::new().set_font_name(TITLE).set_font_size(20).set_bold()),
            note: Format::new().set_font_name(BODY).set_font_size(11).set_align(FormatAlign::Left).set_text_wrap(),
            heading: centred(framed().set_font_name(HEAD)),
            text: framed().set_font_name(BODY).set_align(FormatAlign::Left).set_align(FormatAlign::VerticalCenter),
            short: centred(framed().set_font_name(BODY)),
            text_top: framed().set_font_name(BODY).set_align(FormatAlign::Left).set_align(FormatAlign::Top),
            short_top: framed().set_font_name(BODY).set_align(FormatAlign::Center).set_align(FormatAlign::Top),
        }
    }
}

pub(super) fn write(document: &Document) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(document.created.timestamp())?;
    workbook.set_properties(
        &DocProperties::new().set_title(&document.title).set_author(&document.author).set_creation_datetime(&created),
    );
    let looks = Looks::new();
    for table in &document.tables {
        let sheet = workbook.add_worksheet();
        page(sheet.set_name(&table.name)?, &document.title);
        fill(sheet, table, &looks)?;
    }
    workbook.save_to_buffer()
}

/// A4 landscape, as wide as the paper, numbered.
fn page(sheet: &mut Worksheet, title: &str) {
    // In a footer `&` begins a command.
    let title = title.replace('&', "&&");
    sheet
        .set_paper_size(9)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_print_center_horizontally(true)
        .set_margins(0.5, 0.5, 0.6, 0.7, 0.3, 0.3)
        .set_footer(format!("&L&9{title}&R&9第 &P 页，共 &N 页"));
}

fn fill(sheet: &mut Worksheet, table: &Table, looks: &Looks) -> Result<(), XlsxError> {
    let printed = table.printed.unwrap_or(usize::MAX).min(table.columns.len());
    let last = u16::try_from(printed.saturating_sub(1)).unwrap_or_default();
    let widths = widths(table, printed);
    let seen = widths.get(..printed).unwrap_or_default();
    let cut = table.cut(|column, text| match seen.get(column) {
        Some(width) => lines(text, *width) / LINES,
        None => 0.0,
    });
    let table = &cut;
    let across_page: f64 = widths.iter().take(printed).sum();
    let mut row = 0;
    for (index, line) in std::iter::once(&table.title).chain(&table.notes).enumerate() {
        let look = if index == 0 { &looks.title } else { &looks.note };
        across(sheet, row, last, line, look)?;
        sheet.set_row_height(row, if index == 0 { 34.0 } else { height(lines(line, across_page * 0.9)) })?;
        row += 1;
    }
    for (column, (one, width)) in (0..).zip(table.columns.iter().zip(&widths)) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(row, column, &one.heading, &looks.heading)?;
    }
    sheet.set_row_height(row, 28)?;
    sheet.set_repeat_rows(0, row)?.set_freeze_panes(row + 1, 0)?;
    row += 1;
    if table.printed.is_some() {
        let end = row + u32::try_from(table.rows.len()).unwrap_or_default();
        sheet.set_print_area(0, 0, end.saturating_sub(1), last)?;
    }
    let spans = table.spans();
    for (((index, number), cells), spans) in (0..).zip(row..).zip(&table.rows).zip(&spans) {
        // Not every program finds out by itself how tall a row has to be.
        let tall = cells.cells.iter().zip(seen).zip(spans).filter(|(_, span)| **span == 1);
        let tall = tall.map(|((value, width), _)| lines(&value.text(), *width)).fold(1.0, f64::max);
        sheet.set_row_height(number, height(tall))?;
        for ((column, value), span) in (0..).zip(&cells.cells).zip(spans) {
            let short = table.columns.get(usize::from(column)).is_some_and(|column| column.width.is_short());
            // What reaches down over rows that go on begins at the top, where a page break does not cut it in two.
            let goes_on = *span > 1 && table.rows.get(index + 1).is_some_and(|row| row.continues);
            let look = match (short, goes_on || cells.continues) {
                (true, false) => &looks.short,
                (true, true) => &looks.short_top,
                (false, false) => &looks.text,
                (false, true) => &looks.text_top,
            };
            match (span, value) {
                (0, _) => {}
                (1, _) => put(sheet, number, column, value, look)?,
                (rows, _) => {
                    sheet.merge_range(number, column, number + rows - 1, column, "", look)?;
                    put(sheet, number, column, value, look)?;
                }
            }
        }
    }
    Ok(())
}

/// How wide the columns are: what is printed fills the page, and no paragraph is longer than a row can be tall.
fn widths(table: &Table, printed: usize) -> Vec<f64> {
    let longest = |column: usize| {
        let texts = table.rows.iter().filter_map(|row| row.cells.get(column));
        texts
            .map(|value| value.text().lines().map(|line| paragraph(line) / LINES).fold(0.0, f64::max))
            .fold(0.0, f64::max)
    };
    let needed = |index: usize| if index < printed { longest(index).ceil() + 1.0 } else { 0.0 };
    let plain: Vec<f64> = table.columns.iter().map(|column| f64::from(column.width.characters())).collect();
    let stretch = PAGE / plain.iter().take(printed).sum::<f64>();
    let fitted = |(index, width): (usize, &f64)| {
        // Smaller than the page only as far as a paragraph still fits into a row: the type is then smaller instead.
        if index < printed { (width * stretch).max(needed(index)).max(6.0) } else { *width }
    };
    plain.iter().enumerate().map(fitted).collect()
}

/// How long a paragraph is, in half-width characters.
#[expect(clippy::cast_precision_loss, reason = "a cell has at most 32,767 characters")]
fn paragraph(line: &str) -> f64 {
    line.width() as f64
}

/// How many lines a text takes in so many characters.
fn lines(text: &str, width: f64) -> f64 {
    let line = |line: &str| (paragraph(line) / (width - 1.0).max(1.0)).ceil().max(1.0);
    text.lines().map(line).sum::<f64>().max(1.0)
}

fn height(lines: f64) -> f64 {
    (lines * LINE + 4.0).min(TALLEST)
}

/// One line across the whole table.
fn across(sheet: &mut Worksheet, row: u32, last: u16, text: &str, look: &Format) -> Result<(), XlsxError> {
    if last == 0 {
        sheet.write_string_with_format(row, 0, text, look)?;
    } else {
        sheet.merge_range(row, 0, row, last, text, look)?;
    }
    Ok(())
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, value: &Value, look: &Format) -> Result<(), XlsxError> {
    match value {
        // Always as text: `=`, `+`, `-` and `@` at the beginning of a name begin nothing else.
        Value::Text(text) => sheet.write_string_with_format(row, column, text, look)?,
        // No number here is anywhere near 2^53.
        #[expect(clippy::cast_precision_loss, reason = "counts and ordinals")]
        Value::Number(number) => sheet.write_number_with_format(row, column, *number as f64, look)?,
        Value::Decimal(number) => sheet.write_number_with_format(row, column, *number, look)?,
    };
    Ok(())
}
