//! Planning a round, and opening it: the rules are frozen, the roll is drawn, an empty box is set up for each subject.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use serde_json::json;

use super::{load, permit};
use crate::{
    evaluation::{
        rules::{
            EvaluationDirection, HalfYear, Round, RoundState, period,
            roll::{self, Candidate, Pair, RollLine},
        },
        store,
    },
    identity,
    kernel::{
        clock::china_date,
        deadline::Deadline,
        fault::{Fault, Outcome, refuse, unique},
        ids::{AccountId, DivisionId, OrgUnitId, RoundId},
        keyring::random,
        place::OrgKind,
        policy::{self, Action, Target, act},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase},
        scope::Scope,
    },
    proceeding::{
        self,
        rules::{Capacity, ProceedingKind, Wait},
        service::{Move, Note},
    },
    territory::{self, rules::OrgUnit, service::authority},
};

crate::api_input! {
    /// Plans the round of my office's authority on a half-year (拟定评价轮次). One round per authority and half-year.
    command PlanEvaluation {
        /// Year evaluated; the present one or the one before or after (年度).
        year: i32,
        /// Half of the year evaluated (半年).
        half: HalfYear,
    }

    /// Opens a planned round for votes (启动评价): freezes the province's dimensions and minima, draws who votes, sets
    /// the closing time. Possible from the beginning of the half-year until the end of the one after it, one round of an
    /// authority at a time, in the order of time.
    command OpenEvaluation {
        /// The round (评价轮次).
        id: RoundId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

impl UseCase for PlanEvaluation {
    const NAME: &'static str = "planEvaluation";
    type Output = RoundId;

    async fn execute(&self, tx: &Tx) -> Outcome<RoundId> {
        let actor = tx.actor()?;
        let id = RoundId::new();
        let target = Target::owned(id, actor.province, actor.org, &actor.path);
        let permit = policy::permit::<act::PlanEvaluation>(actor, &target)?;
        let this_year = china_date(tx.now()).year();
        if !(this_year - 1..=this_year + 1).contains(&self.year) {
            let problem = InputProblem::OutOfRange { min: (this_year - 1).into(), max: (this_year + 1).into() };
            return refuse(Refusal::invalid("input.year", problem));
        }
        let office = territory::service::org(tx, actor.org, "").await?;
        let Some(body) = authority::authority_of(tx.db(), &office).await? else {
            return refuse(Refusal::OfficeMissing { kind: OrgKind::CommitteeGovernment, authority: office.named() });
        };
        let title = format!("{}{}年{}双向评价", body.short_name, self.year, self.half.name());
        let head = proceeding::service::open_head(
            tx,
            id.into(),
            ProceedingKind::Evaluation,
            actor.province,
            title,
            RoundState::Planned,
            &body,
            body.path.clone(),
            actor.org,
        )
        .await?;
        proceeding::store::insert(tx, &permit, &head).await?;
        let round = Round {
            head,
            state: RoundState::Planned,
            year: self.year,
            half: self.half,
            rules: actor.settings.evaluation.clone(),
            opens_at: None,
            closes_at: None,
            objection_until: None,
        };
        unique(store::insert_round(tx, &permit, &round).await, "input.half")?;
        proceeding::store::open_entry(tx, &permit, actor.province, actor.org, Action::OpenEvaluation, None).await?;
        let facts = json!({ "year": self.year, "half": self.half });
        proceeding::service::record_opening(tx, &permit, &round.head, facts);
        Ok(id)
    }
}

impl UseCase for OpenEvaluation {
    const NAME: &'static str = "openEvaluation";
    type Output = RoundId;

    async fn execute(&self, tx: &Tx) -> Outcome<RoundId> {
        let (case, round) = load(tx, self.id, "input.id").await?;
        let permit = permit::<act::OpenEvaluation>(tx, &case, &round, self.expected_revision).await?;
        let settings = &tx.actor()?.settings;
        let rules = &settings.evaluation;
        let body = authority::stored_authority(tx.db(), round.head.authority).await?;
        let pairs = pairs(tx, &round, &body).await?;
        let lines = draw(tx, &pairs, rules.pool.1 as usize).await?;
        if lines.is_empty() {
            return refuse(Refusal::conflict(
                "input.id",
                "辖区内没有可以参评的单位：尚无生效清单，或参评单位没有可用账号。",
                "nobody could vote: no list is in force in the territory, or the organisations have no accounts.",
            ));
        }
        let raters: BTreeSet<OrgUnitId> = lines.iter().map(|line| line.rater).collect();
        let subjects: BTreeMap<OrgUnitId, EvaluationDirection> =
            lines.iter().map(|line| (line.subject, line.direction)).collect();
        let voters: BTreeSet<AccountId> = lines.iter().map(|line| line.account).collect();
        let deadline = Deadline::working_days(tx.now(), settings.deadlines.evaluation_voting);
        let closes_at =
            deadline.due(&tx.ctx().calendar()).at.ok_or_else(|| Fault::new("a deadline without pauses has no end"))?;
        store::open_round(tx, &permit, rules, closes_at).await?;
        store::roll::insert_roll(tx, &permit, round.head.province, &lines).await?;
        let boxes: Vec<_> = subjects.iter().map(|(subject, direction)| (*subject, *direction)).collect();
        store::boxes::set_up(tx, &permit, round.head.province, &boxes).await?;
        let wait = |org: &OrgUnitId| Wait { org: *org, task: Action::ClaimBallots, deadline: Some(deadline.clone()) };
        let rater = |org: &OrgUnitId| (*org, Capacity::Rater, 0);
        let rated = |org: &OrgUnitId| (*org, Capacity::Rated, 0);
        let step = Move {
            wait: raters.iter().map(wait).collect(),
            parties: raters.iter().map(rater).chain(subjects.keys().map(rated)).collect(),
            submitted: true,
            ..Move::to(RoundState::Open)
        };
        let facts = json!({
            "closesAt": closes_at,
            "raters": raters.len(),
            "subjects": subjects.len(),
            "voters": voters.len(),
        });
        proceeding::service::advance(tx, &permit, &round.head, step, Note::default().facts(facts)).await?;
        Ok(round.id())
    }
}

/// Who may rate whom in the authority's territory.
async fn pairs(tx: &Tx, round: &Round, body: &OrgUnit) -> Outcome<BTreeSet<Pair>> {
    let townships = townships(tx, body).await?;
    let departments = departments(tx, body).await?;
    let (since, _) = period(round.year, round.half);
    let dealings = store::roll::dealings(tx.db(), &townships, &departments, tx.now(), since).await?;
    Ok(roll::pairs(&dealings, round.head.proposer))
}

/// The townships whose lists the authority decides on.
async fn townships(tx: &Tx, body: &OrgUnit) -> Outcome<Vec<OrgUnitId>> {
    let (db, today) = (tx.db(), china_date(tx.now()));
    let found = if body.kind == OrgKind::ManagementCommittee {
        let divisions = territory::store::townships_of_committee(db, body.id, today).await?;
        store::roll::townships(db, body.province, None, &divisions).await?
    } else {
        let below = store::roll::townships(db, body.province, Some(&body.path), &[]).await?;
        let divisions: Vec<DivisionId> = below.iter().map(|(division, _)| *division).collect();
        let deciding = authority::list_authorities(db, &Scope::Everything, &divisions, today).await?;
        let own = |division: &DivisionId| deciding.get(division).is_some_and(|authority| authority.id == body.id);
        below.into_iter().filter(|(division, _)| own(division)).collect()
    };
    let ids: Vec<OrgUnitId> = found.into_iter().map(|(_, org)| org).collect();
    existing(tx, ids).await
}

async fn existing(tx: &Tx, ids: Vec<OrgUnitId>) -> Outcome<Vec<OrgUnitId>> {
    let today = china_date(tx.now());
    let known = territory::store::orgs(tx.db(), &Scope::Everything, &ids).await?;
    Ok(ids.into_iter().filter(|id| known.get(id).is_some_and(|org| org.exists_on(today))).collect())
}

/// The departments and other offices with duties of their own that work for the authority; a zone is also served by
/// those of the division in which its committee sits.
async fn departments(tx: &Tx, body: &OrgUnit) -> Outcome<Vec<OrgUnitId>> {
    let kinds: Vec<OrgKind> = OrgKind::ALL.iter().copied().filter(|kind| kind.can_owe_duties()).collect();
    let mut found = territory::store::orgs_of_divisions(tx.db(), &Scope::Everything, &[body.division], &kinds).await?;
    if body.kind == OrgKind::ManagementCommittee {
        found.extend(territory::store::orgs_of_committee(tx.db(), body.id, &kinds).await?);
    }
    Ok(found.into_iter().filter(|org| org.province == body.province).map(|org| org.id).collect())
}

/// Draws the persons of each rating organisation and writes down whom each may rate.
async fn draw(tx: &Tx, pairs: &BTreeSet<Pair>, seats: usize) -> Outcome<Vec<RollLine>> {
    let raters: BTreeSet<OrgUnitId> = pairs.iter().map(|pair| pair.rater).collect();
    let posts = identity::store::posts_in(tx.db(), &raters.into_iter().collect::<Vec<_>>()).await?;
    let mut lots: BTreeMap<AccountId, u64> = BTreeMap::new();
    let mut pools: BTreeMap<OrgUnitId, Vec<AccountId>> = BTreeMap::new();
    for (org, posts) in posts {
        let candidates: Vec<Candidate> = posts
            .iter()
            .map(|post| Candidate {
                account: post.account,
                role: post.role,
                lot: *lots.entry(post.account).or_insert_with(|| u64::from_le_bytes(random())),
            })
            .collect();
        pools.insert(org, roll::pool(&candidates, seats));
    }
    let drawn: BTreeSet<AccountId> = pools.values().flatten().copied().collect();
    let held = identity::store::posts_of(tx.db(), &drawn.into_iter().collect::<Vec<_>>()).await?;
    let held: BTreeMap<AccountId, BTreeSet<OrgUnitId>> =
        held.into_iter().map(|(account, posts)| (account, posts.into_iter().map(|post| post.org).collect())).collect();
    Ok(roll::roll(pairs, &pools, &held))
}
