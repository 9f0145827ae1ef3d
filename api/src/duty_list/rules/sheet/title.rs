//! Whose list a title or a file's name says it is. Pure: the names of a county's townships come from outside.

use super::texts::clean;

/// The places among which a township is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Names of the townships.
    pub townships: &'a [&'a str],
    /// Names of what they belong to: county, city, province.
    pub above: &'a [&'a str],
    /// Names of other counties, cities and provinces.
    pub elsewhere: &'a [&'a str],
}

/// A township as a text names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Which of the townships it is; none where it is none of them, or another county stands before it.
    pub township: Option<usize>,
    /// Its name, with another county if one stands before it.
    pub name: String,
}

/// What titles and the name of a file say, each by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The titles.
    pub titles: Vec<Named>,
    /// The file's name.
    pub file: Vec<Named>,
}

impl Said {
    /// Reads titles and the name of a file.
    #[must_use]
    pub fn of<'t>(titles: impl IntoIterator<Item = &'t str>, file: &str, around: Around<'_>) -> Self {
        let mut said = Self { titles: Vec::new(), file: named(stem(file), true, around) };
        for named in titles.into_iter().flat_map(|title| named(title, false, around)) {
            if !said.titles.contains(&named) {
                said.titles.push(named);
            }
        }
        said
    }

    /// Everything that is named.
    pub fn all(&self) -> impl Iterator<Item = &Named> {
        self.titles.iter().chain(&self.file)
    }

    /// Whether nobody is named.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.titles.is_empty() && self.file.is_empty()
    }

    /// The one township that is named; none where nobody is, another is as well, or a stranger.
    #[must_use]
    pub fn township(&self) -> Option<usize> {
        let first = self.all().next()?.township;
        first.filter(|_| self.all().all(|named| named.township == first))
    }

    /// Who is named where, as in 标题为“皂河镇”，文件名为“顺河街道”.
    #[must_use]
    pub fn told(&self) -> String {
        let quoted = |named: &[Named]| {
            let mut names: Vec<String> = named.iter().map(|named| format!("“{}”", named.name)).collect();
            names.dedup();
            names.concat()
        };
        let parts = [("标题", &self.titles), ("文件名", &self.file)].into_iter().filter(|(_, named)| !named.is_empty());
        parts.map(|(what, named)| format!("{what}为{}", quoted(named))).collect::<Vec<_>>().join("，")
    }
}

/// What ends the name of a place that townships belong to.
const ABOVE: [char; 5] = ['省', '市', '县', '区', '旗'];
/// What ends like a county and names none.
const NO_COUNTY: &[&str] = &[
    "开发区",
    "经开区",
    "园区",
    "新区",
    "高新区",
    "示范区",
    "度假区",
    "风景区",
    "名胜区",
    "管理区",
    "直管区",
    "试验区",
    "保税区",
    "集聚区",
    "功能区",
    "产业区",
    "工业区",
    "片区",
    "辖区",
    "城区",
    "林区",
    "矿区",
    "库区",
];
/// What makes a county nobody's when it stands before 县, 市, 区 or 旗.
const WHICHEVER: &[char] = &['全', '本', '我', '各', '该', '某'];
/// What ends the name of a township.
const KINDS: [&str; 3] = ["街道", "镇", "乡"];
/// What stands between a township and its list.
const OFFICES: [&str; 3] = ["办事处", "人民政府", "党工委"];
/// What a title goes on with behind a township.
const LISTS: [&str; 7] = ["履职", "基本", "配合", "上级", "收回", "清单", "事项"];
/// What stands before 镇, 乡 or 街道 where no township in particular is meant.
const ANY: &[&str] = &["", "全", "本", "我", "各", "该", "某", "村", "城", "集", "市", "所有", "每个"];

/// A file's name without its ending.
fn stem(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The townships that a text names: those that are known, else the first stranger's name that stands as titles have it.
#[must_use]
pub fn named(text: &str, file: bool, around: Around<'_>) -> Vec<Named> {
    // Titles are often typed with spaces between the characters.
    let text: String = clean(text).chars().filter(|c| !c.is_whitespace()).collect();
    let mut found: Vec<Named> = Vec::new();
    for (from, to, index) in known(&text, around.townships) {
        let county = text.get(..from).and_then(|before| other_county(before, around.above));
        let name = text.get(from..to).unwrap_or_default();
        let named = match county {
            Some(county) => Named { township: None, name: format!("{county}{name}") },
            None => Named { township: Some(index), name: name.to_owned() },
        };
        if !found.contains(&named) {
            found.push(named);
        }
    }
    if found.is_empty() {
        found.extend(stranger(&text, file, around.above).map(|name| Named { township: None, name }));
    }
    if let Some(county) = elsewhere(&text, around) {
        for named in found.iter_mut().filter(|named| named.township.is_some()) {
            *named = Named { township: None, name: format!("{county}{}", named.name) };
        }
        if found.is_empty() {
            found.push(Named { township: None, name: county.to_owned() });
        }
    }
    found
}

/// Another county, city or province that a text names, wherever it stands in it.
fn elsewhere<'a>(text: &str, around: Around<'a>) -> Option<&'a str> {
    let mut rest = text.to_owned();
    for own in around.above.iter().chain(around.townships).filter(|name| !name.is_empty()) {
        rest = rest.replace(own, " ");
    }
    // Names such as 城区 or 郊区 stand in many texts. Of several the longest: 宿城区 is none of 城区.
    let named = around.elsewhere.iter().filter(|name| name.chars().count() > 2 && rest.contains(**name));
    named.max_by_key(|name| name.len()).copied()
}

