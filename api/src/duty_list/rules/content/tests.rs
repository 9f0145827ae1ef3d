//! Tests of the room `content`.

use uuid::Uuid;

use super::*;

pub(crate) fn org(n: u128) -> OrgUnitId {
    OrgUnitId(Uuid::from_u128(n))
}

pub(crate) fn cooperative(name: &str) -> Content {
    Content {
        category: DutyCategory::Cooperative,
        domain: DomainId(Uuid::nil()),
        wording: Wording {
            name: name.into(),
            superior: vec!["制定检查标准".into(), "实施监督检查".into()],
            township: vec!["组织日常巡查".into(), "上报重大隐患".into()],
            method: None,
            bases: vec![],
            tags: vec![],
        },
        departments: vec![(org(1), DepartmentRole::Lead), (org(2), DepartmentRole::CoLead)],
        reclaim_method: None,
        penalty_power: false,
        source: ItemSource::Law,
    }
}

pub(crate) fn reclaimed(name: &str) -> Content {
    let mut content = cooperative(name);
    content.category = DutyCategory::Reclaimed;
    content.wording = Wording { name: name.into(), method: Some("由县局自行实施".into()), ..Wording::default() };
    content.departments = vec![(org(1), DepartmentRole::Takeover)];
    content.reclaim_method = Some(ReclaimMethod::TakenOver);
    content
}

pub(crate) fn basic(name: &str) -> Content {
    let mut content = cooperative(name);
    content.category = DutyCategory::Basic;
    content.wording = Wording { name: name.into(), ..Wording::default() };
    content.departments = vec![];
    content
}

fn refusals(content: &Content) -> Vec<String> {
    let mut check = Check::new();
    content.check("item", &mut check);
    check.done().err().unwrap_or_default().iter().map(|refusal| refusal.path().join(".")).collect()
}

#[test]
fn each_category_says_what_it_must() {
    assert!(refusals(&basic("a")).is_empty());
    assert!(refusals(&cooperative("a")).is_empty());
    assert!(refusals(&reclaimed("a")).is_empty());
}

#[test]
fn what_is_missing_is_named() {
    let mut content = cooperative("a");
    content.departments.clear();
    content.wording.township.clear();
    assert_eq!(refusals(&content), ["item.departments", "item.townshipClauses"]);
    let mut content = reclaimed("a");
    content.wording.township = vec!["巡查".into()];
    content.wording.method = None;
    content.departments.clear();
    assert_eq!(refusals(&content), ["item.townshipClauses", "item.departments", "item.method"]);
    content.reclaim_method = Some(ReclaimMethod::Cancelled);
    assert_eq!(refusals(&content), ["item.townshipClauses", "item.method"]);
    let mut content = basic("a");
    content.departments = vec![(org(1), DepartmentRole::Lead), (org(1), DepartmentRole::Guide)];
    assert_eq!(refusals(&content), ["item.departments", "item.departments"]);
}
