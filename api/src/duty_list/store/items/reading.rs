//! Revisions as questions find them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    sea_query::{Alias, Asterisk, Cond, Expr, ExprTrait, Func, Order, Query, SelectStatement, WindowStatement},
};
use yidan_entity::item_department;

use super::{Revision, RevisionRow, columns, in_force, in_list_order, of_kind, select, texts};
use crate::{
    duty_list::rules::{
        AsOf,
        content::{Content, DepartmentRole, DutyCategory},
    },
    kernel::{
        fault::Outcome,
        ids::{DomainId, DutyItemId, DutyListId, OrgUnitId, RevisionId, VersionId},
        paging::{self, Keyset, Page, PageArgs},
        scope::Scope,
        value::stored,
    },
};

/// The wording an unpublished version gives an item.
pub async fn drafted(db: &impl ConnectionTrait, version: VersionId, item: DutyItemId) -> Outcome<Option<Revision>> {
    let mut select = select();
    select
        .cond_where(Expr::col(("r", "introduced_version_id")).eq(version.0))
        .cond_where(Expr::col(("r", "item_id")).eq(item.0));
    Ok(all(db, select).await?.into_iter().next())
}

/// A page of revisions in a given order, as they were known at a moment; as they are known now if none is given.
pub async fn page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    order: &Keyset,
    page: &PageArgs,
    known: Option<DateTime<Utc>>,
) -> Outcome<Page<Revision>> {
    let page = paging::fetch_around::<RevisionRow>(db, ids_of(select), order, page, around).await?;
    Ok(page.map(|RevisionRow(row)| match known {
        Some(known) => row.as_known(known),
        None => row,
    }))
}

/// The same rows with nothing but their ids: what a page is chosen from.
#[must_use]
pub fn ids_of(mut select: SelectStatement) -> SelectStatement {
    select.clear_selects().column(("r", "id"));
    select
}

/// The revisions, with their texts, that a select called `page` names by id.
#[must_use]
pub fn around(chosen: SelectStatement) -> SelectStatement {
    let mut wide = select();
    wide.join_subquery(JoinType::InnerJoin, chosen, "page", Expr::col(("page", "id")).equals(("r", "id")));
    wide
}

/// All revisions of a select, in the order of lists.
pub async fn all(db: &impl ConnectionTrait, mut select: SelectStatement) -> Outcome<Vec<Revision>> {
    in_list_order(&mut select);
    let rows = db.query_all(&select).await?;
    Ok(rows.iter().map(|row| RevisionRow::from_query_result(row, "").map(|row| row.0)).collect::<Result<_, _>>()?)
}

/// The first so many revisions in force of each of many lists, in one query; one more than asked for tells that there
/// are more.
pub async fn heads(
    db: &impl ConnectionTrait,
    lists: &[DutyListId],
    at: AsOf,
    category: Option<DutyCategory>,
    domain: Option<DomainId>,
    limit: usize,
) -> Outcome<HashMap<DutyListId, Vec<Revision>>> {
    let wanted = in_force(at).add(of_kind(category, domain));
    let mut select = match db.get_database_backend() {
        DbBackend::Sqlite => ranked(lists, wanted, limit),
        _ => lateral(lists, wanted, limit),
    };
    select.order_by(("r", "list_id"), Order::Asc);
    in_list_order(&mut select);
    let mut map: HashMap<DutyListId, Vec<Revision>> = HashMap::new();
    for row in db.query_all(&select).await? {
        let revision = RevisionRow::from_query_result(&row, "")?.0.as_known(at.known);
        map.entry(revision.list).or_default().push(revision);
    }
    Ok(map)
}

/// Of each list so many from the beginning of its index: what comes after is not even looked at.
fn lateral(lists: &[DutyListId], wanted: Cond, limit: usize) -> SelectStatement {
    let mut first = Query::select()
        .column(("r", Asterisk))
        .from_as("item_revision", "r")
        .and_where(Expr::col(("r", "list_id")).equals(("l", "id")))
        .cond_where(wanted)
        .limit(limit as u64)
        .to_owned();
    in_list_order(&mut first);
    let mut select = Query::select();
    columns(&mut select);
    select.from_as("duty_list", "l").join_lateral(JoinType::InnerJoin, first, "r", Expr::val(true));
    texts(&mut select);
    select.and_where(Expr::col(("l", "id")).is_in(lists.iter().map(|id| id.0)));
    select
}

