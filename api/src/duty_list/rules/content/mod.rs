//! What an item says, and what it must say in its category.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::kernel::{
    fault::Check,
    ids::{DomainId, OrgUnitId},
    place::OrgKind,
    refusal::{InputProblem, Refusal},
    similarity::Profile,
    text,
};

crate::api_enum! {
    /// The three categories of a list (事项类别); mutually exclusive.
    pub enum DutyCategory {
        /// What the township must do and answers for in full: 必须为、负全责 (基本履职事项).
        Basic,
        /// What the township helps a named department with: 配合为、尽次责 (配合履职事项).
        Cooperative,
        /// What was taken back upward: 无力为、负不了责 (上级部门收回事项).
        Reclaimed,
    }
}

impl DutyCategory {
    /// How heavy the category weighs on a township.
    #[must_use]
    pub fn weight(self) -> u8 {
        match self {
            Self::Reclaimed => 0,
            Self::Cooperative => 1,
            Self::Basic => 2,
        }
    }

    /// What item codes of this category begin with.
    #[must_use]
    pub fn code_prefix(self) -> &'static str {
        match self {
            Self::Basic => "JB",
            Self::Cooperative => "PH",
            Self::Reclaimed => "SH",
        }
    }
}

crate::api_enum! {
    /// As what an item names an organisation (部门角色).
    pub enum DepartmentRole {
        /// Leads a cooperative item; the first of its departments (牵头部门).
        Lead,
        /// Leads together with the lead (协同部门).
        CoLead,
        /// Guides a basic item without sharing its responsibility (指导部门).
        Guide,
        /// Took over a reclaimed item (承接部门).
        Takeover,
    }
}

crate::api_enum! {
    /// What became of a reclaimed item (收回方式).
    pub enum ReclaimMethod {
        /// A department does it now (部门承接).
        TakenOver,
        /// Nobody does it any more: formalistic work was abolished (取消).
        Cancelled,
    }
}

crate::api_enum! {
    /// Where a duty comes from (事项来源).
    pub enum ItemSource {
        /// A law or regulation (法律法规).
        Law,
        /// The three-fixed scheme of an organisation (三定规定).
        Mandate,
        /// A deployment from above (上级部署).
        Deployment,
        /// The 12345 hotline (12345政务服务热线).
        Hotline,
        /// An information platform (平台).
        Platform,
        /// Anything else (其他).
        Other,
    }
}

/// A legal or policy basis.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Basis {
    /// Title of the law, regulation or document.
    pub instrument: String,
    /// Article, such as 第二十四条.
    pub article: Option<String>,
}

/// The texts of an item, shared by all that read alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Name.
    pub name: String,
    /// Duties of the departments, numbered from 1.
    pub superior: Vec<String>,
    /// Duties of the township, numbered from 1.
    pub township: Vec<String>,
    /// How a reclaimed item is done now.
    pub method: Option<String>,
    /// What it rests on.
    pub bases: Vec<Basis>,
    /// Words under which it is also found.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Wording {
    /// Fingerprint of the texts.
    #[must_use]
    pub fn hash(&self) -> String {
        let text = serde_json::json!([self.name, self.superior, self.township, self.method, self.bases, self.tags]);
        hex::encode(Sha256::digest(text.to_string()))
    }

    /// All words by which it may be looked for.
    #[must_use]
    pub fn searchable(&self) -> String {
        let mut text = self.name.clone();
        let clauses = self.superior.iter().chain(&self.township).map(String::as_str);
        let bases = self.bases.iter().map(|basis| basis.instrument.as_str());
        let tags = self.tags.iter().map(String::as_str);
        for part in clauses.chain(self.method.as_deref()).chain(bases).chain(tags) {
            text.push('\n');
            text.push_str(part);
        }
        text
    }

    /// What is compared when two items are held against each other.
    #[must_use]
    pub fn profile(&self) -> Profile {
        Profile::of(&self.name)
    }
}

/// An item as it reads in a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Category.
    pub category: DutyCategory,
    /// Domain class.
    pub domain: DomainId,
    /// Texts.
    pub wording: Wording,
    /// Organisations named, in order.
    pub departments: Vec<(OrgUnitId, DepartmentRole)>,
    /// What became of a reclaimed item.
    pub reclaim_method: Option<ReclaimMethod>,
    /// Whether a delegated penalty power comes with it.
    pub penalty_power: bool,
    /// Where it comes from.
    pub source: ItemSource,
}

