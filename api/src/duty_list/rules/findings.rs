//! What is wrong with a version before it may be published.

use super::content::{Content, DutyCategory};
use crate::kernel::{
    ids::{DutyItemId, OrgUnitId},
    refusal::{Match, Named},
    similarity::Profile,
};

crate::api_enum! {
    /// Kind of a finding about a version (清单问题类型).
    pub enum FindingKind {
        /// Two items state the same matter; one has to go (重复事项).
        Duplicate,
        /// Two items look alike; a reviewer has to answer (疑似重复，须答复).
        Similar,
        /// An item names an organisation that was abolished (责任部门已撤销).
        Orphan,
        /// The list has no item (清单为空).
        Empty,
        /// The approval by which the item would change has lapsed; the version has to be withdrawn and drafted again
        /// without it (所依据的批准已失效).
        Lapsed,
    }
}

/// An item as findings see it.
pub struct Listed<'a> {
    /// The item.
    pub item: DutyItemId,
    /// What it says.
    pub content: &'a Content,
}

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// The items concerned.
    pub items: Vec<DutyItemId>,
    /// Likeness in per cent, for items that look alike.
    pub percent: Option<u8>,
    /// The organisation that is gone.
    pub organisation: Option<OrgUnitId>,
    /// How a reviewer answered.
    pub answer: Option<String>,
}

impl Finding {
    /// A finding about an approval that has lapsed.
    #[must_use]
    pub fn lapsed(item: DutyItemId) -> Self {
        Self { kind: FindingKind::Lapsed, items: vec![item], percent: None, organisation: None, answer: None }
    }

    /// Whether the version cannot pass the next review with it.
    #[must_use]
    pub fn blocks(&self) -> bool {
        match self.kind {
            FindingKind::Duplicate | FindingKind::Orphan | FindingKind::Empty | FindingKind::Lapsed => true,
            FindingKind::Similar => self.answer.is_none(),
        }
    }
}

/// The thresholds of likeness in per cent.
#[derive(Clone, Copy, Debug)]
pub struct Likeness {
    /// The same matter.
    pub duplicate: u8,
    /// Alike.
    pub similar: u8,
}

/// Everything wrong with the items of a version. `gone` tells which organisations were abolished, `answer` what a
/// reviewer said of a pair.
pub fn findings(
    items: &[Listed<'_>],
    likeness: Likeness,
    gone: impl Fn(OrgUnitId) -> bool,
    answer: impl Fn(DutyItemId, DutyItemId) -> Option<String>,
) -> Vec<Finding> {
    let plain = |kind, items| Finding { kind, items, percent: None, organisation: None, answer: None };
    let mut found = Vec::new();
    if items.is_empty() {
        found.push(plain(FindingKind::Empty, Vec::new()));
    }
    let profiles: Vec<Profile> = items.iter().map(|item| item.content.wording.profile()).collect();
    for (left, one) in items.iter().enumerate() {
        for (right, other) in items.iter().enumerate().skip(left + 1) {
            let percent = profiles[left].percent(&profiles[right]);
            let pair = vec![one.item, other.item];
            if percent >= likeness.duplicate {
                found.push(Finding { percent: Some(percent), ..plain(FindingKind::Duplicate, pair) });
            } else if percent >= likeness.similar {
                let answer = answer(one.item, other.item).or_else(|| answer(other.item, one.item));
                found.push(Finding { percent: Some(percent), answer, ..plain(FindingKind::Similar, pair) });
            }
        }
        for (org, _) in one.content.departments.iter().filter(|(org, _)| gone(*org)) {
            found.push(Finding { organisation: Some(*org), ..plain(FindingKind::Orphan, vec![one.item]) });
        }
    }
    found
}

/// A matter as a list states it, or would by a request.
pub struct Stated<'a> {
    /// What to name when something repeats it.
    pub subject: Named,
    /// The item whose text it is; none for a new one.
    pub item: Option<DutyItemId>,
    /// The text.
    pub content: &'a Content,
}

