//! What is written: read back by us and by a reader that knows nothing of ours.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use proptest::prelude::*;
use yidan::kernel::sheet::{Column, Document, SheetFormat, Table, Value, Width, write};
use yidan_tests::start_of_story;

use super::*;

fn document(rows: Vec<Vec<Value>>) -> Document {
    let columns = vec![
        Column::new("序号", Width::Narrow),
        Column::new("类别", Width::Medium).merged(),
        Column::new("事项名称", Width::Text),
    ];
    Document {
        name: "澜溪县柳汀镇/清单".into(),
        title: "澜溪县柳汀镇履职事项清单".into(),
        author: "柳汀镇".into(),
        created: start_of_story(),
        tables: vec![Table {
            name: "基本履职事项清单".into(),
            title: "澜溪县柳汀镇基本履职事项清单".into(),
            notes: vec!["第2版，自2026年11月1日起施行".into()],
            columns,
            rows: rows.into_iter().map(Into::into).collect(),
            printed: None,
            goes_on: None,
        }],
    }
}

const TRICKY: &[&str] = &[
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "'=1",
    "''x",
    "\t=1",
    "_x000D_",
    "两行\n三行",
    "“引号”\"与\"",
    "a,b;c",
    "<b>&amp;",
    "1.0",
    "007",
    "TRUE",
    "=cmd|'/c calc'!A1",
    "https://example.com/a",
    "①第一②第二",
    "𠮷林村",
    "'",
];

#[test]
fn what_is_written_is_read_back_by_us_and_by_others() {
    let rows =
        TRICKY.iter().zip(1..).map(|(text, number)| vec![Value::Number(number), "党的建设".into(), (*text).into()]);
    let document = document(rows.collect());
    let bytes = write(&document, SheetFormat::Xlsx).unwrap();
    let workbook = opened("x.xlsx", &bytes).unwrap();
    let sheet = &workbook.sheets[0];
    assert_eq!(sheet.name, "基本履职事项清单");
    assert_eq!(
        cells(sheet)[..5],
        ["A1=澜溪县柳汀镇基本履职事项清单", "A2=第2版，自2026年11月1日起施行", "A3=序号", "B3=类别", "C3=事项名称"]
    );
    for (row, text) in sheet.rows[3..].iter().zip(TRICKY) {
        assert_eq!(row.cell(2).unwrap().text, text.trim(), "{text:?}");
        assert_eq!((row.cell(1).unwrap().text.as_str(), row.cell(1).unwrap().from_above), ("党的建设", row.number > 4));
    }
    // Nothing is a formula to another program either.
    let mut other: Xlsx<_> = Xlsx::new(Cursor::new(&bytes)).unwrap();
    let range = other.worksheet_range("基本履职事项清单").unwrap();
    for (index, text) in (3..).zip(TRICKY) {
        assert_eq!(range.get_value((index, 2)), Some(&Data::String((*text).to_owned())), "{text:?}");
        assert_eq!(range.get_value((index, 0)), Some(&Data::Float(f64::from(index - 2))));
    }
    assert!(other.worksheet_formula("基本履职事项清单").unwrap().is_empty());
    let merged = other.merge_cells_by_sheet_name("基本履职事项清单").unwrap();
    assert!(merged.iter().any(|region| (region.start, region.end) == ((3, 1), (22, 1))), "{merged:?}");
    assert!(merged.iter().any(|region| (region.start, region.end) == ((0, 0), (0, 2))), "{merged:?}");
}

#[test]
fn a_workbook_is_laid_out_for_print() {
    let bytes = write(&document(vec![vec![Value::Number(1), "甲".into(), "乙".into()]]), SheetFormat::Xlsx).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let mut text = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
    let sheet = text("xl/worksheets/sheet1.xml");
    for wanted in [
        r#"paperSize="9""#,
        r#"orientation="landscape""#,
        r#"fitToHeight="0""#,
        "fitToPage",
        "customHeight",
        "&amp;P",
        "state=\"frozen\"",
    ] {
        assert!(sheet.contains(wanted), "{wanted} in {sheet}");
    }
    let workbook = text("xl/workbook.xml");
    assert!(workbook.contains("_xlnm.Print_Titles") && workbook.contains("$1:$3"), "{workbook}");
    let core = text("docProps/core.xml");
    assert!(core.contains("澜溪县柳汀镇履职事项清单") && core.contains("柳汀镇"), "{core}");
    assert!(text("xl/styles.xml").contains("仿宋"));
    assert_eq!(
        write(&document(vec![vec![Value::Number(1), "甲".into(), "乙".into()]]), SheetFormat::Xlsx).unwrap(),
        bytes,
        "the same every time"
    );
}

