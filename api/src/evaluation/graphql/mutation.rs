//! Acts of evaluation.

use async_graphql::{Context, Object, SimpleObject};

use super::{EvaluationRound, RoundById, result::EvaluationObjection};
use crate::{
    evaluation::{
        rules::EvaluationDirection,
        service::{
            counting::TallyEvaluation,
            objections::{AnswerEvaluationObjection, PublishEvaluation, RaiseEvaluationObjection},
            opening::{OpenEvaluation, PlanEvaluation},
            voting::{self, CastBallot, ClaimBallots, HandedOut},
        },
        store::results,
    },
    kernel::{
        fault::{Fault, Outcome},
        graphql::{Reply, ctx},
        ids::ObjectionId,
        runner::command,
    },
    territory::graphql::{OrgUnit, mutation::read_back, named_orgs, province::EvaluationDimension},
};

/// A ballot paper (评价票): whoever has it can cast one ballot on its subject.
#[derive(SimpleObject)]
pub struct BallotPaper {
    /// The paper itself (票据): shown once, kept by nobody but the voter. Hand it to `castBallot`, best without logging
    /// in and not at once.
    paper: String,
    /// Whom it rates (被评单位).
    subject: OrgUnit,
    /// In which direction (评价方向).
    direction: EvaluationDirection,
    /// What to score (评价维度).
    dimensions: Vec<EvaluationDimension>,
}

crate::payload! {
    /// Result of an act on a round (评价轮次操作结果).
    EvaluationRoundPayload {
        /// The round as it is now (评价轮次).
        round: EvaluationRound
    }
    /// Result of taking papers (领票结果).
    ClaimBallotsPayload {
        /// The papers (评价票): one per subject; on a repetition with the same secret those that have not been cast.
        papers: Vec<BallotPaper>
    }
    /// Result of casting a ballot (投票结果). A paper that was used and one that never existed are refused alike, as
    /// `NOT_FOUND`.
    CastBallotPayload {
        /// True when the ballot lies in the box (是否已投入).
        accepted: bool
    }
    /// Result of an act on an objection (评价异议操作结果).
    EvaluationObjectionPayload {
        /// The objection as it is now (异议).
        objection: EvaluationObjection
    }
}

async fn objection(context: &Context<'_>, outcome: Outcome<ObjectionId>) -> Outcome<EvaluationObjection> {
    let found = results::objection(ctx(context).db().read(), outcome?).await?;
    found.map(EvaluationObjection::of).ok_or_else(|| Fault::new("the objection is gone").into())
}

async fn papers(context: &Context<'_>, outcome: Outcome<Vec<HandedOut>>) -> Outcome<Vec<BallotPaper>> {
    let papers = outcome?;
    let subjects = named_orgs(context, papers.iter().map(|paper| paper.subject).collect()).await?;
    let row = |(HandedOut { paper, direction, dimensions, .. }, subject): (HandedOut, OrgUnit)| BallotPaper {
        paper,
        subject,
        direction,
        dimensions: dimensions.iter().map(Into::into).collect(),
    };
    Ok(std::iter::zip(papers, subjects).map(row).collect())
}

/// Acts of evaluation.
#[derive(Default)]
pub struct EvaluationMutation;

macro_rules! act {
    ($context:ident, $input:ident) => {{
        let outcome = command(ctx($context), &$input).await;
        let outcome = read_back::<RoundById>($context, outcome).await.map(EvaluationRound::of);
        EvaluationRoundPayload::of(ctx($context), outcome)
    }};
}

#[Object]
impl EvaluationMutation {
    /// Plans an evaluation round (拟定评价轮次). Assessment office.
    async fn plan_evaluation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to plan (拟定内容)")] input: PlanEvaluation,
    ) -> Reply<EvaluationRoundPayload> {
        act!(context, input)
    }

    /// Opens an evaluation round for votes (启动评价). The assessment office that planned it.
    async fn open_evaluation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to open (启动内容)")] input: OpenEvaluation,
    ) -> Reply<EvaluationRoundPayload> {
        act!(context, input)
    }

    /// Takes my ballot papers (领取评价票). Persons on the roll.
    async fn claim_ballots(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of which round (所属轮次)")] input: ClaimBallots,
    ) -> Reply<ClaimBallotsPayload> {
        let outcome = voting::claim(ctx(context), &input).await;
        ClaimBallotsPayload::of(ctx(context), papers(context, outcome).await)
    }

    /// Casts a ballot with its paper (投票). Anyone who has a paper; no account is needed and none is looked at.
    async fn cast_ballot(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Paper, scores, comment (票据、评分、意见)")] input: CastBallot,
    ) -> Reply<CastBallotPayload> {
        let outcome = voting::cast(ctx(context), &input).await;
        CastBallotPayload::of(ctx(context), outcome.map(|()| true))
    }

    /// Tallies a closed round (计票). The assessment office that planned it.
    async fn tally_evaluation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to tally (计票内容)")] input: TallyEvaluation,
    ) -> Reply<EvaluationRoundPayload> {
        act!(context, input)
    }

    /// Objects to the result of my organisation (对评价结果提出异议). Heads of the rated organisation.
    async fn raise_evaluation_objection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "To what and why (异议内容)")] input: RaiseEvaluationObjection,
    ) -> Reply<EvaluationObjectionPayload> {
        let outcome = command(ctx(context), &input).await;
        EvaluationObjectionPayload::of(ctx(context), objection(context, outcome).await)
    }

    /// Answers an objection (答复评价异议). The assessment office that planned the round.
    async fn answer_evaluation_objection(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The answer (答复内容)")] input: AnswerEvaluationObjection,
    ) -> Reply<EvaluationObjectionPayload> {
        let outcome = command(ctx(context), &input).await;
        EvaluationObjectionPayload::of(ctx(context), objection(context, outcome).await)
    }

    /// Publishes the results of a round (公布评价结果). The assessment office that planned it.
    async fn publish_evaluation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to publish (公布内容)")] input: PublishEvaluation,
    ) -> Reply<EvaluationRoundPayload> {
        act!(context, input)
    }
}
