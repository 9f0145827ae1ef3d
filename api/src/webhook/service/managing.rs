//! Endpoints: registered, changed, given a new secret, held, let go on, removed.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::json;
use url::Url;

use super::{TARGET, event, permitted, purpose, without_query};
use crate::{
    kernel::{
        audit::Event,
        ctx::Ctx,
        fault::{Check, Failure, Fault, Outcome, refuse},
        ids::{OrgUnitId, WebhookEndpointId},
        keyring::random,
        outbound::{FORBIDDEN, NoAnswer},
        policy::{Action, Target, act, check, permit},
        refusal::Refusal,
        runner::{Keyed, Tx, UseCase, run_once},
        text,
    },
    territory::{
        self,
        service::{organisations::fresh, today},
    },
    webhook::{
        rules::{self, Endpoint, Health, WebhookEndpointState},
        store::{self, Again, EndpointChange},
    },
};

crate::api_input! {
    /// Registers an endpoint that is told what happens (登记推送地址).
    command CreateWebhookEndpoint {
        /// The organisation, which is told what it sees (所属单位); left out, the endpoint is the whole province's, which
        /// its technical administrator alone may set up.
        org_unit_id: Option<OrgUnitId>,
        /// Where messages are posted to: https, at most 500 characters, no user name, port 80, 443 or from 1024; what its
        /// name stands for has to be a public address, or in a range that the operator has opened (推送地址).
        url: String,
        /// What it is for, at most 200 characters (用途说明).
        description: String,
        /// The acts to be told of; all there are if left out or empty (推送的操作).
        acts: Option<Vec<Action>>,
    }

    /// Changes an endpoint; what is left out stays (修改推送地址).
    command UpdateWebhookEndpoint {
        /// The endpoint (推送地址).
        id: WebhookEndpointId,
        /// New address (新地址).
        url: Option<String>,
        /// New description (新说明).
        description: Option<String>,
        /// The acts to be told of; all there are if empty (推送的操作).
        acts: Option<Vec<Action>>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Gives an endpoint a new secret; the present one signs as well for 24 hours (更换推送密钥).
    command RotateWebhookSecret {
        /// The endpoint (推送地址).
        id: WebhookEndpointId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Holds deliveries to an endpoint (暂停推送).
    command PauseWebhookEndpoint {
        /// The endpoint (推送地址).
        id: WebhookEndpointId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Goes on with deliveries to an endpoint that was held or disabled; what waits is tried anew (恢复推送).
    command ResumeWebhookEndpoint {
        /// The endpoint (推送地址).
        id: WebhookEndpointId,
        /// Whether what happened in the meantime is left out; it is told if not (是否略过期间发生的事件).
        from_now: Option<bool>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Removes an endpoint with its secret and its log (删除推送地址).
    command DeleteWebhookEndpoint {
        /// The endpoint (推送地址).
        id: WebhookEndpointId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

/// A command with a place for the secret beside its answer: an answer is kept with its idempotency key, a secret never.
#[derive(Serialize)]
struct Issuing<'a, T> {
    input: &'a T,
    #[serde(skip)]
    secret: Mutex<Option<String>>,
}

impl<'a, T> Issuing<'a, T> {
    fn new(input: &'a T) -> Self {
        Self { input, secret: Mutex::default() }
    }

    /// A new secret, sealed for an endpoint.
    fn issue(&self, tx: &Tx, id: WebhookEndpointId) -> Outcome<Vec<u8>> {
        let secret = random::<{ rules::SECRET_BYTES }>();
        let sealed = tx.ctx().platform().keyring.secret().seal(&purpose(id), &secret)?;
        *self.secret.lock().unwrap_or_else(PoisonError::into_inner) = Some(rules::shown(&secret));
        Ok(sealed)
    }

    fn into_secret(self) -> Option<String> {
        self.secret.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An endpoint with its new secret; none where the command is repeated.
pub type Issued = (WebhookEndpointId, Option<String>);

/// Registers an endpoint.
pub async fn create(ctx: &Ctx, input: &CreateWebhookEndpoint) -> Outcome<Issued> {
    let actor = ctx.actor()?;
    // Only for those who may register something somewhere is a name looked up.
    let mine = Target::owned(actor.org, actor.province, actor.org, &actor.path);
    check(Action::CreateWebhookEndpoint, actor, &mine)?;
    reachable(ctx, &input.url).await?;
    let issuing = Issuing::new(input);
    let id = run_once(ctx, &issuing, input.idempotency_key()).await?;
    Ok((id, issuing.into_secret()))
}

/// Gives an endpoint a new secret.
pub async fn rotate(ctx: &Ctx, input: &RotateWebhookSecret) -> Outcome<Issued> {
    ctx.actor()?;
    let issuing = Issuing::new(input);
    let id = run_once(ctx, &issuing, input.idempotency_key()).await?;
    Ok((id, issuing.into_secret()))
}

/// Changes an endpoint.
pub async fn update(ctx: &Ctx, input: &UpdateWebhookEndpoint) -> Outcome<WebhookEndpointId> {
    let actor = ctx.actor()?;
    super::managed(ctx.db().read(), actor, input.id, "input.id").await?;
    if let Some(url) = &input.url {
        reachable(ctx, url).await?;
    }
    run_once(ctx, input, input.idempotency_key()).await
}

/// Whether what a name stands for now may be called. A name that stands for nothing yet may be registered: it is looked at
/// again at each attempt.
async fn reachable(ctx: &Ctx, url: &str) -> Outcome<()> {
    // What is no address is refused together with whatever else is wrong.
    let Ok(url) = address(ctx, url) else { return Ok(()) };
    match ctx.platform().outbound().addresses(&url).await {
        Err(NoAnswer::Forbidden) => refuse(Refusal::conflict("input.url", FORBIDDEN.zh, FORBIDDEN.en)),
        _ => Ok(()),
    }
}

fn address(ctx: &Ctx, text: &str) -> Result<Url, Refusal> {
    let wrong = |rule: crate::kernel::refusal::Rule| Refusal::conflict("input.url", rule.zh, rule.en);
    ctx.platform().outbound().reach.url(text.trim()).map_err(wrong)
}

/// What is said to who wants more endpoints than [`rules::MAX_ENDPOINTS`].
fn too_many(org: Option<OrgUnitId>) -> Refusal {
    match org {
        Some(_) => Refusal::conflict(
            "input.orgUnitId",
            "该单位已登记十个推送地址，请先删除一个再登记。",
            "This organisation has ten endpoints already; remove one first.",
        ),
        None => Refusal::conflict(
            "input.url",
            "已登记十个全省的推送地址，请先删除一个再登记。",
            "The province as a whole has ten endpoints already; remove one first.",
        ),
    }
}

/// Acts that somebody wants to be told of; none for all there are.
fn wanted(acts: Option<&[Action]>) -> Result<Option<Vec<Action>>, Refusal> {
    let Some(acts) = acts.filter(|acts| !acts.is_empty()) else { return Ok(None) };
    if let Some(index) = acts.iter().position(|act| !rules::is_told(*act)) {
        return Err(Refusal::conflict(
            format!("input.acts.{index}"),
            "涉及登录、账号、投票、推送等的操作不对外推送。",
            "is never told: log-ins, accounts, ballots and webhooks are not.",
        ));
    }
    let mut acts = acts.to_vec();
    acts.sort_unstable();
    acts.dedup();
    Ok(Some(acts))
}

impl UseCase for Issuing<'_, CreateWebhookEndpoint> {
    const NAME: &'static str = "createWebhookEndpoint";
    type Output = WebhookEndpointId;

    async fn execute(&self, tx: &Tx) -> Outcome<WebhookEndpointId> {
        let (input, actor, id) = (self.input, tx.actor()?, WebhookEndpointId::new());
        let path = match input.org_unit_id {
            Some(org) => {
                let owner = territory::service::org(tx, org, "input.orgUnitId").await?;
                if owner.valid_to.is_some_and(|end| end <= today(tx)) {
                    return refuse(Refusal::wrong_state(("ABOLISHED", "已撤销"), &[("IN_EXISTENCE", "存续")]));
                }
                owner.path
            }
            None => territory::store::province(tx.db(), actor.province)
                .await?
                .map(|province| province.code)
                .ok_or_else(|| Fault::new("the actor's province is gone"))?,
        };
        let mut check = Check::new();
        let url = check.take(address(tx.ctx(), &input.url));
        let description = check.take(text::line("input.description", &input.description, rules::DESCRIPTION));
        let acts = check.take(wanted(input.acts.as_deref()));
        check.done()?;
        let (Some(url), Some(description), Some(acts)) = (url, description, acts) else {
            return Err(Failure::unchecked());
        };
        let new = Endpoint {
            id,
            province: actor.province,
            org: input.org_unit_id,
            path,
            url: url.into(),
            description,
            acts,
            state: WebhookEndpointState::Active,
            disabled_because: None,
            old_secret_until: None,
            // What happened before is not told.
            seen: store::chain_head(tx.db(), actor.province).await?,
            last_number: 0,
            health: Health::default(),
            created_at: tx.now(),
            revision: 1,
        };
        let permit = match permit::<act::CreateWebhookEndpoint>(actor, &new.target()) {
            Err(refusal) if new.org.is_some() => return refuse(refusal),
            Err(_) => {
                return refuse(Refusal::forbidden(
                    "全省的推送地址仅由技术管理员登记；登记本单位的，请填写所属单位（orgUnitId）。",
                    "Only the technical administrator sets up an endpoint of the whole province; name your organisation \
                     (orgUnitId) for one of its own.",
                ));
            }
            Ok(permit) => permit,
        };
        if store::endpoint_count(tx.db(), new.province, new.org).await? >= rules::MAX_ENDPOINTS {
            return refuse(too_many(new.org));
        }
        store::insert_endpoint(tx, &permit, &new, self.issue(tx, id)?).await?;
        let event = Event::new(Action::CreateWebhookEndpoint, new.province, TARGET, id, new.path.clone());
        let event = new.org.into_iter().fold(event, Event::concerning);
        tx.record(event.change(
            json!(null),
            json!({ "url": without_query(&new.url), "description": new.description, "acts": new.acts }),
        ));
        Ok(id)
    }
}

impl UseCase for UpdateWebhookEndpoint {
    const NAME: &'static str = "updateWebhookEndpoint";
    type Output = WebhookEndpointId;

    async fn execute(&self, tx: &Tx) -> Outcome<WebhookEndpointId> {
        let mut check = Check::new();
        let url = self.url.as_deref().map(|url| address(tx.ctx(), url)).transpose();
        let url = check.take(url).flatten().map(String::from);
        let description = self.description.as_deref();
        let description = description.map(|text| text::line("input.description", text, rules::DESCRIPTION));
        let description = check.take(description.transpose()).flatten();
        let acts = check.take(self.acts.as_deref().map(|acts| wanted(Some(acts))).transpose()).flatten();
        check.done()?;
        let (endpoint, permit) = permitted::<act::UpdateWebhookEndpoint>(tx, self.id, "input.id").await?;
        fresh(self.expected_revision, endpoint.revision)?;
        let change = EndpointChange {
            url: url.as_deref(),
            description: description.as_deref(),
            acts: acts.as_ref().map(Option::as_deref),
            health: url.is_some().then(|| Health::anew(endpoint.health.failures > 0)),
            ..EndpointChange::default()
        };
        store::update_endpoint(tx, &permit, endpoint.revision, change).await?;
        tx.record(event(Action::UpdateWebhookEndpoint, &endpoint).change(
            json!({
                "url": without_query(&endpoint.url), "description": endpoint.description, "acts": endpoint.acts
            }),
            json!({
                "url": without_query(url.as_ref().unwrap_or(&endpoint.url)),
                "description": description.as_ref().unwrap_or(&endpoint.description),
                "acts": acts.as_ref().unwrap_or(&endpoint.acts),
            }),
        ));
        Ok(endpoint.id)
    }
}

impl UseCase for Issuing<'_, RotateWebhookSecret> {
    const NAME: &'static str = "rotateWebhookSecret";
    type Output = WebhookEndpointId;

    async fn execute(&self, tx: &Tx) -> Outcome<WebhookEndpointId> {
        let (endpoint, permit) = permitted::<act::RotateWebhookSecret>(tx, self.input.id, "input.id").await?;
        fresh(self.input.expected_revision, endpoint.revision)?;
        let until = tx.now() + rules::OVERLAP;
        let secret = Some((self.issue(tx, endpoint.id)?, until));
        store::update_endpoint(tx, &permit, endpoint.revision, EndpointChange { secret, ..EndpointChange::default() })
            .await?;
        tx.record(
            event(Action::RotateWebhookSecret, &endpoint).change(json!(null), json!({ "oldSecretUntil": until })),
        );
        Ok(endpoint.id)
    }
}

impl UseCase for PauseWebhookEndpoint {
    const NAME: &'static str = "pauseWebhookEndpoint";
    type Output = WebhookEndpointId;

    async fn execute(&self, tx: &Tx) -> Outcome<WebhookEndpointId> {
        let (endpoint, permit) = permitted::<act::PauseWebhookEndpoint>(tx, self.id, "input.id").await?;
        fresh(self.expected_revision, endpoint.revision)?;
        if endpoint.state != WebhookEndpointState::Active {
            return refuse(Refusal::wrong_state(endpoint.state, &[WebhookEndpointState::Active]));
        }
        let state = Some((WebhookEndpointState::Paused, None));
        store::update_endpoint(tx, &permit, endpoint.revision, EndpointChange { state, ..EndpointChange::default() })
            .await?;
        tx.record(
            event(Action::PauseWebhookEndpoint, &endpoint)
                .change(json!({ "state": endpoint.state }), json!({ "state": WebhookEndpointState::Paused })),
        );
        Ok(endpoint.id)
    }
}

impl UseCase for ResumeWebhookEndpoint {
    const NAME: &'static str = "resumeWebhookEndpoint";
    type Output = WebhookEndpointId;

    async fn execute(&self, tx: &Tx) -> Outcome<WebhookEndpointId> {
        use WebhookEndpointState::{Active, Disabled, Paused};
        let (endpoint, permit) = permitted::<act::ResumeWebhookEndpoint>(tx, self.id, "input.id").await?;
        fresh(self.expected_revision, endpoint.revision)?;
        if endpoint.state == Active {
            return refuse(Refusal::wrong_state(endpoint.state, &[Paused, Disabled]));
        }
        let seen =
            if self.from_now == Some(true) { Some(store::chain_head(tx.db(), endpoint.province).await?) } else { None };
        let health = Some(Health::anew(endpoint.state == Disabled || endpoint.health.failures > 0));
        let change = EndpointChange { state: Some((Active, None)), seen, health, ..EndpointChange::default() };
        store::update_endpoint(tx, &permit, endpoint.revision, change).await?;
        // What waited meanwhile has not lost its time.
        store::redeliver(tx, &permit, Again::Waiting).await?;
        tx.record(event(Action::ResumeWebhookEndpoint, &endpoint).change(
            json!({ "state": endpoint.state }),
            json!({ "state": Active, "fromNow": self.from_now.unwrap_or(false) }),
        ));
        Ok(endpoint.id)
    }
}

impl UseCase for DeleteWebhookEndpoint {
    const NAME: &'static str = "deleteWebhookEndpoint";
    type Output = WebhookEndpointId;

    async fn execute(&self, tx: &Tx) -> Outcome<WebhookEndpointId> {
        let (endpoint, permit) = permitted::<act::DeleteWebhookEndpoint>(tx, self.id, "input.id").await?;
        fresh(self.expected_revision, endpoint.revision)?;
        store::delete_endpoint(tx, &permit, endpoint.revision).await?;
        tx.record(
            event(Action::DeleteWebhookEndpoint, &endpoint)
                .change(json!({ "url": without_query(&endpoint.url), "state": endpoint.state }), json!(null)),
        );
        Ok(endpoint.id)
    }
}
