//! The joint consultation, its clocks, and the clocks of the other steps.

use super::*;

fn at(text: &str) -> Value {
    json!(format!("{}+00:00", (text.parse::<DateTime<Utc>>().unwrap()).format("%Y-%m-%dT%H:%M:%S")))
}

fn same(left: &Value, right: &Value) -> bool {
    let moment = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    moment(left) == moment(right)
}

on_both! {
    async fn silence_is_recorded_after_its_time_and_never_counts_as_consent(world: World) {
        let county = county(&world).await;
        let id = county.at("JOINT_CONSULTATION").await;
        let refusal = county.close(&id).await.refusal();
        assert_eq!(refusal["code"], "CONSULTATION_INCOMPLETE");
        assert_eq!(refusal["unheard"], json!([{ "name": county.housing.name }]));
        // Ten working days after Monday, 2 March: Monday, 16 March, until midnight.
        assert!(same(&refusal["until"], &at("2026-03-17T00:00:00+08:00")), "{refusal}");
        world.clock().set("2026-03-16T23:59:59+08:00".parse().unwrap());
        assert_eq!(county.close(&id).await.refused(), "CONSULTATION_INCOMPLETE");
        world.clock().set("2026-03-17T00:00:00+08:00".parse().unwrap());
        county.close(&id).await.done();
        let seen = county.seen(&id, "state opinions { stance organisation { id } } steps { task outcome overdue }").await;
        assert_eq!(seen["state"], "LEGAL_REVIEW");
        assert_eq!(seen["opinions"], json!([{ "stance": "NO_OPINION", "organisation": { "id": county.housing.id } }]));
        let silent = json!({ "task": "GIVE_ADJUSTMENT_OPINION", "outcome": "SILENT", "overdue": true });
        assert!(seen["steps"].as_array().unwrap().contains(&silent), "{seen}");
        // Who was silent cannot speak afterwards.
        assert_eq!(county.opinion(&id, "AGREE").await.refused(), "WRONG_STATE");
    }

    async fn nobody_says_no_opinion_and_nobody_speaks_who_was_not_asked_or_twice(world: World) {
        let county = county(&world).await;
        let id = county.at("JOINT_CONSULTATION").await;
        assert_eq!(county.opinion(&id, "NO_OPINION").await.refused(), "INVALID_INPUT");
        let opinion = json!({ "stance": "AGREE", "text": "同意" });
        let fire = county.fire.person(Role::DeptHead).await;
        let act = adjustment_act(&fire, "giveAdjustmentOpinion", &id, opinion.clone()).await;
        assert_eq!(act.refused(), "NOT_FOUND", "a department that is not asked does not even see it");
        let own = adjustment_act(&county.head().await, "giveAdjustmentOpinion", &id, opinion).await;
        assert_eq!(own.refused(), "FORBIDDEN", "the applicant is not asked about its own application");
        county.opinion(&id, "CONDITIONAL").await.done();
        let refusal = county.opinion(&id, "AGREE").await.refusal();
        assert_eq!((&refusal["code"], &refusal["state"]), (&json!("WRONG_STATE"), &json!("JOINT_CONSULTATION")));
        assert_eq!((&refusal["allowedStates"], &refusal["subject"]), (&json!([]), &Value::Null), "{refusal}");
        assert!(refusal["message"].as_str().unwrap().contains("已经办结"), "{refusal}");
    }

    async fn an_objection_is_answered_before_anything_goes_on(world: World) {
        let county = county(&world).await;
        let id = county.at("JOINT_CONSULTATION").await;
        let offered = async |client: &Client| client.see("Adjustment", &id, "viewerActions").await["viewerActions"].clone();
        let (office, admin) = (county.ground.establishment().await, county.list_admin().await);
        assert_eq!((offered(&office).await, offered(&admin).await), (json!([]), json!(["WITHDRAW_ADJUSTMENT"])), "nothing to answer or close");
        let nothing = json!({ "opinionId": yidan_tests::ids::random("opn"), "answer": "采纳" });
        assert_eq!(adjustment_act(&admin, "answerAdjustmentObjection", &id, nothing).await.refused(), "FORBIDDEN");
        county.opinion(&id, "OBJECT").await.done();
        assert_eq!(offered(&admin).await, json!(["ANSWER_ADJUSTMENT_OBJECTION", "WITHDRAW_ADJUSTMENT"]));
        assert_eq!(offered(&office).await, json!([]), "an objection stands");
        let refusal = county.close(&id).await.refusal();
        assert_eq!((&refusal["unheard"], &refusal["unanswered"]), (&json!([]), &json!([{ "name": county.housing.name }])));
        let opinions = county.seen(&id, "opinions { id }").await["opinions"].clone();
        let answer = json!({ "opinionId": opinions[0]["id"], "answer": "采纳，检查处罚由部门负责" });
        let head = county.housing.person(Role::DeptHead).await;
        let by_department = adjustment_act(&head, "answerAdjustmentObjection", &id, answer.clone()).await;
        assert_eq!(by_department.refused(), "FORBIDDEN", "nobody answers for the applicant");
        world.wait(TimeDelta::days(30));
        assert_eq!(county.close(&id).await.refused(), "CONSULTATION_INCOMPLETE", "time does not answer an objection");
        let (office, admin) = (county.ground.establishment().await, county.list_admin().await);
        adjustment_act(&admin, "answerAdjustmentObjection", &id, answer).await.done();
        assert_eq!(offered(&office).await, json!(["CLOSE_ADJUSTMENT_CONSULTATION"]));
        assert_eq!(offered(&admin).await, json!(["WITHDRAW_ADJUSTMENT"]));
        county.close(&id).await.done();
        assert_eq!(county.seen(&id, "opinions { answer }").await["opinions"][0]["answer"], "采纳，检查处罚由部门负责");
    }

    async fn departments_added_by_the_office_are_heard_too(world: World) {
        let county = county(&world).await;
        let id = county.at("EO_CHECK").await;
        let unknown = json!({ "outcome": "PASS", "consultedOrgUnitIds": [yidan_tests::ids::random("org")] });
        assert_eq!(county.check(&id, unknown).await.refused(), "NOT_FOUND");
        // Who owes no duties has nothing to say to them, and the applicant has said it.
        let elsewhere = county.ground.township("320102003").await;
        for other in [&county.township.org.id, &elsewhere.org.id, &county.ground.province.operator.id] {
            let asked = json!({ "outcome": "PASS", "consultedOrgUnitIds": [county.fire.id, other] });
            let refusal = county.check(&id, asked).await.refusal();
            let place = json!(["input", "consultedOrgUnitIds", "1"]);
            assert_eq!((&refusal["code"], &refusal["path"]), (&json!("INVALID_INPUT"), &place), "{refusal}");
        }
        county.check(&id, json!({ "outcome": "PASS", "consultedOrgUnitIds": [county.fire.id] })).await.done();
        county.opinion(&id, "AGREE").await.done();
        assert_eq!(county.close(&id).await.refusal()["unheard"], json!([{ "name": county.fire.name }]));
        assert_eq!(county.fire.person(Role::DeptOfficer).await.tasks().await, ["GIVE_ADJUSTMENT_OPINION"]);
        assert!(county.housing.person(Role::DeptHead).await.tasks().await.is_empty());
    }

    async fn each_step_has_its_working_days_and_taking_in_hand_does_not_stretch_the_check(world: World) {
        let county = county(&world).await;
        // Friday evening.
        world.clock().set("2026-04-03T20:00:00+08:00".parse().unwrap());
        let id = county.at("SUBMITTED").await;
        let due = async |id: &str| {
            let steps = open_steps(&county, id).await;
            let mut due: Vec<DateTime<Utc>> =
                steps.iter().map(|step| step["deadline"]["dueAt"].as_str().unwrap().parse().unwrap()).collect();
            due.dedup();
            assert_eq!(due.len(), 1, "{steps:?}");
            due[0]
        };
        let midnight = |text: &str| format!("{text}T00:00:00+08:00").parse::<DateTime<Utc>>().unwrap();
        // Saturday to Monday are 清明: five working days are Tuesday to Monday, until midnight.
        assert_eq!(due(&id).await, midnight("2026-04-14"));
        world.clock().set("2026-04-08T09:00:00+08:00".parse().unwrap());
        county.ground.adjustment_until(&county.township, &id, "EO_CHECK").await;
        assert_eq!(due(&id).await, midnight("2026-04-14"), "counted from the submission");
        county.ground.adjustment_until(&county.township, &id, "JOINT_CONSULTATION").await;
        assert_eq!(due(&id).await, midnight("2026-04-23"));
        county.ground.adjustment_until(&county.township, &id, "LEGAL_REVIEW").await;
        assert_eq!(due(&id).await, midnight("2026-04-16"));
        // Over 劳动节, with 9 May worked in exchange.
        world.clock().set("2026-04-30T09:00:00+08:00".parse().unwrap());
        county.ground.adjustment_until(&county.township, &id, "COUNTY_DECISION").await;
        assert_eq!(due(&id).await, midnight("2026-05-19"));
        let seen = county.seen(&id, "steps { task overdue }").await["steps"].clone();
        let late: Vec<String> = seen.as_array().unwrap().iter().filter(|step| step["overdue"] == true)
            .map(|step| step["task"].as_str().unwrap().to_owned()).collect();
        assert_eq!(late, ["REVIEW_ADJUSTMENT_LEGALITY"], "what was done late stays marked");
        county.ground.adjustment_until(&county.township, &id, "APPROVED").await;
        assert_eq!(due(&id).await, midnight("2026-05-19"));
    }

    async fn what_is_overdue_stands_first_in_the_queue_and_is_recorded_once(world: World) {
        let county = county(&world).await;
        let office = county.ground.establishment().await;
        let first = county.at("EO_CHECK").await;
        world.wait(TimeDelta::days(7));
        let shops = county.ground.item_id(&county.list, SHOPS).await;
        let second = county.ground.apply(&county.township, "删除事项", &[change("REMOVE", &shops, None)]).await;
        adjustment_act(&county.list_admin().await, "submitAdjustment", &second, json!({})).await.done();
        let queue = async |filter: &str| {
            let document = format!("{{ queue{filter} {{ totalCount nodes {{ task overdue proceeding {{ id }} deadline {{ breachedAt }} }} }} }}");
            office.query(&document, json!({})).await.good().data("/queue").clone()
        };
        assert_eq!(queue("").await["nodes"][0]["overdue"], false);
        world.clock().set("2026-03-10T00:00:00+08:00".parse().unwrap());
        world.tick().await;
        world.tick().await;
        let seen = queue("").await;
        assert_eq!(seen["totalCount"], 2);
        let ids: Vec<&Value> = seen["nodes"].as_array().unwrap().iter().map(|entry| &entry["proceeding"]["id"]).collect();
        assert_eq!(ids, [&json!(first), &json!(second)]);
        assert_eq!((&seen["nodes"][0]["overdue"], &seen["nodes"][1]["overdue"]), (&json!(true), &json!(false)));
        assert!(seen["nodes"][0]["deadline"]["breachedAt"].is_string() && seen["nodes"][1]["deadline"]["breachedAt"].is_null());
        let overdue = queue("(overdue: true)").await;
        assert_eq!((&overdue["totalCount"], &overdue["nodes"][0]["proceeding"]["id"]), (&json!(1), &json!(first)));
        let timeline = county.seen(&first, "timeline(first: 50) { nodes { act } }").await;
        let breaches = texts(&timeline["timeline"]["nodes"], "act").into_iter().filter(|act| act == "BREACH_DEADLINE");
        assert_eq!(breaches.count(), 1);
        // Late is late, not too late.
        county.check(&first, json!({ "outcome": "PASS" })).await.done();
        assert_eq!(queue("(overdue: true)").await["totalCount"], 0);
    }
}
