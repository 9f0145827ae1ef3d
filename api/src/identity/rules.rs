//! Lock-out, password strength, life of tokens. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use crate::kernel::{
    ids::{AccountId, OrgUnitId, PositionId, PostId, ProvinceId, SessionId},
    platform::SessionPolicy,
    refusal::{Refusal, Rule},
    role::Role,
};

/// A person who may log in.
#[derive(Clone, Debug)]
pub struct Account {
    /// Id.
    pub id: AccountId,
    /// Province.
    pub province: ProvinceId,
    /// Name to log in with, unique in the province.
    pub username: String,
    /// Name of the person.
    pub display_name: String,
    /// Organisation that manages the account.
    pub home: OrgUnitId,
    /// Hash of the password.
    pub password_hash: String,
    /// Whether the password has to be changed first.
    pub must_change_password: bool,
    /// Failed log-ins since the last good one.
    pub failed_logins: i32,
    /// Locked until then.
    pub locked_until: Option<DateTime<Utc>>,
    /// When it was disabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// Revision.
    pub revision: i32,
}

/// One role of one person in one organisation.
#[derive(Clone, Debug)]
pub struct Post {
    /// Id.
    pub id: PostId,
    /// Province.
    pub province: ProvinceId,
    /// The person.
    pub account: AccountId,
    /// The organisation.
    pub org: OrgUnitId,
    /// The role.
    pub role: Role,
    /// The position, if it is told.
    pub position: Option<PositionId>,
    /// Since when.
    pub valid_from: DateTime<Utc>,
    /// Until when.
    pub ended_at: Option<DateTime<Utc>>,
    /// Revision.
    pub revision: i32,
}

/// A log-in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// Province.
    pub province: ProvinceId,
    /// The person.
    pub account: AccountId,
    /// The post acted for.
    pub post: PostId,
    /// Address it was made from.
    pub address: String,
    /// What the caller said it was.
    pub user_agent: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Last refresh.
    pub refreshed_at: DateTime<Utc>,
    /// Ends then at the latest.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Failures after which an account is locked for a while.
const ACCOUNT_FREE: i32 = 5;
/// Failures after which an address has to wait; larger, because an office shares one address.
const ADDRESS_FREE: i32 = 20;

/// Until when an account stays locked after so many failures in a row: one minute, doubling up to an hour.
#[must_use]
pub fn account_lock(failures: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    back_off(failures, ACCOUNT_FREE, now)
}

/// Until when an address has to wait after so many failures.
#[must_use]
pub fn address_block(failures: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    back_off(failures, ADDRESS_FREE, now)
}

fn back_off(failures: i32, free: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let over = u32::try_from(failures - free).ok()?;
    Some(now + TimeDelta::minutes((1i64 << over.min(6)).min(60)))
}

/// Failures of an address are forgotten after an hour without another.
#[must_use]
pub fn remembered_failures(failures: i32, last: DateTime<Utc>, now: DateTime<Utc>) -> i32 {
    if now - last > TimeDelta::hours(1) { 0 } else { failures }
}

/// Whether a password is strong enough: 10–128 characters, three of four classes, not the user name.
pub fn strong(password: &str, username: &str) -> Result<(), Refusal> {
    let weak = |zh, en| Err(Refusal::WeakPassword { rule: Rule { zh, en } });
    let length = password.chars().count();
    if !(10..=128).contains(&length) {
        return weak("密码须为10至128个字符。", "A password has 10 to 128 characters.");
    }
    if password.chars().any(char::is_control) {
        return weak("密码不得包含控制字符。", "A password has no control characters.");
    }
    let classes = [
        password.chars().any(char::is_lowercase),
        password.chars().any(char::is_uppercase),
        password.chars().any(char::is_numeric),
        password.chars().any(|c| !c.is_lowercase() && !c.is_uppercase() && !c.is_numeric()),
    ];
    if classes.iter().filter(|class| **class).count() < 3 {
        return weak(
            "密码须包含大写字母、小写字母、数字、其他字符中的至少三类。",
            "A password has at least three of: upper case, lower case, digits, other characters.",
        );
    }
    if username.chars().count() >= 4 && password.to_lowercase().contains(&username.to_lowercase()) {
        return weak("密码不得包含用户名。", "A password does not contain the user name.");
    }
    Ok(())
}

/// What a refresh token that is presented means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Unused: exchange it.
    Fresh,
    /// Used a moment ago: the answer may have been lost, give another.
    Repeated,
    /// Used earlier: somebody else has it; revoke the session.
    Replayed,
    /// Too old.
    Expired,
}

/// Judges a refresh token.
#[must_use]
pub fn presented(
    used_at: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
    policy: &SessionPolicy,
) -> Presented {
    match used_at {
        Some(used) if now - used <= TimeDelta::seconds(policy.refresh_grace_seconds.into()) => Presented::Repeated,
        Some(_) => Presented::Replayed,
        None if now >= expires_at => Presented::Expired,
        None => Presented::Fresh,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn an_account_is_locked_from_the_fifth_failure_on_and_never_longer_than_an_hour() {
        assert_eq!(account_lock(4, now()), None);
        assert_eq!(account_lock(5, now()), Some(now() + TimeDelta::minutes(1)));
        assert_eq!(account_lock(7, now()), Some(now() + TimeDelta::minutes(4)));
        assert_eq!(account_lock(1_000, now()), Some(now() + TimeDelta::minutes(60)));
    }

    #[test]
    fn weak_passwords_are_refused() {
        for password in ["短", "alllowercase1", "ALLUPPER1234", "Zhangsan2026", &"Aa1".repeat(50), "Aa1\0aaaaaaa"] {
            assert!(strong(password, "zhangsan").is_err(), "{password}");
        }
        for password in ["Correct-horse9", "依单Yidan2026", "aB3$efghij"] {
            assert_eq!(strong(password, "zhangsan"), Ok(()), "{password}");
        }
    }

    #[test]
    fn a_used_token_is_good_for_ten_more_seconds() {
        let policy = SessionPolicy::default();
        let at =
            |seconds| presented(Some(now()), now() + TimeDelta::days(1), now() + TimeDelta::seconds(seconds), &policy);
        assert_eq!(at(10), Presented::Repeated);
        assert_eq!(at(11), Presented::Replayed);
        assert_eq!(presented(None, now(), now(), &policy), Presented::Expired);
    }

    proptest! {
        #[test]
        fn more_failures_never_mean_a_shorter_lock(failures in 0i32..200) {
            prop_assert!(account_lock(failures, now()) <= account_lock(failures + 1, now()));
            prop_assert!(address_block(failures, now()) <= account_lock(failures, now()));
        }
    }
}
