//! Lists as spreadsheets: as townships have them, in and out.

mod county;
mod downloads;
mod refused;
mod round_trip;
mod tolerance;

use yidan_tests::{
    files::{Pack, rows_xml},
    ground::{Ground, texts, with},
    on_both_demonstration,
    prelude::*,
};

/// A county with departments whose names people shorten, and two townships without a list.
struct County {
    ground: Ground,
    one: Township,
    other: Township,
    departments: Vec<Org>,
}

const BASIC: &str = "基本履职事项清单";
const COOPERATIVE: &str = "配合履职事项清单";
const RECLAIMED: &str = "上级部门收回事项清单";

async fn county(world: &World) -> County {
    let ground = world.ground().await;
    let (one, other) = (ground.township("320102002").await, ground.township("320102003").await);
    let mut departments = Vec::new();
    for name in ["住房和城乡建设局", "农业农村局", "应急管理局", "民政局", "卫生健康委员会"]
    {
        departments.push(ground.department(name).await);
    }
    County { ground, one, other, departments }
}

impl County {
    /// An empty draft of a township.
    async fn draft(&self, township: &Township) -> String {
        let admin = township.person(Role::TownshipListAdmin).await;
        let drafted = admin.act("draftFirstEdition", json!({}), "listVersion { id }").await.done();
        drafted["listVersion"]["id"].as_str().unwrap().to_owned()
    }
}

/// Everything that the items of a version say, in their order.
async fn said(client: &Client, version: &str) -> Vec<Value> {
    let selection = "code number category name method reclaimMethod penaltyPower source tags domain { name } \
                     legalBases { instrument article } departments { role organisation { id } } \
                     superiorClauses { number text } townshipClauses { number text }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let document = format!(
            "query($id: ID!, $after: String) {{ node(id: $id) {{ ... on ListVersion {{ items(first: 100, after: $after) \
             {{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }} }} }}"
        );
        let answer = client.query(&document, json!({ "id": version, "after": after })).await.good();
        let items = answer.data("/node/items");
        all.extend(items["nodes"].as_array().unwrap().iter().cloned());
        if items["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = items["pageInfo"]["endCursor"].clone();
    }
}

/// The file of a version.
async fn exported(client: &Client, version: &str, format: &str) -> (String, Vec<u8>) {
    let question = "query($id: ID!, $format: SheetFormat!) { listVersionFile(id: $id, format: $format) @ }";
    client.download(question, json!({ "id": version, "format": format })).await
}

/// Kinds and places of the findings of a report, as in `UNKNOWN_DEPARTMENT 配合履职事项清单 D4`.
fn findings(payload: &Value) -> Vec<String> {
    let all = payload["report"]["findings"].as_array().unwrap_or_else(|| panic!("no report: {payload}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |value: &Value| value.as_i64().map(|row| row.to_string()).unwrap_or_default();
    all.iter()
        .map(|found| {
            let place = format!("{}{}", text(&found["column"]), row(&found["row"]));
            format!("{} {} {place}", text(&found["kind"]), text(&found["sheet"])).trim().to_owned()
        })
        .collect()
}

type Row<'a> = &'a [&'a str];

/// A workbook of the three lists with their headings.
fn workbook(basic: &[&[&str]], cooperative: &[&[&str]], reclaimed: &[&[&str]]) -> Vec<u8> {
    let heads: [(&str, Row<'_>, &[Row<'_>]); 3] = [
        (BASIC, &["序号", "类别", "事项名称"], basic),
        (
            COOPERATIVE,
            &["序号", "类别", "事项名称", "对应上级部门", "上级部门职责", "乡镇（街道）配合职责"],
            cooperative,
        ),
        (RECLAIMED, &["序号", "类别", "事项名称", "承接部门", "工作方式"], reclaimed),
    ];
    let sheets: Vec<(&str, String)> = heads
        .iter()
        .map(|(name, head, rows)| {
            let rows: Vec<&[&str]> = std::iter::once(*head).chain(rows.iter().copied()).collect();
            (*name, rows_xml(&rows))
        })
        .collect();
    let sheets: Vec<(&str, &str)> = sheets.iter().map(|(name, xml)| (*name, xml.as_str())).collect();
    Pack::workbook(&sheets).bytes()
}
