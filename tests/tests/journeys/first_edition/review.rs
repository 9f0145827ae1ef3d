//! The joint review and its guards.

use super::*;

async fn act(client: &Client, act: &str, version: &str, more: Value) -> Act {
    client.act(act, with(&json!({ "id": version }), &more), "listVersion { id state }").await
}

on_both! {
    async fn county_city_and_province_review_it_and_the_public_reads_it_when_it_is_published(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let version = county.drafted().await;
        let public = async || world.visitor().query(BY_CODE, json!({ "code": township.code() })).await.good().data("/dutyList").clone();
        let states = async || county.seen(&version, "state").await["state"].as_str().unwrap().to_owned();
        let office = ground.establishment().await;

        // Who may do what, where: everybody tries everything in every state, and exactly one thing goes.
        let people = [
            county.list_admin().await, county.head().await, office.clone(), ground.reviewer(0).await, ground.top().await,
            ground.clerk().await, county.fire.person(Role::DeptHead).await, township.person(Role::TownshipStaff).await,
        ];
        let decision = json!({ "decision": ground.decision() });
        let forward = [
            ("confirmListVersion", json!({})), ("reviewListVersion", json!({})), ("reviewListVersionAbove", json!({})),
            ("approveListVersion", decision), ("publishListVersion", json!({})),
        ];
        let mut way = Vec::new();
        while states().await != "IN_FORCE" {
            assert_eq!(public().await, Value::Null, "{way:?}: nothing is public before it is published");
            let before = states().await;
            let mut done = None;
            'tries: for (name, more) in &forward {
                for client in &people {
                    let tried = act(client, name, &version, more.clone()).await;
                    let codes = tried.answer.user_error_codes(name);
                    let Some(code) = codes.first() else {
                        done = Some((*name, client.credentials().role));
                        break 'tries;
                    };
                    assert!(["FORBIDDEN", "NOT_FOUND", "STEP_SKIPPED", "WRONG_STATE"].contains(&code.as_str()), "{name}: {code}");
                    assert_eq!(states().await, before, "a refused act changes nothing");
                }
            }
            way.push(done.unwrap_or_else(|| panic!("nobody moves it on from {before}")));
        }
        let expected = [
            ("confirmListVersion", Role::TownshipHead), ("reviewListVersion", Role::EoCounty),
            ("reviewListVersionAbove", Role::EoCity), ("reviewListVersionAbove", Role::EoProvince),
            ("approveListVersion", Role::DecisionClerk), ("publishListVersion", Role::EoCounty),
        ];
        assert_eq!(way, expected);
        let seen = public().await;
        let counts = json!({ "basic": 1, "cooperative": 1, "reclaimed": 1, "total": 3 });
        assert_eq!((&seen["version"]["versionNo"], &seen["version"]["counts"]), (&json!(1), &counts));
        assert_eq!(seen["items"]["totalCount"], 3);
        assert_eq!(seen["version"]["contentHash"].as_str().unwrap().len(), 64);
        let timeline = office.see("ListVersion", &version, "timeline(first: 50) { nodes { act role } }").await;
        let acts = texts(&timeline["timeline"]["nodes"], "act");
        assert_eq!(acts.iter().filter(|act| *act == "REVIEW_LIST_VERSION_ABOVE").count(), 2);
        assert_eq!(acts.last().unwrap(), "PUBLISH_LIST_VERSION");
    }

    async fn each_reviewer_returns_it_in_its_turn_and_it_starts_again(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let version = county.drafted().await;
        let give_back = async |client: &Client| act(client, "returnListVersion", &version, json!({ "reason": "请核对条款" })).await;
        let walk = async |steps: usize| {
            ground.confirm(township, &version).await.done();
            if steps > 0 {
                ground.review(&version).await.done();
            }
            for index in 1..steps.min(3) {
                ground.review_above(index - 1, &version).await.done();
            }
            if steps == 4 {
                ground.approve(&version).await.done();
            }
        };
        let office = ground.establishment().await;
        let reviewers = [office.clone(), ground.reviewer(0).await, ground.top().await, ground.clerk().await];
        for (steps, reviewer) in reviewers.iter().enumerate() {
            walk(steps.min(3)).await;
            for other in reviewers.iter().filter(|other| other.credentials().account != reviewer.credentials().account) {
                assert_eq!(give_back(other).await.refused(), "FORBIDDEN", "{steps}: it is not its turn");
            }
            assert_eq!(give_back(&county.head().await).await.refused(), "FORBIDDEN");
            let actions = reviewer.see("ListVersion", &version, "viewerActions").await["viewerActions"].clone();
            assert!(actions.as_array().unwrap().contains(&json!("RETURN_LIST_VERSION")), "{steps}: {actions}");
            assert_eq!(give_back(reviewer).await.done()["listVersion"]["state"], "RETURNED", "{steps}");
            assert_eq!(county.head().await.tasks().await, ["CONFIRM_LIST_VERSION"]);
            assert!(reviewer.tasks().await.is_empty());
        }
        // Corrected, and reviewed by everybody again.
        let item = county.item(&version, SHOPS).await;
        let text = with(&ground.cooperative(SHOPS, &county.fire), &json!({ "townshipClauses": ["组织日常巡查"] }));
        let update = json!({ "versionId": version, "itemId": item, "content": text });
        county.list_admin().await.act("updateDraftItem", update, "listVersion { id }").await.done();
        let list = ground.put_in_force(township, &version).await;
        assert_eq!(ground.item(&list, SHOPS).await["townshipClauses"], json!([{ "text": "组织日常巡查" }]));
    }

    async fn it_takes_effect_at_once_or_later_and_never_earlier(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let version = county.drafted().await;
        ground.confirm(township, &version).await.done();
        ground.review(&version).await.done();
        for index in 0..2 {
            ground.review_above(index, &version).await.done();
        }
        let refusal = act(&ground.clerk().await, "approveListVersion", &version, json!({ "decision": {} })).await.refusal();
        assert_eq!(refusal["missing"], json!(["body", "documentNo", "meeting", "decidedOn"]));
        ground.approve(&version).await.done();
        let early = ground.publish(&version, Some("2026-03-01T00:00:00+08:00")).await.refusal();
        assert_eq!((&early["code"], &early["earliest"]), (&json!("DEADLINE_INVALID"), &json!("2026-03-02")));
        assert_eq!(ground.publish(&version, Some("2027-04-01T00:00:00+08:00")).await.refused(), "DEADLINE_INVALID");
        let published = ground.publish(&version, Some("2026-04-01T00:00:00+08:00")).await.done();
        assert_eq!(published["listVersion"]["state"], "PUBLISHED");
        let public = async || world.visitor().query(BY_CODE, json!({ "code": township.code() })).await.good().data("/dutyList").clone();
        let seen = public().await;
        assert_eq!((&seen["version"], &seen["items"]["totalCount"]), (&Value::Null, &json!(0)), "announced, not in force");
        let announced = county.seen(&version, "state items { totalCount }").await;
        assert_eq!(announced, json!({ "state": "PUBLISHED", "items": { "totalCount": 3 } }));
        let input = ground.application("太早", &[yidan_tests::procedures::addition(&[seen["id"].as_str().unwrap()], &ground.basic("河长巡河"))]);
        let early = county.list_admin().await.act("createAdjustment", input, "adjustment { id }").await;
        assert_eq!(early.refused(), "LIST_NOT_IN_FORCE");
        world.clock().set("2026-04-01T00:00:00+08:00".parse().unwrap());
        let seen = public().await;
        assert_eq!((&seen["version"]["state"], &seen["items"]["totalCount"]), (&json!("IN_FORCE"), &json!(3)));
    }
}
