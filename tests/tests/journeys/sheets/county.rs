//! A whole county's lists at once, at the machine: all of them or none.

use std::path::Path;

use super::*;
use yidan::{
    cli::lists::{ExportOptions, ImportOptions, export, import},
    kernel::{clock::china_date, sheet::SheetFormat},
};
use yidan_tests::places::NewOrg;

const CODE: &str = "320981";

struct Fourteen {
    seat: Seat,
    townships: Vec<Township>,
}

/// A county of fourteen townships, with the departments and classes that their lists name.
async fn fourteen(world: &World) -> Fourteen {
    let ground = world.ground().await;
    let seat = ground.province.county(CODE).await;
    ground.province.establishment_office("320900").await;
    for name in ["住房和城乡建设局", "民政局", "应急管理局"] {
        ground.province.org(NewOrg::new(CODE, OrgKind::Department, format!("东台市{name}"))).await;
    }
    let places =
        yidan::duty_list::service::sheets::county::townships(world.platform().db.read(), CODE, china_date(world.now()));
    let mut townships = Vec::new();
    for place in places.await.unwrap().into_iter().take(14) {
        townships.push(ground.township(&place.code).await);
    }
    assert_eq!(townships.len(), 14);
    Fourteen { seat, townships }
}

type Rows = [Vec<Vec<String>>; 3];

/// A list as a township writes it.
fn rows(township: &str) -> Rows {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let title = |name: &str| row(&[&format!("东台市{township}{name}")]);
    [
        vec![
            title(BASIC),
            row(&["序号", "类别", "事项名称"]),
            row(&["1", "民生服务", &format!("受理{township}临时救助申请")]),
            row(&["2", "城乡建设", "组织人居环境整治"]),
        ],
        vec![
            title(COOPERATIVE),
            row(&["序号", "类别", "事项名称", "对应上级部门", "上级部门职责", "乡镇（街道）配合职责"]),
            row(&[
                "1",
                "城乡建设",
                "自建房安全隐患整治",
                "东台市住房和城乡建设局（牵头）、东台市应急管理局",
                "①制定标准②组织鉴定",
                "①排查登记②督促停用",
            ]),
            row(&["2", "民生服务", "养老机构安全管理", "东台市民政局", "备案评定", "日常走访"]),
        ],
        vec![
            title(RECLAIMED),
            row(&["序号", "类别", "事项名称", "承接部门", "工作方式"]),
            row(&["1", "城乡建设", "玻璃幕墙安全管理", "东台市住房和城乡建设局", "由市局委托检查"]),
        ],
    ]
}

fn file(rows: &Rows, spoil: impl Fn(String) -> String) -> Vec<u8> {
    let xml: Vec<String> = rows
        .iter()
        .map(|sheet| {
            let sheet: Vec<Vec<&str>> = sheet.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
            let sheet: Vec<&[&str]> = sheet.iter().map(Vec::as_slice).collect();
            spoil(rows_xml(&sheet))
        })
        .collect();
    Pack::workbook(&[(BASIC, &xml[0]), (COOPERATIVE, &xml[1]), (RECLAIMED, &xml[2])]).bytes()
}

/// The fault of the list at this place, and where it is to be found; the last four lists have none.
fn spoilt(index: usize, rows: &mut Rows) -> Option<(&'static str, &'static str)> {
    let mut set =
        |sheet: usize, row: usize, column: usize, text: &str| text.clone_into(&mut rows[sheet][row - 1][column]);
    Some(match index {
        0 => {
            set(1, 3, 3, "东台市园林绿化管理委员会");
            ("UNKNOWN_DEPARTMENT", "配合履职事项清单!D3")
        }
        1 => {
            set(0, 4, 1, "城乡");
            ("UNKNOWN_DOMAIN", "基本履职事项清单!B4")
        }
        2 => {
            set(0, 3, 2, "");
            ("MISSING", "基本履职事项清单!C3")
        }
        3 => {
            set(1, 4, 5, "");
            ("MISSING", "配合履职事项清单!F4")
        }
        4 => {
            set(2, 3, 2, "养老机构安全管理");
            ("DUPLICATE", "上级部门收回事项清单!C3")
        }
        5 => {
            set(1, 3, 3, "东台市住房和城乡建设局（牵头）、东台市应急管理局（牵头）");
            ("NOT_ALLOWED", "配合履职事项清单!D3")
        }
        6 => {
            set(2, 3, 4, "");
            ("MISSING", "上级部门收回事项清单!E3")
        }
        7 => {
            set(0, 4, 2, &"长".repeat(201));
            ("INVALID", "基本履职事项清单!C4")
        }
        8 => {
            set(2, 2, 4, "怎么办");
            ("COLUMN_MISSING", "上级部门收回事项清单!2")
        }
        9 => ("公式", "配合履职事项清单!B3"),
        _ => return None,
    })
}

