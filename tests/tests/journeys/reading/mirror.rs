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
}
