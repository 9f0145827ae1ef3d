//! A matter stands in a list once: what is there already, or on its way, is not asked for again.

use super::*;

async fn submit(county: &County, id: &str) -> Act {
    county.ground.sign_and_submit(&county.township, id).await
}

on_both! {
    async fn what_the_list_states_already_is_not_added_again(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let shops = ground.item_id(&county.list, SHOPS).await;
        // In another category and in slightly other words: the same measure as for the findings of a version.
        let again = addition(&[&county.list], &ground.basic(&format!("对{SHOPS}工作")));
        let id = ground.apply(&county.township, "重复申请", &[again]).await;
        let refusal = submit(&county, &id).await.refusal();
        assert_eq!((&refusal["code"], &refusal["matches"][0]["subject"]["id"]), (&json!("DUPLICATE_MATTER"), &json!(shops)));
        assert!(refusal["matches"][0]["subject"]["name"].as_str().unwrap().contains(SHOPS), "{refusal}");
        // Nor does another item come to say it, nor one request twice.
        let aid = ground.item_id(&county.list, AID).await;
        let id = ground.apply(&county.township, "改写", &[change("REWORD", &aid, Some(&ground.basic(SHOPS)))]).await;
        assert_eq!(submit(&county, &id).await.refusal()["matches"][0]["subject"]["id"], json!(shops));
        let id = ground.apply(&county.township, "两次", &[county.gas(), county.gas()]).await;
        assert_eq!(submit(&county, &id).await.refusal()["matches"][0]["subject"]["id"], json!(id));
        assert_eq!(county.state(&id).await, "DRAFT");
    }

    async fn what_another_request_would_add_waits_for_its_end(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let (first, second) = (county.at("SUBMITTED").await, county.applied().await);
        let refusal = submit(&county, &second).await.refusal();
        assert_eq!((&refusal["code"], &refusal["matches"][0]["subject"]["id"]), (&json!("DUPLICATE_MATTER"), &json!(first)));
        ground.adjustment_until(&county.township, &first, "APPROVED").await;
        assert_eq!(submit(&county, &second).await.refused(), "DUPLICATE_MATTER", "approved is not yet in the list");
        ground.incorporate(&county.township, &county.list, None).await;
        let item = ground.item_id(&county.list, GAS).await;
        assert_eq!(submit(&county, &second).await.refusal()["matches"][0]["subject"]["id"], json!(item));
        // Once it is gone again, nothing stands in the way.
        ground.approved_application(&county.township, "删除", &[change("REMOVE", &item, None)]).await;
        submit(&county, &second).await.done();
    }

    async fn a_request_withdrawn_or_returned_holds_no_place(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let (first, second) = (county.at("EO_CHECK").await, county.applied().await);
        county.check(&first, json!({ "outcome": "RETURN", "reason": "补充依据" })).await.done();
        ground.adjustment_until(&county.township, &second, "EO_CHECK").await;
        assert_eq!(submit(&county, &first).await.refusal()["matches"][0]["subject"]["id"], json!(second));
        let reason = json!({ "reason": "条件不成熟" });
        adjustment_act(&county.list_admin().await, "withdrawAdjustment", &second, reason).await.done();
        submit(&county, &first).await.done();
    }

    async fn of_two_submitted_at_once_one_is_approved(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let clients = [county.list_admin().await, county.township.org.another(Role::TownshipListAdmin).await];
        let ids = [county.applied().await, county.applied().await];
        for id in &ids {
            for head in [county.secretary().await, county.head().await] {
                adjustment_act(&head, "signAdjustment", id, json!({})).await.done();
            }
        }
        let acts = std::iter::zip(&clients, &ids).map(|(client, id)| adjustment_act(client, "submitAdjustment", id, json!({})));
        futures_util::future::join_all(acts).await;
        let mut approved = 0;
        for id in &ids {
            if county.state(id).await == "SUBMITTED" {
                ground.adjustment_until(&county.township, id, "COUNTY_DECISION").await;
                let codes = county.decide(&ground.clerk().await, id, "APPROVED").await.answer.user_error_codes("decideAdjustment");
                assert!(codes.is_empty() || codes == ["DUPLICATE_MATTER"], "{codes:?}");
                approved += usize::from(codes.is_empty());
            }
        }
        assert_eq!(approved, 1);
        ground.incorporate(&county.township, &county.list, None).await;
    }

    async fn a_matter_is_split_in_the_request_that_retires_it(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let shops = ground.item_id(&county.list, SHOPS).await;
        let part = |name: &str| {
            let added = addition(&[&county.list], &ground.cooperative(name, &county.fire));
            with(&added, &json!({ "derivedFrom": [shops] }))
        };
        let changes = [change("REMOVE", &shops, None), part(&format!("{SHOPS}工作")), part("沿街商铺用电隐患上报")];
        ground.approved_application(&county.township, "拆分", &changes).await;
        ground.incorporate(&county.township, &county.list, None).await;
        assert!(ground.item(&county.list, "沿街商铺用电隐患上报").await.is_object());
        assert_eq!(ground.item(&county.list, SHOPS).await, Value::Null);
    }
}
