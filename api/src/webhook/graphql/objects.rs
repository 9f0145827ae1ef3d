//! Endpoints and deliveries.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::{
    kernel::{
        ctx::Ctx,
        fault::{Fault, Outcome},
        graphql::{Reply, connection::Total, ctx, loader, loader::Batch},
        ids::{WebhookDeliveryId, WebhookEndpointId},
        paging::PageArgs,
        policy::Action,
    },
    territory::graphql::{OrgUnit, named_org},
    webhook::{
        rules::{
            self, Attempt, Delivery, Endpoint, WebhookDeliveryState, WebhookDisabledReason, WebhookEndpointState,
            WebhookGivenUpReason, WebhookOutcome,
        },
        service,
        store::{self, DeliveryFilter},
    },
};

/// Endpoints that the caller manages, by id.
pub(super) struct EndpointById;

impl Batch for EndpointById {
    type Key = WebhookEndpointId;
    type Value = Arc<Endpoint>;

    async fn load(ctx: &Ctx, keys: &[WebhookEndpointId]) -> Outcome<HashMap<WebhookEndpointId, Self::Value>> {
        let Some(actor) = ctx.member() else { return Ok(HashMap::new()) };
        let found = store::endpoints(ctx.db().read(), actor.province, keys).await?;
        let mine = found.into_iter().filter(|(_, endpoint)| service::manages(actor, endpoint));
        Ok(mine.map(|(id, endpoint)| (id, Arc::new(endpoint))).collect())
    }
}

/// Deliveries by id.
pub(super) struct DeliveryById;

impl Batch for DeliveryById {
    type Key = WebhookDeliveryId;
    type Value = Arc<Delivery>;

    async fn load(ctx: &Ctx, keys: &[WebhookDeliveryId]) -> Outcome<HashMap<WebhookDeliveryId, Self::Value>> {
        let Some(actor) = ctx.member() else { return Ok(HashMap::new()) };
        let found = store::deliveries(ctx.db().read(), actor.province, keys).await?;
        Ok(found.into_iter().map(|(id, delivery)| (id, Arc::new(delivery))).collect())
    }
}

/// What came of the attempts of deliveries.
struct AttemptsOf;

impl Batch for AttemptsOf {
    type Key = WebhookDeliveryId;
    type Value = Arc<Vec<Attempt>>;

    async fn load(ctx: &Ctx, keys: &[WebhookDeliveryId]) -> Outcome<HashMap<WebhookDeliveryId, Self::Value>> {
        let found = store::attempts(ctx.db().read(), keys).await?;
        Ok(found.into_iter().map(|(id, attempts)| (id, Arc::new(attempts))).collect())
    }
}

/// The endpoint for `node`.
pub async fn webhook_endpoint(context: &Context<'_>, id: WebhookEndpointId) -> Reply<Option<WebhookEndpoint>> {
    Ok(loader::one::<EndpointById>(context, id).await?.map(WebhookEndpoint))
}

/// Where somebody is told what happens (推送地址).
#[derive(Clone)]
pub struct WebhookEndpoint(pub(super) Arc<Endpoint>);

crate::connection! {
    /// A list of endpoints (推送地址列表).
    WebhookEndpointConnection, WebhookEndpointEdge, WebhookEndpoint
}

crate::connection! {
    /// A list of deliveries (推送记录列表).
    WebhookDeliveryConnection, WebhookDeliveryEdge, WebhookDelivery
}

/// Where an organisation, or a whole province, is told what happens (推送地址). Seen by who may manage it.
#[Object]
impl WebhookEndpoint {
    /// Id (标识).
    pub async fn id(&self) -> WebhookEndpointId {
        self.0.id
    }

    /// The organisation, which is told what it sees, and of a draft only if it took part in it; null for an endpoint of the whole province (所属单位).
    async fn organisation(&self, context: &Context<'_>) -> Reply<Option<OrgUnit>> {
        match self.0.org {
            Some(org) => named_org(context, org).await.map(Some),
            None => Ok(None),
        }
    }

    /// Where messages are posted to (推送地址).
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// What it is for (用途说明).
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// The acts it is told of; null for all there are (推送的操作).
    async fn acts(&self) -> Option<&[Action]> {
        self.0.acts.as_deref()
    }

    /// State (状态).
    async fn state(&self) -> WebhookEndpointState {
        self.0.state
    }

    /// Why the server switched it off; null unless it did (停用原因).
    async fn disabled_because(&self) -> Option<WebhookDisabledReason> {
        self.0.disabled_because
    }

