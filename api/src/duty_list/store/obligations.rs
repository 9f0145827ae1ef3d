//! What organisations owe: the rows of lists that name them.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, FromQueryResult, JoinType, QueryResult,
    sea_query::{Cond, Expr, ExprTrait, Func, SelectStatement},
};

use super::items::{self, Revision, RevisionRow};
use crate::{
    duty_list::rules::{
        AsOf,
        content::{DepartmentRole, DutyCategory},
        findings::Counts,
    },
    kernel::{
        fault::Outcome,
        ids::{DivisionId, DomainId, DutyListId, OrgUnitId},
        paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
        scope::{self, Scope},
        value::stored,
    },
};

/// A select of items that name an organisation, to be counted later.
pub type Select = SelectStatement;

/// An item that names an organisation.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// The item as it reads.
    pub revision: Arc<Revision>,
    /// The organisation.
    pub org: OrgUnitId,
    /// As what it is named.
    pub role: DepartmentRole,
}

struct ObligationRow(Obligation);

impl FromQueryResult for ObligationRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        let revision = Arc::new(RevisionRow::from_query_result(row, prefix)?.0);
        let role: String = row.try_get("", "department_role")?;
        let org: uuid::Uuid = row.try_get("", "department_id")?;
        let role = stored(&role).map_err(|fault| sea_orm::DbErr::Type(format!("{fault:?}")))?;
        Ok(Self(Obligation { revision, org: org.into(), role }))
    }
}

/// Which obligations a list shows.
#[derive(Clone, Debug, Default)]
pub struct ObligationFilter {
    /// In these categories.
    pub categories: Vec<DutyCategory>,
    /// In these roles.
    pub roles: Vec<DepartmentRole>,
    /// In these townships.
    pub townships: Vec<DivisionId>,
    /// In these territories.
    pub within: Option<Vec<String>>,
    /// Of this domain class.
    pub domain: Option<DomainId>,
    /// With these words.
    pub text: Option<String>,
    /// That began or ended after this moment.
    pub changed_since: Option<DateTime<Utc>>,
}

/// In which order obligations come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObligationOrder {
    /// By township, then by place in the list.
    Township,
    /// By category, then by name, so that the same matter of several townships stands together.
    Name,
    /// Newest first.
    Newest,
}

/// The select of what an organisation owes at a time.
#[must_use]
pub fn select(
    db: &impl ConnectionTrait,
    scope: &Scope,
    org: OrgUnitId,
    at: AsOf,
    filter: &ObligationFilter,
) -> Option<SelectStatement> {
    let mut select = items::select();
    select
        .join_as(JoinType::InnerJoin, "item_department", "d", Expr::col(("d", "revision_id")).equals(("r", "id")))
        .cond_where(scope.province(("r", "province_id")))
        .cond_where(Expr::col(("d", "org_unit_id")).eq(org.0));
    match filter.changed_since {
        None => select.cond_where(items::in_force(at)),
        Some(since) => {
            // What began since, and what ended since and was not followed by another wording of the same item.
            let column = |name: &'static str| Expr::col(("r", name));
            let began = Cond::all().add(items::in_force(at)).add(column("effective_from").gt(since));
            let ended = Cond::all()
                .add(column("effective_from").lte(since))
                .add(column("recorded_from").lte(at.known))
                .add(column("effective_to").gt(since))
                .add(column("effective_to").lte(at.effective))
                .add(column("recorded_to").lte(at.known))
                .add(Expr::exists(successor(at)).not());
            select.cond_where(Cond::any().add(began).add(ended))
        }
    };
    if !filter.categories.is_empty() {
        select.cond_where(Expr::col(("r", "category")).is_in(filter.categories.iter().copied()));
    }
    if !filter.roles.is_empty() {
        select.cond_where(Expr::col(("d", "role")).is_in(filter.roles.iter().copied()));
    }
    if !filter.townships.is_empty() {
        select.cond_where(Expr::col(("l", "division_id")).is_in(filter.townships.iter().map(|id| id.0)));
    }
    if let Some(roots) = &filter.within {
        select.cond_where(scope::inside_any("l", roots));
    }
    if let Some(domain) = filter.domain {
        select.cond_where(Expr::col(("r", "domain_id")).eq(domain.0));
    }
    if let Some(text) = &filter.text {
        select.cond_where(super::search::having_words(db, text)?);
    }
    Some(select)
}

/// Another wording of the same item in force that names the same organisation.
fn successor(at: AsOf) -> SelectStatement {
    let column = |name: &'static str| Expr::col(("n", name));
    sea_orm::sea_query::Query::select()
        .expr(Expr::val(1))
        .from_as("item_revision", "n")
        .join_as(JoinType::InnerJoin, "item_department", "nd", Expr::col(("nd", "revision_id")).equals(("n", "id")))
        .and_where(column("item_id").equals(("r", "item_id")))
        .and_where(Expr::col(("nd", "org_unit_id")).equals(("d", "org_unit_id")))
        .and_where(column("effective_from").lte(at.effective))
        .and_where(column("recorded_from").lte(at.known))
        .cond_where(Cond::any().add(column("effective_to").is_null()).add(column("effective_to").gt(at.effective)))
        .to_owned()
}

