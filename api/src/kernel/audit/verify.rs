//! Proves a chain, or names the first place where it is broken. Needs nothing but the database and the public keys.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use yidan_entity::{audit_chain, audit_event, audit_seal, province};

use super::{GENESIS, hash_of, seal::statement};
use crate::kernel::{fault::Fault, keyring::Keyring};

/// The result for one province.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// Name of the province.
    pub province: String,
    /// Number of events.
    pub events: i64,
    /// Hash of the last one; write it down elsewhere and hand it to [`verify`] later as an anchor.
    pub head: String,
    /// Number of seals that verified.
    pub seals: usize,
    /// The last event under a good seal; what comes after it is only chained, and whoever can write to the database can
    /// cut it off unless its head was noted elsewhere.
    pub sealed_to: i64,
    /// When the first event after the last good seal happened.
    pub unsealed_since: Option<DateTime<Utc>>,
    /// The first broken place, if any.
    pub broken: Option<Broken>,
}

/// Where and how a chain is broken.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// Number of the event.
    pub seq: i64,
    /// What is wrong there.
    pub what: Damage,
}

/// How a chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The event is not there.
    Missing,
    /// A field of the event was changed.
    Altered,
    /// The event does not follow the one before it.
    Unlinked,
    /// The chain's head does not name the last event.
    Head,
    /// A seal names another hash, or its signature is not good.
    Seal,
    /// The hash noted elsewhere is not the one in the chain.
    Anchor,
    /// The event cannot even be read: a field of it was overwritten with something else.
    Unreadable,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            Damage::Missing => "the event is missing",
            Damage::Altered => "the event was altered",
            Damage::Unlinked => "the event does not follow the one before it",
            Damage::Head => "the head of the chain does not match",
            Damage::Seal => "a seal does not match",
            Damage::Anchor => "the anchor does not match",
            Damage::Unreadable => "the event cannot be read",
        };
        write!(f, "event {}: {what}", self.seq)
    }
}

const BATCH: u64 = 2_000;

/// Verifies every province's chain; `anchors` are `(province code, number, hash)` noted at an earlier time.
pub async fn verify(
    db: &impl ConnectionTrait,
    keyring: &Keyring,
    anchors: &[(String, i64, String)],
) -> Result<Vec<Report>, Fault> {
    let (mut reports, mut served) = (Vec::new(), Vec::new());
    for row in province::Entity::find().order_by_asc(province::Column::Code).all(db).await? {
        let mine: Vec<_> =
            anchors.iter().filter(|(code, ..)| *code == row.code).map(|(_, seq, hash)| (*seq, hash.clone())).collect();
        reports.push(one(db, keyring, &row, mine).await?);
        served.push(row.code);
    }
    // Who takes away a whole province takes its chain along; what was noted of it elsewhere is missed.
    let mut gone: Vec<&String> = anchors.iter().map(|(code, ..)| code).filter(|code| !served.contains(code)).collect();
    gone.sort_unstable();
    gone.dedup();
    reports.extend(gone.into_iter().map(|code| Report {
        province: code.clone(),
        events: 0,
        head: GENESIS.to_owned(),
        seals: 0,
        sealed_to: 0,
        unsealed_since: None,
        broken: Some(Broken { seq: 1, what: Damage::Missing }),
    }));
    Ok(reports)
}

async fn one(
    db: &impl ConnectionTrait,
    keyring: &Keyring,
    province: &province::Model,
    anchors: Vec<(i64, String)>,
) -> Result<Report, Fault> {
    let mut report = Report {
        province: province.name.clone(),
        events: 0,
        head: GENESIS.to_owned(),
        seals: 0,
        sealed_to: 0,
        unsealed_since: None,
        broken: None,
    };
    // Every place where the chain must have a certain hash, with the damage to report if it has not.
    let mut expected: Vec<(i64, String, Damage)> =
        anchors.into_iter().map(|(seq, hash)| (seq, hash, Damage::Anchor)).collect();
    let seals = audit_seal::Entity::find()
        .filter(audit_seal::Column::ProvinceId.eq(province.id))
        .order_by_asc(audit_seal::Column::Seq)
        .all(db)
        .await?;
    for seal in seals {
        let text = statement(province.id, seal.seq, &seal.hash);
        let good = keyring.get(&seal.kid).is_some_and(|key| key.verifies(text.as_bytes(), &seal.signature));
        report.seals += usize::from(good);
        report.sealed_to = if good { seal.seq } else { report.sealed_to };
        expected.push((seal.seq, if good { seal.hash } else { String::new() }, Damage::Seal));
    }
    let head = audit_chain::Entity::find_by_id(province.id).one(db).await?;
    let head_seq = head.as_ref().map_or(0, |head| head.seq);
    expected.push((head_seq, head.map_or_else(String::new, |head| head.hash), Damage::Head));
    expected.sort_by_key(|(seq, _, damage)| (*seq, *damage == Damage::Head));

    let mut expected = expected.into_iter().peekable();
    let mut size = BATCH;
    loop {
        let batch = audit_event::Entity::find()
            .filter(audit_event::Column::ProvinceId.eq(province.id))
            .filter(audit_event::Column::Seq.gt(report.events))
            .order_by_asc(audit_event::Column::Seq)
            .limit(size)
            .all(db)
            .await;
        let Ok(batch) = batch else {
            // If the database answers at all, one of the events cannot be read: it is looked for one by one.
            db.execute_unprepared("SELECT 1").await?;
            if size == 1 {
                report.broken = Some(Broken { seq: report.events + 1, what: Damage::Unreadable });
                return Ok(report);
            }
            size = 1;
            continue;
        };
        if batch.is_empty() {
            break;
        }
        for event in batch {
            while let Some((seq, hash, damage)) = expected.next_if(|(seq, ..)| *seq <= report.events) {
                if hash != report.head {
                    report.broken = Some(Broken { seq, what: damage });
                    return Ok(report);
                }
            }
            let next = report.events + 1;
            let damage = if event.seq != next {
                Some(Damage::Missing)
            } else if event.prev_hash != report.head {
                Some(Damage::Unlinked)
            } else if hash_of(&event) != event.hash {
                Some(Damage::Altered)
            } else {
                None
            };
            if let Some(what) = damage {
                report.broken = Some(Broken { seq: next, what });
                return Ok(report);
            }
            if event.seq > report.sealed_to {
                report.unsealed_since.get_or_insert(event.at);
            }
            report.events = event.seq;
            report.head = event.hash;
        }
    }
    for (seq, hash, damage) in expected {
        if seq > report.events {
            report.broken = Some(Broken { seq: report.events + 1, what: Damage::Missing });
        } else if hash != report.head {
            report.broken = Some(Broken { seq, what: damage });
        } else {
            continue;
        }
        break;
    }
    Ok(report)
}
