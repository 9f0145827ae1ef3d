//! Lists in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    ListVersion, as_of,
    items::{DutyItemRevision, RevisionConnection},
    loaders::{FirstItems, FirstItemsOf, OwedTo, VersionInForce},
    versions::ListVersionConnection,
};
use crate::{
    duty_list::{
        rules::{
            content::{DepartmentRole, DutyCategory},
            findings,
        },
        store::{self, items, lists},
    },
    kernel::{
        fault::Fault,
        graphql::{AtOnce, Reply, connection::Total, ctx, loader},
        ids::{DomainId, DutyListId, OfficeId},
        paging::PageArgs,
        scope::Scope,
        text,
    },
    territory::graphql::{Division, DivisionById, OrgUnit, named_org, named_orgs},
};

/// Items by category (分类数量).
#[derive(Clone, Copy, SimpleObject)]
pub struct CategoryCounts {
    /// Basic (基本履职事项).
    basic: i32,
    /// Cooperative (配合履职事项).
    cooperative: i32,
    /// Reclaimed (上级部门收回事项).
    reclaimed: i32,
    /// All together (合计).
    total: i32,
}

impl From<findings::Counts> for CategoryCounts {
    fn from(counts: findings::Counts) -> Self {
        Self {
            basic: counts.basic,
            cooperative: counts.cooperative,
            reclaimed: counts.reclaimed,
            total: counts.basic.saturating_add(counts.cooperative).saturating_add(counts.reclaimed),
        }
    }
}

/// What one department owes a township in one role (部门对乡镇的责任).
#[derive(SimpleObject)]
pub struct DepartmentShare {
    /// The department (部门).
    organisation: OrgUnit,
    /// As what it is named (角色).
    role: DepartmentRole,
    /// In how many items (事项数).
    count: i32,
}

/// A township's list (履职事项清单).
#[derive(Clone)]
pub struct DutyList(Arc<lists::DutyList>);

impl DutyList {
    /// The list in the schema.
    #[must_use]
    pub fn of(facts: Arc<lists::DutyList>) -> Self {
        Self(facts)
    }

    /// The facts of the list.
    #[must_use]
    pub fn facts(&self) -> &lists::DutyList {
        &self.0
    }
}

crate::connection! {
    /// A list of duty lists (清单列表).
    DutyListConnection, DutyListEdge, DutyList
}

/// The one list of one township (履职事项清单). Published versions are public.
#[Object]
impl DutyList {
    /// Id (标识).
    pub async fn id(&self) -> DutyListId {
        self.0.id
    }

    /// The township (乡镇).
    async fn township(&self, context: &Context<'_>) -> Reply<AtOnce<Division>> {
        let found = loader::one::<DivisionById>(context, self.0.township).await?;
        found.map(|facts| AtOnce(Division::of(facts))).ok_or_else(|| Fault::new("a list without its township").into())
    }

    /// The township's organisation (乡镇机构).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.org).await
    }

    /// The version in force; null if there is none at that time (生效版本).
    async fn version(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
    ) -> Reply<Option<ListVersion>> {
        let at = self::as_of(context, as_of, known_at);
        Ok(loader::one::<VersionInForce>(context, (self.0.id, at)).await?.map(ListVersion::of))
    }

    /// Published versions, and those on their way that the caller may see, newest first (历次版本).
    async fn versions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<ListVersionConnection> {
        let ctx = ctx(context);
        let select = store::versions::select(&Scope::reading(ctx), Some(self.0.id));
        let page =
            store::versions::page(ctx.db().read(), select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(ListVersionConnection::new(page.map(|version| ListVersion::of(Arc::new(version))), Total::count(select)))
    }

    /// Items in force, category by category in their order (生效事项).
    async fn items(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
        #[graphql(desc = "Only this category (类别)")] category: Option<DutyCategory>,
        #[graphql(desc = "Only this domain class (领域类别)")] domain_id: Option<DomainId>,
        #[graphql(desc = "Only what this internal office handles (内设机构)")] office_id: Option<OfficeId>,
        #[graphql(desc = "Only duties that no internal office leads yet (尚未分解的事项)")] unallocated: Option<bool>,
        #[graphql(desc = "With these words in name, clauses or method (关键词)")] text: Option<String>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<RevisionConnection> {
        let ctx = ctx(context);
        let db = ctx.db().read();
        let at = self::as_of(context, as_of, known_at);
        let args = PageArgs { first, after, last, before };
        let office = match (office_id, unallocated.unwrap_or(false)) {
            (Some(office), _) => Some(Some(office)),
            (None, true) => Some(None),
            (None, false) => None,
        };
        let words = text::optional("text", text.as_deref(), 100, text::line)?;
        let list = self.0.id;
        let plain =
            office.is_none() && words.is_none() && args.after.is_none() && args.before.is_none() && args.last.is_none();
        if plain {
            let key = FirstItems { list, at, category, domain: domain_id, first: args.limit()? };
            let page = loader::one::<FirstItemsOf>(context, key).await?.unwrap_or_default();
            let all = move || items::select_in_force(&[list], at, category, domain_id, None);
            return Ok(RevisionConnection::new(page.map(DutyItemRevision), Total::CountLater(Arc::new(all))));
        }
        let mut select = items::select_in_force(&[list], at, category, domain_id, office);
        if let Some(words) = &words {
            select.cond_where(store::search::words(db, words));
        }
        let page = items::page(db, select.clone(), &items::list_order(), &args, Some(at.known)).await?;
        Ok(RevisionConnection::new(page.map(|revision| DutyItemRevision(Arc::new(revision))), Total::count(select)))
    }

    /// What departments owe this township: who leads, co-leads, guides or took over how many items (部门责任统计).
    async fn owed_by(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
    ) -> Reply<Vec<DepartmentShare>> {
        let at = self::as_of(context, as_of, known_at);
        let owed = loader::one::<OwedTo>(context, (self.0.id, at)).await?.unwrap_or_default();
        let orgs = named_orgs(context, owed.iter().map(|(org, ..)| *org).collect()).await?;
        Ok(std::iter::zip(owed, orgs)
            .map(|((_, role, count), organisation)| DepartmentShare { organisation, role, count })
            .collect())
    }
}
