//! Duty lists in the schema.

pub mod items;
pub mod lists;
pub mod loaders;
pub mod mutation;
pub mod obligations;
pub mod query;
pub mod requests;
pub mod sheets;
pub mod versions;

pub use items::{DutyDomain, DutyItem, DutyItemRevision, ItemTemplate};
pub use lists::DutyList;
pub use mutation::DutyListMutation;
pub use obligations::ObligationQuery;
pub use query::DutyListQuery;
pub use sheets::SheetQuery;
pub use versions::ListVersion;

use async_graphql::Context;
use chrono::{DateTime, Utc};

use super::rules::AsOf;
use crate::kernel::{clock::to_millis, graphql::ctx};

/// The two times of a question; what is left out means now, the same now for the whole request.
#[must_use]
pub fn as_of(context: &Context<'_>, effective: Option<DateTime<Utc>>, known: Option<DateTime<Utc>>) -> AsOf {
    let moment = ctx(context).moment();
    AsOf { effective: effective.map_or(moment, to_millis), known: known.map_or(moment, to_millis) }
}
