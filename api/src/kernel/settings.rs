//! What a province sets for itself: deadlines, thresholds, dimensions of evaluation, access. Every figure that the
//! sources leave open stands here with its default, never in code.

use serde::{Deserialize, Serialize};

use super::{
    ctx::Lang,
    fault::Check,
    refusal::{InputProblem, Refusal},
};

/// All settings of a province, as stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProvinceSettings {
    /// Settings of access.
    pub access: AccessSettings,
    /// Deadlines.
    pub deadlines: Deadlines,
    /// Thresholds.
    pub thresholds: Thresholds,
    /// Two-way evaluation.
    pub evaluation: EvaluationSettings,
}

/// Who may reach the API and in which language it answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessSettings {
    /// Web origins that may call the API from a browser.
    pub origins: Vec<String>,
    /// Language of messages when the caller does not ask for one.
    pub language: Lang,
}

macro_rules! numbers {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $default:literal in $min:literal..=$max:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[$fmeta])* pub $field: u32,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $name {
            /// Notes each figure outside its bounds.
            pub fn check(&self, prefix: &str, check: &mut Check) {
                $(check.require(($min..=$max).contains(&self.$field), || {
                    Refusal::invalid(format!("{prefix}.{}", camel(stringify!($field))), InputProblem::OutOfRange { min: $min, max: $max })
                });)+
            }
        }
    };
}

/// The name of a setting as clients write it.
fn camel(snake: &str) -> String {
    let mut parts = snake.split('_');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (head, tail) = part.split_at(1);
        name += &head.to_uppercase();
        name += tail;
    }
    name
}

numbers! {
    /// Deadlines of the steps, in working days.
    Deadlines {
        /// County's check of an adjustment request.
        adjustment_check: 5 in 1..=60,
        /// Joint consultation on an adjustment request.
        adjustment_consultation: 10 in 1..=60,
        /// Legal review of an adjustment request.
        adjustment_legal: 5 in 1..=60,
        /// County's decision on an adjustment request.
        adjustment_decision: 10 in 1..=60,
        /// Incorporation of an approved adjustment.
        adjustment_incorporation: 10 in 1..=60,
        /// Filing of an incorporated adjustment.
        adjustment_filing: 10 in 1..=60,
        /// Total target of an adjustment.
        adjustment_total: 30 in 1..=120,
        /// Total target when only a department's name changes.
        rename_total: 5 in 1..=60,
        /// County's check of an admission request.
        admission_check: 5 in 1..=60,
        /// Shortest consultation of townships: silence may not be recorded earlier.
        admission_consultation_min: 5 in 1..=60,
        /// Longest consultation of townships.
        admission_consultation_max: 10 in 1..=60,
        /// Legal and resource review of an admission request.
        admission_review: 10 in 1..=60,
        /// County's decision on an admission request.
        admission_county: 15 in 1..=60,
        /// Review between county and province.
        admission_city: 10 in 1..=60,
        /// Province's decision.
        admission_province: 20 in 1..=60,
        /// Incorporation of an approved admission; it lapses afterwards.
        admission_incorporation: 20 in 1..=60,
        /// Least time between an admission request and its intended start.
        admission_lead_time: 30 in 0..=120,
        /// County's review of a list version.
        version_review: 10 in 1..=60,
        /// Each review of a list version above the county.
        version_upper_review: 10 in 1..=60,
        /// County's decision on a list version.
        version_decision: 10 in 1..=60,
        /// Publication of an approved list version.
        version_publication: 5 in 1..=60,
        /// Reaction to a change of law, counted from the day it takes effect.
        law_change: 30 in 1..=120,
        /// Voting.
        evaluation_voting: 10 in 1..=60,
        /// Objections to a tally.
        evaluation_objection: 5 in 1..=60,
    }
}

numbers! {
    /// Thresholds.
    Thresholds {
        /// Likeness in per cent from which two items of one list count as the same matter.
        duplicate_percent: 90 in 50..=100,
        /// Likeness in per cent from which a reviewer must answer.
        similar_percent: 75 in 40..=100,
        /// Likeness in per cent from which a request counts as a retry of a refused one.
        evasion_percent: 75 in 40..=100,
        /// For how many months a refused request is remembered.
        evasion_months: 12 in 1..=60,
        /// How often a request may be returned.
        max_returns: 2 in 0..=10,
        /// Whether city and province review every version (1) or first editions only (0).
        review_every_version: 0 in 0..=1,
    }
}

/// Two-way evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluationSettings {
    /// What townships score departments on.
    pub township_to_department: Vec<Dimension>,
    /// What departments score townships on.
    pub department_to_township: Vec<Dimension>,
    /// Weight of the objective part of a department's result, in per cent.
    pub objective_percent: u32,
    /// Least number of ballots.
    pub min_ballots: u32,
    /// Least number of organisations the ballots come from.
    pub min_organisations: u32,
    /// Share trimmed at each end, in per cent.
    pub trim_percent: u32,
    /// Least number of ballots for trimming.
    pub trim_from: u32,
    /// Smallest and largest number of voters per organisation.
    pub pool: (u32, u32),
}

