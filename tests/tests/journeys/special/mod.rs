//! Journey (vii): who decides and who reviews where the map is not the usual one.

mod abolition;
mod chains;
mod succession;
mod zones;

use yidan_tests::{
    ground::{Ground, texts},
    places::NewOrg,
    prelude::*,
    procedures::{addition, adjustment_act, admission_act},
};

const WHO_DECIDES: &str = "query($code: String!) { listAuthority(townshipCode: $code) { authority { id } \
                           reviewChain { id } } }";

/// A township below the seat.
async fn any_township(ground: &Ground) -> Township {
    let document = "query($code: String!) { divisions(within: $code, level: TOWNSHIP, first: 1) { nodes { code } } }";
    let found = ground.world.visitor().query(document, json!({ "code": ground.seat.division.code })).await.good();
    ground.township(&found.text_at("/divisions/nodes/0/code")).await
}

/// Plays everything there is to decide in a place: a first edition reviewed by every office above, an adjustment decided
/// by the seat and filed above, an admission approved by the last office of the chain and by nobody else.
async fn everything_is_decided(ground: &Ground, township: &Township) {
    let reader = ground.establishment().await;
    let answer = reader.query(WHO_DECIDES, json!({ "code": township.code() })).await.good();
    let chain: Vec<String> = ground.above.iter().map(|(office, _)| office.id.to_string()).collect();
    assert_eq!(answer.data("/listAuthority/authority/id"), &json!(ground.seat.authority.id));
    assert_eq!(answer.texts("/listAuthority/reviewChain", "id"), chain);

    let bureau = ground.department("城市管理局").await;
    let version = ground.draft(township, &[ground.cooperative("占道经营劝导", &bureau)]).await;
    ground.confirm(township, &version).await.done();
    ground.review(&version).await.done();
    assert_eq!(ground.approve(&version).await.refused(), "WRONG_STATE", "those above come first");
    let last = ground.above.len() - 1;
    if last > 0 {
        assert_eq!(ground.review_above(last, &version).await.refused(), "FORBIDDEN", "nobody is skipped");
    }
    for index in 0..=last {
        assert!(reader.see("ListVersion", &version, "state").await["state"] == "COUNTY_REVIEWED");
        ground.review_above(index, &version).await.done();
    }
    assert_eq!(reader.see("ListVersion", &version, "state").await["state"], "UPPER_REVIEWED");
    ground.approve(&version).await.done();
    let published = ground.publish(&version, None).await.done();
    let list = published["listVersion"]["list"]["id"].as_str().unwrap().to_owned();

    let item = ground.cooperative("共享单车停放劝导", &bureau);
    let id = ground.approved_application(township, "承接", &[addition(&[&list], &item)]).await;
    ground.incorporate(township, &list, None).await;
    adjustment_act(&reader, "fileAdjustment", &id, json!({ "documentNo": "备〔2026〕1号" })).await.done();
    let filed = reader.see("Adjustment", &id, "timeline(last: 1) { nodes { after } }").await;
    let informed = filed["timeline"]["nodes"][0]["after"]["filedWith"].as_array().unwrap().clone();
    assert_eq!(informed.len(), chain.len(), "all above are informed");
    assert!(chain.iter().all(|office| informed.contains(&json!(office))));

    let item = ground.cooperative("建筑垃圾偷倒上报", &bureau);
    let id = ground.propose(&bureau, "申请准入", &[addition(&[&list], &item)]).await;
    ground.admission_until(&bureau, &id, "COUNTY_DECISION").await;
    let passed = json!({ "outcome": "APPROVED", "decision": ground.decision() });
    let own = admission_act(&reader, "decideAdmissionAtProvince", &id, passed.clone()).await;
    assert_eq!(own.refused(), "FORBIDDEN", "whoever plays the county does not play the province");
    let decided = admission_act(&ground.clerk().await, "decideAdmissionAtCounty", &id, passed).await.done();
    let next = if last == 0 { "PROVINCE_REVIEW" } else { "CITY_REVIEW" };
    assert_eq!(decided["admission"]["state"], next);
    for index in 0..last {
        let up = json!({ "outcome": "APPROVED" });
        admission_act(&ground.reviewer(index).await, "reviewAdmissionAtCity", &id, up).await.done();
    }
    ground.admission_until(&bureau, &id, "APPROVED").await;
    let steps = reader.see("Admission", &id, "steps { task organisation { id } }").await["steps"].clone();
    let reviews = ["REVIEW_ADMISSION_AT_CITY", "DECIDE_ADMISSION_AT_PROVINCE"];
    let climbed: Vec<&Value> =
        steps.as_array().unwrap().iter().filter(|step| reviews.contains(&step["task"].as_str().unwrap())).collect();
    let by: Vec<&str> = climbed.iter().map(|step| step["organisation"]["id"].as_str().unwrap()).collect();
    assert_eq!(by, chain, "as many reviews as levels that exist");
    ground.incorporate(township, &list, None).await;
    assert!(!ground.item(&list, "建筑垃圾偷倒上报").await.is_null());
}