/// What `proposed` would state once more: of `standing`, or within itself; most alike first. It is measured exactly as
/// [`findings`] measures a version, so that nothing is let in that no version could bring. Two texts of one item are no
/// repetition: only one of them will stand.
#[must_use]
pub fn repeated(proposed: &[Stated<'_>], standing: &[Stated<'_>], likeness: Likeness) -> Vec<Match> {
    let profiles = |all: &[Stated<'_>]| all.iter().map(|one| one.content.wording.profile()).collect::<Vec<_>>();
    let (mine, theirs) = (profiles(proposed), profiles(standing));
    let mut found: Vec<Match> = Vec::new();
    for (index, one) in proposed.iter().enumerate() {
        let others = std::iter::zip(standing, &theirs).chain(std::iter::zip(proposed, &mine).skip(index + 1));
        for (other, profile) in others {
            let percent = mine[index].percent(profile);
            let same_item = one.item.is_some() && one.item == other.item;
            if percent < likeness.duplicate || same_item {
                continue;
            }
            match found.iter_mut().find(|known| known.subject == other.subject) {
                Some(known) => known.percent = known.percent.max(percent),
                None => found.push(Match { subject: other.subject.clone(), percent }),
            }
        }
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.percent));
    found
}

/// Items by category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Basic.
    pub basic: i32,
    /// Cooperative.
    pub cooperative: i32,
    /// Reclaimed.
    pub reclaimed: i32,
}

impl Counts {
    /// Counts categories.
    pub fn of(categories: impl Iterator<Item = DutyCategory>) -> Self {
        let mut counts = Self::default();
        for category in categories {
            match category {
                DutyCategory::Basic => counts.basic += 1,
                DutyCategory::Cooperative => counts.cooperative += 1,
                DutyCategory::Reclaimed => counts.reclaimed += 1,
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::duty_list::rules::content::tests::{basic, cooperative, org, reclaimed};

    const LIKENESS: Likeness = Likeness { duplicate: 90, similar: 75 };

    fn id(n: u128) -> DutyItemId {
        DutyItemId(Uuid::from_u128(n))
    }

    #[test]
    fn the_same_matter_in_two_categories_blocks() {
        let (a, b) = (reclaimed("对托育机构的监督管理"), cooperative("托育机构监督管理工作"));
        let items = [Listed { item: id(1), content: &a }, Listed { item: id(2), content: &b }];
        let found = findings(&items, LIKENESS, |_| false, |_, _| None);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, FindingKind::Duplicate);
        assert!(found[0].blocks());
    }

    #[test]
    fn what_looks_alike_blocks_until_somebody_answers() {
        let (a, b) = (basic("农村自建房安全隐患整治"), basic("农村自建房安全隐患排查整治"));
        let items = [Listed { item: id(1), content: &a }, Listed { item: id(2), content: &b }];
        let found = findings(&items, LIKENESS, |_| false, |_, _| None);
        assert_eq!(found[0].kind, FindingKind::Similar);
        assert!(found[0].blocks());
        let found =
            findings(&items, LIKENESS, |_| false, |left, _| (left == id(2)).then(|| "一为排查，一为整治".into()));
        assert!(!found[0].blocks());
    }

    #[test]
    fn what_a_request_repeats_is_what_a_version_would_find() {
        let (known, again, other) =
            (basic("农村自建房安全隐患整治"), basic("农村自建房的安全隐患整治工作"), basic("信访接待"));
        let stated = |name: &str, item, content| Stated { subject: Named::new(name, name), item, content };
        let standing = [stated("JB-001", Some(id(1)), &known), stated("JB-002", Some(id(2)), &other)];
        let names = |proposed: &[Stated<'_>]| {
            repeated(proposed, &standing, LIKENESS).into_iter().map(|found| found.subject.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&[stated("new", None, &again)]), ["JB-001"]);
        assert!(names(&[stated("reworded", Some(id(1)), &again)]).is_empty(), "the item itself in other words");
        assert_eq!(names(&[stated("reworded", Some(id(3)), &again)]), ["JB-001"]);
        let twice = basic("道路清扫保洁");
        assert_eq!(names(&[stated("one", None, &twice), stated("two", None, &twice)]), ["two"], "within itself");
    }

    #[test]
    fn an_abolished_department_makes_an_orphan() {
        let a = cooperative("甲事项");
        let found = findings(&[Listed { item: id(1), content: &a }], LIKENESS, |gone| gone == org(2), |_, _| None);
        assert_eq!((found[0].kind, found[0].organisation), (FindingKind::Orphan, Some(org(2))));
        assert_eq!(findings(&[], LIKENESS, |_| false, |_, _| None)[0].kind, FindingKind::Empty);
    }
}
