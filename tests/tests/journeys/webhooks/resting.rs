//! Receivers that fail rest for a while, and one message finds out whether they are back.

use yidan_tests::{
    prelude::*,
    webhooks::{Manner, Receiver},
    world::Settings,
};

use super::{PATIENT, Scene, rename};

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("no time: {value}")).parse().unwrap()
}

/// What the log says of the messages that wait, the newest first.
fn waiting(log: &Value) -> Vec<&Value> {
    let nodes = log["deliveries"]["nodes"].as_array().unwrap();
    nodes.iter().filter(|node| node["state"] == "PENDING").collect()
}

/// The same but for the milliseconds by which the clock of a test goes on.
fn about(told: DateTime<Utc>, expected: DateTime<Utc>) {
    assert!((told - expected).abs() < TimeDelta::milliseconds(500), "{told} {expected}");
}

on_both! {
    async fn who_asks_for_time_gets_it(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { ground, fire, receiver, .. } = &scene;
        receiver.from_now(Manner::Says(429, "retry-after: 7\r\n"));
        scene.events(6).await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 4, "those that were under way together");
        about(time(&scene.log().await["restsUntil"]), world.now() + TimeDelta::seconds(7));
        receiver.from_now(Manner::Says(204, ""));
        world.wait(TimeDelta::seconds(6));
        world.deliver().await;
        assert!(receiver.taken().is_empty());
        world.wait(TimeDelta::seconds(1));
        world.deliver().await;
        assert_eq!(receiver.acts(), ["RENAME_ORG_UNIT"; 6], "not a moment later");

        receiver.from_now(Manner::Says(429, "retry-after: 240\r\n"));
        rename(ground, fire, "消防救援支队").await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 1);
        receiver.from_now(Manner::Says(204, ""));
        // Another message does not disturb it either.
        rename(ground, fire, "消防救援总队").await;
        world.wait(TimeDelta::seconds(200));
        world.deliver().await;
        assert!(receiver.taken().is_empty());
        world.wait(TimeDelta::seconds(60));
        world.deliver().await;
        assert_eq!(receiver.acts(), ["RENAME_ORG_UNIT"; 2]);
    }

    async fn a_test_does_not_wait_for_an_endpoint_to_have_rested(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { ground, office, fire, receiver, endpoint } = &scene;
        receiver.from_now(Manner::Says(503, "retry-after: 240\r\n"));
        rename(ground, fire, "消防救援支队").await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 1);
        receiver.from_now(Manner::Says(204, ""));
        office.act("sendTestWebhook", json!({ "endpointId": endpoint.id }), "webhookDelivery { id }").await.done();
        world.deliver().await;
        let kinds: Vec<Value> = receiver.taken().iter().map(|message| message.body["type"].clone()).collect();
        assert_eq!(kinds, ["webhook.test"], "what was put off waits for its time");
    }

    async fn what_fails_together_counts_once_and_one_message_finds_out_when_it_is_back(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { receiver, .. } = &scene;
        receiver.from_now(Manner::Says(500, ""));
        scene.events(12).await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 5, "four together, and one to see whether it was the messages' fault");
        for rest in [5, 10, 20, 40, 60, 60] {
            let log = scene.log().await;
            let until = time(&log["restsUntil"]);
            about(until, world.now() + TimeDelta::seconds(rest));
            // What the log promises is true: nothing is tried before.
            let waiting = waiting(&log);
            assert_eq!(waiting.len(), 12);
            assert!(waiting.iter().all(|node| time(&node["nextAttemptAt"]) >= until), "{log}");
            world.wait(TimeDelta::seconds(rest - 1));
            world.deliver().await;
            assert!(receiver.taken().is_empty());
            world.wait(TimeDelta::seconds(1));
            world.deliver().await;
            assert_eq!(receiver.taken().len(), 1, "after {rest} seconds");
        }
        // It is back: as soon as one has arrived the others come.
        receiver.from_now(Manner::Says(204, ""));
        world.wait(TimeDelta::minutes(6));
        let mut courier = world.courier();
        assert_eq!(courier.round().await.unwrap(), 1);
        courier.finish().await;
        assert_eq!(receiver.taken().len(), 1);
        let log = scene.log().await;
        assert_eq!((&log["restsUntil"], &log["failingSince"]), (&json!(null), &json!(null)));
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 11);
        assert_eq!(scene.log().await["pendingCount"], 0);
    }

    async fn what_waits_is_sent_at_once_and_first_where_somebody_asks_for_it(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { office, receiver, endpoint, .. } = &scene;
        receiver.from_now(Manner::Says(500, ""));
        scene.events(8).await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 5);
        let log = scene.log().await;
        let last = waiting(&log)[0].clone();
        assert_eq!((&last["attemptCount"], time(&last["nextAttemptAt"])), (&json!(0), time(&log["restsUntil"])));
        let input = json!({ "deliveryId": last["id"] });
        let pushed = office.act("redeliverWebhook", input, "webhookDelivery { state nextAttemptAt }").await.done();
        assert_eq!(pushed["webhookDelivery"]["state"], "PENDING");
        about(time(&pushed["webhookDelivery"]["nextAttemptAt"]), world.now());
        world.deliver().await;
        let sent = receiver.taken();
        assert_eq!((sent.len(), json!(sent[0].id())), (1, last["id"].clone()), "before those that waited longer");
        // A new address is tried at once as well, and again with one message first.
        let other = Receiver::open().await;
        let moved = json!({ "id": endpoint.id, "url": other.url() });
        let moved = office.act("updateWebhookEndpoint", moved, "webhookEndpoint { restsUntil failingSince }").await.done();
        assert_eq!(moved["webhookEndpoint"], json!({ "restsUntil": null, "failingSince": null }));
        let mut courier = world.courier();
        assert_eq!(courier.round().await.unwrap(), 1);
        courier.finish().await;
        world.deliver().await;
        assert_eq!(other.taken().len(), 2, "the others wait for their own time");
    }

    async fn what_others_leave_no_room_for_is_given_up_in_time(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { office, receiver, endpoint, .. } = &scene;
        let since = world.now();
        receiver.from_now(Manner::Says(500, ""));
        scene.events(8).await;
        world.deliver().await;
        // A courier that seldom comes: each time one of them is tried.
        for _ in 0..15 {
            world.wait(TimeDelta::hours(6));
            world.deliver().await;
        }
        assert_eq!(receiver.taken().len(), 20);
        let log = scene.log().await;
        assert_eq!((&log["pendingCount"], &log["failedCount"]), (&json!(8), &json!(0)));
        world.wait(TimeDelta::hours(7));
        world.deliver().await;
        let log = scene.log().await;
        assert_eq!((&log["pendingCount"], &log["failedCount"], &log["state"]), (&json!(0), &json!(8), &json!("ACTIVE")));
        for node in &log["deliveries"]["nodes"].as_array().unwrap()[..8] {
            assert_eq!((&node["givenUpBecause"], &node["nextAttemptAt"]), (&json!("OVERDUE"), &json!(null)));
            assert!(node["attemptCount"].as_i64().unwrap() < 10 && !node["finishedAt"].is_null(), "{node}");
        }
        // What somebody asks for again has its whole time again.
        let input = json!({ "endpointId": endpoint.id, "since": since });
        office.act("redeliverFailedWebhooks", input, "redelivery { deliveries }").await.done();
        world.deliver().await;
        let log = scene.log().await;
        assert_eq!((&log["pendingCount"], &log["failedCount"]), (&json!(8), &json!(0)));
    }

    async fn an_endpoint_that_is_let_go_on_after_failures_is_tried_with_one_message(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { office, receiver, endpoint, .. } = &scene;
        receiver.from_now(Manner::Says(410, ""));
        scene.events(8).await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 4, "nobody knew");
        let log = scene.log().await;
        assert_eq!((&log["state"], &log["restsUntil"], &log["failedCount"]), (&json!("DISABLED"), &json!(null), &json!(4)));
        let waiting = waiting(&log);
        assert!(waiting.len() == 4 && waiting.iter().all(|node| node["nextAttemptAt"].is_null()), "{log}");
        let gone = log["deliveries"]["nodes"].as_array().unwrap().iter().find(|node| node["state"] == "FAILED").unwrap();
        assert_eq!(gone["givenUpBecause"], "GONE");
        let push = json!({ "deliveryId": waiting[0]["id"] });
        let refusal = office.act("redeliverWebhook", push, "webhookDelivery { id }").await.refusal();
        assert_eq!((&refusal["state"], &refusal["subject"]["id"]), (&json!("DISABLED"), &json!(endpoint.id)));

        let resume = async || {
            office.act("resumeWebhookEndpoint", json!({ "id": endpoint.id }), "webhookEndpoint { id }").await.done();
            world.deliver().await;
            receiver.taken().len()
        };
        assert_eq!(resume().await, 1, "still gone");
        receiver.from_now(Manner::Says(503, ""));
        assert_eq!(resume().await, 1, "it fails, and was in doubt");
        // Held while it fails, it is as doubtful when it goes on.
        office.act("pauseWebhookEndpoint", json!({ "id": endpoint.id }), "webhookEndpoint { id }").await.done();
        assert_eq!(resume().await, 1);
        office.act("pauseWebhookEndpoint", json!({ "id": endpoint.id }), "webhookEndpoint { id }").await.done();
        // What waits has not lost its time, however long it was held.
        world.wait(TimeDelta::days(10));
        receiver.from_now(Manner::Says(204, ""));
        assert_eq!(resume().await, 3);
    }

    async fn of_several_nodes_one_finds_out_whether_it_is_back(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { receiver, .. } = &scene;
        receiver.from_now(Manner::Says(500, ""));
        scene.events(8).await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 5);
        receiver.from_now(Manner::Hangs);
        world.wait(TimeDelta::seconds(5));
        let node = world.node(Settings::default()).await;
        node.open_loopback(PATIENT);
        let (mut here, mut there) = (world.courier(), node.courier());
        assert_eq!((here.round().await.unwrap(), there.round().await.unwrap()), (1, 0));
        assert_eq!(receiver.next().await.len(), 1);
        // Whoever is gone in the middle of it holds nobody up for longer than a lease lasts.
        drop(here);
        receiver.from_now(Manner::Says(204, ""));
        world.wait(TimeDelta::minutes(6));
        node.deliver().await;
        assert_eq!(receiver.taken().len(), 8);
    }
}
