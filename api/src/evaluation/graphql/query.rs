//! Questions about evaluation.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::{
    EvaluationRound, RoundById,
    result::{EvaluationResultConnection, connection, file_of_round},
    round::EvaluationRoundConnection,
};
use crate::{
    evaluation::{
        rules::{EvaluationDirection, HalfYear, RoundState},
        store::{self, RoundFilter, results},
    },
    kernel::{
        fault::refuse,
        graphql::{Reply, connection::Total, ctx, loader},
        ids::{OrgUnitId, RoundId},
        paging::PageArgs,
        refusal::Refusal,
        scope,
        sheet::{SheetFormat, SpreadsheetFile},
    },
};

/// Questions about evaluation.
#[derive(Default)]
pub struct EvaluationQuery;

#[Object]
impl EvaluationQuery {
    /// Rounds I see, the latest half-year first (评价轮次列表): those my organisation rates or is rated in, those of my
    /// territory if my post oversees it, and those with published results in whose territory I work.
    async fn evaluation_rounds(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of this year (年度)")] year: Option<i32>,
        #[graphql(desc = "Only of this half of the year (半年)")] half: Option<HalfYear>,
        #[graphql(desc = "Only in these states (状态)")] states: Option<Vec<RoundState>>,
        #[graphql(desc = "Only of this decision body (审定主体)")] authority_id: Option<OrgUnitId>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<EvaluationRoundConnection> {
        let ctx = ctx(context);
        let filter = RoundFilter { year, half, states, authority: authority_id };
        let select = store::select_rounds(&scope::of_actor(ctx)?, &filter);
        let args = PageArgs { first, after, last, before };
        let page = store::round_page(ctx.db().read(), select.clone(), &args).await?;
        Ok(EvaluationRoundConnection::new(page.map(|round| EvaluationRound::of(Arc::new(round))), Total::count(select)))
    }

    /// Results of one department or township over the rounds I see that have ended, the latest first (历轮评价结果).
    async fn evaluation_results(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who was rated (被评单位)")] subject_id: OrgUnitId,
        #[graphql(desc = "Only of this direction (评价方向)")] direction: Option<EvaluationDirection>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<EvaluationResultConnection> {
        let ctx = ctx(context);
        let select = results::select_of_subject(&scope::of_actor(ctx)?, subject_id, direction);
        let args = PageArgs { first, after, last, before };
        let page = results::page_of_subject(ctx.db().read(), select.clone(), &args).await?;
        Ok(connection(page, Total::count(select)))
    }

    /// Results of a round I see as a file: those that `results` of the round shows me, without comments (评价结果下载).
    async fn evaluation_results_file(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The round (评价轮次)")] round_id: RoundId,
        #[graphql(desc = "Format (文件格式)")] format: SheetFormat,
        #[graphql(desc = "Only of this direction (评价方向)")] direction: Option<EvaluationDirection>,
    ) -> Reply<SpreadsheetFile> {
        ctx(context).actor()?;
        match loader::one::<RoundById>(context, round_id).await? {
            Some(round) => file_of_round(context, &round, direction, format).await,
            None => refuse(Refusal::not_found("roundId")),
        }
    }
}
