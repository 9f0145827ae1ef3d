//! Use cases of identity: who makes a request ([`authenticate`]), logging in and staying so ([`login`], [`session`]),
//! and the administrator's acts ([`accounts`]).

pub mod accounts;
pub mod login;
pub mod session;
pub mod sign_on;

use std::sync::Arc;

use crate::kernel::{
    ctx::Who,
    fault::{Failure, Outcome},
    platform::Platform,
};

use super::{store, token};

/// Who stands behind a bearer token; a token that is not good is refused rather than taken for nobody, so that a client
/// knows it has to refresh.
pub async fn authenticate(platform: &Arc<Platform>, bearer: Option<&str>) -> Outcome<Who> {
    let Some(bearer) = bearer else { return Ok(Who::Anonymous) };
    let now = platform.clock.now();
    let proven = if let Some(proven) = token::read(&platform.keyring, bearer, now) {
        proven
    } else {
        // Another node may have rotated the keys a moment ago.
        if !token::names_unknown_key(&platform.keyring, bearer) {
            return Err(Failure::Unauthenticated);
        }
        platform.keyring.load(platform.db.read(), now).await?;
        token::read(&platform.keyring, bearer, now).ok_or(Failure::Unauthenticated)?
    };
    match store::actor(platform, proven.session, proven.account, now).await? {
        Some(actor) => Ok(Who::Member(Arc::new(actor))),
        None => Err(Failure::Unauthenticated),
    }
}
