//! A document as a page made for print: everything in one file, nothing run, nothing loaded.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::document::{Column, Document, Table};

const STYLE: &str = "\
@page{size:A4 landscape;margin:12mm 10mm 14mm}\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:277mm;color:#000;background:#fff;\
font:10pt/1.5 FangSong,STFangsong,'仿宋','Noto Serif CJK SC','Source Han Serif SC',SimSun,'宋体',serif}\
section+section{break-before:page}\
h1{margin:0 0 2mm;text-align:center;font:bold 20pt/1.3 SimSun,STSong,'宋体','Noto Serif CJK SC',serif}\
p{margin:0 0 1mm;font-size:11pt}\
table{width:100%;margin-top:2mm;border-collapse:collapse;table-layout:fixed}\
thead{display:table-header-group}\
tr{break-inside:avoid}\
.t{break-inside:auto}\
th,td{padding:1mm 1.5mm;border:.3mm solid #000;text-align:left;vertical-align:middle;\
white-space:pre-line;overflow-wrap:anywhere}\
th{text-align:center;font:10pt/1.4 SimHei,STHeiti,'黑体','Noto Sans CJK SC',sans-serif}\
.s{text-align:center}\
@media screen{body{padding:8mm}}";

/// Lines from which a row may be broken between two pages.
const TALL: usize = 12;
/// Characters that the narrowest column has on paper.
const NARROW: u32 = 13;

pub(super) fn write(document: &Document) -> Vec<u8> {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'\">\n\
         <meta name=\"author\" content=\"{}\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        escaped(&document.author),
        escaped(&document.title),
    );
    for table in &document.tables {
        section(&mut page, table);
    }
    page.push_str("</body>\n</html>\n");
    page.into_bytes()
}

fn section(page: &mut String, table: &Table) {
    let _ = write!(page, "<section>\n<h1>{}</h1>\n", escaped(&table.title));
    for note in &table.notes {
        let _ = writeln!(page, "<p>{}</p>", escaped(note));
    }
    // A cell that reaches down over many rows would keep a page break from all of them.
    let columns = table.columns.iter().map(|column| Column { merged: false, ..column.clone() }).collect();
    let table = &Table { columns, ..table.clone() };
    let wide = |column: &Column| u32::from(column.width.characters()).max(NARROW);
    let total: u32 = table.columns.iter().map(wide).sum();
    page.push_str("<table>\n<colgroup>");
    for column in &table.columns {
        // An attribute of old, because a style would need a permission of its own.
        let _ = write!(page, "<col width=\"{}%\">", wide(column) * 100 / total.max(1));
    }
    page.push_str("</colgroup>\n<thead>\n<tr>");
    for column in &table.columns {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(&column.heading));
    }
    page.push_str("</tr>\n</thead>\n<tbody>\n");
    for (row, spans) in table.rows.iter().zip(table.spans()) {
        // A row of many lines would leave the rest of its page empty.
        let tall = row
            .cells
            .iter()
            .any(|cell| cell.text().lines().map(|line| 1 + line.chars().count() / 16).sum::<usize>() > TALL);
        page.push_str(if tall { "<tr class=\"t\">" } else { "<tr>" });
        for ((value, span), column) in row.cells.iter().zip(spans).zip(&table.columns) {
            let text = value.text();
            let class = if column.width.is_short() { " class=\"s\"" } else { "" };
            match span {
                0 => {}
                1 => drop(write!(page, "<td{class}>{}</td>", escaped(&text))),
                rows => drop(write!(page, "<td{class} rowspan=\"{rows}\">{}</td>", escaped(&text))),
            }
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n</section>\n");
}

fn escaped(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => clean.push_str("&amp;"),
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            '"' => clean.push_str("&quot;"),
            '\'' => clean.push_str("&#39;"),
            other => clean.push(other),
        }
    }
    clean
}
