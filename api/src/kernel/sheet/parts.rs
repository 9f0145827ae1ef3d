//! The parts of a workbook that say which sheets there are and which texts stand in them.

use std::{collections::HashMap, io::BufRead};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

use super::{FileProblem, Limits, Unreadable, package::Package};

/// How deep elements are nested: what is written by the rules needs a dozen.
const DEPTH: usize = 40;
/// Longest list of sheets or texts, by elements.
const STRINGS: usize = 400_000;

/// A part of the package as a stream of elements and texts. Declarations of entities are no business of a spreadsheet:
/// a part with any is refused, and nothing is ever replaced but the five marks of XML and numbered characters.
pub(super) struct Xml<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    depth: usize,
}

/// What comes next in a part.
pub(super) enum Next<'e> {
    /// An element begins.
    Start(BytesStart<'e>),
    /// An element ends; its local name.
    End(String),
    /// Text, with what it stands for in place.
    Text(String),
    /// The part ends.
    Done,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(reader: R) -> Self {
        let mut reader = Reader::from_reader(reader);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), depth: 0 }
    }

    /// What comes next; `Err` where the part is broken, or ends where it may not.
    pub(super) fn next(&mut self) -> Result<Next<'_>, FileProblem> {
        self.buffer.clear();
        // What means nothing here is skipped in a loop of its own, so that the borrow ends with what is answered.
        match self.reader.read_event_into(&mut self.buffer).map_err(|_| FileProblem::Damaged)? {
            Event::Start(element) => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(FileProblem::Damaged);
                }
                Ok(Next::Start(element))
            }
            Event::End(element) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(Next::End(element.local_name().as_ref().to_owned()))
            }
            Event::Text(text) => Ok(Next::Text(text.xml10_content().into_owned())),
            Event::CData(text) => Ok(Next::Text(text.xml10_content().into_owned())),
            Event::GeneralRef(reference) => Ok(Next::Text(meant(&reference)?.to_string())),
            Event::Eof if self.depth == 0 => Ok(Next::Done),
            Event::Eof | Event::DocType(_) => Err(FileProblem::Damaged),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(Next::Text(String::new())),
        }
    }
}

/// The character a reference stands for.
fn meant(reference: &BytesRef<'_>) -> Result<char, FileProblem> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().ok_or(FileProblem::Damaged);
    }
    match reference.xml10_content().as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(FileProblem::Damaged),
    }
}

/// The value of an attribute by its local name.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, FileProblem> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| FileProblem::Damaged)?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| FileProblem::Damaged)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// A sheet as the workbook names it.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) part: String,
}

/// Whether what is in the package is declared to be a workbook without macros.
pub(super) fn check_kind(package: &mut Package<'_>) -> Result<(), Unreadable> {
    if !package.has("[Content_Types].xml") {
        return Err(FileProblem::NotASpreadsheet.into());
    }
    let mut workbook = false;
    each_start(package, "[Content_Types].xml", |element| {
        let kind = attribute(element, "ContentType")?.unwrap_or_default().to_ascii_lowercase();
        if kind.contains("macroenabled") || kind.contains("vbaproject") || kind.contains("macrosheet") {
            return Err(FileProblem::Macros);
        }
        if kind.contains("sheet.binary") {
            return Err(FileProblem::OldWorkbook);
        }
        workbook |= kind.contains("spreadsheetml.sheet.main") || kind.contains("spreadsheetml.template.main");
        Ok(())
    })?;
    if workbook { Ok(()) } else { Err(FileProblem::NotASpreadsheet.into()) }
}

