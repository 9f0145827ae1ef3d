//! Divisions in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, Value, parser::types::Field, resolver_utils::enum_value};

use super::{
    OrgUnit,
    loaders::{AncestorsOf, ListAuthorityOf, Succession},
};
use crate::{
    kernel::{
        graphql::{
            AtOnce, Date, Reply,
            connection::Total,
            ctx,
            direct::{self, Direct},
            loader,
        },
        ids::DivisionId,
        paging::PageArgs,
        place::DivisionLevel,
    },
    territory::{
        rules::{self, DivisionKind},
        store::{self, DivisionFilter},
    },
};

/// An administrative division in one period of validity (行政区划).
#[derive(Clone)]
pub struct Division(Arc<rules::Division>);

impl Division {
    /// The division in the schema.
    #[must_use]
    pub fn of(facts: Arc<rules::Division>) -> Self {
        Self(facts)
    }
}

crate::connection! {
    /// A list of divisions (区划列表).
    DivisionConnection, DivisionEdge, Division as AtOnce<Division>
}

impl Direct for Division {
    fn direct(&self, field: &Field) -> Option<Value> {
        Some(match field.name.node.as_str() {
            "id" => direct::id(self.0.id),
            "code" => direct::text(&self.0.code),
            "name" => direct::text(&self.0.name),
            "level" => enum_value(self.0.level),
            "kind" => enum_value(self.0.kind),
            _ => return None,
        })
    }
}

/// An administrative division in one period of validity (行政区划). National data, readable by anyone.
#[Object]
impl Division {
    /// Id; the same in every deployment (标识).
    pub async fn id(&self) -> DivisionId {
        self.0.id
    }

    /// Code of six digits, nine for a township (代码).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name (名称).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Level (层级). Does not tell who decides on lists: see `listAuthority`.
    async fn level(&self) -> DivisionLevel {
        self.0.level
    }

    /// Kind (类别).
    async fn kind(&self) -> DivisionKind {
        self.0.kind
    }

    /// First day of validity (启用日期).
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day on which it no longer exists (停用日期); null while it exists.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    /// The division above (上级区划); null for a province.
    async fn parent(&self, context: &Context<'_>) -> Reply<Option<Division>> {
        Ok(above(context, self.0.id).await?.into_iter().next())
    }

    /// All divisions above, nearest first (各上级区划).
    async fn ancestors(&self, context: &Context<'_>) -> Reply<Vec<Division>> {
        above(context, self.0.id).await
    }

    /// The divisions directly below, by code (下级区划).
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<DivisionConnection> {
        let filter = DivisionFilter { parent: Some(self.0.id), ..DivisionFilter::default() };
        page(context, &filter, PageArgs { first, after, last, before }).await
    }

    /// The divisions that continue this one after it ended (承继区划).
    async fn successors(&self, context: &Context<'_>) -> Reply<Vec<Division>> {
        Ok(loader::one::<Succession<false>>(context, self.0.id)
            .await?
            .unwrap_or_default()
            .into_iter()
            .map(Division)
            .collect())
    }

    /// The divisions that this one continues (前身区划).
    async fn predecessors(&self, context: &Context<'_>) -> Reply<Vec<Division>> {
        Ok(loader::one::<Succession<true>>(context, self.0.id)
            .await?
            .unwrap_or_default()
            .into_iter()
            .map(Division)
            .collect())
    }

    /// The decision body for this township's list today: the zone that administers it, else the county, else the
    /// prefecture (清单审定主体). Null for other levels and where none is registered in the caller's province.
    async fn list_authority(&self, context: &Context<'_>) -> Reply<Option<OrgUnit>> {
        if self.0.level != DivisionLevel::Township || ctx(context).member().is_none() {
            return Ok(None);
        }
        Ok(loader::one::<ListAuthorityOf>(context, self.0.id).await?.map(OrgUnit::of))
    }
}

/// The divisions above one, nearest first.
async fn above(context: &Context<'_>, id: DivisionId) -> Reply<Vec<Division>> {
    Ok(loader::one::<AncestorsOf>(context, id).await?.unwrap_or_default().into_iter().map(Division).collect())
}

/// A page of divisions.
pub(super) async fn page(context: &Context<'_>, filter: &DivisionFilter, args: PageArgs) -> Reply<DivisionConnection> {
    let ctx = ctx(context);
    let select = store::select_divisions(filter);
    let page = store::division_page(ctx.db().read(), select.clone(), &args).await?;
    Ok(DivisionConnection::new(page.map(|facts| Division(Arc::new(facts))), Total::count(select)))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn division() -> Division {
        let day = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
        Division(Arc::new(rules::Division {
            id: Uuid::nil().into(),
            code: "320102".into(),
            name: "玄武区".into(),
            level: DivisionLevel::County,
            kind: DivisionKind::Province,
            parent: None,
            path: "320000".into(),
            valid_from: day,
            valid_to: None,
        }))
    }

    crate::answered_alike!(a_division, Division, division(), "name id code level kind validFrom");
}
