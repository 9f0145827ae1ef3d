//! Over a WebSocket: the protocol graphql-transport-ws with its close codes, the same refusals as over HTTP, and an end when
//! the session ends.

use std::time::Duration;

use tungstenite::Message;
use yidan::app::HttpConfig;
use yidan_tests::{Socket, on_both, prelude::*, procedures::addition, world::Settings};

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");
const QUEUE: &str = "subscription { queueChanges { cursor kind entry { task } } }";

async fn open(client: &Client) -> Socket {
    let socket = Socket::open(client.base(), &[PROTOCOL]).await.unwrap();
    assert_eq!(socket.protocol.as_deref(), Some(PROTOCOL.1));
    socket
}

async fn begun(client: &Client) -> Socket {
    let mut socket = open(client).await;
    socket.begin(client.token().as_deref()).await;
    socket
}

/// A node whose limits a test can reach.
async fn narrow(world: &World) -> World {
    let http = HttpConfig {
        begin_timeout: Duration::from_millis(100),
        live_connections: 3,
        body_bytes: 4_096,
        ..HttpConfig::default()
    };
    world.node(Settings { http, ..Settings::default() }).await
}

fn init(payload: Value) -> Value {
    json!({ "type": "connection_init", "payload": payload })
}

fn ask(id: &str, document: &str) -> Value {
    json!({ "type": "subscribe", "id": id, "payload": { "query": document } })
}

