//! Departments and domain classes by what people call them: full names, names of daily use, and what is left of a name
//! when everybody shortens it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use super::plain;
use crate::{
    kernel::{
        ids::{DomainId, OrgUnitId},
        similarity::percent,
    },
    territory::rules::OrgUnit,
};

/// How alike a name is that is suggested for an unknown one.
const SUGGESTED: u8 = 30;

/// The organisations that may be responsible for something in a township, and the classes of its province.
#[derive(Debug, Default)]
pub struct Names {
    orgs: Vec<Known>,
    exact: HashMap<String, Vec<usize>>,
    domains: HashMap<String, DomainId>,
    classes: Vec<String>,
    asked: Mutex<Asked>,
}

/// What was asked before. A file may hold hundreds of thousands of names; looking for what each may mean takes its time.
#[derive(Debug, Default)]
struct Asked {
    meant: HashMap<String, Meant>,
    unknown: usize,
}

/// Longest name that is looked for, in characters.
const LONGEST: usize = 100;
/// Most unknown names of a file for which it is looked what they may mean. So many are mended one after the other anyway.
const MOST_UNKNOWN: usize = 200;

#[derive(Debug)]
struct Known {
    id: OrgUnitId,
    name: String,
    short: String,
    depth: usize,
}

/// What a name was found to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// This organisation, by its own name.
    Named(OrgUnitId),
    /// This organisation, whose name (given) the text shortens.
    Shortened(OrgUnitId, String),
    /// Several, with their names.
    Several(Vec<String>),
    /// None; names that are alike.
    Nobody(Vec<String>),
}

