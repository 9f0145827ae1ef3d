//! The SQL of identity.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Statement,
    sea_query::{Expr, ExprTrait, OnConflict, SelectStatement},
};
use yidan_entity::{account, login_throttle, org_unit, post, refresh_token, session};

use super::rules::{Account, Post, Session};
use crate::kernel::{
    ctx::Actor,
    db::contains,
    fault::{Fault, Outcome, refuse},
    ids::{AccountId, OrgUnitId, PostId, ProvinceId, SessionId},
    paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
    place::DivisionLevel,
    platform::Platform,
    policy::{Act, Permit, act},
    refusal::Refusal,
    runner::Tx,
    scope::Scope,
    value::stored,
};

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        Self {
            id: row.id.into(),
            province: row.province_id.into(),
            username: row.username,
            display_name: row.display_name,
            home: row.home_org_id.into(),
            password_hash: row.password_hash,
            must_change_password: row.must_change_password,
            failed_logins: row.failed_logins,
            locked_until: row.locked_until,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
            revision: row.revision,
        }
    }
}

impl TryFrom<post::Model> for Post {
    type Error = Fault;

    fn try_from(row: post::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            account: row.account_id.into(),
            org: row.org_unit_id.into(),
            role: stored(&row.role)?,
            position: row.position_id.map(Into::into),
            valid_from: row.valid_from,
            ended_at: row.ended_at,
            revision: row.revision,
        })
    }
}

impl From<session::Model> for Session {
    fn from(row: session::Model) -> Self {
        Self {
            id: row.id.into(),
            province: row.province_id.into(),
            account: row.account_id.into(),
            post: row.post_id.into(),
            address: row.address,
            user_agent: row.user_agent,
            created_at: row.created_at,
            refreshed_at: row.refreshed_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }
}

// ---- who makes a request

/// What an actor is made of.
macro_rules! actor_columns {
    () => {
        "SELECT a.id AS account_id, a.display_name, a.must_change_password, p.id AS post_id, p.role, \
         o.id AS org_id, o.kind, o.level, o.path, o.name AS org_name, o.province_id, v.revision AS settings_revision "
    };
}

/// Everything about the caller in one look: the session must stand, the account be enabled, the post be held and the
/// organisation exist.
const WHO: &str = concat!(
    actor_columns!(),
    "FROM session s \
     JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL \
     JOIN post p ON p.id = s.post_id AND p.ended_at IS NULL \
     JOIN org_unit o ON o.id = p.org_unit_id AND o.valid_to IS NULL \
     JOIN province v ON v.id = s.province_id \
     WHERE s.id = $1 AND s.account_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3"
);

/// The same for a post without a session.
const HOLDER: &str = concat!(
    actor_columns!(),
    "FROM post p \
     JOIN account a ON a.id = p.account_id \
     JOIN org_unit o ON o.id = p.org_unit_id \
     JOIN province v ON v.id = p.province_id \
     WHERE p.id = $1"
);

/// The actor of a session, if it is good at `now`.
pub async fn actor(
    platform: &Platform,
    session: SessionId,
    account: AccountId,
    now: DateTime<Utc>,
) -> Outcome<Option<Actor>> {
    let backend = platform.db.backend();
    let statement = Statement::from_sql_and_values(backend, WHO, [session.into(), account.into(), now.into()]);
    read_actor(platform, statement, session).await
}

/// The holder of a post, for the demonstration world, which is played by its own people before anybody logs in.
pub async fn holder(platform: &Platform, post: PostId) -> Outcome<Option<Actor>> {
    let statement = Statement::from_sql_and_values(platform.db.backend(), HOLDER, [post.into()]);
    read_actor(platform, statement, SessionId(uuid::Uuid::nil())).await
}

async fn read_actor(platform: &Platform, statement: Statement, session: SessionId) -> Outcome<Option<Actor>> {
    let db = platform.db.read();
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(None) };
    let province = ProvinceId(row.try_get("", "province_id")?);
    let revision: i32 = row.try_get("", "settings_revision")?;
    let settings = match platform.known_settings(province, revision) {
        Some(settings) => settings,
        None => {
            let known = yidan_entity::province::Entity::find_by_id(province.0).one(db).await?;
            let known = known.ok_or_else(|| Fault::new("the actor's province is gone"))?;
            platform.settings(province, known.revision, &known.settings)?
        }
    };
    let text = |column: &str| row.try_get::<String>("", column);
    let level: i16 = row.try_get("", "level")?;
    Ok(Some(Actor {
        account: AccountId(row.try_get("", "account_id")?),
        session,
        post: PostId(row.try_get("", "post_id")?),
        role: stored(&text("role")?)?,
        org: OrgUnitId(row.try_get("", "org_id")?),
        org_kind: stored(&text("kind")?)?,
        level: DivisionLevel::from_number(level).ok_or_else(|| Fault::new("a level in the database"))?,
        path: Arc::from(text("path")?),
        province,
        name: Arc::from(text("display_name")?),
        org_name: Arc::from(text("org_name")?),
        must_change_password: row.try_get("", "must_change_password")?,
        settings,
    }))
}

