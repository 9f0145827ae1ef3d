//! Tests of the room `change`.

use super::*;
use crate::duty_list::rules::content::tests::{basic, cooperative, org, reclaimed};

#[test]
fn the_routing_is_the_provincial_rule() {
    let routes: Vec<_> = ChangeOrigin::ALL.iter().map(|origin| (origin.code(), route(*origin))).collect();
    assert_eq!(
        routes,
        [
            ("CITY_ORDER", Route::Admission),
            ("COUNTY_ORDER", Route::Admission),
            ("DEPARTMENT_PROPOSAL", Route::Admission),
            ("LAW_CHANGE", Route::Adjustment),
            ("CENTRAL_DEPLOYMENT", Route::Adjustment),
            ("PROVINCIAL_REQUIREMENT", Route::Adjustment),
            ("TOWNSHIP_APPLICATION", Route::Adjustment),
        ]
    );
}

#[test]
fn a_department_cannot_choose_its_origin() {
    for origin in ChangeOrigin::ALL {
        let claim = check_claim(*origin, Role::DeptHead, "input");
        assert_eq!(claim.is_ok(), *origin == ChangeOrigin::DepartmentProposal, "{origin}");
        if let Err(refusal) = claim {
            let told = matches!(refusal, Refusal::RouteMismatch { correct: Route::Admission, .. });
            assert_eq!(told, route(*origin) == Route::Adjustment, "the other route, unless this is it: {refusal:?}");
        }
    }
    for origin in [ChangeOrigin::CityOrder, ChangeOrigin::CountyOrder, ChangeOrigin::DepartmentProposal] {
        let claim = check_claim(origin, Role::DecisionClerk, "input.content");
        assert_eq!(claim.is_ok(), origin != ChangeOrigin::DepartmentProposal, "{origin}");
        assert!(claim.is_ok() || claim.unwrap_err().path() == ["input", "content", "origin"]);
    }
}

#[test]
fn a_ministrys_document_is_no_deployment() {
    let by = |issuer: &str, issuer_kind| OriginDocument {
        title: "通知".into(),
        number: "1号".into(),
        issuer: issuer.into(),
        issuer_kind,
    };
    let document = |issuer_kind| by("中共中央办公厅、国务院办公厅", issuer_kind);
    // Declaring a bureau to be the leadership does not make it that.
    for issuer in ["某部", "县商务局", "省教育厅", " 省大数据中心 "] {
        assert!(matches!(
            check_proof(ChangeOrigin::CentralDeployment, None, Some(&by(issuer, IssuerKind::Central)), "input"),
            Err(Refusal::RouteMismatch { correct: Route::Admission, .. })
        ));
    }
    let proof = |origin, kind| check_proof(origin, None, Some(&document(kind)), "input");
    assert_eq!(proof(ChangeOrigin::CentralDeployment, IssuerKind::Central), Ok(()));
    assert!(matches!(
        proof(ChangeOrigin::CentralDeployment, IssuerKind::Department),
        Err(Refusal::RouteMismatch { correct: Route::Admission, .. })
    ));
    assert!(matches!(
        proof(ChangeOrigin::ProvincialRequirement, IssuerKind::Department),
        Err(Refusal::RouteMismatch { correct: Route::Admission, .. })
    ));
    assert!(check_proof(ChangeOrigin::LawChange, None, Some(&document(IssuerKind::Central)), "input").is_err());
}

#[test]
fn directions_are_held_against_what_changes() {
    fn check(direction: ChangeDirection, old: Option<&Content>, new: Option<&Content>) -> Result<(), Refusal> {
        check_direction(direction, old, new, "input.changes.0")
    }
    let (c, r) = (cooperative("x"), reclaimed("x"));
    assert_eq!(check(ChangeDirection::Add, None, Some(&c)), Ok(()));
    assert!(check(ChangeDirection::Add, Some(&c), Some(&c)).is_err());
    assert_eq!(check(ChangeDirection::Reclassify, Some(&c), Some(&r)), Ok(()));
    assert!(check(ChangeDirection::Reword, Some(&c), Some(&r)).is_err());
    assert!(check(ChangeDirection::Reword, Some(&c), Some(&c)).is_err());
    let mut renamed = c.clone();
    renamed.departments[0].0 = org(5);
    assert_eq!(check(ChangeDirection::RenameDept, Some(&c), Some(&renamed)), Ok(()));
    renamed.wording.township.push("又一项".into());
    assert!(check(ChangeDirection::RenameDept, Some(&c), Some(&renamed)).is_err());
}

#[test]
fn a_retry_in_other_words_is_recognised() {
    let (first, again, other) =
        (cooperative("托育机构每月巡查"), cooperative("对托育机构开展每月巡查工作"), basic("信访接待"));
    let refused = |content: &Content| {
        (
            SimilarRequest { id: "adm_1".into(), number: "ZR-1".into(), title: "t".into(), percent: 0 },
            fingerprint([content].into_iter()),
        )
    };
    let found = retries(&fingerprint([&again].into_iter()), vec![refused(&first), refused(&other)], 75);
    assert_eq!(found.len(), 1);
    assert!(found[0].percent >= 75);
    // The same clauses under another name are the same matter, if they say enough.
    let said = |name: &str, clauses: &[&str]| {
        let mut content = cooperative(name);
        content.wording.township = clauses.iter().map(|clause| (*clause).to_owned()).collect();
        content
    };
    let clauses = ["入户登记犬只饲养情况并督促主人按时接种", "每季度走访一次并将未接种名单上报"];
    let (first, again) = (said("犬只狂犬免疫登记走访", &clauses), said("养犬家庭摸底", &clauses));
    assert_eq!(retries(&fingerprint([&again].into_iter()), vec![refused(&first)], 75)[0].percent, 100);
    let (first, again) = (said("犬只免疫走访", &["发现上报"]), said("养犬家庭摸底", &["发现上报"]));
    assert!(retries(&fingerprint([&again].into_iter()), vec![refused(&first)], 75).is_empty());
}
