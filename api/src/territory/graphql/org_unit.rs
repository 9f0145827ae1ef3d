//! Organisations, internal offices and positions in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, Value, parser::types::Field, resolver_utils::enum_value};
use chrono::{DateTime, Utc};

use super::{
    Division,
    loaders::{DivisionById, NamedOrg, OfficesOf, PositionsOf, ReviewChainOf},
};
use crate::{
    kernel::{
        fault::Fault,
        graphql::{
            AtOnce, Date, Reply,
            direct::{self, Direct},
            loader,
        },
        ids::{OfficeId, OrgUnitId, PositionId},
        place::{DivisionLevel, OrgKind},
    },
    territory::rules,
};

/// An organisation (机构).
#[derive(Clone)]
pub struct OrgUnit(Arc<rules::OrgUnit>);

impl OrgUnit {
    /// The organisation in the schema.
    #[must_use]
    pub fn of(facts: Arc<rules::OrgUnit>) -> Self {
        Self(facts)
    }
}

crate::connection! {
    /// A list of organisations (机构列表).
    OrgUnitConnection, OrgUnitEdge, OrgUnit as AtOnce<OrgUnit>
}

impl Direct for OrgUnit {
    fn direct(&self, field: &Field) -> Option<Value> {
        Some(match field.name.node.as_str() {
            "id" => direct::id(self.0.id),
            "name" => direct::text(&self.0.name),
            "shortName" => direct::text(&self.0.short_name),
            "kind" => enum_value(self.0.kind),
            "level" => enum_value(self.0.level),
            "vertical" => self.0.vertical.into(),
            _ => return None,
        })
    }
}

/// An organisation: committee and government, establishment office, department, township … (机构).
#[Object]
impl OrgUnit {
    /// Id (标识).
    pub async fn id(&self) -> OrgUnitId {
        self.0.id
    }

    /// Full name (全称).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Name in daily use (简称).
    async fn short_name(&self) -> &str {
        &self.0.short_name
    }

    /// Kind (机构类别).
    async fn kind(&self) -> OrgKind {
        self.0.kind
    }

    /// Level (层级).
    async fn level(&self) -> DivisionLevel {
        self.0.level
    }

    /// The division it serves (所在区划).
    async fn division(&self, context: &Context<'_>) -> Reply<Division> {
        let found = loader::one::<DivisionById>(context, self.0.division).await?;
        found.map(Division::of).ok_or_else(|| Fault::new(format!("division {} is gone", self.0.division)).into())
    }

    /// The management committee it belongs to, or the line above a vertical department (上级机构).
    async fn parent(&self, context: &Context<'_>) -> Reply<Option<OrgUnit>> {
        match self.0.parent {
            Some(parent) => Ok(loader::one::<NamedOrg>(context, parent).await?.map(Self)),
            None => Ok(None),
        }
    }

    /// Whether it belongs to a line above rather than to the local government (是否垂直管理).
    async fn vertical(&self) -> bool {
        self.0.vertical
    }

    /// Who continues it after it was abolished (承继机构).
    async fn successor(&self, context: &Context<'_>) -> Reply<Option<OrgUnit>> {
        match self.0.successor {
            Some(successor) => Ok(loader::one::<NamedOrg>(context, successor).await?.map(Self)),
            None => Ok(None),
        }
    }

    /// First day (设立日期).
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day on which it no longer exists (撤销日期); null while it exists.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    /// Revision, for `expectedRevision` (修订号).
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// Internal offices in their order (内设机构).
    async fn internal_offices(&self, context: &Context<'_>) -> Reply<Vec<InternalOffice>> {
        let found = loader::one::<OfficesOf>(context, self.0.id).await?.unwrap_or_default();
        Ok(found.into_iter().map(|office| InternalOffice(Arc::new(office))).collect())
    }

    /// For a decision body: the offices that review above it, nearest first, up to the province (审批链). Empty for
    /// other organisations.
    async fn review_chain(&self, context: &Context<'_>) -> Reply<Vec<OrgUnit>> {
        if !matches!(self.0.kind, OrgKind::CommitteeGovernment | OrgKind::ManagementCommittee) {
            return Ok(Vec::new());
        }
        let chain = loader::one::<ReviewChainOf>(context, self.0.id).await?.unwrap_or_default();
        Ok(chain.into_iter().map(Self).collect())
    }
}

/// An internal office of an organisation (内设机构).
#[derive(Clone)]
pub struct InternalOffice(Arc<rules::Office>);

impl InternalOffice {
    /// The office in the schema.
    #[must_use]
    pub fn of(facts: Arc<rules::Office>) -> Self {
        Self(facts)
    }
}

/// An internal office of an organisation (内设机构).
#[Object]
impl InternalOffice {
    /// Id (标识).
    pub async fn id(&self) -> OfficeId {
        self.0.id
    }

    /// Name (名称).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Place in the order of offices (排序).
    async fn ordinal(&self) -> i32 {
        self.0.ordinal
    }

    /// The organisation it belongs to (所属机构).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        super::named_org(context, self.0.org).await
    }

    /// Positions in their order (岗位).
    async fn positions(&self, context: &Context<'_>) -> Reply<Vec<Position>> {
        let found = loader::one::<PositionsOf>(context, self.0.id).await?.unwrap_or_default();
        Ok(found.into_iter().map(|position| Position(Arc::new(position))).collect())
    }

    /// When it was closed (撤销时间); null while it is open.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// Revision, for `expectedRevision` (修订号).
    async fn revision(&self) -> i32 {
        self.0.revision
    }
}

/// A position inside an internal office (岗位).
#[derive(Clone)]
pub struct Position(Arc<rules::Position>);

impl Position {
    /// The position in the schema.
    #[must_use]
    pub fn of(facts: Arc<rules::Position>) -> Self {
        Self(facts)
    }
}

/// A position inside an internal office (岗位).
#[Object]
impl Position {
    /// Id (标识).
    pub async fn id(&self) -> PositionId {
        self.0.id
    }

    /// Name (名称).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Place in the order of positions (排序).
    async fn ordinal(&self) -> i32 {
        self.0.ordinal
    }

    /// The office it belongs to (所属内设机构).
    async fn office(&self, context: &Context<'_>) -> Reply<InternalOffice> {
        super::named_office(context, self.0.office).await
    }

    /// When it was closed (撤销时间); null while it is open.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn org() -> OrgUnit {
        OrgUnit(Arc::new(rules::OrgUnit {
            id: Uuid::nil().into(),
            province: Uuid::nil().into(),
            division: Uuid::nil().into(),
            path: "320000".into(),
            level: DivisionLevel::County,
            kind: OrgKind::Department,
            name: "玄武区水务局".into(),
            short_name: "水务局".into(),
            parent: None,
            vertical: true,
            successor: None,
            valid_from: chrono::NaiveDate::default(),
            valid_to: None,
            revision: 1,
        }))
    }

    crate::answered_alike!(an_organisation, OrgUnit, org(), "vertical name id shortName kind level revision");
}
