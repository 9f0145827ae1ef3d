//! What changed between two versions, or differs between two townships, and whether it weighs heavier on the township.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{Content, DepartmentRole, DutyCategory};
use crate::kernel::{
    ids::{DutyItemId, OrgUnitId},
    similarity,
};

crate::api_enum! {
    /// Kind of a difference (差异类型).
    pub enum DiffKind {
        /// A new item (新增).
        Added,
        /// An item is gone (删除).
        Removed,
        /// An item moved to another category (类别调整).
        Reclassified,
        /// Another name (名称调整).
        Renamed,
        /// Other departments (责任部门调整).
        LeadChanged,
        /// A clause more (新增条款).
        ClauseAdded,
        /// A clause less (删除条款).
        ClauseRemoved,
        /// A clause says nearly the same in other words (条款文字调整).
        ClauseReworded,
        /// Another legal basis (依据调整).
        BasisChanged,
        /// A penalty power was given or taken (处罚权调整).
        PenaltyChanged,
        /// Another way of doing a reclaimed item (工作方式调整).
        MethodChanged,
        /// Another place in the order or another domain class (排序或领域调整).
        Reordered,
        /// An item became several (拆分).
        Split,
        /// Several items became one (合并).
        Merged,
    }
}

crate::api_enum! {
    /// Whether a change weighs heavier or lighter on the township (负担变化).
    pub enum BurdenDirection {
        /// Heavier (加重).
        Heavier,
        /// Lighter (减轻).
        Lighter,
        /// Neither (不变).
        Neutral,
    }
}

crate::api_enum! {
    /// Whose duty a clause states (条款归属).
    pub enum ClauseSide {
        /// The department's (上级部门职责).
        Superior,
        /// The township's (乡镇配合职责).
        Township,
    }
}

/// An item on one side of a comparison.
#[derive(Clone, Debug)]
pub struct Sided<'a> {
    /// The item.
    pub item: DutyItemId,
    /// Its place in its category.
    pub ordinal: i32,
    /// What it says.
    pub content: &'a Content,
    /// Items it came from.
    pub derived_from: &'a [DutyItemId],
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What kind.
    pub kind: DiffKind,
    /// Heavier or lighter.
    pub burden: BurdenDirection,
    /// The item before.
    pub old: Option<DutyItemId>,
    /// The item after.
    pub new: Option<DutyItemId>,
    /// Whose clause, for clauses.
    pub side: Option<ClauseSide>,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

impl Difference {
    fn new(kind: DiffKind, burden: BurdenDirection) -> Self {
        Self { kind, burden, old: None, new: None, side: None, from: None, to: None }
    }

    fn texts(mut self, from: impl Into<Option<String>>, to: impl Into<Option<String>>) -> Self {
        self.from = from.into();
        self.to = to.into();
        self
    }

    fn on(mut self, side: ClauseSide) -> Self {
        self.side = Some(side);
        self
    }
}

/// From this likeness in per cent on, a clause counts as reworded rather than replaced.
const SAME_CLAUSE: u8 = 75;

fn by_weight(old: u8, new: u8) -> BurdenDirection {
    match old.cmp(&new) {
        std::cmp::Ordering::Less => BurdenDirection::Heavier,
        std::cmp::Ordering::Equal => BurdenDirection::Neutral,
        std::cmp::Ordering::Greater => BurdenDirection::Lighter,
    }
}

/// A duty on the list weighs; a reclaimed item protects.
fn presence(category: DutyCategory, added: bool) -> BurdenDirection {
    match (category, added) {
        (DutyCategory::Reclaimed, true) | (DutyCategory::Basic | DutyCategory::Cooperative, false) => {
            BurdenDirection::Lighter
        }
        (DutyCategory::Reclaimed, false) | (DutyCategory::Basic | DutyCategory::Cooperative, true) => {
            BurdenDirection::Heavier
        }
    }
}

/// The direction of several changes together: one heavier change makes the whole heavier.
#[must_use]
pub fn overall(differences: &[Difference]) -> BurdenDirection {
    let has = |burden| differences.iter().any(|difference| difference.burden == burden);
    if has(BurdenDirection::Heavier) {
        BurdenDirection::Heavier
    } else if has(BurdenDirection::Lighter) {
        BurdenDirection::Lighter
    } else {
        BurdenDirection::Neutral
    }
}

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

fn leads(content: &Content) -> BTreeSet<(OrgUnitId, DepartmentRole)> {
    content.departments.iter().copied().collect()
}

struct ClausePairs {
    reworded: Vec<(String, String)>,
    removed: Vec<String>,
    added: Vec<String>,
}

