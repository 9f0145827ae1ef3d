//! Settings. Each has a default, a flag, an environment name and a key in the configuration file; the flag wins over the
//! environment, the environment over the file, the file over the default. A setting that makes no sense stops the start
//! with one line that names it.

mod parts;
mod unknown;
mod values;

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr};

pub use self::unknown::unknown;
pub use self::values::{Addresses, Files, LogFormat, Ranges, Text};

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct BadSetting(pub String);

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadSetting {}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:literal, $env:literal;)+) => {
        /// The flags and environment names, as given.
        #[derive(Clone, Debug, Default, clap::Args)]
        pub struct Given {
            /// Configuration file (TOML) with the names below as keys, `_` for `-`.
            #[arg(long, env = "YIDAN_CONFIG", global = true, value_name = "FILE")]
            pub config: Option<PathBuf>,
            $(
                $(#[doc = $doc])+
                #[arg(
                    long, env = $env, global = true, hide_env_values = true, value_name = "VALUE", allow_hyphen_values = true,
                    help = help(concat!($($doc),+), $default)
                )]
                pub $name: Option<String>,
            )+
        }

        /// The settings in force.
        #[derive(Clone, Debug)]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $name: $type,)+
        }

        /// Every setting: name, environment name, default, what it is for.
        pub const ALL: &[(&str, &str, &str, &str)] = &[$((stringify!($name), $env, $default, concat!($($doc),+))),+];

        impl Settings {
            fn merge(given: &Given, file: &toml::Table) -> Result<Self, BadSetting> {
                Ok(Self { $($name: choose(stringify!($name), $env, given.$name.as_deref(), file, $default)?,)+ })
            }
        }
    };
}

