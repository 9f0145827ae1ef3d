//! Numbered duties in a cell, as they are written and as we write them.

use crate::duty_list::rules::content::CLAUSES;

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
    /// ❶ to ❿, anywhere.
    Filled,
    /// ⑴ to ⒇, anywhere.
    Small,
    /// ⒈ to ⒛, at the beginning of a line or a sentence.
    Stopped,
}

/// How we number.
const MARKS: [Marks; 4] = [Marks::Circled, Marks::Bracketed, Marks::Dotted, Marks::Chinese];
/// How others do as well. Each way by itself: ❶ and ❷ may well stand within ①.
const OTHERS: [Marks; 3] = [Marks::Filled, Marks::Small, Marks::Stopped];

fn circled(number: usize) -> Option<char> {
    let number = u32::try_from(number).ok()?;
    match number {
        1..=20 => char::from_u32(0x2460 + number - 1),
        21..=35 => char::from_u32(0x3251 + number - 21),
        36..=50 => char::from_u32(0x32B1 + number - 36),
        _ => None,
    }
}

/// One of the characters that number up to `last`, beginning with `first`.
fn nth(first: u32, last: usize, number: usize) -> Vec<String> {
    let offset = u32::try_from(number).ok().filter(|_| number <= last).and_then(|number| number.checked_sub(1));
    offset.and_then(|offset| char::from_u32(first + offset)).into_iter().map(String::from).collect()
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
            Self::Filled => nth(0x2776, 10, number),
            Self::Small => nth(0x2474, 20, number),
            Self::Stopped => nth(0x2488, 20, number),
        }
    }

    /// Where the mark of a number stands in a text, and how long it is.
    fn find(self, text: &str, number: usize) -> Option<(usize, usize)> {
        let written = self.written(number);
        let hits = written.iter().flat_map(|mark| text.match_indices(mark.as_str()));
        let mut hits: Vec<(usize, usize)> = hits.map(|(at, mark)| (at, mark.len())).collect();
        hits.sort_unstable();
        if !matches!(self, Self::Dotted | Self::Stopped) {
            return hits.first().copied();
        }
        hits.retain(|(at, _)| begins(text, *at));
        let is_decimal = |hit: &&(usize, usize)| self == Self::Dotted && digit_at(text, hit.0 + hit.1);
        let clear = hits.iter().find(|hit| !is_decimal(hit)).copied();
        // `1.5` is a number, and so is a `2.5` that a line begins with, unless nothing else or the next number shows that
        // a duty begins with digits there.
        let unclear = hits.iter().filter(is_decimal).find(|(at, _)| {
            if number == 1 { *at == 0 && self.begins_line_of(text, 2) } else { begins_line(text, *at) }
        });
        match (unclear.copied(), clear) {
            (Some(unclear), Some(clear)) => {
                let between = text.get(unclear.0..clear.0).unwrap_or_default();
                Some(if self.begins_line_of(between, number + 1) { unclear } else { clear })
            }
            (unclear, clear) => clear.or(unclear),
        }
    }

    /// Whether one of the lines below the first begins with the mark of a number.
    fn begins_line_of(self, text: &str, number: usize) -> bool {
        let marks = self.written(number);
        text.lines().skip(1).any(|line| marks.iter().any(|mark| line.trim_start().starts_with(mark.as_str())))
    }
}

fn digit_at(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(|c| c.is_ascii_digit())
}

/// Whether a line below the first begins here.
fn begins_line(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.trim_end_matches([' ', '\t', '\u{3000}']).ends_with('\n'))
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
    let parts: Vec<String> = match numbered(text).or_else(|| headed(text)) {
        Some(parts) => parts,
        None => text.lines().map(str::to_owned).collect(),
    };
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// The duties of a text that begins with a number.
fn numbered(text: &str) -> Option<Vec<String>> {
    let mut ways = MARKS.into_iter().chain(OTHERS);
    let marks = ways.find(|marks| marks.find(text, 1).is_some_and(|(at, _)| at == 0))?;
    let parts = cut(text, marks);
    // Where most numbers are followed by digits, they are figures: 1.5公顷, 2.5公顷, 3.5公顷.
    let figures = parts.iter().filter(|part| digit_at(part, 0)).count();
    if marks == Marks::Dotted && parts.len() > 1 && 2 * figures > parts.len() {
        return None;
    }
    Some(parts.into_iter().map(str::to_owned).collect())
}

/// The duties of a text whose first line says what the numbered ones below it are: it goes with the first of them.
fn headed(text: &str) -> Option<Vec<String>> {
    let (head, rest) = text.split_once('\n')?;
    let head = head.trim_end();
    let mut duties = numbered(rest.trim_start()).filter(|_| head.ends_with(['：', ':']))?;
    let first = duties.first_mut()?;
    *first = format!("{head}{}", first.trim_start());
    Some(duties)
}