fn order(order: ObligationOrder) -> Keyset {
    let township = || Key::asc(Expr::col(("l", "path")), KeyKind::Text);
    let category = || Key::asc(Expr::col(("r", "category")), KeyKind::Text);
    let ordinal = || Key::asc(Expr::col(("r", "ordinal")), KeyKind::Int);
    let name = || Key::asc(Expr::col(("w", "name")), KeyKind::Text);
    let id = || Key::asc(Expr::col(("r", "id")), KeyKind::Id);
    match order {
        ObligationOrder::Township => Keyset::new("obligations-township", vec![township(), category(), ordinal(), id()]),
        ObligationOrder::Name => Keyset::new("obligations-name", vec![category(), name(), township(), id()]),
        ObligationOrder::Newest => Keyset::new(
            "obligations-newest",
            vec![
                Key::desc(Expr::col(("r", "effective_from")), KeyKind::Time),
                Key::desc(Expr::col(("r", "id")), KeyKind::Id),
            ],
        ),
    }
}

/// A page of obligations, as they were known then.
pub async fn page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    by: ObligationOrder,
    at: AsOf,
    page: &PageArgs,
) -> Outcome<Page<Obligation>> {
    let mut chosen = items::ids_of(select);
    chosen
        .expr_as(Expr::col(("d", "role")), "department_role")
        .expr_as(Expr::col(("d", "org_unit_id")), "department_id");
    let around = |chosen| {
        let mut wide = items::around(chosen);
        wide.column(("page", "department_role")).column(("page", "department_id"));
        wide
    };
    let page = paging::fetch_around::<ObligationRow>(db, chosen, &order(by), page, around).await?;
    Ok(page.map(|ObligationRow(row)| Obligation {
        revision: Arc::unwrap_or_clone(row.revision).as_known(at.known).into(),
        ..row
    }))
}

/// How many obligations a select has by category.
pub async fn totals(db: &impl ConnectionTrait, mut select: SelectStatement) -> Outcome<Counts> {
    select
        .clear_selects()
        .clear_order_by()
        .expr_as(Expr::col(("r", "category")), "category")
        .expr_as(Func::count(Expr::val(1)), "total")
        .group_by_col(("r", "category"));
    let mut counts = Counts::default();
    for row in db.query_all(&select).await? {
        let total = i32::try_from(row.try_get::<i64>("", "total")?).unwrap_or(i32::MAX);
        match stored(&row.try_get::<String>("", "category")?)? {
            DutyCategory::Basic => counts.basic = total,
            DutyCategory::Cooperative => counts.cooperative = total,
            DutyCategory::Reclaimed => counts.reclaimed = total,
        }
    }
    Ok(counts)
}

/// What departments owe the townships of lists: per list, organisation and role, how many items.
pub async fn owed(
    db: &impl ConnectionTrait,
    lists: &[DutyListId],
    at: AsOf,
) -> Outcome<HashMap<DutyListId, Vec<(OrgUnitId, DepartmentRole, i32)>>> {
    let select = sea_orm::sea_query::Query::select()
        .expr_as(Expr::col(("r", "list_id")), "list_id")
        .expr_as(Expr::col(("d", "org_unit_id")), "org_id")
        .expr_as(Expr::col(("d", "role")), "role")
        .expr_as(Func::count(Expr::val(1)), "total")
        .from_as("item_revision", "r")
        .join_as(JoinType::InnerJoin, "item_department", "d", Expr::col(("d", "revision_id")).equals(("r", "id")))
        .and_where(Expr::col(("r", "list_id")).is_in(lists.iter().map(|id| id.0)))
        .cond_where(items::in_force(at))
        .group_by_col(("r", "list_id"))
        .group_by_col(("d", "org_unit_id"))
        .group_by_col(("d", "role"))
        .order_by(("r", "list_id"), sea_orm::Order::Asc)
        .order_by_expr(Func::count(Expr::val(1)).into(), sea_orm::Order::Desc)
        .order_by(("d", "org_unit_id"), sea_orm::Order::Asc)
        .order_by(("d", "role"), sea_orm::Order::Asc)
        .to_owned();
    let mut map: HashMap<DutyListId, Vec<(OrgUnitId, DepartmentRole, i32)>> = HashMap::new();
    for row in db.query_all(&select).await? {
        let list: uuid::Uuid = row.try_get("", "list_id")?;
        let org: uuid::Uuid = row.try_get("", "org_id")?;
        let role = stored(&row.try_get::<String>("", "role")?)?;
        let total = i32::try_from(row.try_get::<i64>("", "total")?).unwrap_or(i32::MAX);
        map.entry(list.into()).or_default().push((org.into(), role, total));
    }
    Ok(map)
}
