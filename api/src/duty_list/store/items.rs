//! Items, their revisions and the organisations they name.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, JsonValue, QueryFilter, QueryOrder,
    QueryResult,
    sea_query::{
        Alias, Asterisk, Cond, Expr, ExprTrait, Func, OnConflict, Order, Query, SelectStatement, WindowStatement,
    },
};
use uuid::Uuid;
use yidan_entity::{duty_item, internal_office, item_allocation, item_department, item_lineage, item_revision};

use crate::{
    duty_list::rules::{
        AsOf, Period,
        content::{Content, DepartmentRole, DutyCategory, ItemSource, ReclaimMethod, Wording},
    },
    kernel::{
        fault::{Fault, Outcome},
        ids::{
            DivisionId, DomainId, DutyItemId, DutyListId, OfficeId, OrgUnitId, ProvinceId, RevisionId, TemplateId,
            VersionId,
        },
        paging::{self, Key, KeyKind, KeyValue, Keyset, Page, PageArgs},
        policy::{Act, Permit, act},
        runner::Tx,
        scope::Scope,
        value::stored,
    },
};

/// A revision of an item with its texts and where it stands.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Id.
    pub id: RevisionId,
    /// Province.
    pub province: ProvinceId,
    /// The item.
    pub item: DutyItemId,
    /// The item's code.
    pub code: String,
    /// The model item it came from.
    pub template: Option<TemplateId>,
    /// The list.
    pub list: DutyListId,
    /// Township of the list.
    pub township: DivisionId,
    /// Category.
    pub category: DutyCategory,
    /// Domain class.
    pub domain: DomainId,
    /// Texts.
    pub wording: Wording,
    /// Number in its category.
    pub ordinal: i32,
    /// Whether a penalty power comes with it.
    pub penalty_power: bool,
    /// What became of a reclaimed item.
    pub reclaim_method: Option<ReclaimMethod>,
    /// Where it comes from.
    pub source: ItemSource,
    /// Tags.
    pub tags: Vec<String>,
    /// The version that brought it.
    pub introduced_in: VersionId,
    /// The number of that version.
    pub introduced_no: i32,
    /// The version that ended it.
    pub retired_in: Option<VersionId>,
    /// When it is or was in force.
    pub period: Period,
    /// Whether it replaced an earlier wording of the item.
    pub replaces: bool,
}

impl Revision {
    /// The values of the keys of [`list_order`].
    #[must_use]
    pub fn list_key(&self) -> Vec<KeyValue> {
        let rank = match self.category {
            DutyCategory::Basic => 0,
            DutyCategory::Cooperative => 1,
            DutyCategory::Reclaimed => 2,
        };
        vec![KeyValue::Int(rank), KeyValue::Int(self.ordinal.into()), KeyValue::Id(self.id.0)]
    }

    /// What it says, with the organisations it names.
    #[must_use]
    pub fn content(&self, departments: Vec<(OrgUnitId, DepartmentRole)>) -> Content {
        Content {
            category: self.category,
            domain: self.domain,
            wording: self.wording.clone(),
            departments,
            reclaim_method: self.reclaim_method,
            penalty_power: self.penalty_power,
            source: self.source,
            tags: self.tags.clone(),
        }
    }
}

/// A revision as a row; its columns are those of [`select`].
#[derive(Clone, Debug)]
pub struct RevisionRow(pub Revision);

fn wrong(fault: Fault) -> sea_orm::DbErr {
    sea_orm::DbErr::Type(format!("{fault:?}"))
}

