//! Puts the explorer into the program if it has been built (`npm run setup --prefix api/explorer`); without it the program
//! shows the small start page, so that a machine with only Rust builds a whole server.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

const BUILT: &str = "explorer/dist";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={BUILT}");
    println!("cargo::rerun-if-changed=build.rs");
    let page = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join(BUILT).join("page");
    let mut files = Vec::new();
    if page.is_dir() {
        collect(&page, &mut files)?;
        files.sort();
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("explorer.rs");
    let mut out = fs::File::create(out)?;
    let index = page.join("index.html");
    if index.is_file() {
        writeln!(out, "const PAGE: Option<&str> = Some(include_str!({}));", quoted(&index))?;
    } else {
        writeln!(out, "const PAGE: Option<&str> = None;")?;
    }
    writeln!(out, "const FILES: &[(&str, &[u8])] = &[")?;
    for file in files {
        let name = file.strip_prefix(&page).unwrap_or(&file).with_extension("");
        let name = name.to_string_lossy().replace('\\', "/");
        writeln!(out, "    ({name:?}, include_bytes!({})),", quoted(&file))?;
    }
    writeln!(out, "];")
}

/// A path as a text in Rust.
fn quoted(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

/// Every compressed file below `folder`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "gz") {
            files.push(path);
        }
    }
    Ok(())
}
