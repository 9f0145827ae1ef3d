//! Returns, corrections, withdrawals, refusals.

use super::*;

on_both! {
    async fn a_returned_request_is_corrected_and_starts_again(world: World) {
        let county = county(&world).await;
        let id = county.at("JOINT_CONSULTATION").await;
        county.opinion(&id, "AGREE").await.done();
        county.close(&id).await.done();
        let justice = county.ground.justice().await;
        let correct = json!({ "outcome": "CORRECT", "opinion": "请写明巡查频次" });
        let returned = adjustment_act(&justice, "reviewAdjustmentLegality", &id, correct.clone()).await.done();
        assert_eq!(returned["adjustment"]["state"], "RETURNED");
        assert_eq!(returned["adjustment"]["returnCount"], 1);
        assert!(county.list_admin().await.tasks().await.contains(&"SUBMIT_ADJUSTMENT".to_owned()));
        assert!(justice.tasks().await.is_empty());
        // Corrected by its township and by nobody else; signed anew because it reads otherwise.
        let ground = &county.ground;
        let text = with(&ground.cooperative(GAS, &county.housing), &json!({ "townshipClauses": ["每月入户提醒一次"] }));
        let corrected = with(&ground.application("每月提醒", &[addition(&[&county.list], &text)]), &json!({ "id": id }));
        let by_department = county.housing.person(Role::DeptHead).await.act("updateAdjustment", corrected.clone(), "adjustment { id }").await;
        assert_eq!(by_department.refused(), "FORBIDDEN", "a department does not edit a township's application");
        let by_office = ground.establishment().await.act("updateAdjustment", corrected.clone(), "adjustment { id }").await;
        assert_eq!(by_office.refused(), "FORBIDDEN");
        county.list_admin().await.act("updateAdjustment", corrected, "adjustment { id }").await.done();
        let submit = adjustment_act(&county.list_admin().await, "submitAdjustment", &id, json!({})).await;
        assert_eq!(submit.refused(), "SIGNATURE_MISSING");
        ground.adjustment_until(&county.township, &id, "JOINT_CONSULTATION").await;
        // What was said of the first text does not count for the second.
        assert_eq!(county.close(&id).await.refused(), "CONSULTATION_INCOMPLETE");
        county.opinion(&id, "AGREE").await.done();
        county.close(&id).await.done();
        let seen = county.seen(&id, "opinions { round stance stage }").await;
        let rounds: Vec<i64> = seen["opinions"].as_array().unwrap().iter().map(|opinion| opinion["round"].as_i64().unwrap()).collect();
        assert_eq!(rounds.iter().filter(|round| **round == 1).count(), 1, "{seen}");
        // Twice is as often as it is returned.
        adjustment_act(&justice, "reviewAdjustmentLegality", &id, correct.clone()).await.done();
        ground.adjustment_until(&county.township, &id, "LEGAL_REVIEW").await;
        assert_eq!(adjustment_act(&justice, "reviewAdjustmentLegality", &id, correct).await.refused(), "INVALID_INPUT");
        assert_eq!(county.state(&id).await, "LEGAL_REVIEW");
        ground.adjustment_until(&county.township, &id, "COUNTY_DECISION").await;
        let clerk = ground.clerk().await;
        assert_eq!(county.decide(&clerk, &id, "RETURNED").await.refused(), "INVALID_INPUT");
        county.decide(&clerk, &id, "APPROVED").await.done();
    }

    async fn nobody_returns_or_refuses_without_a_reason(world: World) {
        let county = county(&world).await;
        let id = county.at("EO_CHECK").await;
        for outcome in ["RETURN", "REJECT", "REROUTE"] {
            assert_eq!(county.check(&id, json!({ "outcome": outcome })).await.refused(), "INVALID_INPUT", "{outcome}");
            assert_eq!(county.check(&id, json!({ "outcome": outcome, "reason": " " })).await.refused(), "INVALID_INPUT");
        }
        county.ground.adjustment_until(&county.township, &id, "COUNTY_DECISION").await;
        let bare = json!({ "outcome": "REJECTED", "decision": county.ground.decision() });
        assert_eq!(adjustment_act(&county.ground.clerk().await, "decideAdjustment", &id, bare).await.refused(), "INVALID_INPUT");
        county.decide(&county.ground.clerk().await, &id, "REJECTED").await.done();
        let seen = county.seen(&id, "state closedAt viewerActions decisions { outcome reason }").await;
        assert_eq!(seen["decisions"], json!([{ "outcome": "REJECTED", "reason": "再作论证" }]));
        assert!(seen["closedAt"].is_string());
        assert_eq!(county.decide(&county.ground.clerk().await, &id, "APPROVED").await.refused(), "WRONG_STATE", "refused is refused");
        assert_eq!(county.ground.incorporation(&county.list).await.refused(), "STEP_SKIPPED", "nothing waits");
    }

    async fn the_township_withdraws_until_it_is_decided_and_nobody_withdraws_for_it(world: World) {
        let county = county(&world).await;
        let withdraw = async |client: &Client, id: &str| {
            adjustment_act(client, "withdrawAdjustment", id, json!({ "reason": "条件不成熟" })).await
        };
        let admin = county.list_admin().await;
        for state in ["DRAFT", "SUBMITTED", "EO_CHECK", "JOINT_CONSULTATION", "LEGAL_REVIEW", "COUNTY_DECISION"] {
            let id = county.at(state).await;
            assert_eq!(withdraw(&county.ground.clerk().await, &id).await.refused(), if state == "DRAFT" { "NOT_FOUND" } else { "FORBIDDEN" }, "{state}");
            assert_eq!(withdraw(&admin, &id).await.done()["adjustment"]["state"], "WITHDRAWN", "{state}");
            assert_eq!(withdraw(&admin, &id).await.refused(), "WRONG_STATE");
            assert!(open_steps_of_township(&county, &id).await, "{state}: nobody waits any longer");
        }
        let id = county.at("APPROVED").await;
        assert_eq!(withdraw(&admin, &id).await.refused(), "WRONG_STATE");
        // A request withdrawn is no request refused: the same matter may come again.
        assert_eq!(county.seen(&id, "similarRequests { id }").await["similarRequests"], json!([]));
    }

    async fn a_matter_refused_is_recognised_when_it_comes_back(world: World) {
        let county = county(&world).await;
        let first = county.at("COUNTY_DECISION").await;
        county.decide(&county.ground.clerk().await, &first, "REJECTED").await.done();
        let ground = &county.ground;
        let again = with(&ground.cooperative("农村燃气壁挂炉安全使用提醒", &county.housing), &json!({ "townshipClauses": ["入户宣传"] }));
        let id = ground.apply(&county.township, "再次申请", &[addition(&[&county.list], &again)]).await;
        ground.adjustment_until(&county.township, &id, "EO_CHECK").await;
        let refusal = county.check(&id, json!({ "outcome": "PASS" })).await.refusal();
        assert_eq!(refusal["code"], "DUPLICATE_MATTER");
        assert_eq!(refusal["matches"][0]["subject"]["id"], json!(first));
        county.check(&id, json!({ "outcome": "PASS", "reason": "条件已变化，县里已落实经费" })).await.done();
        // More than a year later nobody remembers.
        world.wait(TimeDelta::days(400));
        let later = ground.apply(&county.township, "又一年", &[county.gas()]).await;
        ground.adjustment_until(&county.township, &later, "EO_CHECK").await;
        county.check(&later, json!({ "outcome": "PASS" })).await.done();
    }
}

/// Whether no step of a request is open, as its township sees it.
async fn open_steps_of_township(county: &County, id: &str) -> bool {
    let seen = county.list_admin().await.see("Adjustment", id, "steps { closedAt }").await;
    seen["steps"].as_array().unwrap().iter().all(|step| step["closedAt"].is_string())
}