impl FromQueryResult for RevisionRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, sea_orm::DbErr> {
        let id = |column: &str| row.try_get::<Uuid>("", column);
        let text = |column: &str| row.try_get::<String>("", column);
        let json = |column: &str| row.try_get::<JsonValue>("", column);
        let time = |column: &str| row.try_get::<Option<DateTime<Utc>>>("", column);
        let list = |column: &str| -> Result<Vec<String>, sea_orm::DbErr> {
            serde_json::from_value(json(column)?).map_err(|error| wrong(error.into()))
        };
        let reclaim: Option<String> = row.try_get("", "reclaim_method")?;
        Ok(Self(Revision {
            id: id("id")?.into(),
            province: id("province_id")?.into(),
            item: id("item_id")?.into(),
            code: text("code")?,
            template: row.try_get::<Option<Uuid>>("", "template_id")?.map(Into::into),
            list: id("list_id")?.into(),
            township: id("division_id")?.into(),
            category: stored(&text("category")?).map_err(wrong)?,
            domain: id("domain_id")?.into(),
            wording: Wording {
                name: text("name")?,
                superior: list("superior_clauses")?,
                township: list("township_clauses")?,
                method: row.try_get("", "method")?,
                bases: serde_json::from_value(json("bases")?).map_err(|error| wrong(error.into()))?,
            },
            ordinal: row.try_get("", "ordinal")?,
            penalty_power: row.try_get("", "penalty_power")?,
            reclaim_method: reclaim.as_deref().map(stored).transpose().map_err(wrong)?,
            source: stored(&text("source")?).map_err(wrong)?,
            tags: list("tags")?,
            introduced_in: id("introduced_version_id")?.into(),
            introduced_no: row.try_get("", "introduced_no")?,
            retired_in: row.try_get::<Option<Uuid>>("", "retired_version_id")?.map(Into::into),
            replaces: row.try_get("", "replaces")?,
            period: Period {
                effective_from: time("effective_from")?,
                effective_to: time("effective_to")?,
                recorded_from: time("recorded_from")?,
                recorded_to: time("recorded_to")?,
            },
        }))
    }
}

/// The select of revisions with texts: `r` the revision, `w` the wording, `i` the item, `l` the list.
#[must_use]
pub fn select() -> SelectStatement {
    let mut select = Query::select();
    for column in [
        "id",
        "province_id",
        "item_id",
        "list_id",
        "category",
        "domain_id",
        "ordinal",
        "penalty_power",
        "reclaim_method",
        "source",
        "tags",
        "introduced_version_id",
        "introduced_no",
        "retired_version_id",
        "effective_from",
        "effective_to",
        "recorded_from",
        "recorded_to",
    ] {
        select.column(("r", column));
    }
    for column in ["name", "superior_clauses", "township_clauses", "method", "bases"] {
        select.column(("w", column));
    }
    select.column(("i", "code")).column(("i", "template_id")).column(("l", "division_id"));
    let earlier = Query::select()
        .expr(Expr::val(1))
        .from_as("item_revision", "e")
        .and_where(Expr::col(("e", "item_id")).equals(("r", "item_id")))
        .and_where(Expr::col(("e", "introduced_no")).lt(Expr::col(("r", "introduced_no"))))
        .to_owned();
    select.expr_as(Expr::exists(earlier), "replaces");
    select
        .from_as("item_revision", "r")
        .join_as(JoinType::InnerJoin, "wording", "w", Expr::col(("w", "id")).equals(("r", "wording_id")))
        .join_as(JoinType::InnerJoin, "duty_item", "i", Expr::col(("i", "id")).equals(("r", "item_id")))
        .join_as(JoinType::InnerJoin, "duty_list", "l", Expr::col(("l", "id")).equals(("r", "list_id")));
    select
}

/// Revisions in force at a time, as known at a time; the same as `Period::holds`.
#[must_use]
pub fn in_force(at: AsOf) -> Cond {
    let column = |name: &'static str| Expr::col(("r", name));
    Cond::all().add(column("effective_from").lte(at.effective)).add(column("recorded_from").lte(at.known)).add(
        Cond::any()
            .add(column("effective_to").is_null())
            .add(column("effective_to").gt(at.effective))
            .add(column("recorded_to").gt(at.known)),
    )
}

