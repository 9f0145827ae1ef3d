//! Identity in the schema.

pub mod mutation;
pub mod objects;
pub mod query;

pub use mutation::IdentityMutation;
pub use objects::{Account, AccountById, AccountConnection, Post, PostById};
pub use query::IdentityQuery;
