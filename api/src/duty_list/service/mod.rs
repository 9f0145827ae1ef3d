//! Use cases of duty lists: opening a version ([`opening`]), drafting ([`drafting`]), review and publication ([`review`]), incorporation of approved
//! requests ([`incorporation`]), what requests propose ([`proposals`], [`requests`]), reading and comparing ([`reading`]), model
//! items and catalogue ([`catalogue`]), allocation to internal offices ([`allocation`]), lists of townships that were
//! merged, split or renamed ([`succession`]), lists as spreadsheets ([`sheets`]).

pub mod allocation;
pub mod catalogue;
pub mod content;
pub mod drafting;
pub mod incorporation;
pub mod opening;
pub mod proposals;
pub mod reading;
pub mod requests;
pub mod review;
pub mod sheets;
pub mod succession;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use crate::{
    duty_list::{
        rules::AsOf,
        store::{self, lists::DutyList, versions::Version},
    },
    kernel::{
        fault::{Fault, Outcome, refuse},
        ids::{DutyListId, VersionId},
        refusal::Refusal,
        runner::Tx,
        scope::Scope,
    },
    proceeding::rules::Case,
};

use super::rules::version::{VersionProcedure, standing};

/// Both times at this moment.
#[must_use]
pub fn now(moment: DateTime<Utc>) -> AsOf {
    AsOf { effective: moment, known: moment }
}

/// A version on its way with its procedure and its list, or `NOT_FOUND`.
pub async fn load(tx: &Tx, id: VersionId, path: &str) -> Outcome<(Case, Version, DutyList)> {
    let mut case = crate::proceeding::service::load::<VersionProcedure>(tx, id, path).await?;
    let scope = Scope::of(tx.ctx());
    let version = store::versions::versions(tx.db(), &scope, &[id]).await?.remove(&id);
    let version = version.ok_or_else(|| Fault::new("a version without its row"))?;
    // Time alone takes a published version on, and refusals name the state that readers see.
    if let Some(stored) = case.state::<VersionProcedure>() {
        let now = standing(stored, version.period.effective_from, version.period.effective_to, tx.now());
        case.head.state = now.code().into();
    }
    let list = list(tx, version.list).await?;
    Ok((case, version, list))
}

/// A list that something the caller sees names.
pub async fn list(tx: &Tx, id: DutyListId) -> Outcome<DutyList> {
    let found = store::lists::lists(tx.db(), &Scope::Everything, &[id]).await?.remove(&id);
    found.ok_or_else(|| Fault::new("a list is gone").into())
}

/// A list the caller may name, or `NOT_FOUND`.
pub async fn known_list(tx: &Tx, id: DutyListId, path: &str) -> Outcome<DutyList> {
    match store::lists::lists(tx.db(), &Scope::of(tx.ctx()), &[id]).await?.remove(&id) {
        Some(list) => Ok(list),
        None => refuse(Refusal::not_found(path)),
    }
}

/// The version in force now, or the refusal that names the nearest ones.
pub async fn in_force(tx: &Tx, list: &DutyList) -> Outcome<Version> {
    let at = now(tx.now());
    if let Some(version) = store::versions::current(tx.db(), &[list.id], at).await?.remove(&list.id) {
        return Ok(version);
    }
    Err(not_in_force(tx.db(), list, tx.now()).await?.into())
}

/// The refusal of a question about a list at a time at which it is not in force, with the versions it has.
pub async fn not_in_force(db: &impl ConnectionTrait, list: &DutyList, as_of: DateTime<Utc>) -> Outcome<Refusal> {
    let nearest = store::versions::published(db, &[list.id]).await?.remove(&list.id).unwrap_or_default();
    let dated = nearest.into_iter().filter_map(|version| Some((version.id, version.period.effective_from?)));
    Ok(Refusal::ListNotInForce { township: list.named(), as_of, nearest: dated.take(2).collect() })
}
