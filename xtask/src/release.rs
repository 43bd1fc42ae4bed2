//! `cargo xtask release`: everything that can be known before publishing, and nothing published.
//!
//! One version for all, the changelog's head, and a dry run: every package is made, built from its own files against the
//! others' packages, and looked into.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, Package};

use crate::cargo::{cargo, has_library, metadata, published, read};

/// Far below what the registry takes: a package that grows past it has swallowed something.
const LARGEST_KIB: u64 = 512;

/// Files that a package must hold besides its sources.
const EVERY: &[&str] = &["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
const ALSO: &[(&str, &[&str])] = &[
    ("kyc-fixtures", &["fixtures/clearsale-facematch/match-200.json"]),
    (
        "kyc-sandbox",
        &[
            "samples/CREDITS.md",
            "samples/a-2014.jpg",
            "samples/a-2025.jpg",
            "samples/b-2022.jpg",
            "samples/cellere/meter-digital.png",
            "samples/certiface/face-smiling.png",
        ],
    ),
];

/// Folders that no package holds: they need crates that it does not name, or are of use only here.
const NEVER: &[&str] = &["benches/", "examples/", "snapshots/", "tests/"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Goes on with files that are not committed: to try a change, not for a release.
    #[arg(long)]
    allow_dirty: bool,
    /// Makes the packages without building them.
    #[arg(long)]
    no_verify: bool,
}

/// One file of a package, as `tar` lists it.
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
    forget_earlier_runs(&metadata, &packages)?;
    faults.extend(dry_run(root, &metadata, args)?);
    for package in &packages {
        faults.extend(look_into(&metadata, package)?);
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} fault(s) in what would be published", faults.len());
    }
    println!("{} packages are ready to be published", packages.len());
    Ok(())
}

/// All of one version, and asking for one another by it.
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
                "{} {} asks for {} {}",
                package.name, package.version, dependency.name, dependency.req
            ));
        }
    }
    faults
}

/// A version that is being prepared has a heading of its own or is what stands under Unreleased.
fn fault_of_changelog(changelog: &str, version: &str) -> Option<String> {
    let heading = |line: &str| {
        let rest = line.strip_prefix("## ")?;
        Some(rest.trim_start_matches('[').split([']', ' ']).next().unwrap_or_default().to_owned())
    };
    let first = changelog.lines().find_map(heading);
    let fits = first.as_deref().is_some_and(|found| found == "Unreleased" || found == version);
    (!fits).then(|| format!("CHANGELOG.md: its first heading is neither Unreleased nor {version}"))
}

/// A dry run unpacks our packages as if they came from a registry, whose packages never change under one version: without
/// this the next run would build what it unpacked, and even what it built, the last time.
fn forget_earlier_runs(metadata: &Metadata, packages: &[&Package]) -> Result<()> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let unpacked = home.context("cannot tell where cargo's home is")?.join("registry/src");
    // A registry without a host is one in a folder.
    let local = names_in(&unpacked)?.into_iter().filter(|name| name.starts_with('-'));
    for folder in local.map(|name| unpacked.join(name)) {
        for package in packages {
            remove_folder(&folder.join(format!("{}-{}", package.name, package.version)))?;
        }
    }
    let built = metadata.target_directory.join("debug").into_std_path_buf();
    for name in names_in(&built.join("deps"))?.iter().filter(|name| name.ends_with(".d")) {
        let Some((library, hash)) = name.trim_end_matches(".d").rsplit_once('-') else { continue };
        let package = packages.iter().find(|package| package.name.replace('-', "_") == library);
        let sources = fs::read_to_string(built.join("deps").join(name)).unwrap_or_default();
        if let Some(package) = package.filter(|_| sources.contains("registry/src/-")) {
            remove_folder(&built.join(".fingerprint").join(format!("{}-{hash}", package.name)))?;
        }
    }
    Ok(())
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.map(|entry| entry.file_name().to_string_lossy().into_owned())
    };
    entries.map(name).collect::<Result<_, _>>().with_context(|| format!("cannot list {}", folder.display()))
}

