//! What the process as a whole has: database, clock, calendar, keys, limits. One per server, shared by all requests.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, RwLock},
};

use sea_orm::{EntityTrait, QueryOrder};
use tokio::sync::Semaphore;
use yidan_entity::work_calendar;

use super::{
    calendar::{Calendar, YearDays, parse_years},
    clock::Clock,
    db::Db,
    fault::Fault,
    feed::Feed,
    ids::ProvinceId,
    issuers::Issuers,
    keyring::Keyring,
    outbound::Outbound,
    settings::ProvinceSettings,
};

/// The published holidays that come with the program; loaded notices add to them.
const VENDORED_DAYS: &str = include_str!("../../data/chinese-days.json");

/// Lengths of tokens and sessions.
#[derive(Clone, Debug)]
pub struct SessionPolicy {
    /// Life of an access token, in seconds.
    pub access_seconds: u32,
    /// Life of a session without a refresh, in seconds.
    pub idle_seconds: u32,
    /// Longest life of a session, in seconds.
    pub session_seconds: u32,
    /// How long a used refresh token may be repeated, in seconds, so that a lost answer logs nobody out.
    pub refresh_grace_seconds: u32,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self { access_seconds: 600, idle_seconds: 12 * 3600, session_seconds: 7 * 24 * 3600, refresh_grace_seconds: 10 }
    }
}

/// Cost of a password hash.
#[derive(Clone, Copy, Debug)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// OWASP's first recommendation for argon2id.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// What the process as a whole has.
pub struct Platform {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Keys.
    pub keyring: Keyring,
    /// Lengths of tokens and sessions.
    pub sessions: SessionPolicy,
    /// Cost of a password hash.
    pub password_cost: PasswordCost,
    /// How many password hashes are computed at once.
    pub hashing: Semaphore,
    /// How many spreadsheets are read or written at once.
    pub files: Semaphore,
    /// What happens, for whoever listens.
    pub feed: Feed,
    /// Whose word on who somebody is counts here; set once, before anything is served. Unset, nobody's.
    pub issuers: OnceLock<Issuers>,
    /// How to call others; set once, before anything is served. Unset, only public addresses are called.
    pub outbound: OnceLock<Outbound>,
    calendar: RwLock<Arc<Calendar>>,
    settings: RwLock<HashMap<ProvinceId, (i32, Arc<ProvinceSettings>)>>,
}

impl Platform {
    /// A platform on a migrated database.
    pub async fn start(
        db: Db,
        clock: Arc<dyn Clock>,
        keyring: Keyring,
        sessions: SessionPolicy,
        password_cost: PasswordCost,
    ) -> Result<Arc<Self>, Fault> {
        keyring.load(db.write_pool(), clock.now()).await?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from).max(2);
        let platform = Self {
            db,
            clock,
            keyring,
            sessions,
            password_cost,
            hashing: Semaphore::new(cores),
            files: Semaphore::new(cores),
            feed: Feed::default(),
            issuers: OnceLock::new(),
            outbound: OnceLock::new(),
            calendar: RwLock::default(),
            settings: RwLock::default(),
        };
        platform.reload_calendar().await?;
        let platform = Arc::new(platform);
        tokio::spawn(Feed::pump(Arc::downgrade(&platform)));
        Ok(platform)
    }

    /// Whose word on who somebody is counts here.
    pub fn issuers(&self) -> &Issuers {
        self.issuers.get_or_init(Issuers::default)
    }

    /// How to call others.
    pub fn outbound(&self) -> &Outbound {
        self.outbound.get_or_init(Outbound::default)
    }

    /// The working-day calendar.
    #[must_use]
    pub fn calendar(&self) -> Arc<Calendar> {
        self.calendar.read().map(|calendar| Arc::clone(&calendar)).unwrap_or_default()
    }

    /// Reads the notices again: those of the program as version 1, those in the database over them.
    pub async fn reload_calendar(&self) -> Result<(), Fault> {
        let rows = work_calendar::Entity::find()
            .order_by_asc(work_calendar::Column::Year)
            .order_by_asc(work_calendar::Column::Version)
            .all(self.db.read())
            .await?;
        let vendored = parse_years(VENDORED_DAYS)?;
        let mut years: Vec<(i32, u32, YearDays)> = vendored.into_iter().map(|(year, days)| (year, 1, days)).collect();
        for row in rows {
            years.push((row.year, row.version.unsigned_abs(), serde_json::from_value(row.days)?));
        }
        if let Ok(mut guard) = self.calendar.write() {
            *guard = Arc::new(Calendar::new(years));
        }
        Ok(())
    }

    /// The parsed settings of a province; parsed once per revision.
    pub fn settings(
        &self,
        province: ProvinceId,
        revision: i32,
        stored: &serde_json::Value,
    ) -> Result<Arc<ProvinceSettings>, Fault> {
        if let Some((known, settings)) = self.settings.read().ok().and_then(|map| map.get(&province).cloned())
            && known == revision
        {
            return Ok(settings);
        }
        let settings: Arc<ProvinceSettings> = Arc::new(serde_json::from_value(stored.clone())?);
        if let Ok(mut map) = self.settings.write() {
            map.insert(province, (revision, Arc::clone(&settings)));
        }
        Ok(settings)
    }

    /// The settings of a province if its revision is already known; saves reading the text.
    #[must_use]
    pub fn known_settings(&self, province: ProvinceId, revision: i32) -> Option<Arc<ProvinceSettings>> {
        let map = self.settings.read().ok()?;
        map.get(&province).filter(|(known, _)| *known == revision).map(|(_, settings)| Arc::clone(settings))
    }
}
