//! Obligations: a department's page, and a township's view of what it is owed.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Value, parser::types::Field, resolver_utils::enum_value};
use chrono::{DateTime, Utc};

use super::{
    DutyList, as_of,
    items::{DutyClause, DutyItemRevision},
    lists::CategoryCounts,
    loaders::ListById,
};
use crate::{
    duty_list::{
        rules::{
            AsOf,
            content::{DepartmentRole, DutyCategory},
            diff::ClauseSide,
        },
        service::succession,
        store::obligations::{self, Obligation as Row, ObligationFilter},
    },
    kernel::{
        clock::china_date,
        ctx::Ctx,
        fault::{Fault, Outcome, refuse},
        graphql::{
            AtOnce, Reply,
            connection::{PageInfo, Total},
            ctx,
            direct::{self, Direct},
            loader,
        },
        ids::{DivisionId, DomainId, OrgUnitId},
        paging::{Page, PageArgs},
        refusal::{InputProblem, Refusal},
        scope::Scope,
        text,
    },
    territory::graphql::{Division, DivisionById, OrgUnit, named_org, query::org_argument},
};

crate::api_enum! {
    /// In which order obligations come (排序方式).
    pub enum ObligationOrder {
        /// By township, then by place in its list (按乡镇).
        Township,
        /// By category, then by name, so that the same matter of several townships stands together (按事项).
        Name,
        /// By the time they took effect, newest first (按生效时间).
        Newest,
    }
}

crate::api_enum! {
    /// What happened to an obligation since the day asked for (变化情况).
    pub enum ObligationChange {
        /// It began (新增).
        Added,
        /// It reads otherwise (内容变化).
        Changed,
        /// It ended (终止).
        Ended,
    }
}

/// Which obligations to show (筛选条件).
#[derive(Debug, Default, InputObject)]
pub struct ObligationFilterInput {
    /// In these categories (类别).
    categories: Option<Vec<DutyCategory>>,
    /// In which my organisation is named as one of these (角色).
    roles: Option<Vec<DepartmentRole>>,
    /// In these townships (乡镇).
    township_ids: Option<Vec<DivisionId>>,
    /// In the territory of the division with this code (区划代码). A township without a list in force covers those whose
    /// lists apply in it, see `applicableLists`.
    within: Option<String>,
    /// Of this domain class (领域类别).
    domain_id: Option<DomainId>,
    /// With these words in name, clauses or method (关键词).
    text: Option<String>,
    /// Only what began, changed or ended after this moment (此后变化).
    changed_since: Option<DateTime<Utc>>,
}

impl ObligationFilterInput {
    /// What is meant, in `ctx` at a time.
    pub(super) async fn read(self, ctx: &Ctx, at: AsOf) -> Outcome<ObligationFilter> {
        if self.township_ids.as_ref().is_some_and(|ids| ids.len() > 200) {
            return refuse(Refusal::invalid("filter.townshipIds", InputProblem::TooMany { max: 200 }));
        }
        let within = match self.within {
            Some(code) => {
                let (today, scope) = (china_date(ctx.moment()), Scope::of(ctx));
                Some(succession::territories(ctx.db().read(), &scope, "filter.within", &code, today, at).await?)
            }
            None => None,
        };
        Ok(ObligationFilter {
            categories: self.categories.unwrap_or_default(),
            roles: self.roles.unwrap_or_default(),
            townships: self.township_ids.unwrap_or_default(),
            within,
            domain: self.domain_id,
            text: text::optional("filter.text", self.text.as_deref(), 100, text::line)?,
            changed_since: self.changed_since,
        })
    }
}

impl From<ObligationOrder> for obligations::ObligationOrder {
    fn from(order: ObligationOrder) -> Self {
        match order {
            ObligationOrder::Township => Self::Township,
            ObligationOrder::Name => Self::Name,
            ObligationOrder::Newest => Self::Newest,
        }
    }
}

/// An obligation (责任事项).
#[derive(Clone)]
pub struct Obligation {
    row: Row,
    since: Option<DateTime<Utc>>,
}

impl Direct for Obligation {
    fn direct(&self, field: &Field) -> Option<Value> {
        Some(match field.name.node.as_str() {
            "role" => enum_value(self.row.role),
            "item" => direct::object(&DutyItemRevision(Arc::clone(&self.row.revision)), field)?,
            _ => return None,
        })
    }
}

/// An item that names an organisation: what it leads, co-leads, guides or took over, in which township (责任事项).
#[Object]
impl Obligation {
    /// As what the organisation is named (角色).
    async fn role(&self) -> DepartmentRole {
        self.row.role
    }

