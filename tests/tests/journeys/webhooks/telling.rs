//! What is told, to whom, signed how.

use futures_util::future::join_all;
use yidan_tests::{places::NewOrg, prelude::*, webhooks::Receiver, world::Settings};

use super::{PATIENT, Scene, addition, rename, submitted, told};

on_both! {
    async fn what_happens_is_told_once_signed_and_says_little(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let fire = ground.department("消防救援大队").await;
        let township = ground.township("320102002").await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        world.deliver().await;
        let kinds: Vec<Value> = receiver.taken().iter().map(|message| message.body["type"].clone()).collect();
        // The office takes part in a list from its draft on.
        assert!(kinds.contains(&json!("list_version.publish_list_version")), "{kinds:?}");

        let id = submitted(&ground, &fire, &township, &list, "渔船停泊点防火提醒").await;
        world.deliver().await;
        let told = receiver.taken();
        let message = told.iter().find(|message| message.act() == "SUBMIT_ADJUSTMENT").expect("told");
        assert!(message.is_signed_by(&endpoint.secret), "{message:?}");
        assert!(!message.is_signed_by("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
        assert_eq!(message.headers["content-type"], "application/json");
        assert_eq!(message.body["type"], "adjustment.submit_adjustment");
        assert_eq!(message.body["version"], 1);
        let data = &message.body["data"];
        assert_eq!(data["subject"], json!({ "type": "Adjustment", "id": id }));
        assert_eq!(data["proceeding"]["id"], json!(id));
        assert_eq!((&data["proceeding"]["from"], &data["proceeding"]["to"]), (&json!("DRAFT"), &json!("SUBMITTED")));
        assert_eq!(data["province"], json!({ "id": ground.province.id.to_string(), "code": "320000" }));
        assert_eq!(data["by"], json!(township.org.id.to_string()));
        // Neither what is wanted, nor why, nor who.
        for word in ["渔船", "reason", "title", "name", "account", "request"] {
            assert!(!message.text.contains(word), "{}", message.text);
        }
        // What it names is there for who asks with a log-in.
        let seen = ground.establishment().await.see("Adjustment", &id, "number state").await;
        assert_eq!(seen["number"], data["proceeding"]["number"]);
        let mut numbers: Vec<i64> = told.iter().map(|message| message.body["data"]["number"].as_i64().unwrap()).collect();
        numbers.sort_unstable();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "no gap: {numbers:?}");

        world.wait(TimeDelta::days(1));
        world.deliver().await;
        assert!(receiver.taken().is_empty(), "once");
        let log = ground.establishment().await.log(&endpoint).await;
        let nodes = log["deliveries"]["nodes"].as_array().unwrap();
        assert!(nodes.iter().all(|node| node["state"] == "DELIVERED" && node["attemptCount"] == 1), "{log}");
        assert_eq!(nodes[0]["attempts"], json!([{ "number": 1, "outcome": "DELIVERED", "status": 204, "answer": null }]));
    }

    async fn an_organisation_is_told_what_it_sees_and_a_province_its_own(world: World) {
        world.open_loopback(PATIENT);
        let ground = world.ground().await;
        let fire = ground.department("消防救援大队").await;
        let other = ground.department("民政局").await;
        let township = ground.township("320102002").await;
        let neighbour = ground.township("320102003").await;
        let [whole, foreign, asked, idle, own, next_door, some] =
            [(); 7].map(|()| Receiver::open());
        let (whole, foreign, asked, idle, own, next_door, some) =
            futures_util::join!(whole, foreign, asked, idle, own, next_door, some);
        let admin = ground.province.admin().await;
        admin.endpoint(None, &whole, &[]).await;
        world.province("330000").await.admin().await.endpoint(None, &foreign, &[]).await;
        admin.endpoint(Some(&fire), &asked, &[]).await;
        other.person(Role::DeptHead).await.endpoint(Some(&other), &idle, &[]).await;
        township.person(Role::TownshipHead).await.endpoint(Some(&township.org), &own, &[]).await;
        neighbour.person(Role::TownshipListAdmin).await.endpoint(Some(&neighbour.org), &next_door, &[]).await;
        let acts = ["SUBMIT_ADJUSTMENT", "PUBLISH_LIST_VERSION"];
        admin.endpoint(None, &some, &acts).await;

        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        let id = submitted(&ground, &fire, &township, &list, "渔船停泊点防火提醒").await;
        ground.adjustment_until(&township, &id, "JOINT_CONSULTATION").await;
        world.deliver().await;

        let (whole, asked, own) = (whole.acts(), asked.acts(), own.acts());
        for act in ["PUBLISH_LIST_VERSION", "SUBMIT_ADJUSTMENT", "CHECK_ADJUSTMENT"] {
            for (who, heard) in [("province", &whole), ("township", &own), ("department", &asked)] {
                assert!(heard.iter().any(|one| one == act), "{who}: {act} of {heard:?}");
            }
        }
        assert!(own.iter().any(|act| act == "CREATE_ADJUSTMENT"));
        // Who is not asked hears of the list that is published in the county, and of nothing on the way there.
        assert_eq!(idle.acts(), ["PUBLISH_LIST_VERSION"]);
        assert!(next_door.acts().is_empty());
        assert!(foreign.acts().is_empty());
        let mut some = some.acts();
        some.sort();
        assert_eq!(some, ["PUBLISH_LIST_VERSION", "SUBMIT_ADJUSTMENT"]);
        // Log-ins and accounts, of which there were many, are told to nobody.
        for heard in [&whole, &asked, &own] {
            assert!(!heard.iter().any(|act| act.contains("LOGIN") || act.contains("ACCOUNT") || act.contains("WEBHOOK")));
        }
    }

    async fn what_is_told_does_not_depend_on_when_the_courier_comes(world: World) {
        let Scene { ground, fire, receiver, .. } = Scene::of(&world).await;
        let township = ground.township("320102002").await;
        let (whole, own, asked) = (Receiver::open().await, Receiver::open().await, Receiver::open().await);
        let admin = ground.province.admin().await;
        admin.endpoint(None, &whole, &[]).await;
        admin.endpoint(Some(&fire), &asked, &[]).await;
        township.person(Role::TownshipHead).await.endpoint(Some(&township.org), &own, &[]).await;
        let list = ground.list(&township, &[ground.cooperative("九小场所消防巡查", &fire)]).await;
        world.deliver().await;
        let drafted = ["CREATE_ADJUSTMENT", "SIGN_ADJUSTMENT", "SIGN_ADJUSTMENT", "SUBMIT_ADJUSTMENT"];
        for (name, always) in [("渔船停泊点防火提醒", true), ("老旧小区充电桩巡查", false)] {
            for receiver in [&receiver, &whole, &own, &asked] {
                let _ = receiver.taken();
            }
            let looked = async || {
                if always {
                    world.deliver().await;
                }
            };
            let id = ground.apply(&township, name, &[addition(&[list.as_str()], &ground.cooperative(name, &fire))]).await;
            looked().await;
            for (role, act) in [
                (Role::TownshipPartySecretary, "signAdjustment"),
                (Role::TownshipHead, "signAdjustment"),
                (Role::TownshipListAdmin, "submitAdjustment"),
            ] {
                township.person(role).await.act(act, json!({ "id": id }), "adjustment { id }").await.done();
                looked().await;
            }
            world.deliver().await;
            let acts = |receiver: &Receiver| {
                let mut acts = receiver.acts();
                acts.sort();
                acts
            };
            // Others hear of it from its submission on, whatever it is by the time they are told.
            assert_eq!(acts(&whole), ["SUBMIT_ADJUSTMENT"], "{name}");
            assert_eq!(acts(&receiver), ["SUBMIT_ADJUSTMENT"], "{name}");
            assert_eq!(acts(&own), drafted, "{name}");
            assert!(acts(&asked).is_empty(), "{name}");
        }
    }

    async fn what_is_seen_is_decided_when_it_is_told(world: World) {
        let scene = Scene::of(&world).await;
        let Scene { ground, fire, .. } = &scene;
        // An organisation that ends hears nothing any more, and its endpoint is switched off.
        let one = ground.province.org(NewOrg::new("320102", OrgKind::Department, "被撤销的局")).await;
        let gone = Receiver::open().await;
        let lost = ground.province.admin().await.endpoint(Some(&one), &gone, &[]).await;
        rename(ground, &one, "更名的局").await;
        world.deliver().await;
        assert_eq!(gone.acts(), ["RENAME_ORG_UNIT"]);
        let admin = ground.province.admin().await;
        let input = json!({ "id": one.id, "successorId": fire.id, "reason": "机构改革" });
        admin.act("abolishOrgUnit", input, "orgUnit { id }").await.done();
        world.wait(TimeDelta::days(1));
        world.deliver().await;
        assert!(gone.taken().is_empty());
        let log = admin.log(&lost).await;
        assert_eq!((&log["state"], &log["disabledBecause"]), (&json!("DISABLED"), &json!("ORGANISATION_ENDED")));
        assert_eq!(scene.log().await["state"], "ACTIVE");
        let inspector = ground.seat.person(Role::Inspector).await;
        let query = "query($id: ID) { auditEvents(subjectId: $id, first: 1) { nodes { act actorName subjectId after } } }";
        let seen = inspector.query(query, json!({ "id": lost.id })).await.good();
        let event = seen.data("/auditEvents/nodes/0");
        assert_eq!((&event["act"], &event["subjectId"]), (&json!("DISABLE_WEBHOOK_ENDPOINT"), &json!(lost.id)));
    }

    async fn nodes_that_look_at_once_tell_each_event_once(world: World) {
        let (ground, receiver, endpoint) = told(&world).await;
        let fire = ground.department("消防救援大队").await;
        let node = world.node(Settings::default()).await;
        node.open_loopback(PATIENT);
        for turn in 0..30 {
            rename(&ground, &fire, &format!("消防救援{turn}队")).await;
        }
        let nodes = [&world, &node, &world, &node];
        join_all(nodes.map(|node| async move {
            let mut courier = node.courier();
            while courier.round().await.unwrap() > 0 {
                courier.finish().await;
            }
        }))
        .await;
        world.deliver().await;
        let told = receiver.taken();
        let mut numbers: Vec<i64> = told.iter().map(|message| message.body["data"]["number"].as_i64().unwrap()).collect();
        numbers.sort_unstable();
        let renames = told.iter().filter(|message| message.act() == "RENAME_ORG_UNIT").count();
        assert_eq!(renames, 30);
        assert_eq!(numbers, (1..=i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
        let log = ground.establishment().await.log(&endpoint).await;
        assert_eq!(log["pendingCount"], 0);
    }
}
