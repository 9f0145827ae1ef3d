//! An approval that is not used in time is none.

use super::*;

on_both! {
    async fn an_approval_not_incorporated_in_twenty_working_days_lapses(world: World) {
        let county = county(&world).await;
        let id = county.at("APPROVED").await;
        world.clock().set("2026-03-30T23:59:00+08:00".parse().unwrap());
        world.tick().await;
        assert_eq!(county.state(&id).await, "APPROVED");
        world.clock().set("2026-03-31T00:00:00+08:00".parse().unwrap());
        // Even before anybody has looked at the clock.
        let draft = county.ground.incorporation(&county.lists[0]).await.done();
        let version = draft["listVersion"]["id"].as_str().unwrap().to_owned();
        world.tick().await;
        world.tick().await;
        let seen = county.seen(&id, "state closedAt viewerActions timeline(first: 50) { nodes { act actorName } }").await;
        assert_eq!((&seen["state"], &seen["viewerActions"]), (&json!("LAPSED"), &json!([])));
        let lapses = texts(&seen["timeline"]["nodes"], "act").into_iter().filter(|act| act == "LAPSE_ADMISSION").count();
        assert_eq!(lapses, 1);
        assert!(!county.ground.establishment().await.tasks().await.contains(&"DRAFT_INCORPORATION".to_owned()));
        assert_eq!(county.ground.incorporation(&county.lists[1]).await.refused(), "STEP_SKIPPED");
        // A version that was drafted with it goes nowhere, and says why.
        let ground = &county.ground;
        let refusal = ground.confirm(&county.townships[0], &version).await.refusal();
        assert_eq!((&refusal["code"], &refusal["findings"]), (&json!("UNRESOLVED_FINDINGS"), &json!([format!("LAPSED: {NURSERY}")])));
        let office = ground.establishment().await;
        let found = office.see("ListVersion", &version, "findings { kind blocking items { code } }").await;
        assert_eq!((&found["findings"][0]["kind"], &found["findings"][0]["blocking"]), (&json!("LAPSED"), &json!(true)));
        assert_eq!(ground.item(&county.lists[0], NURSERY).await, Value::Null);
    }

    async fn an_approval_lapses_only_in_the_lists_that_did_not_take_it_up(world: World) {
        let county = county(&world).await;
        let id = county.at("APPROVED").await;
        let ground = &county.ground;
        ground.incorporate(&county.townships[0], &county.lists[0], None).await;
        assert_eq!(county.state(&id).await, "APPROVED", "a list is left");
        let draft = ground.incorporation(&county.lists[1]).await.done();
        let version = draft["listVersion"]["id"].as_str().unwrap().to_owned();
        world.clock().set("2026-03-31T00:00:00+08:00".parse().unwrap());
        world.tick().await;
        let seen = county.seen(&id, "state closedAt changes { targets { list { id } incorporatedAt } }").await;
        assert_eq!(seen["state"], "INCORPORATED");
        let targets = seen["changes"][0]["targets"].as_array().unwrap();
        for target in targets {
            assert_eq!(target["incorporatedAt"].is_string(), target["list"]["id"] == county.lists[0].as_str());
        }
        assert!(!ground.item(&county.lists[0], NURSERY).await.is_null());
        assert!(!ground.establishment().await.tasks().await.contains(&"DRAFT_INCORPORATION".to_owned()));
        // What the second list did not take up in time is not taken up late.
        assert_eq!(ground.confirm(&county.townships[1], &version).await.refused(), "UNRESOLVED_FINDINGS");
        let give_back = json!({ "id": version, "reason": "逾期失效" });
        let office = ground.establishment().await;
        office.act("withdrawListVersion", give_back, "listVersion { state }").await.done();
        assert_eq!(ground.incorporation(&county.lists[1]).await.refused(), "STEP_SKIPPED");
        assert_eq!(ground.item(&county.lists[1], NURSERY).await, Value::Null);
    }

    async fn a_version_left_with_a_lapsed_approval_is_returned_and_withdrawn_and_the_rest_goes_on(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.townships[0]);
        county.at("APPROVED").await;
        let item = ground.cooperative("小微水体漂浮物发现上报", &county.bureau);
        let other = ground.approved_application(township, "承接", &[addition(&[&county.lists[0]], &item)]).await;
        let drafted = ground.incorporation(&county.lists[0]).await.done();
        let version = drafted["listVersion"]["id"].as_str().unwrap().to_owned();
        ground.confirm(township, &version).await.done();
        ground.review(&version).await.done();
        ground.approve(&version).await.done();
        world.clock().set("2026-03-31T00:00:00+08:00".parse().unwrap());
        world.tick().await;
        assert_eq!(ground.publish(&version, None).await.refused(), "UNRESOLVED_FINDINGS");
        let office = ground.establishment().await;
        let give_back = json!({ "id": version, "reason": "所纳入的准入事项已逾期失效" });
        let by_head = township.person(Role::TownshipHead).await.act("returnListVersion", give_back.clone(), "listVersion { id }").await;
        assert_eq!(by_head.refused(), "FORBIDDEN");
        office.act("returnListVersion", give_back.clone(), "listVersion { state }").await.done();
        office.act("withdrawListVersion", give_back, "listVersion { state }").await.done();
        // The other request waits again, and the next version has it alone.
        let next = ground.incorporate(township, &county.lists[0], None).await;
        let changes = office.see("ListVersion", &next, "changes { request { id } }").await;
        assert_eq!(changes["changes"], json!([{ "request": { "id": other } }]));
    }
}
