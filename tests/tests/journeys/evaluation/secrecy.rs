//! What is kept apart, and what the tables, the evidence and the answers do not say.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use sea_orm::{Iterable, sea_query::Iden};
use yidan_entity::{audit_event, ballot_box, ballot_roll, idempotency_key, queue_entry};
use yidan_tests::{evaluation::OF_DEPARTMENTS, prelude::*};

use super::{county, vote};

fn columns<C: Iterable + Iden>() -> Vec<String> {
    C::iter().map(|column| column.to_string()).collect()
}

on_both! {
    async fn a_paper_is_good_once_and_one_that_never_was_is_refused_alike(world: World) {
        let county = county(&world, 1).await;
        let voter = county.voters(0, 1).await.remove(0);
        let round = county.seat.open_round(2026, "FIRST").await;
        let paper = voter.claim_on(&round, &county.bureau).await;
        let scores = |score: i32| vec![json!({ "dimension": OF_DEPARTMENTS[0], "score": score })];
        // A mistake does not cost the paper.
        for wrong in [vec![], scores(0), scores(6), vec![json!({ "dimension": "LISTED_DUTIES", "score": 3 })]] {
            assert_eq!(world.cast_as(&paper.text, wrong, None).await.refused(), "INVALID_INPUT");
        }
        assert_eq!(world.cast_as(&paper.text, scores(3), Some(&"字".repeat(501))).await.refused(), "INVALID_INPUT");
        world.cast_as(&paper.text, scores(4), Some("请多下沉")).await.done();
        let used = world.cast_as(&paper.text, scores(1), None).await;
        assert_eq!(used.refused(), "NOT_FOUND");
        let mut forged = paper.text.clone();
        forged.replace_range(60..64, if &paper.text[60..64] == "AAAA" { "BBBB" } else { "AAAA" });
        for never in [forged, "x".into(), "A".repeat(86), String::new()] {
            assert_eq!(world.cast_as(&never, scores(1), None).await.answer.text, used.answer.text);
        }
        // After the end every paper of the round is told the same.
        world.wait(TimeDelta::days(20));
        assert_eq!(world.cast_as(&paper.text, scores(4), None).await.refused(), "WINDOW_CLOSED");
        world.tick().await;
        assert_eq!(world.cast_as(&paper.text, scores(4), None).await.refused(), "WINDOW_CLOSED");
    }

    async fn of_two_who_use_a_paper_at_once_one_succeeds(world: World) {
        let county = county(&world, 1).await;
        let voter = county.voters(0, 1).await.remove(0);
        let round = county.seat.open_round(2026, "FIRST").await;
        let claims = join_all((0..4).map(|_| voter.try_claim(&round))).await;
        let good: Vec<_> = claims.iter().filter(|act| act.answer.user_error_codes("claimBallots").is_empty()).collect();
        assert_eq!(good.len(), 1, "papers are handed out once");
        let paper = good[0].answer.text_at("/claimBallots/papers/0/paper");
        let code = good[0].answer.text_at("/claimBallots/papers/0/dimensions/0/code");
        let casts = join_all((0..6).map(|_| world.cast_as(&paper, vec![json!({ "dimension": code, "score": 5 })], None))).await;
        let mut codes: Vec<Vec<String>> = casts.iter().map(|act| act.answer.user_error_codes("castBallot")).collect();
        codes.sort();
        assert_eq!(codes.iter().filter(|codes| codes.is_empty()).count(), 1);
        assert!(codes[1..].iter().all(|codes| codes == &["NOT_FOUND"]));
    }

    async fn no_column_and_no_row_joins_a_ballot_to_a_person(world: World) {
        // A column that is added to these tables has to be argued for here.
        assert_eq!(columns::<ballot_box::Column>(), ["round_id", "subject_org_id", "province_id", "direction", "sealed"]);
        assert_eq!(
            columns::<ballot_roll::Column>(),
            ["round_id", "account_id", "subject_org_id", "province_id", "direction", "rater_org_id", "issued"]
        );
        let county = county(&world, 2).await;
        let mut voters = county.voters(0, 2).await;
        voters.extend(county.voters(1, 1).await);
        let round = county.seat.open_round(2026, "FIRST").await;
        let before = world.rows::<ballot_box::Entity>().await;
        let sizes: BTreeSet<usize> = before.iter().map(|row| row.sealed.len()).collect();
        assert_eq!(sizes.len(), 1, "boxes look alike from outside");
        let papers = vote(&world, &round, &voters, &county.bureau, 4).await;

        let rows = world.rows::<ballot_box::Entity>().await;
        let texts = [
            format!("{:?}", world.rows::<ballot_roll::Entity>().await),
            format!("{:?}", world.rows::<audit_event::Entity>().await),
            format!("{:?}", world.rows::<idempotency_key::Entity>().await),
            format!("{:?}", world.rows::<queue_entry::Entity>().await),
        ];
        for paper in &papers {
            let hash = yidan::evaluation::rules::ballot::hash(&paper.text);
            for text in &texts {
                assert!(!text.contains(&paper.text) && !text.contains(&hash));
            }
        }
        for row in &rows {
            for word in ["hash", "scores", "org_", "ON_LIST"] {
                assert!(!row.sealed.windows(word.len()).any(|part| part == word.as_bytes()), "a box is sealed");
            }
        }
        assert_eq!(rows.iter().map(|row| row.sealed.len()).collect::<BTreeSet<_>>(), sizes);

        // With the secret a box opens, and says neither who nor when nor in which order.
        let secret = world.platform().keyring.secret();
        let row = rows.iter().find(|row| row.subject_org_id == county.bureau.id.0).unwrap();
        let purpose = format!("ballot box {round} {}", county.bureau.id);
        let contents: Value = serde_json::from_slice(&secret.open(&purpose, &row.sealed).unwrap()).unwrap();
        let text = contents.to_string();
        for voter in &voters {
            assert!(!text.contains(&voter.credentials().account.to_string()));
        }
        let ballots = contents["ballots"].as_array().unwrap();
        assert_eq!(ballots.len(), 3);
        assert!(ballots.iter().all(|ballot| ballot.as_object().unwrap().keys().eq(["scores", "comment"])));
        assert_eq!(contents.as_object().unwrap().keys().collect::<Vec<_>>(), ["papers", "ballots", "rater_orgs"]);
        assert!(secret.open(&format!("ballot box {round} {}", county.health.id), &row.sealed).is_err(), "boxes cannot be swapped");

        // Closing throws the rest of the papers away and writes every box anew.
        world.wait_and_tick(TimeDelta::days(20)).await;
        for (old, new) in std::iter::zip(&rows, world.rows::<ballot_box::Entity>().await) {
            assert_ne!(old.sealed, new.sealed);
            let purpose = format!("ballot box {round} {}", yidan::kernel::ids::OrgUnitId(new.subject_org_id));
            let contents: Value = serde_json::from_slice(&secret.open(&purpose, &new.sealed).unwrap()).unwrap();
            assert_eq!(contents["papers"], json!([]));
        }
    }

    async fn the_evidence_says_that_a_ballot_was_cast_and_not_by_whom_on_whom_or_when(world: World) {
        let county = county(&world, 2).await;
        let voters = county.voters(0, 2).await;
        let round = county.seat.open_round(2026, "FIRST").await;
        for voter in &voters {
            // Even if a client sends the log-in along.
            let paper = voter.claim_on(&round, &county.bureau).await;
            let input = json!({ "paper": paper.text, "scores": [{ "dimension": "TAKEOVER", "score": 1 }] });
            voter.with_header("x-request-id", "traceable-request").act("castBallot", input, "accepted").await.done();
        }
        let events = world.rows::<audit_event::Entity>().await;
        let cast: Vec<_> = events.iter().filter(|event| event.act == "CAST_BALLOT").collect();
        assert_eq!(cast.len(), 2);
        for event in &cast {
            assert!(event.account_id.is_none() && event.post_id.is_none() && event.org_unit_id.is_none() && event.role.is_none());
            assert_eq!((event.actor_name.as_str(), event.request_id.as_str(), event.reason.as_deref()), ("", "", None));
            assert!(event.before.is_none() && event.after.is_none() && event.scope_org_id.is_none());
            assert_eq!(event.target_kind, "EvaluationRound");
            assert_eq!(event.at.to_rfc3339(), "2026-03-01T16:00:00+00:00", "only the day in China");
            assert_ne!(event.id.get_version_num(), 7, "an id of the usual kind would tell the time");
        }
        assert_eq!(events.iter().filter(|event| event.act == "CLAIM_BALLOTS").count(), 2, "who took part is no secret");
        let seen = county.bureau.person(Role::DeptHead).await.round(&round, "timeline { nodes { act } }").await;
        assert!(!seen.to_string().contains("BALLOT"), "and no business of the rated");
        let platform = world.platform();
        for report in yidan::kernel::audit::verify::verify(platform.db.read(), &platform.keyring, &[]).await.unwrap() {
            assert_eq!(report.broken, None);
        }
    }

    async fn a_claim_is_repeated_with_the_secret_it_was_made_with_and_only_so(world: World) {
        let county = county(&world, 1).await;
        let mut voters = county.voters(0, 2).await;
        let (voter, other) = (voters.remove(0), voters.remove(0));
        let round = county.seat.open_round(2026, "FIRST").await;
        let secret = "kZ7n0wqUe4tq2yYvB1mXwA";
        let claim = async |voter: &Client, more: Value| {
            voter.act("claimBallots", yidan_tests::ground::with(&json!({ "roundId": round }), &more), "papers { paper subject { id } dimensions { code } }").await
        };
        assert_eq!(claim(&voter, json!({ "idempotencyKey": "claim-1" })).await.refused(), "INVALID_INPUT");
        for short in ["", "abc", "秘密秘密秘密秘密秘密秘密秘密秘密秘密秘密秘密"] {
            assert_eq!(claim(&voter, json!({ "secret": short })).await.refused(), "INVALID_INPUT");
        }
        let keyed = json!({ "idempotencyKey": "claim-1", "secret": secret });
        let first = claim(&voter, keyed.clone()).await.done()["papers"].clone();
        assert_eq!(first.as_array().unwrap().len(), 2);
        assert_eq!(claim(&voter, keyed.clone()).await.done()["papers"], first, "under the key");
        assert_eq!(claim(&voter, json!({ "secret": secret })).await.done()["papers"], first, "and without");
        let another = json!({ "secret": "kZ7n0wqUe4tq2yYvB1mXwB" });
        assert_eq!(claim(&voter, another).await.refused(), "WRONG_STATE", "no other secret opens them");
        assert_eq!(claim(&voter, json!({})).await.refused(), "WRONG_STATE");
        let theirs = claim(&other, json!({ "secret": secret })).await.done()["papers"].clone();
        assert!(theirs.as_array().unwrap().iter().all(|paper| !first.as_array().unwrap().contains(paper)));
        // What has been cast is not handed out again.
        let paper = &first[0];
        let scores = json!([{ "dimension": paper["dimensions"][0]["code"], "score": 4 }]);
        let ballot = json!({ "paper": paper["paper"], "scores": scores });
        world.visitor().act("castBallot", ballot, "accepted").await.done();
        assert_eq!(claim(&voter, keyed).await.done()["papers"], json!([first[1]]));
        // And the secret is nowhere.
        let kept = world.rows::<idempotency_key::Entity>().await;
        assert!(kept.iter().any(|row| row.command == "claimBallots" && row.answer.is_null()));
        assert!(!format!("{kept:?}").contains(secret));
        let events = world.rows::<yidan_entity::audit_event::Entity>().await;
        assert!(!format!("{events:?}").contains(secret));
    }

    async fn nobody_sees_how_often_a_subject_was_rated(world: World) {
        let county = county(&world, 3).await;
        let voters = county.voters(0, 2).await;
        let (office, overseer) = (county.seat.assessment().await, county.seat.person(Role::Inspector).await);
        let bureau = county.bureau.person(Role::DeptHead).await;
        let round = county.seat.open_round(2026, "FIRST").await;
        let wanted = "state participation { voters issued direction } results { totalCount } timeline { totalCount } steps { task }";
        for voter in &voters {
            let paper = voter.claim_on(&round, &county.bureau).await;
            let mut looks = Vec::new();
            for client in [&office, &overseer, &bureau] {
                looks.push(client.round(&round, wanted).await);
            }
            world.cast(&paper, 5).await.done();
            for (client, before) in [&office, &overseer, &bureau].into_iter().zip(looks) {
                assert_eq!(client.round(&round, wanted).await, before, "a ballot changes nothing that can be seen");
            }
        }
        // The rated department sees its own participation only.
        let seen = bureau.round(&round, "participation { direction }").await["participation"].clone();
        assert!(seen.as_array().unwrap().iter().all(|entry| entry["direction"] == "DEPARTMENT_TO_TOWNSHIP"));
    }
}