/// Pairs clauses: equal ones first, then the most alike.
fn pair_clauses(before: &[String], after: &[String]) -> ClausePairs {
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
fn inherited(sources: &[&Sided<'_>], item: &Sided<'_>) -> BurdenDirection {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::duty_list::rules::content::tests::{basic, cooperative, org, reclaimed};

    fn kinds(old: &Content, new: &Content) -> Vec<(DiffKind, BurdenDirection)> {
        of_item(old, new).into_iter().map(|row| (row.kind, row.burden)).collect()
    }

    fn sided(n: u128, content: &Content) -> Sided<'_> {
        Sided { item: DutyItemId(Uuid::from_u128(n)), ordinal: 1, content, derived_from: &[] }
    }

    #[test]
    fn moving_up_the_categories_is_heavier() {
        let (r, c, b) = (reclaimed("x"), cooperative("x"), basic("x"));
        assert!(kinds(&r, &c).contains(&(DiffKind::Reclassified, BurdenDirection::Heavier)));
        assert!(kinds(&c, &b).contains(&(DiffKind::Reclassified, BurdenDirection::Heavier)));
        assert!(kinds(&b, &r).contains(&(DiffKind::Reclassified, BurdenDirection::Lighter)));
        assert_eq!(overall(&of_item(&r, &c)), BurdenDirection::Heavier);
    }

    #[test]
    fn a_township_clause_more_is_heavier_and_a_better_wording_is_not() {
        let old = cooperative("x");
        let mut new = old.clone();
        new.wording.township[1] = "及时上报重大隐患".into();
        assert_eq!(kinds(&old, &new), [(DiffKind::ClauseReworded, BurdenDirection::Neutral)]);
        new.wording.township.push("对拒不整改的实施临时查封".into());
        assert_eq!(overall(&of_item(&old, &new)), BurdenDirection::Heavier);
        // Replacing a clause by another is not rewording.
        let mut replaced = old.clone();
        replaced.wording.township[1] = "垫付整改费用".into();
        assert_eq!(overall(&of_item(&old, &replaced)), BurdenDirection::Heavier);
    }

    #[test]
    fn a_department_that_does_less_makes_it_heavier() {
        let old = cooperative("x");
        let mut new = old.clone();
        new.wording.superior.pop();
        assert_eq!(kinds(&old, &new), [(DiffKind::ClauseRemoved, BurdenDirection::Heavier)]);
        let mut renamed = old.clone();
        renamed.departments[0].0 = org(9);
        assert_eq!(kinds(&old, &renamed), [(DiffKind::LeadChanged, BurdenDirection::Neutral)]);
    }

    #[test]
    fn losing_a_reclaimed_item_is_heavier() {
        let r = reclaimed("x");
        let rows = of_versions(&[sided(1, &r)], &[]);
        assert_eq!((rows[0].kind, rows[0].burden), (DiffKind::Removed, BurdenDirection::Heavier));
        let rows = of_versions(&[], &[sided(1, &r)]);
        assert_eq!((rows[0].kind, rows[0].burden), (DiffKind::Added, BurdenDirection::Lighter));
    }

    #[test]
    fn splitting_without_new_demands_is_neutral_and_merging_with_them_is_not() {
        let whole = cooperative("消防安全治理");
        let (mut one, mut other) = (whole.clone(), whole.clone());
        one.wording.township = vec!["组织日常巡查".into()];
        other.wording.township = vec!["上报重大隐患".into()];
        let from = [DutyItemId(Uuid::from_u128(1))];
        let split = |content| Sided { derived_from: &from, ..sided(2, content) };
        let rows = of_versions(
            &[sided(1, &whole)],
            &[split(&one), Sided { item: DutyItemId(Uuid::from_u128(3)), ..split(&other) }],
        );
        assert_eq!(
            rows.iter().map(|row| (row.kind, row.burden)).collect::<Vec<_>>(),
            vec![(DiffKind::Split, BurdenDirection::Neutral); 2]
        );
        let mut more = whole.clone();
        more.wording.township.push("实施临时查封".into());
        let from = [DutyItemId(Uuid::from_u128(1)), DutyItemId(Uuid::from_u128(4))];
        let rows =
            of_versions(&[sided(1, &whole), sided(4, &one)], &[Sided { derived_from: &from, ..sided(5, &more) }]);
        assert_eq!((rows[0].kind, rows[0].burden), (DiffKind::Merged, BurdenDirection::Heavier));
    }

    #[test]
    fn townships_are_compared_by_model_item_then_by_name() {
        let (a, b, c) = (cooperative("瓶装液化气安全管理"), cooperative("瓶装液化气安全监管"), basic("信访"));
        let template = Some(Uuid::from_u128(7));
        let left = [(sided(1, &a), template), (sided(2, &c), None)];
        let right = [(sided(3, &b), template)];
        let rows = of_townships(&left, &right);
        assert_eq!(rows.iter().map(|row| row.kind).collect::<Vec<_>>(), [DiffKind::Renamed, DiffKind::Removed]);
    }

    fn any_content() -> impl Strategy<Value = Content> {
        let clause = "[一-十]{4,10}";
        (0usize..3, proptest::collection::vec(clause, 1..4), proptest::collection::vec(clause, 1..4), any::<bool>())
            .prop_map(|(category, superior, township, penalty)| {
                let mut content = match category {
                    0 => basic("x"),
                    1 => cooperative("x"),
                    _ => reclaimed("x"),
                };
                if category == 1 {
                    content.wording.superior = superior;
                    content.wording.township = township;
                }
                content.penalty_power = penalty;
                content
            })
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(content in any_content()) {
            prop_assert!(of_item(&content, &content).is_empty());
        }

        #[test]
        fn every_added_demand_is_seen_as_heavier(content in any_content(), extra in "[甲-癸]{5,9}") {
            let mut more = content.clone();
            if more.category == DutyCategory::Cooperative {
                more.wording.township.push(extra);
                prop_assert_eq!(overall(&of_item(&content, &more)), BurdenDirection::Heavier);
            } else {
                more.category = DutyCategory::Basic;
                if content.category != DutyCategory::Basic {
                    prop_assert_eq!(overall(&of_item(&content, &more)), BurdenDirection::Heavier);
                }
            }
        }
    }
}
