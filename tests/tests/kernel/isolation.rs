//! Provinces do not see each other: every operation that takes an id answers another province's id byte for byte as it
//! answers one that names nothing.
//!
//! The operations come from the schema, the ids from the demonstration world: a wing that brings a new kind of id
//! brings one into the demonstration, too.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use yidan::kernel::{audit::verify::verify, ids::ProvinceId};
use yidan_entity::evaluation_objection;
use yidan_tests::{
    demo::Offered,
    ids, on_both_demonstration,
    prelude::*,
    sdl::{Leaf, Operation, Root, Sampler, Schema, with},
};

/// What is national or published: public whatever province asks.
const PUBLIC: &[&str] = &["div", "list"];

async fn head(world: &World, province: &str) -> (i64, String) {
    let platform = world.platform();
    let reports = verify(platform.db.read(), &platform.keyring, &[]).await.unwrap();
    let report = reports.into_iter().find(|report| report.province == province).unwrap();
    assert_eq!(report.broken, None);
    (report.events, report.head)
}

/// Persons of 云泽市 who between them do everything there is to do.
const YUNZE: &[&str] = &[
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
];

/// The same of 江苏省.
const JIANGSU: &[&str] = &[
    "admin",
    "sheng.bianban",
    "xian.bianban",
    "xian.liangban",
    "xian.sifa",
    "xian.kaohe",
    "liuting.shuji",
    "yanwan.shuji",
    "hewan.qingdan",
    "dadun.zhenzhang",
    "zhujian",
    "ziran",
];

/// Persons of one province with what there is in it, and what there is in the other.
struct Side<'a> {
    callers: Vec<Client>,
    own: BTreeMap<&'static str, String>,
    foreign: &'a BTreeMap<&'static str, String>,
    /// A decision body of theirs.
    authority: String,
    /// An item in force of one of their townships.
    in_force: String,
    offered: Option<Offered>,
}

/// Looked up inside the thing that the operation names, or only after something of that thing: whatever else an id names
/// is never asked for.
const INSIDE: &[&str] = &[
    "allocateDutyItem/input/assistingOfficeIds/0",
    "answerAdjustmentObjection/input/opinionId",
    "answerAdmissionObjection/input/opinionId",
    "answerSimilarity/input/secondItemId",
];

/// A log-in tells nobody why it is refused, so the post that it names cannot show.
const MUTE: &[&str] = &["login/input/postId", "signOn/input/postId"];

