//! Items, their revisions and the organisations they name.

mod allocation;
mod identities;
mod reading;
mod writing;

pub use self::allocation::*;
pub use self::identities::*;
pub use self::reading::*;
pub use self::writing::*;

use chrono::{DateTime, Utc};
use sea_orm::{
    FromQueryResult, JoinType, QueryResult,
    sea_query::{Cond, Expr, ExprTrait, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    duty_list::rules::{
        AsOf, Period,
        content::{Content, DepartmentRole, DutyCategory, ItemSource, ReclaimMethod, Wording},
    },
    kernel::{
        fault::Fault,
        ids::{
            DivisionId, DomainId, DutyItemId, DutyListId, OfficeId, OrgUnitId, ProvinceId, RevisionId, TemplateId,
            VersionId,
        },
        paging::{Key, KeyKind, KeyValue, Keyset},
        value::{Stored, stored},
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
        let category = self.category.code().to_owned();
        vec![KeyValue::Text(category), KeyValue::Int(self.ordinal.into()), KeyValue::Id(self.id.0)]
    }

    /// The revision as far as was known at a moment.
    #[must_use]
    pub fn as_known(self, known: DateTime<Utc>) -> Self {
        Self { period: self.period.as_known(known), ..self }
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
        let time = |column: &str| row.try_get::<Option<DateTime<Utc>>>("", column);
        let list = |column: &str| row.try_get::<Stored<Vec<String>>>("", column).map(|stored| stored.0);
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
                bases: row.try_get::<Stored<_>>("", "bases")?.0,
                tags: list("tags")?,
            },
            ordinal: row.try_get("", "ordinal")?,
            penalty_power: row.try_get("", "penalty_power")?,
            reclaim_method: reclaim.as_deref().map(stored).transpose().map_err(wrong)?,
            source: stored(&text("source")?).map_err(wrong)?,
            introduced_in: id("introduced_version_id")?.into(),
            introduced_no: row.try_get("", "introduced_no")?,
            retired_in: row.try_get::<Option<Uuid>>("", "retired_version_id")?.map(Into::into),
            replaces: row.try_get("", "replaces")?,
            period: Period {
                effective_from: time("effective_from")?,
                effective_to: time("effective_to")?,
                recorded_from: time("recorded_from")?,
                recorded_to: time("recorded_to")?,
                known: None,
            },
        }))
    }
}

/// The select of revisions with texts: `r` the revision, `w` the wording, `i` the item, `l` the list.
#[must_use]
pub fn select() -> SelectStatement {
    let mut select = Query::select();
    columns(&mut select);
    select.from_as("item_revision", "r");
    texts(&mut select);
    select.join_as(JoinType::InnerJoin, "duty_list", "l", Expr::col(("l", "id")).equals(("r", "list_id")));
    select
}

/// Wording and item of `r`. Every revision has both; the outer join lets the database leave them out where a question
/// does not look at them, as when rows are counted or put in order.
fn texts(select: &mut SelectStatement) {
    select.join_as(JoinType::LeftJoin, "wording", "w", Expr::col(("w", "id")).equals(("r", "wording_id"))).join_as(
        JoinType::LeftJoin,
        "duty_item",
        "i",
        Expr::col(("i", "id")).equals(("r", "item_id")),
    );
}

/// What a [`RevisionRow`] is read from.
fn columns(select: &mut SelectStatement) {
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
    for column in ["name", "superior_clauses", "township_clauses", "method", "bases", "tags"] {
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

/// Revisions of a category and a domain class, as far as they are given.
fn of_kind(category: Option<DutyCategory>, domain: Option<DomainId>) -> Cond {
    Cond::all()
        .add_option(category.map(|category| Expr::col(("r", "category")).eq(category.code())))
        .add_option(domain.map(|domain| Expr::col(("r", "domain_id")).eq(domain.0)))
}

/// The select of items of lists in force at a time.
#[must_use]
pub fn select_in_force(
    ids: &[DutyListId],
    at: AsOf,
    category: Option<DutyCategory>,
    domain: Option<DomainId>,
    office: Option<Option<OfficeId>>,
) -> SelectStatement {
    let mut select = select();
    let list = Expr::col(("r", "list_id"));
    match ids {
        [one] => select.cond_where(list.eq(one.0)),
        many => select.cond_where(list.is_in(many.iter().map(|id| id.0))),
    };
    select.cond_where(in_force(at)).cond_where(of_kind(category, domain));
    if let Some(office) = office {
        select.cond_where(handled_by(office));
    }
    select
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

/// The order of a list: category by category, by number. The alphabetical order of the stored words — basic,
/// cooperative, reclaimed — is the order of the sheets, and that of an index.
#[must_use]
pub fn list_order() -> Keyset {
    Keyset::new(
        "items",
        vec![
            Key::asc(Expr::col(("r", "category")), KeyKind::Text),
            Key::asc(Expr::col(("r", "ordinal")), KeyKind::Int),
            Key::asc(Expr::col(("r", "id")), KeyKind::Id),
        ],
    )
}

/// Puts revisions in the order of lists.
fn in_list_order(select: &mut SelectStatement) {
    select
        .order_by(("r", "category"), Order::Asc)
        .order_by(("r", "ordinal"), Order::Asc)
        .order_by(("r", "id"), Order::Asc);
}
