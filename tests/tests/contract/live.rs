//! What happens, as it happens: over server-sent events, in the caller's scope, for as long as the session stands, on any
//! node, and from where one left off.

use std::time::Duration;

use yidan::app::HttpConfig;
use yidan_tests::{
    Listening, on_both,
    prelude::*,
    procedures::{addition, adjustment_act},
    world::Settings,
};

const QUEUE: &str = "subscription($after: String) { queueChanges(after: $after) { cursor kind entry { task overdue proceeding { id } } } }";
const TIMELINE: &str = "subscription($id: ID!, $after: String) { proceedingChanges(id: $id, after: $after) { cursor event { act sequence } } }";

/// The same with the field in fragments, and in two places.
const QUEUE_IN_PARTS: &str = "subscription($after: String, $yes: Boolean = true) { ...f } \
    fragment f on Subscription { queueChanges(after: $after) { cursor kind } \
    ... @include(if: $yes) { queueChanges(after: $after) { entry { task overdue proceeding { id } } } } }";

/// A node that looks at log-ins often.
async fn lively(world: &World) -> World {
    let http = HttpConfig { heartbeat: Duration::from_millis(200), ..HttpConfig::default() };
    world.node(Settings { http, ..Settings::default() }).await
}

/// The same person on another node.
async fn on(node: &World, client: &Client) -> Client {
    node.visitor().logged_in(client.credentials().clone()).await
}

async fn change(listening: &mut Listening) -> (String, String, String) {
    let change = listening.answer().await["queueChanges"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&change["kind"]), text(&change["entry"]["task"]), text(&change["cursor"]))
}

async fn act(listening: &mut Listening) -> (String, String) {
    let change = listening.answer().await["proceedingChanges"].clone();
    (change["event"]["act"].as_str().unwrap().to_owned(), change["cursor"].as_str().unwrap().to_owned())
}

