//! Provinces do not see each other: every operation that takes an id answers another province's id byte for byte as it
//! answers one that names nothing.
//!
//! The operations come from the schema, the ids from the demonstration world: a wing that brings a new kind of id
//! brings one into the demonstration, too.

use std::collections::BTreeSet;

use yidan::kernel::audit::verify::verify;
use yidan_tests::{
    ids,
    prelude::*,
    sdl::{Root, Sampler, Schema, with},
};

/// What is national or published: public whatever province asks.
const PUBLIC: &[&str] = &["div", "list"];

/// Kinds of ids of which the demonstration world has nothing yet.
const LATER: &[&str] = &["obj", "round", "word"];

async fn head(world: &World, province: &str) -> (i64, String) {
    let platform = world.platform();
    let reports = verify(platform.db.read(), &platform.keyring, &[]).await.unwrap();
    let report = reports.into_iter().find(|report| report.province == province).unwrap();
    assert_eq!(report.broken, None);
    (report.events, report.head)
}

on_both! {
    async fn a_foreign_id_is_answered_like_one_that_names_nothing(world: World) {
        world.demo().await;
        let db = world.platform().db.read();
        let province =
            async |code: &str| yidan::territory::store::province_by_code(db, code).await.unwrap().unwrap().id;
        let mut foreign = world.one_of_each(province("320000").await).await;
        let there = world.demo_person("320000", "admin").await;
        let session = there.query("{ viewer { sessions { id } } }", json!({})).await.good();
        foreign.insert("ses", session.id("/viewer/sessions/0/id"));
        let position = json!({ "officeId": foreign["off"], "name": "科员" });
        let position = there.act("createPosition", position, "position { id }").await.done();
        foreign.insert("pos", position["position"]["id"].as_str().unwrap().to_owned());

        let mut own = world.one_of_each(province("980000").await).await;
        own.insert("div", world.division("980101001").await.id.to_string());
        let mut callers = Vec::new();
        for username in [
            "admin",
            "shi.bianban",
            "qu.bianban",
            "qu.liangban",
            "qu.sifa",
            "qu.caizheng",
            "qu.kaohe",
            "qu.ducha",
            "pingshan.shuji",
            "pingshan.qingdan",
            "minzheng",
            "minzheng.jingban",
        ] {
            callers.push(world.demo_person("980000", username).await);
        }
        let authority = callers[2]
            .query("{ orgUnits(within: \"980101\", kind: COMMITTEE_GOVERNMENT) { nodes { id } } }", json!({}))
            .await
            .good()
            .id("/orgUnits/nodes/0/id");
        let untouched = head(&world, "江苏省").await;

        let schema = Schema::current();
        let sampler = Sampler::full(&schema);
        let (mut asked, mut hidden, mut skipped) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for operation in schema.operations() {
            let (variables, leaves) = sampler.variables(&operation);
            let kinds = ids::kinds(&world.visitor(), &operation, &variables, &leaves).await;
            // Everything else as good as it can be, so that the one id decides.
            let good = leaves.iter().filter(|leaf| leaf.type_name == "ID").fold(variables, |variables, leaf| {
                let kind = kinds[&leaf.pointer].as_str();
                if leaf.field() == "authorityId" {
                    return with(&variables, leaf, json!(authority));
                }
                let id =
                    own.get(kind).cloned().unwrap_or_else(|| ids::random(if kind.is_empty() { "org" } else { kind }));
                with(&variables, leaf, id.into())
            });
            for leaf in leaves.iter().filter(|leaf| leaf.type_name == "ID") {
                let kind = kinds[&leaf.pointer].as_str();
                let samples: Vec<(&str, &String)> = match kind {
                    kind if PUBLIC.contains(&kind) => continue,
                    "" => foreign.iter().map(|(kind, id)| (*kind, id)).collect(),
                    kind => match foreign.get_key_value(kind) {
                        Some((kind, id)) => vec![(*kind, id)],
                        None if LATER.contains(&kind) => {
                            skipped.insert(kind.to_owned());
                            continue;
                        }
                        None => panic!("{} takes ids {kind}_…, of which the demonstration has none", operation.name),
                    },
                };
                let place = format!("{}{}", operation.name, leaf.pointer);
                asked.insert(place.clone());
                // What one choice refuses for another reason, the next may let through to the id.
                let choices = leaves.iter().filter_map(|choice| Some((choice, schema.values(&choice.type_name)?)));
                let others = choices.flat_map(|(choice, values)| {
                    values.into_iter().map(|value| with(&good, choice, value.into())).collect::<Vec<_>>()
                });
                for variables in std::iter::once(good.clone()).chain(others) {
                    let mut decided = false;
                    for (kind, foreign) in &samples {
                        for caller in &callers {
                            let ask = async |id: &str| {
                                caller.query(&operation.document, with(&variables, leaf, id.into())).await
                            };
                            let theirs = ask(foreign).await;
                            let nothing = ask(&ids::random(kind)).await;
                            let role = caller.credentials().role;
                            assert_eq!(theirs.text, nothing.text, "{place} asked by {role} with {foreign}");
                            assert_eq!(theirs.status, nothing.status);
                            let empty = operation.root == Root::Query && theirs.codes().is_empty();
                            decided |= empty || theirs.text.contains("NOT_FOUND");
                        }
                    }
                    if decided || place == "login/input/postId" {
                        // A log-in tells nobody why it is refused, so the post cannot show.
                        hidden.insert(place);
                        break;
                    }
                }
            }
        }
        assert_eq!(head(&world, "江苏省").await, untouched, "nothing was done there");
        let refused_otherwise: Vec<_> = asked.difference(&hidden).collect();
        assert!(refused_otherwise.is_empty(), "never asked so that the id decided: {refused_otherwise:?}");
        assert!(asked.len() > 60, "{asked:?}");
        if !skipped.is_empty() {
            eprintln!("kinds of ids without a sample: {skipped:?}");
        }
    }

    async fn lists_and_counts_end_at_the_province(world: World) {
        let (jiangsu, zhejiang) = (world.province("320000").await, world.province("330000").await);
        jiangsu.county("320102").await;
        zhejiang.county("330102").await;
        for (province, code) in [(&jiangsu, "320000"), (&zhejiang, "330000")] {
            let admin = province.admin().await;
            let document = "query($code: String) { province { code } orgUnits(within: $code, first: 100) { totalCount \
                            nodes { division { code } } } accounts(first: 100) { nodes { homeOrganisation { id } } } }";
            let all = admin.query(document, json!({})).await.good();
            assert_eq!(all.data("/province/code"), code);
            let here = admin.query(document, json!({ "code": code })).await.good();
            assert_eq!(all.data("/orgUnits/totalCount"), here.data("/orgUnits/totalCount"));
            let other = if code == "320000" { "330000" } else { "320000" };
            let there = admin.query(document, json!({ "code": other })).await.good();
            assert_eq!(there.data("/orgUnits/totalCount"), 0);
        }
    }

    async fn the_same_names_live_side_by_side(world: World) {
        let (jiangsu, zhejiang) = (world.province("320000").await, world.province("330000").await);
        for province in [&jiangsu, &zhejiang] {
            let admin = province.admin().await;
            let input = json!({
                "username": "li.si", "displayName": "李四", "homeOrgUnitId": province.operator.id,
                "temporaryPassword": format!("Password-{}", province.code),
                "posts": [{ "orgUnitId": province.operator.id, "role": "TECHNICAL_ADMIN" }]
            });
            admin.act("createAccount", input, "account { id }").await.done();
        }
        let log_in = async |province: &str, password: &str| {
            let input = json!({ "provinceCode": province, "username": "li.si", "password": password });
            world.visitor().act("login", input, "tokens { sessionId }").await
        };
        log_in("320000", "Password-320000").await.done();
        log_in("330000", "Password-330000").await.done();
        log_in("330000", "Password-320000").await.refused();
    }
}
