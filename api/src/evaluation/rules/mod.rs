//! The procedure of a round. Pure. The roll, the box and the tally have rooms of their own.

pub mod ballot;
pub mod roll;
pub mod tally;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    kernel::{
        clock::china_midnight,
        ctx::Actor,
        ids::{ObjectionId, OrgUnitId, RoundId},
        place,
        policy::Action,
        refusal::{Named, Refusal},
        settings::{Dimension, EvaluationSettings},
    },
    proceeding::rules::{Capacity, Case, Procedure, Proceeding, ProceedingKind},
};

crate::api_enum! {
    /// State of an evaluation round (评价轮次状态).
    pub enum RoundState {
        /// Planned by the assessment office (已拟定).
        Planned,
        /// Open for votes; the rules and the roll are fixed (投票中).
        Open,
        /// The time for votes is over (投票已截止).
        Closed,
        /// Tallied, and no subject has enough ballots: nothing to object to, only the finding is left to be published
        /// (已计票，样本均不足).
        Tallied,
        /// Tallied; each organisation rated by enough ballots sees its own result and may object (异议期).
        Objection,
        /// Results are published; final (已公布).
        Published,
        /// No subject had enough ballots; they count in the next round; final (样本不足).
        Insufficient,
    }
}

impl RoundState {
    /// Whether the round has ended.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Published | Self::Insufficient)
    }
}

crate::api_enum! {
    /// Half of a year (半年).
    pub enum HalfYear {
        /// January to June (上半年).
        First,
        /// July to December (下半年).
        Second,
    }
}

impl HalfYear {
    /// 1 or 2, as stored.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// The half with this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|half| half.number() == number)
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "上半年",
            Self::Second => "下半年",
        }
    }
}

/// When a half-year begins, in China.
#[must_use]
pub fn begins(year: i32, half: HalfYear) -> DateTime<Utc> {
    let month = match half {
        HalfYear::First => 1,
        HalfYear::Second => 7,
    };
    NaiveDate::from_ymd_opt(year, month, 1).map(china_midnight).unwrap_or_default()
}

/// The half-year after.
#[must_use]
pub fn next(year: i32, half: HalfYear) -> (i32, HalfYear) {
    match half {
        HalfYear::First => (year, HalfYear::Second),
        HalfYear::Second => (year + 1, HalfYear::First),
    }
}

/// Beginning and end of a half-year.
#[must_use]
pub fn period(year: i32, half: HalfYear) -> (DateTime<Utc>, DateTime<Utc>) {
    let (after, other) = next(year, half);
    (begins(year, half), begins(after, other))
}

/// When a round on a half-year may open: from its beginning until the end of the half-year after it. So nobody can rate
/// more often than half-yearly by making up for years long gone.
#[must_use]
pub fn opening_window(year: i32, half: HalfYear) -> (DateTime<Utc>, DateTime<Utc>) {
    let (after, other) = next(year, half);
    (begins(year, half), period(after, other).1)
}

crate::api_enum! {
    /// Who rates whom (评价方向).
    pub enum EvaluationDirection {
        /// Townships rate departments (乡镇评部门).
        TownshipToDepartment,
        /// Departments rate townships (部门评乡镇).
        DepartmentToTownship,
    }
}

impl EvaluationDirection {
    /// The dimensions of this direction.
    #[must_use]
    pub fn dimensions(self, rules: &EvaluationSettings) -> &[Dimension] {
        match self {
            Self::TownshipToDepartment => &rules.township_to_department,
            Self::DepartmentToTownship => &rules.department_to_township,
        }
    }
}

crate::api_enum! {
    /// Whether a subject was rated by enough ballots (结果有效性).
    pub enum EvaluationStanding {
        /// Enough ballots from enough organisations (样本充分).
        Sufficient,
        /// Too few, or annulled after an objection: no figure exists (样本不足).
        Insufficient,
    }
}

/// A round.
#[derive(Clone, Debug)]
pub struct Round {
    /// What it has in common with other proceedings.
    pub head: Proceeding,
    /// Its state.
    pub state: RoundState,
    /// Year evaluated.
    pub year: i32,
    /// Half of the year evaluated.
    pub half: HalfYear,
    /// The province's rules, frozen when the round opened.
    pub rules: EvaluationSettings,
    /// When voting began.
    pub opens_at: Option<DateTime<Utc>>,
    /// When voting ends.
    pub closes_at: Option<DateTime<Utc>>,
    /// Until when results may be objected to.
    pub objection_until: Option<DateTime<Utc>>,
}

impl Round {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> RoundId {
        self.head.id.0.into()
    }

    /// Whether votes are taken at `now`; else the window, as a refusal.
    pub fn takes_votes(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.state == RoundState::Open && self.closes_at.is_some_and(|end| now < end) {
            Ok(())
        } else {
            Err(Refusal::WindowClosed { from: self.opens_at, to: self.closes_at })
        }
    }
}

/// An objection.
#[derive(Clone, Debug)]
pub struct Objection {
    /// Id.
    pub id: ObjectionId,
    /// The round.
    pub round: RoundId,
    /// Who objects to their own result.
    pub org: OrgUnitId,
    /// Why.
    pub text: String,
    /// When.
    pub raised_at: DateTime<Utc>,
    /// Whether it was upheld; none while it has no answer.
    pub upheld: Option<bool>,
    /// The answer.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// The procedure of a round.
pub struct Evaluation;

impl Procedure for Evaluation {
    type State = RoundState;
    const KIND: ProceedingKind = ProceedingKind::Evaluation;
    const STATES: &'static [RoundState] = RoundState::ALL;

