//! What items are made of: clauses, legal bases, named departments.

use async_graphql::{Context, SimpleObject, Value, parser::types::Field, resolver_utils::enum_value};

use crate::{
    duty_list::rules::{
        content::{Basis, DepartmentRole},
        diff::ClauseSide,
    },
    kernel::{
        graphql::{Reply, direct},
        ids::OrgUnitId,
    },
    territory::graphql::{OrgUnit, named_orgs},
};

/// A clause of an item (条款).
#[derive(Clone, SimpleObject)]
pub struct DutyClause {
    /// Whose duty it states (归属).
    pub side: ClauseSide,
    /// Number on its side, from 1 (序号).
    pub number: i32,
    /// Text (内容).
    pub text: String,
    /// How to cite it: item code, side and number, such as `PH-004#S3` or `PH-004#T1` (引用编号).
    pub citation: String,
}

/// The clauses of one side as `field` selects them.
pub(super) fn clauses_at_once(code: &str, side: ClauseSide, texts: &[String], field: &Field) -> Option<Value> {
    let all = (1i32..).zip(texts);
    direct::list("DutyClause", all, field, |(number, text), asked| match asked {
        "side" => Some(enum_value(side)),
        "number" => Some((*number).into()),
        "text" => Some(direct::text(text)),
        "citation" => Some(Value::String(citation(code, side, *number))),
        _ => None,
    })
}

fn citation(code: &str, side: ClauseSide, number: i32) -> String {
    let letter = match side {
        ClauseSide::Superior => 'S',
        ClauseSide::Township => 'T',
    };
    format!("{code}#{letter}{number}")
}

pub(super) fn clauses(code: &str, side: ClauseSide, texts: &[String]) -> Vec<DutyClause> {
    (1..)
        .zip(texts)
        .map(|(number, text)| DutyClause { side, number, text: text.clone(), citation: citation(code, side, number) })
        .collect()
}

/// A legal or policy basis (实施依据).
#[derive(Clone, SimpleObject)]
pub struct LegalBasisOf {
    /// Title of the law, regulation or document (法律法规或文件名称).
    instrument: String,
    /// Article (条款).
    article: Option<String>,
}

impl From<&Basis> for LegalBasisOf {
    fn from(basis: &Basis) -> Self {
        Self { instrument: basis.instrument.clone(), article: basis.article.clone() }
    }
}

/// An organisation that an item names (责任部门).
#[derive(Clone, SimpleObject)]
pub struct NamedDepartment {
    /// As what (角色).
    role: DepartmentRole,
    /// The organisation (部门).
    organisation: OrgUnit,
}

pub(super) async fn departments(
    context: &Context<'_>,
    named: &[(OrgUnitId, DepartmentRole)],
) -> Reply<Vec<NamedDepartment>> {
    let orgs = named_orgs(context, named.iter().map(|(org, _)| *org).collect()).await?;
    Ok(std::iter::zip(named, orgs)
        .map(|((_, role), organisation)| NamedDepartment { role: *role, organisation })
        .collect())
}
