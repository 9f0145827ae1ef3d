//! Results, their summary, and objections in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{loaders::RoundById, points, round::EvaluationRound};
use crate::{
    evaluation::{
        rules::{
            self, EvaluationDirection, EvaluationStanding, Objection, Round, sees_result,
            tally::{self, Cell, Tally},
        },
        service::result_sheet::result_table,
        store::results::{self, SubjectResult},
    },
    kernel::{
        fault::{Fault, Outcome},
        graphql::{Reply, connection::Total, ctx, loader},
        ids::{ObjectionId, RoundId},
        paging::{Page, PageArgs},
        scope::Scope,
        settings,
        sheet::{SheetFormat, SpreadsheetFile},
    },
    territory::{
        self,
        graphql::{OrgUnit, named_org, province::EvaluationDimension},
    },
};

crate::api_enum! {
    /// What a total is made of (总分构成).
    pub enum EvaluationBasis {
        /// Ballots and the share of tasks done in time (评价票与客观数据).
        BallotsAndObjective,
        /// Ballots alone: a township's result, or a department that had no task due in the half-year (仅评价票).
        BallotsOnly,
    }
}

/// The figure of one dimension (维度得分).
#[derive(SimpleObject)]
pub struct EvaluationFigure {
    /// The dimension (维度).
    dimension: EvaluationDimension,
    /// Points from 0 to 100, two decimals (得分); null where it is suppressed.
    score: Option<f64>,
    /// Whether it is suppressed: fewer scores than the least number of ballots, or to keep another one from standing
    /// alone (是否隐去).
    suppressed: bool,
}

fn figures(dimensions: &[settings::Dimension], cells: &[Cell]) -> Vec<EvaluationFigure> {
    let figure = |dimension: &settings::Dimension| {
        let score = cells.iter().find(|cell| cell.dimension == dimension.code).map(|cell| points(cell.score));
        EvaluationFigure { dimension: dimension.into(), score, suppressed: score.is_none() }
    };
    dimensions.iter().map(figure).collect()
}

/// What all results of a direction come to (总体情况), computed from published figures only.
#[derive(SimpleObject)]
pub struct EvaluationSummary {
    /// Rated organisations (被评单位数).
    subjects: i32,
    /// Those with a result (有有效结果的单位数).
    sufficient: i32,
    /// Ballots behind the results (有效结果的票数).
    ballots: i32,
    /// Mean of the ballot scores, points from 0 to 100 (评价票平均分); null if there is no result.
    score: Option<f64>,
    /// Mean of the published figures of each dimension (各维度平均分).
    dimensions: Vec<EvaluationFigure>,
}

impl EvaluationSummary {
    /// The summary of a round's results in one direction.
    pub(super) fn of(round: &Round, direction: EvaluationDirection, results: Vec<SubjectResult>) -> Self {
        let mine = results.into_iter().filter(|result| result.direction == direction);
        let tallies: Vec<Tally> = mine.map(|result| result.tally).collect();
        let dimensions = direction.dimensions(&round.rules);
        let all = tally::summary(dimensions, &tallies);
        Self {
            subjects: all.subjects,
            sufficient: all.sufficient,
            ballots: all.ballots,
            score: all.score.map(points),
            dimensions: figures(dimensions, &all.cells),
        }
    }
}

/// The result of one organisation in one round (评价结果).
#[derive(Clone)]
pub struct EvaluationResult(Arc<SubjectResult>);

crate::connection! {
    /// A list of results (评价结果列表).
    EvaluationResultConnection, EvaluationResultEdge, EvaluationResult
}

async fn round(context: &Context<'_>, id: RoundId) -> Outcome<Arc<Round>> {
    let found = loader::one::<RoundById>(context, id).await?;
    found.ok_or_else(|| Fault::new("a visible result of a round that is not").into())
}

/// The result of one organisation in one round (评价结果). With too few ballots there is a standing and not a figure.
#[Object]
impl EvaluationResult {
    /// The round (评价轮次).
    async fn round(&self, context: &Context<'_>) -> Reply<EvaluationRound> {
        Ok(EvaluationRound::of(round(context, self.0.round).await?))
    }

