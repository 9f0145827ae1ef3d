//! Legal bases in a cell, as they are written and as we write them.

use super::{ESCAPE, escaped, split, unescaped};
use crate::duty_list::rules::content::Basis;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
        #[test]
        fn bases_come_back(all in prop::collection::vec(("[甲乙法、；0-9]{0,4}([《（][甲乙、；｜\\\\]{1,3}[》）]?)?[甲乙法、；]{0,2}[甲乙法]", prop::option::of("[第《（和][一二三；]条[、；第》甲]{0,3}")), 0..4)) {
            let all: Vec<Basis> = all.into_iter().map(|(instrument, article)| Basis { instrument, article }).collect();
            prop_assert_eq!(bases(&written_bases(&all)), all);
        }
    }
}
