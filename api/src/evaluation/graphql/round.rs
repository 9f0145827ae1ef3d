//! A round in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    loaders::{FactsOf, MyRoll, ObjectionsIn, ParticipationIn, ResultsOf},
    result::{self, EvaluationObjection, EvaluationResultConnection, EvaluationSummary},
};
use crate::{
    evaluation::{
        rules::{self, EvaluationDirection, HalfYear, Round, RoundState},
        store::roll::Participation,
    },
    kernel::{
        graphql::{Reply, ctx, loader},
        ids::RoundId,
        paging::PageArgs,
        policy::Action,
    },
    proceeding::graphql::{AuditEventConnection, CaseById, QueueEntry, entries, timeline},
    territory::graphql::{OrgUnit, named_org, named_orgs, province::EvaluationDimension},
};

/// The rules of a round (评价规则): the province's, frozen when the round opened.
#[derive(SimpleObject)]
pub struct EvaluationRules {
    /// Least number of ballots for a result or a dimension to be published (最少票数).
    min_ballots: i32,
    /// Least number of organisations the ballots come from (最少参评单位数).
    min_organisations: i32,
    /// Weight of the objective part of a department's total, in per cent (客观部分权重，百分比).
    objective_percent: i32,
    /// Share of scores left out at each end, in per cent (两端截尾比例，百分比).
    trim_percent: i32,
    /// Least number of scores for leaving any out (启用截尾的最少评分数).
    trim_from: i32,
    /// Most voters of one organisation (每个单位最多参评人数).
    max_voters: i32,
}

/// A line of my own roll (我的评价名单): whom I may rate for the organisation I act for.
#[derive(SimpleObject)]
pub struct EvaluationRollLine {
    /// Whom (被评单位).
    subject: OrgUnit,
    /// In which direction (评价方向).
    direction: EvaluationDirection,
    /// Whether the paper was handed out (是否已领票). Whether a ballot was cast with it, nobody knows.
    issued: bool,
}

/// How many of an organisation's voters took their papers (参评情况).
#[derive(SimpleObject)]
pub struct EvaluationParticipation {
    /// The organisation that rates (参评单位).
    organisation: OrgUnit,
    /// In which direction it rates (评价方向).
    direction: EvaluationDirection,
    /// Persons on the roll (参评人数).
    voters: i32,
    /// Those who took their papers (已领票人数).
    issued: i32,
}

/// A half-yearly round of two-way evaluation (双向评价轮次).
#[derive(Clone)]
pub struct EvaluationRound(Arc<Round>);

impl EvaluationRound {
    /// The round in the schema.
    #[must_use]
    pub fn of(facts: Arc<Round>) -> Self {
        Self(facts)
    }
}

crate::connection! {
    /// A list of rounds (评价轮次列表).
    EvaluationRoundConnection, EvaluationRoundEdge, EvaluationRound
}

