//! The short path of a department's new name, and what two requests about one item do to each other.

use super::*;

on_both! {
    async fn a_departments_new_name_takes_the_short_path(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let brigade = ground.department("消防救援局").await;
        let shops = ground.item_id(&county.list, SHOPS).await;
        let renamed = ground.cooperative(SHOPS, &brigade);
        let id = ground.apply(&county.township, "部门更名", &[change("RENAME_DEPT", &shops, Some(&renamed))]).await;
        adjustment_act(&county.list_admin().await, "submitAdjustment", &id, json!({})).await.done();
        ground.adjustment_until(&county.township, &id, "EO_CHECK").await;
        assert_eq!(county.check(&id, json!({ "outcome": "PASS" })).await.done()["adjustment"]["state"], "APPROVED");
        let seen = county.seen(&id, "shortPath burden opinions { id } decisions { id }").await;
        assert_eq!(seen, json!({ "shortPath": true, "burden": "NEUTRAL", "opinions": [], "decisions": [] }));
        let steps = open_steps(&county, &id).await;
        let due: DateTime<Utc> = steps[0]["deadline"]["dueAt"].as_str().unwrap().parse().unwrap();
        assert_eq!(due, "2026-03-10T00:00:00+08:00".parse::<DateTime<Utc>>().unwrap(), "five working days in all");
        ground.incorporate(&county.township, &county.list, None).await;
        let rows = "comparison { differences { kind burden } }";
        let version = world.visitor().see("DutyList", &county.list, &format!("version {{ {rows} }}")).await;
        assert_eq!(version["version"]["comparison"]["differences"], json!([{ "kind": "LEAD_CHANGED", "burden": "NEUTRAL" }]));
        assert_eq!(brigade.person(Role::DeptHead).await.query("{ obligations { totalCount } }", json!({})).await.good().data("/obligations/totalCount"), 1);
    }

    async fn one_more_word_and_it_is_no_short_path(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let brigade = ground.department("消防救援局").await;
        let (shops, aid) = (ground.item_id(&county.list, SHOPS).await, ground.item_id(&county.list, AID).await);
        let renamed = change("RENAME_DEPT", &shops, Some(&ground.cooperative(SHOPS, &brigade)));
        let id = ground.apply(&county.township, "更名及删除", &[renamed, change("REMOVE", &aid, None)]).await;
        adjustment_act(&county.list_admin().await, "submitAdjustment", &id, json!({})).await.done();
        ground.adjustment_until(&county.township, &id, "EO_CHECK").await;
        assert_eq!(county.check(&id, json!({ "outcome": "PASS" })).await.done()["adjustment"]["state"], "JOINT_CONSULTATION");
        let asked = texts(&json!(open_steps(&county, &id).await), "task");
        let heard = asked.iter().filter(|task| *task == "GIVE_ADJUSTMENT_OPINION").count();
        assert_eq!(heard, 2, "the department that loses the item and the one that gets it");
    }

    async fn of_two_requests_about_one_item_only_one_is_approved_at_a_time(world: World) {
        let county = county(&world).await;
        let (ground, clerk) = (&county.ground, county.ground.clerk().await);
        let shops = ground.item_id(&county.list, SHOPS).await;
        let text = |clause: &str| with(&ground.cooperative(SHOPS, &county.fire), &json!({ "townshipClauses": [clause] }));
        let reword = async |clause: &str| {
            let id = ground.apply(&county.township, clause, &[change("REWORD", &shops, Some(&text(clause)))]).await;
            ground.adjustment_until(&county.township, &id, "COUNTY_DECISION").await;
            id
        };
        let (first, second) = (reword("组织日常巡查").await, reword("发现隐患上报").await);
        county.decide(&clerk, &first, "APPROVED").await.done();
        // Were both approved, no version could bring both, and the list could never change again.
        let refusal = county.decide(&clerk, &second, "APPROVED").await.refusal();
        assert_eq!((&refusal["code"], &refusal["matches"][0]["subject"]["id"]), (&json!("DUPLICATE_MATTER"), &json!(first)));
        // Published already, but in force only later: what the item will say is settled all the same.
        ground.incorporate(&county.township, &county.list, Some("2026-04-01T00:00:00+08:00")).await;
        assert_eq!(ground.item(&county.list, SHOPS).await["townshipClauses"].as_array().unwrap().len(), 2);
        assert_eq!(county.decide(&clerk, &second, "APPROVED").await.refused(), "CITATION_STALE");
        county.decide(&clerk, &second, "RETURNED").await.done();
        world.clock().set("2026-04-01T09:00:00+08:00".parse().unwrap());
        let texts = json!([{ "text": "组织日常巡查" }]);
        assert_eq!(ground.item(&county.list, SHOPS).await["townshipClauses"], texts);
        // Held against what the item says now, it can go on.
        let again = ground.application("再次", &[change("REWORD", &shops, Some(&text("发现隐患上报")))]);
        county.list_admin().await.act("updateAdjustment", with(&again, &json!({ "id": second })), "adjustment { id }").await.done();
        ground.adjustment_until(&county.township, &second, "APPROVED").await;
        ground.incorporate(&county.township, &county.list, None).await;
        assert_eq!(ground.item(&county.list, SHOPS).await["townshipClauses"], json!([{ "text": "发现隐患上报" }]));
    }

    async fn of_two_approvals_about_one_item_at_once_one_is_told(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let clerks = [ground.clerk().await, ground.seat.office(OrgKind::GeneralOffice).another(Role::DecisionClerk).await];
        let shops = ground.item_id(&county.list, SHOPS).await;
        let mut ids = Vec::new();
        for clause in ["组织日常巡查", "发现隐患上报"] {
            let text = with(&ground.cooperative(SHOPS, &county.fire), &json!({ "townshipClauses": [clause] }));
            let id = ground.apply(&county.township, clause, &[change("REWORD", &shops, Some(&text))]).await;
            ground.adjustment_until(&county.township, &id, "COUNTY_DECISION").await;
            ids.push(id);
        }
        let acts = [county.decide(&clerks[0], &ids[0], "APPROVED"), county.decide(&clerks[1], &ids[1], "APPROVED")];
        let acts = futures_util::future::join_all(acts).await;
        let mut codes: Vec<String> = acts.iter().flat_map(|act| act.answer.user_error_codes("decideAdjustment")).collect();
        assert_eq!(codes.pop().as_deref(), Some("DUPLICATE_MATTER"));
        assert!(codes.is_empty(), "{codes:?}");
        ground.incorporate(&county.township, &county.list, None).await;
    }

    async fn a_request_written_before_the_item_changed_is_stale(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let shops = ground.item_id(&county.list, SHOPS).await;
        let text = |clause: &str| with(&ground.cooperative(SHOPS, &county.fire), &json!({ "townshipClauses": [clause] }));
        let drafted = ground.apply(&county.township, "旧稿", &[change("REWORD", &shops, Some(&text("开展宣传")))]).await;
        ground.approved_application(&county.township, "新稿", &[change("REWORD", &shops, Some(&text("组织日常巡查")))]).await;
        ground.incorporate(&county.township, &county.list, None).await;
        let submit = adjustment_act(&county.list_admin().await, "submitAdjustment", &drafted, json!({})).await;
        assert_eq!(submit.refused(), "CITATION_STALE");
        let unknown = change("REWORD", &yidan_tests::ids::random("item"), Some(&text("x")));
        let act = county.list_admin().await.act("createAdjustment", ground.application("x", &[unknown]), "adjustment { id }").await;
        assert_eq!(act.refused(), "NOT_FOUND");
    }
}
