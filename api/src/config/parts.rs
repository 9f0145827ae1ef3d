//! What the settings come to: each part of the program is given its own.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};
use url::Url;

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

use super::{BadSetting, Settings};

impl Settings {
    /// How to reach the database; `file` is the name of the embedded one if no other is set.
    pub fn database(&self, file: &str) -> Result<DbConfig, BadSetting> {
        let url = if self.database_url.0.is_empty() {
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

    /// Whether what the server writes has a place: the data directory, where it is needed, and the file of an embedded
    /// database. What is missing stays missing.
    pub fn places(&self, config: &DbConfig) -> Result<(), BadSetting> {
        // Elsewhere nothing is written there.
        if config.is_sqlite() && (self.database_url.0.is_empty() || self.secret.0.is_empty()) {
            let folder = Path::new(&self.data_dir.0);
            takes_files(folder).map_err(|what| BadSetting(format!("setting data_dir (YIDAN_DATA_DIR): {what}")))?;
        }
        if self.database_url.0.is_empty() {
            return Ok(());
        }
        let Some(file) = config.file() else { return Ok(()) };
        let wrong = |what: String| BadSetting(format!("setting database_url (YIDAN_DATABASE_URL): {what}"));
        if file.exists() {
            let opened = std::fs::OpenOptions::new().write(true).open(&file);
            opened.map_err(|error| wrong(format!("{} cannot be written: {error}", file.display())))?;
        }
        takes_files(file.parent().unwrap_or(Path::new(""))).map_err(wrong)
    }

    /// The deployment's secret: the one set, else the one in the data directory, made there at the first start.
    pub fn secret(&self, may_generate: bool) -> Result<Secret, BadSetting> {
        let short = || {
            BadSetting(format!(
                "setting secret (YIDAN_SECRET): expected {}; made with: openssl rand -hex 32",
                Secret::EXPECTED
            ))
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

/// Whether files can be made in a folder, or in the nearest there is above one that has yet to be made. It is tried with a
/// file that is taken away at once: modes say nothing of file systems that take no files.
fn takes_files(folder: &Path) -> Result<(), String> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let above = |path: &&Path| path.as_os_str().is_empty() || path.symlink_metadata().is_ok();
    let nearest = here.ancestors().find(above).filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wrong = |why: &dyn fmt::Display| {
        let what = if nearest == here { "cannot be written" } else { "cannot be made" };
        format!("{} {what}: {}: {why}", here.display(), nearest.display())
    };
    if !nearest.is_dir() {
        return Err(wrong(&"no directory"));
    }
    let trial = nearest.join(format!(".yidan-{}", uuid::Uuid::now_v7().simple()));
    std::fs::OpenOptions::new().write(true).create_new(true).open(&trial).map_err(|error| wrong(&error))?;
    std::fs::remove_file(&trial).map_err(|error| wrong(&error))
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
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
