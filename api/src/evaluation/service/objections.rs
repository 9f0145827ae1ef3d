//! Objections to results, their answers, and the end of a round.

use serde_json::json;

use super::{TARGET, load, permit};
use crate::{
    evaluation::{
        rules::{EvaluationStanding, Objection, RoundState, oversees},
        store,
    },
    kernel::{
        audit::Event,
        deadline::Deadline,
        fault::{Outcome, refuse, unique},
        ids::{ObjectionId, RoundId},
        policy::{Action, act},
        refusal::Refusal,
        runner::{Tx, UseCase},
        text,
    },
    proceeding::{
        self,
        service::{Move, Note},
        store::{Closing, NOT_NEEDED},
    },
};

crate::api_input! {
    /// Objects to the result of my organisation (对评价结果提出异议), once, within the window. Heads.
    command RaiseEvaluationObjection {
        /// The round (评价轮次).
        round_id: RoundId,
        /// Why (异议理由); at most 5,000 characters.
        text: String,
    }

    /// Answers an objection (答复评价异议). Upheld means that the result is annulled; scores are never changed.
    command AnswerEvaluationObjection {
        /// The objection (异议).
        id: ObjectionId,
        /// Whether it is upheld (是否成立).
        upheld: bool,
        /// The reason (答复理由); at most 5,000 characters.
        answer: String,
    }

    /// Publishes the results of a round (公布评价结果), after the window for objections and when all are answered; where
    /// no subject had enough ballots, the round ends as insufficient.
    command PublishEvaluation {
        /// The round (评价轮次).
        id: RoundId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

impl UseCase for RaiseEvaluationObjection {
    const NAME: &'static str = "raiseEvaluationObjection";
    type Output = ObjectionId;

    async fn execute(&self, tx: &Tx) -> Outcome<ObjectionId> {
        let (case, round) = load(tx, self.round_id, "input.roundId").await?;
        store::lock(tx, round.id()).await?;
        let permit = permit::<act::RaiseEvaluationObjection>(tx, &case, &round, None).await?;
        let actor = tx.actor()?;
        let new = Objection {
            id: ObjectionId::new(),
            round: round.id(),
            org: actor.org,
            text: text::block("input.text", &self.text, text::BLOCK)?,
            raised_at: tx.now(),
            upheld: None,
            answer: None,
            answered_at: None,
        };
        let written = store::results::insert_objection(tx, &permit, round.head.province, &new, actor.account.0).await;
        unique(written, "input.roundId")?;
        proceeding::store::touch(tx, &permit).await?;
        let mine = Closing::One(actor.org, Action::RaiseEvaluationObjection);
        proceeding::store::close_entries(tx, &permit, mine, "DONE").await?;
        // One entry of the office's queue stands for all objections that wait.
        let waiting = proceeding::store::open_entries(tx.db(), &[case.head.id]).await?.remove(&case.head.id);
        let task = Action::AnswerEvaluationObjection;
        if !waiting.unwrap_or_default().iter().any(|entry| entry.task == task) {
            let deadline = Deadline::working_days(tx.now(), actor.settings.deadlines.evaluation_objection);
            let due = deadline.due(&tx.ctx().calendar());
            let (province, office) = (round.head.province, round.head.proposer);
            proceeding::store::open_entry(tx, &permit, province, office, task, Some((&deadline, due))).await?;
        }
        // The text may quote figures that others must not see yet: it stands in the objection only.
        tx.record(
            Event::new(Action::RaiseEvaluationObjection, round.head.province, TARGET, round.id(), round.head.path)
                .of(case.head.id)
                .concerning(actor.org)
                .change(json!(null), json!({ "objection": new.id })),
        );
        Ok(new.id)
    }
}

impl UseCase for AnswerEvaluationObjection {
    const NAME: &'static str = "answerEvaluationObjection";
    type Output = ObjectionId;

    async fn execute(&self, tx: &Tx) -> Outcome<ObjectionId> {
        let Some(objection) = store::results::objection(tx.db(), self.id).await? else {
            return refuse(Refusal::not_found("input.id"));
        };
        let (case, round) = load(tx, objection.round, "input.id").await?;
        let actor = tx.actor()?;
        if objection.org != actor.org && !oversees(&round, actor) {
            return refuse(Refusal::not_found("input.id"));
        }
        store::lock(tx, round.id()).await?;
        let permit = permit::<act::AnswerEvaluationObjection>(tx, &case, &round, None).await?;
        let answer = text::block("input.answer", &self.answer, text::BLOCK)?;
        let (id, by) = (objection.id, actor.account.0);
        if !store::results::answer_objection(tx, &permit, id, self.upheld, &answer, by).await? {
            return refuse(Refusal::wrong_state(("ANSWERED", "已答复"), &[("RAISED", "异议已提出")]));
        }
        proceeding::store::touch(tx, &permit).await?;
        if self.upheld {
            store::results::annul(tx, &permit, objection.org).await?;
        }
        let all = store::results::objections(tx.db(), &[round.id()]).await?.remove(&round.id()).unwrap_or_default();
        if all.iter().all(|one| one.answer.is_some()) {
            let mine = Closing::One(round.head.proposer, Action::AnswerEvaluationObjection);
            proceeding::store::close_entries(tx, &permit, mine, "DONE").await?;
        }
        tx.record(
            Event::new(Action::AnswerEvaluationObjection, round.head.province, TARGET, round.id(), round.head.path)
                .of(case.head.id)
                .concerning(objection.org)
                .change(json!(null), json!({ "objection": id, "upheld": self.upheld })),
        );
        Ok(id)
    }
}

impl UseCase for PublishEvaluation {
    const NAME: &'static str = "publishEvaluation";
    type Output = RoundId;

    async fn execute(&self, tx: &Tx) -> Outcome<RoundId> {
        let (case, round) = load(tx, self.id, "input.id").await?;
        let permit = permit::<act::PublishEvaluation>(tx, &case, &round, self.expected_revision).await?;
        let results = store::results::of_rounds(tx.db(), &[round.id()]).await?.remove(&round.id()).unwrap_or_default();
        let sufficient =
            results.iter().filter(|result| result.tally.standing == EvaluationStanding::Sufficient).count();
        let mine = Closing::One(round.head.proposer, Action::PublishEvaluation);
        proceeding::store::close_entries(tx, &permit, mine, "DONE").await?;
        let state = if sufficient > 0 { RoundState::Published } else { RoundState::Insufficient };
        let step = Move { ends: true, outcome: NOT_NEEDED, ..Move::to(state) };
        let facts = json!({ "subjects": results.len(), "sufficient": sufficient });
        proceeding::service::advance(tx, &permit, &round.head, step, Note::default().facts(facts)).await?;
        Ok(round.id())
    }
}
