//! Yidan (依单, "by the list"): the server that makes China's township duty lists work in daily life.

pub mod adjustment;
pub mod admission;
pub mod app;
pub mod cli;
pub mod config;
pub mod duty_list;
pub mod evaluation;
pub mod http;
pub mod identity;
pub mod kernel;
pub mod proceeding;
pub mod schema;
pub mod setup;
pub mod telemetry;
pub mod territory;
pub mod ticker;
pub mod webhook;

/// An answer is made of thousands of small pieces, which this allocator hands out faster than the system's.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
