//! The public keys of an identity provider, kept for a while and fetched again when they are old or one is missing.

use std::{fmt, path::PathBuf, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use tokio::sync::Mutex;

/// Gets the text behind an address; what is wrong otherwise, for the operator.
pub type Fetch = Arc<dyn Fn(String) -> BoxFuture<'static, Result<String, String>> + Send + Sync>;

/// Where keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysFrom {
    /// The provider's own description of itself names their address.
    Discovery(String),
    /// This address.
    Address(String),
    /// This file, read once.
    File(PathBuf),
}

/// Keys are fetched again after this time …
const FRESH: TimeDelta = TimeDelta::hours(1);
/// … and are good for this time if that fails: a provider that cannot be reached logs nobody out.
const STALE: TimeDelta = TimeDelta::hours(24);
/// Not more often than that, however many tokens name a key that nobody has.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// Most keys of a provider.
const MOST: usize = 100;

struct Known {
    keys: Arc<JwkSet>,
    at: DateTime<Utc>,
}

#[derive(Default)]
struct State {
    known: Option<Known>,
    tried: Option<DateTime<Utc>>,
}

/// The keys of a provider.
pub struct Keys {
    from: KeysFrom,
    issuer: String,
    plain_http: bool,
    fetch: Fetch,
    /// Held while keys are fetched, so that many sign-ons at once ask once.
    state: Mutex<State>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("from", &self.from).finish_non_exhaustive()
    }
}

/// What a provider says of itself.
#[derive(Deserialize)]
struct Description {
    issuer: String,
    jwks_uri: String,
}

fn parse(text: &str) -> Result<Arc<JwkSet>, String> {
    // A key of a kind that the library does not know must not hide those that it knows.
    let mut set: serde_json::Value = serde_json::from_str(text).map_err(|_| "the keys are no JSON")?;
    let Some(keys) = set.get_mut("keys").and_then(|keys| keys.as_array_mut()) else {
        return Err("the keys are no JSON Web Key Set".into());
    };
    let keys = std::mem::take(keys).into_iter().take(MOST).filter_map(|key| serde_json::from_value(key).ok()).collect();
    Ok(Arc::new(JwkSet { keys }))
}

impl Keys {
    /// The keys from somewhere; those of a file are read at once.
    pub fn new(from: KeysFrom, issuer: String, plain_http: bool, fetch: Fetch) -> Result<Self, String> {
        let mut state = State::default();
        if let KeysFrom::File(path) = &from {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let keys = parse(&text).map_err(|what| format!("{}: {what}", path.display()))?;
            state.known = Some(Known { keys, at: DateTime::<Utc>::MAX_UTC });
        }
        Ok(Self { from, issuer, plain_http, fetch, state: Mutex::new(state) })
    }

    /// The keys, among them `kid` unless the provider has just said that it has none; none if they cannot be had, or may
    /// not be asked for again yet: a key that is not known may be a new one.
    pub async fn get(&self, kid: Option<&str>, now: DateTime<Utc>) -> Option<Arc<JwkSet>> {
        let mut state = self.state.lock().await;
        let (fresh, good, has) = match &state.known {
            None => (false, false, false),
            Some(known) => {
                let age = now.signed_duration_since(known.at);
                (age < FRESH, age < STALE, kid.is_none_or(|kid| known.keys.find(kid).is_some()))
            }
        };
        let rested = state.tried.is_none_or(|tried| now.signed_duration_since(tried).abs() >= PAUSE);
        if !(fresh && has) && rested && !matches!(self.from, KeysFrom::File(_)) {
            state.tried = Some(now);
            match self.load().await {
                Ok(keys) => {
                    state.known = Some(Known { keys: Arc::clone(&keys), at: now });
                    return Some(keys);
                }
                Err(what) => tracing::warn!(issuer = self.issuer, what, "keys of an identity provider"),
            }
        }
        let settled = has || matches!(self.from, KeysFrom::File(_));
        state.known.as_ref().filter(|_| good && settled).map(|known| Arc::clone(&known.keys))
    }

    async fn load(&self) -> Result<Arc<JwkSet>, String> {
        let address = match &self.from {
            KeysFrom::File(_) => return Err("they are read once".into()),
            KeysFrom::Address(address) => address.clone(),
            KeysFrom::Discovery(address) => {
                let text = (self.fetch)(address.clone()).await?;
                let description: Description =
                    serde_json::from_str(&text).map_err(|_| format!("{address} is no description of a provider"))?;
                if description.issuer != self.issuer {
                    return Err(format!("{address} describes {}", description.issuer));
                }
                let plain = self.plain_http && description.jwks_uri.starts_with("http://");
                if !plain && !description.jwks_uri.starts_with("https://") {
                    return Err(format!("jwks_uri {} is not https", description.jwks_uri));
                }
                description.jwks_uri
            }
        };
        parse(&(self.fetch)(address).await?)
    }
}