// ---- accounts

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

// ---- addresses

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

// ---- posts

/// Posts that accounts hold now in organisations that exist, first to last by their beginning.
pub async fn posts_of(db: &impl ConnectionTrait, accounts: &[AccountId]) -> Outcome<HashMap<AccountId, Vec<Post>>> {
    let existing = org_unit::Entity::find()
        .filter(org_unit::Column::ValidTo.is_null())
        .into_query()
        .clear_selects()
        .column(("org_unit", "id"))
        .to_owned();
    let rows = post::Entity::find()
        .filter(post::Column::AccountId.is_in(accounts.iter().map(|id| id.0)))
        .filter(post::Column::EndedAt.is_null())
        .filter(post::Column::OrgUnitId.in_subquery(existing))
        .order_by_asc(post::Column::ValidFrom)
        .order_by_asc(post::Column::Id)
        .all(db)
        .await?;
    let mut map: HashMap<AccountId, Vec<Post>> = HashMap::new();
    for row in rows {
        map.entry(row.account_id.into()).or_default().push(row.try_into()?);
    }
    Ok(map)
}

/// Posts held in organisations, by organisation.
pub async fn posts_in(db: &impl ConnectionTrait, orgs: &[OrgUnitId]) -> Outcome<HashMap<OrgUnitId, Vec<Post>>> {
    let enabled = account::Entity::find()
        .filter(account::Column::DisabledAt.is_null())
        .into_query()
        .clear_selects()
        .column(("account", "id"))
        .to_owned();
    let rows = post::Entity::find()
        .filter(post::Column::OrgUnitId.is_in(orgs.iter().map(|id| id.0)))
        .filter(post::Column::EndedAt.is_null())
        .filter(post::Column::AccountId.in_subquery(enabled))
        .order_by_asc(post::Column::Id)
        .all(db)
        .await?;
    let mut map: HashMap<OrgUnitId, Vec<Post>> = HashMap::new();
    for row in rows {
        map.entry(row.org_unit_id.into()).or_default().push(row.try_into()?);
    }
    Ok(map)
}

/// Posts by id, within the scope's province.
pub async fn posts(db: &impl ConnectionTrait, scope: &Scope, ids: &[PostId]) -> Outcome<HashMap<PostId, Post>> {
    let rows = post::Entity::find()
        .filter(scope.province(post::Column::ProvinceId))
        .filter(post::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), row.try_into()?))).collect()
}

/// Writes a new post.
pub async fn insert_post<A: Act>(tx: &Tx, _: &Permit<A>, new: &Post) -> Outcome<()> {
    let row = post::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        account_id: Set(new.account.0),
        org_unit_id: Set(new.org.0),
        role: Set(new.role.code().to_owned()),
        position_id: Set(new.position.map(|id| id.0)),
        valid_from: Set(new.valid_from),
        ended_at: Set(new.ended_at),
        revision: Set(new.revision),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Ends the post a permit names and the sessions that act for it.
pub async fn end_post(tx: &Tx, permit: &Permit<act::EndPost>) -> Outcome<()> {
    let done = post::Entity::update_many()
        .col_expr(post::Column::EndedAt, Expr::value(tx.now()))
        .filter(post::Column::Id.eq(permit.target()))
        .filter(post::Column::EndedAt.is_null())
        .exec(tx.db())
        .await?;
    if done.rows_affected != 1 {
        return refuse(Refusal::not_found("input.id"));
    }
    revoke(tx, session::Column::PostId.eq(permit.target()).into(), "POST_ENDED").await
}

// ---- sessions

async fn revoke(tx: &Tx, which: Condition, why: &str) -> Outcome<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(tx.now()))
        .col_expr(session::Column::RevokedFor, Expr::value(why))
        .filter(session::Column::RevokedAt.is_null())
        .filter(which)
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Revokes a session.
pub async fn revoke_session<A: Act>(tx: &Tx, _: &Permit<A>, id: SessionId) -> Outcome<()> {
    revoke(tx, Condition::all().add(session::Column::Id.eq(id.0)), A::ACTION.code()).await
}

