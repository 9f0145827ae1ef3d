//! Versions, their changes, findings and comparisons in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    DutyList,
    items::{DutyItem, DutyItemRevision, RevisionConnection, named_item},
    lists::CategoryCounts,
    loaders::{ChangesOfVersion, ListById, RevisionById, VersionById},
};
use crate::{
    duty_list::{
        rules::{
            Period,
            content::DutyCategory,
            diff::{self, BurdenDirection, ClauseSide, DiffKind},
            findings::{Counts, Finding, FindingKind},
            version::{Edition, VersionProcedure, VersionState, leaves, standing},
        },
        service::reading::{self, Comparison},
        store::{incorporation::VersionChange, items, versions::Version},
    },
    kernel::{
        fault::Fault,
        graphql::{Reply, connection::Total, ctx, loader},
        ids::{RevisionId, VersionId},
        paging::PageArgs,
        policy::Action,
    },
    proceeding::{
        graphql::{
            AuditEventConnection, CaseById, DecisionRecord, QueueEntry, decisions, entries, queue::ProceedingSummary,
            timeline,
        },
        rules::Case,
    },
    territory::graphql::{OrgUnit, named_org},
};

/// A version (清单版本).
#[derive(Clone)]
pub struct ListVersion(Arc<Version>);

impl ListVersion {
    /// The version in the schema.
    #[must_use]
    pub fn of(facts: Arc<Version>) -> Self {
        Self(facts)
    }

    /// A version reached from something that was in force, read with the same knowledge.
    #[must_use]
    pub fn known_like(facts: Arc<Version>, period: &Period) -> Self {
        let known = facts.period.known_like(period);
        if known == facts.period {
            return Self(facts);
        }
        Self(Arc::new(Version { period: known, ..Arc::unwrap_or_clone(facts) }))
    }

    /// Its procedure, if the caller may see it: a published version is public, its procedure is not.
    async fn case(&self, context: &Context<'_>) -> Reply<Option<Arc<Case>>> {
        loader::one::<CaseById>(context, self.0.id.into()).await
    }
}

crate::connection! {
    /// A list of versions (版本列表).
    ListVersionConnection, ListVersionEdge, ListVersion
}

/// A change that an incorporating version makes (修订内容).
pub struct ListVersionChange {
    change: VersionChange,
    version: Arc<Version>,
}

impl ListVersionChange {
    /// A side of the change, read with the knowledge with which the version is read.
    async fn side(&self, context: &Context<'_>, id: Option<RevisionId>) -> Reply<Option<DutyItemRevision>> {
        let Some(id) = id else { return Ok(None) };
        let found = loader::one::<RevisionById>(context, id).await?;
        Ok(found.map(|revision| DutyItemRevision::known_like(revision, &self.version.period)))
    }
}

/// A change that an incorporating version makes, with the approved request that allows it (修订内容).
#[Object]
impl ListVersionChange {
    /// The item (事项).
    async fn item(&self, context: &Context<'_>) -> Reply<DutyItem> {
        named_item(context, self.change.item).await
    }

    /// How it read (修订前); null for a new item.
    async fn old(&self, context: &Context<'_>) -> Reply<Option<DutyItemRevision>> {
        self.side(context, self.change.old).await
    }

    /// How it reads (修订后); null for a removed item.
    async fn new(&self, context: &Context<'_>) -> Reply<Option<DutyItemRevision>> {
        self.side(context, self.change.new).await
    }

    /// The approved request that allows it (依据的申请); null for who may not see it.
    async fn request(&self, context: &Context<'_>) -> Reply<Option<ProceedingSummary>> {
        let case = loader::one::<CaseById>(context, self.change.request).await?;
        Ok(case.map(|case| ProceedingSummary::of(case.head.clone())))
    }
}

/// Something wrong with a version (清单问题).
pub struct VersionFinding(Finding);

/// Something wrong with a version (清单问题).
#[Object]
impl VersionFinding {
    /// Kind (类型).
    async fn kind(&self) -> FindingKind {
        self.0.kind
    }

    /// Whether the version cannot pass the next review with it (是否阻断).
    async fn blocking(&self) -> bool {
        self.0.blocks()
    }

    /// Items concerned (所涉事项).
    async fn items(&self, context: &Context<'_>) -> Reply<Vec<DutyItem>> {
        futures_util::future::try_join_all(self.0.items.iter().map(|id| named_item(context, *id))).await
    }

    /// Likeness in per cent, for items that look alike (相似度).
    async fn percent(&self) -> Option<i32> {
        self.0.percent.map(Into::into)
    }

