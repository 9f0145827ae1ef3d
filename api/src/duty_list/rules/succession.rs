//! Lists of townships that ended: they keep applying to their old areas until whoever continues the township has a list
//! of its own. Pure.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::kernel::ids::DivisionId;

/// What is known around a change of divisions.
#[derive(Clone, Debug, Default)]
pub struct Family {
    /// Who continues a division.
    pub successors: HashMap<DivisionId, Vec<DivisionId>>,
    /// From when on a division's own list has had a version in force.
    pub listed: HashMap<DivisionId, DateTime<Utc>>,
}

impl Family {
    /// From when on every part of the division's old area has a list of its own, if that is settled. A township that was
    /// split keeps its list until the last of its parts has one; a successor that ended in turn hands the question on.
    #[must_use]
    pub fn relieved(&self, division: DivisionId) -> Option<DateTime<Utc>> {
        let next = self.successors.get(&division).filter(|next| !next.is_empty())?;
        next.iter()
            .map(|one| self.listed.get(one).copied().or_else(|| self.relieved(*one)))
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(links: &[(u128, &[u128])], listed: &[(u128, i64)]) -> Family {
        let id = |number: u128| DivisionId(uuid::Uuid::from_u128(number));
        Family {
            successors: links.iter().map(|(from, to)| (id(*from), to.iter().map(|to| id(*to)).collect())).collect(),
            listed: listed.iter().map(|(of, day)| (id(*of), day_of(*day))).collect(),
        }
    }

    fn day_of(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(day * 86_400, 0).unwrap()
    }

    fn relieved(family: &Family, number: u128) -> Option<DateTime<Utc>> {
        family.relieved(DivisionId(uuid::Uuid::from_u128(number)))
    }

    #[test]
    fn a_list_ends_when_the_last_part_has_its_own() {
        assert_eq!(relieved(&family(&[(1, &[2, 3])], &[(2, 5)]), 1), None);
        assert_eq!(relieved(&family(&[(1, &[2, 3])], &[(2, 5), (3, 9)]), 1), Some(day_of(9)));
        assert_eq!(relieved(&family(&[(1, &[2]), (2, &[3])], &[(3, 4)]), 1), Some(day_of(4)), "2 never had a list");
        assert_eq!(relieved(&family(&[], &[(1, 1)]), 1), None, "nobody continues it");
    }
}