#[test]
fn what_is_taller_than_a_row_goes_on_below_and_is_read_back_whole() {
    let clauses: Vec<String> =
        (1..=60).map(|number| format!("（{number}）{}", "依法开展日常巡查并及时上报".repeat(3))).collect();
    let text = clauses.join("\n");
    let rows = vec![
        vec![Value::Number(1), "党的建设".into(), text.as_str().into()],
        vec![Value::Number(2), "党的建设".into(), "长".repeat(1_500).into()],
    ];
    let bytes = write(&document(rows), SheetFormat::Xlsx).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let sheet = std::io::read_to_string(archive.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    let heights: Vec<f64> =
        sheet.split(" ht=\"").skip(4).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect();
    assert!(heights.len() > 3 && heights.iter().all(|height| *height < 409.0), "{heights:?}");
    let sheet = &opened("x.xlsx", &bytes).unwrap().sheets[0];
    let long: Vec<&str> = sheet.rows[3..].iter().filter_map(|row| row.cell(2)).map(|cell| cell.text.as_str()).collect();
    let (last, first) = long.split_last().unwrap();
    assert_eq!((first.join("\n"), *last), (text, "长".repeat(1_500).as_str()));
    assert!(sheet.rows[3..].iter().all(|row| row.cell(1).unwrap().text == "党的建设"), "one cell over all rows");
    assert!(sheet.rows[4].cell(0).unwrap().from_above);
}

#[test]
fn rows_that_go_on_say_so_where_they_are_to() {
    let text = (1..=60).map(|number| format!("第{number}条{}", "依法巡查".repeat(10))).collect::<Vec<_>>().join("\n");
    let rows = vec![vec![Value::Number(1), "党的建设".into(), text.as_str().into()]];
    let mut document = document(rows);
    document.tables[0].goes_on = Some((0, "续"));
    let workbook = opened("x.xlsx", &write(&document, SheetFormat::Xlsx).unwrap()).unwrap();
    let sheet = &workbook.sheets[0];
    let first: Vec<&str> =
        sheet.rows[3..].iter().filter_map(|row| row.cell(0)).map(|cell| cell.text.as_str()).collect();
    assert!(first.len() > 1, "{first:?}");
    assert_eq!(first[0], "1");
    assert!(first[1..].iter().all(|text| *text == "续"), "{first:?}");
    let back: Vec<&str> = sheet.rows[3..].iter().filter_map(|row| row.cell(2)).map(|cell| cell.text.as_str()).collect();
    assert_eq!(back.join("\n"), text);
}

#[test]
fn text_with_commas_is_no_program_and_reads_the_same() {
    let rows =
        TRICKY.iter().zip(1..).map(|(text, number)| vec![Value::Number(number), "党的建设".into(), (*text).into()]);
    let bytes = write(&document(rows.collect()), SheetFormat::Csv).unwrap();
    assert!(bytes.starts_with("\u{FEFF}序号,类别,事项名称\r\n".as_bytes()));
    let text = String::from_utf8(bytes.clone()).unwrap();
    for line in text.lines().skip(1) {
        let cell = line.rsplit("党的建设,").next().unwrap().trim_start_matches('"');
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{line}");
    }
    let workbook = opened("x.csv", &bytes).unwrap();
    for (row, text) in workbook.sheets[0].rows[1..].iter().zip(TRICKY) {
        assert_eq!(row.cell(2).unwrap().text.trim(), text.trim(), "{text:?}");
    }
}

#[test]
fn a_page_for_print_runs_nothing_and_shows_everything() {
    let rows = vec![
        vec![Value::Number(1), "甲".into(), "<script>alert(1)</script>".into()],
        vec![Value::Number(2), "甲".into(), "\"onload='x'".into()],
        vec![Value::Number(3), "乙".into(), "两行\n三行".into()],
    ];
    let page = String::from_utf8(write(&document(rows), SheetFormat::Html).unwrap()).unwrap();
    assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("://"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&quot;onload=&#39;x&#39;"));
    for wanted in [
        "A4 landscape",
        "table-header-group",
        "default-src 'none'; style-src 'sha256-",
        "FangSong",
        "<h1>澜溪县柳汀镇基本履职事项清单</h1>",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert!(!page.contains("rowspan"), "what reaches over many rows keeps a page break away");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_text_comes_back(texts in prop::collection::vec("[\\PC\n]{1,60}", 1..6)) {
        let texts: Vec<&str> = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
        let rows = texts.iter().map(|text| vec![Value::Number(1), Value::empty(), (*text).into()]).collect();
        let document = document(rows);
        for (format, skip) in [(SheetFormat::Xlsx, 3), (SheetFormat::Csv, 1)] {
            let bytes = write(&document, format).unwrap();
            let read = opened(&format!("x.{}", format.ending()), &bytes);
            // Private characters stand for nothing, so a text file with them is not read.
            let private = |text: &&str| text.chars().any(|c| ('\u{E000}'..='\u{F8FF}').contains(&c));
            if format == SheetFormat::Csv && texts.iter().any(private) {
                continue;
            }
            let workbook = read.unwrap();
            let back: Vec<&str> = workbook.sheets[0].rows[skip..].iter().map(|row| row.cell(2).map_or("", |cell| cell.text.as_str())).collect();
            prop_assert_eq!(&back, &texts, "{}", format);
        }
    }
}
