//! What stands in a cell: numbered duties, legal bases, departments with their parts, words — as they are written, and as
//! we write them. Whatever is written here is read back as it was.

use crate::duty_list::rules::content::{Basis, DepartmentRole};

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

// ---- numbered duties

/// How duties are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marks {
    /// ① to ㊿, anywhere.
    Circled,
    /// （1）, anywhere.
    Bracketed,
    /// 1. or 1、 at the beginning of a line or a sentence.
    Dotted,
    /// （一）, anywhere.
    Chinese,
}

const MARKS: [Marks; 4] = [Marks::Circled, Marks::Bracketed, Marks::Dotted, Marks::Chinese];

fn circled(number: usize) -> Option<char> {
    let number = u32::try_from(number).ok()?;
    match number {
        1..=20 => char::from_u32(0x2460 + number - 1),
        21..=35 => char::from_u32(0x3251 + number - 21),
        36..=50 => char::from_u32(0x32B1 + number - 36),
        _ => None,
    }
}

fn chinese(number: usize) -> Option<String> {
    let digits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (number / 10, number % 10);
    let tens = match tens {
        0 => String::new(),
        1 => "十".into(),
        tens => format!("{}十", digits.get(tens)?),
    };
    Some(format!("{tens}{}", digits.get(ones)?))
}

impl Marks {
    /// How a number is written.
    fn written(self, number: usize) -> Vec<String> {
        match self {
            Self::Circled => circled(number).into_iter().map(String::from).collect(),
            Self::Bracketed => vec![format!("（{number}）"), format!("({number})")],
            Self::Dotted => [".", "、", "．", ")", "）"].iter().map(|end| format!("{number}{end}")).collect(),
            Self::Chinese => {
                chinese(number).map(|number| vec![format!("（{number}）"), format!("({number})")]).unwrap_or_default()
            }
        }
    }

    /// Where the mark of a number stands in a text, and how long it is.
    fn find(self, text: &str, number: usize) -> Option<(usize, usize)> {
        let written = self.written(number);
        let found = written.iter().filter_map(|mark| {
            let mut hits = text.match_indices(mark.as_str());
            let hit = if self == Self::Dotted { hits.find(|(at, _)| begins(text, *at)) } else { hits.next() };
            hit.map(|(at, mark)| (at, mark.len()))
        });
        // `1.5` is a number.
        let mut found: Vec<_> =
            found.filter(|(at, length)| self != Self::Dotted || !digit_at(text, at + length)).collect();
        found.sort_unstable();
        found.first().copied()
    }
}

fn digit_at(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|c| c.is_ascii_digit())
}

/// Whether a line or a sentence begins here, or a word behind a space.
fn begins(text: &str, at: usize) -> bool {
    let Some(before) = text.get(..at) else { return false };
    let trimmed = before.trim_end_matches([' ', '\t', '\u{3000}']);
    trimmed.len() < before.len() || trimmed.chars().last().is_none_or(|c| matches!(c, '\n' | '；' | ';' | '。'))
}