fn remove_folder(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

fn dry_run(root: &Path, metadata: &Metadata, args: &Args) -> Result<Vec<String>> {
    // What lies there of an earlier run would be looked into.
    for folder in packages_folders(metadata).iter().filter(|folder| folder.exists()) {
        for entry in fs::read_dir(folder).with_context(|| format!("cannot list {folder}"))? {
            let path = entry.with_context(|| format!("cannot list {folder}"))?.path();
            if path.extension().is_some_and(|extension| extension == "crate") {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
    }
    let mut command = cargo(root);
    command.args(["publish", "--workspace", "--dry-run", "--locked"]);
    command.args(args.allow_dirty.then_some("--allow-dirty"));
    command.args(args.no_verify.then_some("--no-verify"));
    // The packages are built without our profiles, each with its own copy of what it needs: gigabytes of debug lines.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
    println!("cargo publish --workspace --dry-run");
    let (_, said) = read(&mut command)?;
    Ok(faults_of_dry_run(&said))
}

/// Warnings of the dry run that are more than news.
fn faults_of_dry_run(said: &str) -> Vec<String> {
    let expected = |line: &&str| {
        line.contains("aborting upload due to dry run")
            || (line.contains("ignoring ") && line.contains("is not included in the published package"))
    };
    let warnings = said.lines().filter(|line| line.trim_start().starts_with("warning: "));
    warnings.filter(|line| !expected(line)).map(|line| format!("dry run: {line}")).collect()
}

/// Where cargo leaves packages: those of a dry run in the second.
fn packages_folders(metadata: &Metadata) -> [cargo_metadata::camino::Utf8PathBuf; 2] {
    ["package", "package/tmp-crate"].map(|folder| metadata.target_directory.join(folder))
}

fn look_into(metadata: &Metadata, package: &Package) -> Result<Vec<String>> {
    let stem = format!("{}-{}", package.name, package.version);
    let name = format!("{stem}.crate");
    let file =
        packages_folders(metadata).map(|folder| folder.join(&name)).into_iter().find(|file| file.exists());
    let file = file.with_context(|| format!("the dry run left no {name}"))?;
    let size = fs::metadata(&file).with_context(|| format!("cannot look at {file}"))?.len().div_ceil(1024);
    let mut tar = Command::new("tar");
    let (listed, _) = read(tar.arg("-tvzf").arg(&file))?;
    let entries = entries(&listed, &stem);
    println!("{stem}: {} files, {size} KiB", entries.len());
    let mut faults = faults_of_contents(&package.name, has_library(package), &entries);
    if size > LARGEST_KIB {
        faults.push(format!("{stem}: {size} KiB, at most {LARGEST_KIB}"));
    }
    Ok(faults)
}

/// Reads lines of `-rw-r--r-- 0/0 1234 2006-07-24 01:21 stem/path`, where a link starts with `l`.
fn entries(listed: &str, stem: &str) -> Vec<Entry> {
    let read = |line: &str| {
        let (_, path) = line.split_once(&format!(" {stem}/"))?;
        let path = path.split(" -> ").next().unwrap_or(path);
        Some(Entry { path: path.to_owned(), plain: line.starts_with('-') })
    };
    listed.lines().filter_map(read).collect()
}

fn faults_of_contents(name: &str, library: bool, entries: &[Entry]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut wanted = EVERY.to_vec();
    wanted.push(if library { "src/lib.rs" } else { "src/main.rs" });
    wanted.extend(ALSO.iter().filter(|(of, _)| *of == name).flat_map(|(_, paths)| *paths));
    for path in wanted.iter().filter(|path| entries.iter().all(|entry| entry.path != **path)) {
        faults.push(format!("{name}: its package holds no {path}"));
    }
    for entry in entries {
        if NEVER
            .iter()
            .any(|folder| entry.path.starts_with(folder) || entry.path.contains(&format!("/{folder}")))
        {
            faults.push(format!("{name}: its package must not hold {}", entry.path));
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
    fn a_package_is_looked_into() {
        let entries = entries(LISTED, "a-0.1.0");
        assert_eq!(entries.len(), 7);
        let faults = [
            "a: LICENSE-MIT is not a plain file in its package",
            "a: its package must not hold tests/main.rs",
        ];
        assert_eq!(faults_of_contents("a", true, &entries), faults);
        let missing = faults_of_contents("kyc-sandbox", false, &entries[..1]);
        assert_eq!(missing.len(), 11, "{missing:?}");
        assert_eq!(missing[4], "kyc-sandbox: its package holds no src/main.rs");
    }

    #[test]
    fn the_changelog_names_the_version_or_none_yet() {
        assert_eq!(fault_of_changelog("# C\n\n## Unreleased\n", "0.1.0"), None);
        assert_eq!(fault_of_changelog("# C\n\n## [0.1.0] - 2026-01-31\n", "0.1.0"), None);
        assert_eq!(fault_of_changelog("# C\n\n## 0.1.0\n", "0.1.0"), None);
        assert!(fault_of_changelog("# C\n\n## 0.1.0\n\n## Unreleased\n", "0.2.0").is_some());
    }

    #[test]
    fn warnings_are_faults_unless_expected() {
        let said = "   Packaging a v0.1.0\n\
            warning: ignoring test `main` as `tests/main.rs` is not included in the published package\n\
            warning: package `b v1.0.0` in Cargo.lock is yanked in registry `crates-io`\n\
            warning: aborting upload due to dry run\n";
        let yanked = "dry run: warning: package `b v1.0.0` in Cargo.lock is yanked in registry `crates-io`";
        assert_eq!(faults_of_dry_run(said), [yanked]);
    }
}
