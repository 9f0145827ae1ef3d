//! Signing on with a token of the province's identity provider (统一身份认证登录). The provider says who it is; what they
//! may do here is what their posts say, as for everybody.
//!
//! A person is known by the provider's subject, which an administrator links to the account; where the operator trusts a
//! claim of the provider for the user name, the first sign-on links by itself.

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    accounts::{event, known, over},
    login::{Opened, Opening, Tokens, count, new_refresh, open, tokens},
};
use crate::{
    identity::{
        password::Password,
        rules::{Account, Identity},
        store,
    },
    kernel::{
        audit::{By, Event},
        ctx::{Ctx, network},
        fault::{Failure, Outcome, refuse, unique},
        ids::{AccountId, PostId, ProvinceId},
        issuers::{Stranger, Unproven},
        policy::{Action, act, by_system},
        refusal::Refusal,
        runner::{Tx, UseCase, run},
        scope::Scope,
        text,
    },
    territory,
};

crate::api_input! {
    /// A token of the province's identity provider (统一身份认证令牌).
    part SignOn {
        /// Code of the province, six digits (省级区划代码).
        province_code: String,
        /// The ID token of `OpenID` Connect, good for one sign-on (身份令牌).
        id_token: Password,
        /// The nonce it was asked for with, if there was one (随机数).
        nonce: Option<String>,
        /// The post to act for; the one held longest if left out (以何岗位登录).
        post_id: Option<PostId>,
    }
}

crate::api_input! {
    /// Links a person of an identity provider to an account (关联统一身份).
    command LinkIdentity {
        /// The account (账号).
        account_id: AccountId,
        /// The provider, as `signOnProviders` calls it (认证平台标识).
        issuer: String,
        /// What the provider calls the person: `sub` (平台内用户标识).
        subject: String,
    }

    /// Unlinks an account from an identity provider and ends the sessions begun with it (解除统一身份关联); only an
    /// administrator links it again.
    command UnlinkIdentity {
        /// The account (账号).
        account_id: AccountId,
        /// The provider (认证平台标识).
        issuer: String,
        /// Reason (原因).
        reason: String,
    }
}

fn refused<T>(reason: Unproven) -> Outcome<T> {
    refuse(Refusal::SignOnRefused { reason, retry_after: None })
}

/// Whether no provider has signed what was refused: whoever brings a token that one has signed has not guessed, and what
/// is wrong with it, or with the provider, is told however often it comes.
fn forged(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::SignOnRefused { reason: Unproven::Invalid | Unproven::Issuer, .. })
}

/// Signs on. Good tokens are looked at however many bad ones come from their address, and log-ins have failures of their
/// own: nobody keeps a neighbour out.
pub async fn sign_on(ctx: &Ctx, input: &SignOn) -> Outcome<Tokens> {
    let platform = ctx.platform();
    let outcome = attempt(ctx, input).await;
    if let Err(Failure::Refused(refusals)) = &outcome
        && refusals.iter().any(forged)
    {
        let address = platform.keyring.secret().keyed_hash("sign-on address", &network(ctx.address()));
        let failures = store::throttle(ctx.db().read(), &address).await?;
        let retry_after = failures.and_then(|failures| failures.wait(ctx.now()));
        if retry_after.is_some() {
            return refuse(Refusal::SignOnRefused { reason: Unproven::TooManyAttempts, retry_after });
        }
        run(ctx, &RefuseSignOn { address }).await?;
    }
    let (opened, account, refresh) = outcome?;
    tokens(platform, account, opened.session, opened.ends, refresh)
}

/// Counts a token that no provider has signed.
#[derive(Serialize)]
struct RefuseSignOn {
    address: String,
}

impl UseCase for RefuseSignOn {
    const NAME: &'static str = "refuseSignOn";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        count(tx, &self.address).await?;
        tx.unrecorded("a token that nobody has signed speaks of nobody, so there is no chain to write to");
        Ok(())
    }
}

async fn attempt(ctx: &Ctx, input: &SignOn) -> Outcome<(Opened, AccountId, String)> {
    let platform = ctx.platform();
    let code = &input.province_code;
    let sensible = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let province = if sensible { territory::store::province_by_code(ctx.db().read(), code).await? } else { None };
    let Some(province) = province else { return refused(Unproven::Issuer) };
    let token = input.id_token.expose();
    let proven = platform.issuers().prove(code, token, input.nonce.as_deref(), ctx.now()).await;
    let stranger = match proven {
        Ok(stranger) => stranger,
        Err(reason) => return refused(reason),
    };
    let (refresh, refresh_hash) = new_refresh();
    let accept = Accept {
        province: province.id,
        token: hex::encode(Sha256::digest(token)),
        stranger,
        post: input.post_id,
        refresh_hash,
    };
    let (opened, account) = run(ctx, &accept).await?;
    Ok((opened, account, refresh))
}