    fn possible(state: RoundState) -> &'static [Action] {
        match state {
            RoundState::Planned => &[Action::OpenEvaluation],
            // Ballots are cast by papers, not by viewers, and time alone ends the voting.
            RoundState::Open => &[Action::ClaimBallots],
            RoundState::Closed => &[Action::TallyEvaluation],
            RoundState::Tallied => &[Action::PublishEvaluation],
            RoundState::Objection => {
                &[Action::RaiseEvaluationObjection, Action::AnswerEvaluationObjection, Action::PublishEvaluation]
            }
            RoundState::Published | RoundState::Insufficient => &[],
        }
    }

    fn capacity(action: Action) -> Option<Capacity> {
        (action == Action::ClaimBallots).then_some(Capacity::Rater)
    }

    fn needs_entry(_: Action) -> bool {
        false
    }

    fn holds_up(action: Action) -> bool {
        // To vote and to object are rights: nobody waits for those who do not use them, time alone ends both.
        !matches!(action, Action::ClaimBallots | Action::RaiseEvaluationObjection)
    }
}

/// What decides beside policy and state: time, the roll, the viewer's own result, objections, other rounds.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Papers the viewer may still claim for the organisation acted for.
    pub unclaimed: usize,
    /// All papers the roll grants the viewer there.
    pub on_roll: usize,
    /// The result of the viewer's organisation.
    pub own: Option<EvaluationStanding>,
    /// Whether the viewer's organisation has objected.
    pub objected: bool,
    /// Organisations whose objection has no answer.
    pub unanswered: Vec<Named>,
    /// The other rounds of the authority.
    pub others: Vec<(i32, HalfYear, RoundState)>,
}

/// Whether the facts allow an act that policy and state allow. Mutations and `viewerActions` ask this same question.
pub fn allows(action: Action, round: &Round, facts: &Facts, now: DateTime<Utc>) -> Result<(), Refusal> {
    match action {
        Action::OpenEvaluation => may_open(round, &facts.others, now),
        Action::ClaimBallots => {
            round.takes_votes(now)?;
            if facts.on_roll == 0 {
                return Err(Refusal::forbidden(
                    "您不在本轮评价的参评人员名单中。",
                    "You are not on the roll of this round for the organisation you act for.",
                ));
            }
            if facts.unclaimed == 0 {
                return Err(Refusal::wrong_state(("ISSUED", "评价票已领取"), &[("NOT_ISSUED", "评价票未领取")]));
            }
            Ok(())
        }
        Action::RaiseEvaluationObjection => {
            if facts.own != Some(EvaluationStanding::Sufficient) && !facts.objected {
                return Err(Refusal::SampleTooSmall);
            }
            if facts.objected {
                return Err(Refusal::wrong_state(("RAISED", "异议已提出"), &[("NOT_RAISED", "未提出异议")]));
            }
            match round.objection_until {
                Some(until) if now < until => Ok(()),
                until => Err(Refusal::WindowClosed { from: None, to: until }),
            }
        }
        Action::AnswerEvaluationObjection if facts.unanswered.is_empty() => {
            Err(Refusal::wrong_state(("ANSWERED", "已答复"), &[("RAISED", "异议已提出")]))
        }
        Action::PublishEvaluation if round.state == RoundState::Objection => {
            if round.objection_until.is_none_or(|until| now < until) {
                return Err(Refusal::WindowClosed { from: round.objection_until, to: None });
            }
            if facts.unanswered.is_empty() {
                Ok(())
            } else {
                Err(Refusal::ConsultationIncomplete {
                    unheard: Vec::new(),
                    unanswered: facts.unanswered.clone(),
                    until: None,
                })
            }
        }
        _ => Ok(()),
    }
}

/// Rounds of an authority run one after the other and in the order of time: ballots that were too few roll forward.
fn may_open(round: &Round, others: &[(i32, HalfYear, RoundState)], now: DateTime<Utc>) -> Result<(), Refusal> {
    let (from, to) = opening_window(round.year, round.half);
    if now < from || now >= to {
        return Err(Refusal::WindowClosed { from: Some(from), to: Some(to) });
    }
    for (year, half, state) in others {
        let later = (*year, *half) > (round.year, round.half);
        let running = *state != RoundState::Planned && !state.is_final();
        if running || (later && *state != RoundState::Planned) {
            return Err(Refusal::forbidden(
                "同一审定主体的评价按先后次序逐轮进行：另一轮评价尚未结束，或后一轮已经启动。",
                "Rounds of one authority run one after the other: another one has not ended, or a later one has begun.",
            ));
        }
    }
    Ok(())
}

/// The acts this actor can do now.
#[must_use]
pub fn viewer_actions(case: &Case, round: &Round, facts: &Facts, actor: &Actor, now: DateTime<Utc>) -> Vec<Action> {
    let mut actions = case.viewer_actions::<Evaluation>(actor);
    actions.retain(|action| allows(*action, round, facts, now).is_ok());
    actions
}

/// Whether the actor sees the result of `subject`: everyone who sees the round once it has ended; before, only the
/// subject itself, and only while it may object. Not even the office that runs the round sees a tally earlier.
#[must_use]
pub fn sees_result(round: &Round, subject: OrgUnitId, actor: &Actor) -> bool {
    round.state.is_final() || (round.state == RoundState::Objection && subject == actor.org)
}

/// Whether the actor sees everybody's participation and objections rather than only those of the own organisation: the
/// office that runs the round and those who oversee the territory.
#[must_use]
pub fn oversees(round: &Round, actor: &Actor) -> bool {
    actor.province == round.head.province
        && (actor.org == round.head.proposer
            || (actor.role.sees_territory() && place::within(&round.head.path, &actor.path)))
}
