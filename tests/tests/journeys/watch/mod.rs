//! What nobody asked for and comes all the same: notices of holidays, changes of law.

mod calendar;
mod law;

use yidan_tests::{
    ground::{Ground, STEP, texts, with},
    prelude::*,
    procedures::{addition, adjustment_act},
};

const SHOPS: &str = "九小场所消防安全治理";
const FIRE_LAW: &str = "中华人民共和国消防法";

/// The open step of a request that asks for this.
async fn open_step(client: &Client, kind: &str, id: &str, task: &str) -> Value {
    let steps = client.see(kind, id, &format!("steps {{ {STEP} }}")).await["steps"].clone();
    let open = steps.as_array().unwrap().iter().find(|step| step["task"] == task && step["closedAt"].is_null());
    open.unwrap_or_else(|| panic!("nobody waits for {task}: {steps}")).clone()
}

/// When a step is due, in China.
fn due(step: &Value) -> String {
    let due: DateTime<Utc> = step["deadline"]["dueAt"].as_str().unwrap().parse().unwrap();
    (due + TimeDelta::hours(8)).format("%Y-%m-%d %H:%M").to_string()
}
