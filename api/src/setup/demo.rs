//! The demonstration world.

use std::sync::Arc;

use crate::kernel::{fault::Outcome, platform::Platform};

/// Loads the demonstration world once.
pub async fn load(_: &Arc<Platform>, _: impl FnMut(usize, usize, &'static str)) -> Outcome<()> {
    Ok(())
}

/// The accounts, for the console.
#[must_use]
pub fn accounts_table() -> String {
    String::new()
}