on_both! {
    async fn every_way_to_break_the_protocol_has_its_code(world: World) {
        let visitor = world.visitor();
        let good = [init(Value::Null)];
        let cases: [(&str, &[Value], u16); 9] = [
            ("no message of the protocol", &[json!({ "type": "hello" })], 4400),
            ("what only a server sends", &[good[0].clone(), json!({ "type": "next", "id": "1" })], 4400),
            ("an operation without a document", &[good[0].clone(), json!({ "type": "subscribe", "id": "1", "payload": {} })], 4400),
            ("an operation before the beginning", &[ask("1", "{ __typename }")], 4401),
            ("a log-in that is not good", &[init(json!({ "authorization": "Bearer nonsense" }))], 4403),
            ("what is no text", &[init(json!({ "authorization": 1 }))], 4400),
            ("another scheme", &[init(json!({ "authorization": "Basic eDp4" }))], 4403),
            ("an id that is taken", &[good[0].clone(), ask("1", QUEUE), ask("1", QUEUE)], 4409),
            ("a second beginning", &[good[0].clone(), good[0].clone()], 4429),
        ];
        let admin = world.province("320000").await.admin().await;
        for (what, messages, code) in cases {
            let mut socket = open(&visitor).await;
            for message in messages {
                let mut message = message.clone();
                // Only somebody has a queue to follow.
                if code == 4409 && message["type"] == "connection_init" {
                    message["payload"] = json!({ "Authorization": format!("Bearer {}", admin.token().unwrap()) });
                }
                socket.say(message).await;
            }
            assert_eq!(socket.closed().await.0, code, "{what}");
        }
        let mut socket = open(&visitor).await;
        socket.say_text("{ not json".into()).await;
        assert_eq!(socket.closed().await.0, 4400);
        let mut socket = open(&visitor).await;
        socket.say_frame(Message::binary(vec![1, 2, 3])).await;
        assert_eq!(socket.closed().await.0, 4400);
        let mut socket = Socket::open(visitor.base(), &[]).await.unwrap();
        assert_eq!((socket.protocol.clone(), socket.closed().await.0), (None, 4406), "another protocol");
        // The client's own code comes back.
        let mut socket = begun(&visitor).await;
        assert_eq!(socket.close(1000).await, 1000);
        let mut socket = begun(&visitor).await;
        assert_eq!(socket.close(4321).await, 4321);
    }

    async fn limits_close_with_a_reason(world: World) {
        let node = narrow(&world).await;
        let visitor = node.visitor();
        let mut late = open(&visitor).await;
        assert_eq!(late.closed().await, (4408, "Connection initialisation timeout".into()));
        let mut socket = begun(&visitor).await;
        socket.say_text("x".repeat(5_000)).await;
        assert_eq!(socket.closed().await.0, 1009);

        let admin = world.province("320000").await.admin().await;
        let admin = node.visitor().logged_in(admin.credentials().clone()).await;
        let mut held = Vec::new();
        for _ in 0..2 {
            held.push(begun(&admin).await);
        }
        let _events = admin.listen(QUEUE, json!({})).await;
        let mut socket = open(&admin).await;
        socket.say(init(json!({ "authorization": format!("Bearer {}", admin.token().unwrap()) }))).await;
        assert_eq!(socket.closed().await, (1013, "Too many connections".into()));
        let refused = admin.with_header("accept", "text/event-stream").query(QUEUE, json!({})).await;
        assert_eq!((refused.status, refused.codes()), (429, vec!["RATE_LIMITED".to_owned()]));
        assert!(refused.header("retry-after").is_some(), "{}", refused.text);
        held.pop().unwrap().close(1000).await;
        held.push(begun(&admin).await);

        let busy = &mut held[0];
        for number in 0..50 {
            busy.subscribe(&number.to_string(), QUEUE, json!({})).await;
        }
        busy.subscribe("51", "{ __typename }", json!({})).await;
        let refused = busy.hear().await;
        assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("51")));
        assert_eq!(refused["payload"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
        busy.say(json!({ "type": "complete", "id": "7" })).await;
        busy.subscribe("51", "{ __typename }", json!({})).await;
        assert_eq!(busy.next("51").await["data"]["__typename"], "Query");
    }

    async fn operations_share_a_connection_and_are_refused_as_over_http(world: World) {
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        let office = ground.establishment().await;
        let mut socket = begun(&office).await;
        socket.say(json!({ "type": "ping", "payload": { "at": 1 } })).await;
        assert_eq!(socket.hear().await, json!({ "type": "pong", "payload": { "at": 1 } }));

        socket.subscribe("queue", QUEUE, json!({})).await;
        // The protocol does not say when a subscription has begun: a question after it is answered later.
        socket.subscribe("who", "query Who($b: Boolean!) { b: __typename viewer @include(if: $b) { account { username } } a: __typename }", json!({ "b": true })).await;
        let who = socket.next("who").await;
        assert_eq!(who["data"]["viewer"]["account"]["username"], json!(office.credentials().username));
        assert!(who["extensions"]["cost"]["requested"].is_u64(), "{who}");
        assert_eq!(socket.hear().await, json!({ "id": "who", "type": "complete" }));

        let id = ground.apply(&township, "承接", &[addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire))]).await;
        ground.adjustment_until(&township, &id, "EO_CHECK").await;
        let mut tasks = Vec::new();
        for _ in 0..3 {
            let change = socket.next("queue").await["data"]["queueChanges"].clone();
            tasks.push(format!("{} {}", change["kind"].as_str().unwrap(), change["entry"]["task"].as_str().unwrap()));
        }
        assert_eq!(tasks, ["OPENED RECEIVE_ADJUSTMENT", "CLOSED RECEIVE_ADJUSTMENT", "OPENED CHECK_ADJUSTMENT"]);
        // Who has heard enough hears no more, and the id is free.
        socket.say(json!({ "type": "complete", "id": "queue" })).await;
        ground.adjustment_until(&township, &id, "LEGAL_REVIEW").await;

        for (document, code) in [
            ("{ nonsense", "GRAPHQL_PARSE_FAILED"),
            ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
            ("query($a: Int!) { __typename }", "BAD_USER_INPUT"),
            ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        ] {
            socket.subscribe("queue", document, json!({})).await;
            let refused = socket.hear().await;
            assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("queue")), "{refused}");
            assert_eq!(refused["payload"][0]["extensions"]["code"], code, "{refused}");
        }
        // A command is one here too.
        socket.subscribe("m", "mutation { logout(input: {}) { sessionId userErrors { code } } }", json!({})).await;
        assert_eq!(socket.next("m").await["data"]["logout"]["userErrors"], json!([]));
    }

    async fn a_connection_ends_with_its_session(world: World) {
        let admin = world.province("320000").await.admin().await;
        let http = HttpConfig { heartbeat: Duration::from_millis(200), ..HttpConfig::default() };
        let node = world.node(Settings { http, ..Settings::default() }).await;
        let there = node.visitor().logged_in(admin.credentials().clone()).await;
        let (mut quiet, mut busy) = (begun(&there).await, begun(&there).await);
        quiet.subscribe("1", QUEUE, json!({})).await;
        there.act("logout", json!({}), "sessionId").await.done();
        assert_eq!(quiet.closed().await, (4403, "The session has ended".into()));
        // On a node that has not looked yet, nothing more is done for it.
        busy.subscribe("1", "{ viewer { account { username } } }", json!({})).await;
        assert_eq!(busy.closed().await.0, 4403);
    }

    async fn while_nobody_can_say_whether_a_log_in_is_good_nobody_is_sent_away(world: World) {
        let admin = world.province("320000").await.admin().await;
        let http = HttpConfig { heartbeat: Duration::from_millis(100), ..HttpConfig::default() };
        let node = world.node(Settings { http, ..Settings::default() }).await;
        let there = node.visitor().logged_in(admin.credentials().clone()).await;
        let mut socket = begun(&there).await;
        let mut events = there.listen(QUEUE, json!({})).await;
        // The database is away, for several beats.
        node.platform().db.read().clone().close().await.unwrap();
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            socket.say(json!({ "type": "ping" })).await;
            assert_eq!(socket.hear().await["type"], "pong");
        }
        socket.subscribe("1", "{ viewer { account { username } } }", json!({})).await;
        assert_eq!(socket.closed().await.0, 1013, "come again");
        let mut socket = open(&there).await;
        socket.say(init(json!({ "authorization": format!("Bearer {}", there.token().unwrap()) }))).await;
        assert_eq!(socket.closed().await.0, 1013, "who comes again meanwhile, too");
        assert!(events.is_silent().await, "no end is told, so that who listens comes back");
    }

    async fn who_listens_on_another_node_is_told_at_once_that_the_session_has_ended(world: World) {
        let admin = world.province("320000").await.admin().await;
        // So seldom does it look by itself that only news can tell it.
        let http = HttpConfig { heartbeat: Duration::from_secs(3_600), ..HttpConfig::default() };
        let node = world.node(Settings { http, ..Settings::default() }).await;
        let there = node.visitor().logged_in(admin.credentials().clone()).await;
        let mut socket = begun(&there).await;
        socket.subscribe("1", QUEUE, json!({})).await;
        let mut events = there.listen(QUEUE, json!({})).await;
        let elsewhere = world.visitor().with_token(&there.token().unwrap());
        elsewhere.act("logout", json!({}), "sessionId").await.done();
        assert_eq!(socket.closed().await.0, 4403);
        assert_eq!(events.event().await.1["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }

    async fn pages_of_other_origins_do_not_get_through(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let anhui = world.province("340000").await.admin().await;
        let base = admin.base().to_owned();
        let elsewhere = ("origin", "https://elsewhere.example");
        assert_eq!(Socket::open(&base, &[PROTOCOL, elsewhere]).await.err(), Some(403));
        let own = base.clone();
        assert!(Socket::open(&base, &[PROTOCOL, ("origin", &own)]).await.is_ok(), "its own page");
        let access = json!({ "origins": ["https://elsewhere.example"] });
        admin.act("updateProvinceAccess", access, "province { id }").await.done();
        world.clock().advance(TimeDelta::seconds(2));
        let mut socket = Socket::open(&base, &[PROTOCOL, elsewhere]).await.unwrap();
        socket.begin(admin.token().as_deref()).await;
        let mut socket = Socket::open(&base, &[PROTOCOL, elsewhere]).await.unwrap();
        socket.say(init(json!({ "authorization": format!("Bearer {}", anhui.token().unwrap()) }))).await;
        assert_eq!(socket.closed().await.0, 4403);
    }
}
