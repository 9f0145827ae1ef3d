//! From ballots to results. Pure, in whole numbers (hundredths of a point), so that a tally can be repeated exactly.
//!
//! # Suppression
//!
//! A subject with too few ballots, or ballots of too few organisations, has no result at all. A dimension with fewer
//! scores than the least number of ballots is suppressed; if it would be the only one of its subject, the published one
//! with the fewest scores is suppressed as well. Everything that sums up — the score over the dimensions, the total, the
//! means over all subjects — is computed from published figures only, so that no sum can give away what is not in it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    EvaluationDirection, EvaluationStanding,
    ballot::{Ballot, BallotBox},
};
use crate::kernel::settings::{Dimension, EvaluationSettings};

/// Highest score, in hundredths of a point.
pub const FULL: i32 = 10_000;

/// A published figure of one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Code of the dimension.
    pub dimension: String,
    /// Hundredths of a point.
    pub score: i32,
}

/// The result of one subject: what may be known of it, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Whether there is a result.
    pub standing: EvaluationStanding,
    /// Score of the ballots: weighted mean of the published dimensions, in hundredths of a point.
    pub ballot_score: Option<i32>,
    /// Share of tasks done in time, in hundredths of a point.
    pub objective_score: Option<i32>,
    /// Both together; the ballots alone where there is no objective part.
    pub total_score: Option<i32>,
    /// Number of ballots.
    pub ballot_count: Option<i32>,
    /// The published dimensions.
    pub cells: Vec<Cell>,
    /// What voters wrote, if enough of them did; in an order that has nothing to do with the ballots.
    pub comments: Vec<String>,
}

impl Tally {
    /// No result: not a single figure.
    #[must_use]
    pub fn insufficient() -> Self {
        Self {
            standing: EvaluationStanding::Insufficient,
            ballot_score: None,
            objective_score: None,
            total_score: None,
            ballot_count: None,
            cells: Vec::new(),
            comments: Vec::new(),
        }
    }
}

/// `numerator / denominator`, halves rounded up.
fn divide(numerator: i64, denominator: i64) -> i32 {
    let doubled = 2 * denominator.max(1);
    i32::try_from((2 * numerator + denominator) / doubled).unwrap_or(FULL)
}

/// The mean of scores 1–5 as a figure from 0 to [`FULL`] (1 is 0 points, 5 is 100), without so many per cent at each end
/// if there are at least `trim_from` of them.
#[must_use]
pub fn trimmed_mean(mut scores: Vec<u8>, trim_percent: u32, trim_from: u32) -> i32 {
    scores.sort_unstable();
    let cut = if scores.len() >= trim_from as usize { scores.len() * trim_percent as usize / 100 } else { 0 };
    let kept = scores.get(cut..scores.len().saturating_sub(cut)).unwrap_or_default();
    let above_one: i64 = kept.iter().map(|score| i64::from(*score) - 1).sum();
    divide(above_one * i64::from(FULL) / 4, i64::try_from(kept.len()).unwrap_or(1))
}

/// Which cells of a subject are published, by their numbers of scores. See the module's word on suppression.
#[must_use]
pub fn published(counts: &[usize], min: usize) -> Vec<bool> {
    let mut open: Vec<bool> = counts.iter().map(|count| *count >= min).collect();
    if open.iter().filter(|open| !**open).count() == 1
        && let Some(weakest) = (0..counts.len()).filter(|index| open[*index]).min_by_key(|index| counts[*index])
    {
        open[weakest] = false;
    }
    open
}

/// Whether the ballots of an earlier round can be counted by the present dimensions: each must score one of them, or the
/// organisations noted beside them would count for ballots that do not.
#[must_use]
pub fn fits(earlier: &BallotBox, dimensions: &[Dimension]) -> bool {
    earlier.ballots.iter().all(|ballot| dimensions.iter().any(|dimension| ballot.scores.contains_key(&dimension.code)))
}