fn int(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A half-yearly round of two-way evaluation (双向评价轮次): townships rate departments and departments rate townships,
/// by secret ballot.
#[Object]
impl EvaluationRound {
    /// Id (标识).
    pub async fn id(&self) -> RoundId {
        self.0.id()
    }

    /// Number people quote (编号).
    async fn number(&self) -> &str {
        &self.0.head.number
    }

    /// Title (标题).
    async fn title(&self) -> &str {
        &self.0.head.title
    }

    /// Year evaluated (年度).
    async fn year(&self) -> i32 {
        self.0.year
    }

    /// Half of the year evaluated (半年).
    async fn half(&self) -> HalfYear {
        self.0.half
    }

    /// State (状态).
    async fn state(&self) -> RoundState {
        self.0.state
    }

    /// The decision body in whose territory it takes place (审定主体).
    async fn authority(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.head.authority).await
    }

    /// The assessment office that runs it (承办考核办).
    async fn office(&self, context: &Context<'_>) -> Reply<OrgUnit> {
        named_org(context, self.0.head.proposer).await
    }

    /// What is scored in a direction (评价维度); before the round opens, what would be scored today.
    async fn dimensions(
        &self,
        #[graphql(desc = "Who rates whom (评价方向)")] direction: EvaluationDirection,
    ) -> Vec<EvaluationDimension> {
        direction.dimensions(&self.0.rules).iter().map(Into::into).collect()
    }

    /// Minima and weights (评价规则).
    async fn rules(&self) -> EvaluationRules {
        let rules = &self.0.rules;
        EvaluationRules {
            min_ballots: int(rules.min_ballots),
            min_organisations: int(rules.min_organisations),
            objective_percent: int(rules.objective_percent),
            trim_percent: int(rules.trim_percent),
            trim_from: int(rules.trim_from),
            max_voters: int(rules.pool.1),
        }
    }

    /// When voting began (投票开始时间); null before.
    async fn opens_at(&self) -> Option<DateTime<Utc>> {
        self.0.opens_at
    }

    /// When voting ends (投票截止时间), 24:00 China time of the last working day; null before the round opens.
    async fn closes_at(&self) -> Option<DateTime<Utc>> {
        self.0.closes_at
    }

    /// Until when rated organisations may object (异议截止时间); null before the tally and where there is no result.
    async fn objections_until(&self) -> Option<DateTime<Utc>> {
        self.0.objection_until
    }

    /// Revision, for `expectedRevision` (修订号).
    async fn revision(&self) -> i32 {
        self.0.head.revision
    }

    /// What I can do now (我当前可执行的操作). Casting a ballot is not among it: that is done by whoever has a paper.
    async fn viewer_actions(&self, context: &Context<'_>) -> Reply<Vec<Action>> {
        let ctx = ctx(context);
        let Some(actor) = ctx.member() else { return Ok(Vec::new()) };
        let round = &self.0;
        // Who sees the round only because its results are published takes no part in it.
        let Some(case) = loader::one::<CaseById>(context, round.head.id).await? else { return Ok(Vec::new()) };
        let facts = loader::one::<FactsOf>(context, (round.id(), round.head.authority)).await?.unwrap_or_default();
        Ok(rules::viewer_actions(&case, round, &facts, actor, ctx.now()))
    }

    /// Whom I may rate for the organisation I act for, and whether I took the papers (我的评价名单).
    async fn viewer_roll(&self, context: &Context<'_>) -> Reply<Vec<EvaluationRollLine>> {
        let lines = loader::one::<MyRoll>(context, self.0.id()).await?.unwrap_or_default();
        let subjects = named_orgs(context, lines.iter().map(|line| line.subject).collect()).await?;
        Ok(std::iter::zip(lines, subjects)
            .map(|(line, subject)| EvaluationRollLine { subject, direction: line.direction, issued: line.issued })
            .collect())
    }

    /// How many voters took their papers, by organisation (参评情况): of all for the office that runs the round and those
    /// who oversee the territory, of the own organisation for others. How many ballots were cast, nobody sees.
    async fn participation(&self, context: &Context<'_>) -> Reply<Vec<EvaluationParticipation>> {
        let id = self.0.id();
        let entries = if rules::oversees(&self.0, ctx(context).actor()?) {
            loader::one::<ParticipationIn<true>>(context, id).await?
        } else {
            loader::one::<ParticipationIn<false>>(context, id).await?
        };
        let entries = entries.unwrap_or_default();
        let raters = named_orgs(context, entries.iter().map(|entry| entry.rater).collect()).await?;
        let row = |(entry, organisation): (Participation, OrgUnit)| EvaluationParticipation {
            organisation,
            direction: entry.direction,
            voters: i32::try_from(entry.voters).unwrap_or(i32::MAX),
            issued: i32::try_from(entry.issued).unwrap_or(i32::MAX),
        };
        Ok(std::iter::zip(entries, raters).map(row).collect())
    }

    /// Results by name of the rated organisation (评价结果): all of them once the round has ended; in the window for
    /// objections only that of my own organisation; before, none.
    async fn results(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of this direction (评价方向)")] direction: Option<EvaluationDirection>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<EvaluationResultConnection> {
        result::of_round(context, &self.0, direction, PageArgs { first, after, last, before }).await
    }

    /// What all results of a direction come to (总体情况), over published figures only; null until the round has ended.
    async fn summary(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who rates whom (评价方向)")] direction: EvaluationDirection,
    ) -> Reply<Option<EvaluationSummary>> {
        if !self.0.state.is_final() {
            return Ok(None);
        }
        let results = loader::one::<ResultsOf>(context, self.0.id()).await?.unwrap_or_default();
        Ok(Some(EvaluationSummary::of(&self.0, direction, results)))
    }

    /// Objections (异议): all of them for the office that runs the round and those who oversee the territory, that of
    /// the own organisation for others.
    async fn objections(&self, context: &Context<'_>) -> Reply<Vec<EvaluationObjection>> {
        let actor = ctx(context).actor()?;
        let all = loader::one::<ObjectionsIn>(context, self.0.id()).await?.unwrap_or_default();
        let oversees = rules::oversees(&self.0, actor);
        Ok(all.into_iter().filter(|one| oversees || one.org == actor.org).map(EvaluationObjection::of).collect())
    }

    /// What was waited for, by organisation, with its clock (环节).
    async fn steps(&self, context: &Context<'_>) -> Reply<Vec<QueueEntry>> {
        entries(context, self.0.head.id).await
    }

    /// What was done in the procedure, oldest first (留痕). Claims and ballots are not in it.
    async fn timeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<AuditEventConnection> {
        timeline(context, self.0.head.id, PageArgs { first, after, last, before }).await
    }
}
