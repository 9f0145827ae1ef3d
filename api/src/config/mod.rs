//! Settings. Each has a default, a flag, an environment name and a key in the configuration file; the flag wins over the
//! environment, the environment over the file, the file over the default. A setting that makes no sense stops the start
//! with one line that names it.

mod values;

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};
use url::Url;

pub use self::values::{Addresses, Files, LogFormat, Ranges, Text};

use crate::{
    app::HttpConfig,
    http::{bucket::BucketSize, limits::Limits, trusted::Trusted},
    kernel::{
        db::DbConfig,
        issuers::{Fetch, Issuers},
        keyring::Secret,
        outbound::{Bytes, Method, Outbound, Reach},
        platform::{PasswordCost, SessionPolicy},
    },
    telemetry::{Telemetry, Traces},
    webhook::courier::CourierPolicy,
};

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
    /// Secret of the deployment, at least 32 bytes, the same on every node; seals the signing keys. Without it, one is generated in the data directory (embedded database only).
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

    /// How to reach the database; `file` is the name of the embedded one if no other is set.
    pub fn database(&self, file: &str) -> Result<DbConfig, BadSetting> {
        let url = if self.database_url.0.is_empty() {
            std::fs::create_dir_all(&self.data_dir.0).map_err(|error| {
                BadSetting(format!("setting data_dir (YIDAN_DATA_DIR): {:?} cannot be used: {error}", self.data_dir.0))
            })?;
            format!("sqlite://{}/{file}", self.data_dir.0.trim_end_matches('/'))
        } else {
            self.database_url.0.clone()
        };
        Ok(DbConfig {
            read_connections: self.read_connections,
            write_connections: self.write_connections,
            acquire_timeout: Duration::from_secs(self.acquire_timeout),
            statement_timeout: Duration::from_secs(self.statement_timeout),
            lock_timeout: Duration::from_secs(self.lock_timeout),
            ..DbConfig::new(url)
        })
    }

    /// The deployment's secret: the one set, else the one in the data directory, made there at the first start.
    pub fn secret(&self, may_generate: bool) -> Result<Secret, BadSetting> {
        let short = || {
            BadSetting(
                "setting secret (YIDAN_SECRET): expected at least 32 bytes, such as 64 hexadecimal digits".into(),
            )
        };
        if !self.secret.0.is_empty() {
            return Secret::parse(&self.secret.0).ok_or_else(short);
        }
        let path = PathBuf::from(&self.data_dir.0).join("secret.key");
        match std::fs::read_to_string(&path) {
            Ok(text) => Secret::parse(&text).ok_or_else(short),
            Err(_) if may_generate => {
                let text = Secret::generate();
                write_private(&path, &text).map_err(|error| {
                    BadSetting(format!("setting data_dir (YIDAN_DATA_DIR): {}: {error}", path.display()))
                })?;
                Secret::parse(&text).ok_or_else(short)
            }
            Err(_) => Err(BadSetting(format!(
                "setting secret (YIDAN_SECRET): not set, and there is none in {}; with PostgreSQL every node needs the same one, made once with: openssl rand -hex 32",
                path.display()
            ))),
        }
    }

    /// Lengths of tokens and sessions.
    #[must_use]
    pub fn sessions(&self) -> SessionPolicy {
        SessionPolicy {
            access_seconds: self.access_seconds,
            idle_seconds: self.idle_seconds,
            session_seconds: self.session_seconds,
            ..SessionPolicy::default()
        }
    }

    /// Cost of a password hash.
    #[must_use]
    pub fn password_cost(&self) -> PasswordCost {
        PasswordCost { memory_kib: self.password_memory, passes: self.password_passes, lanes: 1 }
    }

    /// Certificates of authorities that are trusted beside those of the machine.
    fn authorities(&self) -> Result<Vec<CertificateDer<'static>>, BadSetting> {
        let mut authorities = Vec::new();
        for path in &self.authorities.0 {
            let wrong = |error: &dyn fmt::Display| {
                BadSetting(format!("setting authorities (YIDAN_AUTHORITIES): {}: {error}", path.display()))
            };
            let found = CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))?;
            let found = found.collect::<Result<Vec<_>, _>>().map_err(|error| wrong(&error))?;
            if found.is_empty() {
                return Err(wrong(&"no certificate in it"));
            }
            authorities.extend(found);
        }
        Ok(authorities)
    }

    /// How others are called.
    pub fn outbound(&self) -> Result<Outbound, BadSetting> {
        let reach = Reach { ranges: self.webhook_ranges.0.clone(), http: self.webhook_http };
        Ok(Outbound::new(reach, Duration::from_secs(self.webhook_timeout), self.authorities()?))
    }

    /// How webhooks are delivered; not at all where this node leaves that to others.
    #[must_use]
    pub fn couriers(&self) -> Option<CourierPolicy> {
        let days = |days: u32| TimeDelta::days(i64::from(days));
        self.webhooks.then(|| CourierPolicy { patience: days(self.webhook_patience), keep: days(self.webhook_keep) })
    }

    /// How to log and trace.
    pub fn telemetry(&self) -> Result<Telemetry, BadSetting> {
        let traces = if self.otlp_endpoint.0.is_empty() {
            None
        } else {
            let endpoint =
                self.otlp_endpoint.0.parse().ok().filter(|url: &Url| matches!(url.scheme(), "http" | "https"));
            let wrong = || BadSetting("setting otlp_endpoint (YIDAN_OTLP_ENDPOINT): expected an http address".into());
            Some(Traces { endpoint: endpoint.ok_or_else(wrong)?, percent: self.otlp_percent })
        };
        Ok(Telemetry { filter: self.log.0.clone(), format: self.log_format, traces })
    }

    /// The identity providers.
    pub fn issuers(&self) -> Result<Issuers, BadSetting> {
        if self.sign_on.0.is_empty() {
            return Ok(Issuers::default());
        }
        let wrong = |what: String| BadSetting(format!("setting sign_on (YIDAN_SIGN_ON): {}: {what}", self.sign_on.0));
        let text = std::fs::read_to_string(&self.sign_on.0).map_err(|error| wrong(error.to_string()))?;
        Issuers::parse(&text, &self.fetch()?).map_err(wrong)
    }

    /// Gets what the operator's files name by address, wherever it is.
    fn fetch(&self) -> Result<Fetch, BadSetting> {
        let outbound = Arc::new(Outbound::new(Reach::everywhere(), Duration::from_secs(5), self.authorities()?));
        Ok(Arc::new(move |address| {
            let outbound = Arc::clone(&outbound);
            Box::pin(async move {
                let url: Url = address.parse().map_err(|_| format!("{address} is no address"))?;
                let headers = [("accept", "application/json".to_owned())];
                let answered = outbound.send(Method::GET, &url, &headers, Bytes::new(), 256 * 1_024).await;
                let answered = answered.map_err(|problem| format!("{address}: {problem:?}"))?;
                let text = String::from_utf8(answered.body).map_err(|_| format!("{address}: not UTF-8"))?;
                if answered.status == 200 { Ok(text) } else { Err(format!("{address}: status {}", answered.status)) }
            })
        }))
    }

    /// Limits of HTTP.
    pub fn http(&self) -> Result<HttpConfig, BadSetting> {
        let limits = Limits {
            document_bytes: self.document_bytes,
            fields: self.max_fields,
            cost: self.max_cost,
            ..Limits::default()
        };
        let manifests = self.trusted_documents.0.iter().map(PathBuf::as_path);
        let trusted = Trusted::load(manifests, self.trusted_only, &limits)
            .map_err(|what| BadSetting(format!("setting trusted_documents (YIDAN_TRUSTED_DOCUMENTS): {what}")))?;
        let bucket = BucketSize { size: self.bucket_size, refill: self.bucket_refill };
        Ok(HttpConfig {
            body_bytes: self.body_bytes,
            upload_bytes: self.upload_bytes,
            request_timeout: Duration::from_secs(self.request_timeout),
            trusted_proxies: self.trusted_proxies.0.clone(),
            limits,
            explorer: self.explorer,
            bucket: (bucket.size > 0).then_some(bucket),
            trusted: Arc::new(trusted),
            live_connections: self.live_connections,
            introspection: self.introspection,
            ..HttpConfig::default()
        })
    }
}

fn write_private(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests;
