//! The plan of the house, held as a test. Needs no database.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where and stops")]

mod arrows;
mod policy;
mod tables;
mod words;
