//! Hostile values in every place of every operation: refused by name, never a fault, never an effect.

use std::collections::BTreeSet;

use yidan::kernel::audit::verify::verify;
use yidan_tests::{
    demo::Offered,
    ids, on_both_demonstration,
    places::NewOrg,
    prelude::*,
    sdl::{Leaf, Operation, Root, Sampler, Schema, with},
};

/// Texts that somebody types who means no good, or whose keyboard does.
const TEXTS: &[&str] = &[
    "a\0b",
    "安全\u{202e}检查",
    "安全\u{200f}",
    "燃气\u{1f525}",
    "第１２条",
    "\u{ffff}",
    "\u{301}\u{20dd}",
    "",
    "'; DROP TABLE division; -- \\ % $1 {}",
];

/// Values for a place of a type. The first place of its kind of all operations bears everything, so that the reading of
/// the kind is proved; the others what may come out differently there. The first text of each operation is a megabyte.
fn values(leaf: &Leaf, kind: &str, first: bool, first_text: bool) -> Vec<Value> {
    let some = |all: Vec<Value>, enough: usize| if first { all } else { all.into_iter().take(enough).collect() };
    match leaf.type_name.as_str() {
        "Int" => {
            let all =
                vec![json!(-1), json!(i32::MIN), json!(i32::MAX), json!(3_000_000_000_i64), json!(1.5), json!("1")];
            some(all, 3)
        }
        "ID" => {
            let kind = if kind.is_empty() { "org" } else { kind };
            let good = ids::random(kind);
            let mut all = vec![
                json!(good),
                json!(format!("{good}\0")),
                json!(ids::random(if kind == "proc" { "ses" } else { "proc" })),
                json!(""),
                json!("\0"),
                json!(format!("{kind}_")),
                json!(good.to_uppercase()),
                json!(&good[..good.len() - 1]),
                json!(format!(" {good}")),
                json!(ids::random("zzz")),
                json!(5),
                json!("x".repeat(1_000_000)),
            ];
            all.extend(["ses", "prov"].iter().filter(|other| **other != kind).map(|other| json!(ids::random(other))));
            some(all, 3)
        }
        "Date" => {
            let days = [
                "9999-12-31",
                "0001-01-01",
                "2026-02-30",
                "0000-00-00",
                "-001-01-01",
                "2026-7-1",
                "２０２６-07-01",
                "99999-1-1",
                "",
            ];
            some(days.map(|day| json!(day)).into(), 2)
        }
        "DateTime" => {
            let times = ["9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "+262000-01-01T00:00:00Z", "x", ""];
            some(times.map(|at| json!(at)).into(), 3)
        }
        "Boolean" => some(vec![json!(null), json!("true"), json!(1)], 1),
        "Float" => vec![json!(-1), json!(1e308), json!("1")],
        "String" => {
            let long = if first_text { 1_000_000 } else { 30_000 };
            let texts = TEXTS.iter().map(|text| json!(text));
            texts.chain([json!("长".repeat(long / 3)), json!(5)]).collect()
        }
        // Enums and scalars of other kinds.
        _ => some(vec![json!("NO_SUCH_VALUE"), json!(""), json!("\0"), json!(7), json!({ "a": [] })], 1),
    }
}

/// Texts that must never be stored, wherever they stand.
fn is_unspeakable(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.len() > 100_000
            || text.chars().any(|c| matches!(c, '\0' | '\u{202e}' | '\u{200f}' | '\u{ffff}' | '\u{1f525}' | '１'))
    })
}

/// Words that would tell how the data is kept.
const TELLTALE: &[&str] = &[
    "select ",
    "insert into",
    "update ",
    "delete from",
    "sqlx",
    "sqlite",
    "postgres",
    "sea_orm",
    "sea-orm",
    "constraint",
    "violates",
    "duplicate key",
    "primary key",
    "stack backtrace",
    "panicked",
    ".rs:",
];

/// Acts that judge what was written earlier, and name its fields as it was written.
const OF_WHAT_IS_STORED: &[&str] = &["submitAdjustment", "submitAdmission"];

