//! Logging in. Unknown, wrong and locked look alike from outside: same message, same work, same time.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    identity::{
        password::{self, Password},
        rules::{self, Account, Session},
        store::{self, AccountChange},
        token,
    },
    kernel::{
        audit::{By, Event},
        ctx::Ctx,
        fault::{Outcome, refuse},
        ids::{AccountId, PostId, ProvinceId, SessionId},
        keyring::{Secret, random},
        platform::Platform,
        policy::{Act, Action, Permit, act, by_system},
        refusal::Refusal,
        runner::{Tx, UseCase, run},
        text,
    },
    territory,
};

crate::api_input! {
    /// User name and password (用户名与密码).
    part Login {
        /// Code of the province, six digits (省级区划代码).
        province_code: String,
        /// User name (用户名).
        username: String,
        /// Password (密码).
        password: Password,
        /// The post to act for; the one held longest if left out (以何岗位登录).
        post_id: Option<PostId>,
    }
}

/// Tokens of a session.
#[derive(Clone)]
pub struct Tokens {
    /// For the `Authorization` header.
    pub access: String,
    /// When the access token ends.
    pub access_ends: DateTime<Utc>,
    /// For the next refresh; single use.
    pub refresh: String,
    /// When the session ends at the latest.
    pub session_ends: DateTime<Utc>,
    /// The session.
    pub session: SessionId,
    /// The person.
    pub account: AccountId,
}

/// A refresh token and its hash.
pub(super) fn new_refresh() -> (String, String) {
    let token = format!("yrt_{}", hex::encode(random::<32>()));
    let hash = refresh_hash(&token);
    (token, hash)
}

/// The refresh token that follows `token`: always the same one, so that an exchange whose answer was lost can be
/// repeated without a second chain beginning beside the first. Only who has the deployment's secret can tell it.
pub(super) fn next_refresh(secret: &Secret, token: &str) -> (String, String) {
    let next = format!("yrt_{}", secret.keyed_hash("refresh token", token));
    let hash = refresh_hash(&next);
    (next, hash)
}

/// The form in which a refresh token is kept.
pub(super) fn refresh_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// The tokens of a session.
pub(super) fn tokens(
    platform: &Platform,
    account: AccountId,
    session: SessionId,
    session_ends: DateTime<Utc>,
    refresh: String,
) -> Outcome<Tokens> {
    let now = platform.clock.now();
    let (access, access_ends) =
        token::issue(&platform.keyring, account, session, now, platform.sessions.access_seconds)?;
    Ok(Tokens { access, access_ends, refresh, session_ends, session, account })
}

/// Refusals leave at full twentieths of a second after the request came, so that the little work in which they differ
/// does not show.
const BEAT: Duration = Duration::from_millis(50);

/// Logs in.
pub async fn login(ctx: &Ctx, input: &Login) -> Outcome<Tokens> {
    let started = tokio::time::Instant::now();
    let outcome = attempt(ctx, input).await;
    if outcome.is_err() {
        let beats = started.elapsed().as_millis() / BEAT.as_millis() + 1;
        let wait = BEAT.saturating_mul(u32::try_from(beats).unwrap_or(1));
        tokio::time::sleep_until(started + wait).await;
    }
    outcome
}

async fn attempt(ctx: &Ctx, input: &Login) -> Outcome<Tokens> {
    let platform = ctx.platform();
    let now = ctx.now();
    let (address, throttle) = held_back(ctx).await?;
    let account = known_account(ctx, input).await?;
    let usable = account
        .as_ref()
        .is_some_and(|account| account.disabled_at.is_none() && account.locked_until.is_none_or(|until| until <= now));
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let verified = password::verify(platform, stored, &input.password).await?;
    match account {
        Some(account) if verified.right && usable => succeed(ctx, input, account, verified.rehashed).await,
        account => {
            // A locked account is not locked longer by further attempts, or anybody could keep it locked for ever.
            let account = account.filter(|_| usable);
            run(ctx, &RefuseLogin { account, address, failures: remembered(throttle, now) + 1 }).await?;
            refuse(Refusal::CredentialsRefused { retry_after: None })
        }
    }
}