settings! {
    /// Database: `sqlite://path/to/file.db` or `postgres://user:password@host/name`. Without it, an embedded SQLite file in the data directory.
    database_url: Text = "", "YIDAN_DATABASE_URL";
    /// Address and port to listen on.
    listen: SocketAddr = "127.0.0.1:8080", "YIDAN_LISTEN";
    /// Directory for the embedded database and the generated secret.
    data_dir: Text = "data", "YIDAN_DATA_DIR";
    /// Secret of the deployment, 64 hexadecimal digits or another text of at least 32 bytes, the same on every node; seals the signing keys. Without it, one is generated in the data directory (embedded database only).
    secret: Text = "", "YIDAN_SECRET";
    /// Worker threads; 0 for one per core.
    workers: usize = "0", "YIDAN_WORKERS";
    /// Database connections for reading.
    read_connections: u32 = "8", "YIDAN_READ_CONNECTIONS";
    /// Database connections for writing (PostgreSQL; SQLite has one).
    write_connections: u32 = "8", "YIDAN_WRITE_CONNECTIONS";
    /// Longest wait for a free connection, in seconds.
    acquire_timeout: u64 = "5", "YIDAN_ACQUIRE_TIMEOUT";
    /// Longest time for one statement, in seconds (PostgreSQL).
    statement_timeout: u64 = "10", "YIDAN_STATEMENT_TIMEOUT";
    /// Longest wait for a lock, in seconds.
    lock_timeout: u64 = "4", "YIDAN_LOCK_TIMEOUT";
    /// Life of an access token, in seconds, 60–900.
    access_seconds: u32 = "600", "YIDAN_ACCESS_SECONDS";
    /// Life of a session without a refresh, in seconds.
    idle_seconds: u32 = "43200", "YIDAN_IDLE_SECONDS";
    /// Longest life of a session, in seconds.
    session_seconds: u32 = "604800", "YIDAN_SESSION_SECONDS";
    /// Memory of a password hash in KiB, at least 19456.
    password_memory: u32 = "19456", "YIDAN_PASSWORD_MEMORY";
    /// Passes of a password hash, at least 2.
    password_passes: u32 = "2", "YIDAN_PASSWORD_PASSES";
    /// Largest body of a request, in bytes.
    body_bytes: usize = "1048576", "YIDAN_BODY_BYTES";
    /// Largest body of a request that brings files, in bytes.
    upload_bytes: usize = "8388608", "YIDAN_UPLOAD_BYTES";
    /// Largest GraphQL document, in bytes.
    document_bytes: usize = "65536", "YIDAN_DOCUMENT_BYTES";
    /// Most fields of a request, fragments spread out.
    max_fields: u64 = "1000", "YIDAN_MAX_FIELDS";
    /// Most fields of an answer if every page it asks for is full.
    max_cost: u64 = "50000", "YIDAN_MAX_COST";
    /// Fields that an account, or an address without a log-in, may ask for at once; 0 for as many as it likes.
    bucket_size: u32 = "200000", "YIDAN_BUCKET_SIZE";
    /// Fields that come back to it each second.
    bucket_refill: u32 = "5000", "YIDAN_BUCKET_REFILL";
    /// Manifests of documents that are asked for by an id, as Relay's compiler, codegen or Apollo's tool write them; paths separated by commas.
    trusted_documents: Files = "", "YIDAN_TRUSTED_DOCUMENTS";
    /// Whether only documents of the manifests are answered.
    trusted_only: bool = "false", "YIDAN_TRUSTED_ONLY";
    /// Whether callers without a log-in may ask about the schema and read it, and anybody gets suggestions.
    introspection: bool = "true", "YIDAN_INTROSPECTION";
    /// Subscriptions' connections that one account, or one address without a log-in, may hold on a node; 0 for as many as it likes.
    live_connections: u32 = "100", "YIDAN_LIVE_CONNECTIONS";
    /// Longest time for a request, in seconds.
    request_timeout: u64 = "10", "YIDAN_REQUEST_TIMEOUT";
    /// Time to finish what was accepted when the server stops, in seconds.
    shutdown_timeout: u64 = "10", "YIDAN_SHUTDOWN_TIMEOUT";
    /// Addresses of proxies whose X-Forwarded-For is believed, separated by commas.
    trusted_proxies: Addresses = "", "YIDAN_TRUSTED_PROXIES";
    /// Whether `/` serves the start page.
    explorer: bool = "true", "YIDAN_EXPLORER";
    /// Whether `serve` brings the schema up to date by itself.
    auto_migrate: bool = "true", "YIDAN_AUTO_MIGRATE";
    /// How often deadlines are looked at, in seconds.
    tick_seconds: u64 = "30", "YIDAN_TICK_SECONDS";
    /// Whether this node delivers webhooks.
    webhooks: bool = "true", "YIDAN_WEBHOOKS";
    /// Address ranges that webhooks may reach besides public ones, such as `10.0.0.0/8` for an intranet; separated by commas.
    webhook_ranges: Ranges = "", "YIDAN_WEBHOOK_RANGES";
    /// Whether webhooks may go over plain HTTP.
    webhook_http: bool = "false", "YIDAN_WEBHOOK_HTTP";
    /// Certificates (PEM) of authorities that the server trusts beside those of the machine when it calls others; paths separated by commas.
    authorities: Files = "", "YIDAN_AUTHORITIES";
    /// Longest time for a delivery, in seconds.
    webhook_timeout: u64 = "10", "YIDAN_WEBHOOK_TIMEOUT";
    /// Days after which an endpoint that only fails is disabled.
    webhook_patience: u32 = "5", "YIDAN_WEBHOOK_PATIENCE";
    /// Days for which the log of deliveries is kept.
    webhook_keep: u32 = "30", "YIDAN_WEBHOOK_KEEP";
    /// What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `yidan=debug,info`.
    log: Text = "info,sea_orm_migration=warn", "YIDAN_LOG";
    /// How it is logged: `json` or `text`.
    log_format: LogFormat = "text", "YIDAN_LOG_FORMAT";
    /// OpenTelemetry collector that gets traces (OTLP over HTTP), such as `http://127.0.0.1:4318`.
    otlp_endpoint: Text = "", "YIDAN_OTLP_ENDPOINT";
    /// Of how many requests in a hundred traces are sent; a caller's own trace goes on as it began.
    otlp_percent: u32 = "100", "YIDAN_OTLP_PERCENT";
    /// File (TOML) that names the identity providers of provinces; see `api/docs/sign-on.toml`.
    sign_on: Text = "", "YIDAN_SIGN_ON";
}

fn help(doc: &str, default: &str) -> String {
    let default = if default.is_empty() { "none" } else { default };
    format!("{} [default: {default}]", doc.trim())
}

fn choose<T: FromStr>(
    name: &str,
    env: &str,
    given: Option<&str>,
    file: &toml::Table,
    default: &str,
) -> Result<T, BadSetting>
where
    T::Err: fmt::Display,
{
    let from_file = match file.get(name) {
        None => None,
        Some(toml::Value::String(text)) => Some(text.clone()),
        Some(value @ (toml::Value::Integer(_) | toml::Value::Boolean(_))) => Some(value.to_string()),
        Some(_) => {
            return Err(BadSetting(format!(
                "setting {name} ({env}): expected a text, a number or true/false in the configuration file"
            )));
        }
    };
    let text = given.map(str::to_owned).or(from_file).unwrap_or_else(|| default.to_owned());
    text.parse().map_err(|error: T::Err| {
        // A secret is never repeated.
        let shown = if name == "secret" || name == "database_url" { "…" } else { &text };
        BadSetting(format!("setting {name} ({env}): {shown:?} cannot be used: {error}"))
    })
}