/// Duties as they stand in a cell: numbered in one way or another, else line by line.
#[must_use]
pub fn duties(text: &str) -> Vec<String> {
    let text = text.trim();
    let first = MARKS.into_iter().find(|marks| marks.find(text, 1).is_some_and(|(at, _)| at == 0));
    let parts: Vec<&str> = match first {
        Some(marks) => cut(text, marks),
        None => text.lines().collect(),
    };
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Cuts at each next number, as long as there is one.
fn cut(text: &str, marks: Marks) -> Vec<&str> {
    let (mut parts, mut rest, mut number) = (Vec::new(), text, 1);
    while let Some((at, length)) = marks.find(rest, number) {
        if number > 1 {
            parts.push(rest.get(..at).unwrap_or_default());
        }
        rest = rest.get(at + length..).unwrap_or_default();
        number += 1;
    }
    parts.push(rest);
    parts
}

/// Duties as we write them: one needs no number, several have circled ones as published lists do.
#[must_use]
pub fn written_duties(all: &[String]) -> String {
    let numbered = |marks: Marks| {
        let lines =
            (1..).zip(all).map(|(number, duty)| marks.written(number).first().map(|mark| format!("{mark}{duty}")));
        lines.collect::<Option<Vec<_>>>().map(|lines| lines.join("\n"))
    };
    let single = (all.len() <= 1).then(|| all.concat());
    let ways = single.into_iter().chain(MARKS.into_iter().filter_map(numbered));
    let mut ways: Vec<String> = ways.collect();
    // Duties that quote numbers themselves are numbered in another way.
    let good = ways.iter().position(|way| duties(way) == all).unwrap_or_default();
    if ways.is_empty() { String::new() } else { ways.swap_remove(good) }
}

// ---- legal bases

/// Between what a basis rests on and its article, where the usual way of writing would be read otherwise.
const BAR: char = '｜';

/// Legal bases as they stand in a cell, one a line or one after the other.
#[must_use]
pub fn bases(text: &str) -> Vec<Basis> {
    let (mut found, mut usual) = (Vec::new(), String::new());
    let read = |usual: &mut String, found: &mut Vec<Basis>| {
        let text = std::mem::take(usual);
        for part in split(&text, |c| matches!(c, '\n' | '；' | ';')) {
            // 《甲法》第三条；第五条 are two articles of one law.
            let above =
                found.last_mut().filter(|above: &&mut Basis| above.article.is_some() && article_at(part) == Some(0));
            match above.and_then(|above| above.article.as_mut()) {
                Some(article) => *article = format!("{article}；{part}"),
                None => found.extend(titles(part).into_iter().map(basis)),
            }
        }
    };
    for line in text.lines() {
        // What has a bar in it is one basis, whatever else stands there.
        if let Some((instrument, article)) = at_bar(line) {
            read(&mut usual, &mut found);
            found.push(of(&unescaped(instrument), &unescaped(article)));
        } else {
            usual += line;
            usual.push('\n');
        }
    }
    read(&mut usual, &mut found);
    found
}

/// Both sides of the first bar that is not meant as it stands.
fn at_bar(line: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let bar = |(_, c): &(usize, char)| {
        let found = !escaped && *c == BAR;
        escaped = !escaped && *c == ESCAPE;
        found
    };
    let (at, _) = line.char_indices().find(bar)?;
    Some((line.get(..at)?, line.get(at + BAR.len_utf8()..)?))
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

fn of(instrument: &str, article: &str) -> Basis {
    let article = article.trim();
    Basis { instrument: instrument.trim().into(), article: (!article.is_empty()).then(|| article.into()) }
}

/// Titles in brackets that follow one another, whatever stands between them: 《…》第一条、《…》 or 《…》和《…》.
fn titles(text: &str) -> Vec<&str> {
    let text = unnumbered(text);
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_u32, 0);
    if !text.starts_with('《') {
        return vec![text];
    }
    for (at, c) in text.char_indices() {
        match c {
            '《' if depth == 0 && at > 0 => {
                parts.push(text.get(from..at).unwrap_or_default());
                (from, depth) = (at, 1);
            }
            '《' | '〈' | '（' | '(' => depth += 1,
            '》' | '〉' | '）' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts.into_iter().map(unjoined).collect()
}

/// A basis without what joins it to the next one.
fn unjoined(mut text: &str) -> &str {
    loop {
        let before = text;
        text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '、' | '，' | ','));
        for word in ["以及", "和", "及", "与"] {
            text = text.strip_suffix(word).unwrap_or(text);
        }
        if text == before {
            return text;
        }
    }
}

/// A title in brackets without the number before it.
fn unnumbered(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '①'..='⑳'));
    let rest = rest.trim_start_matches(['.', '、', '．']);
    if rest.starts_with('《') { rest } else { text }
}

