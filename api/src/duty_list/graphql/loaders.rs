//! Batches of duty lists.

use std::{collections::HashMap, sync::Arc};

use crate::{
    duty_list::{
        rules::{
            AsOf,
            content::{Content, DepartmentRole, DutyCategory},
        },
        service::reading,
        store::{
            self,
            change::{Change, Request},
            incorporation::VersionChange,
            items::{Item, Revision},
            lists::{Domain, DutyList},
            templates::Template,
            versions::Version,
        },
    },
    kernel::{
        ctx::Ctx,
        fault::Outcome,
        graphql::loader::Batch,
        ids::{
            DivisionId, DomainId, DutyItemId, DutyListId, OfficeId, OrgUnitId, ProceedingId, RevisionId, TemplateId,
            VersionId,
        },
        paging::{self, MAX_PAGE, Page},
        scope::Scope,
    },
};

fn arcs<K: std::hash::Hash + Eq, V>(map: HashMap<K, V>) -> HashMap<K, Arc<V>> {
    map.into_iter().map(|(key, value)| (key, Arc::new(value))).collect()
}

/// Lists by id.
pub struct ListById;

impl Batch for ListById {
    type Key = DutyListId;
    type Value = Arc<DutyList>;

    async fn load(ctx: &Ctx, keys: &[DutyListId]) -> Outcome<HashMap<DutyListId, Self::Value>> {
        Ok(arcs(store::lists::lists(ctx.db().read(), &Scope::reading(ctx), keys).await?))
    }
}

/// Lists by township.
pub struct ListOfTownship;

impl Batch for ListOfTownship {
    type Key = DivisionId;
    type Value = Arc<DutyList>;

    async fn load(ctx: &Ctx, keys: &[DivisionId]) -> Outcome<HashMap<DivisionId, Self::Value>> {
        Ok(arcs(store::lists::lists_of(ctx.db().read(), &Scope::reading(ctx), keys).await?))
    }
}

/// Versions by id.
pub struct VersionById;

impl Batch for VersionById {
    type Key = VersionId;
    type Value = Arc<Version>;

    async fn load(ctx: &Ctx, keys: &[VersionId]) -> Outcome<HashMap<VersionId, Self::Value>> {
        Ok(arcs(store::versions::versions(ctx.db().read(), &Scope::reading(ctx), keys).await?))
    }
}

/// Groups keys that differ in one part only.
fn grouped<A: std::hash::Hash + Eq + Copy, B: Copy>(keys: impl Iterator<Item = (A, B)>) -> HashMap<A, Vec<B>> {
    let mut groups: HashMap<A, Vec<B>> = HashMap::new();
    for (group, key) in keys {
        groups.entry(group).or_default().push(key);
    }
    groups
}

/// Versions in force, by list and time.
pub struct VersionInForce;

impl Batch for VersionInForce {
    type Key = (DutyListId, AsOf);
    type Value = Arc<Version>;

    async fn load(ctx: &Ctx, keys: &[Self::Key]) -> Outcome<HashMap<Self::Key, Self::Value>> {
        let mut found = HashMap::new();
        for (at, lists) in grouped(keys.iter().map(|(list, at)| (*at, *list))) {
            let versions = store::versions::current(ctx.db().read(), &lists, at).await?;
            found.extend(versions.into_iter().map(|(list, version)| ((list, at), Arc::new(version))));
        }
        Ok(found)
    }
}

/// Which first page of a list's items is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FirstItems {
    /// The list.
    pub list: DutyListId,
    /// When.
    pub at: AsOf,
    /// Only this category.
    pub category: Option<DutyCategory>,
    /// Only this domain class.
    pub domain: Option<DomainId>,
    /// How many.
    pub first: usize,
}

/// First pages of items of many lists, in one query per kind of page.
pub struct FirstItemsOf;

impl Batch for FirstItemsOf {
    type Key = FirstItems;
    type Value = Page<Arc<Revision>>;

    async fn load(ctx: &Ctx, keys: &[FirstItems]) -> Outcome<HashMap<FirstItems, Self::Value>> {
        let mut found = HashMap::new();
        let groups = grouped(keys.iter().map(|key| ((key.at, key.category, key.domain, key.first), key.list)));
        for ((at, category, domain, first), lists) in groups {
            let limit = first.min(MAX_PAGE) + 1;
            let mut heads = store::items::heads(ctx.db().read(), &lists, at, category, domain, limit).await?;
            for list in lists {
                let rows = heads.remove(&list).unwrap_or_default();
                let page = paging::first_page(&store::items::list_order(), rows, first, Revision::list_key);
                found.insert(FirstItems { list, at, category, domain, first }, page.map(Arc::new));
            }
        }
        Ok(found)
    }
}

/// Revisions by id.
pub struct RevisionById;

impl Batch for RevisionById {
    type Key = RevisionId;
    type Value = Arc<Revision>;

    async fn load(ctx: &Ctx, keys: &[RevisionId]) -> Outcome<HashMap<RevisionId, Self::Value>> {
        Ok(arcs(store::items::by_ids(ctx.db().read(), &Scope::reading(ctx), keys).await?))
    }
}

/// Revisions in force, by item and time.
pub struct RevisionInForce;

impl Batch for RevisionInForce {
    type Key = (DutyItemId, AsOf);
    type Value = Arc<Revision>;

    async fn load(ctx: &Ctx, keys: &[Self::Key]) -> Outcome<HashMap<Self::Key, Self::Value>> {
        let mut found = HashMap::new();
        for (at, items) in grouped(keys.iter().map(|(item, at)| (*at, *item))) {
            let revisions = store::items::current(ctx.db().read(), &Scope::reading(ctx), &items, at).await?;
            found.extend(revisions.into_iter().map(|(item, revision)| ((item, at), Arc::new(revision))));
        }
        Ok(found)
    }
}

