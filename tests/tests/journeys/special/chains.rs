//! Longer and shorter chains, and configured ones.

use super::*;

/// A seat directly below its province.
async fn below_the_province(world: &World, province: &str, seat: &str) -> Ground {
    let province = world.province(province).await;
    let seat = province.county(seat).await;
    let above = vec![(province.establishment_office(&province.code).await, Role::EoProvince)];
    Ground::new(world, province, seat, above).await
}

on_both! {
    async fn in_a_directly_administered_county_the_province_is_the_next_level(world: World) {
        let jiyuan = below_the_province(&world, "410000", "419001").await;
        let township = any_township(&jiyuan).await;
        everything_is_decided(&jiyuan, &township).await;
    }

    async fn in_a_prefecture_without_counties_the_prefecture_decides_and_does_not_review_itself(world: World) {
        let dongguan = below_the_province(&world, "440000", "441900").await;
        let township = any_township(&dongguan).await;
        everything_is_decided(&dongguan, &township).await;
    }

    async fn in_a_municipality_the_district_decides_and_the_municipality_is_the_province(world: World) {
        let huangpu = below_the_province(&world, "310000", "310101").await;
        let township = any_township(&huangpu).await;
        everything_is_decided(&huangpu, &township).await;
    }

    async fn in_a_city_of_the_corps_the_configured_chain_is_climbed_whoever_was_registered_first(world: World) {
        let xinjiang = world.province("650000").await;
        let admin = xinjiang.admin().await;
        // The corps and its division have no place of their own on the map; they were registered before everybody else.
        let of_division = |code: &str, name: &str| NewOrg { level: Some(DivisionLevel::Prefecture), ..NewOrg::new(code, OrgKind::EstablishmentOffice, name) };
        let division = xinjiang.org(of_division("659001", "第八师编办")).await;
        xinjiang.org(of_division("650000", "第十四师编办")).await;
        let region = xinjiang.establishment_office("650000").await;
        // Beside the region's own office stands that of the corps, which belongs to the corps.
        let corps = xinjiang.org(NewOrg::new("650000", OrgKind::ManagementCommittee, "新疆生产建设兵团")).await;
        let office = NewOrg::new("650000", OrgKind::EstablishmentOffice, "新疆生产建设兵团编办");
        let corps = xinjiang.org(NewOrg { parent: Some(corps.id), ..office }).await;
        let seat = xinjiang.county("659001").await;
        let chain = json!({ "authorityId": seat.authority.id, "officeIds": [division.id, corps.id], "reason": "兵团体制" });
        admin.act("configureReviewChain", chain, "orgUnit { id }").await.done();
        let above = vec![(division, Role::EoCity), (corps, Role::EoProvince)];
        let shihezi = Ground::new(&world, xinjiang.clone(), seat, above).await;
        let township = any_township(&shihezi).await;
        everything_is_decided(&shihezi, &township).await;
        assert!(region.person(Role::EoProvince).await.tasks().await.is_empty(), "the region has no part in it");

        // An ordinary county of the same region is reviewed by city and region, not by who merely sits there.
        let city = xinjiang.establishment_office("650100").await;
        let county = xinjiang.county("650102").await;
        let document = "query($code: String!) { divisions(within: $code, level: TOWNSHIP, first: 1) { nodes { code } } }";
        let code = admin.query(document, json!({ "code": "650102" })).await.good().text_at("/divisions/nodes/0/code");
        let answer = admin.query(WHO_DECIDES, json!({ "code": code })).await.good();
        assert_eq!(answer.data("/listAuthority/authority/id"), &json!(county.authority.id));
        assert_eq!(answer.texts("/listAuthority/reviewChain", "id"), [city.id.to_string(), region.id.to_string()]);
    }

    async fn a_gap_in_the_chain_stops_the_first_draft_and_says_what_is_missing(world: World) {
        let jiangsu = world.province("320000").await;
        let seat = jiangsu.county("320102").await;
        let province = jiangsu.establishment_office("320000").await;
        let township = seat.township("320102002").await;
        let admin = township.person(Role::TownshipListAdmin).await;
        let draft = async || admin.act("draftFirstEdition", json!({}), "listVersion { id } userErrors { ... on OfficeMissingError { kind authority { name } } }").await;
        let refusal = draft().await.refusal();
        assert_eq!((&refusal["code"], &refusal["kind"]), (&json!("OFFICE_MISSING"), &json!("ESTABLISHMENT_OFFICE")), "no level is left out");
        assert_eq!(refusal["authority"]["name"], json!("南京市"), "the level whose office is missing");
        jiangsu.establishment_office("320100").await;
        draft().await.done();
        assert!(province.person(Role::EoProvince).await.tasks().await.is_empty());
    }

    async fn a_branch_of_a_line_above_is_heard_and_owes_duties_where_it_serves(world: World) {
        let ground = world.ground().await;
        let line = ground.province.org(NewOrg::new("320100", OrgKind::Department, "南京市生态环境局")).await;
        let branch = ground.remember(ground.seat.vertical_department("生态环境局", Some(&line)).await);
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("秸秆露天焚烧管控", &branch)]).await;
        let head = branch.person(Role::DeptHead).await;
        let mine = head.query("{ obligations { totalCount nodes { role township { code } } } }", json!({})).await.good();
        assert_eq!((mine.data("/obligations/totalCount"), mine.data("/obligations/nodes/0/role")), (&json!(1), &json!("LEAD")));
        let above = line.person(Role::DeptHead).await.query("{ obligations { totalCount } }", json!({})).await.good();
        assert_eq!(above.data("/obligations/totalCount"), 0, "what the branch owes is not what the line owes");
        let item = ground.cooperative("小微水体异常上报", &branch);
        let id = ground.apply(&township, "承接", &[addition(&[&list], &item)]).await;
        ground.adjustment_until(&township, &id, "JOINT_CONSULTATION").await;
        assert_eq!(head.tasks().await, ["GIVE_ADJUSTMENT_OPINION"]);
        // The county decides on what the branch is to do, and the branch proposes under the county.
        ground.adjustment_until(&township, &id, "APPROVED").await;
        let proposed = ground.cooperative("餐饮油烟投诉核查", &branch);
        let id = ground.propose(&branch, "申请准入", &[addition(&[&list], &proposed)]).await;
        assert_eq!(head.see("Admission", &id, "authority { id }").await["authority"]["id"], json!(ground.seat.authority.id));
        ground.admission_until(&branch, &id, "PROVINCE_REVIEW").await;
    }
}
