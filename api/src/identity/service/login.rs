//! Logging in. Unknown, wrong and locked look alike from outside: same message, same time.
//!
//! Guesses are bounded twice, in the database and so across nodes: an account locks for longer and longer, and an address
//! has a bucket of failures. The bucket never shuts out who is at home at the address, see `held_back`.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
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
        ctx::{Ctx, network},
        fault::{Failure, Outcome, refuse},
        ids::{AccountId, PostId, ProvinceId, SessionId},
        keyring::{Secret, random},
        platform::Platform,
        policy::{Act, Action, Permit, act, by_system},
        refusal::Refusal,
        runner::{Tx, UseCase, run},
        scope::Scope,
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
/// does not show …
const BEAT: Duration = Duration::from_millis(50);
/// … and at full seconds where the address has to wait: there, only passwords of those who are at home are looked at.
const SLOW_BEAT: Duration = Duration::from_secs(1);

/// Logs in.
pub async fn login(ctx: &Ctx, input: &Login) -> Outcome<Tokens> {
    let started = tokio::time::Instant::now();
    let outcome = attempt(ctx, input).await;
    if let Err(failure) = &outcome {
        let beat = if tells_to_wait(failure) { SLOW_BEAT } else { BEAT };
        let beats = started.elapsed().as_millis() / beat.as_millis() + 1;
        let wait = beat.saturating_mul(u32::try_from(beats).unwrap_or(1));
        tokio::time::sleep_until(started + wait).await;
    }
    outcome
}

fn tells_to_wait(failure: &Failure) -> bool {
    let waits = |refusal: &Refusal| matches!(refusal, Refusal::CredentialsRefused { retry_after: Some(_) });
    matches!(failure, Failure::Refused(refusals) if refusals.iter().any(waits))
}

async fn attempt(ctx: &Ctx, input: &Login) -> Outcome<Tokens> {
    let platform = ctx.platform();
    let now = ctx.now();
    let address = platform.keyring.secret().keyed_hash("login address", &network(ctx.address()));
    let account = known_account(ctx, input).await?;
    let known = account.as_ref().map(|account| account.id);
    let retry_after = held_back(ctx.db().read(), ctx.address(), &address, known, now).await?;
    if retry_after.is_some() {
        return refuse(Refusal::CredentialsRefused { retry_after });
    }
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let verified = password::verify(platform, stored, &input.password).await?;
    let outcome = match &account {
        Some(account) if verified.right && account.is_usable(now) => {
            succeed(ctx, input, account.id, &address, verified.rehashed).await
        }
        _ => refuse(Refusal::CredentialsRefused { retry_after: None }),
    };
    if !matches!(outcome, Err(Failure::Refused(_))) {
        return outcome;
    }
    // Whatever refuses it, it counts for the address and is told alike; a right password is no guess at the account.
    let guessed = known.filter(|_| !verified.right);
    let retry_after = run(ctx, &RefuseLogin { account: guessed, address }).await?;
    refuse(Refusal::CredentialsRefused { retry_after })
}

/// After how many seconds an address may try an account; none if it may now. Where the failures of the address are used
/// up, who is at home there is tried all the same: the account's own lock bounds the guesses at it, and no neighbour's
/// guesses at others keep anybody out.
async fn held_back(
    db: &impl ConnectionTrait,
    address: &str,
    address_hash: &str,
    account: Option<AccountId>,
    now: DateTime<Utc>,
) -> Outcome<Option<u32>> {
    let failures = store::throttle(db, address_hash).await?;
    let Some(seconds) = failures.and_then(|failures| failures.wait(now)) else { return Ok(None) };
    let at_home = match account {
        Some(account) => store::has_begun_at(db, account, address, now - rules::AT_HOME).await?,
        None => false,
    };
    Ok((!at_home).then_some(seconds))
}

