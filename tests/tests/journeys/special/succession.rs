//! Townships are merged: their lists go on until the successor has its own.

use super::*;

const BY_CODE: &str = "query($code: String!, $at: DateTime) { dutyList(townshipCode: $code) { id version(asOf: $at) { versionNo } \
                       items(asOf: $at) { nodes { name } } } }";

on_both! {
    async fn the_lists_of_merged_townships_go_on_until_their_successor_has_its_own(world: World) {
        let ground = world.ground().await;
        let bureau = ground.department("城市管理局").await;
        let old = [ground.township("320102002").await, ground.township("320102003").await];
        let first = ground.list(&old[0], &[ground.cooperative("占道经营劝导", &bureau)]).await;
        let second = ground.list(&old[1], &[ground.cooperative("共享单车停放劝导", &bureau)]).await;
        let merge = json!({
            "endedIds": [old[0].division.id, old[1].division.id], "effectiveOn": "2026-04-01", "documentNo": "苏政复〔2026〕1号",
            "created": [{ "code": "320102099", "name": "新玄街道", "level": "TOWNSHIP", "parentId": ground.seat.division.id }],
        });
        ground.province.admin().await.act("registerDivisionChange", merge, "divisions { id }").await.done();
        world.clock().set("2026-04-02T09:00:00+08:00".parse().unwrap());

        let visitor = world.visitor();
        let by_code = async |code: &str, at: Option<&str>| visitor.query(BY_CODE, json!({ "code": code, "at": at })).await.good().data("/dutyList").clone();
        let in_county = async || visitor.query("{ dutyLists(within: \"320102\") { nodes { id } } }", json!({})).await.good().texts("/dutyLists/nodes", "id");
        let owed = async || bureau.person(Role::DeptHead).await.query("{ obligations { totalCount } }", json!({})).await.good().data("/obligations/totalCount").clone();
        for (code, list) in [("320102002", &first), ("320102003", &second)] {
            let seen = by_code(code, None).await;
            assert_eq!((&seen["id"], &seen["version"]["versionNo"]), (&json!(list), &json!(1)), "{code} goes on");
        }
        assert_eq!(by_code("320102099", None).await, Value::Null);
        assert_eq!((in_county().await.len(), owed().await), (2, json!(2)));
        // The new township is asked about by its own code, whoever asks for what.
        let clerk = bureau.person(Role::DeptHead).await;
        let covered = async |code: &str| {
            let document = "query($code: String!) { dutyLists(within: $code) { nodes { id } } obligations(filter: { within: $code }) \
                            { nodes { list { id } } } searchDutyItems(text: \"劝导\", within: $code) { nodes { list { id } } } \
                            applicableLists(townshipCode: $code) { id } }";
            let answer = clerk.query(document, json!({ "code": code })).await.good();
            let lists = answer.texts("/applicableLists", "id");
            assert_eq!(answer.texts("/dutyLists/nodes", "id"), lists);
            for found in ["/obligations/nodes", "/searchDutyItems/nodes"] {
                let nodes = answer.data(found).as_array().unwrap();
                let there: Vec<&str> = nodes.iter().map(|node| node["list"]["id"].as_str().unwrap()).collect();
                assert_eq!(there, lists, "{found}");
            }
            lists
        };
        assert_eq!(covered("320102099").await, [first.clone(), second.clone()]);

        // The successor takes the items over, and they keep their descent.
        let successor = ground.township("320102099").await;
        let admin = successor.person(Role::TownshipListAdmin).await;
        let drafted = admin.act("draftFirstEdition", json!({}), "listVersion { id }").await.done();
        let version = drafted["listVersion"]["id"].as_str().unwrap().to_owned();
        let sources = [ground.item_id(&first, "占道经营劝导").await, ground.item_id(&second, "共享单车停放劝导").await];
        let merged = json!([{ "content": ground.cooperative("市容秩序劝导", &bureau), "derivedFrom": sources }]);
        admin.act("addDraftItem", json!({ "versionId": version, "items": merged }), "listVersion { id }").await.done();
        ground.confirm(&successor, &version).await.done();
        ground.review(&version).await.done();
        for index in 0..2 {
            ground.review_above(index, &version).await.done();
        }
        ground.approve(&version).await.done();
        ground.publish(&version, Some("2026-05-01T00:00:00+08:00")).await.done();
        assert_eq!((in_county().await.len(), owed().await), (2, json!(2)), "announced, the old ones still hold");
        world.clock().set("2026-05-06T09:00:00+08:00".parse().unwrap());
        let seen = by_code("320102099", None).await;
        assert_eq!(texts(&seen["items"]["nodes"], "name"), ["市容秩序劝导"]);
        assert_eq!(in_county().await, [seen["id"].as_str().unwrap()], "one area, one list");
        assert_eq!(owed().await, 1);
        assert_eq!(covered("320102099").await, [seen["id"].as_str().unwrap()], "its own list alone");
        let lineage = visitor.see("DutyItem", &ground.item_id(seen["id"].as_str().unwrap(), "市容秩序劝导").await, "derivedFrom { id derivedInto { id } }").await;
        let mut from = texts(&lineage["derivedFrom"], "id");
        from.sort();
        let mut expected = sources.to_vec();
        expected.sort();
        assert_eq!(from, expected);

        // What the old ones said on their days stays readable.
        let then = by_code("320102002", Some("2026-04-15T00:00:00+08:00")).await;
        assert_eq!(texts(&then["items"]["nodes"], "name"), ["占道经营劝导"]);
        let now = by_code("320102002", None).await;
        assert_eq!((&now["version"], &now["items"]["nodes"]), (&Value::Null, &json!([])));
        let ended = visitor.see("DutyList", &first, "versions { nodes { state effectiveTo items { totalCount } } }").await;
        assert_eq!((&ended["versions"]["nodes"][0]["state"], &ended["versions"]["nodes"][0]["items"]["totalCount"]), (&json!("SUPERSEDED"), &json!(1)));
    }

    async fn a_split_townships_list_goes_on_until_each_successor_has_its_own(world: World) {
        let ground = world.ground().await;
        let bureau = ground.department("城市管理局").await;
        let old = ground.township("320102002").await;
        let list = ground.list(&old, &[ground.cooperative("占道经营劝导", &bureau)]).await;
        let new = |code: &str, name: &str| json!({ "code": code, "name": name, "level": "TOWNSHIP", "parentId": ground.seat.division.id });
        let split = json!({
            "endedIds": [old.division.id], "effectiveOn": "2026-03-03", "documentNo": "苏政复〔2026〕2号",
            "created": [new("320102097", "东街道"), new("320102098", "西街道")],
        });
        ground.province.admin().await.act("registerDivisionChange", split, "divisions { id }").await.done();
        world.clock().set("2026-03-04T09:00:00+08:00".parse().unwrap());
        let holds = async || world.visitor().see("DutyList", &list, "version { versionNo }").await["version"].is_object();
        for (code, still) in [("320102097", true), ("320102098", false)] {
            assert!(holds().await);
            let successor = ground.township(code).await;
            ground.list(&successor, &[ground.cooperative("占道经营劝导", &bureau)]).await;
            assert_eq!(holds().await, still, "after {code}");
        }
    }
}
