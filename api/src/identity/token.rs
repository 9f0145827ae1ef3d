//! Access tokens: short JWTs signed with Ed25519, verified with the keyring. They name a person and a session, nothing
//! else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::kernel::{
    fault::Fault,
    ids::{AccountId, SessionId},
    jwt::install_provider,
    keyring::{Keyring, Proven},
};

const ISSUER: &str = "yidan";

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// A new token for a session, and when it ends.
pub fn issue(
    keyring: &Keyring,
    account: AccountId,
    session: SessionId,
    now: DateTime<Utc>,
    seconds: u32,
) -> Result<(String, DateTime<Utc>), Fault> {
    install_provider();
    let key = keyring.current()?;
    let ends = now + TimeDelta::seconds(seconds.into());
    let claims = Claims {
        iss: ISSUER.into(),
        aud: ISSUER.into(),
        sub: account,
        sid: session,
        iat: now.timestamp(),
        exp: ends.timestamp(),
    };
    let header = Header { kid: Some(key.kid), ..Header::new(Algorithm::EdDSA) };
    let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&key.pkcs8))
        .map_err(|error| Fault::new(format!("jwt: {error}")))?;
    Ok((token, ends))
}

/// What a good token says; nothing if it is not good at `now`. Only that somebody of ours signed it is remembered:
/// whether the session stands and what the person may do is looked up for every request.
#[must_use]
pub fn read(keyring: &Keyring, token: &str, now: DateTime<Utc>) -> Option<Proven> {
    let digest = Sha256::digest(token).into();
    let proven = if let Some(proven) = keyring.proven(&digest) {
        proven
    } else {
        let proven = verify(keyring, token)?;
        if now.timestamp() < proven.ends {
            keyring.remember(digest, proven);
        }
        proven
    };
    (now.timestamp() < proven.ends).then_some(proven)
}

fn verify(keyring: &Keyring, token: &str) -> Option<Proven> {
    install_provider();
    let header = jsonwebtoken::decode_header(token).ok()?;
    let key = keyring.get(header.kid.as_deref()?)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[ISSUER]);
    // The library would ask the machine's clock; the end is compared with ours.
    validation.validate_exp = false;
    let claims =
        jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_ed_der(&key.public), &validation).ok()?.claims;
    Some(Proven { account: claims.sub, session: claims.sid, ends: claims.exp })
}

/// The public keys as a JSON Web Key Set.
#[must_use]
pub fn jwks(keyring: &Keyring) -> serde_json::Value {
    let keys: Vec<_> = keyring
        .all()
        .into_iter()
        .map(|key| {
            serde_json::json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
                "kid": key.kid, "x": URL_SAFE_NO_PAD.encode(&*key.public),
            })
        })
        .collect();
    serde_json::json!({ "keys": keys })
}

/// Whether a token looks like ours but names a key that has not been loaded.
#[must_use]
pub fn names_unknown_key(keyring: &Keyring, token: &str) -> bool {
    jsonwebtoken::decode_header(token)
        .ok()
        .filter(|header| header.alg == Algorithm::EdDSA)
        .and_then(|header| header.kid)
        .is_some_and(|kid| kid.len() == 32 && keyring.get(&kid).is_none())
}
