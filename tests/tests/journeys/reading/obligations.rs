//! A department's page: what it leads, co-leads, guides and took over, in which townships.

use super::*;

const PAGE: &str = "query($org: ID, $filter: ObligationFilterInput, $by: ObligationOrder, $first: Int, $after: String, \
                    $last: Int, $before: String) { obligations(orgUnitId: $org, filter: $filter, orderBy: $by, first: $first, \
                    after: $after, last: $last, before: $before) { totalCount totals { basic cooperative reclaimed total } \
                    nodes { role change organisation { id } township { code } list { id } myClauses { number text side } \
                    item { name category townshipClauses { text } } } \
                    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn page(client: &Client, variables: Value) -> Value {
    client.query(PAGE, variables).await.good().data("/obligations").clone()
}

/// Township, name and role of each.
fn rows(page: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let row = |node: &Value| (text(&node["township"]["code"]), text(&node["item"]["name"]), text(&node["role"]));
    page["nodes"].as_array().unwrap().iter().map(row).collect()
}

fn row(code: &str, name: &str, role: &str) -> (String, String, String) {
    (format!("320102{code}"), name.to_owned(), role.to_owned())
}

on_both! {
    async fn a_department_sees_everything_it_is_named_in_with_its_clauses(world: World) {
        let county = county(&world).await;
        let head = county.housing.person(Role::DeptHead).await;
        let mine = page(&head, json!({})).await;
        let expected = [
            row("002", AID, "GUIDE"), row("002", GAS, "LEAD"), row("002", BOTTLES, "LEAD"),
            row("003", AID, "GUIDE"), row("003", WALLS, "TAKEOVER"),
        ];
        assert_eq!(rows(&mine), expected, "township by township, in the order of the list");
        assert_eq!(mine["totals"], json!({ "basic": 2, "cooperative": 2, "reclaimed": 1, "total": 5 }));
        assert_eq!(mine["totalCount"], 5);
        let gas = &mine["nodes"][1];
        assert_eq!(texts(&gas["myClauses"], "text"), ["制定标准并组织培训", "检查和处罚"]);
        assert_eq!(texts(&gas["item"]["townshipClauses"], "text"), ["组织日常巡查", "发现隐患上报"]);
        assert_eq!((&gas["list"]["id"], &gas["organisation"]["id"]), (&json!(county.lists[0]), &json!(county.housing.id)));
        assert_eq!(mine["nodes"][4]["myClauses"], json!([]));
        // The brigade: leading in both, co-leading in one.
        let brigade = page(&county.fire.person(Role::DeptOfficer).await, json!({})).await;
        assert_eq!(rows(&brigade), [row("002", SHOPS, "LEAD"), row("002", GAS, "CO_LEAD"), row("003", SHOPS, "LEAD")]);
        // Lists are public inside the province; what another province's bureau owes is not there.
        let theirs = page(&head, json!({ "org": county.fire.id })).await;
        assert_eq!(theirs["totalCount"], 3);
        assert_eq!(world.visitor().query(PAGE, json!({})).await.codes(), ["UNAUTHENTICATED"]);
        let far = world.province("330000").await.county("330102").await.department("消防大队").await;
        let refused = head.query(PAGE, json!({ "org": far.id })).await;
        assert!(refused.codes() == ["NOT_FOUND"] || !refused.body["errors"].is_null(), "{}", refused.text);
        assert_eq!(page(&far.person(Role::DeptHead).await, json!({})).await["totalCount"], 0);
    }

    async fn every_filter_narrows_list_and_totals_alike(world: World) {
        let county = county(&world).await;
        let head = county.housing.person(Role::DeptHead).await;
        let (first, ground) = (county.townships[0].division.id, &county.ground);
        for (filter, expected) in [
            (json!({ "categories": ["COOPERATIVE"] }), vec![GAS, BOTTLES]),
            (json!({ "categories": ["BASIC", "RECLAIMED"] }), vec![AID, AID, WALLS]),
            (json!({ "roles": ["TAKEOVER"] }), vec![WALLS]),
            (json!({ "roles": ["LEAD", "GUIDE"] }), vec![AID, GAS, BOTTLES, AID]),
            (json!({ "roles": ["CO_LEAD"] }), vec![]),
            (json!({ "townshipIds": [first] }), vec![AID, GAS, BOTTLES]),
            (json!({ "within": "320102003" }), vec![AID, WALLS]),
            (json!({ "within": "320102" }), vec![AID, GAS, BOTTLES, AID, WALLS]),
            (json!({ "within": "320104" }), vec![]),
            (json!({ "domainId": ground.welfare }), vec![AID, AID]),
            (json!({ "domainId": ground.domain }), vec![GAS, BOTTLES, WALLS]),
            (json!({ "text": "燃气" }), vec![GAS, BOTTLES]),
            (json!({ "text": "燃气 黑气点" }), vec![BOTTLES]),
            (json!({ "text": "幕墙" }), vec![WALLS]),
            (json!({ "text": "食品" }), vec![]),
            (json!({ "text": "燃气", "townshipIds": [county.townships[1].division.id] }), vec![]),
            (json!({ "categories": ["BASIC"], "within": "320102003", "roles": ["GUIDE"] }), vec![AID]),
        ] {
            let seen = page(&head, json!({ "filter": filter })).await;
            let names: Vec<String> = rows(&seen).into_iter().map(|(_, name, _)| name).collect();
            assert_eq!(names, expected, "{filter}");
            assert_eq!((&seen["totals"]["total"], &seen["totalCount"]), (&json!(expected.len()), &json!(expected.len())), "{filter}");
        }
        let many: Vec<String> = (0..201).map(|_| yidan_tests::ids::random("div")).collect();
        let refused = head.query(PAGE, json!({ "filter": { "townshipIds": many } })).await;
        assert!(refused.text.contains("townshipIds") && refused.data("/obligations").is_null(), "{}", refused.text);
    }

    async fn pages_go_forward_and_back_in_every_order(world: World) {
        let county = county(&world).await;
        let head = county.housing.person(Role::DeptHead).await;
        let by_name = rows(&page(&head, json!({ "by": "NAME" })).await);
        assert_eq!(by_name[0].1, AID);
        assert_eq!(by_name[1].1, AID, "the same matter of several townships stands together");
        for order in ["TOWNSHIP", "NAME", "NEWEST"] {
            let whole = rows(&page(&head, json!({ "by": order })).await);
            assert_eq!(whole.len(), 5);
            let (mut forward, mut after) = (Vec::new(), Value::Null);
            loop {
                let seen = page(&head, json!({ "by": order, "first": 2, "after": after })).await;
                assert_eq!(seen["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
                assert_eq!(seen["totalCount"], 5, "of all, not of the page");
                forward.extend(rows(&seen));
                after = seen["pageInfo"]["endCursor"].clone();
                if seen["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(forward, whole, "{order}");
            let (mut back, mut before) = (Vec::new(), Value::Null);
            loop {
                let seen = page(&head, json!({ "by": order, "last": 2, "before": before })).await;
                back.splice(0..0, rows(&seen));
                before = seen["pageInfo"]["startCursor"].clone();
                if seen["pageInfo"]["hasPreviousPage"] == false {
                    break;
                }
            }
            assert_eq!(back, whole, "{order}");
        }
        let cursor = page(&head, json!({ "by": "NAME", "first": 1 })).await["pageInfo"]["endCursor"].clone();
        let mixed = head.query(PAGE, json!({ "by": "NEWEST", "first": 1, "after": cursor })).await;
        assert!(!mixed.body["errors"].is_null(), "a cursor belongs to its order");
    }

    async fn what_changed_since_a_day_is_told_apart(world: World) {
        let county = county(&world).await;
        let (ground, township, list) = (&county.ground, &county.townships[0], &county.lists[0]);
        let since = moment("2026-03-05T00:00:00+08:00");
        world.clock().set(moment("2026-03-09T09:00:00+08:00"));
        let item = async |name: &str| ground.item_id(list, name).await;
        let reworded = with(&ground.cooperative(BOTTLES, &county.housing), &json!({ "townshipClauses": ["开展燃气安全宣传"] }));
        let handed_over = ground.cooperative(GAS, &county.fire);
        let wells = ground.cooperative("农村窨井盖巡查", &county.housing);
        let changes = [
            change("REWORD", &item(BOTTLES).await, Some(&reworded)),
            change("RENAME_DEPT", &item(GAS).await, Some(&handed_over)),
            change("REMOVE", &item(AID).await, None),
            addition(&[list], &wells),
        ];
        ground.approved_application(township, "年度调整", &changes).await;
        ground.incorporate(township, list, None).await;
        let changed = async |client: &Client, since: DateTime<Utc>| {
            let seen = page(client, json!({ "filter": { "changedSince": since } })).await;
            let mut rows: Vec<(String, String)> = seen["nodes"].as_array().unwrap().iter()
                .map(|node| (node["item"]["name"].as_str().unwrap().to_owned(), node["change"].as_str().unwrap().to_owned())).collect();
            rows.sort();
            assert_eq!(seen["totals"]["total"], rows.len());
            rows
        };
        let said = |name: &str, change: &str| (name.to_owned(), change.to_owned());
        let head = county.housing.person(Role::DeptHead).await;
        let mut expected = [said("农村窨井盖巡查", "ADDED"), said(GAS, "ENDED"), said(AID, "ENDED"), said(BOTTLES, "CHANGED")];
        expected.sort();
        assert_eq!(changed(&head, since).await, expected);
        assert_eq!(changed(&county.fire.person(Role::DeptHead).await, since).await, [said(GAS, "CHANGED")], "it leads now what it co-led");
        assert_eq!(changed(&head, moment("2026-03-10T00:00:00+08:00")).await, []);
        // Since before there was any list, everything that holds is new.
        let all = changed(&head, moment("2026-01-01T00:00:00+08:00")).await;
        assert!(all.iter().all(|(_, change)| change != "ENDED"), "{all:?}");
        // Without the question there is no answer to it.
        let plain = page(&head, json!({})).await;
        assert!(plain["nodes"].as_array().unwrap().iter().all(|node| node["change"].is_null()));
        assert_eq!(plain["totals"], json!({ "basic": 1, "cooperative": 2, "reclaimed": 1, "total": 4 }));
    }
}
