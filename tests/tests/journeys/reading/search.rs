//! Who is responsible for what: finding items by words.

use super::*;

const SEARCH: &str = "query($text: String!, $within: String, $category: DutyCategory, $first: Int, $after: String) { \
                      searchDutyItems(text: $text, within: $within, category: $category, first: $first, after: $after) { \
                      totalCount nodes { item { name category leadDepartments { name } takeoverDepartments { name } } \
                      list { township { code } } passages { field text } } pageInfo { hasNextPage endCursor } } }";

async fn found(client: &Client, variables: Value) -> Value {
    client.query(SEARCH, variables).await.good().data("/searchDutyItems").clone()
}

fn names(found: &Value) -> Vec<String> {
    found["nodes"].as_array().unwrap().iter().map(|hit| hit["item"]["name"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn gas_is_found_wherever_it_is_written_and_says_who_is_responsible(world: World) {
        let county = county(&world).await;
        let visitor = world.visitor();
        let gas = found(&visitor, json!({ "text": "燃气" })).await;
        assert_eq!(names(&gas), [GAS, BOTTLES], "by name first, then by what else is written");
        assert_eq!(gas["totalCount"], 2);
        assert_eq!(texts(&gas["nodes"][0]["item"]["leadDepartments"], "name"), [county.housing.name.clone(), county.fire.name.clone()]);
        assert_eq!(gas["nodes"][0]["list"]["township"]["code"], "320102002");
        let fields = texts(&gas["nodes"][1]["passages"], "field");
        assert_eq!(fields, ["TOWNSHIP_CLAUSES", "LEGAL_BASIS"]);
        for (text, expected) in [
            ("液化气", vec![BOTTLES]), ("lpg", vec![BOTTLES]), ("LPG", vec![BOTTLES]), ("壁挂炉", vec![GAS]),
            ("燃气 提醒", vec![GAS]), ("燃气提醒", vec![]), ("管理条例", vec![BOTTLES]), ("不再要求", vec![WALLS]),
            ("玻璃幕墙", vec![WALLS]), ("食品", vec![]), ("气燃", vec![]), ("安全 治理", vec![SHOPS, SHOPS]), ("%", vec![]), ("_", vec![]),
            ("(燃气)", vec![GAS, BOTTLES]), ("燃气*", vec![GAS, BOTTLES]), ("“管理条例”", vec![BOTTLES]), ("（燃气提醒）", vec![]),
        ] {
            let answer = visitor.query(SEARCH, json!({ "text": text })).await;
            let seen = if answer.body["errors"].is_null() { names(answer.data("/searchDutyItems")) } else { Vec::new() };
            assert_eq!(seen, expected, "{text}");
        }
        let walls = found(&visitor, json!({ "text": "幕墙" })).await;
        assert_eq!(walls["nodes"][0]["item"]["category"], "RECLAIMED");
        assert_eq!(walls["nodes"][0]["item"]["takeoverDepartments"], json!([{ "name": county.housing.name }]));
        assert_eq!(names(&found(&visitor, json!({ "text": "巡查", "category": "RECLAIMED" })).await), [WALLS]);
        assert_eq!(names(&found(&visitor, json!({ "text": "治理", "within": "320102003" })).await), [SHOPS]);
        assert_eq!(found(&visitor, json!({ "text": "治理", "within": "320104" })).await["totalCount"], 0);
        // Page by page, nothing twice and nothing left out.
        let whole = names(&found(&visitor, json!({ "text": "巡查" })).await);
        assert!(whole.len() >= 4, "{whole:?}");
        let (mut paged, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = found(&visitor, json!({ "text": "巡查", "first": 1, "after": after })).await;
            paged.extend(names(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(paged, whole);
        // Only what is in force is found.
        let item = county.ground.item_id(&county.lists[0], GAS).await;
        county.ground.approved_application(&county.townships[0], "删除", &[change("REMOVE", &item, None)]).await;
        county.ground.incorporate(&county.townships[0], &county.lists[0], None).await;
        assert_eq!(names(&found(&visitor, json!({ "text": "燃气" })).await), [BOTTLES]);
        // What is published is public, for members of another province as for anybody.
        let far = world.province("330000").await.county("330102").await.person(Role::Legal).await;
        assert_eq!(found(&far, json!({ "text": "燃气" })).await["totalCount"], 1);
    }
}