impl Settings {
    /// The settings from flags, environment and file.
    pub fn read(given: &Given) -> Result<Self, BadSetting> {
        let file = match &given.config {
            None => toml::Table::new(),
            Some(path) => {
                let wrong = |error: &dyn fmt::Display| {
                    BadSetting(format!("setting config (YIDAN_CONFIG): {}: {error}", path.display()))
                };
                let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
                text.parse().map_err(|error: toml::de::Error| wrong(&error.message()))?
            }
        };
        if let Some(unknown) = file.keys().find(|key| ALL.iter().all(|(name, ..)| name != key)) {
            return Err(BadSetting(format!("setting {unknown}: the configuration file has a key that is no setting")));
        }
        let settings = Self::merge(given, &file)?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), BadSetting> {
        let bounds: [(&str, &str, u64, u64, u64); 22] = [
            ("read_connections", "YIDAN_READ_CONNECTIONS", self.read_connections.into(), 1, 1_000),
            ("write_connections", "YIDAN_WRITE_CONNECTIONS", self.write_connections.into(), 1, 1_000),
            ("workers", "YIDAN_WORKERS", self.workers as u64, 0, 1_024),
            ("acquire_timeout", "YIDAN_ACQUIRE_TIMEOUT", self.acquire_timeout, 1, 300),
            ("statement_timeout", "YIDAN_STATEMENT_TIMEOUT", self.statement_timeout, 1, 3_600),
            ("lock_timeout", "YIDAN_LOCK_TIMEOUT", self.lock_timeout, 1, 300),
            ("access_seconds", "YIDAN_ACCESS_SECONDS", self.access_seconds.into(), 60, 900),
            ("password_memory", "YIDAN_PASSWORD_MEMORY", self.password_memory.into(), 19_456, 1_048_576),
            ("password_passes", "YIDAN_PASSWORD_PASSES", self.password_passes.into(), 2, 100),
            ("upload_bytes", "YIDAN_UPLOAD_BYTES", self.upload_bytes as u64, 1_024, 64 * 1_048_576),
            ("body_bytes", "YIDAN_BODY_BYTES", self.body_bytes as u64, 1_024, 64 * 1_048_576),
            ("document_bytes", "YIDAN_DOCUMENT_BYTES", self.document_bytes as u64, 1_024, 1_048_576),
            ("max_fields", "YIDAN_MAX_FIELDS", self.max_fields, 250, 100_000),
            ("max_cost", "YIDAN_MAX_COST", self.max_cost, 1_000, 10_000_000),
            ("bucket_refill", "YIDAN_BUCKET_REFILL", self.bucket_refill.into(), 1, 100_000_000),
            ("request_timeout", "YIDAN_REQUEST_TIMEOUT", self.request_timeout, 1, 600),
            ("webhook_timeout", "YIDAN_WEBHOOK_TIMEOUT", self.webhook_timeout, 1, 60),
            ("webhook_patience", "YIDAN_WEBHOOK_PATIENCE", self.webhook_patience.into(), 1, 365),
            ("webhook_keep", "YIDAN_WEBHOOK_KEEP", self.webhook_keep.into(), 1, 3_650),
            ("otlp_percent", "YIDAN_OTLP_PERCENT", self.otlp_percent.into(), 0, 100),
            ("tick_seconds", "YIDAN_TICK_SECONDS", self.tick_seconds, 1, 3_600),
            (
                "idle_seconds",
                "YIDAN_IDLE_SECONDS",
                self.idle_seconds.into(),
                self.access_seconds.into(),
                self.session_seconds.into(),
            ),
        ];
        if self.session_seconds < self.access_seconds {
            return Err(BadSetting(format!(
                "setting session_seconds (YIDAN_SESSION_SECONDS): {} cannot be used: a session lasts at least as long as an access token, {} seconds",
                self.session_seconds, self.access_seconds
            )));
        }
        for (name, env, value, min, max) in bounds {
            if !(min..=max).contains(&value) {
                return Err(BadSetting(format!(
                    "setting {name} ({env}): {value} cannot be used: expected {min} to {max}"
                )));
            }
        }
        let url = &self.database_url.0;
        if !(url.is_empty()
            || url.starts_with("sqlite:")
            || url.starts_with("postgres://")
            || url.starts_with("postgresql://"))
        {
            return Err(BadSetting(
                "setting database_url (YIDAN_DATABASE_URL): expected sqlite://… or postgres://…".into(),
            ));
        }
        if let Err(error) = self.log.0.parse::<tracing_subscriber::EnvFilter>() {
            return Err(BadSetting(format!("setting log (YIDAN_LOG): {:?} cannot be used: {error}", self.log.0)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
