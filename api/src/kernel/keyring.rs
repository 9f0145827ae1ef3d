//! The deployment's secret and the keys made with its help: Ed25519 keys for access tokens and evidence seals.
//!
//! The keys lie in the database, so that several nodes share them, but their private parts are sealed with the
//! deployment's secret: a dump of the database alone signs nothing. The newest key that is not retired signs; every key
//! still in the table verifies, so a rotation logs nobody out. Signing stands behind this one type: another algorithm
//! may be demanded later.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, RwLock},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ring::{
    aead, hkdf, hmac,
    rand::{SecureRandom, SystemRandom},
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use yidan_entity::signing_key;

use super::{
    fault::Fault,
    ids::{AccountId, SessionId},
};

/// The deployment's secret: everything keyed is derived from it.
#[derive(Clone)]
pub struct Secret(Arc<hkdf::Prk>);

/// What signing keys are sealed for.
const SIGNING_KEYS: &str = "signing keys";

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Secret {
    /// A secret from at least 32 bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= 32).then(|| Self(Arc::new(hkdf::Salt::new(hkdf::HKDF_SHA256, b"yidan").extract(bytes))))
    }

    /// 32 fresh random bytes, as text that [`Secret::parse`] reads.
    #[must_use]
    pub fn generate() -> String {
        hex::encode(random::<32>())
    }

    /// What [`Secret::parse`] reads.
    pub const EXPECTED: &str =
        "64 hexadecimal digits or more (two of them are one byte), or another text of at least 32 bytes";

    /// Reads hexadecimal digits, two for a byte, or any other text as it stands: at least 32 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match hex::decode(text) {
            Ok(bytes) => Self::new(&bytes),
            Err(_) => Self::new(text.as_bytes()),
        }
    }

    fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        let info = [purpose.as_bytes()];
        let filled = self.0.expand(&info, Length(32)).and_then(|okm| okm.fill(&mut key));
        debug_assert!(filled.is_ok(), "32 bytes are within the limits of HKDF");
        key
    }

    /// A keyed hash of `text`, for things that must be found again but not read.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str, text: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.derive(purpose));
        hex::encode(hmac::sign(&key, text.as_bytes()))
    }

    fn sealing_key(&self, purpose: &str) -> Result<aead::LessSafeKey, Fault> {
        aead::UnboundKey::new(&aead::CHACHA20_POLY1305, &self.derive(purpose))
            .map(aead::LessSafeKey::new)
            .map_err(|_| Fault::new("sealing key"))
    }

    /// Encrypts `plain` so that only [`Secret::open`] with the same secret and purpose reads it, and notices any change.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let nonce = random::<12>();
        let mut sealed = plain.to_vec();
        self.sealing_key(purpose)?
            .seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::empty(), &mut sealed)
            .map_err(|_| Fault::new("sealing"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Reads what [`Secret::seal`] sealed.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let wrong = || {
            Fault::new(format!("sealed bytes ({purpose}) do not open: is YIDAN_SECRET the one they were sealed with?"))
        };
        let (nonce, body) = sealed.split_at_checked(12).ok_or_else(wrong)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut body = body.to_vec();
        let plain =
            self.sealing_key(purpose)?.open_in_place(nonce, aead::Aad::empty(), &mut body).map_err(|_| wrong())?;
        Ok(plain.to_vec())
    }
}

/// Random bytes from the operating system.
///
/// # Panics
/// If the operating system gives none: nothing secret can be made then.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    assert!(filled.is_ok(), "the operating system gives no randomness");
    bytes
}

/// A loaded key.
#[derive(Clone)]
pub struct SigningKey {
    /// Its name in tokens and seals.
    pub kid: String,
    /// Its private part, PKCS#8.
    pub pkcs8: Arc<Vec<u8>>,
    /// Its public part, 32 bytes.
    pub public: Arc<Vec<u8>>,
    retired: bool,
}

impl SigningKey {
    /// Signs `message`.
    pub fn sign(&self, message: &[u8]) -> Result<String, Fault> {
        let pair = Ed25519KeyPair::from_pkcs8(&self.pkcs8).map_err(|_| Fault::new("a signing key is damaged"))?;
        Ok(URL_SAFE_NO_PAD.encode(pair.sign(message)))
    }

    /// Whether `signature` is this key's under `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|bytes| UnparsedPublicKey::new(&ED25519, &*self.public).verify(message, &bytes).is_ok())
    }
}

/// What a token was found to say when its signature was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The person.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// When it ends, in seconds since 1970.
    pub ends: i64,
}

/// Tokens that are remembered at once.
const REMEMBERED: usize = 20_000;

