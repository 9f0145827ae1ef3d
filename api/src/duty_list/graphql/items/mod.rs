//! Items, revisions, clauses, domain classes and model items in the schema.

mod domains;
mod parts;
mod proposed;

pub use self::domains::*;
pub use self::parts::*;
pub use self::proposed::*;

use std::sync::Arc;

use async_graphql::{Context, Object, Value, parser::types::Field, resolver_utils::enum_value};
use chrono::{DateTime, Utc};

use crate::duty_list::graphql::{
    DutyList, ListVersion, as_of,
    loaders::{
        AllocationsOf, DepartmentsOf, ItemById, LineageOf, ListById, RevisionInForce, TemplateById, VersionById,
    },
};
use crate::{
    duty_list::{
        rules::{
            Period,
            content::{DepartmentRole, DutyCategory, ItemSource, ReclaimMethod},
            diff::ClauseSide,
        },
        store::{
            self,
            items::{Item, Revision},
        },
    },
    kernel::{
        fault::Fault,
        graphql::{
            AtOnce, Reply, ctx,
            direct::{self, Direct},
            loader,
        },
        ids::{DutyItemId, OrgUnitId, RevisionId},
        paging::{self, PageArgs},
    },
    territory::graphql::{InternalOffice, OrgUnit, named_office, named_orgs},
};

/// The identity of an item (事项).
#[derive(Clone)]
pub struct DutyItem(pub Arc<Item>);

crate::connection! {
    /// A list of revisions (事项列表).
    RevisionConnection, RevisionEdge, DutyItemRevision as AtOnce<DutyItemRevision>
}

/// The stable identity of a duty item in one township's list (事项); what it says lies in its revisions.
#[Object]
impl DutyItem {
    /// Id; stays the same through all versions (标识).
    pub async fn id(&self) -> DutyItemId {
        self.0.id
    }

    /// Code people use, unique in the list, such as `PH-004` (事项编码).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The list it belongs to (所属清单).
    async fn list(&self, context: &Context<'_>) -> Reply<DutyList> {
        let found = loader::one::<ListById>(context, self.0.list).await?;
        found.map(DutyList::of).ok_or_else(|| Fault::new("an item without its list").into())
    }

    /// How it reads in force; null if it is not in force then (生效内容).
    async fn revision(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
    ) -> Reply<Option<AtOnce<DutyItemRevision>>> {
        let at = self::as_of(context, as_of, known_at);
        Ok(loader::one::<RevisionInForce>(context, (self.0.id, at)).await?.map(|found| AtOnce(DutyItemRevision(found))))
    }

    /// All published wordings, oldest first (历次内容).
    async fn revisions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<RevisionConnection> {
        let all = store::items::history(ctx(context).db().read(), self.0.id).await?;
        let total = crate::kernel::graphql::connection::Total::Known(i64::try_from(all.len()).unwrap_or(i64::MAX));
        let page = paging::slice(all, &PageArgs { first, after, last, before }, |revision| revision.id.0)?;
        Ok(RevisionConnection::new(page.map(|revision| DutyItemRevision(Arc::new(revision))), total))
    }

    /// Items it came from, when matters were split, merged or taken over (来源事项).
    async fn derived_from(&self, context: &Context<'_>) -> Reply<Vec<DutyItem>> {
        Ok(loader::one::<LineageOf<false>>(context, self.0.id)
            .await?
            .unwrap_or_default()
            .into_iter()
            .map(Self)
            .collect())
    }

    /// Items that came from it (去向事项).
    async fn derived_into(&self, context: &Context<'_>) -> Reply<Vec<DutyItem>> {
        Ok(loader::one::<LineageOf<true>>(context, self.0.id)
            .await?
            .unwrap_or_default()
            .into_iter()
            .map(Self)
            .collect())
    }

    /// The county's model item it was taken over from (样板事项).
    async fn template(&self, context: &Context<'_>) -> Reply<Option<ItemTemplate>> {
        match self.0.template {
            Some(template) => Ok(loader::one::<TemplateById>(context, template).await?.map(ItemTemplate)),
            None => Ok(None),
        }
    }

    /// The internal office of the township that leads (牵头内设机构); null if nobody has been assigned.
    async fn lead_office(&self, context: &Context<'_>) -> Reply<Option<InternalOffice>> {
        let offices = loader::one::<AllocationsOf>(context, self.0.id).await?.unwrap_or_default();
        match offices.iter().find(|(_, lead)| *lead) {
            Some((office, _)) => named_office(context, *office).await.map(Some),
            None => Ok(None),
        }
    }

    /// Internal offices of the township that assist (协办内设机构).
    async fn assisting_offices(&self, context: &Context<'_>) -> Reply<Vec<InternalOffice>> {
        let offices = loader::one::<AllocationsOf>(context, self.0.id).await?.unwrap_or_default();
        let assisting = offices.into_iter().filter(|(_, lead)| !lead).map(|(office, _)| named_office(context, office));
        futures_util::future::try_join_all(assisting).await
    }
}

/// An item by id.
pub async fn named_item(context: &Context<'_>, id: DutyItemId) -> Reply<DutyItem> {
    let found = loader::one::<ItemById>(context, id).await?;
    found.map(DutyItem).ok_or_else(|| Fault::new(format!("item {id} is gone")).into())
}

/// How an item reads (事项内容).
#[derive(Clone)]
pub struct DutyItemRevision(pub Arc<Revision>);

