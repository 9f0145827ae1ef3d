//! How fast the server answers, against how fast its database could: `cargo bench -p yidan-tests --bench speed`.
//!
//! Fills a PostgreSQL of its own with one province's lists, runs four cases over HTTP in turn with pgbench executing the
//! same statements, then the same cases on the SQLite of the demonstration world. `README.md` beside this file says what
//! the figures mean and what they were.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on says where and stops")]
#![allow(clippy::disallowed_methods, reason = "what is measured happens on the machine's clock")]
#![allow(clippy::cast_precision_loss, reason = "figures are shown to three places")]

mod capture;
mod cases;
mod fill;
mod load;
mod people;
mod pgbench;
mod progress;
mod script;
mod server;
mod table;

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser;
use yidan::{
    kernel::{
        clock::SystemClock,
        db::{Db, DbConfig},
        keyring::{Keyring, Secret},
        platform::{PasswordCost, Platform, SessionPolicy},
    },
    setup, territory,
};
use yidan_tests::postgres::{self, Server};

use crate::{
    cases::Case,
    load::Outcome,
    pgbench::Bench,
    server::Served,
    table::{Row, Table},
};

/// Measures the server against its database.
#[derive(Parser)]
struct Options {
    /// Townships to fill; 1,237 are a province.
    #[arg(long, default_value_t = 1_237)]
    townships: usize,
    /// Length of a round, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Rounds of each case; server and pgbench take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Clients at once.
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Keep the database in this directory, or use the one that is there.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Only the cases with these letters.
    #[arg(long, default_value = "abcd")]
    cases: String,
    /// Leave SQLite out.
    #[arg(long)]
    without_sqlite: bool,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// As on a small server: durable, with a fair part of the memory.
const SETTINGS: &[&str] =
    &["shared_buffers=1GB", "effective_cache_size=3GB", "max_wal_size=4GB", "random_page_cost=1.1"];
const DATABASE: &str = "province";

#[actix_web::main]
async fn main() -> ExitCode {
    // The server under test is this program too.
    if std::env::args().nth(1).is_some_and(|argument| argument == "serve") {
        return match yidan::cli::main().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("yidan: {error}");
                ExitCode::FAILURE
            }
        };
    }
    let options = Options::parse();
    let mut table = Table::default();
    on_postgres(&options, &mut table).await;
    if !options.without_sqlite {
        on_sqlite(&options, &mut table).await;
    }
    println!("\n{table}");
    ExitCode::SUCCESS
}

async fn platform(url: &str) -> Arc<Platform> {
    let config = DbConfig { statement_timeout: Duration::from_secs(3600), ..DbConfig::new(url) };
    let db = Db::connect(&config).await.unwrap();
    setup::migrate(&db).await.unwrap();
    if !territory::loading::is_loaded(db.read()).await.unwrap() {
        let rows = territory::loading::rows(territory::loading::VENDORED).unwrap();
        territory::loading::load(db.write_pool(), rows, |_| {}).await.unwrap();
    }
    let keyring = Keyring::new(Secret::parse(server::SECRET).unwrap());
    Platform::start(db, Arc::new(SystemClock), keyring, SessionPolicy::default(), PasswordCost::default())
        .await
        .unwrap()
}

async fn close(platform: Arc<Platform>) {
    let _ = platform.db.read().clone().close().await;
    let _ = platform.db.write_pool().clone().close().await;
}

async fn on_postgres(options: &Options, table: &mut Table) {
    let settings = [SETTINGS, capture::LOG_SETTINGS].concat();
    let postgres = match &options.keep {
        Some(directory) => postgres::kept(directory, &settings),
        None => postgres::dedicated(&settings),
    };
    if options.keep.is_none() || !postgres.has(DATABASE) {
        postgres.run(&format!("CREATE DATABASE {DATABASE} TEMPLATE template0"));
    }
    let url = postgres.url(DATABASE);
    let directory = tempfile::TempDir::with_prefix("yidan-speed-").unwrap();
    let bench_platform = platform(&url).await;
    fill::fill(&bench_platform, options.townships).await;
    let cases = cases::all(&bench_platform).await;
    close(bench_platform).await;
    let server = Served::start(directory.path(), Some(&url));
    println!("PostgreSQL: first answer {} ms after the start of the process", server.first_answer.as_millis());
    for mut case in cases.into_iter().filter(|case| options.cases.contains(&case.name[1..2])) {
        case.prepare(&server);
        let bench = Bench::of(&case, &server, &postgres, directory.path());
        table.add("PostgreSQL", measure(options, &case, &server, Some((&bench, &postgres))));
    }
}

async fn on_sqlite(options: &Options, table: &mut Table) {
    let directory = tempfile::TempDir::with_prefix("yidan-speed-").unwrap();
    let fresh = Served::start(directory.path(), None);
    println!(
        "SQLite: demonstration world loaded and first query answered in {:.1} s",
        fresh.first_answer.as_secs_f64()
    );
    drop(fresh);
    let bench_platform = platform(&format!("sqlite://{}/demo.db", directory.path().display())).await;
    let cases = cases::all(&bench_platform).await;
    close(bench_platform).await;
    let server = Served::start(directory.path(), None);
    println!("SQLite: first answer {} ms after the start of the process", server.first_answer.as_millis());
    for mut case in cases.into_iter().filter(|case| options.cases.contains(&case.name[1..2])) {
        case.prepare(&server);
        table.add("SQLite", measure(options, &case, &server, None));
    }
}

/// Rounds of the server, in turn with rounds of pgbench where there is one.
fn measure(options: &Options, case: &Case, server: &Served, pgbench: Option<(&Bench, &Server)>) -> Row {
    let time = Duration::from_secs(options.seconds);
    let run = |time| load::run(&server.address, &case.samples, options.clients, time);
    run(Duration::from_secs(1));
    let (mut outcome, mut cpu) = (Outcome::default(), Duration::ZERO);
    let (mut transactions, mut seconds) = (0.0, 0.0);
    for _ in 0..options.rounds {
        let before = server.cpu();
        outcome.add(run(time));
        cpu += server.cpu().saturating_sub(before);
        if let Some((bench, postgres)) = pgbench {
            let (count, took) = bench.run(postgres, DATABASE, options.clients, time);
            transactions += count;
            seconds += took;
        }
    }
    let row = Row {
        case: case.name,
        rate: outcome.rate(),
        tps: pgbench.map(|_| transactions / seconds),
        p50: outcome.percentile(50),
        p99: outcome.percentile(99),
        cpu_ms: cpu.as_secs_f64() * 1000.0 / outcome.micros.len() as f64,
        memory: server.memory(),
    };
    println!("{row}");
    row
}
