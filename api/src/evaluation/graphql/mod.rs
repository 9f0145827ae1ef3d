//! Evaluation in the schema.

mod loaders;
pub mod mutation;
pub mod query;
pub mod result;
pub mod round;

pub use loaders::RoundById;
pub use mutation::EvaluationMutation;
pub use query::EvaluationQuery;
pub use round::EvaluationRound;

/// A figure as clients see it: points from 0 to 100 with two decimals.
fn points(hundredths: i32) -> f64 {
    f64::from(hundredths) / 100.0
}
