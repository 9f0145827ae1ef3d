//! Journeys: what people set out to do, from the first step to the last.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where and stops")]

mod adjustment;
mod admission;
mod evaluation;
mod first_edition;
mod reading;
mod sheets;
mod special;
mod watch;
mod webhooks;
