use uuid::Uuid;

use super::*;
use crate::duty_list::rules::{Period, content::Wording};

fn revision() -> DutyItemRevision {
    let wording = Wording {
        name: "瓶装液化气安全管理".into(),
        superior: vec!["企业许可与监管".into(), "查处违规充装".into()],
        township: vec!["开展用气安全宣传".into()],
        method: Some("部门承接".into()),
        ..Wording::default()
    };
    DutyItemRevision(Arc::new(Revision {
        id: Uuid::nil().into(),
        province: Uuid::nil().into(),
        item: Uuid::nil().into(),
        code: "PH-003".into(),
        template: None,
        list: Uuid::nil().into(),
        township: Uuid::nil().into(),
        category: DutyCategory::Cooperative,
        domain: Uuid::nil().into(),
        wording,
        ordinal: 3,
        penalty_power: true,
        reclaim_method: Some(ReclaimMethod::TakenOver),
        source: ItemSource::Law,
        introduced_in: Uuid::nil().into(),
        introduced_no: 1,
        retired_in: None,
        period: Period::default(),
        replaces: false,
    }))
}

crate::answered_alike!(
    a_revision,
    DutyItemRevision,
    revision(),
    "name __typename id code category number method penaltyPower source tags superiorClauses { side number text citation } \
     duties: townshipClauses { text __typename }"
);

crate::answered_alike!(
    a_revision_by_fragments,
    DutyItemRevision,
    revision(),
    "name ... on DutyItemRevision { code superiorClauses { text } } superiorClauses { number }"
);
