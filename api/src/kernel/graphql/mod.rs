//! The schema's common types: errors, payloads, connections, scalars.

pub mod connection;
pub mod direct;
pub mod error;
pub mod loader;
pub mod payload;
pub mod scalar;
pub mod upload;
pub mod user_error;

use async_graphql::Context;

pub use direct::AtOnce;
pub use error::Reply;
pub use scalar::Date;
pub use upload::{Upload, UploadedFile, Uploads};
pub use user_error::UserError;

use super::ctx::Ctx;

/// The request's context, put there by the HTTP layer.
#[must_use]
pub fn ctx<'a>(context: &Context<'a>) -> &'a Ctx {
    context.data_unchecked::<Ctx>()
}
