//! Accounts, posts and sessions in the schema.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::{
    identity::{rules, store},
    kernel::{
        ctx::Ctx,
        fault::{Fault, Outcome},
        graphql::{
            Reply, ctx,
            loader::{self, Batch},
        },
        ids::{AccountId, PostId, SessionId},
        role::Role,
        scope::Scope,
    },
    territory::graphql::{OrgUnit, Position, PositionById, named_org},
};

/// Accounts by id.
pub struct AccountById;

impl Batch for AccountById {
    type Key = AccountId;
    type Value = Arc<rules::Account>;

    async fn load(ctx: &Ctx, keys: &[AccountId]) -> Outcome<HashMap<AccountId, Self::Value>> {
        let found = store::accounts(ctx.db().read(), &Scope::of(ctx), keys).await?;
        Ok(found.into_iter().map(|(id, account)| (id, Arc::new(account))).collect())
    }
}

/// Posts by id.
pub struct PostById;

impl Batch for PostById {
    type Key = PostId;
    type Value = Arc<rules::Post>;

    async fn load(ctx: &Ctx, keys: &[PostId]) -> Outcome<HashMap<PostId, Self::Value>> {
        let found = store::posts(ctx.db().read(), &Scope::of(ctx), keys).await?;
        Ok(found.into_iter().map(|(id, post)| (id, Arc::new(post))).collect())
    }
}

/// Posts by account.
pub struct PostsOf;

impl Batch for PostsOf {
    type Key = AccountId;
    type Value = Vec<Arc<rules::Post>>;

    async fn load(ctx: &Ctx, keys: &[AccountId]) -> Outcome<HashMap<AccountId, Self::Value>> {
        let found = store::posts_of(ctx.db().read(), keys).await?;
        Ok(found.into_iter().map(|(id, posts)| (id, posts.into_iter().map(Arc::new).collect())).collect())
    }
}

/// What identity providers call accounts, by account.
pub struct IdentitiesOf;

impl Batch for IdentitiesOf {
    type Key = AccountId;
    type Value = Vec<rules::Identity>;

    async fn load(ctx: &Ctx, keys: &[AccountId]) -> Outcome<HashMap<AccountId, Self::Value>> {
        store::identities_of(ctx.db().read(), keys).await
    }
}

/// What an identity provider calls an account (统一身份关联).
#[derive(SimpleObject)]
pub struct ExternalIdentity {
    /// The provider (认证平台标识).
    issuer: String,
    /// What it calls the person (平台内用户标识).
    subject: String,
    /// Since when (关联时间).
    linked_at: DateTime<Utc>,
}

/// An account (账号).
#[derive(Clone)]
pub struct Account(Arc<rules::Account>);

impl Account {
    /// The account in the schema.
    #[must_use]
    pub fn of(facts: Arc<rules::Account>) -> Self {
        Self(facts)
    }
}

crate::connection! {
    /// A list of accounts (账号列表).
    AccountConnection, AccountEdge, Account
}

/// An account (账号): a person who may log in. Readable by the person and by technical administrators.
#[Object]
impl Account {
    /// Id (标识).
    pub async fn id(&self) -> AccountId {
        self.0.id
    }

    /// User name (用户名).
    async fn username(&self) -> &str {
        &self.0.username
    }

    /// Name of the person (姓名).
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// Organisation that the person belongs to (所属机构).
    async fn home_organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.home).await
    }

    /// Posts held now (现任岗位).
    async fn posts(&self, context: &Context<'_>) -> Reply<Vec<Post>> {
        Ok(loader::one::<PostsOf>(context, self.0.id).await?.unwrap_or_default().into_iter().map(Post).collect())
    }

    /// What identity providers call the person (统一身份关联).
    async fn identities(&self, context: &Context<'_>) -> Reply<Vec<ExternalIdentity>> {
        let found = loader::one::<IdentitiesOf>(context, self.0.id).await?.unwrap_or_default();
        let told = |rules::Identity { issuer, subject, linked_at, .. }| ExternalIdentity { issuer, subject, linked_at };
        Ok(found.into_iter().map(told).collect())
    }

    /// Whether the password has to be changed before anything else (是否须先修改密码).
    async fn must_change_password(&self) -> bool {
        self.0.must_change_password
    }

    /// Locked after failed log-ins until then (锁定至).
    async fn locked_until(&self, context: &Context<'_>) -> Option<DateTime<Utc>> {
        let now = ctx(context).now();
        self.0.locked_until.filter(|until| *until > now)
    }

    /// When it was disabled (停用时间); null while it is enabled.
    async fn disabled_at(&self) -> Option<DateTime<Utc>> {
        self.0.disabled_at
    }

    /// When it was created (创建时间).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// A post (岗位任职).
#[derive(Clone)]
pub struct Post(Arc<rules::Post>);

impl Post {
    /// The post in the schema.
    #[must_use]
    pub fn of(facts: Arc<rules::Post>) -> Self {
        Self(facts)
    }
}

/// A post: one role of one person in one organisation (岗位任职).
#[Object]
impl Post {
    /// Id (标识).
    pub async fn id(&self) -> PostId {
        self.0.id
    }

    /// Role (角色).
    async fn role(&self) -> Role {
        self.0.role
    }

    /// Organisation (机构).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.org).await
    }

    /// Position inside the organisation, if it is told (具体岗位).
    async fn position(&self, context: &Context<'_>) -> Reply<Option<Position>> {
        match self.0.position {
            Some(position) => Ok(loader::one::<PositionById>(context, position).await?.map(Position::of)),
            None => Ok(None),
        }
    }

    /// Since when (任职时间).
    async fn valid_from(&self) -> DateTime<Utc> {
        self.0.valid_from
    }

    /// Until when (免职时间); null while it is held.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }
}

/// A log-in session (会话).
#[derive(Clone)]
pub struct Session {
    pub(super) facts: rules::Session,
    pub(super) current: bool,
}

/// A log-in session of mine (会话).
#[Object]
impl Session {
    /// Id (标识).
    async fn id(&self) -> SessionId {
        self.facts.id
    }

    /// Whether it is the one that asks (是否为当前会话).
    async fn current(&self) -> bool {
        self.current
    }

    /// The post it acts for (所用岗位).
    async fn post(&self, context: &Context<'_>) -> Reply<Post> {
        let found = loader::one::<PostById>(context, self.facts.post).await?;
        found.map(Post).ok_or_else(|| Fault::new("a session without its post").into())
    }

    /// Address it was made from (登录地址).
    async fn address(&self) -> &str {
        &self.facts.address
    }

    /// What the caller said it was (客户端).
    async fn user_agent(&self) -> &str {
        &self.facts.user_agent
    }

    /// Since when (登录时间).
    async fn created_at(&self) -> DateTime<Utc> {
        self.facts.created_at
    }

    /// Last refresh (最近刷新).
    async fn refreshed_at(&self) -> DateTime<Utc> {
        self.facts.refreshed_at
    }

    /// Ends then at the latest (最迟失效时间).
    async fn expires_at(&self) -> DateTime<Utc> {
        self.facts.expires_at
    }
}