on_both! {
    async fn a_queue_and_a_timeline_are_told_as_they_go_on_any_node(world: World) {
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        let office = ground.establishment().await;
        let node = lively(&world).await;
        // One listens here, one on another node, one without anything to do with it.
        let mut here = office.listen(QUEUE, json!({})).await;
        let mut there = on(&node, &office).await.listen(QUEUE_IN_PARTS, json!({})).await;
        let mut elsewhere = ground.justice().await.listen(QUEUE, json!({})).await;

        let item = addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire));
        let id = ground.apply(&township, "承接", &[item]).await;
        let admin = township.person(Role::TownshipListAdmin).await;
        let mut timeline = admin.listen(TIMELINE, json!({ "id": id })).await;
        ground.adjustment_until(&township, &id, "EO_CHECK").await;
        for listening in [&mut here, &mut there] {
            let mut seen = Vec::new();
            while seen.len() < 3 {
                let (kind, task, _) = change(listening).await;
                seen.push(format!("{kind} {task}"));
            }
            assert_eq!(seen, ["OPENED RECEIVE_ADJUSTMENT", "CLOSED RECEIVE_ADJUSTMENT", "OPENED CHECK_ADJUSTMENT"]);
        }
        let mut acts = Vec::new();
        for _ in 0..4 {
            acts.push(act(&mut timeline).await.0);
        }
        assert_eq!(acts, ["SIGN_ADJUSTMENT", "SIGN_ADJUSTMENT", "SUBMIT_ADJUSTMENT", "RECEIVE_ADJUSTMENT"]);
        // The justice office hears of nothing before it is its turn.
        ground.adjustment_until(&township, &id, "LEGAL_REVIEW").await;
        let (kind, task, _) = change(&mut elsewhere).await;
        assert_eq!((kind.as_str(), task.as_str()), ("OPENED", "REVIEW_ADJUSTMENT_LEGALITY"));
    }

    async fn who_comes_back_is_told_what_came_in_the_meantime(world: World) {
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        let id = ground.apply(&township, "承接", &[addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire))]).await;
        let admin = township.person(Role::TownshipListAdmin).await;
        let mut first = admin.listen(TIMELINE, json!({ "id": id })).await;
        ground.adjustment_until(&township, &id, "SUBMITTED").await;
        let mut last = String::new();
        for expected in ["SIGN_ADJUSTMENT", "SIGN_ADJUSTMENT", "SUBMIT_ADJUSTMENT"] {
            let (act, cursor) = act(&mut first).await;
            assert_eq!(act, expected);
            assert_eq!(first.last_event_id.as_ref(), Some(&cursor), "a browser remembers it by itself");
            last = cursor;
        }
        drop(first);
        ground.adjustment_until(&township, &id, "LEGAL_REVIEW").await;
        let mut again = admin.listen(TIMELINE, json!({ "id": id, "after": last })).await;
        let mut acts = Vec::new();
        for _ in 0..4 {
            acts.push(act(&mut again).await.0);
        }
        assert_eq!(acts, ["RECEIVE_ADJUSTMENT", "CHECK_ADJUSTMENT", "GIVE_ADJUSTMENT_OPINION", "CLOSE_ADJUSTMENT_CONSULTATION"]);
        let mut by_itself = admin.with_header("last-event-id", &last).listen(TIMELINE, json!({ "id": id })).await;
        assert_eq!(act(&mut by_itself).await.0, "RECEIVE_ADJUSTMENT");
        for bad in ["x", "bGl2ZTo5OTk5OTk5", ""] {
            let (_, told) = admin.listen(TIMELINE, json!({ "id": id, "after": bad })).await.event().await;
            assert_eq!(told["errors"][0]["extensions"]["code"], "INVALID_INPUT", "{bad}");
        }
    }

    async fn who_leaves_off_between_two_changes_of_one_act_misses_neither(world: World) {
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        let id = ground.apply(&township, "承接", &[addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire))]).await;
        let office = ground.establishment().await;
        let mut first = office.listen(QUEUE, json!({})).await;
        // Receiving closes one task and opens the next.
        ground.adjustment_until(&township, &id, "EO_CHECK").await;
        let mut told = Vec::new();
        while told.len() < 2 {
            told.push(change(&mut first).await);
        }
        assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("CLOSED", "RECEIVE_ADJUSTMENT"));
        drop(first);
        let mut again = office.listen(QUEUE, json!({ "after": told[1].2 })).await;
        loop {
            let (kind, task, _) = change(&mut again).await;
            if kind == "OPENED" && task == "CHECK_ADJUSTMENT" {
                break;
            }
        }
    }

    async fn deadlines_are_told_before_they_pass_and_when_they_have(world: World) {
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        let id = ground.apply(&township, "承接", &[addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire))]).await;
        ground.adjustment_until(&township, &id, "EO_CHECK").await;
        let office = ground.establishment().await;
        let step = office.see("Adjustment", &id, "steps { task deadline { dueAt } }").await;
        let due = step["steps"].as_array().unwrap().iter().find(|step| step["task"] == "CHECK_ADJUSTMENT").unwrap();
        let due: DateTime<Utc> = due["deadline"]["dueAt"].as_str().unwrap().parse().unwrap();
        world.clock().set(due - TimeDelta::hours(23));
        office.tasks().await;
        let mut listening = office.listen(QUEUE, json!({})).await;
        let (kind, task, _) = change(&mut listening).await;
        assert_eq!((kind.as_str(), task.as_str()), ("DUE_SOON", "CHECK_ADJUSTMENT"));
        world.clock().set(due);
        world.tick().await;
        let (kind, task, _) = change(&mut listening).await;
        assert_eq!((kind.as_str(), task.as_str()), ("BREACHED", "CHECK_ADJUSTMENT"));
    }

    async fn a_subscription_ends_with_its_session_and_shows_nobody_what_is_not_theirs(world: World) {
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        let id = ground.apply(&township, "承接", &[addition(&[&list], &ground.cooperative("渔船停泊点防火提醒", &fire))]).await;
        let node = lively(&world).await;
        // A draft is its township's own; a random id, and nobody in particular, get nothing either.
        let office = on(&node, &ground.establishment().await).await;
        for (client, id, code) in [
            (&office, id.clone(), "NOT_FOUND"),
            (&office, yidan_tests::ids::random("adj"), "NOT_FOUND"),
            (&node.visitor(), id.clone(), "UNAUTHENTICATED"),
        ] {
            let mut refused = client.listen(TIMELINE, json!({ "id": id })).await;
            assert_eq!(refused.event().await.1["errors"][0]["extensions"]["code"], code);
            assert_eq!(refused.event().await.0, "complete");
        }
        let mut listening = office.listen(QUEUE, json!({})).await;
        office.act("logout", json!({}), "sessionId").await.done();
        let (name, told) = listening.event().await;
        assert_eq!((name.as_str(), &told["errors"][0]["extensions"]["code"]), ("next", &json!("UNAUTHENTICATED")));
        assert_eq!(listening.event().await.0, "complete");
        // What happens afterwards does not arrive.
        let admin = township.person(Role::TownshipListAdmin).await;
        adjustment_act(&admin, "withdrawAdjustment", &id, json!({ "reason": "x" })).await.done();
    }

    async fn every_operation_may_be_answered_in_events_and_a_subscription_only_so(world: World) {
        let visitor = world.visitor();
        let mut listening = visitor.listen("{ __typename }", json!({})).await;
        assert_eq!(listening.answer().await["__typename"], "Query");
        assert_eq!(listening.event().await.0, "complete");
        let plain = visitor.query(QUEUE, json!({})).await;
        assert_eq!(plain.codes(), ["OPERATION_RESOLUTION_FAILURE"]);
        let wrong = visitor.with_header("accept", "text/event-stream").query("{ nonsense", json!({})).await;
        assert_eq!((wrong.status, wrong.codes()), (400, vec!["GRAPHQL_PARSE_FAILED".to_owned()]));
    }
}
