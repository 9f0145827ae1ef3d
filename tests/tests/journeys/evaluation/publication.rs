//! From the plan to the published result, and what everybody sees on the way.

use yidan_tests::{evaluation::OF_DEPARTMENTS, prelude::*};

use super::{county, result_of, results, vote};

on_both! {
    async fn four_ballots_are_too_few_and_count_together_with_the_next_rounds(world: World) {
        let county = county(&world, 3).await;
        let mut voters = county.voters(0, 2).await;
        voters.extend(county.voters(1, 2).await);
        let first = county.seat.open_round(2026, "FIRST").await;
        vote(&world, &first, &voters, &county.bureau, 4).await;
        assert_eq!(county.seat.tally(&world, &first).await, "TALLIED", "nothing to object to");
        let published = county.seat.office_act("publishEvaluation", &first).await.done();
        assert_eq!(published["round"]["state"], "INSUFFICIENT");
        let bureau = county.bureau.person(Role::DeptHead).await;
        let result = result_of(&bureau, &first, &county.bureau).await.unwrap();
        assert_eq!(result["standing"], "INSUFFICIENT");
        for figure in ["score", "basis", "ballotScore", "objectiveScore", "ballotCount"] {
            assert_eq!(result[figure], Value::Null, "{figure}");
        }
        assert_eq!((&result["dimensions"], &result["comments"]), (&json!([]), &json!([])));

        // Half a year later a third township has one voter: five ballots of three townships.
        world.wait(TimeDelta::days(130));
        let third = county.voters(2, 1).await;
        let second = county.seat.open_round(2026, "SECOND").await;
        vote(&world, &second, &third, &county.bureau, 2).await;
        assert_eq!(county.seat.tally(&world, &second).await, "OBJECTION");
        assert_eq!(county.seat.publish(&world, &second).await, "PUBLISHED");
        let result = result_of(&bureau, &second, &county.bureau).await.unwrap();
        // Four times 4 and once 2 of 5: (4 × 75 + 25) / 5 points.
        assert_eq!((&result["standing"], &result["ballotCount"], &result["score"]), (&json!("SUFFICIENT"), &json!(5), &json!(65.0)));
        assert_eq!(result["basis"], "BALLOTS_ONLY", "no task was due in the half-year");

        let history = "query($id: ID!) { evaluationResults(subjectId: $id, direction: TOWNSHIP_TO_DEPARTMENT) { totalCount \
                       nodes { standing score round { half state } rolledInto { id } } } }";
        let answer = bureau.query(history, json!({ "id": county.bureau.id })).await.good();
        let nodes = answer.data("/evaluationResults/nodes");
        assert_eq!(nodes[0]["round"], json!({ "half": "SECOND", "state": "PUBLISHED" }));
        assert_eq!(nodes[1]["standing"], "INSUFFICIENT");
        assert_eq!(nodes[1]["rolledInto"]["id"], second.as_str());
        assert_eq!(answer.data("/evaluationResults/totalCount"), 2);
    }

    async fn five_ballots_from_three_townships_are_published_and_nobody_sees_a_figure_too_early(world: World) {
        let county = county(&world, 3).await;
        let mut voters = county.voters(0, 2).await;
        voters.extend(county.voters(1, 2).await);
        voters.extend(county.voters(2, 1).await);
        let (bureau, health) = (county.bureau.person(Role::DeptHead).await, county.health.person(Role::DeptHead).await);
        let office = county.seat.assessment().await;
        let overseer = county.seat.person(Role::EoCounty).await;
        let round = county.seat.open_round(2026, "FIRST").await;
        let all = [&bureau, &health, &office, &overseer, &voters[0]];

        for (index, voter) in voters.iter().enumerate() {
            let paper = voter.claim_on(&round, &county.bureau).await;
            let scores = OF_DEPARTMENTS.iter().map(|code| json!({ "dimension": code, "score": 5 })).collect();
            world.cast_as(&paper.text, scores, Some(&format!("建议{index}"))).await.done();
            for client in all {
                assert!(results(client, &round).await.is_empty(), "no partial tally");
            }
        }
        assert_eq!(county.seat.office_act("tallyEvaluation", &round).await.refused(), "WINDOW_CLOSED");
        let early = county.seat.office_act("publishEvaluation", &round).await.refusal();
        assert_eq!((&early["code"], &early["state"]), (&json!("WRONG_STATE"), &json!("OPEN")), "who has not voted holds nothing up: {early}");
        assert_eq!(county.seat.tally(&world, &round).await, "OBJECTION");

        // In the window for objections everybody sees their own result, without comments; the office sees none.
        let own = result_of(&bureau, &round, &county.bureau).await.unwrap();
        assert_eq!((&own["standing"], &own["score"], &own["comments"]), (&json!("SUFFICIENT"), &json!(100.0), &json!([])));
        for client in [&health, &office, &overseer, &voters[0]] {
            assert!(result_of(client, &round, &county.bureau).await.is_none());
        }
        assert!(results(&office, &round).await.is_empty() && results(&overseer, &round).await.is_empty());
        assert_eq!(county.seat.office_act("publishEvaluation", &round).await.refused(), "WINDOW_CLOSED");
        assert_eq!(bureau.round(&round, "summary(direction: TOWNSHIP_TO_DEPARTMENT) { ballots }").await["summary"], Value::Null);

        assert_eq!(county.seat.publish(&world, &round).await, "PUBLISHED");
        for client in all {
            let seen = result_of(client, &round, &county.bureau).await.unwrap();
            assert_eq!((&seen["score"], &seen["ballotCount"]), (&json!(100.0), &json!(5)));
            let comments = seen["comments"].as_array().unwrap().len();
            let subject = client.credentials().account == bureau.credentials().account;
            assert_eq!(comments, if subject { 5 } else { 0 }, "what was written to the rated is for the rated");
            let none = result_of(client, &round, &county.health).await.unwrap();
            assert_eq!((&none["standing"], &none["score"]), (&json!("INSUFFICIENT"), &Value::Null));
        }
        let summary = "summary(direction: TOWNSHIP_TO_DEPARTMENT) { subjects sufficient ballots score dimensions { score } }";
        let summary = bureau.round(&round, summary).await["summary"].clone();
        assert_eq!((&summary["subjects"], &summary["sufficient"], &summary["ballots"]), (&json!(2), &json!(1), &json!(5)));
        assert_eq!(summary["score"], 100.0);

        // Published results are read by members of the territory who took no part, and by nobody elsewhere.
        let reader = county.seat.person(Role::Legal).await;
        assert!(result_of(&reader, &round, &county.bureau).await.is_some());
        let elsewhere = world.province("330000").await.county("330102").await;
        let stranger = elsewhere.person(Role::EoCounty).await;
        assert_eq!(stranger.round(&round, "id").await, Value::Null);
        let neighbour = county.seat.province().county("320104").await.person(Role::Legal).await;
        assert_eq!(neighbour.round(&round, "id").await, Value::Null);
        let rounds = "{ evaluationRounds { totalCount nodes { id } } }";
        assert_eq!(reader.query(rounds, json!({})).await.good().data("/evaluationRounds/totalCount"), 1);
        assert_eq!(neighbour.query(rounds, json!({})).await.good().data("/evaluationRounds/totalCount"), 0);
        assert_eq!(world.visitor().query(rounds, json!({})).await.codes(), ["UNAUTHENTICATED"]);
    }

    async fn a_dimension_left_out_by_one_of_five_is_suppressed_with_another(world: World) {
        let county = county(&world, 3).await;
        let mut voters = county.voters(0, 2).await;
        voters.extend(county.voters(1, 2).await);
        voters.extend(county.voters(2, 1).await);
        let round = county.seat.open_round(2026, "FIRST").await;
        for (index, voter) in voters.iter().enumerate() {
            let paper = voter.claim_on(&round, &county.bureau).await;
            let known = OF_DEPARTMENTS.iter().filter(|code| index > 0 || **code != "TAKEOVER");
            world.cast_as(&paper.text, known.map(|code| json!({ "dimension": code, "score": 3 })).collect(), None).await.done();
        }
        county.seat.tally(&world, &round).await;
        county.seat.publish(&world, &round).await;
        let result = result_of(&voters[0], &round, &county.bureau).await.unwrap();
        let suppressed = result["dimensions"].as_array().unwrap().iter().filter(|figure| figure["suppressed"] == true).count();
        assert_eq!((suppressed, &result["score"]), (2, &json!(50.0)));
    }

    async fn punctuality_weighs_sixty_per_cent_of_a_departments_result(world: World) {
        let county = county(&world, 3).await;
        let mut voters = county.voters(0, 2).await;
        voters.extend(county.voters(1, 2).await);
        voters.extend(county.voters(2, 1).await);
        let bureau = county.bureau.person(Role::DeptHead).await;
        let proceeding = world.consultation(&county.seat, &county.townships[0], &[]).await;
        for in_time in [true, true, true, false] {
            world.past_task(proceeding, &county.seat, &county.bureau, in_time).await;
        }
        let round = county.seat.open_round(2026, "FIRST").await;
        // To vote in time is no duty done in time.
        bureau.claim(&round).await;
        vote(&world, &round, &voters, &county.bureau, 3).await;
        county.seat.tally(&world, &round).await;
        county.seat.publish(&world, &round).await;
        let result = result_of(&bureau, &round, &county.bureau).await.unwrap();
        let figures = ["objectiveScore", "ballotScore", "score"].map(|field| result[field].clone());
        assert_eq!(figures, [json!(75.0), json!(50.0), json!(65.0)]);
        assert_eq!(result["basis"], "BALLOTS_AND_OBJECTIVE");
    }

    async fn a_new_holiday_puts_off_the_end_of_the_votes_and_a_new_working_day_does_not_bring_it_forward(world: World) {
        let county = county(&world, 1).await;
        let head = county.voters(0, 1).await.remove(0);
        let round = county.seat.open_round(2026, "FIRST").await;
        let closes = async || head.round(&round, "closesAt").await["closesAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(closes().await, at("2026-03-17T00:00:00+08:00"));
        let load = async |json: Value| {
            let years = yidan::kernel::calendar::parse_years(&json.to_string()).unwrap();
            yidan::setup::load_calendar(world.platform(), years, "通知").await.unwrap();
        };
        load(json!({ "holidays": { "2026-03-10": "假" }, "workdays": {} })).await;
        assert_eq!(closes().await, at("2026-03-18T00:00:00+08:00"));
        load(json!({ "holidays": {}, "workdays": { "2026-03-14": "班" } })).await;
        assert_eq!(closes().await, at("2026-03-18T00:00:00+08:00"));
    }

    async fn the_buttons_promise_what_the_server_allows(world: World) {
        let county = county(&world, 3).await;
        let head = county.voters(0, 1).await.remove(0);
        let (office, bureau) = (county.seat.assessment().await, county.bureau.person(Role::DeptHead).await);
        let actions = async |client: &Client, round: &str| client.round(round, "viewerActions").await["viewerActions"].clone();
        // The second half-year has not begun.
        let later = county.seat.plan_round(2026, "SECOND").await;
        assert_eq!(actions(&office, &later).await, json!([]));
        assert_eq!(county.seat.office_act("openEvaluation", &later).await.refused(), "WINDOW_CLOSED");
        let again = office.act("planEvaluation", json!({ "year": 2026, "half": "SECOND" }), "round { id }").await;
        assert_eq!(again.refused(), "INVALID_INPUT", "one round per half-year");
        assert_eq!(bureau.act("planEvaluation", json!({ "year": 2026, "half": "FIRST" }), "round { id }").await.refused(), "FORBIDDEN");

        let round = county.seat.plan_round(2026, "FIRST").await;
        assert_eq!(actions(&office, &round).await, json!(["OPEN_EVALUATION"]));
        assert_eq!(bureau.round(&round, "id").await, Value::Null, "a plan is seen by nobody it does not name yet");
        county.seat.office_act("openEvaluation", &round).await.done();
        assert_eq!(actions(&office, &round).await, json!([]), "nobody closes a round early");
        assert_eq!(actions(&head, &round).await, json!(["CLAIM_BALLOTS"]));
        let queue = "{ queue { nodes { task overdue } } }";
        assert_eq!(head.query(queue, json!({})).await.good().texts("/queue/nodes", "task"), ["CLAIM_BALLOTS"]);
        head.claim(&round).await;
        assert_eq!(actions(&head, &round).await, json!([]));
        assert!(head.query(queue, json!({})).await.good().texts("/queue/nodes", "task").is_empty());
        assert_eq!(head.try_claim(&round).await.refused(), "WRONG_STATE", "papers are handed out once");
        let roll = head.round(&round, "viewerRoll { issued direction subject { id } }").await["viewerRoll"].clone();
        assert_eq!(roll.as_array().unwrap().len(), 2);
        assert!(roll.as_array().unwrap().iter().all(|line| line["issued"] == true));

        // Time alone ends the voting; who did not vote has missed no deadline.
        world.wait_and_tick(TimeDelta::days(20)).await;
        assert_eq!(office.round(&round, "state").await["state"], "CLOSED");
        let steps = office.round(&round, "steps { task outcome overdue deadline { breachedAt } }").await["steps"].clone();
        let claims = steps.as_array().unwrap().iter().filter(|step| step["task"] == "CLAIM_BALLOTS");
        assert!(claims.clone().count() > 0 && claims.into_iter().all(|step| step["deadline"]["breachedAt"].is_null()));
        assert_eq!(head.try_claim(&round).await.refused(), "WINDOW_CLOSED");
        assert_eq!(actions(&office, &round).await, json!(["TALLY_EVALUATION"]));
        county.seat.office_act("tallyEvaluation", &round).await.done();
        assert_eq!(actions(&office, &round).await, json!(["PUBLISH_EVALUATION"]));
        county.seat.office_act("publishEvaluation", &round).await.done();
        assert_eq!(actions(&office, &round).await, json!([]));
        let timeline = office.round(&round, "timeline { nodes { act } }").await["timeline"]["nodes"].clone();
        let acts: Vec<&str> = timeline.as_array().unwrap().iter().filter_map(|event| event["act"].as_str()).collect();
        assert_eq!(acts, ["PLAN_EVALUATION", "OPEN_EVALUATION", "CLOSE_EVALUATION", "TALLY_EVALUATION", "PUBLISH_EVALUATION"]);
    }
}