impl Names {
    /// Knows these organisations and the active classes.
    pub fn new<'a>(orgs: impl Iterator<Item = &'a OrgUnit>, domains: impl Iterator<Item = (DomainId, String)>) -> Self {
        let mut names = Self::default();
        for org in orgs {
            let index = names.orgs.len();
            let known = Known {
                id: org.id,
                name: org.name.clone(),
                short: org.short_name.clone(),
                depth: org.path.matches('.').count(),
            };
            for name in [plain(&org.name), plain(&org.short_name)] {
                let known = names.exact.entry(name).or_default();
                if !known.contains(&index) {
                    known.push(index);
                }
            }
            names.orgs.push(known);
        }
        for (id, name) in domains {
            names.domains.insert(plain(&name), id);
            names.classes.push(name);
        }
        names
    }

    /// The class with this name.
    #[must_use]
    pub fn domain(&self, name: &str) -> Option<DomainId> {
        self.domains.get(&plain(name)).copied()
    }

    /// Names of all classes.
    #[must_use]
    pub fn domain_names(&self) -> &[String] {
        &self.classes
    }

    /// Names of all organisations in daily use.
    pub fn org_names(&self) -> impl Iterator<Item = &str> {
        self.orgs.iter().map(|known| self.printed(known))
    }

    /// Classes with a name like this one.
    #[must_use]
    pub fn domains_like(&self, name: &str) -> Vec<String> {
        if name.chars().nth(LONGEST).is_some() {
            return Vec::new();
        }
        let wanted = plain(name);
        nearest(self.classes.iter().map(|known| {
            let known_plain = plain(known);
            let shared = wanted.chars().filter(|c| known_plain.contains(*c)).count();
            let longest = wanted.chars().count().max(known_plain.chars().count()).max(1);
            let shared = u8::try_from(shared * 100 / longest).unwrap_or(100);
            (percent(name, known).max(shared), known.clone())
        }))
    }

    /// What a name means.
    #[must_use]
    pub fn org(&self, name: &str) -> Meant {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = asked.meant.get(name) {
            return known.clone();
        }
        if name.chars().nth(LONGEST).is_some() || asked.unknown >= MOST_UNKNOWN {
            let found = self.exact.get(&plain(name));
            return found.map_or(Meant::Nobody(Vec::new()), |found| self.one_of(found, Meant::Named));
        }
        let meant = self.find(name);
        asked.unknown += usize::from(matches!(meant, Meant::Nobody(_)));
        asked.meant.insert(name.to_owned(), meant.clone());
        meant
    }

    fn find(&self, name: &str) -> Meant {
        let wanted = plain(name);
        if let Some(found) = self.exact.get(&wanted) {
            return self.one_of(found, Meant::Named);
        }
        // 等 and 有关部门 name nobody in particular.
        let bare = wanted.strip_suffix("等部门").or(wanted.strip_suffix('等')).unwrap_or(&wanted);
        let mut found = self.exact.get(bare).cloned().unwrap_or_default();
        if found.is_empty() {
            found = (0..self.orgs.len()).filter(|index| self.shortens(bare, *index)).collect();
        }
        if found.is_empty() {
            return Meant::Nobody(self.orgs_like(name));
        }
        self.one_of(&found, |id| {
            let known = self.orgs.iter().find(|known| known.id == id);
            Meant::Shortened(id, known.map(|known| self.printed(known).to_owned()).unwrap_or_default())
        })
    }

    /// The one of several that is nearest to the township; of a city's and a county's office the county's.
    fn one_of(&self, found: &[usize], meant: impl Fn(OrgUnitId) -> Meant) -> Meant {
        let found: Vec<&Known> = found.iter().filter_map(|index| self.orgs.get(*index)).collect();
        let deepest = found.iter().map(|known| known.depth).max().unwrap_or_default();
        let nearest: Vec<&&Known> = found.iter().filter(|known| known.depth == deepest).collect();
        match nearest.as_slice() {
            [one] => meant(one.id),
            _ => Meant::Several(nearest.iter().map(|known| known.name.clone()).collect()),
        }
    }

    /// Whether a text is a name with characters left out, as in 县住建局 for 县住房和城乡建设局: all of its characters in
    /// their order, the last at the end.
    fn shortens(&self, text: &str, index: usize) -> bool {
        let Some(known) = self.orgs.get(index) else { return false };
        let enough = text.chars().count() >= 3;
        enough
            && [&known.name, &known.short].into_iter().any(|name| {
                let name = plain(name);
                let mut rest = name.chars();
                text.chars().last() == name.chars().last()
                && text.chars().all(|wanted| rest.any(|c| c == wanted))
                // What is left out is the smaller half of the name, or of what distinguishes it.
                && text.chars().count() * 4 >= name.chars().count()
            })
    }

    /// Names of organisations that an unknown name may mean: first those that it shortens in a way that is too bold to be
    /// taken for them, then those that are alike.
    fn orgs_like(&self, name: &str) -> Vec<String> {
        let shortened = self.orgs.iter().enumerate().filter(|(index, _)| self.may_shorten(name, *index));
        let mut found: Vec<(usize, &str)> = shortened.map(|(_, known)| (known.depth, self.printed(known))).collect();
        // Those of the county before those of the city.
        found.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(right.1)));
        let mut names: Vec<String> = found.into_iter().map(|(_, name)| name.to_owned()).collect();
        names.extend(nearest(self.orgs.iter().map(|known| {
            let alike = percent(name, &known.short).max(percent(name, &known.name));
            (alike, self.printed(known).to_owned())
        })));
        let mut told = HashSet::new();
        names.retain(|name| told.insert(name.clone()));
        names.truncate(3);
        names
    }

    /// Whether a text may shorten a name: as 县住建局 in a district, or as 住建.
    fn may_shorten(&self, text: &str, index: usize) -> bool {
        let text = plain(text);
        let text = text.strip_suffix("等部门").or(text.strip_suffix('等')).unwrap_or(&text);
        let bare = text.strip_prefix(['省', '市', '县', '区', '旗']).unwrap_or(text);
        if bare.chars().count() != 2 {
            return self.shortens(bare, index);
        }
        let name = self.orgs.get(index).map(|known| plain(&known.name)).unwrap_or_default();
        let mut rest = name.chars();
        bare.chars().all(|wanted| rest.any(|c| c == wanted))
    }

    /// How an organisation is written where it has to be found again: as people call it, unless others are called so, too.
    fn printed<'a>(&'a self, known: &'a Known) -> &'a str {
        let same = self.exact.get(&plain(&known.short)).map_or(0, Vec::len);
        if same == 1 && !splits(&known.short) { &known.short } else { &known.name }
    }

    /// How the organisation with this id is written, if it is known here.
    #[must_use]
    pub fn written(&self, id: OrgUnitId) -> Option<&str> {
        self.orgs.iter().find(|known| known.id == id).map(|known| self.printed(known))
    }
}

/// Whether a name would be read as several.
fn splits(name: &str) -> bool {
    super::texts::departments(name).len() != 1
}