/// What a version consists of: `no` for a published one, its own and the untouched revisions for one that is not.
#[must_use]
pub fn of_version(list: DutyListId, version: VersionId, no: i32, published: bool) -> Cond {
    let column = |name: &'static str| Expr::col(("r", name));
    let mine = Cond::all().add(column("list_id").eq(list.0));
    if published {
        return mine
            .add(column("effective_from").is_not_null())
            .add(column("introduced_no").lte(no))
            .add(Cond::any().add(column("retired_no").is_null()).add(column("retired_no").gt(no)));
    }
    let replaced = Query::select()
        .column(("c", "old_revision_id"))
        .from_as("version_change", "c")
        .and_where(Expr::col(("c", "version_id")).eq(version.0))
        .and_where(Expr::col(("c", "old_revision_id")).is_not_null())
        .to_owned();
    mine.add(
        Cond::any().add(column("introduced_version_id").eq(version.0)).add(
            Cond::all()
                .add(column("effective_from").is_not_null())
                .add(column("introduced_no").lt(no))
                .add(column("retired_no").is_null())
                .add(column("id").not_in_subquery(replaced)),
        ),
    )
}

/// The select of what a version consists of.
#[must_use]
pub fn select_version(version: &super::versions::Version, category: Option<DutyCategory>) -> SelectStatement {
    let mut select = select();
    select.cond_where(of_version(version.list, version.id, version.no, version.is_published()));
    if let Some(category) = category {
        select.cond_where(Expr::col(("r", "category")).eq(category.code()));
    }
    select
}

/// The order of a list: category by category, by number.
#[must_use]
pub fn list_order() -> Keyset {
    Keyset::new(
        "items",
        vec![
            Key::asc(category_rank(), KeyKind::Int),
            Key::asc(Expr::col(("r", "ordinal")), KeyKind::Int),
            Key::asc(Expr::col(("r", "id")), KeyKind::Id),
        ],
    )
}

/// Basic, cooperative, reclaimed: the alphabetical order of the stored words is the order of the sheets.
fn category_rank() -> Expr {
    let rank = |category: DutyCategory| Expr::col(("r", "category")).eq(category.code());
    Expr::case(rank(DutyCategory::Basic), 0).case(rank(DutyCategory::Cooperative), 1).finally(2).into()
}

/// A page of revisions in a given order.
pub async fn page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    order: &Keyset,
    page: &PageArgs,
) -> Outcome<Page<Revision>> {
    Ok(paging::fetch::<RevisionRow>(db, select, order, page).await?.map(|row| row.0))
}

/// All revisions of a select, in the order of lists.
pub async fn all(db: &impl ConnectionTrait, mut select: SelectStatement) -> Outcome<Vec<Revision>> {
    select
        .order_by_expr(category_rank(), Order::Asc)
        .order_by(("r", "ordinal"), Order::Asc)
        .order_by(("r", "id"), Order::Asc);
    let rows = db.query_all(&select).await?;
    Ok(rows.iter().map(|row| RevisionRow::from_query_result(row, "").map(|row| row.0)).collect::<Result<_, _>>()?)
}

/// The first so many revisions of each of many lists, in one query; one more than asked for tells that there are more.
pub async fn heads(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    limit: usize,
) -> Outcome<HashMap<DutyListId, Vec<Revision>>> {
    let mut ranked = select;
    let window = WindowStatement::partition_by(("r", "list_id"))
        .order_by_expr(category_rank(), Order::Asc)
        .order_by(("r", "ordinal"), Order::Asc)
        .order_by(("r", "id"), Order::Asc)
        .to_owned();
    ranked.expr_window_as(Func::cust("ROW_NUMBER"), window, Alias::new("place"));
    let outer = Query::select()
        .column(Asterisk)
        .from_subquery(ranked, "ranked")
        .and_where(Expr::col("place").lte(i64::try_from(limit).unwrap_or(i64::MAX)))
        .order_by("list_id", Order::Asc)
        .order_by("place", Order::Asc)
        .to_owned();
    let mut map: HashMap<DutyListId, Vec<Revision>> = HashMap::new();
    for row in db.query_all(&outer).await? {
        let revision = RevisionRow::from_query_result(&row, "")?.0;
        map.entry(revision.list).or_default().push(revision);
    }
    Ok(map)
}

