//! Divisions that were merged, split or changed: the lists of those that ended go on until each of their successors has
//! a list of its own.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::{
    duty_list::store::{self, lists::DutyList, versions::Version},
    kernel::{
        audit::Event,
        fault::{Outcome, refuse},
        policy::{Action, Permit, act},
        refusal::Refusal,
        runner::Tx,
        scope::Scope,
    },
    proceeding::rules::ProceedingKind,
    territory::store::successors,
};

/// Ends the lists that this first edition, in force from `from` on, is the last to replace.
pub(super) async fn end_predecessors(
    tx: &Tx,
    permit: &Permit<act::PublishListVersion>,
    list: &DutyList,
    from: DateTime<Utc>,
) -> Outcome<()> {
    let before = successors(tx.db(), &[list.township], true).await?.remove(&list.township).unwrap_or_default();
    let heirs = successors(tx.db(), &before, false).await?;
    let mut all: Vec<_> = heirs.values().flatten().chain(&before).copied().collect();
    all.sort_unstable();
    all.dedup();
    let lists = store::lists::lists_of(tx.db(), &Scope::Everything, &all).await?;
    for old in before.iter().filter_map(|division| lists.get(division)) {
        let mut end = from;
        let mut replaced = true;
        for heir in heirs.get(&old.township).into_iter().flatten().filter(|heir| **heir != list.township) {
            let first = match lists.get(heir) {
                Some(theirs) => store::versions::published(tx.db(), theirs.id).await?.into_iter().next(),
                None => None,
            };
            match first.and_then(|first| first.period.effective_from) {
                Some(theirs) => end = end.max(theirs),
                None => replaced = false,
            }
        }
        let last = store::versions::last_published(tx.db(), old.id).await?;
        if let (true, Some(last)) = (replaced, last.filter(|last| last.period.effective_to.is_none())) {
            let began = last.period.effective_from.unwrap_or(end);
            let end = end.max(began + TimeDelta::milliseconds(1));
            store::versions::end(tx, permit, &last, end).await?;
            let kind = ProceedingKind::ListVersion;
            tx.record(
                Event::new(Action::PublishListVersion, old.province, kind.type_name(), last.id, old.path.clone())
                    .concerning(old.org)
                    .change(json!({ "effectiveTo": null }), json!({ "effectiveTo": end, "successor": list.id })),
            );
        }
    }
    Ok(())
}

/// Refuses to write on a list that has ended.
pub(super) fn goes_on(tx: &Tx, list: &DutyList, last: &Version) -> Outcome<()> {
    match last.period.effective_to {
        None => Ok(()),
        Some(_) => refuse(Refusal::ListNotInForce {
            township: list.named(),
            as_of: tx.now(),
            nearest: last.period.effective_from.map(|from| (last.id, from)).into_iter().collect(),
        }),
    }
}
