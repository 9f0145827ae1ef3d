//! What every wing stands on: identity, territory, commands, evidence, isolation.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where and stops")]

mod commands;
mod evidence;
mod identity;
mod isolation;
mod sheets;
mod territory;
