use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::kernel::ids::OrgUnitId;

const TOWNSHIPS: EvaluationDirection = EvaluationDirection::TownshipToDepartment;
const CODES: [&str; 5] = ["ON_LIST_DISPATCH", "WHISTLE_RESPONSE", "TAKEOVER", "GUIDANCE", "RESOURCES"];

fn rules() -> EvaluationSettings {
    EvaluationSettings::default()
}

/// Scores of one ballot in the order of the dimensions.
type Row = [Option<u8>; 5];

fn filled(rows: &[Row], organisations: usize) -> BallotBox {
    let mut ballots: Vec<Ballot> = rows
        .iter()
        .map(|row| Ballot {
            scores: std::iter::zip(CODES, row).filter_map(|(code, score)| Some((code.to_owned(), (*score)?))).collect(),
            comment: None,
        })
        .collect();
    ballots.sort();
    let rater_orgs = (0..organisations).map(|n| OrgUnitId(Uuid::from_u128(n as u128))).collect();
    BallotBox { papers: Vec::new(), ballots, rater_orgs }
}

fn of(rows: &[Row]) -> Tally {
    tally(&rules(), TOWNSHIPS, &[filled(rows, 3)], None)
}

#[test]
fn five_ballots_of_three_townships_are_enough_and_four_are_not() {
    let full = [Some(5); 5];
    assert_eq!(of(&[full; 4]), Tally::insufficient());
    assert_eq!(tally(&rules(), TOWNSHIPS, &[filled(&[full; 9], 2)], Some(FULL)), Tally::insufficient());
    let enough = of(&[full; 5]);
    assert_eq!(
        (enough.standing, enough.total_score, enough.ballot_count),
        (EvaluationStanding::Sufficient, Some(FULL), Some(5))
    );
    // Ballots that were too few in an earlier round count together with those of this one.
    let boxes = [filled(&[full; 4], 2), filled(&[[Some(1); 5]; 1], 3)];
    assert_eq!(tally(&rules(), TOWNSHIPS, &boxes, None).total_score, Some(8_000));
}

#[test]
fn a_mean_is_trimmed_from_ten_scores_on() {
    assert_eq!(trimmed_mean(vec![1, 5, 5, 5, 5, 5, 5, 5, 5], 10, 10), 8_889);
    assert_eq!(trimmed_mean(vec![1, 5, 5, 5, 5, 5, 5, 5, 5, 5], 10, 10), FULL);
    assert_eq!(trimmed_mean(vec![3], 25, 5), 5_000);
    assert_eq!(trimmed_mean(vec![4, 4, 5], 0, 5), 8_333);
}

#[test]
fn a_lone_suppressed_dimension_takes_another_with_it() {
    assert_eq!(published(&[7, 6, 4, 8, 5], 5), [true, true, false, true, false]);
    assert_eq!(published(&[7, 4, 4, 8, 5], 5), [true, false, false, true, true]);
    assert_eq!(published(&[7, 6], 5), [true, true]);
    assert_eq!(published(&[7, 4], 5), [false, false]);
    let mut rows = [[Some(4); 5]; 6];
    rows[0][2] = None;
    rows[1][2] = None;
    let result = of(&rows);
    let codes: Vec<&str> = result.cells.iter().map(|cell| cell.dimension.as_str()).collect();
    assert_eq!(codes, ["WHISTLE_RESPONSE", "GUIDANCE", "RESOURCES"]);
}

#[test]
fn the_objective_part_weighs_sixty_of_a_hundred_and_may_be_missing() {
    assert_eq!(objective(0, 0), None);
    assert_eq!(objective(2, 1), Some(6_667));
    let boxes = [filled(&[[Some(4); 5]; 5], 3)];
    assert_eq!(tally(&rules(), TOWNSHIPS, &boxes, Some(5_000)).total_score, Some(6_000));
    assert_eq!(tally(&rules(), TOWNSHIPS, &boxes, None).total_score, Some(7_500));
    let mut townships = rules();
    townships.department_to_township = townships.township_to_department.clone();
    let result = tally(&townships, EvaluationDirection::DepartmentToTownship, &boxes, Some(0));
    assert_eq!(
        (result.objective_score, result.total_score),
        (None, Some(7_500)),
        "townships are rated by ballots alone"
    );
}

#[test]
fn comments_are_shown_only_if_there_are_enough_of_them_and_not_in_the_order_of_the_ballots() {
    let mut box_ = filled(&[[Some(3); 5]; 8], 3);
    for (index, ballot) in box_.ballots.iter_mut().enumerate().take(4) {
        ballot.comment = Some(format!("意见{index}"));
    }
    assert!(tally(&rules(), TOWNSHIPS, std::slice::from_ref(&box_), None).comments.is_empty());
    for (index, ballot) in box_.ballots.iter_mut().enumerate() {
        ballot.scores.insert(CODES[0].to_owned(), if index < 4 { 1 } else { 5 });
        ballot.comment = Some(format!("意见{index}"));
    }
    let shown = tally(&rules(), TOWNSHIPS, &[box_], None).comments;
    assert_eq!(shown.len(), 8);
    assert!(!shown.is_sorted());
}

#[test]
fn ballots_on_dimensions_that_were_abolished_do_not_count() {
    let old = filled(&[[Some(3); 5]; 2], 3);
    assert!(fits(&old, &rules().township_to_department));
    assert!(!fits(&old, &rules().department_to_township));
}

