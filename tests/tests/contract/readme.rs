//! The README tells the truth: its first session is asked of the demonstration, its settings are those of the program,
//! its commands are those CI runs. So do the files that it hands to operators.

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

/// Variables that nginx has built in: a `map` that makes one of them anew is refused at its start.
const BUILT_IN: &[&str] = &[
    "args",
    "binary_remote_addr",
    "body_bytes_sent",
    "bytes_sent",
    "connection",
    "connection_requests",
    "connection_time",
    "connections_active",
    "connections_reading",
    "connections_waiting",
    "connections_writing",
    "content_length",
    "content_type",
    "document_root",
    "document_uri",
    "gzip_ratio",
    "host",
    "hostname",
    "https",
    "is_args",
    "limit_conn_status",
    "limit_rate",
    "limit_req_status",
    "msec",
    "nginx_version",
    "pid",
    "pipe",
    "protocol",
    "proxy_add_x_forwarded_for",
    "proxy_host",
    "proxy_port",
    "query_string",
    "realip_remote_addr",
    "realip_remote_port",
    "realpath_root",
    "remote_addr",
    "remote_port",
    "remote_user",
    "request",
    "request_body",
    "request_body_file",
    "request_completion",
    "request_filename",
    "request_id",
    "request_length",
    "request_method",
    "request_time",
    "request_uri",
    "scheme",
    "sent_http_connection",
    "server_addr",
    "server_name",
    "server_port",
    "server_protocol",
    "ssl_protocol",
    "ssl_server_name",
    "status",
    "time_iso8601",
    "time_local",
    "upstream_addr",
    "upstream_status",
    "uri",
];

#[test]
fn the_nginx_configuration_makes_no_variable_that_nginx_has_itself() {
    let text = std::fs::read_to_string(yidan_tests::snapshot::repository("api/docs/nginx.conf")).unwrap();
    let made: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("map "))
        .filter_map(|line| line.trim_end_matches(['{', ' ']).rsplit_once('$').map(|(_, name)| name))
        .collect();
    assert_eq!(made.len(), 2, "{made:?}");
    for name in made {
        assert!(!BUILT_IN.contains(&name), "${name}");
        assert!(text.matches(&format!("${name}")).count() > 1, "${name} is made and not used");
    }
}
