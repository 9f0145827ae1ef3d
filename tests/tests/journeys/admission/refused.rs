//! Journey (iii): the province refuses, and the matter tries to come back in other words.

use super::*;

on_both! {
    async fn a_matter_the_province_refused_is_recognised_when_it_comes_back(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let id = county.at("PROVINCE_REVIEW").await;
        let bare = json!({ "outcome": "REJECTED", "decision": ground.decision() });
        assert_eq!(admission_act(&ground.top().await, "decideAdmissionAtProvince", &id, bare).await.refused(), "INVALID_INPUT");
        county.at_province(&ground.top().await, &id, "REJECTED").await.done();
        let seen = county.seen(&id, "state closedAt decisions { stage outcome reason }").await;
        assert_eq!(seen["state"], "REJECTED");
        let refused = json!({ "stage": "DECIDE_ADMISSION_AT_PROVINCE", "outcome": "REJECTED", "reason": "属部门法定监管职责，不宜由乡镇承担" });
        assert_eq!(seen["decisions"][1], refused);
        assert_eq!(ground.incorporation(&county.lists[0]).await.refused(), "STEP_SKIPPED");

        // The same matter, in other words, for one township only, by another bureau.
        let other = ground.department("教育局").await;
        let words = with(&ground.cooperative("对托育机构开展每月巡查工作", &other), &json!({ "townshipClauses": ["协助登记"] }));
        let again = ground.propose(&other, "协助托育服务", &[addition(&[&county.lists[1]], &words)]).await;
        ground.admission_until(&other, &again, "EO_CHECK").await;
        let office = ground.establishment().await;
        let seen = office.see("Admission", &again, "flaggedAsEvasion similarRequests { id percent }").await;
        assert_eq!((&seen["flaggedAsEvasion"], &seen["similarRequests"][0]["id"]), (&json!(true), &json!(id)));
        let refusal = county.check(&again, json!({ "outcome": "APPROVED" })).await.refusal();
        assert_eq!((&refusal["code"], &refusal["matches"][0]["subject"]["id"]), (&json!("DUPLICATE_MATTER"), &json!(id)));
        county.check(&again, json!({ "outcome": "APPROVED", "reason": "内容已实质变化，仅协助登记" })).await.done();

        let withdrawn = json!({ "reason": "改由部门承担" });
        admission_act(&other.person(Role::DeptHead).await, "withdrawAdmission", &again, withdrawn.clone()).await.done();

        // By the other route it is recognised as well.
        let law = json!({
            "title": "托育巡查", "origin": "LAW_CHANGE", "reason": "新条例要求",
            "law": { "instrument": "托育服务条例", "article": "第三十条", "effectiveOn": "2026-06-01" }, "changes": [county.nursery()],
        });
        let adjustment = office.act("createAdjustment", law, "adjustment { id }").await.done();
        let input = json!({ "id": adjustment["adjustment"]["id"] });
        let submitted = office.act("submitAdjustment", input, "adjustment { similarRequests { id } }").await.done();
        assert_eq!(submitted["adjustment"]["similarRequests"], json!([{ "id": id }]));
        let input = with(&withdrawn, &json!({ "id": adjustment["adjustment"]["id"] }));
        office.act("withdrawAdjustment", input, "adjustment { id }").await.done();

        // Another matter is none of it, and a year later the refusal is forgotten.
        let wells = ground.cooperative("农村公路隐患治理", &county.bureau);
        let fresh = ground.propose(&county.bureau, "公路隐患", &[addition(&[&county.lists[0]], &wells)]).await;
        ground.admission_until(&county.bureau, &fresh, "EO_CHECK").await;
        assert_eq!(office.see("Admission", &fresh, "flaggedAsEvasion").await["flaggedAsEvasion"], false);
        world.wait(TimeDelta::days(400));
        let late = county.proposed().await;
        ground.admission_until(&county.bureau, &late, "EO_CHECK").await;
        assert_eq!(office.see("Admission", &late, "flaggedAsEvasion").await["flaggedAsEvasion"], false);
    }

    async fn what_stands_in_other_lists_already_is_shown(world: World) {
        let county = county(&world).await;
        let alike = county.ground.township("320102005").await;
        county.ground.list(&alike, &[county.ground.cooperative("托育机构巡查", &county.bureau)]).await;
        let id = county.at("EO_CHECK").await;
        let seen = county.ground.establishment().await.see("Admission", &id, "similarItems { percent item { name } }").await;
        assert_eq!(seen["similarItems"].as_array().unwrap().len(), 1, "{seen}");
        assert_eq!(seen["similarItems"][0]["item"]["name"], "托育机构巡查");
    }

    async fn each_review_may_refuse_and_says_why(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let no = json!({ "outcome": "REJECTED", "reason": "不宜准入" });
        let matters = ["养老机构巡查", "校外培训机构排查", "餐饮油烟监测", "河道采砂巡查", "烟花爆竹零售检查"];
        let steps = [
            ("EO_CHECK", "checkAdmission", ground.establishment().await, no.clone()),
            ("LEGAL_AND_RESOURCE_REVIEW", "reviewAdmissionLegality", ground.justice().await, json!({ "outcome": "UNLAWFUL", "opinion": "无法律依据" })),
            ("LEGAL_AND_RESOURCE_REVIEW", "reviewAdmissionResources", ground.finance().await, json!({ "outcome": "INSUFFICIENT", "opinion": "无经费" })),
            ("COUNTY_DECISION", "decideAdmissionAtCounty", ground.clerk().await, with(&no, &json!({ "decision": ground.decision() }))),
            ("CITY_REVIEW", "reviewAdmissionAtCity", ground.reviewer(0).await, no),
        ];
        for (matter, (state, act, client, input)) in std::iter::zip(matters, steps) {
            let content = with(&ground.cooperative(matter, &county.bureau), &json!({ "townshipClauses": [format!("{matter}并上报")] }));
            let id = ground.propose(&county.bureau, matter, &[addition(&[&county.lists[0]], &content)]).await;
            ground.admission_until(&county.bureau, &id, state).await;
            let seen = admission_act(&client, act, &id, input).await.done();
            assert_eq!(seen["admission"]["state"], "REJECTED", "{act}");
            let open = county.seen(&id, "steps { closedAt }").await["steps"].clone();
            assert!(open.as_array().unwrap().iter().all(|step| step["closedAt"].is_string()), "{act}: nobody waits");
            let withdraw = admission_act(&county.head().await, "withdrawAdmission", &id, json!({ "reason": "x" })).await;
            assert_eq!(withdraw.refused(), "WRONG_STATE", "a refusal cannot be undone by withdrawing");
        }
    }
}