fn basis(text: &str) -> Basis {
    let Some((instrument, rest)) = bracketed(text) else {
        let (instrument, article) = text.split_at(article_at(text).filter(|at| *at > 0).unwrap_or(text.len()));
        return of(instrument, article);
    };
    // Which wording of it, and its number, are said right behind the title.
    let rest = rest.trim_start();
    match rest.strip_prefix('（').and_then(|inside| inside.split_once('）')) {
        Some((wording, article)) if !wording.contains('（') => of(&format!("{instrument}（{wording}）"), article),
        _ => of(instrument, rest),
    }
}

/// A title in brackets, and what follows it.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('《')?;
    let mut depth = 1;
    for (at, c) in inside.char_indices() {
        match c {
            '《' => depth += 1,
            '》' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inside.get(..at)?, inside.get(at + c.len_utf8()..)?));
        }
    }
    None
}

/// Where an article is named in a text: 第…条, 第…款 or 第…项.
fn article_at(text: &str) -> Option<usize> {
    let (at, _) = text.match_indices('第').find(|(at, _)| {
        let rest = text.get(at + '第'.len_utf8()..).unwrap_or_default();
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "零一二三四五六七八九十百千".contains(c));
        number.len() < rest.len() && number.starts_with(['条', '款', '项'])
    })?;
    Some(at)
}

/// Legal bases as we write them.
#[must_use]
pub fn written_bases(all: &[Basis]) -> String {
    let one = |known: &Basis| {
        let article = known.article.as_deref().unwrap_or_default();
        let usual = format!("《{}》{article}", known.instrument);
        // Alone, and before another one: an open bracket would hide what follows.
        let good = bases(&usual) == [known.clone()] && bases(&format!("{usual}\n甲")).len() == 2;
        let bar = |text: &str| escaped(text, |c| c == BAR);
        if good { usual } else { format!("{}{BAR}{}", bar(&known.instrument), bar(article)) }
    };
    all.iter().map(one).collect::<Vec<_>>().join("\n")
}

// ---- words

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

// ---- departments

/// A department as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentioned {
    /// Its name.
    pub name: String,
    /// The part that is marked, if one is.
    pub role: Option<DepartmentRole>,
}

fn role_of(mark: &str) -> Option<DepartmentRole> {
    let has = |words: &[&str]| words.iter().any(|word| mark.contains(word));
    if has(&["牵头", "主责", "主办", "主管"]) || mark == "主" {
        Some(DepartmentRole::Lead)
    } else if has(&["配合", "协同", "协办", "协助", "参与"]) {
        Some(DepartmentRole::CoLead)
    } else {
        None
    }
}

/// Departments as they stand in a cell: 甲（牵头）、乙, or 牵头：甲；配合：乙、丙, or one a line.
#[must_use]
pub fn departments(text: &str) -> Vec<Mentioned> {
    let mut found = Vec::new();
    let mut labelled = None;
    for part in split(text, |c| matches!(c, '、' | '，' | ',' | '；' | ';' | '\n' | '/' | '｜')) {
        let mut name = part;
        if let Some((label, rest)) = part.split_once(['：', ':'])
            && let Some(role) = role_of(label)
        {
            (labelled, name) = (Some(role), rest.trim());
        }
        let name = name.trim_start_matches(|c: char| {
            c.is_ascii_digit() || matches!(c, '.' | '．' | ' ' | '\u{2460}'..='\u{2473}')
        });
        let (name, role) = marked(name);
        if !name.is_empty() {
            found.push(Mentioned { name: name.to_owned(), role: role.or(labelled) });
        }
    }
    found
}

