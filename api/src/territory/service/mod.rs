//! Use cases of territory: the questions every procedure asks ([`authority`]) and the acts of the technical
//! administrator ([`organisations`], [`offices`], [`divisions`], [`provinces`]).

pub mod authority;
pub mod divisions;
pub mod offices;
pub mod organisations;
pub mod provinces;
pub mod zones;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::kernel::{
    clock::china_date,
    fault::{Outcome, refuse},
    ids::{DivisionId, OrgUnitId},
    refusal::{InputProblem, Refusal},
    runner::Tx,
    scope::Scope,
};

use super::{
    rules::{Division, OrgUnit},
    store,
};

/// Today in China, for this transaction.
pub(crate) fn today(tx: &Tx) -> NaiveDate {
    china_date(tx.now())
}

/// The organisation at `path` of the input, or `NOT_FOUND`.
pub async fn org(tx: &Tx, id: OrgUnitId, path: &str) -> Outcome<OrgUnit> {
    match store::org(tx.db(), &Scope::of(tx.ctx()), id).await? {
        Some(org) => Ok(org),
        None => refuse(Refusal::not_found(path)),
    }
}

/// The division at `path` of the input, or `NOT_FOUND`.
pub async fn division(tx: &Tx, id: DivisionId, path: &str) -> Outcome<Division> {
    match store::division(tx.db(), id).await? {
        Some(division) => Ok(division),
        None => refuse(Refusal::not_found(path)),
    }
}

/// A code as an argument: digits only, so that nobody wonders about full-width ones.
pub fn code_argument(path: &'static str, raw: &str) -> Outcome<String> {
    if matches!(raw.len(), 6 | 9) && raw.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(raw.to_owned())
    } else {
        refuse(Refusal::invalid(path, InputProblem::Malformed { expected: "6 digits, 9 for a township" }))
    }
}

/// The path of the division with this code.
pub async fn division_path(
    db: &impl ConnectionTrait,
    path: &'static str,
    code: &str,
    day: NaiveDate,
) -> Outcome<String> {
    let code = code_argument(path, code)?;
    match store::division_by_code(db, &code, day).await? {
        Some(division) => Ok(division.path),
        None => refuse(Refusal::not_found(path)),
    }
}
