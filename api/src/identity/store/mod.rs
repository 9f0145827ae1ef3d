//! The SQL of identity.

mod accounts;
mod actor;
mod identities;
mod posts;
mod sessions;

pub use self::accounts::*;
pub use self::actor::*;
pub use self::identities::*;
pub use self::posts::*;
pub use self::sessions::*;

use yidan_entity::{account, post, session};

use crate::identity::rules::{Account, Post, Session};
use crate::kernel::{fault::Fault, value::stored};

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
            issuer: row.issuer,
        }
    }
}
