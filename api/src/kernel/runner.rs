//! Runs a command: one transaction, retried only when a race was lost, answered once per idempotency key, leaving
//! exactly one event in the evidence.
//!
//! A command is a type that implements [`UseCase`]: its fields are its input, [`UseCase::execute`] loads facts, asks
//! policy and rules, and writes through store rooms. Whatever it writes before it refuses is undone.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use rand::Rng;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use tracing::Instrument;
use yidan_entity::idempotency_key;

use super::{
    audit::{self, Event},
    ctx::{Actor, Ctx},
    fault::{Failure, Fault, Outcome, refuse},
    refusal::{InputProblem, Refusal},
};

/// A command.
pub trait UseCase: Serialize + Sync {
    /// Its name, in logs and idempotency keys.
    const NAME: &'static str;
    /// What it answers; kept with the idempotency key, so small and free of secrets.
    type Output: Serialize + DeserializeOwned + Send;

    /// Does it inside `tx`.
    fn execute(&self, tx: &Tx) -> impl Future<Output = Outcome<Self::Output>> + Send;
}

/// An input that may bring an idempotency key.
pub trait Keyed {
    /// The key.
    fn idempotency_key(&self) -> Option<&str>;
}

/// Runs a command that came as an input, under its key if it brings one. Whoever is nobody is told so before anything is
/// looked up: not even whether an id names something is theirs to know.
pub async fn command<U: UseCase + Keyed>(ctx: &Ctx, command: &U) -> Outcome<U::Output> {
    ctx.actor()?;
    run_once(ctx, command, command.idempotency_key()).await
}

/// The same for what a person may do to their own sessions before the first password is changed.
pub async fn own_command<U: UseCase + Keyed>(ctx: &Ctx, command: &U) -> Outcome<U::Output> {
    ctx.person()?;
    run_once(ctx, command, command.idempotency_key()).await
}

/// A running transaction with its context and the event it will leave.
pub struct Tx {
    ctx: Ctx,
    db: DatabaseTransaction,
    now: DateTime<Utc>,
    event: Mutex<Vec<Event>>,
    silent: AtomicBool,
}

impl Tx {
    /// The context of the request.
    #[must_use]
    pub fn ctx(&self) -> &Ctx {
        &self.ctx
    }

    /// The person in a post.
    pub fn actor(&self) -> Outcome<&Actor> {
        self.ctx.actor().map(|actor| &**actor)
    }

    /// The one moment at which everything in this transaction happens.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The connection, for store rooms.
    #[must_use]
    pub fn db(&self) -> &DatabaseTransaction {
        &self.db
    }

    /// Allows this command to leave no event, for the reason given.
    pub fn unrecorded(&self, _why: &'static str) {
        self.silent.store(true, Ordering::Relaxed);
    }

    /// Leaves the event of this command. Exactly one per command, but for acts that end several things at once.
    pub fn record(&self, event: Event) {
        self.event.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

const ATTEMPTS: u32 = 6;

/// Runs a command without an idempotency key.
pub async fn run<U: UseCase>(ctx: &Ctx, command: &U) -> Outcome<U::Output> {
    run_once(ctx, command, None).await
}

/// Runs a command; with a key, a repetition gets the first answer and another command under the same key a refusal.
pub async fn run_once<U: UseCase>(ctx: &Ctx, command: &U, key: Option<&str>) -> Outcome<U::Output> {
    let key = match key {
        None => None,
        Some(key) => {
            let account = ctx.person()?.account;
            let good = (1..=100).contains(&key.len()) && key.chars().all(|c| c.is_ascii_graphic());
            if !good {
                return refuse(Refusal::invalid(
                    "idempotencyKey",
                    InputProblem::Malformed { expected: "1–100 printable ASCII characters" },
                ));
            }
            Some(Key { account, text: key, digest: digest(U::NAME, command)? })
        }
    };
    let mut attempt = 0;
    loop {
        attempt += 1;
        // Shown to those who collect traces; see `telemetry`.
        let span =
            tracing::trace_span!(target: "yidan::spans", "command", otel.name = U::NAME, yidan.attempt = attempt);
        match attempt_once(ctx, command, key.as_ref()).instrument(span).await {
            Err(Failure::Fault(fault)) if fault.is_transient() && attempt < ATTEMPTS => {
                tracing::debug!(command = U::NAME, attempt, ?fault, "retrying");
                tokio::time::sleep(back_off(attempt)).await;
            }
            done => return done,
        }
    }
}

/// Does all that a command would do and takes it back: what it answers or refuses is what it would.
pub async fn rehearse<U: UseCase>(ctx: &Ctx, command: &U) -> Outcome<U::Output> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let tx = begun(ctx).await?;
        let output = command.execute(&tx).await;
        tx.db.rollback().await?;
        match output {
            Err(Failure::Fault(fault)) if fault.is_transient() && attempt < ATTEMPTS => {
                tokio::time::sleep(back_off(attempt)).await;
            }
            done => return done,
        }
    }
}

