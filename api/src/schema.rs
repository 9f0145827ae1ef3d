//! The one schema: the wings' parts put together.

use std::sync::Arc;

use async_graphql::{
    Context, ID, Interface, MergedObject, MergedSubscription, Object, Request, Response, SDLExportOptions, Schema,
    SchemaBuilder, ServerError, ValidationMode,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    parser::types::ExecutableDocument,
    types::Json,
};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;

use crate::{
    adjustment::graphql::{Adjustment, AdjustmentMutation, AdjustmentQuery, LawChange, LawWatch},
    admission::graphql::{Admission, AdmissionMutation, AdmissionQuery},
    duty_list::graphql::{
        DutyDomain, DutyItem, DutyItemRevision, DutyList, DutyListMutation, DutyListQuery, ItemTemplate, ListVersion,
        ObligationQuery, SheetQuery,
    },
    evaluation::graphql::{EvaluationMutation, EvaluationQuery, EvaluationRound},
    identity::graphql::{Account, IdentityMutation, IdentityQuery, Post},
    kernel::{
        graphql::{Reply, UserError},
        ids,
        refusal::{InputProblem, Refusal},
    },
    proceeding::graphql::{EvidenceQuery, LiveSubscription, QueueQuery},
    territory::graphql::{Division, InternalOffice, OrgUnit, Position, Province, TerritoryMutation, TerritoryQuery},
    webhook::graphql::{WebhookEndpoint, WebhookMutation, WebhookQuery},
};

/// Anything with an id of its own (节点), as Relay defines it.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Id (标识); opaque, never built by clients."))]
#[expect(clippy::large_enum_variant, reason = "made, looked at and dropped one at a time")]
pub enum Node {
    /// A division.
    Division(Division),
    /// An organisation.
    OrgUnit(OrgUnit),
    /// An internal office.
    InternalOffice(InternalOffice),
    /// A position.
    Position(Position),
    /// A province.
    Province(Province),
    /// An account.
    Account(Account),
    /// A post.
    Post(Post),
    /// A duty list.
    DutyList(DutyList),
    /// A version of a list.
    ListVersion(ListVersion),
    /// An item.
    DutyItem(DutyItem),
    /// A revision of an item.
    DutyItemRevision(DutyItemRevision),
    /// A domain class.
    DutyDomain(DutyDomain),
    /// A model item.
    ItemTemplate(ItemTemplate),
    /// An adjustment request.
    Adjustment(Adjustment),
    /// An admission request.
    Admission(Admission),
    /// A registered change of law.
    LawChange(LawChange),
    /// What an authority has to do about a change of law.
    LawWatch(LawWatch),
    /// An evaluation round.
    EvaluationRound(EvaluationRound),
    /// An endpoint of webhooks.
    WebhookEndpoint(WebhookEndpoint),
}

/// Looking things up by their ids.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id (按标识查询); null if there is nothing with this id that the caller may see.
    async fn node(&self, context: &Context<'_>, #[graphql(desc = "Id (标识)")] id: ID) -> Reply<Option<Node>> {
        node(context, &id).await
    }

    /// Several things by their ids, in the order asked for (按标识批量查询); null where there is nothing.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Ids, at most 100 (标识)")] ids: Vec<ID>,
    ) -> Reply<Vec<Option<Node>>> {
        if ids.len() > 100 {
            return Err(Refusal::invalid("ids", InputProblem::TooMany { max: 100 }).into());
        }
        let all = ids.iter().map(|id| node(context, id));
        futures_util::future::try_join_all(all).await
    }
}