/// Where known names stand, and which they are. One within a longer one is not meant: 新柳汀镇 is not 柳汀镇.
fn known(text: &str, townships: &[&str]) -> Vec<(usize, usize, usize)> {
    let mut hits: Vec<(usize, usize, usize)> = Vec::new();
    for (index, name) in townships.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        hits.extend(text.match_indices(*name).map(|(at, _)| (at, at + name.len(), index)));
    }
    let longer = |(from, to, _): &(usize, usize, usize)| {
        hits.iter().any(|(left, right, _)| left <= from && to <= right && right - left > to - from)
    };
    let mut found: Vec<(usize, usize, usize)> = hits.iter().filter(|hit| !longer(hit)).copied().collect();
    found.sort_unstable();
    found
}

/// The county or city right before a township's name, if it is another than those that the townships belong to.
fn other_county<'t>(before: &'t str, above: &[&str]) -> Option<&'t str> {
    let end = before.chars().next_back().filter(|c| matches!(c, '县' | '市' | '区' | '旗'))?;
    let rest = before.strip_suffix(end)?;
    let ours = |name: &&str| before.ends_with(*name) || shortens(rest, end, name);
    let nobody = NO_COUNTY.iter().any(|word| before.ends_with(word)) || rest.ends_with(WHICHEVER);
    if nobody || above.iter().any(ours) {
        return None;
    }
    // Without the city that it belongs to in turn.
    let own = rest.char_indices().rev().take_while(|(_, c)| is_han(*c) && !ABOVE.contains(c));
    let (from, _) = own.last()?;
    before.get(from..)
}

/// Whether what stands before the last character of a name shortens a known one: 玉屏县 for 玉屏侗族自治县.
fn shortens(rest: &str, end: char, name: &str) -> bool {
    let Some(full) = name.strip_suffix(end) else { return false };
    let lengths = full.char_indices().skip(2).map(|(at, _)| at);
    lengths.filter_map(|length| full.get(..length)).any(|short| rest.ends_with(short))
}

/// The name of a township that nobody knows here.
fn stranger(text: &str, file: bool, above: &[&str]) -> Option<String> {
    let mut hits: Vec<(usize, &str)> = KINDS.iter().flat_map(|kind| text.match_indices(*kind)).collect();
    hits.sort_unstable();
    hits.into_iter().find_map(|(at, kind)| {
        let behind = text.get(at + kind.len()..)?;
        let behind = OFFICES.iter().find_map(|office| behind.strip_prefix(office)).unwrap_or(behind);
        let ends = file && behind.chars().next().is_none_or(|c| !is_han(c));
        if !ends && !LISTS.iter().any(|list| behind.starts_with(list)) {
            return None;
        }
        let before = text.get(..at)?;
        let own = before.char_indices().rev().take_while(|(_, c)| is_han(*c) && !ABOVE.contains(c));
        let from = own.last().map_or(at, |(from, _)| from);
        let own = text.get(from..at)?;
        if is_anybody(own, kind) {
            return None;
        }
        let county = text.get(..from).and_then(|before| other_county(before, above)).unwrap_or_default();
        Some(format!("{county}{own}{kind}"))
    })
}

