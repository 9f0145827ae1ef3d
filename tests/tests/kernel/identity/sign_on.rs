//! Signing on with a token of the province's identity provider: who it says one is counts, once, and nothing else it says.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use yidan::kernel::issuers::{Fetch, Issuers};
use yidan_tests::prelude::*;

use super::{bearer, is_known, refresh};

const ISSUER: &str = "https://sso.example.gov.cn";

/// A provider with one key, known to the world's server.
struct Provider(Ed25519KeyPair);

impl Provider {
    fn known_to(world: &World, claim: Option<&str>) -> Self {
        Self::reached(world, claim, Arc::new(AtomicBool::new(true)))
    }

    /// One that is away until it is said to be there.
    fn that_may_be_away(world: &World) -> (Self, Arc<AtomicBool>) {
        let there = Arc::<AtomicBool>::default();
        (Self::reached(world, Some("preferred_username"), Arc::clone(&there)), there)
    }

    fn reached(world: &World, claim: Option<&str>, there: Arc<AtomicBool>) -> Self {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap();
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": URL_SAFE_NO_PAD.encode(pair.public_key()) });
        let keys = json!({ "keys": [key] }).to_string();
        let fetch: Fetch = Arc::new(move |_| {
            let keys: Result<String, String> =
                if there.load(Ordering::SeqCst) { Ok(keys.clone()) } else { Err("away".into()) };
            Box::pin(async move { keys })
        });
        let claim = claim.map(|claim| format!("username_claim = \"{claim}\"\n")).unwrap_or_default();
        let text = format!(
            "[[provider]]\nprovince = \"320000\"\nname = \"省统一身份认证\"\nissuer = \"{ISSUER}\"\nclient_id = \"yidan\"\n\
             keys = \"{ISSUER}/keys\"\n{claim}"
        );
        assert!(world.platform().issuers.set(Issuers::parse(&text, &fetch).unwrap()).is_ok());
        Self(pair)
    }

    fn token(&self, world: &World, subject: &str, more: Value) -> String {
        self.token_by("k", world, subject, more)
    }

    /// A token that says it is signed with the key `kid`.
    fn token_by(&self, kid: &str, world: &World, subject: &str, more: Value) -> String {
        let now = world.now().timestamp();
        let mut claims = json!({ "iss": ISSUER, "aud": "yidan", "sub": subject, "iat": now, "exp": now + 300 });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let b64 = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        // A number that nobody looks at makes every token another one.
        claims["jti"] = json!(yidan_tests::ids::random("t"));
        let text = format!("{}.{}", b64(&json!({ "alg": "EdDSA", "kid": kid })), b64(&claims));
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(self.0.sign(text.as_bytes())))
    }
}

async fn sign_on(world: &World, token: &str) -> Act {
    let input = json!({ "provinceCode": "320000", "idToken": token });
    let tokens = "tokens { accessToken refreshToken mustChangePassword } \
                  userErrors { ... on SignOnRefusedError { reason retryAfterSeconds } }";
    world.visitor().act("signOn", input, tokens).await
}

async fn reason(world: &World, token: &str) -> Value {
    sign_on(world, token).await.refusal()["reason"].clone()
}

