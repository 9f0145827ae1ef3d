//! A list goes out and comes in again, and nothing is lost on the way.

use super::*;

/// As many items as a township has, with everything an item may say, and texts that quote what we number with.
fn items(county: &County, count: usize) -> Vec<Value> {
    let ground = &county.ground;
    let org = |index: usize| json!(county.departments[index % county.departments.len()].id);
    let duties = |index: usize, side: &str| -> Vec<String> {
        let mut all: Vec<String> =
            (1..=index % 7 + 1).map(|number| format!("{side}第{index}项职责之{number}，按规定办理")).collect();
        match index % 11 {
            0 => all[0] = "按照第②条、（1）款和1.5米标准开展检查".into(),
            1 => all.push("第一行\n第二行；第三句。".into()),
            2 => all = vec!["1.编号开头的唯一一条".into()],
            3 => all = (1..=57).map(|number| format!("第{number}条很多")).collect(),
            4 => all[0] = "=1+1 \"引号\"，逗号,分号;制表\t符".into(),
            _ => {}
        }
        all
    };
    (0..count)
        .map(|index| {
            let domain = if index % 3 == 0 { &ground.domain } else { &ground.welfare };
            let sources = ["LAW", "MANDATE", "DEPLOYMENT", "HOTLINE", "PLATFORM", "OTHER"];
            let instruments = ["城镇燃气管理条例", "国务院关于修改〈甲条例〉的决定", "国办发〔2026〕12号", "《带书名号的法》"];
            let articles = [None, Some("第十条"), Some("第二款、第三款")];
            let odd = ["", "、顿号", " 空格"];
            let bases = (0..index % 3).map(|basis| {
                let (instrument, article) = (instruments[(index + basis) % 4], articles[(index + basis) % 3]);
                json!({ "instrument": instrument, "article": article })
            });
            let extra = json!({
                "domainId": domain,
                "penaltyPower": index % 5 == 0,
                "source": (sources[index % 6]),
                "tags": ((0..index % 4).map(|tag| format!("标签{index}-{tag}{}", odd[tag % 3])).collect::<Vec<_>>()),
                "legalBases": (bases.collect::<Vec<_>>()),
            });
            let name = format!("第{index}号事项：{}的管理与服务{}", ["道路", "“九小场所”", "养老机构", "河道"][index % 4], "甲乙丙丁戊己庚辛壬癸".chars().nth(index / 35).unwrap());
            let item = match index % 4 {
                0 | 1 => json!({
                    "category": "BASIC", "name": name, "townshipClauses": if index % 8 == 0 { duties(index, "乡镇") } else { vec![] },
                    "departments": if index % 16 == 1 { vec![json!({ "orgUnitId": org(index), "role": "GUIDE" })] } else { vec![] },
                }),
                2 => {
                    let mut departments = vec![json!({ "orgUnitId": org(index), "role": "LEAD" })];
                    if index % 8 == 2 {
                        departments.insert(index % 2, json!({ "orgUnitId": org(index + 1), "role": "CO_LEAD" }));
                        departments.insert(0, json!({ "orgUnitId": org(index + 2), "role": "CO_LEAD" }));
                    }
                    json!({
                        "category": "COOPERATIVE", "name": name, "departments": departments,
                        "superiorClauses": duties(index, "部门"), "townshipClauses": duties(index + 1, "乡镇"),
                    })
                }
                _ => {
                    let cancelled = index % 12 == 3;
                    json!({
                        "category": "RECLAIMED", "name": name,
                        "reclaimMethod": if cancelled { "CANCELLED" } else { "TAKEN_OVER" },
                        "departments": if index % 24 == 3 { vec![] } else { vec![json!({ "orgUnitId": org(index), "role": "TAKEOVER" })] },
                        "method": format!("由部门自行检查，\n不再要求乡镇巡查{index}"),
                        "superiorClauses": if index % 20 == 7 { duties(index, "部门") } else { vec![] },
                    })
                }
            };
            with(&item, &extra)
        })
        .collect()
}

