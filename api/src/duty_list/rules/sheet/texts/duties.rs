//! Numbered duties in a cell, as they are written and as we write them.

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
        assert_eq!(duties("②先写第二\n①再写第一"), ["②先写第二", "①再写第一"]);
        for inline in ["1、甲；2、乙；3、丙", "1.甲；2.乙；3.丙", "1）甲；2）乙；3）丙"] {
            assert_eq!(duties(inline), ["甲；", "乙；", "丙"], "{inline}");
        }
        assert_eq!(duties("1.甲 2.乙 3.丙"), ["甲", "乙", "丙"]);
        assert_eq!(duties("1.高于2.5米的围墙；2.其他"), ["高于2.5米的围墙；", "其他"]);
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
