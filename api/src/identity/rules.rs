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
    /// The identity provider by whose word it began; none for a password.
    pub issuer: Option<String>,
}

/// What an identity provider calls a person.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Id.
    pub id: uuid::Uuid,
    /// Province.
    pub province: ProvinceId,
    /// The person here.
    pub account: AccountId,
    /// The provider.
    pub issuer: String,
    /// The person there, for ever.
    pub subject: String,
    /// Since when.
    pub linked_at: DateTime<Utc>,
}

impl Identity {
    /// A new link.
    #[must_use]
    pub fn new(account: &Account, issuer: &str, subject: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: uuid::Uuid::now_v7(),
            province: account.province,
            account: account.id,
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            linked_at: now,
        }
    }
}

/// Who manages accounts does nothing else: a technical administrator's account holds no other role, and no other account
/// becomes one, so that nobody gives himself a business post.
pub fn kept_apart(held: impl Iterator<Item = Role>, new: Role, path: &str) -> Result<(), Refusal> {
    let technical = |role| role == Role::TechnicalAdmin;
    for role in held {
        if technical(role) != technical(new) {
            return Err(Refusal::conflict(
                format!("{path}.role"),
                "技术管理员账号不得兼任其他角色，请为该人员另设账号。",
                "an account of a technical administrator holds no other role; make another account for the person.",
            ));
        }
    }
    Ok(())
}

/// Failures after which an account is locked for a while.
const ACCOUNT_FREE: i32 = 5;
/// Failures after which an address has to wait; larger, because an office shares one address.
const ADDRESS_FREE: i32 = 50;

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

/// How many failures of an address still count: one is forgotten every half minute, since a whole county may stand
/// behind one address. Guessing goes on at that rate at best, and each account locks by itself long before.
#[must_use]
pub fn remembered_failures(failures: i32, last: DateTime<Utc>, now: DateTime<Utc>) -> i32 {
    let forgotten = (now - last).num_seconds().max(0) / 30;
    (i64::from(failures) - forgotten).try_into().map_or(0, |left: i32| left.max(0))
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
    fn technical_administrators_hold_no_other_role() {
        use Role::{DeptHead, EoProvince, TechnicalAdmin, TownshipStaff};
        let may = |held: &[Role], new| kept_apart(held.iter().copied(), new, "input").is_ok();
        assert!(may(&[], TechnicalAdmin) && may(&[TechnicalAdmin], TechnicalAdmin) && may(&[DeptHead], TownshipStaff));
        assert!(!may(&[TechnicalAdmin], EoProvince) && !may(&[DeptHead], TechnicalAdmin));
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

        #[test]
        fn an_address_is_forgiven_with_time(failures in 0i32..10_000, seconds in 0i64..1_000_000) {
            let left = remembered_failures(failures, now(), now() + TimeDelta::seconds(seconds));
            prop_assert!((0..=failures).contains(&left));
            prop_assert_eq!(i64::from(left), (i64::from(failures) - seconds / 30).max(0));
        }
    }
}
