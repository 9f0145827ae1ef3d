//! What is wrong with a file, or with who sends it.

use super::*;
use yidan_tests::files::form;

on_both! {
    async fn everything_wrong_with_a_file_is_told_with_its_place(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let long = "长".repeat(201);
        let file = workbook(
            &[
                &["1", "民生", "受理救助申请"],
                &["2", "民生服务", ""],
                &["3", "民生服务", &long],
                &["4", "民生服务", "燃气安全🔥"],
                &["5", "民生服务", "受理救助申请"],
            ],
            &[
                &["1", "城乡建设", "自建房整治", "区发展改革局", "鉴定", "排查"],
                &["2", "城乡建设", "道路养护", "玄武区住房和城乡建设局", "", "巡查"],
                &["3", "城乡建设", "河道保洁", "玄武区农业农村局（牵头）、玄武区民政局（牵头）", "督促", "保洁"],
                &["4", "城乡建设", "桥梁检查", "", "督促", "保洁"],
            ],
            &[&["1", "民生服务", "孤儿认定", "玄武区民政局", ""], &["2", "民生服务", "养老补贴", "玄武区民政局等部门", "由局受理"]],
        );
        let heads = world.heads().await;
        for dry_run in [true, false] {
            let act = admin.import(&version, "清单.xlsx", &file, json!({ "dryRun": dry_run })).await;
            let payload = act.answer.data("/importDutyList").clone();
            let expected = [
                "UNKNOWN_DOMAIN 基本履职事项清单 B2", "MISSING 基本履职事项清单 C3", "INVALID 基本履职事项清单 C4", "INVALID 基本履职事项清单 C5",
                "DUPLICATE 基本履职事项清单 C6", "UNKNOWN_DEPARTMENT 配合履职事项清单 D2", "MISSING 配合履职事项清单 E3", "NOT_ALLOWED 配合履职事项清单 D4",
                "MISSING 配合履职事项清单 D5", "MISSING 上级部门收回事项清单 E2", "SHORTENED_DEPARTMENT 上级部门收回事项清单 D3",
            ];
            assert_eq!(findings(&payload), expected);
            assert_eq!((&payload["report"]["errorCount"], &payload["report"]["warningCount"]), (&json!(10), &json!(1)));
            let found = &payload["report"]["findings"];
            assert_eq!(found[0]["suggestions"], json!(["民生服务"]));
            assert_eq!(found[4]["suggestions"], json!(["基本履职事项清单!C2"]));
            assert_eq!(found[5]["heading"], "对应上级部门");
            assert_eq!(found[6]["message"], "“上级部门职责”过少：至少 1 项。");
            if dry_run {
                assert_eq!(payload["userErrors"], json!([]));
            } else {
                assert_eq!(act.refusal()["errors"], 10);
            }
        }
        let english = admin.with_header("accept-language", "en").import(&version, "清单.xlsx", &file, json!({})).await;
        assert_eq!(english.answer.data("/importDutyList/report/findings/0/message"), "The province has no domain class \"民生\".");
        assert_eq!(world.heads().await, heads);
        assert!(said(&admin, &version).await.is_empty(), "all or nothing");
    }

    async fn a_list_that_names_another_township_anywhere_is_told_so(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let (own, other) = (&county.one.division.name, &county.other.division.name);
        let told = async |title: &str, name: &str| {
            let rows = rows_xml(&[&[title, "", ""], &["序号", "类别", "事项名称"], &["1", "民生服务", "受理救助申请"]]);
            let file = Pack::workbook(&[(BASIC, &rows)]).bytes();
            let done = admin.import(&version, name, &file, json!({ "dryRun": true })).await.done();
            let found = done["report"]["findings"].as_array().unwrap().iter().find(|found| found["kind"] == "OTHER_TOWNSHIP").cloned();
            found.map(|found| found["value"].as_str().unwrap().to_owned())
        };
        let own_file = format!("{own}.xlsx");
        assert_eq!(told(&format!("玄武区{own}基本履职事项清单"), &own_file).await, None);
        assert_eq!(told("玄武区某街道基本履职事项清单", "x.xlsx").await, None);
        for name in ["x.xlsx", &own_file] {
            assert_eq!(told(&format!("玄武区{other}基本履职事项清单"), name).await.as_ref(), Some(other), "{name}");
            assert_eq!(told("澜溪县柳汀镇基本履职事项清单", name).await.as_deref(), Some("澜溪县柳汀镇"), "{name}");
            assert_eq!(told(&format!("海门区{own}基本履职事项清单"), name).await, Some(format!("海门区{own}")), "{name}");
        }
        assert_eq!(told("基本履职事项清单", "柳汀镇.xlsx").await.as_deref(), Some("柳汀镇"));
    }

    async fn one_faulty_text_is_one_error(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let long = "长".repeat(1_001);
        for duty in ["开展\u{1F525}检查", "开展\u{2028}检查", &long] {
            let file = workbook(&[], &[&["1", "城乡建设", "自建房整治", "玄武区住房和城乡建设局", duty, "排查"]], &[]);
            let done = admin.import(&version, "清单.xlsx", &file, json!({ "dryRun": true })).await.done();
            assert_eq!(findings(&done), ["INVALID 配合履职事项清单 E2"]);
        }
        let filled = workbook(&[], &[&["1", "城乡建设", "自建房整治", "玄武区住房和城乡建设局", "❶制定标准❷鉴定", "排查"]], &[]);
        let done = admin.import(&version, "清单.xlsx", &filled, json!({ "dryRun": true })).await.done();
        assert!(findings(&done).is_empty(), "{done}");
    }

    async fn what_is_read_as_a_whole_or_not_at_all_is_told_so(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let good = workbook(&[&["1", "民生服务", "受理救助申请"]], &[], &[]);
        let formula = Pack::workbook(&[(BASIC, r#"<sheetData><row r="3"><c r="B3"><f>1+1</f><v>2</v></c></row></sheetData>"#)]).bytes();
        let mut locked = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        let files: [(&str, &[u8], &str, Value); 6] = [
            ("x.xlsx", b"hello", "NOT_A_SPREADSHEET", Value::Null),
            ("x.xlsx", &locked, "ENCRYPTED", Value::Null),
            ("x.xlsx", &good[..good.len() / 2], "DAMAGED", Value::Null),
            ("x.xlsx", &formula, "FORMULA", json!("基本履职事项清单!B3")),
            ("x.csv", &[0xFF, 0x80, 0x00], "ENCODING", Value::Null),
            ("x.csv", b"", "EMPTY", Value::Null),
        ];
        for (name, bytes, problem, at) in files {
            let act = admin.import(&version, name, bytes, json!({ "dryRun": true })).await;
            let refusal = act.refusal();
            assert_eq!((&refusal["code"], &refusal["fileProblem"], &refusal["at"]), (&json!("UNREADABLE_FILE"), &json!(problem), &at), "{refusal}");
            assert_eq!(refusal["path"], json!(["input", "file"]));
            assert_eq!(act.answer.data("/importDutyList/report"), &Value::Null);
        }
        let many: Vec<Vec<String>> = (0..700).map(|number| vec![number.to_string(), "无此类别".into(), format!("第{number}件各不相同的事")]).collect();
        let rows: Vec<Vec<&str>> = many.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let act = admin.import(&version, "x.xlsx", &workbook(&rows, &[], &[]), json!({ "dryRun": true })).await.done();
        let report = &act["report"];
        assert_eq!((report["errorCount"].as_i64(), report["findings"].as_array().unwrap().len()), (Some(700), 500));
        assert_eq!(report["untold"].as_i64().unwrap(), report["warningCount"].as_i64().unwrap() + 200);
    }

    async fn only_the_township_s_drafters_import_and_only_into_a_first_edition(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let file = workbook(&[&["1", "民生服务", "受理救助申请"]], &[], &[]);
        let refused = async |client: &Client| client.import(&version, "清单.xlsx", &file, json!({})).await.refused();
        let foreign = world.province("330000").await.county("330102").await;
        assert_eq!(refused(&foreign.person(Role::EoCounty).await).await, "NOT_FOUND", "another province");
        assert_eq!(refused(&county.other.person(Role::TownshipListAdmin).await).await, "NOT_FOUND", "a neighbour");
        assert_eq!(refused(&county.ground.establishment().await).await, "FORBIDDEN");
        assert_eq!(refused(&county.one.person(Role::TownshipStaff).await).await, "FORBIDDEN");
        assert_eq!(world.visitor().import(&version, "清单.xlsx", &file, json!({})).await.codes(), ["UNAUTHENTICATED"]);
        let admin = county.one.person(Role::TownshipListAdmin).await;
        admin.import(&version, "清单.xlsx", &file, json!({})).await.done();
        county.ground.confirm(&county.one, &version).await.done();
        assert_eq!(refused(&admin).await, "WRONG_STATE");
        let export = "query($id: ID!) { listVersionFile(id: $id, format: CSV) { name } }";
        for outsider in [foreign.person(Role::EoCounty).await, county.other.person(Role::TownshipHead).await, world.visitor()] {
            assert_eq!(outsider.query(export, json!({ "id": version })).await.codes(), ["NOT_FOUND"], "no more than the version itself");
        }
    }

    async fn a_form_of_a_browser_is_no_request(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let document = "mutation($input: ImportDutyListInput!) { importDutyList(input: $input) { userErrors { code path } } }";
        let variables = json!({ "input": { "versionId": version, "file": null, "dryRun": true } });
        let file = workbook(&[&["1", "民生服务", "受理救助申请"]], &[], &[]);
        let answer = admin.post_form(document, variables.clone(), "input.file", "x.xlsx", &file).await;
        assert_eq!((answer.status, answer.codes()), (415, vec!["BAD_REQUEST".to_owned()]));
        let apollo = admin.with_header("apollo-require-preflight", "true");
        assert_eq!(apollo.post_form(document, variables.clone(), "input.file", "x.xlsx", &file).await.status, 200);
        let empty = admin.with_header("graphql-require-preflight", "");
        assert_eq!(empty.post_form(document, variables.clone(), "input.file", "x.xlsx", &file).await.status, 415);
        // A file that is none.
        for nothing in ["upload:0", "#__graphql_file__:0", "", "x"] {
            let named = json!({ "input": { "versionId": version, "file": nothing, "dryRun": true } });
            let answer = admin.query(document, named).await.good();
            assert_eq!(answer.data("/importDutyList/userErrors"), &json!([{ "code": "INVALID_INPUT", "path": ["input", "file"] }]));
        }
        let operations = json!({ "query": document, "variables": variables }).to_string();
        let good_map = r#"{"0": ["variables.input.file"]}"#;
        let client = admin.with_header("graphql-require-preflight", "1");
        let status = async |parts: &[(&str, &[u8])]| client.send(form(parts)).await.status;
        let cases: [&[(&str, &[u8])]; 9] = [
            &[],
            &[("map", good_map.as_bytes()), ("operations", operations.as_bytes()), ("0", &file)],
            &[("operations", operations.as_bytes()), ("map", b"[]"), ("0", &file)],
            &[("operations", operations.as_bytes()), ("map", good_map.as_bytes())],
            &[("operations", operations.as_bytes()), ("map", good_map.as_bytes()), ("1", &file)],
            &[("operations", operations.as_bytes()), ("map", br#"{"0": ["variables.input.versionId"]}"#), ("0", &file)],
            &[("operations", operations.as_bytes()), ("map", br#"{"0": ["variables.nothing.here"]}"#), ("0", &file)],
            &[("operations", operations.as_bytes()), ("map", br#"{"0": ["query"]}"#), ("0", &file)],
            &[("operations", b"[{}]"), ("map", b"{}")],
        ];
        for (index, parts) in cases.iter().enumerate() {
            assert_eq!(status(parts).await, 400, "{index}");
        }
        let plain = operations.replace("\"file\":null", "\"file\":\"x\"");
        assert_eq!(status(&[("operations", plain.as_bytes()), ("map", b"{}")]).await, 200, "no file at all is a request like others");
        let large = vec![b'x'; 8 * 1024 * 1024];
        assert_eq!(status(&[("operations", operations.as_bytes()), ("map", good_map.as_bytes()), ("0", &large)]).await, 413);
        let query = vec![b' '; 2 * 1024 * 1024];
        assert_eq!(status(&[("operations", &query), ("map", b"{}")]).await, 413, "JSON stays as small as ever");
        assert_eq!(admin.post(query).await.status, 413);
    }
}
