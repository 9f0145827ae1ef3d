use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2026-03-02T09:00:00+08:00";
const ISSUER: &str = "https://sso.example.gov.cn/realms/js";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A provider with one key of each curve.
struct Provider {
    ed: Ed25519KeyPair,
    ec: EcdsaKeyPair,
}

impl Provider {
    fn new() -> Self {
        let random = SystemRandom::new();
        let ed = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref()).unwrap();
        let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let ec = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &random).unwrap();
        Self { ed, ec }
    }

    fn keys(&self) -> Value {
        let point = self.ec.public_key().as_ref();
        json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig", "x": b64(self.ed.public_key()) },
            { "kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": b64(&point[1..33]), "y": b64(&point[33..]) },
            { "kty": "OKP", "crv": "Ed25519", "kid": "enc", "use": "enc", "x": b64(self.ed.public_key()) },
            { "kty": "of a kind nobody knows", "kid": "odd" },
        ] })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let signature = match header["alg"].as_str() {
            Some("ES256") => b64(self.ec.sign(&SystemRandom::new(), text.as_bytes()).unwrap()),
            _ => b64(self.ed.sign(text.as_bytes())),
        };
        format!("{text}.{signature}")
    }
}

fn claims() -> Value {
    let now = now().timestamp();
    json!({ "iss": ISSUER, "aud": "yidan", "sub": "u-1", "iat": now, "exp": now + 300, "preferred_username": "zhujian" })
}

fn changed(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

/// A fetcher that knows two addresses, and counts.
fn fetch(provider: &Provider, count: &Arc<AtomicUsize>) -> Fetch {
    let (keys, count) = (provider.keys().to_string(), Arc::clone(count));
    Arc::new(move |address| {
        count.fetch_add(1, Ordering::SeqCst);
        let keys = keys.clone();
        Box::pin(async move {
            match address.strip_prefix(ISSUER) {
                Some("/.well-known/openid-configuration") => {
                    Ok(json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys") }).to_string())
                }
                Some("/keys") => Ok(keys),
                _ => Err("404".into()),
            }
        })
    })
}

fn issuers(fetch: &Fetch) -> Issuers {
    let text = format!(
        "[[provider]]\nprovince = \"320000\"\nname = \"省统一身份认证\"\nissuer = \"{ISSUER}\"\nclient_id = \"yidan\"\n\
         username_claim = \"preferred_username\"\n"
    );
    Issuers::parse(&text, fetch).unwrap()
}

#[tokio::test]
async fn a_good_token_says_who_it_is() {
    let (provider, count) = (Provider::new(), Arc::default());
    let issuers = issuers(&fetch(&provider, &count));
    for header in [
        json!({ "alg": "EdDSA", "kid": "ed" }),
        json!({ "alg": "ES256", "kid": "ec", "typ": "JWT" }),
        json!({ "alg": "ES256" }),
    ] {
        let stranger = issuers.prove("320000", &provider.sign(&header, &claims()), None, now()).await.unwrap();
        assert_eq!((stranger.subject.as_str(), stranger.username.as_deref()), ("u-1", Some("zhujian")));
    }
    assert_eq!(count.load(Ordering::SeqCst), 2, "keys are fetched once");
    let nonce = changed(&claims(), "nonce", json!("n"));
    let token = provider.sign(&json!({ "alg": "EdDSA", "kid": "ed" }), &nonce);
    assert!(issuers.prove("320000", &token, Some("n"), now()).await.is_ok());
    assert_eq!(issuers.prove("320000", &token, Some("m"), now()).await.unwrap_err(), Unproven::Nonce);
    assert_eq!(issuers.prove("320000", &token, None, now()).await.unwrap_err(), Unproven::Nonce);
    assert_eq!(issuers.prove("340000", &token, Some("n"), now()).await.unwrap_err(), Unproven::Issuer);
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_told() {
    let (provider, other) = (Provider::new(), Provider::new());
    let issuers = issuers(&fetch(&provider, &Arc::default()));
    let second = now().timestamp();
    let ed = json!({ "alg": "EdDSA", "kid": "ed" });
    let cases = [
        ("iss", json!("https://elsewhere.example"), Unproven::Issuer),
        ("iss", Value::Null, Unproven::Invalid),
        ("aud", json!("other"), Unproven::Audience),
        ("aud", json!(["yidan", "other"]), Unproven::Audience),
        ("aud", Value::Null, Unproven::Audience),
        ("azp", json!("other"), Unproven::Audience),
        ("exp", json!(second - 61), Unproven::Expired),
        ("exp", json!("soon"), Unproven::Invalid),
        ("exp", Value::Null, Unproven::Invalid),
        ("iat", json!(second + 61), Unproven::Expired),
        ("iat", json!(second - 661), Unproven::Expired),
        ("iat", Value::Null, Unproven::Invalid),
        ("nbf", json!(second + 61), Unproven::Expired),
        ("nonce", json!("n"), Unproven::Nonce),
        ("nonce", json!(1), Unproven::Nonce),
        ("sub", json!(""), Unproven::Invalid),
        ("sub", json!("x".repeat(256)), Unproven::Invalid),
        ("exp", json!(i64::MAX), Unproven::Invalid),
        ("iat", json!(i64::MIN), Unproven::Expired),
    ];
    for (name, value, expected) in cases {
        let token = provider.sign(&ed, &changed(&claims(), name, value.clone()));
        assert_eq!(issuers.prove("320000", &token, None, now()).await.unwrap_err(), expected, "{name} {value}");
    }
    let both = changed(&changed(&claims(), "aud", json!(["yidan", "other"])), "azp", json!("yidan"));
    assert!(issuers.prove("320000", &provider.sign(&ed, &both), None, now()).await.is_ok());
    let good = provider.sign(&ed, &claims());
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "HS256", "kid": "ed" }),
        json!({ "alg": "EdDSA", "kid": "enc" }),
        json!({ "alg": "ES256", "kid": "ed" }),
        json!({ "alg": "EdDSA", "kid": "ed", "typ": "at+jwt" }),
        json!({ "alg": "EdDSA", "kid": "ed", "crit": ["exp"] }),
        json!({ "kid": "ed" }),
    ] {
        let token = provider.sign(&header, &claims());
        assert_eq!(issuers.prove("320000", &token, None, now()).await.unwrap_err(), Unproven::Invalid, "{header}");
    }
    for token in ["", "a.b", "a.b.c", "....", &good[..good.len() - 3], &other.sign(&ed, &claims()), &"x".repeat(20_000)]
    {
        assert_eq!(issuers.prove("320000", token, None, now()).await.unwrap_err(), Unproven::Invalid, "{token}");
    }
}

