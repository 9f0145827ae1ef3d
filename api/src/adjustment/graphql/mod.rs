//! Adjustment in the schema.

pub mod law;
pub mod mutation;
pub mod objects;
pub mod query;

pub use law::{LawChange, LawWatch};
pub use mutation::AdjustmentMutation;
pub use objects::Adjustment;
pub use query::AdjustmentQuery;
