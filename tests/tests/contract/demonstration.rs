//! The demonstration world, walked through: everybody in it may ask everything there is to ask.

use yidan::kernel::audit::verify::verify;
use yidan_tests::{
    ids,
    prelude::*,
    sdl::{Root, Sampler, Schema, with},
};

on_both! {
    async fn it_loads_once_and_its_evidence_is_whole(world: World) {
        world.demo().await;
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

    async fn nobody_who_asks_meets_a_fault(world: World) {
        world.demo().await;
        let people = [
            ("320000", "xian.bianban"),
            ("320000", "xian.liangban"),
            ("320000", "xian.sifa"),
            ("320000", "xian.ducha"),
            ("320000", "yingji"),
            ("320000", "liuting.zhenzhang"),
            ("320000", "liuting.banshi"),
        ];
        let mut callers = vec![world.visitor()];
        for (province, username) in people {
            callers.push(world.demo_person(province, username).await);
        }
        let db = world.platform().db.read();
        let province = yidan::territory::store::province_by_code(db, "320000").await.unwrap().unwrap();
        let mut things = world.one_of_each(province.id).await;
        things.insert("div", world.division("329921100").await.id.to_string());

        let schema = Schema::current();
        let mut answered = 0;
        for operation in schema.operations().into_iter().filter(|operation| operation.root == Root::Query) {
            for sampler in [Sampler::minimal(&schema), Sampler::full(&schema)] {
                let (variables, leaves) = sampler.variables(&operation);
                let kinds = ids::kinds(&world.visitor(), &operation, &variables, &leaves).await;
                let filled = ids::filled(&variables, &leaves, &kinds);
                let variables = leaves.iter().fold(filled, |variables, leaf| {
                    match kinds.get(&leaf.pointer).and_then(|kind| things.get(kind.as_str())) {
                        Some(id) => with(&variables, leaf, json!(id)),
                        None => variables,
                    }
                });
                for caller in &callers {
                    let answer = caller.query(&operation.document, variables.clone()).await;
                    let faults =
                        answer.codes().into_iter().filter(|code| code == "INTERNAL" || code == "(no code)").count();
                    assert!(answer.status == 200 && faults == 0, "{} {variables}: {}", operation.name, answer.text);
                    answered += usize::from(answer.codes().is_empty());
                }
            }
        }
        assert!(answered > 100, "{answered}");

        // Everything there is, by its id.
        let all: Vec<&String> = things.values().collect();
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        for caller in &callers {
            caller.query(document, json!({ "ids": all })).await.good();
        }
    }
}
