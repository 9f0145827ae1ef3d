//! What is seen may be taken home, and no more.

use super::*;
use yidan::kernel::sheet::{Limits, read};

const PROVINCE: &str = "320000";

fn opened(name: &str, bytes: &[u8]) -> Vec<Vec<String>> {
    let book = read(name, bytes, &Limits::default()).unwrap();
    let rows = book.sheets.iter().flat_map(|sheet| &sheet.rows);
    rows.map(|row| row.cells.iter().map(|cell| cell.text.clone()).collect()).collect()
}

on_both_demonstration! {
    async fn lists_comparisons_queues_obligations_and_results_come_as_files(world: World) {
        let visitor = world.visitor();
        let list = "{ dutyList(townshipCode: \"329921100\") { version { id versionNo comparison { differences { kind } } base { id } } } }";
        let seen = visitor.query(list, json!({})).await.good().data("/dutyList/version").clone();
        // A list, in every format.
        for format in ["XLSX", "CSV", "HTML"] {
            let (name, bytes) = exported(&visitor, seen["id"].as_str().unwrap(), format).await;
            assert!(name.starts_with("澜溪县柳汀镇履职事项清单（第2版）."), "{name}");
            if format == "HTML" {
                let page = String::from_utf8(bytes).unwrap();
                assert!(page.contains("<h1>澜溪县柳汀镇配合履职事项清单</h1>") && page.contains("县农业农村局（牵头）、平澜市澜溪生态环境局"));
            } else {
                let rows = opened(&name, &bytes);
                let gas: Vec<_> = rows.iter().filter(|row| row.iter().any(|cell| cell == "瓶装液化气安全管理")).collect();
                assert_eq!(gas.len(), 1);
                assert!(gas[0].iter().any(|cell| cell == "县住房和城乡建设局") && gas[0].iter().any(|cell| cell.starts_with("①")), "{gas:?}");
            }
        }
        // What changed.
        let question = "query($l: ID!, $r: ID!) { listComparisonFile(leftId: $l, rightId: $r, format: XLSX) @ }";
        let (name, bytes) = visitor.download(question, json!({ "l": seen["base"]["id"], "r": seen["id"] })).await;
        let rows = opened(&name, &bytes);
        assert_eq!(rows.len(), 4 + seen["comparison"]["differences"].as_array().unwrap().len());
        assert!(rows[2][0].starts_with("第1版：自") && rows[2][0].contains("；第2版：自"), "{:?}", rows[2]);
        let added = rows.last().unwrap().last().unwrap();
        assert!(added.starts_with("部门：") && added.contains("职责：\n"), "what an added item says, not only its name: {added}");
        assert!(rows.last().unwrap().contains(&"农村家庭加油点安全提醒".to_owned()), "{rows:?}");
        // What a department owes: as many rows as the question has.
        let department = world.demo_person(PROVINCE, "zhujian").await;
        let total = department.query("{ obligations { totalCount } }", json!({})).await.good().data("/obligations/totalCount").as_u64().unwrap();
        let (name, bytes) = department.download("{ obligationsFile(format: CSV) @ }", json!({})).await;
        assert_eq!(opened(&name, &bytes).len() as u64, total + 1);
        let (name, bytes) = department.download("{ obligationsFile(format: CSV, filter: { categories: [RECLAIMED], text: \"幕墙\" }) @ }", json!({})).await;
        assert_eq!(opened(&name, &bytes).len(), 15);
        assert_eq!(visitor.query("{ obligationsFile(format: CSV) { name } }", json!({})).await.codes(), ["UNAUTHENTICATED"]);
        // What waits for somebody.
        let office = world.demo_person(PROVINCE, "xian.bianban").await;
        let waiting = office.query("{ queue(first: 100) { totalCount } }", json!({})).await.good().data("/queue/totalCount").as_u64().unwrap();
        assert!(waiting > 0);
        let (name, bytes) = office.download("{ queueFile(format: CSV) @ }", json!({})).await;
        assert_eq!(opened(&name, &bytes).len() as u64, waiting + 1, "{name}");
        let cost = office.query("{ queueFile(format: CSV) { name } }", json!({})).await.good().body["extensions"]["cost"]["requested"].as_u64().unwrap();
        assert!(cost > 5_000, "a file is charged for: {cost}");
    }

    async fn results_come_as_far_as_they_are_shown(world: World) {
        let office = world.demo_person(PROVINCE, "xian.kaohe").await;
        let rounds = "{ evaluationRounds(states: [PUBLISHED]) { nodes { id } } }";
        let round = office.query(rounds, json!({})).await.good().text_at("/evaluationRounds/nodes/0/id");
        let question = "query($id: ID!) { evaluationResultsFile(roundId: $id, format: CSV) @ }";
        let seen = "query($id: ID!) { node(id: $id) { ... on EvaluationRound { state results(first: 100) { nodes { subject { name } score } } } } }";
        for person in ["xian.kaohe", "zhujian", "liuting.qingdan"] {
            let client = world.demo_person(PROVINCE, person).await;
            let shown = client.query(seen, json!({ "id": round })).await.good();
            let shown = shown.data("/node/results/nodes").as_array().unwrap().clone();
            let (name, bytes) = client.download(question, json!({ "id": round })).await;
            let rows = opened(&name, &bytes);
            for result in &shown {
                let subject = result["subject"]["name"].as_str().unwrap();
                let row = rows.iter().find(|row| row[0] == subject).unwrap_or_else(|| panic!("no {subject} for {person}"));
                let score = result["score"].as_f64().map(|score| score.to_string());
                assert_eq!(row.get(2).cloned().filter(|_| score.is_some()), score, "{row:?}");
            }
            let headings = rows.iter().filter(|row| row[0] == "被评单位").count();
            assert_eq!(rows.len() - headings, shown.len(), "{person} is shown no more");
        }
        let foreign = world.demo_person("980000", "shi.bianban").await;
        assert_eq!(foreign.query(&question.replace('@', "{ name }"), json!({ "id": round })).await.codes(), ["NOT_FOUND"]);
    }
}
