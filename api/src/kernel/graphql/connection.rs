//! Relay connections. [`connection!`](crate::connection) declares the two types a list needs; the total is counted only
//! if somebody asks for it.

use std::sync::Arc;

use async_graphql::SimpleObject;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::SelectStatement;

use crate::kernel::{
    ctx::Ctx,
    fault::Outcome,
    paging::{self, Page},
};

/// Where a page stands in its list (分页信息), as Relay defines it.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are entries after this page (是否有后页).
    pub has_next_page: bool,
    /// Whether there are entries before this page (是否有前页).
    pub has_previous_page: bool,
    /// Cursor of the first entry (首条游标); null on an empty page.
    pub start_cursor: Option<String>,
    /// Cursor of the last entry (末条游标); null on an empty page.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// The info of `page`.
    #[must_use]
    pub fn of<T>(page: &Page<T>) -> Self {
        Self {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: page.rows.last().map(|(cursor, _)| cursor.clone()),
        }
    }
}

/// How to learn how many entries a list has in all.
#[derive(Clone)]
pub enum Total {
    /// Already known.
    Known(i64),
    /// By counting the rows of a select.
    Count(Box<SelectStatement>),
    /// By counting the rows of a select that is written only if somebody asks.
    CountLater(Arc<dyn Fn() -> SelectStatement + Send + Sync>),
    /// By some other work.
    Work(Arc<dyn Fn(Ctx) -> BoxFuture<'static, Outcome<i64>> + Send + Sync>),
}

impl Total {
    /// By counting the rows of `select`.
    #[must_use]
    pub fn count(select: SelectStatement) -> Self {
        Self::Count(Box::new(select))
    }

    /// The number, never more than GraphQL's `Int` holds.
    pub async fn get(&self, ctx: &Ctx) -> Outcome<i32> {
        let total = match self {
            Self::Known(total) => *total,
            Self::Count(select) => paging::count(ctx.db().read(), (**select).clone()).await?,
            Self::CountLater(select) => paging::count(ctx.db().read(), select()).await?,
            Self::Work(work) => work(ctx.clone()).await?,
        };
        Ok(i32::try_from(total).unwrap_or(i32::MAX))
    }
}

/// Declares `$connection` and `$edge` for nodes of type `$node`, shown as `$shown` where they are answered at once.
#[macro_export]
macro_rules! connection {
    ($(#[$meta:meta])* $connection:ident, $edge:ident, $node:ty) => {
        $crate::connection! { $(#[$meta])* $connection, $edge, $node as $node }
    };
    ($(#[$meta:meta])* $connection:ident, $edge:ident, $node:ty as $shown:ty) => {
        $(#[$meta])*
        pub struct $connection {
            page: $crate::kernel::paging::Page<$node>,
            total: $crate::kernel::graphql::connection::Total,
        }

        impl $connection {
            /// A page of nodes and the way to count them all.
            pub fn new(
                page: $crate::kernel::paging::Page<$node>,
                total: $crate::kernel::graphql::connection::Total,
            ) -> Self {
                Self { page, total }
            }
        }

        $(#[$meta])*
        #[async_graphql::Object]
        impl $connection {
            /// The entries with their cursors (带游标的条目).
            async fn edges(&self) -> Vec<$edge> {
                let edge = |(cursor, node): &(String, $node)| $edge { cursor: cursor.clone(), node: node.clone() };
                self.page.rows.iter().map(edge).collect()
            }

            /// The entries alone (条目).
            async fn nodes(&self) -> Vec<$shown> {
                self.page.rows.iter().map(|(_, node)| node.clone().into()).collect()
            }

            /// Where this page stands (分页信息).
            async fn page_info(&self) -> $crate::kernel::graphql::connection::PageInfo {
                $crate::kernel::graphql::connection::PageInfo::of(&self.page)
            }

            /// How many entries there are in all (总数); counted only when asked for.
            async fn total_count(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> $crate::kernel::graphql::Reply<i32> {
                self.total.get($crate::kernel::graphql::ctx(context)).await
            }
        }

        /// An entry of a page with its cursor (带游标的条目).
        #[derive(Clone, async_graphql::SimpleObject)]
        pub struct $edge {
            /// Cursor of this entry (游标).
            pub cursor: String,
            /// The entry itself (条目).
            pub node: $node,
        }
    };
}
