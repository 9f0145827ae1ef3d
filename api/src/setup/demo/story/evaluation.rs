//! How townships and departments scored each other: the last half-year published, the present one open for votes.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::Stage;
use crate::setup::demo::world::TOWNSHIPS;
use crate::{
    evaluation::{
        rules::{EvaluationDirection, HalfYear, next},
        service::{
            counting::{self, TallyEvaluation},
            objections::{AnswerEvaluationObjection, PublishEvaluation, RaiseEvaluationObjection},
            opening::{OpenEvaluation, PlanEvaluation},
            voting::{self, BallotScore, CastBallot, ClaimBallots, HandedOut},
        },
    },
    kernel::{clock::china_date, ctx::Who, fault::Outcome, ids::RoundId, role::Role},
};

/// The heads of departments that share items with townships and take part.
const HEADS: [&str; 10] =
    ["nongye", "shengtai", "zhujian", "xiaofang", "yingji", "ziran", "minzheng", "weijian", "shijian", "renshe"];

/// How many townships, and how many departments, of those that could vote did.
const VOTED: (usize, usize) = (7, 8);

impl Stage<'_> {
    async fn plan_round(&self, (year, half): (i32, HalfYear)) -> Outcome<RoundId> {
        self.play(self.county.assessment, Role::Assessment, &PlanEvaluation { year, half, idempotency_key: None }).await
    }

    async fn open_round(&self, earlier: bool) -> Outcome<RoundId> {
        let id = self.plan_round(half_year(self.demo.now_in_truth, earlier)).await?;
        let office = self.county.assessment;
        let open = OpenEvaluation { id, expected_revision: None, idempotency_key: None };
        self.play(office, Role::Assessment, &open).await
    }

    async fn vote(&self, round: RoundId, username: &str, role: Role, lean: usize) -> Outcome<()> {
        let voter = self.demo.person(self.province, username, role).await?;
        let papers =
            voting::claim(&voter, &ClaimBallots { round_id: round, secret: None, idempotency_key: None }).await?;
        let nobody = self.demo.as_who(Who::Anonymous);
        for (number, paper) in papers.into_iter().enumerate() {
            voting::cast(&nobody, &ballot(paper, lean + number)).await?;
        }
        Ok(())
    }

    async fn votes(&self, round: RoundId, townships: usize, departments: usize) -> Outcome<()> {
        for (number, (_, _, prefix)) in TOWNSHIPS.into_iter().skip(2).take(townships).enumerate() {
            self.vote(round, &format!("{prefix}.shuji"), Role::TownshipPartySecretary, number).await?;
            self.vote(round, &format!("{prefix}.zhenzhang"), Role::TownshipHead, number + 1).await?;
        }
        for (number, head) in HEADS.into_iter().take(departments).enumerate() {
            self.vote(round, head, Role::DeptHead, number).await?;
        }
        Ok(())
    }
}

/// The present half-year or the one before. A half-year that is only days old counts as the next one: a round on it could
/// not have been opened before.
fn half_year(now: DateTime<Utc>, before: bool) -> (i32, HalfYear) {
    let day = china_date(now - TimeDelta::days(13));
    match (day.month() > 6, before) {
        (true, false) => (day.year(), HalfYear::Second),
        (true, true) => (day.year(), HalfYear::First),
        (false, false) => (day.year(), HalfYear::First),
        (false, true) => (day.year() - 1, HalfYear::Second),
    }
}

/// Scores between 3 and 5 that differ from subject to subject, with a comment now and then.
fn ballot(paper: HandedOut, lean: usize) -> CastBallot {
    let score = |index: usize| [5, 4, 4, 3, 5, 4][(lean + index) % 6];
    let scores = paper.dimensions.iter().enumerate();
    let scores = scores.map(|(index, one)| BallotScore { dimension: one.code.clone(), score: score(index) }).collect();
    let comment = match (paper.direction, lean % 5) {
        (EvaluationDirection::TownshipToDepartment, 0) => Some("下沉指导及时，培训还可以再多一些。"),
        (EvaluationDirection::TownshipToDepartment, 2) => Some("收回事项承接到位，减轻了基层负担。"),
        (EvaluationDirection::DepartmentToTownship, 0) => Some("线索上报及时，配合到位。"),
        _ => None,
    };
    CastBallot { paper: paper.paper, scores, comment: comment.map(str::to_owned) }
}

/// The half-year before, from the plan to the publication, with an objection on the way.
pub(super) async fn last_round(stage: &Stage<'_>) -> Outcome<()> {
    let round = stage.open_round(true).await?;
    stage.demo.pass(2);
    stage.votes(round, VOTED.0, VOTED.1).await?;
    stage.demo.pass(9);
    counting::tick(&stage.demo.system()).await?;
    let office = stage.county.assessment;
    let tally = TallyEvaluation { id: round, expected_revision: None, idempotency_key: None };
    stage.play(office, Role::Assessment, &tally).await?;
    stage.demo.pass(1);
    let objection = RaiseEvaluationObjection {
        round_id: round,
        text: "培训次数统计有遗漏，请复核。".into(),
        idempotency_key: None,
    };
    let id = stage.play("zhujian", Role::DeptHead, &objection).await?;
    let answer = AnswerEvaluationObjection {
        id,
        upheld: false,
        answer: "经核对，培训台账与统计一致，维持原结果。".into(),
        idempotency_key: None,
    };
    stage.play(office, Role::Assessment, &answer).await?;
    stage.demo.pass(6);
    let publish = PublishEvaluation { id: round, expected_revision: None, idempotency_key: None };
    stage.play(office, Role::Assessment, &publish).await?;
    Ok(())
}

/// The present half-year: open, few have voted yet; and the next one, planned.
pub(super) async fn running_round(stage: &Stage<'_>) -> Outcome<()> {
    let round = stage.open_round(false).await?;
    stage.votes(round, 1, 1).await?;
    let (year, half) = half_year(stage.demo.now_in_truth, false);
    stage.plan_round(next(year, half)).await?;
    Ok(())
}

/// A round that nobody has opened yet.
pub(super) async fn planned_round(stage: &Stage<'_>) -> Outcome<()> {
    stage.plan_round(half_year(stage.demo.now_in_truth, false)).await?;
    Ok(())
}