async fn node(context: &Context<'_>, id: &str) -> Reply<Option<Node>> {
    use crate::{
        adjustment::graphql as adjustment, admission::graphql as admission, duty_list::graphql as duty_list,
        evaluation::graphql as evaluation, identity::graphql as identity, kernel::graphql::loader,
        territory::graphql as territory,
    };
    let Some((prefix, uuid)) = ids::parse(id) else { return Ok(None) };
    let is_member = crate::kernel::graphql::ctx(context).member().is_some();
    Ok(match prefix {
        ids::DivisionId::PREFIX => {
            loader::one::<territory::DivisionById>(context, uuid.into()).await?.map(|facts| Division::of(facts).into())
        }
        ids::OrgUnitId::PREFIX => territory::query::org_node(context, uuid.into()).await?.map(Into::into),
        ids::OfficeId::PREFIX if is_member => loader::one::<territory::OfficeById>(context, uuid.into())
            .await?
            .map(|facts| InternalOffice::of(facts).into()),
        ids::PositionId::PREFIX if is_member => {
            loader::one::<territory::PositionById>(context, uuid.into()).await?.map(|facts| Position::of(facts).into())
        }
        ids::ProvinceId::PREFIX => territory::query::province_node(context, uuid.into()).await?.map(Into::into),
        ids::AccountId::PREFIX => identity::query::account_node(context, uuid.into()).await?.map(Into::into),
        ids::PostId::PREFIX => identity::query::post_node(context, uuid.into()).await?.map(Into::into),
        ids::DutyListId::PREFIX => {
            let found = loader::one::<duty_list::loaders::ListById>(context, uuid.into()).await?;
            duty_list::query::readable(context, found).await?.map(Into::into)
        }
        ids::VersionId::PREFIX => loader::one::<duty_list::loaders::VersionById>(context, uuid.into())
            .await?
            .map(|facts| ListVersion::of(facts).into()),
        ids::DutyItemId::PREFIX => {
            loader::one::<duty_list::loaders::ItemById>(context, uuid.into()).await?.map(|facts| DutyItem(facts).into())
        }
        ids::RevisionId::PREFIX => loader::one::<duty_list::loaders::RevisionById>(context, uuid.into())
            .await?
            .map(|facts| DutyItemRevision(facts).into()),
        ids::DomainId::PREFIX if is_member => loader::one::<duty_list::loaders::DomainById>(context, uuid.into())
            .await?
            .map(|facts| DutyDomain(facts).into()),
        ids::TemplateId::PREFIX if is_member => loader::one::<duty_list::loaders::TemplateById>(context, uuid.into())
            .await?
            .map(|facts| ItemTemplate(facts).into()),
        ids::AdjustmentId::PREFIX => adjustment::objects::adjustment(context, uuid.into()).await?.map(Into::into),
        ids::AdmissionId::PREFIX => admission::objects::admission(context, uuid.into()).await?.map(Into::into),
        ids::LawChangeId::PREFIX => adjustment::law::law_change(context, uuid.into()).await?.map(Into::into),
        ids::LawWatchId::PREFIX => adjustment::law::law_watch(context, uuid.into()).await?.map(Into::into),
        ids::RoundId::PREFIX => loader::one::<evaluation::RoundById>(context, uuid.into())
            .await?
            .map(|facts| EvaluationRound::of(facts).into()),
        ids::WebhookEndpointId::PREFIX => {
            crate::webhook::graphql::webhook_endpoint(context, uuid.into()).await?.map(Into::into)
        }
        _ => None,
    })
}

/// Questions (查询).
#[derive(MergedObject, Default)]
pub struct Query(NodeQuery, IdentityQuery, TerritoryQuery, ProcedureQuery, ListQuery, ChangeQuery, EvaluationQuery);

/// Adjustment and admission.
#[derive(MergedObject, Default)]
pub struct ChangeQuery(AdjustmentQuery, AdmissionQuery);

/// Lists and obligations.
#[derive(MergedObject, Default)]
pub struct ListQuery(DutyListQuery, ObligationQuery, SheetQuery);

/// Queues, evidence, and who is told of it.
#[derive(MergedObject, Default)]
pub struct ProcedureQuery(QueueQuery, EvidenceQuery, WebhookQuery);

/// Acts (操作). Each takes one `input` and answers what it did, or in `userErrors` why not.
#[derive(MergedObject, Default)]
pub struct Mutation(
    IdentityMutation,
    TerritoryMutation,
    DutyListMutation,
    AdjustmentMutation,
    AdmissionMutation,
    EvaluationMutation,
    WebhookMutation,
);

/// Questions that go on (订阅), answered over a WebSocket or server-sent events.
#[derive(MergedSubscription, Default)]
pub struct Subscription(LiveSubscription);

/// The schema's type.
pub type YidanSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema. What it runs has been judged by a [`Checker`].
#[must_use]
pub fn build() -> YidanSchema {
    builder(ValidationMode::Fast, false).finish()
}

fn builder(mode: ValidationMode, suggestions: bool) -> SchemaBuilder<Query, Mutation, Subscription> {
    let mut builder = Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .override_output_type_description::<DateTime<Utc>>(
            "A moment (时间) as RFC 3339 writes it; answers are in UTC, such as `2026-01-31T01:00:00Z`.",
        )
        .override_output_type_description::<Json<serde_json::Value>>(
            "Any JSON value (JSON数据): what was recorded, as it was recorded.",
        )
        .register_output_type::<UserError>()
        .limit_recursive_depth(32)
        .limit_directives(5);
    if matches!(mode, ValidationMode::Fast) {
        builder = builder.validation_mode(ValidationMode::Fast);
    }
    if !suggestions {
        builder = builder.disable_suggestions();
    }
    builder
}

/// Says whether documents fit the schema.
pub struct Checker(YidanSchema);

/// Stops where an operation would begin to run.
struct NotRun;

impl ExtensionFactory for NotRun {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for NotRun {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::default()
    }
}

impl Checker {
    /// One that names what may have been meant, or does not.
    #[must_use]
    pub fn new(suggestions: bool) -> Self {
        Self(builder(ValidationMode::Strict, suggestions).extension(NotRun).finish())
    }

    /// In what a document does not fit. `name` is that of one of its operations, if they have names.
    #[must_use]
    pub fn check(&self, document: ExecutableDocument, name: Option<&str>) -> Vec<ServerError> {
        let mut request = Request::new(String::new());
        request.operation_name = name.map(str::to_owned);
        request.set_parsed_query(document);
        // Nothing is waited for where nothing runs.
        self.0.execute(request).now_or_never().unwrap_or_default().errors
    }
}

/// The schema as text, in a stable order.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    build().sdl_with_options(options)
}
