//! Questions about duty lists.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::{
    DutyDomain, DutyItemRevision, DutyList, as_of,
    items::{ItemTemplate, ItemTemplateConnection},
    lists::DutyListConnection,
    loaders::{ListById, ListOfTownship, VersionById},
    versions::ListComparison,
};
use crate::{
    duty_list::{
        rules::content::DutyCategory,
        service::{not_in_force, now, reading, succession},
        store::{self, items::Revision, search},
    },
    kernel::{
        clock::china_date,
        fault::{Outcome, refuse},
        graphql::{Reply, connection::Total, ctx, loader},
        ids::{DutyListId, OrgUnitId, VersionId},
        paging::PageArgs,
        refusal::{InputProblem, Refusal},
        scope::{self, Scope},
        similarity, text,
    },
    territory::{
        self,
        graphql::query::{code_argument, org_argument},
    },
};

/// An item found by words (检索结果).
#[derive(Clone)]
pub struct DutySearchHit {
    revision: Arc<Revision>,
    words: Vec<String>,
}

crate::connection! {
    /// Items found by words (检索结果列表).
    DutySearchConnection, DutySearchEdge, DutySearchHit
}

crate::api_enum! {
    /// Where the words were found (命中位置).
    pub enum SearchField {
        /// In the name (事项名称).
        Name,
        /// In the departments' clauses (上级部门职责).
        SuperiorClauses,
        /// In the township's clauses (乡镇职责).
        TownshipClauses,
        /// In the method of a reclaimed item (工作方式).
        Method,
        /// In the title of a legal basis (实施依据).
        LegalBasis,
        /// In the tags (标签).
        Tag,
    }
}

/// A text in which the words were found (命中文字).
#[derive(SimpleObject)]
pub struct SearchPassage {
    /// Where (命中位置).
    field: SearchField,
    /// The text (文字).
    text: String,
}

/// An item found by words (检索结果): who is responsible for what, in which list.
#[Object]
impl DutySearchHit {
    /// The item as it reads (事项内容).
    async fn item(&self) -> DutyItemRevision {
        DutyItemRevision(Arc::clone(&self.revision))
    }

    /// The list in which it stands (所在清单).
    async fn list(&self, context: &Context<'_>) -> Reply<DutyList> {
        let found = loader::one::<ListById>(context, self.revision.list).await?;
        found.map(DutyList::of).ok_or_else(|| crate::kernel::fault::Fault::new("a revision without its list").into())
    }

    /// The texts in which the words were found (命中文字).
    async fn passages(&self) -> Vec<SearchPassage> {
        let wording = &self.revision.wording;
        let texts = std::iter::once((SearchField::Name, &wording.name))
            .chain(wording.superior.iter().map(|text| (SearchField::SuperiorClauses, text)))
            .chain(wording.township.iter().map(|text| (SearchField::TownshipClauses, text)))
            .chain(wording.method.iter().map(|text| (SearchField::Method, text)))
            .chain(wording.bases.iter().map(|basis| (SearchField::LegalBasis, &basis.instrument)))
            .chain(wording.tags.iter().map(|text| (SearchField::Tag, text)));
        texts
            .filter(|(_, text)| {
                let text = text.to_lowercase();
                self.words.iter().any(|word| text.contains(word))
            })
            .map(|(field, text)| SearchPassage { field, text: text.clone() })
            .collect()
    }
}

/// Questions about duty lists.
#[derive(Default)]
pub struct DutyListQuery;

