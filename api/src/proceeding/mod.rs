//! What every procedure shares (办理程序): number, title, state, parties, queue entries with their clocks, opinions,
//! decision records, timeline.
//!
//! A wing with a procedure of its own says in its rules which acts each state allows and which party each act belongs
//! to ([`rules::Procedure`]); loading, permission, moving on, queues and evidence are done here. The very function that
//! fills `viewerActions` decides a mutation, so what a button promises and what the server allows cannot drift apart.
//!
//! To add a procedure: a value of [`rules::ProceedingKind`], a table with the same id for what is special, an
//! implementation of [`rules::Procedure`], and use cases that call [`service::load`], [`rules::Case::permit`] and
//! [`service::advance`].

pub mod graphql;
pub mod rules;
pub mod service;
pub mod store;
