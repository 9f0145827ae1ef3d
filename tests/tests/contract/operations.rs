//! What operators see: figures that say how the queues, the connections and the callers stand.

use yidan::{app::HttpConfig, http::trusted::Trusted};
use yidan_tests::{Socket, on_both, prelude::*, procedures::addition, world::Settings};

/// The value of a figure with these labels.
async fn figure(client: &Client, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let text = client.get("/metrics").await.text;
    let fits = |line: &&str| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']));
        rest.is_some_and(|rest| labels.iter().all(|(label, value)| rest.contains(&format!("{label}=\"{value}\""))))
    };
    text.lines().find(fits).map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

on_both! {
    async fn queues_deadlines_and_connections_are_counted(world: World) {
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        let item = addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire));
        let id = ground.apply(&township, "承接", &[item]).await;
        ground.adjustment_until(&township, &id, "EO_CHECK").await;
        let visitor = world.visitor();
        yidan::ticker::beat(world.state()).await;
        let task = &[("province", "320000"), ("task", "CHECK_ADJUSTMENT")];
        assert_eq!(figure(&visitor, "yidan_queue_open", task).await, Some(1.0));
        assert_eq!(figure(&visitor, "yidan_queue_overdue", task).await, Some(0.0));
        assert_eq!(figure(&visitor, "yidan_deadline_breaches_total", &[]).await, Some(0.0));
        world.clock().advance(TimeDelta::days(30));
        yidan::ticker::beat(world.state()).await;
        assert_eq!(figure(&visitor, "yidan_queue_overdue", task).await, Some(1.0));
        assert_eq!(figure(&visitor, "yidan_deadline_breaches_total", &[]).await, Some(1.0));
        assert!(figure(&visitor, "yidan_queue_oldest_seconds", task).await.unwrap() >= 30.0 * 86_400.0);
        ground.adjustment_until(&township, &id, "LEGAL_REVIEW").await;
        yidan::ticker::beat(world.state()).await;
        assert_eq!(figure(&visitor, "yidan_queue_open", task).await, None, "what nobody has to do is shown no longer");

        assert!(figure(&visitor, "yidan_pool_connections", &[("pool", "read"), ("state", "idle")]).await.unwrap() >= 0.0);
        assert_eq!(figure(&visitor, "yidan_live_connections", &[]).await, Some(0.0));
        let mut socket = Socket::open(visitor.base(), &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap();
        socket.begin(None).await;
        assert_eq!(figure(&visitor, "yidan_live_connections", &[]).await, Some(1.0));
    }

    async fn a_database_that_is_away_is_told_as_what_it_is(world: World) {
        world.province("320000").await;
        let node = world.node(Settings::default()).await;
        let visitor = node.visitor();
        let asked = "{ divisions(first: 1) { nodes { name } } }";
        visitor.query(asked, json!({})).await.good();
        node.platform().db.read().clone().close().await.unwrap();
        let answer = visitor.query(asked, json!({})).await;
        assert_eq!((answer.status, answer.codes()), (503, vec!["OVERLOADED".to_owned()]));
        assert_eq!(visitor.get("/readyz").await.status, 503);
        assert_eq!(visitor.get("/healthz").await.status, 200, "the process itself is well");
    }

    async fn operations_of_manifests_are_timed_by_name_and_no_others(world: World) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        std::fs::write(&path, json!({ "known": "query Known { __typename }" }).to_string()).unwrap();
        let http = HttpConfig::default();
        let trusted = Trusted::load([path.as_path()], false, &http.limits).unwrap();
        let node = world.node(Settings { http: HttpConfig { trusted: trusted.into(), ..http }, ..Settings::default() }).await;
        let visitor = node.visitor();
        let post = async |body: Value| visitor.post(body.to_string()).await;
        post(json!({ "documentId": "known", "operationName": "Known" })).await.good();
        post(json!({ "query": "query Invented { __typename }", "operationName": "Invented" })).await.good();
        let count = async |name: &str| figure(&visitor, "yidan_graphql_requests_total", &[("name", name)]).await;
        assert_eq!((count("Known").await, count("Invented").await), (Some(1.0), None));
        assert_eq!(count("").await, Some(1.0));
    }
}
