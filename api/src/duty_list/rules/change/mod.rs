//! How a list may change after its first edition: by an approved adjustment or an approved admission, and by which of
//! the two.
//!
//! The routing is the provincial rule itself: what city or county leadership assigns, or a department proposes,
//! is an *admission* and climbs to the province; what law, the centre, the province or the township itself asks for is
//! an *adjustment* and is decided by the county.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    content::{Content, DutyCategory},
    diff::{self, BurdenDirection, DiffKind, Sided},
};
use crate::kernel::{
    ids::DutyItemId,
    refusal::{InputProblem, Refusal, Route, Rule},
    role::Role,
    similarity::{Profile, percent},
};

crate::api_enum! {
    /// Who or what asks for a change (事由来源).
    pub enum ChangeOrigin {
        /// The city's committee or government assigns it (市级党委政府交办) — admission.
        CityOrder,
        /// The county's committee or government assigns it (县级党委政府交办) — admission.
        CountyOrder,
        /// A department at county level or above proposes it (县级以上部门动议) — admission.
        DepartmentProposal,
        /// A law was made, amended, repealed or interpreted (法律法规立改废释) — adjustment.
        LawChange,
        /// The Party Central Committee or the State Council deploys it (党中央、国务院部署) — adjustment.
        CentralDeployment,
        /// The provincial committee or government requires it (省委、省政府要求) — adjustment.
        ProvincialRequirement,
        /// The township applies for it of its own accord (乡镇（街道）自主申请) — adjustment.
        TownshipApplication,
    }
}

crate::api_enum! {
    /// What is to happen to an item (调整方式).
    pub enum ChangeDirection {
        /// A new item (增加).
        Add,
        /// The item goes (删除).
        Remove,
        /// The item moves to another category (类别调整).
        Reclassify,
        /// The item reads differently in its category (内容调整).
        Reword,
        /// Only the departments named change, after a reorganisation (部门更名).
        RenameDept,
    }
}

crate::api_enum! {
    /// Who issued a document (发文主体).
    pub enum IssuerKind {
        /// Party Central Committee or State Council (党中央、国务院).
        Central,
        /// Provincial committee or government (省委、省政府).
        Province,
        /// Committee or government of a city (市委、市政府).
        City,
        /// Committee or government of a county (县委、县政府).
        County,
        /// A ministry, department or bureau of any level (部委、厅局).
        Department,
    }
}

/// The route of an origin.
#[must_use]
pub fn route(origin: ChangeOrigin) -> Route {
    match origin {
        ChangeOrigin::CityOrder | ChangeOrigin::CountyOrder | ChangeOrigin::DepartmentProposal => Route::Admission,
        ChangeOrigin::LawChange
        | ChangeOrigin::CentralDeployment
        | ChangeOrigin::ProvincialRequirement
        | ChangeOrigin::TownshipApplication => Route::Adjustment,
    }
}

const ADMISSION: Rule = Rule {
    zh: "市县党委政府交办或县级以上部门动议增加清单职责事项的，须走职责准入程序，逐级报省审定。",
    en: "What city or county leadership assigns or a department proposes enters by admission, approved by the province.",
};
const ADJUSTMENT: Rule = Rule {
    zh: "法律法规立改废释、党中央国务院部署、省委省政府要求或乡镇自主申请的，走动态调整程序，由县级审定。",
    en: "What law, the centre, the province or the township itself asks for is an adjustment, decided by the county.",
};

/// Whether an origin may take this route.
pub fn check_route(origin: ChangeOrigin, taken: Route) -> Result<(), Refusal> {
    let correct = route(origin);
    if correct == taken {
        return Ok(());
    }
    let rule = match correct {
        Route::Admission => ADMISSION,
        Route::Adjustment => ADJUSTMENT,
    };
    Err(Refusal::RouteMismatch { correct, rule })
}

