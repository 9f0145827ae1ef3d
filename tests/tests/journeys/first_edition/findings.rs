//! What is wrong with a draft stops it: the same matter twice, matters alike, departments that are gone, nothing at all.

use super::*;

const FINDINGS: &str = "findings { kind blocking percent answer items { id } organisation { name } }";

on_both! {
    async fn the_same_matter_twice_stops_it_and_matters_alike_are_answered(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let version = county.drafted().await;
        let twice = ground.reclaimed("九小场所的消防安全治理", &county.fire);
        ground.add(township, &version, &[twice]).await.done();
        let findings = county.seen(&version, FINDINGS).await["findings"].clone();
        assert_eq!(findings.as_array().unwrap().len(), 1, "{findings}");
        let (kind, percent) = (findings[0]["kind"].as_str().unwrap().to_owned(), findings[0]["percent"].as_i64().unwrap());
        assert_eq!((kind.as_str(), percent >= 90, &findings[0]["blocking"]), ("DUPLICATE", true, &json!(true)), "in two categories or in one");
        let refusal = ground.confirm(township, &version).await.refusal();
        assert_eq!(refusal["code"], "UNRESOLVED_FINDINGS");
        let told = refusal["findings"][0].as_str().unwrap();
        assert!(told.starts_with("DUPLICATE: ") && told.contains(SHOPS), "{told}");
        // A duplicate cannot be talked away.
        let (first, second) = (county.item(&version, SHOPS).await, county.item(&version, "九小场所的消防安全治理").await);
        let answer = async |client: &Client, first: &str, second: &str| {
            let input = json!({ "id": version, "firstItemId": first, "secondItemId": second, "answer": "一为经营场所，一为仓储场所" });
            client.act("answerSimilarity", input, "listVersion { id }").await
        };
        let office = ground.establishment().await;
        answer(&county.list_admin().await, &first, &second).await.done();
        assert_eq!(ground.confirm(township, &version).await.refused(), "UNRESOLVED_FINDINGS");
        let remove = json!({ "versionId": version, "itemId": second });
        county.list_admin().await.act("removeDraftItem", remove, "listVersion { id }").await.done();

        // Matters alike are two if somebody says why.
        let alike = ground.basic("受理临时救助申请并入户公示");
        ground.add(township, &version, &[alike]).await.done();
        let findings = county.seen(&version, FINDINGS).await["findings"].clone();
        assert_eq!(findings.as_array().unwrap().len(), 1, "{findings}");
        assert_eq!((&findings[0]["kind"], &findings[0]["blocking"]), (&json!("SIMILAR"), &json!(true)));
        ground.confirm(township, &version).await.done();
        assert!(ground.review(&version).await.refusal()["findings"][0].as_str().unwrap().starts_with("SIMILAR: "));
        let (first, second) = (county.item(&version, AID).await, county.item(&version, "受理临时救助申请并入户公示").await);
        assert_eq!(answer(&office, &first, &yidan_tests::ids::random("item")).await.refused(), "NOT_FOUND");
        assert_eq!(answer(&ground.clerk().await, &first, &second).await.refused(), "FORBIDDEN");
        answer(&office, &second, &first).await.done();
        let answered = county.seen(&version, FINDINGS).await["findings"][0].clone();
        assert_eq!((&answered["blocking"], &answered["answer"]), (&json!(false), &json!("一为经营场所，一为仓储场所")));
        ground.review(&version).await.done();
    }

    async fn a_department_that_is_gone_stops_it_even_at_the_last_step(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let version = county.drafted().await;
        ground.confirm(township, &version).await.done();
        ground.review(&version).await.done();
        for index in 0..2 {
            ground.review_above(index, &version).await.done();
        }
        let admin = ground.province.admin().await;
        let heir = ground.department("消防救援局").await;
        let abolish = json!({ "id": county.fire.id, "successorId": heir.id, "reason": "机构改革" });
        admin.act("abolishOrgUnit", abolish, "orgUnit { successor { name } }").await.done();
        let refusal = ground.approve(&version).await.refusal();
        assert_eq!((&refusal["code"], &refusal["findings"]), (&json!("UNRESOLVED_FINDINGS"), &json!([format!("ORPHAN: {SHOPS}")])));
        let seen = county.seen(&version, FINDINGS).await["findings"].clone();
        assert_eq!(seen[0]["organisation"]["name"], json!(county.fire.name));
        let reason = json!({ "id": version, "reason": "部门已撤销" });
        ground.clerk().await.act("returnListVersion", reason, "listVersion { id }").await.done();
        let item = county.item(&version, SHOPS).await;
        let update = async |lead: &Org| {
            let input = json!({ "versionId": version, "itemId": item, "content": ground.cooperative(SHOPS, lead) });
            county.list_admin().await.act("updateDraftItem", input, "listVersion { id }").await
        };
        assert_eq!(update(&county.fire).await.refused(), "INVALID_INPUT", "nobody new is put under a department that is gone");
        update(&heir).await.done();
        ground.put_in_force(township, &version).await;
    }

    async fn a_department_abolished_after_the_decision_stops_the_publication(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let version = county.drafted().await;
        ground.confirm(&county.township, &version).await.done();
        ground.review(&version).await.done();
        for index in 0..2 {
            ground.review_above(index, &version).await.done();
        }
        ground.approve(&version).await.done();
        let abolish = json!({ "id": county.housing.id, "reason": "机构改革" });
        ground.province.admin().await.act("abolishOrgUnit", abolish, "orgUnit { id }").await.done();
        assert_eq!(ground.publish(&version, None).await.refused(), "UNRESOLVED_FINDINGS");
    }

    async fn an_empty_list_is_not_confirmed_and_an_item_says_what_its_category_demands(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let admin = county.list_admin().await;
        let drafted = admin.act("draftFirstEdition", json!({}), "listVersion { id findings { kind } }").await.done();
        assert_eq!(drafted["listVersion"]["findings"], json!([{ "kind": "EMPTY" }]));
        let version = drafted["listVersion"]["id"].as_str().unwrap().to_owned();
        assert_eq!(ground.confirm(township, &version).await.refusal()["findings"], json!(["EMPTY"]));
        let (cooperative, reclaimed, basic) = (ground.cooperative(SHOPS, &county.fire), ground.reclaimed(WALLS, &county.housing), ground.basic(AID));
        let wrong = [
            with(&cooperative, &json!({ "departments": [] })), with(&cooperative, &json!({ "superiorClauses": [] })),
            with(&cooperative, &json!({ "townshipClauses": [" "] })), with(&reclaimed, &json!({ "method": null })),
            with(&reclaimed, &json!({ "departments": [] })), with(&reclaimed, &json!({ "townshipClauses": ["巡查"] })),
            with(&basic, &json!({ "superiorClauses": ["检查"] })), with(&basic, &json!({ "name": "" })),
            with(&basic, &json!({ "departments": [{ "orgUnitId": county.fire.id, "role": "LEAD" }] })),
            with(&cooperative, &json!({ "departments": [{ "orgUnitId": township.org.id, "role": "LEAD" }] })),
        ];
        for item in wrong {
            assert_eq!(ground.add(township, &version, &[basic.clone(), item.clone()]).await.refused(), "INVALID_INPUT", "{item}");
        }
        let unknown = with(&basic, &json!({ "domainId": yidan_tests::ids::random("dom") }));
        assert_eq!(ground.add(township, &version, &[unknown]).await.refused(), "NOT_FOUND");
        assert_eq!(county.seen(&version, "items { totalCount }").await["items"]["totalCount"], 0, "all or none");
        // What was abolished as mere form has nobody who took it over.
        let cancelled = with(&ground.reclaimed("政务APP推广", &county.housing), &json!({ "departments": [], "reclaimMethod": "CANCELLED" }));
        ground.add(township, &version, &[cancelled]).await.done();
        ground.confirm(township, &version).await.done();
    }
}