/// Revisions by id that the caller may see: published ones of the scope's province, others with their version.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[RevisionId],
) -> Outcome<HashMap<RevisionId, Revision>> {
    let mut select = select();
    select
        .cond_where(Expr::col(("r", "id")).is_in(ids.iter().map(|id| id.0)))
        .cond_where(scope.province(("r", "province_id")))
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

/// Revisions of items in force at a time.
pub async fn current(
    db: &impl ConnectionTrait,
    scope: &Scope,
    items: &[DutyItemId],
    at: AsOf,
) -> Outcome<HashMap<DutyItemId, Revision>> {
    let mut select = select();
    select
        .cond_where(Expr::col(("r", "item_id")).is_in(items.iter().map(|id| id.0)))
        .cond_where(scope.province(("r", "province_id")))
        .cond_where(in_force(at));
    Ok(all(db, select).await?.into_iter().map(|revision| (revision.item, revision)).collect())
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

// ---- identities

/// An item's identity.
#[derive(Clone, Debug)]
pub struct Item {
    /// Id.
    pub id: DutyItemId,
    /// Province.
    pub province: ProvinceId,
    /// The list.
    pub list: DutyListId,
    /// Code.
    pub code: String,
    /// The model item it came from.
    pub template: Option<TemplateId>,
}

impl From<duty_item::Model> for Item {
    fn from(row: duty_item::Model) -> Self {
        Self {
            id: row.id.into(),
            province: row.province_id.into(),
            list: row.list_id.into(),
            code: row.code,
            template: row.template_id.map(Into::into),
        }
    }
}

/// Items by id, within the scope's province, of which the caller may see a revision.
pub async fn items(db: &impl ConnectionTrait, scope: &Scope, ids: &[DutyItemId]) -> Outcome<HashMap<DutyItemId, Item>> {
    let seen = Query::select()
        .expr(Expr::val(1))
        .from_as("item_revision", "r")
        .and_where(Expr::col(("r", "item_id")).equals(("duty_item", "id")))
        .cond_where(visible(scope))
        .to_owned();
    let rows = duty_item::Entity::find()
        .filter(scope.province(duty_item::Column::ProvinceId))
        .filter(duty_item::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .filter(Expr::exists(seen))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}

/// Lineage of items: what they came from, or what came from them.
pub async fn lineage(
    db: &impl ConnectionTrait,
    items: &[DutyItemId],
    forward: bool,
) -> Outcome<HashMap<DutyItemId, Vec<DutyItemId>>> {
    use item_lineage::Column::{FromItemId, ItemId};
    let key = if forward { FromItemId } else { ItemId };
    let rows = item_lineage::Entity::find()
        .filter(key.is_in(items.iter().map(|id| id.0)))
        .order_by_asc(ItemId)
        .order_by_asc(FromItemId)
        .all(db)
        .await?;
    let mut map: HashMap<DutyItemId, Vec<DutyItemId>> = HashMap::new();
    for row in rows {
        let (from, to) = if forward { (row.from_item_id, row.item_id) } else { (row.item_id, row.from_item_id) };
        map.entry(from.into()).or_default().push(to.into());
    }
    Ok(map)
}

/// The next free code of a category in a list.
pub async fn next_code(db: &impl ConnectionTrait, list: DutyListId, category: DutyCategory) -> Outcome<String> {
    let prefix = format!("{}-", category.code_prefix());
    let codes: Vec<String> = duty_item::Entity::find()
        .filter(duty_item::Column::ListId.eq(list.0))
        .filter(duty_item::Column::Code.starts_with(&prefix))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.code)
        .collect();
    let last = codes.iter().filter_map(|code| code.strip_prefix(&prefix)?.parse::<u32>().ok()).max().unwrap_or(0);
    Ok(format!("{prefix}{:03}", last + 1))
}

/// A new revision to write.
pub struct NewRevision<'a> {
    /// Its item.
    pub item: DutyItemId,
    /// Its list.
    pub list: DutyListId,
    /// Number in its category.
    pub ordinal: i32,
    /// What it says.
    pub content: &'a Content,
    /// The version that brings it.
    pub version: VersionId,
    /// The number of that version.
    pub version_no: i32,
}

/// Writes a new item's identity.
pub async fn insert_item<A: Act>(tx: &Tx, _: &Permit<A>, new: &Item, derived_from: &[DutyItemId]) -> Outcome<()> {
    let row = duty_item::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        list_id: Set(new.list.0),
        code: Set(new.code.clone()),
        template_id: Set(new.template.map(|id| id.0)),
        created_at: Set(tx.now()),
    };
    row.insert(tx.db()).await?;
    for source in derived_from {
        let row = item_lineage::ActiveModel { item_id: Set(new.id.0), from_item_id: Set(source.0) };
        row.insert(tx.db()).await?;
    }
    Ok(())
}