    /// The organisation (责任单位).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.row.org).await
    }

    /// The item as it reads (事项内容).
    async fn item(&self) -> AtOnce<DutyItemRevision> {
        AtOnce(DutyItemRevision(Arc::clone(&self.row.revision)))
    }

    /// The township in whose list it stands (所在乡镇).
    async fn township(&self, context: &Context<'_>) -> Reply<AtOnce<Division>> {
        let found = loader::one::<DivisionById>(context, self.row.revision.township).await?;
        found.map(|facts| AtOnce(Division::of(facts))).ok_or_else(|| Fault::new("a list without its township").into())
    }

    /// The list in which it stands (所在清单).
    async fn list(&self, context: &Context<'_>) -> Reply<DutyList> {
        let found = loader::one::<ListById>(context, self.row.revision.list).await?;
        found.map(DutyList::of).ok_or_else(|| Fault::new("a revision without its list").into())
    }

    /// What the organisation has to do: the departments' clauses of a cooperative item; empty where the item has none
    /// (本单位职责).
    async fn my_clauses(&self) -> Vec<DutyClause> {
        let revision = &self.row.revision;
        (1..)
            .zip(&revision.wording.superior)
            .map(|(number, text)| DutyClause {
                side: ClauseSide::Superior,
                number,
                text: text.clone(),
                citation: format!("{}#S{number}", revision.code),
            })
            .collect()
    }

    /// Since when it is in force (生效时间).
    async fn effective_from(&self) -> Option<DateTime<Utc>> {
        self.row.revision.period.effective_from
    }

    /// Until when it is in force (失效时间); null while no end is known.
    async fn effective_to(&self) -> Option<DateTime<Utc>> {
        self.row.revision.period.effective_to
    }

    /// What happened to it since the moment asked for in `changedSince`; null if none was asked for (变化情况).
    async fn change(&self) -> Option<ObligationChange> {
        let since = self.since?;
        let period = &self.row.revision.period;
        let ended = period.effective_from.is_some_and(|from| from <= since);
        Some(if ended {
            ObligationChange::Ended
        } else if self.row.revision.replaces {
            ObligationChange::Changed
        } else {
            ObligationChange::Added
        })
    }
}

/// A page of obligations (责任事项列表).
pub struct ObligationConnection {
    page: Page<Obligation>,
    select: Option<obligations::Select>,
}

/// An entry of a page with its cursor (带游标的条目).
#[derive(Clone, async_graphql::SimpleObject)]
pub struct ObligationEdge {
    /// Cursor of this entry (游标).
    cursor: String,
    /// The entry itself (条目).
    node: Obligation,
}

/// A page of obligations with totals by category (责任事项列表).
#[Object]
impl ObligationConnection {
    /// The entries with their cursors (带游标的条目).
    async fn edges(&self) -> Vec<ObligationEdge> {
        self.page
            .rows
            .iter()
            .map(|(cursor, node)| ObligationEdge { cursor: cursor.clone(), node: node.clone() })
            .collect()
    }

    /// The entries alone (条目).
    async fn nodes(&self) -> Vec<AtOnce<Obligation>> {
        self.page.rows.iter().map(|(_, node)| AtOnce(node.clone())).collect()
    }

    /// Where this page stands (分页信息).
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.page)
    }

    /// How many entries there are in all (总数); counted only when asked for.
    async fn total_count(&self, context: &Context<'_>) -> Reply<i32> {
        match &self.select {
            Some(select) => Total::count(select.clone()).get(ctx(context)).await,
            None => Ok(0),
        }
    }

    /// How many entries there are in all, by category, with the same filter (分类合计).
    async fn totals(&self, context: &Context<'_>) -> Reply<CategoryCounts> {
        match &self.select {
            Some(select) => Ok(obligations::totals(ctx(context).db().read(), select.clone()).await?.into()),
            None => Ok(crate::duty_list::rules::findings::Counts::default().into()),
        }
    }
}

/// Questions about obligations.
#[derive(Default)]
pub struct ObligationQuery;

#[Object]
impl ObligationQuery {
    /// What an organisation owes (部门责任事项): every item it leads, co-leads, guides or took over, with its clauses, the
    /// townships it holds in and their clauses. My own organisation if none is named; any of my province may be asked
    /// about, for the lists are public.
    async fn obligations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The organisation; mine if left out (责任单位)")] org_unit_id: Option<OrgUnitId>,
        #[graphql(desc = "Which to show (筛选条件)")] filter: Option<ObligationFilterInput>,
        #[graphql(desc = "In which order; by township if left out (排序方式)")] order_by: Option<ObligationOrder>,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<ObligationConnection> {
        let ctx = ctx(context);
        let actor = ctx.actor()?;
        let org = match org_unit_id {
            Some(id) if id != actor.org => org_argument(context, "orgUnitId", id).await?.id,
            _ => actor.org,
        };
        let at: AsOf = self::as_of(context, as_of, known_at);
        let filter = filter.unwrap_or_default().read(ctx, at).await?;
        let (db, scope) = (ctx.db().read(), Scope::of(ctx));
        let by = order_by.unwrap_or(ObligationOrder::Township).into();
        let select = obligations::select(db, &scope, org, at, &filter);
        let page = match &select {
            Some(select) => {
                obligations::page(db, select.clone(), by, at, &PageArgs { first, after, last, before }).await?
            }
            None => Page::default(),
        };
        let since = filter.changed_since;
        Ok(ObligationConnection { page: page.map(|row| Obligation { row, since }), select })
    }
}
