//! What is read, cell by cell.

use super::*;

#[test]
fn columns_have_letters() {
    let letters = yidan::kernel::sheet::letters;
    assert_eq!([0, 25, 26, 701, 702, 16_383].map(letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
}

#[test]
fn every_way_of_writing_a_cell_is_read() {
    let strings = r#"<sst uniqueCount="99999999999999999"><si><t> 党的建设 </t></si><si><r><t>两</t></r><r><t>段</t></r><rPh><t>liang</t></rPh></si><si><t>A&amp;B&#10;&#x4E8C;_x000D_</t></si></sst>"#;
    let sheet = r#"<sheetData>
        <row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c t="s"><v>2</v></c></row>
        <row><c t="inlineStr"><is><t>直接</t></is></c><c r="C3"><v>12.0</v></c><c r="D3"><v>1.5</v></c><c r="E3" t="b"><v>1</v></c><c r="F3" s="4"/></row>
        <row r="9"><c r="A9" t="str"><v><![CDATA[<文>]]></v></c><c r="B9" t="inlineStr"><is><t>   </t></is></c></row>
    </sheetData>"#;
    let file = Pack::workbook(&[("表一", sheet)]).with("xl/sharedStrings.xml", strings).bytes();
    let workbook = opened("清单.xlsx", &file).unwrap();
    assert_eq!(workbook.sheets[0].name, "表一");
    assert_eq!(
        cells(&workbook.sheets[0]),
        ["B2=党的建设", "C2=两段", "D2=A&B\n二", "A3=直接", "C3=12", "D3=1.5", "E3=TRUE", "A9=<文>"]
    );
}

#[test]
fn days_are_read_as_days_and_errors_are_refused() {
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="General"/><numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/><numFmt numFmtId="166" formatCode="[Red]0.00&quot;day&quot;"/></numFmts>
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="165"/><xf numFmtId="164"/><xf numFmtId="166"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;
    let cells_of = |cells: &str| {
        Pack::workbook(&[("表", &format!("<sheetData><row r=\"1\">{cells}</row></sheetData>"))])
            .with("xl/styles.xml", styles)
    };
    let cell = |column: char, style: u8, value: &str| format!(r#"<c r="{column}1" s="{style}"><v>{value}</v></c>"#);
    let all: String = [
        ('A', 1, "46081"),
        ('B', 2, "46081"),
        ('C', 3, "46081"),
        ('D', 4, "2.5"),
        ('E', 5, "46081.5"),
        ('F', 0, "1"),
        ('G', 1, "x"),
    ]
    .into_iter()
    .map(|(column, style, value)| cell(column, style, value))
    .collect();
    let workbook = opened("清单.xlsx", &cells_of(&all).bytes()).unwrap();
    let expected = ["A1=2026-02-28", "B1=2026-02-28", "C1=46081", "D1=2.5", "E1=2026-02-28 12:00", "F1=1", "G1=x"];
    assert_eq!(cells(&workbook.sheets[0]), expected);
    let refused = refused("清单.xlsx", &cells_of(r#"<c r="B1" t="e"><v>#REF!</v></c>"#).bytes());
    assert_eq!((refused.problem, refused.at.as_deref()), (FileProblem::ErrorValue, Some("表!B1")));
}

#[test]
fn parts_and_times_are_read_as_they_are_shown() {
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0%;[Red]-0.0%"/><numFmt numFmtId="165" formatCode="0.0&quot;%&quot;"/><numFmt numFmtId="166" formatCode="h&quot;时&quot;mm&quot;分&quot;"/><numFmt numFmtId="167" formatCode="0&quot;hours&quot;"/><numFmt numFmtId="168" formatCode="yyyy/m/d h:mm"/></numFmts>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="10"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/><xf numFmtId="166"/><xf numFmtId="21"/><xf numFmtId="167"/><xf numFmtId="168"/></cellXfs></styleSheet>"#;
    let cells_of = [
        (1, "0.5"),
        (2, "0.1235"),
        (3, "1"),
        (4, "0.5"),
        (5, "0.35416666666666669"),
        (6, "0.5"),
        (7, "0.354340277777778"),
        (8, "8"),
        (9, "46081.5"),
        (1, "x"),
    ];
    let written = |(column, (style, value)): (u16, (u8, &str))| {
        format!(r#"<c r="{}1" s="{style}"><v>{value}</v></c>"#, yidan::kernel::sheet::letters(column))
    };
    let all = (0..).zip(cells_of).map(written).collect::<Vec<_>>().concat();
    let sheet = format!(r#"<sheetData><row r="1">{all}<c r="K1" s="1" t="b"><v>1</v></c></row></sheetData>"#);
    let file = Pack::workbook(&[("表", &sheet)]).with("xl/styles.xml", styles).bytes();
    let expected = [
        "A1=50%",
        "B1=12.35%",
        "C1=100%",
        "D1=0.5",
        "E1=08:30",
        "F1=12:00",
        "G1=08:30:15",
        "H1=8",
        "I1=2026-02-28 12:00",
        "J1=x",
        "K1=TRUE",
    ];
    assert_eq!(cells(&opened("清单.xlsx", &file).unwrap().sheets[0]), expected);
}

#[test]
fn hidden_rows_and_columns_are_known_to_be_hidden() {
    let cols = r#"<cols><col min="1" max="1" width="9"/><col min="2" max="3" hidden="1"/><col min="9" max="16384" hidden="true"/></cols>"#;
    let cell = |at: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>甲</t></is></c>"#);
    let rows = format!(
        r#"<sheetData><row r="1">{}{}</row><row r="2" hidden="1">{}</row><row r="3" hidden="1"/><row r="4" hidden="0">{}</row></sheetData>"#,
        cell("A1"),
        cell("B1"),
        cell("A2"),
        cell("A4")
    );
    let workbook = opened("清单.xlsx", &Pack::workbook(&[("表", &(cols.to_owned() + &rows))]).bytes()).unwrap();
    let sheet = &workbook.sheets[0];
    assert_eq!((sheet.hidden_rows.as_slice(), sheet.hidden_columns.as_slice()), ([2].as_slice(), [1].as_slice()));
    let plain = opened("清单.xlsx", &Pack::of_rows("表", &[&["甲"]]).bytes()).unwrap();
    assert!(plain.sheets[0].hidden_rows.is_empty() && plain.sheets[0].hidden_columns.is_empty());
}

#[test]
fn a_merged_cell_stands_in_each_of_its_rows() {
    let rows: &[&[&str]] =
        &[&["标题", "", ""], &["1", "党的建设", "甲"], &["2", "", "乙"], &["3", "", ""], &["4", "民生", "丁"]];
    let xml = rows_xml(rows)
        + r#"<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="B2:B4"/><mergeCell ref="A9:XFD1048576"/></mergeCells>"#;
    let workbook = opened("清单.xlsx", &Pack::workbook(&[("表", &xml)]).bytes()).unwrap();
    let expected = [
        "A1=标题",
        "A2=1",
        "B2=党的建设",
        "C2=甲",
        "A3=2",
        "B3=^党的建设",
        "C3=乙",
        "A4=3",
        "B4=^党的建设",
        "A5=4",
        "B5=民生",
        "C5=丁",
    ];
    assert_eq!(cells(&workbook.sheets[0]), expected);
}

#[test]
fn a_hidden_sheet_is_known_to_be_hidden() {
    let pack = Pack::workbook(&[("表", &rows_xml(&[&["甲"]])), ("底", &rows_xml(&[&["乙"]]))]);
    let text = pack.0.iter().find(|(name, _)| name == "xl/workbook.xml").unwrap().1.clone();
    let hidden = String::from_utf8(text).unwrap().replace("sheetId=\"2\"", "sheetId=\"2\" state=\"veryHidden\"");
    let workbook = opened("清单.xlsx", &pack.with("xl/workbook.xml", hidden).bytes()).unwrap();
    assert_eq!(workbook.sheets.iter().map(|sheet| sheet.hidden).collect::<Vec<_>>(), [false, true]);
}

const TABLE: &str = "序号,类别,事项名称\r\n1,党的建设,\"学习,贯彻\n落实\"\r\n\r\n2,民生服务,\"称为\"\"网格\"\"\"\r\n";

#[test]
fn texts_are_read_in_every_encoding_that_chinese_programs_write() {
    let expected = [
        "A1=序号",
        "B1=类别",
        "C1=事项名称",
        "A2=1",
        "B2=党的建设",
        "C2=学习,贯彻\n落实",
        "A4=2",
        "B4=民生服务",
        "C4=称为\"网格\"",
    ];
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| "\u{FEFF}".encode_utf16().chain(TABLE.encode_utf16()).flat_map(bytes).collect();
    let files: [Vec<u8>; 6] = [
        TABLE.into(),
        format!("\u{FEFF}{TABLE}").into(),
        gb18030(TABLE),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        TABLE.replace(',', ";").replace("学习;", "学习,").into(),
    ];
    for (index, file) in files.iter().enumerate() {
        let workbook = opened("清单.CSV", file).unwrap_or_else(|refused| panic!("{index}: {refused:?}"));
        assert_eq!(cells(&workbook.sheets[0]), expected, "{index}");
    }
}

/// GB 18030 by its four-byte rule is not needed for these: they have two bytes each, as the tables of the standard say.
fn gb18030(text: &str) -> Vec<u8> {
    let known = [
        ('序', "D0F2"),
        ('号', "BAC5"),
        ('类', "C0E0"),
        ('别', "B1F0"),
        ('事', "CAC2"),
        ('项', "CFEE"),
        ('名', "C3FB"),
        ('称', "B3C6"),
        ('党', "B5B3"),
        ('的', "B5C4"),
        ('建', "BDA8"),
        ('设', "C9E8"),
        ('学', "D1A7"),
        ('习', "CFB0"),
        ('贯', "B9E1"),
        ('彻', "B3B9"),
        ('落', "C2E4"),
        ('实', "CAB5"),
        ('民', "C3F1"),
        ('生', "C9FA"),
        ('服', "B7FE"),
        ('务', "CEF1"),
        ('为', "CEAA"),
        ('网', "CDF8"),
        ('格', "B8F1"),
    ];
    let mut bytes = Vec::new();
    for character in text.chars() {
        match known.iter().find(|(known, _)| *known == character) {
            Some((_, hex)) => bytes.extend((0..2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())),
            None => bytes.push(u8::try_from(character).unwrap()),
        }
    }
    bytes
}
