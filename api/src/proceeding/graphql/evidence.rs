//! Evidence in the schema: the timeline of a proceeding, and the whole of it for inspectors in their territory.

use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};

use crate::{
    kernel::{
        fault::{Fault, Outcome, refuse},
        graphql::{Reply, connection::Total, ctx},
        ids::{self, AccountId, AuditEventId, OrgUnitId, ProceedingId},
        paging::PageArgs,
        policy::{self, Action, Target},
        refusal::{InputProblem, Refusal},
        role::Role,
        scope::Scope,
    },
    proceeding::{
        rules::subject_id,
        store::{self, EventFilter},
    },
    territory::graphql::{OrgUnit, named_org},
};

/// An event of the evidence.
#[derive(Clone)]
pub struct AuditEvent(store::EventRow);

crate::connection! {
    /// A list of events (留痕列表).
    AuditEventConnection, AuditEventEdge, AuditEvent
}

impl AuditEvent {
    /// An event that the caller may read.
    pub(super) fn of(row: store::EventRow) -> Self {
        Self(row)
    }
}

/// What was done, by whom, when and why (留痕); append-only and chained by hash within a province.
#[Object]
impl AuditEvent {
    /// Id (标识).
    async fn id(&self) -> AuditEventId {
        self.0.id.into()
    }

    /// Number in the province's chain, without gaps (链内序号).
    async fn sequence(&self) -> String {
        self.0.seq.to_string()
    }

    /// When (时间).
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The act (操作).
    async fn act(&self) -> Option<Action> {
        self.0.act.parse().ok()
    }

    /// Organisation and name of the person as they were then; the system for what time does; empty for a ballot (操作人).
    async fn actor_name(&self) -> &str {
        &self.0.actor_name
    }

    /// The role acted in (角色).
    async fn role(&self) -> Option<Role> {
        self.0.role.as_deref().and_then(|role| role.parse().ok())
    }

    /// The organisation acted for (操作单位).
    async fn organisation(&self, context: &Context<'_>) -> Reply<Option<OrgUnit>> {
        match self.0.org_unit_id {
            Some(org) => named_org(context, org.into()).await.map(Some),
            None => Ok(None),
        }
    }

    /// The organisation concerned, beside the one that acted (所涉单位).
    async fn concerns(&self, context: &Context<'_>) -> Reply<Option<OrgUnit>> {
        match self.0.scope_org_id {
            Some(org) => named_org(context, org.into()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Type of what was acted on (对象类型).
    async fn target_kind(&self) -> &str {
        &self.0.target_kind
    }

    /// Id of what was acted on (对象标识); whether `node` shows it depends on what the reader may see.
    async fn subject_id(&self) -> Reply<ID> {
        let id = subject_id(&self.0.target_kind, self.0.target_id);
        Ok(id.ok_or_else(|| Fault::new(format!("an event about a {}", self.0.target_kind)))?.into())
    }

    /// The reason given (理由).
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// What was (变更前).
    async fn before(&self) -> Option<Json<&serde_json::Value>> {
        self.0.before.as_ref().map(Json)
    }

    /// What is (变更后).
    async fn after(&self) -> Option<Json<&serde_json::Value>> {
        self.0.after.as_ref().map(Json)
    }

    /// Id of the request, as in the server's log (请求编号).
    async fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Hash of this event; covers all its fields and the hash before it (哈希).
    async fn hash(&self) -> &str {
        &self.0.hash
    }
}

/// The timeline of a proceeding the caller sees, oldest first.
pub async fn timeline(context: &Context<'_>, id: ProceedingId, page: PageArgs) -> Reply<AuditEventConnection> {
    let filter = EventFilter { proceeding: Some(id.0), ..EventFilter::default() };
    events(context, None, &filter, false, page).await
}

async fn events(
    context: &Context<'_>,
    scope: Option<&Scope>,
    filter: &EventFilter,
    newest_first: bool,
    page: PageArgs,
) -> Reply<AuditEventConnection> {
    let select = store::select_events(scope, filter);
    let page = store::event_page(ctx(context).db().read(), select.clone(), newest_first, &page).await?;
    Ok(AuditEventConnection::new(page.map(AuditEvent), Total::count(select)))
}

/// Questions about evidence.
#[derive(Default)]
pub struct EvidenceQuery;

#[Object]
impl EvidenceQuery {
    /// What was done in my territory, newest first (留痕查阅). Inspection, discipline, burden-reduction and establishment
    /// offices.
    async fn audit_events(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Of or about the thing with this id: a proceeding, an organisation, an account, an item … (对象标识)"
        )]
        subject_id: Option<ID>,
        #[graphql(desc = "By this person (操作人账号)")] account_id: Option<AccountId>,
        #[graphql(desc = "By or about this organisation (单位)")] org_unit_id: Option<OrgUnitId>,
        #[graphql(desc = "Of this act (操作)")] act: Option<Action>,
        #[graphql(desc = "Not before (起始时间)")] from: Option<DateTime<Utc>>,
        #[graphql(desc = "Before (截止时间)")] to: Option<DateTime<Utc>>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<AuditEventConnection> {
        let ctx = ctx(context);
        let actor = ctx.actor()?;
        let target = Target::at(actor.org.0, actor.province, &actor.path);
        policy::check(Action::ReadEvidence, actor, &target)?;
        let subject = match subject_id {
            Some(id) => Some(any_id(&id)?),
            None => None,
        };
        let (proceeding, target) = match subject {
            Some((prefix, id)) if PROCEEDINGS.contains(&prefix.as_str()) => (Some(id), None),
            Some((_, id)) => (None, Some(id)),
            None => (None, None),
        };
        let filter =
            EventFilter { proceeding, target, account: account_id.map(|id| id.0), org: org_unit_id, act, from, to };
        events(context, Some(&Scope::of(ctx)), &filter, true, PageArgs { first, after, last, before }).await
    }
}

const PROCEEDINGS: [&str; 5] = [
    ids::AdjustmentId::PREFIX,
    ids::AdmissionId::PREFIX,
    ids::VersionId::PREFIX,
    ids::LawWatchId::PREFIX,
    ids::RoundId::PREFIX,
];

fn any_id(id: &str) -> Outcome<(String, uuid::Uuid)> {
    match ids::parse(id) {
        Some((prefix, uuid)) => Ok((prefix.to_owned(), uuid)),
        None => refuse(Refusal::invalid("subjectId", InputProblem::Malformed { expected: "an id of this system" })),
    }
}
