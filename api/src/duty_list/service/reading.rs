//! Contents of versions, their findings, and comparisons.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::content::gone;
use crate::{
    duty_list::{
        rules::{
            AsOf,
            content::Content,
            diff::{self, Difference, Sided},
            findings::{Finding, Likeness, Listed, findings},
        },
        store::{
            self,
            items::{self, Revision},
            lists::DutyList,
            versions::Version,
        },
    },
    kernel::{
        clock::china_date,
        fault::Outcome,
        ids::{DutyItemId, OrgUnitId},
        refusal::Unresolved,
        settings::Thresholds,
    },
};

/// Everything a version consists of, in the order of the list, as far as was known when the version was read as of.
pub async fn contents(db: &impl ConnectionTrait, version: &Version) -> Outcome<Vec<(Revision, Content)>> {
    let mut select = items::select();
    select.cond_where(items::of_version(version.list, version.id, version.no, version.is_published()));
    let found = items::all(db, select).await?.into_iter();
    let known = |revision: Revision| Revision { period: revision.period.known_like(&version.period), ..revision };
    items::with_contents(db, found.map(known).collect()).await
}

/// Everything in force in a list at a time, as it was known then.
pub async fn contents_at(db: &impl ConnectionTrait, list: &DutyList, at: AsOf) -> Outcome<Vec<(Revision, Content)>> {
    let select = items::select_in_force(&[list.id], at, None, None, None);
    let found = items::all(db, select).await?;
    items::with_contents(db, found.into_iter().map(|revision| revision.as_known(at.known)).collect()).await
}

/// Of the lists of a code's bearers, latest first, the one in force; else the latest.
pub async fn first_in_force(
    db: &impl ConnectionTrait,
    lists: Vec<Arc<DutyList>>,
    at: AsOf,
) -> Outcome<Option<Arc<DutyList>>> {
    let ids: Vec<_> = lists.iter().map(|list| list.id).collect();
    let holding = if ids.len() > 1 { store::versions::current(db, &ids, at).await? } else { HashMap::new() };
    let index = lists.iter().position(|list| holding.contains_key(&list.id)).unwrap_or(0);
    Ok(lists.into_iter().nth(index))
}

pub(super) fn likeness(thresholds: &Thresholds) -> Likeness {
    let percent = |value: u32| u8::try_from(value).unwrap_or(100);
    Likeness { duplicate: percent(thresholds.duplicate_percent), similar: percent(thresholds.similar_percent) }
}

/// What is wrong with a version.
pub async fn findings_of(
    db: &impl ConnectionTrait,
    version: &Version,
    thresholds: &Thresholds,
    now: DateTime<Utc>,
) -> Outcome<Vec<Finding>> {
    let contents = contents(db, version).await?;
    let answers = store::answers::answers(db, version.list).await?;
    let orgs: Vec<OrgUnitId> =
        contents.iter().flat_map(|(_, content)| content.departments.iter().map(|(org, _)| *org)).collect();
    let gone = gone(db, &orgs, china_date(now)).await?;
    let lapsed = super::incorporation::lapsed(db, version, now).await?;
    let listed: Vec<Listed<'_>> =
        contents.iter().map(|(revision, content)| Listed { item: revision.item, content }).collect();
    let mut found = findings(
        &listed,
        likeness(thresholds),
        |org| gone.contains(&org),
        |left, right| answers.get(&(left, right)).cloned(),
    );
    found.extend(lapsed.into_iter().map(Finding::lapsed));
    Ok(found)
}

/// The sentences of findings that forbid to go on.
#[must_use]
pub fn blocking(found: &[Finding], contents: &[(Revision, Content)]) -> Vec<Unresolved> {
    let name = |item: &DutyItemId| {
        contents
            .iter()
            .find(|(revision, _)| revision.item == *item)
            .map_or("?", |(revision, _)| revision.wording.name.as_str())
    };
    found
        .iter()
        .filter(|finding| finding.blocks())
        .map(|finding| {
            let names = finding.items.iter().map(name).collect::<Vec<_>>().join(" / ");
            let about = match finding.percent {
                Some(percent) => format!("{names} ({percent}%)"),
                None => names,
            };
            Unresolved { kind: finding.kind.into(), about }
        })
        .collect()
}

type Lineage = HashMap<DutyItemId, Vec<DutyItemId>>;

async fn lineage_of(db: &impl ConnectionTrait, contents: &[(Revision, Content)]) -> Outcome<Lineage> {
    let ids: Vec<DutyItemId> = contents.iter().map(|(revision, _)| revision.item).collect();
    items::lineage(db, &ids, false).await
}

/// Contents as one side of a comparison.
#[must_use]
pub fn sided<'a>(contents: &'a [(Revision, Content)], lineage: &'a Lineage) -> Vec<Sided<'a>> {
    contents
        .iter()
        .map(|(revision, content)| Sided {
            item: revision.item,
            ordinal: revision.ordinal,
            content,
            derived_from: lineage.get(&revision.item).map(Vec::as_slice).unwrap_or_default(),
        })
        .collect()
}

/// A comparison with the names of the items in it.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The differences.
    pub rows: Vec<Difference>,
    /// Items of the left side.
    pub left: HashMap<DutyItemId, Revision>,
    /// Items of the right side.
    pub right: HashMap<DutyItemId, Revision>,
}

fn by_item(contents: Vec<(Revision, Content)>) -> HashMap<DutyItemId, Revision> {
    contents.into_iter().map(|(revision, _)| (revision.item, revision)).collect()
}

/// What changed from one version to another of the same list.
pub async fn compare_versions(db: &impl ConnectionTrait, old: Option<&Version>, new: &Version) -> Outcome<Comparison> {
    let left = match old {
        Some(old) => contents(db, old).await?,
        None => Vec::new(),
    };
    let right = contents(db, new).await?;
    let lineage = lineage_of(db, &right).await?;
    let none = Lineage::new();
    let rows = diff::of_versions(&sided(&left, &none), &sided(&right, &lineage));
    Ok(Comparison { rows, left: by_item(left), right: by_item(right) })
}

/// How the lists of two townships differ at a time.
pub async fn compare_townships(
    db: &impl ConnectionTrait,
    left: &DutyList,
    right: &DutyList,
    at: AsOf,
) -> Outcome<Comparison> {
    let (left, right) = (contents_at(db, left, at).await?, contents_at(db, right, at).await?);
    let none = Lineage::new();
    let with_templates = |contents: &[(Revision, Content)]| {
        contents.iter().map(|(revision, _)| revision.template.map(Into::into)).collect::<Vec<Option<uuid::Uuid>>>()
    };
    let (templates_left, templates_right) = (with_templates(&left), with_templates(&right));
    let pair = |contents, templates: Vec<_>| std::iter::zip(sided(contents, &none), templates).collect::<Vec<_>>();
    let rows = diff::of_townships(&pair(&left, templates_left), &pair(&right, templates_right));
    Ok(Comparison { rows, left: by_item(left), right: by_item(right) })
}
