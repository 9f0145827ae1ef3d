//! Versions of lists.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait,
    sea_query::{Cond, Expr, ExprTrait, Query, SelectStatement},
};
use yidan_entity::{item_revision, list_version, version_change};

use crate::{
    duty_list::rules::{AsOf, Period, findings::Counts, version::Edition},
    kernel::{
        fault::{Fault, Outcome},
        ids::{DutyListId, ProvinceId, VersionId},
        paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
        policy::{Act, Permit, act},
        runner::Tx,
        scope::Scope,
        value::stored,
    },
};

/// What is special about a version beside its procedure.
#[derive(Clone, Debug)]
pub struct Version {
    /// Id, that of its procedure.
    pub id: VersionId,
    /// Province.
    pub province: ProvinceId,
    /// The list.
    pub list: DutyListId,
    /// Number in the list.
    pub no: i32,
    /// How it came about.
    pub edition: Edition,
    /// The version it changes.
    pub base: Option<VersionId>,
    /// When it is or was in force.
    pub period: Period,
    /// Fingerprint of its content.
    pub content_hash: Option<String>,
    /// Items by category, once published.
    pub counts: Counts,
    /// Notes.
    pub notes: String,
}

impl Version {
    /// Whether it was published.
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.period.effective_from.is_some()
    }

    /// The version as far as was known at a moment.
    #[must_use]
    pub fn as_known(self, known: DateTime<Utc>) -> Self {
        Self { period: self.period.as_known(known), ..self }
    }
}

impl TryFrom<list_version::Model> for Version {
    type Error = Fault;

    fn try_from(row: list_version::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            list: row.list_id.into(),
            no: row.version_no,
            edition: stored(&row.edition)?,
            base: row.base_version_id.map(Into::into),
            period: Period {
                effective_from: row.effective_from,
                effective_to: row.effective_to,
                recorded_from: row.published_at,
                recorded_to: row.superseded_at,
                known: None,
            },
            content_hash: row.content_hash,
            counts: Counts {
                basic: row.basic_count,
                cooperative: row.cooperative_count,
                reclaimed: row.reclaimed_count,
            },
            notes: row.notes,
        })
    }
}

/// Versions in force at a time, as known at a time.
fn in_force(at: AsOf) -> Cond {
    use list_version::Column as C;
    Cond::all().add(C::EffectiveFrom.lte(at.effective)).add(C::PublishedAt.lte(at.known)).add(
        Cond::any()
            .add(C::EffectiveTo.is_null())
            .add(C::EffectiveTo.gt(at.effective))
            .add(C::SupersededAt.gt(at.known)),
    )
}

/// Whether a list has a version in force at a time.
#[must_use]
pub fn exists_in_force(list_table: &'static str, at: AsOf) -> Expr {
    let versions = Query::select()
        .expr(Expr::val(1))
        .from(list_version::Entity)
        .and_where(Expr::col(("list_version", "list_id")).equals((list_table, "id")))
        .cond_where(in_force(at))
        .to_owned();
    Expr::exists(versions)
}

/// Published versions are public; others are seen by who sees their procedure.
fn visible(scope: &Scope) -> Cond {
    let seen = Query::select()
        .expr(Expr::val(1))
        .from("proceeding")
        .and_where(Expr::col(("proceeding", "id")).equals(("list_version", "id")))
        .cond_where(scope.proceedings("proceeding"))
        .to_owned();
    Cond::all()
        .add(scope.published(list_version::Column::ProvinceId))
        .add(Cond::any().add(list_version::Column::EffectiveFrom.is_not_null()).add(Expr::exists(seen)))
}

/// Versions by id that the caller may see.
pub async fn versions(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[VersionId],
) -> Outcome<HashMap<VersionId, Version>> {
    let rows = list_version::Entity::find()
        .filter(visible(scope))
        .filter(list_version::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), row.try_into()?))).collect()
}

/// The versions of lists in force at a time, as they were known then.
pub async fn current(
    db: &impl ConnectionTrait,
    lists: &[DutyListId],
    at: AsOf,
) -> Outcome<HashMap<DutyListId, Version>> {
    let rows = list_version::Entity::find()
        .filter(list_version::Column::ListId.is_in(lists.iter().map(|id| id.0)))
        .filter(in_force(at))
        .order_by_asc(list_version::Column::EffectiveFrom)
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.list_id.into(), Version::try_from(row)?.as_known(at.known)))).collect()
}

/// The published version of a list that takes effect last.
pub async fn last_published(db: &impl ConnectionTrait, list: DutyListId) -> Outcome<Option<Version>> {
    let row = list_version::Entity::find()
        .filter(list_version::Column::ListId.eq(list.0))
        .filter(list_version::Column::EffectiveFrom.is_not_null())
        .order_by_desc(list_version::Column::EffectiveFrom)
        .one(db)
        .await?;
    Ok(row.map(Version::try_from).transpose()?)
}

