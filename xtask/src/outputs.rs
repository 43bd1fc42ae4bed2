//! Generated files: written, or for CI only compared. Every generator uses this.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};
use walkdir::{DirEntry, WalkDir};

/// The files of a generator. Paths are relative to the repository and use `/`.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    files: BTreeMap<String, String>,
    owned: Vec<String>,
}

// No documentation: clap would show it instead of the command's.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Writes nothing and fails, with each file, if any would change.
    #[arg(long)]
    pub(crate) check: bool,
}

impl Outputs {
    pub(crate) fn file(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    /// Owns a folder: a file in it that is not among the outputs is stale.
    pub(crate) fn own(&mut self, folder: impl Into<String>) {
        self.owned.push(folder.into());
    }

    /// Writes the files, or for `--check` only compares them. `command` is the generator's name.
    pub(crate) fn finish(&self, root: &Path, args: &Args, command: &str) -> Result<()> {
        if args.check { self.check(root, command) } else { self.write(root) }
    }

    /// Returns every file that [`write`](Self::write) would change, and whether it is missing, changed or stale.
    pub(crate) fn outdated(&self, root: &Path) -> Result<Vec<(&'static str, String)>> {
        let mut outdated = Vec::new();
        for (path, wanted) in &self.files {
            match fs::read(root.join(path)) {
                Ok(found) if found == wanted.as_bytes() => {}
                Ok(_) => outdated.push(("changed", path.clone())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    outdated.push(("missing", path.clone()))
                }
                Err(error) => return Err(error).context(format!("cannot read {path}")),
            }
        }
        // A folder need not exist yet.
        for folder in self.owned.iter().filter(|folder| root.join(folder).exists()) {
            let present = files_below(root, folder)?.into_iter();
            outdated
                .extend(present.filter(|path| !self.files.contains_key(path)).map(|path| ("stale", path)));
        }
        Ok(outdated)
    }

    /// Fails, with each file, if any file on disk differs. Writes nothing.
    pub(crate) fn check(&self, root: &Path, command: &str) -> Result<()> {
        let outdated = self.outdated(root)?;
        for (how, path) in &outdated {
            eprintln!("{how}: {path}");
        }
        if !outdated.is_empty() {
            bail!("{} generated file(s) out of date: run `{command}` and commit its output", outdated.len());
        }
        Ok(())
    }

    /// Writes files that differ, removes stale ones, and does not touch the others, so that they keep their times.
    pub(crate) fn write(&self, root: &Path) -> Result<()> {
        for (_, path) in self.outdated(root)? {
            let target = root.join(&path);
            let Some(text) = self.files.get(&path) else {
                fs::remove_file(target).with_context(|| format!("cannot remove {path}"))?;
                println!("removed {path}");
                continue;
            };
            write_file(&target, text)?;
            println!("wrote {path}");
        }
        Ok(())
    }
}

/// Writes a file and creates its folder.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<()> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, text)).with_context(|| format!("cannot write {}", path.display()))
}

/// Returns the files below a folder of the repository, sorted, relative to the repository and with `/`. A link counts as a file,
/// even if its target does not exist. Build folders and hidden ones are left out, except those of the CI.
pub(crate) fn files_below(root: &Path, folder: &str) -> Result<Vec<String>> {
    let is_left_out = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let is_hidden = name.starts_with('.') && ![".ci", ".github"].contains(&&*name);
        entry.depth() > 0 && entry.file_type().is_dir() && (name == "target" || is_hidden)
    };
    let mut found = Vec::new();
    for entry in WalkDir::new(root.join(folder)).into_iter().filter_entry(|entry| !is_left_out(entry)) {
        let entry = entry.with_context(|| format!("cannot list {folder}"))?;
        if !entry.file_type().is_dir() {
            let path = entry.path().strip_prefix(root)?.components();
            let parts: Vec<_> = path.map(|part| part.as_os_str().to_string_lossy()).collect();
            found.push(parts.join("/"));
        }
    }
    found.sort();
    Ok(found)
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
    fn checking_names_changed_missing_and_stale_files_and_writes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let missing = outputs().outdated(root.path()).unwrap();
        assert!(missing.len() == 3 && missing.iter().all(|(how, _)| *how == "missing"), "{missing:?}");
        outputs().write(root.path()).unwrap();
        outputs().check(root.path(), "x").unwrap();
        fs::write(root.path().join("notes.txt"), "in no folder that is owned").unwrap();
        fs::write(root.path().join("out/a.txt"), "by hand").unwrap();
        fs::remove_file(root.path().join("beside.txt")).unwrap();
        fs::write(root.path().join("out/sub/old.txt"), "").unwrap();
        let outdated = [("missing", "beside.txt"), ("changed", "out/a.txt"), ("stale", "out/sub/old.txt")]
            .map(|(how, path)| (how, path.to_owned()));
        assert_eq!(outputs().outdated(root.path()).unwrap(), outdated);
        assert!(outputs().check(root.path(), "x").is_err());
        assert_eq!(outputs().outdated(root.path()).unwrap(), outdated, "a check must not write");
        outputs().write(root.path()).unwrap();
        assert_eq!(outputs().outdated(root.path()).unwrap(), []);
    }
}
