//! The technical administrator's acts on accounts and posts. No business power comes with them.

use serde::Serialize;
use serde_json::json;

use crate::{
    identity::{
        password::{self, Password},
        rules::{self, Account, Post},
        store::{self, AccountChange},
    },
    kernel::{
        audit::Event,
        ctx::Ctx,
        fault::{Fault, Outcome, refuse, unique},
        ids::{AccountId, OrgUnitId, PositionId, PostId},
        policy::{Act, Action, Permit, Target, act, permit},
        refusal::{InputProblem, Refusal},
        role::Role,
        runner::{Tx, UseCase, run_once},
        scope::Scope,
        text,
    },
    territory::{
        self,
        rules::{OrgUnit, may_hold},
        service::org,
    },
};

crate::api_input! {
    /// A role in an organisation (岗位).
    part NewPost {
        /// The organisation (机构).
        org_unit_id: OrgUnitId,
        /// The role, which must suit the organisation (角色).
        role: Role,
        /// The position inside the organisation (具体岗位).
        position_id: Option<PositionId>,
    }
}

crate::api_input! {
    /// Creates an account (创建账号). The first password has to be changed at the first log-in.
    command CreateAccount {
        /// User name: letters, digits, `.`, `_`, `-`, `@`, at most 64, unique in the province (用户名).
        username: String,
        /// Name of the person (姓名).
        display_name: String,
        /// Organisation that the person belongs to (所属机构).
        home_org_unit_id: OrgUnitId,
        /// First password: 10–128 characters of at least three classes, without the user name (初始密码).
        temporary_password: Password,
        /// Posts, at least one (岗位).
        posts: Vec<NewPost>,
    }

    /// Sets a new first password and ends all sessions (重置密码).
    command ResetPassword {
        /// The account (账号).
        id: AccountId,
        /// New first password; has to be changed at the next log-in (初始密码).
        temporary_password: Password,
        /// Reason (原因).
        reason: String,
    }

    /// Disables an account and ends all sessions (停用账号).
    command DisableAccount {
        /// The account (账号).
        id: AccountId,
        /// Reason (原因).
        reason: String,
    }

    /// Enables an account again (启用账号).
    command EnableAccount {
        /// The account (账号).
        id: AccountId,
        /// Reason (原因).
        reason: String,
    }

    /// Lifts a lock after failed log-ins (解锁账号).
    command UnlockAccount {
        /// The account (账号).
        id: AccountId,
    }

    /// Gives a person a post (任职).
    command CreatePost {
        /// The account (账号).
        account_id: AccountId,
        /// The organisation (机构).
        org_unit_id: OrgUnitId,
        /// The role, which must suit the organisation (角色).
        role: Role,
        /// The position inside the organisation (具体岗位).
        position_id: Option<PositionId>,
    }

    /// Ends a post and the sessions that act for it (免职).
    command EndPost {
        /// The post (岗位).
        id: PostId,
        /// Reason (原因).
        reason: String,
    }
}

/// The permit over something of an organisation in the administrator's territory.
pub(super) fn over<A: Act>(tx: &Tx, id: impl Into<uuid::Uuid>, home: &OrgUnit) -> Outcome<Permit<A>> {
    Ok(permit::<A>(tx.actor()?, &Target::owned(id, home.province, home.id, &home.path))?)
}

pub(super) async fn known(tx: &Tx, id: AccountId, path: &str) -> Outcome<(Account, OrgUnit)> {
    let found = store::accounts(tx.db(), &Scope::of(tx.ctx()), &[id]).await?.remove(&id);
    let Some(account) = found else { return refuse(Refusal::not_found(path)) };
    let home = org(tx, account.home, path).await?;
    Ok((account, home))
}

pub(super) fn event(act: Action, account: &Account, home: &OrgUnit) -> Event {
    Event::new(act, account.province, "Account", account.id, home.path.clone()).concerning(home.id)
}

async fn new_post(tx: &Tx, account: AccountId, given: &NewPost, path: &str) -> Outcome<(Post, OrgUnit)> {
    let place = org(tx, given.org_unit_id, &format!("{path}.orgUnitId")).await?;
    may_hold(given.role, place.kind, place.level, &format!("{path}.role"))?;
    if let Some(position) = given.position_id {
        let scope = Scope::of(tx.ctx());
        let found = territory::store::positions(tx.db(), &scope, &[position]).await?.remove(&position);
        let office = match &found {
            Some(found) => territory::store::offices(tx.db(), &scope, &[found.office]).await?.remove(&found.office),
            None => None,
        };
        if office.is_none_or(|office| office.org != place.id) {
            return refuse(Refusal::not_found(format!("{path}.positionId")));
        }
    }
    let post = Post {
        id: PostId::new(),
        province: place.province,
        account,
        org: place.id,
        role: given.role,
        position: given.position_id,
        valid_from: tx.now(),
        ended_at: None,
        revision: 1,
    };
    Ok((post, place))
}

