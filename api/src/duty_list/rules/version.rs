//! The way of a version from draft to publication.
//!
//! `DRAFT → TOWNSHIP_CONFIRMED → COUNTY_REVIEWED → (first edition, or if the province demands it: UPPER_REVIEWED) →
//! APPROVED → PUBLISHED`; beside them `RETURNED` and `WITHDRAWN`. Whether a published version is in force follows from
//! time alone ([`standing`]). Source: the provincial rule, joint review of first editions and dynamic management afterwards.

use chrono::{DateTime, Utc};

use crate::{
    kernel::{
        policy::Action,
        refusal::{Refusal, Rule},
    },
    proceeding::rules::{Capacity, Procedure, ProceedingKind},
};

crate::api_enum! {
    /// State of a version (清单版本状态).
    pub enum VersionState {
        /// Being drafted (起草中).
        Draft,
        /// Returned for correction (退回修改).
        Returned,
        /// Confirmed by the township's heads (乡镇已确认).
        TownshipConfirmed,
        /// Reviewed by the county's establishment office (县级已审核).
        CountyReviewed,
        /// Reviewed by every office above (上级已联审).
        UpperReviewed,
        /// Decided by the county (已审定).
        Approved,
        /// Published, not yet in force (已公布，尚未生效).
        Published,
        /// In force (生效中).
        InForce,
        /// Replaced by a later version (已被替代).
        Superseded,
        /// Withdrawn (已撤回).
        Withdrawn,
    }
}

crate::api_enum! {
    /// How a version came about (版本类型).
    pub enum Edition {
        /// The first one of a list, reviewed jointly up to the province (首版).
        First,
        /// A later one, which incorporates approved requests (修订版).
        Incorporation,
    }
}

/// The procedure of a version.
pub struct VersionProcedure;

impl Procedure for VersionProcedure {
    type State = VersionState;
    const KIND: ProceedingKind = ProceedingKind::ListVersion;
    const STATES: &'static [VersionState] = VersionState::ALL;

    fn possible(state: VersionState) -> &'static [Action] {
        use Action as A;
        match state {
            VersionState::Draft | VersionState::Returned => &[
                A::AddDraftItem,
                A::UpdateDraftItem,
                A::RemoveDraftItem,
                A::AdoptTemplates,
                A::ImportDutyList,
                A::AnswerSimilarity,
                A::ConfirmListVersion,
                A::WithdrawListVersion,
            ],
            VersionState::TownshipConfirmed => {
                &[A::AnswerSimilarity, A::ReviewListVersion, A::ReturnListVersion, A::WithdrawListVersion]
            }
            VersionState::CountyReviewed => {
                &[A::ReviewListVersionAbove, A::ApproveListVersion, A::ReturnListVersion, A::WithdrawListVersion]
            }
            VersionState::UpperReviewed => &[A::ApproveListVersion, A::ReturnListVersion],
            // What it would incorporate may have lapsed in the meantime; then it cannot stay where it is.
            VersionState::Approved => &[A::PublishListVersion, A::ReturnListVersion],
            VersionState::Published | VersionState::InForce | VersionState::Superseded | VersionState::Withdrawn => &[],
        }
    }

    fn capacity(action: Action) -> Option<Capacity> {
        match action {
            Action::ReviewListVersion | Action::PublishListVersion | Action::DraftIncorporation => {
                Some(Capacity::Establishment)
            }
            Action::ReviewListVersionAbove => Some(Capacity::Reviewer),
            Action::ApproveListVersion => Some(Capacity::Decision),
            _ => None,
        }
    }

    fn needs_entry(action: Action) -> bool {
        matches!(
            action,
            Action::ReviewListVersion
                | Action::ReviewListVersionAbove
                | Action::ApproveListVersion
                | Action::PublishListVersion
        )
    }
}

/// Whether every office above reviews a version.
#[must_use]
pub fn goes_up(edition: Edition, province_demands: bool) -> bool {
    edition == Edition::First || province_demands
}