/// Whether it was this id that decided the answer: nothing else is refused, and what is refused stands there.
fn decides(operation: &Operation, leaf: &Leaf, answer: &Answer) -> bool {
    let place: Vec<&str> = leaf.pointer.split('/').skip(1).collect();
    match operation.root {
        Root::Query => answer.codes().is_empty() || answer.codes() == ["NOT_FOUND"],
        Root::Mutation => {
            let refusals = answer.data(&format!("/{}/userErrors", operation.name)).as_array().cloned();
            refusals.unwrap_or_default().iter().any(|refusal| {
                let path: Vec<&str> = refusal["path"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
                refusal["code"] == "NOT_FOUND" && !path.is_empty() && place.starts_with(&path)
            })
        }
    }
}

/// The same variables without what only some categories of duty have, but for the way to `leaf`.
fn lean(variables: &Value, leaf: &Leaf) -> Value {
    fn prune(value: &mut Value, pointer: &str, kept: &str) {
        match value {
            Value::Object(fields) => {
                // A new item has lists, a change of existing ones has items.
                let others: &[&str] =
                    if kept.contains("/itemIds/") { &["listIds", "derivedFrom"] } else { &["itemIds"] };
                let some = ["superiorClauses", "departments", "method", "reclaimMethod", "tags"];
                let spared = |name: &str| some.contains(&name) || others.contains(&name);
                fields.retain(|name, _| !spared(name) || kept.starts_with(&format!("{pointer}/{name}/")));
                fields.iter_mut().for_each(|(name, below)| prune(below, &format!("{pointer}/{name}"), kept));
            }
            Value::Array(entries) => {
                entries.iter_mut().enumerate().for_each(|(n, below)| prune(below, &format!("{pointer}/{n}"), kept));
            }
            _ => {}
        }
    }
    let mut lean = variables.clone();
    prune(&mut lean, "", &leaf.pointer);
    lean
}

/// What an answer says, but for the id of its request, which is each one's own.
fn said(answer: &Answer) -> String {
    let id = answer.header("x-request-id").unwrap();
    answer.text.replace(id, "")
}

/// Puts a foreign id and one that names nothing in every place of every operation, but for those that have been
/// `settled`, and settles those where the id decided the answer. Answers the places where it did not.
async fn compare(world: &World, schema: &Schema, side: &Side<'_>, settled: &mut BTreeSet<String>) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    for operation in schema.operations() {
        let (variables, leaves) = Sampler::full(schema).variables(&operation);
        let kinds = ids::kinds(&world.visitor(), &operation, &variables, &leaves).await;
        let places = leaves.iter().filter(|leaf| leaf.type_name == "ID").filter(|leaf| {
            let place = format!("{}{}", operation.name, leaf.pointer);
            !PUBLIC.contains(&kinds[&leaf.pointer].as_str()) && !settled.contains(&place)
        });
        let places: Vec<&Leaf> = places.collect();
        if places.is_empty() {
            continue;
        }
        // Everything else as good as it can be, so that the one id decides.
        let mut good = leaves.iter().fold(variables, |variables, leaf| {
            let kind = kinds.get(&leaf.pointer).map(String::as_str);
            match (leaf.field(), kind) {
                ("expectedRevision", _) => with(&variables, leaf, Value::Null),
                ("authorityId", _) => with(&variables, leaf, json!(side.authority)),
                ("origin", _) if operation.name.ends_with("Admission") => {
                    with(&variables, leaf, json!("DEPARTMENT_PROPOSAL"))
                }
                ("itemId", _) if operation.name == "allocateDutyItem" => with(&variables, leaf, json!(side.in_force)),
                (_, Some(kind)) => {
                    let id = side.own.get(kind).cloned();
                    let id = id.unwrap_or_else(|| ids::random(if kind.is_empty() { "org" } else { kind }));
                    with(&variables, leaf, id.into())
                }
                _ => variables,
            }
        });
        let mut callers: Vec<&Client> = side.callers.iter().collect();
        if let Some(offered) = &side.offered
            && let Some((index, id)) = offered.still(&operation.action(), &side.callers, schema).await
        {
            let prefix = id.split('_').next();
            let place = leaves.iter().find(|leaf| kinds.get(&leaf.pointer).map(String::as_str) == prefix);
            good = with(&good, place.unwrap_or_else(|| panic!("{} on {id}", operation.name)), id.into());
            callers = vec![&side.callers[index]];
        }
        for leaf in places {
            let place = format!("{}{}", operation.name, leaf.pointer);
            let kind = kinds[&leaf.pointer].as_str();
            let samples: Vec<(&str, &String)> = match kind {
                "" => side.foreign.iter().map(|(kind, id)| (*kind, id)).collect(),
                kind => side.foreign.get_key_value(kind).map(|(kind, id)| (*kind, id)).into_iter().collect(),
            };
            let mut decided = MUTE.contains(&place.as_str());
            // What one choice refuses for another reason, the next may let through to the id; likewise what says less.
            let less = lean(&good, leaf);
            let mut tries = vec![good.clone(), less.clone()];
            for choice in leaves.iter().filter(|_| side.offered.is_some()) {
                for value in schema.values(&choice.type_name).unwrap_or_default() {
                    let bases = [&good, &less].into_iter().filter(|base| base.pointer(&choice.pointer).is_some());
                    tries.extend(bases.map(|base| with(base, choice, json!(value))));
                }
            }
            let mut able: BTreeSet<usize> = (0..callers.len()).collect();
            for (turn, variables) in tries.into_iter().enumerate() {
                for (kind, foreign) in &samples {
                    for (index, caller) in callers.iter().enumerate() {
                        if turn > 0 && (decided || !able.contains(&index)) {
                            continue;
                        }
                        let ask =
                            async |id: &str| caller.query(&operation.document, with(&variables, leaf, id.into())).await;
                        let theirs = ask(foreign).await;
                        let nothing = ask(&ids::random(kind)).await;
                        let role = caller.credentials().role;
                        assert_eq!(said(&theirs), said(&nothing), "{place} asked by {role} with {foreign}");
                        assert_eq!(theirs.status, nothing.status);
                        let codes = theirs.user_error_codes(&operation.name);
                        let refused = !(theirs.codes().is_empty() && codes.is_empty());
                        assert!(refused || operation.root == Root::Query, "{place} by {role}: {}", theirs.text);
                        decided |= decides(&operation, leaf, &theirs);
                        if codes == ["FORBIDDEN"] {
                            able.remove(&index);
                        }
                    }
                }
                if decided {
                    break;
                }
            }
            if decided {
                settled.insert(place);
            } else {
                open.insert(place);
            }
        }
    }
    open
}

