//! What an item says, as typed.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::{
    duty_list::{
        rules::content::{
            Basis, Content, DEPARTMENTS, DepartmentRole, DutyCategory, ItemSource, NAME, ReclaimMethod, Wording,
            clauses,
        },
        store,
    },
    kernel::{
        clock::china_date,
        fault::{Check, Outcome},
        ids::{DomainId, OrgUnitId},
        refusal::{InputProblem, Refusal},
        runner::Tx,
        scope::Scope,
        text,
    },
    territory::{self, rules::OrgUnit},
};

crate::api_input! {
    /// An organisation that an item names (责任部门).
    part ItemDepartment {
        /// The organisation (部门).
        org_unit_id: OrgUnitId,
        /// As what (角色): `LEAD` once and `CO_LEAD` for a cooperative item, `GUIDE` for a basic one, `TAKEOVER` for a
        /// reclaimed one.
        role: DepartmentRole,
    }

    /// What an item rests on (实施依据).
    part LegalBasis {
        /// Title of the law, regulation or document (法律法规或文件名称).
        instrument: String,
        /// Article, such as 第二十四条 (条款).
        article: Option<String>,
    }

    /// What an item says (事项内容).
    part ItemContent {
        /// Category (类别).
        category: DutyCategory,
        /// Domain class of the province's catalogue (领域类别).
        domain_id: DomainId,
        /// Name, 1–200 characters (事项名称).
        name: String,
        /// Duties of the departments, numbered from 1; cooperative items only, at least one (上级部门职责).
        superior_clauses: Option<Vec<String>>,
        /// Duties of the township, numbered from 1; at least one for a cooperative item, none for a reclaimed one (乡镇职责).
        township_clauses: Option<Vec<String>>,
        /// Organisations named, in order (责任部门).
        departments: Option<Vec<ItemDepartment>>,
        /// What became of a reclaimed item (收回方式).
        reclaim_method: Option<ReclaimMethod>,
        /// How a reclaimed item is done now (工作方式).
        method: Option<String>,
        /// What it rests on (实施依据).
        legal_bases: Option<Vec<LegalBasis>>,
        /// Whether a delegated penalty power comes with it; false if left out (是否含行政处罚赋权).
        penalty_power: Option<bool>,
        /// Where it comes from; `OTHER` if left out (来源).
        source: Option<ItemSource>,
        /// Words for sorting and finding, at most 20 (标签).
        tags: Option<Vec<String>>,
    }
}

/// Reads the texts of an item.
fn wording(input: &ItemContent, path: &str, check: &mut Check) -> Wording {
    let at = |field: &str| format!("{path}.{field}");
    let bases = input.legal_bases.as_deref().unwrap_or_default();
    check.require(bases.len() <= 30, || Refusal::invalid(at("legalBases"), InputProblem::TooMany { max: 30 }));
    let bases = bases
        .iter()
        .enumerate()
        .filter_map(|(index, basis)| {
            let instrument =
                check.take(text::line(at(&format!("legalBases.{index}.instrument")), &basis.instrument, text::LINE));
            let article = check.take(text::optional(
                at(&format!("legalBases.{index}.article")),
                basis.article.as_deref(),
                60,
                text::line,
            ));
            Some(Basis { instrument: instrument?, article: article? })
        })
        .collect();
    Wording {
        name: check.take(text::line(at("name"), &input.name, NAME)).unwrap_or_default(),
        superior: clauses(&at("superiorClauses"), input.superior_clauses.as_deref().unwrap_or_default(), check),
        township: clauses(&at("townshipClauses"), input.township_clauses.as_deref().unwrap_or_default(), check),
        method: check.take(text::optional(at("method"), input.method.as_deref(), 2_000, text::block)).flatten(),
        bases,
        tags: tags(input, path, check),
    }
}

/// What inputs are held against: the classes and organisations that they name, looked up once for all of them.
pub struct Ground {
    domains: HashMap<DomainId, store::lists::Domain>,
    orgs: HashMap<OrgUnitId, OrgUnit>,
    today: NaiveDate,
}

