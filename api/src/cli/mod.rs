//! The commands of the binary `yidan`.

mod evidence;
pub mod lists;
mod table;

use std::{
    error::Error,
    io::{IsTerminal, Write},
    net::TcpListener,
    path::PathBuf,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    app::{self, AppState, Serving},
    config::{Given, Settings, unknown},
    http::reference,
    identity::{
        password::{self, Password},
        rules,
        service::accounts::Enrol,
    },
    kernel::{
        audit,
        calendar::parse_years,
        clock::SystemClock,
        ctx::{Ctx, Lang},
        db::{Db, DbConfig},
        fault::Failure,
        keyring::Keyring,
        platform::Platform,
        refusal::Refusal,
        role::Role,
        runner::run,
    },
    setup, territory, ticker,
};

/// 依单 Yidan: the server that makes township duty lists work in daily life.
#[derive(Parser)]
#[command(name = "yidan", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    given: Given,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve {
        /// Load the demonstration world into an empty database (once) and print its accounts.
        #[arg(long)]
        demo: bool,
        /// Check the settings and the files they name, and stop.
        #[arg(long)]
        check_config: bool,
    },
    /// Bring the database schema up to date and load the national table of divisions.
    Migrate,
    /// Print the GraphQL schema.
    Schema,
    /// Print the schema as one HTML page to read, search and pass on.
    Reference,
    /// Accounts and keys, at the machine.
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Load reference data, or the lists of townships.
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// Write files.
    Export {
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// Evidence.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Create the first technical administrator of a province; starts serving the province if it is new. The password is
    /// read from `YIDAN_ADMIN_PASSWORD` or from standard input and has to be changed at the first log-in.
    CreateAdmin {
        /// Six-digit code of the province, such as 320000.
        #[arg(long)]
        province: String,
        /// User name.
        #[arg(long)]
        username: String,
        /// Name of the person.
        #[arg(long, default_value = "技术管理员")]
        name: String,
    },
    /// Sign tokens with a new key from now on; tokens signed before stay good until they end.
    RotateKeys,
}

#[derive(Subcommand)]
enum ImportCommand {
    /// A table of divisions in the format of api/data/divisions.json; the one that comes with the program if no file is given.
    Divisions {
        /// The file.
        file: Option<PathBuf>,
    },
    /// Published holidays and make-up days in the format of api/data/chinese-days.json.
    Calendar {
        /// The file.
        file: PathBuf,
    },
    /// Lists of townships (.xlsx or .csv) into drafts of first editions, all of them or none. Nothing comes into force:
    /// each township's head has to confirm its draft.
    Lists(lists::ImportOptions),
}

#[derive(Subcommand)]
enum ExportCommand {
    /// Lists in force, a file each.
    Lists(lists::ExportOptions),
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Prove the chains of evidence; the first broken place is named and the exit code is 1 (2 if they cannot be read).
    Verify {
        /// A head noted earlier, as PROVINCE:NUMBER:HASH; may be given several times.
        #[arg(long, value_name = "PROVINCE:NUMBER:HASH")]
        anchor: Vec<String>,
    },
    /// Sign the heads of the chains now.
    Seal,
}

pub use evidence::EvidenceBroken;

/// A command's failure, for people at the machine.
pub type Done<T> = Result<T, Box<dyn Error>>;

/// Runs the command line.
pub async fn main() -> Done<()> {
    let cli = Cli::parse();
    if let Command::Schema = cli.command {
        std::io::stdout().write_all(crate::schema::sdl().as_bytes())?;
        return Ok(());
    }
    if let Command::Reference = cli.command {
        let page = reference::page(&crate::schema::sdl(), reference::Style::Within);
        std::io::stdout().write_all(page.as_bytes())?;
        return Ok(());
    }
    let settings = Settings::read(&cli.given)?;
    let _telemetry = settings.telemetry()?.start()?;
    if !matches!(cli.command, Command::Serve { check_config: true, .. }) {
        for unknown in mistyped() {
            tracing::warn!("{unknown}");
        }
    }
    match cli.command {
        Command::Schema | Command::Reference => Ok(()),
        Command::Serve { check_config: true, demo } => check(&settings, demo),
        Command::Serve { demo, .. } => serve(&settings, demo).await,
        Command::Migrate => {
            let db = connect(&settings.database(database_file(false))?).await?;
            migrate(&db).await
        }
        Command::Account { command } => account(&settings, command).await,
        Command::Import { command } => import(&settings, command).await,
        Command::Audit { command } => evidence::evidence(&settings, command).await,
        Command::Export { command } => export(&settings, command).await,
    }
}

