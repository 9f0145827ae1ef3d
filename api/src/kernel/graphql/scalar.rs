//! Scalars of our own.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A calendar day in China (日期), `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Date(pub NaiveDate);

/// A calendar day in China (日期), `YYYY-MM-DD`.
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            // Exactly ten characters: chrono would take `2026-1-1` as well, and full-width digits are no digits here.
            // A day far from all records is a slip, and what is counted from it would leave the form of a day.
            Value::String(text) if text.len() == 10 => {
                let day: NaiveDate = text.parse()?;
                if (1900..3000).contains(&day.year()) {
                    Ok(Self(day))
                } else {
                    Err("expected a year from 1900 to 2999".into())
                }
            }
            _ => Err(InputValueError::custom("expected a day as YYYY-MM-DD")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
