//! Questions about adjustment.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::{Adjustment, LawChange, law::LawChangeConnection, objects::AdjustmentConnection};
use crate::{
    adjustment::{rules::AdjustmentState, store},
    kernel::{
        graphql::{Reply, connection::Total, ctx},
        ids::{DutyListId, OrgUnitId},
        paging::PageArgs,
        scope, text,
    },
    proceeding::{
        rules::ProceedingKind,
        store::{CaseFilter, case_page, select_cases},
    },
};

/// Questions about adjustment.
#[derive(Default)]
pub struct AdjustmentQuery;

#[Object]
impl AdjustmentQuery {
    /// Adjustment requests that I may see, newest first (动态调整申请列表).
    async fn adjustments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In these states (状态)")] states: Option<Vec<AdjustmentState>>,
        #[graphql(desc = "Raised by this organisation (提出单位)")] proposer_id: Option<OrgUnitId>,
        #[graphql(desc = "Touching this list (所涉清单)")] list_id: Option<DutyListId>,
        #[graphql(desc = "With this in title or number (标题或编号包含)")] text: Option<String>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<AdjustmentConnection> {
        let ctx = ctx(context);
        let scope = scope::of_actor(ctx)?;
        let filter = CaseFilter {
            states: states.unwrap_or_default().into_iter().map(AdjustmentState::code).collect(),
            proposer: proposer_id,
            also: list_id.map(crate::duty_list::store::change::touching),
            text: text::optional("text", text.as_deref(), 100, text::line)?,
        };
        let select = select_cases(&scope, ProceedingKind::Adjustment, filter);
        let page = case_page(ctx.db().read(), select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(AdjustmentConnection::new(page.map(|case| Adjustment::of(Arc::new(case))), Total::count(select)))
    }

    /// Registered changes of law that concern me, newest first (立改废释列表).
    async fn law_changes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<LawChangeConnection> {
        let ctx = ctx(context);
        let select = store::select_law_changes(&scope::of_actor(ctx)?);
        let page =
            store::law_change_page(ctx.db().read(), select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(LawChangeConnection::new(page.map(|change| LawChange::of(Arc::new(change))), Total::count(select)))
    }
}
