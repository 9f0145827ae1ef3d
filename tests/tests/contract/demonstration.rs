//! The demonstration world, walked through: everybody in it may ask everything there is to ask.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;
use yidan::{
    kernel::{audit::verify::verify, fault::Failure},
    setup::demo,
};
use yidan_tests::{
    ids, on_both_demonstration,
    prelude::*,
    sdl::{Root, Sampler, Schema, with},
};

/// Whether an answer is one: no fault in it.
fn is_calm(answer: &Answer) -> bool {
    answer.status == 200 && !answer.codes().iter().any(|code| code == "INTERNAL" || code == "(no code)")
}

on_both! {
    async fn its_published_passwords_come_into_no_other_database(world: World) {
        world.province("330000").await;
        let (heads, platform) = (world.heads().await, world.platform());
        let refused = demo::load(platform, |_, _, _| {}).await.unwrap_err();
        assert!(matches!(refused, Failure::Refused(_)), "{refused:?}");
        assert!(!demo::is_in(&platform.db).await.unwrap());
        assert_eq!(world.heads().await, heads);
    }

    async fn a_demonstration_that_was_not_loaded_to_its_end_is_told_of(world: World) {
        let platform = world.platform();
        let begun = "INSERT INTO deployment (name, value) VALUES ('demonstration', 'LOADING')";
        platform.db.write_pool().execute_unprepared(begun).await.unwrap();
        assert!(matches!(demo::load(platform, |_, _, _| {}).await, Err(Failure::Refused(_))));
        assert!(demo::is_in(&platform.db).await.unwrap(), "some of the passwords may be there");
    }

    async fn it_loads_once_and_its_evidence_is_whole(world: World) {
        world.demo().await;
        assert!(demo::is_in(&world.platform().db).await.unwrap());
        let heads = world.heads().await;
        assert!(heads.iter().map(|(events, _)| events).sum::<i64>() > 200, "{heads:?}");
        world.demo().await;
        assert_eq!(world.heads().await, heads, "a second loading changes nothing");
        let platform = world.platform();
        for report in verify(platform.db.read(), &platform.keyring, &[]).await.unwrap() {
            assert_eq!(report.broken, None, "{}", report.province);
        }
        let before = world.heads().await;
        world.tick().await;
        assert!(world.heads().await >= before);
    }
}

on_both_demonstration! {
    async fn nobody_who_asks_meets_a_fault(world: World) {
        // One of each role, and nobody in particular.
        let cast = world.demo_cast().await;
        let mut roles = BTreeSet::new();
        let mut callers: Vec<Client> =
            cast.into_iter().filter(|client| roles.insert(client.credentials().role)).collect();
        assert_eq!(roles.len(), Role::ALL.len(), "{roles:?}");
        callers.push(world.visitor());
        let db = world.platform().db.read();
        let province = yidan::territory::store::province_by_code(db, "320000").await.unwrap().unwrap();
        let mut things = world.one_of_each(province.id).await;
        things.insert("div", world.division("329921100").await.id.to_string());

        let schema = Schema::current();
        let mut answered = 0;
        for operation in schema.operations().into_iter().filter(|operation| operation.root == Root::Query) {
            // The least is asked by everybody, everything there is to say by a third of all roles.
            for (sampler, share) in [(Sampler::minimal(&schema), 1), (Sampler::full(&schema), 3)] {
                let (variables, leaves) = sampler.variables(&operation);
                let kinds = ids::kinds(&world.visitor(), &operation, &variables, &leaves).await;
                let filled = ids::filled(&variables, &leaves, &kinds);
                let variables = leaves.iter().fold(filled, |variables, leaf| {
                    match kinds.get(&leaf.pointer).and_then(|kind| things.get(kind.as_str())) {
                        Some(id) => with(&variables, leaf, json!(id)),
                        None => variables,
                    }
                });
                for caller in callers.iter().skip(operation.name.len() % share).step_by(share) {
                    let answer = caller.query(&operation.document, variables.clone()).await;
                    assert!(is_calm(&answer), "{} {variables}: {}", operation.name, answer.text);
                    answered += usize::from(answer.codes().is_empty());
                }
            }
        }
        assert!(answered > 100, "{answered}");

        // Everything there is, by its id, and every procedure in each of its states, with all that can be asked of it.
        let procedures = world.procedures(province.id).await;
        let all: BTreeSet<&String> =
            things.values().chain(procedures.iter().map(|procedure| &procedure.id)).collect();
        let names = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let mut read = 0;
        for (turn, caller) in callers.iter().enumerate() {
            let nodes = caller.query(names, json!({ "ids": all })).await.good().data("/nodes").clone();
            let mut by_type: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for node in nodes.as_array().unwrap().iter().filter(|node| !node.is_null()) {
                by_type.entry(node["__typename"].as_str().unwrap().to_owned()).or_default().push(node["id"].clone());
            }
            for (name, mine) in by_type {
                let whole = schema.whole(&name, 1);
                let document = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {name} {whole} }} }}");
                // Everybody reads a third, so that everything is read by a third of all roles.
                for some in mine.chunks(5).skip(turn % 3).step_by(3) {
                    let answer = caller.query(&document, json!({ "ids": some })).await;
                    assert!(is_calm(&answer), "{name} {some:?}: {}", answer.text);
                    read += some.len();
                }
            }
        }
        assert!(read > 100, "{read}");
    }
}
