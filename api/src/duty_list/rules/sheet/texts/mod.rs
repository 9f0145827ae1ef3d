//! What stands in a cell: numbered duties, legal bases, departments with their parts, words — as they are written, and as
//! we write them. Whatever is written here is read back as it was.

mod bases;
mod departments;
mod duties;

pub use self::{
    bases::{bases, written_bases},
    departments::{Mentioned, departments, takeover},
    duties::{duties, written_duties},
};

/// The half-width form of a full-width letter, digit or space.
#[must_use]
pub fn half_width(c: char) -> char {
    match c {
        '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
        }
        '\u{3000}' | '\u{A0}' => ' ',
        other => other,
    }
}

/// A text as it is kept: full-width letters and digits as half-width ones, without characters that nobody sees, lines
/// ended in one way.
#[must_use]
pub fn clean(text: &str) -> String {
    let invisible = |c: &char| matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    // Spaces between words stay what they are, only around the text they go.
    let wide = |c: char| if matches!(c, '\u{3000}' | '\u{A0}') { c } else { half_width(c) };
    let text: String = text.chars().filter(|c| !invisible(c)).map(wide).collect();
    text.trim().to_owned()
}

/// Before a mark that is meant as it stands.
const ESCAPE: char = '\\';

/// Splits at separators that stand outside brackets and quotation marks, and are not meant as they stand.
fn split(text: &str, separators: impl Fn(char) -> bool) -> Vec<&str> {
    let (mut parts, mut depth, mut from, mut escaped) = (Vec::new(), 0_u32, 0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            ESCAPE => escaped = true,
            '《' | '〈' | '「' | '（' | '(' | '〔' | '“' => depth += 1,
            '》' | '〉' | '」' | '）' | ')' | '〕' | '”' => depth = depth.saturating_sub(1),
            _ if depth == 0 && separators(c) => {
                parts.push(text.get(from..at).unwrap_or_default());
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The text with what is `marked` meant as it stands.
fn escaped(text: &str, marked: impl Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ESCAPE || marked(c) {
            safe.push(ESCAPE);
        }
        safe.push(c);
    }
    safe
}

fn unescaped(text: &str) -> String {
    let (mut plain, mut chars) = (String::with_capacity(text.len()), text.chars());
    while let Some(c) = chars.next() {
        plain.extend(if c == ESCAPE { chars.next().or(Some(c)) } else { Some(c) });
    }
    plain
}

const BETWEEN_WORDS: [char; 7] = ['、', '，', ',', '；', ';', '\n', '|'];

/// Tags as they stand in a cell.
#[must_use]
pub fn tags(text: &str) -> Vec<String> {
    let parts = split(text, |c| BETWEEN_WORDS.contains(&c)).into_iter();
    let bare = |part: &str| part.strip_prefix('「').and_then(|part| part.strip_suffix('」')).unwrap_or(part).to_owned();
    parts.map(|part| unescaped(&bare(part))).collect()
}

/// Tags as we write them.
#[must_use]
pub fn written_tags(all: &[String]) -> String {
    // Alone, and before another one: an open bracket would hide what follows.
    let good = |tag: &String| tags(tag) == [tag.clone()] && tags(&format!("{tag}、甲")).len() == 2;
    let one = |tag: &String| if good(tag) { tag.clone() } else { escaped(tag, |c| !c.is_alphanumeric()) };
    all.iter().map(one).collect::<Vec<_>>().join("、")
}

/// Yes or no.
#[must_use]
pub fn yes(text: &str) -> Option<bool> {
    match super::plain(text).as_str() {
        "是" | "有" | "含" | "true" | "1" | "yes" | "y" => Some(true),
        "否" | "无" | "不含" | "没有" | "false" | "0" | "no" | "n" => Some(false),
        "" => Some(text.contains(['√', '✓', '✔'])),
        _ => None,
    }
}

/// The value whose word or term stands in a cell.
pub fn word<T: Copy>(text: &str, all: &[T], names: impl Fn(T) -> [&'static str; 2]) -> Option<T> {
    let wanted = super::plain(text);
    all.iter().copied().find(|value| names(*value).iter().any(|name| super::plain(name) == wanted))
}

/// Whether a text says that a matter was abolished.
#[must_use]
pub fn says_cancelled(text: &str) -> bool {
    let text = super::plain(text);
    ["取消", "已取消", "予以取消", "不再承接", "废止"].contains(&text.as_str()) || text.starts_with("取消原提出部门")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_taken_as_people_write_them() {
        assert_eq!(
            [yes("是"), yes("√"), yes("否"), yes("ＮＯ"), yes("也许")],
            [Some(true), Some(true), Some(false), Some(false), None]
        );
        assert_eq!(clean("\u{FEFF}\u{3000}第１２条Ａ\u{200B}\u{A0}"), "第12条A");
        assert!(says_cancelled("（取消）") && !says_cancelled("取消下载量指标"));
    }

    proptest! {
        #[test]
        fn tags_come_back(all in prop::collection::vec("[甲乙a-c、，;（）()《》「」\\\\1]{1,6}", 0..5)) {
            prop_assert_eq!(tags(&written_tags(&all)), all);
        }
    }
}
