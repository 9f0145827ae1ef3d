//! Identity tokens (ID tokens of `OpenID` Connect): whether one is good, and who it speaks of.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse},
};
use serde_json::{Map, Value};

use super::{Issuer, Issuers};
use crate::kernel::jwt::install_provider;

/// Longest token, in bytes.
const LONGEST: usize = 16 * 1_024;
/// By how much clocks may differ, in seconds.
const SKEW: i64 = 60;

crate::api_enum! {
    /// Why a sign-on is refused (统一认证登录被拒原因).
    pub enum Unproven {
        /// It is no identity token, its signature is wrong, or the provider has no such key (令牌无效).
        Invalid,
        /// The province has no such identity provider here (未登记的认证平台).
        Issuer,
        /// It was made for somebody else (不是发给本系统的令牌).
        Audience,
        /// It is too old, or not good yet (令牌已过期或尚未生效).
        Expired,
        /// It does not belong to this sign-on: the nonce differs (随机数不符).
        Nonce,
        /// It has been used already (令牌已使用).
        Used,
        /// It is good, and nobody with an account here is known by it, or the account cannot act (未关联可用账号).
        NoAccount,
        /// The keys of the provider cannot be had now, or the one it names is not known yet (暂时无法核验).
        Unavailable,
        /// Too many bad tokens came from this address; good ones are not held back by it (尝试次数过多).
        TooManyAttempts,
    }
}

/// Somebody whom an identity provider knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The provider.
    pub issuer: String,
    /// What it calls the person, for ever.
    pub subject: String,
    /// The user name here, if the provider's word on it is taken.
    pub username: Option<String>,
    /// When the token ends.
    pub expires_at: DateTime<Utc>,
}

fn part(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

impl Issuers {
    /// Who a token speaks of, if it is good at `now` and belongs to the sign-on with this nonce.
    pub async fn prove(
        &self,
        province: &str,
        token: &str,
        nonce: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Stranger, Unproven> {
        if token.len() > LONGEST {
            return Err(Unproven::Invalid);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(_), None) =
            (parts.next().and_then(part), parts.next().and_then(part), parts.next(), parts.next())
        else {
            return Err(Unproven::Invalid);
        };
        // Whatever it says so far is only a claim: it chooses the keys by which it is judged, of those in the file.
        let claimed = claims.get("iss").and_then(Value::as_str).ok_or(Unproven::Invalid)?;
        let issuer = self.get(province, claimed).ok_or(Unproven::Issuer)?;
        let algorithm = issuer.algorithm(&header)?;
        let kid = header.get("kid").and_then(Value::as_str);
        let keys = issuer.keys.get(kid, now).await.ok_or(Unproven::Unavailable)?;
        let key = choose(&keys, kid, algorithm).ok_or(Unproven::Invalid)?;
        install_provider();
        let mut validation = Validation::new(algorithm);
        // The signature is the library's part; the rest is looked at here, by our clock and with a reason each.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let proven = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation);
        let claims = proven.map_err(|_| Unproven::Invalid)?.claims;
        issuer.read(&claims, nonce, now)
    }
}

impl Issuer {
    fn algorithm(&self, header: &Map<String, Value>) -> Result<Algorithm, Unproven> {
        // Access tokens and log-out tokens say that they are those; an extension that must be understood is not.
        let kind = header.get("typ").map_or(Some("JWT"), Value::as_str);
        if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("JWT")) || header.contains_key("crit") {
            return Err(Unproven::Invalid);
        }
        let named = header.get("alg").and_then(Value::as_str);
        let known = self.algorithms.iter().find(|known| named == Some(format!("{known:?}").as_str()));
        known.copied().ok_or(Unproven::Invalid)
    }

    /// What the claims of a token that the provider has signed say.
    fn read(&self, claims: &Map<String, Value>, nonce: Option<&str>, now: DateTime<Utc>) -> Result<Stranger, Unproven> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let second = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "seconds; fractions of them do not matter")]
                number.as_i64().or(number.as_f64().map(|second| second as i64)).map(Some).ok_or(Unproven::Invalid)
            }
            Some(_) => Err(Unproven::Invalid),
        };
        let for_us = match claims.get("aud") {
            Some(Value::String(audience)) => *audience == self.client_id,
            Some(Value::Array(all)) => all.iter().any(|audience| audience == self.client_id.as_str()),
            _ => false,
        };
        let alone = !matches!(claims.get("aud"), Some(Value::Array(all)) if all.len() > 1);
        let party = text("azp").map_or(alone, |party| party == self.client_id);
        if !for_us || !party {
            return Err(Unproven::Audience);
        }
        let (now, age) = (now.timestamp(), i64::from(self.max_age_seconds));
        let (Some(expires), Some(issued)) = (second("exp")?, second("iat")?) else { return Err(Unproven::Invalid) };
        let early =
            second("nbf")?.is_some_and(|from| from > now.saturating_add(SKEW)) || issued > now.saturating_add(SKEW);
        if early || expires <= now.saturating_sub(SKEW) || issued < now.saturating_sub(SKEW).saturating_sub(age) {
            return Err(Unproven::Expired);
        }
        // A token that was asked for with a nonce is good only for who asked.
        if text("nonce") != nonce || claims.get("nonce").is_some_and(|nonce| !nonce.is_string()) {
            return Err(Unproven::Nonce);
        }
        let subject = text("sub").filter(|subject| !subject.is_empty() && subject.len() <= 255);
        let subject = subject.ok_or(Unproven::Invalid)?.to_owned();
        let username = self.username_claim.as_deref().and_then(text).map(str::to_owned);
        let expires_at = DateTime::from_timestamp(expires, 0).ok_or(Unproven::Invalid)?;
        Ok(Stranger { issuer: self.issuer.clone(), subject, username, expires_at })
    }
}

/// The key a token was signed with: the one it names, or the only one that it could be.
fn choose(keys: &JwkSet, kid: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let mut fitting = keys
        .keys
        .iter()
        .filter(|key| fits(key, algorithm) && kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid)));
    let key = fitting.next()?;
    if fitting.next().is_some() {
        return None;
    }
    DecodingKey::from_jwk(key).ok()
}

/// Whether a key signs by this algorithm.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = key.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let named = key.common.key_algorithm.is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
    let kind = match &key.algorithm {
        AlgorithmParameters::RSA(_) => algorithm == Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(curve) => {
            algorithm == Algorithm::ES256 && curve.curve == EllipticCurve::P256
        }
        AlgorithmParameters::OctetKeyPair(pair) => {
            algorithm == Algorithm::EdDSA && pair.curve == EllipticCurve::Ed25519
        }
        _ => false,
    };
    signs && named && kind
}
