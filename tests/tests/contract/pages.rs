//! The pages for people: whole in themselves, strict about what a browser may do with them, and their examples run as
//! they are shown.

use std::io::Write;

use yidan::{app::HttpConfig, http::explorer};
use yidan_tests::{on_both, on_both_demonstration, prelude::*, world::Settings};

const EXAMPLES: &str = include_str!("../../../api/explorer/examples.graphql");

/// An example as the pages read it.
struct Example {
    title: &'static str,
    login: Option<(&'static str, &'static str)>,
    variables: Value,
    document: String,
}

/// What is said after `#: key ` of the first such line.
fn said(text: &'static str, key: &str) -> Option<&'static str> {
    text.lines().find_map(|line| line.strip_prefix("#: ")?.strip_prefix(key)?.strip_prefix(' '))
}

fn examples() -> Vec<Example> {
    let read = |part: &'static str| {
        let (title, rest) = part.split_once('\n').unwrap();
        assert!(said(rest, "english").is_some(), "{title} says nothing in English");
        Example {
            title,
            login: match said(rest, "login").unwrap() {
                "nobody" => None,
                login => login.split_once(' '),
            },
            variables: said(rest, "variables").map_or_else(|| json!({}), |text| serde_json::from_str(text).unwrap()),
            document: rest.lines().filter(|line| !line.starts_with("#:")).collect::<Vec<_>>().join("\n"),
        }
    };
    EXAMPLES.split("\n#: title ").skip(1).map(read).collect()
}

on_both_demonstration! {
    async fn the_ten_examples_run_as_they_are_shown(world: World) {
        let examples = examples();
        assert_eq!(examples.len(), 10);
        for Example { title, login, variables, document } in examples {
            let caller = match login {
                None => world.visitor(),
                Some((province, username)) => world.demo_person(province, username).await,
            };
            if !document.contains("subscription ") {
                let answer = caller.query(&document, variables).await.good();
                let (_, first) = answer.data("").as_object().unwrap().iter().next().unwrap();
                assert!(!first.is_null() && first.get("nodes").is_none_or(|nodes| nodes != &json!([])), "{title}: {}", answer.text);
                continue;
            }
            let mut listening = caller.listen(&document, variables).await;
            let colleague = world.demo_colleague("320000", "xian.bianban").await;
            let waiting = colleague.query("{ adjustments(states: [SUBMITTED]) { nodes { id } } }", json!({})).await;
            let id = waiting.text_at("/adjustments/nodes/0/id");
            colleague.act("receiveAdjustment", json!({ "id": id }), "adjustment { id }").await.done();
            assert!(listening.answer().await["queueChanges"]["kind"].is_string(), "{title}");
        }
    }

    async fn the_accounts_of_the_examples_can_log_in(world: World) {
        let accounts: Vec<&str> = EXAMPLES.lines().filter_map(|line| line.strip_prefix("#: account ")).collect();
        assert_eq!(accounts.len(), 10);
        for account in accounts {
            let mut parts = account.split(' ');
            let (province, username) = (parts.next().unwrap(), parts.next().unwrap());
            world.demo_person(province, username).await;
        }
    }
}

/// The addresses that a page names.
fn addresses(page: &str) -> Vec<&str> {
    let named = ["src=\"", "href=\""].into_iter().flat_map(|name| page.split(name).skip(1));
    named.filter_map(|rest| rest.split('"').next()).filter(|address| !address.starts_with('#')).collect()
}

on_both! {
    async fn a_page_names_nothing_but_what_the_server_has(world: World) {
        let visitor = world.visitor();
        for path in ["/", "/reference"] {
            let page = visitor.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'self'; frame-ancestors 'none';"), "{policy}");
            assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
            let addresses = addresses(&page.text);
            assert!(addresses.len() > 1, "{path}");
            for address in addresses {
                assert!(address.starts_with('/') && !address.starts_with("//"), "{path} names {address}");
                let answer = visitor.get(address).await;
                assert_eq!(answer.status, 200, "{path} names {address}");
            }
        }
        assert_eq!(visitor.get("/explorer/nothing.js").await.status, 404);
        assert_eq!(visitor.get("/examples.graphql").await.text, EXAMPLES);
    }

    async fn the_explorer_is_new_with_each_page_and_its_files_are_asked_for_once(world: World) {
        if !explorer::is_built() {
            // Past the test harness, which keeps the output of what passes to itself.
            let _ = writeln!(std::io::stderr(), "\n*** THE EXPLORER IS NOT BUILT (npm run setup --prefix api/explorer): its files are NOT TESTED ***");
            return;
        }
        let visitor = world.visitor();
        let nonce = |page: &Answer| {
            let policy = page.header("content-security-policy").unwrap().to_owned();
            let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
            assert!(page.text.contains(&format!("nonce=\"{nonce}\"")) && !page.text.contains("{{"), "{}", page.text);
            nonce
        };
        let (first, second) = (visitor.get("/").await, visitor.get("/").await);
        assert_ne!(nonce(&first), nonce(&second));
        assert_eq!(first.header("cache-control"), Some("no-cache"));
        let script = first.text.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
        let plain = visitor.get(script).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, None));
        assert!(plain.header("cache-control").unwrap().contains("immutable"));
        assert!(plain.header("content-type").unwrap().starts_with("text/javascript"));
    }

    async fn a_switch_takes_the_page_away(world: World) {
        let http = HttpConfig { explorer: false, ..HttpConfig::default() };
        let visitor = world.node(Settings { http, ..Settings::default() }).await.visitor();
        for path in ["/", "/start.js", "/examples.graphql"] {
            assert_eq!(visitor.get(path).await.status, 404, "{path}");
        }
        assert_eq!(visitor.get("/reference").await.status, 200);
    }
}
