//! How much may be asked: each excess is refused with a code before it costs anything.

use std::{
    fmt::Write as _,
    io::{Read, Write as _},
    net::TcpStream,
};

use ureq::http;
use yidan::app::HttpConfig;
use yidan_tests::{prelude::*, world::Settings};

/// Twenty-five fragments, each of which spreads the next twice: a few hundred bytes that ask for thirty million fields.
fn bomb() -> String {
    let mut text = String::from("{ ...f0 }");
    for number in 0..25 {
        let next = number + 1;
        let _ = write!(text, " fragment f{number} on Query {{ ...f{next} ...f{next} }}");
    }
    text + " fragment f25 on Query { __typename }"
}

fn aliased(count: usize, field: &str) -> String {
    (0..count).fold(String::new(), |text, number| text + &format!("a{number}: {field} "))
}

/// Lists of the items of lists, so deep, so many rows each.
fn pages(depth: usize, first: usize) -> String {
    let lists = format!("dutyLists(first: {first}) {{ nodes {{ ");
    let items = format!("items(first: {first}) {{ nodes {{ item {{ list {{ ");
    format!("{{ {lists} {} id {} }} }} }}", items.repeat(depth), "} } } }".repeat(depth))
}

on_both! {
    async fn what_an_answer_may_come_to_is_told_and_bounded(world: World) {
        let visitor = world.visitor();
        let answer = visitor.query(&pages(1, 20), json!({})).await.good();
        assert_eq!(answer.body["extensions"]["cost"], json!({ "requested": 1 + 20 * (1 + (1 + 20 * 4)), "maximum": 50_000 }));
        let variables = "query($n: Int!) { dutyLists(first: $n) { nodes { items(first: $n) { nodes { id name code } } } } }";
        visitor.query(variables, json!({ "n": 100 })).await.good();
        let much = "query($n: Int!) { dutyLists(first: $n) { nodes { items(first: $n) { nodes { id name code introducedIn { id versionNo } } } } } }";
        assert_eq!(visitor.query(much, json!({ "n": 100 })).await.codes(), ["LIMIT_EXCEEDED"]);
        visitor.query(much, json!({ "n": 50 })).await.good();
    }

    async fn the_tools_ask_for_the_whole_schema_and_nobody_goes_round_in_it(world: World) {
        let visitor = world.visitor();
        let deep = "ofType { kind name ".repeat(9) + &"}".repeat(9);
        // As graphql-js writes it, with everything switched on.
        let whole = format!(
            "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }} \
             subscriptionType {{ name kind }} types {{ ...FullType }} directives {{ name description isRepeatable locations \
             args(includeDeprecated: true) {{ ...InputValue }} }} }} }} \
             fragment FullType on __Type {{ kind name description specifiedByURL isOneOf fields(includeDeprecated: true) {{ \
             name description args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated \
             deprecationReason }} inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }} \
             enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} \
             possibleTypes {{ ...TypeRef }} }} \
             fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated \
             deprecationReason }} fragment TypeRef on __Type {{ kind name {deep} }}"
        );
        let answer = visitor.query(&whole, json!({})).await.good();
        assert!(answer.data("/__schema/types").as_array().unwrap().len() > 200);
        let told = &answer.body["extensions"]["cost"]["requested"];
        assert!(told.as_u64().unwrap() > 1_000, "what is taken out of the bucket is told: {told}");
        for circle in ["possibleTypes { interfaces { ", "fields { type { ", "interfaces { fields { type { "] {
            let open = circle.matches('{').count();
            let text = format!("{{ __type(name: \"Node\") {{ {} name {} }} }}", circle.repeat(4), "} ".repeat(4 * open));
            let answer = visitor.query(&text, json!({})).await;
            let bounded = answer.codes() == ["LIMIT_EXCEEDED"] || answer.text.len() < 4 << 20;
            assert!(bounded, "{circle}: {} bytes", answer.text.len());
        }
    }

    async fn each_excess_has_its_code_and_runs_nothing(world: World) {
        let visitor = world.visitor();
        let nested = |depth: usize| {
            format!("{{ division(code: \"320102\") {{ {} code {} }} }}", "parent { ".repeat(depth), "}".repeat(depth))
        };
        let excesses = [
            ("a fragment bomb", bomb()),
            (
                "a fragment that spreads itself",
                "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".into(),
            ),
            ("31 aliases", format!("{{ {} }}", aliased(31, "__typename"))),
            ("too deep", nested(15)),
            ("1,001 fields", format!("{{ {} }}", "__typename ".repeat(1_001))),
            ("six directives", format!("{{ __typename {} }}", "@include(if: true) ".repeat(6))),
            ("a document of more than 64 KiB", format!("{{ __typename #{} \n }}", "x".repeat(64 * 1024))),
            ("six mutations", format!("mutation {{ {} }}", aliased(6, "logout { sessionId }"))),
            (
                "a tower of lists",
                format!("{{ division(code: {}1{}) {{ code }} }}", "[".repeat(30_000), "]".repeat(30_000)),
            ),
            (
                "a tower of objects",
                format!("{{ division(code: {}1{}) {{ code }} }}", "{a:".repeat(15_000), "}".repeat(15_000)),
            ),
            ("pages in pages in pages", pages(4, 100)),
            ("a tower of selections", format!("{}a{}", "{a".repeat(30_000), "}".repeat(30_000))),
            (
                "a tower of types",
                format!("query($a: {}Int{}) {{ __typename }}", "[".repeat(30_000), "]".repeat(30_000)),
            ),
        ];
        for (what, document) in excesses {
            let answer = visitor.query(&document, json!({})).await;
            assert_eq!(answer.codes(), ["LIMIT_EXCEEDED"], "{what}: {}", answer.text);
            assert!(answer.body.get("data").is_none(), "{what}");
            let strict = visitor.with_header("accept", "application/graphql-response+json");
            assert_eq!(strict.query(&document, json!({})).await.status, 400, "{what}");
        }
        visitor.query(&nested(13), json!({})).await.good();
        visitor.query(&format!("{{ {} }}", "__typename ".repeat(1_000)), json!({})).await.good();
    }

    async fn a_body_of_more_than_a_mebibyte_is_refused_unread(world: World) {
        let visitor = world.visitor();
        let body =
            json!({ "query": "{ __typename }", "variables": { "x": "x".repeat(1024 * 1024 - 200) } }).to_string();
        assert!(body.len() < 1024 * 1024);
        visitor.post(body).await.good();
        // Only the head is sent: whoever announces too much is answered at once.
        let address = visitor.base().strip_prefix("http://").unwrap().to_owned();
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                        content-length: 1048577\r\nconnection: close\r\n\r\n";
            stream.write_all(head.as_bytes()).unwrap();
            let mut text = String::new();
            stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
            let _ = stream.read_to_string(&mut text);
            text
        });
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("LIMIT_EXCEEDED"), "{answer}");
    }

    async fn a_body_that_does_not_arrive_is_not_waited_for(world: World) {
        let http = HttpConfig { request_timeout: std::time::Duration::from_millis(300), ..HttpConfig::default() };
        let node = world.node(Settings { http, ..Settings::default() }).await;
        let address = node.visitor().base().strip_prefix("http://").unwrap().to_owned();
        for begun in ["content-length: 1000\r\n\r\n{", "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n"] {
            let address = address.clone();
            let answer = tokio::task::spawn_blocking(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                let head = format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{begun}");
                stream.write_all(head.as_bytes()).unwrap();
                stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
                let mut text = String::new();
                // To the end: the connection is of no more use.
                stream.read_to_string(&mut text).unwrap();
                text
            });
            let answer = answer.await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("BAD_REQUEST"), "{begun}: {answer}");
        }
    }

    async fn every_answer_has_the_id_of_its_request(world: World) {
        let visitor = world.visitor().with_header("x-request-id", "mine-1");
        for path in ["/healthz", "/readyz", "/metrics", "/schema.graphql", "/.well-known/jwks.json", "/nowhere", "/"] {
            assert_eq!(visitor.get(path).await.header("x-request-id"), Some("mine-1"), "{path}");
        }
        for method in ["PUT", "DELETE", "PATCH"] {
            let request = http::Request::builder().method(method).uri("/graphql").body(Vec::new()).unwrap();
            let answer = visitor.send(request).await;
            assert_eq!((answer.status, answer.codes()), (405, vec!["BAD_REQUEST".to_owned()]), "{method}");
            assert_eq!((answer.header("allow"), answer.header("x-request-id")), (Some("GET, POST, OPTIONS"), Some("mine-1")));
        }
        let nothing = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        let answer = world.visitor().with_header("traceparent", &nothing).get("/healthz").await;
        assert_ne!(answer.header("x-request-id"), Some("0".repeat(32).as_str()), "a trace that is none");
        let told = visitor.query("{ nonsense }", json!({})).await;
        assert_eq!(told.body["errors"][0]["extensions"]["requestId"], "mine-1");
    }

    async fn who_takes_no_encoding_is_told_so_as_of_everything_else(world: World) {
        let jiangsu = world.province("320000").await;
        let input = json!({ "origins": ["https://a.example"] });
        jiangsu.admin().await.act("updateProvinceAccess", input, "province { origins }").await.done();
        world.clock().advance(TimeDelta::seconds(2));
        for encoding in ["identity;q=0", "*;q=0"] {
            let page = world.visitor().with_header("accept-encoding", encoding).with_header("origin", "https://a.example");
            let answer = page.with_header("x-request-id", "mine-2").query("{ __typename }", json!({})).await;
            assert_eq!((answer.status, answer.codes()), (406, vec!["BAD_REQUEST".to_owned()]), "{}", answer.text);
            assert_eq!(answer.body["errors"][0]["extensions"]["requestId"], "mine-2");
            assert_eq!(answer.header("x-request-id"), Some("mine-2"));
            assert_eq!(answer.header("access-control-allow-origin"), Some("https://a.example"));
        }
    }

    async fn bodies_that_are_no_request_are_refused_by_name(world: World) {
        let visitor = world.visitor();
        let deep = |open: &str, close: &str| {
            format!(
                "{{\"query\":\"{{ __typename }}\",\"variables\":{{\"a\":{}1{}}}}}",
                open.repeat(5_000),
                close.repeat(5_000)
            )
        };
        let bodies: Vec<Vec<u8>> = vec![
            Vec::new(),
            b"x".to_vec(),
            b"[]".to_vec(),
            b"[{\"query\":\"{ __typename }\"}]".to_vec(),
            b"{}".to_vec(),
            b"null".to_vec(),
            b"\"{ __typename }\"".to_vec(),
            b"{\"query\":1}".to_vec(),
            b"{\"query\":null}".to_vec(),
            b"{\"query\":\"{ __typename }\",\"variables\":[]}".to_vec(),
            b"{\"query\":\"{ __typename }\",\"variables\":\"{}\"}".to_vec(),
            b"{\"query\":\"{ __typename }\",\"operationName\":1}".to_vec(),
            b"{\"query\":\"{ __typename }\",\"extensions\":1}".to_vec(),
            b"{\"query\":\"\xff\"}".to_vec(),
            b"{\"query\":\"\\ud800\"}".to_vec(),
            deep("[", "]").into_bytes(),
            deep("{\"a\":", "}").into_bytes(),
        ];
        for body in bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let answer = visitor.post(body).await;
            assert_eq!(
                (answer.status, answer.codes()),
                (400, vec!["BAD_REQUEST".to_owned()]),
                "{shown}: {}",
                answer.text
            );
        }
    }

    async fn the_rules_of_http_are_kept(world: World) {
        let visitor = world.visitor();
        let send = async |request: http::request::Builder, body: &str| {
            visitor.send(request.body(body.as_bytes().to_vec()).unwrap()).await
        };
        let query = "{\"query\":\"{ __typename }\"}";
        for content in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
        ] {
            let answer = send(http::Request::post("/graphql").header("content-type", content), query).await;
            assert_eq!(answer.status, 415, "{content}");
        }
        assert_eq!(send(http::Request::post("/graphql"), query).await.status, 415);
        let get = async |query: &str| send(http::Request::get(format!("/graphql?{query}")), "").await;
        assert_eq!(get("query=%7B__typename%7D").await.good().data("/__typename"), "Query");
        let act = get("query=mutation%7Blogout%7BsessionId%7D%7D").await;
        assert_eq!((act.status, act.header("allow")), (405, Some("POST")));
        for bad in ["", "query=%7B__typename%7D&variables=1", "query=%7B__typename%7D&variables=%7B"] {
            assert_eq!(get(bad).await.status, 400, "{bad}");
        }
        let plain = send(
            http::Request::post("/graphql").header("content-type", "application/json").header("accept", "text/html"),
            query,
        )
        .await;
        assert_eq!(plain.status, 406);
        for method in ["PUT", "DELETE", "PATCH"] {
            let request =
                http::Request::builder().method(method).uri("/graphql").header("content-type", "application/json");
            assert!(matches!(send(request, query).await.status, 404 | 405), "{method}");
        }
        let strange = send(
            http::Request::post("/graphql")
                .header("content-type", "application/json")
                .header("authorization", "Basic eDp5"),
            query,
        )
        .await;
        assert_eq!((strange.status, strange.codes()), (401, vec!["UNAUTHENTICATED".to_owned()]));
    }

    async fn syntax_and_validation_have_codes_and_places(world: World) {
        let visitor = world.visitor();
        let broken = visitor.query("{ division(code: \"320102\" { secretName } }", json!({})).await;
        assert_eq!(broken.codes(), ["GRAPHQL_PARSE_FAILED"]);
        assert!(broken.body["errors"][0]["locations"][0]["line"].is_u64());
        assert!(!broken.text.contains("secretName"), "the document is not repeated: {}", broken.text);
        for document in [
            "{ nothing }",
            "{ division }",
            "{ division(code: 1) { code } }",
            "query($a: Nothing) { __typename }",
            "{ ...missing }",
            "query($a: String) { node(id: $a) { id } }",
            "query($a: String = \"x\") { node(id: $a) { id } }",
            "query($a: Int = 3, $b: Boolean) { divisions(first: $a) { totalCount @skip(if: $b) } }",
            "subscription { x }",
            "",
        ] {
            let answer = visitor.query(document, json!({})).await;
            let codes = answer.codes();
            assert!(
                !codes.is_empty() && answer.body.get("data").is_none_or(Value::is_null),
                "{document}: {}",
                answer.text
            );
            for code in codes {
                let expected = [
                    "GRAPHQL_VALIDATION_FAILED",
                    "GRAPHQL_PARSE_FAILED",
                    "BAD_USER_INPUT",
                    "OPERATION_RESOLUTION_FAILURE",
                ];
                assert!(expected.contains(&code.as_str()), "{document}: {code}");
            }
        }
    }

    async fn an_operator_keeps_the_schema_for_those_who_have_logged_in(world: World) {
        let admin = world.province("320000").await.admin().await;
        let http = HttpConfig { introspection: false, ..HttpConfig::default() };
        let node = world.node(Settings { http, ..Settings::default() }).await;
        let (visitor, asked) = (node.visitor(), "{ __schema { queryType { name } } }");
        let refused = visitor.query(asked, json!({})).await;
        assert_eq!((refused.status, refused.codes()), (401, vec!["UNAUTHENTICATED".to_owned()]));
        visitor.query("{ __typename }", json!({})).await.good();
        for path in ["/schema.graphql", "/reference"] {
            assert_eq!(visitor.get(path).await.status, 404, "{path}");
        }
        let mistyped = visitor.query("{ viewr { account { id } } }", json!({})).await;
        assert!(!mistyped.messages()[0].contains("Did you mean"), "{:?}", mistyped.messages());
        let there = node.visitor().logged_in(admin.credentials().clone()).await;
        there.query(asked, json!({})).await.good();
        for path in ["/schema.graphql", "/reference"] {
            assert_eq!(there.get(path).await.status, 200, "{path}");
        }
    }

    async fn pages_beside_the_endpoint_answer(world: World) {
        let visitor = world.visitor();
        assert_eq!(visitor.get("/healthz").await.text, "ok\n");
        for path in ["/healthz", "/readyz", "/metrics", "/schema.graphql", "/"] {
            let asked = http::Request::head(path).body(Vec::new()).unwrap();
            let answer = visitor.send(asked).await;
            assert_eq!((answer.status, answer.text.as_str()), (200, ""), "HEAD {path}");
        }
        let answer = visitor.get("/graphql?query=%7B__typename%7D").await;
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert!(answer.header("vary").unwrap().contains("Authorization"));
        let ready = visitor.get("/readyz").await;
        assert_eq!((ready.status, &ready.body["ready"]), (200, &json!(true)), "{}", ready.text);
        assert_eq!(visitor.get("/schema.graphql").await.text, yidan::schema::sdl());
        visitor.query("{ __typename }", json!({})).await.good();
        assert!(visitor.get("/metrics").await.text.contains("yidan_graphql_requests_total"));
        let start = visitor.get("/").await;
        assert!(start.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'self'")));
        assert!(!start.text.contains("http://") && !start.text.contains("https://"), "nothing from elsewhere");
        assert_eq!(visitor.get("/nowhere").await.status, 404);
    }
}
