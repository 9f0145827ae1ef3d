//! Staying logged in, acting for another post, logging out, changing the password.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::login::{Tokens, next_refresh, refresh_hash, tokens};
use crate::{
    identity::{
        password::{self, Password},
        rules::{self, Presented},
        store::{self, AccountChange},
    },
    kernel::{
        audit::{By, Event},
        ctx::{Actor, Ctx},
        fault::{Failure, Fault, Outcome, refuse},
        ids::{AccountId, PostId, SessionId},
        policy::{Act, Action, Permit, Target, act, by_system, permit},
        refusal::Refusal,
        runner::{Tx, UseCase, run},
        scope::Scope,
    },
};

crate::api_input! {
    /// Ends one of my sessions (撤销会话).
    command RevokeSession {
        /// The session (会话).
        id: SessionId,
    }

    /// Lets this session act for another of my posts (切换岗位).
    command SwitchPost {
        /// The post (岗位).
        post_id: PostId,
    }

    /// Ends this session (退出登录).
    command Logout {}

    /// Ends all my sessions, this one included (全部退出).
    command LogoutEverywhere {}
}

crate::api_input! {
    /// Old and new password (修改密码).
    part ChangePassword {
        /// The present password (原密码).
        current_password: Password,
        /// The new one: 10–128 characters of at least three classes, without the user name (新密码).
        new_password: Password,
    }
}

/// The permit to do something about oneself.
fn oneself<A: Act>(actor: &Actor) -> Result<Permit<A>, Refusal> {
    let target = Target::at(actor.account.0, actor.province, &actor.path);
    permit::<A>(actor, &target)
}

fn event(act: Action, actor: &Actor) -> Event {
    Event::new(act, actor.province, "Account", actor.account, actor.path.to_string())
}

impl UseCase for RevokeSession {
    const NAME: &'static str = "revokeSession";
    type Output = SessionId;

    async fn execute(&self, tx: &Tx) -> Outcome<SessionId> {
        let actor = tx.ctx().person()?;
        let permit = oneself::<act::RevokeSession>(actor)?;
        match store::session(tx.db(), self.id).await? {
            Some(session) if session.account == actor.account && session.revoked_at.is_none() => {}
            _ => return refuse(Refusal::not_found("input.id")),
        }
        store::revoke_session(tx, &permit, self.id).await?;
        tx.record(event(Action::RevokeSession, actor).change(json!({ "session": self.id }), json!(null)));
        Ok(self.id)
    }
}

impl UseCase for Logout {
    const NAME: &'static str = "logout";
    type Output = SessionId;

    async fn execute(&self, tx: &Tx) -> Outcome<SessionId> {
        let actor = tx.ctx().person()?;
        let permit = oneself::<act::Logout>(actor)?;
        store::revoke_session(tx, &permit, actor.session).await?;
        tx.record(event(Action::Logout, actor).change(json!({ "session": actor.session }), json!(null)));
        Ok(actor.session)
    }
}

impl UseCase for LogoutEverywhere {
    const NAME: &'static str = "logoutEverywhere";
    type Output = SessionId;

    async fn execute(&self, tx: &Tx) -> Outcome<SessionId> {
        let actor = tx.ctx().person()?;
        let permit = oneself::<act::LogoutEverywhere>(actor)?;
        store::revoke_sessions(tx, &permit, actor.account, None).await?;
        tx.record(event(Action::LogoutEverywhere, actor));
        Ok(actor.session)
    }
}

impl UseCase for SwitchPost {
    const NAME: &'static str = "switchPost";
    type Output = PostId;

    async fn execute(&self, tx: &Tx) -> Outcome<PostId> {
        let actor = tx.actor()?;
        let permit = oneself::<act::SwitchPost>(actor)?;
        let mine = store::posts_of(tx.db(), &[actor.account]).await?.remove(&actor.account).unwrap_or_default();
        if !mine.iter().any(|post| post.id == self.post_id) {
            return refuse(Refusal::not_found("input.postId"));
        }
        store::set_session_post(tx, &permit, actor.session, self.post_id).await?;
        tx.record(
            event(Action::SwitchPost, actor).change(json!({ "post": actor.post }), json!({ "post": self.post_id })),
        );
        Ok(self.post_id)
    }
}

/// Changes the caller's password and ends the other sessions.
pub async fn change_password(ctx: &Ctx, input: &ChangePassword) -> Outcome<AccountId> {
    let actor = ctx.person()?;
    let known = store::accounts(ctx.db().read(), &Scope::Everything, &[actor.account]).await?.remove(&actor.account);
    let account = known.ok_or_else(|| Fault::new("the caller's account is gone"))?;
    let now = ctx.now();
    if account.locked_until.is_some_and(|until| until > now) {
        return refuse(Refusal::CredentialsRefused { retry_after: None });
    }
    let verified = password::verify(ctx.platform(), Some(account.password_hash), &input.current_password).await?;
    if !verified.right {
        run(ctx, &super::login::refuse_password(actor)).await?;
        return refuse(Refusal::CredentialsRefused { retry_after: None });
    }
    rules::strong(input.new_password.expose(), &account.username)?;
    if input.new_password.expose() == input.current_password.expose() {
        return refuse(Refusal::conflict(
            "input.newPassword",
            "新密码不得与原密码相同。",
            "must differ from the present one.",
        ));
    }
    let hash = password::hash(ctx.platform(), &input.new_password).await?;
    run(ctx, &SetPassword { hash }).await
}