/// All keys of the deployment.
pub struct Keyring {
    secret: Secret,
    keys: RwLock<BTreeMap<String, SigningKey>>,
    /// By the hash of the token: a client sends the same one with every request, and verifying costs more than all else
    /// that is done to know the caller.
    proven: RwLock<HashMap<[u8; 32], Proven>>,
}

impl Keyring {
    /// An empty ring; [`Keyring::load`] fills it.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self { secret, keys: RwLock::default(), proven: RwLock::default() }
    }

    /// The deployment's secret.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Reads all keys; makes the first one if there is none.
    pub async fn load(&self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), Fault> {
        let mut rows = signing_key::Entity::find().order_by_asc(signing_key::Column::CreatedAt).all(db).await?;
        if rows.iter().all(|row| row.retired_at.is_some()) {
            rows.push(self.make(db, now).await?);
        }
        let mut keys = BTreeMap::new();
        for row in rows {
            let pkcs8 = self.secret.open(SIGNING_KEYS, &row.sealed_private_key)?;
            let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| Fault::new("a signing key is damaged"))?;
            let key = SigningKey {
                kid: row.kid.clone(),
                pkcs8: Arc::new(pkcs8),
                // Not the column: who can write to the database could put a public key of his own there.
                public: Arc::new(pair.public_key().as_ref().to_vec()),
                retired: row.retired_at.is_some(),
            };
            keys.insert(row.kid, key);
        }
        let Ok(mut guard) = self.keys.write() else { return Ok(()) };
        // A key that is gone proves nothing any more.
        if guard.keys().any(|kid| !keys.contains_key(kid))
            && let Ok(mut proven) = self.proven.write()
        {
            proven.clear();
        }
        *guard = keys;
        Ok(())
    }

    /// What the token with this hash says, if a key on this ring has verified it already.
    #[must_use]
    pub fn proven(&self, digest: &[u8; 32]) -> Option<Proven> {
        self.proven.read().ok()?.get(digest).copied()
    }

    /// Remembers what a token says whose signature a key on this ring has verified.
    pub fn remember(&self, digest: [u8; 32], proven: Proven) {
        if let Ok(mut known) = self.proven.write() {
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.insert(digest, proven);
        }
    }

    /// Adds a new key, which signs from now on, and retires the others, which go on verifying.
    pub async fn rotate(&self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<String, Fault> {
        use sea_orm::sea_query::Expr;
        signing_key::Entity::update_many()
            .col_expr(signing_key::Column::RetiredAt, Expr::value(now))
            .filter(signing_key::Column::RetiredAt.is_null())
            .exec(db)
            .await?;
        let row = self.make(db, now).await?;
        self.load(db, now).await?;
        Ok(row.kid)
    }

    async fn make(&self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<signing_key::Model, Fault> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Fault::new("key generation"))?;
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| Fault::new("key generation"))?;
        // Time-ordered, so that the newest key is the last of the map.
        let row = signing_key::ActiveModel {
            kid: Set(uuid::Uuid::now_v7().simple().to_string()),
            public_key: Set(pair.public_key().as_ref().to_vec()),
            sealed_private_key: Set(self.secret.seal(SIGNING_KEYS, pkcs8.as_ref())?),
            created_at: Set(now),
            retired_at: Set(None),
        };
        Ok(row.insert(db).await?)
    }

    /// The key that signs.
    pub fn current(&self) -> Result<SigningKey, Fault> {
        self.all().into_iter().rfind(|key| !key.retired).ok_or_else(|| Fault::new("no signing key is loaded"))
    }

    /// The key called `kid`.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<SigningKey> {
        self.keys.read().ok()?.get(kid).cloned()
    }

    /// Every key that verifies, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<SigningKey> {
        self.keys.read().map(|keys| keys.values().cloned().collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_open_only_with_the_same_secret() {
        let mine = Secret::new(&[7; 32]).unwrap();
        let sealed = mine.seal("a", b"private").unwrap();
        assert_eq!(mine.open("a", &sealed).unwrap(), b"private");
        assert!(mine.open("b", &sealed).is_err());
        assert!(Secret::new(&[8; 32]).unwrap().open("a", &sealed).is_err());
        assert!(mine.open("a", &sealed[..10]).is_err());
        assert!(Secret::new(&[7; 31]).is_none());
    }

    #[test]
    fn hexadecimal_digits_are_half_as_many_bytes() {
        for (text, good) in [
            ("0123456789abcdef".repeat(4), true),
            (format!(" {}\n", "0123456789ABCDEF".repeat(4)), true),
            ("0123456789abcdef".repeat(2), false),
            ("0123456789abcdef0123456789abcdef0123".to_owned(), false),
            ("x".repeat(32), true),
            ("x".repeat(31), false),
            (String::new(), false),
        ] {
            assert_eq!(Secret::parse(&text).is_some(), good, "{text:?}");
        }
    }
}
