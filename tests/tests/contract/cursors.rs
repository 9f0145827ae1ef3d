//! Cursors are opaque: one that was bent is refused, never believed and never a fault.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use yidan_tests::{
    ids,
    prelude::*,
    sdl::{Root, Sampler, Schema},
};

/// Values that no list hands out, one for each kind of key and for none.
fn strange() -> Vec<Value> {
    vec![
        json!("\0"),
        json!("\u{202e}"),
        json!("x".repeat(1_500)),
        json!(""),
        json!("00000000-0000-0000-0000-000000000000"),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!(null),
        json!([]),
        json!({}),
        json!(true),
        json!("0000-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:59Z"),
        json!("+262142-12-31T23:59:59Z"),
        json!("-262143-01-01T00:00:00Z"),
    ]
}

on_both! {
    async fn a_bent_cursor_is_refused_or_harmless_in_every_list(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        county.department("民政局").await;
        let callers = [
            jiangsu.admin().await,
            county.person(Role::Inspector).await,
            county.person(Role::EoCounty).await,
            world.visitor(),
        ];
        let schema = Schema::current();
        let sampler = Sampler::minimal(&schema);
        let mut bent = 0;
        for operation in schema.operations() {
            let paged = operation.arguments.iter().any(|argument| argument.name == "first");
            if operation.root != Root::Query || !paged {
                continue;
            }
            let (variables, leaves) = sampler.variables(&operation);
            let kinds = ids::kinds(&world.visitor(), &operation, &variables, &leaves).await;
            let variables = ids::filled(&variables, &leaves, &kinds);
            for caller in &callers {
                let mut nonsense: Vec<String> = vec![
                    String::new(),
                    "x".into(),
                    "é".into(),
                    "=".into(),
                    "x".repeat(100_000),
                    BASE64.encode("[]"),
                    BASE64.encode("null"),
                    BASE64.encode("[\"division\",[]]"),
                    BASE64.encode([0xff, 0xfe]),
                ];
                let mut first = variables.clone();
                first["first"] = json!(1);
                let page = caller.query(&operation.document, first.clone()).await;
                let cursor = page.data(&format!("/{}/pageInfo/endCursor", operation.name));
                if let Some(cursor) = cursor.as_str() {
                    let (name, keys): (String, Vec<Value>) =
                        serde_json::from_slice(&BASE64.decode(cursor).unwrap()).unwrap();
                    for place in 0..keys.len() {
                        for value in strange() {
                            let mut keys = keys.clone();
                            keys[place] = value;
                            nonsense.push(BASE64.encode(json!([name, keys]).to_string()));
                            bent += 1;
                        }
                    }
                    nonsense.push(BASE64.encode(json!(["another list", keys]).to_string()));
                }
                for cursor in nonsense {
                    for side in ["after", "before"] {
                        let mut variables = first.clone();
                        variables[side] = json!(cursor);
                        let answer = caller.query(&operation.document, variables).await;
                        let codes = answer.codes();
                        let fine = codes.is_empty()
                            || codes.iter().all(|code| {
                                matches!(code.as_str(), "INVALID_INPUT" | "FORBIDDEN" | "UNAUTHENTICATED" | "NOT_FOUND")
                            });
                        assert!(answer.status == 200 && fine, "{} {side} {cursor}: {}", operation.name, answer.text);
                    }
                }
            }
        }
        assert!(bent > 100, "{bent}");
    }

    async fn pages_have_their_bounds_everywhere(world: World) {
        let schema = Schema::current();
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let paged = |operation: &yidan_tests::sdl::Operation| {
            operation.arguments.iter().any(|argument| argument.name == "first")
        };
        for operation in schema.operations().into_iter().filter(paged) {
            let (variables, leaves) = Sampler::minimal(&schema).variables(&operation);
            let kinds = ids::kinds(&world.visitor(), &operation, &variables, &leaves).await;
            let variables = ids::filled(&variables, &leaves, &kinds);
            let asked = async |page: Value| {
                let mut variables = variables.clone();
                variables.as_object_mut().unwrap().extend(page.as_object().unwrap().clone());
                admin.query(&operation.document, variables).await.codes()
            };
            let usual = asked(json!({})).await;
            assert_eq!(asked(json!({ "first": 0 })).await, usual, "{}", operation.name);
            assert_eq!(asked(json!({ "last": 100 })).await, usual, "{}", operation.name);
            if usual.is_empty() {
                for page in [
                    json!({ "first": -1 }),
                    json!({ "first": 101 }),
                    json!({ "last": -1 }),
                    json!({ "last": i32::MAX }),
                    json!({ "first": 1, "last": 1 }),
                ] {
                    assert_eq!(asked(page.clone()).await, ["INVALID_INPUT"], "{} {page}", operation.name);
                }
            }
        }
    }
}