/// Failed log-ins from an address: how many, until when it waits, when the last one was.
pub(super) type Throttle = Option<(i32, Option<DateTime<Utc>>, DateTime<Utc>)>;

/// The caller's address as it is remembered, and its failures; refused while it has to wait.
pub(super) async fn held_back(ctx: &Ctx) -> Outcome<(String, Throttle)> {
    let now = ctx.now();
    let address = ctx.platform().keyring.secret().keyed_hash("login address", ctx.address());
    let throttle = store::throttle(ctx.db().read(), &address).await?;
    if let Some(until) = throttle.and_then(|(_, until, _)| until).filter(|until| *until > now) {
        let seconds = u32::try_from((until - now).num_seconds().max(1)).ok();
        return refuse(Refusal::CredentialsRefused { retry_after: seconds });
    }
    Ok((address, throttle))
}

/// How many failures still count.
pub(super) fn remembered(throttle: Throttle, now: DateTime<Utc>) -> i32 {
    throttle.map_or(0, |(failures, _, last)| rules::remembered_failures(failures, last, now))
}

async fn known_account(ctx: &Ctx, input: &Login) -> Outcome<Option<Account>> {
    // A name that could not be stored belongs to nobody; it costs the same work as any other wrong one.
    let code = &input.province_code;
    let sensible = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let (Ok(username), true) = (text::username("input.username", &input.username), sensible) else {
        return Ok(None);
    };
    match territory::store::province_by_code(ctx.db().read(), code).await? {
        Some(province) => store::account_by_name(ctx.db().read(), province.id, &username).await,
        None => Ok(None),
    }
}

async fn succeed(ctx: &Ctx, input: &Login, account: Account, rehashed: Option<String>) -> Outcome<Tokens> {
    let platform: &Arc<Platform> = ctx.platform();
    let (refresh, refresh_hash) = new_refresh();
    let opened = run(
        ctx,
        &OpenSession {
            account: account.id,
            province: account.province,
            name: account.display_name,
            post: input.post_id,
            refresh_hash,
            rehashed,
        },
    )
    .await?;
    tokens(platform, account.id, opened.session, opened.ends, refresh)
}

#[derive(Serialize)]
struct OpenSession {
    account: AccountId,
    province: ProvinceId,
    name: String,
    post: Option<PostId>,
    refresh_hash: String,
    #[serde(skip)]
    rehashed: Option<String>,
}

/// A session that has begun.
#[derive(Serialize, Deserialize)]
pub(super) struct Opened {
    /// Which.
    pub session: SessionId,
    /// When it ends at the latest.
    pub ends: DateTime<Utc>,
}

/// What a session begins with.
pub(super) struct Opening<'a> {
    /// The person.
    pub account: AccountId,
    /// The province.
    pub province: ProvinceId,
    /// The post to act for; the one held longest if none.
    pub post: Option<PostId>,
    /// Hash of the first refresh token.
    pub refresh_hash: &'a str,
    /// The identity provider by whose word it begins.
    pub issuer: Option<&'a str>,
}

/// Begins a session: it, its post and the path of the post's organisation. None without a post: such a person cannot act.
pub(super) async fn open<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    opening: Opening<'_>,
) -> Outcome<Option<(Opened, PostId, String)>> {
    let account = opening.account;
    let posts = store::posts_of(tx.db(), &[account]).await?.remove(&account).unwrap_or_default();
    let post = match opening.post {
        Some(wanted) => posts.into_iter().find(|post| post.id == wanted),
        None => posts.into_iter().next(),
    };
    let Some(post) = post else { return Ok(None) };
    let policy = &tx.ctx().platform().sessions;
    let ends = tx.now() + TimeDelta::seconds(policy.session_seconds.into());
    let session = Session {
        id: SessionId::new(),
        province: opening.province,
        account,
        post: post.id,
        address: tx.ctx().address().to_owned(),
        user_agent: tx.ctx().user_agent().chars().take(200).collect(),
        created_at: tx.now(),
        refreshed_at: tx.now(),
        expires_at: ends,
        revoked_at: None,
        issuer: opening.issuer.map(str::to_owned),
    };
    store::insert_session(tx, permit, &session).await?;
    let idle = tx.now() + TimeDelta::seconds(policy.idle_seconds.into());
    store::insert_refresh(tx, permit, opening.refresh_hash, session.id, idle.min(ends)).await?;
    let path = territory::service::org(tx, post.org, "").await?.path;
    Ok(Some((Opened { session: session.id, ends }, post.id, path)))
}