/// Whether this role goes with those the person holds.
async fn kept_apart(tx: &Tx, account: AccountId, role: Role, path: &str) -> Outcome<()> {
    let held = store::posts_of(tx.db(), &[account]).await?.remove(&account).unwrap_or_default();
    Ok(rules::kept_apart(held.iter().map(|post| post.role), role, path)?)
}

/// A command with the hash of the password that came with it, made before the transaction begins.
#[derive(Serialize)]
struct Hashed<'a, T> {
    input: &'a T,
    #[serde(skip)]
    hash: String,
}

/// Creates an account.
pub async fn create(ctx: &Ctx, input: &CreateAccount) -> Outcome<AccountId> {
    ctx.actor()?;
    rules::strong(input.temporary_password.expose(), &input.username)?;
    let hash = password::hash(ctx.platform(), &input.temporary_password).await?;
    run_once(ctx, &Hashed { input, hash }, input.idempotency_key.as_deref()).await
}

impl UseCase for Hashed<'_, CreateAccount> {
    const NAME: &'static str = "createAccount";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let actor = tx.actor()?;
        let input = self.input;
        let username = text::username("input.username", &input.username)?;
        let display_name = text::line("input.displayName", &input.display_name, 60)?;
        let home = org(tx, input.home_org_unit_id, "input.homeOrgUnitId").await?;
        if input.posts.is_empty() || input.posts.len() > 20 {
            let problem = if input.posts.is_empty() {
                InputProblem::TooFew { min: 1 }
            } else {
                InputProblem::TooMany { max: 20 }
            };
            return refuse(Refusal::invalid("input.posts", problem));
        }
        let id = AccountId::new();
        let permit = over::<act::CreateAccount>(tx, id, &home)?;
        let account = Account {
            id,
            province: actor.province,
            username,
            display_name,
            home: home.id,
            password_hash: self.hash.clone(),
            must_change_password: true,
            failed_logins: 0,
            locked_until: None,
            disabled_at: None,
            created_at: tx.now(),
            revision: 1,
        };
        unique(store::insert_account(tx, &permit, &account).await, "input.username")?;
        let mut roles = Vec::new();
        for (index, given) in input.posts.iter().enumerate() {
            let path = format!("input.posts.{index}");
            let (post, place) = new_post(tx, id, given, &path).await?;
            over::<act::CreatePost>(tx, post.id, &place)?;
            kept_apart(tx, id, post.role, &path).await?;
            unique(store::insert_post(tx, &permit, &post).await, &path)?;
            roles.push(format!("{} {}", place.name, post.role));
        }
        let after = json!({ "username": account.username, "name": account.display_name, "posts": roles });
        tx.record(event(Action::CreateAccount, &account, &home).change(json!(null), after));
        Ok(id)
    }
}

/// Sets a new first password.
pub async fn reset_password(ctx: &Ctx, input: &ResetPassword) -> Outcome<AccountId> {
    ctx.actor()?;
    rules::strong(input.temporary_password.expose(), "")?;
    let hash = password::hash(ctx.platform(), &input.temporary_password).await?;
    run_once(ctx, &Hashed { input, hash }, input.idempotency_key.as_deref()).await
}

impl UseCase for Hashed<'_, ResetPassword> {
    const NAME: &'static str = "resetPassword";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let reason = text::block("input.reason", &self.input.reason, text::BLOCK)?;
        let (account, home) = known(tx, self.input.id, "input.id").await?;
        let permit = over::<act::ResetPassword>(tx, account.id, &home)?;
        let change =
            AccountChange { password: Some((self.hash.clone(), true)), unlocked: true, ..AccountChange::default() };
        store::update_account(tx, &permit, change).await?;
        store::revoke_sessions(tx, &permit, account.id, None).await?;
        tx.record(event(Action::ResetPassword, &account, &home).because(Some(&reason)));
        Ok(account.id)
    }
}

impl UseCase for DisableAccount {
    const NAME: &'static str = "disableAccount";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let (account, home) = known(tx, self.id, "input.id").await?;
        let permit = over::<act::DisableAccount>(tx, account.id, &home)?;
        if account.disabled_at.is_some() {
            return refuse(Refusal::wrong_state(("DISABLED", "已停用"), &[("ENABLED", "正常使用")]));
        }
        if account.id == tx.actor()?.account {
            return refuse(Refusal::forbidden("不能停用自己的账号。", "Nobody disables their own account."));
        }
        store::update_account(
            tx,
            &permit,
            AccountChange { disabled: Some(Some(tx.now())), ..AccountChange::default() },
        )
        .await?;
        store::revoke_sessions(tx, &permit, account.id, None).await?;
        tx.record(event(Action::DisableAccount, &account, &home).because(Some(&reason)));
        Ok(account.id)
    }
}