/// Cuts at each next number, as long as there is one and an item may have as many duties: one more is too many already, and
/// looking for thousands of numbers in as many characters takes its time.
fn cut(text: &str, marks: Marks) -> Vec<&str> {
    let (mut parts, mut rest, mut number) = (Vec::new(), text, 1);
    while let Some((at, length)) = marks.find(rest, number).filter(|_| number <= CLAUSES + 1) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            assert_eq!(duties(text), expected, "{text:?}");
        }
        assert_eq!(duties("开展宣传；上报隐患。"), ["开展宣传；上报隐患。"]);
        assert_eq!(duties("①24小时内上报②按第②项办理"), ["24小时内上报", "按第②项办理"]);
        assert_eq!(duties("1.5米以上的围墙由部门检查"), ["1.5米以上的围墙由部门检查"]);
        for figures in ["1.5公顷\n2.5公顷\n3.5公顷", "1.5米以上建筑\n2.5米以下建筑", "1.建设围栏\n2.5米围栏\n3.6米道路"]
        {
            assert_eq!(duties(figures), figures.lines().collect::<Vec<_>>(), "{figures}");
        }
        assert_eq!(duties("②先写第二\n①再写第一"), ["②先写第二", "①再写第一"]);
        for inline in ["1、甲；2、乙；3、丙", "1.甲；2.乙；3.丙", "1）甲；2）乙；3）丙"] {
            assert_eq!(duties(inline), ["甲；", "乙；", "丙"], "{inline}");
        }
        assert_eq!(duties("1.甲 2.乙 3.丙"), ["甲", "乙", "丙"]);
        assert_eq!(duties("1.高于2.5米的围墙；2.其他"), ["高于2.5米的围墙；", "其他"]);
    }

    #[test]
    fn duties_may_begin_with_digits() {
        let read = "1.开展日常巡查。\n2.24小时内上报镇政府。\n3.配合现场处置。";
        assert_eq!(duties(read), ["开展日常巡查。", "24小时内上报镇政府。", "配合现场处置。"]);
        assert_eq!(duties("1、摸排；\n2、3月底前上报；\n3、处置"), ["摸排；", "3月底前上报；", "处置"]);
        assert_eq!(duties("1.24小时值守\n2.上报"), ["24小时值守", "上报"]);
        assert_eq!(duties("1.24小时内上报\n2.巡查\n3.处置：1.拍照"), ["24小时内上报", "巡查", "处置：1.拍照"]);
        assert_eq!(
            duties("1.巡查\n2.24小时内上报\n3.处置：1.拍照；2.取证"),
            ["巡查", "24小时内上报", "处置：1.拍照；2.取证"]
        );
        assert_eq!(duties("1.高于\n2.5米\n2.其他"), ["高于\n2.5米", "其他"]);
        assert_eq!(duties("1.5米以上的围墙"), ["1.5米以上的围墙"]);
    }

    #[test]
    fn other_marks_are_read_as_well() {
        for text in ["⑴甲⑵乙⑶丙", "⒈甲\n⒉乙\n⒊丙", "⒈甲；⒉乙；⒊丙", "❶甲❷乙❸丙"] {
            let read: Vec<String> = duties(text).iter().map(|duty| duty.replace('；', "")).collect();
            assert_eq!(read, ["甲", "乙", "丙"], "{text}");
        }
        assert_eq!(duties("⒈24小时内上报\n⒉处置"), ["24小时内上报", "处置"]);
        assert_eq!(duties("①甲：❶一❷二②乙"), ["甲：❶一❷二", "乙"]);
    }

    #[test]
    fn what_stands_above_the_numbers_goes_with_the_first() {
        assert_eq!(duties("主要职责：\n1.甲\n2.乙"), ["主要职责：甲", "乙"]);
        assert_eq!(duties("主要职责:\n\n①甲②乙"), ["主要职责:甲", "乙"]);
        assert_eq!(duties("负责以下\n1.甲\n2.乙"), ["负责以下", "1.甲", "2.乙"]);
        assert_eq!(duties("主要职责：\n甲\n乙"), ["主要职责：", "甲", "乙"]);
        let quoting = ["甲：\n①乙".to_owned(), "丙".to_owned()];
        assert_eq!(duties(&written_duties(&quoting)), quoting);
        let alone = ["甲：\n1.乙".to_owned()];
        assert_eq!(duties(&written_duties(&alone)), alone);
    }

    #[test]
    fn more_duties_than_an_item_may_have_are_not_looked_for() {
        let text: String = (1..=6_000).map(|number| number.to_string() + ".a\n").collect();
        assert_eq!(duties(&text).len(), CLAUSES + 1);
        let all: Vec<String> = (0..CLAUSES).map(|number| format!("第{number}项")).collect();
        assert_eq!(duties(&written_duties(&all)), all);
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

    proptest! {
        #[test]
        fn duties_come_back(all in prop::collection::vec("[^\\s①②③（(][①②③1-3.、（）一二三甲\n]{0,12}[^\\s]", 1..5)) {
            let all: Vec<String> = all.into_iter().map(|duty| duty.trim().to_owned()).collect();
            let back = duties(&written_duties(&all));
            // Four ways of numbering are enough for whatever quotes at most three of them.
            let quoting = MARKS.iter().filter(|marks| (1..6).any(|number| marks.written(number).iter().any(|mark| all.iter().any(|duty| duty.contains(mark.as_str()))))).count();
            prop_assert!(back == all || quoting >= 4, "{all:?} {back:?}");
        }
    }
}
