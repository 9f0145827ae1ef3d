//! The schema is versionless: between releases it only grows. What goes was deprecated at least six months before.

use std::fs;

use chrono::NaiveDate;
use yidan_tests::{breaking::breaks, sdl::Schema, snapshot::repository};

/// The schemas of the releases, the oldest first.
fn releases() -> Vec<(Vec<u64>, String)> {
    let Ok(folder) = fs::read_dir(repository("api/docs/releases")) else { return Vec::new() };
    let mut releases: Vec<(Vec<u64>, String)> = folder
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name()?.to_str()?.strip_prefix("schema-")?.strip_suffix(".graphql")?.to_owned();
            let version = name.split('.').map(|part| part.parse().unwrap()).collect();
            Some((version, fs::read_to_string(&path).unwrap()))
        })
        .collect();
    releases.sort();
    releases
}

#[test]
fn nothing_is_broken_that_the_last_release_promised() {
    let releases = releases();
    let (version, sdl) = releases.last().expect("a schema in api/docs/releases");
    #[expect(clippy::disallowed_methods, reason = "how long ago something was announced is a matter of the real day")]
    let today = chrono::Utc::now().date_naive();
    let broken = breaks(&Schema::parse(sdl), &Schema::current(), today);
    assert!(broken.is_empty(), "since {version:?}, without six months' notice:\n{}", broken.join("\n"));
}

#[test]
fn what_is_deprecated_says_since_when() {
    let mut silent = Vec::new();
    for line in yidan::schema::sdl().lines().filter(|line| line.contains("@deprecated")) {
        let reason = line.split("reason: \"").nth(1).unwrap_or_default();
        if reason.get(..10).is_none_or(|day| day.parse::<NaiveDate>().is_err()) {
            silent.push(line.trim().to_owned());
        }
    }
    assert!(silent.is_empty(), "a reason begins with a day, as in \"2026-05-01: use …\":\n{}", silent.join("\n"));
}

const OLD: &str = r#"
    type Query implements Node { id: ID! a(x: Int, y: Int = 1, z: [Int]): Int b: Int! c: [Int!] any: Any kind: Kind
        gone: Int late: Int @deprecated(reason: "2026-06-01: use `a`") old: Int @deprecated(reason: "2026-01-01: use `a`") }
    interface Node { id: ID! }
    interface Named { name: String }
    type A implements Node & Named { id: ID! name: String }
    type B { x: Int }
    union Any = A | B
    enum Kind { ONE TWO THREE @deprecated(reason: "2026-01-01: never meant anything") }
    input In { must: Int! may: Int list: [Int] }
    scalar Date
"#;

fn broken(changes: &[(&str, &str)]) -> Vec<String> {
    let new = changes.iter().fold(OLD.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    breaks(&Schema::parse(OLD), &Schema::parse(&new), NaiveDate::from_ymd_opt(2026, 8, 1).unwrap())
}

#[test]
fn whatever_takes_something_away_is_seen() {
    for (from, to, told) in [
        ("gone: Int ", "", "Query.gone is gone without"),
        (
            "late: Int @deprecated(reason: \"2026-06-01: use `a`\")",
            "",
            "Query.late is gone and was deprecated only on 2026-06-01",
        ),
        ("scalar Date", "", "Date is gone"),
        ("scalar Date", "enum Date { X }", "Date was a scalar and is an enum"),
        ("type A implements Node & Named", "type A implements Node", "A is no Named any more"),
        ("union Any = A | B", "union Any = A", "Any is never B any more"),
        ("ONE TWO", "ONE", "Kind.TWO is gone"),
        ("b: Int!", "b: Int", "Query.b was Int! and is Int"),
        ("c: [Int!]", "c: [Int]", "Query.c was [Int!] and is [Int]"),
        ("c: [Int!]", "c: Int", "Query.c was [Int!] and is Int"),
        ("kind: Kind", "kind: String", "Query.kind was Kind and is String"),
        ("a(x: Int, ", "a(", "Query.a:x is gone"),
        ("a(x: Int,", "a(x: Int!,", "Query.a:x took Int and takes Int!"),
        ("a(x: Int,", "a(x: String,", "Query.a:x took Int and takes String"),
        ("z: [Int])", "z: [Int!])", "Query.a:z took [Int] and takes [Int!]"),
        ("y: Int = 1", "y: Int = 2", "Query.a:y has another default"),
        ("y: Int = 1", "y: Int", "Query.a:y has another default"),
        ("a(x: Int,", "a(new: Int! x: Int,", "Query.a:new is new and must be given"),
        ("may: Int", "may: Int!", "In.may took Int and takes Int!"),
        (" may: Int", "", "In.may is gone"),
        ("list: [Int]", "list: [Int] new: Int!", "In.new is new and must be given"),
        ("list: [Int]", "list: Int", "In.list took [Int] and takes Int"),
    ] {
        let found = broken(&[(from, to)]);
        assert!(found.len() == 1 && found[0].starts_with(told), "{from} → {to}: {found:?}");
    }
}

#[test]
fn whatever_adds_something_or_was_announced_is_taken() {
    for (from, to) in [
        ("old: Int @deprecated(reason: \"2026-01-01: use `a`\")", ""),
        (" THREE @deprecated(reason: \"2026-01-01: never meant anything\")", ""),
        ("gone: Int ", "gone: Int! more: Int "),
        ("c: [Int!]", "c: [Int!]!"),
        ("a(x: Int,", "a(new: Int more: Int! = 3 x: Int,"),
        ("must: Int!", "must: Int"),
        ("must: Int!", "must: Int! = 1"),
        ("union Any = A | B", "union Any = A | B | Query"),
        ("ONE TWO", "ONE TWO FOUR"),
        ("scalar Date", "scalar Date type New { x: Int }"),
    ] {
        assert_eq!(broken(&[(from, to)]), Vec::<String>::new(), "{from} → {to}");
    }
}