/// A name without the mark in brackets behind it.
fn marked(name: &str) -> (&str, Option<DepartmentRole>) {
    let name = name.trim();
    let inner = name.strip_suffix(['）', ')']).and_then(|rest| rest.rsplit_once(['（', '(']));
    match inner.and_then(|(name, mark)| Some((name, role_of(mark.trim())?))) {
        Some((name, role)) => (name.trim(), Some(role)),
        None => (name, None),
    }
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

    fn duties_of(text: &str) -> Vec<String> {
        duties(text)
    }

    #[test]
    fn duties_are_cut_however_they_are_numbered() {
        let expected = ["制定方案", "卫星火点核查", "立案处罚"];
        for text in [
            "①制定方案②卫星火点核查③立案处罚",
            "① 制定方案\n② 卫星火点核查\n③ 立案处罚",
            "1.制定方案\n2.卫星火点核查\n3.立案处罚",
            "1、制定方案\n2、卫星火点核查\r\n3、立案处罚",
            "（1）制定方案（2）卫星火点核查（3）立案处罚",
            "(1)制定方案\n(2)卫星火点核查\n(3)立案处罚",
            "（一）制定方案\n（二）卫星火点核查\n（三）立案处罚",
            "制定方案\n\n卫星火点核查\n立案处罚",
        ] {
            assert_eq!(duties_of(text), expected, "{text:?}");
        }
        assert_eq!(duties_of("开展宣传；上报隐患。"), ["开展宣传；上报隐患。"]);
        assert_eq!(duties_of("①24小时内上报②按第②项办理"), ["24小时内上报", "按第②项办理"]);
        assert_eq!(duties_of("1.5米以上的围墙由部门检查"), ["1.5米以上的围墙由部门检查"]);
        assert_eq!(duties_of("②先写第二\n①再写第一"), ["②先写第二", "①再写第一"]);
        for inline in ["1、甲；2、乙；3、丙", "1.甲；2.乙；3.丙", "1）甲；2）乙；3）丙"] {
            assert_eq!(duties_of(inline), ["甲；", "乙；", "丙"], "{inline}");
        }
        assert_eq!(duties_of("1.甲 2.乙 3.丙"), ["甲", "乙", "丙"]);
        assert_eq!(duties_of("1.高于2.5米的围墙；2.其他"), ["高于2.5米的围墙；", "其他"]);
    }

    #[test]
    fn duties_that_quote_numbers_are_numbered_in_another_way() {
        let all = ["按第②项办理".to_owned(), "办结".to_owned()];
        assert_eq!(written_duties(&all), "（1）按第②项办理\n（2）办结");
        assert_eq!(duties(&written_duties(&all)), all);
        assert_eq!(written_duties(&["甲".into(), "乙".into()]), "①甲\n②乙");
        assert_eq!(written_duties(&["甲".into()]), "甲");
        assert_eq!(written_duties(&["甲\n乙".into()]), "①甲\n乙");
        assert_eq!(written_duties(&[]), "");
    }

    #[test]
    fn legal_bases_are_read_as_written() {
        let basis = |instrument: &str, article: &str| Basis {
            instrument: instrument.into(),
            article: (!article.is_empty()).then(|| article.into()),
        };
        for (text, expected) in [
            ("《城镇燃气管理条例》第十条", vec![basis("城镇燃气管理条例", "第十条")]),
            ("城镇燃气管理条例第10条第二款", vec![basis("城镇燃气管理条例", "第10条第二款")]),
            ("《甲法》第一条、第二条；《乙法》", vec![basis("甲法", "第一条、第二条"), basis("乙法", "")]),
            ("《甲法》、《乙法》第三条", vec![basis("甲法", ""), basis("乙法", "第三条")]),
            ("1.《甲法》\n2.《乙法》第三条", vec![basis("甲法", ""), basis("乙法", "第三条")]),
            ("《甲法》《乙法》", vec![basis("甲法", ""), basis("乙法", "")]),
            ("《甲法》和《乙法》", vec![basis("甲法", ""), basis("乙法", "")]),
            ("《甲法》第三条，《乙法》第五条", vec![basis("甲法", "第三条"), basis("乙法", "第五条")]),
            ("《甲法》第三条以及《乙法》", vec![basis("甲法", "第三条"), basis("乙法", "")]),
            ("1.《甲法》第三条《乙法》（2020年修订）", vec![basis("甲法", "第三条"), basis("乙法（2020年修订）", "")]),
            ("《甲法》第三条；第五条；《乙法》", vec![basis("甲法", "第三条；第五条"), basis("乙法", "")]),
            ("《甲通知》（国发〔2020〕1号）第三条", vec![basis("甲通知（国发〔2020〕1号）", "第三条")]),
            ("关于印发《甲办法》的通知", vec![basis("关于印发《甲办法》的通知", "")]),
            ("消防法｜第三条；第五条\n《乙法》", vec![basis("消防法", "第三条；第五条"), basis("乙法", "")]),
            ("国办发〔2026〕12号", vec![basis("国办发〔2026〕12号", "")]),
            ("《国务院关于修改〈甲条例〉的决定》第一条", vec![basis("国务院关于修改〈甲条例〉的决定", "第一条")]),
        ] {
            assert_eq!(bases(text), expected, "{text}");
        }
    }

    #[test]
    fn departments_are_read_with_their_parts() {
        use DepartmentRole::{CoLead, Lead};
        let read = |text: &str| departments(text).into_iter().map(|one| (one.name, one.role)).collect::<Vec<_>>();
        let (a, b, c) = ("县公安局".to_owned(), "县农业农村局".to_owned(), "县民政局".to_owned());
        let marked = vec![(a.clone(), Some(Lead)), (b.clone(), Some(CoLead)), (c.clone(), Some(CoLead))];
        assert_eq!(read("牵头：县公安局；配合：县农业农村局、县民政局"), marked);
        assert_eq!(read("牵头单位:县公安局\n协办单位:县农业农村局，县民政局"), marked);
        assert_eq!(read("县公安局（牵头）、县农业农村局(配合)、县民政局（协同）"), marked);
        assert_eq!(read("县公安局（主）、县农业农村局"), [(a.clone(), Some(Lead)), (b.clone(), None)]);
        assert_eq!(read("1.县公安局\n2.县农业农村局"), [(a.clone(), None), (b, None)]);
        assert_eq!(read("1、县公安局"), [(a, None)]);
        assert_eq!(read("县城管局（县综合执法局）"), [("县城管局（县综合执法局）".into(), None)]);
    }

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
        fn duties_come_back(all in prop::collection::vec("[^\\s①②③（(][①②③1-3.、（）一二三甲\n]{0,12}[^\\s]", 1..5)) {
            let all: Vec<String> = all.into_iter().map(|duty| duty.trim().to_owned()).collect();
            let back = duties(&written_duties(&all));
            // Four ways of numbering are enough for whatever quotes at most three of them.
            let quoting = MARKS.iter().filter(|marks| (1..6).any(|number| marks.written(number).iter().any(|mark| all.iter().any(|duty| duty.contains(mark.as_str()))))).count();
            prop_assert!(back == all || quoting >= 4, "{all:?} {back:?}");
        }

        #[test]
        fn tags_come_back(all in prop::collection::vec("[甲乙a-c、，;（）()《》「」\\\\1]{1,6}", 0..5)) {
            prop_assert_eq!(tags(&written_tags(&all)), all);
        }

        #[test]
        fn bases_come_back(all in prop::collection::vec(("[甲乙法、；0-9]{0,4}([《（][甲乙、；｜\\\\]{1,3}[》）]?)?[甲乙法、；]{0,2}[甲乙法]", prop::option::of("[第《（和][一二三；]条[、；第》甲]{0,3}")), 0..4)) {
            let all: Vec<Basis> = all.into_iter().map(|(instrument, article)| Basis { instrument, article }).collect();
            prop_assert_eq!(bases(&written_bases(&all)), all);
        }
    }
}
