//! How far a long step is, on one line of the terminal.

use std::{
    io::{IsTerminal, Write},
    time::Instant,
};

/// A long step.
pub struct Progress {
    total: usize,
    what: &'static str,
    started: Instant,
    shown: usize,
}

impl Progress {
    /// A step of so many parts.
    pub fn new(total: usize, what: &'static str) -> Self {
        Self { total, what, started: Instant::now(), shown: 0 }
    }

    /// So many parts are done.
    pub fn at(&mut self, done: usize) {
        let tenth = done * 10 / self.total.max(1);
        // A file keeps a line for each tenth only.
        if std::io::stdout().is_terminal() {
            print!("\r{}: {done} of {}", self.what, self.total);
            let _ = std::io::stdout().flush();
        } else if tenth > self.shown {
            self.shown = tenth;
            println!("{}: {done} of {}", self.what, self.total);
        }
    }

    /// All is done.
    pub fn end(self, result: &str) {
        println!("\r{}: {}, {result}, {:.1} s", self.what, self.total, self.started.elapsed().as_secs_f64());
    }
}
