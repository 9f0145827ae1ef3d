//! Sessions and refresh tokens.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use yidan_entity::{refresh_token, session};

use crate::identity::rules::Session;
use crate::kernel::{
    fault::Outcome,
    ids::{AccountId, PostId, SessionId},
    policy::{Act, Permit, act},
    runner::Tx,
};

pub(super) async fn revoke(tx: &Tx, which: Condition, why: &str) -> Outcome<()> {
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
pub async fn insert_session<A: Act>(tx: &Tx, _: &Permit<A>, new: &Session) -> Outcome<()> {
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
        issuer: Set(new.issuer.clone()),
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

/// Whether the account has begun a session at this address since then, by a password or by a provider's word.
pub async fn has_begun_at(
    db: &impl ConnectionTrait,
    account: AccountId,
    address: &str,
    since: DateTime<Utc>,
) -> Outcome<bool> {
    let found = session::Entity::find()
        .filter(session::Column::AccountId.eq(account.0))
        .filter(session::Column::Address.eq(address))
        .filter(session::Column::CreatedAt.gt(since))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// One session.
pub async fn session(db: &impl ConnectionTrait, id: SessionId) -> Outcome<Option<Session>> {
    Ok(session::Entity::find_by_id(id.0).one(db).await?.map(Into::into))
}

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
