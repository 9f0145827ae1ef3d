//! Receivers that are down for a while, or for good.

use yidan_tests::{
    prelude::*,
    webhooks::{Manner, Receiver},
    world::Settings,
};

use super::{PATIENT, Scene, rename, told};

/// Comes back as often as the schedule says, for four days.
async fn four_days(world: &World) {
    for _ in 0..4 * 24 * 4 {
        world.wait(TimeDelta::minutes(15));
        world.deliver().await;
    }
}

on_both! {
    async fn what_fails_is_tried_again_and_given_up_and_sent_again_by_hand(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { ground, office, fire, receiver, endpoint } = &scene;

        receiver.from_now(Manner::Says(500, ""));
        rename(ground, fire, "消防救援支队").await;
        world.deliver().await;
        let first = receiver.taken();
        assert_eq!(first.len(), 1);
        let log = scene.log().await;
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
        let log = scene.log().await;
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
        let log = scene.log().await;
        assert_eq!(log["deliveries"]["nodes"][0]["attemptCount"], 11);
        assert_eq!((&log["failingSince"], &log["failedCount"]), (&json!(null), &json!(0)));
    }

    async fn everything_that_was_given_up_is_sent_again_at_once(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { office, receiver, endpoint, .. } = &scene;
        let since = world.now();
        receiver.from_now(Manner::Says(404, ""));
        scene.events(3).await;
        four_days(&world).await;
        let log = scene.log().await;
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
        let scene = Scene::of(&world).await;
        let Scene { ground, office, fire, receiver, endpoint } = &scene;
        let act = async |name: &str, more: Value| {
            let mut input = json!({ "id": endpoint.id });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            office.act(name, input, "webhookEndpoint { state }").await
        };
        act("pauseWebhookEndpoint", json!({})).await.done();
        assert_eq!(act("pauseWebhookEndpoint", json!({})).await.refused(), "WRONG_STATE");
        rename(ground, fire, "消防救援支队").await;
        world.deliver().await;
        assert!(receiver.taken().is_empty());
        act("resumeWebhookEndpoint", json!({})).await.done();
        assert_eq!(act("resumeWebhookEndpoint", json!({})).await.refused(), "WRONG_STATE");
        world.deliver().await;
        assert_eq!(receiver.acts(), ["RENAME_ORG_UNIT"]);
        act("pauseWebhookEndpoint", json!({})).await.done();
        rename(ground, fire, "消防救援总队").await;
        act("resumeWebhookEndpoint", json!({ "fromNow": true })).await.done();
        world.deliver().await;
        assert!(receiver.taken().is_empty());
    }

    async fn a_courier_that_dies_or_a_node_that_starts_again_loses_nothing(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { ground, fire, receiver, .. } = &scene;
        receiver.from_now(Manner::Hangs);
        rename(ground, fire, "消防救援支队").await;
        let mut dying = world.courier();
        assert_eq!(dying.round().await.unwrap(), 1);
        let first = receiver.next().await;
        // In the middle of it.
        drop(dying);
        receiver.from_now(Manner::Says(204, ""));
        // What nobody has looked at yet comes at once; what was in hand, when its lease is over.
        rename(ground, fire, "消防救援总队").await;
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
        assert_eq!(scene.log().await["pendingCount"], 0);
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