/// The same by numbering the rows of each list, for a database without lateral joins.
fn ranked(lists: &[DutyListId], wanted: Cond, limit: usize) -> SelectStatement {
    let window = WindowStatement::partition_by(("r", "list_id"))
        .order_by(("r", "category"), Order::Asc)
        .order_by(("r", "ordinal"), Order::Asc)
        .order_by(("r", "id"), Order::Asc)
        .to_owned();
    let numbered = Query::select()
        .column(("r", "id"))
        .expr_window_as(Func::cust("ROW_NUMBER"), window, Alias::new("place"))
        .from_as("item_revision", "r")
        .and_where(Expr::col(("r", "list_id")).is_in(lists.iter().map(|id| id.0)))
        .cond_where(wanted)
        .to_owned();
    let first = Query::select()
        .column("id")
        .from_subquery(numbered, "numbered")
        .and_where(Expr::col("place").lte(i64::try_from(limit).unwrap_or(i64::MAX)))
        .to_owned();
    let mut select = select();
    select.and_where(Expr::col(("r", "id")).in_subquery(first));
    select
}

/// Revisions by id that the caller may see: published ones of the scope's province or, for
/// who reads, of all; others with their version.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[RevisionId],
) -> Outcome<HashMap<RevisionId, Revision>> {
    let mut select = select();
    select
        .cond_where(Expr::col(("r", "id")).is_in(ids.iter().map(|id| id.0)))
        .cond_where(scope.published(("r", "province_id")))
        .cond_where(visible(scope));
    Ok(all(db, select).await?.into_iter().map(|revision| (revision.id, revision)).collect())
}

/// Published revisions are public; others are seen by who sees their version.
#[must_use]
pub fn visible(scope: &Scope) -> Cond {
    let versions = Query::select()
        .column(("proceeding", "id"))
        .from("proceeding")
        .and_where(Expr::col(("proceeding", "id")).equals(("r", "introduced_version_id")))
        .cond_where(scope.proceedings("proceeding"))
        .to_owned();
    Cond::any().add(Expr::col(("r", "effective_from")).is_not_null()).add(Expr::exists(versions))
}

/// Revisions of items in force at a time, as they were known then.
pub async fn current(
    db: &impl ConnectionTrait,
    scope: &Scope,
    items: &[DutyItemId],
    at: AsOf,
) -> Outcome<HashMap<DutyItemId, Revision>> {
    let mut select = select();
    select
        .cond_where(Expr::col(("r", "item_id")).is_in(items.iter().map(|id| id.0)))
        .cond_where(scope.published(("r", "province_id")))
        .cond_where(in_force(at));
    let found = all(db, select).await?.into_iter();
    Ok(found.map(|revision| (revision.item, revision.as_known(at.known))).collect())
}

/// Published revisions of an item, oldest first.
pub async fn history(db: &impl ConnectionTrait, item: DutyItemId) -> Outcome<Vec<Revision>> {
    let mut select = select();
    select
        .cond_where(Expr::col(("r", "item_id")).eq(item.0))
        .cond_where(Expr::col(("r", "effective_from")).is_not_null());
    let mut found = all(db, select).await?;
    found.sort_by_key(|revision| revision.introduced_no);
    Ok(found)
}

/// Organisations named by revisions, in their order.
pub async fn departments(
    db: &impl ConnectionTrait,
    revisions: &[RevisionId],
) -> Outcome<HashMap<RevisionId, Vec<(OrgUnitId, DepartmentRole)>>> {
    let rows = item_department::Entity::find()
        .filter(item_department::Column::RevisionId.is_in(revisions.iter().map(|id| id.0)))
        .order_by_asc(item_department::Column::RevisionId)
        .order_by_asc(item_department::Column::Ordinal)
        .all(db)
        .await?;
    let mut map: HashMap<RevisionId, Vec<(OrgUnitId, DepartmentRole)>> = HashMap::new();
    for row in rows {
        map.entry(row.revision_id.into()).or_default().push((row.org_unit_id.into(), stored(&row.role)?));
    }
    Ok(map)
}

/// Revisions with everything they say.
pub async fn with_contents(db: &impl ConnectionTrait, revisions: Vec<Revision>) -> Outcome<Vec<(Revision, Content)>> {
    let ids: Vec<RevisionId> = revisions.iter().map(|revision| revision.id).collect();
    let mut named = departments(db, &ids).await?;
    Ok(revisions
        .into_iter()
        .map(|revision| {
            let content = revision.content(named.remove(&revision.id).unwrap_or_default());
            (revision, content)
        })
        .collect())
}
