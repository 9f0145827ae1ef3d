//! The server as people run it: its own process, its own command line, its default settings. The process is this very
//! program, which is the server when it is started with the server's arguments.

use std::{
    fs::File,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Secret of the deployments that are measured.
pub const SECRET: &str = "the secret of a deployment that is only measured";

/// A running server.
pub struct Served {
    child: Child,
    /// Where it listens.
    pub address: String,
    /// How long it took from the start of the process to the answer to a first query.
    pub first_answer: Duration,
}

impl Served {
    /// Starts the server with its files in `directory`. `demo` serves the demonstration world on SQLite there, otherwise
    /// `url` names the database.
    pub fn start(directory: &Path, url: Option<&str>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let log = File::create(directory.join("server.log")).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("YIDAN_")) {
            command.env_remove(name);
        }
        command.arg("serve").args(["--listen", &address, "--secret", SECRET]);
        command.args(["--access-seconds", "900", "--tick-seconds", "3600"]).arg("--data-dir").arg(directory);
        match url {
            Some(url) => command.args(["--database-url", url]),
            None => command.arg("--demo"),
        };
        let started = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut served = Self { child, address, first_answer: Duration::ZERO };
        let body = json!({ "query": "{ division(code: \"320000\") { name } }" }).to_string();
        loop {
            match served.post(None, &body) {
                Some(answer) if answer["data"]["division"]["name"].is_string() => break,
                _ => assert!(started.elapsed() < Duration::from_secs(120), "the server does not answer"),
            }
            assert!(served.child.try_wait().unwrap().is_none(), "the server ended: see {}", directory.display());
            std::thread::sleep(Duration::from_millis(5));
        }
        served.first_answer = started.elapsed();
        served
    }

    fn post(&self, token: Option<&str>, body: &str) -> Option<Value> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request =
            agent.post(format!("http://{}/graphql", self.address)).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let text = request.send(body).ok()?.body_mut().read_to_string().ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Asks once.
    pub fn ask(&self, token: Option<&str>, body: &str) -> Value {
        self.post(token, body).expect("an answer")
    }

    /// Processor time used so far.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // After the name in parentheses, which may hold anything; a tick is a hundredth of a second.
        let fields: Vec<u64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .map(|field| field.parse().unwrap_or(0))
            .collect();
        Duration::from_millis(fields.get(11..13).map_or(0, |times| times.iter().sum::<u64>()) * 10)
    }

    /// Memory in use, in MB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) / 1024
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