#[tokio::test]
async fn keys_outlive_a_provider_that_is_away_for_a_day() {
    let (provider, count) = (Provider::new(), Arc::<AtomicUsize>::default());
    let (inner, calls) = (fetch(&provider, &count), Arc::clone(&count));
    let fetch: Fetch = Arc::new(move |address| {
        // After it has answered both questions once, it is gone.
        if calls.load(Ordering::SeqCst) >= 2 {
            calls.fetch_add(1, Ordering::SeqCst);
            return Box::pin(async { Err("gone".into()) });
        }
        inner(address)
    });
    let issuers = issuers(&fetch);
    let at = |hours| now() + TimeDelta::hours(hours);
    let token = |hours| {
        let second = at(hours).timestamp();
        let claims = changed(&changed(&claims(), "iat", json!(second)), "exp", json!(second + 300));
        provider.sign(&json!({ "alg": "EdDSA", "kid": "ed" }), &claims)
    };
    for (hours, good) in [(0, true), (2, true), (23, true), (25, false)] {
        let proven = issuers.prove("320000", &token(hours), None, at(hours)).await;
        assert_eq!(proven.is_ok(), good, "after {hours} hours: {proven:?}");
    }
    // However many tokens name a key that is not there, the provider is asked now and then.
    let before = count.load(Ordering::SeqCst);
    for _ in 0..10 {
        let strange = provider.sign(&json!({ "alg": "EdDSA", "kid": "strange" }), &claims());
        let _ = issuers.prove("320000", &strange, None, at(26)).await;
    }
    assert_eq!(count.load(Ordering::SeqCst), before + 1);
}

