//! A law changes: every list that rests on it is looked at in time, or it is on record that it was not.

use super::*;

/// A county whose one list rests on the fire law, among others.
struct County {
    ground: Ground,
    township: Township,
    fire: Org,
    list: String,
}

async fn county(world: &World) -> County {
    let ground = world.ground().await;
    let fire = ground.department("消防救援大队").await;
    let township = ground.township("320102002").await;
    let on = |article: &str| json!({ "legalBases": [{ "instrument": FIRE_LAW, "article": article }] });
    let items = [
        with(&ground.cooperative(SHOPS, &fire), &on("第五十二条")),
        with(&ground.cooperative("高层建筑消防宣传", &fire), &on("第三十一条")),
        ground.cooperative("渔船停泊点防火提醒", &fire),
    ];
    let list = ground.list(&township, &items).await;
    County { ground, township, fire, list }
}

fn change(articles: Option<Value>) -> Value {
    json!({
        "kind": "AMENDED", "instrument": format!("《{FIRE_LAW}》"), "articles": articles,
        "effectiveOn": "2026-03-16", "summary": "调整消防救援机构与乡镇的分工",
    })
}

async fn register(client: &Client, input: Value) -> Act {
    let seen = "lawChange { id affectedItems { totalCount nodes { name } } watches { id state affectedCount authority { id } } }";
    client.act("registerLawChange", input, seen).await
}

async fn watch(client: &Client, id: &str, selection: &str) -> Value {
    client.see("LawWatch", id, selection).await
}

