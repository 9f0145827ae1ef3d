use super::*;
use crate::{duty_list::rules::sheet::GOES_ON, kernel::sheet::Cell};

fn sheet(name: &str, rows: &[&[&str]]) -> Sheet {
    let cells = |texts: &[&str]| {
        let cells = (0..).zip(texts).filter(|(_, text)| !text.is_empty());
        cells.map(|(column, text)| Cell { column, text: (*text).to_owned(), from_above: false }).collect()
    };
    let rows = (1..).zip(rows).map(|(number, texts)| Row { number, cells: cells(texts) });
    Sheet { name: name.into(), rows: rows.collect(), ..Sheet::default() }
}

fn found(sheet: Sheet) -> Layout {
    layout("清单.xlsx", &Workbook { sheets: vec![sheet] })
}

fn kinds(layout: &Layout) -> Vec<Kind> {
    layout.findings.iter().map(|finding| finding.kind).filter(|kind| *kind != Kind::ListMissing).collect()
}

#[test]
fn a_row_that_says_so_goes_on_whatever_it_says() {
    let layout = found(sheet(
        "配合履职事项清单",
        &[
            &["序号", "类别", "事项名称", "对应上级部门", "上级部门职责", "配合职责"],
            &["1", "民生服务", "养老机构安全", "县民政局", "备案", "走访"],
            &[GOES_ON, "", "", "", "说明：依法评定", "一、上报"],
            &[GOES_ON, "", "", "", "合计：3项", ""],
            &["2", "民生服务", "孤儿认定", "县民政局", "认定", "走访"],
        ],
    ));
    assert_eq!((layout.items.len(), kinds(&layout)), (2, vec![]));
    let first = &layout.items[0];
    assert_eq!(first.text(Field::Superior), "备案\n说明：依法评定\n合计：3项");
    assert_eq!(first.text(Field::Township), "走访\n一、上报");
    assert_eq!(first.text(Field::Ordinal), "1");
}

#[test]
fn one_column_may_say_who_takes_over_and_how() {
    for heading in ["承接部门及工作方式", "承接部门和\n工作方式"] {
        let layout = found(sheet(
            "上级部门收回事项清单",
            &[
                &["序号", "类别", "事项名称", heading],
                &["1", "民生服务", "孤儿认定", "承接部门：县民政局\n工作方式：由局受理"],
                &["2", "民生服务", "养老补贴", "县民政局、县财政局\n由局受理\n按月发放"],
                &["3", "民生服务", "低保审批", "承接部门：县民政局"],
                &[GOES_ON, "", "", "工作方式:由局审批"],
                &["4", "民生服务", "特困认定", "由县民政局受理"],
            ],
        ));
        assert!(kinds(&layout).is_empty(), "{heading}");
        let said: Vec<(&str, &str)> =
            layout.items.iter().map(|item| (item.text(Field::Departments), item.text(Field::Method))).collect();
        let expected = [
            ("县民政局", "由局受理"),
            ("县民政局、县财政局", "由局受理\n按月发放"),
            ("县民政局", "由局审批"),
            ("", "由县民政局受理"),
        ];
        assert_eq!(said, expected, "{heading}");
        let place = layout.items[3].place(Field::Departments);
        assert_eq!((place.column, place.heading), (Some(3), heading.replace('\n', "")));
    }
    let apart =
        found(sheet("上级部门收回事项清单", &[&["序号", "类别", "事项名称", "工作方式"], &["1", "甲", "乙", "丙"]]));
    assert_eq!(kinds(&apart), [Kind::ColumnMissing]);
}

#[test]
fn what_is_hidden_is_read_and_told_once() {
    let rows: &[&[&str]] =
        &[&["序号", "类别", "事项名称"], &["1", "民生服务", "甲"], &["2", "民生服务", "乙"], &["3", "民生服务", "丙"]];
    let basic = sheet("基本履职事项清单", rows);
    let layout = found(Sheet { hidden_rows: vec![3, 4], hidden_columns: vec![1], ..basic.clone() });
    assert_eq!((layout.items.len(), kinds(&layout)), (3, vec![Kind::Hidden]));
    let place =
        layout.findings.iter().find(|finding| finding.kind == Kind::Hidden).map(|finding| finding.place.clone());
    let place = place.unwrap();
    assert_eq!((place.row, place.column), (Some(3), None));
    let layout = found(Sheet { hidden_columns: vec![1], ..basic.clone() });
    let place =
        layout.findings.iter().find(|finding| finding.kind == Kind::Hidden).map(|finding| finding.place.clone());
    let place = place.unwrap();
    assert_eq!((place.row, place.column, place.heading.as_str()), (None, Some(1), "类别"));
    assert!(kinds(&found(basic)).is_empty());
}