#[derive(Serialize)]
struct SetPassword {
    #[serde(skip)]
    hash: String,
}

impl UseCase for SetPassword {
    const NAME: &'static str = "changePassword";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let actor = tx.ctx().person()?;
        let permit = oneself::<act::ChangePassword>(actor)?;
        let change =
            AccountChange { password: Some((self.hash.clone(), false)), unlocked: true, ..AccountChange::default() };
        store::update_account(tx, &permit, change).await?;
        store::revoke_sessions(tx, &permit, actor.account, Some(actor.session)).await?;
        tx.record(event(Action::ChangePassword, actor));
        Ok(actor.account)
    }
}

/// Exchanges a refresh token for new tokens.
pub async fn refresh(ctx: &Ctx, token: &str) -> Outcome<Tokens> {
    let (next, next_hash) = next_refresh(ctx.platform().keyring.secret(), token);
    let done = run(ctx, &Refresh { hash: refresh_hash(token), next_hash }).await?;
    match done {
        Refreshed::Good { account, session, ends } => tokens(ctx.platform(), account, session, ends, next),
        Refreshed::Refused => Err(Failure::Unauthenticated),
    }
}

#[derive(Serialize)]
struct Refresh {
    #[serde(skip)]
    hash: String,
    #[serde(skip)]
    next_hash: String,
}

#[derive(Serialize, Deserialize)]
enum Refreshed {
    Good { account: AccountId, session: SessionId, ends: chrono::DateTime<chrono::Utc> },
    Refused,
}

impl UseCase for Refresh {
    const NAME: &'static str = "refreshSession";
    type Output = Refreshed;

    async fn execute(&self, tx: &Tx) -> Outcome<Refreshed> {
        let refused = |why| {
            tx.unrecorded(why);
            Ok(Refreshed::Refused)
        };
        let Some((id, used_at, expires_at)) = store::refresh(tx.db(), &self.hash).await? else {
            return refused("an unknown refresh token belongs to no chain");
        };
        let session =
            store::session(tx.db(), id).await?.ok_or_else(|| Fault::new("a refresh token without its session"))?;
        if session.revoked_at.is_some() || session.expires_at <= tx.now() {
            return refused("the session has ended, which is recorded already");
        }
        let known = store::accounts(tx.db(), &Scope::Everything, &[session.account]).await?.remove(&session.account);
        let account = known.ok_or_else(|| Fault::new("a session without its account"))?;
        if account.disabled_at.is_some() {
            return refused("the account was disabled, which is recorded already");
        }
        let policy = &tx.ctx().platform().sessions;
        let mut presented = rules::presented(used_at, expires_at, tx.now(), policy);
        let renew = by_system::<act::RefreshSession>(session.id, "whoever has the refresh token is its session");
        if presented == Presented::Fresh && !store::use_refresh(tx, &renew, &self.hash, &self.next_hash).await? {
            // Somebody exchanged it between the look and the use: the same as a repetition a moment later.
            presented = Presented::Repeated;
        }
        if presented == Presented::Repeated {
            let next = store::refresh(tx.db(), &self.next_hash).await?;
            // Who has gone on with the answer has not lost it: another one comes with the old token.
            if next.is_some_and(|(_, used_at, _)| used_at.is_some()) {
                presented = Presented::Replayed;
            }
        }
        let by = By::Account { id: account.id.0, name: account.display_name.clone() };
        match presented {
            Presented::Expired => refused("an expired refresh token changes nothing"),
            Presented::Replayed => {
                let permit = by_system::<act::DetectTokenReplay>(session.id, "a used refresh token came back");
                store::revoke_session(tx, &permit, session.id).await?;
                let event = super::login::of_account(tx, Action::DetectTokenReplay, &account).await?;
                tx.record(event.by(by).change(
                    json!({ "session": session.id, "address": session.address }),
                    json!({ "address": tx.ctx().address() }),
                ));
                Ok(Refreshed::Refused)
            }
            Presented::Repeated => {
                tx.unrecorded("the exchange is repeated and answered as it was");
                Ok(Refreshed::Good { account: account.id, session: session.id, ends: session.expires_at })
            }
            Presented::Fresh => {
                let idle = tx.now() + TimeDelta::seconds(policy.idle_seconds.into());
                store::insert_refresh(tx, &renew, &self.next_hash, session.id, idle.min(session.expires_at)).await?;
                store::touch_session(tx, &renew, session.id).await?;
                let event = super::login::of_account(tx, Action::RefreshSession, &account).await?;
                tx.record(event.by(by).change(json!(null), json!({ "session": session.id })));
                Ok(Refreshed::Good { account: account.id, session: session.id, ends: session.expires_at })
            }
        }
    }
}
