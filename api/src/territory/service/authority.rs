//! Who decides on a list, who reviews above, and which office of an authority does what. The questions are asked for
//! many at once; the ones for a single township or authority are the same with one.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::{
    kernel::{
        fault::{Fault, Outcome, refuse},
        ids::{DivisionId, OrgUnitId},
        place::{DivisionLevel, OrgKind},
        refusal::{Named, Refusal},
        scope::Scope,
    },
    territory::{
        rules::{self, Division, OrgUnit, Seat},
        store,
    },
};

/// The decision bodies for the lists of `townships` on `day`; none where nobody has been registered.
pub async fn list_authorities(
    db: &impl ConnectionTrait,
    scope: &Scope,
    townships: &[DivisionId],
    day: NaiveDate,
) -> Outcome<HashMap<DivisionId, OrgUnit>> {
    let lineages = store::lineages(db, townships).await?;
    let zones = store::zones_of(db, townships, day).await?;
    let mut seats = HashMap::new();
    for (township, lineage) in &lineages {
        let above = store::ancestors(lineage.get(1..).unwrap_or_default());
        let zone = zones.get(township).map(|(_, committee)| *committee);
        seats.extend(rules::list_authority(zone, &above).map(|seat| (*township, seat)));
    }
    let (mut committees, mut divisions) = (Vec::new(), Vec::new());
    for seat in seats.values() {
        match seat {
            Seat::Zone(committee) => committees.push(*committee),
            Seat::Division(division) => divisions.push(*division),
        }
    }
    let committees = store::orgs(db, scope, &committees).await?;
    let mut bodies: HashMap<DivisionId, OrgUnit> = HashMap::new();
    for body in store::orgs_of_divisions(db, scope, &divisions, &[OrgKind::CommitteeGovernment]).await? {
        bodies.entry(body.division).or_insert(body);
    }
    let body = |seat| match seat {
        Seat::Zone(committee) => committees.get(&committee).cloned(),
        Seat::Division(division) => bodies.get(&division).cloned(),
    };
    Ok(seats.into_iter().filter_map(|(township, seat)| Some((township, body(seat)?))).collect())
}

/// The decision body for the list of `township` on `day`.
pub async fn list_authority(
    db: &impl ConnectionTrait,
    scope: &Scope,
    township: DivisionId,
    day: NaiveDate,
) -> Outcome<Option<OrgUnit>> {
    Ok(list_authorities(db, scope, &[township], day).await?.remove(&township))
}

/// For each authority the reviewing offices above it, nearest first, up to the province: the configured ones, else the
/// establishment office of every level that exists.
pub async fn review_chains(
    db: &impl ConnectionTrait,
    scope: &Scope,
    authorities: &[OrgUnit],
) -> Outcome<HashMap<OrgUnitId, Vec<OrgUnit>>> {
    let ids: Vec<OrgUnitId> = authorities.iter().map(|authority| authority.id).collect();
    let configured = store::configured_chains(db, &ids).await?;
    let named: Vec<OrgUnitId> = configured.values().flatten().copied().collect();
    let named = store::orgs(db, scope, &named).await?;
    let seats: Vec<DivisionId> = authorities.iter().map(|authority| authority.division).collect();
    let lineages = store::lineages(db, &seats).await?;
    let derived: HashMap<OrgUnitId, Vec<DivisionId>> = authorities
        .iter()
        .filter_map(|authority| {
            let lineage = store::ancestors(lineages.get(&authority.division)?);
            Some((authority.id, rules::review_divisions(authority.level, &lineage)))
        })
        .collect();
    let divisions: Vec<DivisionId> = derived.values().flatten().copied().collect();
    // An office of another level that merely sits in a division, as one of the corps does, is not the division's own.
    let levels: HashMap<DivisionId, DivisionLevel> =
        lineages.values().flatten().map(|division| (division.id, division.level)).collect();
    let mut found = store::orgs_of_divisions(db, scope, &divisions, &[OrgKind::EstablishmentOffice]).await?;
    found.sort_by_key(|office| levels.get(&office.division) != Some(&office.level));
    let mut offices: HashMap<DivisionId, OrgUnit> = HashMap::new();
    for office in found {
        offices.entry(office.division).or_insert(office);
    }
    let chain = |id: &OrgUnitId| match (configured.get(id), derived.get(id)) {
        (Some(chain), _) => chain.iter().filter_map(|office| named.get(office).cloned()).collect(),
        (None, Some(chain)) => chain.iter().filter_map(|division| offices.get(division).cloned()).collect(),
        (None, None) => Vec::new(),
    };
    Ok(ids.iter().map(|id| (*id, chain(id))).collect())
}

