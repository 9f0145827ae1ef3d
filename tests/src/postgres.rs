//! A PostgreSQL server for the tests of one process: found on the machine, started in a temporary directory on a free
//! port, as an unprivileged user even when the tests run as root, and gone when the process is, however it ends.

use std::{
    io::Write,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};

use crate::database::alone;

/// A running server.
pub struct Server {
    port: u16,
    directory: PathBuf,
    // Its open standard input is what keeps the guardian, and with it the server, alive.
    _guardian: Child,
}

/// The server of this process, started when first asked for; none if PostgreSQL is not on this machine.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            let found = binaries().map(|binaries| start(&binaries, QUICK));
            if found.is_none() {
                assert!(
                    std::env::var_os("YIDAN_REQUIRE_POSTGRES").is_none_or(|value| value != "1"),
                    "PostgreSQL is required and not found; name its bin directory in YIDAN_TEST_PG_BIN"
                );
                // Past the capture of the test runner: nobody should believe that both halves ran.
                let mut stderr = std::io::stderr();
                let _ = writeln!(stderr, "\n*** PostgreSQL NOT FOUND: every ::postgres test is SKIPPED ***");
                let _ = writeln!(stderr, "*** name its bin directory in YIDAN_TEST_PG_BIN ***\n");
            }
            found
        })
        .as_ref()
}

/// What a test can do without: durability and the work of the background.
const QUICK: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=64MB",
    "autovacuum=off",
];

/// A server of its own with settings of its own; gone when this process is.
///
/// # Panics
/// If PostgreSQL is not on this machine.
#[must_use]
pub fn dedicated(settings: &[&str]) -> Server {
    let binaries = binaries().expect("PostgreSQL; name its bin directory in YIDAN_TEST_PG_BIN");
    start(&binaries, settings)
}

/// The same on a cluster in `directory`, made there when it is not there yet, which stays for the next time.
///
/// # Panics
/// If PostgreSQL is not on this machine.
#[must_use]
pub fn kept(directory: &Path, settings: &[&str]) -> Server {
    let binaries = binaries().expect("PostgreSQL; name its bin directory in YIDAN_TEST_PG_BIN");
    std::fs::create_dir_all(directory).unwrap();
    start_in(&binaries, directory.canonicalize().unwrap(), true, settings)
}

/// A program that comes with PostgreSQL, such as `psql`: beside the server's, or on the path.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let beside = binaries().map(|directory| directory.join(name)).filter(|path| path.is_file());
    beside.unwrap_or_else(|| PathBuf::from(name))
}

fn binaries() -> Option<PathBuf> {
    let holds = |directory: &PathBuf| directory.join("postgres").is_file() && directory.join("initdb").is_file();
    if let Some(named) = std::env::var_os("YIDAN_TEST_PG_BIN") {
        return Some(PathBuf::from(named)).filter(holds);
    }
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .filter(|(_, path)| holds(path))
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, path)| path);
    newest.or_else(|| std::env::split_paths(&std::env::var_os("PATH")?).find(holds))
}

/// Who runs the server: nobody in particular, because it refuses to run as root.
fn unprivileged() -> Option<(u32, u32)> {
    let me = Command::new("id").arg("-u").output().unwrap();
    if String::from_utf8_lossy(&me.stdout).trim() != "0" {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut parts = line.split(':').skip(2);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).expect("a user to run PostgreSQL as: postgres or nobody"))
}

fn command(program: impl AsRef<std::ffi::OsStr>, directory: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).env("LC_ALL", "C.UTF-8").env("HOME", directory);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn start(binaries: &Path, settings: &[&str]) -> Server {
    // Kept by us: the guardian, who outlives this process, sweeps it.
    start_in(binaries, tempfile::TempDir::with_prefix("yidan-test-pg-").unwrap().keep(), false, settings)
}

