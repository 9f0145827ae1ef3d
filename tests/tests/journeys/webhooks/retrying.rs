//! Receivers that are down for a while, or for good.

use yidan_tests::{
    prelude::*,
    webhooks::{Manner, Receiver},
    world::Settings,
};

use super::{PATIENT, rename, told};

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("no time: {value}")).parse().unwrap()
}

/// What the log says of the messages that wait, the newest first.
fn waiting(log: &Value) -> Vec<&Value> {
    let nodes = log["deliveries"]["nodes"].as_array().unwrap();
    nodes.iter().filter(|node| node["state"] == "PENDING").collect()
}

/// Comes back as often as the schedule says, for four days.
async fn four_days(world: &World) {
    for _ in 0..4 * 24 * 4 {
        world.wait(TimeDelta::minutes(15));
        world.deliver().await;
    }
}

/// The same but for the milliseconds by which the clock of a test goes on.
fn about(told: DateTime<Utc>, expected: DateTime<Utc>) {
    assert!((told - expected).abs() < TimeDelta::milliseconds(500), "{told} {expected}");
}

on_both! {
    async fn what_fails_is_tried_again_and_given_up_and_sent_again_by_hand(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();

        receiver.from_now(Manner::Says(500, ""));
        rename(&ground, &fire, "消防救援支队").await;
        world.deliver().await;
        let first = receiver.taken();
        assert_eq!(first.len(), 1);
        let log = office.log(&endpoint).await;
        assert_eq!((&log["pendingCount"], &log["failedCount"]), (&json!(1), &json!(0)));
        assert!(!log["failingSince"].is_null());
        assert_eq!(log["deliveries"]["nodes"][0]["attempts"][0], json!({
            "number": 1, "outcome": "REJECTED", "status": 500, "answer": "why"
        }));
        world.deliver().await;
        assert!(receiver.taken().is_empty(), "not at once");

        // The same message, signed anew for its time.
        world.wait(TimeDelta::seconds(6));
        world.deliver().await;
        let second = receiver.taken();
        assert_eq!((second.len(), second[0].id(), &second[0].text), (1, first[0].id(), &first[0].text));
        assert_ne!(second[0].headers["webhook-timestamp"], first[0].headers["webhook-timestamp"]);
        assert!(second[0].is_signed_by(&endpoint.secret));

        four_days(&world).await;
        assert_eq!(receiver.taken().len(), 8, "ten attempts in all");
        let log = office.log(&endpoint).await;
        let node = &log["deliveries"]["nodes"][0];
        assert_eq!((&node["state"], &node["attemptCount"], &node["nextAttemptAt"]), (&json!("FAILED"), &json!(10), &json!(null)));
        assert_eq!((&log["state"], &log["failedCount"]), (&json!("ACTIVE"), &json!(1)));
        assert_eq!(node["givenUpBecause"], "EXHAUSTED");

        // It is back; what was given up is asked for.
        receiver.from_now(Manner::Says(200, ""));
        let id = first[0].id();
        let sent = office.act("redeliverWebhook", json!({ "deliveryId": id }), "webhookDelivery { id state }").await.done();
        assert_eq!(sent["webhookDelivery"], json!({ "id": id, "state": "PENDING" }));
        office.act("redeliverWebhook", json!({ "deliveryId": id }), "webhookDelivery { id }").await.done();
        world.deliver().await;
        let third = receiver.taken();
        assert_eq!((third.len(), third[0].id()), (1, id), "asked for twice, it goes once");
        let log = office.log(&endpoint).await;
        assert_eq!(log["deliveries"]["nodes"][0]["attemptCount"], 11);
        assert_eq!((&log["failingSince"], &log["failedCount"]), (&json!(null), &json!(0)));
    }

    async fn everything_that_was_given_up_is_sent_again_at_once(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        let since = world.now();
        receiver.from_now(Manner::Says(404, ""));
        for turn in 0..3 {
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
        }
        four_days(&world).await;
        let log = office.log(&endpoint).await;
        assert_eq!((&log["failedCount"], &log["pendingCount"]), (&json!(3), &json!(0)), "{log}");
        let _ = receiver.taken();
        receiver.from_now(Manner::Says(204, ""));
        let input = json!({ "endpointId": endpoint.id, "since": since + TimeDelta::days(30) });
        let none = office.act("redeliverFailedWebhooks", input, "redelivery { deliveries }").await.done();
        assert_eq!(none["redelivery"]["deliveries"], 0);
        let input = json!({ "endpointId": endpoint.id, "since": since });
        let all = office.act("redeliverFailedWebhooks", input, "redelivery { deliveries endpoint { pendingCount } }").await;
        assert_eq!(all.done()["redelivery"], json!({ "deliveries": 3, "endpoint": { "pendingCount": 3 } }));
        world.deliver().await;
        assert_eq!(receiver.acts(), ["RENAME_ORG_UNIT"; 3]);
    }

    async fn who_asks_for_time_gets_it(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        receiver.from_now(Manner::Says(429, "retry-after: 7\r\n"));
        for turn in 0..6 {
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
        }
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 4, "those that were under way together");
        about(time(&office.log(&endpoint).await["restsUntil"]), world.now() + TimeDelta::seconds(7));
        receiver.from_now(Manner::Says(204, ""));
        world.wait(TimeDelta::seconds(6));
        world.deliver().await;
        assert!(receiver.taken().is_empty());
        world.wait(TimeDelta::seconds(1));
        world.deliver().await;
        assert_eq!(receiver.acts(), ["RENAME_ORG_UNIT"; 6], "not a moment later");

        receiver.from_now(Manner::Says(429, "retry-after: 240\r\n"));
        rename(&ground, &fire, "消防救援支队").await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 1);
        receiver.from_now(Manner::Says(204, ""));
        // Another message does not disturb it either.
        rename(&ground, &fire, "消防救援总队").await;
        world.wait(TimeDelta::seconds(200));
        world.deliver().await;
        assert!(receiver.taken().is_empty());
        world.wait(TimeDelta::seconds(60));
        world.deliver().await;
        assert_eq!(receiver.acts(), ["RENAME_ORG_UNIT"; 2]);
    }

    async fn a_test_does_not_wait_for_an_endpoint_to_have_rested(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        receiver.from_now(Manner::Says(503, "retry-after: 240\r\n"));
        rename(&ground, &fire, "消防救援支队").await;
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 1);
        receiver.from_now(Manner::Says(204, ""));
        let office = ground.establishment().await;
        office.act("sendTestWebhook", json!({ "endpointId": endpoint.id }), "webhookDelivery { id }").await.done();
        world.deliver().await;
        let kinds: Vec<Value> = receiver.taken().iter().map(|message| message.body["type"].clone()).collect();
        assert_eq!(kinds, ["webhook.test"], "what was put off waits for its time");
    }

    async fn what_fails_together_counts_once_and_one_message_finds_out_when_it_is_back(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        receiver.from_now(Manner::Says(500, ""));
        for turn in 0..12 {
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
        }
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 5, "four together, and one to see whether it was the messages' fault");
        for rest in [5, 10, 20, 40, 60, 60] {
            let log = office.log(&endpoint).await;
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
        let log = office.log(&endpoint).await;
        assert_eq!((&log["restsUntil"], &log["failingSince"]), (&json!(null), &json!(null)));
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 11);
        assert_eq!(office.log(&endpoint).await["pendingCount"], 0);
    }

    async fn what_waits_is_sent_at_once_and_first_where_somebody_asks_for_it(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        receiver.from_now(Manner::Says(500, ""));
        for turn in 0..8 {
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
        }
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 5);
        let log = office.log(&endpoint).await;
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
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        let since = world.now();
        receiver.from_now(Manner::Says(500, ""));
        for turn in 0..8 {
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
        }
        world.deliver().await;
        // A courier that seldom comes: each time one of them is tried.
        for _ in 0..15 {
            world.wait(TimeDelta::hours(6));
            world.deliver().await;
        }
        assert_eq!(receiver.taken().len(), 20);
        let log = office.log(&endpoint).await;
        assert_eq!((&log["pendingCount"], &log["failedCount"]), (&json!(8), &json!(0)));
        world.wait(TimeDelta::hours(7));
        world.deliver().await;
        let log = office.log(&endpoint).await;
        assert_eq!((&log["pendingCount"], &log["failedCount"], &log["state"]), (&json!(0), &json!(8), &json!("ACTIVE")));
        for node in &log["deliveries"]["nodes"].as_array().unwrap()[..8] {
            assert_eq!((&node["givenUpBecause"], &node["nextAttemptAt"]), (&json!("OVERDUE"), &json!(null)));
            assert!(node["attemptCount"].as_i64().unwrap() < 10 && !node["finishedAt"].is_null(), "{node}");
        }
        // What somebody asks for again has its whole time again.
        let input = json!({ "endpointId": endpoint.id, "since": since });
        office.act("redeliverFailedWebhooks", input, "redelivery { deliveries }").await.done();
        world.deliver().await;
        let log = office.log(&endpoint).await;
        assert_eq!((&log["pendingCount"], &log["failedCount"]), (&json!(8), &json!(0)));
    }

    async fn an_endpoint_that_is_let_go_on_after_failures_is_tried_with_one_message(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        receiver.from_now(Manner::Says(410, ""));
        for turn in 0..8 {
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
        }
        world.deliver().await;
        assert_eq!(receiver.taken().len(), 4, "nobody knew");
        let log = office.log(&endpoint).await;
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
        let (ground, receiver, _) = told(&world).await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        receiver.from_now(Manner::Says(500, ""));
        for turn in 0..8 {
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
        }
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

    async fn an_endpoint_that_is_gone_or_only_fails_is_switched_off_with_evidence(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        receiver.from_now(Manner::Says(410, ""));
        rename(&ground, &fire, "消防救援支队").await;
        let ledger = world.ledger().await;
        world.deliver().await;
        let events: Vec<String> = ledger.since(&world).await.events.iter().map(|event| event.act.clone()).collect();
        assert_eq!(events, ["DISABLE_WEBHOOK_ENDPOINT"]);
        let log = office.log(&endpoint).await;
        assert_eq!((&log["state"], &log["disabledBecause"]), (&json!("DISABLED"), &json!("GONE")));
        let test = office.act("sendTestWebhook", json!({ "endpointId": endpoint.id }), "webhookDelivery { id }").await;
        assert_eq!(test.refused(), "WRONG_STATE");

        // Nothing is sent, and nothing lost: it goes on where it stood.
        let _ = receiver.taken();
        rename(&ground, &fire, "消防救援总队").await;
        world.deliver().await;
        assert!(receiver.taken().is_empty());
        receiver.from_now(Manner::Says(503, ""));
        let resumed = json!({ "id": endpoint.id });
        let resumed = office.act("resumeWebhookEndpoint", resumed, "webhookEndpoint { state disabledBecause }").await.done();
        assert_eq!(resumed["webhookEndpoint"], json!({ "state": "ACTIVE", "disabledBecause": null }));
        world.deliver().await;
        assert_eq!(receiver.acts(), ["RENAME_ORG_UNIT"]);

        // Days of failures are enough; each day brings something to fail with.
        let ledger = world.ledger().await;
        for turn in 0..6 {
            world.wait(TimeDelta::hours(23));
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
            world.wait(TimeDelta::hours(1));
            world.deliver().await;
        }
        let log = office.log(&endpoint).await;
        assert_eq!((&log["state"], &log["disabledBecause"]), (&json!("DISABLED"), &json!("FAILING")), "{log}");
        let since = ledger.since(&world).await;
        assert_eq!(since.events.iter().filter(|event| event.act == "DISABLE_WEBHOOK_ENDPOINT").count(), 1);
    }

    async fn what_is_held_is_told_later_or_left_out(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let office = ground.establishment().await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        let act = async |name: &str, more: Value| {
            let mut input = json!({ "id": endpoint.id });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            office.act(name, input, "webhookEndpoint { state }").await
        };
        act("pauseWebhookEndpoint", json!({})).await.done();
        assert_eq!(act("pauseWebhookEndpoint", json!({})).await.refused(), "WRONG_STATE");
        rename(&ground, &fire, "消防救援支队").await;
        world.deliver().await;
        assert!(receiver.taken().is_empty());
        act("resumeWebhookEndpoint", json!({})).await.done();
        assert_eq!(act("resumeWebhookEndpoint", json!({})).await.refused(), "WRONG_STATE");
        world.deliver().await;
        assert_eq!(receiver.acts(), ["RENAME_ORG_UNIT"]);
        act("pauseWebhookEndpoint", json!({})).await.done();
        rename(&ground, &fire, "消防救援总队").await;
        act("resumeWebhookEndpoint", json!({ "fromNow": true })).await.done();
        world.deliver().await;
        assert!(receiver.taken().is_empty());
    }

    async fn a_courier_that_dies_or_a_node_that_starts_again_loses_nothing(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let fire = ground.department("消防救援大队").await;
        world.deliver().await;
        let _ = receiver.taken();
        receiver.from_now(Manner::Hangs);
        rename(&ground, &fire, "消防救援支队").await;
        let mut dying = world.courier();
        assert_eq!(dying.round().await.unwrap(), 1);
        let first = receiver.next().await;
        // In the middle of it.
        drop(dying);
        receiver.from_now(Manner::Says(204, ""));
        // What nobody has looked at yet comes at once; what was in hand, when its lease is over.
        rename(&ground, &fire, "消防救援总队").await;
        let node = world.node(Settings::default()).await;
        node.open_loopback(PATIENT);
        node.deliver().await;
        let second = receiver.taken();
        assert_eq!(second.len(), 1);
        assert_ne!(second[0].id(), first[0].id());
        world.wait(TimeDelta::minutes(2));
        node.deliver().await;
        let third = receiver.taken();
        assert_eq!((third.len(), third[0].id(), &third[0].text), (1, first[0].id(), &first[0].text));
        assert_eq!(ground.establishment().await.log(&endpoint).await["pendingCount"], 0);
    }

    async fn the_log_is_kept_for_a_month(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let fire = ground.department("消防救援大队").await;
        rename(&ground, &fire, "消防救援支队").await;
        world.deliver().await;
        let _ = receiver.taken();
        let office = ground.establishment().await;
        assert_ne!(office.log(&endpoint).await["deliveries"]["totalCount"], 0);
        world.wait(TimeDelta::days(31));
        // What waits is never forgotten.
        receiver.from_now(Manner::Says(500, ""));
        rename(&ground, &fire, "消防救援总队").await;
        world.deliver().await;
        assert_eq!(office.log(&endpoint).await["deliveries"]["totalCount"], 1);
        assert_eq!(Receiver::taken(&receiver).len(), 1);
    }
}
