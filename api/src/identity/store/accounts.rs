//! Accounts and throttled addresses.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict, SelectStatement},
};
use yidan_entity::{account, login_throttle, org_unit, post};

use crate::identity::rules::{Account, Failures};
use crate::kernel::{
    db::contains,
    fault::Outcome,
    ids::{AccountId, OrgUnitId, ProvinceId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    policy::{Act, Permit, act},
    runner::Tx,
    scope::Scope,
};

/// The account with this user name.
pub async fn account_by_name(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    username: &str,
) -> Outcome<Option<Account>> {
    let row = account::Entity::find()
        .filter(account::Column::ProvinceId.eq(province.0))
        .filter(account::Column::Username.eq(username))
        .one(db)
        .await?;
    Ok(row.map(Into::into))
}

/// Accounts by id, within the scope's province.
pub async fn accounts(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[AccountId],
) -> Outcome<HashMap<AccountId, Account>> {
    let rows = account::Entity::find()
        .filter(scope.province(account::Column::ProvinceId))
        .filter(account::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}

/// The select of the accounts of organisations in the actor's territory.
#[must_use]
pub fn select_accounts(scope: &Scope, org: Option<OrgUnitId>, name: Option<&str>) -> SelectStatement {
    let homes = org_unit::Entity::find()
        .filter(scope.territory("org_unit"))
        .into_query()
        .clear_selects()
        .column(("org_unit", "id"))
        .to_owned();
    let mut select = account::Entity::find()
        .filter(scope.province(account::Column::ProvinceId))
        .filter(account::Column::HomeOrgId.in_subquery(homes));
    if let Some(org) = org {
        let held = post::Entity::find()
            .filter(post::Column::OrgUnitId.eq(org.0))
            .filter(post::Column::EndedAt.is_null())
            .into_query()
            .clear_selects()
            .column(("post", "account_id"))
            .to_owned();
        select = select.filter(
            Condition::any().add(account::Column::HomeOrgId.eq(org.0)).add(account::Column::Id.in_subquery(held)),
        );
    }
    if let Some(name) = name {
        select = select.filter(
            Condition::any()
                .add(contains(("account", "username"), name))
                .add(contains(("account", "display_name"), name)),
        );
    }
    select.into_query()
}

/// A page of accounts by user name.
pub async fn account_page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    page: &PageArgs,
) -> Outcome<Page<Account>> {
    let order = Keyset::new(
        "account",
        vec![
            Key::asc(Expr::col(("account", "username")), KeyKind::Text),
            Key::asc(Expr::col(("account", "id")), KeyKind::Id),
        ],
    );
    Ok(paging::fetch::<account::Model>(db, select, &order, page).await?.map(Into::into))
}

/// Writes a new account.
pub async fn insert_account(tx: &Tx, _: &Permit<act::CreateAccount>, new: &Account) -> Outcome<()> {
    let row = account::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        username: Set(new.username.clone()),
        display_name: Set(new.display_name.clone()),
        home_org_id: Set(new.home.0),
        password_hash: Set(new.password_hash.clone()),
        must_change_password: Set(new.must_change_password),
        failed_logins: Set(new.failed_logins),
        locked_until: Set(new.locked_until),
        disabled_at: Set(new.disabled_at),
        created_at: Set(new.created_at),
        revision: Set(new.revision),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// What changes in an account.
#[derive(Default)]
pub struct AccountChange {
    /// A new hash, and whether the password has to be changed at the next log-in.
    pub password: Option<(String, bool)>,
    /// Disabled at, or enabled again.
    pub disabled: Option<Option<DateTime<Utc>>>,
    /// Failures forgotten and lock lifted.
    pub unlocked: bool,
}

/// Changes the account a permit names.
pub async fn update_account<A: Act>(tx: &Tx, permit: &Permit<A>, change: AccountChange) -> Outcome<()> {
    let mut update = account::Entity::update_many()
        .col_expr(account::Column::Revision, Expr::col(account::Column::Revision).add(1))
        .filter(account::Column::Id.eq(permit.target()));
    if let Some((hash, must_change)) = change.password {
        update = update
            .col_expr(account::Column::PasswordHash, Expr::value(hash))
            .col_expr(account::Column::MustChangePassword, Expr::value(must_change));
    }
    if let Some(disabled) = change.disabled {
        update = update.col_expr(account::Column::DisabledAt, Expr::value(disabled));
    }
    if change.unlocked {
        update = update
            .col_expr(account::Column::FailedLogins, Expr::value(0))
            .col_expr(account::Column::LockedUntil, Expr::value(None::<DateTime<Utc>>));
    }
    update.exec(tx.db()).await?;
    Ok(())
}

/// Counts a failure of the account a permit names; answers how many there are now.
pub async fn count_failure(tx: &Tx, permit: &Permit<act::RefuseLogin>) -> Outcome<i32> {
    account::Entity::update_many()
        .col_expr(account::Column::FailedLogins, Expr::col(account::Column::FailedLogins).add(1))
        .filter(account::Column::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    let row = account::Entity::find_by_id(permit.target()).one(tx.db()).await?;
    Ok(row.map_or(0, |row| row.failed_logins))
}

/// Locks the account a permit names.
pub async fn lock_account(tx: &Tx, permit: &Permit<act::RefuseLogin>, until: DateTime<Utc>) -> Outcome<()> {
    account::Entity::update_many()
        .col_expr(account::Column::LockedUntil, Expr::value(until))
        .filter(account::Column::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
}

fn failures(row: login_throttle::Model) -> Failures {
    Failures { count: row.failures, since: row.last_failure_at }
}

/// Failures of an address.
pub async fn throttle(db: &impl ConnectionTrait, address_hash: &str) -> Outcome<Option<Failures>> {
    Ok(login_throttle::Entity::find_by_id(address_hash.to_owned()).one(db).await?.map(failures))
}

/// The same, held until the transaction ends, so that of failures that come at once each counts, the first ones too.
pub async fn hold_throttle(tx: &Tx, address_hash: &str) -> Outcome<Failures> {
    let none = Failures::none(tx.now());
    login_throttle::Entity::insert(throttle_row(tx, address_hash, none))
        .on_conflict(OnConflict::column(login_throttle::Column::AddressHash).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    let row = login_throttle::Entity::find_by_id(address_hash.to_owned()).lock_exclusive().one(tx.db()).await?;
    Ok(row.map_or(none, failures))
}

fn throttle_row(tx: &Tx, address_hash: &str, failures: Failures) -> login_throttle::ActiveModel {
    login_throttle::ActiveModel {
        address_hash: Set(address_hash.to_owned()),
        failures: Set(failures.count),
        blocked_until: Set(failures.until(tx.now())),
        last_failure_at: Set(failures.since),
    }
}

/// Notes the failures of an address.
pub async fn set_throttle(tx: &Tx, address_hash: &str, failures: Failures) -> Outcome<()> {
    use login_throttle::Column::{AddressHash, BlockedUntil, Failures, LastFailureAt};
    login_throttle::Entity::insert(throttle_row(tx, address_hash, failures))
        .on_conflict(OnConflict::column(AddressHash).update_columns([Failures, BlockedUntil, LastFailureAt]).to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}
