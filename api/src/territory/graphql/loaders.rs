//! Batches of territory. What an argument names lies in the caller's province; what something visible names is as
//! visible as that, whatever province asks.

use std::{collections::HashMap, sync::Arc};

use crate::{
    kernel::{
        clock::china_date,
        ctx::Ctx,
        fault::Outcome,
        graphql::loader::Batch,
        ids::{DivisionId, OfficeId, OrgUnitId, PositionId},
        scope::Scope,
    },
    territory::{
        rules::{self, Office},
        service::authority,
        store,
    },
};

fn arcs<K: std::hash::Hash + Eq, V>(map: HashMap<K, V>) -> HashMap<K, Arc<V>> {
    map.into_iter().map(|(key, value)| (key, Arc::new(value))).collect()
}

/// Divisions by id.
pub struct DivisionById;

impl Batch for DivisionById {
    type Key = DivisionId;
    type Value = Arc<rules::Division>;

    async fn load(ctx: &Ctx, keys: &[DivisionId]) -> Outcome<HashMap<DivisionId, Self::Value>> {
        Ok(arcs(store::divisions(ctx.db().read(), keys).await?))
    }
}

/// Successors (or predecessors) of divisions.
pub struct Succession<const BACKWARD: bool>;

impl<const BACKWARD: bool> Batch for Succession<BACKWARD> {
    type Key = DivisionId;
    type Value = Vec<Arc<rules::Division>>;

    async fn load(ctx: &Ctx, keys: &[DivisionId]) -> Outcome<HashMap<DivisionId, Self::Value>> {
        let db = ctx.db().read();
        let links = store::successors(db, keys, BACKWARD).await?;
        let ids: Vec<DivisionId> = links.values().flatten().copied().collect();
        let found = arcs(store::divisions(db, &ids).await?);
        let names = |ids: Vec<DivisionId>| ids.iter().filter_map(|id| found.get(id).cloned()).collect();
        Ok(links.into_iter().map(|(key, ids)| (key, names(ids))).collect())
    }
}

/// Divisions above divisions, nearest first.
pub struct AncestorsOf;

impl Batch for AncestorsOf {
    type Key = DivisionId;
    type Value = Vec<Arc<rules::Division>>;

    async fn load(ctx: &Ctx, keys: &[DivisionId]) -> Outcome<HashMap<DivisionId, Self::Value>> {
        let lineages = store::lineages(ctx.db().read(), keys).await?;
        Ok(lineages.into_iter().map(|(key, line)| (key, line.into_iter().skip(1).map(Arc::new).collect())).collect())
    }
}

/// Organisations by id.
pub struct OrgById;

impl Batch for OrgById {
    type Key = OrgUnitId;
    type Value = Arc<rules::OrgUnit>;

    async fn load(ctx: &Ctx, keys: &[OrgUnitId]) -> Outcome<HashMap<OrgUnitId, Self::Value>> {
        Ok(arcs(store::orgs(ctx.db().read(), &Scope::of(ctx), keys).await?))
    }
}

/// Organisations that something the caller sees names.
pub struct NamedOrg;

impl Batch for NamedOrg {
    type Key = OrgUnitId;
    type Value = Arc<rules::OrgUnit>;

    async fn load(ctx: &Ctx, keys: &[OrgUnitId]) -> Outcome<HashMap<OrgUnitId, Self::Value>> {
        Ok(arcs(store::orgs(ctx.db().read(), &Scope::reading(ctx), keys).await?))
    }
}

/// Decision bodies of townships' lists today.
pub struct ListAuthorityOf;

impl Batch for ListAuthorityOf {
    type Key = DivisionId;
    type Value = Arc<rules::OrgUnit>;

    async fn load(ctx: &Ctx, keys: &[DivisionId]) -> Outcome<HashMap<DivisionId, Self::Value>> {
        let today = china_date(ctx.now());
        Ok(arcs(authority::list_authorities(ctx.db().read(), &Scope::of(ctx), keys, today).await?))
    }
}

/// Review chains above decision bodies that the caller sees.
pub struct ReviewChainOf;

impl Batch for ReviewChainOf {
    type Key = OrgUnitId;
    type Value = Vec<Arc<rules::OrgUnit>>;

    async fn load(ctx: &Ctx, keys: &[OrgUnitId]) -> Outcome<HashMap<OrgUnitId, Self::Value>> {
        let (db, scope) = (ctx.db().read(), Scope::reading(ctx));
        let bodies: Vec<rules::OrgUnit> = store::orgs(db, &scope, keys).await?.into_values().collect();
        let chains = authority::review_chains(db, &scope, &bodies).await?;
        Ok(chains.into_iter().map(|(key, chain)| (key, chain.into_iter().map(Arc::new).collect())).collect())
    }
}

/// Internal offices by organisation.
pub struct OfficesOf;

impl Batch for OfficesOf {
    type Key = OrgUnitId;
    type Value = Vec<Office>;

    async fn load(ctx: &Ctx, keys: &[OrgUnitId]) -> Outcome<HashMap<OrgUnitId, Self::Value>> {
        store::offices_of(ctx.db().read(), keys, false).await
    }
}

/// Internal offices by id.
pub struct OfficeById;

impl Batch for OfficeById {
    type Key = OfficeId;
    type Value = Arc<Office>;

    async fn load(ctx: &Ctx, keys: &[OfficeId]) -> Outcome<HashMap<OfficeId, Self::Value>> {
        Ok(arcs(store::offices(ctx.db().read(), &Scope::of(ctx), keys).await?))
    }
}

/// Internal offices that something the caller sees names.
pub struct NamedOffice;

impl Batch for NamedOffice {
    type Key = OfficeId;
    type Value = Arc<Office>;

    async fn load(ctx: &Ctx, keys: &[OfficeId]) -> Outcome<HashMap<OfficeId, Self::Value>> {
        Ok(arcs(store::offices(ctx.db().read(), &Scope::reading(ctx), keys).await?))
    }
}

/// Positions by internal office.
pub struct PositionsOf;

impl Batch for PositionsOf {
    type Key = OfficeId;
    type Value = Vec<rules::Position>;

    async fn load(ctx: &Ctx, keys: &[OfficeId]) -> Outcome<HashMap<OfficeId, Self::Value>> {
        store::positions_of(ctx.db().read(), keys).await
    }
}

/// Positions by id.
pub struct PositionById;

impl Batch for PositionById {
    type Key = PositionId;
    type Value = Arc<rules::Position>;

    async fn load(ctx: &Ctx, keys: &[PositionId]) -> Outcome<HashMap<PositionId, Self::Value>> {
        Ok(arcs(store::positions(ctx.db().read(), &Scope::of(ctx), keys).await?))
    }
}