fn calm(schema: &Schema, operation: &Operation, leaf: &Leaf, value: &Value, answer: &Answer) {
    let shown: String = value.to_string().chars().take(80).collect();
    let place = || format!("{}{} = {shown}", operation.name, leaf.pointer);
    let brief = || answer.text.chars().take(600).collect::<String>();
    assert!(answer.status < 500, "{}: {} {}", place(), answer.status, brief());
    assert!(!answer.codes().iter().any(|code| code == "INTERNAL" || code == "(no code)"), "{}: {}", place(), brief());
    let refusals = answer.data(&format!("/{}/userErrors", operation.name));
    let messages = refusals.as_array().map(Vec::as_slice).unwrap_or_default();
    for refusal in messages.iter().filter(|_| !OF_WHAT_IS_STORED.contains(&operation.name.as_str())) {
        let path: Vec<&str> = refusal["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert!(schema.has_place(operation, &path), "{} is refused at a place that is none: {refusal}", place());
    }
    let said =
        messages.iter().filter_map(|error| error["message"].as_str()).map(str::to_owned).chain(answer.messages());
    for message in said {
        let lower = message.to_lowercase();
        let told = TELLTALE.iter().find(|word| lower.contains(*word));
        assert!(told.is_none(), "{} tells {told:?}: {message}", place());
        assert!(message.len() < 2_000, "{} is answered at length: {} bytes", place(), message.len());
    }
}

/// People who between them reach every act.
const PEOPLE: &[&str] = &[
    "admin",
    "sheng.bianban",
    "shi.bianban",
    "xian.bianban",
    "xian.liangban",
    "xian.sifa",
    "xian.caizheng",
    "xian.kaohe",
    "liuting.zhenzhang",
    "liuting.qingdan",
    "yingji",
    "yanwan.shuji",
    "hewan.qingdan",
    "dadun.zhenzhang",
    "shuangqiao.qingdan",
    "zhujian",
    "ziran",
];

/// Acts that leave evidence of being refused.
const NOTED_WHEN_REFUSED: &[&str] = &["login", "refreshSession", "changePassword"];

async fn assault(world: &World, root: Root) {
    let jiangsu = world.province("320000").await;
    let mut own = world.one_of_each(jiangsu.id).await;
    let mut callers = Vec::new();
    for username in PEOPLE {
        callers.push(world.demo_colleague("320000", username).await);
    }
    let schema = Schema::current();
    let offered = Offered::of(world, &callers, jiangsu.id, &schema).await;
    callers.push(world.visitor());
    let victim = jiangsu.org(NewOrg::new("329921", OrgKind::Department, "澜溪县被试局")).await;
    own.insert("org", victim.id.to_string());
    own.insert("div", world.division("329921100").await.id.to_string());

    let (mut met, mut reached) = (BTreeSet::new(), BTreeSet::new());
    for operation in schema.operations().into_iter().filter(|operation| operation.root == root) {
        // Failed log-ins and locks of the operation before are forgotten.
        world.wait(TimeDelta::hours(2));
        let (variables, leaves) = Sampler::full(&schema).variables(&operation);
        let kinds = ids::kinds(&world.visitor(), &operation, &variables, &leaves).await;
        let filled = ids::filled(&variables, &leaves, &kinds);
        let mut good = leaves.iter().fold(filled, |variables, leaf| {
            let kind = kinds.get(&leaf.pointer);
            match kind.and_then(|kind| own.get(kind.as_str())) {
                Some(id) => with(&variables, leaf, json!(id)),
                None if leaf.field() == "expectedRevision" => with(&variables, leaf, json!(null)),
                None => variables,
            }
        });
        // Somebody who may do it gets furthest; the input is read the same for everybody.
        let mut able = &callers[0];
        if let Some((index, id)) = offered.still(&operation.action(), &callers, &schema).await {
            able = &callers[index];
            let prefix = id.split('_').next();
            let place = leaves.iter().find(|leaf| kinds.get(&leaf.pointer).map(String::as_str) == prefix);
            good = with(&good, place.unwrap_or_else(|| panic!("{} on {id}", operation.name)), json!(id));
        } else {
            for caller in &callers {
                let answer = caller.query(&operation.document, good.clone()).await;
                let refused = answer.codes().into_iter().chain(answer.user_error_codes(&operation.name));
                if !refused.into_iter().any(|code| code == "FORBIDDEN" || code == "UNAUTHENTICATED") {
                    able = caller;
                    break;
                }
            }
        }
        let first_text = leaves.iter().find(|leaf| leaf.type_name == "String").map(|leaf| &leaf.pointer);
        let mut attacks = Vec::new();
        for leaf in &leaves {
            let kind = kinds.get(&leaf.pointer).map(String::as_str).unwrap_or_default();
            let first = met.insert((leaf.type_name.clone(), kind.to_owned()));
            let values = values(leaf, kind, first, Some(&leaf.pointer) == first_text);
            attacks.extend(values.into_iter().map(|value| (leaf, value)));
        }
        // What cannot be taken comes first: what is taken may change what the rest meets.
        attacks.sort_by_key(|(_, value)| !is_unspeakable(value));
        let mut heads = world.heads().await;
        for (leaf, value) in attacks {
            let answer = able.query(&operation.document, with(&good, leaf, value.clone())).await;
            calm(&schema, &operation, leaf, &value, &answer);
            if root == Root::Query {
                continue;
            }
            let shown: String = value.to_string().chars().take(60).collect();
            let place = format!("{}{} = {shown}", operation.name, leaf.pointer);
            let codes = answer.user_error_codes(&operation.name);
            let refused = !(codes.is_empty() && answer.codes().is_empty());
            let secret = leaf.field().to_lowercase().contains("password");
            if is_unspeakable(&value) && !secret && operation.name != "login" {
                assert!(refused, "{place} was taken: {}", answer.text);
                if codes == ["INVALID_INPUT"] {
                    reached.insert(operation.name.clone());
                }
            }
            let now = world.heads().await;
            if refused && !NOTED_WHEN_REFUSED.contains(&operation.name.as_str()) {
                assert_eq!(now, heads, "{place} was refused and left evidence: {}", answer.text);
            }
            heads = now;
        }
    }
    // Elsewhere the state, or another argument, is refused before the texts are looked at.
    assert!(root == Root::Query || reached.len() > 40, "texts were looked at by {reached:?} only");
    let platform = world.platform();
    let reports = verify(platform.db.read(), &platform.keyring, &[]).await.unwrap();
    assert!(reports.iter().all(|report| report.broken.is_none()), "{reports:?}");
}

on_both_demonstration! {
    async fn acts_bear_everything(world: World) {
        assault(&world, Root::Mutation).await;
    }

    async fn questions_bear_everything(world: World) {
        assault(&world, Root::Query).await;
    }
}

on_both! {
    async fn hostile_headers_are_borne(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let long = "x".repeat(6_000);
        for (name, value) in [
            ("x-request-id", "a\tb"),
            ("x-request-id", &long),
            ("x-request-id", "short"),
            ("traceparent", "00-zz-01"),
            ("traceparent", &long),
            ("accept-language", &long),
            ("accept-language", "zh;q=NaN,en;q=inf"),
            ("x-forwarded-for", "1.2.3.4"),
            ("user-agent", &long),
            ("accept", "*/*;q=NaN"),
            ("content-encoding", "gzip"),
            ("origin", "https://evil.example"),
        ] {
            let answer = admin.with_header(name, value).query("{ viewer { post { role } } }", json!({})).await;
            assert!(answer.status < 500, "{name}: {value}: {}", answer.text);
            assert!(answer.header("x-request-id").is_some_and(|id| id.len() <= 64));
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
        for encoding in ["br", "zstd", "x", "gzip, gzip"] {
            let answer = admin.with_header("content-encoding", encoding).query("{ __typename }", json!({})).await;
            assert_eq!((answer.status, answer.codes()), (415, vec!["BAD_REQUEST".to_owned()]), "{encoding}");
        }
    }
}