/// The result of a subject from its boxes: this round's and those of earlier rounds that fell short.
#[must_use]
pub fn tally(
    rules: &EvaluationSettings,
    direction: EvaluationDirection,
    boxes: &[BallotBox],
    objective: Option<i32>,
) -> Tally {
    let min = rules.min_ballots as usize;
    let ballots: Vec<&Ballot> = boxes.iter().flat_map(|one| &one.ballots).collect();
    let organisations: std::collections::BTreeSet<_> = boxes.iter().flat_map(|one| &one.rater_orgs).collect();
    if ballots.len() < min || organisations.len() < rules.min_organisations as usize {
        return Tally::insufficient();
    }
    let dimensions = direction.dimensions(rules);
    let columns: Vec<Vec<u8>> = dimensions
        .iter()
        .map(|dimension| ballots.iter().filter_map(|ballot| ballot.scores.get(&dimension.code).copied()).collect())
        .collect();
    let open = published(&columns.iter().map(Vec::len).collect::<Vec<_>>(), min);
    let (mut cells, mut sum, mut weights) = (Vec::new(), 0, 0);
    for ((dimension, column), _) in std::iter::zip(std::iter::zip(dimensions, columns), open).filter(|(_, open)| *open)
    {
        let score = trimmed_mean(column, rules.trim_percent, rules.trim_from);
        sum += i64::from(score) * i64::from(dimension.weight);
        weights += i64::from(dimension.weight);
        cells.push(Cell { dimension: dimension.code.clone(), score });
    }
    if cells.is_empty() {
        return Tally::insufficient();
    }
    let ballot_score = divide(sum, weights);
    let objective_score = objective.filter(|_| direction == EvaluationDirection::TownshipToDepartment);
    let share = i64::from(rules.objective_percent.min(100));
    let total = objective_score.map_or(ballot_score, |objective| {
        divide(i64::from(objective) * share + i64::from(ballot_score) * (100 - share), 100)
    });
    Tally {
        standing: EvaluationStanding::Sufficient,
        ballot_score: Some(ballot_score),
        objective_score,
        total_score: Some(total),
        ballot_count: i32::try_from(ballots.len()).ok(),
        cells,
        comments: shuffled(ballots.iter().filter_map(|ballot| ballot.comment.clone()).collect(), min),
    }
}

/// Comments in the order of their hashes, which the order of ballots has no part in; none if there are too few.
fn shuffled(mut comments: Vec<String>, min: usize) -> Vec<String> {
    if comments.len() < min {
        return Vec::new();
    }
    comments.sort_by_cached_key(|comment| Sha256::digest(comment));
    comments
}

/// The objective part of a department's result: the share of its tasks done in time. None without tasks.
#[must_use]
pub fn objective(in_time: i32, late: i32) -> Option<i32> {
    let all = i64::from(in_time) + i64::from(late);
    (all > 0).then(|| divide(i64::from(in_time) * i64::from(FULL), all))
}

/// What all subjects of one direction come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Subjects.
    pub subjects: i32,
    /// Those with a result.
    pub sufficient: i32,
    /// Ballots behind the results.
    pub ballots: i32,
    /// Mean of the ballot scores.
    pub score: Option<i32>,
    /// Mean of the published figures of each dimension that has any.
    pub cells: Vec<Cell>,
}

fn mean(figures: &[i32]) -> Option<i32> {
    let count = i64::try_from(figures.len()).ok().filter(|count| *count > 0)?;
    Some(divide(figures.iter().map(|figure| i64::from(*figure)).sum(), count))
}

/// Means and counts over published figures only.
#[must_use]
pub fn summary(dimensions: &[Dimension], results: &[Tally]) -> Summary {
    let good: Vec<&Tally> = results.iter().filter(|one| one.standing == EvaluationStanding::Sufficient).collect();
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let cells = dimensions.iter().filter_map(|dimension| {
        let column: Vec<i32> = good
            .iter()
            .flat_map(|one| &one.cells)
            .filter(|cell| cell.dimension == dimension.code)
            .map(|cell| cell.score)
            .collect();
        Some(Cell { dimension: dimension.code.clone(), score: mean(&column)? })
    });
    Summary {
        subjects: number(results.len()),
        sufficient: number(good.len()),
        ballots: good.iter().filter_map(|one| one.ballot_count).sum(),
        score: mean(&good.iter().filter_map(|one| one.ballot_score).collect::<Vec<_>>()),
        cells: cells.collect(),
    }
}

#[cfg(test)]
mod tests;