#[derive(Serialize)]
struct Accept {
    province: ProvinceId,
    #[serde(skip)]
    token: String,
    #[serde(skip)]
    stranger: Stranger,
    post: Option<PostId>,
    refresh_hash: String,
}

impl Accept {
    /// The account of the stranger, and whether it was linked just now.
    async fn account(&self, tx: &Tx) -> Outcome<Option<(Account, bool)>> {
        let Stranger { issuer, subject, username, .. } = &self.stranger;
        if let Some(id) = store::account_of_subject(tx.db(), self.province, issuer, subject).await? {
            return Ok(store::accounts(tx.db(), &Scope::Everything, &[id])
                .await?
                .remove(&id)
                .map(|found| (found, false)));
        }
        let Some(Ok(username)) = username.as_deref().map(|name| text::username("", name)) else { return Ok(None) };
        let Some(account) = store::account_by_name(tx.db(), self.province, &username).await? else { return Ok(None) };
        // A name that the provider has given to somebody else since is no longer the person linked to it, and whom an
        // administrator has unlinked does not come back by himself.
        if store::was_linked(tx.db(), account.id, self.province, issuer, subject).await? {
            return Ok(None);
        }
        Ok(Some((account, true)))
    }
}

impl UseCase for Accept {
    const NAME: &'static str = "signOn";
    type Output = (Opened, AccountId);

    async fn execute(&self, tx: &Tx) -> Outcome<(Opened, AccountId)> {
        let Some((account, new)) = self.account(tx).await? else { return refused(Unproven::NoAccount) };
        if account.disabled_at.is_some() {
            return refused(Unproven::NoAccount);
        }
        let permit = by_system::<act::SignOn>(account.id, "the province's identity provider vouches");
        let ends = self.stranger.expires_at + TimeDelta::minutes(2);
        if !store::spend(tx, &permit, self.province, &self.token, ends).await? {
            return refused(Unproven::Used);
        }
        if new {
            let identity = Identity::new(&account, &self.stranger.issuer, &self.stranger.subject, tx.now());
            store::insert_identity(tx, &permit, &identity).await?;
        }
        let opening = Opening {
            account: account.id,
            province: account.province,
            post: self.post,
            refresh_hash: &self.refresh_hash,
            issuer: Some(&self.stranger.issuer),
        };
        let Some((opened, post, path)) = open(tx, &permit, opening).await? else { return refused(Unproven::NoAccount) };
        let facts = json!({
            "session": opened.session, "post": post, "issuer": self.stranger.issuer, "linked": new.then_some(true),
        });
        tx.record(
            Event::new(Action::SignOn, account.province, "Account", account.id, path)
                .by(By::Account { id: account.id.0, name: account.display_name.clone() })
                .change(json!(null), facts),
        );
        Ok((opened, account.id))
    }
}

impl UseCase for LinkIdentity {
    const NAME: &'static str = "linkIdentity";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let subject = text::line("input.subject", &self.subject, 255)?;
        let (account, home) = known(tx, self.account_id, "input.accountId").await?;
        let permit = over::<act::LinkIdentity>(tx, account.id, &home)?;
        let province = territory::store::province(tx.db(), account.province).await?;
        let known =
            province.is_some_and(|province| tx.ctx().platform().issuers().get(&province.code, &self.issuer).is_some());
        if !known {
            return refuse(Refusal::not_found("input.issuer"));
        }
        let identity = Identity::new(&account, &self.issuer, &subject, tx.now());
        unique(store::insert_identity(tx, &permit, &identity).await, "input.subject")?;
        let after = json!({ "issuer": self.issuer, "subject": subject });
        tx.record(event(Action::LinkIdentity, &account, &home).change(json!(null), after));
        Ok(account.id)
    }
}

impl UseCase for UnlinkIdentity {
    const NAME: &'static str = "unlinkIdentity";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let issuer = text::line("input.issuer", &self.issuer, 500)?;
        let (account, home) = known(tx, self.account_id, "input.accountId").await?;
        let permit = over::<act::UnlinkIdentity>(tx, account.id, &home)?;
        if !store::end_identity(tx, &permit, &issuer).await? {
            return refuse(Refusal::not_found("input.issuer"));
        }
        store::revoke_sessions_of_issuer(tx, &permit, account.id, &issuer).await?;
        let before = json!({ "issuer": issuer });
        tx.record(event(Action::UnlinkIdentity, &account, &home).change(before, json!(null)).because(Some(&reason)));
        Ok(account.id)
    }
}
