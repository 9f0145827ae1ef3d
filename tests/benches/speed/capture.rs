//! The statements the server sends for a question, read from PostgreSQL's log, so that pgbench executes what the server
//! executes and not what somebody believes it does.

use std::{
    io::{Read, Seek, SeekFrom},
    path::Path,
    time::Duration,
};

use yidan_tests::postgres::Server;

/// A statement with the values of its parameters.
#[derive(Clone, Debug)]
pub struct Executed {
    /// With `$1`, `$2` …
    pub sql: String,
    /// In their order; none for null.
    pub values: Vec<Option<String>>,
}

/// How each line of the log begins, for [`capture`] to find what the server did.
pub const LOG_SETTINGS: &[&str] = &["log_line_prefix=<%a> "];

/// What the server executes while `work` runs.
pub fn capture(postgres: &Server, work: impl FnOnce()) -> Vec<Executed> {
    log_everything(postgres, true);
    let before = size(&postgres.log());
    work();
    std::thread::sleep(Duration::from_millis(50));
    let mut text = String::new();
    let mut log = std::fs::File::open(postgres.log()).unwrap();
    log.seek(SeekFrom::Start(before)).unwrap();
    log.read_to_string(&mut text).unwrap();
    log_everything(postgres, false);
    parse(&text)
}

fn size(log: &Path) -> u64 {
    std::fs::metadata(log).map_or(0, |metadata| metadata.len())
}

fn log_everything(postgres: &Server, on: bool) {
    postgres.run(&format!("ALTER SYSTEM SET log_statement = '{}'", if on { "all" } else { "none" }));
    postgres.run("SELECT pg_reload_conf()");
    std::thread::sleep(Duration::from_millis(200));
}

fn parse(log: &str) -> Vec<Executed> {
    let mut found: Vec<Executed> = Vec::new();
    for line in log.lines() {
        let Some(rest) = line.strip_prefix("<yidan> ") else { continue };
        if let Some(sql) = rest.strip_prefix("LOG:  statement: ") {
            found.push(Executed { sql: sql.to_owned(), values: Vec::new() });
        } else if let Some((_, sql)) = rest.strip_prefix("LOG:  execute ").and_then(|rest| rest.split_once(": ")) {
            found.push(Executed { sql: sql.to_owned(), values: Vec::new() });
        } else if let Some((_, list)) = rest.strip_prefix("DETAIL:  ").and_then(|rest| rest.split_once("arameters: "))
            && let Some(last) = found.last_mut()
        {
            last.values = values(list);
        }
    }
    found
}

/// `$1 = 'it''s', $2 = NULL`.
fn values(list: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = list;
    while let Some((_, after)) = rest.split_once(" = ") {
        let Some(quoted) = after.strip_prefix('\'') else {
            found.push(None);
            rest = after.strip_prefix("NULL").unwrap_or(after);
            continue;
        };
        let mut value = String::new();
        let mut characters = quoted.char_indices().peekable();
        let mut end = quoted.len();
        while let Some((at, character)) = characters.next() {
            if character != '\'' {
                value.push(character);
            } else if characters.next_if(|(_, next)| *next == '\'').is_some() {
                value.push('\'');
            } else {
                end = at + 1;
                break;
            }
        }
        found.push(Some(value));
        rest = &quoted[end..];
    }
    found
}
