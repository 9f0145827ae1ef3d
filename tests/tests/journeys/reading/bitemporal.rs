//! What was in force on a day, and what was known at a moment.

use super::*;

const AT: &str = "query($list: ID!, $at: DateTime, $known: DateTime) { dutyList(id: $list) { \
                  version(asOf: $at, knownAt: $known) { versionNo } \
                  items(asOf: $at, knownAt: $known, first: 100) { totalCount nodes { name } } \
                  owedBy(asOf: $at, knownAt: $known) { count role organisation { id } } } }";

/// All ends of the shops and of the version, wherever they stand in an answer.
fn ends<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            let other = fields.get("name").is_some_and(|name| name != SHOPS);
            for (name, below) in fields {
                match name.as_str() {
                    "effectiveTo" | "recordedTo" if !other => found.push(below),
                    _ => ends(below, found),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| ends(entry, found)),
        _ => {}
    }
}

on_both! {
    async fn the_past_stays_what_it_was_and_the_future_is_known_once_it_is_published(world: World) {
        let county = county(&world).await;
        let (ground, township, list) = (&county.ground, &county.townships[0], &county.lists[0]);
        // On 10 March it is published that from 1 April the shops are gone and the wells are there.
        world.clock().set(moment("2026-03-09T09:00:00+08:00"));
        let (shops, aid) = (ground.item_id(list, SHOPS).await, ground.item_id(list, AID).await);
        let wells = ground.cooperative("农村窨井盖巡查", &county.housing);
        ground.approved_application(township, "调整", &[change("REMOVE", &shops, None), addition(&[list], &wells)]).await;
        world.clock().set(moment("2026-03-10T10:00:00+08:00"));
        ground.incorporate(township, list, Some("2026-04-01T00:00:00.000900+08:00")).await;
        world.clock().set(moment("2026-05-10T09:00:00+08:00"));

        let visitor = world.visitor();
        let seen = async |at: Option<&str>, known: Option<&str>| {
            let variables = json!({ "list": list, "at": at, "known": known });
            let answer = visitor.query(AT, variables).await.good();
            let version = answer.data("/dutyList/version/versionNo").as_i64();
            let mut names = answer.texts("/dutyList/items/nodes", "name");
            names.sort();
            assert_eq!(answer.data("/dutyList/items/totalCount"), names.len());
            (version, names.contains(&SHOPS.to_owned()), names.contains(&"农村窨井盖巡查".to_owned()), names.len())
        };
        let (before, first, second) = ((None, false, false, 0), (Some(1), true, false, 4), (Some(2), false, true, 4));
        assert_eq!(seen(None, None).await, second);
        assert_eq!(seen(Some("2026-02-28T12:00:00+08:00"), None).await, before, "before there was a list");
        assert_eq!(seen(Some("2026-03-20T12:00:00+08:00"), None).await, first);
        assert_eq!(seen(Some("2026-03-31T23:59:59.999+08:00"), None).await, first);
        assert_eq!(seen(Some("2026-04-01T00:00:00+08:00"), None).await, second);
        // What would hold on 2 April, as known before and after the publication.
        assert_eq!(seen(Some("2026-04-02T12:00:00+08:00"), Some("2026-03-05T12:00:00+08:00")).await, first);
        assert_eq!(seen(Some("2026-04-02T12:00:00+08:00"), Some("2026-03-10T09:59:00+08:00")).await, first);
        assert_eq!(seen(Some("2026-04-02T12:00:00+08:00"), Some("2026-03-10T11:00:00+08:00")).await, second);
        assert_eq!(seen(Some("2026-03-20T12:00:00+08:00"), Some("2026-03-01T00:00:00+08:00")).await, before, "not yet known");
        assert_eq!(seen(Some("2026-03-20T12:00:00+08:00"), Some("2026-03-15T00:00:00+08:00")).await, first);

        // The same of one item, of the directory of lists, of search, of obligations, of a comparison.
        let item = "query($id: ID!, $at: DateTime) { node(id: $id) { ... on DutyItem { revision(asOf: $at) { name effectiveTo } \
                    revisions { nodes { name } } } } }";
        let item = async |id: &str, at: &str| visitor.query(item, json!({ "id": id, "at": at })).await.good().data("/node").clone();
        assert_eq!(item(&shops, "2026-05-01T00:00:00+08:00").await["revision"], Value::Null);
        let then = item(&shops, "2026-03-31T00:00:00+08:00").await;
        assert_eq!(moment(then["revision"]["effectiveTo"].as_str().unwrap()), moment("2026-04-01T00:00:00+08:00"));
        assert_eq!(texts(&then["revisions"]["nodes"], "name"), [SHOPS]);
        assert_eq!(item(&aid, "2026-05-01T00:00:00+08:00").await["revision"]["name"], AID, "what did not change goes on");
        let lists = "query($at: DateTime) { dutyLists(within: \"320102\", asOf: $at) { totalCount } }";
        for (at, count) in [("2026-03-01T00:00:00+08:00", 0), ("2026-03-20T00:00:00+08:00", 2)] {
            assert_eq!(visitor.query(lists, json!({ "at": at })).await.good().data("/dutyLists/totalCount"), count);
        }
        let search = "query($at: DateTime) { searchDutyItems(text: \"窨井\", asOf: $at) { totalCount } }";
        let owed = "query($at: DateTime) { obligations(asOf: $at) { totalCount } }";
        let compared = "query($l: ID!, $r: ID!, $at: DateTime) { compareTownships(leftListId: $l, rightListId: $r, asOf: $at) { differences { kind right { name } } } }";
        let brigade = county.fire.person(Role::DeptHead).await;
        for (at, found, duties, same) in [("2026-03-20T00:00:00+08:00", 0, 3, true), ("2026-04-02T00:00:00+08:00", 1, 2, false)] {
            assert_eq!(visitor.query(search, json!({ "at": at })).await.good().data("/searchDutyItems/totalCount"), found, "{at}");
            assert_eq!(brigade.query(owed, json!({ "at": at })).await.good().data("/obligations/totalCount"), duties, "{at}");
            let variables = json!({ "l": list, "r": county.lists[1], "at": at });
            let early = yidan_tests::ground::with(&variables, &json!({ "at": "2026-03-01T00:00:00+08:00" }));
            assert_eq!(visitor.query(compared, early).await.codes(), ["LIST_NOT_IN_FORCE"], "nothing to compare with");
            let rows = visitor.query(compared, variables).await.good().data("/compareTownships/differences").clone();
            let only_there = rows.as_array().unwrap().iter().any(|row| row["kind"] == "ADDED" && row["right"]["name"] == SHOPS);
            assert_eq!(only_there, !same, "{at}: {rows}");
        }
    }

    async fn an_end_that_was_not_known_yet_reads_as_open(world: World) {
        let county = county(&world).await;
        let (ground, township, list) = (&county.ground, &county.townships[0], &county.lists[0]);
        world.clock().set(moment("2026-03-09T09:00:00+08:00"));
        let shops = ground.item_id(list, SHOPS).await;
        ground.approved_application(township, "调整", &[change("REMOVE", &shops, None)]).await;
        world.clock().set(moment("2026-03-10T10:00:00+08:00"));
        ground.incorporate(township, list, Some("2026-04-01T00:00:00+08:00")).await;
        world.clock().set(moment("2026-05-10T09:00:00+08:00"));

        let revision = "name effectiveTo recordedTo introducedIn { effectiveTo state }";
        let document = format!(
            "query($list: ID!, $item: ID!, $other: ID!, $at: DateTime, $known: DateTime) {{ \
             dutyList(id: $list) {{ version(asOf: $at, knownAt: $known) {{ versionNo effectiveTo state \
               items(first: 100) {{ nodes {{ {revision} }} }} comparison {{ differences {{ right {{ {revision} }} }} }} }} \
               first: items(asOf: $at, knownAt: $known) {{ nodes {{ {revision} }} }} \
               found: items(asOf: $at, knownAt: $known, text: \"消防\") {{ nodes {{ {revision} }} }} }} \
             node(id: $item) {{ ... on DutyItem {{ revision(asOf: $at, knownAt: $known) {{ {revision} }} }} }} \
             searchDutyItems(text: \"消防\", within: \"320102002\", asOf: $at, knownAt: $known) {{ nodes {{ item {{ {revision} }} }} }} \
             compareTownships(leftListId: $list, rightListId: $other, asOf: $at, knownAt: $known) {{ differences {{ left {{ {revision} }} }} }} }}"
        );
        let owed = "query($at: DateTime, $known: DateTime) { obligations(filter: { within: \"320102002\", text: \"九小\" }, asOf: $at, \
                    knownAt: $known) { nodes { effectiveTo item { name effectiveTo recordedTo } } } }";
        let brigade = county.fire.person(Role::DeptHead).await;
        for (known, open) in [("2026-03-09T12:00:00+08:00", true), ("2026-03-10T12:00:00+08:00", false)] {
            let at = "2026-03-20T12:00:00+08:00";
            let variables = json!({ "list": list, "item": shops, "other": county.lists[1], "at": at, "known": known });
            let answer = world.visitor().query(&document, variables).await.good();
            let duties = brigade.query(owed, json!({ "at": at, "known": known })).await.good();
            let state = if open { "IN_FORCE" } else { "SUPERSEDED" };
            assert_eq!(answer.data("/dutyList/version/versionNo"), 1);
            assert_eq!(answer.data("/dutyList/version/state"), state);
            assert_eq!(answer.data("/dutyList/first/nodes/0/introducedIn/state"), state);
            for (answer, least) in [(&answer, 12), (&duties, 2)] {
                let mut found = Vec::new();
                ends(answer.data(""), &mut found);
                assert!(found.len() >= least, "{}", answer.text);
                assert!(found.iter().all(|end| end.is_null() == open), "{known}: {}", answer.text);
            }
        }
    }

    async fn versions_follow_each_other_without_gap_or_overlap(world: World) {
        let county = county(&world).await;
        let (ground, township, list) = (&county.ground, &county.townships[0], &county.lists[0]);
        for (index, name) in ["农村窨井盖巡查", "河道漂浮物打捞", "文明养犬宣传"].into_iter().enumerate() {
            world.wait(TimeDelta::days(10));
            let item = ground.cooperative(name, &county.housing);
            ground.approved_application(township, name, &[addition(&[list], &item)]).await;
            let later = (world.now() + TimeDelta::days(30)).to_rfc3339();
            ground.incorporate(township, list, (index == 1).then_some(later.as_str())).await;
        }
        let seen = world.visitor().see("DutyList", list, "versions { nodes { versionNo effectiveFrom effectiveTo publishedAt state } }").await;
        let versions = seen["versions"]["nodes"].as_array().unwrap();
        assert_eq!(texts(&seen["versions"]["nodes"], "state"), ["PUBLISHED", "PUBLISHED", "IN_FORCE", "SUPERSEDED"]);
        for pair in versions.windows(2) {
            assert_eq!(pair[1]["effectiveTo"], pair[0]["effectiveFrom"]);
            assert!(pair.iter().all(|version| version["effectiveFrom"].as_str() >= version["publishedAt"].as_str()));
        }
        assert_eq!(versions[0]["effectiveTo"], Value::Null);
        let count = async |at: &str| {
            let query = "query($id: ID!, $at: DateTime) { dutyList(id: $id) { version(asOf: $at) { versionNo } items(asOf: $at) { totalCount } } }";
            let answer = world.visitor().query(query, json!({ "id": list, "at": at })).await.good();
            (answer.data("/dutyList/version/versionNo").as_i64().unwrap(), answer.data("/dutyList/items/totalCount").as_i64().unwrap())
        };
        for (index, version) in versions.iter().rev().enumerate() {
            let index = i64::try_from(index).unwrap();
            assert_eq!(count(version["effectiveFrom"].as_str().unwrap()).await, (index + 1, index + 4));
        }
    }
}
