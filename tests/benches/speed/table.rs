//! The figures as a table.

use std::fmt;

/// What was measured of a case.
pub struct Row {
    /// Which.
    pub case: &'static str,
    /// Requests per second.
    pub rate: f64,
    /// Transactions per second of pgbench.
    pub tps: Option<f64>,
    /// Half of the requests took at most so many milliseconds.
    pub p50: f64,
    /// All but a hundredth of them did.
    pub p99: f64,
    /// Processor time of the server for a request, in milliseconds.
    pub cpu_ms: f64,
    /// Memory of the server, in MB.
    pub memory: u64,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let maybe =
            |value: Option<f64>, places| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.places$}"));
        write!(
            f,
            "{:<36} {:>9.0} {:>9} {:>6} {:>8.2} {:>8.2} {:>9.3} {:>7}",
            self.case,
            self.rate,
            maybe(self.tps, 0),
            maybe(self.tps.map(|tps| self.rate / tps), 2),
            self.p50,
            self.p99,
            self.cpu_ms,
            self.memory
        )
    }
}

/// All rows, by database.
#[derive(Default)]
pub struct Table(Vec<(&'static str, Row)>);

impl Table {
    /// Adds a row.
    pub fn add(&mut self, database: &'static str, row: Row) {
        self.0.push((database, row));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<11} {:<36} {:>9} {:>9} {:>6} {:>8} {:>8} {:>9} {:>7}",
            "database", "case", "req/s", "pgbench", "ratio", "p50 ms", "p99 ms", "CPU ms", "MB"
        )?;
        for (database, row) in &self.0 {
            writeln!(f, "{database:<11} {row}")?;
        }
        Ok(())
    }
}
