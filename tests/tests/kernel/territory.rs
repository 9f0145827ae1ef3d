//! Who decides on a township's list and who reviews above: every special case of the national table, over HTTP.

use yidan::kernel::ids::{DivisionId, OrgUnitId};
use yidan_tests::{places::NewOrg, prelude::*};

const WHO_DECIDES: &str = "query($code: String!, $on: Date) { listAuthority(townshipCode: $code, asOf: $on) { \
                           authority { name level } reviewChain { name } } }";

async fn who_decides(client: &Client, township: &str) -> (String, Vec<String>) {
    let answer = client.query(WHO_DECIDES, json!({ "code": township })).await.good();
    (answer.text_at("/listAuthority/authority/name"), answer.texts("/listAuthority/reviewChain", "name"))
}

/// A code of a township below `code`.
async fn any_township(client: &Client, code: &str) -> String {
    let document = "query($code: String!) { divisions(within: $code, level: TOWNSHIP, first: 1) { nodes { code } } }";
    client.query(document, json!({ "code": code })).await.good().text_at("/divisions/nodes/0/code")
}

on_both! {
    async fn an_ordinary_county_with_its_prefecture_and_province(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let county = jiangsu.county("320102").await;
        let township = any_township(&admin, "320102").await;
        let (authority, chain) = who_decides(&admin, &township).await;
        assert_eq!(authority, county.authority.name);
        assert!(chain.is_empty(), "no office above is registered yet");
        let (city, province) =
            (jiangsu.establishment_office("320100").await, jiangsu.establishment_office("320000").await);
        let (_, chain) = who_decides(&admin, &township).await;
        assert_eq!(chain, [city.name, province.name]);
    }

    async fn a_district_of_a_municipality_has_the_municipality_above(world: World) {
        let shanghai = world.province("310000").await;
        let admin = shanghai.admin().await;
        let district = shanghai.county("310101").await;
        let office = shanghai.establishment_office("310000").await;
        let township = any_township(&admin, "310101").await;
        assert_eq!(who_decides(&admin, &township).await, (district.authority.name, vec![office.name]));
        let above = admin
            .query("query($c: String!) { division(code: $c) { ancestors { code level } } }", json!({ "c": township }))
            .await
            .good();
        assert_eq!(above.texts("/division/ancestors", "code"), ["310101", "310000"]);
    }

    async fn a_directly_administered_county_has_the_province_above(world: World) {
        let henan = world.province("410000").await;
        let admin = henan.admin().await;
        let jiyuan = henan.county("419001").await;
        let office = henan.establishment_office("410000").await;
        let township = any_township(&admin, "419001").await;
        assert_eq!(who_decides(&admin, &township).await, (jiyuan.authority.name, vec![office.name]));
    }

    async fn a_prefecture_without_counties_plays_the_county(world: World) {
        let guangdong = world.province("440000").await;
        let admin = guangdong.admin().await;
        let dongguan = guangdong.county("441900").await;
        let office = guangdong.establishment_office("440000").await;
        let township = any_township(&admin, "441900").await;
        let (authority, chain) = who_decides(&admin, &township).await;
        assert_eq!((authority, chain), (dongguan.authority.name.clone(), vec![office.name]));
        // Its own establishment office decides as a county's does.
        let level = admin.query(WHO_DECIDES, json!({ "code": township })).await.good();
        assert_eq!(level.data("/listAuthority/authority/level"), "PREFECTURE");
        dongguan.office(OrgKind::EstablishmentOffice).person(Role::EoCounty).await;
    }

    async fn a_corps_city_follows_the_configured_chain_and_the_divisions_again_when_it_is_emptied(world: World) {
        let xinjiang = world.province("650000").await;
        let admin = xinjiang.admin().await;
        let city = xinjiang.county("659001").await;
        let region = xinjiang.establishment_office("650000").await;
        let new = NewOrg {
            level: Some(DivisionLevel::Prefecture),
            ..NewOrg::new("659001", OrgKind::EstablishmentOffice, "第八师编办")
        };
        // A division of the corps stands beside the city on the map and above it in the chain.
        let division = xinjiang_office(&xinjiang, new).await;
        let corps = xinjiang.org(NewOrg::new("650000", OrgKind::ManagementCommittee, "新疆生产建设兵团")).await;
        let office = NewOrg::new("650000", OrgKind::EstablishmentOffice, "新疆生产建设兵团编办");
        let corps = xinjiang.org(NewOrg { parent: Some(corps.id), ..office }).await;
        let township = any_township(&admin, "659001").await;
        assert_eq!(who_decides(&admin, &township).await, (city.authority.name.clone(), vec![region.name.clone()]));

        let configure = async |offices: Value| {
            let input = json!({ "authorityId": city.authority.id, "officeIds": offices, "reason": "兵团体制" });
            admin.act("configureReviewChain", input, "orgUnit { reviewChain { name } }").await
        };
        assert_eq!(configure(json!([division.id])).await.refused(), "INVALID_INPUT", "it must end at the province");
        assert_eq!(configure(json!([corps.id, division.id])).await.refused(), "INVALID_INPUT", "it must climb");
        assert_eq!(configure(json!([division.id, city.authority.id])).await.refused(), "INVALID_INPUT");
        let done = configure(json!([division.id, corps.id])).await.done();
        assert_eq!(done["orgUnit"]["reviewChain"], json!([{ "name": division.name }, { "name": corps.name }]));
        let (_, chain) = who_decides(&admin, &township).await;
        assert_eq!(chain, [division.name, corps.name]);
        configure(json!([])).await.done();
        assert_eq!(who_decides(&admin, &township).await.1, [region.name]);
    }

    async fn a_functional_zone_takes_over_the_townships_it_runs_and_gives_them_back(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let county = jiangsu.county("320506").await;
        let (city, province) =
            (jiangsu.establishment_office("320500").await, jiangsu.establishment_office("320000").await);
        let zone = jiangsu.zone("320500", "苏州工业园区管理委员会", DivisionLevel::County).await;
        let township = world.division(&any_township(&admin, "320506").await).await;
        let chain = vec![city.name, province.name];
        assert_eq!(who_decides(&admin, &township.code).await, (county.authority.name.clone(), chain.clone()));

        let assign = json!({ "divisionId": township.id, "committeeId": zone.authority.id, "from": "2026-04-01" });
        admin.act("assignTownshipToZone", assign.clone(), "division { id }").await.done();
        assert_eq!(admin.act("assignTownshipToZone", assign, "division { id }").await.refused(), "INVALID_INPUT");
        let on = async |day: &str| {
            let answer = admin.query(WHO_DECIDES, json!({ "code": township.code, "on": day })).await.good();
            answer.text_at("/listAuthority/authority/name")
        };
        assert_eq!(on("2026-03-31").await, county.authority.name);
        assert_eq!(on("2026-04-01").await, zone.authority.name);
        world.clock().set("2026-04-01T09:00:00+08:00".parse().unwrap());
        assert_eq!(who_decides(&admin, &township.code).await, (zone.authority.name.clone(), chain));
        let field = "query($c: String!) { division(code: $c) { listAuthority { name } } }";
        let field = admin.query(field, json!({ "c": township.code })).await.good();
        assert_eq!(field.data("/division/listAuthority/name"), &json!(zone.authority.name));

        let release = json!({ "divisionId": township.id, "on": "2026-07-01" });
        admin.act("releaseTownshipFromZone", release, "division { id }").await.done();
        assert_eq!(on("2026-06-30").await, zone.authority.name);
        assert_eq!(on("2026-07-01").await, county.authority.name);
        let early = json!({ "divisionId": township.id, "on": "2026-08-01" });
        assert_eq!(admin.act("releaseTownshipFromZone", early, "division { id }").await.refused(), "WRONG_STATE");
    }

    async fn a_vertical_department_belongs_to_its_line_and_still_serves_the_county(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let line = jiangsu.org(NewOrg::new("320100", OrgKind::Department, "南京市生态环境局")).await;
        let branch = county.vertical_department("生态环境局", Some(&line)).await;
        let head = branch.person(Role::DeptHead).await;
        let document = "{ viewer { organisation { name vertical parent { name } division { code } } } }";
        let seen = head.query(document, json!({})).await.good();
        assert_eq!(seen.data("/viewer/organisation/vertical"), true);
        assert_eq!(seen.data("/viewer/organisation/parent/name"), "南京市生态环境局");
        assert_eq!(seen.data("/viewer/organisation/division/code"), "320102");
        // The line above a branch is no zone: the branch works for the county.
        let db = world.platform().db.read();
        let scope = yidan::kernel::scope::Scope::Everything;
        let org = yidan::territory::store::org(db, &scope, branch.id).await.unwrap().unwrap();
        let authority = yidan::territory::service::authority::authority_of(db, &org).await.unwrap().unwrap();
        assert_eq!(authority.id, county.authority.id);
    }

    async fn a_body_has_one_office_of_a_kind_however_many_ask_at_once(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let (county, other) = (world.division("320102").await, world.division("320104").await);
        let ask = async |division: DivisionId, kind: &str, name: &str, parent: Option<OrgUnitId>| {
            let input = json!({ "divisionId": division, "kind": kind, "name": name, "parentId": parent });
            admin.act("createOrgUnit", input, "orgUnit { id revision }").await
        };
        let kinds = [
            "COMMITTEE_GOVERNMENT",
            "ESTABLISHMENT_OFFICE",
            "TOWNSHIP",
            "JUSTICE",
            "FINANCE",
            "ASSESSMENT_OFFICE",
            "BURDEN_OFFICE",
            "DISCIPLINE_COMMISSION",
        ];
        let mut first = Value::Null;
        for kind in kinds {
            first = ask(county.id, kind, &format!("甲{kind}"), None).await.done()["orgUnit"].clone();
            let refusal = ask(county.id, kind, &format!("乙{kind}"), None).await.refusal();
            assert_eq!((&refusal["code"], &refusal["path"]), (&json!("INVALID_INPUT"), &json!(["input", "kind"])));
            assert!(refusal["message"].as_str().unwrap().contains(&format!("甲{kind}")), "{refusal}");
            ask(other.id, kind, &format!("丙{kind}"), None).await.done();
        }
        for kind in ["DEPARTMENT", "GENERAL_OFFICE", "INSPECTION_OFFICE", "HOTLINE_CENTRE"] {
            for name in ["甲", "乙"] {
                ask(county.id, kind, &format!("{name}{kind}"), None).await.done();
            }
        }
        // A zone has offices of its own, one each; what was abolished makes room.
        let zone = jiangsu.zone("320102", "玄武高新区管委会", DivisionLevel::County).await.authority.id;
        jiangsu.zone("320102", "玄武文旅区管委会", DivisionLevel::County).await;
        ask(county.id, "JUSTICE", "高新区司法分局", Some(zone)).await.done();
        assert_eq!(ask(county.id, "JUSTICE", "高新区法制局", Some(zone)).await.refused(), "INVALID_INPUT");
        let end = json!({ "id": first["id"], "reason": "机构改革" });
        admin.act("abolishOrgUnit", end, "orgUnit { id }").await.done();
        let names: Vec<String> = (0..6).map(|n| format!("新设纪委监委{n}")).collect();
        let asked = names.iter().map(|name| ask(county.id, "DISCIPLINE_COMMISSION", name, None));
        let answers = futures_util::future::join_all(asked).await;
        let refused: Vec<&Act> =
            answers.iter().filter(|act| !act.answer.user_error_codes("createOrgUnit").is_empty()).collect();
        assert_eq!(refused.len(), names.len() - 1, "whoever comes first");
        assert!(refused.iter().all(|act| act.refusal()["path"] == json!(["input", "kind"])));
    }

    async fn a_change_of_divisions_names_successors_and_counts_from_its_day(world: World) {
        let jiangsu = world.province("320000").await;
        jiangsu.county("320102").await;
        let admin = jiangsu.admin().await;
        let county = world.division("320102").await;
        let document = "query($code: String!) { divisions(within: $code, level: TOWNSHIP, first: 2) { totalCount \
                        nodes { id code name } } }";
        let listed = admin.query(document, json!({ "code": "320102" })).await.good();
        let ended = listed.texts("/divisions/nodes", "id");
        let total = listed.data("/divisions/totalCount").as_i64().unwrap();
        let input = json!({
            "endedIds": ended, "effectiveOn": "2026-07-01", "documentNo": "苏政复〔2026〕1号",
            "created": [{ "code": "320102099", "name": "新玄街道", "level": "TOWNSHIP", "parentId": county.id }]
        });
        let selection = "divisions { id code kind validFrom predecessors { code } parent { code } }";
        let done = admin.act("registerDivisionChange", input.clone(), selection).await.done();
        assert_eq!(done["divisions"][0]["kind"], "SUBDISTRICT");
        assert_eq!(done["divisions"][0]["parent"]["code"], "320102");
        assert_eq!(done["divisions"][0]["predecessors"].as_array().unwrap().len(), 2);
        assert_eq!(admin.act("registerDivisionChange", input, selection).await.refused(), "WRONG_STATE");

        let on = "query($day: Date) { divisions(within: \"320102\", level: TOWNSHIP, asOf: $day, first: 100) { \
                  totalCount nodes { code validTo successors { code } } } }";
        let before = admin.query(on, json!({ "day": "2026-06-30" })).await.good();
        let after = admin.query(on, json!({ "day": "2026-07-01" })).await.good();
        assert_eq!(before.data("/divisions/totalCount"), total, "until the day, what was");
        assert!(!before.texts("/divisions/nodes", "code").contains(&"320102099".to_owned()));
        assert_eq!(after.data("/divisions/totalCount"), total - 1);
        assert_eq!(before.data("/divisions/nodes/0/successors/0/code"), "320102099");
        let by_code = "query($code: String!, $day: Date) { division(code: $code, asOf: $day) { id } }";
        let asked = async |code: &str, day: &str| {
            let answer = admin.query(by_code, json!({ "code": code, "day": day })).await.good();
            !answer.data("/division").is_null()
        };
        assert!(!asked("320102099", "2026-06-30").await);
        assert!(asked("320102099", "2026-07-01").await);
        // The records begin at the end of 2025; a day before them means what the records begin with.
        assert!(asked("320102", "2020-01-01").await);
    }

    async fn a_change_of_divisions_is_checked_as_a_whole(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let (county, foreign) = (world.division("320102").await, world.division("330102").await);
        let new = json!({ "code": "320102099", "name": "新街道", "level": "TOWNSHIP", "parentId": county.id });
        let with = |field: &str, value: Value| {
            let mut new = new.clone();
            new[field] = value;
            json!({ "endedIds": [], "effectiveOn": "2026-07-01", "documentNo": "1", "created": [new] })
        };
        let cases = [
            (with("code", json!("32010209")), "INVALID_INPUT"),
            (with("code", json!("32010２099")), "INVALID_INPUT"),
            (with("code", json!("320102002")), "INVALID_INPUT"),
            (with("name", json!("新\u{202e}街道")), "INVALID_INPUT"),
            (with("level", json!("COUNTY")), "INVALID_INPUT"),
            (with("code", json!("419001202")), "INVALID_INPUT"),
            (with("code", json!("320104099")), "INVALID_INPUT"),
            (with("kind", json!("PROVINCE")), "INVALID_INPUT"),
            (with("kind", json!("COUNTY")), "INVALID_INPUT"),
            (with("parentId", json!(foreign.id)), "NOT_FOUND"),
            (
                json!({ "endedIds": [foreign.id], "effectiveOn": "2026-07-01", "documentNo": "1", "created": [new] }),
                "NOT_FOUND",
            ),
            (
                json!({ "endedIds": [], "effectiveOn": "2026-07-01", "documentNo": "1", "created": [new, new] }),
                "INVALID_INPUT",
            ),
            (json!({ "endedIds": [], "effectiveOn": "2026-07-01", "documentNo": "1", "created": [] }), "INVALID_INPUT"),
        ];
        for (input, code) in cases {
            let act = admin.act("registerDivisionChange", input.clone(), "divisions { id }").await;
            assert_eq!(act.refused(), code, "{input}");
        }
    }

    async fn names_are_searched_literally_and_lists_page_without_gaps(world: World) {
        let visitor = world.visitor();
        let named = "query($name: String) { divisions(name: $name) { totalCount } }";
        for (name, found) in [("%", false), ("_", false), ("\\", false), ("'", false), ("玄武", true)] {
            let answer = visitor.query(named, json!({ "name": name })).await.good();
            assert_eq!(answer.data("/divisions/totalCount").as_i64().unwrap() > 0, found, "{name}");
        }
        let page = "query($first: Int, $after: String, $last: Int, $before: String) { divisions(within: \"320100\", \
                    first: $first, after: $after, last: $last, before: $before) { totalCount nodes { code } \
                    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let mut forward = Vec::new();
        let mut after = Value::Null;
        loop {
            let answer = visitor.query(page, json!({ "first": 17, "after": after })).await.good();
            forward.extend(answer.texts("/divisions/nodes", "code"));
            assert_eq!(answer.data("/divisions/pageInfo/hasPreviousPage"), &json!(!after.is_null()));
            after = answer.data("/divisions/pageInfo/endCursor").clone();
            if answer.data("/divisions/pageInfo/hasNextPage") == false {
                assert_eq!(answer.data("/divisions/totalCount"), forward.len());
                break;
            }
        }
        let mut backward = Vec::new();
        let mut before = Value::Null;
        loop {
            let answer = visitor.query(page, json!({ "last": 23, "before": before })).await.good();
            backward.splice(0..0, answer.texts("/divisions/nodes", "code"));
            before = answer.data("/divisions/pageInfo/startCursor").clone();
            if answer.data("/divisions/pageInfo/hasPreviousPage") == false {
                break;
            }
        }
        assert_eq!(forward, backward);
        assert!(forward.is_sorted());
    }
}

async fn xinjiang_office(province: &Province, new: NewOrg) -> Org {
    // At the machine a level above the division's own may be given; over the API it may not.
    province.org(new).await
}
