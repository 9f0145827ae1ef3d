//! The same questions for both crates; that they compile is the test.

pub mod by_cynic {
    #[cynic::schema("yidan")]
    mod schema {}

    #[derive(cynic::QueryVariables)]
    pub struct SearchVariables {
        pub text: String,
        pub within: Option<String>,
    }

    #[derive(cynic::QueryFragment)]
    #[cynic(graphql_type = "Query", variables = "SearchVariables")]
    pub struct Search {
        #[arguments(text: $text, within: $within)]
        pub search_duty_items: DutySearchConnection,
    }

    #[derive(cynic::QueryFragment)]
    pub struct DutySearchConnection {
        pub total_count: i32,
        pub nodes: Vec<DutySearchHit>,
    }

    #[derive(cynic::QueryFragment)]
    pub struct DutySearchHit {
        pub item: DutyItemRevision,
    }

    #[derive(cynic::QueryFragment)]
    pub struct DutyItemRevision {
        pub code: String,
        pub category: DutyCategory,
    }

    #[derive(cynic::Enum, Clone, Copy)]
    pub enum DutyCategory {
        Basic,
        Cooperative,
        Reclaimed,
    }
}

pub mod by_graphql_client {
    use graphql_client::GraphQLQuery;

    type DateTime = String;

    #[derive(GraphQLQuery)]
    #[graphql(schema_path = "../../../schema.graphql", query_path = "src/questions.graphql", response_derives = "Debug")]
    pub struct Search;

    #[derive(GraphQLQuery)]
    #[graphql(schema_path = "../../../schema.graphql", query_path = "src/questions.graphql", response_derives = "Debug")]
    pub struct Queue;

    #[derive(GraphQLQuery)]
    #[graphql(schema_path = "../../../schema.graphql", query_path = "src/questions.graphql", response_derives = "Debug")]
    pub struct Receive;
}
