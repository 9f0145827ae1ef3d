//! The public contract: what is committed is what is served, everything in it is described, nobody does what is not
//! theirs, and nothing that is sent breaks it.
//!
//! Everything here is made from the schema itself: an operation that a wing adds is covered from its first day.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where and stops")]

mod authorization;
mod cursors;
mod demonstration;
mod documents;
mod hostile;
mod language;
mod limits;
mod live;
mod offers;
mod operations;
mod pages;
mod readme;
mod release;
mod schema;
mod sockets;
mod spec;
