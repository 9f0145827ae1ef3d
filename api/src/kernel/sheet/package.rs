//! The package of an `.xlsx` file: which files are in it, and reading one of them without trusting what it says of
//! itself.

use std::{
    cell::Cell,
    collections::HashMap,
    io::{BufReader, Cursor, Read},
    rc::Rc,
};

use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::{FileProblem, Limits, Unreadable};

/// The files packed in an `.xlsx` file.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    names: HashMap<String, usize>,
    left: Rc<Cell<u64>>,
    cause: Rc<Cell<Option<FileProblem>>>,
}

impl<'a> Package<'a> {
    /// Opens a package; what it says of itself is looked at first.
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Unreadable> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileProblem::Damaged)?;
        if archive.len() > limits.entries {
            return Err(FileProblem::TooLarge.into());
        }
        let (mut names, mut declared) = (HashMap::new(), 0_u64);
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(|_| FileProblem::Damaged)?;
            declared = declared.saturating_add(entry.size());
            if entry.encrypted() {
                return Err(FileProblem::Encrypted.into());
            }
            let name = entry.name().map_err(|_| FileProblem::Damaged)?.replace('\\', "/").to_ascii_lowercase();
            if name.ends_with("vbaproject.bin") {
                return Err(FileProblem::Macros.into());
            }
            names.insert(name, index);
        }
        if declared > limits.inflated {
            return Err(FileProblem::Bomb.into());
        }
        Ok(Self { archive, names, left: Rc::new(Cell::new(limits.inflated)), cause: Rc::default() })
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(&name.to_ascii_lowercase())
    }

    /// A file of the package, inflated as it is read.
    pub(super) fn part(&mut self, name: &str) -> Result<BufReader<Part<'_, 'a>>, Unreadable> {
        let index = *self.names.get(&name.to_ascii_lowercase()).ok_or(FileProblem::Damaged)?;
        let entry = self.archive.by_index(index).map_err(|error| match error {
            ZipError::InvalidPassword => FileProblem::Encrypted,
            _ => FileProblem::Damaged,
        })?;
        let part = Part { entry, left: Rc::clone(&self.left), cause: Rc::clone(&self.cause) };
        Ok(BufReader::with_capacity(64 << 10, part))
    }

    /// The outcome of reading a part with the true cause where reading was stopped: to the parser it looks like damage.
    pub(super) fn explain<T>(&self, outcome: Result<T, Unreadable>) -> Result<T, Unreadable> {
        outcome.map_err(|unreadable| match (unreadable.problem, self.cause.take()) {
            (FileProblem::Damaged, Some(problem)) => problem.into(),
            _ => unreadable,
        })
    }
}

/// A file of the package. It ends in an error as soon as it gives more than is left to take of the whole package: several
/// sheets may name the same file. One that gives more than it said is an error of the unpacker already.
pub(super) struct Part<'p, 'a> {
    entry: ZipFile<'p, Cursor<&'a [u8]>>,
    left: Rc<Cell<u64>>,
    cause: Rc<Cell<Option<FileProblem>>>,
}

impl Read for Part<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.entry.read(buffer)?;
        let Some(left) = self.left.get().checked_sub(read as u64) else {
            self.cause.set(Some(FileProblem::Bomb));
            return Err(std::io::Error::other("more than is left to take"));
        };
        self.left.set(left);
        Ok(read)
    }
}