fn write(folder: &Path, world: &Fourteen, faulty: bool) {
    for (index, township) in world.townships.iter().enumerate() {
        let name = &township.division.name;
        let mut rows = rows(name);
        let fault = if faulty { spoilt(index, &mut rows) } else { None };
        let formula = |xml: String| match fault {
            Some(("公式", _)) => xml.replace(
                r#"<c r="B3" t="inlineStr"><is><t xml:space="preserve">城乡建设</t></is></c>"#,
                r#"<c r="B3"><f>A1</f></c>"#,
            ),
            _ => xml,
        };
        // Some are matched by their title, some by the name of the file.
        let file_name = if index % 2 == 0 { format!("{index:02}.xlsx") } else { format!("{index:02}{name}.xlsx") };
        std::fs::write(folder.join(file_name), file(&rows, formula)).unwrap();
    }
    std::fs::write(folder.join("~$open.xlsx"), "left by a program").unwrap();
    std::fs::write(folder.join("readme.txt"), "not a list").unwrap();
}

async fn run(world: &World, folder: &Path, more: ImportOptions) -> (Result<(), String>, String) {
    let options = ImportOptions { files: vec![folder.to_owned()], county: Some(CODE.into()), ..more };
    let mut out = Vec::new();
    let done = import(world.platform(), &options, &mut out).await.map_err(|error| error.to_string());
    (done, String::from_utf8(out).unwrap())
}