async fn people(world: &World, province: &str, usernames: &[&str]) -> Vec<Client> {
    let mut people = Vec::new();
    for username in usernames {
        people.push(world.demo_person(province, username).await);
    }
    people
}

async fn authority(caller: &Client, code: &str) -> String {
    let document = "query($code: String!) { orgUnits(within: $code, kind: COMMITTEE_GOVERNMENT) { nodes { id } } }";
    caller.query(document, json!({ "code": code })).await.good().id("/orgUnits/nodes/0/id")
}

/// A township of a new county that drafts its first list, with an item in it, and who keeps the list.
async fn drafting(province: &Province, code: &str, domain: &str) -> Client {
    province.establishment_office(&format!("{}00", &code[..4])).await;
    let township = province.county(&code[..6]).await.township(code).await;
    let keeper = township.person(Role::TownshipListAdmin).await;
    let draft = keeper.act("draftFirstEdition", json!({}), "listVersion { id }").await.done();
    let content = json!({ "category": "BASIC", "domainId": domain, "name": "组织消防演练" });
    let item = json!({ "versionId": draft["listVersion"]["id"], "items": [{ "content": content }] });
    keeper.act("addDraftItem", item, "listVersion { id }").await.done();
    keeper
}

/// 浙江省 with a list that is being drafted: unpublished items that 云泽市 has none of.
async fn zhejiang(world: &World) -> ProvinceId {
    let zhejiang = world.province("330000").await;
    let office = zhejiang.establishment_office("330000").await.person(Role::EoProvince).await;
    let domain = office.act("createDutyDomain", json!({ "name": "平安法治" }), "dutyDomain { id }").await.done();
    drafting(&zhejiang, "330102001", domain["dutyDomain"]["id"].as_str().unwrap()).await;
    zhejiang.id
}

/// An item in force of a township, as anybody sees it.
async fn in_force(world: &World, code: &str) -> String {
    let document =
        "query($code: String!) { dutyList(townshipCode: $code) { items(first: 1) { nodes { item { id } } } } }";
    world.visitor().query(document, json!({ "code": code })).await.good().id("/dutyList/items/nodes/0/item/id")
}

