//! What shows only when the items of a file are seen together: how they are numbered, and what stands there twice.

use std::collections::HashMap;

use super::{Field, Finding, SheetFindingKind as Kind, Told, items::Entry, layout::RawItem, plain};
use crate::{
    duty_list::rules::content::{DutyCategory, NAME},
    kernel::similarity::Profile,
};

/// Ordinals that are no numbers, start again or leave gaps, each where it stands. Numbers that only leave gaps are kept;
/// others are counted anew, as are all that go on behind items of a draft, which `behind` names by their category.
#[must_use]
pub fn numbering(raw: &[RawItem], entries: &[Entry], behind: &[DutyCategory]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut last: HashMap<(&str, DutyCategory), i32> = HashMap::new();
    let kept = |category: DutyCategory| {
        let mine = entries.iter().filter(|entry| entry.category == category);
        counts_up(&mine.map(|entry| entry.number).collect::<Vec<_>>())
    };
    let kept: Vec<DutyCategory> =
        DutyCategory::ALL.iter().copied().filter(|category| !behind.contains(category) && kept(*category)).collect();
    for (raw, entry) in raw.iter().zip(entries) {
        let before = last.entry((&raw.sheet, raw.category)).or_default();
        let text = raw.text(Field::Ordinal);
        let expected = *before + 1;
        *before = entry.number.unwrap_or(expected);
        if text.is_empty() || entry.number == Some(expected) {
            continue;
        }
        let told = if kept.contains(&raw.category) {
            Told::new(
                format!("序号应为 {expected}；缺号不影响导入，序号照原样保留。"),
                format!("{expected} was expected here; a gap is no harm, the numbers are kept."),
            )
        } else {
            Told::new(
                format!("序号应为 {expected}；导入时按所在顺序重新编号。"),
                format!("{expected} was expected here; items are numbered anew in the order in which they stand."),
            )
        };
        found.push(Finding::warning(Kind::Numbering, raw.place(Field::Ordinal), text, told));
    }
    found
}

/// Whether numbers go up from item to item, so that they can be kept as they are.
#[must_use]
pub fn counts_up(numbers: &[Option<i32>]) -> bool {
    numbers.iter().all(|number| number.is_some_and(|number| (1..=9_999).contains(&number)))
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
}

/// Items that stand in a file twice, by name or code, and those that read much alike. `similar` in per cent.
#[must_use]
pub fn repeated(raw: &[RawItem], similar: u8) -> Vec<Finding> {
    let mut found = Vec::new();
    let names: Vec<String> = raw.iter().map(|item| plain(item.text(Field::Name))).collect();
    let (mut first_name, mut first_code) = (HashMap::new(), HashMap::new());
    let mut twice = vec![false; raw.len()];
    for (index, item) in raw.iter().enumerate() {
        if let Some(first) =
            names.get(index).filter(|name| !name.is_empty()).and_then(|name| seen(&mut first_name, name, index))
        {
            twice[index] = true;
            found.extend(raw.get(first).map(|other| same_name(item, other)));
        }
        let code = item.text(Field::Code);
        if let Some(first) =
            Some(code).filter(|code| !code.is_empty()).and_then(|code| seen(&mut first_code, code, index))
        {
            found.extend(raw.get(first).map(|other| duplicate(item, other, Field::Code)));
        }
    }
    // A name that is longer is refused; comparing thousands of them would take its time.
    let name = |item: &RawItem| item.text(Field::Name).chars().take(NAME).collect::<String>();
    let profiles: Vec<Profile> = raw.iter().map(|item| Profile::of(&name(item))).collect();
    for (right, item) in raw.iter().enumerate().filter(|(index, _)| !twice[*index]) {
        // The one most like it is enough to know.
        let alike = profiles.iter().take(right).enumerate().filter_map(|(left, profile)| {
            let (small, large) =
                (profile.size().min(profiles[right].size()), profile.size().max(profiles[right].size()));
            // Two texts of so different lengths cannot be that much alike.
            let possible = small > 0 && 200 * u64::from(small) >= u64::from(similar) * u64::from(small + large);
            possible.then(|| (profile.percent(&profiles[right]), left)).filter(|(percent, _)| *percent >= similar)
        });
        if let Some((percent, left)) = alike.max_by_key(|(percent, left)| (*percent, std::cmp::Reverse(*left)))
            && let Some(other) = raw.get(left)
        {
            let (at, name) = (whereabouts(other), other.text(Field::Name));
            let told = Told::new(
                format!("与{at}的“{name}”相似（{percent}%）：导入后须合并其一，或在联审时说明区别。"),
                format!(
                    "Much like \"{name}\" at {at} ({percent}%): one has to go, or the review has to say how they differ."
                ),
            );
            let finding = Finding::warning(Kind::Similar, item.place(Field::Name), item.text(Field::Name), told);
            found.push(finding.suggesting(vec![at]));
        }
    }
    found
}

fn seen<'a>(known: &mut HashMap<&'a str, usize>, key: &'a str, index: usize) -> Option<usize> {
    let first = known.get(key).copied();
    if first.is_none() {
        known.insert(key, index);
    }
    first
}

fn whereabouts(item: &RawItem) -> String {
    let place = item.place(Field::Name);
    let letters = place.letters().unwrap_or_default();
    if item.sheet.is_empty() {
        format!("{letters}{}", item.row)
    } else {
        format!("{}!{letters}{}", item.sheet, item.row)
    }
}

fn duplicate(item: &RawItem, other: &RawItem, field: Field) -> Finding {
    let at = whereabouts(other);
    let told = Told::new(format!("与{at}的事项重复。"), format!("The same as the item at {at}."));
    Finding::error(Kind::Duplicate, item.place(field), item.text(field), told).suggesting(vec![at])
}

/// The finding for an item whose name another one has. By their codes they are two, as they may be in a draft; without
/// them nobody could tell.
fn same_name(item: &RawItem, other: &RawItem) -> Finding {
    let (mine, theirs) = (item.text(Field::Code), other.text(Field::Code));
    if mine.is_empty() || theirs.is_empty() || mine == theirs {
        return duplicate(item, other, Field::Name);
    }
    let told = Told::new(
        "编码不同，按两项导入；名称相同，提交前须合并或改名。",
        "Imported as two items, for their codes differ; of one name, one has to go or be renamed before the list is handed on.",
    );
    let (place, name) = (item.place(Field::Name), item.text(Field::Name));
    Finding::warning(Kind::Duplicate, place, name, told).suggesting(vec![whereabouts(other)])
}

/// The finding for an item that the draft has already.
#[must_use]
pub fn known_already(raw: &RawItem, code: &str, field: Field) -> Finding {
    let told = Told::new(
        format!("草案中已有此事项（{code}）；如要以文件为准，请选择替换方式导入。"),
        format!("The draft has this item already ({code}); import with REPLACE to let the file decide."),
    );
    Finding::error(Kind::Duplicate, raw.place(field), raw.text(field), told).suggesting(vec![code.to_owned()])
}