#[tokio::test]
async fn a_key_that_is_not_known_is_asked_for_and_no_verdict_before() {
    let (old, new, count) = (Provider::new(), Provider::new(), Arc::<AtomicUsize>::default());
    let state = Arc::new(std::sync::Mutex::new(Some(old.keys())));
    let (shown, calls) = (Arc::clone(&state), Arc::clone(&count));
    let fetch: Fetch = Arc::new(move |address| {
        calls.fetch_add(1, Ordering::SeqCst);
        let keys = shown.lock().unwrap().clone();
        Box::pin(async move {
            match keys {
                Some(keys) if address.ends_with("/keys") => Ok(keys.to_string()),
                Some(_) => Ok(json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys") }).to_string()),
                None => Err("gone".into()),
            }
        })
    });
    let issuers = issuers(&fetch);
    let at = |seconds| now() + TimeDelta::seconds(seconds);
    let prove = async |provider: &Provider, kid: &str, seconds: i64| {
        let token = provider.sign(&json!({ "alg": "EdDSA", "kid": kid }), &claims());
        issuers.prove("320000", &token, None, at(seconds)).await.map(|_| ())
    };
    assert_eq!(prove(&old, "ed", 0).await, Ok(()));
    // The provider begins to sign with another key. It is not asked again at once, and nothing is said of it.
    let mut rotated = new.keys();
    rotated["keys"][0]["kid"] = json!("next");
    *state.lock().unwrap() = None;
    assert_eq!(prove(&new, "next", 29).await, Err(Unproven::Unavailable));
    assert_eq!(count.load(Ordering::SeqCst), 2, "it is not asked twice within half a minute");
    // Nor while it is away; who has a key that is known gets in.
    assert_eq!(prove(&new, "next", 30).await, Err(Unproven::Unavailable));
    assert_eq!(prove(&new, "next", 40).await, Err(Unproven::Unavailable));
    assert_eq!(prove(&old, "ed", 40).await, Ok(()));
    *state.lock().unwrap() = Some(rotated);
    assert_eq!(prove(&new, "next", 59).await, Err(Unproven::Unavailable));
    assert_eq!(prove(&new, "next", 60).await, Ok(()));
    // What it has just been asked for and does not have is nobody's.
    assert_eq!(prove(&new, "nobody's", 90).await, Err(Unproven::Invalid));
    assert_eq!(prove(&new, "nobody's", 91).await, Err(Unproven::Unavailable));
}

#[tokio::test]
async fn a_key_that_is_not_in_a_file_is_nobodys() {
    let provider = Provider::new();
    let path = std::env::temp_dir().join(format!("yidan-keys-{}.json", uuid::Uuid::now_v7()));
    std::fs::write(&path, provider.keys().to_string()).unwrap();
    let text = format!(
        "[[provider]]\nprovince = \"320000\"\nname = \"x\"\nissuer = \"{ISSUER}\"\nclient_id = \"yidan\"\nkeys = {path:?}\n"
    );
    let issuers = Issuers::parse(&text, &fetch(&provider, &Arc::default())).unwrap();
    for (kid, expected) in [("ed", None), ("nobody's", Some(Unproven::Invalid))] {
        let token = provider.sign(&json!({ "alg": "EdDSA", "kid": kid }), &claims());
        assert_eq!(issuers.prove("320000", &token, None, now()).await.err(), expected, "{kid}");
    }
}

#[test]
fn a_file_that_makes_no_sense_is_refused() {
    let fetch = fetch(&Provider::new(), &Arc::default());
    let good = "province = \"320000\"\nname = \"x\"\nissuer = \"https://a.example\"\nclient_id = \"yidan\"\n";
    assert!(Issuers::parse(&format!("[[provider]]\n{good}"), &fetch).is_ok());
    for (bad, told) in [
        (good.replace("320000", "32"), "six digits"),
        (good.replace("https", "http"), "https"),
        (good.replace("yidan", ""), "client_id"),
        (format!("{good}algorithms = [\"HS256\"]\n"), "HS256"),
        (format!("{good}algorithms = []\n"), "empty"),
        (format!("{good}keys = \"http://a.example/keys\"\n"), "https"),
        (format!("{good}keys = \"/nowhere/keys.json\"\n"), "/nowhere/keys.json"),
        (format!("{good}max_age_seconds = 1\n"), "max_age_seconds"),
        (format!("{good}secret = \"x\"\n"), "secret"),
        (format!("{good}[[provider]]\n{good}"), "twice"),
    ] {
        let error = Issuers::parse(&format!("[[provider]]\n{bad}"), &fetch).err().unwrap_or_default();
        assert!(error.contains(told), "{bad}: {error}");
    }
    let plain = format!("[[provider]]\n{}plain_http = true\n", good.replace("https", "http"));
    assert!(Issuers::parse(&plain, &fetch).is_ok());
}