/// Revokes all sessions of the account, but for one that stays.
pub async fn revoke_sessions<A: Act>(
    tx: &Tx,
    _: &Permit<A>,
    account: AccountId,
    but: Option<SessionId>,
) -> Outcome<()> {
    let mut which = Condition::all().add(session::Column::AccountId.eq(account.0));
    if let Some(but) = but {
        which = which.add(session::Column::Id.ne(but.0));
    }
    revoke(tx, which, A::ACTION.code()).await
}

/// Writes a new session.
pub async fn insert_session(tx: &Tx, _: &Permit<act::Login>, new: &Session) -> Outcome<()> {
    let row = session::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        account_id: Set(new.account.0),
        post_id: Set(new.post.0),
        address: Set(new.address.clone()),
        user_agent: Set(new.user_agent.clone()),
        created_at: Set(new.created_at),
        refreshed_at: Set(new.refreshed_at),
        expires_at: Set(new.expires_at),
        revoked_at: Set(None),
        revoked_for: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Lets a session act for another post.
pub async fn set_session_post(tx: &Tx, _: &Permit<act::SwitchPost>, session: SessionId, post: PostId) -> Outcome<()> {
    session::Entity::update_many()
        .col_expr(session::Column::PostId, Expr::value(post.0))
        .filter(session::Column::Id.eq(session.0))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Standing sessions of an account, newest first.
pub async fn sessions_of(db: &impl ConnectionTrait, account: AccountId, now: DateTime<Utc>) -> Outcome<Vec<Session>> {
    let rows = session::Entity::find()
        .filter(session::Column::AccountId.eq(account.0))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One session.
pub async fn session(db: &impl ConnectionTrait, id: SessionId) -> Outcome<Option<Session>> {
    Ok(session::Entity::find_by_id(id.0).one(db).await?.map(Into::into))
}

// ---- refresh tokens

/// Writes the hash of a new refresh token.
pub async fn insert_refresh<A: Act>(
    tx: &Tx,
    _: &Permit<A>,
    hash: &str,
    session: SessionId,
    expires_at: DateTime<Utc>,
) -> Outcome<()> {
    let row = refresh_token::ActiveModel {
        hash: Set(hash.to_owned()),
        session_id: Set(session.0),
        issued_at: Set(tx.now()),
        expires_at: Set(expires_at),
        used_at: Set(None),
        successor_hash: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// A refresh token by its hash: session, use, end.
pub async fn refresh(
    db: &impl ConnectionTrait,
    hash: &str,
) -> Outcome<Option<(SessionId, Option<DateTime<Utc>>, DateTime<Utc>)>> {
    let row = refresh_token::Entity::find_by_id(hash.to_owned()).one(db).await?;
    Ok(row.map(|row| (row.session_id.into(), row.used_at, row.expires_at)))
}

/// Uses a refresh token; answers whether it was still unused. One statement, so that two cannot both succeed.
pub async fn use_refresh(tx: &Tx, _: &Permit<act::RefreshSession>, hash: &str, successor: &str) -> Outcome<bool> {
    let done = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(tx.now()))
        .col_expr(refresh_token::Column::SuccessorHash, Expr::value(successor))
        .filter(refresh_token::Column::Hash.eq(hash))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes that a session was refreshed.
pub async fn touch_session(tx: &Tx, _: &Permit<act::RefreshSession>, session: SessionId) -> Outcome<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RefreshedAt, Expr::value(tx.now()))
        .filter(session::Column::Id.eq(session.0))
        .exec(tx.db())
        .await?;
    Ok(())
}
