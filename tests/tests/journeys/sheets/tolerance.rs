//! Lists as people keep them: read as they are meant.

use super::*;

on_both! {
    async fn what_people_write_is_read_as_it_is_meant(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let basic = rows_xml(&[
            &["玄武区某街道基本履职事项清单", "", ""],
            &["（2026年版）", "", ""],
            &["序 号", "类　别", "事项\n名称"],
            &["一、民生服务（2项）", "", ""],
            &["1", "", "受理\u{3000}临时救助申请"],
            &["３", "", "办理第１２条\u{200B}规定的\n事项"],
            &["二、城乡建设", "", ""],
            &["1", "", "养护乡村道路"],
            &["序 号", "类　别", "事项\n名称"],
            &["2", "", "清运生活垃圾"],
            &["注：本清单自公布之日起施行", "", ""],
        ]) + r#"<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A4:C4"/></mergeCells>"#;
        let cooperative = rows_xml(&[
            &["序号", "类别", "事项名称", "对应上级部门（单位）", "上级部门职责", "乡镇（街道）配合职责", "备注"],
            &["1", "城乡建设", "自建房安全", "区住建局（牵头）、区应急管理局", "①制定标准②鉴定", "1.排查\n2.上报", "甲"],
            &["2", "", "秸秆禁烧", "牵头：区农业局\n配合：区应急局、玄武区民政局", "（1）制定方案（2）核查火点", "开展宣传\n发现劝阻", ""],
            &["3", "民生服务", "养老机构安全", "玄武区民政局", "备案", "走访", ""],
            &["", "", "", "玄武区卫生健康委员会", "医疗保障", "送医", ""],
        ]) + r#"<mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="C4:C5"/><mergeCell ref="A4:A5"/><mergeCell ref="B4:B5"/></mergeCells>"#;
        let reclaimed = rows_xml(&[
            &["序号", "类别", "事项名称", "承接部门", "工作方式"],
            &["1", "城乡建设", "玻璃幕墙管理", "玄武区住房和城乡建设局", "由局委托检查"],
            &["2", "民生服务", "政务APP推广", "取消", "取消下载量指标"],
            &["3", "民生服务", "开具无犯罪证明", "", "取消基层开具"],
        ]);
        let cover = rows_xml(&[&["履职事项清单汇编"]]);
        let pack = Pack::workbook(&[("封面", &cover), ("基本履职", &basic), ("配合履职事项", &cooperative), ("收回事项", &reclaimed)]);
        let done = admin.import(&version, "清单.xlsx", &pack.bytes(), json!({})).await.done();
        let mut seen = findings(&done);
        seen.sort();
        let expected = [
            "IGNORED 基本履职 11", "IGNORED 配合履职事项 G1", "LEAD_ASSUMED 配合履职事项 D4", "NUMBERING 基本履职 A6", "NUMBERING 基本履职 A8", "SHORTENED_DEPARTMENT 配合履职事项 D2",
            "SHORTENED_DEPARTMENT 配合履职事项 D2", "SHORTENED_DEPARTMENT 配合履职事项 D3", "SHORTENED_DEPARTMENT 配合履职事项 D3",
        ];
        assert_eq!(seen, expected);
        let items = said(&admin, &version).await;
        let names: Vec<String> = items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
        let expected = ["受理\u{3000}临时救助申请", "办理第12条规定的事项", "养护乡村道路", "清运生活垃圾", "自建房安全", "秸秆禁烧", "养老机构安全", "玻璃幕墙管理", "政务APP推广", "开具无犯罪证明"];
        assert_eq!(names, expected);
        let domains: Vec<&str> = items.iter().map(|item| item["domain"]["name"].as_str().unwrap()).collect();
        assert_eq!(domains[..7], ["民生服务", "民生服务", "城乡建设", "城乡建设", "城乡建设", "城乡建设", "民生服务"]);
        let roles = |index: usize| texts(&items[index]["departments"], "role");
        let orgs = |index: usize| -> Vec<usize> {
            let named = items[index]["departments"].as_array().unwrap();
            named.iter().map(|named| county.departments.iter().position(|org| named["organisation"]["id"] == json!(org.id)).unwrap()).collect()
        };
        assert_eq!((orgs(4), roles(4)), (vec![0, 2], vec!["LEAD".into(), "CO_LEAD".into()]));
        assert_eq!((orgs(5), roles(5)), (vec![1, 2, 3], vec!["LEAD".into(), "CO_LEAD".into(), "CO_LEAD".into()]));
        assert_eq!((orgs(6), roles(6)), (vec![3, 4], vec!["LEAD".into(), "CO_LEAD".into()]));
        let clauses = |index: usize, side: &str| texts(&items[index][side], "text");
        assert_eq!((clauses(4, "superiorClauses"), clauses(4, "townshipClauses")), (vec!["制定标准".into(), "鉴定".into()], vec!["排查".into(), "上报".into()]));
        assert_eq!((clauses(5, "superiorClauses"), clauses(5, "townshipClauses")), (vec!["制定方案".into(), "核查火点".into()], vec!["开展宣传".into(), "发现劝阻".into()]));
        assert_eq!((clauses(6, "superiorClauses"), clauses(6, "townshipClauses")), (vec!["备案".into(), "医疗保障".into()], vec!["走访".into(), "送医".into()]));
        let methods: Vec<&Value> = items[7..].iter().map(|item| &item["reclaimMethod"]).collect();
        assert_eq!(methods, ["TAKEN_OVER", "CANCELLED", "CANCELLED"]);
        let ordinals: Vec<i64> = items.iter().map(|item| item["number"].as_i64().unwrap()).collect();
        assert_eq!(ordinals, [1, 2, 3, 4, 1, 2, 3, 1, 2, 3], "numbers that start again are given anew");
    }

    async fn rows_and_columns_that_are_no_items_are_left_out_and_told(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let basic = rows_xml(&[
            &["序号", "类别", "事项名称"],
            &["", "", "一、民生服务（2项）"],
            &["1", "", "受理临时救助申请"],
            &["3", "", "办理老年人优待", "", "有人手写的批注"],
            &["合计", "", "2项"],
            &["附注：以公布为准"],
            &["审核人：张三"],
            &["", "", "合计划生育服务"],
            &["", "审核人：李四", "日期：2026年1月1日"],
            &["说明", "", "本表一式两份"],
        ]);
        let cooperative = rows_xml(&[&["序号", "类别", "事项名称", "对应上级部门", "上级部门职责", "乡镇（街道）配合职责"]]);
        let reclaimed = rows_xml(&[&["序号", "类别", "事项名称", "承接部门", "工作方式"]]);
        let pack = Pack::workbook(&[(BASIC, &basic), (COOPERATIVE, &cooperative), (RECLAIMED, &reclaimed)]);
        let done = admin.import(&version, "清单.xlsx", &pack.bytes(), json!({})).await.done();
        let told = |place: &str| format!("{place} {BASIC}");
        let mut expected = [("IGNORED", " E4"), ("IGNORED", " 5"), ("IGNORED", " 6"), ("IGNORED", " 7"), ("IGNORED", " 9"), ("IGNORED", " 10"), ("NUMBERING", " A4")].map(|(kind, at)| told(kind) + at);
        let mut seen = findings(&done);
        seen.sort();
        expected.sort();
        assert_eq!(seen, expected);
        let items = said(&admin, &version).await;
        let said: Vec<(&str, &str, i64)> =
            items.iter().map(|item| (item["domain"]["name"].as_str().unwrap(), item["name"].as_str().unwrap(), item["number"].as_i64().unwrap())).collect();
        assert_eq!(said, [("民生服务", "受理临时救助申请", 1), ("民生服务", "办理老年人优待", 2), ("民生服务", "合计划生育服务", 3)]);
        let kept = done["report"]["findings"].as_array().unwrap().iter().find(|found| found["kind"] == "NUMBERING").unwrap();
        assert!(kept["message"].as_str().unwrap().contains("重新编号"), "{kept}");
    }

    async fn a_text_with_commas_is_one_list_or_says_which(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let one = "序号,类别,事项名称\n1,民生服务,受理救助申请\n";
        let refused = admin.import(&version, "清单.csv", one.as_bytes(), json!({})).await;
        assert_eq!((refused.refused(), findings(refused.answer.data("/importDutyList"))), ("SPREADSHEET_ERRORS".to_owned(), vec!["NO_LIST  1".to_owned()]));
        let done = admin.import(&version, "某镇基本履职事项清单.csv", one.as_bytes(), json!({})).await.done();
        assert_eq!(done["report"]["counts"]["basic"], 1);
        let mixed = "清单,类别,事项名称,部门,上级部门职责,乡镇职责,工作方式\n配合,城乡建设,自建房整治,玄武区住房和城乡建设局,鉴定,排查,\n收回,民生服务,孤儿认定,玄武区民政局,,,由局受理\n其他,民生服务,无名,,,,\n";
        let refused = admin.import(&version, "清单.csv", mixed.as_bytes(), json!({})).await;
        assert_eq!(findings(refused.answer.data("/importDutyList")), ["LIST_MISSING", "UNKNOWN_WORD  A4"]);
        let mended = mixed.lines().take(3).collect::<Vec<_>>().join("\n");
        let done = admin.import(&version, "清单.csv", mended.as_bytes(), json!({})).await.done();
        assert_eq!(done["report"]["counts"], json!({ "basic": 0, "cooperative": 1, "reclaimed": 1, "total": 2 }));
    }

    async fn a_template_says_what_may_stand_in_it_and_comes_back_filled_in(world: World) {
        let county = county(&world).await;
        let version = county.draft(&county.one).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let question = "query($code: String!) { listTemplateFile(townshipCode: $code) @ }";
        let (name, bytes) = admin.download(question, json!({ "code": county.one.code() })).await;
        assert!(name.ends_with("履职事项清单模板.xlsx"), "{name}");
        let empty = admin.import(&version, &name, &bytes, json!({ "dryRun": true })).await.done();
        assert_eq!((&empty["report"]["errorCount"], &empty["report"]["counts"]["total"]), (&json!(0), &json!(0)), "{empty}");
        let book = yidan::kernel::sheet::read(&name, &bytes, &yidan::kernel::sheet::Limits::default()).unwrap();
        let sheets: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(sheets, [BASIC, COOPERATIVE, RECLAIMED, "填写说明", "名录"]);
        let names: Vec<&str> = book.sheets[4].rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.as_str()).collect();
        for known in ["城乡建设", "民生服务", "玄武区住房和城乡建设局"] {
            assert!(names.contains(&known), "{known} in {names:?}");
        }
        assert_eq!(admin.query("{ listTemplateFile(townshipCode: \"110101001\") { name } }", json!({})).await.codes(), ["NOT_FOUND"], "another province's");
        assert_eq!(world.visitor().query("{ listTemplateFile(townshipCode: \"320102002\") { name } }", json!({})).await.codes(), ["UNAUTHENTICATED"]);
    }
}
