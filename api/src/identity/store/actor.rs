//! Who makes a request.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use crate::kernel::{
    ctx::Actor,
    fault::{Fault, Outcome},
    ids::{AccountId, OrgUnitId, PostId, ProvinceId, SessionId},
    place::DivisionLevel,
    platform::Platform,
    value::stored,
};

/// What an actor is made of.
macro_rules! actor_columns {
    ($must_change:literal) => {
        concat!("SELECT a.id AS account_id, a.display_name, ", $must_change, " AS must_change_password, p.id AS post_id, p.role, \
         o.id AS org_id, o.kind, o.level, o.path, o.name AS org_name, o.province_id, v.revision AS settings_revision ")
    };
}

/// Everything about the caller in one look: the session must stand, the account be enabled, the post be held and the
/// organisation exist. Whose word is an identity provider's has no password to change.
pub(super) const WHO: &str = concat!(
    actor_columns!("(a.must_change_password AND s.issuer IS NULL)"),
    "FROM session s \
     JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL \
     JOIN post p ON p.id = s.post_id AND p.ended_at IS NULL \
     JOIN org_unit o ON o.id = p.org_unit_id AND o.valid_to IS NULL \
     JOIN province v ON v.id = s.province_id \
     WHERE s.id = $1 AND s.account_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3"
);

/// The same for a post without a session.
pub(super) const HOLDER: &str = concat!(
    actor_columns!("a.must_change_password"),
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

pub(super) async fn read_actor(
    platform: &Platform,
    statement: Statement,
    session: SessionId,
) -> Outcome<Option<Actor>> {
    let db = platform.db.read();
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(None) };
    let province = ProvinceId(row.try_get("", "province_id")?);
    let revision: i32 = row.try_get("", "settings_revision")?;
    let settings = if let Some(settings) = platform.known_settings(province, revision) {
        settings
    } else {
        let known = yidan_entity::province::Entity::find_by_id(province.0).one(db).await?;
        let known = known.ok_or_else(|| Fault::new("the actor's province is gone"))?;
        platform.settings(province, known.revision, &known.settings)?
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