/// What stands in the environment as a setting and is none.
fn mistyped() -> Vec<String> {
    unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
}

/// Looks at the settings and at the files they name, and makes nothing.
fn check(settings: &Settings, demo: bool) -> Done<()> {
    let mistyped = mistyped();
    if !mistyped.is_empty() {
        return Err(format!("environment: {}", mistyped.join("; ")).into());
    }
    let config = settings.database(database_file(demo))?;
    for unfit in settings.http()?.trusted.unfit() {
        eprintln!("warning: {unfit}");
    }
    settings.outbound()?;
    settings.issuers()?;
    // An embedded database gets its secret at the first start.
    if !config.is_sqlite() || !settings.secret.0.is_empty() {
        settings.secret(false)?;
    }
    settings.places(&config)?;
    println!("settings are good");
    Ok(())
}

fn database_file(demo: bool) -> &'static str {
    if demo { "demo.db" } else { "yidan.db" }
}

/// A failure of a use case as a sentence, in both languages: who operates a province's server reads Chinese, who wrote a
/// script around it may not.
fn told(failure: Failure) -> Box<dyn Error> {
    match failure {
        Failure::Refused(refusals) => {
            let both = |refusal: &Refusal| {
                let what = match refusal {
                    Refusal::NotFound { path } => format!("{}：", path.0.join(".")),
                    _ => String::new(),
                };
                format!("{what}{} {}", refusal.message(Lang::Zh), refusal.message(Lang::En))
            };
            refusals.iter().map(both).collect::<Vec<_>>().join("\n").into()
        }
        Failure::Unauthenticated => "not logged in".into(),
        Failure::Fault(fault) => format!("{fault:?}").into(),
    }
}

