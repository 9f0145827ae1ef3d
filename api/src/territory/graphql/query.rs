//! Questions about territory.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use super::{Division, DivisionConnection, OrgUnit, OrgUnitConnection, Province, division};
use crate::{
    kernel::{
        clock::china_date,
        fault::{Outcome, refuse},
        graphql::{Date, Reply, connection::Total, ctx},
        ids::{DivisionId, OrgUnitId, ProvinceId},
        paging::PageArgs,
        place::{DivisionLevel, OrgKind},
        refusal::{InputProblem, Refusal},
        scope::{self, Scope},
        text,
    },
    territory::{
        rules,
        service::authority,
        store::{self, DivisionFilter, OrgFilter},
    },
};

pub use crate::territory::service::{code_argument, division_path};

/// Who decides on a township's list and who reviews above (清单审定主体与审批链).
#[derive(SimpleObject)]
pub struct AuthorityAnswer {
    /// The decision body: zone, county, or prefecture without counties (审定主体).
    authority: OrgUnit,
    /// Offices that review above it, nearest first, up to the province (审批链).
    review_chain: Vec<OrgUnit>,
}

/// A working-day calendar year (工作日历).
#[derive(SimpleObject)]
pub struct WorkCalendarYear {
    /// Year (年份).
    year: i32,
    /// Whether no notice has been loaded yet: Monday to Friday are working days then, but for the holidays the law puts
    /// on a day of the solar year; those that follow the moon wait for the notice (是否为暂定).
    provisional: bool,
    /// Days off that would be worked (放假日).
    holidays: Vec<Date>,
    /// Weekend days that are worked (调休上班日).
    workdays: Vec<Date>,
}

/// Questions about territory.
#[derive(Default)]
pub struct TerritoryQuery;

#[Object]
impl TerritoryQuery {
    /// One division, by code or by id (行政区划). Null if there is none.
    async fn division(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Code of six digits, nine for a township (代码)")] code: Option<String>,
        #[graphql(desc = "Id (标识)")] id: Option<DivisionId>,
        #[graphql(desc = "The day on which it bears the code; today if left out (日期)")] as_of: Option<Date>,
    ) -> Reply<Option<Division>> {
        let ctx = ctx(context);
        let db = ctx.db().read();
        let found = match (code, id) {
            (Some(code), None) => {
                let code = code_argument("code", &code)?;
                let day = as_of.map_or_else(|| china_date(ctx.now()), |date| date.0);
                store::division_by_code(db, &code, day).await?
            }
            (None, Some(id)) => store::division(db, id).await?,
            _ => {
                return refuse(Refusal::conflict(
                    "code",
                    "须且仅须提供 code 或 id 之一。",
                    "exactly one of code and id is needed.",
                ));
            }
        };
        Ok(found.map(|facts| Division::of(Arc::new(facts))))
    }