#[Object]
impl DutyListQuery {
    /// The list of a township, by the township's code or by id (乡镇清单). Public once a version is published. The list of a
    /// township that was merged, split or changed goes on, under the code it had, until each of its successors has one.
    async fn duty_list(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Code of the township, nine digits (乡镇代码)")] township_code: Option<String>,
        #[graphql(desc = "Id of the list (清单标识)")] id: Option<DutyListId>,
    ) -> Reply<Option<DutyList>> {
        let ctx = ctx(context);
        let found = match (township_code, id) {
            (Some(code), None) => {
                let code = code_argument("townshipCode", &code)?;
                let today = china_date(ctx.moment());
                let bearers = territory::store::bearers_of_code(ctx.db().read(), &code, today).await?;
                let mut found = Vec::new();
                for township in bearers {
                    found.extend(loader::one::<ListOfTownship>(context, township.id).await?);
                }
                reading::first_in_force(ctx.db().read(), found, now(ctx.moment())).await?
            }
            (None, Some(id)) => loader::one::<ListById>(context, id).await?,
            _ => {
                return refuse(Refusal::conflict(
                    "townshipCode",
                    "须且仅须提供 townshipCode 或 id 之一。",
                    "exactly one of townshipCode and id is needed.",
                ));
            }
        };
        readable(context, found).await
    }

    /// The lists that apply in a township (适用清单): its own; after a merger, a split or a renaming, until the township
    /// has a version in force of its own, those of the townships it continues. Public.
    async fn applicable_lists(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Code of the township, nine digits (乡镇代码)")] township_code: String,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
    ) -> Reply<Vec<DutyList>> {
        let (ctx, at) = (ctx(context), self::as_of(context, as_of, known_at));
        let db = ctx.db().read();
        let code = code_argument("townshipCode", &township_code)?;
        let bearers = territory::store::bearers_of_code(db, &code, china_date(at.effective)).await?;
        let Some(place) = bearers.into_iter().next() else { return Ok(Vec::new()) };
        let found = succession::applicable(db, &Scope::reading(ctx), place.id, at).await?;
        Ok(found.into_iter().map(|list| DutyList::of(Arc::new(list))).collect())
    }

