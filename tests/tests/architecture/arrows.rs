//! Which room may use what: arrows run one way.

use yidan_tests::source::{Source, sources};

/// The wings in their order: a later one may use the earlier ones.
const WINGS: &[&str] = &[
    "territory",
    "identity",
    "proceeding",
    "duty_list",
    "adjustment",
    "admission",
    "deliberation",
    "temporary_task",
    "dispatch",
    "document_review",
    "whistle",
    "hotline",
    "assessment",
    "evaluation",
    "accountability",
    "supervision",
    "burden",
    "staffing",
    "guide",
    "webhook",
];

fn hold(what: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{what}:\n{}", broken.join("\n"));
}

fn in_room(room: &str) -> Vec<Source> {
    sources("api/src").into_iter().filter(|source| WINGS.contains(&source.wing()) && source.is_in_room(room)).collect()
}

fn uses(all: &[Source], words: &[&str]) -> Vec<String> {
    all.iter().flat_map(|source| words.iter().flat_map(|word| source.lines_with(word))).collect()
}

#[test]
fn rules_are_pure() {
    let words = [
        "sea_orm",
        "async_graphql",
        "async",
        "await",
        "yidan_entity",
        "actix_web",
        "tokio",
        "Clock",
        "now()",
        "rand",
        "store",
        "service",
        "graphql",
        "runner",
        "Ctx",
        "Tx",
        "Db",
        "&Platform",
        "Arc<Platform>",
        "tracing",
    ];
    hold("rules compute from what they are given", uses(&in_room("rules"), &words));
}

#[test]
fn services_leave_the_database_to_the_store_and_the_schema_to_graphql() {
    let broken = uses(&in_room("service"), &["sea_orm", "async_graphql", "yidan_entity", "sea_query"]);
    // A question that is asked inside and outside transactions names what both are.
    let broken = broken.into_iter().filter(|line| !line.ends_with("use sea_orm::ConnectionTrait;")).collect();
    hold("a use case loads, decides and applies", broken);
}

#[test]
fn stores_know_no_schema_and_no_time_of_their_own() {
    let words = ["async_graphql", "SystemClock", "clock.now()", "graphql::"];
    hold("a store room holds the SQL and nothing else", uses(&in_room("store"), &words));
}

#[test]
fn resolvers_touch_no_database() {
    let words = ["sea_orm", "yidan_entity", "sea_query", "execute_unprepared", "Statement"];
    hold("a resolver parses, asks and maps", uses(&in_room("graphql"), &words));
}

#[test]
fn the_kernel_uses_no_wing_and_wings_use_earlier_ones() {
    let mut broken = Vec::new();
    for source in sources("api/src") {
        let mine = WINGS.iter().position(|wing| *wing == source.wing());
        let allowed = match (source.wing(), mine) {
            ("kernel", _) => 0,
            (_, Some(mine)) => mine + 1,
            _ => continue,
        };
        for later in &WINGS[allowed..] {
            broken.extend(source.lines_with(&format!("crate::{later}")));
            // In a `use crate::{ … }` the wings stand at the first level of indentation.
            let grouped = [format!("    {later}::"), format!("    {later},")];
            let lines = source.code.lines().enumerate();
            let found = lines.filter(|(_, line)| grouped.iter().any(|start| line.starts_with(start)));
            broken.extend(found.map(|(number, line)| format!("{}:{}: {}", source.path, number + 1, line.trim())));
        }
    }
    hold("the kernel uses no wing, a wing only earlier ones", broken);
}

#[test]
fn nobody_reaches_around_the_rooms() {
    let mut broken = Vec::new();
    for source in sources("api/src") {
        let wing = WINGS.contains(&source.wing());
        if source.wing() == "http" || wing {
            broken.extend(source.lines_with("Scope::Everything").into_iter().filter(|_| source.is_in_room("graphql")));
        }
        // Only authentication makes contexts of persons, and the demonstration, which plays them.
        let makers = ["kernel/ctx.rs", "http/operation.rs", "setup/demo/mod.rs"];
        if !makers.contains(&source.path.as_str()) {
            broken.extend(source.lines_with("Ctx::of_request"));
        }
        let at_the_machine = ["setup", "cli", "ticker", "kernel"];
        if !at_the_machine.contains(&source.wing()) {
            broken.extend(source.lines_with("Ctx::system"));
        }
    }
    hold("nobody sees everything or acts as the system but where it is said", broken);
}

#[test]
fn entities_are_shapes_and_nothing_else() {
    let words = ["async", "impl ConnectionTrait", "yidan"];
    hold("entities know no behaviour", uses(&sources("entity/src"), &words));
}
