//! My sessions, posts and password.

use yidan_tests::prelude::*;

use super::{TOKENS, bearer, is_known, log_in, refresh, try_password};

on_both! {
    async fn sessions_are_listed_and_ended_one_by_one(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let (first, second) = (log_in(&world, &who).await, log_in(&world, &who).await);
        let here = bearer(&world, &second);
        let document = "{ viewer { sessions { id current address userAgent } } }";
        let listed = here.query(document, json!({})).await.good();
        assert_eq!(listed.texts("/viewer/sessions", "id"), [&second["sessionId"], &first["sessionId"]].map(text));
        assert_eq!(listed.data("/viewer/sessions/0/current"), true);
        assert_eq!(listed.data("/viewer/sessions/1/current"), false);
        assert_eq!(listed.data("/viewer/sessions/1/userAgent"), "yidan-tests");

        here.act("revokeSession", json!({ "id": first["sessionId"] }), "sessionId").await.done();
        assert!(!is_known(&bearer(&world, &first)).await);
        assert_eq!(refresh(&world, &first).await.codes(), ["UNAUTHENTICATED"]);
        assert!(is_known(&here).await);
        let again = here.act("revokeSession", json!({ "id": first["sessionId"] }), "sessionId").await;
        assert_eq!(again.refused(), "NOT_FOUND");
        let listed = here.query(document, json!({})).await.good();
        assert_eq!(listed.texts("/viewer/sessions", "id"), [text(&second["sessionId"])]);
    }

    async fn nobody_ends_another_persons_session(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let theirs = log_in(&world, &who).await;
        let foreign = admin.act("revokeSession", json!({ "id": theirs["sessionId"] }), "sessionId").await;
        let random = format!("ses_{}", uuid::Uuid::now_v7().simple());
        let unknown = admin.act("revokeSession", json!({ "id": random }), "sessionId").await;
        assert_eq!(foreign.answer.text, unknown.answer.text);
        assert_eq!(foreign.refused(), "NOT_FOUND");
        assert!(is_known(&bearer(&world, &theirs)).await);
    }

    async fn logging_out_ends_this_session_and_everywhere_ends_all(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let (first, second, third) =
            (log_in(&world, &who).await, log_in(&world, &who).await, log_in(&world, &who).await);
        let logout = "mutation { logout { sessionId userErrors { code } } }";
        bearer(&world, &first).query(logout, json!({})).await.good();
        assert!(!is_known(&bearer(&world, &first)).await);
        assert!(is_known(&bearer(&world, &second)).await);
        let everywhere = "mutation { logoutEverywhere(input: { idempotencyKey: \"k\" }) { sessionId } }";
        bearer(&world, &second).query(everywhere, json!({})).await.good();
        for tokens in [&second, &third] {
            assert!(!is_known(&bearer(&world, tokens)).await);
            assert_eq!(refresh(&world, tokens).await.codes(), ["UNAUTHENTICATED"]);
        }
    }

    async fn a_person_acts_for_one_post_at_a_time_and_switches(world: World) {
        let jiangsu = world.province("320000").await;
        let county = jiangsu.county("320102").await;
        let office = county.office(OrgKind::EstablishmentOffice);
        let posts = [(&jiangsu.operator, Role::TechnicalAdmin), (office, Role::EoCounty)];
        let who = world.enrol(&posts, false).await;
        let tokens = log_in(&world, &who).await;
        let client = bearer(&world, &tokens);
        let mine = client.query("{ viewer { post { role } posts { id role } } }", json!({})).await.good();
        assert_eq!(mine.data("/viewer/post/role"), "TECHNICAL_ADMIN");
        assert_eq!(mine.texts("/viewer/posts", "role"), ["TECHNICAL_ADMIN", "EO_COUNTY"]);
        let business = mine.id("/viewer/posts/1/id");
        let evidence = "{ auditEvents(first: 1) { nodes { id } } }";
        assert_eq!(client.query(evidence, json!({})).await.codes(), ["FORBIDDEN"], "no business powers");

        client.act("switchPost", json!({ "postId": business }), "post { role }").await.done();
        let now = client.query("{ viewer { post { role } } }", json!({})).await.good();
        assert_eq!(now.data("/viewer/post/role"), "EO_COUNTY", "the same token, another post");
        client.query(evidence, json!({})).await.good();
        assert_eq!(client.query("{ accounts { nodes { id } } }", json!({})).await.codes(), ["FORBIDDEN"]);

        let input = json!({
            "provinceCode": who.province, "username": who.username, "password": who.password, "postId": business
        });
        let direct = world.visitor().act("login", input, TOKENS).await.done();
        let there = bearer(&world, &direct["tokens"]).query("{ viewer { post { role } } }", json!({})).await.good();
        assert_eq!(there.data("/viewer/post/role"), "EO_COUNTY");
    }

    async fn nobody_switches_to_another_persons_post(world: World) {
        let jiangsu = world.province("320000").await;
        let (admin, other) = (jiangsu.admin().await, jiangsu.operator.another(Role::TechnicalAdmin).await);
        let theirs = other.query("{ viewer { post { id } } }", json!({})).await.good().id("/viewer/post/id");
        let foreign = admin.act("switchPost", json!({ "postId": theirs }), "post { id }").await;
        let random = format!("post_{}", uuid::Uuid::now_v7().simple());
        let unknown = admin.act("switchPost", json!({ "postId": random }), "post { id }").await;
        assert_eq!(foreign.answer.text, unknown.answer.text);
        assert_eq!(foreign.refused(), "NOT_FOUND");
    }

    async fn changing_the_password_ends_the_other_sessions(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let (other, mine) = (log_in(&world, &who).await, log_in(&world, &who).await);
        let client = bearer(&world, &mine);
        let change = async |current: &str, new: &str| {
            let input = json!({ "currentPassword": current, "newPassword": new });
            client.act("changePassword", input, "account { id }").await
        };
        assert_eq!(change("Wrong-password-1", "Another-2026").await.refused(), "CREDENTIALS_REFUSED");
        assert_eq!(change(&who.password, "short").await.refused(), "WEAK_PASSWORD");
        assert_eq!(change(&who.password, &format!("{}-A1", who.username)).await.refused(), "WEAK_PASSWORD");
        assert_eq!(change(&who.password, &who.password).await.refused(), "INVALID_INPUT");
        assert!(is_known(&bearer(&world, &other)).await, "a refused change ends nothing");
        change(&who.password, "Another-2026-依单").await.done();
        assert!(is_known(&client).await);
        assert!(!is_known(&bearer(&world, &other)).await);
        assert_eq!(refresh(&world, &other).await.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(try_password(&world, &who, &who.password).await.refused(), "CREDENTIALS_REFUSED");
        try_password(&world, &who, "Another-2026-依单").await.done();
    }

    async fn a_stolen_token_does_not_help_to_guess_the_password(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let client = bearer(&world, &log_in(&world, &who).await);
        for _ in 0..5 {
            let input = json!({ "currentPassword": "Wrong-password-1", "newPassword": "Another-2026" });
            assert_eq!(client.act("changePassword", input, "account { id }").await.refused(), "CREDENTIALS_REFUSED");
        }
        let input = json!({ "currentPassword": who.password, "newPassword": "Another-2026" });
        assert_eq!(client.act("changePassword", input, "account { id }").await.refused(), "CREDENTIALS_REFUSED");
        assert_eq!(try_password(&world, &who, &who.password).await.refused(), "CREDENTIALS_REFUSED");
        world.wait(TimeDelta::seconds(65));
        try_password(&world, &who, &who.password).await.done();
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