/// Hands every element of a part that begins to `see`.
fn each_start(
    package: &mut Package<'_>,
    name: &str,
    mut see: impl FnMut(&BytesStart<'_>) -> Result<(), FileProblem>,
) -> Result<(), Unreadable> {
    let outcome = (|| -> Result<(), Unreadable> {
        let mut xml = Xml::new(package.part(name)?);
        loop {
            match xml.next()? {
                Next::Start(element) => see(&element)?,
                Next::Done => return Ok(()),
                Next::End(_) | Next::Text(_) => {}
            }
        }
    })();
    package.explain(outcome)
}

/// The targets of a part's relations by their ids, with their types.
fn relations(package: &mut Package<'_>, of: &str) -> Result<HashMap<String, (String, String)>, Unreadable> {
    let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
    let slash = if folder.is_empty() { "" } else { "/" };
    let name = format!("{folder}{slash}_rels/{file}.rels");
    let mut found = HashMap::new();
    if !package.has(&name) {
        return Ok(found);
    }
    each_start(package, &name, |element| {
        if element.local_name().as_ref() == "Relationship" {
            let (id, target) = (attribute(element, "Id")?, attribute(element, "Target")?);
            let kind = attribute(element, "Type")?.unwrap_or_default();
            if let (Some(id), Some(target)) = (id, target) {
                found.insert(id, (resolved(folder, &target), kind));
            }
        }
        if found.len() > 1_000 { Err(FileProblem::TooLarge) } else { Ok(()) }
    })?;
    Ok(found)
}

/// The name in the package that `target` means in `folder`.
fn resolved(folder: &str, target: &str) -> String {
    let (base, rest) = target.strip_prefix('/').map_or((folder, target), |rest| ("", rest));
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The sheets of a workbook in their order, the part with its texts and the one with its styles.
type Sheets = (Vec<Named>, Option<String>, Option<String>);

/// What a workbook has.
pub(super) fn sheets(package: &mut Package<'_>, limits: &Limits) -> Result<Sheets, Unreadable> {
    let main = relations(package, "")?.into_values().find(|(_, kind)| kind.ends_with("/officeDocument"));
    let (main, _) = main.unwrap_or_else(|| ("xl/workbook.xml".into(), String::new()));
    let relations = relations(package, &main)?;
    let runs =
        |(_, kind): &(String, String)| ["macrosheet", "vbaproject"].iter().any(|it| kind.to_lowercase().contains(it));
    if relations.values().any(runs) {
        return Err(FileProblem::Macros.into());
    }
    let mut sheets = Vec::new();
    each_start(package, &main, |element| {
        if element.local_name().as_ref() != "sheet" {
            return Ok(());
        }
        let Some(name) = attribute(element, "name")? else { return Ok(()) };
        let hidden = attribute(element, "state")?.is_some_and(|state| state != "visible");
        let relation = attribute(element, "id")?.and_then(|id| relations.get(&id).cloned());
        let Some((part, kind)) = relation else { return Err(FileProblem::Damaged) };
        // Charts and dialogs are sheets, too, without cells.
        if kind.ends_with("/worksheet") {
            sheets.push(Named { name: name.trim().to_owned(), hidden, part });
        }
        if sheets.len() > limits.sheets { Err(FileProblem::TooLarge) } else { Ok(()) }
    })?;
    let part = |of: &str| relations.values().find(|(_, kind)| kind.ends_with(of)).map(|(part, _)| part.clone());
    Ok((sheets, part("/sharedStrings"), part("/styles")))
}

/// What a number is shown as, where that is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// 2026-02-28
    Day,
    /// 08:30
    Time,
    /// 50%
    Percent,
}

/// What numbers are shown as, by the styles of their cells.
pub(super) type Looks = HashMap<usize, Shown>;

/// The styles in which a number is shown as something else.
pub(super) fn looks(package: &mut Package<'_>, part: &str) -> Result<Looks, Unreadable> {
    let outcome = (|| -> Result<Looks, Unreadable> {
        let (mut own, mut found, mut index, mut inside) = (HashMap::new(), Looks::new(), 0, false);
        let mut xml = Xml::new(package.part(part)?);
        loop {
            match xml.next()? {
                Next::Start(element) => match element.local_name().as_ref() {
                    "numFmt" => {
                        let (id, code) = (attribute(&element, "numFmtId")?, attribute(&element, "formatCode")?);
                        own.extend(id.zip(code).map(|(id, code)| (id, shown_by(&code))));
                    }
                    "cellXfs" => inside = true,
                    "xf" if inside => {
                        let format = attribute(&element, "numFmtId")?.unwrap_or_default();
                        // What a file says of a number that every program knows comes second.
                        let known = format.parse().ok().and_then(built_in);
                        let shown = known.or_else(|| own.get(&format).copied().flatten());
                        found.extend(shown.map(|shown| (index, shown)));
                        index += 1;
                    }
                    _ => {}
                },
                Next::End(name) if name == "cellXfs" => inside = false,
                Next::Done => return Ok(found),
                Next::End(_) | Next::Text(_) => {}
            }
        }
    })();
    package.explain(outcome)
}

/// What the number formats that every program knows show, Chinese ones included.
fn built_in(format: u32) -> Option<Shown> {
    match format {
        14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => Some(Shown::Day),
        18..=21 | 32..=35 | 45..=47 | 55 | 56 => Some(Shown::Time),
        9 | 10 => Some(Shown::Percent),
        _ => None,
    }
}

/// What a number format shows: a day if it names year or day outside what is quoted, a time if it names hour or second.
fn shown_by(code: &str) -> Option<Shown> {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    let (mut day, mut time, mut percent) = (false, false, false);
    for c in code.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => bracketed = true,
            ']' => bracketed = false,
            _ if bracketed => {}
            'y' | 'Y' | 'd' | 'D' => day = true,
            'h' | 'H' | 's' | 'S' => time = true,
            '%' => percent = true,
            _ => {}
        }
    }
    if day {
        Some(Shown::Day)
    } else if time {
        Some(Shown::Time)
    } else if percent {
        Some(Shown::Percent)
    } else {
        None
    }
}

