//! Which of the two routes a matter takes, and who may say so.

use super::*;

async fn create(client: &Client, input: Value) -> Act {
    client.act("createAdjustment", input, "adjustment { id state origin }").await
}

fn document(kind: &str) -> Value {
    json!({ "title": "关于加强燃气安全工作的意见", "number": "〔2026〕1号", "issuer": "发文单位", "issuerKind": kind })
}

on_both! {
    async fn what_a_department_or_the_county_wants_is_no_adjustment(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let origin = |origin: &str| with(&ground.application("申请", &[county.gas()]), &json!({ "origin": origin }));
        for route in ["DEPARTMENT_PROPOSAL", "COUNTY_ORDER", "CITY_ORDER"] {
            for client in [county.housing.person(Role::DeptHead).await, ground.clerk().await, county.list_admin().await] {
                let refusal = create(&client, origin(route)).await.refusal();
                assert_eq!((&refusal["code"], &refusal["correctRoute"]), (&json!("ROUTE_MISMATCH"), &json!("ADMISSION")), "{route}");
            }
        }
        // Whatever a department calls it.
        for claimed in ["TOWNSHIP_APPLICATION", "LAW_CHANGE", "CENTRAL_DEPLOYMENT", "PROVINCIAL_REQUIREMENT"] {
            let law = json!({ "instrument": "城镇燃气管理条例", "article": "第五条", "effectiveOn": "2026-06-01" });
            let input = with(&origin(claimed), &json!({ "law": law, "document": document("CENTRAL") }));
            let refusal = create(&county.housing.person(Role::DeptHead).await, input).await.refusal();
            assert_eq!((&refusal["code"], &refusal["correctRoute"]), (&json!("ROUTE_MISMATCH"), &json!("ADMISSION")), "{claimed}");
        }
        // And the other way round: what the township asks for is no admission.
        let content = with(&ground.proposal("申请", &[county.gas()]), &json!({ "origin": "TOWNSHIP_APPLICATION" }));
        let refusal = county.housing.person(Role::DeptHead).await.act("createAdmission", json!({ "content": content }), "admission { id }").await.refusal();
        assert_eq!((&refusal["code"], &refusal["correctRoute"]), (&json!("ROUTE_MISMATCH"), &json!("ADJUSTMENT")));
    }

    async fn law_and_deployment_are_proved_and_a_ministrys_paper_proves_nothing(world: World) {
        let county = county(&world).await;
        let office = county.ground.establishment().await;
        let origin = |origin: &str, more: Value| with(&with(&county.ground.application("申请", &[county.gas()]), &json!({ "origin": origin })), &more);
        assert_eq!(create(&office, origin("LAW_CHANGE", json!({}))).await.refused(), "INVALID_INPUT");
        assert_eq!(create(&office, origin("CENTRAL_DEPLOYMENT", json!({}))).await.refused(), "INVALID_INPUT");
        for (claimed, right) in [("CENTRAL_DEPLOYMENT", "CENTRAL"), ("PROVINCIAL_REQUIREMENT", "PROVINCE")] {
            for kind in ["CENTRAL", "PROVINCE", "CITY", "COUNTY", "DEPARTMENT"].into_iter().filter(|kind| *kind != right) {
                let refusal = create(&office, origin(claimed, json!({ "document": document(kind) }))).await.refusal();
                assert_eq!((&refusal["code"], &refusal["correctRoute"]), (&json!("ROUTE_MISMATCH"), &json!("ADMISSION")), "{claimed} by {kind}");
            }
            create(&office, origin(claimed, json!({ "document": document(right) }))).await.done();
        }
        assert_eq!(create(&office, origin("TOWNSHIP_APPLICATION", json!({}))).await.refused(), "INVALID_INPUT", "nobody volunteers for a township");
    }

    async fn a_township_applies_for_its_own_list_only_and_an_office_for_its_countys(world: World) {
        let county = county(&world).await;
        let neighbour = county.ground.township("320102003").await;
        let input = county.ground.application("申请", &[county.gas()]);
        assert_eq!(create(&neighbour.person(Role::TownshipListAdmin).await, input).await.refused(), "FORBIDDEN");
        let other = county.ground.province.county("320104").await.person(Role::EoCounty).await;
        let law = json!({ "origin": "LAW_CHANGE", "law": { "instrument": "城镇燃气管理条例", "article": "第五条", "effectiveOn": "2026-06-01" } });
        let input = with(&county.ground.application("申请", &[county.gas()]), &law);
        assert_eq!(create(&other, input.clone()).await.refused(), "FORBIDDEN");
        assert_eq!(create(&county.township.person(Role::TownshipStaff).await, input).await.refused(), "FORBIDDEN");
        // A list without a version in force cannot be adjusted.
        let neighbours = county.ground.draft(&neighbour, &[county.ground.basic(AID)]).await;
        let list = neighbour.person(Role::TownshipListAdmin).await.see("ListVersion", &neighbours, "list { id }").await;
        let addition = addition(&[list["list"]["id"].as_str().unwrap()], &county.ground.cooperative(GAS, &county.housing));
        let input = county.ground.application("申请", &[addition]);
        assert_eq!(create(&neighbour.person(Role::TownshipListAdmin).await, input).await.refused(), "LIST_NOT_IN_FORCE");
    }

    async fn the_office_sends_what_is_none_of_it_to_the_other_route(world: World) {
        let county = county(&world).await;
        let id = county.at("EO_CHECK").await;
        let reroute = json!({ "outcome": "REROUTE", "reason": "实为部门动议，应走职责准入程序" });
        assert_eq!(county.check(&id, reroute).await.done()["adjustment"]["state"], "REROUTED_TO_ADMISSION");
        let seen = county.seen(&id, "closedAt viewerActions timeline(first: 50) { nodes { act reason } }").await;
        assert!(seen["closedAt"].is_string());
        assert_eq!(seen["viewerActions"], json!([]));
        let last = seen["timeline"]["nodes"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last, json!({ "act": "CHECK_ADJUSTMENT", "reason": "实为部门动议，应走职责准入程序" }), "the change of route is on record");
    }

    async fn who_drafted_or_submitted_it_does_not_check_it(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let law = json!({ "origin": "LAW_CHANGE", "law": { "instrument": "城镇燃气管理条例", "article": "第五条", "effectiveOn": "2026-06-01" } });
        let input = with(&ground.application("因法律修改调整", &[county.gas()]), &law);
        let office = ground.seat.office(OrgKind::EstablishmentOffice);
        let (mine, second, colleague) = (ground.establishment().await, office.another(Role::EoCounty).await, office.another(Role::EoCounty).await);
        let id = create(&mine, input).await.done()["adjustment"]["id"].as_str().unwrap().to_owned();
        adjustment_act(&second, "submitAdjustment", &id, json!({})).await.done();
        adjustment_act(&mine, "receiveAdjustment", &id, json!({})).await.done();
        let submitter = adjustment_act(&second, "checkAdjustment", &id, json!({ "outcome": "PASS" })).await;
        assert_eq!(submitter.refused(), "SELF_APPROVAL");
        let refusal = county.check(&id, json!({ "outcome": "PASS" })).await.refusal();
        assert_eq!(refusal["code"], "SELF_APPROVAL");
        assert_eq!(refusal["organisationId"], json!(ground.seat.office(OrgKind::EstablishmentOffice).id));
        adjustment_act(&colleague, "checkAdjustment", &id, json!({ "outcome": "PASS" })).await.done();
        // The township it concerns is heard although it did not ask.
        let unheard = texts(&county.close(&id).await.refusal()["unheard"], "name");
        assert!(unheard.contains(&county.township.org.name) && unheard.contains(&county.housing.name), "{unheard:?}");
    }
}
