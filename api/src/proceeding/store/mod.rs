//! The SQL of proceedings.

mod evidence;
mod heads;
mod opinions;
mod queue;

pub use self::evidence::*;
pub use self::heads::*;
pub use self::opinions::*;
pub use self::queue::*;

use std::collections::HashMap;

pub use audit_event::Model as EventRow;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use yidan_entity::{audit_event, decision_record, opinion, proceeding, queue_entry};

use crate::kernel::{
    deadline::Deadline,
    fault::{Fault, Outcome},
    value::stored,
};
use crate::proceeding::rules::{Decision, Entry, Opinion, Proceeding};

impl TryFrom<proceeding::Model> for Proceeding {
    type Error = Fault;

    fn try_from(row: proceeding::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            kind: stored(&row.kind)?,
            number: row.number,
            title: row.title,
            state: row.state,
            authority: row.authority_id.into(),
            path: row.path,
            proposer: row.proposer_org_id.into(),
            created_by: row.created_by.map(Into::into),
            created_at: row.created_at,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by.map(Into::into),
            closed_at: row.closed_at,
            chain_index: row.chain_index,
            return_count: row.return_count,
            approver: row.approver_org_id.map(Into::into),
            revision: row.revision,
        })
    }
}

impl TryFrom<queue_entry::Model> for Entry {
    type Error = Fault;

    fn try_from(row: queue_entry::Model) -> Result<Self, Fault> {
        let deadline = match (row.starts_at, row.basis, row.amount) {
            (Some(starts_at), Some(basis), Some(amount)) => Some(Deadline {
                starts_at,
                basis: stored(&basis)?,
                amount: amount.unsigned_abs(),
                pauses: row.pauses.map(serde_json::from_value).transpose()?.unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(Self {
            id: row.id.into(),
            proceeding: row.proceeding_id.into(),
            org: row.org_unit_id.into(),
            task: stored(&row.task)?,
            opened_at: row.opened_at,
            deadline,
            due_at: row.due_at,
            calendar_version: row.calendar_version,
            breached_at: row.breached_at,
            closed_at: row.closed_at,
            outcome: row.outcome,
        })
    }
}

impl TryFrom<opinion::Model> for Opinion {
    type Error = Fault;

    fn try_from(row: opinion::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            proceeding: row.proceeding_id.into(),
            org: row.org_unit_id.into(),
            stage: row.stage,
            round: row.round,
            stance: stored(&row.stance)?,
            text: row.text,
            capacity: row.capacity,
            given_at: row.given_at,
            answer: row.answer,
            answered_at: row.answered_at,
        })
    }
}

impl TryFrom<decision_record::Model> for Decision {
    type Error = Fault;

    fn try_from(row: decision_record::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            proceeding: row.proceeding_id.into(),
            stage: stored(&row.stage)?,
            outcome: stored(&row.outcome)?,
            org: row.org_unit_id.into(),
            body: row.body,
            document_no: row.document_no,
            meeting: row.meeting,
            decided_on: row.decided_on,
            reason: row.reason,
            entered_at: row.entered_at,
        })
    }
}

fn group<K: std::hash::Hash + Eq, M, T: TryFrom<M, Error = Fault>>(
    rows: Vec<M>,
    key: impl Fn(&T) -> K,
) -> Outcome<HashMap<K, Vec<T>>> {
    let mut map: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        let item = T::try_from(row)?;
        map.entry(key(&item)).or_default().push(item);
    }
    Ok(map)
}

/// Removes answers kept for idempotency keys that are older than `before`.
pub async fn forget_keys(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Outcome<u64> {
    use yidan_entity::idempotency_key;
    let done =
        idempotency_key::Entity::delete_many().filter(idempotency_key::Column::CreatedAt.lt(before)).exec(db).await?;
    Ok(done.rows_affected)
}

/// Whether the database answers.
pub async fn ping(db: &impl ConnectionTrait) -> Outcome<()> {
    db.query_one_raw(Statement::from_string(db.get_database_backend(), "SELECT 1".to_owned())).await?;
    Ok(())
}

/// Writes a version of a year's published days.
pub async fn insert_calendar(
    db: &impl ConnectionTrait,
    year: i32,
    version: u32,
    days: &crate::kernel::calendar::YearDays,
    source: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    use yidan_entity::work_calendar;
    let row = work_calendar::ActiveModel {
        year: Set(year),
        version: Set(i32::try_from(version).unwrap_or(i32::MAX)),
        days: Set(serde_json::to_value(days)?),
        source: Set(source.to_owned()),
        loaded_at: Set(now),
    };
    row.insert(db).await?;
    Ok(())
}
