//! The README tells the truth: its first session is asked of the demonstration, its settings are those of the program,
//! its commands are those CI runs.

use yidan::config;
use yidan_tests::{Client, on_both_demonstration, prelude::*};

const README: &str = include_str!("../../../README.md");

/// A step of the first session: who asks, what, and the answer that is promised.
struct Step {
    who: &'static str,
    document: &'static str,
    promised: Value,
}

fn steps() -> Vec<Step> {
    let mut parts = README.split("<!-- session: ");
    parts.next();
    parts
        .map(|part| {
            let (who, rest) = part.split_once(" -->").expect("who asks");
            Step {
                who,
                document: block(rest, "graphql"),
                promised: serde_json::from_str(block(rest, "json")).expect("an answer that is JSON"),
            }
        })
        .collect()
}

fn block(text: &'static str, language: &str) -> &'static str {
    let (_, rest) = text.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("\n```").expect("the end of a block").0
}

/// Whether the answer is the promised one; “…” stands for any text, as tokens are never twice the same.
fn keeps(promised: &Value, given: &Value) -> bool {
    match (promised, given) {
        (Value::String(text), Value::String(_)) if text == "…" => true,
        (Value::Object(promised), Value::Object(given)) => {
            promised.len() == given.len()
                && promised.iter().all(|(key, value)| given.get(key).is_some_and(|given| keeps(value, given)))
        }
        (Value::Array(promised), Value::Array(given)) => {
            promised.len() == given.len() && promised.iter().zip(given).all(|(promised, given)| keeps(promised, given))
        }
        (promised, given) => promised == given,
    }
}

on_both_demonstration! {
    async fn the_first_session_is_answered_as_the_readme_says(world: World) {
        let steps = steps();
        assert_eq!(steps.len(), 5);
        for step in steps {
            let caller: Client = match step.who {
                "nobody" => world.visitor(),
                username => world.demo_person("320000", username).await,
            };
            let answer = caller.query(step.document, json!({})).await;
            assert!(keeps(&step.promised, &answer.body["data"]), "{}\nis answered\n{}", step.document, answer.text);
            assert_eq!(answer.body.get("errors"), None, "{}", answer.text);
        }
    }
}

#[test]
fn every_setting_stands_in_the_table() {
    let told: Vec<&str> = README.lines().filter(|line| line.contains("| `YIDAN_")).collect();
    let meant: Vec<String> = config::ALL
        .iter()
        .map(|(name, environment, default, what)| {
            let default = if default.is_empty() { "none".to_owned() } else { format!("`{default}`") };
            format!("| `{name}` | `{environment}` | {default} | {} |", what.trim())
        })
        .collect();
    assert_eq!(told, meant);
}
