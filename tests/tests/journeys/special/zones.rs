//! A functional zone runs townships of a county.

use super::*;

async fn own_offices(zone: &mut Seat) {
    for (kind, name) in [
        (OrgKind::EstablishmentOffice, "园区编办"),
        (OrgKind::GeneralOffice, "园区党政办公室"),
        (OrgKind::Justice, "园区司法局"),
        (OrgKind::Finance, "园区财政局"),
    ] {
        zone.own_office(kind, name).await;
    }
}

on_both! {
    async fn a_zone_decides_for_the_townships_it_runs_with_its_own_offices(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320506").await;
        let above = vec![
            (jiangsu.establishment_office("320500").await, Role::EoCity), (jiangsu.establishment_office("320000").await, Role::EoProvince),
        ];
        let mut zone = jiangsu.zone("320500", "苏州工业园区管理委员会", DivisionLevel::County).await;
        own_offices(&mut zone).await;
        let ground = Ground::new(&world, jiangsu.clone(), county, above.clone()).await;
        let township = any_township(&ground).await;
        let assign = json!({ "divisionId": township.division.id, "committeeId": zone.authority.id, "from": "2026-03-02" });
        jiangsu.admin().await.act("assignTownshipToZone", assign, "division { id }").await.done();

        let park = ground.under(zone, ground.above.clone());
        // The bureaus of a zone are the committee's.
        let code = park.seat.division.code.clone();
        let bureau = NewOrg { parent: Some(park.seat.authority.id), level: Some(DivisionLevel::County), ..NewOrg::new(&code, OrgKind::Department, "园区综合行政执法局") };
        let bureau = park.remember(jiangsu.org(bureau).await);
        let version = park.draft(&township, &[park.cooperative("占道经营劝导", &bureau)]).await;
        park.confirm(&township, &version).await.done();
        assert_eq!(ground.review(&version).await.refused(), "FORBIDDEN", "the county on whose map it lies has no say");
        park.review(&version).await.done();
        for index in 0..2 {
            park.review_above(index, &version).await.done();
        }
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&ground.approve(&version).await.refused().as_str()));
        park.approve(&version).await.done();
        let list = park.publish(&version, None).await.done()["listVersion"]["list"]["id"].as_str().unwrap().to_owned();

        let item = park.cooperative("共享单车停放劝导", &bureau);
        let id = park.apply(&township, "承接", &[addition(&[&list], &item)]).await;
        park.adjustment_until(&township, &id, "COUNTY_DECISION").await;
        let decided = json!({ "outcome": "APPROVED", "decision": park.decision() });
        assert_eq!(adjustment_act(&ground.clerk().await, "decideAdjustment", &id, decided).await.refused(), "FORBIDDEN");
        park.adjustment_until(&township, &id, "APPROVED").await;
        park.incorporate(&township, &list, None).await;

        let proposed = park.cooperative("建筑垃圾偷倒上报", &bureau);
        let admission = park.propose(&bureau, "园区部门动议", &[addition(&[&list], &proposed)]).await;
        park.admission_until(&bureau, &admission, "APPROVED").await;
        let steps = park.establishment().await.see("Admission", &admission, "steps { task }").await;
        let reviews = texts(&steps["steps"], "task").into_iter().filter(|task| task.starts_with("REVIEW_ADMISSION_AT") || task.ends_with("AT_PROVINCE"));
        assert_eq!(reviews.count(), 2);
    }

    async fn what_was_begun_under_the_county_is_finished_there_when_a_zone_takes_over(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320506").await;
        let above = vec![
            (jiangsu.establishment_office("320500").await, Role::EoCity), (jiangsu.establishment_office("320000").await, Role::EoProvince),
        ];
        let mut zone = jiangsu.zone("320500", "苏州工业园区管理委员会", DivisionLevel::County).await;
        own_offices(&mut zone).await;
        let ground = Ground::new(&world, jiangsu.clone(), county, above).await;
        let (township, bureau) = (any_township(&ground).await, ground.department("城市管理局").await);
        let list = ground.list(&township, &[ground.cooperative("占道经营劝导", &bureau)]).await;
        let item = ground.cooperative("共享单车停放劝导", &bureau);
        let id = ground.apply(&township, "承接", &[addition(&[&list], &item)]).await;
        ground.adjustment_until(&township, &id, "LEGAL_REVIEW").await;
        let assign = json!({ "divisionId": township.division.id, "committeeId": zone.authority.id, "from": "2026-03-02" });
        jiangsu.admin().await.act("assignTownshipToZone", assign, "division { id }").await.done();
        ground.adjustment_until(&township, &id, "APPROVED").await;
        // The next version is the zone's to draft, as everything from now on.
        assert_eq!(ground.incorporation(&list).await.refused(), "FORBIDDEN");
        let park = ground.under(zone, ground.above.clone());
        let version = park.incorporate(&township, &list, None).await;
        assert!(!park.item(&list, "共享单车停放劝导").await.is_null(), "{version}");
        let filing = json!({ "documentNo": "备〔2026〕1号" });
        adjustment_act(&ground.establishment().await, "fileAdjustment", &id, filing).await.done();
    }

    async fn a_zone_without_offices_of_its_own_uses_those_of_the_city_it_sits_in(world: World) {
        let jiangsu = world.province("320000").await;
        let province = (jiangsu.establishment_office("320000").await, Role::EoProvince);
        let county = jiangsu.county("320506").await;
        let zone = jiangsu.zone("320500", "苏州工业园区管理委员会", DivisionLevel::County).await;
        let ground = Ground::new(&world, jiangsu.clone(), county, vec![province.clone()]).await;
        let township = any_township(&ground).await;
        let assign = json!({ "divisionId": township.division.id, "committeeId": zone.authority.id, "from": "2026-03-02" });
        jiangsu.admin().await.act("assignTownshipToZone", assign, "division { id }").await.done();
        let admin = township.person(Role::TownshipListAdmin).await;
        let missing = admin.act("draftFirstEdition", json!({}), "listVersion { id }").await;
        assert_eq!(missing.refused(), "OFFICE_MISSING");
        let city = jiangsu.county("320500").await;
        let office = city.office(OrgKind::EstablishmentOffice).clone();
        let park = ground.under(city, vec![(office, Role::EoCity), province]);
        let bureau = park.department("城市管理局").await;
        let list = park.list(&township, &[park.cooperative("占道经营劝导", &bureau)]).await;
        assert!(!park.item(&list, "占道经营劝导").await.is_null());
    }
}
