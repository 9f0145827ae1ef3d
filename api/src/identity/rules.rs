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

impl Account {
    /// Whether it may log in at `now`: neither disabled nor locked.
    #[must_use]
    pub fn is_usable(&self, now: DateTime<Utc>) -> bool {
        self.disabled_at.is_none() && self.locked_until.is_none_or(|until| until <= now)
    }
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
/// Failures that an address has at once; more, because an office or a whole county shares one address …
const ADDRESS_FREE: i32 = 50;
/// … and the seconds after which one more is free.
const ADDRESS_PAUSE: i64 = 5;
/// Whoever has begun a session at an address within this time is at home there.
pub const AT_HOME: TimeDelta = TimeDelta::days(30);

/// Until when an account stays locked after so many failures in a row: one minute, doubling up to an hour.
#[must_use]
pub fn account_lock(failures: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let over = u32::try_from(failures - ACCOUNT_FREE).ok()?;
    Some(now + TimeDelta::minutes((1i64 << over.min(6)).min(60)))
}

/// The failures of an address that still count: a bucket that empties steadily. Who shares an address with somebody who
/// guesses waits for seconds, not for a block that grows; guessing goes on at that rate at best, and each account locks by
/// itself long before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: i32,
    /// Since when the next of them is being forgotten.
    pub since: DateTime<Utc>,
}

impl Failures {
    /// None.
    #[must_use]
    pub fn none(now: DateTime<Utc>) -> Self {
        Self { count: 0, since: now }
    }

    /// Those that still count at `now`.
    fn left(self, now: DateTime<Utc>) -> Self {
        // A node whose clock is ahead makes nobody wait longer.
        let since = self.since.min(now);
        let forgotten = (now - since).num_seconds() / ADDRESS_PAUSE;
        match i32::try_from(forgotten).map(|forgotten| self.count.min(ADDRESS_FREE).saturating_sub(forgotten)) {
            Ok(count) if count > 0 => Self { count, since: since + TimeDelta::seconds(forgotten * ADDRESS_PAUSE) },
            _ => Self::none(now),
        }
    }

    /// With one more, at `now`; where none is free any more they stay as they are, so that nobody's wait grows.
    #[must_use]
    pub fn and_one(self, now: DateTime<Utc>) -> Self {
        let left = self.left(now);
        Self { count: (left.count + 1).min(ADDRESS_FREE), ..left }
    }

    /// Until when the address has to wait, if it has to at `now`.
    #[must_use]
    pub fn until(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let left = self.left(now);
        (left.count >= ADDRESS_FREE).then(|| left.since + TimeDelta::seconds(ADDRESS_PAUSE))
    }

    /// After how many seconds the address may try again, if it has to wait at `now`.
    #[must_use]
    pub fn wait(self, now: DateTime<Utc>) -> Option<u32> {
        let until = self.until(now)?;
        Some(u32::try_from((until - now).num_milliseconds()).map_or(1, |left| left.div_ceil(1_000).max(1)))
    }
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
    fn an_address_has_fifty_failures_and_gets_one_back_every_five_seconds() {
        let at = |millis| now() + TimeDelta::milliseconds(millis);
        let mut failures = Failures::none(at(0));
        for _ in 0..50 {
            assert_eq!(failures.wait(at(0)), None);
            failures = failures.and_one(at(0));
        }
        assert_eq!(
            (failures.wait(at(0)), failures.wait(at(2_100)), failures.wait(at(4_999))),
            (Some(5), Some(3), Some(1))
        );
        assert_eq!(failures.until(at(0)), Some(at(5_000)));
        assert_eq!(failures.and_one(at(4_000)), failures, "who is tried all the same makes nobody wait longer");
        assert_eq!(failures.wait(at(5_000)), None);
        let again = failures.and_one(at(7_000));
        assert_eq!((again.count, again.until(at(7_000))), (50, Some(at(10_000))), "begun seconds are not lost");
        assert_eq!(failures.and_one(at(250_000)), Failures { count: 1, since: at(250_000) });
        // As an earlier release has left it, and by a clock that is ahead.
        assert_eq!(Failures { count: 64, since: at(0) }.wait(at(0)), Some(5));
        assert_eq!(Failures { count: 50, since: at(60_000) }.wait(at(0)), Some(5));
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
        }

        #[test]
        fn an_address_never_waits_longer_than_for_one_failure_to_be_forgotten(
            count in -10i32..i32::MAX,
            millis in -1_000_000_000i64..1_000_000_000_000,
        ) {
            let (failures, later) = (Failures { count, since: now() }, now() + TimeDelta::milliseconds(millis));
            prop_assert!(failures.wait(later).is_none_or(|seconds| (1..=5).contains(&seconds)));
            prop_assert!(failures.and_one(later).wait(later).is_none_or(|seconds| (1..=5).contains(&seconds)));
            prop_assert!(failures.wait(later).is_none() || failures.and_one(later).until(later) == failures.until(later));
        }

        #[test]
        fn guessing_goes_on_at_one_failure_in_five_seconds_at_best(gaps in proptest::collection::vec(1i64..20_000, 500)) {
            let (mut at, mut failures, mut tried) = (now(), Failures::none(now()), 0);
            for gap in gaps {
                at += TimeDelta::milliseconds(gap);
                if failures.wait(at).is_none() {
                    failures = failures.and_one(at);
                    tried += 1;
                }
            }
            prop_assert!(tried <= 50 + (at - now()).num_seconds() / 5);
        }
    }
}