fn row() -> impl Strategy<Value = Row> {
    proptest::array::uniform5(proptest::option::weighted(0.6, 1u8..=5))
        .prop_filter("at least one score", |row| row.iter().any(Option::is_some))
}

fn votes() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec(row(), 3..16)
}

proptest! {
    #[test]
    fn figures_stay_within_their_bounds(rows in votes(), done in 0i32..50, late in 0i32..50) {
        let result = tally(&rules(), TOWNSHIPS, &[filled(&rows, 3)], objective(done, late));
        let figures = result.cells.iter().map(|cell| cell.score).chain([result.ballot_score, result.total_score, result.objective_score].into_iter().flatten());
        for figure in figures {
            prop_assert!((0..=FULL).contains(&figure));
        }
        prop_assert_eq!(result.standing == EvaluationStanding::Sufficient, result.total_score.is_some());
        prop_assert_eq!(result.cells.is_empty(), result.ballot_count.is_none());
    }

    #[test]
    fn a_better_score_never_makes_a_result_worse(rows in votes(), who in any::<prop::sample::Index>(), what in 0usize..5) {
        let mut better = rows.clone();
        let index = who.index(rows.len());
        if let Some(score) = &mut better[index][what] {
            *score = (*score + 1).min(5);
        }
        let (before, after) = (of(&rows), of(&better));
        prop_assert!(before.total_score <= after.total_score);
        for (old, new) in std::iter::zip(&before.cells, &after.cells) {
            prop_assert!(old.dimension == new.dimension && old.score <= new.score);
        }
    }

    #[test]
    fn the_order_of_ballots_and_boxes_does_not_matter(rows in votes(), cut in any::<prop::sample::Index>()) {
        let (left, right) = rows.split_at(cut.index(rows.len()));
        let (left, right) = (filled(left, 3), filled(right, 3));
        let mut turned = BallotBox { ballots: right.ballots.iter().rev().chain(left.ballots.iter().rev()).cloned().collect(), ..left.clone() };
        turned.rater_orgs.extend(&right.rater_orgs);
        prop_assert_eq!(tally(&rules(), TOWNSHIPS, &[left, right], None), tally(&rules(), TOWNSHIPS, &[turned], None));
    }

    #[test]
    fn a_suppressed_cell_is_never_alone_and_never_below_the_minimum(counts in proptest::collection::vec(0usize..12, 1..12), min in 5usize..8) {
        let open = published(&counts, min);
        prop_assert!(std::iter::zip(&counts, &open).all(|(count, open)| !open || *count >= min));
        let hidden = open.iter().filter(|open| !**open).count();
        prop_assert!(hidden != 1 || counts.len() == 1);
        // No more than needed.
        let few = counts.iter().filter(|count| **count < min).count();
        let needed = if few == 1 { counts.len().min(2) } else { few };
        prop_assert_eq!(hidden, needed);
    }

    /// The strongest word on derivability: whatever stands in a suppressed cell, every published figure of every subject
    /// and every mean stays the same. So nothing can be worked back from them.
    #[test]
    fn what_is_suppressed_leaves_no_trace_in_anything_published(
        subjects in proptest::collection::vec(votes(), 1..4), other in proptest::collection::vec(proptest::array::uniform5(proptest::option::of(1u8..=5)), 16),
    ) {
        let min = rules().min_ballots as usize;
        let changed: Vec<Vec<Row>> = subjects.iter().map(|rows| {
            let result = of(rows);
            let count = |rows: &[Row], what: usize| rows.iter().filter(|row| row[what].is_some()).count();
            let mut rows = rows.clone();
            for what in 0..5 {
                if result.cells.iter().any(|cell| cell.dimension == CODES[what]) || rows.len() < min {
                    continue;
                }
                let few = count(&rows, what) < min;
                for (index, new) in (0..rows.len()).zip(&other) {
                    let mut altered = rows.clone();
                    // In a cell with too few scores anything may change as long as they stay too few; in one suppressed
                    // to keep it company, the values.
                    altered[index][what] = if few { new[what] } else { rows[index][what].and(new[what]).or(rows[index][what]) };
                    if altered[index].iter().any(Option::is_some) && (!few || count(&altered, what) < min) {
                        rows = altered;
                    }
                }
            }
            rows
        }).collect();
        let results = |subjects: &[Vec<Row>]| subjects.iter().map(|rows| of(rows)).collect::<Vec<_>>();
        let (before, after) = (results(&subjects), results(&changed));
        prop_assert_eq!(&before, &after);
        let dimensions = rules().township_to_department;
        prop_assert_eq!(summary(&dimensions, &before), summary(&dimensions, &after));
    }

    #[test]
    fn the_summary_counts_only_what_is_published(subjects in proptest::collection::vec(votes(), 0..6)) {
        let results: Vec<Tally> = subjects.iter().map(|rows| of(rows)).collect();
        let all = summary(&rules().township_to_department, &results);
        let good: Vec<&Tally> = results.iter().filter(|one| one.standing == EvaluationStanding::Sufficient).collect();
        prop_assert_eq!(all.ballots, good.iter().filter_map(|one| one.ballot_count).sum::<i32>());
        let per_dimension: BTreeMap<&str, usize> = good.iter().flat_map(|one| &one.cells).fold(BTreeMap::new(), |mut map, cell| {
            *map.entry(cell.dimension.as_str()).or_default() += 1;
            map
        });
        prop_assert_eq!(all.cells.len(), per_dimension.len());
        for cell in &all.cells {
            prop_assert!((0..=FULL).contains(&cell.score));
        }
    }
}
