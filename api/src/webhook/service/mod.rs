//! Use cases of webhooks: what people do about endpoints ([`managing`], [`resending`]), what couriers do ([`telling`],
//! [`sending`]).

pub mod managing;
pub mod resending;
pub mod sending;
pub mod telling;

use sea_orm::ConnectionTrait;

use super::{
    rules::{self, Endpoint},
    store,
};
use crate::kernel::{
    audit::Event,
    ctx::{Actor, Ctx},
    fault::{Fault, Outcome, refuse},
    ids::WebhookEndpointId,
    policy::{self, Action, Permit, act, permit},
    refusal::Refusal,
    runner::Tx,
};

/// What evidence calls an endpoint.
const TARGET: &str = "WebhookEndpoint";

/// Whether an endpoint is this person's to manage. Who may not has no business knowing that it is there.
#[must_use]
pub fn manages(actor: &Actor, endpoint: &Endpoint) -> bool {
    policy::check(Action::UpdateWebhookEndpoint, actor, &endpoint.target()).is_ok()
}

/// An endpoint that the actor manages, or `NOT_FOUND`.
pub async fn managed(db: &impl ConnectionTrait, actor: &Actor, id: WebhookEndpointId, path: &str) -> Outcome<Endpoint> {
    let found = store::endpoints(db, actor.province, &[id]).await?.remove(&id);
    match found.filter(|endpoint| manages(actor, endpoint)) {
        Some(endpoint) => Ok(endpoint),
        None => refuse(Refusal::not_found(path)),
    }
}

/// The same in a transaction, with the permit to do `A` to it.
async fn permitted<A: policy::Act>(tx: &Tx, id: WebhookEndpointId, path: &str) -> Outcome<(Endpoint, Permit<A>)> {
    let actor = tx.actor()?;
    let endpoint = managed(tx.db(), actor, id, path).await?;
    let permit = permit::<A>(actor, &endpoint.target())?;
    Ok((endpoint, permit))
}

/// The evidence of an act on an endpoint.
fn event(act: Action, endpoint: &Endpoint) -> Event {
    let event = Event::new(act, endpoint.province, TARGET, endpoint.id, endpoint.path.clone());
    match endpoint.org {
        Some(org) => event.concerning(org),
        None => event,
    }
}

/// An address as evidence shows it: what follows the path may be a password.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// What a secret is sealed for; the id keeps it from being put to another endpoint.
fn purpose(id: WebhookEndpointId) -> String {
    format!("webhook secret {id}")
}

/// The secrets that sign for an endpoint now, the present one first.
pub async fn secrets(ctx: &Ctx, id: WebhookEndpointId) -> Outcome<Vec<Vec<u8>>> {
    let Some((present, old)) = store::secrets(ctx.db().read(), id).await? else { return Ok(Vec::new()) };
    let now = ctx.now();
    let old = old.filter(|(_, until)| *until > now).map(|(sealed, _)| sealed);
    let secret = ctx.platform().keyring.secret();
    let opened = [Some(present), old].into_iter().flatten().map(|sealed| secret.open(&purpose(id), &sealed));
    Ok(opened.collect::<Result<_, Fault>>()?)
}

/// Switches an endpoint off and leaves the evidence.
async fn disable(tx: &Tx, endpoint: &Endpoint, reason: rules::WebhookDisabledReason) -> Outcome<()> {
    let state = rules::WebhookEndpointState::Disabled;
    let permit = policy::by_system::<act::DisableWebhookEndpoint>(endpoint.id, "nobody can be told there any more");
    let change = store::EndpointChange { state: Some((state, Some(reason))), ..store::EndpointChange::default() };
    store::update_endpoint(tx, &permit, endpoint.revision, change).await?;
    tx.record(event(Action::DisableWebhookEndpoint, endpoint).change(
        serde_json::json!({ "state": endpoint.state }),
        serde_json::json!({ "state": state, "because": reason, "failingSince": endpoint.health.failing_since }),
    ));
    Ok(())
}
