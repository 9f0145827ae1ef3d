//! Payloads of mutations: what was done, or why not.

use crate::kernel::{
    ctx::Ctx,
    fault::{Failure, Outcome},
};

use super::{Reply, UserError};

/// Separates what a client handles (refusals, as data) from what it cannot (login, limits, faults, as errors).
pub fn answer<T>(ctx: &Ctx, outcome: Outcome<T>) -> Reply<(Option<T>, Vec<UserError>)> {
    match outcome {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(Failure::Refused(refusals)) => {
            Ok((None, refusals.into_iter().map(|refusal| UserError::new(refusal, ctx.lang())).collect()))
        }
        Err(other) => Err(other),
    }
}

/// Declares the payload type of a mutation with its one result.
#[macro_export]
macro_rules! payload {
    ($($(#[$meta:meta])* $name:ident { $(#[$fmeta:meta])* $field:ident: $type:ty })+) => {
        $(
            $(#[$meta])*
            #[derive(async_graphql::SimpleObject)]
            pub struct $name {
                $(#[$fmeta])*
                pub $field: Option<$type>,
                /// Why nothing was done (拒绝原因); empty when it was.
                pub user_errors: Vec<$crate::kernel::graphql::UserError>,
            }

            impl $name {
                /// The payload of an outcome.
                pub fn of(
                    ctx: &$crate::kernel::ctx::Ctx,
                    outcome: $crate::kernel::fault::Outcome<$type>,
                ) -> $crate::kernel::graphql::Reply<Self> {
                    let ($field, user_errors) = $crate::kernel::graphql::payload::answer(ctx, outcome)?;
                    Ok(Self { $field, user_errors })
                }
            }
        )+
    };
}
