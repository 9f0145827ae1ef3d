//! Messages: Chinese unless English is asked for; codes never change.

use yidan_tests::prelude::*;

fn chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Whether three words in a row are English.
fn has_english(text: &str) -> bool {
    let mut words = 0;
    text.split(' ').any(|word| {
        words =
            if !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b',') { words + 1 } else { 0 };
        words >= 3
    })
}

on_both! {
    async fn messages_are_chinese_by_default_and_english_when_asked_for(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let random = yidan_tests::ids::random("org");
        let refused = async |client: &Client| {
            let act = client.act("renameOrgUnit", json!({ "id": random, "name": "民政局" }), "orgUnit { id }").await;
            assert_eq!(act.refused(), "NOT_FOUND");
            act.refusal()["message"].as_str().unwrap().to_owned()
        };
        assert!(chinese(&refused(&admin).await));
        for (language, expected) in [
            ("en", false),
            ("en-GB,en;q=0.9", false),
            ("zh-CN,zh;q=0.9,en;q=0.8", true),
            ("fr", true),
            ("*", true),
            ("zh;q=0.1, en;q=0.2", false),
            ("en;q=0", true),
            (";;;q=,", true),
        ] {
            let client = admin.with_header("accept-language", language);
            assert_eq!(chinese(&refused(&client).await), expected, "{language}");
        }
        let top = async |client: &Client| client.query("{ accounts { totalCount } }", json!({})).await;
        let (zh, en) = (top(&world.visitor()).await, top(&world.visitor().with_header("accept-language", "en")).await);
        assert_eq!((zh.codes(), en.codes()), (vec!["UNAUTHENTICATED".to_owned()], vec!["UNAUTHENTICATED".to_owned()]));
        assert!(chinese(&zh.messages()[0]) && !chinese(&en.messages()[0]));
        let stale = world.visitor().with_token("x");
        assert!(chinese(&top(&stale).await.messages()[0]));
        assert!(!chinese(&top(&stale.with_header("accept-language", "en")).await.messages()[0]));
    }

    async fn what_does_not_fit_the_protocol_is_told_in_both_languages_too(world: World) {
        let wrong = [
            (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED"),
            (json!({ "query": "{ nonsense }" }), "GRAPHQL_VALIDATION_FAILED"),
            (json!({ "query": "query a { __typename } query b { __typename }" }), "OPERATION_RESOLUTION_FAILURE"),
            (json!({ "query": "query($a: Int!) { __typename }" }), "BAD_USER_INPUT"),
            (json!({ "query": "{ workingDay(after: \"2026-13-01\", count: 1) }" }), "BAD_USER_INPUT"),
            (json!({ "query": format!("{{{}}}", " __typename".repeat(2_000)) }), "LIMIT_EXCEEDED"),
            (json!([]), "BAD_REQUEST"),
        ];
        let english = world.visitor().with_header("accept-language", "en");
        for (body, code) in wrong {
            let (zh, en) = (world.visitor().post(body.to_string()).await, english.post(body.to_string()).await);
            assert_eq!((zh.codes(), en.codes()), (vec![code.to_owned()], vec![code.to_owned()]), "{body}");
            assert!(chinese(&zh.messages()[0]) && !chinese(&en.messages()[0]), "{} {}", zh.text, en.text);
            assert!(code == "GRAPHQL_PARSE_FAILED" || !has_english(&zh.messages()[0]), "{}", zh.text);
        }
        for document in [
            "{ node(id: 1) { nonsense } }",
            "{ node { id } }",
            "{ divisions(nonsense: 1) { totalCount } }",
            "query($a: Nonsense) { __typename }",
            "query($a: Int) { __typename }",
            "query($a: String) { node(id: $a) { id } }",
            "{ ...nonsense }",
            "{ divisions { nodes } }",
            "{ workingDay(after: \"2026-01-01\", count: 1) { x } }",
            "{ division(code: \"320102\") { ... on Nonsense { id } } }",
            "{ webhookEndpoint(id: \"x\") { id } }",
            "subscription { a: queueChanges { cursor } b: queueChanges { cursor } }",
        ] {
            let answer = world.visitor().query(document, json!({})).await;
            assert!(!answer.messages().is_empty() && answer.messages().iter().all(|said| chinese(said) && !has_english(said)), "{}", answer.text);
        }
    }

    async fn names_of_types_stay_as_they_are(world: World) {
        let document = "query($a: ID) { node(id: $a) { id } }";
        let told = world.visitor().query(document, json!({})).await;
        assert!(told.messages()[0].contains(" ID") && told.messages()[0].contains(" ID!"), "{}", told.text);
        assert!(!told.messages()[0].contains("标识"), "{}", told.text);
    }

    async fn a_province_chooses_its_default(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        admin.act("updateProvinceAccess", json!({ "language": "EN" }), "province { language }").await.done();
        let rename = async |client: &Client| {
            let input = json!({ "id": jiangsu.operator.id, "name": "" });
            client.act("renameOrgUnit", input, "orgUnit { id }").await.refusal()["message"].as_str().unwrap().to_owned()
        };
        assert!(!chinese(&rename(&admin).await));
        assert!(chinese(&rename(&admin.with_header("accept-language", "zh")).await));
    }
}
