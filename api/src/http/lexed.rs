//! What only the text of a document shows, because a parser keeps no trace of it or does not know it: a field of an input
//! object that is given twice, and characters written by their numbers beyond four digits.

use std::{borrow::Cow, collections::HashSet, iter::Peekable, str::CharIndices};

/// What is wrong with a text, and where: line and column, 1-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What.
    pub message: String,
    /// Where.
    pub at: (usize, usize),
}

/// What a bracket holds.
enum Inside<'a> {
    /// Fields that are asked for.
    Selection,
    /// Arguments, or variables that are declared.
    Arguments,
    /// Values one after the other.
    List,
    /// An input object with the fields that were given.
    Object(HashSet<&'a str>),
}

/// Looks through a document: the text with characters in place of numbers that the parser does not know.
pub fn read(text: &str) -> Result<Cow<'_, str>, Wrong> {
    Reader { text, chars: text.char_indices().peekable(), inside: Vec::new(), plain: String::new(), copied: 0 }.read()
}

struct Reader<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    inside: Vec<Inside<'a>>,
    /// The text with replacements, as far as it is `copied`.
    plain: String,
    copied: usize,
}

impl<'a> Reader<'a> {
    fn read(mut self) -> Result<Cow<'a, str>, Wrong> {
        while let Some((at, c)) = self.chars.next() {
            match c {
                '#' => while self.chars.next_if(|(_, c)| !matches!(c, '\n' | '\r')).is_some() {},
                '"' => self.string(at),
                '(' => self.inside.push(Inside::Arguments),
                '[' => self.inside.push(Inside::List),
                '{' if self.is_value() => self.inside.push(Inside::Object(HashSet::new())),
                '{' => self.inside.push(Inside::Selection),
                ')' | ']' | '}' => drop(self.inside.pop()),
                '$' => drop(self.name(at)),
                c if c == '_' || c.is_ascii_alphabetic() => {
                    let name = self.name(at);
                    self.given(name, at)?;
                }
                _ => {}
            }
        }
        if self.copied == 0 {
            return Ok(Cow::Borrowed(self.text));
        }
        self.plain.push_str(self.text.get(self.copied..).unwrap_or_default());
        Ok(Cow::Owned(self.plain))
    }

    /// Whether a value stands here.
    fn is_value(&self) -> bool {
        matches!(self.inside.last(), Some(Inside::Arguments | Inside::List | Inside::Object(_)))
    }

    /// The name that begins at `from`, or behind the mark there.
    fn name(&mut self, from: usize) -> &'a str {
        let mut to = from + 1;
        while let Some((at, c)) = self.chars.next_if(|(_, c)| *c == '_' || c.is_ascii_alphanumeric()) {
            to = at + c.len_utf8();
        }
        self.text.get(from..to).unwrap_or_default()
    }

    /// Notes a field of an input object: a name with a colon behind it.
    fn given(&mut self, name: &'a str, at: usize) -> Result<(), Wrong> {
        let Some(Inside::Object(_)) = self.inside.last() else { return Ok(()) };
        loop {
            if self.chars.next_if(|(_, c)| c.is_whitespace() || matches!(c, ',' | '\u{FEFF}')).is_some() {
                continue;
            }
            if self.chars.next_if(|(_, c)| *c == '#').is_none() {
                break;
            }
            while self.chars.next_if(|(_, c)| !matches!(c, '\n' | '\r')).is_some() {}
        }
        let is_field = self.chars.peek().is_some_and(|(_, c)| *c == ':');
        let Some(Inside::Object(known)) = self.inside.last_mut() else { return Ok(()) };
        if is_field && !known.insert(name) {
            let message = format!("There can be only one input field named \"{name}\".");
            return Err(Wrong { message, at: self.place(at) });
        }
        Ok(())
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    /// Goes on behind a string that begins at `from`.
    fn string(&mut self, from: usize) {
        if self.text.get(from..).is_some_and(|rest| rest.starts_with("\"\"\"")) {
            let inner = self.text.get(from + 3..).unwrap_or_default();
            // A quotation mark thrice may stand in it behind a backslash.
            let ends =
                inner.match_indices("\"\"\"").find(|(at, _)| !inner.get(..*at).is_some_and(|it| it.ends_with('\\')));
            let end = ends.map_or(self.text.len(), |(at, _)| from + 6 + at);
            while self.chars.next_if(|(at, _)| *at < end).is_some() {}
            return;
        }
        while let Some((at, c)) = self.chars.next_if(|(_, c)| !matches!(c, '\n' | '\r')) {
            match c {
                '"' => return,
                '\\' => {
                    if let Some((meant, length)) = numbered(self.text.get(at..).unwrap_or_default()) {
                        self.replace(at, length, meant);
                        while self.chars.next_if(|(next, _)| *next < at + length).is_some() {}
                    } else {
                        self.chars.next();
                    }
                }
                _ => {}
            }
        }
    }

    fn replace(&mut self, at: usize, length: usize, meant: char) {
        self.plain.push_str(self.text.get(self.copied..at).unwrap_or_default());
        match meant {
            // What may not stand in a string as it is has a number of four digits.
            '"' | '\\' | '\0'..='\u{1F}' => self.plain.push_str(&format!("\\u{:04X}", u32::from(meant))),
            other => self.plain.push(other),
        }
        self.copied = at + length;
    }
}

