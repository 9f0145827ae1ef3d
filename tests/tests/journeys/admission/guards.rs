//! What a proposal must bring, who may bring it, and who may not judge it.

use super::*;

async fn create(client: &Client, content: Value) -> Act {
    client.act("createAdmission", json!({ "content": content }), "admission { id }").await
}

on_both! {
    async fn a_duty_brings_its_means_and_comes_in_time(world: World) {
        let county = county(&world).await;
        let (ground, head) = (&county.ground, county.head().await);
        let submit = async |more: Value| {
            let content = with(&ground.proposal("申请", &[county.nursery()]), &more);
            let made = create(&head, content).await.done();
            let id = made["admission"]["id"].as_str().unwrap();
            let act = admission_act(&head, "submitAdmission", id, json!({})).await;
            if act.answer.user_error_codes("submitAdmission").is_empty() {
                // Else the next one would ask for what is on its way already.
                admission_act(&head, "withdrawAdmission", id, json!({ "reason": "试填" })).await.done();
            }
            act
        };
        let none = submit(json!({ "resources": null })).await.refusal();
        assert_eq!((&none["code"], &none["path"]), (&json!("INVALID_INPUT"), &json!(["content", "resources"])));
        assert_eq!(submit(json!({ "resources": { "money": "  " } })).await.refused(), "INVALID_INPUT", "blank is nothing");
        submit(json!({ "resources": null, "noResourcesReason": "由现有网格员兼顾" })).await.done();
        // Thirty working days after 2 March, over 清明: 14 April.
        let early = submit(json!({ "intendedStart": "2026-04-13" })).await.refusal();
        assert_eq!((&early["code"], &early["earliest"]), (&json!("DEADLINE_INVALID"), &json!("2026-04-14")));
        assert_eq!(submit(json!({ "intendedStart": null })).await.refused(), "INVALID_INPUT");
        assert_eq!(submit(json!({ "intendedStart": "2026-04-14", "sunsetOn": "2026-04-14" })).await.refused(), "DEADLINE_INVALID");
        submit(json!({ "intendedStart": "2026-04-14", "sunsetOn": "2026-12-31" })).await.done();
        // A penalty power needs the province's decision on it first.
        let penalty = with(&ground.cooperative(NURSERY, &county.bureau), &json!({ "penaltyPower": true }));
        let penalty = json!([addition(&[&county.lists[0]], &penalty)]);
        let refusal = submit(json!({ "changes": penalty })).await.refusal();
        assert_eq!(refusal["path"], json!(["content", "penaltyDecisionNo"]));
        submit(json!({ "changes": penalty, "penaltyDecisionNo": "苏政发〔2026〕8号" })).await.done();
        // A draft may still be poor; only the submission is judged.
        let poor = with(&ground.proposal("申请", &[county.nursery()]), &json!({ "resources": null, "intendedStart": null }));
        create(&head, poor).await.done();
    }

    async fn only_what_weighs_heavier_is_admitted_and_only_in_ones_own_territory(world: World) {
        let county = county(&world).await;
        let (ground, head) = (&county.ground, county.head().await);
        let aid = ground.item_id(&county.lists[0], AID).await;
        let lighter = yidan_tests::procedures::change("REMOVE", &aid, None);
        let refused = create(&head, ground.proposal("减少", &[lighter])).await.refusal();
        assert_eq!((&refused["code"], &refused["correctRoute"]), (&json!("ROUTE_MISMATCH"), &json!("ADJUSTMENT")));
        let neighbour = ground.province.county("320104").await;
        let foreign = neighbour.department("卫生健康局").await.person(Role::DeptHead).await;
        assert_eq!(create(&foreign, ground.proposal("越界", &[county.nursery()])).await.refused(), "FORBIDDEN");
        let city = ground.province.org(yidan_tests::places::NewOrg::new("320100", OrgKind::Department, "南京市卫生健康委员会")).await;
        create(&city.person(Role::DeptHead).await, ground.proposal("市级部门动议", &[county.nursery()])).await.done();
        // Townships and establishment offices do not propose admissions.
        for client in [county.townships[0].person(Role::TownshipHead).await, ground.establishment().await] {
            let act = create(&client, ground.proposal("申请", &[county.nursery()])).await;
            assert!(["FORBIDDEN", "INVALID_INPUT"].contains(&act.refused().as_str()), "{}", act.answer.text);
        }
    }

    async fn an_order_of_the_county_is_entered_by_one_clerk_and_decided_by_another(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let order = json!({ "title": "会议纪要", "number": "〔2026〕3号", "issuer": "县委县政府", "issuerKind": "COUNTY" });
        let content = with(&ground.proposal("县级交办", &[county.nursery()]), &json!({ "origin": "COUNTY_ORDER", "document": order }));
        let (first, second) = (ground.clerk().await, ground.seat.office(OrgKind::GeneralOffice).another(Role::DecisionClerk).await);
        assert_eq!(create(&first, with(&content, &json!({ "document": null }))).await.refused(), "INVALID_INPUT");
        let department = with(&content, &json!({ "document": with(&order, &json!({ "issuerKind": "DEPARTMENT" })) }));
        assert_eq!(create(&first, department).await.refused(), "INVALID_INPUT", "a department's paper is no order");
        for (client, origin, allowed) in [
            (county.head().await, "COUNTY_ORDER", "DEPARTMENT_PROPOSAL"),
            (county.head().await, "CITY_ORDER", "DEPARTMENT_PROPOSAL"),
            (ground.clerk().await, "DEPARTMENT_PROPOSAL", "COUNTY_ORDER"),
        ] {
            // They are on the right route already, so it is not the route that is refused.
            let refusal = create(&client, with(&content, &json!({ "origin": origin }))).await.refusal();
            assert_eq!((&refusal["code"], &refusal["path"]), (&json!("INVALID_INPUT"), &json!(["input", "content", "origin"])));
            assert!(refusal["message"].as_str().unwrap().contains(allowed), "{refusal}");
        }
        let id = create(&first, content).await.done()["admission"]["id"].as_str().unwrap().to_owned();
        admission_act(&first, "submitAdmission", &id, json!({})).await.done();
        let office = ground.establishment().await;
        admission_act(&office, "receiveAdmission", &id, json!({})).await.done();
        county.check(&id, json!({ "outcome": "APPROVED" })).await.done();
        for township in 0..2 {
            county.opinion(township, &id, "AGREE").await.done();
        }
        county.close(&id).await.done();
        admission_act(&ground.justice().await, "reviewAdmissionLegality", &id, json!({ "outcome": "LAWFUL", "opinion": "合法" })).await.done();
        admission_act(&ground.finance().await, "reviewAdmissionResources", &id, json!({ "outcome": "SUFFICIENT", "opinion": "有保障" })).await.done();
        let decided = json!({ "outcome": "APPROVED", "decision": ground.decision() });
        assert_eq!(admission_act(&first, "decideAdmissionAtCounty", &id, decided.clone()).await.refused(), "SELF_APPROVAL");
        admission_act(&second, "decideAdmissionAtCounty", &id, decided).await.done();
        // What the county ordered itself is approved by the province all the same.
        assert_eq!(second.see("Admission", &id, "state").await["state"], "CITY_REVIEW");
    }

    async fn an_office_does_not_review_what_it_proposes(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let finance = ground.remember(ground.seat.office(OrgKind::Finance).clone());
        let item = ground.cooperative("惠农补贴发放核实", &finance);
        let id = ground.propose(&finance, "补贴核实", &[addition(&[&county.lists[0]], &item)]).await;
        ground.admission_until(&finance, &id, "LEGAL_AND_RESOURCE_REVIEW").await;
        let own = json!({ "outcome": "SUFFICIENT", "opinion": "有保障" });
        assert_eq!(admission_act(&ground.finance().await, "reviewAdmissionResources", &id, own).await.refused(), "SELF_APPROVAL");
        let lawful = json!({ "outcome": "LAWFUL", "opinion": "合法" });
        let reviewed = admission_act(&ground.justice().await, "reviewAdmissionLegality", &id, lawful).await.done();
        assert_eq!(reviewed["admission"]["state"], "COUNTY_DECISION");
    }

    async fn the_bureau_withdraws_until_the_province_approves(world: World) {
        let county = county(&world).await;
        let withdraw = async |client: &Client, id: &str| {
            admission_act(client, "withdrawAdmission", id, json!({ "reason": "条件不成熟" })).await
        };
        for state in ["SUBMITTED", "TOWNSHIP_CONSULTATION", "PROVINCE_REVIEW"] {
            let id = county.at(state).await;
            assert_eq!(withdraw(&county.townships[0].person(Role::TownshipHead).await, &id).await.refused(), "FORBIDDEN");
            assert_eq!(withdraw(&county.head().await, &id).await.done()["admission"]["state"], "WITHDRAWN");
        }
        let id = county.at("APPROVED").await;
        assert_eq!(withdraw(&county.head().await, &id).await.refused(), "WRONG_STATE");
    }
}
