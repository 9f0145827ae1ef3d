//! A proceeding read whole, and what an actor may do on it.

use super::{Capacity, Entry, Party, Procedure, Proceeding};
use crate::kernel::{
    ctx::Actor,
    ids::OrgUnitId,
    policy::{self, Act, Action, Permit, Target},
    refusal::{Named, Refusal},
    value::Word,
};

/// A state that this program does not know.
const UNKNOWN: Word = Word { code: "UNKNOWN", term: "未知" };

/// A proceeding with what decides who may do what.
#[derive(Clone, Debug)]
pub struct Case {
    /// The head.
    pub head: Proceeding,
    /// The parties.
    pub parties: Vec<Party>,
    /// What is waited for.
    pub open: Vec<Entry>,
}

impl Case {
    /// Its state.
    #[must_use]
    pub fn state<P: Procedure>(&self) -> Option<P::State> {
        self.head.state.parse().ok()
    }

    /// Organisations that take part in this capacity; of the reviewers the one whose turn it is.
    #[must_use]
    pub fn in_capacity(&self, capacity: Capacity) -> Vec<OrgUnitId> {
        self.parties
            .iter()
            .filter(|party| party.capacity == capacity)
            .filter(|party| capacity != Capacity::Reviewer || party.ordinal == self.head.chain_index)
            .map(|party| party.org)
            .collect()
    }

    fn named(&self) -> Vec<OrgUnitId> {
        self.parties
            .iter()
            .filter(|party| {
                matches!(
                    party.capacity,
                    Capacity::Consulted | Capacity::Township | Capacity::Rated | Capacity::Establishment
                )
            })
            .map(|party| party.org)
            .collect()
    }

    /// The organisations at which an act lies: the party it belongs to; an act that belongs to no party in particular
    /// lies with whoever is waited for, and where nobody is, with every party: all of them are told that it is over.
    fn responsible<P: Procedure>(&self, action: Action) -> Vec<OrgUnitId> {
        match P::capacity(action) {
            Some(capacity) => self.in_capacity(capacity),
            None if self.open.is_empty() => self.parties.iter().map(|party| party.org).collect(),
            None => self.open.iter().map(|entry| entry.org).collect(),
        }
    }

    fn check_policy<P: Procedure>(&self, action: Action, actor: &Actor) -> Result<(), Refusal> {
        let responsible = self.responsible::<P>(action);
        let named = self.named();
        policy::check(action, actor, &self.target(&responsible, &named))
    }

    fn target<'a>(&'a self, responsible: &'a [OrgUnitId], named: &'a [OrgUnitId]) -> Target<'a> {
        Target {
            id: self.head.id.0,
            province: self.head.province,
            path: &self.head.path,
            owner: Some(self.head.proposer),
            responsible,
            named,
        }
    }

    /// Whether the state allows the act, and if not, whether a step was skipped.
    fn check_state<P: Procedure>(
        &self,
        action: Action,
        actor: &Actor,
        names: &dyn Fn(OrgUnitId) -> Option<Named>,
    ) -> Result<(), Refusal> {
        let rank = |state: &P::State| P::STATES.iter().position(|known| known == state).unwrap_or(usize::MAX);
        let current = self.state::<P>();
        let here = current.as_ref().map_or(usize::MAX, rank);
        if !current.is_some_and(|state| P::possible(state).contains(&action)) {
            let needed: Vec<&P::State> =
                P::STATES.iter().filter(|state| P::possible(**state).contains(&action)).collect();
            if let Some(waited) = self.open.iter().find(|entry| P::holds_up(entry.task))
                && !needed.is_empty()
                && needed.iter().all(|state| rank(state) > here)
            {
                return Err(Refusal::StepSkipped { step: waited.task.to_string(), actor: names(waited.org) });
            }
            let needed: Vec<Word> = needed.into_iter().map(|state| (*state).into()).collect();
            return Err(Refusal::wrong_state(current.map_or(UNKNOWN, Into::into), &needed));
        }
        let waited = self.open.iter().any(|entry| entry.task == action && entry.org == actor.org);
        if P::needs_entry(action) && !waited {
            return Err(Refusal::wrong_state(current.map_or(UNKNOWN, Into::into), &[]));
        }
        Ok(())
    }

    /// The one question: may this actor do this now?
    pub fn may<P: Procedure>(&self, action: Action, actor: &Actor) -> Result<(), Refusal> {
        self.check_policy::<P>(action, actor)?;
        self.check_state::<P>(action, actor, &|_| None)
    }

    /// The acts this actor can do now.
    #[must_use]
    pub fn viewer_actions<P: Procedure>(&self, actor: &Actor) -> Vec<Action> {
        let possible = self.state::<P>().map(P::possible).unwrap_or_default();
        possible.iter().copied().filter(|action| self.may::<P>(*action, actor).is_ok()).collect()
    }

    /// The permit to do `A` now; `names` tells who is waited for if a step was skipped.
    pub fn permit<P: Procedure, A: Act>(
        &self,
        actor: &Actor,
        names: &dyn Fn(OrgUnitId) -> Option<Named>,
    ) -> Result<Permit<A>, Refusal> {
        let responsible = self.responsible::<P>(A::ACTION);
        let named = self.named();
        let permit = policy::permit::<A>(actor, &self.target(&responsible, &named))?;
        self.check_state::<P>(A::ACTION, actor, names)?;
        Ok(permit)
    }
}
