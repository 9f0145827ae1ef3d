//! Files that mean no good, or are no spreadsheets: refused with the reason, whatever they say of themselves.

use proptest::prelude::*;
use yidan_tests::files::{declaring, locked};

use super::*;

const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

fn list() -> Pack {
    Pack::of_rows("基本履职事项清单", &[&["序号", "类别", "事项名称"], &["1", "党的建设", "落实第一议题制度"]])
}

#[test]
fn what_is_no_spreadsheet_is_refused() {
    assert_eq!(problem(b""), FileProblem::Empty);
    assert_eq!(problem("不是表格".as_bytes()), FileProblem::NotASpreadsheet);
    assert_eq!(problem(b"\x89PNG\r\n\x1a\n"), FileProblem::NotASpreadsheet);
    assert_eq!(problem(b"<html><table><tr><td>1</td></tr></table></html>"), FileProblem::NotASpreadsheet);
    assert_eq!(problem(&Pack(Vec::new()).with("a.txt", "x").bytes()), FileProblem::NotASpreadsheet);
    let text = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    let types = format!(r#"<Types><Override PartName="/word/document.xml" ContentType="{text}"/></Types>"#);
    assert_eq!(problem(&list().with("[Content_Types].xml", types).bytes()), FileProblem::NotASpreadsheet);
    assert_eq!(problem(&Pack::of_rows("表", &[&["", " "]]).bytes()), FileProblem::Empty);
}

#[test]
fn old_and_locked_workbooks_are_refused() {
    let mut old = COMPOUND.to_vec();
    old.resize(4_096, 0);
    assert_eq!(problem(&old), FileProblem::OldWorkbook);
    old.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    old.extend([0; 64]);
    assert_eq!(problem(&old), FileProblem::Encrypted);
    assert_eq!(problem(&locked(list().bytes())), FileProblem::Encrypted);
    let binary = r#"<Types><Override ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>"#;
    assert!(matches!(
        problem(&list().with("[Content_Types].xml", binary).bytes()),
        FileProblem::Macros | FileProblem::OldWorkbook
    ));
}

#[test]
fn macros_and_formulas_are_refused() {
    assert_eq!(problem(&list().with("xl/vbaProject.bin", "x").bytes()), FileProblem::Macros);
    assert_eq!(problem(&list().with("xl\\VBAPROJECT.bin", "x").bytes()), FileProblem::Macros);
    let kind = r#"<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>"#;
    assert_eq!(problem(&list().with("[Content_Types].xml", kind).bytes()), FileProblem::Macros);
    for formula in
        ["<f>1+1</f><v>2</v>", "<v>2</v><f/>", r#"<f t="shared" si="0"/><v>2</v>"#, "<f>WEBSERVICE(\"x\")</f>"]
    {
        let xml = format!(r#"<sheetData><row r="7"><c r="C7">{formula}</c></row></sheetData>"#);
        let refused = refused("清单.xlsx", &Pack::workbook(&[("基本", &xml)]).bytes());
        assert_eq!((refused.problem, refused.at.as_deref()), (FileProblem::Formula, Some("基本!C7")), "{formula}");
    }
}

#[test]
fn too_many_empty_rows_and_what_is_far_out_are_refused() {
    let rows = |count: u32, look: &str| {
        let mut rows = String::new();
        for number in 1..=count {
            rows += &format!("<row r=\"{number}\"{look}/>");
        }
        let last = format!(r#"<row r="{0}"><c r="B{0}"><v>1</v></c></row>"#, count + 1);
        Pack::workbook(&[("表", &format!("<sheetData>{rows}{last}</sheetData>"))]).bytes()
    };
    let workbook = opened("清单.xlsx", &rows(50_000, "")).unwrap();
    assert_eq!(cells(&workbook.sheets[0]), ["B50001=1"], "a sheet that was formatted far down is read");
    let all = refused("清单.xlsx", &rows(1_048_575, ""));
    assert_eq!((all.problem, all.at.as_deref()), (FileProblem::EmptyRows, Some("表!A110001")));
    let looking = r#" spans="1:3" ht="15" customHeight="1" dyDescent="0.25""#;
    assert_eq!(problem(&rows(1_048_575, looking)), FileProblem::Bomb, "more than is ever inflated");
    let lines = format!("{}1", "\n".repeat(1_048_575));
    assert_eq!(refused("清单.csv", lines.as_bytes()).problem, FileProblem::EmptyRows);
    let below = format!("1{}", "\n".repeat(1_048_575));
    assert_eq!(refused("清单.csv", below.as_bytes()).problem, FileProblem::EmptyRows);
    let commas = format!("{}1", ",,\n".repeat(1_048_575));
    assert_eq!(refused("清单.csv", commas.as_bytes()).problem, FileProblem::EmptyRows);
    let corner = r#"<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>"#;
    let far = refused("清单.xlsx", &Pack::workbook(&[("表", corner)]).bytes());
    assert_eq!((far.problem, far.at.as_deref()), (FileProblem::TooLarge, Some("表!XFD1048576")));
    let styled = r#"<sheetData><row r="1048576"><c r="XFD1048576" s="1"/><c r="A1048576" t="s"/></row></sheetData>"#;
    assert_eq!(problem(&Pack::workbook(&[("表", styled)]).bytes()), FileProblem::Empty, "a look is no content");
    for beyond in ["XFE1", "A1048577", "A0", "7", "AAAA1", "A-1", "Ａ1"] {
        let xml = format!(r#"<sheetData><row r="1"><c r="{beyond}"><v>1</v></c></row></sheetData>"#);
        assert_eq!(problem(&Pack::workbook(&[("表", &xml)]).bytes()), FileProblem::Damaged, "{beyond}");
    }
}

#[test]
fn what_inflates_is_counted_not_believed() {
    // Says so: nothing is inflated at all.
    let zeros = vec![b' '; 65 << 20];
    let said = list().with("xl/media/a.bin", zeros).bytes();
    assert!(said.len() < 1 << 20, "{}", said.len());
    assert_eq!(problem(&said), FileProblem::Bomb);
    // Does not say so: cut off where it says it ends.
    let blank = |bytes: usize| format!("<worksheet><sheetData>{}</sheetData></worksheet>", " ".repeat(bytes));
    let part = "xl/worksheets/sheet1.xml";
    let silent = declaring(list().with(part, blank(65 << 20)).bytes(), part, 1_000);
    assert_eq!(problem(&silent), FileProblem::Damaged);
    // Twenty sheets that are one and the same file.
    let names: Vec<String> = (0..20).map(|index| format!("表{index}")).collect();
    let sheets: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "<sheetData/>")).collect();
    let pack = Pack::workbook(&sheets);
    let relations = pack.0.iter().find(|(name, _)| name.ends_with("workbook.xml.rels")).unwrap().1.clone();
    let mut relations = String::from_utf8(relations).unwrap();
    for index in 2..=20 {
        relations = relations.replace(&format!("/sheet{index}.xml"), "/sheet1.xml");
    }
    let same = pack.with("xl/_rels/workbook.xml.rels", relations).with(part, blank(8 << 20)).bytes();
    assert_eq!(problem(&same), FileProblem::Bomb);
    // A hundred times the same, each within bounds.
    let mut pack = list();
    for index in 0..100 {
        pack = pack.with(&format!("xl/worksheets/x{index}.xml"), vec![b' '; 1 << 20]);
    }
    assert_eq!(problem(&pack.bytes()), FileProblem::Bomb);
    let mut pack = list();
    for index in 0..1_001 {
        pack = pack.with(&format!("x/{index}"), "");
    }
    assert_eq!(problem(&pack.bytes()), FileProblem::TooLarge, "too many files");
    assert_eq!(problem(&vec![b'P'; (8 << 20) + 1]), FileProblem::TooLarge);
}

#[test]
fn entities_are_not_declared_in_a_spreadsheet() {
    let laughs = r#"<!DOCTYPE x [<!ENTITY a "哈哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"#;
    let sheet = format!("{laughs}<worksheet>{}</worksheet>", rows_xml(&[&["&c;"]]).replace("&amp;", "&"));
    assert_eq!(problem(&list().with("xl/worksheets/sheet1.xml", sheet).bytes()), FileProblem::Damaged);
    let outside = r#"<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>"#;
    assert_eq!(problem(&list().with("xl/sharedStrings.xml", outside).bytes()), FileProblem::Damaged);
    let undeclared = format!("<worksheet>{}</worksheet>", rows_xml(&[&["&c;"]]).replace("&amp;", "&"));
    assert_eq!(problem(&list().with("xl/worksheets/sheet1.xml", undeclared).bytes()), FileProblem::Damaged);
}

#[test]
fn nothing_is_longer_deeper_or_more_than_a_list_can_need() {
    let long = "长".repeat(32_768);
    let refused = refused("清单.xlsx", &Pack::of_rows("表", &[&["甲", &long]]).bytes());
    assert_eq!((refused.problem, refused.at.as_deref()), (FileProblem::TooLarge, Some("表!B1")));
    let row: Vec<&str> = vec!["x"; 65];
    assert_eq!(problem(&Pack::of_rows("表", &[&row]).bytes()), FileProblem::TooLarge);
    let one: &[&str] = &["x"];
    assert_eq!(problem(&Pack::of_rows("表", &vec![one; 10_001]).bytes()), FileProblem::TooLarge);
    let sheets: Vec<(String, &str)> = (0..21).map(|index| (format!("表{index}"), "<sheetData/>")).collect();
    let sheets: Vec<(&str, &str)> = sheets.iter().map(|(name, body)| (name.as_str(), *body)).collect();
    assert_eq!(problem(&Pack::workbook(&sheets).bytes()), FileProblem::TooLarge);
    let deep = "<a>".repeat(50) + &"</a>".repeat(50);
    assert_eq!(problem(&Pack::workbook(&[("表", &deep)]).bytes()), FileProblem::Damaged);
    let regions = r#"<mergeCell ref="A1:A2"/>"#.repeat(20_001);
    let merged = rows_xml(&[&["甲"]]) + &format!("<mergeCells>{regions}</mergeCells>");
    assert_eq!(problem(&Pack::workbook(&[("表", &merged)]).bytes()), FileProblem::TooLarge);
    // Few regions over many rows, one upon the other.
    let over = rows_xml(&vec![one; 9_000])
        + &format!("<mergeCells>{}</mergeCells>", r#"<mergeCell ref="A1:A9000"/>"#.repeat(1_000));
    assert_eq!(problem(&Pack::workbook(&[("表", &over)]).bytes()), FileProblem::TooLarge);
}

#[test]
fn broken_files_are_refused() {
    let good = list().bytes();
    for length in [5, 30, 200, good.len() / 2, good.len() - 30] {
        assert_eq!(problem(&good[..length]), FileProblem::Damaged, "{length}");
    }
    let broken = [
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"表\" r:id=\"r9\"/></sheets></workbook>"),
        ("xl/workbook.xml", "<workbook><sheets>"),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row r=\"x\"/></sheetData></worksheet>"),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row><c r=\"A1\" t=\"s\"><v>7</v></c></row></sheetData></worksheet>",
        ),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData></worksheet>"),
    ];
    for (name, content) in broken {
        assert_eq!(problem(&list().with(name, content).bytes()), FileProblem::Damaged, "{content}");
    }
    let missing = Pack(list().0.into_iter().filter(|(name, _)| !name.contains("sheet1")).collect());
    assert_eq!(problem(&missing.bytes()), FileProblem::Damaged);
}

#[test]
fn texts_of_no_known_encoding_are_refused() {
    let no = |bytes: &[u8]| refused("清单.csv", bytes).problem;
    assert_eq!(no(&[0xFF, 0xFF, 0x80, 0x81]), FileProblem::Encoding);
    assert_eq!(
        no(&"序号,类别".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        FileProblem::Encoding,
        "UTF-16 without its mark"
    );
    assert_eq!(no(&[0xFF, 0xFE, 0x00, 0xD8, 0x41, 0x00]), FileProblem::Encoding, "half a pair");
    assert_eq!(no(b"a,b\0c"), FileProblem::Encoding);
    assert_eq!(no("长".repeat(32_768).as_bytes()), FileProblem::TooLarge);
    assert_eq!(no(",".repeat(70).as_bytes()), FileProblem::Empty);
    assert_eq!(no((",".repeat(70) + "x").as_bytes()), FileProblem::TooLarge);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_panics_whatever_comes(name in "[a-z]{1,3}\\.(csv|xlsx)", bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = opened(&name, &bytes);
    }

    #[test]
    fn a_file_with_a_few_bytes_changed_is_read_or_refused(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = list().bytes();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = opened("清单.xlsx", &bytes);
    }

    #[test]
    fn a_sheet_with_any_markup_is_read_or_refused(body in "(<(row|c|v|f|is|t|mergeCell|sheetData)( r=\"[A-C]?[0-9]{1,3}\"| t=\"(s|str|b)\")?/?>|</(row|c|v|is|t|sheetData)>|[0-9甲&;]{1,3}){0,30}") {
        let _ = opened("清单.xlsx", &Pack::workbook(&[("表", &body)]).bytes());
    }
}