impl Content {
    /// Organisations named in a role.
    pub fn in_role(&self, role: DepartmentRole) -> impl Iterator<Item = OrgUnitId> + '_ {
        self.departments.iter().filter(move |(_, theirs)| *theirs == role).map(|(org, _)| *org)
    }

    /// Whether the content says what its category demands. `path` is where it stands in the input.
    pub fn check(&self, path: &str, check: &mut Check) {
        let at = |field: &str| format!("{path}.{field}");
        let count = |role| self.in_role(role).count();
        let roles = |allowed: &[DepartmentRole]| self.departments.iter().all(|(_, role)| allowed.contains(role));
        let mut once: Vec<_> = self.departments.iter().map(|(org, _)| org).collect();
        once.sort_unstable();
        once.dedup();
        check.require(once.len() == self.departments.len(), || {
            Refusal::invalid(at("departments"), InputProblem::Duplicate)
        });
        match self.category {
            DutyCategory::Basic => {
                check.require(roles(&[DepartmentRole::Guide]), || {
                    Refusal::conflict(
                        at("departments"),
                        "基本履职事项只能列指导部门。",
                        "a basic item names guiding departments only.",
                    )
                });
                check.require(self.wording.superior.is_empty(), || {
                    Refusal::conflict(
                        at("superiorClauses"),
                        "基本履职事项不列上级部门职责。",
                        "a basic item has no clauses of departments.",
                    )
                });
                check.require(self.wording.method.is_none(), || {
                    Refusal::conflict(
                        at("method"),
                        "仅收回事项填写工作方式。",
                        "only a reclaimed item says how it is done now.",
                    )
                });
                check.require(self.reclaim_method.is_none(), || {
                    Refusal::conflict(
                        at("reclaimMethod"),
                        "仅收回事项填写收回方式。",
                        "only a reclaimed item has a way of reclaiming.",
                    )
                });
            }
            DutyCategory::Cooperative => {
                check.require(count(DepartmentRole::Lead) == 1, || {
                    Refusal::conflict(
                        at("departments"),
                        "配合履职事项须有且仅有一个牵头部门。",
                        "a cooperative item has exactly one lead department.",
                    )
                });
                check.require(roles(&[DepartmentRole::Lead, DepartmentRole::CoLead]), || {
                    Refusal::conflict(
                        at("departments"),
                        "配合履职事项只能列牵头、协同部门。",
                        "a cooperative item names lead and co-lead departments only.",
                    )
                });
                for (field, clauses) in
                    [("superiorClauses", &self.wording.superior), ("townshipClauses", &self.wording.township)]
                {
                    check.require(!clauses.is_empty(), || Refusal::invalid(at(field), InputProblem::TooFew { min: 1 }));
                }
                check.require(self.wording.method.is_none(), || {
                    Refusal::conflict(
                        at("method"),
                        "仅收回事项填写工作方式。",
                        "only a reclaimed item says how it is done now.",
                    )
                });
                check.require(self.reclaim_method.is_none(), || {
                    Refusal::conflict(
                        at("reclaimMethod"),
                        "仅收回事项填写收回方式。",
                        "only a reclaimed item has a way of reclaiming.",
                    )
                });
            }
            DutyCategory::Reclaimed => {
                check.require(self.wording.township.is_empty(), || {
                    Refusal::conflict(
                        at("townshipClauses"),
                        "收回事项不得列乡镇职责。",
                        "a reclaimed item has no township clauses.",
                    )
                });
                check.require(roles(&[DepartmentRole::Takeover]), || {
                    Refusal::conflict(
                        at("departments"),
                        "收回事项只能列承接部门。",
                        "a reclaimed item names taking-over departments only.",
                    )
                });
                let taken = count(DepartmentRole::Takeover) > 0;
                check.require(taken || self.reclaim_method == Some(ReclaimMethod::Cancelled), || {
                    Refusal::conflict(
                        at("departments"),
                        "收回事项须列承接部门，或标明已取消。",
                        "a reclaimed item names who took it over, or was cancelled.",
                    )
                });
                check.require(self.reclaim_method.is_some(), || {
                    Refusal::invalid(at("reclaimMethod"), InputProblem::Empty)
                });
                check.require(self.wording.method.is_some(), || Refusal::invalid(at("method"), InputProblem::Empty));
            }
        }
    }

    /// Whether each organisation named can owe duties and exists. `known` tells kind and existence.
    pub fn check_departments(
        &self,
        path: &str,
        known: impl Fn(OrgUnitId) -> Option<(OrgKind, bool)>,
        check: &mut Check,
    ) {
        for (index, (org, _)) in self.departments.iter().enumerate() {
            let at = format!("{path}.departments.{index}");
            match known(*org) {
                None => check.note(Refusal::not_found(at)),
                Some((kind, _)) if !kind.can_owe_duties() => {
                    check.note(Refusal::conflict(
                        at,
                        "该机构不能作为责任部门。",
                        "this organisation cannot be a responsible department.",
                    ));
                }
                Some((_, false)) => {
                    check.note(Refusal::conflict(at, "该机构已撤销。", "this organisation has been abolished."));
                }
                Some((_, true)) => {}
            }
        }
    }
}

/// Longest item name.
pub const NAME: usize = 200;
/// Longest clause.
pub const CLAUSE: usize = 1_000;
/// Most clauses on one side.
pub const CLAUSES: usize = 60;
/// Most departments of an item.
pub const DEPARTMENTS: usize = 30;

/// Reads clauses as typed.
pub fn clauses(path: &str, raw: &[String], check: &mut Check) -> Vec<String> {
    check.require(raw.len() <= CLAUSES, || Refusal::invalid(path, InputProblem::TooMany { max: CLAUSES }));
    raw.iter()
        .take(CLAUSES)
        .enumerate()
        .filter_map(|(index, raw)| check.take(text::block(format!("{path}.{index}"), raw, CLAUSE)))
        .collect()
}

/// The key under which changes of law find the items that rest on an instrument.
#[must_use]
pub fn instrument_key(title: &str) -> String {
    text::key(title)
}

#[cfg(test)]
pub(crate) mod tests;