on_both! {
    async fn fourteen_lists_with_ten_faults_are_told_each_and_mended_come_in(world: World) {
        let county = fourteen(&world).await;
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &county, true);
        let heads = world.heads().await;
        let (done, out) = run(&world, folder.path(), ImportOptions { apply: true, json: true, ..ImportOptions::default() }).await;
        assert_eq!(done, Err("共 10 处错误，未导入任何内容。10 errors; nothing was imported".to_owned()), "{out}");
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&report["applied"], &report["errors"]), (&json!(false), &json!(10)));
        let files = report["files"].as_array().unwrap();
        assert_eq!(files.len(), 14);
        for (index, file) in files.iter().enumerate() {
            let Some((kind, place)) = spoilt(index, &mut rows("")) else {
                assert_eq!((&file["report"]["errors"], &file["trouble"]), (&json!(0), &Value::Null), "{file}");
                continue;
            };
            if kind == "公式" {
                let trouble = file["trouble"].as_str().unwrap();
                assert!(trouble.contains(place) && trouble.contains("公式"), "{trouble}");
                continue;
            }
            assert_eq!(file["township"]["name"], county.townships[index].division.name);
            let errors: Vec<&Value> = file["report"]["findings"].as_array().unwrap().iter().filter(|found| found["severity"] == "ERROR").collect();
            let place_of = |found: &Value| format!("{}!{}{}", found["sheet"].as_str().unwrap(), found["column"].as_str().unwrap_or_default(), found["row"]);
            let told: Vec<(&str, String)> = errors.iter().map(|found| (found["kind"].as_str().unwrap(), place_of(found))).collect();
            assert_eq!(told, [(kind, place.to_owned())], "{file:#}");
        }
        assert_eq!(world.heads().await, heads, "nothing was written");
        let (_, table) = run(&world, folder.path(), ImportOptions { apply: true, ..ImportOptions::default() }).await;
        let line = table.lines().find(|line| line.contains("园林绿化")).unwrap();
        assert!(line.starts_with("00.xlsx") && line.contains("配合履职事项清单") && line.contains("  3  ") && line.contains("  D  ") && line.contains("建议："), "{line}");

        // Mended, first only looked at.
        write(folder.path(), &county, false);
        let (done, out) = run(&world, folder.path(), ImportOptions::default()).await;
        assert_eq!(done, Ok(()), "{out}");
        assert!(out.contains("nothing was changed"), "{out}");
        assert_eq!(world.heads().await, heads);
        let (done, out) = run(&world, folder.path(), ImportOptions { apply: true, ..ImportOptions::default() }).await;
        assert_eq!(done, Ok(()), "{out}");
        let after = world.heads().await;
        assert_eq!(after.iter().map(|(seq, _)| seq).sum::<i64>(), heads.iter().map(|(seq, _)| seq).sum::<i64>() + 14, "an event for each list");

        // Drafts, which the townships' own heads have to confirm: nothing is in force.
        let township = &county.townships[3];
        let admin = township.person(Role::TownshipListAdmin).await;
        let versions = "query($code: String!) { dutyList(townshipCode: $code) { version { id } versions { nodes { id state counts { basic cooperative reclaimed }
            timeline { nodes { act actorName } } } } } }";
        let seen = admin.query(versions, json!({ "code": township.code() })).await.good().data("/dutyList").clone();
        assert_eq!(seen["version"], Value::Null);
        let version = &seen["versions"]["nodes"][0];
        assert_eq!((&version["state"], &version["counts"]), (&json!("DRAFT"), &json!({ "basic": 2, "cooperative": 2, "reclaimed": 1 })));
        assert_eq!(version["timeline"]["nodes"], json!([{ "act": "IMPORT_DUTY_LIST", "actorName": "系统：命令行导入清单" }]));
        let confirm = json!({ "id": version["id"] });
        township.person(Role::TownshipHead).await.act("confirmListVersion", confirm, "listVersion { state }").await.done();

        // What was handed on is not written in; the others are not touched either.
        let (done, _) = run(&world, folder.path(), ImportOptions { apply: true, replace: true, ..ImportOptions::default() }).await;
        assert!(done.unwrap_err().contains("TOWNSHIP_CONFIRMED"));
        let office = county.seat.person(Role::EoCounty).await;
        assert_eq!(office.query("{ dutyLists(within: \"320981\") { totalCount } }", json!({})).await.good().data("/dutyLists/totalCount"), 0);
    }

    async fn files_find_their_township_or_are_told_which(world: World) {
        let county = fourteen(&world).await;
        let folder = tempfile::tempdir().unwrap();
        let bytes = file(&rows(""), |xml| xml);
        std::fs::write(folder.path().join("a.xlsx"), &bytes).unwrap();
        let (done, out) = run(&world, folder.path(), ImportOptions::default()).await;
        assert!(done.is_err() && out.contains("无法判断是哪个乡镇"), "{out}");
        let code = county.townships[0].code();
        let given = ImportOptions { township: vec![format!("{code}=a.xlsx")], apply: true, ..ImportOptions::default() };
        let (done, out) = run(&world, folder.path(), given.clone()).await;
        assert_eq!(done, Ok(()), "{out}");
        std::fs::write(folder.path().join(format!("{}.xlsx", county.townships[0].division.name)), &bytes).unwrap();
        let (done, out) = run(&world, folder.path(), given).await;
        assert!(done.is_err() && out.contains("已有另一个文件"), "{out}");
        let (done, _) = run(&world, &folder.path().join("nothing"), ImportOptions::default()).await;
        assert!(done.is_err());
    }

    async fn a_file_that_names_two_townships_or_another_county_goes_into_none(world: World) {
        let county = fourteen(&world).await;
        let (one, other) = (&county.townships[0].division.name, &county.townships[1].division.name);
        let heads = world.heads().await;
        let cases: [(String, Vec<u8>, String); 4] = [
            (format!("{other}.xlsx"), file(&rows(one), |xml| xml), format!("标题为“{one}”，文件名为“{other}”")),
            ("a.xlsx".into(), file(&rows(one), |xml| xml.replace("东台市", "海门区")), format!("标题为“海门区{one}”")),
            (format!("海门区{one}.xlsx"), file(&rows(one), |xml| xml), format!("标题为“{one}”，文件名为“海门区{one}”")),
            (format!("{one}.xlsx"), file(&rows("柳汀镇"), |xml| xml), format!("标题为“柳汀镇”，文件名为“{one}”")),
        ];
        for (name, bytes, told) in &cases {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(name), bytes).unwrap();
            let (done, out) = run(&world, folder.path(), ImportOptions { apply: true, ..ImportOptions::default() }).await;
            assert!(done.is_err() && out.contains(&format!("{told}，请改正或用 --township 代码=文件 指定。")), "{out}");
        }
        assert_eq!(world.heads().await, heads);
        // Where the operator says whose it is, it is only told.
        let (name, bytes, _) = &cases[0];
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
        let given = ImportOptions { township: vec![format!("{}={name}", county.townships[1].code())], json: true, ..ImportOptions::default() };
        let (done, out) = run(&world, folder.path(), given).await;
        assert_eq!(done, Ok(()), "{out}");
        let report: Value = serde_json::from_str(&out).unwrap();
        let findings = report["files"][0]["report"]["findings"].as_array().unwrap();
        assert!(findings.iter().any(|found| found["kind"] == "OTHER_TOWNSHIP" && found["value"] == **one), "{out}");
    }

    async fn files_of_other_kinds_are_refused_and_townships_without_one_are_told(world: World) {
        let county = fourteen(&world).await;
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &county, false);
        std::fs::remove_file(folder.path().join("00.xlsx")).unwrap();
        let missing = &county.townships[0].division;
        std::fs::write(folder.path().join("旧.xls"), [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]).unwrap();
        let (done, out) = run(&world, folder.path(), ImportOptions { apply: true, json: true, ..ImportOptions::default() }).await;
        assert!(done.is_err(), "all lists or none: {out}");
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((report["files"].as_array().unwrap().len(), &report["errors"]), (14, &json!(1)));
        let told = json!({ "code": missing.code, "name": missing.name });
        assert!(report["missing"].as_array().unwrap().contains(&told), "{out}");
        std::fs::remove_file(folder.path().join("旧.xls")).unwrap();
        let (done, out) = run(&world, folder.path(), ImportOptions { apply: true, ..ImportOptions::default() }).await;
        assert_eq!(done, Ok(()), "{out}");
        let line = out.lines().find(|line| line.starts_with("没有文件的乡镇（街道）：")).unwrap();
        assert!(line.contains(&missing.name), "{line}");
        assert!(!out.contains("移出草案"), "{out}");

        // What a replacement takes out is counted.
        let name = &county.townships[1].division.name;
        let mut fewer = rows(name);
        fewer[0].pop();
        std::fs::write(folder.path().join(format!("01{name}.xlsx")), file(&fewer, |xml| xml)).unwrap();
        let (done, out) = run(&world, folder.path(), ImportOptions { replace: true, ..ImportOptions::default() }).await;
        assert_eq!(done, Ok(()), "{out}");
        assert!(out.contains("；移出草案原有事项 1 项"), "{out}");
    }
}

on_both_demonstration! {
    async fn a_county_s_lists_in_force_are_written_to_files(world: World) {
        let folder = tempfile::tempdir().unwrap();
        let options = ExportOptions { codes: vec!["329921".into()], to: folder.path().join("out"), format: SheetFormat::Xlsx, columns: None };
        let mut out = Vec::new();
        export(world.platform(), &options, &mut out).await.unwrap();
        let mut names: Vec<String> = std::fs::read_dir(&options.to).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names.len(), 14, "{names:?}");
        assert!(names.contains(&"澜溪县柳汀镇履职事项清单（第2版）.xlsx".to_owned()), "{names:?}");
        // A published list is not written over.
        let more = ImportOptions { files: vec![options.to.clone()], county: Some("329921".into()), apply: true, ..ImportOptions::default() };
        let refused = import(world.platform(), &more, &mut Vec::new()).await.unwrap_err().to_string();
        assert!(refused.contains("PUBLISHED"), "{refused}");
        let nowhere = ExportOptions { codes: vec!["320102".into()], ..options };
        assert!(export(world.platform(), &nowhere, &mut Vec::new()).await.is_err());
    }
}
