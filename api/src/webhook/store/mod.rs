//! The SQL of webhooks. Endpoints are written with a permit, by an act. Handing out, sending and what came of it are no
//! acts: that part of the tables is a log, written by couriers alone.

mod deliveries;
mod endpoints;
mod sending;

pub use self::deliveries::*;
pub use self::endpoints::*;
pub use self::sending::*;

use self::sending::is;

use yidan_entity::{webhook_attempt, webhook_delivery, webhook_endpoint};

use crate::kernel::{
    fault::{Fault, Outcome, refuse},
    paging::Page,
    refusal::Refusal,
    value::stored,
};
use crate::webhook::rules::{Attempt, Delivery, Endpoint, Health};

impl TryFrom<webhook_endpoint::Model> for Endpoint {
    type Error = Fault;

    fn try_from(row: webhook_endpoint::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            org: row.org_unit_id.map(Into::into),
            path: row.path,
            url: row.url,
            description: row.description,
            acts: row.acts.map(serde_json::from_value).transpose()?,
            state: stored(&row.state)?,
            disabled_because: row.disabled_because.as_deref().map(stored).transpose()?,
            old_secret_until: row.old_secret_until,
            seen: row.seen_seq,
            last_number: row.last_number,
            health: Health { failures: row.failures, failing_since: row.failing_since, rest_until: row.rest_until },
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

impl TryFrom<webhook_delivery::Model> for Delivery {
    type Error = Fault;

    fn try_from(row: webhook_delivery::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            endpoint: row.endpoint_id.into(),
            number: row.number,
            act: row.act.as_deref().map(stored).transpose()?,
            kind: row.kind,
            body: row.body,
            state: stored(&row.state)?,
            attempts: row.attempts,
            tries: row.tries,
            next_at: row.next_at,
            give_up_at: row.give_up_at,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}

impl TryFrom<webhook_attempt::Model> for Attempt {
    type Error = Fault;

    fn try_from(row: webhook_attempt::Model) -> Result<Self, Fault> {
        Ok(Self {
            number: row.number,
            at: row.at,
            outcome: stored(&row.outcome)?,
            status: row.status,
            millis: row.millis,
            answer: row.answer,
        })
    }
}

/// Exactly one row was to be changed; otherwise somebody else changed it in the meantime.
fn changed_one(rows: u64, seen: i32) -> Outcome<()> {
    if rows == 1 { Ok(()) } else { refuse(Refusal::StaleRevision { current: seen + 1 }) }
}

fn converted<M, T: TryFrom<M, Error = Fault>>(page: Page<M>) -> Outcome<Page<T>> {
    let rows = page.rows.into_iter().map(|(cursor, row)| Ok((cursor, T::try_from(row)?)));
    Ok(Page { rows: rows.collect::<Result<_, Fault>>()?, has_next: page.has_next, has_previous: page.has_previous })
}