impl Direct for DutyItemRevision {
    fn direct(&self, field: &Field) -> Option<Value> {
        let revision = &self.0;
        Some(match field.name.node.as_str() {
            "id" => direct::id(revision.id),
            "code" => direct::text(&revision.code),
            "category" => enum_value(revision.category),
            "number" => revision.ordinal.into(),
            "name" => direct::text(&revision.wording.name),
            "method" => revision.wording.method.clone().into(),
            "penaltyPower" => revision.penalty_power.into(),
            "superiorClauses" => {
                clauses_at_once(&revision.code, ClauseSide::Superior, &revision.wording.superior, field)?
            }
            "townshipClauses" => {
                clauses_at_once(&revision.code, ClauseSide::Township, &revision.wording.township, field)?
            }
            _ => return None,
        })
    }
}

impl DutyItemRevision {
    /// A revision reached from something that was in force, read with the same knowledge.
    #[must_use]
    pub fn known_like(facts: Arc<Revision>, period: &Period) -> Self {
        let known = facts.period.known_like(period);
        if known == facts.period {
            return Self(facts);
        }
        Self(Arc::new(Revision { period: known, ..Arc::unwrap_or_clone(facts) }))
    }

    async fn named(&self, context: &Context<'_>) -> Reply<Vec<(OrgUnitId, DepartmentRole)>> {
        Ok(loader::one::<DepartmentsOf>(context, self.0.id).await?.unwrap_or_default())
    }

    async fn in_role(&self, context: &Context<'_>, wanted: &[DepartmentRole]) -> Reply<Vec<OrgUnit>> {
        let named = self.named(context).await?;
        named_orgs(context, named.into_iter().filter(|(_, role)| wanted.contains(role)).map(|(org, _)| org).collect())
            .await
    }
}

/// How an item reads from one version to another (事项内容).
#[Object]
impl DutyItemRevision {
    /// Id of this wording of the item (标识).
    pub async fn id(&self) -> RevisionId {
        self.0.id
    }

    /// The item (事项).
    async fn item(&self, context: &Context<'_>) -> Reply<DutyItem> {
        named_item(context, self.0.item).await
    }

    /// Code of the item, such as `PH-004` (事项编码).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The list it stands in (所属清单).
    async fn list(&self, context: &Context<'_>) -> Reply<DutyList> {
        let found = loader::one::<ListById>(context, self.0.list).await?;
        found.map(DutyList::of).ok_or_else(|| Fault::new("a revision without its list").into())
    }

    /// Category (类别).
    async fn category(&self) -> DutyCategory {
        self.0.category
    }

    /// Domain class (领域类别).
    async fn domain(&self, context: &Context<'_>) -> Reply<DutyDomain> {
        domain(context, self.0.domain).await
    }

    /// Number in its category (序号).
    async fn number(&self) -> i32 {
        self.0.ordinal
    }

    /// Name (事项名称).
    async fn name(&self) -> &str {
        &self.0.wording.name
    }

    /// Duties of the departments (上级部门职责).
    async fn superior_clauses(&self) -> Vec<DutyClause> {
        clauses(&self.0.code, ClauseSide::Superior, &self.0.wording.superior)
    }

    /// Duties of the township (乡镇职责).
    async fn township_clauses(&self) -> Vec<DutyClause> {
        clauses(&self.0.code, ClauseSide::Township, &self.0.wording.township)
    }

    /// All organisations named, in order (责任部门).
    async fn departments(&self, context: &Context<'_>) -> Reply<Vec<NamedDepartment>> {
        departments(context, &self.named(context).await?).await
    }

    /// Lead and co-lead departments, lead first (对应上级部门).
    async fn lead_departments(&self, context: &Context<'_>) -> Reply<Vec<OrgUnit>> {
        self.in_role(context, &[DepartmentRole::Lead, DepartmentRole::CoLead]).await
    }

    /// Departments that took a reclaimed item over (承接部门).
    async fn takeover_departments(&self, context: &Context<'_>) -> Reply<Vec<OrgUnit>> {
        self.in_role(context, &[DepartmentRole::Takeover]).await
    }

    /// What became of a reclaimed item (收回方式).
    async fn reclaim_method(&self) -> Option<ReclaimMethod> {
        self.0.reclaim_method
    }

    /// How a reclaimed item is done now (工作方式).
    async fn method(&self) -> Option<&str> {
        self.0.wording.method.as_deref()
    }

    /// What it rests on (实施依据).
    async fn legal_bases(&self) -> Vec<LegalBasisOf> {
        self.0.wording.bases.iter().map(Into::into).collect()
    }

    /// Whether a delegated penalty power comes with it (是否含行政处罚赋权).
    async fn penalty_power(&self) -> bool {
        self.0.penalty_power
    }

    /// Where it comes from (来源).
    async fn source(&self) -> ItemSource {
        self.0.source
    }

    /// Words for sorting and finding (标签).
    async fn tags(&self) -> &[String] {
        &self.0.wording.tags
    }

    /// Since when it is in force (生效时间); null while its version is not published.
    async fn effective_from(&self) -> Option<DateTime<Utc>> {
        self.0.period.effective_from
    }

    /// Until when it is in force (失效时间); null while no end is known.
    async fn effective_to(&self) -> Option<DateTime<Utc>> {
        self.0.period.effective_to
    }

    /// Since when it is known that it is in force (记录时间).
    async fn recorded_from(&self) -> Option<DateTime<Utc>> {
        self.0.period.recorded_from
    }

    /// Since when it is known that it ends (失效记录时间).
    async fn recorded_to(&self) -> Option<DateTime<Utc>> {
        self.0.period.recorded_to
    }

    /// The version that brought it (来源版本).
    async fn introduced_in(&self, context: &Context<'_>) -> Reply<ListVersion> {
        let found = loader::one::<VersionById>(context, self.0.introduced_in).await?;
        found
            .map(|version| ListVersion::known_like(version, &self.0.period))
            .ok_or_else(|| Fault::new("a revision without its version").into())
    }
}

#[cfg(test)]
mod tests;
