//! Questions about webhooks.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::objects::{WebhookEndpoint, WebhookEndpointConnection};
use crate::{
    kernel::{
        graphql::{Reply, connection::Total, ctx},
        ids::OrgUnitId,
        paging::PageArgs,
        policy::{self, Action, Target},
    },
    webhook::store,
};

/// Questions about webhooks.
#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// The endpoints that I manage, newest first (推送地址列表): those in the territory of a technical administrator, or
    /// those of my organisation.
    async fn webhook_endpoints(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of this organisation (所属单位)")] org_unit_id: Option<OrgUnitId>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<WebhookEndpointConnection> {
        let ctx = ctx(context);
        let actor = ctx.actor()?;
        // Whoever may do it in the whole territory sees it whole; the others what is their organisation's.
        let territory = Target::at(actor.org.0, actor.province, &actor.path);
        let whole = policy::check(Action::UpdateWebhookEndpoint, actor, &territory).is_ok();
        if !whole {
            let own = Target::owned(actor.org.0, actor.province, actor.org, &actor.path);
            policy::check(Action::UpdateWebhookEndpoint, actor, &own)?;
        }
        let page = PageArgs { first, after, last, before };
        let (within, own) = if whole { (Some(&*actor.path), None) } else { (None, Some(actor.org)) };
        let select = store::select_endpoints(actor.province, within, own, org_unit_id);
        let page = store::endpoint_page(ctx.db().read(), select.clone(), &page).await?;
        Ok(WebhookEndpointConnection::new(page.map(|one| WebhookEndpoint(Arc::new(one))), Total::count(select)))
    }
}
