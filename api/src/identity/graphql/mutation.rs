//! Acts of identity.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    Account, Post,
    objects::{AccountById, PostById},
};
use crate::{
    identity::{
        password::Password,
        service::{
            accounts::{
                self, CreateAccount, CreatePost, DisableAccount, EnableAccount, EndPost, ResetPassword, UnlockAccount,
            },
            authenticate,
            login::{self, Login, Tokens},
            session::{self, ChangePassword, Logout, LogoutEverywhere, RevokeSession, SwitchPost},
            sign_on::{self, LinkIdentity, SignOn, UnlinkIdentity},
        },
    },
    kernel::{
        ctx::Who,
        fault::{Failure, Outcome},
        graphql::{Reply, ctx},
        ids::SessionId,
        runner::{command, own_command},
    },
    territory::graphql::mutation::read_back,
};

/// Tokens of a session (会话令牌).
#[derive(SimpleObject)]
pub struct SessionTokens {
    /// For the header `Authorization: Bearer …` (访问令牌).
    access_token: String,
    /// When the access token ends (访问令牌失效时间).
    access_token_expires_at: DateTime<Utc>,
    /// For the next `refreshSession`; single use, keep it secret (刷新令牌).
    refresh_token: String,
    /// When the session ends at the latest (会话最迟失效时间).
    session_expires_at: DateTime<Utc>,
    /// The session (会话).
    session_id: SessionId,
    /// Whether the password has to be changed before anything else is possible (是否须先修改密码).
    must_change_password: bool,
}

crate::payload! {
    /// Result of logging in or refreshing (登录结果).
    SessionPayload {
        /// Tokens (令牌); null if refused.
        tokens: SessionTokens
    }
    /// Result of ending sessions (退出结果).
    LogoutPayload {
        /// The session that was ended, or that asked for all to be ended (会话).
        session_id: SessionId
    }
    /// Result of switching posts (切换岗位结果).
    SwitchPostPayload {
        /// The post acted for from the next request on (岗位).
        post: Post
    }
    /// Result of an act on an account (账号操作结果).
    AccountPayload {
        /// The account as it is now (账号).
        account: Account
    }
    /// Result of an act on a post (岗位任职操作结果).
    PostPayload {
        /// The post as it is now (岗位任职).
        post: Post
    }
}

async fn answer(context: &Context<'_>, outcome: Outcome<Tokens>) -> Outcome<SessionTokens> {
    let tokens = outcome?;
    let must_change_password = match authenticate(ctx(context).platform(), Some(&tokens.access)).await? {
        Who::Member(actor) => actor.must_change_password,
        Who::Anonymous | Who::System(_) => return Err(Failure::Unauthenticated),
    };
    Ok(SessionTokens {
        access_token: tokens.access,
        access_token_expires_at: tokens.access_ends,
        refresh_token: tokens.refresh,
        session_expires_at: tokens.session_ends,
        session_id: tokens.session,
        must_change_password,
    })
}

async fn account(context: &Context<'_>, outcome: Outcome<crate::kernel::ids::AccountId>) -> Outcome<Account> {
    Ok(Account::of(read_back::<AccountById>(context, outcome).await?))
}

