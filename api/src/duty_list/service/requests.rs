//! What adjustment and admission requests have in common before anybody decides: the authority, the parties, what they
//! look like, whether the lists still read as they did.

use chrono::Months;

use crate::{
    duty_list::{
        rules::{
            change::{IssuerKind, OriginDocument, SimilarRequest, retries},
            findings::{Stated, repeated},
        },
        store::{
            change::{self, Change, Request, Rival},
            incorporation, items,
            lists::{self, DutyList},
            versions,
        },
    },
    kernel::{
        clock::china_date,
        fault::{Check, Outcome, refuse},
        ids::{DutyListId, OrgUnitId},
        place::OrgKind,
        refusal::{Match, Named, Refusal},
        runner::Tx,
        scope::Scope,
        text,
    },
    proceeding::rules::{Capacity, Case},
    territory::{
        rules::OrgUnit,
        service::authority::{full_chain, list_authorities, office},
    },
};

crate::api_input! {
    /// A document that asks for a change (事由文件).
    part OriginDocumentFacts {
        /// Title (标题).
        title: String,
        /// Number (文号).
        number: String,
        /// Who issued it (发文单位).
        issuer: String,
        /// What kind of body that is (发文主体).
        issuer_kind: IssuerKind,
    }
}

/// A document as typed at `path`.
pub fn read_document(given: Option<&OriginDocumentFacts>, path: &str, check: &mut Check) -> Option<OriginDocument> {
    let document = given?;
    let title = check.take(text::line(format!("{path}.title"), &document.title, text::LINE));
    let number = check.take(text::line(format!("{path}.number"), &document.number, text::LINE));
    let issuer = check.take(text::line(format!("{path}.issuer"), &document.issuer, text::LINE));
    Some(OriginDocument { title: title?, number: number?, issuer: issuer?, issuer_kind: document.issuer_kind })
}

/// The one decision body for all lists that a request touches.
pub async fn one_authority(tx: &Tx, lists: &[DutyList], path: &str) -> Outcome<OrgUnit> {
    let townships: Vec<_> = lists.iter().map(|list| list.township).collect();
    let authorities = list_authorities(tx.db(), &Scope::Everything, &townships, china_date(tx.now())).await?;
    let mut found: Vec<&OrgUnit> = Vec::new();
    for list in lists {
        match authorities.get(&list.township) {
            Some(authority) => found.push(authority),
            None => {
                return refuse(Refusal::OfficeMissing { kind: OrgKind::CommitteeGovernment, authority: list.named() });
            }
        }
    }
    found.sort_by_key(|authority| authority.id);
    found.dedup_by_key(|authority| authority.id);
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        _ => refuse(Refusal::conflict(
            path,
            "所涉清单须属于同一审定主体，请分别提出。",
            "the lists must belong to one authority; raise one request for each.",
        )),
    }
}

/// The territory of a request: the township's if it concerns one, else the authority's.
#[must_use]
pub fn path_of(lists: &[DutyList], authority: &OrgUnit) -> String {
    match lists {
        [one] => one.path.clone(),
        _ => authority.path.clone(),
    }
}

/// The offices that will have to do with a request, and the departments and townships it names.
pub async fn parties_of(
    tx: &Tx,
    authority: &OrgUnit,
    changes: &[Change],
    proposer: OrgUnitId,
) -> Outcome<Vec<(OrgUnitId, Capacity, i32)>> {
    let mut parties = Vec::new();
    for (kind, capacity) in [
        (OrgKind::EstablishmentOffice, Capacity::Establishment),
        (OrgKind::GeneralOffice, Capacity::Decision),
        (OrgKind::Justice, Capacity::Legal),
    ] {
        parties.push((office(tx.db(), authority, kind).await?.id, capacity, 0));
    }
    let chain = full_chain(tx.db(), authority).await?;
    let last = chain.len() - 1;
    for (index, reviewer) in chain.into_iter().enumerate() {
        let capacity = if index == last { Capacity::Approver } else { Capacity::Reviewer };
        parties.push((reviewer.id, capacity, i32::try_from(index).unwrap_or(0)));
    }
    let lists: Vec<_> = changes.iter().flat_map(|change| change.targets.iter().map(|target| target.list)).collect();
    for list in lists {
        let org = super::list(tx, list).await?.org;
        if org != proposer {
            parties.push((org, Capacity::Township, 0));
        }
    }
    parties.sort_unstable();
    parties.dedup();
    Ok(parties)
}

/// Refused requests of the last months that look like this one.
pub async fn similar_to(tx: &Tx, case: &Case, request: &Request) -> Outcome<Vec<SimilarRequest>> {
    let thresholds = &tx.actor()?.settings.thresholds;
    let since = tx.now().checked_sub_months(Months::new(thresholds.evasion_months)).unwrap_or(tx.now());
    let refused = change::refused_since(tx.db(), case.head.province, case.head.authority, since).await?;
    Ok(retries(&request.fingerprint, refused, u8::try_from(thresholds.evasion_percent).unwrap_or(100)))
}

