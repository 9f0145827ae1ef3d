//! What happens, as it happens: the events of every province, in their order, for whoever listens.
//!
//! The evidence is the outbox. A pump per node follows the heads of the chains and keeps the latest events in memory; it is
//! woken by this node's own commits and looks by itself every [`BEAT`], so that what other nodes do arrives as well. A
//! listener reads on from the number it has: from memory while it keeps up, from the database when it comes back after a
//! while. Nothing is missed and nothing comes twice, because the numbers of a chain have no gaps. Without listeners nothing
//! is read.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, RwLock, Weak},
    time::Duration,
};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::{Notify, broadcast, watch};
use uuid::Uuid;
use yidan_entity::{audit_chain, audit_event};

use super::{
    db::Db,
    fault::Fault,
    ids::{AccountId, ProvinceId},
    platform::Platform,
    policy::Action,
};

/// An event of the evidence.
pub type Happening = audit_event::Model;

/// How often the pump looks without being woken.
const BEAT: Duration = Duration::from_millis(500);
/// Events kept in memory per province.
const KEPT: usize = 2_000;
/// Events read from the database at once.
const BATCH: u64 = 200;

/// The feed of a node.
pub struct Feed {
    committed: Arc<Notify>,
    latest: RwLock<HashMap<Uuid, BTreeMap<i64, Arc<Happening>>>>,
    /// Counts what the pump has brought.
    brought: watch::Sender<u64>,
    /// What may have ended somebody's log-in.
    endings: broadcast::Sender<Arc<Happening>>,
}

/// Acts after which a log-in may no longer be good, by their codes.
const ENDINGS: &[Action] = &[
    Action::Logout,
    Action::LogoutEverywhere,
    Action::RevokeSession,
    Action::SwitchPost,
    Action::ChangePassword,
    Action::ResetPassword,
    Action::DisableAccount,
    Action::UnlinkIdentity,
    Action::EndPost,
];

impl Default for Feed {
    fn default() -> Self {
        Self {
            committed: Arc::default(),
            latest: RwLock::default(),
            brought: watch::Sender::new(0),
            endings: broadcast::Sender::new(256),
        }
    }
}

impl Feed {
    /// Something was committed on this node.
    pub fn wake(&self) {
        if self.is_listened() {
            self.committed.notify_one();
        }
    }

    fn is_listened(&self) -> bool {
        self.brought.receiver_count() > 0 || self.endings.receiver_count() > 0
    }

    /// What may end log-ins, from now on.
    #[must_use]
    pub fn endings(&self) -> Endings {
        Endings(self.endings.subscribe())
    }

    /// The number of a province's last event.
    pub async fn head(&self, db: &Db, province: ProvinceId) -> Result<i64, Fault> {
        Ok(audit_chain::Entity::find_by_id(province.0).one(db.read()).await?.map_or(0, |chain| chain.seq))
    }

    /// The events of a province after number `after`, at least one; waits until there is one.
    pub async fn next(&self, db: &Db, province: ProvinceId, after: i64) -> Result<Vec<Arc<Happening>>, Fault> {
        let mut brought = self.brought.subscribe();
        loop {
            brought.mark_unchanged();
            match self.kept(province, after) {
                Some(events) if !events.is_empty() => return Ok(events),
                // Up to date.
                Some(_) => {}
                // Nothing is kept yet, or what is missing is no longer.
                None => {
                    let events = stored(db, province.0, after, BATCH).await?;
                    if !events.is_empty() {
                        return Ok(events);
                    }
                }
            }
            self.committed.notify_one();
            // The pump keeps a sender for as long as the node runs.
            if brought.changed().await.is_err() {
                return Err(Fault::new("the feed has ended"));
            }
        }
    }

    /// What is kept after a number; none if that may not be all there is.
    fn kept(&self, province: ProvinceId, after: i64) -> Option<Vec<Arc<Happening>>> {
        let latest = self.latest.read().ok()?;
        let kept = latest.get(&province.0)?;
        let (first, last) = (*kept.first_key_value()?.0, *kept.last_key_value()?.0);
        if after + 1 < first || after > last {
            return None;
        }
        Some(kept.range(after + 1..).map(|(_, event)| Arc::clone(event)).collect())
    }

    /// Follows the chains until the platform is gone.
    pub async fn pump(platform: Weak<Platform>) {
        loop {
            let Some(strong) = platform.upgrade() else { return };
            if strong.feed.is_listened()
                && let Err(fault) = strong.feed.follow(&strong.db).await
            {
                tracing::warn!(?fault, "the feed cannot be read");
            }
            let committed = Arc::clone(&strong.feed.committed);
            drop(strong);
            let _ = tokio::time::timeout(BEAT, committed.notified()).await;
        }
    }

    /// Brings what is new in every chain.
    async fn follow(&self, db: &Db) -> Result<(), Fault> {
        let mut news = false;
        for chain in audit_chain::Entity::find().all(db.read()).await? {
            let known = self.latest.read().ok().and_then(|latest| {
                latest.get(&chain.province_id).and_then(|kept| kept.last_key_value().map(|(seq, _)| *seq))
            });
            // Where nothing was kept for a while, it begins with the latest.
            let mut from = known.filter(|known| chain.seq - known < 5_000).unwrap_or(chain.seq - 1);
            if known.is_none_or(|known| known < from)
                && let Ok(mut latest) = self.latest.write()
            {
                latest.remove(&chain.province_id);
            }
            while from < chain.seq {
                let events = stored(db, chain.province_id, from, BATCH).await?;
                let Some(last) = events.last().map(|event| event.seq) else { break };
                from = last;
                news = true;
                for event in events.iter().filter(|event| ENDINGS.iter().any(|act| act.code() == event.act)) {
                    // Nobody may be listening.
                    let _ = self.endings.send(Arc::clone(event));
                }
                if let Ok(mut latest) = self.latest.write() {
                    let kept = latest.entry(chain.province_id).or_default();
                    kept.extend(events.into_iter().map(|event| (event.seq, event)));
                    while kept.len() > KEPT {
                        kept.pop_first();
                    }
                }
            }
        }
        if news {
            self.brought.send_modify(|count| *count += 1);
        }
        Ok(())
    }
}

/// What may end log-ins, as it happens.
pub struct Endings(broadcast::Receiver<Arc<Happening>>);

impl Endings {
    /// Waits until something happens that may have ended a log-in of this account.
    pub async fn of(&mut self, account: AccountId) {
        loop {
            match self.0.recv().await {
                Ok(event) if event.account_id == Some(account.0) || event.target_id == account.0 => return,
                Ok(_) => {}
                // What was missed may have been it.
                Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

async fn stored(db: &Db, province: Uuid, after: i64, limit: u64) -> Result<Vec<Arc<Happening>>, Fault> {
    let events = audit_event::Entity::find()
        .filter(audit_event::Column::ProvinceId.eq(province))
        .filter(audit_event::Column::Seq.gt(after))
        .order_by_asc(audit_event::Column::Seq)
        .limit(limit)
        .all(db.read())
        .await?;
    Ok(events.into_iter().map(Arc::new).collect())
}