/// Published versions of lists, by the time they take effect.
pub async fn published(db: &impl ConnectionTrait, lists: &[DutyListId]) -> Outcome<HashMap<DutyListId, Vec<Version>>> {
    let rows = list_version::Entity::find()
        .filter(list_version::Column::ListId.is_in(lists.iter().map(|id| id.0)))
        .filter(list_version::Column::EffectiveFrom.is_not_null())
        .order_by_asc(list_version::Column::EffectiveFrom)
        .all(db)
        .await?;
    let mut found: HashMap<DutyListId, Vec<Version>> = HashMap::new();
    for row in rows {
        found.entry(row.list_id.into()).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// The largest number of a list's versions.
pub async fn last_no(db: &impl ConnectionTrait, list: DutyListId) -> Outcome<i32> {
    let row = list_version::Entity::find()
        .filter(list_version::Column::ListId.eq(list.0))
        .order_by_desc(list_version::Column::VersionNo)
        .one(db)
        .await?;
    Ok(row.map_or(0, |row| row.version_no))
}

/// The version of a list that is on its way, if there is one.
pub async fn open(db: &impl ConnectionTrait, list: DutyListId) -> Outcome<Option<VersionId>> {
    let going = Query::select()
        .expr(Expr::val(1))
        .from("proceeding")
        .and_where(Expr::col(("proceeding", "id")).equals(("list_version", "id")))
        .and_where(Expr::col(("proceeding", "closed_at")).is_null())
        .to_owned();
    let row = list_version::Entity::find()
        .filter(list_version::Column::ListId.eq(list.0))
        .filter(list_version::Column::EffectiveFrom.is_null())
        .filter(Expr::exists(going))
        .one(db)
        .await?;
    Ok(row.map(|row| row.id.into()))
}

/// The select of versions the caller may see: of a list, or in states on their way.
#[must_use]
pub fn select(scope: &Scope, list: Option<DutyListId>) -> SelectStatement {
    let mut select = list_version::Entity::find().filter(visible(scope));
    if let Some(list) = list {
        select = select.filter(list_version::Column::ListId.eq(list.0));
    }
    select.into_query()
}

/// A page of versions, newest first.
pub async fn page(db: &impl ConnectionTrait, select: SelectStatement, page: &PageArgs) -> Outcome<Page<Version>> {
    let order = Keyset::new("versions", vec![Key::desc(Expr::col(("list_version", "id")), KeyKind::Id)]);
    let page = paging::fetch::<list_version::Model>(db, select, &order, page).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for (cursor, row) in page.rows {
        rows.push((cursor, Version::try_from(row)?));
    }
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}

/// Writes a new version.
pub async fn insert<A: Act>(tx: &Tx, _: &Permit<A>, new: &Version) -> Outcome<()> {
    let row = list_version::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        list_id: Set(new.list.0),
        version_no: Set(new.no),
        edition: Set(new.edition.code().to_owned()),
        base_version_id: Set(new.base.map(|id| id.0)),
        effective_from: Set(None),
        effective_to: Set(None),
        published_at: Set(None),
        superseded_at: Set(None),
        content_hash: Set(None),
        basic_count: Set(0),
        cooperative_count: Set(0),
        reclaimed_count: Set(0),
        notes: Set(new.notes.clone()),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Puts a version in force from a moment on: it ends the version before it, brings its revisions and ends those they
/// replace.
pub async fn publish(
    tx: &Tx,
    permit: &Permit<act::PublishListVersion>,
    version: &Version,
    from: DateTime<Utc>,
    hash: &str,
    counts: Counts,
) -> Outcome<()> {
    use item_revision::Column as R;
    use list_version::Column as V;
    let now = tx.now();
    list_version::Entity::update_many()
        .col_expr(V::EffectiveTo, Expr::value(from))
        .col_expr(V::SupersededAt, Expr::value(now))
        .filter(V::ListId.eq(version.list.0))
        .filter(V::PublishedAt.is_not_null())
        .filter(V::EffectiveTo.is_null())
        .exec(tx.db())
        .await?;
    list_version::Entity::update_many()
        .col_expr(V::EffectiveFrom, Expr::value(from))
        .col_expr(V::PublishedAt, Expr::value(now))
        .col_expr(V::ContentHash, Expr::value(hash))
        .col_expr(V::BasicCount, Expr::value(counts.basic))
        .col_expr(V::CooperativeCount, Expr::value(counts.cooperative))
        .col_expr(V::ReclaimedCount, Expr::value(counts.reclaimed))
        .filter(V::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    let replaced = Query::select()
        .column(("version_change", "old_revision_id"))
        .from(version_change::Entity)
        .and_where(version_change::Column::VersionId.eq(permit.target()))
        .and_where(version_change::Column::OldRevisionId.is_not_null())
        .to_owned();
    item_revision::Entity::update_many()
        .col_expr(R::RetiredVersionId, Expr::value(permit.target()))
        .col_expr(R::RetiredNo, Expr::value(version.no))
        .col_expr(R::EffectiveTo, Expr::value(from))
        .col_expr(R::RecordedTo, Expr::value(now))
        .filter(R::Id.in_subquery(replaced))
        .exec(tx.db())
        .await?;
    item_revision::Entity::update_many()
        .col_expr(R::EffectiveFrom, Expr::value(from))
        .col_expr(R::RecordedFrom, Expr::value(now))
        .filter(R::IntroducedVersionId.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Ends the last version of a list at a moment, with everything it says, for the version that `permit` publishes
/// elsewhere.
pub async fn end(tx: &Tx, permit: &Permit<act::PublishListVersion>, last: &Version, at: DateTime<Utc>) -> Outcome<()> {
    use item_revision::Column as R;
    use list_version::Column as V;
    list_version::Entity::update_many()
        .col_expr(V::EffectiveTo, Expr::value(at))
        .col_expr(V::SupersededAt, Expr::value(tx.now()))
        .filter(V::Id.eq(last.id.0))
        .exec(tx.db())
        .await?;
    item_revision::Entity::update_many()
        .col_expr(R::RetiredVersionId, Expr::value(permit.target()))
        .col_expr(R::RetiredNo, Expr::value(last.no + 1))
        .col_expr(R::EffectiveTo, Expr::value(at))
        .col_expr(R::RecordedTo, Expr::value(tx.now()))
        .filter(R::ListId.eq(last.list.0))
        .filter(R::EffectiveFrom.is_not_null())
        .filter(R::RetiredNo.is_null())
        .exec(tx.db())
        .await?;
    Ok(())
}
