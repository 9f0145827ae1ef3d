//! One version or township against another.

use std::collections::{BTreeMap, BTreeSet};

use super::{BurdenDirection, DiffKind, Difference, SAME_CLAUSE, Sided, by_weight, of_item, presence};
use crate::kernel::{ids::DutyItemId, similarity};

/// Differences between two versions of one list, in the order of the items.
#[must_use]
pub fn of_versions(old: &[Sided<'_>], new: &[Sided<'_>]) -> Vec<Difference> {
    let before: BTreeMap<DutyItemId, &Sided<'_>> = old.iter().map(|item| (item.item, item)).collect();
    let after: BTreeMap<DutyItemId, &Sided<'_>> = new.iter().map(|item| (item.item, item)).collect();
    let mut found = Vec::new();
    // Items that continue others: of each vanished one, which new ones came from it.
    let mut heirs: BTreeMap<DutyItemId, Vec<&Sided<'_>>> = BTreeMap::new();
    for item in new.iter().filter(|item| !before.contains_key(&item.item)) {
        for source in item.derived_from.iter().filter(|source| before.contains_key(source)) {
            heirs.entry(*source).or_default().push(item);
        }
    }
    for item in old {
        match (after.get(&item.item), heirs.get(&item.item)) {
            (Some(new), _) => {
                let mut changes = of_item(item.content, new.content);
                if item.ordinal != new.ordinal && item.content.category == new.content.category && changes.is_empty() {
                    changes.push(
                        Difference::new(DiffKind::Reordered, BurdenDirection::Neutral)
                            .texts(item.ordinal.to_string(), new.ordinal.to_string()),
                    );
                }
                found.extend(changes.into_iter().map(|change| Difference {
                    old: Some(item.item),
                    new: Some(new.item),
                    ..change
                }));
            }
            // It lives on in its heirs, whose own rows say how heavy they are.
            (None, Some(_)) => {}
            (None, None) => {
                let burden = presence(item.content.category, false);
                let row = Difference::new(DiffKind::Removed, burden).texts(item.content.wording.name.clone(), None);
                found.push(Difference { old: Some(item.item), ..row });
            }
        }
    }
    for item in new.iter().filter(|item| !before.contains_key(&item.item)) {
        let sources: Vec<&Sided<'_>> =
            item.derived_from.iter().filter_map(|source| before.get(source).copied()).collect();
        let vanished = sources.iter().all(|source| !after.contains_key(&source.item));
        let row = if sources.is_empty() || !vanished {
            Difference::new(DiffKind::Added, presence(item.content.category, true))
        } else {
            let kind = if sources.len() > 1 { DiffKind::Merged } else { DiffKind::Split };
            Difference::new(kind, inherited(&sources, item))
        };
        let from = sources.iter().map(|source| source.content.wording.name.as_str()).collect::<Vec<_>>().join("；");
        let row = row.texts((!from.is_empty()).then_some(from), item.content.wording.name.clone());
        found.push(Difference { old: sources.first().map(|source| source.item), new: Some(item.item), ..row });
    }
    found
}

/// An item that continues others is no heavier only if it is in no heavier category and asks nothing of the township
/// that they did not ask.
pub(super) fn inherited(sources: &[&Sided<'_>], item: &Sided<'_>) -> BurdenDirection {
    let heaviest = sources.iter().map(|source| source.content.category.weight()).max().unwrap_or(0);
    let asked = |clause: &String| {
        sources
            .iter()
            .flat_map(|source| &source.content.wording.township)
            .any(|known| similarity::percent(known, clause) >= SAME_CLAUSE)
    };
    let new_penalty = item.content.penalty_power && sources.iter().all(|source| !source.content.penalty_power);
    let burden = by_weight(heaviest, item.content.category.weight());
    if burden == BurdenDirection::Heavier || new_penalty || !item.content.wording.township.iter().all(asked) {
        BurdenDirection::Heavier
    } else {
        burden
    }
}

/// Which items of two townships correspond: those of one model item first, then those most alike by name.
#[must_use]
pub fn correspondence(
    left: &[(Sided<'_>, Option<uuid::Uuid>)],
    right: &[(Sided<'_>, Option<uuid::Uuid>)],
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut free: BTreeSet<usize> = (0..right.len()).collect();
    let mut rest = Vec::new();
    for (index, (item, template)) in left.iter().enumerate() {
        let same = free.iter().copied().find(|other| {
            let (candidate, theirs) = &right[*other];
            (template.is_some() && template == theirs) || candidate.content.wording.name == item.content.wording.name
        });
        match same {
            Some(other) => {
                free.remove(&other);
                pairs.push((index, other));
            }
            None => rest.push(index),
        }
    }
    let profiles: BTreeMap<usize, _> =
        free.iter().map(|other| (*other, right[*other].0.content.wording.profile())).collect();
    for index in rest {
        let mine = left[index].0.content.wording.profile();
        let best = free
            .iter()
            .map(|other| (mine.percent(&profiles[other]), *other))
            .filter(|(percent, _)| *percent >= SAME_CLAUSE)
            .max_by_key(|(percent, other)| (*percent, std::cmp::Reverse(*other)));
        if let Some((_, other)) = best {
            free.remove(&other);
            pairs.push((index, other));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Differences between the lists of two townships, seen from the left one: what the right one has more is `ADDED`.
#[must_use]
pub fn of_townships(
    left: &[(Sided<'_>, Option<uuid::Uuid>)],
    right: &[(Sided<'_>, Option<uuid::Uuid>)],
) -> Vec<Difference> {
    let pairs = correspondence(left, right);
    let (mine, theirs): (BTreeSet<usize>, BTreeSet<usize>) = pairs.iter().copied().unzip();
    let mut found = Vec::new();
    for (one, other) in pairs {
        let (old, new) = (&left[one].0, &right[other].0);
        let rows = of_item(old.content, new.content);
        found.extend(rows.into_iter().map(|row| Difference { old: Some(old.item), new: Some(new.item), ..row }));
    }
    for (index, (item, _)) in left.iter().enumerate().filter(|(index, _)| !mine.contains(index)) {
        let _ = index;
        let row = Difference::new(DiffKind::Removed, presence(item.content.category, false))
            .texts(item.content.wording.name.clone(), None);
        found.push(Difference { old: Some(item.item), ..row });
    }
    for (_, (item, _)) in right.iter().enumerate().filter(|(index, _)| !theirs.contains(index)) {
        let row = Difference::new(DiffKind::Added, presence(item.content.category, true))
            .texts(None, item.content.wording.name.clone());
        found.push(Difference { new: Some(item.item), ..row });
    }
    found
}