impl UseCase for EnableAccount {
    const NAME: &'static str = "enableAccount";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let (account, home) = known(tx, self.id, "input.id").await?;
        let permit = over::<act::EnableAccount>(tx, account.id, &home)?;
        if account.disabled_at.is_none() {
            return refuse(Refusal::wrong_state(("ENABLED", "正常使用"), &[("DISABLED", "已停用")]));
        }
        store::update_account(
            tx,
            &permit,
            AccountChange { disabled: Some(None), unlocked: true, ..AccountChange::default() },
        )
        .await?;
        tx.record(event(Action::EnableAccount, &account, &home).because(Some(&reason)));
        Ok(account.id)
    }
}

impl UseCase for UnlockAccount {
    const NAME: &'static str = "unlockAccount";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let (account, home) = known(tx, self.id, "input.id").await?;
        let permit = over::<act::UnlockAccount>(tx, account.id, &home)?;
        store::update_account(tx, &permit, AccountChange { unlocked: true, ..AccountChange::default() }).await?;
        let before = json!({ "failures": account.failed_logins, "lockedUntil": account.locked_until });
        tx.record(event(Action::UnlockAccount, &account, &home).change(before, json!(null)));
        Ok(account.id)
    }
}

impl UseCase for CreatePost {
    const NAME: &'static str = "createPost";
    type Output = PostId;

    async fn execute(&self, tx: &Tx) -> Outcome<PostId> {
        let (account, home) = known(tx, self.account_id, "input.accountId").await?;
        over::<act::CreatePost>(tx, account.id, &home)?;
        let given = NewPost { org_unit_id: self.org_unit_id, role: self.role, position_id: self.position_id };
        let (post, place) = new_post(tx, account.id, &given, "input").await?;
        let permit = over::<act::CreatePost>(tx, post.id, &place)?;
        kept_apart(tx, account.id, post.role, "input").await?;
        unique(store::insert_post(tx, &permit, &post).await, "input.role")?;
        let after = json!({ "post": post.id, "organisation": place.name, "role": post.role });
        tx.record(event(Action::CreatePost, &account, &place).change(json!(null), after));
        Ok(post.id)
    }
}

impl UseCase for EndPost {
    const NAME: &'static str = "endPost";
    type Output = PostId;

    async fn execute(&self, tx: &Tx) -> Outcome<PostId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let found = store::posts(tx.db(), &Scope::of(tx.ctx()), &[self.id]).await?.remove(&self.id);
        let Some(post) = found else { return refuse(Refusal::not_found("input.id")) };
        let place = org(tx, post.org, "input.id").await?;
        let permit = over::<act::EndPost>(tx, post.id, &place)?;
        if post.ended_at.is_some() {
            return refuse(Refusal::wrong_state(("ENDED", "已免职"), &[("HELD", "在任")]));
        }
        if post.id == tx.actor()?.post {
            return refuse(Refusal::forbidden("不能免去自己正在使用的岗位。", "Nobody ends the post they act for."));
        }
        store::end_post(tx, &permit).await?;
        let (account, _) = known(tx, post.account, "input.id").await?;
        let before = json!({ "post": post.id, "organisation": place.name, "role": post.role });
        tx.record(event(Action::EndPost, &account, &place).because(Some(&reason)).change(before, json!(null)));
        Ok(post.id)
    }
}

/// An account made at the machine: the first administrator, or a person of the demonstration world.
#[derive(Serialize)]
pub struct Enrol {
    /// User name.
    pub username: String,
    /// Name.
    pub display_name: String,
    /// Posts: organisation and role.
    pub posts: Vec<(OrgUnitId, Role)>,
    /// Hash of the password.
    #[serde(skip)]
    pub password_hash: String,
    /// Whether it has to be changed at the first log-in.
    pub must_change_password: bool,
}

impl UseCase for Enrol {
    const NAME: &'static str = "enrol";
    type Output = AccountId;

    async fn execute(&self, tx: &Tx) -> Outcome<AccountId> {
        let username = text::username("username", &self.username)?;
        let display_name = text::line("display_name", &self.display_name, 60)?;
        let Some((home, _)) = self.posts.first() else { return Err(Fault::new("an account needs a post").into()) };
        let home = org(tx, *home, "org").await?;
        let id = AccountId::new();
        let permit = crate::kernel::policy::by_system::<act::CreateAccount>(id, "an account is made at the machine");
        let account = Account {
            id,
            province: home.province,
            username,
            display_name,
            home: home.id,
            password_hash: self.password_hash.clone(),
            must_change_password: self.must_change_password,
            failed_logins: 0,
            locked_until: None,
            disabled_at: None,
            created_at: tx.now(),
            revision: 1,
        };
        unique(store::insert_account(tx, &permit, &account).await, "username")?;
        for (place, role) in &self.posts {
            let given = NewPost { org_unit_id: *place, role: *role, position_id: None };
            let (post, _) = new_post(tx, id, &given, "post").await?;
            store::insert_post(tx, &permit, &post).await?;
        }
        let after = json!({ "username": account.username, "name": account.display_name });
        tx.record(event(Action::CreateAccount, &account, &home).change(json!(null), after));
        Ok(id)
    }
}