/// One thing of each kind that there is in 江苏省, with what the demonstration leaves out, and who keeps the list that is
/// being drafted.
async fn jiangsu_things(world: &World, province: ProvinceId) -> (BTreeMap<&'static str, String>, Client) {
    let round = world.demo_round().await;
    let admin = world.demo_person("320000", "admin").await;
    let domain = &world.one_of_each(province).await["dom"];
    let keeper = drafting(&world.province("320000").await, "320102002", domain).await;
    let hook = json!({ "url": "https://198.51.99.1/", "description": "政务平台" });
    let hook = admin.act("createWebhookEndpoint", hook, "issued { endpoint { id } }").await.done();
    let test = json!({ "endpointId": hook["issued"]["endpoint"]["id"] });
    admin.act("sendTestWebhook", test, "webhookDelivery { id }").await.done();
    let mut things = world.one_of_each(province).await;
    let session = admin.query("{ viewer { sessions { id } } }", json!({})).await.good();
    things.insert("ses", session.id("/viewer/sessions/0/id"));
    let position = json!({ "officeId": things["off"], "name": "科员" });
    let position = admin.act("createPosition", position, "position { id }").await.done();
    things.insert("pos", position["position"]["id"].as_str().unwrap().to_owned());
    let named = |id: &str| Uuid::try_parse(id.rsplit('_').next().unwrap()).unwrap();
    let objection = evaluation_objection::Model {
        id: Uuid::now_v7(),
        province_id: province.0,
        round_id: named(&round),
        org_unit_id: named(&things["org"]),
        text: "评分与事实不符。".into(),
        raised_by: named(&things["acc"]),
        raised_at: world.now(),
        upheld: None,
        answer: None,
        answered_by: None,
        answered_at: None,
    };
    things.insert("obj", format!("obj_{}", objection.id.simple()));
    world.insert(objection).await;
    (things, keeper)
}

on_both_demonstration! {
    async fn a_foreign_id_is_answered_like_one_that_names_nothing(world: World) {
        let db = world.platform().db.read();
        let province =
            async |code: &str| yidan::territory::store::province_by_code(db, code).await.unwrap().unwrap().id;
        let (jiangsu, yunze) = (province("320000").await, province("980000").await);
        let (theirs, keeper) = jiangsu_things(&world, jiangsu).await;
        let mut ours = world.one_of_each(yunze).await;
        ours.insert("div", world.division("980101001").await.id.to_string());
        let schema = Schema::current();
        let mut settled = BTreeSet::new();

        let callers = people(&world, "980000", YUNZE).await;
        let authority_here = authority(&callers[2], "980101").await;
        let side = Side {
            callers,
            own: ours.clone(),
            foreign: &theirs,
            authority: authority_here,
            in_force: ids::random("item"),
            offered: None,
        };
        let before = head(&world, "江苏省").await;
        compare(&world, &schema, &side, &mut settled).await;
        assert_eq!(head(&world, "江苏省").await, before, "nothing was done there");

        // The log-ins that were tried have to be forgotten first.
        world.wait(TimeDelta::hours(2));
        let law = json!({
            "kind": "AMENDED", "instrument": "中华人民共和国消防法", "effectiveOn": "2026-04-01", "summary": "调整分工。"
        });
        side.callers[4].act("registerLawChange", law, "lawChange { id }").await.done();
        let zhejiang = zhejiang(&world).await;
        let elsewhere = world.one_of_each(zhejiang).await;
        let mut ours: BTreeMap<_, _> = elsewhere.into_iter().chain(ours).collect();
        ours.extend(world.one_of_each(yunze).await);

        // The other way round: 江苏省 has procedures in every state, so that more places are looked at.
        let mut own = theirs.clone();
        own.insert("div", world.division("329921100").await.id.to_string());
        let mut callers = people(&world, "320000", JIANGSU).await;
        callers.push(keeper);
        let offered = Some(Offered::of(&world, &callers, jiangsu, &schema).await);
        let authority_there = authority(&callers[2], "329921").await;
        let in_force = in_force(&world, "329921100").await;
        let side = Side { callers, own, foreign: &ours, authority: authority_there, in_force, offered };
        let before = [head(&world, "云泽市").await, head(&world, "浙江省").await];
        let open = compare(&world, &schema, &side, &mut settled).await;
        assert_eq!([head(&world, "云泽市").await, head(&world, "浙江省").await], before, "nothing was done there");
        let open: Vec<&String> = open.iter().filter(|place| !INSIDE.contains(&place.as_str())).collect();
        assert!(open.is_empty(), "never asked so that the id decided: {open:?}");
        assert!(settled.len() > 100, "{settled:?}");
    }
}

on_both! {
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