/// Counts a failure of an address; answers after how many seconds it may try again, none if it may at once.
pub(super) async fn count(tx: &Tx, address_hash: &str) -> Outcome<Option<u32>> {
    let failures = store::hold_throttle(tx, address_hash).await?.and_one(tx.now());
    store::set_throttle(tx, address_hash, failures).await?;
    Ok(failures.wait(tx.now()))
}

/// The account as it is now, if it may log in: others may have tried since it was looked at.
async fn still_usable(tx: &Tx, id: AccountId) -> Outcome<Option<Account>> {
    let found = store::accounts(tx.db(), &Scope::Everything, &[id]).await?.remove(&id);
    Ok(found.filter(|account| account.is_usable(tx.now())))
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

async fn succeed(
    ctx: &Ctx,
    input: &Login,
    account: AccountId,
    address_hash: &str,
    rehashed: Option<String>,
) -> Outcome<Tokens> {
    let (refresh, refresh_hash) = new_refresh();
    let open =
        OpenSession { account, post: input.post_id, refresh_hash, address_hash: address_hash.to_owned(), rehashed };
    let opened = run(ctx, &open).await?;
    tokens(ctx.platform(), account, opened.session, opened.ends, refresh)
}

#[derive(Serialize)]
struct OpenSession {
    account: AccountId,
    post: Option<PostId>,
    refresh_hash: String,
    address_hash: String,
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
        let refused = || refuse(Refusal::CredentialsRefused { retry_after: None });
        // Of many guesses sent at once, those that come after the last free one find out here, right or not.
        let Some(account) = still_usable(tx, self.account).await? else { return refused() };
        let known = Some(account.id);
        if held_back(tx.db(), tx.ctx().address(), &self.address_hash, known, tx.now()).await?.is_some() {
            return refused();
        }
        let permit = by_system::<act::Login>(account.id, "the password was right");
        let opening = Opening {
            account: account.id,
            province: account.province,
            post: self.post,
            refresh_hash: &self.refresh_hash,
            issuer: None,
        };
        // Told like a wrong password.
        let Some((opened, post, path)) = open(tx, &permit, opening).await? else { return refused() };
        // If the cost has grown since: whether a change is due stays as it was.
        let password = self.rehashed.clone().map(|hash| (hash, account.must_change_password));
        store::update_account(tx, &permit, AccountChange { password, unlocked: true, ..AccountChange::default() })
            .await?;
        tx.record(
            Event::new(Action::Login, account.province, "Account", account.id, path)
                .by(By::Account { id: account.id.0, name: account.display_name.clone() })
                .change(json!(null), json!({ "session": opened.session, "post": post })),
        );
        Ok(opened)
    }
}

/// Counts a log-in that failed; answers after how many seconds the address may try again.
#[derive(Serialize)]
struct RefuseLogin {
    /// Whose password was guessed at; none if nobody's, or if it was right.
    account: Option<AccountId>,
    address: String,
}

impl UseCase for RefuseLogin {
    const NAME: &'static str = "refuseLogin";
    type Output = Option<u32>;

    async fn execute(&self, tx: &Tx) -> Outcome<Option<u32>> {
        let retry_after = count(tx, &self.address).await?;
        let account = match self.account {
            // A locked account is not locked longer by further attempts, or anybody could keep it locked for ever.
            Some(id) => still_usable(tx, id).await?,
            None => None,
        };
        let Some(account) = account else {
            tx.unrecorded("nobody's password was guessed at, so there is no chain to write to");
            return Ok(retry_after);
        };
        let permit = by_system::<act::RefuseLogin>(account.id, "the password was wrong");
        let failures = store::count_failure(tx, &permit).await?;
        let locked = rules::account_lock(failures, tx.now());
        if let Some(until) = locked {
            store::lock_account(tx, &permit, until).await?;
        }
        let facts = json!({ "username": account.username, "failures": failures, "lockedUntil": locked });
        let event = of_account(tx, Action::RefuseLogin, &account).await?;
        tx.record(event.change(json!(null), facts));
        Ok(retry_after)
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
