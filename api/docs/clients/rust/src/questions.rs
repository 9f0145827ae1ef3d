//! Everything this program asks, as types that are checked against the schema.

#[cynic::schema("yidan")]
mod schema {}

/// A moment, RFC 3339 in UTC.
#[derive(cynic::Scalar, Clone, Debug)]
pub struct DateTime(pub String);

#[derive(cynic::InputObject)]
pub struct LoginInput {
    pub province_code: String,
    pub username: String,
    pub password: String,
}

#[derive(cynic::QueryVariables)]
pub struct LoginVariables {
    pub input: LoginInput,
}

#[derive(cynic::QueryFragment)]
#[cynic(graphql_type = "Mutation", variables = "LoginVariables")]
pub struct Login {
    #[arguments(input: $input)]
    pub login: SessionPayload,
}

#[derive(cynic::QueryVariables)]
pub struct RefreshVariables {
    pub refresh_token: String,
}

#[derive(cynic::QueryFragment)]
#[cynic(graphql_type = "Mutation", variables = "RefreshVariables")]
pub struct Refresh {
    #[arguments(refreshToken: $refresh_token)]
    pub refresh_session: SessionPayload,
}

#[derive(cynic::QueryFragment)]
pub struct SessionPayload {
    pub tokens: Option<SessionTokens>,
    pub user_errors: Vec<Refusal>,
}

#[derive(cynic::QueryFragment, Clone)]
pub struct SessionTokens {
    pub access_token: String,
    pub refresh_token: String,
}

/// Why something is not done: a type for each reason that has facts to tell, a code for every one.
#[derive(cynic::InlineFragments, Debug)]
#[cynic(graphql_type = "UserError")]
pub enum Refusal {
    RouteMismatch(RouteMismatchError),
    #[cynic(fallback)]
    Other(OtherRefusal),
}

#[derive(cynic::QueryFragment, Debug)]
pub struct RouteMismatchError {
    pub message: String,
    pub correct_route: Route,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "UserError")]
pub struct OtherRefusal {
    pub code: RefusalCode,
    pub message: String,
}

/// The codes on which this program branches; what later versions of the server add is among the others.
#[derive(cynic::Enum, Clone, Debug)]
#[cynic(non_exhaustive)]
pub enum RefusalCode {
    CredentialsRefused,
    RouteMismatch,
    #[cynic(fallback)]
    Other(String),
}

#[derive(cynic::Enum, Clone, Copy, Debug)]
pub enum Route {
    Adjustment,
    Admission,
    #[cynic(fallback)]
    Later,
}

#[derive(cynic::QueryVariables)]
pub struct PageVariables {
    pub first: i32,
    pub after: Option<String>,
}

#[derive(cynic::QueryFragment)]
#[cynic(graphql_type = "Query", variables = "PageVariables")]
pub struct Obligations {
    #[arguments(first: $first, after: $after)]
    pub obligations: ObligationConnection,
}

#[derive(cynic::QueryFragment)]
pub struct ObligationConnection {
    pub total_count: i32,
    pub nodes: Vec<Obligation>,
    pub page_info: PageInfo,
}

#[derive(cynic::QueryFragment)]
pub struct PageInfo {
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

#[derive(cynic::QueryFragment)]
pub struct Obligation {
    pub township: Division,
    pub item: DutyItemRevision,
}

#[derive(cynic::QueryFragment)]
pub struct Division {
    pub name: String,
}

#[derive(cynic::QueryFragment)]
pub struct DutyItemRevision {
    pub code: String,
    pub name: String,
}

#[derive(cynic::Enum, Clone, Copy)]
pub enum ChangeOrigin {
    CentralDeployment,
    CityOrder,
    CountyOrder,
    DepartmentProposal,
    LawChange,
    ProvincialRequirement,
    TownshipApplication,
}

#[derive(cynic::Enum, Clone, Copy)]
pub enum ChangeDirection {
    Add,
    Reclassify,
    Remove,
    RenameDept,
    Reword,
}

#[derive(cynic::InputObject)]
pub struct ProposedChangeInput {
    pub direction: ChangeDirection,
}

#[derive(cynic::InputObject)]
pub struct CreateAdjustmentInput {
    pub title: String,
    pub origin: ChangeOrigin,
    pub reason: String,
    pub changes: Vec<ProposedChangeInput>,
}

#[derive(cynic::QueryVariables)]
pub struct DraftVariables {
    pub input: CreateAdjustmentInput,
}

#[derive(cynic::QueryFragment)]
#[cynic(graphql_type = "Mutation", variables = "DraftVariables")]
pub struct Draft {
    #[arguments(input: $input)]
    pub create_adjustment: AdjustmentPayload,
}

#[derive(cynic::QueryFragment)]
pub struct AdjustmentPayload {
    pub user_errors: Vec<Refusal>,
}

#[derive(cynic::QueryFragment)]
#[cynic(graphql_type = "Query")]
pub struct Waiting {
    #[arguments(first: 1, states: ["SUBMITTED"])]
    pub admissions: AdmissionConnection,
}

#[derive(cynic::QueryFragment)]
pub struct AdmissionConnection {
    pub nodes: Vec<Admission>,
}

#[derive(cynic::QueryFragment)]
pub struct Admission {
    pub id: cynic::Id,
    pub number: String,
    pub revision: i32,
}

#[derive(cynic::InputObject)]
pub struct ReceiveAdmissionInput {
    pub id: cynic::Id,
    pub expected_revision: Option<i32>,
    pub idempotency_key: Option<String>,
}

#[derive(cynic::QueryVariables)]
pub struct ReceiveVariables {
    pub input: ReceiveAdmissionInput,
}

#[derive(cynic::QueryFragment)]
#[cynic(graphql_type = "Mutation", variables = "ReceiveVariables")]
pub struct Receive {
    #[arguments(input: $input)]
    pub receive_admission: AdmissionPayload,
}

#[derive(cynic::QueryFragment)]
pub struct AdmissionPayload {
    pub admission: Option<Admission>,
    pub user_errors: Vec<Refusal>,
}

#[derive(cynic::QueryVariables)]
pub struct QueueVariables {
    pub after: Option<String>,
}

#[derive(cynic::QueryFragment)]
#[cynic(graphql_type = "Subscription", variables = "QueueVariables")]
pub struct QueueChanges {
    #[arguments(after: $after)]
    pub queue_changes: QueueChange,
}

#[derive(cynic::QueryFragment, Debug)]
pub struct QueueChange {
    pub cursor: String,
    pub at: DateTime,
    pub entry: QueueEntry,
}

#[derive(cynic::QueryFragment, Debug)]
pub struct QueueEntry {
    pub proceeding: ProceedingSummary,
}

#[derive(cynic::QueryFragment, Debug)]
pub struct ProceedingSummary {
    pub number: String,
}