fn nearest(alike: impl Iterator<Item = (u8, String)>) -> Vec<String> {
    let mut alike: Vec<_> = alike.filter(|(percent, _)| *percent >= SUGGESTED).collect();
    alike.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    alike.dedup_by(|left, right| left.1 == right.1);
    alike.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::place::{DivisionLevel, OrgKind};

    fn org(number: u128, path: &str, name: &str, short: &str) -> OrgUnit {
        OrgUnit {
            id: OrgUnitId(Uuid::from_u128(number)),
            province: Uuid::nil().into(),
            division: Uuid::nil().into(),
            path: path.into(),
            level: DivisionLevel::County,
            kind: OrgKind::Department,
            name: name.into(),
            short_name: short.into(),
            parent: None,
            vertical: false,
            successor: None,
            valid_from: NaiveDate::MIN,
            valid_to: None,
            revision: 1,
        }
    }

    fn names() -> Names {
        let orgs = [
            org(1, "32.3299.329921", "澜溪县住房和城乡建设局", "县住房和城乡建设局"),
            org(2, "32.3299.329921", "澜溪县民政局", "县民政局"),
            org(3, "32.3299", "平澜市民政局", "市民政局"),
            org(4, "32.3299.329921", "澜溪县卫生健康委员会", "县卫生健康委"),
            org(5, "32.3299.329921", "平澜市澜溪生态环境局", "澜溪生态环境局"),
            org(6, "32.3299.329921", "澜溪县应急管理局", "县应急管理局"),
        ];
        let domain = |number: u128, name: &str| (DomainId(Uuid::from_u128(number)), name.to_owned());
        Names::new(orgs.iter(), [domain(1, "党的建设"), domain(2, "应急管理及消防"), domain(3, "平安法治")].into_iter())
    }

    #[test]
    fn organisations_are_known_by_what_people_call_them() {
        let names = names();
        let id = |number: u128| OrgUnitId(Uuid::from_u128(number));
        assert_eq!(names.org("县民政局"), Meant::Named(id(2)));
        assert_eq!(names.org("澜溪县 民政局"), Meant::Named(id(2)));
        for (text, number, name) in [
            ("县住建局", 1, "县住房和城乡建设局"),
            ("住建局", 1, "县住房和城乡建设局"),
            ("县卫健委", 4, "县卫生健康委"),
            ("县应急局", 6, "县应急管理局"),
            ("县民政局等", 2, "县民政局"),
            ("民政局", 2, "县民政局"),
            ("生态环境局", 5, "澜溪生态环境局"),
        ] {
            assert_eq!(names.org(text), Meant::Shortened(id(number), name.into()), "{text}");
        }
        assert_eq!(names.org("市民政局"), Meant::Named(id(3)));
        assert_eq!(names.org("县应急管理委"), Meant::Nobody(vec!["县应急管理局".into()]));
        assert_eq!(names.org("局"), Meant::Nobody(Vec::new()));
    }

    #[test]
    fn names_that_shorten_too_boldly_are_suggested() {
        let orgs = [
            org(1, "32.3201.320102", "玄武区住房和城乡建设局", "区住房和城乡建设局"),
            org(2, "32.3201", "南京市住房保障和建设委员会", "市住建委"),
            org(3, "32.3201.320102", "玄武区民政局", "区民政局"),
        ];
        let names = Names::new(orgs.iter(), std::iter::empty());
        let like = |text: &str| match names.org(text) {
            Meant::Nobody(alike) => alike,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(like("县住建局").first().map(String::as_str), Some("区住房和城乡建设局"));
        assert_eq!(like("住建")[..2], ["区住房和城乡建设局", "市住建委"]);
        assert_eq!(like("县民政").first().map(String::as_str), Some("区民政局"));
        assert!(like("局").is_empty() && like("气象").is_empty());
    }

    #[test]
    fn a_name_of_two_is_nobody_s() {
        let orgs = [
            org(1, "1.2", "甲县教育局", "县教育局"),
            org(2, "1.2", "甲县教体局", "县教育局"),
            org(3, "1.2", "甲县体育局", "县体育局"),
        ];
        let names = Names::new(orgs.iter(), std::iter::empty());
        assert_eq!(names.org("县教育局"), Meant::Several(vec!["甲县教育局".into(), "甲县教体局".into()]));
        assert_eq!(names.written(OrgUnitId(Uuid::from_u128(1))), Some("甲县教育局"));
        assert_eq!(names.written(OrgUnitId(Uuid::from_u128(3))), Some("县体育局"));
    }

    #[test]
    fn classes_near_a_wrong_one_are_suggested() {
        let names = names();
        assert!(names.domain("党的 建设").is_some() && names.domain("党建").is_none());
        assert_eq!(names.domains_like("党建"), ["党的建设"]);
        assert_eq!(names.domains_like("应急消防"), ["应急管理及消防"]);
        assert!(names.domains_like("外星事务").is_empty());
    }
}
