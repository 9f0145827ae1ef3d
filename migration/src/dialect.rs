//! One SQL text for two databases.

use sea_orm_migration::sea_orm::DbBackend;

/// What a type name is called in SQLite. The names are those sea-orm gives, so that its decoders recognise the columns.
const SQLITE_TYPES: &[(&str, &str)] = &[
    ("UUID", "uuid_text"),
    ("TIMESTAMPTZ", "timestamp_with_timezone_text"),
    ("JSONB", "jsonb_text"),
    ("DATE", "date_text"),
    ("BYTEA", "blob"),
    ("TEXT", "text"),
];

/// `TEXT` sorts by bytes on PostgreSQL as it does on SQLite, so that both give the same order and the same pages.
const POSTGRES_TYPES: &[(&str, &str)] = &[("TEXT", "TEXT COLLATE \"C\"")];

/// `text` in the words of `backend`.
pub fn translate(text: &str, backend: DbBackend) -> String {
    let (types, mine) = match backend {
        DbBackend::Sqlite => (SQLITE_TYPES, "sqlite"),
        _ => (POSTGRES_TYPES, "postgres"),
    };
    let mut out = String::with_capacity(text.len());
    let mut keep = true;
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some(only) = trimmed.strip_prefix("-- only: ") {
            keep = only == mine;
        } else if trimmed == "-- end" {
            keep = true;
        } else if keep && !trimmed.starts_with("--") {
            let code = line.split(" -- ").next().unwrap_or(line);
            out.push_str(&replace_words(code, types));
            out.push('\n');
        }
    }
    out
}

/// Replaces whole upper-case words only: a column called `text` or a string `'DATE …'` in lower case is left alone.
fn replace_words(line: &str, types: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(line.len());
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        let known = types.iter().find(|(from, _)| from == word);
        out.push_str(known.map_or(word.as_str(), |(_, to)| to));
        word.clear();
    };
    for character in line.chars() {
        if character.is_alphanumeric() || character == '_' {
            word.push(character);
        } else {
            flush(&mut word, &mut out);
            out.push(character);
        }
    }
    flush(&mut word, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a UUID, -- the id\n-- only: sqlite\nx\n-- end\n-- only: postgres\ny TEXT\n-- end\nz DATED\n";

    #[test]
    fn types_blocks_and_comments_are_translated() {
        assert_eq!(translate(TEXT, DbBackend::Sqlite), "a uuid_text,\nx\nz DATED\n");
        assert_eq!(translate(TEXT, DbBackend::Postgres), "a UUID,\ny TEXT COLLATE \"C\"\nz DATED\n");
    }
}
