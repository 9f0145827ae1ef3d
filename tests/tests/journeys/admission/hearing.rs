//! Every township concerned is heard, and each objection is answered.

use super::*;

on_both! {
    async fn every_township_is_heard_and_silence_is_no_consent(world: World) {
        let county = county(&world).await;
        let id = county.at("EO_CHECK").await;
        for days in [0, 4, 11, -1] {
            let check = county.check(&id, json!({ "outcome": "APPROVED", "consultationDays": days })).await;
            assert_eq!(check.refused(), "INVALID_INPUT", "{days}");
        }
        county.check(&id, json!({ "outcome": "APPROVED", "consultationDays": 5 })).await.done();
        county.opinion(0, &id, "AGREE").await.done();
        let office = county.ground.establishment().await;
        let offered = async || office.see("Admission", &id, "viewerActions").await["viewerActions"].clone();
        assert_eq!(offered().await, json!([]), "one township may still speak");
        let refusal = county.close(&id).await.refusal();
        assert_eq!((&refusal["code"], &refusal["unheard"]), (&json!("CONSULTATION_INCOMPLETE"), &json!([{ "name": county.townships[1].org.name }])));
        world.clock().set("2026-03-10T00:00:00+08:00".parse().unwrap());
        assert_eq!(offered().await, json!(["CLOSE_ADMISSION_CONSULTATION"]));
        county.close(&id).await.done();
        let seen = county.seen(&id, "opinions { stance organisation { name } }").await["opinions"].clone();
        let stances: Vec<(&str, &str)> = seen.as_array().unwrap().iter()
            .map(|opinion| (opinion["organisation"]["name"].as_str().unwrap(), opinion["stance"].as_str().unwrap())).collect();
        assert_eq!(stances, [(county.townships[0].org.name.as_str(), "AGREE"), (county.townships[1].org.name.as_str(), "NO_OPINION")]);
    }

    async fn objections_are_answered_one_by_one_by_who_proposed(world: World) {
        let county = county(&world).await;
        let id = county.at("TOWNSHIP_CONSULTATION").await;
        for township in 0..2 {
            county.opinion(township, &id, "OBJECT").await.done();
        }
        let opinions = texts(&county.seen(&id, "opinions { id }").await["opinions"], "id");
        let offered = async || county.seen(&id, "viewerActions").await["viewerActions"].clone();
        assert_eq!(offered().await, json!(["ANSWER_ADMISSION_OBJECTION", "WITHDRAW_ADMISSION"]));
        let answer = async |client: &Client, opinion: &str| {
            admission_act(client, "answerAdmissionObjection", &id, json!({ "opinionId": opinion, "answer": "已增加人员经费" })).await
        };
        assert_eq!(county.close(&id).await.refusal()["unanswered"].as_array().unwrap().len(), 2);
        assert_eq!(answer(&county.ground.establishment().await, &opinions[0]).await.refused(), "FORBIDDEN");
        assert_eq!(answer(&county.head().await, &yidan_tests::ids::random("opn")).await.refused(), "NOT_FOUND");
        answer(&county.head().await, &opinions[0]).await.done();
        assert_eq!(county.close(&id).await.refusal()["unanswered"].as_array().unwrap().len(), 1, "one by one");
        answer(&county.head().await, &opinions[1]).await.done();
        assert_eq!(offered().await, json!(["WITHDRAW_ADMISSION"]));
        county.close(&id).await.done();
    }

    async fn only_the_townships_concerned_speak_and_each_sees_what_it_is_asked(world: World) {
        let county = county(&world).await;
        let ground = &county.ground;
        let id = county.at("TOWNSHIP_CONSULTATION").await;
        let asked = county.townships[0].person(Role::TownshipHead).await;
        assert_eq!(asked.tasks().await, ["GIVE_ADMISSION_OPINION"]);
        let seen = asked.see("Admission", &id, "viewerActions changes { content { name } }").await;
        assert_eq!((&seen["viewerActions"], &seen["changes"][0]["content"]["name"]), (&json!(["GIVE_ADMISSION_OPINION"]), &json!(NURSERY)));
        let staff = county.townships[0].person(Role::TownshipStaff).await;
        let opinion = json!({ "stance": "AGREE", "text": "同意" });
        assert_eq!(admission_act(&staff, "giveAdmissionOpinion", &id, opinion.clone()).await.refused(), "FORBIDDEN");
        assert!(staff.tasks().await.is_empty());
        let elsewhere = ground.township("320102005").await.person(Role::TownshipHead).await;
        assert_eq!(admission_act(&elsewhere, "giveAdmissionOpinion", &id, opinion.clone()).await.refused(), "NOT_FOUND");
        assert_eq!(admission_act(&county.head().await, "giveAdmissionOpinion", &id, opinion).await.refused(), "FORBIDDEN");
        assert_eq!(world.visitor().see("Admission", &id, "id").await, Value::Null);
    }
}
