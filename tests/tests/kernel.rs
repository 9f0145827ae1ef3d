//! What every wing stands on: identity, territory, commands, evidence.

#[path = "kernel/identity.rs"]
mod identity;