/// Whether a person of this role may claim this origin, which stands in the content at `path`. A department does not
/// choose it freely.
pub fn check_claim(origin: ChangeOrigin, role: Role, path: &str) -> Result<(), Refusal> {
    let fits = match origin {
        ChangeOrigin::TownshipApplication => {
            !matches!(role, Role::EoCounty | Role::DecisionClerk | Role::DeptHead | Role::DeptOfficer)
        }
        ChangeOrigin::LawChange | ChangeOrigin::CentralDeployment | ChangeOrigin::ProvincialRequirement => {
            !matches!(role, Role::DecisionClerk | Role::DeptHead | Role::DeptOfficer)
        }
        ChangeOrigin::DepartmentProposal => matches!(role, Role::DeptHead | Role::DeptOfficer),
        ChangeOrigin::CityOrder | ChangeOrigin::CountyOrder => role == Role::DecisionClerk,
    };
    if fits {
        return Ok(());
    }
    let proposer = matches!(role, Role::DecisionClerk | Role::DeptHead | Role::DeptOfficer);
    if proposer && route(origin) == Route::Adjustment {
        return Err(Refusal::RouteMismatch { correct: Route::Admission, rule: ADMISSION });
    }
    // Who is on the right route already is told what may be stated there.
    let (zh, en) = match role {
        Role::DecisionClerk => (
            "两办只登记市级或县级党委政府交办（CITY_ORDER、COUNTY_ORDER）；部门动议由部门自行提出。",
            "a general office enters orders only (CITY_ORDER, COUNTY_ORDER); a department proposes for itself.",
        ),
        Role::DeptHead | Role::DeptOfficer => (
            "部门只能以部门动议（DEPARTMENT_PROPOSAL）提出；党委政府交办由两办登记。",
            "a department states DEPARTMENT_PROPOSAL only; orders are entered by the general office.",
        ),
        _ => ("该事由来源与提出人的岗位不符。", "this origin does not fit the post of who proposes it."),
    };
    Err(Refusal::conflict(format!("{path}.origin"), zh, en))
}

/// A document that asks for a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginDocument {
    /// Title.
    pub title: String,
    /// Number.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// What kind of body that is.
    pub issuer_kind: IssuerKind,
}

/// A law that asks for a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginLaw {
    /// Title of the instrument.
    pub instrument: String,
    /// Article.
    pub article: String,
    /// When it takes effect.
    pub effective_on: NaiveDate,
}

/// Whether an issuer's name says that it is a ministry, department or bureau, whatever kind was declared.
fn is_department(issuer: &str) -> bool {
    const ENDINGS: &[&str] = &["局", "厅", "部", "处", "科", "站", "中心"];
    let issuer = issuer.trim();
    ENDINGS.iter().any(|ending| issuer.ends_with(ending)) && !issuer.ends_with("办公厅")
}

/// Whether an origin is proved: a law by instrument, article and day; a deployment by a document of the leadership
/// itself. A document of a ministry or department proves neither: its wish is a department's proposal. Both stand in the
/// content at `path`.
pub fn check_proof(
    origin: ChangeOrigin,
    law: Option<&OriginLaw>,
    document: Option<&OriginDocument>,
    path: &str,
) -> Result<(), Refusal> {
    let needed = match origin {
        ChangeOrigin::LawChange => {
            return law.map(|_| ()).ok_or_else(|| Refusal::invalid(format!("{path}.law"), InputProblem::Empty));
        }
        ChangeOrigin::CentralDeployment => IssuerKind::Central,
        ChangeOrigin::ProvincialRequirement => IssuerKind::Province,
        ChangeOrigin::CityOrder => IssuerKind::City,
        ChangeOrigin::CountyOrder => IssuerKind::County,
        ChangeOrigin::DepartmentProposal | ChangeOrigin::TownshipApplication => return Ok(()),
    };
    let Some(document) = document else {
        return Err(Refusal::invalid(format!("{path}.document"), InputProblem::Empty));
    };
    if document.issuer_kind == needed && !is_department(&document.issuer) {
        return Ok(());
    }
    if route(origin) == Route::Adjustment {
        return Err(Refusal::RouteMismatch {
            correct: Route::Admission,
            rule: Rule {
                zh: "所附文件不是该级党委、政府本身的文件；部门文件提出的事项须走职责准入程序。",
                en: "The document is not one of that committee or government itself; what a department's document asks for enters by admission.",
            },
        });
    }
    Err(Refusal::conflict(
        format!("{path}.document.issuerKind"),
        "发文主体与事由来源不符。",
        "the issuer does not fit the origin.",
    ))
}