/// The texts that cells refer to by number.
pub(super) fn strings(package: &mut Package<'_>, part: &str, limits: &Limits) -> Result<Vec<String>, Unreadable> {
    let outcome = (|| -> Result<Vec<String>, Unreadable> {
        let (mut found, mut characters) = (Vec::new(), 0);
        let mut xml = Xml::new(package.part(part)?);
        let mut text = RichText::default();
        loop {
            match xml.next()? {
                Next::Start(element) if element.local_name().as_ref() == "si" => text = RichText::default(),
                Next::Start(element) => text.start(element.local_name().as_ref()),
                Next::Text(more) => text.text(&more),
                Next::End(name) if name == "si" => {
                    let done = unescape(&text.take());
                    characters += done.chars().count();
                    if found.len() >= STRINGS || characters > limits.characters {
                        return Err(FileProblem::TooLarge.into());
                    }
                    found.push(done);
                }
                Next::End(name) => text.end(&name),
                Next::Done => return Ok(found),
            }
        }
    })();
    package.explain(outcome)
}

/// A text in pieces of several looks, without the notes on how it is spoken.
#[derive(Default)]
pub(super) struct RichText {
    text: String,
    in_text: bool,
    spoken: bool,
}

impl RichText {
    pub(super) fn start(&mut self, name: &str) {
        match name {
            "t" => self.in_text = true,
            "rPh" => self.spoken = true,
            _ => {}
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "rPh" => self.spoken = false,
            _ => {}
        }
    }

    pub(super) fn text(&mut self, more: &str) {
        if self.in_text && !self.spoken {
            self.text.push_str(more);
        }
    }

    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

/// The text with its characters in the place of `_x000D_` and the like.
pub(super) fn unescape(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        clean.push_str(before);
        let code = from.get(2..6).filter(|_| from.get(6..7) == Some("_"));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if let Some(meant) = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            clean.push(meant);
            rest = from.get(7..).unwrap_or_default();
        } else {
            clean.push_str("_x");
            rest = from.get(2..).unwrap_or_default();
        }
    }
    clean.push_str(rest);
    clean
}
