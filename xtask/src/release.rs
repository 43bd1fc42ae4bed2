//! `cargo xtask release`: everything that can be checked before publishing. Publishes nothing.
//!
//! Checks that all crates have one version, the changelog's first heading, and a dry run: every package is made,
//! inspected, and built from its own files against the other packages.
//!
//! The packages are unpacked and built below `target/release-check`. Cargo's own verification would unpack them into the
//! user's cargo home, as if they came from a registry whose packages never change, and build those of an earlier run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::Utf8PathBuf;
use cargo_metadata::{Metadata, Package};

use crate::cargo::{cargo, metadata, published, read, run as run_cargo};

/// Far below the registry's limit: a larger package contains something by mistake.
const MAX_KIB: u64 = 512;

/// Files that every package contains besides those of its folder.
const EVERY: &[&str] = &["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Folders that no package contains: they need crates that it does not name, or are of use only in the repository.
const NEVER: &[&str] = &["benches/", "examples/", "proptest-regressions/", "snapshots/", "tests/"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Accepts files that are not committed: to try a change, not for a release.
    #[arg(long)]
    allow_dirty: bool,
    /// Makes the packages without building them.
    #[arg(long)]
    no_verify: bool,
}

/// A file of a package, as `tar` lists it.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    path: String,
    plain: bool,
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let metadata = metadata(root)?;
    let packages = published(&metadata);
    let mut faults = one_version(&metadata, &packages);
    let changelog = fs::read_to_string(root.join("CHANGELOG.md")).context("cannot read CHANGELOG.md")?;
    if let Some(package) = packages.first() {
        faults.extend(fault_of_changelog(&changelog, &package.version.to_string()));
    }
    faults.extend(dry_run(root, &metadata, args)?);
    let files = crate::tidy::files(root)?;
    for package in &packages {
        faults.extend(inspect(&metadata, package, &files)?);
    }
    if !args.no_verify {
        build(root, &metadata, &packages)?;
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} fault(s) in the packages", faults.len());
    }
    println!("{} packages are ready to be published", packages.len());
    Ok(())
}

/// Checks that all crates have one version and require one another by it.
fn one_version(metadata: &Metadata, packages: &[&Package]) -> Vec<String> {
    let versions: BTreeSet<_> = packages.iter().map(|package| &package.version).collect();
    let mut faults = Vec::new();
    if versions.len() > 1 {
        faults.push(format!("the published crates have different versions: {versions:?}"));
    }
    let ours: BTreeSet<_> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    for package in packages {
        let normal = |kind| kind != cargo_metadata::DependencyKind::Development;
        let siblings = package
            .dependencies
            .iter()
            .filter(|dependency| normal(dependency.kind) && ours.contains(dependency.name.as_str()));
        for dependency in siblings.filter(|dependency| !dependency.req.matches(&package.version)) {
            faults.push(format!(
                "{} {} requires {} {}",
                package.name, package.version, dependency.name, dependency.req
            ));
        }
    }
    faults
}

/// Checks that the first heading is the version or Unreleased.
fn fault_of_changelog(changelog: &str, version: &str) -> Option<String> {
    let heading = |line: &str| {
        let rest = line.strip_prefix("## ")?;
        Some(rest.trim_start_matches('[').split([']', ' ']).next().unwrap_or_default().to_owned())
    };
    let first = changelog.lines().find_map(heading);
    let fits = first.as_deref().is_some_and(|found| found == "Unreleased" || found == version);
    (!fits).then(|| format!("CHANGELOG.md: its first heading is neither Unreleased nor {version}"))
}

