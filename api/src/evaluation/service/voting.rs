//! Taking papers, by persons; casting ballots, by papers. What keeps the two apart stands in the module's word on
//! secrecy ([`crate::evaluation`]).

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::json;

use super::{TARGET, load, permit};
use crate::{
    evaluation::{
        rules::{
            EvaluationDirection, Round,
            ballot::{self, Ballot},
        },
        store::{self, roll::MyLine},
    },
    kernel::{
        audit::{By, Event},
        ctx::Ctx,
        fault::{Failure, Fault, Outcome, refuse},
        ids::{OrgUnitId, RoundId},
        keyring::random,
        policy::{Action, act, by_system},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase, run, run_once},
        settings::Dimension,
        text,
    },
    proceeding::{self, store::Closing},
};

crate::api_input! {
    /// Takes my ballot papers for the organisation I act for (领取评价票): one for each subject the roll grants me. They
    /// are shown once; only who brought a `secret` is shown the same papers again. An `idempotencyKey` goes with a
    /// `secret`, because no answer with papers in it is kept.
    command ClaimBallots {
        /// The round (评价轮次).
        round_id: RoundId,
        /// A random text that I keep to myself, 22–100 printable ASCII characters (领取密语). The papers are drawn from it
        /// and it is kept nowhere, so that a claim whose answer was lost can be repeated with the same secret: it
        /// answers the papers that have not been cast. Who knows it can vote in my place; it had better be thrown away
        /// after voting.
        #[serde(skip)]
        secret: Option<String>,
    }
}

crate::api_input! {
    /// The score of one dimension (单项评分).
    part BallotScore {
        /// Code of the dimension (维度代码).
        dimension: String,
        /// From 1, worst, to 5, best (评分，1–5 分).
        score: i32,
    }
}

crate::api_input! {
    /// Casts a ballot with its paper (投票). No account is needed and none is looked at; there is no idempotency key,
    /// because the paper is one: it is good once.
    part CastBallot {
        /// The paper (评价票).
        paper: String,
        /// Scores, at least one; a dimension you cannot judge is left out (评分；“不了解”的维度可不填).
        scores: Vec<BallotScore>,
        /// A comment of at most 500 characters; shown to the subject after publication together with others, so it had
        /// better not say who wrote it (意见建议).
        comment: Option<String>,
    }
}

/// A paper as it is shown once.
#[derive(Clone, Debug)]
pub struct HandedOut {
    /// Its text.
    pub paper: String,
    /// Whom it rates.
    pub subject: OrgUnitId,
    /// In which direction.
    pub direction: EvaluationDirection,
    /// On what.
    pub dimensions: Vec<Dimension>,
}

/// The command with a place for the papers beside its answer: an answer is kept with its idempotency key, a paper never.
#[derive(Serialize)]
struct Claim<'a> {
    input: &'a ClaimBallots,
    #[serde(skip)]
    papers: Mutex<Vec<HandedOut>>,
}

/// Takes the caller's papers; with a secret, the same ones again.
pub async fn claim(ctx: &Ctx, input: &ClaimBallots) -> Outcome<Vec<HandedOut>> {
    ctx.actor()?;
    let secret = input.secret.as_deref();
    if let Some(secret) = secret
        && !((22..=100).contains(&secret.len()) && secret.chars().all(|c| c.is_ascii_graphic()))
    {
        return refuse(Refusal::invalid(
            "input.secret",
            InputProblem::Malformed { expected: "22–100 random printable ASCII characters" },
        ));
    }
    if secret.is_none() && input.idempotency_key.is_some() {
        return refuse(Refusal::conflict(
            "input.idempotencyKey",
            "领取评价票的答复不予留存，使用幂等键须同时提供领取密语 secret。",
            "No answer with papers in it is kept: an idempotency key goes with a secret.",
        ));
    }
    let claim = Claim { input, papers: Mutex::default() };
    let outcome = run_once(ctx, &claim, input.idempotency_key.as_deref()).await;
    let papers = claim.papers.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Taken before, perhaps by this very command whose answer was lost.
    if papers.is_empty()
        && let (Ok(()) | Err(Failure::Refused(_)), Some(secret)) = (&outcome, secret)
    {
        let again = taken(ctx, input.round_id, secret).await?;
        return if again.is_empty() { outcome.and_then(|()| refuse(issued())) } else { Ok(again) };
    }
    outcome.map(|()| papers)
}

fn issued() -> Refusal {
    Refusal::wrong_state(("ISSUED", "评价票已领取"), &[("NOT_ISSUED", "评价票未领取")])
}

