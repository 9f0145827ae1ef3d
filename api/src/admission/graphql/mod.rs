//! Admission in the schema.

pub mod mutation;
pub mod objects;
pub mod query;

pub use mutation::AdmissionMutation;
pub use objects::Admission;
pub use query::AdmissionQuery;