/// Organisations named, by revision.
pub struct DepartmentsOf;

impl Batch for DepartmentsOf {
    type Key = RevisionId;
    type Value = Vec<(OrgUnitId, DepartmentRole)>;

    async fn load(ctx: &Ctx, keys: &[RevisionId]) -> Outcome<HashMap<RevisionId, Self::Value>> {
        store::items::departments(ctx.db().read(), keys).await
    }
}

/// Items by id.
pub struct ItemById;

impl Batch for ItemById {
    type Key = DutyItemId;
    type Value = Arc<Item>;

    async fn load(ctx: &Ctx, keys: &[DutyItemId]) -> Outcome<HashMap<DutyItemId, Self::Value>> {
        Ok(arcs(store::items::items(ctx.db().read(), &Scope::reading(ctx), keys).await?))
    }
}

/// Lineage of items.
pub struct LineageOf<const FORWARD: bool>;

impl<const FORWARD: bool> Batch for LineageOf<FORWARD> {
    type Key = DutyItemId;
    type Value = Vec<Arc<Item>>;

    async fn load(ctx: &Ctx, keys: &[DutyItemId]) -> Outcome<HashMap<DutyItemId, Self::Value>> {
        let db = ctx.db().read();
        let links = store::items::lineage(db, keys, FORWARD).await?;
        let ids: Vec<DutyItemId> = links.values().flatten().copied().collect();
        let items = arcs(store::items::items(db, &Scope::reading(ctx), &ids).await?);
        Ok(links
            .into_iter()
            .map(|(key, ids)| (key, ids.iter().filter_map(|id| items.get(id).cloned()).collect()))
            .collect())
    }
}

/// Offices that handle items.
pub struct AllocationsOf;

impl Batch for AllocationsOf {
    type Key = DutyItemId;
    type Value = Vec<(OfficeId, bool)>;

    async fn load(ctx: &Ctx, keys: &[DutyItemId]) -> Outcome<HashMap<DutyItemId, Self::Value>> {
        store::items::allocations(ctx.db().read(), keys).await
    }
}

/// Domain classes by id.
pub struct DomainById;

impl Batch for DomainById {
    type Key = DomainId;
    type Value = Arc<Domain>;

    async fn load(ctx: &Ctx, keys: &[DomainId]) -> Outcome<HashMap<DomainId, Self::Value>> {
        Ok(arcs(store::lists::domains(ctx.db().read(), &Scope::of(ctx), keys).await?))
    }
}

/// Domain classes that something the caller sees names: those of a published list are as public as the list.
pub struct NamedDomain;

impl Batch for NamedDomain {
    type Key = DomainId;
    type Value = Arc<Domain>;

    async fn load(ctx: &Ctx, keys: &[DomainId]) -> Outcome<HashMap<DomainId, Self::Value>> {
        Ok(arcs(store::lists::domains(ctx.db().read(), &Scope::reading(ctx), keys).await?))
    }
}

/// Model items by id.
pub struct TemplateById;

impl Batch for TemplateById {
    type Key = TemplateId;
    type Value = Arc<Template>;

    async fn load(ctx: &Ctx, keys: &[TemplateId]) -> Outcome<HashMap<TemplateId, Self::Value>> {
        Ok(arcs(store::templates::templates(ctx.db().read(), &Scope::of(ctx), keys).await?))
    }
}

/// Changes of versions.
pub struct ChangesOfVersion;

impl Batch for ChangesOfVersion {
    type Key = VersionId;
    type Value = Vec<VersionChange>;

    async fn load(ctx: &Ctx, keys: &[VersionId]) -> Outcome<HashMap<VersionId, Self::Value>> {
        store::incorporation::changes(ctx.db().read(), keys).await
    }
}

/// Changes that requests ask for.
pub struct ChangesOfRequest;

impl Batch for ChangesOfRequest {
    type Key = ProceedingId;
    type Value = Vec<Change>;

    async fn load(ctx: &Ctx, keys: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Self::Value>> {
        store::change::changes(ctx.db().read(), keys).await
    }
}

/// Grounds of requests; whether the caller may see them is settled by their procedures.
pub struct RequestById;

impl Batch for RequestById {
    type Key = ProceedingId;
    type Value = Arc<Request>;

    async fn load(ctx: &Ctx, keys: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Self::Value>> {
        Ok(store::change::requests(ctx.db().read(), keys)
            .await?
            .into_iter()
            .map(|(id, request)| (id, Arc::new(request)))
            .collect())
    }
}

/// What departments owe townships, by list and time.
pub struct OwedTo;

impl Batch for OwedTo {
    type Key = (DutyListId, AsOf);
    type Value = Vec<(OrgUnitId, DepartmentRole, i32)>;

    async fn load(ctx: &Ctx, keys: &[Self::Key]) -> Outcome<HashMap<Self::Key, Self::Value>> {
        let mut found = HashMap::new();
        for (at, lists) in grouped(keys.iter().map(|(list, at)| (*at, *list))) {
            let owed = store::obligations::owed(ctx.db().read(), &lists, at).await?;
            found.extend(owed.into_iter().map(|(list, rows)| ((list, at), rows)));
        }
        Ok(found)
    }
}

/// Everything a version says, for comparisons.
pub async fn contents(ctx: &Ctx, version: &Version) -> Outcome<Vec<(Revision, Content)>> {
    reading::contents(ctx.db().read(), version).await
}
