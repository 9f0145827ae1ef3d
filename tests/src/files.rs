//! Spreadsheet files made by hand, good and hostile: packed file by file, so that each can be wrong in its own way.

use std::io::{Cursor, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use ureq::http;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{Act, Answer, Client};

/// The declaration of a workbook without macros.
const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// A package file by file.
#[derive(Clone)]
pub struct Pack(pub Vec<(String, Vec<u8>)>);

impl Pack {
    /// A workbook of these sheets: their names, and what stands in each below `worksheet`.
    #[must_use]
    pub fn workbook(sheets: &[(&str, &str)]) -> Self {
        let mut names = String::new();
        let mut relations = String::from(
            r#"<Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="l" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>"#,
        );
        let mut pack = Self(Vec::new());
        for (index, (name, body)) in sheets.iter().enumerate() {
            names += &format!(r#"<sheet name="{name}" sheetId="{0}" r:id="r{0}"/>"#, index + 1);
            relations += &format!(
                r#"<Relationship Id="r{0}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{0}.xml"/>"#,
                index + 1
            );
            let sheet = format!(
                r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{body}</worksheet>"#
            );
            pack = pack.with(&format!("xl/worksheets/sheet{}.xml", index + 1), sheet);
        }
        pack.with("[Content_Types].xml", TYPES)
            .with("_rels/.rels", ROOT)
            .with(
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>"#
                ),
            )
            .with(
                "xl/_rels/workbook.xml.rels",
                format!(
                    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#
                ),
            )
    }

    /// One sheet of cells typed as text, row by row.
    #[must_use]
    pub fn of_rows(name: &str, rows: &[&[&str]]) -> Self {
        Self::workbook(&[(name, &rows_xml(rows))])
    }

    /// The same with another file, or with this one in the place of the one of its name.
    #[must_use]
    pub fn with(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), content.into()));
        self
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, content) in &self.0 {
            writer.start_file(name, options).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}

/// The cells of a sheet, typed as text.
#[must_use]
pub fn rows_xml(rows: &[&[&str]]) -> String {
    let mut xml = String::from("<sheetData>");
    for (number, row) in (1..).zip(rows) {
        xml += &format!(r#"<row r="{number}">"#);
        for (column, text) in (0..).zip(*row) {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            let place = format!("{}{number}", yidan::kernel::sheet::letters(column));
            xml += &format!(r#"<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#);
        }
        xml += "</row>";
    }
    xml + "</sheetData>"
}

/// The file with every size that its headers declare for `name` set to `size`.
#[must_use]
pub fn declaring(mut bytes: Vec<u8>, name: &str, size: u32) -> Vec<u8> {
    // The uncompressed size stands before the length of the name: 22 bytes into a local header, 24 into a central one.
    for (magic, at, name_at) in [(b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)] {
        let mut from = 0;
        while let Some(found) = bytes[from..].windows(4).position(|window| window == magic) {
            let start = from + found;
            if bytes[start + name_at..].starts_with(name.as_bytes()) {
                bytes[start + at..start + at + 4].copy_from_slice(&size.to_le_bytes());
            }
            from = start + 4;
        }
    }
    bytes
}

/// The file with the flag of encryption on every file in it.
#[must_use]
pub fn locked(mut bytes: Vec<u8>) -> Vec<u8> {
    for (magic, at) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let mut from = 0;
        while let Some(found) = bytes[from..].windows(4).position(|window| window == magic) {
            bytes[from + found + at] |= 1;
            from += found + 4;
        }
    }
    bytes
}

impl Client {
    /// Sends an operation with one file at `place`, such as `input.file`, by the multipart request spec.
    pub async fn upload(&self, document: &str, variables: Value, place: &str, name: &str, bytes: &[u8]) -> Answer {
        self.with_header("graphql-require-preflight", "1").post_form(document, variables, place, name, bytes).await
    }

    /// The same as a browser's form would send it: without the header that a page of elsewhere cannot send.
    pub async fn post_form(&self, document: &str, variables: Value, place: &str, name: &str, bytes: &[u8]) -> Answer {
        let operations = json!({ "query": document, "variables": variables }).to_string();
        let map = json!({ "0": [format!("variables.{place}")] }).to_string();
        let file = format!("0\"; filename=\"{name}");
        let parts: [(&str, &[u8]); 3] =
            [("operations", operations.as_bytes()), ("map", map.as_bytes()), (&file, bytes)];
        self.send(form(&parts)).await
    }

    /// Imports a file into a draft, or only looks.
    pub async fn import(&self, version: &str, name: &str, bytes: &[u8], more: Value) -> Act {
        let document = "mutation($input: ImportDutyListInput!) { importDutyList(input: $input) {
            listVersion { id revision }
            report { errorCount warningCount removed untold counts { basic cooperative reclaimed total }
                findings { severity kind sheet row column heading value message suggestions } }
            userErrors { __typename code message path
                ... on UnreadableFileError { fileProblem at } ... on SpreadsheetErrorsError { errors }
                ... on InvalidInputError { problem } } } }";
        let mut input = json!({ "versionId": version, "file": null, "dryRun": false });
        for (field, value) in more.as_object().expect("more fields") {
            input[field] = value.clone();
        }
        let answer = self.upload(document, json!({ "input": input }), "input.file", name, bytes).await;
        Act { field: "importDutyList".to_owned(), answer }
    }

    /// A file that a question answers: its name and bytes.
    pub async fn download(&self, question: &str, variables: Value) -> (String, Vec<u8>) {
        let selection = "{ name mediaType size content }";
        let answer = self.query(&question.replace('@', selection), variables).await.good();
        let file = answer.body["data"].as_object().and_then(|data| data.values().next()).expect("a file").clone();
        let bytes = STANDARD.decode(file["content"].as_str().unwrap()).unwrap();
        assert_eq!(file["size"], bytes.len());
        (file["name"].as_str().unwrap().to_owned(), bytes)
    }
}

/// A form with these parts: what stands in `name="…"`, and the content.
#[must_use]
pub fn form(parts: &[(&str, &[u8])]) -> http::Request<Vec<u8>> {
    let mut body = Vec::new();
    for (name, content) in parts {
        body.extend(format!("--yidan-form\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--yidan-form--\r\n");
    let request = http::Request::post("/graphql").header("content-type", "multipart/form-data; boundary=yidan-form");
    request.body(body).unwrap()
}
