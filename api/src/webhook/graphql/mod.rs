//! Webhooks in the schema.

pub mod mutation;
pub mod objects;
pub mod query;

pub use mutation::WebhookMutation;
pub use objects::{WebhookDelivery, WebhookEndpoint, webhook_endpoint};
pub use query::WebhookQuery;
