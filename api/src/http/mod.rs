//! HTTP: the GraphQL endpoint and the few pages beside it.
//!
//! A request passes [`negotiate`] (which media type), [`request`] (what is asked), [`trusted`] (the text, where only its name
//! came), [`documents`] (parsed and judged once; [`lexed`], [`limits`], [`positions`], [`overlap`]), [`variables`] (do the values fit), [`cost`] (what it may come to),
//! authentication, the caller's [`bucket`], execution, and leaves as [`answer`]. Everything that refuses does so with a
//! code before a resolver runs. What is carried out is [`settled`] first. [`operation`] holds what is the same for every way an operation may come.

pub mod answer;
pub mod bucket;
pub mod chinese;
pub mod cors;
pub mod cost;
pub mod documents;
pub mod endpoint;
pub mod events;
pub mod explorer;
pub mod lexed;
pub mod limits;
pub mod metrics;
pub mod multipart;
pub mod negotiate;
pub mod operation;
pub mod overlap;
pub mod pages;
pub mod positions;
pub mod reference;
pub mod request;
pub mod seats;
pub mod seen;
pub mod settled;
pub mod socket;
pub mod trusted;
pub mod variables;
