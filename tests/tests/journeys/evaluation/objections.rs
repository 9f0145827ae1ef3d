//! Objections: once, within the window, answered one by one; upheld ones annul.

use yidan_tests::prelude::*;

use super::{County, county, result_of, vote};

/// A round in its window for objections, with a result of the bureau and none of the health bureau.
async fn tallied(world: &World) -> (County, String) {
    let county = county(world, 3).await;
    let mut voters = county.voters(0, 2).await;
    voters.extend(county.voters(1, 2).await);
    voters.extend(county.voters(2, 1).await);
    county.bureau.person(Role::DeptHead).await;
    let round = county.seat.open_round(2026, "FIRST").await;
    vote(world, &round, &voters, &county.bureau, 2).await;
    assert_eq!(county.seat.tally(world, &round).await, "OBJECTION");
    (county, round)
}

async fn object(client: &Client, round: &str) -> Act {
    let input = json!({ "roundId": round, "text": "对“响应吹哨”得分有异议" });
    client.act("raiseEvaluationObjection", input, "objection { id upheld organisation { id } }").await
}

async fn answer(client: &Client, id: &Value, upheld: bool) -> Act {
    let input = json!({ "id": id, "upheld": upheld, "answer": "经核查，答复如下" });
    client.act("answerEvaluationObjection", input, "objection { upheld answer }").await
}

on_both! {
    async fn an_objection_waits_for_its_answer_and_changes_no_score(world: World) {
        let (county, round) = tallied(&world).await;
        let (bureau, officer) = (county.bureau.person(Role::DeptHead).await, county.bureau.person(Role::DeptOfficer).await);
        let (health, office) = (county.health.person(Role::DeptHead).await, county.seat.assessment().await);
        assert_eq!(object(&officer, &round).await.refused(), "FORBIDDEN", "heads object");
        assert_eq!(object(&health, &round).await.refused(), "SAMPLE_TOO_SMALL");
        let id = object(&bureau, &round).await.done()["objection"]["id"].clone();
        assert_eq!(object(&bureau, &round).await.refused(), "WRONG_STATE", "once");
        let seen = "objections { id text }";
        assert_eq!(health.round(&round, seen).await["objections"], json!([]));
        assert_eq!(office.round(&round, seen).await["objections"][0]["id"], id);
        assert_eq!(answer(&health, &id, false).await.refused(), "NOT_FOUND");
        assert_eq!(answer(&bureau, &id, false).await.refused(), "FORBIDDEN");
        world.wait(TimeDelta::days(15));
        assert_eq!(object(&county.townships[0].person(Role::TownshipHead).await, &round).await.refused(), "SAMPLE_TOO_SMALL");
        assert_eq!(county.seat.office_act("publishEvaluation", &round).await.refused(), "CONSULTATION_INCOMPLETE");
        answer(&office, &id, false).await.done();
        assert_eq!(answer(&office, &id, true).await.refused(), "WRONG_STATE", "answered once");
        assert_eq!(county.seat.publish(&world, &round).await, "PUBLISHED");
        let result = result_of(&health, &round, &county.bureau).await.unwrap();
        assert_eq!((&result["standing"], &result["score"]), (&json!("SUFFICIENT"), &json!(25.0)));
    }

    async fn an_upheld_objection_annuls_the_result_and_its_ballots_count_nowhere_else(world: World) {
        let (county, round) = tallied(&world).await;
        let (bureau, office) = (county.bureau.person(Role::DeptHead).await, county.seat.assessment().await);
        let id = object(&bureau, &round).await.done()["objection"]["id"].clone();
        let answered = answer(&office, &id, true).await.done();
        assert_eq!(answered["objection"]["upheld"], true);
        assert_eq!(county.seat.publish(&world, &round).await, "INSUFFICIENT");
        let result = result_of(&bureau, &round, &county.bureau).await.unwrap();
        assert_eq!((&result["standing"], &result["score"], &result["ballotCount"]), (&json!("INSUFFICIENT"), &Value::Null, &Value::Null));
        for row in world.rows::<yidan_entity::evaluation_result::Entity>().await {
            assert!(row.total_score.is_none() && row.ballot_count.is_none() && row.dimensions == json!([]));
        }
        // One ballot more half a year later: were the five counted again, the difference would show it.
        world.wait(TimeDelta::days(130));
        let next = county.seat.open_round(2026, "SECOND").await;
        vote(&world, &next, &county.voters(0, 1).await, &county.bureau, 5).await;
        assert_eq!(county.seat.tally(&world, &next).await, "TALLIED");
    }

    async fn the_window_for_objections_closes(world: World) {
        let (county, round) = tallied(&world).await;
        let bureau = county.bureau.person(Role::DeptHead).await;
        let actions = async || bureau.round(&round, "viewerActions").await["viewerActions"].clone();
        assert_eq!(actions().await, json!(["RAISE_EVALUATION_OBJECTION"]));
        world.wait(TimeDelta::days(15));
        assert_eq!(object(&bureau, &round).await.refused(), "WINDOW_CLOSED");
        assert_eq!(actions().await, json!([]));
    }

    async fn objections_raised_at_once_all_arrive(world: World) {
        let county = county(&world, 3).await;
        let mut voters = Vec::new();
        for (township, count) in [(0, 2), (1, 2), (2, 1)] {
            voters.extend(county.voters(township, count).await);
        }
        let heads = [county.bureau.person(Role::DeptHead).await, county.health.person(Role::DeptHead).await];
        let round = county.seat.open_round(2026, "FIRST").await;
        for voter in &voters {
            for paper in voter.claim(&round).await {
                world.cast(&paper, 3).await.done();
            }
        }
        assert_eq!(county.seat.tally(&world, &round).await, "OBJECTION");
        let raised = futures_util::future::join_all(heads.iter().map(|head| object(head, &round))).await;
        for act in raised {
            act.done();
        }
        let office = county.seat.assessment().await;
        assert_eq!(office.round(&round, "objections { id }").await["objections"].as_array().unwrap().len(), 2);
        let queue = office.query("{ queue(tasks: [ANSWER_EVALUATION_OBJECTION]) { totalCount } }", json!({})).await.good();
        assert_eq!(queue.data("/queue/totalCount"), 1);
    }
}
