//! Whom identity providers mean, and which of their tokens have been used.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use yidan_entity::{external_identity, session, spent_token};

use super::sessions::revoke;
use crate::{
    identity::rules::Identity,
    kernel::{
        fault::Outcome,
        ids::{AccountId, ProvinceId},
        policy::{Act, Permit, act},
        runner::Tx,
    },
};

/// The account that a provider means by a subject.
pub async fn account_of_subject(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    issuer: &str,
    subject: &str,
) -> Outcome<Option<AccountId>> {
    let row = external_identity::Entity::find()
        .filter(external_identity::Column::ProvinceId.eq(province.0))
        .filter(external_identity::Column::Issuer.eq(issuer))
        .filter(external_identity::Column::Subject.eq(subject))
        .filter(external_identity::Column::UnlinkedAt.is_null())
        .one(db)
        .await?;
    Ok(row.map(|row| row.account_id.into()))
}

/// Whether the account, or the subject, was ever linked with the provider: then no sign-on links it by itself.
pub async fn was_linked(
    db: &impl ConnectionTrait,
    account: AccountId,
    province: ProvinceId,
    issuer: &str,
    subject: &str,
) -> Outcome<bool> {
    let about = Condition::any()
        .add(external_identity::Column::AccountId.eq(account.0))
        .add(external_identity::Column::Subject.eq(subject));
    let found = external_identity::Entity::find()
        .filter(external_identity::Column::ProvinceId.eq(province.0))
        .filter(external_identity::Column::Issuer.eq(issuer))
        .filter(about)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// What accounts are called by identity providers, the first linked first.
pub async fn identities_of(
    db: &impl ConnectionTrait,
    accounts: &[AccountId],
) -> Outcome<HashMap<AccountId, Vec<Identity>>> {
    let rows = external_identity::Entity::find()
        .filter(external_identity::Column::AccountId.is_in(accounts.iter().map(|id| id.0)))
        .filter(external_identity::Column::UnlinkedAt.is_null())
        .order_by_asc(external_identity::Column::Id)
        .all(db)
        .await?;
    let mut found: HashMap<AccountId, Vec<Identity>> = HashMap::new();
    for row in rows {
        let identity = Identity {
            id: row.id,
            province: row.province_id.into(),
            account: row.account_id.into(),
            issuer: row.issuer,
            subject: row.subject,
            linked_at: row.linked_at,
        };
        found.entry(identity.account).or_default().push(identity);
    }
    Ok(found)
}

/// Links.
pub async fn insert_identity<A: Act>(tx: &Tx, _: &Permit<A>, new: &Identity) -> Outcome<()> {
    let row = external_identity::ActiveModel {
        id: Set(new.id),
        province_id: Set(new.province.0),
        account_id: Set(new.account.0),
        issuer: Set(new.issuer.clone()),
        subject: Set(new.subject.clone()),
        linked_at: Set(new.linked_at),
        unlinked_at: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Unlinks the account a permit names from a provider; whether it was linked.
pub async fn end_identity(tx: &Tx, permit: &Permit<act::UnlinkIdentity>, issuer: &str) -> Outcome<bool> {
    let done = external_identity::Entity::update_many()
        .col_expr(external_identity::Column::UnlinkedAt, Expr::value(tx.now()))
        .filter(external_identity::Column::UnlinkedAt.is_null())
        .filter(external_identity::Column::AccountId.eq(permit.target()))
        .filter(external_identity::Column::Issuer.eq(issuer))
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected > 0)
}

/// Revokes the sessions of an account that began by a provider's word.
pub async fn revoke_sessions_of_issuer<A: Act>(
    tx: &Tx,
    _: &Permit<A>,
    account: AccountId,
    issuer: &str,
) -> Outcome<()> {
    let which = Condition::all().add(session::Column::AccountId.eq(account.0)).add(session::Column::Issuer.eq(issuer));
    revoke(tx, which, A::ACTION.code()).await
}

/// Uses an identity token up: whether it was unused. Those that have ended by themselves are forgotten.
pub async fn spend(
    tx: &Tx,
    _: &Permit<act::SignOn>,
    province: ProvinceId,
    hash: &str,
    expires_at: DateTime<Utc>,
) -> Outcome<bool> {
    spent_token::Entity::delete_many().filter(spent_token::Column::ExpiresAt.lt(tx.now())).exec(tx.db()).await?;
    let row = spent_token::ActiveModel {
        hash: Set(hash.to_owned()),
        province_id: Set(province.0),
        expires_at: Set(expires_at),
    };
    let done = spent_token::Entity::insert(row)
        .on_conflict(OnConflict::column(spent_token::Column::Hash).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(done == 1)
}
