//! What the evidence has to say about what changed: no state without its event, no event twice.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;
use yidan_entity::{audit_event, proceeding};

use crate::World;

/// Where every procedure stood, and how far every province's chain had come.
pub struct Ledger {
    states: BTreeMap<Uuid, (String, i32)>,
    heads: BTreeMap<Uuid, i64>,
}

/// What came to pass since a [`Ledger`] was taken.
pub struct Since {
    /// The procedures that are new or stand elsewhere, with the state they are in.
    pub moved: BTreeMap<Uuid, String>,
    /// The procedures whose revision has gone up.
    pub revised: BTreeSet<Uuid>,
    /// The new events, in their order.
    pub events: Vec<audit_event::Model>,
}

impl World {
    /// Where everything stands.
    pub async fn ledger(&self) -> Ledger {
        let db = self.platform().db.read();
        let chains = yidan_entity::audit_chain::Entity::find().all(db).await.unwrap();
        Ledger {
            states: states(self).await,
            heads: chains.into_iter().map(|chain| (chain.province_id, chain.seq)).collect(),
        }
    }
}

async fn states(world: &World) -> BTreeMap<Uuid, (String, i32)> {
    let rows = proceeding::Entity::find().all(world.platform().db.read()).await.unwrap();
    rows.into_iter().map(|row| (row.id, (row.state, row.revision))).collect()
}

impl Ledger {
    /// What has come to pass since.
    pub async fn since(&self, world: &World) -> Since {
        let (mut moved, mut revised) = (BTreeMap::new(), BTreeSet::new());
        for (id, (state, revision)) in states(world).await {
            let before = self.states.get(&id);
            if before.is_none_or(|(_, before)| *before < revision) {
                revised.insert(id);
            }
            if before.is_none_or(|(before, _)| *before != state) {
                moved.insert(id, state);
            }
        }
        let mut events = Vec::new();
        for (province, seq) in &self.heads {
            let new = audit_event::Entity::find()
                .filter(audit_event::Column::ProvinceId.eq(*province))
                .filter(audit_event::Column::Seq.gt(*seq))
                .order_by_asc(audit_event::Column::Seq);
            events.extend(new.all(world.platform().db.read()).await.unwrap());
        }
        Since { moved, revised, events }
    }
}

impl Since {
    /// All but the deadlines that were missed, of which a procedure may have several.
    #[must_use]
    pub fn but_for_breaches(mut self) -> Self {
        self.events.retain(|event| event.act != "BREACH_DEADLINE");
        self
    }

    /// The acts recorded on each procedure.
    #[must_use]
    pub fn acts(&self) -> BTreeMap<Uuid, Vec<&str>> {
        let mut acts: BTreeMap<Uuid, Vec<&str>> = BTreeMap::new();
        for event in &self.events {
            acts.entry(event.proceeding_id.unwrap_or(event.target_id)).or_default().push(&event.act);
        }
        acts
    }

    /// Holds that every procedure that moved has one event, and no procedure two.
    ///
    /// # Panics
    /// Where that is not so, with `what` was done.
    #[track_caller]
    pub fn is_told_once(&self, what: &str) {
        let acts = self.acts();
        for (id, acts) in &acts {
            assert_eq!(acts.len(), 1, "{what}: {acts:?} on {id}");
        }
        let silent: BTreeSet<_> = self.moved.iter().filter(|(id, _)| !acts.contains_key(id)).collect();
        assert!(silent.is_empty(), "{what}: moved without an event: {silent:?}");
    }
}
