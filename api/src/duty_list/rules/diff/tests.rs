//! What a difference is, and that no pair of versions hides one.

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
    let rows = of_versions(&[sided(1, &whole), sided(4, &one)], &[Sided { derived_from: &from, ..sided(5, &more) }]);
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