fn start_in(binaries: &Path, directory: PathBuf, stays: bool, settings: &[&str]) -> Server {
    let user = unprivileged();
    if !directory.join("data").exists() {
        if let Some((uid, gid)) = user {
            chown(&directory, Some(uid), Some(gid)).unwrap();
        }
        make_cluster(binaries, &directory, user);
    }
    for _ in 0..3 {
        // Somebody else may take the port between the look and the start; then another one is tried.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let guardian = watch(binaries, &directory, user, port, stays, settings);
        let server = Server { port, directory: directory.clone(), _guardian: guardian };
        if server.answers() {
            return server;
        }
    }
    let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
    panic!("PostgreSQL does not start:\n{log}");
}

fn make_cluster(binaries: &Path, directory: &Path, user: Option<(u32, u32)>) {
    let attempt = |locale: &[&str]| {
        let output = command(binaries.join("initdb"), directory, user)
            .args(["--pgdata=data", "--username=yidan", "--auth=trust", "--encoding=UTF8", "--no-sync"])
            .args(locale)
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // Sorting as Chinese people do, where the server can: our own order must not depend on the deployment's.
    let chinese = ["--locale-provider=icu", "--icu-locale=zh", "--locale=C.UTF-8"];
    if !attempt(&chinese).0 {
        let (good, error) = attempt(&["--locale=C"]);
        assert!(good, "initdb: {error}");
    }
}

/// The server with a shell that waits for the end of this process and then ends the server: a pipe closes however a
/// process dies.
fn watch(
    binaries: &Path,
    directory: &Path,
    user: Option<(u32, u32)>,
    port: u16,
    stays: bool,
    settings: &[&str],
) -> Child {
    const SCRIPT: &str = r#"
        postgres="$1/postgres"; port="$2"; directory="$3"; end="$4"
        shift 4
        "$postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
            -c max_connections=300 -c log_min_messages=warning "$@" >log 2>&1 </dev/null &
        server=$!
        read -r nothing
        kill "-$end" $server 2>/dev/null
        wait $server
        if [ "$end" = QUIT ]; then cd / && rm -rf "$directory"; fi
    "#;
    command("sh", directory, user)
        .args(["-c", SCRIPT, "sh"])
        .arg(binaries)
        .arg(port.to_string())
        .arg(directory)
        .arg(if stays { "INT" } else { "QUIT" })
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A Ctrl-C is for the tests; their end reaches the guardian through the pipe.
        .process_group(0)
        .spawn()
        .unwrap()
}

impl Server {
    /// Where `database` is.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://yidan@127.0.0.1:{}/{database}", self.port)
    }

    /// Its port on the loopback.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    fn answers(&self) -> bool {
        let patience = Instant::now() + Duration::from_secs(30);
        while Instant::now() < patience {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() && self.try_run("SELECT 1").is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    fn try_run(&self, sql: &str) -> Result<(), DbErr> {
        self.in_maintenance(async |db| db.execute_unprepared(sql).await.map(|_| ()))
    }

    /// Works in the maintenance database, from wherever: on a thread of its own, because the caller may be in a runtime.
    fn in_maintenance<T: Send>(
        &self,
        work: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, DbErr> + Send,
    ) -> Result<T, DbErr> {
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).sqlx_logging(false);
        let alone = || {
            alone(async {
                let db = Database::connect(options).await?;
                let answer = work(&db).await?;
                db.close().await?;
                Ok(answer)
            })
        };
        std::thread::scope(|scope| scope.spawn(alone).join().unwrap())
    }

    /// Whether it has this database.
    #[must_use]
    pub fn has(&self, database: &str) -> bool {
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT 1 FROM pg_database WHERE datname = $1",
            [database.into()],
        );
        self.in_maintenance(async |db| Ok(db.query_one_raw(statement).await?.is_some())).unwrap()
    }

    /// Runs a statement in the maintenance database.
    pub fn run(&self, sql: &str) {
        self.try_run(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}
