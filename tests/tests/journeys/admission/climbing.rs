//! Level by level up to the province, and down again into the lists.

use super::*;

on_both! {
    async fn a_proposal_climbs_level_by_level_and_holds_only_when_it_stands_in_the_lists(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let id = county.proposed().await;
        assert_eq!(ground.establishment().await.see("Admission", &id, "id").await, Value::Null, "a draft is its bureau's own");
        let officer = county.bureau.person(Role::DeptOfficer).await;
        assert_eq!(admission_act(&officer, "submitAdmission", &id, json!({})).await.refused(), "FORBIDDEN", "the head submits");
        let mut passed = Vec::new();
        let order = [
            ("DRAFT", "SUBMIT_ADMISSION"), ("SUBMITTED", "RECEIVE_ADMISSION"), ("EO_CHECK", "CHECK_ADMISSION"),
            ("TOWNSHIP_CONSULTATION", "CLOSE_ADMISSION_CONSULTATION"), ("LEGAL_AND_RESOURCE_REVIEW", "REVIEW_ADMISSION_LEGALITY"),
            ("COUNTY_DECISION", "DECIDE_ADMISSION_AT_COUNTY"), ("CITY_REVIEW", "REVIEW_ADMISSION_AT_CITY"),
            ("PROVINCE_REVIEW", "DECIDE_ADMISSION_AT_PROVINCE"),
        ];
        for (state, act) in order {
            ground.admission_until(&county.bureau, &id, state).await;
            if state == "TOWNSHIP_CONSULTATION" {
                // Only what was heard can be closed.
                for township in 0..2 {
                    county.opinion(township, &id, "AGREE").await.done();
                }
            }
            // Whoever's turn it is has the button; the province has it in its own step only.
            for client in [county.head().await, ground.establishment().await, ground.justice().await, ground.clerk().await, ground.reviewer(0).await, ground.top().await] {
                let seen = client.see("Admission", &id, "viewerActions").await;
                let Some(actions) = seen["viewerActions"].as_array() else { continue };
                assert_eq!(actions.contains(&json!("DECIDE_ADMISSION_AT_PROVINCE")), state == "PROVINCE_REVIEW" && client.credentials().role == Role::EoProvince, "{state}");
                if actions.contains(&json!(act)) {
                    passed.push((act, client.credentials().role));
                }
            }
            assert_eq!(ground.item(&county.lists[0], NURSERY).await, Value::Null, "{state}: no duty before it is incorporated");
        }
        let who = [Role::DeptHead, Role::EoCounty, Role::EoCounty, Role::EoCounty, Role::Legal, Role::DecisionClerk, Role::EoCity, Role::EoProvince];
        assert_eq!(passed, std::iter::zip(order.map(|(_, act)| act), who).collect::<Vec<_>>());

        ground.admission_until(&county.bureau, &id, "APPROVED").await;
        assert_eq!(ground.item(&county.lists[0], NURSERY).await, Value::Null);
        let first = ground.incorporate(&county.townships[0], &county.lists[0], None).await;
        assert_eq!(county.state(&id).await, "APPROVED", "one of two lists");
        assert_eq!(ground.item(&county.lists[1], NURSERY).await, Value::Null);
        ground.incorporate(&county.townships[1], &county.lists[1], None).await;
        let seen = county.seen(&id, "state closedAt viewerActions decisions { stage outcome } changes { targets { version { id } incorporatedAt } }").await;
        assert_eq!((&seen["state"], &seen["viewerActions"]), (&json!("INCORPORATED"), &json!([])));
        assert!(seen["closedAt"].is_string(), "approved above, there is nothing left to file");
        assert_eq!(texts(&seen["decisions"], "stage"), ["DECIDE_ADMISSION_AT_COUNTY", "DECIDE_ADMISSION_AT_PROVINCE"]);
        let versions: Vec<&Value> = seen["changes"][0]["targets"].as_array().unwrap().iter().map(|target| &target["version"]["id"]).collect();
        assert!(versions.contains(&&json!(first)));
        for list in &county.lists {
            assert_eq!(ground.item(list, NURSERY).await["category"], "COOPERATIVE");
        }
        assert!(ground.establishment().await.tasks().await.is_empty());
    }

    async fn neither_county_nor_city_approves_and_no_level_is_skipped(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let id = county.at("COUNTY_DECISION").await;
        for client in [ground.clerk().await, ground.establishment().await, ground.reviewer(0).await] {
            assert_eq!(county.at_province(&client, &id, "APPROVED").await.refused(), "FORBIDDEN", "{}", client.credentials().username);
        }
        let skipped = county.at_province(&ground.top().await, &id, "APPROVED").await.refusal();
        assert_eq!((&skipped["code"], &skipped["requiredStep"]), (&json!("STEP_SKIPPED"), &json!("DECIDE_ADMISSION_AT_COUNTY")));
        assert_eq!(skipped["actor"]["name"], ground.seat.office(OrgKind::GeneralOffice).name);
        let up = json!({ "outcome": "APPROVED" });
        let city = ground.reviewer(0).await;
        assert_eq!(admission_act(&city, "reviewAdmissionAtCity", &id, up.clone()).await.refused(), "STEP_SKIPPED");
        ground.admission_until(&county.bureau, &id, "CITY_REVIEW").await;
        assert_eq!(county.at_province(&ground.top().await, &id, "APPROVED").await.refused(), "STEP_SKIPPED");
        assert_eq!(county.at_province(&city, &id, "APPROVED").await.refused(), "FORBIDDEN");
        assert_eq!(admission_act(&ground.top().await, "reviewAdmissionAtCity", &id, up.clone()).await.refused(), "FORBIDDEN");
        admission_act(&city, "reviewAdmissionAtCity", &id, up.clone()).await.done();
        assert_eq!(county.state(&id).await, "PROVINCE_REVIEW");
        assert_eq!(admission_act(&city, "reviewAdmissionAtCity", &id, up).await.refused(), "FORBIDDEN", "its turn is over");
        // Its decision, too, needs its record, though no meeting.
        let bare = json!({ "outcome": "APPROVED", "decision": with(&ground.decision(), &json!({ "meeting": null, "documentNo": null })) });
        let refusal = admission_act(&ground.top().await, "decideAdmissionAtProvince", &id, bare).await.refusal();
        assert_eq!(refusal["missing"], json!(["documentNo"]));
        assert_eq!(ground.incorporation(&county.lists[0]).await.refused(), "STEP_SKIPPED");
        let record = json!({ "outcome": "APPROVED", "decision": with(&ground.decision(), &json!({ "meeting": null })) });
        admission_act(&ground.top().await, "decideAdmissionAtProvince", &id, record).await.done();
    }

    async fn returned_from_above_it_starts_from_the_bottom(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let id = county.at("PROVINCE_REVIEW").await;
        county.at_province(&ground.top().await, &id, "RETURNED").await.done();
        assert_eq!(county.seen(&id, "state returnCount").await, json!({ "state": "RETURNED", "returnCount": 1 }));
        assert_eq!(county.head().await.tasks().await, ["SUBMIT_ADMISSION"]);
        ground.admission_until(&county.bureau, &id, "TOWNSHIP_CONSULTATION").await;
        assert_eq!(county.close(&id).await.refusal()["unheard"].as_array().unwrap().len(), 2, "the townships are heard again");
        ground.admission_until(&county.bureau, &id, "CITY_REVIEW").await;
        let back = json!({ "outcome": "RETURNED", "reason": "请补充经费安排" });
        admission_act(&ground.reviewer(0).await, "reviewAdmissionAtCity", &id, back.clone()).await.done();
        ground.admission_until(&county.bureau, &id, "CITY_REVIEW").await;
        assert_eq!(admission_act(&ground.reviewer(0).await, "reviewAdmissionAtCity", &id, back).await.refused(), "INVALID_INPUT", "twice at most");
        ground.admission_until(&county.bureau, &id, "PROVINCE_REVIEW").await;
        assert_eq!(county.at_province(&ground.top().await, &id, "RETURNED").await.refused(), "INVALID_INPUT");
        county.at_province(&ground.top().await, &id, "APPROVED").await.done();
    }

    async fn each_level_has_its_own_queue_and_clock(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let id = county.at("LEGAL_AND_RESOURCE_REVIEW").await;
        let due = async |client: &Client| {
            let document = "{ queue { nodes { task deadline { dueAt } proceeding { id number title kind } } } }";
            let queue = client.query(document, json!({})).await.good();
            assert_eq!(queue.data("/queue/nodes").as_array().unwrap().len(), 1);
            assert_eq!(queue.data("/queue/nodes/0/proceeding/id"), &json!(id));
            let due: DateTime<Utc> = queue.text_at("/queue/nodes/0/deadline/dueAt").parse().unwrap();
            (queue.text_at("/queue/nodes/0/task"), (due + TimeDelta::hours(8)).format("%m-%d %H:%M").to_string())
        };
        let said = |task: &str, due: &str| (task.to_owned(), due.to_owned());
        assert_eq!(due(&ground.justice().await).await, said("REVIEW_ADMISSION_LEGALITY", "03-17 00:00"));
        assert_eq!(due(&ground.finance().await).await, said("REVIEW_ADMISSION_RESOURCES", "03-17 00:00"));
        ground.admission_until(&county.bureau, &id, "COUNTY_DECISION").await;
        assert_eq!(due(&ground.clerk().await).await, said("DECIDE_ADMISSION_AT_COUNTY", "03-24 00:00"));
        ground.admission_until(&county.bureau, &id, "CITY_REVIEW").await;
        assert_eq!(due(&ground.reviewer(0).await).await, said("REVIEW_ADMISSION_AT_CITY", "03-17 00:00"));
        ground.admission_until(&county.bureau, &id, "PROVINCE_REVIEW").await;
        assert_eq!(due(&ground.top().await).await, said("DECIDE_ADMISSION_AT_PROVINCE", "03-31 00:00"));
        ground.admission_until(&county.bureau, &id, "APPROVED").await;
        assert_eq!(due(&ground.establishment().await).await, said("DRAFT_INCORPORATION", "03-31 00:00"));
        for client in [ground.justice().await, ground.clerk().await, ground.reviewer(0).await, ground.top().await] {
            assert!(client.tasks().await.is_empty());
        }
    }
}
