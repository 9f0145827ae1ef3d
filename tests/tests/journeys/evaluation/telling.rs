//! Whoever is told what happens learns nothing of ballots: neither that one was taken, nor that one was cast, nor when.

use std::time::Duration;

use yidan_tests::{prelude::*, webhooks::Receiver};

use super::{county, vote};

on_both! {
    async fn ballots_are_told_to_nobody(world: World) {
        world.open_loopback(Duration::from_secs(20));
        let county = county(&world, 2).await;
        let jiangsu = county.seat.province().clone();
        let (province, office, township) =
            (Receiver::open().await, Receiver::open().await, Receiver::open().await);
        let admin = jiangsu.admin().await;
        let whole = admin.endpoint(None, &province, &[]).await;
        admin.endpoint(Some(county.seat.office(OrgKind::AssessmentOffice)), &office, &[]).await;
        admin.endpoint(Some(&county.townships[0].org), &township, &[]).await;
        let mut voters = county.voters(0, 2).await;
        voters.extend(county.voters(1, 2).await);
        let round = county.seat.open_round(2026, "FIRST").await;
        world.deliver().await;
        for receiver in [&province, &office, &township] {
            assert!(receiver.acts().contains(&"OPEN_EVALUATION".to_owned()));
        }
        vote(&world, &round, &voters, &county.bureau, 4).await;
        world.deliver().await;
        for receiver in [&province, &office, &township] {
            assert!(receiver.taken().is_empty(), "votes pass in silence");
        }
        // The next message's number shows no gap where they were.
        county.seat.tally(&world, &round).await;
        county.seat.publish(&world, &round).await;
        world.deliver().await;
        let told = province.taken();
        let mut numbers: Vec<i64> =
            told.iter().map(|message| message.body["data"]["number"].as_i64().unwrap()).collect();
        numbers.sort_unstable();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
        let log = admin.log(&whole).await;
        assert_eq!(numbers.last().unwrap().to_string(), log["deliveries"]["nodes"][0]["number"].as_str().unwrap());
        assert!(told.iter().any(|message| message.act() == "PUBLISH_EVALUATION"));
        for message in told {
            let text = message.text.to_lowercase();
            assert!(!text.contains("ballot") && !text.contains("score") && !text.contains("voter"), "{text}");
        }
    }
}
