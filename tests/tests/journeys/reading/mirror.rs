//! The township's mirror, and what the public reads.

use super::*;

on_both! {
    async fn a_township_sees_which_department_owes_it_what(world: World) {
        let county = county(&world).await;
        let owed = async |list: &str| {
            let seen = county.townships[0].person(Role::TownshipHead).await.see("DutyList", list, "owedBy { role count organisation { name } }").await;
            let mut rows: Vec<(String, String, i64)> = seen["owedBy"].as_array().unwrap().iter()
                .map(|row| (row["organisation"]["name"].as_str().unwrap().to_owned(), row["role"].as_str().unwrap().to_owned(), row["count"].as_i64().unwrap())).collect();
            rows.sort();
            rows
        };
        let row = |org: &Org, role: &str, count: i64| (org.name.clone(), role.to_owned(), count);
        let mut expected = vec![row(&county.housing, "LEAD", 2), row(&county.housing, "GUIDE", 1), row(&county.fire, "LEAD", 1), row(&county.fire, "CO_LEAD", 1)];
        expected.sort();
        assert_eq!(owed(&county.lists[0]).await, expected);
        let mut expected = vec![row(&county.housing, "GUIDE", 1), row(&county.housing, "TAKEOVER", 1), row(&county.fire, "LEAD", 1)];
        expected.sort();
        assert_eq!(owed(&county.lists[1]).await, expected);
    }

    async fn the_public_reads_published_lists_and_nothing_else(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let quiet = ground.township("320102005").await;
        let draft = ground.draft(&quiet, &[ground.cooperative("燃气场站巡查", &county.housing)]).await;
        let hidden = quiet.person(Role::TownshipListAdmin).await.see("ListVersion", &draft, "list { id } items { nodes { id item { id } } }").await;
        let visitor = world.visitor();
        let list = hidden["list"]["id"].as_str().unwrap();
        let by_code = "query($code: String!) { dutyList(townshipCode: $code) { id } }";
        assert_eq!(visitor.query(by_code, json!({ "code": quiet.code() })).await.good().data("/dutyList"), &Value::Null);
        for (kind, id) in [
            ("DutyList", list), ("ListVersion", draft.as_str()),
            ("DutyItemRevision", hidden["items"]["nodes"][0]["id"].as_str().unwrap()),
            ("DutyItem", hidden["items"]["nodes"][0]["item"]["id"].as_str().unwrap()),
        ] {
            assert_eq!(visitor.see(kind, id, "id").await, Value::Null, "{kind}");
        }
        let lists = visitor.query("{ dutyLists(within: \"320102\") { totalCount nodes { id township { code } version { state } } } }", json!({})).await.good();
        assert_eq!(lists.data("/dutyLists/totalCount"), 2);
        let found = visitor.query("{ searchDutyItems(text: \"燃气\") { nodes { item { name } } } }", json!({})).await.good();
        assert!(!found.text.contains("场站"), "{}", found.text);
        // A request under way on a public list shows through nowhere.
        let wells = ground.cooperative("农村窨井盖巡查", &county.housing);
        ground.approved_application(&county.townships[0], "承接", &[addition(&[&county.lists[0]], &wells)]).await;
        let next = ground.incorporation(&county.lists[0]).await.done()["listVersion"]["id"].as_str().unwrap().to_owned();
        assert_eq!(visitor.see("ListVersion", &next, "id").await, Value::Null);
        let seen = visitor.see("DutyList", &county.lists[0], "versions { totalCount } items { totalCount }").await;
        assert_eq!(seen, json!({ "versions": { "totalCount": 1 }, "items": { "totalCount": 4 } }));
        let compare = "query($l: ID!, $r: ID!) { compareListVersions(leftId: $l, rightId: $r) { burden } }";
        let published = visitor.see("DutyList", &county.lists[0], "version { id }").await["version"]["id"].clone();
        let peek = visitor.query(compare, json!({ "l": published, "r": next })).await;
        assert!(!peek.body["errors"].is_null() && peek.data("/compareListVersions").is_null(), "{}", peek.text);
        let found = visitor.query("{ searchDutyItems(text: \"窨井\") { totalCount } }", json!({})).await.good();
        assert_eq!(found.data("/searchDutyItems/totalCount"), 0);
        // Of a published version the public sees what it says, not who said what about it.
        let seen = visitor.see("ListVersion", published.as_str().unwrap(), "state number revision steps { task } timeline { nodes { act } } viewerActions").await;
        assert_eq!((&seen["state"], &seen["number"], &seen["revision"]), (&json!("IN_FORCE"), &Value::Null, &Value::Null));
        assert_eq!((&seen["steps"], &seen["timeline"]["nodes"], &seen["viewerActions"]), (&json!([]), &json!([]), &json!([])));
    }

    async fn a_member_of_another_province_reads_what_the_public_reads(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let wells = ground.cooperative("农村窨井盖巡查", &county.housing);
        ground.approved_application(&county.townships[0], "承接", &[addition(&[&county.lists[0]], &wells)]).await;
        ground.incorporate(&county.townships[0], &county.lists[0], None).await;
        let quiet = ground.township("320102005").await;
        let draft = ground.draft(&quiet, &[ground.cooperative("燃气场站巡查", &county.housing)]).await;
        let zhejiang = world.province("330000").await;
        let member = zhejiang.establishment_office("330000").await.person(Role::EoProvince).await;
        let visitor = world.visitor();

        let org = "id name kind division { name } parent { id } successor { id } internalOffices { name } reviewChain { id }";
        let revision = format!(
            "id name code superiorClauses {{ text }} domain {{ name }} effectiveFrom introducedIn {{ versionNo }} \
             departments {{ role organisation {{ {org} }} }} item {{ id leadOffice {{ name }} template {{ id }} \
             revisions {{ totalCount }} derivedFrom {{ id }} derivedInto {{ id }} }}"
        );
        let version = format!(
            "id versionNo state effectiveFrom publishedAt contentHash counts {{ total }} base {{ versionNo }} notes number \
             revision viewerActions findings {{ kind }} steps {{ task }} decisions {{ id }} timeline {{ totalCount }} \
             items {{ totalCount nodes {{ {revision} }} }} comparison {{ burden differences {{ kind right {{ name }} }} }} \
             changes {{ item {{ code }} old {{ id }} new {{ id name }} request {{ __typename }} }}"
        );
        let list = format!(
            "id township {{ code }} organisation {{ {org} }} version {{ {version} }} versions(first: 5) {{ totalCount nodes {{ {version} }} }} \
             items {{ totalCount nodes {{ {revision} }} }} owedBy {{ count organisation {{ name }} }}"
        );
        let document = format!(
            "query($code: String!, $list: ID!, $other: ID!, $left: ID!, $right: ID!) {{ dutyList(townshipCode: $code) {{ {list} }} \
             dutyLists {{ totalCount nodes {{ id }} }} applicableLists(townshipCode: $code) {{ id }} \
             searchDutyItems(text: \"燃气\", within: \"320102\") {{ totalCount nodes {{ item {{ {revision} }} list {{ id }} }} }} \
             compareTownships(leftListId: $list, rightListId: $other) {{ burden differences {{ kind left {{ name }} }} }} \
             compareListVersions(leftId: $left, rightId: $right) {{ burden differences {{ kind right {{ name }} }} }} \
             nodes(ids: [$list, $left]) {{ __typename }} }}"
        );
        let versions = visitor.see("DutyList", &county.lists[0], "versions { nodes { id } }").await;
        let versions = texts(&versions["versions"]["nodes"], "id");
        let variables = json!({
            "code": county.townships[0].code(), "list": county.lists[0], "other": county.lists[1],
            "left": versions[1], "right": versions[0],
        });
        let public = visitor.query(&document, variables.clone()).await.good();
        let theirs = member.query(&document, variables).await.good();
        assert_eq!(theirs.body["data"], public.body["data"]);
        assert_eq!(public.data("/dutyLists/totalCount"), 2);
        assert_eq!(public.data("/dutyList/versions/totalCount"), 2);
        for nothing in ["viewerActions", "findings", "steps", "decisions"] {
            assert_eq!(theirs.data("/dutyList/version")[nothing], json!([]), "{nothing}");
        }

        // What is not published stays in its province, and nothing can be done with what is.
        let hidden = quiet.person(Role::TownshipListAdmin).await.see("ListVersion", &draft, "list { id } items { nodes { id item { id } } }").await;
        let item = &hidden["items"]["nodes"][0];
        for (kind, id) in [
            ("DutyList", &hidden["list"]["id"]), ("ListVersion", &json!(draft)),
            ("DutyItemRevision", &item["id"]), ("DutyItem", &item["item"]["id"]), ("OrgUnit", &json!(county.housing.id)),
        ] {
            assert_eq!(member.see(kind, id.as_str().unwrap(), "id").await, Value::Null, "{kind}");
        }
        let by_code = member.query("query($code: String!) { dutyList(townshipCode: $code) { id } }", json!({ "code": quiet.code() })).await;
        assert_eq!(by_code.good().data("/dutyList"), &Value::Null);
        let owed = member.query("query($org: ID!) { obligations(orgUnitId: $org) { totalCount } }", json!({ "org": county.housing.id })).await;
        assert_eq!(owed.codes(), ["NOT_FOUND"]);
        let input = json!({ "listId": county.lists[0] });
        let drafted = member.act("draftIncorporation", input, "listVersion { id }").await;
        assert!(["NOT_FOUND", "FORBIDDEN"].contains(&drafted.refused().as_str()));
    }
}
