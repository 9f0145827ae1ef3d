//! An organisation goes in the middle of everything: what is under way goes on with whoever continues it.

use super::*;

/// An application before the county's establishment office, and one before a department that is consulted.
async fn under_way(world: &World) -> (Ground, Township, Org, String) {
    let ground = world.ground().await;
    let fire = ground.department("消防救援大队").await;
    let township = ground.township("320102002").await;
    let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
    let id =
        ground.apply(&township, "承接", &[addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire))]).await;
    (ground, township, fire, id)
}

async fn abolish(ground: &Ground, org: &Org, successor: Option<&Org>) -> yidan_tests::Act {
    let admin = ground.province.admin().await;
    let input = json!({ "id": org.id, "successorId": successor.map(|org| org.id), "reason": "机构改革" });
    admin.act("abolishOrgUnit", input, "orgUnit { id }").await
}

on_both! {
    async fn a_department_that_is_waited_for_goes_only_with_a_successor(world: World) {
        let (ground, township, fire, id) = under_way(&world).await;
        ground.adjustment_until(&township, &id, "JOINT_CONSULTATION").await;
        ground.province.admin().await;
        let heads = world.heads().await;
        assert_eq!(abolish(&ground, &fire, None).await.refused(), "INVALID_INPUT");
        let justice = ground.seat.office(OrgKind::Justice).clone();
        assert_eq!(abolish(&ground, &fire, Some(&justice)).await.refused(), "INVALID_INPUT", "another kind of office");
        assert_eq!(world.heads().await, heads);
        let heir = ground.department("应急救援局").await;
        abolish(&ground, &fire, Some(&heir)).await.done();
        let head = heir.person(Role::DeptHead).await;
        assert_eq!(head.tasks().await, ["GIVE_ADJUSTMENT_OPINION"]);
        let timeline = head.see("Adjustment", &id, "timeline(first: 50) { nodes { act before after } }").await;
        let last = timeline["timeline"]["nodes"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["act"], &last["before"]["organisation"]), (&json!("ABOLISH_ORG_UNIT"), &json!(fire.name)));
        adjustment_act(&head, "giveAdjustmentOpinion", &id, json!({ "stance": "AGREE", "text": "同意" })).await.done();
    }

    async fn the_next_office_in_the_same_place_takes_over(world: World) {
        let (ground, township, _, id) = under_way(&world).await;
        ground.adjustment_until(&township, &id, "EO_CHECK").await;
        let old = ground.seat.office(OrgKind::EstablishmentOffice).clone();
        abolish(&ground, &old, None).await.done();
        let admin = ground.province.admin().await;
        let input = json!({ "divisionId": ground.seat.division_id(), "kind": "ESTABLISHMENT_OFFICE", "name": "县委机构编制委员会办公室" });
        let made = admin.act("createOrgUnit", input, "orgUnit { id }").await.done();
        let mut new = old;
        new.id = made["orgUnit"]["id"].as_str().unwrap().parse().unwrap();
        let office = new.person(Role::EoCounty).await;
        assert_eq!(office.tasks().await, ["CHECK_ADJUSTMENT"]);
        adjustment_act(&office, "checkAdjustment", &id, json!({ "outcome": "PASS" })).await.done();
        let seen = office.see("Adjustment", &id, "state steps { task organisation { id } closedAt }").await;
        assert_eq!(seen["state"], "JOINT_CONSULTATION");
    }

    async fn a_committee_that_administers_townships_stays_until_they_are_released(world: World) {
        let jiangsu = world.province("320000").await;
        jiangsu.county("320102").await;
        let zone = jiangsu.zone("320102", "高新区管委会", DivisionLevel::County).await;
        let township = world.division("320102002").await;
        let admin = jiangsu.admin().await;
        let assign = |from: &str| {
            let input = json!({ "divisionId": township.id, "committeeId": zone.authority.id, "from": from });
            admin.act("assignTownshipToZone", input, "division { id }")
        };
        assert_eq!(assign("2020-01-01").await.refused(), "DEADLINE_INVALID", "before there was a committee");
        assert_eq!(assign("2099-01-01").await.refused(), "DEADLINE_INVALID");
        let assign = json!({ "divisionId": township.id, "committeeId": zone.authority.id });
        admin.act("assignTownshipToZone", assign, "division { id }").await.done();
        let abolish = json!({ "id": zone.authority.id, "reason": "撤销" });
        assert_eq!(admin.act("abolishOrgUnit", abolish.clone(), "orgUnit { id }").await.refused(), "INVALID_INPUT");
        let release = json!({ "divisionId": township.id });
        admin.act("releaseTownshipFromZone", release, "division { id }").await.done();
        admin.act("abolishOrgUnit", abolish, "orgUnit { id }").await.done();
    }
}