/// Whether no township in particular is meant: 各乡镇, 某镇, 乡镇街道.
fn is_anybody(own: &str, kind: &str) -> bool {
    ANY.contains(&own)
        || own.ends_with(['各', '某', '全'])
        || (kind == "镇" && own.ends_with('乡'))
        || (kind == "街道" && own.ends_with('镇'))
        || (kind == "乡" && own.ends_with('城'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AROUND: Around<'static> = Around {
        townships: &["顺河街道", "皂河镇", "新皂河镇"],
        above: &["江苏省", "宿迁市", "宿豫区"],
        elsewhere: &["沭阳县", "宿城区", "浦东新区", "井陉矿区", "山东省", "淮安市", "城区"],
    };

    fn names(text: &str, file: bool) -> Vec<(Option<usize>, String)> {
        named(text, file, AROUND).into_iter().map(|named| (named.township, named.name)).collect()
    }

    #[test]
    fn townships_of_the_county_are_found_wherever_they_stand() {
        for text in [
            "顺河街道基本履职事项清单",
            "宿豫区顺河街道履职事项清单",
            "江苏省宿迁市宿豫区顺河街道",
            "宿迁市顺河街道",
            "顺 河 街 道 基 本 履 职 事 项 清 单",
            "全区顺河街道",
            "苏宿工业园区顺河街道",
            "01顺河街道（定稿）",
        ] {
            assert_eq!(names(text, false), [(Some(0), "顺河街道".to_owned())], "{text}");
        }
        assert_eq!(names("新皂河镇履职事项清单", false), [(Some(2), "新皂河镇".to_owned())]);
        assert_eq!(
            names("皂河镇、顺河街道", false),
            [(Some(1), "皂河镇".to_owned()), (Some(0), "顺河街道".to_owned())]
        );
    }

    #[test]
    fn a_township_of_another_county_is_another() {
        for (text, name) in [
            ("海门区顺河街道基本履职事项清单", "海门区顺河街道"),
            ("江苏省南通市海门区顺河街道", "海门区顺河街道"),
            ("徐州市顺河街道", "徐州市顺河街道"),
            ("澜溪县柳汀镇基本履职事项清单", "澜溪县柳汀镇"),
            ("柳汀镇履职事项清单", "柳汀镇"),
            ("柳汀街道办事处履职事项清单", "柳汀街道"),
        ] {
            assert_eq!(names(text, false), [(None, name.to_owned())], "{text}");
        }
        assert_eq!(names("柳汀镇", true), [(None, "柳汀镇".to_owned())]);
        assert_eq!(names("柳汀镇-定稿", true), [(None, "柳汀镇".to_owned())]);
        assert!(other_county("玉屏县", &["玉屏侗族自治县"]).is_none());
    }

    #[test]
    fn another_county_is_found_wherever_it_stands() {
        for (text, name) in [
            ("宿城区顺河街道履职事项清单", "宿城区顺河街道"),
            ("上海市浦东新区顺河街道", "浦东新区顺河街道"),
            ("井陉矿区顺河街道", "井陉矿区顺河街道"),
            ("沭阳县人民政府顺河街道办事处", "沭阳县顺河街道"),
            ("中共沭阳县委顺河街道", "沭阳县顺河街道"),
            ("沭阳县-顺河街道", "沭阳县顺河街道"),
            ("顺河街道（沭阳县）", "沭阳县顺河街道"),
            ("沭阳县基本履职事项清单", "沭阳县"),
            ("沭阳县", "沭阳县"),
            ("淮安市宿豫区顺河街道", "淮安市顺河街道"),
            ("山东省顺河街道", "山东省顺河街道"),
        ] {
            assert_eq!(names(text, false), [(None, name.to_owned())], "{text}");
        }
        for text in ["顺河街道主城区履职事项清单", "宿迁市直管区顺河街道"] {
            assert_eq!(names(text, false), [(Some(0), "顺河街道".to_owned())], "{text}");
        }
    }

    #[test]
    fn what_means_no_township_in_particular_names_none() {
        for text in [
            "乡镇（街道）履职事项清单",
            "各乡镇履职事项清单",
            "XX镇履职事项清单",
            "××街道基本履职事项清单",
            "某镇履职事项清单",
            "玄武区某街道基本履职事项清单",
            "全县乡镇街道履职事项清单",
            "我区街道履职事项清单",
            "基本履职事项清单",
            "柳汀镇周边的事情",
        ] {
            assert!(names(text, false).is_empty() && names(text, true).is_empty(), "{text}");
        }
    }

    #[test]
    fn every_title_and_the_file_s_name_is_looked_at_by_itself() {
        let said = |titles: &[&str], file: &str| Said::of(titles.iter().copied(), file, AROUND);
        let agreed = said(&["顺河街道基本履职事项清单", "（2026年版）", "顺河街道配合履职事项清单"], "顺河街道.xlsx");
        assert_eq!(agreed.township(), Some(0));
        assert_eq!(said(&["基本履职事项清单"], "皂河镇.xlsx").township(), Some(1));
        let silent = said(&["基本履职事项清单"], "x.xlsx");
        assert!(silent.is_silent() && silent.township().is_none());
        let torn = said(&["顺河街道履职事项清单"], "皂河镇.xlsx");
        assert_eq!((torn.township(), torn.told().as_str()), (None, "标题为“顺河街道”，文件名为“皂河镇”"));
        let foreign = said(&["海门区顺河街道履职事项清单"], "海门区顺河街道.xlsx");
        assert_eq!(
            (foreign.township(), foreign.told().as_str()),
            (None, "标题为“海门区顺河街道”，文件名为“海门区顺河街道”")
        );
        let two = said(&["顺河街道基本履职事项清单", "皂河镇配合履职事项清单"], "x.xlsx");
        assert_eq!((two.township(), two.told().as_str()), (None, "标题为“顺河街道”“皂河镇”"));
    }
}
