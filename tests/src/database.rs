//! A database for each test, copied from a template that is migrated and has the national table of divisions.

use std::sync::{
    Mutex, OnceLock, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use sea_orm::ConnectionTrait;
use tempfile::TempDir;
use yidan::{
    kernel::{
        clock::ManualClock,
        db::{Db, DbConfig},
    },
    setup::{self, demo},
    territory,
};

use crate::{
    postgres::{self, Server},
    world::{self, CHEAP, start_of_story},
};

/// The two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A database of its own; gone when dropped.
pub struct Fresh {
    /// Which of the two it is.
    pub backend: Backend,
    /// How to reach it.
    pub url: String,
    // Keeps the directory of a SQLite file.
    _directory: Option<TempDir>,
    server: Option<&'static Server>,
}

/// A database with schema and divisions; none if the backend is not on this machine.
#[must_use]
pub fn fresh(backend: Backend) -> Option<Fresh> {
    copy_of(backend, Content::Divisions)
}

/// A database with the demonstration in it, as [`World::demo`](crate::World::demo) loads it.
#[must_use]
pub fn demonstration(backend: Backend) -> Option<Fresh> {
    copy_of(backend, Content::Demonstration)
}

/// A database with nothing in it.
#[must_use]
pub fn empty(backend: Backend) -> Option<Fresh> {
    copy_of(backend, Content::Nothing)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Nothing,
    Divisions,
    Demonstration,
}

fn copy_of(backend: Backend, content: Content) -> Option<Fresh> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    match backend {
        Backend::Sqlite => {
            let directory = TempDir::with_prefix("yidan-test-").unwrap();
            let file = directory.path().join("yidan.db");
            match content {
                Content::Nothing => {}
                Content::Divisions => std::fs::write(&file, sqlite_template()).unwrap(),
                Content::Demonstration => std::fs::write(&file, sqlite_demonstration()).unwrap(),
            }
            let url = format!("sqlite://{}", file.display());
            Some(Fresh { backend, url, _directory: Some(directory), server: None })
        }
        Backend::Postgres => {
            let server = postgres::server()?;
            let name = format!("test_{number}");
            let template = match content {
                Content::Nothing => "template0",
                Content::Divisions => postgres_template(server),
                Content::Demonstration => postgres_demonstration(server),
            };
            server.run(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
            Some(Fresh { backend, url: server.url(&name), _directory: None, server: Some(server) })
        }
    }
}

impl Fresh {
    /// The settings by which a test reaches it: few connections, because many tests share one server.
    #[must_use]
    pub fn config(&self) -> DbConfig {
        DbConfig { read_connections: 4, write_connections: 4, ..DbConfig::new(self.url.clone()) }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(server) = self.server {
            let name = self.url.rsplit('/').next().unwrap_or_default();
            server.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

async fn fill(url: &str) {
    let db = Db::connect(&DbConfig { read_connections: 1, write_connections: 1, ..DbConfig::new(url) }).await.unwrap();
    setup::migrate(&db).await.unwrap();
    let rows = territory::loading::rows(territory::loading::VENDORED).unwrap();
    territory::loading::load(db.write_pool(), rows, |_| {}).await.unwrap();
    settle(&db, url).await;
}

async fn fill_demonstration(url: &str) {
    let db = Db::connect(&DbConfig { read_connections: 1, write_connections: 1, ..DbConfig::new(url) }).await.unwrap();
    let platform = world::platform(db.clone(), ManualClock::at(start_of_story()), CHEAP).await;
    demo::load(&platform, |_, _, _| {}).await.unwrap_or_else(|error| panic!("{error:?}"));
    settle(&db, url).await;
}

/// Makes a template of what was filled.
async fn settle(db: &Db, url: &str) {
    // A copied file must be whole without its log, and both planners should know how large the table is.
    db.write_pool().execute_unprepared("ANALYZE").await.unwrap();
    if url.starts_with("sqlite:") {
        db.write_pool().execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    }
    db.write_pool().clone().close().await.unwrap();
    db.read().clone().close().await.unwrap();
}

/// Runs `work` on a runtime of its own, for whoever is not in one.
pub(crate) fn alone<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// The bytes of the template file: kept in memory, so that no process leaves a file behind.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let directory = TempDir::with_prefix("yidan-test-template-").unwrap();
        let file = directory.path().join("template.db");
        alone(fill(&format!("sqlite://{}", file.display())));
        std::fs::read(file).unwrap()
    })
}

fn sqlite_demonstration() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let directory = TempDir::with_prefix("yidan-test-template-").unwrap();
        let file = directory.path().join("template.db");
        std::fs::write(&file, sqlite_template()).unwrap();
        alone(fill_demonstration(&format!("sqlite://{}", file.display())));
        std::fs::read(file).unwrap()
    })
}

fn postgres_demonstration(server: &'static Server) -> &'static str {
    static MADE: Mutex<bool> = Mutex::new(false);
    let template = postgres_template(server);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if !*made {
        server.run(&format!("CREATE DATABASE yidan_demonstration TEMPLATE {template}"));
        alone(fill_demonstration(&server.url("yidan_demonstration")));
        *made = true;
    }
    "yidan_demonstration"
}

fn postgres_template(server: &'static Server) -> &'static str {
    static MADE: Mutex<bool> = Mutex::new(false);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if !*made {
        server.run("CREATE DATABASE yidan_template");
        alone(fill(&server.url("yidan_template")));
        *made = true;
    }
    "yidan_template"
}
