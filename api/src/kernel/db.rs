//! Connections. Reads and writes have pools of their own, so that writes waiting for a lock never take the connections
//! that reads need. On SQLite the write pool is one connection and every write transaction starts `IMMEDIATE`.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
    sea_query::{Expr, ExprTrait, Func, IntoColumnRef, LikeExpr},
};

use super::fault::is_transient;

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct DbConfig {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Connections for reading.
    pub read_connections: u32,
    /// Connections for writing (PostgreSQL; SQLite always has one).
    pub write_connections: u32,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
    /// How long a statement may take (PostgreSQL).
    pub statement_timeout: Duration,
    /// How long a write may wait for a lock.
    pub lock_timeout: Duration,
    /// Whether an embedded database that is not there is made.
    pub create: bool,
}

impl DbConfig {
    /// The defaults for `url`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            read_connections: 8,
            write_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(4),
            create: true,
        }
    }

    /// Whether the database is embedded.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

/// The two pools.
#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl DbConfig {
    /// Whether this is an embedded database of which there is no file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        use sea_orm::sqlx::sqlite::SqliteConnectOptions;
        let known = self.is_sqlite().then(|| self.url.parse::<SqliteConnectOptions>().ok()).flatten();
        known.is_some_and(|options| !options.get_filename().exists())
    }

    /// The file of an embedded database, whether it is there or not; none of one in memory.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        use sea_orm::sqlx::sqlite::SqliteConnectOptions;
        let known = self.is_sqlite().then(|| self.url.parse::<SqliteConnectOptions>().ok()).flatten()?;
        let file = known.get_filename();
        // A name that begins so is none of a file.
        (!file.to_string_lossy().starts_with("file:")).then(|| file.to_owned())
    }
}

impl Db {
    /// Opens both pools.
    pub async fn connect(config: &DbConfig) -> Result<Self, DbErr> {
        let write_connections = if config.is_sqlite() { 1 } else { config.write_connections };
        if config.is_sqlite() && config.create {
            make_private_file(&config.url);
        }
        // The writer first: it creates the SQLite file and switches it to WAL.
        let write = open(config, write_connections).await?;
        let read = open(config, config.read_connections).await?;
        Ok(Self { read, write })
    }

    /// Connection for reading what is committed.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The pools: what each is called, how many connections it has open, and how many of them wait for work.
    #[must_use]
    pub fn pools(&self) -> [(&'static str, u32, usize); 2] {
        let figures = |connection: &DatabaseConnection| {
            if self.backend() == DbBackend::Postgres {
                let pool = connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            } else {
                let pool = connection.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        let (read, write) = (figures(&self.read), figures(&self.write));
        [("read", read.0, read.1), ("write", write.0, write.1)]
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Begins a write transaction: the only place that does.
    #[expect(clippy::disallowed_methods, reason = "the one place that begins transactions")]
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
    }

    /// The write pool itself, for migrations and bulk loading, which bring their own transactions.
    #[must_use]
    pub fn write_pool(&self) -> &DatabaseConnection {
        &self.write
    }
}

/// Opens a pool. Of several programs that switch a new SQLite file to WAL at once, some are turned away without the time
/// to wait that they asked for: they come again until it is over.
async fn open(config: &DbConfig, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let began = Instant::now();
    loop {
        match Database::connect(options(config, connections)).await {
            Err(error) if config.is_sqlite() && is_transient(&error) && began.elapsed() < config.lock_timeout => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            opened => return opened,
        }
    }
}

/// Makes the file of an embedded database for its owner only, whatever the umask; the files beside it follow its mode.
/// Where that cannot be done, opening the database says why.
fn make_private_file(url: &str) {
    use sea_orm::sqlx::sqlite::SqliteConnectOptions;
    let Ok(options) = url.parse::<SqliteConnectOptions>() else { return };
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    // A name that begins so is none of a file.
    if !options.get_filename().to_string_lossy().starts_with("file:") {
        if let Some(folder) = options.get_filename().parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        let _ = file.open(options.get_filename());
    }
}

/// Whether `column` contains `text` as it is written, apart from the case of Latin letters: the same on both databases,
/// of which one minds the case and the other does not.
pub fn contains(column: impl IntoColumnRef, text: &str) -> Expr {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character.to_ascii_lowercase());
    }
    pattern.push('%');
    Expr::expr(Func::lower(Expr::col(column))).like(LikeExpr::new(pattern).escape('\\'))
}

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 500;

fn options(config: &DbConfig, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.url.clone());
    let (lock_timeout, create) = (config.lock_timeout, config.create);
    options
        .max_connections(connections)
        .min_connections(std::cmp::min(1, connections))
        .acquire_timeout(config.acquire_timeout)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(create)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                // An acknowledged decision survives a power cut, at the price of one fsync per commit.
                .pragma("synchronous", "FULL")
                .pragma("cache_size", "-32768")
                .pragma("mmap_size", "268435456")
                .busy_timeout(lock_timeout)
        });
    if !config.is_sqlite() {
        options
            .test_before_acquire_if_idle_for(Duration::from_secs(30))
            .statement_timeout(config.statement_timeout)
            .set_application_name("yidan");
        options.map_sqlx_postgres_opts(move |postgres| {
            postgres
                .options([("lock_timeout", format!("{}ms", lock_timeout.as_millis()))])
                // Statements differ by the number of ids they look for; preparing one costs more than running it.
                .statement_cache_capacity(STATEMENTS)
        });
    }
    options
}
