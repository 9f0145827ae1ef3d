//! A matter is admitted once: neither what a list states already nor what is on its way comes a second time.

use super::*;

on_both! {
    async fn what_one_of_the_lists_states_or_another_request_would_state_is_not_admitted_again(world: World) {
        let county = county(&world).await;
        let (ground, head) = (&county.ground, county.head().await);
        let submit = async |id: &str| admission_act(&head, "submitAdmission", id, json!({})).await;
        let aid = ground.item_id(&county.lists[1], AID).await;
        let known = addition(&[&county.lists[1]], &ground.cooperative(AID, &county.bureau));
        let id = ground.propose(&county.bureau, "重复", &[known]).await;
        let refusal = submit(&id).await.refusal();
        assert_eq!((&refusal["code"], &refusal["matches"][0]["subject"]["id"]), (&json!("DUPLICATE_MATTER"), &json!(aid)));

        let (first, second) = (county.at("TOWNSHIP_CONSULTATION").await, county.proposed().await);
        assert_eq!(submit(&second).await.refusal()["matches"][0]["subject"]["id"], json!(first));
        // What comes by the other route is the same matter.
        let wanted = addition(&[&county.lists[0]], &ground.cooperative(NURSERY, &county.bureau));
        let applied = ground.apply(&county.townships[0], "自愿承接", &[wanted]).await;
        let refusal = ground.sign_and_submit(&county.townships[0], &applied).await.refusal();
        assert_eq!((&refusal["code"], &refusal["matches"][0]["subject"]["id"]), (&json!("DUPLICATE_MATTER"), &json!(first)));
        admission_act(&head, "withdrawAdmission", &first, json!({ "reason": "条件不成熟" })).await.done();
        ground.sign_and_submit(&county.townships[0], &applied).await.done();
        assert_eq!(submit(&second).await.refusal()["matches"][0]["subject"]["id"], json!(applied));
    }
}
