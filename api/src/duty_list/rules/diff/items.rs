//! One item against another.

use std::collections::BTreeSet;

use super::{BurdenDirection, ClauseSide, DiffKind, Difference, SAME_CLAUSE, by_weight};
use crate::duty_list::rules::content::{Content, DepartmentRole, DutyCategory};
use crate::kernel::{ids::OrgUnitId, similarity};

/// Differences between two readings of one item.
#[must_use]
pub fn of_item(old: &Content, new: &Content) -> Vec<Difference> {
    use BurdenDirection::{Heavier, Lighter, Neutral};
    let mut found = Vec::new();
    if old.category != new.category {
        let burden = by_weight(old.category.weight(), new.category.weight());
        found.push(
            Difference::new(DiffKind::Reclassified, burden).texts(old.category.to_string(), new.category.to_string()),
        );
    }
    if old.wording.name != new.wording.name {
        found.push(
            Difference::new(DiffKind::Renamed, Neutral).texts(old.wording.name.clone(), new.wording.name.clone()),
        );
    }
    if leads(old) != leads(new) {
        found.push(Difference::new(DiffKind::LeadChanged, Neutral));
    }
    for (side, before, after) in [
        (ClauseSide::Superior, &old.wording.superior, &new.wording.superior),
        (ClauseSide::Township, &old.wording.township, &new.wording.township),
    ] {
        // In a category change the clauses of the other category vanish or appear with it.
        let (added, removed) = match (side, old.category == new.category) {
            (ClauseSide::Township, _) => (Heavier, Lighter),
            (ClauseSide::Superior, true) => (Lighter, Heavier),
            (ClauseSide::Superior, false) => (Neutral, Neutral),
        };
        let pairs = pair_clauses(before, after);
        for (from, to) in &pairs.reworded {
            found.push(Difference::new(DiffKind::ClauseReworded, Neutral).texts(from.clone(), to.clone()).on(side));
        }
        for from in &pairs.removed {
            found.push(Difference::new(DiffKind::ClauseRemoved, removed).texts(from.clone(), None).on(side));
        }
        for to in &pairs.added {
            found.push(Difference::new(DiffKind::ClauseAdded, added).texts(None, to.clone()).on(side));
        }
    }
    if old.wording.bases != new.wording.bases {
        let list = |content: &Content| {
            content
                .wording
                .bases
                .iter()
                .map(|basis| format!("{}{}", basis.instrument, basis.article.as_deref().unwrap_or_default()))
                .collect::<Vec<_>>()
                .join("；")
        };
        found.push(Difference::new(DiffKind::BasisChanged, Neutral).texts(list(old), list(new)));
    }
    if old.penalty_power != new.penalty_power {
        // A penalty power on the township's side is work; on a reclaimed item it says what was taken away.
        let burden = if new.category == DutyCategory::Reclaimed {
            Neutral
        } else if new.penalty_power {
            Heavier
        } else {
            Lighter
        };
        found.push(Difference::new(DiffKind::PenaltyChanged, burden));
    }
    if (&old.wording.method, old.reclaim_method) != (&new.wording.method, new.reclaim_method)
        && old.category == new.category
    {
        found.push(
            Difference::new(DiffKind::MethodChanged, Neutral)
                .texts(old.wording.method.clone(), new.wording.method.clone()),
        );
    }
    if old.domain != new.domain {
        found.push(Difference::new(DiffKind::Reordered, Neutral));
    }
    found
}

pub(super) fn leads(content: &Content) -> BTreeSet<(OrgUnitId, DepartmentRole)> {
    content.departments.iter().copied().collect()
}

pub(super) struct ClausePairs {
    reworded: Vec<(String, String)>,
    removed: Vec<String>,
    added: Vec<String>,
}

/// Pairs clauses: equal ones first, then the most alike.
pub(super) fn pair_clauses(before: &[String], after: &[String]) -> ClausePairs {
    let mut removed: Vec<String> = before.to_vec();
    let mut added: Vec<String> = Vec::new();
    for clause in after {
        match removed.iter().position(|known| known == clause) {
            Some(index) => {
                removed.remove(index);
            }
            None => added.push(clause.clone()),
        }
    }
    let mut reworded = Vec::new();
    loop {
        let best = removed
            .iter()
            .enumerate()
            .flat_map(|(left, from)| {
                added.iter().enumerate().map(move |(right, to)| (similarity::percent(from, to), left, right))
            })
            .filter(|(percent, ..)| *percent >= SAME_CLAUSE)
            .max_by_key(|(percent, left, right)| (*percent, std::cmp::Reverse((*left, *right))));
        let Some((_, left, right)) = best else { break };
        reworded.push((removed.remove(left), added.remove(right)));
    }
    ClausePairs { reworded, removed, added }
}
