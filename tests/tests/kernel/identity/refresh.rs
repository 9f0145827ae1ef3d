//! Staying logged in: rotation, the grace for lost answers, replay.

use yidan_tests::prelude::*;

use super::{bearer, evidence, is_known, log_in, refresh, refreshed};

on_both! {
    async fn each_refresh_gives_the_next_token_of_the_same_session(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let first = log_in(&world, &who).await;
        let mut tokens = first.clone();
        for _ in 0..3 {
            world.wait(TimeDelta::hours(11));
            assert!(!is_known(&bearer(&world, &tokens)).await);
            let next = refreshed(&world, &tokens).await;
            assert!(is_known(&bearer(&world, &next)).await);
            assert_ne!(next["refreshToken"], tokens["refreshToken"]);
            assert_eq!(next["sessionId"], first["sessionId"]);
            assert_eq!(next["sessionExpiresAt"], first["sessionExpiresAt"], "a session has one end");
            tokens = next;
        }
    }

    async fn a_session_ends_when_idle_and_at_its_end_whatever_is_done(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let idle = log_in(&world, &who).await;
        let mut busy = log_in(&world, &who).await;
        for _ in 0..15 {
            world.wait(TimeDelta::hours(11));
            busy = refreshed(&world, &busy).await;
        }
        assert_eq!(refresh(&world, &idle).await.codes(), ["UNAUTHENTICATED"]);
        world.wait(TimeDelta::hours(4));
        assert_eq!(refresh(&world, &busy).await.codes(), ["UNAUTHENTICATED"]);
        assert!(!is_known(&bearer(&world, &busy)).await);
    }

    async fn a_lost_answer_logs_nobody_out(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let tokens = log_in(&world, &who).await;
        let lost = refreshed(&world, &tokens).await;
        world.wait(TimeDelta::seconds(9));
        let repeated = refreshed(&world, &tokens).await;
        assert_eq!(lost["refreshToken"], repeated["refreshToken"], "no second chain begins");
        for tokens in [&lost, &repeated] {
            assert!(is_known(&bearer(&world, tokens)).await);
            assert!(is_known(&bearer(&world, &refreshed(&world, tokens).await)).await);
        }
    }

    async fn who_is_quick_with_a_used_token_is_found_out_too(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let stolen = log_in(&world, &who).await;
        let mine = refreshed(&world, &refreshed(&world, &stolen).await).await;
        world.wait(TimeDelta::seconds(2));
        assert_eq!(refresh(&world, &stolen).await.codes(), ["UNAUTHENTICATED"]);
        assert!(!is_known(&bearer(&world, &mine)).await);
    }

    async fn a_replay_revokes_the_whole_family_and_leaves_evidence(world: World) {
        let jiangsu = world.province("320000").await;
        let inspector = jiangsu.establishment_office("320000").await.person(Role::EoProvince).await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let bystander = log_in(&world, &who).await;
        let first = log_in(&world, &who).await;
        let second = refreshed(&world, &first).await;
        let third = refreshed(&world, &second).await;
        world.wait(TimeDelta::seconds(11));
        let replay = refresh(&world, &first).await;
        assert_eq!(replay.codes(), ["UNAUTHENTICATED"]);
        for tokens in [&first, &second, &third] {
            assert!(!is_known(&bearer(&world, tokens)).await);
            assert_eq!(refresh(&world, tokens).await.codes(), ["UNAUTHENTICATED"]);
        }
        assert!(is_known(&bearer(&world, &bystander)).await, "the person's other log-in is no part of it");
        let found = evidence(&inspector, "DETECT_TOKEN_REPLAY").await;
        assert_eq!(found.len(), 1, "said once, not at each further attempt");
        assert_eq!(found[0]["before"]["session"], first["sessionId"]);
    }

    async fn two_exchanges_at_the_same_time_both_answer_and_the_session_stands(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        for _ in 0..5 {
            let tokens = log_in(&world, &who).await;
            let (left, right) = futures_util::join!(refreshed(&world, &tokens), refreshed(&world, &tokens));
            assert_eq!(left["refreshToken"], right["refreshToken"]);
            for tokens in [left, right] {
                assert!(is_known(&bearer(&world, &tokens)).await);
            }
        }
    }

    async fn what_is_no_refresh_token_is_refused_like_an_old_one(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let tokens = log_in(&world, &who).await;
        let strange = [String::new(), "yrt_".to_owned(), "\0".to_owned(), "x".repeat(100_000)];
        for token in strange.into_iter().chain(tokens["accessToken"].as_str().map(str::to_owned)) {
            assert_eq!(refresh(&world, &json!({ "refreshToken": token })).await.codes(), ["UNAUTHENTICATED"]);
        }
        assert!(is_known(&bearer(&world, &tokens)).await);
    }
}
