//! From captured statements to a script of pgbench: the same statements with the same parameters. What a request makes
//! new — ids, its number, its place in the chain of evidence — is made anew in each run, or the second would collide.

use std::{collections::HashMap, fmt::Write};

use sea_orm::prelude::Uuid;

use crate::capture::Executed;

/// A script and the values of its variables.
pub struct Script {
    /// The script.
    pub text: String,
    /// Name and value.
    pub variables: Vec<(String, String)>,
}

/// Larger than any number of runs, smaller than the twelve digits that end an id.
const NEW: &str = "random(1, 999999999999)";

struct Writer {
    name: String,
    /// Ids made after this moment, in milliseconds since 1970, are new.
    since: u64,
    variables: Vec<(String, String)>,
    new: HashMap<String, usize>,
}

/// The script of what one request executed. `name` keeps its variables apart from those of other scripts.
pub fn script(name: &str, executed: &[Executed], since: u64) -> Script {
    let mut writer = Writer { name: name.to_owned(), since, variables: Vec::new(), new: HashMap::new() };
    let mut body = String::new();
    for statement in executed {
        let columns = columns(&statement.sql);
        let values: Vec<String> = statement
            .values
            .iter()
            .enumerate()
            .map(|(index, value)| match value {
                None => "NULL".to_owned(),
                Some(_) if columns.get(index) == Some(&"seq") => "(:seq + 1)".to_owned(),
                Some(value) if columns.get(index) == Some(&"number") => writer.new_text(value),
                Some(value) => writer.value(value),
            })
            .collect();
        let sql = fill(&statement.sql, &values);
        let chain = sql.contains("\"audit_chain\"") && sql.starts_with("SELECT");
        let _ = writeln!(body, "{sql}{}", if chain { " \\gset" } else { ";" });
    }
    let mut text = String::new();
    for index in writer.new.values() {
        let _ = writeln!(text, "\\set new{index} {NEW}");
    }
    Script { text: text + &body, variables: writer.variables }
}

impl Writer {
    fn value(&mut self, value: &str) -> String {
        let uuid = Uuid::parse_str(value).ok().filter(|_| value.len() == 36);
        if let Some(uuid) = uuid {
            let made = uuid.as_u128() >> 80;
            if uuid.get_version_num() == 7 && made >= u128::from(self.since) {
                return format!("('{}'||lpad({}, 12, '0'))::uuid", &value[..24], self.new_number(value));
            }
        }
        let name = format!("{}_{}", self.name, self.variables.len());
        let is_time =
            value.len() > 18 && value.is_char_boundary(10) && value.as_bytes()[10] == b' ' && value.contains("+00");
        let cast = if uuid.is_some() {
            "::uuid"
        } else if is_time {
            "::timestamptz"
        } else {
            ""
        };
        self.variables.push((name.clone(), value.to_owned()));
        format!(":{name}{cast}")
    }

    fn new_text(&mut self, value: &str) -> String {
        format!("('{}'||{})", value.replace('\'', "''"), self.new_number(value))
    }

    fn new_number(&mut self, value: &str) -> String {
        let next = self.new.len();
        format!(":new{}", self.new.entry(value.to_owned()).or_insert(next))
    }
}

/// The columns that the parameters of an `INSERT` of one row or of an `UPDATE` go into, as far as they can be told.
fn columns(sql: &str) -> Vec<&str> {
    if let Some((_, rest)) = sql.strip_prefix("INSERT INTO ").and_then(|rest| rest.split_once('(')) {
        return rest.split(')').next().unwrap_or_default().split(", ").map(|name| name.trim_matches('"')).collect();
    }
    if let Some((_, rest)) = sql.strip_prefix("UPDATE ").and_then(|rest| rest.split_once(" SET ")) {
        let set = rest.split(" WHERE ").next().unwrap_or_default();
        return set.split(", ").map(|part| part.split(' ').next().unwrap_or_default().trim_matches('"')).collect();
    }
    Vec::new()
}

/// `sql` with the values in the places of `$1`, `$2` …
fn fill(sql: &str, values: &[String]) -> String {
    let mut filled = String::with_capacity(sql.len() * 2);
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        filled.push_str(before);
        match after[..digits].parse::<usize>().ok().and_then(|number| values.get(number - 1)) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["$", &after[..digits]]),
        }
        rest = &after[digits..];
    }
    filled + rest
}
