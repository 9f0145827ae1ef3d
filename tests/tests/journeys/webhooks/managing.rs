//! Who may set up what, and what is kept of it.

use yidan_entity::{audit_event, idempotency_key, webhook_endpoint};
use yidan_tests::{ids, prelude::*, webhooks::Receiver};

use super::{PATIENT, rename, told};

const ISSUED: &str = "issued { secret endpoint { id revision url description acts organisation { id } } }";

on_both! {
    async fn endpoints_are_their_organisations_and_the_technical_administrators(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let create = async |client: &Client, org: Option<&Org>| {
            let input = json!({ "orgUnitId": org.map(|org| org.id), "url": receiver.url(), "description": "x" });
            client.act("createWebhookEndpoint", input, ISSUED).await
        };
        let head = township.person(Role::TownshipHead).await;
        create(&head, Some(&township.org)).await.done();
        // Neither for others, nor for the province, nor whoever it is.
        assert_eq!(create(&head, Some(&fire)).await.refused(), "FORBIDDEN");
        let refusal = create(&head, None).await.refusal();
        assert_eq!(refusal["code"], "FORBIDDEN");
        assert!(refusal["message"].as_str().unwrap().contains("orgUnitId"), "{refusal}");
        assert_eq!(create(&ground.top().await, None).await.refused(), "FORBIDDEN");
        assert_eq!(create(&fire.person(Role::DeptOfficer).await, Some(&fire)).await.refused(), "FORBIDDEN");
        let admin = ground.province.admin().await;
        create(&admin, None).await.done();
        create(&admin, Some(&fire)).await.done();

        // Who does not manage it does not learn that it is there.
        let elsewhere = world.province("330000").await.admin().await;
        for client in [&head, &fire.person(Role::DeptHead).await, &elsewhere, &fire.person(Role::DeptOfficer).await] {
            let paused = client.act("pauseWebhookEndpoint", json!({ "id": endpoint.id }), "webhookEndpoint { id }").await;
            let random = json!({ "id": ids::random("hook") });
            let nothing = client.act("pauseWebhookEndpoint", random, "webhookEndpoint { id }").await;
            assert_eq!(paused.refused(), "NOT_FOUND");
            assert_eq!(paused.answer.text, nothing.answer.text);
            let node = client.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": endpoint.id })).await.good();
            assert_eq!(node.data("/node"), &json!(null));
        }
        let count = async |client: &Client, org: Option<&Org>| {
            let document = "query($org: ID) { webhookEndpoints(orgUnitId: $org) { totalCount } }";
            let answer = client.query(document, json!({ "org": org.map(|org| org.id) })).await.good();
            answer.data("/webhookEndpoints/totalCount").as_i64().unwrap()
        };
        assert_eq!(count(&admin, None).await, 4);
        assert_eq!((count(&admin, Some(&fire)).await, count(&elsewhere, None).await), (1, 0));
        assert_eq!((count(&head, None).await, count(&head, Some(&fire)).await), (1, 0));
        let officer = fire.person(Role::DeptOfficer).await;
        assert_eq!(officer.query("{ webhookEndpoints { totalCount } }", json!({})).await.codes(), ["FORBIDDEN"]);
        // An account that is disabled takes nothing with it: the endpoint is the organisation's.
        let office = ground.establishment().await;
        let account = json!({ "id": office.credentials().account, "reason": "调离" });
        admin.act("disableAccount", account, "account { id }").await.done();
        world.deliver().await;
        let _ = receiver.taken();
        rename(&ground, &fire, "消防救援支队").await;
        world.deliver().await;
        assert!(receiver.acts().contains(&"RENAME_ORG_UNIT".to_owned()));
    }

    async fn a_secret_is_shown_once_and_kept_sealed(world: World) {
        world.open_loopback(PATIENT);
        let jiangsu = world.province("320000").await;
        let (admin, receiver) = (jiangsu.admin().await, Receiver::open().await);
        let url = format!("{}?token=s3cret", receiver.url());
        let input = json!({
            "url": url, "description": "政务平台", "acts": ["RENAME_ORG_UNIT", "RENAME_ORG_UNIT"], "idempotencyKey": "k1"
        });
        let made = admin.act("createWebhookEndpoint", input.clone(), ISSUED).await.done();
        let secret = made["issued"]["secret"].as_str().unwrap().to_owned();
        let id = made["issued"]["endpoint"]["id"].clone();
        assert_eq!(made["issued"]["endpoint"]["acts"], json!(["RENAME_ORG_UNIT"]));
        assert_eq!(made["issued"]["endpoint"]["organisation"], json!(null));
        let again = admin.act("createWebhookEndpoint", input, ISSUED).await.done();
        assert_eq!((&again["issued"]["endpoint"]["id"], &again["issued"]["secret"]), (&id, &json!(null)));

        let rows = world.rows::<webhook_endpoint::Entity>().await;
        assert_eq!(rows.len(), 1);
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &secret[6..]).unwrap();
        assert_eq!(bytes.len(), 32);
        assert!(!rows[0].secret.windows(32).any(|part| part == bytes));
        let kept = format!("{:?}{:?}", world.rows::<idempotency_key::Entity>().await, world.rows::<audit_event::Entity>().await);
        assert!(!kept.contains(&secret[6..]) && !kept.contains("s3cret"), "{kept}");

        // For a day both sign, so that a receiver can change over; then the new one alone.
        let rotated = admin.act("rotateWebhookSecret", json!({ "id": id, "expectedRevision": 1 }), ISSUED).await.done();
        let new = rotated["issued"]["secret"].as_str().unwrap().to_owned();
        assert_ne!(new, secret);
        let stale = admin.act("rotateWebhookSecret", json!({ "id": id, "expectedRevision": 1 }), ISSUED).await;
        assert_eq!(stale.refused(), "STALE_REVISION");
        let test = async || {
            admin.act("sendTestWebhook", json!({ "endpointId": id }), "webhookDelivery { kind number }").await.done();
            world.deliver().await;
            receiver.taken().remove(0)
        };
        let message = test().await;
        assert_eq!(message.body["type"], "webhook.test");
        assert!(message.is_signed_by(&secret) && message.is_signed_by(&new));
        world.wait(TimeDelta::hours(25));
        let message = test().await;
        assert!(!message.is_signed_by(&secret) && message.is_signed_by(&new));
    }

    async fn what_cannot_be_told_or_reached_is_refused(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let create = async |more: Value| {
            let mut input = json!({ "url": "https://198.51.99.1/hook", "description": "政务平台" });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            admin.act("createWebhookEndpoint", input, ISSUED).await
        };
        for url in [
            "https://127.0.0.1/", "https://localhost/", "https://10.0.0.8/", "https://[::1]/", "https://169.254.169.254/",
            "https://2130706433/", "http://198.51.99.1/", "https://a:b@198.51.99.1/", "https://198.51.99.1:22/", "x", "",
            &format!("https://198.51.99.1/{}", "x".repeat(600)),
        ] {
            let refused = create(json!({ "url": url })).await;
            assert_eq!(refused.refused(), "INVALID_INPUT", "{url}");
            assert_eq!(refused.refusal()["path"], json!(["input", "url"]));
        }
        for act in ["LOGIN", "CREATE_ACCOUNT", "CAST_BALLOT", "CLAIM_BALLOTS", "READ_EVIDENCE", "DELETE_WEBHOOK_ENDPOINT"] {
            let refused = create(json!({ "acts": ["RENAME_ORG_UNIT", act] })).await;
            assert_eq!(refused.refusal()["path"], json!(["input", "acts", "1"]), "{act}");
        }
        assert_eq!(create(json!({ "description": "" })).await.refused(), "INVALID_INPUT");
        let before = world.heads().await;
        let everything = create(json!({ "url": "x", "description": "a\u{0}b", "acts": ["LOGIN"] })).await;
        assert_eq!(everything.answer.user_error_codes("createWebhookEndpoint"), ["INVALID_INPUT"; 3], "all at once");
        assert_eq!(world.heads().await, before);
        for _ in 0..10 {
            create(json!({})).await.done();
        }
        let refusal = create(json!({})).await.refusal();
        assert_eq!((&refusal["code"], &refusal["path"]), (&json!("INVALID_INPUT"), &json!(["input", "url"])));
        assert!(refusal["message"].as_str().unwrap().contains("十个全省的推送地址"), "{refusal}");
        let org = jiangsu.operator.id;
        for _ in 0..10 {
            create(json!({ "orgUnitId": org })).await.done();
        }
        let refusal = create(json!({ "orgUnitId": org })).await.refusal();
        assert_eq!(refusal["path"], json!(["input", "orgUnitId"]));
        assert!(refusal["message"].as_str().unwrap().contains("该单位已登记十个"), "{refusal}");
    }

    async fn every_act_leaves_its_evidence_and_what_is_removed_is_gone(world: World) {
        world.open_loopback(PATIENT);
        let jiangsu = world.province("320000").await;
        let (admin, receiver) = (jiangsu.admin().await, Receiver::open().await);
        let endpoint = admin.endpoint(None, &receiver, &[]).await;
        let ledger = world.ledger().await;
        let id = || json!({ "id": endpoint.id });
        let update = json!({ "id": endpoint.id, "description": "新平台", "acts": [], "expectedRevision": 1 });
        let updated = admin.act("updateWebhookEndpoint", update, "webhookEndpoint { url description acts revision }").await;
        assert_eq!(updated.done()["webhookEndpoint"], json!({
            "url": receiver.url(), "description": "新平台", "acts": null, "revision": 2
        }));
        let bad = json!({ "id": endpoint.id, "url": "https://192.168.0.1/" });
        assert_eq!(admin.act("updateWebhookEndpoint", bad, "webhookEndpoint { id }").await.refused(), "INVALID_INPUT");
        admin.act("rotateWebhookSecret", id(), ISSUED).await.done();
        admin.act("pauseWebhookEndpoint", id(), "webhookEndpoint { id }").await.done();
        admin.act("resumeWebhookEndpoint", id(), "webhookEndpoint { id }").await.done();
        let sent = json!({ "endpointId": endpoint.id });
        let sent = admin.act("sendTestWebhook", sent, "webhookDelivery { id body endpoint { id } }").await.done();
        world.deliver().await;
        assert_eq!(receiver.taken()[0].text, sent["webhookDelivery"]["body"].as_str().unwrap());
        let again = json!({ "deliveryId": sent["webhookDelivery"]["id"] });
        admin.act("redeliverWebhook", again.clone(), "webhookDelivery { id }").await.done();
        let failed = json!({ "endpointId": endpoint.id, "since": world.now() });
        admin.act("redeliverFailedWebhooks", failed, "redelivery { deliveries }").await.done();
        let gone = admin.act("deleteWebhookEndpoint", id(), "deletedId").await.done();
        assert_eq!(gone["deletedId"], json!(endpoint.id));
        let since = ledger.since(&world).await;
        let acts: Vec<&str> = since.events.iter().map(|event| event.act.as_str()).collect();
        assert_eq!(acts, [
            "UPDATE_WEBHOOK_ENDPOINT", "ROTATE_WEBHOOK_SECRET", "PAUSE_WEBHOOK_ENDPOINT", "RESUME_WEBHOOK_ENDPOINT",
            "SEND_TEST_WEBHOOK", "REDELIVER_WEBHOOK", "REDELIVER_FAILED_WEBHOOKS", "DELETE_WEBHOOK_ENDPOINT",
        ]);
        world.deliver().await;
        assert!(receiver.taken().is_empty());
        assert_eq!(admin.act("redeliverWebhook", again, "webhookDelivery { id }").await.refused(), "NOT_FOUND");
        assert!(world.rows::<yidan_entity::webhook_attempt::Entity>().await.is_empty());
        let metrics = world.visitor().get("/metrics").await;
        assert!(metrics.text.contains("yidan_webhook_attempts_total{outcome=\"delivered\"} 1"), "{}", metrics.text);
    }
}