impl Ground {
    /// What these inputs name, as far as the caller sees it.
    pub async fn of(tx: &Tx, inputs: impl Iterator<Item = &ItemContent>) -> Outcome<Self> {
        let scope = Scope::of(tx.ctx());
        let (mut domains, mut orgs) = (Vec::new(), Vec::new());
        for input in inputs {
            domains.push(input.domain_id);
            orgs.extend(input.departments.iter().flatten().map(|named| named.org_unit_id));
        }
        domains.sort_unstable();
        domains.dedup();
        orgs.sort_unstable();
        orgs.dedup();
        Ok(Self {
            domains: store::lists::domains(tx.db(), &scope, &domains).await?,
            orgs: territory::store::orgs(tx.db(), &scope, &orgs).await?,
            today: china_date(tx.now()),
        })
    }
}

/// Reads what an item says, and holds it against its category, the catalogue and the organisations that exist.
pub async fn content(tx: &Tx, input: &ItemContent, path: &str) -> Outcome<Content> {
    let ground = Ground::of(tx, std::iter::once(input)).await?;
    Ok(held_against(&ground, input, path)?)
}

/// The same for one of many, on ground that is known; everything that is wrong with it at once.
pub fn held_against(ground: &Ground, input: &ItemContent, path: &str) -> Result<Content, Vec<Refusal>> {
    let mut check = Check::new();
    let content = Content {
        category: input.category,
        domain: input.domain_id,
        wording: wording(input, path, &mut check),
        departments: input
            .departments
            .as_deref()
            .unwrap_or_default()
            .iter()
            .map(|named| (named.org_unit_id, named.role))
            .collect(),
        reclaim_method: input.reclaim_method,
        penalty_power: input.penalty_power.unwrap_or(false),
        source: input.source.unwrap_or(ItemSource::Other),
    };
    check.require(content.departments.len() <= DEPARTMENTS, || {
        Refusal::invalid(format!("{path}.departments"), InputProblem::TooMany { max: DEPARTMENTS })
    });
    content.check(path, &mut check);
    check.require(ground.domains.get(&content.domain).is_some_and(|domain| domain.active), || {
        Refusal::not_found(format!("{path}.domainId"))
    });
    exist(&ground.orgs, &content, ground.today, path, &mut check);
    check.done()?;
    Ok(content)
}

fn exist(orgs: &HashMap<OrgUnitId, OrgUnit>, content: &Content, today: NaiveDate, path: &str, check: &mut Check) {
    content.check_departments(path, |org| orgs.get(&org).map(|org| (org.kind, org.exists_on(today))), check);
}

/// Notes organisations that do not exist or cannot owe duties.
pub async fn check_departments(
    tx: &Tx,
    scope: &Scope,
    content: &Content,
    path: &str,
    check: &mut Check,
) -> Outcome<()> {
    let ids: Vec<OrgUnitId> = content.departments.iter().map(|(org, _)| *org).collect();
    let found = territory::store::orgs(tx.db(), scope, &ids).await?;
    exist(&found, content, china_date(tx.now()), path, check);
    Ok(())
}

fn tags(input: &ItemContent, path: &str, check: &mut Check) -> Vec<String> {
    let raw = input.tags.as_deref().unwrap_or_default();
    check.require(raw.len() <= 20, || Refusal::invalid(format!("{path}.tags"), InputProblem::TooMany { max: 20 }));
    raw.iter()
        .take(20)
        .enumerate()
        .filter_map(|(index, tag)| check.take(text::line(format!("{path}.tags.{index}"), tag, 30)))
        .collect()
}

/// Whether organisations exist today; for findings.
pub async fn gone(
    db: &impl ConnectionTrait,
    orgs: &[OrgUnitId],
    today: chrono::NaiveDate,
) -> Outcome<std::collections::HashSet<OrgUnitId>> {
    let found = territory::store::orgs(db, &Scope::Everything, orgs).await?;
    Ok(orgs.iter().copied().filter(|org| found.get(org).is_none_or(|org| !org.exists_on(today))).collect())
}
