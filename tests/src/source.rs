//! The source text as a test reads it: without comments, texts and the modules that test it.

use std::path::Path;

use crate::snapshot::repository;

/// A source file.
pub struct Source {
    /// Its path below the folder that was read, with `/` between the parts.
    pub path: String,
    /// Its code, line by line as it stands there; what is no code is blank.
    pub code: String,
}

impl Source {
    /// The first folder of the path, or the file's own name.
    #[must_use]
    pub fn wing(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Whether it belongs to the room: `room.rs` or anything in `room/` of its wing.
    #[must_use]
    pub fn is_in_room(&self, room: &str) -> bool {
        self.path.split('/').nth(1).is_some_and(|part| part.trim_end_matches(".rs") == room)
    }

    /// Lines with `word`, as `path:line`.
    #[must_use]
    pub fn lines_with(&self, word: &str) -> Vec<String> {
        let lines = self.code.lines().enumerate().filter(|(_, line)| has_word(line, word));
        lines.map(|(number, line)| format!("{}:{}: {}", self.path, number + 1, line.trim())).collect()
    }
}

/// Whether `word` stands in `line` and is not only a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let starts = word.starts_with(|c: char| c.is_alphanumeric());
        let ends = word.ends_with(|c: char| c.is_alphanumeric());
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !(starts && inside(before) || ends && inside(after))
    })
}

/// Every source file below a folder of the repository.
#[must_use]
pub fn sources(folder: &str) -> Vec<Source> {
    let root = repository(folder);
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let parts: Vec<_> = path.strip_prefix(root).unwrap().iter().map(|part| part.to_string_lossy()).collect();
            found.push(Source { path: parts.join("/"), code: code_of(&text) });
        }
    }
}

/// `text` without comments, texts in quotes and everything from `#[cfg(test)]` on, which stands last in our files.
fn code_of(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or(text);
    text.lines().map(code_of_line).collect::<Vec<_>>().join("\n")
}

fn code_of_line(line: &str) -> String {
    let mut code = String::with_capacity(line.len());
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quoted => {
                characters.next();
            }
            '"' => quoted = !quoted,
            '/' if !quoted && characters.peek() == Some(&'/') => break,
            _ if quoted => {}
            _ => code.push(character),
        }
    }
    code
}