    /// The organisation that is gone (已撤销的部门).
    async fn organisation(&self, context: &Context<'_>) -> Reply<Option<OrgUnit>> {
        match self.0.organisation {
            Some(org) => named_org(context, org).await.map(Some),
            None => Ok(None),
        }
    }

    /// How a reviewer answered (答复).
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }
}

/// A difference between two versions or two townships (差异).
#[derive(Clone, SimpleObject)]
pub struct ListDifference {
    /// Kind (类型).
    kind: DiffKind,
    /// Heavier or lighter for the township (负担变化).
    burden: BurdenDirection,
    /// How the item reads on the left side (左侧内容); null if it is not there.
    left: Option<DutyItemRevision>,
    /// How the item reads on the right side (右侧内容); null if it is not there.
    right: Option<DutyItemRevision>,
    /// Whose clause, for clauses (条款归属).
    side: Option<ClauseSide>,
    /// Text on the left side (左侧文字).
    from: Option<String>,
    /// Text on the right side (右侧文字).
    to: Option<String>,
}

/// A comparison (比对结果).
#[derive(SimpleObject)]
pub struct ListComparison {
    /// Heavier or lighter as a whole (总体负担变化): heavier if anything is, since that is what has to be approved; else
    /// lighter if anything is.
    burden: BurdenDirection,
    /// The differences, item by item (差异).
    differences: Vec<ListDifference>,
}

impl ListComparison {
    /// The comparison in the schema.
    #[must_use]
    pub fn of(mut comparison: Comparison) -> Self {
        let left: std::collections::HashMap<_, _> =
            comparison.left.drain().map(|(item, revision)| (item, DutyItemRevision(Arc::new(revision)))).collect();
        let right: std::collections::HashMap<_, _> =
            comparison.right.drain().map(|(item, revision)| (item, DutyItemRevision(Arc::new(revision)))).collect();
        Self {
            burden: diff::overall(&comparison.rows),
            differences: comparison
                .rows
                .into_iter()
                .map(|row| ListDifference {
                    kind: row.kind,
                    burden: row.burden,
                    left: row.old.and_then(|item| left.get(&item).cloned()),
                    right: row.new.and_then(|item| right.get(&item).cloned()),
                    side: row.side,
                    from: row.from,
                    to: row.to,
                })
                .collect(),
        }
    }
}

/// An edition of a list on its way or published (清单版本).
#[Object]
impl ListVersion {
    /// Id (标识).
    pub async fn id(&self) -> VersionId {
        self.0.id
    }

    /// The list (所属清单).
    async fn list(&self, context: &Context<'_>) -> Reply<DutyList> {
        let found = loader::one::<ListById>(context, self.0.list).await?;
        found.map(DutyList::of).ok_or_else(|| Fault::new("a version without its list").into())
    }

    /// Number in the list, from 1 (版本号). Withdrawn versions keep theirs.
    async fn version_no(&self) -> i32 {
        self.0.no
    }

    /// How it came about (版本类型).
    async fn edition(&self) -> Edition {
        self.0.edition
    }

    /// State at this moment (状态).
    async fn state(&self, context: &Context<'_>) -> Reply<VersionState> {
        if self.0.is_published() {
            let now = ctx(context).moment();
            return Ok(standing(
                VersionState::Published,
                self.0.period.effective_from,
                self.0.period.effective_to,
                now,
            ));
        }
        let case = self.case(context).await?;
        case.and_then(|case| case.state::<VersionProcedure>())
            .ok_or_else(|| Fault::new("a version without a state").into())
    }

    /// Since when it is in force (生效时间); null until it is published.
    async fn effective_from(&self) -> Option<DateTime<Utc>> {
        self.0.period.effective_from
    }

    /// Until when it is in force (失效时间); null while no later version is published.
    async fn effective_to(&self) -> Option<DateTime<Utc>> {
        self.0.period.effective_to
    }

