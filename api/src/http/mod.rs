//! HTTP: the GraphQL endpoint and the few pages beside it.
//!
//! A request passes [`negotiate`] (which media type), [`request`] (what is asked), [`documents`] (parsed and judged once),
//! [`variables`] (do the values fit), authentication, execution, and leaves as [`answer`]. Everything that refuses does so
//! with a code before the database is touched.

pub mod answer;
pub mod cors;
pub mod cost;
pub mod documents;
pub mod endpoint;
pub mod limits;
pub mod metrics;
pub mod negotiate;
pub mod pages;
pub mod request;
pub mod variables;