/// A dimension of evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Stable code, such as `ON_LIST_DISPATCH`.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// Weight; weights of one direction are relative to each other.
    pub weight: u32,
}

impl Default for EvaluationSettings {
    fn default() -> Self {
        let dimension = |code: &str, name: &str| Dimension { code: code.into(), name: name.into(), weight: 1 };
        Self {
            township_to_department: vec![
                dimension("ON_LIST_DISPATCH", "依单派任务"),
                dimension("WHISTLE_RESPONSE", "响应吹哨"),
                dimension("TAKEOVER", "承接收回事项"),
                dimension("GUIDANCE", "指导培训"),
                dimension("RESOURCES", "资源保障"),
            ],
            department_to_township: vec![
                dimension("LISTED_DUTIES", "履行清单职责"),
                dimension("COOPERATION", "配合质量"),
                dimension("TRUTHFULNESS", "信息真实"),
            ],
            objective_percent: 60,
            min_ballots: 5,
            min_organisations: 3,
            trim_percent: 10,
            trim_from: 10,
            pool: (3, 7),
        }
    }
}

impl ProvinceSettings {
    /// Whether every figure is within its bounds; refusals name it as the command that sets it does. Protection of voters can be strengthened, never weakened.
    pub fn check(&self) -> Result<(), Vec<Refusal>> {
        let mut check = Check::new();
        self.deadlines.check("input.deadlines", &mut check);
        self.thresholds.check("input.thresholds", &mut check);
        let range = |path: &str, min: i64, max: i64| Refusal::invalid(path, InputProblem::OutOfRange { min, max });
        check.require(self.thresholds.similar_percent <= self.thresholds.duplicate_percent, || {
            Refusal::conflict(
                "input.thresholds.similarPercent",
                "不得高于重复阈值。",
                "must not exceed the threshold of duplicates.",
            )
        });
        check.require(self.deadlines.admission_consultation_min <= self.deadlines.admission_consultation_max, || {
            Refusal::conflict(
                "input.deadlines.admissionConsultationMin",
                "不得长于最长期限。",
                "must not exceed the longest consultation.",
            )
        });
        let evaluation = &self.evaluation;
        check.require(evaluation.objective_percent <= 90, || range("input.objectivePercent", 0, 90));
        check.require((5..=50).contains(&evaluation.min_ballots), || range("input.minBallots", 5, 50));
        check.require((3..=20).contains(&evaluation.min_organisations), || range("input.minOrganisations", 3, 20));
        check.require(evaluation.trim_percent <= 25, || range("input.trimPercent", 0, 25));
        check.require((5..=100).contains(&evaluation.trim_from), || range("input.trimFrom", 5, 100));
        check.require((1..=evaluation.pool.1).contains(&evaluation.pool.0) && evaluation.pool.1 <= 50, || {
            range("input.pool", 1, 50)
        });
        for (path, dimensions) in [
            ("input.townshipToDepartment", &evaluation.township_to_department),
            ("input.departmentToTownship", &evaluation.department_to_township),
        ] {
            check.require((1..=12).contains(&dimensions.len()), || range(path, 1, 12));
            let mut codes: Vec<_> = dimensions.iter().map(|dimension| &dimension.code).collect();
            codes.sort_unstable();
            codes.dedup();
            check.require(codes.len() == dimensions.len(), || Refusal::invalid(path, InputProblem::Duplicate));
            for (index, dimension) in dimensions.iter().enumerate() {
                let path = format!("{path}.{index}.weight");
                check.require((1..=100).contains(&dimension.weight), || range(&path, 1, 100));
            }
        }
        check.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_within_their_bounds() {
        assert_eq!(ProvinceSettings::default().check(), Ok(()));
    }

    #[test]
    fn the_protection_of_voters_cannot_be_lowered() {
        let mut settings = ProvinceSettings::default();
        settings.evaluation.min_ballots = 4;
        settings.evaluation.min_organisations = 2;
        let refusals = settings.check().unwrap_err();
        let paths: Vec<_> = refusals.iter().map(|refusal| refusal.path().join(".")).collect();
        assert_eq!(paths, ["input.minBallots", "input.minOrganisations"]);
    }

    #[test]
    fn a_missing_figure_takes_its_default() {
        let settings: ProvinceSettings =
            serde_json::from_str(r#"{"deadlines":{"adjustment_check":3}}"#).unwrap_or_default();
        assert_eq!((settings.deadlines.adjustment_check, settings.deadlines.adjustment_legal), (3, 5));
    }
}
