//! `COPY` in its text form, a table at a time.

use std::fmt::{Display, Write};

use sea_orm::sqlx::{PgPool, postgres::PgPoolCopyExt};

/// Rows on their way into a table.
pub struct Rows {
    statement: String,
    text: String,
    at_start: bool,
}

/// Half a megabyte and more goes out at once.
const CHUNK: usize = 1 << 19;

impl Rows {
    /// Rows of these columns, separated by commas.
    pub fn of(table: &str, columns: &str) -> Self {
        Self { statement: format!("COPY {table} ({columns}) FROM STDIN"), text: String::new(), at_start: true }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.at_start) {
            self.text.push('\t');
        }
    }

    /// The next value of the row.
    pub fn value(&mut self, value: impl Display) -> &mut Self {
        self.separate();
        let start = self.text.len();
        let _ = write!(self.text, "{value}");
        if self.text[start..].contains(['\\', '\t', '\n', '\r']) {
            let escaped = self.text[start..].replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
            self.text.truncate(start);
            self.text.push_str(&escaped);
        }
        self
    }

    /// The next value, if there is one.
    pub fn maybe(&mut self, value: Option<impl Display>) -> &mut Self {
        if let Some(value) = value {
            return self.value(value);
        }
        self.separate();
        self.text.push_str("\\N");
        self
    }

    /// The row ends.
    pub fn end(&mut self) {
        self.text.push('\n');
        self.at_start = true;
    }

    /// Writes what has come together into the table.
    pub async fn send(&mut self, pool: &PgPool) {
        let mut copy = pool.copy_in_raw(&self.statement).await.unwrap();
        for chunk in self.text.as_bytes().chunks(CHUNK) {
            copy.send(chunk).await.unwrap();
        }
        copy.finish().await.unwrap();
        self.text.clear();
    }
}