struct Key<'a> {
    account: super::ids::AccountId,
    text: &'a str,
    digest: String,
}

/// Doubling steps from 5 ms, each drawn at random: instant retries of equals would collide again.
fn back_off(attempt: u32) -> Duration {
    let ceiling = 5u64 << attempt.min(6);
    Duration::from_millis(rand::rng().random_range(ceiling / 2..=ceiling))
}

fn digest(name: &str, command: &impl Serialize) -> Result<String, Fault> {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update([0]);
    hasher.update(serde_json::to_vec(command)?);
    Ok(hex::encode(hasher.finalize()))
}

async fn begun(ctx: &Ctx) -> Outcome<Tx> {
    let db = ctx.db().begin().await?;
    Ok(Tx { ctx: ctx.clone(), db, now: ctx.now(), event: Mutex::default(), silent: AtomicBool::new(false) })
}

async fn attempt_once<U: UseCase>(ctx: &Ctx, command: &U, key: Option<&Key<'_>>) -> Outcome<U::Output> {
    let tx = begun(ctx).await?;
    match within(&tx, command, key).await {
        Ok(output) => {
            tx.db.commit().await?;
            ctx.reached(tx.now);
            ctx.platform().feed.wake();
            Ok(output)
        }
        Err(failure) => {
            tx.db.rollback().await?;
            // Somebody may have used the same key a moment earlier: the key itself is taken then, or what they did is
            // what this attempt found to be a duplicate or newer than expected. Their answer is there now.
            let overtaken = match &failure {
                Failure::Refused(_) => true,
                Failure::Fault(fault) => fault.is_unique_violation(),
                Failure::Unauthenticated => false,
            };
            match repeated::<U>(ctx, key.filter(|_| overtaken)).await? {
                Some(answer) => Ok(answer),
                None => Err(failure),
            }
        }
    }
}

async fn repeated<U: UseCase>(ctx: &Ctx, key: Option<&Key<'_>>) -> Outcome<Option<U::Output>> {
    match key {
        Some(key) => first_answer(ctx.db().read(), key).await,
        None => Ok(None),
    }
}

async fn within<U: UseCase>(tx: &Tx, command: &U, key: Option<&Key<'_>>) -> Outcome<U::Output> {
    if let Some(key) = key
        && let Some(answer) = first_answer(&tx.db, key).await?
    {
        return Ok(answer);
    }
    let output = command.execute(tx).await?;
    if let Some(key) = key {
        let row = idempotency_key::ActiveModel {
            account_id: Set(key.account.0),
            key: Set(key.text.to_owned()),
            province_id: Set(tx.ctx.person()?.province.0),
            command: Set(U::NAME.to_owned()),
            digest: Set(key.digest.clone()),
            answer: Set(serde_json::to_value(&output)?),
            created_at: Set(tx.now),
        };
        row.insert(&tx.db).await?;
    }
    let events = std::mem::take(&mut *tx.event.lock().unwrap_or_else(PoisonError::into_inner));
    if events.is_empty() && !tx.silent.load(Ordering::Relaxed) {
        return Err(Fault::new(format!("{} left no evidence", U::NAME)).into());
    }
    audit::append(tx, events).await?;
    Ok(output)
}

async fn first_answer<T: DeserializeOwned>(db: &impl sea_orm::ConnectionTrait, key: &Key<'_>) -> Outcome<Option<T>> {
    let row = idempotency_key::Entity::find_by_id((key.account.0, key.text.to_owned())).one(db).await?;
    match row {
        None => Ok(None),
        Some(row) if row.digest == key.digest => Ok(Some(serde_json::from_value(row.answer)?)),
        Some(_) => refuse(Refusal::IdempotencyConflict),
    }
}
