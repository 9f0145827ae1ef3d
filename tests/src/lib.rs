//! The harness: what every test stands on.
//!
//! A test is written once, as a story over a [`World`], and runs on SQLite and on PostgreSQL:
//!
//! ```text
//! use yidan_tests::prelude::*;
//!
//! on_both! {
//!     /// A county office can be renamed.
//!     async fn a_department_is_renamed(world: World) {
//!         let jiangsu = world.province("320000").await;
//!         let county = jiangsu.county("320102").await;
//!         let bureau = county.department("应急管理局").await;
//!         let admin = jiangsu.admin().await;
//!         admin.act("renameOrgUnit", json!({ "id": bureau.id, "name": "应急局" }), "orgUnit { name }").await.done();
//!     }
//! }
//! ```
//!
//! Each test has a database of its own ([`database`]), copied from a migrated template, and the real server on a port
//! of its own ([`world`]) with a clock that the test moves. Every call goes over HTTP with a real log-in ([`client`]);
//! authorization is never switched off. Places and people come by the words of the domain ([`places`], [`people`]).
//!
//! To add words for a wing, write a file beside these that extends [`Client`] or [`places::Seat`] with what the wing's
//! tests say often.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where and stops")]
#![allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "an assertion may be all that is wanted"
)]
#![allow(clippy::missing_panics_doc, reason = "everything here panics when a test fails")]

pub mod answer;
pub mod breaking;
pub mod client;
pub mod database;
pub mod demo;
pub mod evaluation;
pub mod files;
pub mod ground;
pub mod ids;
pub mod ledger;
pub mod people;
pub mod places;
pub mod postgres;
pub mod procedures;
pub mod runner;
pub mod sdl;
pub mod snapshot;
pub mod socket;
pub mod source;
pub mod webhooks;
pub mod world;

pub use answer::{Act, Answer};
pub use client::{Client, Listening};
pub use database::Backend;
pub use socket::Socket;
pub use world::{World, start_of_story};

/// What most tests use.
pub mod prelude {
    pub use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
    pub use serde_json::{Value, json};
    pub use yidan::kernel::{
        place::{DivisionLevel, OrgKind},
        role::Role,
    };

    pub use crate::{
        Act, Answer, Backend, Client, World, on_both,
        places::{Org, Province, Seat, Township},
    };
}