fn bar(length: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(length as u64).with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{msg:<28} {bar:40} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

async fn migrate(db: &Db) -> Done<()> {
    setup::migrate(db)
        .await
        .map_err(|error| format!("the schema could not be brought up to date and was left as it was: {error}"))?;
    if !territory::loading::is_loaded(db.read()).await.map_err(|fault| told(fault.into()))? {
        load_divisions(db, territory::loading::VENDORED).await?;
    }
    Ok(())
}

async fn load_divisions(db: &Db, json: &str) -> Done<()> {
    let rows = territory::loading::rows(json).map_err(|fault| told(fault.into()))?;
    let bar = bar(rows.len(), "divisions 行政区划");
    territory::loading::load(db.write_pool(), rows, |done| bar.set_position(done as u64))
        .await
        .map_err(|fault| told(fault.into()))?;
    bar.finish();
    Ok(())
}

async fn connect(config: &DbConfig) -> Done<Db> {
    let known = Db::connect(config).await;
    known.map_err(|error| {
        format!("setting database_url (YIDAN_DATABASE_URL): the database cannot be reached: {error}").into()
    })
}

async fn platform(settings: &Settings, config: &DbConfig, demo: bool) -> Done<Arc<Platform>> {
    let db = connect(config).await?;
    if settings.auto_migrate {
        migrate(&db).await?;
    }
    let keyring = Keyring::new(settings.secret(demo || config.is_sqlite())?);
    Platform::start(db, Arc::new(SystemClock), keyring, settings.sessions(), settings.password_cost())
        .await
        .map_err(|fault| told(fault.into()))
}

/// The platform of a database that is there already, with its secret: a wrong folder is no new beginning.
async fn there(settings: &Settings, config: DbConfig) -> Done<Arc<Platform>> {
    if config.is_missing() {
        let url = &config.url;
        return Err(format!(
            "没有数据库 {url}：请用 --database-url 或 --data-dir 指明。There is no database {url}: name it with --database-url or --data-dir"
        )
        .into());
    }
    settings.secret(false)?;
    platform(settings, &DbConfig { create: false, ..config }, false).await
}

async fn serve(settings: &Settings, demo: bool) -> Done<()> {
    let config = settings.database(database_file(demo))?;
    // Before anything is written: a port that is taken is the most common mistake.
    let listener = TcpListener::bind(settings.listen)
        .map_err(|error| format!("setting listen (YIDAN_LISTEN): {} cannot be used: {error}", settings.listen))?;
    let (outbound, issuers) = (settings.outbound()?, settings.issuers()?);
    let platform = platform(settings, &config, demo).await?;
    if !demo && setup::demo::is_in(&platform.db).await.map_err(told)? {
        return Err("the database holds the demonstration, whose passwords are published: start with --demo, or name \
                    another database (YIDAN_DATABASE_URL)"
            .into());
    }
    if demo {
        setup::demo::load(&platform, |done, total, what| {
            let bar = bar(total, what);
            bar.set_position(done as u64);
            bar.abandon();
        })
        .await
        .map_err(told)?;
    }
    let _ = platform.outbound.set(outbound);
    let _ = platform.issuers.set(issuers);
    let state = AppState::new(Arc::clone(&platform), settings.http()?).await.map_err(told)?;
    let ticker = ticker::start(state.clone(), settings.tick_seconds);
    let courier = settings.couriers().map(|policy| ticker::start_courier(&state, policy));
    let workers = if settings.workers == 0 {
        std::thread::available_parallelism().map_or(2, usize::from)
    } else {
        settings.workers
    };
    let serving = Serving { workers, shutdown_seconds: settings.shutdown_timeout, signals: true };
    let server = app::serve(state, listener, serving)?;
    println!("Yidan listens on http://{}", settings.listen);
    // An address of PostgreSQL has a password in it.
    println!("  database    {}", if config.is_sqlite() { &config.url } else { "PostgreSQL" });
    println!("  GraphQL     http://{}/graphql", settings.listen);
    println!("  start page  http://{}/", settings.listen);
    println!("  schema      http://{}/schema.graphql", settings.listen);
    println!("  reference   http://{}/reference", settings.listen);
    if demo {
        println!("{}", setup::demo::accounts_table());
    }
    server.await?;
    ticker.abort();
    if let Some(courier) = courier {
        courier.stop().await;
    }
    if let Err(fault) = audit::seal_all(&platform).await {
        tracing::warn!(?fault, "the evidence was not sealed at the end");
    }
    Ok(())
}

async fn account(settings: &Settings, command: AccountCommand) -> Done<()> {
    let config = settings.database(database_file(false))?;
    let platform = platform(settings, &config, false).await?;
    match command {
        AccountCommand::CreateAdmin { province, username, name } => {
            let ctx = Ctx::system(Arc::clone(&platform), "命令行");
            let password = Password::new(read_password()?);
            rules::strong(password.expose(), &username).map_err(|refusal| refusal.message(Lang::En))?;
            let operator = setup::operator(&ctx, &province)
                .await
                .map_err(|failure| format!("--province {province}: {}", told(failure)))?;
            let enrol = Enrol {
                username,
                display_name: name,
                posts: vec![(operator, Role::TechnicalAdmin)],
                password_hash: password::hash_now(platform.password_cost, &password)
                    .map_err(|fault| told(fault.into()))?,
                must_change_password: true,
            };
            run(&ctx, &enrol).await.map_err(told)?;
            println!(
                "{} may log in to province {province}; the password has to be changed at the first log-in",
                enrol.username
            );
            Ok(())
        }
        AccountCommand::RotateKeys => {
            let kid = platform
                .keyring
                .rotate(platform.db.write_pool(), platform.clock.now())
                .await
                .map_err(|fault| told(fault.into()))?;
            println!("key {kid} signs from now on; running servers take it up within tick_seconds");
            Ok(())
        }
    }
}

fn read_password() -> Done<String> {
    if let Ok(password) = std::env::var("YIDAN_ADMIN_PASSWORD") {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password("password: ")?);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn import(settings: &Settings, command: ImportCommand) -> Done<()> {
    let config = settings.database(database_file(false))?;
    match command {
        ImportCommand::Divisions { file } => {
            let db = connect(&config).await?;
            setup::migrate(&db).await?;
            match file {
                Some(file) => load_divisions(&db, &std::fs::read_to_string(file)?).await,
                None => load_divisions(&db, territory::loading::VENDORED).await,
            }
        }
        ImportCommand::Calendar { file } => {
            let text = std::fs::read_to_string(&file)?;
            let years = parse_years(&text).map_err(|error| format!("{}: {error}", file.display()))?;
            let platform = platform(settings, &config, false).await?;
            let loaded = setup::load_calendar(&platform, years, &file.display().to_string()).await.map_err(told)?;
            println!("{} years loaded, {} open deadlines recomputed", loaded.years, loaded.deadlines);
            Ok(())
        }
        ImportCommand::Lists(options) => {
            let platform = there(settings, config).await?;
            lists::import(&platform, &options, &mut std::io::stdout()).await
        }
    }
}

async fn export(settings: &Settings, command: ExportCommand) -> Done<()> {
    let ExportCommand::Lists(options) = command;
    let config = settings.database(database_file(false))?;
    let platform = there(settings, config).await?;
    lists::export(&platform, &options, &mut std::io::stdout()).await
}