    /// When it was published, which is when it became known (公布时间).
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.period.recorded_from
    }

    /// Fingerprint of everything it says: SHA-256 (内容指纹); null until it is published.
    async fn content_hash(&self) -> Option<&str> {
        self.0.content_hash.as_deref()
    }

    /// Notes (说明).
    async fn notes(&self) -> &str {
        &self.0.notes
    }

    /// Items by category (分类数量).
    async fn counts(&self, context: &Context<'_>) -> Reply<CategoryCounts> {
        if self.0.is_published() {
            return Ok(self.0.counts.into());
        }
        let contents = super::loaders::contents(ctx(context), &self.0).await?;
        Ok(Counts::of(contents.iter().map(|(_, content)| content.category)).into())
    }

    /// Items, category by category in their order (事项).
    async fn items(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only this category (类别)")] category: Option<DutyCategory>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<RevisionConnection> {
        let select = items::select_version(&self.0, category);
        let args = PageArgs { first, after, last, before };
        let page =
            items::page(ctx(context).db().read(), select.clone(), &items::list_order(), &args, self.0.period.known)
                .await?;
        Ok(RevisionConnection::new(page.map(|revision| DutyItemRevision(Arc::new(revision))), Total::count(select)))
    }

    /// The version it changes (基础版本); null for a first edition.
    async fn base(&self, context: &Context<'_>) -> Reply<Option<ListVersion>> {
        match self.0.base {
            Some(base) => {
                let found = loader::one::<VersionById>(context, base).await?;
                Ok(found.map(|base| Self::known_like(base, &self.0.period)))
            }
            None => Ok(None),
        }
    }

    /// What it changes, each change with the approved request that allows it (修订内容); empty for a first edition.
    async fn changes(&self, context: &Context<'_>) -> Reply<Vec<ListVersionChange>> {
        Ok(loader::one::<ChangesOfVersion>(context, self.0.id)
            .await?
            .unwrap_or_default()
            .into_iter()
            .map(|change| ListVersionChange { change, version: Arc::clone(&self.0) })
            .collect())
    }

    /// How it differs from the version it changes, with the direction of the burden (与基础版本的差异).
    async fn comparison(&self, context: &Context<'_>) -> Reply<ListComparison> {
        let base = match self.0.base {
            Some(base) => loader::one::<VersionById>(context, base).await?,
            None => None,
        };
        let base = base.map(|base| Self::known_like(base, &self.0.period));
        let base = base.as_ref().map(|base| base.0.as_ref());
        let comparison = reading::compare_versions(ctx(context).db().read(), base, &self.0).await?;
        Ok(ListComparison::of(comparison))
    }

    /// What is wrong with it before it may be published: duplicates, items alike, abolished departments, lapsed
    /// approvals (清单问题); for members of its province, empty for others.
    async fn findings(&self, context: &Context<'_>) -> Reply<Vec<VersionFinding>> {
        let ctx = ctx(context);
        let at_home = ctx.member().filter(|actor| actor.province == self.0.province);
        let Some(thresholds) = at_home.map(|actor| &actor.settings.thresholds) else { return Ok(Vec::new()) };
        let found = reading::findings_of(ctx.db().read(), &self.0, thresholds, ctx.moment()).await?;
        Ok(found.into_iter().map(VersionFinding).collect())
    }

    /// Number of its procedure (程序编号); null for who may not see the procedure.
    async fn number(&self, context: &Context<'_>) -> Reply<Option<String>> {
        Ok(self.case(context).await?.map(|case| case.head.number.clone()))
    }

    /// Revision of its procedure, for `expectedRevision` (修订号); null for who may not see the procedure.
    async fn revision(&self, context: &Context<'_>) -> Reply<Option<i32>> {
        Ok(self.case(context).await?.map(|case| case.head.revision))
    }

    /// Recorded decisions (决定记录); empty for who may not see the procedure.
    async fn decisions(&self, context: &Context<'_>) -> Reply<Vec<DecisionRecord>> {
        match self.case(context).await? {
            Some(_) => decisions(context, self.0.id.into()).await,
            None => Ok(Vec::new()),
        }
    }

    /// Steps with their clocks (办理环节); empty for who may not see the procedure.
    async fn steps(&self, context: &Context<'_>) -> Reply<Vec<QueueEntry>> {
        match self.case(context).await? {
            Some(_) => entries(context, self.0.id.into()).await,
            None => Ok(Vec::new()),
        }
    }

    /// What I can do with it now (我可进行的操作), by the same rule that decides the mutations: whose
    /// act it is and in which state. What an act brings along is judged when it is done.
    async fn viewer_actions(&self, context: &Context<'_>) -> Reply<Vec<Action>> {
        let Some(actor) = ctx(context).member() else { return Ok(Vec::new()) };
        let Some(case) = self.case(context).await? else { return Ok(Vec::new()) };
        let mut actions = case.viewer_actions::<VersionProcedure>(actor);
        actions.retain(|action| leaves(self.0.edition, *action, case.head.proposer == actor.org));
        if !case.open.iter().any(|entry| entry.org == actor.org) {
            actions.retain(|action| *action != Action::ReturnListVersion);
        }
        Ok(actions)
    }

    /// What was done with it, oldest first (办理过程); empty for who may not see the procedure.
    async fn timeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<AuditEventConnection> {
        match self.case(context).await? {
            Some(_) => timeline(context, self.0.id.into(), PageArgs { first, after, last, before }).await,
            None => Ok(AuditEventConnection::new(crate::kernel::paging::Page::default(), Total::Known(0))),
        }
    }
}