    /// Lists with a version in force, by territory (清单列表). Public.
    async fn duty_lists(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "In the territory of the division with this code; a township without a list in force covers \
                          those whose lists apply in it (区划代码)"
        )]
        within: Option<String>,
        #[graphql(desc = "With a version in force at this time; now if left out (生效时点)")] as_of: Option<
            DateTime<Utc>,
        >,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<DutyListConnection> {
        let ctx = ctx(context);
        let (db, scope) = (ctx.db().read(), Scope::reading(ctx));
        let at = self::as_of(context, as_of, known_at);
        let within = match within {
            Some(code) => {
                Some(succession::territories(db, &scope, "within", &code, china_date(ctx.moment()), at).await?)
            }
            None => None,
        };
        let select = store::lists::select(&scope, within.as_deref(), at);
        let page = store::lists::page(db, select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(DutyListConnection::new(page.map(|facts| DutyList::of(Arc::new(facts))), Total::count(select)))
    }

    /// Who is responsible for what: items in force that have all the words in name, clauses or method (全文检索). Words of
    /// two Chinese characters are found. Public.
    async fn search_duty_items(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Words, separated by spaces, such as 燃气 (关键词)")] text: String,
        #[graphql(
            desc = "In the territory of the division with this code; a township without a list in force covers \
                          those whose lists apply in it (区划代码)"
        )]
        within: Option<String>,
        #[graphql(desc = "Only this category (类别)")] category: Option<DutyCategory>,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<DutySearchConnection> {
        let ctx = ctx(context);
        let (db, scope) = (ctx.db().read(), Scope::reading(ctx));
        let text = text::line("text", &text, 100)?;
        let at = self::as_of(context, as_of, known_at);
        let within = match within {
            Some(code) => {
                Some(succession::territories(db, &scope, "within", &code, china_date(ctx.moment()), at).await?)
            }
            None => None,
        };
        let Some(select) = search::select(db, &scope, &text, at, within.as_deref(), category) else {
            return refuse(Refusal::invalid(
                "text",
                InputProblem::Malformed { expected: "letters, digits or Chinese characters" },
            ));
        };
        let page = store::items::page(
            db,
            select.clone(),
            &search::order(&text),
            &PageArgs { first, after, last, before },
            Some(at.known),
        )
        .await?;
        let words: Vec<String> = similarity::words(&text).map(str::to_lowercase).collect();
        let hits = page.map(|revision| DutySearchHit { revision: Arc::new(revision), words: words.clone() });
        Ok(DutySearchConnection::new(hits, Total::count(select)))
    }

    /// What changed from one version to another of the same list (版本比对).
    async fn compare_list_versions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The version to start from (起始版本)")] left_id: VersionId,
        #[graphql(desc = "The version to arrive at (目标版本)")] right_id: VersionId,
    ) -> Reply<ListComparison> {
        let (left, right) = (version(context, "leftId", left_id).await?, version(context, "rightId", right_id).await?);
        if left.list != right.list {
            return refuse(Refusal::conflict(
                "rightId",
                "须为同一清单的版本；不同乡镇请用 compareTownships。",
                "must be of the same list; for two townships use compareTownships.",
            ));
        }
        let comparison = reading::compare_versions(ctx(context).db().read(), Some(&left), &right).await?;
        Ok(ListComparison::of(comparison))
    }

    /// How the lists of two townships differ (乡镇清单比对). Items of one model item correspond, then those most alike.
    async fn compare_townships(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "List of the one township (一方清单)")] left_list_id: DutyListId,
        #[graphql(desc = "List of the other township (另一方清单)")] right_list_id: DutyListId,
        #[graphql(desc = "In force at this time; now if left out (生效时点)")] as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "As recorded at this time; now if left out (记录时点)")] known_at: Option<DateTime<Utc>>,
    ) -> Reply<ListComparison> {
        let at = self::as_of(context, as_of, known_at);
        let (left, right) =
            (list(context, "leftListId", left_list_id).await?, list(context, "rightListId", right_list_id).await?);
        let db = ctx(context).db().read();
        let holding = store::versions::current(db, &[left.facts().id, right.facts().id], at).await?;
        for side in [left.facts(), right.facts()] {
            if !holding.contains_key(&side.id) {
                return Err(not_in_force(db, side, at.effective).await?.into());
            }
        }
        Ok(ListComparison::of(
            reading::compare_townships(ctx(context).db().read(), left.facts(), right.facts(), at).await?,
        ))
    }

    /// My province's domain classes in their order (领域类别目录).
    async fn duty_domains(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Including retired ones (含已停用)")] include_retired: Option<bool>,
    ) -> Reply<Vec<DutyDomain>> {
        let ctx = ctx(context);
        let province = ctx.actor()?.province;
        let all = store::lists::catalogue(ctx.db().read(), province, include_retired.unwrap_or(false)).await?;
        Ok(all.into_iter().map(|domain| DutyDomain(Arc::new(domain))).collect())
    }

    /// Model items of a list authority, by code (样板事项列表).
    async fn item_templates(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The list authority (清单审定主体)")] authority_id: OrgUnitId,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<ItemTemplateConnection> {
        let ctx = ctx(context);
        let scope = scope::of_actor(ctx)?;
        let authority = org_argument(context, "authorityId", authority_id).await?;
        let select = store::templates::select(&scope, authority.id);
        let page =
            store::templates::page(ctx.db().read(), select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(ItemTemplateConnection::new(page.map(|template| ItemTemplate(Arc::new(template))), Total::count(select)))
    }
}

/// A list the caller may see: with a published version it is public, without one it belongs to the province's members.
pub async fn readable(context: &Context<'_>, found: Option<Arc<store::lists::DutyList>>) -> Reply<Option<DutyList>> {
    let Some(found) = found else { return Ok(None) };
    let ctx = ctx(context);
    let at_home = ctx.member().is_some_and(|actor| actor.province == found.province);
    if !at_home && store::versions::last_published(ctx.db().read(), found.id).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(DutyList::of(found)))
}

async fn version(context: &Context<'_>, path: &'static str, id: VersionId) -> Outcome<Arc<store::versions::Version>> {
    match loader::one::<VersionById>(context, id).await? {
        Some(version) => Ok(version),
        None => refuse(Refusal::not_found(path)),
    }
}

async fn list(context: &Context<'_>, path: &'static str, id: DutyListId) -> Outcome<DutyList> {
    let found = loader::one::<ListById>(context, id).await?;
    match readable(context, found).await? {
        Some(list) => Ok(list),
        None => refuse(Refusal::not_found(path)),
    }
}
