//! A list has one first edition; afterwards it changes by approved requests only.

use super::*;

on_both! {
    async fn a_list_has_one_first_edition(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let draft = async |client: &Client| client.act("draftFirstEdition", json!({}), "listVersion { id versionNo }").await;
        assert_eq!(draft(&ground.establishment().await).await.refused(), "FORBIDDEN", "a township drafts its own list");
        let both = futures_util::future::join_all([draft(&county.list_admin().await), draft(&county.head().await)]).await;
        let refused: Vec<String> = both.iter().flat_map(|act| act.answer.user_error_codes("draftFirstEdition")).collect();
        assert_eq!(refused.len(), 1, "of two who begin at once one is told: {refused:?}");
        let begun = both.iter().find(|act| act.answer.user_error_codes("draftFirstEdition").is_empty()).unwrap();
        let first = begun.answer.id("/draftFirstEdition/listVersion/id");
        let refusal = draft(&county.list_admin().await).await.refusal();
        assert_eq!((&refusal["code"], &refusal["state"], &refusal["subject"]["id"]), (&json!("WRONG_STATE"), &json!("DRAFT"), &json!(first)));
        assert_eq!(refusal["allowedStates"], json!(["PUBLISHED", "WITHDRAWN"]), "one on its way");
        let withdrawn = county.head().await.act("withdrawListVersion", json!({ "id": first, "reason": "重新编制" }), "listVersion { state }").await;
        assert_eq!(withdrawn.done()["listVersion"]["state"], "WITHDRAWN");
        let version = county.drafted().await;
        assert_eq!(county.seen(&version, "versionNo").await["versionNo"], 2, "a withdrawn one keeps its number");
        ground.put_in_force(township, &version).await;
        assert_eq!(draft(&county.list_admin().await).await.refused(), "WRONG_STATE", "published once");
    }

    async fn who_confirms_what_has_changed_since_is_told(world: World) {
        let county = county(&world).await;
        let version = county.drafted().await;
        let seen = county.seen(&version, "revision").await["revision"].clone();
        let item = county.item(&version, SHOPS).await;
        let admin = county.list_admin().await;
        let remove = json!({ "versionId": version, "itemId": item, "expectedRevision": seen });
        admin.act("removeDraftItem", remove.clone(), "listVersion { revision }").await.done();
        assert_eq!(admin.act("removeDraftItem", remove, "listVersion { id }").await.refused(), "STALE_REVISION");
        let confirm = json!({ "id": version, "expectedRevision": seen });
        assert_eq!(county.head().await.act("confirmListVersion", confirm, "listVersion { id }").await.refused(), "STALE_REVISION");
        let now = county.seen(&version, "revision").await["revision"].clone();
        let confirm = json!({ "id": version, "expectedRevision": now });
        county.head().await.act("confirmListVersion", confirm, "listVersion { id }").await.done();
    }

    async fn what_is_published_is_not_edited_and_a_later_version_not_written_freely(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let version = county.drafted().await;
        let item = county.item(&version, SHOPS).await;
        let list = ground.put_in_force(township, &version).await;
        let admin = county.list_admin().await;
        let content = ground.cooperative("改个名称", &county.fire);
        let edits = async |version: &str| {
            let items = json!({ "versionId": version, "items": [{ "content": content }] });
            let update = json!({ "versionId": version, "itemId": item, "content": content });
            let remove = json!({ "versionId": version, "itemId": item });
            let mut codes = Vec::new();
            for (act, input) in [("addDraftItem", items), ("updateDraftItem", update), ("removeDraftItem", remove), ("adoptTemplates", json!({ "versionId": version }))] {
                codes.push(admin.act(act, input, "listVersion { id }").await.refused());
            }
            codes
        };
        assert_eq!(edits(&version).await, ["WRONG_STATE"; 4]);
        let actions = county.seen(&version, "viewerActions state").await;
        assert_eq!(actions, json!({ "viewerActions": [], "state": "IN_FORCE" }));
        assert_eq!(ground.incorporation(&list).await.refused(), "STEP_SKIPPED", "nothing is approved, so nothing changes");
        // With an approved request there is a next version, and nothing but the request goes in.
        let change = yidan_tests::procedures::change("REMOVE", &item, None);
        ground.approved_application(township, "删除事项", &[change]).await;
        let next = ground.incorporation(&list).await.done()["listVersion"]["id"].as_str().unwrap().to_owned();
        assert_eq!(edits(&next).await, ["STEP_SKIPPED"; 4]);
        assert_eq!(ground.incorporation(&list).await.refused(), "STEP_SKIPPED", "what waited is on its way");
        // Reviewed by the county alone: the joint review is for first editions.
        ground.confirm(township, &next).await.done();
        ground.review(&next).await.done();
        assert!(ground.reviewer(0).await.tasks().await.is_empty() && ground.top().await.tasks().await.is_empty());
        // Withdrawn, its request waits again and comes with the one after.
        let withdraw = json!({ "id": next, "reason": "与下次一并修订" });
        ground.establishment().await.act("withdrawListVersion", withdraw, "listVersion { id }").await.done();
        assert_eq!(ground.item(&list, SHOPS).await["name"], SHOPS);
        ground.incorporate(township, &list, None).await;
        assert_eq!(ground.item(&list, SHOPS).await, Value::Null);
        let history = "versions { nodes { versionNo state } }";
        let seen = world.visitor().see("DutyList", &list, history).await;
        let versions = json!([{ "versionNo": 3, "state": "IN_FORCE" }, { "versionNo": 1, "state": "SUPERSEDED" }]);
        assert_eq!(seen["versions"]["nodes"], versions, "nothing published is ever gone; what was withdrawn is nobody's business");
    }

    async fn a_province_may_demand_that_every_version_is_reviewed_above(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let version = county.drafted().await;
        let list = ground.put_in_force(township, &version).await;
        let top = ground.top().await;
        let seen = top.query("{ province { id revision } }", json!({})).await.good();
        let thresholds = json!([{ "name": "reviewEveryVersion", "value": 1 }]);
        let revision = seen.data("/province/revision");
        let rules = json!({ "thresholds": thresholds, "expectedRevision": revision, "reason": "省级要求" });
        top.act("updateProvinceRules", rules, "province { id }").await.done();
        let item = ground.item_id(&list, SHOPS).await;
        ground.approved_application(township, "删除事项", &[yidan_tests::procedures::change("REMOVE", &item, None)]).await;
        let next = ground.incorporation(&list).await.done()["listVersion"]["id"].as_str().unwrap().to_owned();
        ground.confirm(township, &next).await.done();
        ground.review(&next).await.done();
        assert_eq!(ground.approve(&next).await.refused(), "WRONG_STATE", "city and province come first");
        ground.put_on(&next).await;
        assert_eq!(ground.item(&list, SHOPS).await, Value::Null);
    }

    async fn model_items_of_the_county_are_taken_over_once(world: World) {
        let county = county(&world).await;
        let (ground, township) = (&county.ground, &county.township);
        let office = ground.establishment().await;
        let mut templates = Vec::new();
        for (code, content) in [("JB-001", ground.basic(AID)), ("PH-001", ground.cooperative(SHOPS, &county.fire))] {
            let input = json!({ "code": code, "content": content });
            let made = office.act("createItemTemplate", input, "itemTemplate { id code }").await.done();
            templates.push(made["itemTemplate"]["id"].as_str().unwrap().to_owned());
        }
        let admin = county.list_admin().await;
        let drafted = admin.act("draftFirstEdition", json!({}), "listVersion { id }").await.done();
        let version = drafted["listVersion"]["id"].as_str().unwrap().to_owned();
        let adopt = async |ids: Value| admin.act("adoptTemplates", json!({ "versionId": version, "templateIds": ids }), "listVersion { items { nodes { code item { template { id } } } } }").await;
        assert_eq!(adopt(json!([yidan_tests::ids::random("tpl")])).await.refused(), "NOT_FOUND");
        adopt(json!([templates[0]])).await.done();
        let all = adopt(Value::Null).await.done();
        assert_eq!(texts(&all["listVersion"]["items"]["nodes"], "code"), ["JB-001", "PH-001"], "what is there already is left alone");
        let list = ground.put_in_force(township, &version).await;
        // Two townships with the same model item differ only where one of them says otherwise.
        let other = ground.township("320102003").await;
        let theirs = other.person(Role::TownshipListAdmin).await;
        let drafted = theirs.act("draftFirstEdition", json!({}), "listVersion { id }").await.done();
        let version = drafted["listVersion"]["id"].as_str().unwrap().to_owned();
        let taken = theirs.act("adoptTemplates", json!({ "versionId": version }), "listVersion { items { nodes { name item { id } } } }").await.done();
        let shops = taken["listVersion"]["items"]["nodes"][1]["item"]["id"].clone();
        let text = with(&ground.cooperative("九小场所消防安全提醒和治理工作", &county.fire), &json!({ "townshipClauses": ["组织日常巡查", "发现隐患上报", "夜间值守"] }));
        theirs.act("updateDraftItem", json!({ "versionId": version, "itemId": shops, "content": text }), "listVersion { id }").await.done();
        let second = ground.put_in_force(&other, &version).await;
        let compare = "query($l: ID!, $r: ID!) { compareTownships(leftListId: $l, rightListId: $r) { burden differences { kind burden to } } }";
        let seen = world.visitor().query(compare, json!({ "l": list, "r": second })).await.good().data("/compareTownships").clone();
        assert_eq!(seen["burden"], "HEAVIER");
        assert_eq!(texts(&seen["differences"], "kind"), ["RENAMED", "CLAUSE_ADDED"], "the same item, other words");
    }
}
