//! Generated files: either brought up to date or, for CI, only compared. Every generator ends here.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// What a generator wants on disk. Paths are relative to the repository and use `/`.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    files: BTreeMap<String, String>,
    owned: Vec<String>,
}

/// One difference between what is on disk and what should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Drift {
    Missing(String),
    Changed(String),
    Stale(String),
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "missing: {path}"),
            Self::Changed(path) => write!(f, "drifted: {path}"),
            Self::Stale(path) => write!(f, "stale: {path}"),
        }
    }
}

impl Outputs {
    pub(crate) fn file(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    /// Claims a folder whole: a file in it that is not among the outputs is stale.
    pub(crate) fn own(&mut self, folder: impl Into<String>) {
        self.owned.push(folder.into());
    }

    /// Everything that [`write`](Self::write) would change.
    pub(crate) fn drift(&self, root: &Path) -> Result<Vec<Drift>> {
        let mut drift = Vec::new();
        for (path, wanted) in &self.files {
            match fs::read(root.join(path)) {
                Ok(found) if found == wanted.as_bytes() => {}
                Ok(_) => drift.push(Drift::Changed(path.clone())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    drift.push(Drift::Missing(path.clone()))
                }
                Err(error) => return Err(error).context(format!("cannot read {path}")),
            }
        }
        let mut present = Vec::new();
        for folder in &self.owned {
            list_files(root, folder, &mut present)?;
        }
        present.sort();
        drift.extend(present.into_iter().filter(|path| !self.files.contains_key(path)).map(Drift::Stale));
        Ok(drift)
    }

    /// Fails, naming each file, when anything on disk differs. Writes nothing.
    pub(crate) fn check(&self, root: &Path, command: &str) -> Result<()> {
        let drift = self.drift(root)?;
        for file in &drift {
            eprintln!("{file}");
        }
        if !drift.is_empty() {
            bail!("{} generated file(s) out of date: run `{command}` and commit what it writes", drift.len());
        }
        Ok(())
    }

    /// Writes what differs, removes what is stale, and leaves the rest (and its time stamps) alone.
    pub(crate) fn write(&self, root: &Path) -> Result<()> {
        for file in self.drift(root)? {
            match file {
                Drift::Missing(path) | Drift::Changed(path) => {
                    self.write_one(root, &path)?;
                    println!("wrote {path}");
                }
                Drift::Stale(path) => {
                    fs::remove_file(root.join(&path)).with_context(|| format!("cannot remove {path}"))?;
                    println!("removed {path}");
                }
            }
        }
        Ok(())
    }

    fn write_one(&self, root: &Path, path: &str) -> Result<()> {
        let target = root.join(path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot create the folder of {path}"))?;
        }
        let text = self.files.get(path).map(String::as_str).unwrap_or_default();
        fs::write(target, text).with_context(|| format!("cannot write {path}"))
    }
}

/// Lists the files below `folder`, which need not exist yet.
fn list_files(root: &Path, folder: &str, found: &mut Vec<String>) -> Result<()> {
    let entries = match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context(format!("cannot list {folder}")),
    };
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {folder}"))?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().with_context(|| format!("cannot look at {path}"))?.is_dir() {
            list_files(root, &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs() -> Outputs {
        let mut outputs = Outputs::default();
        outputs.file("out/a.txt", "a\n");
        outputs.file("out/sub/b.txt", "b\n");
        outputs.file("beside.txt", "c\n");
        outputs.own("out");
        outputs
    }

    #[test]
    fn a_fresh_folder_misses_everything_and_writing_mends_it() {
        let root = tempfile::tempdir().unwrap();
        let missing = outputs().drift(root.path()).unwrap();
        assert_eq!(missing.len(), 3);
        assert!(missing.iter().all(|file| matches!(file, Drift::Missing(_))));
        outputs().write(root.path()).unwrap();
        outputs().check(root.path(), "x").unwrap();
    }

    #[test]
    fn checking_names_changed_missing_and_stale_files_and_writes_nothing() {
        let root = tempfile::tempdir().unwrap();
        outputs().write(root.path()).unwrap();
        fs::write(root.path().join("out/a.txt"), "by hand").unwrap();
        fs::remove_file(root.path().join("beside.txt")).unwrap();
        fs::write(root.path().join("out/sub/old.txt"), "").unwrap();
        let drift = [
            Drift::Missing("beside.txt".into()),
            Drift::Changed("out/a.txt".into()),
            Drift::Stale("out/sub/old.txt".into()),
        ];
        assert_eq!(outputs().drift(root.path()).unwrap(), drift);
        assert!(outputs().check(root.path(), "x").is_err());
        assert_eq!(outputs().drift(root.path()).unwrap(), drift, "a check must not write");
        outputs().write(root.path()).unwrap();
        assert_eq!(outputs().drift(root.path()).unwrap(), []);
    }

    #[test]
    fn files_outside_the_owned_folders_are_nobodys_business() {
        let root = tempfile::tempdir().unwrap();
        outputs().write(root.path()).unwrap();
        fs::write(root.path().join("notes.txt"), "mine").unwrap();
        assert_eq!(outputs().drift(root.path()).unwrap(), []);
    }
}
