//! pgbench, executing what the server executes.

use std::{
    path::Path,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use yidan_tests::postgres::{self, Server};

use crate::{
    capture::capture,
    cases::Case,
    script::{Script, script},
    server::Served,
};

/// The scripts of one case.
pub struct Bench {
    files: Vec<String>,
    variables: Vec<String>,
}

impl Bench {
    /// Asks each question of a case once and writes down what the server executes for it.
    pub fn of(case: &Case, server: &Served, postgres: &Server, directory: &Path) -> Self {
        let mut bench = Self { files: Vec::new(), variables: Vec::new() };
        for (index, sample) in case.samples.iter().enumerate() {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
            let executed = capture(postgres, || {
                server.ask(Some(&sample.token), &sample.body);
            });
            assert!(!executed.is_empty(), "no statement in the log of PostgreSQL");
            let Script { text, variables } = script(&format!("v{index}"), &executed, since.try_into().unwrap());
            let file = directory.join(format!("{}{index}.sql", &case.name[1..2]));
            std::fs::write(&file, text).unwrap();
            bench.files.push(file.display().to_string());
            bench.variables.extend(variables.into_iter().map(|(name, value)| format!("{name}={value}")));
        }
        bench
    }

    /// Runs the scripts for so long; answers the transactions and the seconds they took.
    pub fn run(&self, postgres: &Server, database: &str, clients: usize, time: Duration) -> (f64, f64) {
        let mut command = Command::new(postgres::program("pgbench"));
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--host=127.0.0.1", "--username=yidan"]);
        command.arg(format!("--port={}", postgres.port())).arg(format!("--client={clients}"));
        command.arg(format!("--time={}", time.as_secs().max(1)));
        command.args(self.files.iter().map(|file| format!("--file={file}")));
        command.args(self.variables.iter().map(|variable| format!("--define={variable}")));
        let output = command.arg(database).output().unwrap();
        let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && !errors.contains("aborted"), "pgbench: {errors}");
        let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")).expect("tps");
        let tps: f64 = tps.split(' ').next().unwrap_or_default().parse().unwrap();
        (tps * time.as_secs_f64(), time.as_secs_f64())
    }
}
