//! Lists and domain classes.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement},
};
use yidan_entity::{duty_domain, duty_list};

use crate::{
    duty_list::rules::AsOf,
    kernel::{
        fault::{Outcome, refuse},
        ids::{DivisionId, DomainId, DutyListId, OrgUnitId, ProvinceId},
        paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
        policy::{Permit, act},
        refusal::{Named, Refusal},
        runner::Tx,
        scope::{self, Scope},
    },
};

/// The list of a township.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyList {
    /// Id.
    pub id: DutyListId,
    /// Province.
    pub province: ProvinceId,
    /// The township.
    pub township: DivisionId,
    /// Its organisation.
    pub org: OrgUnitId,
    /// Path of the township.
    pub path: String,
    /// Name of the township when the list was opened.
    pub township_name: String,
}

impl DutyList {
    /// The list as a fact of a refusal.
    #[must_use]
    pub fn named(&self) -> Named {
        Named::new(self.id, &self.township_name)
    }
}

impl From<duty_list::Model> for DutyList {
    fn from(row: duty_list::Model) -> Self {
        Self {
            id: row.id.into(),
            province: row.province_id.into(),
            township: row.division_id.into(),
            org: row.org_unit_id.into(),
            path: row.path,
            township_name: row.township_name,
        }
    }
}

/// Holds lists until the transaction ends, so that of two decisions about one list the second sees the first.
pub async fn hold(tx: &Tx, ids: impl Iterator<Item = DutyListId>) -> Outcome<()> {
    duty_list::Entity::find()
        .filter(duty_list::Column::Id.is_in(ids.map(|id| id.0)))
        .order_by_asc(duty_list::Column::Id)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    Ok(())
}

/// Lists by id, within the scope's province; for who reads, of all provinces, also those without a published version.
pub async fn lists(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[DutyListId],
) -> Outcome<HashMap<DutyListId, DutyList>> {
    let rows = duty_list::Entity::find()
        .filter(scope.published(duty_list::Column::ProvinceId))
        .filter(duty_list::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}

/// Lists of townships, within the scope's province; for who reads, of all provinces, also those without a published
/// version.
pub async fn lists_of(
    db: &impl ConnectionTrait,
    scope: &Scope,
    townships: &[DivisionId],
) -> Outcome<HashMap<DivisionId, DutyList>> {
    let rows = duty_list::Entity::find()
        .filter(scope.published(duty_list::Column::ProvinceId))
        .filter(duty_list::Column::DivisionId.is_in(townships.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.division_id.into(), row.into())).collect())
}

/// The select of lists in some territories that have a version in force at a time.
#[must_use]
pub fn select(scope: &Scope, within: Option<&[String]>, at: AsOf) -> SelectStatement {
    let mut select = duty_list::Entity::find()
        .filter(scope.published(duty_list::Column::ProvinceId))
        .filter(super::versions::exists_in_force("duty_list", at));
    if let Some(roots) = within {
        select = select.filter(scope::inside_any("duty_list", roots));
    }
    select.into_query()
}

/// A page of lists by territory.
pub async fn page(db: &impl ConnectionTrait, select: SelectStatement, page: &PageArgs) -> Outcome<Page<DutyList>> {
    let order = Keyset::new(
        "lists",
        vec![
            Key::asc(Expr::col(("duty_list", "path")), KeyKind::Text),
            Key::asc(Expr::col(("duty_list", "id")), KeyKind::Id),
        ],
    );
    Ok(paging::fetch::<duty_list::Model>(db, select, &order, page).await?.map(Into::into))
}

/// Opens the list of a township.
pub async fn insert(tx: &Tx, _: &Permit<act::DraftFirstEdition>, new: &DutyList) -> Outcome<()> {
    let row = duty_list::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        division_id: Set(new.township.0),
        org_unit_id: Set(new.org.0),
        path: Set(new.path.clone()),
        township_name: Set(new.township_name.clone()),
        created_at: Set(tx.now()),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

// ---- domain classes

/// A domain class.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Id.
    pub id: DomainId,
    /// Name.
    pub name: String,
    /// Place in the order.
    pub ordinal: i32,
    /// Whether it may still be given to items.
    pub active: bool,
    /// Revision.
    pub revision: i32,
}

impl From<duty_domain::Model> for Domain {
    fn from(row: duty_domain::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            ordinal: row.ordinal,
            active: row.retired_at.is_none(),
            revision: row.revision,
        }
    }
}

/// Domain classes by id, within the scope's province; for who reads, those that something visible names.
pub async fn domains(db: &impl ConnectionTrait, scope: &Scope, ids: &[DomainId]) -> Outcome<HashMap<DomainId, Domain>> {
    let rows = duty_domain::Entity::find()
        .filter(scope.published(duty_domain::Column::ProvinceId))
        .filter(duty_domain::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}

/// A province's catalogue in its order.
pub async fn catalogue(db: &impl ConnectionTrait, province: ProvinceId, retired: bool) -> Outcome<Vec<Domain>> {
    let mut select = duty_domain::Entity::find()
        .filter(duty_domain::Column::ProvinceId.eq(province.0))
        .order_by_asc(duty_domain::Column::Ordinal)
        .order_by_asc(duty_domain::Column::Id);
    if !retired {
        select = select.filter(duty_domain::Column::RetiredAt.is_null());
    }
    Ok(select.all(db).await?.into_iter().map(Into::into).collect())
}

/// Writes a new domain class.
pub async fn insert_domain(
    tx: &Tx,
    _: &Permit<act::CreateDutyDomain>,
    province: ProvinceId,
    new: &Domain,
) -> Outcome<()> {
    let row = duty_domain::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        name: Set(new.name.clone()),
        ordinal: Set(new.ordinal),
        retired_at: Set(None),
        revision: Set(new.revision),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Retires a domain class; items keep it.
pub async fn retire_domain(tx: &Tx, permit: &Permit<act::RetireDutyDomain>, revision: i32) -> Outcome<()> {
    let done = duty_domain::Entity::update_many()
        .col_expr(duty_domain::Column::RetiredAt, Expr::value(tx.now()))
        .col_expr(duty_domain::Column::Revision, Expr::value(revision + 1))
        .filter(duty_domain::Column::Id.eq(permit.target()))
        .filter(duty_domain::Column::Revision.eq(revision))
        .exec(tx.db())
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { refuse(Refusal::StaleRevision { current: revision + 1 }) }
}