    /// Since when every attempt has failed; null if the last one did not, or there was none since it was resumed or its
    /// address changed (持续失败起始时间).
    async fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.0.health.failing_since
    }

    /// Until when nothing is sent there, because it failed or asked for time; null if it does not rest (暂缓推送至). Then one
    /// message goes first, and the others when it arrives.
    async fn rests_until(&self, context: &Context<'_>) -> Option<DateTime<Utc>> {
        let now = ctx(context).moment();
        let active = self.0.state == WebhookEndpointState::Active;
        self.0.health.rest_until.filter(|until| active && *until > now)
    }

    /// Until when the secret before the present one signs, too; null if it no longer does (旧密钥失效时间).
    async fn old_secret_until(&self, context: &Context<'_>) -> Option<DateTime<Utc>> {
        let now = ctx(context).moment();
        self.0.old_secret_until.filter(|until| *until > now)
    }

    /// When it was registered (登记时间).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Revision, for `expectedRevision` (修订号).
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// How many deliveries wait (待推送数量).
    async fn pending_count(&self, context: &Context<'_>) -> Reply<i32> {
        store::delivery_count(ctx(context).db().read(), self.0.id, WebhookDeliveryState::Pending).await
    }

    /// How many deliveries were given up (推送失败数量).
    async fn failed_count(&self, context: &Context<'_>) -> Reply<i32> {
        store::delivery_count(ctx(context).db().read(), self.0.id, WebhookDeliveryState::Failed).await
    }

    /// The log of deliveries, newest first; what is finished is kept for a month unless the operator sets another time
    /// (推送记录).
    async fn deliveries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In one of these states (状态)")] states: Option<Vec<WebhookDeliveryState>>,
        #[graphql(desc = "Of one of these acts (操作)")] acts: Option<Vec<Action>>,
        #[graphql(desc = "Made not before (起始时间)")] from: Option<DateTime<Utc>>,
        #[graphql(desc = "Made before (截止时间)")] to: Option<DateTime<Utc>>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<WebhookDeliveryConnection> {
        let select = store::select_deliveries(self.0.id, &DeliveryFilter { states, acts, from, to });
        let page = PageArgs { first, after, last, before };
        let page = store::delivery_page(ctx(context).db().read(), select.clone(), &page).await?;
        let page = page.map(|delivery| WebhookDelivery(Arc::new(delivery)));
        Ok(WebhookDeliveryConnection::new(page, Total::count(select)))
    }
}

/// A message for an endpoint (推送记录).
#[derive(Clone)]
pub struct WebhookDelivery(pub(super) Arc<Delivery>);

/// A message for an endpoint, with what came of it (推送记录).
#[Object]
impl WebhookDelivery {
    /// Id; the receiver knows it from the header `webhook-id`, the same at each attempt (标识).
    async fn id(&self) -> WebhookDeliveryId {
        self.0.id
    }

    /// The endpoint (推送地址).
    async fn endpoint(&self, context: &Context<'_>) -> Reply<WebhookEndpoint> {
        let found = loader::one::<EndpointById>(context, self.0.endpoint).await?;
        found.map(WebhookEndpoint).ok_or_else(|| Fault::new("the endpoint of a delivery is gone").into())
    }

    /// Number within the endpoint, without gaps (序号).
    async fn number(&self) -> String {
        self.0.number.to_string()
    }

    /// The act it tells of; null for a test (操作).
    async fn act(&self) -> Option<Action> {
        self.0.act
    }

    /// Type of the message, such as `adjustment.submit_adjustment` (消息类型).
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// What is sent, as it is sent (消息正文).
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// State (状态).
    async fn state(&self) -> WebhookDeliveryState {
        self.0.state
    }

    /// When it was made (生成时间).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it is tried next at the earliest, its own time and the rest of the endpoint both over; null unless it waits, and
    /// while the endpoint is paused or disabled (下次推送时间). Where the last attempt at the endpoint failed, one message goes
    /// at a time.
    async fn next_attempt_at(&self, context: &Context<'_>) -> Reply<Option<DateTime<Utc>>> {
        if self.0.next_at.is_none() {
            return Ok(None);
        }
        let endpoint = loader::one::<EndpointById>(context, self.0.endpoint).await?;
        Ok(endpoint.and_then(|endpoint| rules::tried_next(&self.0, &endpoint)))
    }

    /// When it was delivered or given up; null while it waits (完成时间).
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// Why it was given up; null unless it was (放弃推送原因).
    async fn given_up_because(&self) -> Option<WebhookGivenUpReason> {
        rules::given_up(&self.0)
    }

    /// How often it was tried (已推送次数).
    async fn attempt_count(&self) -> i32 {
        self.0.attempts
    }

    /// What came of each attempt, first to last (推送过程).
    async fn attempts(&self, context: &Context<'_>) -> Reply<Vec<WebhookAttempt>> {
        let found = loader::one::<AttemptsOf>(context, self.0.id).await?.unwrap_or_default();
        Ok(found.iter().map(WebhookAttempt::of).collect())
    }
}

/// What came of an attempt to deliver (推送过程).
#[derive(SimpleObject)]
pub struct WebhookAttempt {
    /// 1 for the first (第几次).
    number: i32,
    /// When it ended (时间).
    at: DateTime<Utc>,
    /// What came of it (结果).
    outcome: WebhookOutcome,
    /// HTTP status; null without an answer (HTTP状态码).
    status: Option<i32>,
    /// How long it took, in milliseconds (耗时，毫秒).
    duration: i32,
    /// How the answer begins, at most 1024 bytes; null if there was none or it was empty (应答摘要).
    answer: Option<String>,
}

impl WebhookAttempt {
    fn of(attempt: &rules::Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at,
            outcome: attempt.outcome,
            status: attempt.status,
            duration: attempt.millis,
            answer: attempt.answer.clone(),
        }
    }
}
