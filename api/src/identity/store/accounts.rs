//! Accounts and throttled addresses.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict, SelectStatement},
};
use yidan_entity::{account, login_throttle, org_unit, post};

use crate::identity::rules::Account;
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

/// Failures of an address: how many, blocked until when, the last one.
pub async fn throttle(
    db: &impl ConnectionTrait,
    address_hash: &str,
) -> Outcome<Option<(i32, Option<DateTime<Utc>>, DateTime<Utc>)>> {
    let row = login_throttle::Entity::find_by_id(address_hash.to_owned()).one(db).await?;
    Ok(row.map(|row| (row.failures, row.blocked_until, row.last_failure_at)))
}

/// Notes the failures of an address.
pub async fn set_throttle(tx: &Tx, address_hash: &str, failures: i32, until: Option<DateTime<Utc>>) -> Outcome<()> {
    use login_throttle::Column::{AddressHash, BlockedUntil, Failures, LastFailureAt};
    let row = login_throttle::ActiveModel {
        address_hash: Set(address_hash.to_owned()),
        failures: Set(failures),
        blocked_until: Set(until),
        last_failure_at: Set(tx.now()),
    };
    login_throttle::Entity::insert(row)
        .on_conflict(OnConflict::column(AddressHash).update_columns([Failures, BlockedUntil, LastFailureAt]).to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}