/// The character that a text begins with, and how long it is written: `\u{1F600}`, or two numbers as UTF-16 has it.
fn numbered(text: &str) -> Option<(char, usize)> {
    let hex = |digits: &str| {
        let good = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        good.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    };
    if let Some(rest) = text.strip_prefix("\\u{") {
        let (digits, _) = rest.split_once('}')?;
        return Some((char::from_u32(hex(digits)?)?, digits.len() + 4));
    }
    let high = hex(text.strip_prefix("\\u")?.get(..4)?)?;
    let low = hex(text.get(6..)?.strip_prefix("\\u")?.get(..4)?)?;
    let meant = match (high, low) {
        (0xD800..=0xDBFF, 0xDC00..=0xDFFF) => 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00),
        _ => return None,
    };
    Some((char::from_u32(meant)?, 12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_given_twice_is_found_wherever_it_stands() {
        for bad in [
            "{ a(f: { x: 1, x: 2 }) }",
            "{ a(f: { x : 1 y: 2\n# no\n x # still\n : 2 }) }",
            "query($v: F = { x: 1, x: 2 }) { a }",
            "{ a(f: [{ y: 1 }, { b: { x: 1, x: 1 } }]) }",
            "{ a @d(f: { x: \"}\", x: \"\"\" \\\"\"\" } \"\"\" }) }",
        ] {
            assert_eq!(read(bad).unwrap_err().message, "There can be only one input field named \"x\".", "{bad}");
        }
        assert_eq!(read("{ a(f: {\n  x: 1, x: 2 }) }").unwrap_err().at, (2, 9));
        for good in [
            "{ a(f: { x: 1, y: { x: 2 } }, g: { x: 1 }) { x: y x } }",
            "{ a(f: [{ x: 1 }, { x: 2 }]) x: b x: b }",
            "query($x: F = { x: X, y: [X, X] }, $y: Int) { a(x: $x, y: { x: $x, y: $y }) { x { x } } }",
            "{ a(f: { x: \"x: 1, x: 2\" # x: 3\n }) }",
            "{ a(f: \"\"\"{ x: 1, x: 2 }\"\"\") }",
        ] {
            assert_eq!(read(good), Ok(Cow::Borrowed(good)), "{good}");
        }
    }

    #[test]
    fn characters_written_by_longer_numbers_are_known() {
        for (written, meant) in [
            (r#"{ a(t: "\uD83D\uDE00!") }"#, r#"{ a(t: "😀!") }"#),
            (r#"{ a(t: "x\u{71c3}\u{6C14}") b(t: "\u{1F600}") }"#, r#"{ a(t: "x燃气") b(t: "😀") }"#),
            (r#"{ a(t: "\u{22}\u{5C}\u{A}") }"#, r#"{ a(t: "\u0022\u005C\u000A") }"#),
        ] {
            assert_eq!(read(written).unwrap(), meant);
        }
        for same in [
            r#"{ a(t: "\u71c3\n\"\\u{71c3}") }"#,
            r#"{ a(t: "\uD83D \u{}\u{110000}\u{xyz}") }"#,
            "{ a(t: \"open",
            "{ a(t: \"\"\"\\u{71c3}",
            "}}}))",
        ] {
            assert_eq!(read(same), Ok(Cow::Borrowed(same)), "{same}");
        }
    }
}