on_both! {
    async fn a_list_of_340_items_goes_out_and_in_without_any_difference(world: World) {
        let county = county(&world).await;
        let items = items(&county, 341);
        let first = county.ground.draft(&county.one, &items).await;
        // A gap in the numbers stays one.
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let seen = admin.see("ListVersion", &first, "items(first: 5) { nodes { item { id } } }").await;
        let gone = json!({ "versionId": first, "itemId": seen["items"]["nodes"][3]["item"]["id"] });
        admin.act("removeDraftItem", gone, "listVersion { id }").await.done();
        let written = said(&admin, &first).await;
        assert_eq!(written.len(), 340);
        let third = county.ground.township("320102005").await;
        for (format, township) in [("XLSX", &county.other), ("CSV", &third)] {
            let theirs = township.person(Role::TownshipListAdmin).await;
            let (name, bytes) = exported(&admin, &first, format).await;
            let second = county.draft(township).await;
            let report = theirs.import(&second, &name, &bytes, json!({ "dryRun": true })).await.done();
            assert_eq!(report["report"]["errorCount"], 0, "{report}");
            assert_eq!(report["report"]["counts"]["total"], 340);
            assert!(said(&theirs, &second).await.is_empty(), "looking changes nothing");
            let kinds = findings(&report);
            assert!(kinds.iter().all(|finding| finding.starts_with("SIMILAR") || finding.starts_with("OTHER_TOWNSHIP") || finding.starts_with("NUMBERING")), "{kinds:?}");
            let heads = world.heads().await;
            theirs.import(&second, &name, &bytes, json!({})).await.done();
            assert_eq!(world.heads().await[0].0, heads[0].0 + 1, "one act, one event");
            let read = said(&theirs, &second).await;
            for (before, after) in written.iter().zip(&read) {
                assert_eq!(after, before, "{format}");
            }
            assert_eq!(read.len(), written.len());
        }
    }

    async fn two_items_of_one_name_come_back_by_their_codes(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let items = [ground.basic("组织人居环境整治"), ground.basic("组织人居环境整治"), ground.basic("受理临时救助申请")];
        let version = ground.draft(&county.one, &items).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let written = said(&admin, &version).await;
        assert_eq!(written.len(), 3);
        for format in ["XLSX", "CSV"] {
            let (name, bytes) = exported(&admin, &version, format).await;
            let done = admin.import(&version, &name, &bytes, json!({ "mode": "REPLACE" })).await.done();
            let found = done["report"]["findings"].as_array().unwrap();
            let twice: Vec<&Value> = found.iter().filter(|found| found["kind"] == "DUPLICATE").collect();
            assert_eq!(twice.len(), 1, "{done}");
            assert_eq!((&twice[0]["severity"], &twice[0]["message"]), (&json!("WARNING"), &json!("编码不同，按两项导入；名称相同，提交前须合并或改名。")));
            assert_eq!((&done["report"]["errorCount"], &done["report"]["removed"]), (&json!(0), &json!(0)));
            assert_eq!(said(&admin, &version).await, written, "{format}");
        }
    }

    async fn a_published_list_goes_out_with_its_version_and_decision(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let items = [
            ground.basic("受理临时救助申请并入户核实"),
            ground.cooperative("九小场所消防安全治理", &county.departments[0]),
            ground.reclaimed("既有建筑玻璃幕墙安全管理", &county.departments[1]),
        ];
        let version = ground.draft(&county.one, &items).await;
        county.ground.put_in_force(&county.one, &version).await;
        let visitor = world.visitor();
        let (name, bytes) = exported(&visitor, &version, "HTML").await;
        let page = String::from_utf8(bytes).unwrap();
        assert!(name.ends_with("履职事项清单（第1版）.html"), "{name}");
        assert!(page.contains("第1版，自2026年") && page.contains("公布") && !page.contains("审定："), "a decision is for who sees the procedure");
        assert!(!page.contains("实施依据") && page.contains("对应上级部门"), "the columns of published lists");
        let (_, bytes) = exported(&county.ground.establishment().await, &version, "HTML").await;
        assert!(String::from_utf8(bytes).unwrap().contains("审定：县委常委会（县委常委会第9次会议，"));
        let question = "query($id: ID!) { listVersionFile(id: $id, format: CSV, columns: PUBLISHED) @ }";
        let (_, bytes) = visitor.download(question, json!({ "id": version })).await;
        assert!(!String::from_utf8(bytes).unwrap().contains("事项编码"));
    }

    async fn a_file_decides_what_the_draft_says_if_it_is_to(world: World) {
        let county = county(&world).await;
        let version = county.ground.draft(&county.one, &items(&county, 20)).await;
        let admin = county.one.person(Role::TownshipListAdmin).await;
        let (_, bytes) = exported(&admin, &version, "CSV").await;
        let before = admin.see("ListVersion", &version, "revision items(first: 100) { nodes { code item { id } } }").await;
        let refused = admin.import(&version, "清单.csv", &bytes, json!({})).await;
        assert_eq!(refused.refused(), "SPREADSHEET_ERRORS", "each of them is there already");
        assert!(findings(refused.answer.data("/importDutyList")).iter().all(|finding| finding.starts_with("DUPLICATE") || finding.starts_with("SIMILAR")));
        // A line less, a name changed, an item more.
        let text = String::from_utf8(bytes).unwrap();
        let changed = text.replace("第4号事项", "第四号事项") + "基本履职事项清单,99,城乡建设,新增加的一件完全不同的事情,,,,,,,,,,\r\n";
        let start = changed.find("第5号事项").unwrap();
        let start = changed[..start].rfind('\n').unwrap() + 1;
        let end = start + changed[start..].find("\r\n").unwrap() + 2;
        let changed = changed[..start].to_owned() + &changed[end..];
        let replace = json!({ "mode": "REPLACE", "dryRun": true });
        let report = admin.import(&version, "清单.csv", changed.as_bytes(), replace).await.done();
        assert_eq!((&report["report"]["errorCount"], &report["report"]["removed"]), (&json!(0), &json!(1)), "{report}");
        let stale = json!({ "mode": "REPLACE", "expectedRevision": 1 });
        assert_eq!(admin.import(&version, "清单.csv", changed.as_bytes(), stale).await.refused(), "STALE_REVISION");
        let keyed = json!({ "mode": "REPLACE", "expectedRevision": before["revision"], "idempotencyKey": "replace-1" });
        let done = admin.import(&version, "清单.csv", changed.as_bytes(), keyed.clone()).await.done();
        let again = admin.import(&version, "清单.csv", changed.as_bytes(), keyed.clone()).await.done();
        assert_eq!((&again["listVersion"], &again["report"]), (&done["listVersion"], &Value::Null), "once");
        assert_eq!(admin.import(&version, "清单.csv", text.as_bytes(), keyed).await.refused(), "IDEMPOTENCY_CONFLICT", "another file is another command");
        let after = admin.see("ListVersion", &version, "items(first: 100) { nodes { code name item { id } } }").await;
        let (before, after) = (before["items"]["nodes"].as_array().unwrap(), after["items"]["nodes"].as_array().unwrap());
        assert_eq!(after.len(), 20);
        let item = |all: &[Value], code: &str| all.iter().find(|item| item["code"] == code).cloned();
        let kept = after.iter().filter(|item_now| before.iter().any(|then| then["item"] == item_now["item"])).count();
        assert_eq!(kept, 19, "an item that is still there is still the same");
        assert!(after.iter().any(|item| item["name"].as_str().unwrap().starts_with("第四号事项")));
        assert!(item(after, "JB-001").is_some());
    }
}
