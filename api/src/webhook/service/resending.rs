//! Tests, and what is sent again.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{event, permitted};
use crate::{
    kernel::{
        fault::{Outcome, refuse},
        ids::{WebhookDeliveryId, WebhookEndpointId},
        policy::{Action, act},
        refusal::{Named, Refusal},
        runner::{Tx, UseCase},
    },
    webhook::{
        rules::{Endpoint, WebhookEndpointState},
        store::{self, Again, NewDelivery},
    },
};

crate::api_input! {
    /// Sends a message to an endpoint that says nothing but that it is a test (发送测试推送).
    command SendTestWebhook {
        /// The endpoint (推送地址).
        endpoint_id: WebhookEndpointId,
    }

    /// Sends again what was delivered or given up, or at once what waits, under the same id and with the same content
    /// (重新推送).
    command RedeliverWebhook {
        /// The delivery (推送记录).
        delivery_id: WebhookDeliveryId,
    }

    /// Sends again everything that was given up since then (重新推送失败消息).
    command RedeliverFailedWebhooks {
        /// The endpoint (推送地址).
        endpoint_id: WebhookEndpointId,
        /// What was given up not before this moment (起始时间).
        since: DateTime<Utc>,
    }
}

/// Nothing is sent to an endpoint that is held.
fn active(endpoint: &Endpoint) -> Outcome<()> {
    if endpoint.state == WebhookEndpointState::Active {
        return Ok(());
    }
    refuse(Refusal::WrongState {
        state: endpoint.state.into(),
        needed: vec![WebhookEndpointState::Active.into()],
        subject: Some(Named::new(endpoint.id, &endpoint.description)),
    })
}

impl UseCase for SendTestWebhook {
    const NAME: &'static str = "sendTestWebhook";
    type Output = WebhookDeliveryId;

    async fn execute(&self, tx: &Tx) -> Outcome<WebhookDeliveryId> {
        let (endpoint, permit) = permitted::<act::SendTestWebhook>(tx, self.endpoint_id, "input.endpointId").await?;
        active(&endpoint)?;
        store::wake(tx, &permit).await?;
        let number = store::next_number(tx, endpoint.id).await?;
        let new = NewDelivery {
            id: WebhookDeliveryId::new(),
            number,
            event: None,
            act: None,
            kind: super::telling::TEST.to_owned(),
            body: super::telling::test_body(&endpoint, number, tx.now()),
            asked: true,
        };
        let id = new.id;
        store::insert_deliveries(tx, endpoint.province, endpoint.id, vec![new]).await?;
        tx.record(event(Action::SendTestWebhook, &endpoint).change(json!(null), json!({ "delivery": id })));
        Ok(id)
    }
}

impl UseCase for RedeliverWebhook {
    const NAME: &'static str = "redeliverWebhook";
    type Output = WebhookDeliveryId;

    async fn execute(&self, tx: &Tx) -> Outcome<WebhookDeliveryId> {
        let (id, path) = (self.delivery_id, "input.deliveryId");
        let found = store::deliveries(tx.db(), tx.actor()?.province, &[id]).await?.remove(&id);
        let Some(delivery) = found else { return refuse(Refusal::not_found(path)) };
        let (endpoint, permit) = permitted::<act::RedeliverWebhook>(tx, delivery.endpoint, path).await?;
        active(&endpoint)?;
        store::wake(tx, &permit).await?;
        if store::redeliver(tx, &permit, Again::One(id)).await? == 0 {
            return refuse(Refusal::not_found(path));
        }
        tx.record(
            event(Action::RedeliverWebhook, &endpoint)
                .change(json!({ "state": delivery.state }), json!({ "delivery": id })),
        );
        Ok(id)
    }
}

impl UseCase for RedeliverFailedWebhooks {
    const NAME: &'static str = "redeliverFailedWebhooks";
    type Output = (WebhookEndpointId, u64);

    async fn execute(&self, tx: &Tx) -> Outcome<Self::Output> {
        let (endpoint, permit) =
            permitted::<act::RedeliverFailedWebhooks>(tx, self.endpoint_id, "input.endpointId").await?;
        active(&endpoint)?;
        store::wake(tx, &permit).await?;
        let count = store::redeliver(tx, &permit, Again::FailedSince(self.since)).await?;
        tx.record(
            event(Action::RedeliverFailedWebhooks, &endpoint)
                .change(json!(null), json!({ "since": self.since, "deliveries": count })),
        );
        Ok((endpoint.id, count))
    }
}
