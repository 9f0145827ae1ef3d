//! The schema comes into being on both databases, whole or not at all, once however many nodes start; and what one
//! database keeps the other keeps alike.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where and stops")]

mod alike;
mod divisions;
mod steps;
