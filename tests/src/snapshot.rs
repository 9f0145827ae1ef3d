//! Texts that are kept beside the tests and compared: what changes there, changes in a review.

use std::path::{Path, PathBuf};

/// A file of the repository.
#[must_use]
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Compares `text` with the file at `path` in the repository; with the environment variable `update` set to 1, writes
/// the file instead.
///
/// # Panics
/// If they differ, with the first line in which they do.
pub fn check(path: &str, text: &str, update: &str) {
    let file = repository(path);
    if std::env::var_os(update).is_some_and(|value| value == "1") {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    if kept == text {
        return;
    }
    let mut kept_lines = kept.lines();
    for (number, line) in text.lines().enumerate() {
        let kept_line = kept_lines.next().unwrap_or("(end of file)");
        assert_eq!(kept_line, line, "{path} differs at line {}; look, then run with {update}=1", number + 1);
    }
    panic!("{path} has more lines than it should; look, then run with {update}=1");
}