impl UseCase for OpenSession {
    const NAME: &'static str = "login";
    type Output = Opened;

    async fn execute(&self, tx: &Tx) -> Outcome<Opened> {
        let permit = by_system::<act::Login>(self.account, "the password was right");
        let opening = Opening {
            account: self.account,
            province: self.province,
            post: self.post,
            refresh_hash: &self.refresh_hash,
            issuer: None,
        };
        // Told like a wrong password.
        let Some((opened, post, path)) = open(tx, &permit, opening).await? else {
            return refuse(Refusal::CredentialsRefused { retry_after: None });
        };
        let password = self.rehashed.clone();
        let password = match password {
            // The cost has grown since; whether a change is due stays as it was.
            Some(hash) => {
                let known = store::accounts(tx.db(), &crate::kernel::scope::Scope::Everything, &[self.account]).await?;
                let must_change = known.get(&self.account).is_some_and(|account| account.must_change_password);
                Some((hash, must_change))
            }
            None => None,
        };
        store::update_account(tx, &permit, AccountChange { password, unlocked: true, ..AccountChange::default() })
            .await?;
        tx.record(
            Event::new(Action::Login, self.province, "Account", self.account, path)
                .by(By::Account { id: self.account.0, name: self.name.clone() })
                .change(json!(null), json!({ "session": opened.session, "post": post })),
        );
        Ok(opened)
    }
}

/// Counts a log-in that failed.
#[derive(Serialize)]
pub(super) struct RefuseLogin {
    #[serde(skip)]
    account: Option<Account>,
    address: String,
    failures: i32,
}

impl RefuseLogin {
    /// One of nobody in particular.
    pub(super) fn nobody(address: String, failures: i32) -> Self {
        Self { account: None, address, failures }
    }
}

impl UseCase for RefuseLogin {
    const NAME: &'static str = "refuseLogin";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        store::set_throttle(tx, &self.address, self.failures, rules::address_block(self.failures, tx.now())).await?;
        let Some(account) = &self.account else {
            tx.unrecorded("nobody is known by that name, so there is no chain to write to");
            return Ok(());
        };
        let permit = by_system::<act::RefuseLogin>(account.id, "the password was wrong");
        let failures = store::count_failure(tx, &permit).await?;
        let locked = rules::account_lock(failures, tx.now());
        if let Some(until) = locked {
            store::lock_account(tx, &permit, until).await?;
        }
        let facts = json!({ "username": account.username, "failures": failures, "lockedUntil": locked });
        let event = of_account(tx, Action::RefuseLogin, account).await?;
        tx.record(event.change(json!(null), facts));
        Ok(())
    }
}

/// An event about an account, in the evidence of the organisation that manages it.
pub(super) async fn of_account(tx: &Tx, act: Action, account: &Account) -> Outcome<Event> {
    let home = territory::service::org(tx, account.home, "").await?;
    Ok(Event::new(act, account.province, "Account", account.id, home.path).concerning(home.id))
}

/// A wrong present password counts like a failed log-in, so that a stolen token does not help to guess it.
pub(super) fn refuse_password(actor: &crate::kernel::ctx::Actor) -> impl UseCase<Output = ()> + use<> {
    RefusePassword { account: actor.account, province: actor.province, path: actor.path.to_string() }
}

#[derive(Serialize)]
struct RefusePassword {
    account: AccountId,
    province: ProvinceId,
    path: String,
}

impl UseCase for RefusePassword {
    const NAME: &'static str = "refusePassword";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        let permit = by_system::<act::RefuseLogin>(self.account, "the present password was wrong");
        let failures = store::count_failure(tx, &permit).await?;
        let locked = rules::account_lock(failures, tx.now());
        if let Some(until) = locked {
            store::lock_account(tx, &permit, until).await?;
        }
        let event = Event::new(Action::RefuseLogin, self.province, "Account", self.account, self.path.clone());
        tx.record(event.change(json!(null), json!({ "failures": failures, "lockedUntil": locked })));
        Ok(())
    }
}