/// Whether what is proposed fits the direction. `old` is the item as it reads now.
pub fn check_direction(
    direction: ChangeDirection,
    old: Option<&Content>,
    new: Option<&Content>,
    path: &str,
) -> Result<(), Refusal> {
    let wrong = |zh, en| Err(Refusal::conflict(format!("{path}.direction"), zh, en));
    match (direction, old, new) {
        (ChangeDirection::Add, None, Some(_)) | (ChangeDirection::Remove, Some(_), None) => Ok(()),
        (ChangeDirection::Reclassify, Some(old), Some(new)) if old.category != new.category => Ok(()),
        (ChangeDirection::Reclassify, Some(_), Some(_)) => wrong("类别没有变化。", "the category does not change."),
        (ChangeDirection::Reword, Some(old), Some(new)) if old.category != new.category => {
            wrong("类别变化须选择“类别调整”。", "a change of category is a reclassification.")
        }
        (ChangeDirection::Reword, Some(old), Some(new)) if diff::of_item(old, new).is_empty() => {
            wrong("内容没有变化。", "nothing changes.")
        }
        (ChangeDirection::Reword, Some(_), Some(_)) => Ok(()),
        (ChangeDirection::RenameDept, Some(old), Some(new)) => {
            let rows = diff::of_item(old, new);
            if !rows.is_empty() && rows.iter().all(|row| row.kind == DiffKind::LeadChanged) {
                Ok(())
            } else {
                wrong("部门更名只能调整责任部门。", "a renaming changes the departments only.")
            }
        }
        (ChangeDirection::Add, ..) => {
            wrong("增加事项须填写内容且不得指定已有事项。", "an addition has content and names no existing item.")
        }
        (ChangeDirection::Remove, ..) => {
            wrong("删除事项须指定已有事项且不填写内容。", "a removal names an existing item and has no content.")
        }
        (_, None, _) => wrong("须指定已有事项。", "names an existing item."),
        (_, _, None) => Err(Refusal::invalid(format!("{path}.item"), InputProblem::Empty)),
    }
}

/// The items of one list that a request touches, as they are and as they would be.
pub struct Touched<'a> {
    /// As they are.
    pub before: Vec<Sided<'a>>,
    /// As they would be.
    pub after: Vec<Sided<'a>>,
}

/// Whether a request as a whole weighs heavier: it does if it does for any township.
#[must_use]
pub fn burden(lists: &[Touched<'_>]) -> BurdenDirection {
    let rows: Vec<_> = lists.iter().flat_map(|list| diff::of_versions(&list.before, &list.after)).collect();
    diff::overall(&rows)
}

/// Whether a request changes nothing but the names of departments, which takes the short path.
#[must_use]
pub fn is_pure_renaming(directions: &[ChangeDirection]) -> bool {
    !directions.is_empty() && directions.iter().all(|direction| *direction == ChangeDirection::RenameDept)
}

/// The words by which a request is held against refused ones: names and what is asked of townships.
#[must_use]
pub fn fingerprint<'a>(contents: impl Iterator<Item = &'a Content>) -> String {
    let mut words = Vec::new();
    for content in contents {
        words.push(content.wording.name.as_str());
        words.extend(content.wording.township.iter().map(String::as_str));
    }
    words.join("\n")
}

/// A matter that was asked for before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimilarRequest {
    /// Id as clients see it.
    pub id: String,
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
    /// Likeness in per cent.
    pub percent: u8,
}

/// Pairs of characters from which on clauses tell one matter from another; "发现上报" and its like do not.
const TELLING: u32 = 16;

/// Requests alike enough to count as a retry, most alike first.
#[must_use]
pub fn retries(fingerprint: &str, refused: Vec<(SimilarRequest, String)>, threshold: u8) -> Vec<SimilarRequest> {
    // Likeness of the whole, of the first line, the name, or of the rest, the clauses: other clauses under the same name
    // are the same matter, and so are the same clauses under another name, unless they are too few to tell.
    let name = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let clauses = |text: &str| Profile::of(&text.lines().skip(1).collect::<Vec<_>>().join("\n"));
    let mut found: Vec<SimilarRequest> = refused
        .into_iter()
        .filter_map(|(request, theirs)| {
            let (mine, other) = (clauses(fingerprint), clauses(&theirs));
            let telling = mine.size().min(other.size()) >= TELLING;
            let percent = percent(fingerprint, &theirs)
                .max(percent(&name(fingerprint), &name(&theirs)))
                .max(if telling { mine.percent(&other) } else { 0 });
            (percent >= threshold).then_some(SimilarRequest { percent, ..request })
        })
        .collect();
    found.sort_by(|left, right| right.percent.cmp(&left.percent).then_with(|| left.number.cmp(&right.number)));
    found
}

/// Whether proposed content is a plain duty that needs a provincial decision on penalties first: 行政处罚法 Art. 24.
#[must_use]
pub fn needs_penalty_decision(content: &Content) -> bool {
    content.penalty_power && content.category != DutyCategory::Reclaimed
}

/// An item of a request that is not on the list it names.
#[must_use]
pub fn foreign(item: DutyItemId) -> Refusal {
    Refusal::CitationForeign { item }
}

#[cfg(test)]
mod tests;
