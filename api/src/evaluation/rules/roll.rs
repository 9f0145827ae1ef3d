//! Who votes on whom: pairs of organisations that deal with each other, the persons of each, the roll. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::EvaluationDirection;
use crate::kernel::{
    ids::{AccountId, OrgUnitId},
    role::Role,
};

/// A dealing between a township and a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dealing {
    /// The township.
    pub township: OrgUnitId,
    /// The department.
    pub department: OrgUnitId,
    /// Whether they share a cooperative item in force.
    pub cooperative: bool,
}

/// Who may rate whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Who rates.
    pub rater: OrgUnitId,
    /// Who is rated.
    pub subject: OrgUnitId,
    /// In which direction.
    pub direction: EvaluationDirection,
}

/// Every dealing lets the township rate the department; only a shared cooperative item lets the department rate the
/// township. The office that runs the round is not rated in it: it would tally its own case.
#[must_use]
pub fn pairs(dealings: &[Dealing], office: OrgUnitId) -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    for Dealing { township, department, cooperative } in dealings.iter().copied() {
        if township == department || department == office {
            continue;
        }
        let direction = EvaluationDirection::TownshipToDepartment;
        pairs.insert(Pair { rater: township, subject: department, direction });
        if cooperative {
            let direction = EvaluationDirection::DepartmentToTownship;
            pairs.insert(Pair { rater: department, subject: township, direction });
        }
    }
    pairs
}

/// A person who holds a post in an organisation, with a lot drawn for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The person.
    pub account: AccountId,
    /// The role of the post.
    pub role: Role,
    /// The lot: random, the same for all posts of a person.
    pub lot: u64,
}

/// The order in which seats of a pool are given; equals are drawn. Other roles have no vote.
fn rank(role: Role) -> Option<u8> {
    match role {
        Role::TownshipPartySecretary | Role::TownshipHead | Role::DeptHead => Some(0),
        Role::TownshipLeader => Some(1),
        Role::TownshipListAdmin => Some(2),
        Role::TownshipStaff | Role::DeptOfficer => Some(3),
        Role::EoCounty
        | Role::EoCity
        | Role::EoProvince
        | Role::DecisionClerk
        | Role::Legal
        | Role::Finance
        | Role::Assessment
        | Role::Dispatcher
        | Role::BurdenOfficer
        | Role::Inspector
        | Role::Discipline
        | Role::CountyLeader
        | Role::TechnicalAdmin => None,
    }
}

/// The voters of one organisation: heads first, then leaders, the keeper of the list and drawn staff, at most `seats`
/// persons. An organisation with fewer takes part with those it has; the minimum sample protects them.
#[must_use]
pub fn pool(candidates: &[Candidate], seats: usize) -> Vec<AccountId> {
    let mut best: BTreeMap<AccountId, (u8, u64)> = BTreeMap::new();
    for candidate in candidates {
        let Some(rank) = rank(candidate.role) else { continue };
        let seat = best.entry(candidate.account).or_insert((rank, candidate.lot));
        *seat = (*seat).min((rank, candidate.lot));
    }
    let mut order: Vec<((u8, u64), AccountId)> = best.into_iter().map(|(account, seat)| (seat, account)).collect();
    order.sort_unstable();
    order.into_iter().take(seats).map(|(_, account)| account).collect()
}

/// A line of the roll: this person may rate this subject for this organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RollLine {
    /// Who is rated.
    pub subject: OrgUnitId,
    /// The person.
    pub account: AccountId,
    /// For whom the person rates.
    pub rater: OrgUnitId,
    /// In which direction.
    pub direction: EvaluationDirection,
}

