//! Provinces do not see each other: every operation that takes an id answers another province's id byte for byte as it
//! answers one that names nothing.
//!
//! The operations come from the schema. A wing that brings a new kind of id adds one of its own to [`belongings`].

use std::collections::{BTreeMap, BTreeSet};

use yidan::kernel::audit::verify::verify;
use yidan_tests::{
    ids,
    places::account_of,
    prelude::*,
    sdl::{Root, Sampler, Schema, with},
};

/// Kinds of ids whose wings have not brought a sample yet.
const LATER: &[&str] = &[
    "adj", "adm", "chg", "dec", "dom", "item", "law", "list", "obj", "opn", "que", "rev", "round", "tpl", "ver",
    "watch", "word",
];

/// One thing of every kind in a province, as a fresh one has them.
async fn belongings(
    world: &World,
    province: &Province,
    county: &str,
    township: &str,
) -> BTreeMap<&'static str, String> {
    let county = province.county(county).await;
    let bureau = county.department("应急管理局").await;
    let township = province.township(township).await;
    let admin = province.admin().await;
    let office = json!({ "orgUnitId": township.org.id, "name": "党政办" });
    let office = admin.act("createInternalOffice", office, "internalOffice { id }").await.done();
    let office = office["internalOffice"]["id"].as_str().unwrap().to_owned();
    let position = json!({ "officeId": office, "name": "科员" });
    let position = admin.act("createPosition", position, "position { id }").await.done();
    let person = bureau.person(Role::DeptHead).await;
    let me = person.query("{ viewer { post { id } sessions { id } } }", json!({})).await.good();
    BTreeMap::from([
        ("prov", province.id.to_string()),
        ("org", bureau.id.to_string()),
        ("off", office),
        ("pos", position["position"]["id"].as_str().unwrap().to_owned()),
        ("acc", account_of(world, &person).await.id.to_string()),
        ("post", me.id("/viewer/post/id")),
        ("ses", me.id("/viewer/sessions/0/id")),
    ])
}

async fn head(world: &World, province: &str) -> (i64, String) {
    let platform = world.platform();
    let reports = verify(platform.db.read(), &platform.keyring, &[]).await.unwrap();
    let report = reports.into_iter().find(|report| report.province == province).unwrap();
    assert_eq!(report.broken, None);
    (report.events, report.head)
}

on_both! {
    async fn a_foreign_id_is_answered_like_one_that_names_nothing(world: World) {
        let (jiangsu, zhejiang) = (world.province("320000").await, world.province("330000").await);
        let mut own = belongings(&world, &jiangsu, "320102", "320102002").await;
        let foreign = belongings(&world, &zhejiang, "330102", "330102001").await;
        own.insert("div", world.division("320104").await.id.to_string());
        let county = jiangsu.county("320104").await;
        let province_office = jiangsu.establishment_office("320000").await;
        let callers = [
            jiangsu.admin().await,
            province_office.person(Role::EoProvince).await,
            county.person(Role::EoCounty).await,
            county.person(Role::Inspector).await,
            jiangsu.township("320104001").await.person(Role::TownshipHead).await,
            county.department("民政局").await.person(Role::DeptHead).await,
        ];
        let untouched = head(&world, "浙江省").await;

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
                    return with(&variables, leaf, json!(county.authority.id));
                }
                let id = own.get(kind).cloned().unwrap_or_else(|| ids::random(if kind.is_empty() { "org" } else { kind }));
                with(&variables, leaf, id.into())
            });
            for leaf in leaves.iter().filter(|leaf| leaf.type_name == "ID") {
                let kind = kinds[&leaf.pointer].as_str();
                let samples: Vec<(&str, &String)> = match kind {
                    // Divisions are national and public.
                    "div" => continue,
                    "" => foreign.iter().map(|(kind, id)| (*kind, id)).collect(),
                    kind => match foreign.get_key_value(kind) {
                        Some((kind, id)) => vec![(*kind, id)],
                        None if LATER.contains(&kind) => {
                            skipped.insert(kind.to_owned());
                            continue;
                        }
                        None => panic!("{} takes ids {kind}_…: add one to belongings()", operation.name),
                    },
                };
                let place = format!("{}{}", operation.name, leaf.pointer);
                asked.insert(place.clone());
                for (kind, foreign) in samples {
                    for caller in &callers {
                        let ask = async |id: String| {
                            caller.query(&operation.document, with(&good, leaf, id.into())).await
                        };
                        let theirs = ask(foreign.clone()).await;
                        let nothing = ask(ids::random(kind)).await;
                        let role = caller.credentials().role;
                        assert_eq!(theirs.text, nothing.text, "{place} asked by {role} with {foreign}");
                        assert_eq!(theirs.status, nothing.status);
                        let found = theirs.text.contains("NOT_FOUND");
                        let empty = operation.root == Root::Query && theirs.codes().is_empty();
                        if found || empty {
                            hidden.insert(place.clone());
                        }
                    }
                }
            }
        }
        assert_eq!(head(&world, "浙江省").await, untouched, "nothing was done there");
        // A log-in tells nobody why it is refused, so the post cannot show.
        hidden.insert("login/input/postId".to_owned());
        let refused_otherwise: Vec<_> = asked.difference(&hidden).collect();
        assert!(refused_otherwise.is_empty(), "never asked so that the id decided: {refused_otherwise:?}");
        assert!(asked.len() > 20, "{asked:?}");
        if !skipped.is_empty() {
            eprintln!("kinds of ids without a sample: {skipped:?}");
        }
    }

    async fn lists_and_counts_end_at_the_province(world: World) {
        let (jiangsu, zhejiang) = (world.province("320000").await, world.province("330000").await);
        belongings(&world, &jiangsu, "320102", "320102002").await;
        belongings(&world, &zhejiang, "330102", "330102001").await;
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
