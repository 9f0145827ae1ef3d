//! Texts that people type. One gate for all of them: what passes is stored exactly as given (apart from surrounding
//! white space), what cannot be shown or compared safely is refused by name and position.

use super::refusal::{InputProblem, Path, Refusal};

/// Longest name or title, in characters.
pub const LINE: usize = 200;
/// Longest free text, in characters.
pub const BLOCK: usize = 5_000;

/// A text of one line, not empty.
pub fn line(path: impl Into<Path>, raw: &str, max: usize) -> Result<String, Refusal> {
    bounded(path.into(), raw, max, false)
}

/// A text of several lines, not empty.
pub fn block(path: impl Into<Path>, raw: &str, max: usize) -> Result<String, Refusal> {
    bounded(path.into(), raw, max, true)
}

/// A text that may be left out; an empty one counts as left out.
pub fn optional<P: Into<Path>>(
    path: P,
    raw: Option<&str>,
    max: usize,
    read: fn(P, &str, usize) -> Result<String, Refusal>,
) -> Result<Option<String>, Refusal> {
    match raw.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => read(path, text, max).map(Some),
    }
}

fn bounded(path: Path, raw: &str, max: usize, lines: bool) -> Result<String, Refusal> {
    let refuse = |path: Path, problem| Err(Refusal::InvalidInput { path, problem });
    // Length first: a megabyte is refused before anything walks it twice.
    let length = raw.chars().count();
    if length > max {
        return refuse(path, InputProblem::TooLong { max, actual: length });
    }
    for (index, character) in raw.chars().enumerate() {
        if let Some(hint) = forbidden(character, lines) {
            return refuse(
                path,
                InputProblem::ForbiddenCharacter { position: index + 1, code: u32::from(character), hint },
            );
        }
    }
    let text = raw.trim();
    if text.is_empty() {
        return refuse(path, InputProblem::Empty);
    }
    Ok(text.to_owned())
}

crate::api_enum! {
    /// Why a character cannot stand in a text (字符问题).
    pub enum CharacterProblem {
        /// A control character, such as NUL (控制字符).
        Control,
        /// An invisible character or one that changes the direction of writing (不可见或双向控制字符).
        Invisible,
        /// An emoji or pictograph (表情符号).
        Emoji,
        /// A full-width letter or digit; its half-width form is accepted (全角字母或数字，请改用半角).
        FullWidth,
        /// A character without agreed meaning, such as one of a private-use area (私有区或未定义字符).
        Unassigned,
    }
}

fn forbidden(character: char, lines: bool) -> Option<CharacterProblem> {
    use CharacterProblem::{Control, Emoji, FullWidth, Invisible, Unassigned};
    let code = u32::from(character);
    match code {
        0x0A | 0x0D | 0x09 if lines => None,
        0x00..=0x1F | 0x7F..=0x9F => Some(Control),
        0x00AD
        | 0x034F
        | 0x061C
        | 0x115F
        | 0x1160
        | 0x17B4
        | 0x17B5
        | 0x180B..=0x180F
        | 0x200B..=0x200F
        | 0x2028..=0x202E
        | 0x2060..=0x206F
        | 0x3164
        | 0xFEFF
        | 0xFFA0
        | 0xFFF9..=0xFFFB
        | 0xE0000..=0xE0FFF => Some(Invisible),
        // Among the dingbats, circled digits (U+2776 to U+2793) number duties.
        0x1F000..=0x1FAFF | 0x2600..=0x2604 | 0x2607..=0x2775 | 0x2794..=0x27BF | 0xFE00..=0xFE0F | 0x20E3 => {
            Some(Emoji)
        }
        0xFF10..=0xFF19 | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A => Some(FullWidth),
        0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFFFD | 0xF0000..=0x0010_FFFF => Some(Unassigned),
        _ if code & 0xFFFE == 0xFFFE => Some(Unassigned),
        _ => None,
    }
}

/// A name by which things are looked up: lower case, no white space.
pub fn username(path: impl Into<Path>, raw: &str) -> Result<String, Refusal> {
    let path = path.into();
    let text = line(path.clone(), raw, 64)?.to_lowercase();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if text.chars().all(good) {
        Ok(text)
    } else {
        Err(Refusal::InvalidInput { path, problem: InputProblem::Malformed { expected: "letters, digits, . _ - @" } })
    }
}

/// The form in which titles of laws and documents are compared: without brackets, quotes, punctuation and spaces.
#[must_use]
pub fn key(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(text: &str) -> Option<CharacterProblem> {
        match line("title", text, LINE) {
            Err(Refusal::InvalidInput { problem: InputProblem::ForbiddenCharacter { hint, .. }, .. }) => Some(hint),
            _ => None,
        }
    }

    #[test]
    fn hostile_characters_are_named() {
        assert_eq!(problem("a\0b"), Some(CharacterProblem::Control));
        assert_eq!(problem("安全\u{202E}检查"), Some(CharacterProblem::Invisible));
        assert_eq!(problem("燃气安全🔥"), Some(CharacterProblem::Emoji));
        assert_eq!(problem("✅组织宣传"), Some(CharacterProblem::Emoji));
        assert_eq!(problem("➔组织宣传"), Some(CharacterProblem::Emoji));
        assert_eq!(problem("第１２条"), Some(CharacterProblem::FullWidth));
        assert_eq!(problem("\u{E000}"), Some(CharacterProblem::Unassigned));
        assert_eq!(problem("两行\n"), Some(CharacterProblem::Control));
    }

    #[test]
    fn ordinary_official_texts_pass() {
        for text in [
            "“九小场所”消防安全治理",
            "国办发〔2026〕12号",
            "①组织宣传②发现火情",
            "𠮷林村",
            "Art. 24 — ★",
            "❶宣传❷劝阻➉上报",
        ] {
            assert_eq!(line("title", text, LINE).as_deref(), Ok(text));
        }
        assert_eq!(block("text", " 一\n二 ", LINE).as_deref(), Ok("一\n二"));
    }

    proptest! {
        #[test]
        fn what_passes_is_clean_and_idempotent(text in "\\PC{0,80}") {
            if let Ok(clean) = line("t", &text, 80) {
                prop_assert_eq!(clean.as_str(), text.trim());
                prop_assert_eq!(line("t", &clean, 80), Ok(clean.clone()));
            }
        }
    }
}
