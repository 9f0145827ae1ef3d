//! Which lists apply where divisions changed: a township's own, or until it has one those of the townships it continues.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::{
    duty_list::{
        rules::{AsOf, succession::Family},
        store::{self, lists::DutyList, versions::Version},
    },
    kernel::{
        audit::Event,
        fault::{Outcome, refuse},
        ids::DivisionId,
        place::DivisionLevel,
        policy::{Action, Permit, act},
        refusal::Refusal,
        runner::Tx,
        scope::Scope,
    },
    proceeding::rules::ProceedingKind,
    territory,
};

/// Every division that is linked to these, in one direction, with the links.
async fn linked(
    db: &impl ConnectionTrait,
    start: &[DivisionId],
    backward: bool,
) -> Outcome<HashMap<DivisionId, Vec<DivisionId>>> {
    let (mut links, mut next) = (HashMap::new(), start.to_vec());
    // A step per generation, all divisions of it at once.
    while !next.is_empty() {
        let found = territory::store::successors(db, &next, backward).await?;
        let reached: BTreeSet<DivisionId> = found.values().flatten().copied().collect();
        links.extend(found);
        next = reached.into_iter().filter(|id| !links.contains_key(id)).collect();
    }
    Ok(links)
}

/// The lists that apply in a township at a time.
pub async fn applicable(
    db: &impl ConnectionTrait,
    scope: &Scope,
    township: DivisionId,
    at: AsOf,
) -> Outcome<Vec<DutyList>> {
    let before = linked(db, &[township], true).await?;
    let all: BTreeSet<DivisionId> = before.values().flatten().copied().chain([township]).collect();
    let lists = store::lists::lists_of(db, scope, &all.into_iter().collect::<Vec<_>>()).await?;
    let ids: Vec<_> = lists.values().map(|list| list.id).collect();
    let current = store::versions::current(db, &ids, at).await?;
    let (mut found, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![township]);
    while let Some(division) = open.pop() {
        if !seen.insert(division) {
            continue;
        }
        match lists.get(&division).filter(|list| current.contains_key(&list.id)) {
            Some(list) => found.push(list.clone()),
            None => open.extend(before.get(&division).into_iter().flatten()),
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The territories that a code covers at a time as far as lists go: its own and, while a township has no list in force,
/// those of the townships whose lists apply in it. `path` is where the code stands in the question.
pub async fn territories(
    db: &impl ConnectionTrait,
    scope: &Scope,
    path: &'static str,
    code: &str,
    today: NaiveDate,
    at: AsOf,
) -> Outcome<Vec<String>> {
    let code = territory::service::code_argument(path, code)?;
    let Some(division) = territory::store::division_by_code(db, &code, today).await? else {
        return refuse(Refusal::not_found(path));
    };
    let mut paths = vec![division.path];
    if division.level == DivisionLevel::Township {
        paths.extend(applicable(db, scope, division.id, at).await?.into_iter().map(|list| list.path));
        paths.sort();
        paths.dedup();
    }
    Ok(paths)
}

/// Ends the lists that this first edition, in force from `from` on, is the last to replace.
pub(super) async fn end_predecessors(
    tx: &Tx,
    permit: &Permit<act::PublishListVersion>,
    list: &DutyList,
    from: DateTime<Utc>,
) -> Outcome<()> {
    let before = linked(tx.db(), &[list.township], true).await?;
    let ended: BTreeSet<DivisionId> = before.values().flatten().copied().collect();
    if ended.is_empty() {
        return Ok(());
    }
    let ended: Vec<DivisionId> = ended.into_iter().collect();
    let successors = linked(tx.db(), &ended, false).await?;
    let around: BTreeSet<DivisionId> = successors.values().flatten().copied().chain(ended.iter().copied()).collect();
    let lists = store::lists::lists_of(tx.db(), &Scope::Everything, &around.into_iter().collect::<Vec<_>>()).await?;
    let ids: Vec<_> = lists.values().map(|list| list.id).collect();
    let published = store::versions::published(tx.db(), &ids).await?;
    let since = |list: &DutyList| published.get(&list.id)?.first()?.period.effective_from;
    let mut listed: HashMap<DivisionId, DateTime<Utc>> =
        lists.values().filter_map(|list| Some((list.township, since(list)?))).collect();
    listed.insert(list.township, from);
    let family = Family { successors, listed };
    for old in ended.iter().filter_map(|division| lists.get(division)) {
        let last = published.get(&old.id).and_then(|versions| versions.last());
        let going = last.filter(|version| version.period.effective_to.is_none());
        let (Some(last), Some(at)) = (going, family.relieved(old.township)) else { continue };
        // A version that has not even begun ends as soon as it does.
        let at = last.period.effective_from.map_or(at, |began| at.max(began + TimeDelta::milliseconds(1)));
        store::versions::end(tx, permit, last, at).await?;
        let kind = ProceedingKind::ListVersion;
        tx.record(
            Event::new(Action::PublishListVersion, old.province, kind.type_name(), last.id, old.path.clone())
                .concerning(old.org)
                .change(json!({ "effectiveTo": null }), json!({ "effectiveTo": at, "successor": list.id })),
        );
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