on_both! {
    async fn every_list_that_rests_on_it_is_found_and_the_office_is_asked(world: World) {
        let county = county(&world).await;
        let (ground, office) = (&county.ground, county.ground.establishment().await);
        assert_eq!(register(&county.fire.person(Role::DeptHead).await, change(None)).await.refused(), "FORBIDDEN");
        let done = register(&ground.justice().await, change(None)).await.done()["lawChange"].clone();
        let mut found = texts(&done["affectedItems"]["nodes"], "name");
        found.sort();
        assert_eq!(found, [SHOPS, "高层建筑消防宣传"], "with or without the marks of a title");
        assert_eq!(done["watches"].as_array().unwrap().len(), 1);
        assert_eq!((&done["watches"][0]["affectedCount"], &done["watches"][0]["authority"]["id"]), (&json!(2), &json!(ground.seat.authority.id)));
        // Only where the article is the one.
        let one = register(&ground.justice().await, change(Some(json!(["第五十二条"])))).await.done()["lawChange"].clone();
        assert_eq!(texts(&one["affectedItems"]["nodes"], "name"), [SHOPS]);
        let other = register(&ground.justice().await, with(&change(None), &json!({ "instrument": "渔业法" }))).await.done()["lawChange"].clone();
        assert_eq!((&other["affectedItems"]["totalCount"], &other["watches"]), (&json!(0), &json!([])));
        // A county registers for itself; the neighbour's lists are not its business.
        let neighbour = ground.province.county("320104").await;
        let theirs = register(&neighbour.person(Role::Legal).await, change(None)).await.done()["lawChange"].clone();
        assert_eq!(theirs["watches"], json!([]));
        // The same is not registered twice; the province registers for all, and who watches already is not asked again.
        assert_eq!(register(&ground.justice().await, change(None)).await.refused(), "INVALID_INPUT");
        let all = register(&ground.top().await, change(None)).await.done()["lawChange"].clone();
        assert_eq!((&all["affectedItems"]["totalCount"], &all["watches"]), (&json!(2), &json!([])));
        let later = with(&change(None), &json!({ "effectiveOn": "2026-06-01" }));
        let later = register(&ground.top().await, later).await.done()["lawChange"].clone();
        assert_eq!(later["watches"].as_array().unwrap().len(), 1, "another day, another change");
        assert_eq!(office.tasks().await, ["ANSWER_LAW_CHANGE"; 3]);
        // Thirty working days from the day it takes effect, over 清明: 17 March to 28 April.
        let id = done["watches"][0]["id"].as_str().unwrap();
        assert_eq!(due(&open_step(&office, "LawWatch", id, "ANSWER_LAW_CHANGE").await), "2026-04-29 00:00");
    }

    async fn a_request_that_answers_it_ends_the_watch_when_it_is_submitted(world: World) {
        let county = county(&world).await;
        let (ground, office) = (&county.ground, county.ground.establishment().await);
        let done = register(&ground.justice().await, change(None)).await.done()["lawChange"].clone();
        let id = done["watches"][0]["id"].as_str().unwrap();
        // The request may name any registration of the same change.
        let also = register(&ground.top().await, change(None)).await.done()["lawChange"].clone();
        let shops = ground.item_id(&county.list, SHOPS).await;
        let lighter = with(&ground.cooperative(SHOPS, &county.fire), &json!({ "townshipClauses": ["组织日常巡查"] }));
        let request = json!({
            "title": "因消防法修改调整", "origin": "LAW_CHANGE", "reason": "消防法修改", "lawChangeId": also["id"],
            "law": { "instrument": FIRE_LAW, "article": "第五十二条", "effectiveOn": "2026-03-16" },
            "changes": [yidan_tests::procedures::change("REWORD", &shops, Some(&lighter))],
        });
        let made = office.act("createAdjustment", request, "adjustment { id lawChange { id } }").await.done();
        assert_eq!(made["adjustment"]["lawChange"]["id"], also["id"]);
        assert_eq!(watch(&office, id, "state").await["state"], "OPEN", "a draft answers nothing");
        let adjustment = made["adjustment"]["id"].as_str().unwrap();
        adjustment_act(&office, "submitAdjustment", adjustment, json!({})).await.done();
        let seen = watch(&office, id, "state viewerActions steps { outcome overdue }").await;
        assert_eq!(seen, json!({ "state": "ANSWERED", "viewerActions": [], "steps": [{ "outcome": "DONE", "overdue": false }] }));
        assert!(!office.tasks().await.contains(&"ANSWER_LAW_CHANGE".to_owned()));
        world.wait_and_tick(TimeDelta::days(120)).await;
        assert_eq!(watch(&office, id, "state").await["state"], "ANSWERED", "time does nothing to what is answered");
        let dismiss = office.act("dismissLawWatch", json!({ "id": id, "reason": "x" }), "lawWatch { state }").await;
        assert_eq!(dismiss.refused(), "WRONG_STATE");
    }

    async fn who_does_nothing_in_time_is_late_on_record_and_may_still_act(world: World) {
        let county = county(&world).await;
        let (ground, office) = (&county.ground, county.ground.establishment().await);
        let done = register(&ground.justice().await, change(None)).await.done()["lawChange"].clone();
        let id = done["watches"][0]["id"].as_str().unwrap();
        world.clock().set("2026-04-28T23:59:00+08:00".parse().unwrap());
        world.tick().await;
        assert_eq!(watch(&office, id, "state").await["state"], "OPEN");
        world.clock().set("2026-04-29T00:00:00+08:00".parse().unwrap());
        world.tick().await;
        world.tick().await;
        let seen = watch(&office, id, "state viewerActions timeline { nodes { act after concerns { id } } }").await;
        assert_eq!(seen["state"], "LATE");
        let marks: Vec<&Value> = seen["timeline"]["nodes"].as_array().unwrap().iter().filter(|event| event["act"] == "MARK_LATE_ADJUSTMENT").collect();
        assert_eq!(marks.len(), 1, "once");
        assert_eq!(marks[0]["after"]["finding"], "LATE_ADJUSTMENT", "动态调整不及时");
        assert_eq!(marks[0]["concerns"]["id"], json!(ground.seat.office(OrgKind::EstablishmentOffice).id));
        assert_eq!(office.query("{ queue(overdue: true) { nodes { task overdue } } }", json!({})).await.good().data("/queue/nodes/0/task"), "ANSWER_LAW_CHANGE");
        // Late is not over: it is still answered, and it was late all the same.
        let dismiss = async |client: &Client, reason: &str| {
            client.act("dismissLawWatch", json!({ "id": id, "reason": reason }), "lawWatch { state steps { overdue outcome } }").await
        };
        assert_eq!(dismiss(&office, " ").await.refused(), "INVALID_INPUT", "not without a reason");
        assert_eq!(dismiss(&ground.clerk().await, "无需调整").await.refused(), "FORBIDDEN");
        let neighbour = ground.province.county("320104").await.person(Role::EoCounty).await;
        assert_eq!(dismiss(&neighbour, "无需调整").await.refused(), "NOT_FOUND");
        let ended = dismiss(&office, "条文修改不影响乡镇职责").await.done()["lawWatch"].clone();
        assert_eq!(ended, json!({ "state": "DISMISSED", "steps": [{ "overdue": true, "outcome": "DONE" }] }));
        let inspector = ground.seat.person(Role::Inspector).await;
        let evidence = inspector.query("{ auditEvents(act: MARK_LATE_ADJUSTMENT) { nodes { after } } }", json!({})).await.good();
        assert_eq!(evidence.data("/auditEvents/nodes/0/after/finding"), "LATE_ADJUSTMENT");
        assert_eq!(county.township.person(Role::TownshipHead).await.see("LawWatch", id, "id").await, Value::Null, "the county's task, not the township's");
    }
}