/// Acts of identity.
#[derive(Default)]
pub struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Logs in (登录). Public. Unknown user, wrong password and locked account look alike.
    async fn login(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "User name and password (用户名与密码)")] input: Login,
    ) -> Reply<SessionPayload> {
        let outcome = login::login(ctx(context), &input).await;
        SessionPayload::of(ctx(context), answer(context, outcome).await)
    }

    /// Logs in with a token of the province's identity provider (统一身份认证登录). Public. The provider says who it is, the
    /// person's posts what they may do; a token is good for one sign-on.
    async fn sign_on(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The token (身份令牌)")] input: SignOn,
    ) -> Reply<SessionPayload> {
        let outcome = sign_on::sign_on(ctx(context), &input).await;
        SessionPayload::of(ctx(context), answer(context, outcome).await)
    }

    /// Links a person of an identity provider to an account (关联统一身份). Technical administrator.
    async fn link_identity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Account and person (账号与平台用户)")] input: LinkIdentity,
    ) -> Reply<AccountPayload> {
        let outcome = command(ctx(context), &input).await;
        AccountPayload::of(ctx(context), account(context, outcome).await)
    }

    /// Unlinks an account from an identity provider and ends the sessions begun with it (解除统一身份关联). Technical
    /// administrator.
    async fn unlink_identity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Account, provider, reason (账号、平台、原因)")] input: UnlinkIdentity,
    ) -> Reply<AccountPayload> {
        let outcome = command(ctx(context), &input).await;
        AccountPayload::of(ctx(context), account(context, outcome).await)
    }

    /// Exchanges a refresh token for new tokens (刷新会话). Public. The token is used up; the same one may be repeated for
    /// ten seconds, later it revokes the whole session. A token that is not good gives `UNAUTHENTICATED`.
    async fn refresh_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The refresh token (刷新令牌)")] refresh_token: Password,
    ) -> Reply<SessionPayload> {
        let outcome = session::refresh(ctx(context), refresh_token.expose()).await;
        SessionPayload::of(ctx(context), answer(context, outcome).await)
    }

    /// Ends this session (退出登录).
    async fn logout(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Nothing but an idempotency key (可选幂等键)")] input: Option<Logout>,
    ) -> Reply<LogoutPayload> {
        let outcome = own_command(ctx(context), &input.unwrap_or(Logout { idempotency_key: None })).await;
        LogoutPayload::of(ctx(context), outcome)
    }

    /// Ends all my sessions, this one included (全部退出).
    async fn logout_everywhere(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Nothing but an idempotency key (可选幂等键)")] input: Option<LogoutEverywhere>,
    ) -> Reply<LogoutPayload> {
        let outcome = own_command(ctx(context), &input.unwrap_or(LogoutEverywhere { idempotency_key: None })).await;
        LogoutPayload::of(ctx(context), outcome)
    }

    /// Ends one of my sessions (撤销会话).
    async fn revoke_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The session (会话)")] input: RevokeSession,
    ) -> Reply<LogoutPayload> {
        let outcome = own_command(ctx(context), &input).await;
        LogoutPayload::of(ctx(context), outcome)
    }

    /// Lets this session act for another of my posts, from the next request on (切换岗位).
    async fn switch_post(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The post (岗位)")] input: SwitchPost,
    ) -> Reply<SwitchPostPayload> {
        let outcome = command(ctx(context), &input).await;
        SwitchPostPayload::of(ctx(context), read_back::<PostById>(context, outcome).await.map(Post::of))
    }

    /// Changes my password and ends my other sessions (修改密码).
    async fn change_password(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Old and new password (新旧密码)")] input: ChangePassword,
    ) -> Reply<AccountPayload> {
        let outcome = session::change_password(ctx(context), &input).await;
        AccountPayload::of(ctx(context), account(context, outcome).await)
    }

    /// Creates an account (创建账号). Technical administrator.
    async fn create_account(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The account (账号内容)")] input: CreateAccount,
    ) -> Reply<AccountPayload> {
        let outcome = accounts::create(ctx(context), &input).await;
        AccountPayload::of(ctx(context), account(context, outcome).await)
    }

    /// Sets a new first password and ends all sessions (重置密码). Technical administrator.
    async fn reset_password(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Account and first password (账号与初始密码)")] input: ResetPassword,
    ) -> Reply<AccountPayload> {
        let outcome = accounts::reset_password(ctx(context), &input).await;
        AccountPayload::of(ctx(context), account(context, outcome).await)
    }

    /// Disables an account and ends all its sessions (停用账号). Technical administrator.
    async fn disable_account(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Account and reason (账号与原因)")] input: DisableAccount,
    ) -> Reply<AccountPayload> {
        let outcome = command(ctx(context), &input).await;
        AccountPayload::of(ctx(context), account(context, outcome).await)
    }

    /// Enables an account again (启用账号). Technical administrator.
    async fn enable_account(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Account and reason (账号与原因)")] input: EnableAccount,
    ) -> Reply<AccountPayload> {
        let outcome = command(ctx(context), &input).await;
        AccountPayload::of(ctx(context), account(context, outcome).await)
    }

    /// Lifts a lock after failed log-ins (解锁账号). Technical administrator.
    async fn unlock_account(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The account (账号)")] input: UnlockAccount,
    ) -> Reply<AccountPayload> {
        let outcome = command(ctx(context), &input).await;
        AccountPayload::of(ctx(context), account(context, outcome).await)
    }

    /// Gives a person a post (任职). Technical administrator.
    async fn create_post(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Person, organisation, role (人员、机构、角色)")] input: CreatePost,
    ) -> Reply<PostPayload> {
        let outcome = command(ctx(context), &input).await;
        PostPayload::of(ctx(context), read_back::<PostById>(context, outcome).await.map(Post::of))
    }

    /// Ends a post and the sessions that act for it (免职). Technical administrator.
    async fn end_post(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Post and reason (岗位与原因)")] input: EndPost,
    ) -> Reply<PostPayload> {
        let outcome = command(ctx(context), &input).await;
        PostPayload::of(ctx(context), read_back::<PostById>(context, outcome).await.map(Post::of))
    }
}