/// Writes a new revision with the organisations it names; answers its id.
pub async fn insert_revision<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    province: ProvinceId,
    new: NewRevision<'_>,
) -> Outcome<RevisionId> {
    let wording = super::wordings::keep(tx, permit, province, &new.content.wording).await?;
    let id = RevisionId::new();
    let content = new.content;
    let row = item_revision::ActiveModel {
        id: Set(id.0),
        province_id: Set(province.0),
        item_id: Set(new.item.0),
        list_id: Set(new.list.0),
        category: Set(content.category.code().to_owned()),
        domain_id: Set(content.domain.0),
        wording_id: Set(wording.0),
        ordinal: Set(new.ordinal),
        penalty_power: Set(content.penalty_power),
        reclaim_method: Set(content.reclaim_method.map(|method| method.code().to_owned())),
        source: Set(content.source.code().to_owned()),
        tags: Set(serde_json::to_value(&content.tags)?),
        introduced_version_id: Set(new.version.0),
        introduced_no: Set(new.version_no),
        retired_version_id: Set(None),
        retired_no: Set(None),
        effective_from: Set(None),
        effective_to: Set(None),
        recorded_from: Set(None),
        recorded_to: Set(None),
    };
    row.insert(tx.db()).await?;
    let rows: Vec<_> = (0..)
        .zip(&content.departments)
        .map(|(ordinal, (org, role))| item_department::ActiveModel {
            revision_id: Set(id.0),
            org_unit_id: Set(org.0),
            province_id: Set(province.0),
            role: Set(role.code().to_owned()),
            ordinal: Set(ordinal),
        })
        .collect();
    if !rows.is_empty() {
        item_department::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(id)
}

/// Removes a revision that was never published; and the item's identity if no other revision is left.
pub async fn remove_draft<A: Act>(
    tx: &Tx,
    _: &Permit<A>,
    revision: RevisionId,
    item: Option<DutyItemId>,
) -> Outcome<()> {
    item_department::Entity::delete_many()
        .filter(item_department::Column::RevisionId.eq(revision.0))
        .exec(tx.db())
        .await?;
    item_revision::Entity::delete_many()
        .filter(item_revision::Column::Id.eq(revision.0))
        .filter(item_revision::Column::EffectiveFrom.is_null())
        .exec(tx.db())
        .await?;
    if let Some(item) = item {
        item_lineage::Entity::delete_many().filter(item_lineage::Column::ItemId.eq(item.0)).exec(tx.db()).await?;
        duty_item::Entity::delete_many().filter(duty_item::Column::Id.eq(item.0)).exec(tx.db()).await?;
    }
    Ok(())
}

/// The largest number in a category of a draft or of what is in force.
pub async fn last_ordinal(db: &impl ConnectionTrait, list: DutyListId, category: DutyCategory) -> Outcome<i32> {
    let row = item_revision::Entity::find()
        .filter(item_revision::Column::ListId.eq(list.0))
        .filter(item_revision::Column::Category.eq(category))
        .filter(item_revision::Column::RetiredNo.is_null())
        .order_by_desc(item_revision::Column::Ordinal)
        .one(db)
        .await?;
    Ok(row.map_or(0, |row| row.ordinal))
}

// ---- allocation to internal offices

/// Offices that handle items now: lead first.
pub async fn allocations(
    db: &impl ConnectionTrait,
    items: &[DutyItemId],
) -> Outcome<HashMap<DutyItemId, Vec<(OfficeId, bool)>>> {
    let rows = item_allocation::Entity::find()
        .filter(item_allocation::Column::ItemId.is_in(items.iter().map(|id| id.0)))
        .filter(item_allocation::Column::ToAt.is_null())
        .filter(item_allocation::Column::OfficeId.in_subquery(open_offices()))
        .order_by_desc(item_allocation::Column::Role)
        .order_by_asc(item_allocation::Column::OfficeId)
        .all(db)
        .await?;
    let mut map: HashMap<DutyItemId, Vec<(OfficeId, bool)>> = HashMap::new();
    for row in rows {
        map.entry(row.item_id.into()).or_default().push((row.office_id.into(), row.role == "LEAD"));
    }
    Ok(map)
}

fn open_offices() -> SelectStatement {
    Query::select()
        .column(("internal_office", "id"))
        .from(internal_office::Entity)
        .and_where(Expr::col(("internal_office", "closed_at")).is_null())
        .to_owned()
}

/// Items an office handles, or items of a list that no office leads.
#[must_use]
pub fn handled_by(office: Option<OfficeId>) -> Cond {
    let mut held = Query::select()
        .expr(Expr::val(1))
        .from_as("item_allocation", "a")
        .and_where(Expr::col(("a", "item_id")).equals(("r", "item_id")))
        .and_where(Expr::col(("a", "to_at")).is_null())
        .to_owned();
    match office {
        Some(office) => {
            held.and_where(Expr::col(("a", "office_id")).eq(office.0));
            Cond::all().add(Expr::exists(held))
        }
        None => {
            held.and_where(Expr::col(("a", "role")).eq("LEAD"))
                .and_where(Expr::col(("a", "office_id")).in_subquery(open_offices()));
            Cond::all()
                .add(Expr::exists(held).not())
                .add(Expr::col(("r", "category")).ne(DutyCategory::Reclaimed.code()))
        }
    }
}

/// Replaces the offices that handle an item.
pub async fn allocate(
    tx: &Tx,
    permit: &Permit<act::AllocateDutyItem>,
    province: ProvinceId,
    offices: &[(OfficeId, bool)],
) -> Outcome<()> {
    item_allocation::Entity::update_many()
        .col_expr(item_allocation::Column::ToAt, Expr::value(tx.now()))
        .filter(item_allocation::Column::ItemId.eq(permit.target()))
        .filter(item_allocation::Column::ToAt.is_null())
        .exec(tx.db())
        .await?;
    for (office, lead) in offices {
        let row = item_allocation::ActiveModel {
            id: Set(Uuid::now_v7()),
            province_id: Set(province.0),
            item_id: Set(permit.target()),
            office_id: Set(office.0),
            role: Set(if *lead { "LEAD" } else { "ASSIST" }.to_owned()),
            from_at: Set(tx.now()),
            to_at: Set(None),
        };
        item_allocation::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx.db())
            .await?;
    }
    Ok(())
}