/// Whether an edition leaves an act to the organisation that does it. An incorporating version says what approved requests
/// say: its text is not edited, and the township that has something against it does not confirm it, but cannot take
/// back what the establishment office drafted.
#[must_use]
pub fn leaves(edition: Edition, action: Action, own: bool) -> bool {
    use Action as A;
    match action {
        A::AddDraftItem | A::UpdateDraftItem | A::RemoveDraftItem | A::AdoptTemplates | A::ImportDutyList => {
            edition == Edition::First
        }
        A::WithdrawListVersion => edition == Edition::First || !own,
        _ => true,
    }
}

/// What a published version is at a moment.
#[must_use]
pub fn standing(
    stored: VersionState,
    effective_from: Option<DateTime<Utc>>,
    effective_to: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> VersionState {
    match (stored, effective_from) {
        (VersionState::Published, Some(from)) if from > now => VersionState::Published,
        (VersionState::Published, Some(_)) if effective_to.is_some_and(|to| to <= now) => VersionState::Superseded,
        (VersionState::Published, Some(_)) => VersionState::InForce,
        (other, _) => other,
    }
}

/// When a version may take effect: not before its publication, and after every version published before it.
pub fn effective_from(
    wanted: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    last: Option<DateTime<Utc>>,
) -> Result<DateTime<Utc>, Refusal> {
    use crate::kernel::clock::china_date;
    let earliest = last.map_or(now, |last| now.max(last + chrono::TimeDelta::milliseconds(1)));
    let from = wanted.unwrap_or(earliest);
    let latest = now + chrono::TimeDelta::days(366);
    if from < earliest || from > latest {
        return Err(Refusal::DeadlineInvalid {
            path: "input.effectiveFrom".into(),
            earliest: Some(china_date(earliest)),
            latest: Some(china_date(latest)),
            rule: Rule {
                zh: "生效时间不得早于公布时间和前一版本的生效时间，且须在一年之内。",
                en: "A version takes effect after its publication and after the version before it, within a year.",
            },
        });
    }
    Ok(from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn standing_follows_from_time_alone() {
        let state = |now| standing(VersionState::Published, Some(at(10)), Some(at(20)), at(now));
        assert_eq!(
            [state(9), state(10), state(19), state(20)],
            [VersionState::Published, VersionState::InForce, VersionState::InForce, VersionState::Superseded]
        );
        assert_eq!(standing(VersionState::Approved, None, None, at(0)), VersionState::Approved);
    }

    #[test]
    fn a_version_is_never_back_dated() {
        assert!(effective_from(Some(at(-1)), at(0), None).is_err());
        assert_eq!(effective_from(None, at(0), None), Ok(at(0)));
        assert!(effective_from(Some(at(50)), at(0), Some(at(50))).is_err());
        assert!(effective_from(None, at(0), Some(at(50))).is_ok_and(|from| from > at(50)));
    }

    #[test]
    fn every_act_of_the_procedure_is_possible_somewhere() {
        for action in [
            Action::ConfirmListVersion,
            Action::ReviewListVersion,
            Action::ReviewListVersionAbove,
            Action::ApproveListVersion,
            Action::PublishListVersion,
            Action::ReturnListVersion,
        ] {
            assert!(
                VersionState::ALL.iter().any(|state| VersionProcedure::possible(*state).contains(&action)),
                "{action}"
            );
        }
    }

    proptest! {
        #[test]
        fn versions_published_one_after_the_other_never_overlap(steps in proptest::collection::vec((0i64..1_000_000, proptest::option::of(0i64..2_000_000)), 1..12)) {
            let (mut now, mut last) = (at(0), None);
            for (wait, wanted) in steps {
                now += chrono::TimeDelta::seconds(wait);
                if let Ok(from) = effective_from(wanted.map(at), now, last) {
                    prop_assert!(from >= now);
                    prop_assert!(last.is_none_or(|last| from > last));
                    last = Some(from);
                }
            }
        }
    }
}
