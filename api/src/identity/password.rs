//! Password hashes: argon2id, off the request threads, few at a time, stronger when the configured cost grows.

use std::sync::{Arc, LazyLock};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::kernel::{
    fault::Fault,
    platform::{PasswordCost, Platform},
};

/// A password as it comes in; never printed, logged or hashed into an idempotency digest.
#[derive(Clone, async_graphql::NewType)]
pub struct Password(String);

impl Password {
    /// A password that comes from elsewhere than the API.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its characters.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl serde::Serialize for Password {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

fn hasher(cost: PasswordCost) -> Result<Argon2<'static>, Fault> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
        .map_err(|error| Fault::new(format!("argon2: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password on the present thread; for the command line and the demonstration world.
pub fn hash_now(cost: PasswordCost, password: &Password) -> Result<String, Fault> {
    let hash = hasher(cost)?.hash_password(password.0.as_bytes());
    Ok(hash.map_err(|error| Fault::new(format!("argon2: {error}")))?.to_string())
}

async fn on_the_side<T: Send + 'static>(
    platform: &Arc<Platform>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let permit = platform.hashing.acquire().await.map_err(|_| Fault::new("password hashing has ended"))?;
    let done =
        tokio::task::spawn_blocking(work).await.map_err(|error| Fault::new(format!("password hashing: {error}")));
    drop(permit);
    done
}

/// Hashes a password.
pub async fn hash(platform: &Arc<Platform>, password: &Password) -> Result<String, Fault> {
    let (cost, password) = (platform.password_cost, password.clone());
    on_the_side(platform, move || hash_now(cost, &password)).await?
}

/// What verifying a password showed.
pub struct Verified {
    /// Whether it is right.
    pub right: bool,
    /// A new hash, if the stored one was made at another cost than is configured now.
    pub rehashed: Option<String>,
}

/// A hash of nothing anybody knows, so that an unknown user costs the same work as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let unknown = Password(hex::encode(crate::kernel::keyring::random::<32>()));
    hash_now(PasswordCost::default(), &unknown).unwrap_or_default()
});

/// Verifies a password against a stored hash; without one, does the same work and answers no.
pub async fn verify(platform: &Arc<Platform>, stored: Option<String>, password: &Password) -> Result<Verified, Fault> {
    let (cost, password) = (platform.password_cost, password.clone());
    on_the_side(platform, move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let parsed =
            PasswordHash::new(&stored).map_err(|error| Fault::new(format!("a stored password hash: {error}")))?;
        let right = Argon2::default().verify_password(password.0.as_bytes(), &parsed).is_ok() && known;
        let current = Params::try_from(&parsed).is_ok_and(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost()) == (cost.memory_kib, cost.passes, cost.lanes)
        });
        let rehashed = if right && !current { Some(hash_now(cost, &password)?) } else { None };
        Ok(Verified { right, rehashed })
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows() {
        let password = Password::new("Correct-horse9");
        assert_eq!(format!("{password:?}"), "***");
        assert_eq!(serde_json::to_string(&password).unwrap(), "\"***\"");
    }

    #[test]
    fn hashes_carry_their_cost() {
        let hash = hash_now(PasswordCost { memory_kib: 64, passes: 1, lanes: 1 }, &Password::new("x")).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
    }
}
