//! Documents by name, and how much one caller may ask over time.

use std::sync::Arc;

use ring::digest::{SHA256, digest};
use yidan::{
    app::HttpConfig,
    http::{bucket::BucketSize, limits::Limits, trusted::Trusted},
};
use yidan_tests::{prelude::*, world::Settings};

const VIEWER: &str = "query Viewer { viewer { account { username } } }";

fn hash(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A node that knows the documents of a manifest as Relay writes it.
async fn knowing(world: &World, only: bool) -> World {
    let file = tempfile::NamedTempFile::new().unwrap();
    let manifest = json!({ "viewer": VIEWER, hash(VIEWER): VIEWER, "rename": "mutation Rename($input: RenameOrgUnitInput!) { renameOrgUnit(input: $input) { orgUnit { name } } }" });
    std::fs::write(file.path(), manifest.to_string()).unwrap();
    let trusted = Arc::new(Trusted::load([file.path()], only, &Limits::default()).unwrap());
    world.node(Settings { http: HttpConfig { trusted, ..HttpConfig::default() }, ..Settings::default() }).await
}

async fn post(client: &Client, body: Value) -> Answer {
    client.post(body.to_string()).await
}

fn persisted(text: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(text) } })
}

on_both! {
    async fn a_document_of_a_manifest_is_asked_for_by_its_id(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let node = knowing(&world, false).await;
        let client = node.visitor().logged_in(who.clone()).await;
        for id in ["viewer".to_owned(), hash(VIEWER), format!("sha256:{}", hash(VIEWER))] {
            let answer = post(&client, json!({ "documentId": id, "operationName": "Viewer" })).await.good();
            assert_eq!(answer.data("/viewer/account/username"), &json!(who.username));
        }
        assert_eq!(client.get("/graphql?documentId=viewer").await.good().text_at("/viewer/account/username"), who.username);
        let input = json!({ "id": jiangsu.operator.id, "name": "运维" });
        let renamed = post(&client, json!({ "documentId": "rename", "variables": { "input": input } })).await.good();
        assert_eq!(renamed.data("/renameOrgUnit/orgUnit/name"), "运维");
        assert_eq!(client.get("/graphql?documentId=rename").await.status, 405, "a mutation is not asked for with GET");
        assert_eq!(post(&client, json!({ "documentId": "x" })).await.codes(), ["DOCUMENT_UNKNOWN"]);
        assert_eq!(post(&client, json!({ "documentId": "viewer", "query": "{ __typename }" })).await.status, 400);
        post(&client, json!({ "query": "{ __typename }" })).await.good();
    }

    async fn where_only_trusted_documents_are_answered_nothing_else_is(world: World) {
        let node = knowing(&world, true).await;
        let visitor = node.visitor();
        post(&visitor, json!({ "documentId": "viewer" })).await.good();
        post(&visitor, json!({ "query": VIEWER })).await.good();
        for text in ["{ __typename }", "{ __schema { types { name } } }", &format!("{VIEWER} ")] {
            assert_eq!(post(&visitor, json!({ "query": text })).await.codes(), ["DOCUMENT_NOT_TRUSTED"], "{text}");
            let registering = post(&visitor, json!({ "query": text, "extensions": persisted(text) })).await;
            assert_eq!(registering.codes(), ["PERSISTED_QUERY_NOT_SUPPORTED"]);
        }
        assert_eq!(visitor.get("/graphql?query=%7B__typename%7D").await.codes(), ["DOCUMENT_NOT_TRUSTED"]);
        // A manifest whose ids are hashes serves the clients that register documents, too.
        post(&visitor, json!({ "extensions": persisted(VIEWER) })).await.good();
    }

    async fn a_document_is_registered_by_its_hash_once(world: World) {
        let visitor = world.visitor();
        let miss = post(&visitor, json!({ "extensions": persisted(VIEWER) })).await;
        assert_eq!((miss.status, miss.codes(), miss.messages()), (200, vec!["PERSISTED_QUERY_NOT_FOUND".into()], vec!["PersistedQueryNotFound".into()]));
        let wrong = post(&visitor, json!({ "query": "{ __typename }", "extensions": persisted(VIEWER) })).await;
        assert_eq!((wrong.status, wrong.codes()), (400, vec!["BAD_REQUEST".into()]));
        post(&visitor, json!({ "query": VIEWER, "extensions": persisted(VIEWER) })).await.good();
        post(&visitor, json!({ "extensions": persisted(VIEWER) })).await.good();
        let asked = format!("/graphql?extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22{}%22%7D%7D", hash(VIEWER));
        visitor.get(&asked).await.good();
        assert_eq!(post(&visitor, json!({ "extensions": { "persistedQuery": { "version": 2 } } })).await.status, 400);
    }

    async fn who_asks_too_much_waits_and_nobody_else_does(world: World) {
        let jiangsu = world.province("320000").await;
        let bucket = Some(BucketSize { size: 1_000, refill: 10 });
        let node = world.node(Settings { http: HttpConfig { bucket, ..HttpConfig::default() }, ..Settings::default() }).await;
        let mut people = Vec::new();
        for _ in 0..2 {
            let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
            people.push(node.visitor().logged_in(who).await);
        }
        let page = "{ divisions(level: PROVINCE, first: 20) { nodes { id name code level kind } } }";
        let cost = 1 + 20 * 6;
        let mut left = 1_000;
        while left >= cost {
            let answer = people[0].query(page, json!({})).await.good();
            left -= cost;
            let told = &answer.body["extensions"]["cost"];
            assert_eq!(told["requested"], cost);
            let remaining = told["bucket"]["remaining"].as_i64().unwrap();
            assert!((left..left + 5).contains(&remaining), "{told}");
        }
        let refused = people[0].query(page, json!({})).await;
        assert_eq!((refused.status, refused.codes()), (429, vec!["RATE_LIMITED".into()]));
        let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=13).contains(&wait), "{wait}");
        people[1].query(page, json!({})).await.good();
        node.visitor().query(page, json!({})).await.good();
        world.wait(TimeDelta::seconds(wait));
        people[0].query(page, json!({})).await.good();
    }
}
