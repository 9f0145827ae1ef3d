//! Keys: tokens verify with what is published, a rotation logs nobody out, forgeries are nobody.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::signature::{ED25519, UnparsedPublicKey};
use yidan_tests::{prelude::*, world::Settings};

use super::{bearer, is_known, log_in, refreshed};

fn parts(tokens: &Value) -> (Value, Value, String, Vec<u8>) {
    let token = tokens["accessToken"].as_str().unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let json = |part: &str| serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap();
    (json(header), json(claims), signed.to_owned(), BASE64.decode(signature).unwrap())
}

async fn published_key(world: &World, kid: &Value) -> Option<Vec<u8>> {
    let jwks = world.visitor().get("/.well-known/jwks.json").await;
    let keys = jwks.body["keys"].as_array().unwrap().clone();
    let key = keys.into_iter().find(|key| key["kid"] == *kid)?;
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    Some(BASE64.decode(key["x"].as_str().unwrap()).unwrap())
}

on_both! {
    async fn a_token_verifies_with_the_published_key_and_says_little(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let tokens = log_in(&world, &who).await;
        let (header, claims, signed, signature) = parts(&tokens);
        assert_eq!(header["alg"], "EdDSA");
        let key = published_key(&world, &header["kid"]).await.unwrap();
        UnparsedPublicKey::new(&ED25519, key).verify(signed.as_bytes(), &signature).unwrap();
        let said: Vec<_> = claims.as_object().unwrap().keys().cloned().collect();
        assert_eq!(said, ["iss", "aud", "sub", "sid", "iat", "exp"], "no role and no organisation to grow stale");
        assert_eq!(claims["sub"], json!(who.account));
    }

    async fn a_rotation_logs_nobody_out_on_any_node(world: World) {
        let jiangsu = world.province("320000").await;
        let node = world.node(Settings::default()).await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let old = log_in(&world, &who).await;
        let platform = world.platform();
        let kid = platform.keyring.rotate(platform.db.write_pool(), world.now()).await.unwrap();
        assert!(is_known(&bearer(&world, &old)).await);
        assert!(is_known(&bearer(&node, &old)).await);
        let new = refreshed(&world, &old).await;
        assert_eq!(parts(&new).0["kid"], json!(kid));
        assert!(is_known(&bearer(&node, &new)).await, "a node learns of a key it has not seen");
        for tokens in [&old, &new] {
            assert!(published_key(&node, &parts(tokens).0["kid"]).await.is_some());
        }
        let later = world.node(Settings::default()).await;
        assert_eq!(parts(&log_in(&later, &who).await).0["kid"], json!(kid), "a node that starts signs with the newest");
    }

    async fn a_running_node_takes_up_a_rotation_by_itself(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let old = log_in(&world, &who).await;
        // At the machine: another process, whose tokens this one never meets.
        let other = world.node(Settings::default()).await;
        let platform = other.platform();
        let kid = platform.keyring.rotate(platform.db.write_pool(), world.now()).await.unwrap();
        assert_ne!(parts(&log_in(&world, &who).await).0["kid"], json!(kid));
        yidan::ticker::learn(world.state()).await.unwrap();
        assert_eq!(parts(&log_in(&world, &who).await).0["kid"], json!(kid));
        assert!(published_key(&world, &json!(kid)).await.is_some());
        assert!(is_known(&bearer(&world, &old)).await, "and nobody is logged out");
    }

    async fn a_forged_token_is_refused(world: World) {
        let jiangsu = world.province("320000").await;
        let who = world.enrol(&[(&jiangsu.operator, Role::TechnicalAdmin)], false).await;
        let tokens = log_in(&world, &who).await;
        let (header, claims, signed, signature) = parts(&tokens);
        let encode = |value: &Value| BASE64.encode(value.to_string());
        let signature = BASE64.encode(signature);
        let mut later = claims.clone();
        later["exp"] = json!(claims["exp"].as_i64().unwrap() + 86_400);
        let public = published_key(&world, &header["kid"]).await.unwrap();
        let symmetric = format!("{}.{}", encode(&json!({ "alg": "HS256", "kid": header["kid"] })), encode(&claims));
        let mac = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public), symmetric.as_bytes());
        let unknown = json!({ "alg": "EdDSA", "kid": "0".repeat(32) });
        let forgeries = [
            format!("{}.{}.{signature}", encode(&header), encode(&later)),
            format!("{}.{}.", encode(&json!({ "alg": "none", "kid": header["kid"] })), encode(&claims)),
            format!("{symmetric}.{}", BASE64.encode(mac)),
            format!("{}.{}.{signature}", encode(&unknown), encode(&claims)),
            format!("{signed}."),
            signed,
            "x".to_owned(),
            "..".to_owned(),
        ];
        for forgery in forgeries {
            let client = world.visitor().with_token(&forgery);
            let answer = client.query("{ viewer { post { id } } }", json!({})).await;
            assert_eq!((answer.status, answer.codes()), (401, vec!["UNAUTHENTICATED".to_owned()]), "{forgery}");
        }
        assert!(is_known(&bearer(&world, &tokens)).await);
    }
}
