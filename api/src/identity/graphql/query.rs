//! Questions about identity.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use super::{
    Account, AccountConnection, Post,
    objects::{AccountById, PostById, PostsOf, Session},
};
use crate::{
    identity::store,
    kernel::{
        ctx::Actor,
        fault::Fault,
        graphql::{Reply, connection::Total, ctx, loader},
        ids::{AccountId, OrgUnitId, PostId},
        issuers::Issuer,
        paging::PageArgs,
        policy::{self, Action, Target},
        refusal::Refusal,
        scope::Scope,
        text,
    },
    territory::graphql::OrgUnit,
};

/// An identity provider of a province (统一认证平台).
#[derive(SimpleObject)]
pub struct SignOnProvider {
    /// What people call it (名称).
    name: String,
    /// What it calls itself in tokens; its description is at `/.well-known/openid-configuration` below (平台标识).
    issuer: String,
    /// What it calls this system (客户端标识).
    client_id: String,
}

/// Who asks.
pub struct Viewer(Arc<Actor>);

impl Viewer {
    /// The caller as a viewer.
    #[must_use]
    pub fn of(actor: Arc<Actor>) -> Self {
        Self(actor)
    }
}

/// Who asks (当前用户): a person in a post.
#[Object]
impl Viewer {
    /// The person's account (账号).
    async fn account(&self, context: &Context<'_>) -> Reply<Account> {
        let found = loader::one::<AccountById>(context, self.0.account).await?;
        found.map(Account::of).ok_or_else(|| Fault::new("the caller's account is gone").into())
    }

    /// The post acted for (当前岗位).
    async fn post(&self, context: &Context<'_>) -> Reply<Post> {
        let found = loader::one::<PostById>(context, self.0.post).await?;
        found.map(Post::of).ok_or_else(|| Fault::new("the caller's post is gone").into())
    }

    /// All posts the person holds, to switch between (全部岗位).
    async fn posts(&self, context: &Context<'_>) -> Reply<Vec<Post>> {
        Ok(loader::one::<PostsOf>(context, self.0.account)
            .await?
            .unwrap_or_default()
            .into_iter()
            .map(Post::of)
            .collect())
    }

    /// Organisation of the post acted for (当前机构).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        crate::territory::graphql::named_org(context, self.0.org).await
    }

    /// Whether the password has to be changed before anything else is possible (是否须先修改密码).
    async fn must_change_password(&self) -> bool {
        self.0.must_change_password
    }

    /// My standing sessions, newest first (我的会话).
    async fn sessions(&self, context: &Context<'_>) -> Reply<Vec<Session>> {
        let ctx = ctx(context);
        let sessions = store::sessions_of(ctx.db().read(), self.0.account, ctx.now()).await?;
        Ok(sessions.into_iter().map(|facts| Session { current: facts.id == self.0.session, facts }).collect())
    }
}

/// Questions about identity.
#[derive(Default)]
pub struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// Who asks (当前用户); null for the public.
    async fn viewer(&self, context: &Context<'_>) -> Option<Viewer> {
        ctx(context).person().ok().map(|actor| Viewer(Arc::clone(actor)))
    }

    /// The identity providers of a province (统一认证平台): where its people log in for `signOn`. Public.
    async fn sign_on_providers(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Code of the province, six digits (省级区划代码)")] province_code: String,
    ) -> Vec<SignOnProvider> {
        let told = |issuer: &Issuer| SignOnProvider {
            name: issuer.name.clone(),
            issuer: issuer.issuer.clone(),
            client_id: issuer.client_id.clone(),
        };
        ctx(context).platform().issuers().of(&province_code).map(told).collect()
    }

    /// Accounts of organisations in my territory, by user name (账号列表). Technical administrator.
    async fn accounts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Belonging to this organisation, or holding a post in it (机构)")] org_unit_id: Option<
            OrgUnitId,
        >,
        #[graphql(desc = "With this in the user name or the person's name (姓名或用户名包含)")] name: Option<String>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<AccountConnection> {
        let ctx = ctx(context);
        may_administer(ctx.actor()?)?;
        let name = text::optional("name", name.as_deref(), 64, text::line)?;
        let select = store::select_accounts(&Scope::of(ctx), org_unit_id, name.as_deref());
        let page =
            store::account_page(ctx.db().read(), select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(AccountConnection::new(page.map(|facts| Account::of(Arc::new(facts))), Total::count(select)))
    }
}

/// Who may manage accounts may read them.
fn may_administer(actor: &Actor) -> Result<(), Refusal> {
    let target = Target::at(actor.org.0, actor.province, &actor.path);
    policy::check(Action::CreateAccount, actor, &target)
}

/// The account for `node`: one's own, or any in an administrator's territory.
pub async fn account_node(context: &Context<'_>, id: AccountId) -> Reply<Option<Account>> {
    let ctx = ctx(context);
    let Ok(person) = ctx.person() else { return Ok(None) };
    if id != person.account && ctx.actor().is_err() {
        return Ok(None);
    }
    let Some(found) = loader::one::<AccountById>(context, id).await? else { return Ok(None) };
    if found.id == person.account {
        return Ok(Some(Account::of(found)));
    }
    let actor = ctx.actor()?;
    let home = crate::territory::store::org(ctx.db().read(), &Scope::of_actor(actor), found.home).await?;
    let administers = home.is_some_and(|home| {
        policy::check(Action::CreateAccount, actor, &Target::owned(found.id, home.province, home.id, &home.path))
            .is_ok()
    });
    Ok(administers.then(|| Account::of(found)))
}

/// The post for `node`: one's own, or any in an administrator's territory.
pub async fn post_node(context: &Context<'_>, id: PostId) -> Reply<Option<Post>> {
    let Some(found) = loader::one::<PostById>(context, id).await? else { return Ok(None) };
    Ok(account_node(context, found.account).await?.map(|_| Post::of(found)))
}
