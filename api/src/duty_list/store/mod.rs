//! The SQL of duty lists.

pub mod answers;
pub mod change;
pub mod incorporation;
pub mod items;
pub mod lists;
pub mod obligations;
pub mod search;
pub mod templates;
pub mod versions;
pub mod wordings;