on_both! {
    async fn an_administrator_links_a_person_and_the_provider_vouches(world: World) {
        let provider = Provider::known_to(&world, None);
        let jiangsu = world.province("320000").await;
        let admin = jiangsu.admin().await;
        let bureau = jiangsu.county("320102").await.department("应急管理局").await;
        let who = world.enrol(&[(&bureau, Role::DeptHead)], false).await;
        let listed = world.visitor().query("{ signOnProviders(provinceCode: \"320000\") { name issuer clientId } }", json!({})).await;
        assert_eq!(listed.good().data("/signOnProviders/0/issuer"), ISSUER);

        assert_eq!(reason(&world, &provider.token(&world, "u-1", json!({}))).await, "NO_ACCOUNT");
        let link = |subject: &'static str, issuer: &'static str| json!({ "accountId": who.account, "issuer": issuer, "subject": subject });
        assert_eq!(admin.act("linkIdentity", link("u-1", "https://elsewhere.example"), "account { id }").await.refused(), "NOT_FOUND");
        let linked = admin.act("linkIdentity", link("u-1", ISSUER), "account { identities { issuer subject } }").await.done();
        assert_eq!(linked["account"]["identities"], json!([{ "issuer": ISSUER, "subject": "u-1" }]));
        assert_eq!(admin.act("linkIdentity", link("u-2", ISSUER), "account { id }").await.refused(), "INVALID_INPUT", "one person is one subject");
        let other = world.enrol(&[(&bureau, Role::DeptOfficer)], false).await;
        let again = json!({ "accountId": other.account, "issuer": ISSUER, "subject": "u-1" });
        assert_eq!(admin.act("linkIdentity", again, "account { id }").await.refused(), "INVALID_INPUT", "one subject is one person");

        let token = provider.token(&world, "u-1", json!({}));
        let tokens = sign_on(&world, &token).await.done()["tokens"].clone();
        let client = bearer(&world, &tokens);
        let viewer = client.query("{ viewer { account { username } post { role } } }", json!({})).await.good();
        assert_eq!(viewer.text_at("/viewer/account/username"), who.username);
        assert_eq!(reason(&world, &token).await, "USED");
        for (claims, expected) in [
            (json!({ "aud": "other" }), "AUDIENCE"),
            (json!({ "exp": 1 }), "EXPIRED"),
            (json!({ "nonce": "n" }), "NONCE"),
            (json!({ "iss": "https://elsewhere.example" }), "ISSUER"),
        ] {
            assert_eq!(reason(&world, &provider.token(&world, "u-1", claims)).await, expected);
        }
        assert_eq!(reason(&world, "nonsense").await, "INVALID");
        // Another province does not believe it.
        world.province("340000").await;
        let input = json!({ "provinceCode": "340000", "idToken": provider.token(&world, "u-1", json!({})) });
        assert_eq!(world.visitor().act("signOn", input, "tokens { accessToken }").await.refused(), "SIGN_ON_REFUSED");

        let next = refresh(&world, &tokens).await.good().data("/refreshSession/tokens").clone();
        let input = json!({ "accountId": who.account, "issuer": ISSUER, "reason": "调离" });
        admin.act("unlinkIdentity", input.clone(), "account { id }").await.done();
        assert!(!is_known(&bearer(&world, &next)).await, "what began by its word ends with it");
        assert_eq!(reason(&world, &provider.token(&world, "u-1", json!({}))).await, "NO_ACCOUNT");
        assert_eq!(admin.act("unlinkIdentity", input, "account { id }").await.refused(), "NOT_FOUND");
    }

    async fn a_claim_that_is_trusted_links_at_the_first_sign_on(world: World) {
        let provider = Provider::known_to(&world, Some("preferred_username"));
        let jiangsu = world.province("320000").await;
        let bureau = jiangsu.county("320102").await.department("应急管理局").await;
        let who = world.enrol(&[(&bureau, Role::DeptHead)], false).await;
        let admin = jiangsu.admin().await;
        let input = json!({ "id": who.account, "temporaryPassword": "First-password-1", "reason": "改用统一认证" });
        admin.act("resetPassword", input, "account { id }").await.done();
        let named = |name: &str| json!({ "preferred_username": name });

        assert_eq!(reason(&world, &provider.token(&world, "u-1", named("nobody"))).await, "NO_ACCOUNT");
        let tokens = sign_on(&world, &provider.token(&world, "u-1", named(&who.username.to_uppercase()))).await.done()["tokens"].clone();
        // Who does not log in with a password has none to change.
        assert_eq!(tokens["mustChangePassword"], false);
        assert!(is_known(&bearer(&world, &tokens)).await);
        // From now on the subject counts: renamed there, it is the same person; the name given to another, it is not.
        sign_on(&world, &provider.token(&world, "u-1", named("renamed"))).await.done();
        assert_eq!(reason(&world, &provider.token(&world, "u-2", named(&who.username))).await, "NO_ACCOUNT");
        // Whom an administrator has unlinked does not come back by himself, nor does anybody else as him.
        let input = json!({ "accountId": who.account, "issuer": ISSUER, "reason": "关联错误" });
        admin.act("unlinkIdentity", input, "account { id }").await.done();
        for subject in ["u-1", "u-2"] {
            assert_eq!(reason(&world, &provider.token(&world, subject, named(&who.username))).await, "NO_ACCOUNT");
        }
        let input = json!({ "accountId": who.account, "issuer": ISSUER, "subject": "u-1" });
        admin.act("linkIdentity", input, "account { id }").await.done();
        sign_on(&world, &provider.token(&world, "u-1", json!({}))).await.done();
        let input = json!({ "id": who.account, "reason": "停职" });
        admin.act("disableAccount", input, "account { id }").await.done();
        assert_eq!(reason(&world, &provider.token(&world, "u-1", json!({}))).await, "NO_ACCOUNT");
    }

    async fn who_keeps_trying_tokens_has_to_wait_and_neighbours_do_not(world: World) {
        let provider = Provider::known_to(&world, Some("preferred_username"));
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        for number in 0..50 {
            assert_eq!(reason(&world, "a.b.c").await, "INVALID", "{number}");
        }
        let waits = sign_on(&world, "a.b.c").await;
        let refusal = waits.refusal();
        assert_eq!((waits.refused().as_str(), &refusal["reason"]), ("SIGN_ON_REFUSED", &json!("TOO_MANY_ATTEMPTS")));
        let seconds = refusal["retryAfterSeconds"].as_i64().unwrap();
        assert!((1..=5).contains(&seconds), "{seconds}");
        let message = refusal["message"].as_str().unwrap();
        assert!(message.contains("令牌") && message.contains(&format!("{seconds} 秒")), "{message}");
        // On every node, and for bad tokens only: what is wrong with one that is signed is told, and a good one is good.
        let node = world.node(yidan_tests::world::Settings::default()).await;
        assert_eq!(reason(&node, "a.b.c").await, "TOO_MANY_ATTEMPTS");
        assert_eq!(reason(&world, &provider.token(&world, "u-1", json!({ "aud": "other" }))).await, "AUDIENCE");
        assert_eq!(reason(&world, &provider.token(&world, "u-1", json!({}))).await, "NO_ACCOUNT");
        let token = provider.token(&world, "u-1", json!({ "preferred_username": who.username }));
        sign_on(&world, &token).await.done();
        crate::identity::log_in(&world, &who).await;
        world.wait(TimeDelta::seconds(seconds));
        assert_eq!(reason(&world, "a.b.c").await, "INVALID");
        assert_eq!(reason(&world, "a.b.c").await, "TOO_MANY_ATTEMPTS");
    }

    async fn what_is_no_fault_of_the_caller_is_not_counted(world: World) {
        let (provider, there) = Provider::that_may_be_away(&world);
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let named = json!({ "preferred_username": who.username });
        for _ in 0..60 {
            assert_eq!(reason(&world, &provider.token(&world, "u-1", named.clone())).await, "UNAVAILABLE");
        }
        assert_eq!(reason(&world, "a.b.c").await, "INVALID", "nobody has guessed yet");
        crate::identity::log_in(&world, &who).await;
        there.store(true, Ordering::SeqCst);
        world.wait(TimeDelta::seconds(30));
        for _ in 0..60 {
            assert_eq!(reason(&world, &provider.token(&world, "u-1", json!({ "exp": 1 }))).await, "EXPIRED");
        }
        sign_on(&world, &provider.token(&world, "u-1", named)).await.done();
        // The provider signs with a key that is not known yet.
        let token = provider.token_by("next", &world, "u-1", json!({}));
        assert_eq!(reason(&world, &token).await, "UNAVAILABLE");
        assert_eq!(reason(&world, "a.b.c").await, "INVALID");
    }
}
