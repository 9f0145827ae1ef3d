//! Logging in: unknown, wrong and locked look alike; guessing gets slower and slower.

use std::net::{IpAddr, Ipv4Addr};

use yidan::app::HttpConfig;
use yidan_tests::{client::Credentials, places::account_of, prelude::*, world::Settings};

use super::{TOKENS, bearer, evidence, is_known, log_in, try_password};

const WRONG: &str = "Wrong-password-1";

on_both! {
    async fn the_tokens_are_good_for_as_long_as_they_say(world: World) {
        let jiangsu = world.province("320000").await;
        let clerk = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let tokens = log_in(&world, &clerk).await;
        let client = bearer(&world, &tokens);
        assert!(is_known(&client).await);
        let ends: DateTime<Utc> = tokens["accessTokenExpiresAt"].as_str().unwrap().parse().unwrap();
        world.clock().set(ends - TimeDelta::seconds(2));
        assert!(is_known(&client).await);
        world.clock().set(ends);
        assert!(!is_known(&client).await, "an access token ends");
    }

    async fn unknown_wrong_locked_disabled_and_postless_look_alike_byte_for_byte(world: World) {
        let jiangsu = world.province("320000").await;
        let operator = &jiangsu.operator;
        let known = world.enrol(&[(operator, Role::TechnicalAdmin)], false).await;
        let locked = world.enrol(&[(operator, Role::TechnicalAdmin)], false).await;
        for _ in 0..5 {
            assert_eq!(try_password(&world, &locked, WRONG).await.refused(), "CREDENTIALS_REFUSED");
        }
        let admin = jiangsu.admin().await;
        let disabled = world.enrol(&[(operator, Role::TechnicalAdmin)], false).await;
        let input = json!({ "id": disabled.account, "reason": "离职" });
        admin.act("disableAccount", input, "account { disabledAt }").await.done();
        let postless = world.enrol(&[(operator, Role::TechnicalAdmin)], false).await;
        end_only_post(&admin, &postless).await;

        let wrong = try_password(&world, &known, WRONG).await;
        let nobody = Credentials { username: "nobody.at.all".into(), ..known.clone() };
        let unserved = Credentials { province: "110000".into(), ..known.clone() };
        let nowhere = Credentials { province: "９９".into(), ..known.clone() };
        let unspeakable = Credentials { username: "a\u{0}b\u{202e}".into(), ..known.clone() };
        let unspeakable_place = Credentials { province: "\0\0\0\0\0\0".into(), ..known.clone() };
        let alike = [nobody, unserved, nowhere, unspeakable, unspeakable_place, locked, disabled, postless];
        for who in alike {
            let right = try_password(&world, &who, &who.password).await;
            assert_eq!(right.answer.text, wrong.answer.text, "{who:?}");
            assert_eq!(right.answer.status, wrong.answer.status);
        }
        assert_eq!(wrong.refusal()["__typename"], "CredentialsRefusedError");
    }

    async fn guessing_locks_the_account_longer_each_time_and_a_lock_ends_by_itself(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let right = async || try_password(&world, &who, &who.password).await;
        for _ in 0..4 {
            try_password(&world, &who, WRONG).await.refused();
        }
        right().await.done();
        // A good log-in forgets the failures before it.
        for _ in 0..5 {
            try_password(&world, &who, WRONG).await.refused();
        }
        for (minutes, round) in [(1, "fifth"), (2, "sixth"), (4, "seventh")] {
            right().await.refused();
            world.wait(TimeDelta::minutes(minutes) - TimeDelta::seconds(5));
            assert_eq!(right().await.refused(), "CREDENTIALS_REFUSED", "locked for {minutes} min after the {round}");
            world.wait(TimeDelta::seconds(10));
            if minutes < 4 {
                try_password(&world, &who, WRONG).await.refused();
            }
        }
        right().await.done();
        let admin = jiangsu.admin().await;
        let account = account_of(&world, &admin).await;
        assert_eq!(account.failed_logins, 0);
    }

    async fn attempts_on_a_locked_account_do_not_keep_it_locked(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        for _ in 0..9 {
            try_password(&world, &who, WRONG).await.refused();
        }
        world.wait(TimeDelta::seconds(65));
        try_password(&world, &who, &who.password).await.done();
    }

    async fn an_administrator_lifts_a_lock(world: World) {
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        for _ in 0..5 {
            try_password(&world, &who, WRONG).await.refused();
        }
        let payload = admin.act("unlockAccount", json!({ "id": who.account }), "account { lockedUntil }").await.done();
        assert_eq!(payload["account"]["lockedUntil"], Value::Null);
        try_password(&world, &who, &who.password).await.done();
    }

    async fn an_address_that_guesses_has_to_wait_and_others_do_not(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let proxy = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let http = HttpConfig { trusted_proxies: [proxy].into(), ..HttpConfig::default() };
        let node = world.node(Settings { http, ..Settings::default() }).await;
        let from = |address: &str| node.visitor().with_header("x-forwarded-for", address);
        let input =
            |username: &str| json!({ "provinceCode": "320000", "username": username, "password": who.password });
        for number in 0..50 {
            // The caller's own claim before the proxy's word changes nothing.
            let claim = format!("10.0.0.{number}, 192.0.2.7");
            from(&claim).act("login", input(&format!("guess{number}")), TOKENS).await.refused();
        }
        let blocked = from("192.0.2.7").act("login", input(&who.username), "tokens { sessionId }").await;
        assert_eq!(blocked.refused(), "CREDENTIALS_REFUSED");
        let document = "mutation($i: LoginInput!) { login(input: $i) { userErrors { ... on CredentialsRefusedError { \
                        retryAfterSeconds } } } }";
        let told = from("192.0.2.7").query(document, json!({ "i": input(&who.username) })).await.good();
        let seconds = told.data("/login/userErrors/0/retryAfterSeconds").as_i64().unwrap();
        assert!((1..=5).contains(&seconds), "{seconds}");
        from("192.0.2.8").act("login", input(&who.username), TOKENS).await.done();
        world.wait(TimeDelta::seconds(seconds + 1));
        from("192.0.2.7").act("login", input(&who.username), TOKENS).await.done();
    }

    async fn who_is_at_home_at_an_address_is_not_kept_out_by_others_there(world: World) {
        let jiangsu = world.province("320000").await;
        let enrol = async || world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let (at_home, guessed, stranger, away) = (enrol().await, enrol().await, enrol().await, enrol().await);
        log_in(&world, &away).await;
        world.wait(TimeDelta::days(31));
        log_in(&world, &at_home).await;
        log_in(&world, &guessed).await;
        exhaust(&world, &stranger).await;
        let node = world.node(Settings::default()).await;
        for server in [&world, &node] {
            log_in(server, &at_home).await;
        }
        // Nobody else, known or not, right or wrong, and all are told alike: whether somebody is at home does not show.
        let nobody = Credentials { username: "nobody.at.all".into(), ..stranger.clone() };
        let mut attempts = vec![
            (&nobody, WRONG),
            (&stranger, &*stranger.password),
            (&stranger, WRONG),
            (&away, &*away.password),
        ];
        attempts.extend([(&guessed, WRONG); 5]);
        let answers = attempts.iter().map(|(who, password)| try_password(&node, who, password));
        let answers = futures_util::future::join_all(answers).await;
        let like = told(&answers[0]);
        assert!(like.contains(" # 秒后再试"), "{like}");
        for ((who, _), answer) in attempts.iter().zip(&answers) {
            assert_eq!(told(answer), like, "{who:?}");
        }
        // Who is at home is guessed at no longer than anywhere else.
        assert_eq!(told(&try_password(&node, &guessed, &guessed.password).await), like);
        // All of that has made nobody wait longer: one attempt is free again after five seconds, for whoever comes.
        world.wait(TimeDelta::seconds(6));
        log_in(&world, &stranger).await;
        try_password(&world, &nobody, WRONG).await.refused();
        try_password(&world, &away, &away.password).await.refused();
    }

    async fn guesses_at_once_find_no_more_than_guesses_in_turn(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let guesses = (0..12).map(|_| try_password(&world, &who, WRONG));
        futures_util::future::join_all(guesses).await;
        let scope = yidan::kernel::scope::Scope::Everything;
        let found = yidan::identity::store::accounts(world.platform().db.read(), &scope, &[who.account]).await.unwrap();
        let account = &found[&who.account];
        assert_eq!(account.failed_logins, 5, "those that came after the lock do not make it longer");
        assert!(account.locked_until.is_some_and(|until| until <= world.now() + TimeDelta::minutes(1)));
    }

    async fn bad_tokens_keep_nobody_from_logging_in(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        for _ in 0..60 {
            let input = json!({ "provinceCode": "320000", "idToken": "a.b.c" });
            let refused = world.visitor().act("signOn", input, "tokens { accessToken }").await.refused();
            assert_eq!(refused, "SIGN_ON_REFUSED");
        }
        log_in(&world, &who).await;
    }

    async fn user_names_know_no_case_and_refusals_leave_evidence(world: World) {
        let jiangsu = world.province("320000").await;
        let inspector = jiangsu.establishment_office("320000").await.person(Role::EoProvince).await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let shouted = Credentials { username: format!(" {} ", who.username.to_uppercase()), ..who.clone() };
        try_password(&world, &shouted, WRONG).await.refused();
        let refusals = evidence(&inspector, "REFUSE_LOGIN").await;
        assert_eq!(refusals.len(), 1);
        assert_eq!(refusals[0]["after"]["failures"], 1);
        log_in(&world, &shouted).await;
        assert_eq!(evidence(&inspector, "LOGIN").await.len(), 2, "the inspector's own log-in and this one");
    }

    async fn a_stronger_cost_rehashes_at_the_next_log_in(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], true).await;
        let hash = async || {
            let client = world.visitor().logged_in(who.clone()).await;
            account_of(&world, &client).await.password_hash
        };
        assert!(hash().await.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        let cost = yidan::kernel::platform::PasswordCost { memory_kib: 128, passes: 2, lanes: 1 };
        let node = world.node(Settings { cost: Some(cost), ..Settings::default() }).await;
        let tokens = log_in(&node, &who).await;
        assert_eq!(tokens["mustChangePassword"], true, "a rehash is no change of password");
        let tokens = log_in(&node, &who).await;
        assert_eq!(tokens["mustChangePassword"], true);
        let account = account_of(&world, &world.visitor().logged_in(who.clone()).await).await;
        // The weaker node in between has rehashed at its own cost: whoever logs in last decides.
        assert!(account.password_hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", account.password_hash);
        log_in(&node, &who).await;
        let scope = yidan::kernel::scope::Scope::Everything;
        let found = yidan::identity::store::accounts(world.platform().db.read(), &scope, &[who.account]).await.unwrap();
        assert!(found[&who.account].password_hash.starts_with("$argon2id$v=19$m=128,t=2,p=1$"));
    }
}

/// Uses up the failures of the address that all callers of a world have.
async fn exhaust(world: &World, like: &Credentials) {
    for number in 0..60 {
        let nobody = Credentials { username: format!("guess{number}"), ..like.clone() };
        if told(&try_password(world, &nobody, WRONG).await).contains('#') {
            return;
        }
    }
    panic!("an address that fails again and again waits");
}

/// An answer with `#` for the seconds to wait.
fn told(act: &Act) -> String {
    act.refused();
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    act.answer.text.split(' ').map(|part| if digits(part) { "#" } else { part }).collect::<Vec<_>>().join(" ")
}

async fn end_only_post(admin: &Client, who: &Credentials) {
    let found = admin
        .query("query($id: ID!) { node(id: $id) { ... on Account { posts { id } } } }", json!({ "id": who.account }))
        .await
        .good();
    let input = json!({ "id": found.id("/node/posts/0/id"), "reason": "免职" });
    admin.act("endPost", input, "post { endedAt }").await.done();
}