/// The caller's papers drawn from this secret that were taken and have not been cast.
async fn taken(ctx: &Ctx, id: RoundId, secret: &str) -> Outcome<Vec<HandedOut>> {
    let (db, actor) = (ctx.db().read(), ctx.actor()?);
    let lines = store::roll::my_lines(db, &[id], actor.account, actor.org).await?.remove(&id).unwrap_or_default();
    let Some(round) = store::known(db, id).await?.filter(|_| !lines.is_empty()) else { return Ok(Vec::new()) };
    let subjects: Vec<OrgUnitId> = lines.iter().map(|line| line.subject).collect();
    let boxes = store::boxes::look(ctx, id, &subjects).await?;
    let papers = lines.iter().map(|line| {
        let paper =
            ballot::paper(id, line.subject, ballot::drawn(secret, id, line.subject, (actor.account, actor.org)));
        HandedOut::of(paper, line, &round)
    });
    Ok(papers.filter(|one| boxes.get(&one.subject).is_some_and(|all| all.knows(&ballot::hash(&one.paper)))).collect())
}

impl HandedOut {
    fn of(paper: String, line: &MyLine, round: &Round) -> Self {
        let dimensions = line.direction.dimensions(&round.rules).to_vec();
        Self { paper, subject: line.subject, direction: line.direction, dimensions }
    }
}

impl UseCase for Claim<'_> {
    const NAME: &'static str = "claimBallots";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        let (case, round) = load(tx, self.input.round_id, "input.roundId").await?;
        let permit = permit::<act::ClaimBallots>(tx, &case, &round, None).await?;
        let actor = tx.actor()?;
        let mut lines = store::roll::my_lines_for_update(tx, round.id(), actor.account, actor.org).await?;
        lines.retain(|line| !line.issued);
        if lines.is_empty() {
            return refuse(issued());
        }
        let mut papers = Vec::with_capacity(lines.len());
        for line in &lines {
            let random = match &self.input.secret {
                Some(secret) => ballot::drawn(secret, round.id(), line.subject, (actor.account, actor.org)),
                None => random(),
            };
            let paper = ballot::paper(round.id(), line.subject, random);
            let Some((_, mut contents)) = store::boxes::take(tx, round.id(), line.subject).await? else {
                return Err(Fault::new("a subject on the roll without a box").into());
            };
            contents.issue(ballot::hash(&paper), actor.org);
            store::boxes::put(tx, &permit, line.subject, &contents).await?;
            papers.push(HandedOut::of(paper, line, &round));
        }
        store::roll::issue(tx, &permit, actor.account, actor.org).await?;
        let all = store::roll::participation(tx.db(), &[round.id()], Some(actor.org)).await?;
        if all.values().flatten().all(|entry| entry.issued == entry.voters) {
            let mine = Closing::One(actor.org, Action::ClaimBallots);
            proceeding::store::close_entries(tx, &permit, mine, "DONE").await?;
        }
        // Who took part is no secret to those who may read the evidence, but no business of everybody who sees the
        // round: the event is about the round without being part of its timeline.
        tx.record(
            Event::new(Action::ClaimBallots, round.head.province, TARGET, round.id(), round.head.path)
                .change(json!(null), json!({ "papers": papers.len() })),
        );
        *self.papers.lock().unwrap_or_else(PoisonError::into_inner) = papers;
        Ok(())
    }
}

/// Casts a ballot.
pub async fn cast(ctx: &Ctx, input: &CastBallot) -> Outcome<()> {
    // What cannot be a paper of an open round is refused before it can wait for a write.
    let Some((round, _)) = ballot::address(&input.paper) else { return unknown() };
    match store::known(ctx.db().read(), round).await? {
        Some(round) => round.takes_votes(ctx.now())?,
        None => return unknown(),
    }
    run(ctx, input).await
}

/// One answer for a paper that was used, withdrawn or never existed.
fn unknown<T>() -> Outcome<T> {
    refuse(Refusal::not_found("input.paper"))
}

impl UseCase for CastBallot {
    const NAME: &'static str = "castBallot";
    type Output = ();

    /// Looks at nothing but the input: not at who is logged in, not at where the request comes from.
    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        let Some((id, subject)) = ballot::address(&self.paper) else { return unknown() };
        let found = store::boxes::take(tx, id, subject).await?;
        // Read after the box is ours, so that closing cannot come between.
        let Some(round) = store::known(tx.db(), id).await? else { return unknown() };
        round.takes_votes(tx.now())?;
        let hash = ballot::hash(&self.paper);
        let Some((direction, mut contents)) = found.filter(|(_, contents)| contents.knows(&hash)) else {
            return unknown();
        };
        let given: Vec<(String, i32)> = self.scores.iter().map(|one| (one.dimension.clone(), one.score)).collect();
        let scores = ballot::scores(&given, direction.dimensions(&round.rules))?;
        let comment = text::optional("input.comment", self.comment.as_deref(), ballot::COMMENT, text::block)?;
        contents.cast(&hash, Ballot { scores, comment });
        let permit = by_system::<act::CastBallot>(id, "a paper votes, whoever holds it");
        store::boxes::put(tx, &permit, subject, &contents).await?;
        // Neither whom it rates nor the procedure's timeline, where it would stand between the names of those who took
        // papers.
        tx.record(Event::new(Action::CastBallot, round.head.province, TARGET, id, round.head.path).by(By::Nobody));
        Ok(())
    }
}