    /// Divisions by code (行政区划列表), those of today unless `asOf` is given.
    async fn divisions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Anywhere below the division with this code (上级区划代码)")] within: Option<String>,
        #[graphql(desc = "Of this level (层级)")] level: Option<DivisionLevel>,
        #[graphql(desc = "With this in the name (名称包含)")] name: Option<String>,
        #[graphql(desc = "On this day; today if left out (日期)")] as_of: Option<Date>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<DivisionConnection> {
        let ctx = ctx(context);
        let day = as_of.map_or_else(|| china_date(ctx.now()), |date| date.0);
        let below = match within {
            Some(code) => Some(division_path(ctx.db().read(), "within", &code, day).await?),
            None => None,
        };
        let name = text::optional("name", name.as_deref(), 60, text::line)?;
        let filter = DivisionFilter { parent: None, below, level, name, on: Some(day) };
        division::page(context, &filter, PageArgs { first, after, last, before }).await
    }

    /// Organisations of my province by territory and name (机构列表).
    async fn org_units(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In the territory of the division with this code (区划代码)")] within: Option<String>,
        #[graphql(desc = "Serving exactly this division (所在区划)")] division_id: Option<DivisionId>,
        #[graphql(desc = "Of this kind (机构类别)")] kind: Option<OrgKind>,
        #[graphql(desc = "With this in the name (名称包含)")] name: Option<String>,
        #[graphql(desc = "Including those that no longer exist (含已撤销)")] include_abolished: Option<bool>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<OrgUnitConnection> {
        let ctx = ctx(context);
        let scope = scope::of_actor(ctx)?;
        let db = ctx.db().read();
        let within = match within {
            Some(code) => Some(division_path(db, "within", &code, china_date(ctx.now())).await?),
            None => None,
        };
        let filter = OrgFilter {
            within,
            division: division_id,
            kind,
            name: text::optional("name", name.as_deref(), 60, text::line)?,
            ended: include_abolished.unwrap_or(false),
        };
        let select = store::select_orgs(&scope, &filter);
        let page = store::org_page(db, select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(OrgUnitConnection::new(page.map(|facts| OrgUnit::of(Arc::new(facts))), Total::count(select)))
    }

    /// Who decides on a township's list on a day, and who reviews above (清单审定主体与审批链). Null where no decision
    /// body is registered in my province.
    async fn list_authority(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Code of the township, nine digits (乡镇代码)")] township_code: String,
        #[graphql(desc = "The day; today if left out (日期)")] as_of: Option<Date>,
    ) -> Reply<Option<AuthorityAnswer>> {
        let ctx = ctx(context);
        let (scope, db) = (scope::of_actor(ctx)?, ctx.db().read());
        let day = as_of.map_or_else(|| china_date(ctx.now()), |date| date.0);
        let code = code_argument("townshipCode", &township_code)?;
        let Some(township) = store::division_by_code(db, &code, day).await? else {
            return refuse(Refusal::not_found("townshipCode"));
        };
        if township.level != DivisionLevel::Township {
            return refuse(Refusal::conflict("townshipCode", "须为乡级区划代码。", "must be the code of a township."));
        }
        let Some(authority) = authority::list_authority(db, &scope, township.id, day).await? else {
            return Ok(None);
        };
        let mut chains = authority::review_chains(db, &scope, std::slice::from_ref(&authority)).await?;
        let chain = chains.remove(&authority.id).unwrap_or_default();
        Ok(Some(AuthorityAnswer {
            authority: OrgUnit::of(Arc::new(authority)),
            review_chain: chain.into_iter().map(|office| OrgUnit::of(Arc::new(office))).collect(),
        }))
    }

    /// My province with its settings (本省设置).
    async fn province(&self, context: &Context<'_>) -> Reply<Province> {
        let ctx = ctx(context);
        let province = ctx.actor()?.province;
        match store::province(ctx.db().read(), province).await? {
            Some(row) => Ok(Province(row)),
            None => refuse(Refusal::not_found("")),
        }
    }

    /// The working-day calendar of a year (工作日历).
    async fn work_calendar(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Year, 2004–2100 (年份)")] year: i32,
    ) -> Reply<WorkCalendarYear> {
        if !(2004..=2100).contains(&year) {
            return refuse(Refusal::invalid("year", InputProblem::OutOfRange { min: 2004, max: 2100 }));
        }
        let calendar = ctx(context).calendar();
        let days = calendar.days_of(year);
        Ok(WorkCalendarYear {
            year,
            provisional: calendar.is_provisional(year),
            holidays: days.holidays.into_iter().map(Date).collect(),
            workdays: days.workdays.into_iter().map(Date).collect(),
        })
    }

    /// The working day that is so many working days after a day (若干工作日之后); day 1 is the next working day. A
    /// deadline of as many working days ends at 24:00 China time of the answer.
    async fn working_day(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The day of the event (起算日)")] after: Date,
        #[graphql(desc = "How many working days, 1–500 (工作日数)")] count: i32,
    ) -> Reply<Date> {
        match u32::try_from(count) {
            Ok(count @ 1..=500) => Ok(Date(ctx(context).calendar().working_day(after.0, count))),
            _ => refuse(Refusal::invalid("count", InputProblem::OutOfRange { min: 1, max: 500 })),
        }
    }
}

/// The organisation for `node`.
pub async fn org_node(context: &Context<'_>, id: OrgUnitId) -> Reply<Option<OrgUnit>> {
    let ctx = ctx(context);
    if matches!(Scope::of(ctx), Scope::Public) {
        return Ok(None);
    }
    Ok(crate::kernel::graphql::loader::one::<super::OrgById>(context, id).await?.map(OrgUnit::of))
}

/// The province for `node`: the caller's own.
pub async fn province_node(context: &Context<'_>, id: ProvinceId) -> Reply<Option<Province>> {
    let ctx = ctx(context);
    match ctx.member() {
        Some(actor) if actor.province == id => Ok(store::province(ctx.db().read(), id).await?.map(Province)),
        _ => Ok(None),
    }
}

/// The facts of an organisation, for other wings' arguments.
pub async fn org_argument(context: &Context<'_>, path: &'static str, id: OrgUnitId) -> Outcome<Arc<rules::OrgUnit>> {
    match crate::kernel::graphql::loader::one::<super::OrgById>(context, id).await? {
        Some(org) => Ok(org),
        None => refuse(Refusal::not_found(path)),
    }
}
