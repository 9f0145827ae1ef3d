//! Identity providers of provinces (统一身份认证平台): whose tokens are believed, and what is read from them.
//!
//! A provider is named in a file of the operator's, not in the database: who can write to the database makes nobody
//! else's word good here. Its keys come from where `OpenID` Connect's discovery says, from an address, or from a file, for
//! intranets on which the server reaches no provider.

mod keys;
mod token;

use std::{collections::BTreeMap, path::PathBuf};

use jsonwebtoken::Algorithm;
use serde::Deserialize;

use self::keys::Keys;
pub use self::{
    keys::{Fetch, KeysFrom},
    token::{Stranger, Unproven},
};

/// The file that names the providers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    provider: Vec<Given>,
}

/// A provider as the operator writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    province: String,
    name: String,
    issuer: String,
    client_id: String,
    keys: Option<String>,
    #[serde(default = "all_algorithms")]
    algorithms: Vec<String>,
    username_claim: Option<String>,
    #[serde(default = "ten_minutes")]
    max_age_seconds: u32,
    #[serde(default)]
    plain_http: bool,
}

fn all_algorithms() -> Vec<String> {
    ["EdDSA", "ES256", "RS256"].map(str::to_owned).to_vec()
}

fn ten_minutes() -> u32 {
    600
}

/// An identity provider.
pub struct Issuer {
    /// The province whose people it knows: six digits.
    pub province: String,
    /// What it is called, for people.
    pub name: String,
    /// What it calls itself in tokens.
    pub issuer: String,
    /// What it calls us: the audience of its tokens.
    pub client_id: String,
    /// The claim that has the user name here, if people may be recognised by it at their first sign-on.
    pub username_claim: Option<String>,
    /// How old a token may be, in seconds.
    pub max_age_seconds: u32,
    algorithms: Vec<Algorithm>,
    keys: Keys,
}

/// All providers, by province and by what they call themselves.
#[derive(Default)]
pub struct Issuers(BTreeMap<(String, String), Issuer>);

impl Issuers {
    /// The providers of a file's text; what is wrong with it otherwise. `fetch` gets keys that are kept elsewhere.
    pub fn parse(text: &str, fetch: &Fetch) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let mut issuers = BTreeMap::new();
        for given in file.provider {
            let issuer = given.check(fetch)?;
            let key = (issuer.province.clone(), issuer.issuer.clone());
            if issuers.insert(key, issuer).is_some() {
                return Err("the same issuer stands twice for a province".into());
            }
        }
        Ok(Self(issuers))
    }

    /// The providers of a province.
    pub fn of<'a>(&'a self, province: &'a str) -> impl Iterator<Item = &'a Issuer> {
        self.0.values().filter(move |issuer| issuer.province == province)
    }

    /// The provider that calls itself so.
    #[must_use]
    pub fn get(&self, province: &str, issuer: &str) -> Option<&Issuer> {
        self.0.get(&(province.to_owned(), issuer.to_owned()))
    }
}

impl Given {
    fn check(self, fetch: &Fetch) -> Result<Issuer, String> {
        let about = format!("provider {}", self.issuer);
        let sensible = |url: &str| url.starts_with("https://") || (self.plain_http && url.starts_with("http://"));
        if self.province.len() != 6 || !self.province.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("{about}: province is a code of six digits"));
        }
        if !sensible(&self.issuer) {
            return Err(format!("{about}: issuer is an https address (http only with plain_http = true)"));
        }
        if self.name.trim().is_empty() || self.client_id.is_empty() {
            return Err(format!("{about}: name and client_id are needed"));
        }
        if !(10..=86_400).contains(&self.max_age_seconds) {
            return Err(format!("{about}: max_age_seconds is between 10 and 86400"));
        }
        let from = match self.keys.as_deref() {
            None => {
                KeysFrom::Discovery(format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/')))
            }
            Some(url) if url.contains("://") && sensible(url) => KeysFrom::Address(url.to_owned()),
            Some(url) if url.contains("://") => {
                return Err(format!("{about}: keys is a file or an https address (http only with plain_http = true)"));
            }
            Some(path) => KeysFrom::File(PathBuf::from(path)),
        };
        let mut algorithms = Vec::new();
        for name in &self.algorithms {
            algorithms.push(match name.as_str() {
                "EdDSA" => Algorithm::EdDSA,
                "ES256" => Algorithm::ES256,
                "RS256" => Algorithm::RS256,
                _ => return Err(format!("{about}: algorithms are EdDSA, ES256 and RS256, not {name}")),
            });
        }
        if algorithms.is_empty() {
            return Err(format!("{about}: algorithms is empty"));
        }
        let keys = Keys::new(from, self.issuer.clone(), self.plain_http, fetch.clone())
            .map_err(|what| format!("{about}: {what}"))?;
        Ok(Issuer {
            province: self.province,
            name: self.name,
            issuer: self.issuer,
            client_id: self.client_id,
            username_claim: self.username_claim.filter(|claim| !claim.is_empty()),
            max_age_seconds: self.max_age_seconds,
            algorithms,
            keys,
        })
    }
}

#[cfg(test)]
mod tests;
