//! Who may decide, in which order, and once.

use futures_util::future::join_all;

use super::*;

on_both! {
    async fn of_two_who_decide_at_once_exactly_one_wins_and_the_other_is_told(world: World) {
        let county = county(&world).await;
        let clerks = [county.ground.clerk().await, county.ground.seat.office(OrgKind::GeneralOffice).another(Role::DecisionClerk).await];
        for name in [GAS, "小微水体漂浮物发现上报", "独居老人安全走访"] {
            let item = addition(&[&county.list], &county.ground.cooperative(name, &county.housing));
            let id = county.ground.apply(&county.township, name, &[item]).await;
            county.ground.adjustment_until(&county.township, &id, "COUNTY_DECISION").await;
            let acts = [county.decide(&clerks[0], &id, "APPROVED"), county.decide(&clerks[1], &id, "REJECTED")];
            let acts = join_all(acts).await;
            let mut codes: Vec<String> = acts.iter().flat_map(|act| act.answer.user_error_codes("decideAdjustment")).collect();
            let told = codes.pop().unwrap();
            assert!(codes.is_empty(), "{name}: one of the two decides");
            assert!(["WRONG_STATE", "STALE_REVISION"].contains(&told.as_str()), "{told}");
            let state = county.state(&id).await;
            let decisions = county.seen(&id, "decisions { outcome }").await["decisions"].clone();
            assert_eq!(decisions.as_array().unwrap().len(), 1);
            assert_eq!(decisions[0]["outcome"], state, "what was recorded is what holds");
        }
    }

    async fn a_repeated_key_gets_the_first_answer_and_one_decision(world: World) {
        let county = county(&world).await;
        let id = county.at("COUNTY_DECISION").await;
        let clerk = county.ground.clerk().await;
        let decision = json!({ "outcome": "APPROVED", "decision": county.ground.decision(), "idempotencyKey": "decide-1" });
        let first = adjustment_act(&clerk, "decideAdjustment", &id, decision.clone()).await;
        let heads = world.heads().await;
        let again = adjustment_act(&clerk, "decideAdjustment", &id, decision.clone()).await;
        assert_eq!(again.answer.text, first.answer.text);
        first.done();
        assert_eq!(world.heads().await, heads, "nothing happened the second time");
        let other = with(&decision, &json!({ "outcome": "REJECTED", "reason": "反悔" }));
        assert_eq!(adjustment_act(&clerk, "decideAdjustment", &id, other).await.refused(), "IDEMPOTENCY_CONFLICT");
        let bare = with(&decision, &json!({ "idempotencyKey": "decide-2" }));
        assert_eq!(adjustment_act(&clerk, "decideAdjustment", &id, bare).await.refused(), "WRONG_STATE");
        assert_eq!(county.seen(&id, "decisions { id }").await["decisions"].as_array().unwrap().len(), 1);
        // Creating twice under one key makes one request.
        let input = with(&county.ground.application("一次", &[county.gas()]), &json!({ "idempotencyKey": "create-1" }));
        let made = async || county.list_admin().await.act("createAdjustment", input.clone(), "adjustment { id }").await.done();
        assert_eq!(made().await["adjustment"]["id"], made().await["adjustment"]["id"]);
    }

    async fn a_copy_out_of_date_decides_nothing(world: World) {
        let county = county(&world).await;
        let id = county.at("EO_CHECK").await;
        let revision = county.seen(&id, "revision").await["revision"].as_i64().unwrap();
        let stale = county.check(&id, json!({ "outcome": "PASS", "expectedRevision": revision - 1 })).await.refusal();
        assert_eq!((&stale["code"], &stale["currentRevision"]), (&json!("STALE_REVISION"), &json!(revision)));
        assert_eq!(county.state(&id).await, "EO_CHECK");
        county.check(&id, json!({ "outcome": "PASS", "expectedRevision": revision })).await.done();
    }

    async fn steps_are_taken_in_their_order(world: World) {
        let county = county(&world).await;
        let id = county.at("SUBMITTED").await;
        let clerk = county.ground.clerk().await;
        let refusal = county.decide(&clerk, &id, "APPROVED").await.refusal();
        assert_eq!((&refusal["code"], &refusal["requiredStep"]), (&json!("STEP_SKIPPED"), &json!("RECEIVE_ADJUSTMENT")));
        assert_eq!(refusal["actor"]["name"], county.ground.seat.office(OrgKind::EstablishmentOffice).name);
        county.ground.adjustment_until(&county.township, &id, "JOINT_CONSULTATION").await;
        let legal = json!({ "outcome": "LAWFUL", "opinion": "合法" });
        let skipped = adjustment_act(&county.ground.justice().await, "reviewAdjustmentLegality", &id, legal).await.refusal();
        assert_eq!((&skipped["code"], &skipped["requiredStep"]), (&json!("STEP_SKIPPED"), &json!("GIVE_ADJUSTMENT_OPINION")));
        assert_eq!(skipped["actor"]["name"], county.housing.name);
        assert_eq!(county.ground.incorporation(&county.list).await.refused(), "STEP_SKIPPED", "nothing is approved");
    }

    async fn a_decision_without_its_record_is_none(world: World) {
        let county = county(&world).await;
        let id = county.at("COUNTY_DECISION").await;
        let clerk = county.ground.clerk().await;
        let decide = async |fields: Value| {
            let decision = with(&county.ground.decision(), &fields);
            adjustment_act(&clerk, "decideAdjustment", &id, json!({ "outcome": "APPROVED", "decision": decision })).await
        };
        for (field, value) in [("body", Value::Null), ("documentNo", json!("  ")), ("meeting", Value::Null), ("decidedOn", Value::Null)] {
            let refusal = decide(json!({ field: value })).await.refusal();
            assert_eq!((&refusal["code"], &refusal["missing"]), (&json!("DECISION_RECORD_MISSING"), &json!([field])));
        }
        for day in ["2026-03-03", "2026-03-01"] {
            let refusal = decide(json!({ "decidedOn": day })).await.refusal();
            assert_eq!((&refusal["code"], &refusal["latest"]), (&json!("DEADLINE_INVALID"), &json!("2026-03-02")), "{day}");
        }
        assert_eq!(county.seen(&id, "decisions { id }").await["decisions"], json!([]));
        decide(json!({})).await.done();
    }

    async fn nobody_decides_what_is_not_theirs(world: World) {
        let county = county(&world).await;
        let id = county.at("COUNTY_DECISION").await;
        let ground = &county.ground;
        for client in [ground.establishment().await, county.head().await, ground.justice().await, county.housing.person(Role::DeptHead).await, ground.top().await] {
            assert_eq!(county.decide(&client, &id, "APPROVED").await.refused(), "FORBIDDEN", "{}", client.credentials().username);
            assert!(!texts_of_actions(&client, &id).await.contains(&"DECIDE_ADJUSTMENT".to_owned()));
        }
        assert!(texts_of_actions(&ground.clerk().await, &id).await.contains(&"DECIDE_ADJUSTMENT".to_owned()));
        // Another county, and another province: there is nothing there.
        let neighbour = ground.province.county("320104").await;
        for role in [Role::DecisionClerk, Role::EoCounty] {
            let stranger = neighbour.person(role).await;
            assert_eq!(county.decide(&stranger, &id, "APPROVED").await.refused(), "NOT_FOUND");
            assert_eq!(stranger.see("Adjustment", &id, "id").await, Value::Null);
        }
        let far = world.province("330000").await.county("330102").await.person(Role::DecisionClerk).await;
        assert_eq!(county.decide(&far, &id, "APPROVED").await.refused(), "NOT_FOUND");
        assert_eq!(world.visitor().see("Adjustment", &id, "id").await, Value::Null);
        // A technical administrator is nobody here.
        let admin = ground.province.admin().await;
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&county.decide(&admin, &id, "APPROVED").await.refused().as_str()));
        assert_eq!(county.state(&id).await, "COUNTY_DECISION");
    }
}

async fn texts_of_actions(client: &Client, id: &str) -> Vec<String> {
    let seen = client.see("Adjustment", id, "viewerActions").await["viewerActions"].clone();
    seen.as_array().map(|acts| acts.iter().map(|act| act.as_str().unwrap().to_owned()).collect()).unwrap_or_default()
}
