//! Evidence: one event per act, append-only and tamper-evident.
//!
//! Each province has a chain. An event's hash covers all its fields and the hash of the event before it; the chain's
//! head is locked last in a transaction, so events are numbered without gaps in the order in which they were committed.
//! That makes the chain the outbox as well: whoever wants to know what happened reads on from the last number it saw.
//! Seals — signatures over the head — are taken from time to time, so that even who can rewrite the whole table cannot
//! do so unseen without the deployment's secret.

mod chain;
mod seal;
pub mod verify;

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, QuerySelect, sea_query::Expr};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;
use yidan_entity::{audit_chain, audit_event};

pub use chain::{GENESIS, canonical, hash_of};
pub use seal::seal_all;

use super::{
    clock::{china_date, china_midnight},
    ctx::Who,
    fault::{Fault, Outcome},
    ids::{OrgUnitId, ProceedingId, ProvinceId},
    keyring::random,
    policy::Action,
    runner::Tx,
};

/// What an act leaves behind; who did it, when and in which request is added from the transaction.
#[derive(Clone, Debug)]
pub struct Event {
    /// The act.
    pub act: Action,
    /// The province whose chain it joins.
    pub province: ProvinceId,
    /// Kind of the target, as in the schema.
    pub target_kind: &'static str,
    /// The target.
    pub target_id: Uuid,
    /// The proceeding it belongs to.
    pub proceeding: Option<ProceedingId>,
    /// The organisation it concerns, beside the actor's.
    pub concerns: Option<OrgUnitId>,
    /// The territory it concerns.
    pub path: String,
    /// The reason given.
    pub reason: Option<String>,
    /// What was.
    pub before: Option<Value>,
    /// What is.
    pub after: Option<Value>,
    /// The actor, where it is not the one of the request: the account that logs in, or nobody for a ballot.
    pub by: By,
}

/// Who acted.
#[derive(Clone, Debug, Default)]
pub enum By {
    /// Whoever made the request.
    #[default]
    Requester,
    /// An account that is only about to be known.
    Account {
        /// The account.
        id: Uuid,
        /// Its name.
        name: String,
    },
    /// Nobody in particular, by intention: neither person, request nor hour is kept, only the day.
    Nobody,
}

impl Event {
    /// An event with the fields every one has.
    pub fn new(
        act: Action,
        province: ProvinceId,
        target_kind: &'static str,
        target_id: impl Into<Uuid>,
        path: impl Into<String>,
    ) -> Self {
        Self {
            act,
            province,
            target_kind,
            target_id: target_id.into(),
            proceeding: None,
            concerns: None,
            path: path.into(),
            reason: None,
            before: None,
            after: None,
            by: By::Requester,
        }
    }

    /// The proceeding it belongs to.
    #[must_use]
    pub fn of(mut self, proceeding: impl Into<ProceedingId>) -> Self {
        self.proceeding = Some(proceeding.into());
        self
    }

    /// The organisation it concerns.
    #[must_use]
    pub fn concerning(mut self, org: OrgUnitId) -> Self {
        self.concerns = Some(org);
        self
    }

    /// The reason given.
    #[must_use]
    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(str::to_owned);
        self
    }

    /// What was and what is.
    #[must_use]
    pub fn change(mut self, before: Value, after: Value) -> Self {
        self.before = (!before.is_null()).then_some(before);
        self.after = (!after.is_null()).then_some(after);
        self
    }

    /// Who acted, where it is not the one of the request.
    #[must_use]
    pub fn by(mut self, by: By) -> Self {
        self.by = by;
        self
    }
}

/// Appends the events of a transaction; called by the runner as its last write.
pub(super) async fn append(tx: &Tx, events: Vec<Event>) -> Outcome<()> {
    let Some(province) = events.first().map(|event| event.province) else {
        return Ok(());
    };
    if events.iter().any(|event| event.province != province) {
        return Err(Fault::new("a command left events in two provinces").into());
    }
    let (mut seq, mut prev) = head_for_update(tx, province).await?;
    for event in events {
        seq += 1;
        let row = row_of(tx, event, seq, std::mem::take(&mut prev));
        prev.clone_from(&row.hash);
        audit_event::Entity::insert(audit_event::ActiveModel::from(row)).exec_without_returning(tx.db()).await?;
    }
    audit_chain::Entity::update_many()
        .col_expr(audit_chain::Column::Seq, Expr::value(seq))
        .col_expr(audit_chain::Column::Hash, Expr::value(prev))
        .filter(audit_chain::Column::ProvinceId.eq(province.0))
        .exec(tx.db())
        .await?;
    Ok(())
}

async fn head_for_update(tx: &Tx, province: ProvinceId) -> Outcome<(i64, String)> {
    let head = audit_chain::Entity::find_by_id(province.0).lock_exclusive().one(tx.db()).await?;
    let head = head.ok_or_else(|| Fault::new(format!("province {province} has no chain of evidence")))?;
    Ok((head.seq, head.hash))
}

/// Starts the chain of a new province.
pub async fn open_chain(db: &impl ConnectionTrait, province: ProvinceId) -> Result<(), Fault> {
    let row = audit_chain::ActiveModel { province_id: Set(province.0), seq: Set(0), hash: Set(GENESIS.to_owned()) };
    row.insert(db).await?;
    Ok(())
}

fn row_of(tx: &Tx, event: Event, seq: i64, prev_hash: String) -> audit_event::Model {
    let actor = match (&event.by, tx.ctx().who()) {
        (By::Requester, Who::Member(actor)) => Some(actor),
        _ => None,
    };
    let actor_name = match (&event.by, tx.ctx().who()) {
        (By::Account { name, .. }, _) => name.clone(),
        (By::Requester, Who::Member(actor)) => format!("{}·{}", actor.org_name, actor.name),
        (By::Requester, Who::System(why)) => format!("系统：{why}"),
        (By::Nobody, _) | (By::Requester, Who::Anonymous) => String::new(),
    };
    // An id of the usual kind begins with the time and would tell what the day conceals.
    let (id, at) = match event.by {
        By::Nobody => (uuid::Builder::from_random_bytes(random()).into_uuid(), china_midnight(china_date(tx.now()))),
        By::Requester | By::Account { .. } => (Uuid::now_v7(), tx.now()),
    };
    let mut row = audit_event::Model {
        province_id: event.province.0,
        seq,
        id,
        at,
        act: event.act.code().to_owned(),
        account_id: match &event.by {
            By::Account { id, .. } => Some(*id),
            By::Requester => actor.map(|actor| actor.account.0),
            By::Nobody => None,
        },
        post_id: actor.map(|actor| actor.post.0),
        role: actor.map(|actor| actor.role.code().to_owned()),
        org_unit_id: actor.map(|actor| actor.org.0),
        actor_name,
        target_kind: event.target_kind.to_owned(),
        target_id: event.target_id,
        proceeding_id: event.proceeding.map(|proceeding| proceeding.0),
        scope_org_id: event.concerns.map(|org| org.0),
        path: event.path,
        reason: event.reason,
        before: event.before,
        after: event.after,
        request_id: match event.by {
            By::Nobody => String::new(),
            _ => tx.ctx().request_id().to_owned(),
        },
        prev_hash,
        hash: String::new(),
    };
    row.hash = hash_of(&row);
    row
}