/// The review chain of a procedure: it must have every level and end at the province.
pub async fn full_chain(db: &impl ConnectionTrait, authority: &OrgUnit) -> Outcome<Vec<OrgUnit>> {
    let chain = review_chains(db, &Scope::Everything, std::slice::from_ref(authority))
        .await?
        .remove(&authority.id)
        .unwrap_or_default();
    let gap = if let Some(offices) = store::configured_chains(db, &[authority.id]).await?.remove(&authority.id) {
        (chain.len() != offices.len()).then(|| authority.named())
    } else {
        let lineage = store::lineages(db, &[authority.division]).await?.remove(&authority.division).unwrap_or_default();
        let levels = rules::review_divisions(authority.level, &store::ancestors(&lineage));
        let has_none = |division: &&Division| {
            levels.contains(&division.id) && chain.iter().all(|office| office.division != division.id)
        };
        lineage.iter().find(has_none).map(|division| Named::new(division.id, &division.name))
    };
    let ends_well = chain.last().is_some_and(|office| office.level == DivisionLevel::Province);
    match gap.or_else(|| (!ends_well).then(|| authority.named())) {
        None => Ok(chain),
        Some(authority) => refuse(Refusal::OfficeMissing { kind: OrgKind::EstablishmentOffice, authority }),
    }
}

/// The office of this kind that works for `authority`, one of its own level first; a zone without one of its own uses that of the division in which
/// its committee sits.
pub async fn office(db: &impl ConnectionTrait, authority: &OrgUnit, kind: OrgKind) -> Outcome<OrgUnit> {
    if authority.kind == OrgKind::ManagementCommittee
        && let Some(own) = store::orgs_of_committee(db, authority.id, &[kind]).await?.into_iter().next()
    {
        return Ok(own);
    }
    let mut found = store::orgs_of_divisions(db, &Scope::Everything, &[authority.division], &[kind]).await?;
    found.sort_by_key(|office| office.level != authority.level);
    match found.into_iter().next() {
        Some(office) => Ok(office),
        None => refuse(Refusal::OfficeMissing { kind, authority: authority.named() }),
    }
}

/// The decision body that an organisation works for: itself, the zone it belongs to, or the committee and government
/// of its division.
pub async fn authority_of(db: &impl ConnectionTrait, org: &OrgUnit) -> Outcome<Option<OrgUnit>> {
    if matches!(org.kind, OrgKind::CommitteeGovernment | OrgKind::ManagementCommittee) {
        return Ok(Some(org.clone()));
    }
    if let Some(parent) = org.parent
        && let Some(parent) = store::org(db, &Scope::Everything, parent).await?
        && parent.kind == OrgKind::ManagementCommittee
    {
        return Ok(Some(parent));
    }
    let bodies =
        store::orgs_of_divisions(db, &Scope::Everything, &[org.division], &[OrgKind::CommitteeGovernment]).await?;
    Ok(bodies.into_iter().find(|body| body.province == org.province))
}

/// The decision body with this id, which a procedure stored earlier.
pub async fn stored_authority(db: &impl ConnectionTrait, id: OrgUnitId) -> Outcome<OrgUnit> {
    let found = store::org(db, &Scope::Everything, id).await?;
    found.ok_or_else(|| Fault::new(format!("authority {id} is gone")).into())
}