/// The roll. Nobody rates an organisation in which they hold a post themselves, and nobody rates a subject twice, even
/// if two organisations drew them.
#[must_use]
pub fn roll(
    pairs: &BTreeSet<Pair>,
    pools: &BTreeMap<OrgUnitId, Vec<AccountId>>,
    posts: &BTreeMap<AccountId, BTreeSet<OrgUnitId>>,
) -> Vec<RollLine> {
    let mut lines: BTreeMap<(OrgUnitId, AccountId), RollLine> = BTreeMap::new();
    for Pair { rater, subject, direction } in pairs.iter().copied() {
        for account in pools.get(&rater).into_iter().flatten().copied() {
            if posts.get(&account).is_some_and(|held| held.contains(&subject)) {
                continue;
            }
            lines.entry((subject, account)).or_insert(RollLine { subject, account, rater, direction });
        }
    }
    lines.into_values().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn org(n: u8) -> OrgUnitId {
        OrgUnitId(Uuid::from_u128(n.into()))
    }

    fn person(n: u16) -> AccountId {
        AccountId(Uuid::from_u128(n.into()))
    }

    fn candidate(n: u16, role: Role, lot: u64) -> Candidate {
        Candidate { account: person(n), role, lot }
    }

    #[test]
    fn heads_come_first_and_staff_is_drawn() {
        let all = [
            candidate(1, Role::TownshipStaff, 5),
            candidate(2, Role::TownshipStaff, 1),
            candidate(3, Role::TownshipLeader, 9),
            candidate(4, Role::TownshipHead, 9),
            candidate(5, Role::TownshipPartySecretary, 8),
            candidate(6, Role::TechnicalAdmin, 0),
            // The keeper of the list who is a leader as well has one seat, the better one.
            candidate(3, Role::TownshipListAdmin, 9),
        ];
        assert_eq!(pool(&all, 4), [person(5), person(4), person(3), person(2)]);
        assert_eq!(pool(&all, 7).len(), 5);
        assert_eq!(pool(&all[5..6], 7), []);
    }

    #[test]
    fn only_a_cooperative_item_lets_a_department_rate_the_township() {
        let dealings = [
            Dealing { township: org(1), department: org(10), cooperative: false },
            Dealing { township: org(2), department: org(10), cooperative: true },
            Dealing { township: org(2), department: org(99), cooperative: true },
        ];
        let found = pairs(&dealings, org(99));
        let direction = |pair: &&Pair| pair.direction == EvaluationDirection::DepartmentToTownship;
        assert_eq!(found.iter().filter(direction).map(|pair| pair.subject).collect::<Vec<_>>(), [org(2)]);
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|pair| pair.subject != org(99)), "the office is not rated in its own round");
    }

    proptest! {
        #[test]
        fn a_pool_keeps_its_bounds_and_is_drawn_from_the_organisation(
            people in proptest::collection::vec((0u16..20, 0usize..Role::ALL.len(), any::<u64>()), 0..40), seats in 1usize..10,
        ) {
            let all: Vec<Candidate> = people.iter().map(|(n, role, lot)| candidate(*n, Role::ALL[*role], *lot)).collect();
            let able: BTreeSet<AccountId> =
                all.iter().filter(|one| rank(one.role).is_some()).map(|one| one.account).collect();
            let drawn = pool(&all, seats);
            prop_assert_eq!(drawn.len(), able.len().min(seats));
            prop_assert!(drawn.iter().all(|account| able.contains(account)));
            prop_assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), drawn.len());
            // Nobody is passed over for somebody of a lower rank.
            let best = |account: &AccountId| all.iter().filter(|one| one.account == *account).filter_map(|one| rank(one.role)).min();
            let lowest = drawn.iter().filter_map(best).max();
            for left in able.iter().filter(|account| !drawn.contains(account)) {
                prop_assert!(best(left) >= lowest);
            }
        }

        #[test]
        fn nobody_rates_an_own_organisation_or_anyone_twice(
            dealings in proptest::collection::vec((0u8..5, 5u8..10, any::<bool>()), 0..30),
            members in proptest::collection::vec((0u16..12, 0u8..10), 0..40),
        ) {
            let dealings: Vec<Dealing> = dealings
                .into_iter()
                .map(|(township, department, cooperative)| Dealing { township: org(township), department: org(department), cooperative })
                .collect();
            let mut pools: BTreeMap<OrgUnitId, Vec<AccountId>> = BTreeMap::new();
            let mut posts: BTreeMap<AccountId, BTreeSet<OrgUnitId>> = BTreeMap::new();
            for (account, home) in members {
                if posts.entry(person(account)).or_default().insert(org(home)) {
                    pools.entry(org(home)).or_default().push(person(account));
                }
            }
            let lines = roll(&pairs(&dealings, org(9)), &pools, &posts);
            let mut seen = BTreeSet::new();
            for line in &lines {
                prop_assert!(line.rater != line.subject);
                prop_assert!(!posts[&line.account].contains(&line.subject), "an own organisation");
                prop_assert!(posts[&line.account].contains(&line.rater));
                prop_assert!(seen.insert((line.subject, line.account)), "twice on one subject");
                let dealt = dealings.iter().any(|one| match line.direction {
                    EvaluationDirection::TownshipToDepartment => one.township == line.rater && one.department == line.subject,
                    EvaluationDirection::DepartmentToTownship => one.cooperative && one.department == line.rater && one.township == line.subject,
                });
                prop_assert!(dealt);
            }
        }
    }
}