/// Refuses to approve what could never be incorporated: a change of an item that reads otherwise now, or about which
/// another approved request waits already. Of two that are decided at once the second sees the first.
pub async fn approvable(tx: &Tx, case: &Case) -> Outcome<()> {
    let changes = change::changes(tx.db(), &[case.head.id]).await?.remove(&case.head.id).unwrap_or_default();
    let targets = || changes.iter().flat_map(|change| &change.targets);
    lists::hold(tx, targets().map(|target| target.list)).await?;
    current(tx, &changes).await?;
    let items: Vec<_> = targets().filter_map(|target| target.item).collect();
    let waiting = incorporation::waiting_about(tx.db(), &items).await?;
    if !waiting.is_empty() {
        let matches = waiting.into_iter().map(|subject| Match { subject, percent: 100 }).collect();
        return refuse(Refusal::DuplicateMatter { matches });
    }
    // Requests still on their way see this one when their turn comes; what is approved can no longer give way.
    unrepeated(tx, case, &changes, |rival| rival.approved).await
}

/// Refuses to submit what a list states already or another request under way would state: no version could bring both.
pub async fn submittable(tx: &Tx, case: &Case, changes: &[Change]) -> Outcome<()> {
    unrepeated(tx, case, changes, |_| true).await
}

/// Refuses changes that would state a matter twice in a list, as its latest published version reads once the requests
/// that count are incorporated. What these and the request itself take away or put in other words does not stand in the
/// way: a matter may be split or merged.
async fn unrepeated(tx: &Tx, case: &Case, changes: &[Change], counts: impl Fn(&Rival) -> bool) -> Outcome<()> {
    let mut lists: Vec<_> = changes
        .iter()
        .filter(|change| change.content.is_some())
        .flat_map(|change| change.targets.iter().map(|target| target.list))
        .collect();
    lists.sort_unstable();
    lists.dedup();
    let likeness = super::reading::likeness(&tx.actor()?.settings.thresholds);
    let rivals = change::rivals(tx.db(), &lists, case.head.id).await?;
    let own = Named::new(case.head.kind.public_id(case.head.id.0), format!("{} {}", case.head.number, case.head.title));
    for list in lists {
        let Some(latest) = versions::last_published(tx.db(), list).await? else { continue };
        let contents = super::reading::contents(tx.db(), &latest).await?;
        let targets = |changes: &'_ [Change]| {
            changes.iter().flat_map(|change| &change.targets).filter_map(|target| target.item).collect::<Vec<_>>()
        };
        // Only what is settled frees a place: of two requests under way, the one that takes away may still fail.
        let mut replaced = targets(changes);
        replaced.extend(rivals.iter().filter(|rival| rival.approved).flat_map(|rival| targets(&rival.changes)));
        let mut standing: Vec<Stated<'_>> = contents
            .iter()
            .filter(|(revision, _)| !replaced.contains(&revision.item))
            .map(|(revision, content)| Stated {
                subject: Named::new(revision.item, format!("{} {}", revision.code, content.wording.name)),
                item: Some(revision.item),
                content,
            })
            .collect();
        for rival in rivals.iter().filter(|rival| counts(rival)) {
            standing.extend(stated(&rival.changes, list, &rival.named));
        }
        let matches = repeated(&stated(changes, list, &own), &standing, likeness);
        if !matches.is_empty() {
            return refuse(Refusal::DuplicateMatter { matches });
        }
    }
    Ok(())
}

/// What changes would state in a list.
fn stated<'a>(changes: &'a [Change], list: DutyListId, subject: &Named) -> Vec<Stated<'a>> {
    changes
        .iter()
        .filter_map(|change| {
            let target = change.targets.iter().find(|target| target.list == list)?;
            let content = change.content.as_ref()?;
            Some(Stated { subject: subject.clone(), item: target.item, content })
        })
        .collect()
}

/// Refuses if an item reads otherwise now than when the change was written down, or will by a version published already.
pub async fn current(tx: &Tx, changes: &[Change]) -> Outcome<()> {
    let targets: Vec<_> = changes
        .iter()
        .flat_map(|change| &change.targets)
        .filter_map(|target| Some((target.item?, target.base)))
        .collect();
    let ids: Vec<_> = targets.iter().map(|(item, _)| *item).collect();
    let now = items::current(tx.db(), &Scope::Everything, &ids, super::now(tx.now())).await?;
    for (item, base) in targets {
        let stale = |name: String| refuse(Refusal::CitationStale { item: Named::new(item, name) });
        match now.get(&item) {
            Some(revision) if Some(revision.id) == base && revision.retired_in.is_none() => {}
            Some(revision) => return stale(revision.wording.name.clone()),
            None => return stale(item.to_string()),
        }
    }
    Ok(())
}
