//! A notice of holidays is loaded: what is open is computed again, what is done stays.

use super::*;

async fn load(world: &World, json: Value) -> yidan::setup::Loaded {
    let years = yidan::kernel::calendar::parse_years(&json.to_string()).unwrap();
    yidan::setup::load_calendar(world.platform(), years, "国办通知").await.unwrap()
}

/// A request before the establishment office, due on Monday, 9 March.
async fn checking(world: &World) -> (Ground, Township, String) {
    let ground = world.ground().await;
    let fire = ground.department("消防救援大队").await;
    let township = ground.township("320102002").await;
    let list = ground.list(&township, &[ground.cooperative(SHOPS, &fire)]).await;
    let item = addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire));
    let id = ground.apply(&township, "承接", &[item]).await;
    ground.adjustment_until(&township, &id, "EO_CHECK").await;
    (ground, township, id)
}

on_both! {
    async fn a_new_holiday_moves_what_is_open_and_leaves_what_is_done(world: World) {
        let (ground, township, id) = checking(&world).await;
        let office = ground.establishment().await;
        let before = open_step(&office, "Adjustment", &id, "CHECK_ADJUSTMENT").await;
        assert_eq!(due(&before), "2026-03-10 00:00");
        let loaded = load(&world, json!({ "holidays": { "2026-03-05": "假" }, "workdays": {} })).await;
        assert_eq!((loaded.years, loaded.deadlines), (1, 1));
        let after = open_step(&office, "Adjustment", &id, "CHECK_ADJUSTMENT").await;
        assert_eq!(due(&after), "2026-03-11 00:00");
        assert_ne!(before["deadline"]["calendarVersion"], after["deadline"]["calendarVersion"]);
        // A weekend day worked in exchange brings it forward again.
        load(&world, json!({ "holidays": { "2026-03-05": "假" }, "workdays": { "2026-03-07": "班" } })).await;
        assert_eq!(due(&open_step(&office, "Adjustment", &id, "CHECK_ADJUSTMENT").await), "2026-03-10 00:00");
        let timeline = office.see("Adjustment", &id, "timeline(first: 50) { nodes { act before after } }").await;
        let moved: Vec<&Value> = timeline["timeline"]["nodes"].as_array().unwrap().iter().filter(|event| event["act"] == "LOAD_CALENDAR").collect();
        assert_eq!(moved.len(), 2, "each time on record");
        assert!(moved[0]["before"]["dueAt"] != moved[0]["after"]["dueAt"]);

        ground.adjustment_until(&township, &id, "LEGAL_REVIEW").await;
        let again = json!({ "holidays": { "2026-03-04": "假", "2026-03-05": "假" }, "workdays": { "2026-03-07": "班" } });
        load(&world, again.clone()).await;
        let seen = office.see("Adjustment", &id, &format!("steps {{ {STEP} }}")).await["steps"].clone();
        let done = seen.as_array().unwrap().iter().find(|step| step["task"] == "CHECK_ADJUSTMENT").unwrap();
        assert_eq!(due(done), "2026-03-10 00:00", "what is done was due when it was due");
        let same = load(&world, again).await;
        assert_eq!((same.years, same.deadlines), (0, 0), "the same notice again changes nothing");
    }

    async fn what_a_notice_gives_time_again_was_not_late(world: World) {
        let (ground, _, id) = checking(&world).await;
        let office = ground.establishment().await;
        world.clock().set("2026-03-10T08:00:00+08:00".parse().unwrap());
        world.tick().await;
        let queue = async || office.query("{ queue { nodes { overdue deadline { breachedAt } } } }", json!({})).await.good().data("/queue/nodes/0").clone();
        let late = queue().await;
        assert!(late["overdue"] == true && late["deadline"]["breachedAt"].is_string(), "{late}");
        load(&world, json!({ "holidays": { "2026-03-09": "假" }, "workdays": {} })).await;
        assert_eq!(queue().await, json!({ "overdue": false, "deadline": { "breachedAt": null } }));
        world.tick().await;
        assert_eq!(queue().await["overdue"], false);
        // And late again when that time is over, too.
        world.clock().set("2026-03-11T00:00:00+08:00".parse().unwrap());
        world.tick().await;
        assert!(queue().await["deadline"]["breachedAt"].is_string());
        let timeline = office.see("Adjustment", &id, "timeline(first: 50) { nodes { act } }").await;
        let breaches = texts(&timeline["timeline"]["nodes"], "act").into_iter().filter(|act| act == "BREACH_DEADLINE").count();
        assert_eq!(breaches, 2);
    }

    async fn a_year_without_a_notice_is_provisional_until_there_is_one(world: World) {
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative(SHOPS, &fire)]).await;
        world.clock().set("2026-12-30T09:00:00+08:00".parse().unwrap());
        let item = addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire));
        let id = ground.apply(&township, "承接", &[item]).await;
        ground.adjustment_until(&township, &id, "EO_CHECK").await;
        let office = ground.establishment().await;
        let before = open_step(&office, "Adjustment", &id, "CHECK_ADJUSTMENT").await;
        // Monday to Friday but for New Year's Day, which the law knows: Thursday, then Monday to Thursday.
        assert_eq!(due(&before), "2027-01-08 00:00");
        let year = async || office.query("{ workCalendar(year: 2027) { provisional holidays } }", json!({})).await.good().data("/workCalendar").clone();
        let provisional = year().await;
        assert_eq!((&provisional["provisional"], &provisional["holidays"][0]), (&json!(true), &json!("2027-01-01")));
        load(&world, json!({ "holidays": { "2027-01-01": "元旦" }, "workdays": { "2027-01-02": "元旦" } })).await;
        assert_eq!(year().await, json!({ "provisional": false, "holidays": ["2027-01-01"] }));
        let after = open_step(&office, "Adjustment", &id, "CHECK_ADJUSTMENT").await;
        assert_eq!(due(&after), "2027-01-07 00:00");
        assert_ne!(before["deadline"]["calendarVersion"], after["deadline"]["calendarVersion"]);
    }
}
