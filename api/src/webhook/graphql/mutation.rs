//! Acts on webhooks.

use async_graphql::{Context, Object, SimpleObject};

use super::objects::{DeliveryById, EndpointById, WebhookDelivery, WebhookEndpoint};
use crate::{
    kernel::{
        fault::Outcome,
        graphql::{Reply, ctx},
        ids::{WebhookDeliveryId, WebhookEndpointId},
        runner::command,
    },
    territory::graphql::mutation::read_back,
    webhook::service::{
        managing::{
            self, CreateWebhookEndpoint, DeleteWebhookEndpoint, Issued, PauseWebhookEndpoint, ResumeWebhookEndpoint,
            RotateWebhookSecret, UpdateWebhookEndpoint,
        },
        resending::{RedeliverFailedWebhooks, RedeliverWebhook, SendTestWebhook},
    },
};

/// An endpoint with the secret that it was just given (推送地址及新密钥).
#[derive(SimpleObject)]
pub struct IssuedWebhookSecret {
    /// The endpoint (推送地址).
    endpoint: WebhookEndpoint,
    /// The secret, `whsec_…`, with which receivers check signatures; shown this once and never again. Null where a command
    /// is repeated under its key: if the first answer was lost, rotate the secret (密钥，仅显示一次).
    secret: Option<String>,
}

/// An endpoint with how much is sent again (重新推送结果).
#[derive(SimpleObject)]
pub struct WebhookRedelivery {
    /// The endpoint (推送地址).
    endpoint: WebhookEndpoint,
    /// How many deliveries wait for an attempt again (重新推送数量).
    deliveries: i32,
}

crate::payload! {
    /// Result of an act that gives an endpoint a secret (推送密钥操作结果).
    IssuedWebhookSecretPayload {
        /// The endpoint with its secret (推送地址及新密钥).
        issued: IssuedWebhookSecret
    }
    /// Result of an act on an endpoint (推送地址操作结果).
    WebhookEndpointPayload {
        /// The endpoint as it is now (推送地址).
        webhook_endpoint: WebhookEndpoint
    }
    /// Result of the removal of an endpoint (推送地址删除结果).
    DeleteWebhookEndpointPayload {
        /// Id of what is no more (已删除的推送地址标识).
        deleted_id: WebhookEndpointId
    }
    /// Result of an act on a delivery (推送操作结果).
    WebhookDeliveryPayload {
        /// The delivery as it is now (推送记录).
        webhook_delivery: WebhookDelivery
    }
    /// Result of sending again what failed (重新推送结果).
    WebhookRedeliveryPayload {
        /// What is sent again (重新推送结果).
        redelivery: WebhookRedelivery
    }
}

async fn endpoint(context: &Context<'_>, outcome: Outcome<WebhookEndpointId>) -> Outcome<WebhookEndpoint> {
    Ok(WebhookEndpoint(read_back::<EndpointById>(context, outcome).await?))
}

async fn delivery(context: &Context<'_>, outcome: Outcome<WebhookDeliveryId>) -> Outcome<WebhookDelivery> {
    Ok(WebhookDelivery(read_back::<DeliveryById>(context, outcome).await?))
}

async fn issued(context: &Context<'_>, outcome: Outcome<Issued>) -> Outcome<IssuedWebhookSecret> {
    let (id, secret) = outcome?;
    Ok(IssuedWebhookSecret { endpoint: endpoint(context, Ok(id)).await?, secret })
}

/// Acts on webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Registers an endpoint that is told what happens, and gives it a secret (登记推送地址). Technical administrator, or
    /// heads, list keepers and establishment offices for their own organisation.
    async fn create_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to register (登记内容)")] input: CreateWebhookEndpoint,
    ) -> Reply<IssuedWebhookSecretPayload> {
        let ctx = ctx(context);
        let outcome = issued(context, managing::create(ctx, &input).await).await;
        IssuedWebhookSecretPayload::of(ctx, outcome)
    }

    /// Changes an endpoint (修改推送地址). Who may register it.
    async fn update_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change (修改内容)")] input: UpdateWebhookEndpoint,
    ) -> Reply<WebhookEndpointPayload> {
        let ctx = ctx(context);
        let outcome = endpoint(context, managing::update(ctx, &input).await).await;
        WebhookEndpointPayload::of(ctx, outcome)
    }

    /// Gives an endpoint a new secret; the present one signs as well for 24 hours (更换推送密钥). Who may register it.
    async fn rotate_webhook_secret(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose secret (更换内容)")] input: RotateWebhookSecret,
    ) -> Reply<IssuedWebhookSecretPayload> {
        let ctx = ctx(context);
        let outcome = issued(context, managing::rotate(ctx, &input).await).await;
        IssuedWebhookSecretPayload::of(ctx, outcome)
    }

    /// Holds deliveries to an endpoint; what happens meanwhile is told when it goes on (暂停推送). Who may register it.
    async fn pause_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to hold (暂停内容)")] input: PauseWebhookEndpoint,
    ) -> Reply<WebhookEndpointPayload> {
        let ctx = ctx(context);
        let outcome = endpoint(context, command(ctx, &input).await).await;
        WebhookEndpointPayload::of(ctx, outcome)
    }

    /// Goes on with deliveries to an endpoint that was held or disabled (恢复推送). Who may register it. Where it had failed,
    /// one message goes first; what waits is tried anew.
    async fn resume_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What goes on (恢复内容)")] input: ResumeWebhookEndpoint,
    ) -> Reply<WebhookEndpointPayload> {
        let ctx = ctx(context);
        let outcome = endpoint(context, command(ctx, &input).await).await;
        WebhookEndpointPayload::of(ctx, outcome)
    }

    /// Removes an endpoint with its secret and its log; the evidence stays (删除推送地址). Who may register it.
    async fn delete_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to remove (删除内容)")] input: DeleteWebhookEndpoint,
    ) -> Reply<DeleteWebhookEndpointPayload> {
        let ctx = ctx(context);
        DeleteWebhookEndpointPayload::of(ctx, command(ctx, &input).await)
    }

    /// Sends a test to an endpoint (发送测试推送). Who may register it.
    async fn send_test_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Where to (发送内容)")] input: SendTestWebhook,
    ) -> Reply<WebhookDeliveryPayload> {
        let ctx = ctx(context);
        let outcome = delivery(context, command(ctx, &input).await).await;
        WebhookDeliveryPayload::of(ctx, outcome)
    }

    /// Sends again what was delivered or given up, or at once what waits, even if the endpoint rests (重新推送). Who may
    /// register the endpoint.
    async fn redeliver_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to send again (推送内容)")] input: RedeliverWebhook,
    ) -> Reply<WebhookDeliveryPayload> {
        let ctx = ctx(context);
        let outcome = delivery(context, command(ctx, &input).await).await;
        WebhookDeliveryPayload::of(ctx, outcome)
    }

    /// Sends again everything that an endpoint did not take (重新推送失败消息). Who may register the endpoint.
    async fn redeliver_failed_webhooks(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to send again (推送内容)")] input: RedeliverFailedWebhooks,
    ) -> Reply<WebhookRedeliveryPayload> {
        let ctx = ctx(context);
        let outcome = match command(ctx, &input).await {
            Ok((id, count)) => endpoint(context, Ok(id))
                .await
                .map(|endpoint| WebhookRedelivery { endpoint, deliveries: i32::try_from(count).unwrap_or(i32::MAX) }),
            Err(failure) => Err(failure),
        };
        WebhookRedeliveryPayload::of(ctx, outcome)
    }
}