fn dry_run(root: &Path, metadata: &Metadata, args: &Args) -> Result<Vec<String>> {
    // Packages of an earlier run would be inspected instead.
    for folder in packages_folders(metadata).iter().filter(|folder| folder.exists()) {
        for entry in fs::read_dir(folder).with_context(|| format!("cannot list {folder}"))? {
            let path = entry.with_context(|| format!("cannot list {folder}"))?.path();
            if path.extension().is_some_and(|extension| extension == "crate") {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
    }
    let mut command = cargo(root);
    command.args(["publish", "--workspace", "--dry-run", "--no-verify", "--locked"]);
    command.args(args.allow_dirty.then_some("--allow-dirty"));
    println!("cargo publish --workspace --dry-run --no-verify");
    let (_, messages) = read(&mut command)?;
    Ok(faults_of_dry_run(&messages))
}

/// Warnings of the dry run, except those that every dry run prints.
fn faults_of_dry_run(messages: &str) -> Vec<String> {
    let expected = |line: &&str| {
        line.contains("aborting upload due to dry run")
            || (line.contains("ignoring ") && line.contains("is not included in the published package"))
    };
    let warnings = messages.lines().filter(|line| line.trim_start().starts_with("warning: "));
    warnings.filter(|line| !expected(line)).map(|line| format!("dry run: {line}")).collect()
}

/// The folders in which cargo leaves packages; the second is that of a dry run.
fn packages_folders(metadata: &Metadata) -> [Utf8PathBuf; 2] {
    ["package", "package/tmp-crate"].map(|folder| metadata.target_directory.join(folder))
}

fn crate_file(metadata: &Metadata, package: &Package) -> Result<Utf8PathBuf> {
    let name = format!("{}-{}.crate", package.name, package.version);
    let files = packages_folders(metadata).map(|folder| folder.join(&name));
    files.into_iter().find(|file| file.exists()).with_context(|| format!("the dry run left no {name}"))
}

fn inspect(metadata: &Metadata, package: &Package, files: &[String]) -> Result<Vec<String>> {
    let stem = format!("{}-{}", package.name, package.version);
    let file = crate_file(metadata, package)?;
    let size = fs::metadata(&file).with_context(|| format!("cannot read {file}"))?.len().div_ceil(1024);
    let mut tar = Command::new("tar");
    let (listed, _) = read(tar.arg("-tvzf").arg(&file))?;
    let entries = entries(&listed, &stem);
    println!("{stem}: {} files, {size} KiB", entries.len());
    let mut faults = faults_of_contents(&package.name, files, &entries);
    if size > MAX_KIB {
        faults.push(format!("{stem}: {size} KiB, at most {MAX_KIB}"));
    }
    Ok(faults)
}

/// Builds each package alone, from its own files, in a workspace of the unpacked packages.
fn build(root: &Path, metadata: &Metadata, packages: &[&Package]) -> Result<()> {
    let folder = metadata.target_directory.join("release-check");
    let unpacked = folder.join("packages");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).with_context(|| format!("cannot remove {unpacked}"))?;
    }
    fs::create_dir_all(&unpacked).with_context(|| format!("cannot create {unpacked}"))?;
    let mut manifest =
        String::from("[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n[patch.crates-io]\n");
    for package in packages {
        // `-m`: with the times of the archive cargo would not see that a file has changed since the last run.
        read(Command::new("tar").arg("-xzmf").arg(crate_file(metadata, package)?).arg("-C").arg(&unpacked))?;
        let (name, version) = (&package.name, &package.version);
        manifest.push_str(&format!("{name} = {{ path = \"{name}-{version}\" }}\n"));
    }
    fs::write(unpacked.join("Cargo.toml"), manifest).context("cannot write the manifest of the packages")?;
    fs::copy(root.join("Cargo.lock"), unpacked.join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    for package in packages {
        println!("{}: cargo build", package.name);
        let mut command = cargo(unpacked.as_std_path());
        command.args(["build", "--quiet", "--package", package.name.as_str()]);
        command.env("CARGO_TARGET_DIR", folder.join("target"));
        // Nobody debugs them, and debug information takes gigabytes.
        command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
        run_cargo(&mut command)?;
    }
    Ok(())
}

/// Parses lines of `-rw-r--r-- 0/0 1234 2006-07-24 01:21 stem/path`; that of a link starts with `l`.
fn entries(listed: &str, stem: &str) -> Vec<Entry> {
    let read = |line: &str| {
        let (_, path) = line.split_once(&format!(" {stem}/"))?;
        let path = path.split(" -> ").next().unwrap_or(path);
        Some(Entry { path: path.to_owned(), plain: line.starts_with('-') })
    };
    listed.lines().filter_map(read).collect()
}

/// Compares a package with the files of its folder in the repository.
fn faults_of_contents(name: &str, files: &[String], entries: &[Entry]) -> Vec<String> {
    let stays_out = |path: &str| {
        NEVER.iter().any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
    };
    let folder = format!("crates/{name}/");
    let ours = files.iter().filter_map(|file| file.strip_prefix(&folder)).filter(|path| !stays_out(path));
    let wanted: BTreeSet<_> = EVERY.iter().copied().chain(ours).collect();
    let mut faults = Vec::new();
    for path in wanted.into_iter().filter(|path| entries.iter().all(|entry| entry.path != *path)) {
        faults.push(format!("{name}: its package does not contain {path}"));
    }
    for entry in entries {
        if stays_out(&entry.path) {
            faults.push(format!("{name}: its package must not contain {}", entry.path));
        }
        if !entry.plain {
            faults.push(format!("{name}: {} is not a plain file in its package", entry.path));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "\
-rw-r--r-- 0/0             94 1970-01-01 00:00 a-0.1.0/.cargo_vcs_info.json
-rw-r--r-- 0/0           9723 2006-07-24 01:21 a-0.1.0/Cargo.toml
lrwxrwxrwx 0/0              0 2006-07-24 01:21 a-0.1.0/LICENSE-MIT -> ../../LICENSE-MIT
-rw-r--r-- 0/0           9723 2006-07-24 01:21 a-0.1.0/LICENSE-APACHE
-rw-r--r-- 0/0           1076 2006-07-24 01:21 a-0.1.0/README.md
-rw-r--r-- 0/0           1076 2006-07-24 01:21 a-0.1.0/src/lib.rs
-rw-r--r-- 0/0           1076 2006-07-24 01:21 a-0.1.0/tests/main.rs
";

    #[test]
    fn a_package_is_compared_with_its_folder() {
        let entries = entries(LISTED, "a-0.1.0");
        assert_eq!(entries.len(), 7);
        let files = ["README.md", "src/lib.rs", "tests/main.rs"].map(|file| format!("crates/a/{file}"));
        let faults = [
            "a: LICENSE-MIT is not a plain file in its package",
            "a: its package must not contain tests/main.rs",
        ];
        assert_eq!(faults_of_contents("a", &files, &entries), faults);
        let files =
            [files.as_slice(), &["crates/a/samples/a.jpg".to_owned(), "crates/ab/b".to_owned()]].concat();
        let missing = faults_of_contents("a", &files, &entries[..1]);
        assert_eq!(missing.len(), 6, "{missing:?}");
        assert_eq!(missing[4], "a: its package does not contain samples/a.jpg");
    }

    #[test]
    fn the_changelog_begins_with_the_version_or_unreleased() {
        assert_eq!(fault_of_changelog("# C\n\n## Unreleased\n", "0.1.0"), None);
        assert_eq!(fault_of_changelog("# C\n\n## [0.1.0] - 2026-01-31\n", "0.1.0"), None);
        assert_eq!(fault_of_changelog("# C\n\n## 0.1.0\n", "0.1.0"), None);
        assert!(fault_of_changelog("# C\n\n## 0.1.0\n\n## Unreleased\n", "0.2.0").is_some());
    }

    #[test]
    fn warnings_are_faults_unless_expected() {
        let messages = "   Packaging a v0.1.0\n\
            warning: ignoring test `main` as `tests/main.rs` is not included in the published package\n\
            warning: package `b v1.0.0` in Cargo.lock is yanked in registry `crates-io`\n\
            warning: aborting upload due to dry run\n";
        let yanked = "dry run: warning: package `b v1.0.0` in Cargo.lock is yanked in registry `crates-io`";
        assert_eq!(faults_of_dry_run(messages), [yanked]);
    }
}
