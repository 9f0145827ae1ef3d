//! Posts.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait,
    sea_query::Expr,
};
use yidan_entity::{account, org_unit, post, session};

use super::revoke;
use crate::identity::rules::Post;
use crate::kernel::{
    fault::{Outcome, refuse},
    ids::{AccountId, OrgUnitId, PostId},
    policy::{Act, Permit, act},
    refusal::Refusal,
    runner::Tx,
    scope::Scope,
};

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
