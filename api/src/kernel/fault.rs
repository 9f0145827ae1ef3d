//! What can go wrong: an expected "no" ([`Refusal`]), a caller nobody knows, or a fault of ours.
//!
//! [`Failure`] and [`Fault`] deliberately do not implement `Display`: the GraphQL framework turns everything that does
//! into a message for the client, and a fault's text belongs in the log only. A bare `?` on a database error therefore
//! does not compile in a resolver.

use std::{fmt, sync::Arc};

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::refusal::Refusal;

/// The outcome of anything that can be refused or fail.
pub type Outcome<T> = Result<T, Failure>;

/// Why there is no result.
#[derive(Clone, Debug)]
pub enum Failure {
    /// An expected "no", with its facts.
    Refused(Vec<Refusal>),
    /// Nobody is logged in, or the login is no longer good.
    Unauthenticated,
    /// Our fault; the client learns only that it happened.
    Fault(Fault),
}

/// Something that should not have happened.
#[derive(Clone)]
pub struct Fault(Arc<Inner>);

enum Inner {
    Database(DbErr),
    Other(String),
}

impl Fault {
    /// A fault described for the log.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Inner::Other(text.into())))
    }

    /// Whether trying the whole command again can help: a lost race, not a mistake.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match &*self.0 {
            Inner::Database(error) => is_transient(error),
            Inner::Other(_) => false,
        }
    }

    /// Whether a unique constraint was hit: somebody else was first.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(&*self.0, Inner::Database(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
    }

    /// Whether the database could not be reached, or no connection became free in time: another moment, or another node, may
    /// do better.
    #[must_use]
    pub fn is_overload(&self) -> bool {
        matches!(&*self.0, Inner::Database(error) if is_away(error))
    }
}

/// SQLSTATE classes 08 (connection), 57P0x (the server stops, or starts), 53300 (too many connections), 55P03 and 57014 (a
/// lock or a statement took too long), SQLite's BUSY and LOCKED, and what never reached the database.
fn is_away(error: &DbErr) -> bool {
    use sea_orm::sqlx::Error as Sqlx;
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner))
        | DbErr::Conn(RuntimeErr::SqlxError(inner)) => match inner.as_ref() {
            Sqlx::Io(_) | Sqlx::Tls(_) | Sqlx::PoolTimedOut | Sqlx::PoolClosed | Sqlx::WorkerCrashed => true,
            Sqlx::Database(told) => told.code().is_some_and(|code| {
                let busy = matches!(&*code, "53300" | "55P03" | "57014" | "5" | "6" | "261" | "517" | "773");
                busy || code.starts_with("08") || code.starts_with("57P0")
            }),
            _ => false,
        },
        _ => false,
    }
}

/// SQLSTATE 40001 (serialization), 40P01 (deadlock), 55P03 (lock timeout); SQLite BUSY and LOCKED with their extended codes.
pub(super) fn is_transient(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))
    | DbErr::Conn(RuntimeErr::SqlxError(inner))) = error
    else {
        return false;
    };
    inner
        .as_database_error()
        .and_then(sea_orm::sqlx::error::DatabaseError::code)
        .is_some_and(|code| matches!(&*code, "40001" | "40P01" | "55P03" | "5" | "6" | "261" | "517" | "773"))
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::Database(error) => write!(f, "database: {error}"),
            Inner::Other(text) => f.write_str(text),
        }
    }
}

impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        Self(Arc::new(Inner::Database(error)))
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::new(format!("json: {error}"))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

/// Refuses with one reason.
pub fn refuse<T>(refusal: Refusal) -> Outcome<T> {
    Err(refusal.into())
}

/// Turns a hit unique constraint into the refusal that says so: somebody else was first, or it was there already.
pub fn unique<T>(outcome: Outcome<T>, path: &str) -> Outcome<T> {
    match outcome {
        Err(Failure::Fault(fault)) if fault.is_unique_violation() => {
            refuse(Refusal::invalid(path, super::refusal::InputProblem::Duplicate))
        }
        other => other,
    }
}

/// Collects refusals, so that a caller learns everything that is wrong with an input at once.
#[derive(Default)]
pub struct Check(Vec<Refusal>);

impl Check {
    /// Nothing wrong yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the value, or the refusal.
    pub fn take<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.0.push(refusal)).ok()
    }

    /// Notes a refusal unless `holds`.
    pub fn require(&mut self, holds: bool, refusal: impl FnOnce() -> Refusal) {
        if !holds {
            self.0.push(refusal());
        }
    }

    /// Notes a refusal.
    pub fn note(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.0.is_empty()
    }

    /// Succeeds if nothing was noted.
    pub fn done(self) -> Result<(), Vec<Refusal>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

impl From<Vec<Refusal>> for Failure {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refused(refusals)
    }
}

impl Failure {
    /// The fault of a value that `Check::take` kept although nothing was refused; cannot happen.
    #[must_use]
    pub fn unchecked() -> Self {
        Self::Fault(Fault::new("an input passed its checks without a value"))
    }
}