    /// Who was rated (被评单位).
    async fn subject(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.subject).await
    }

    /// Who rated whom (评价方向).
    async fn direction(&self) -> EvaluationDirection {
        self.0.direction
    }

    /// Whether there were enough ballots (结果有效性). If not, everything below is null or empty, and the ballots wait for
    /// the next round.
    async fn standing(&self) -> EvaluationStanding {
        self.0.tally.standing
    }

    /// The total, points from 0 to 100, two decimals (总分).
    async fn score(&self) -> Option<f64> {
        self.0.tally.total_score.map(points)
    }

    /// What the total is made of (总分构成).
    async fn basis(&self) -> Option<EvaluationBasis> {
        self.0.tally.total_score.map(|_| match self.0.tally.objective_score {
            Some(_) => EvaluationBasis::BallotsAndObjective,
            None => EvaluationBasis::BallotsOnly,
        })
    }

    /// The ballots' part: weighted mean of the published dimensions, points from 0 to 100 (评价票得分).
    async fn ballot_score(&self) -> Option<f64> {
        self.0.tally.ballot_score.map(points)
    }

    /// The objective part: share of tasks done in time in the half-year, points from 0 to 100 (客观得分); null for
    /// townships and where no task was due.
    async fn objective_score(&self) -> Option<f64> {
        self.0.tally.objective_score.map(points)
    }

    /// Number of ballots, those of earlier rounds that were too few among them (票数).
    async fn ballot_count(&self) -> Option<i32> {
        self.0.tally.ballot_count
    }

    /// Figures of the dimensions (各维度得分).
    async fn dimensions(&self, context: &Context<'_>) -> Reply<Vec<EvaluationFigure>> {
        if self.0.tally.standing == EvaluationStanding::Insufficient {
            return Ok(Vec::new());
        }
        let round = round(context, self.0.round).await?;
        Ok(figures(self.0.direction.dimensions(&round.rules), &self.0.tally.cells))
    }

    /// What voters wrote, shuffled (意见建议), for the people of the rated organisation: after publication, and only if
    /// there are at least as many comments as the least number of ballots. Empty for everybody else.
    async fn comments(&self, context: &Context<'_>) -> Reply<Vec<String>> {
        let mine = ctx(context).actor().is_ok_and(|actor| actor.org == self.0.subject);
        let shown = mine && round(context, self.0.round).await?.state.is_final();
        Ok(if shown { self.0.tally.comments.clone() } else { Vec::new() })
    }

    /// The later round in whose result these ballots were counted (票数并入的轮次); null while they wait or where they
    /// were enough. Null as well while that round has not ended.
    async fn rolled_into(&self, context: &Context<'_>) -> Reply<Option<EvaluationRound>> {
        let Some(id) = self.0.rolled_into else { return Ok(None) };
        let found = loader::one::<RoundById>(context, id).await?;
        Ok(found.filter(|round| round.state.is_final()).map(EvaluationRound::of))
    }
}

/// Results of a visible round, as far as the caller sees them.
pub(super) async fn of_round(
    context: &Context<'_>,
    round: &Round,
    direction: Option<EvaluationDirection>,
    args: PageArgs,
) -> Reply<EvaluationResultConnection> {
    let ctx = ctx(context);
    let actor = ctx.actor()?;
    args.limit()?;
    let only = if round.state.is_final() {
        None
    } else if sees_result(round, actor.org, actor) {
        Some(actor.org)
    } else {
        return Ok(EvaluationResultConnection::new(Page::default(), Total::Known(0)));
    };
    let select = results::select_of_round(round.id(), direction, only);
    let page = results::page_of_round(ctx.db().read(), select.clone(), &args).await?;
    Ok(connection(page, Total::count(select)))
}

/// Results of a visible round as a file, as far as the caller sees them.
pub(super) async fn file_of_round(
    context: &Context<'_>,
    round: &Round,
    direction: Option<EvaluationDirection>,
    format: SheetFormat,
) -> Reply<SpreadsheetFile> {
    let ctx = ctx(context);
    let actor = ctx.actor()?;
    let db = ctx.db().read();
    let mut seen = results::of_rounds(db, &[round.id()]).await?.remove(&round.id()).unwrap_or_default();
    seen.retain(|result| {
        sees_result(round, result.subject, actor) && direction.is_none_or(|direction| result.direction == direction)
    });
    let subjects: Vec<_> = seen.iter().map(|result| result.subject).collect();
    let orgs = territory::store::orgs(db, &Scope::of(ctx), &subjects).await?;
    let names = orgs.into_iter().map(|(id, org)| (id, org.name)).collect();
    let document = result_table(round, &seen, &names, ctx.moment());
    Ok(SpreadsheetFile::of(ctx.platform(), document, format).await?)
}

/// Results in the schema.
pub(super) fn connection(page: Page<SubjectResult>, total: Total) -> EvaluationResultConnection {
    EvaluationResultConnection::new(page.map(|result| EvaluationResult(Arc::new(result))), total)
}

/// An objection to a result (异议).
pub struct EvaluationObjection(rules::Objection);

impl EvaluationObjection {
    /// The objection in the schema.
    #[must_use]
    pub fn of(facts: Objection) -> Self {
        Self(facts)
    }
}

/// An organisation's objection to its own result (评价异议).
#[Object]
impl EvaluationObjection {
    /// Id (标识).
    async fn id(&self) -> ObjectionId {
        self.0.id
    }

    /// The round (评价轮次).
    async fn round(&self, context: &Context<'_>) -> Reply<EvaluationRound> {
        Ok(EvaluationRound::of(round(context, self.0.round).await?))
    }

    /// Who objects (提出单位).
    async fn organisation(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.org).await
    }

    /// Why (异议理由).
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// When it was raised (提出时间).
    async fn raised_at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }

    /// Whether it was upheld, so that the result is annulled (是否成立); null while it has no answer.
    async fn upheld(&self) -> Option<bool> {
        self.0.upheld
    }

    /// The answer (答复).
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// When it was answered (答复时间).
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }
}
