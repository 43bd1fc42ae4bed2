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

/// Far below the registry's limit of 10 MB: a larger package contains something by mistake.
const MAX_KIB: u64 = 768;

/// A package that is larger, its limit, and why.
const LARGE: &[(&str, u64, &str)] =
    &[("kyc-sandbox", 8_500, "the weights of the network that compares faces")];

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

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let metadata = metadata(root)?;
    let packages = published(&metadata);
    let mut faults: Vec<_> = fault_of_versions(&packages).into_iter().collect();
    let changelog = fs::read_to_string(root.join("CHANGELOG.md")).context("cannot read CHANGELOG.md")?;
    if let Some(package) = packages.first() {
        faults.extend(fault_of_changelog(&changelog, &package.version.to_string()));
    }
    faults.extend(dry_run(root, &metadata, args)?);
    let files = crate::outputs::files_below(root, "")?;
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

/// Cargo itself refuses a crate that requires another version of a sibling.
fn fault_of_versions(packages: &[&Package]) -> Option<String> {
    let versions: BTreeSet<_> = packages.iter().map(|package| package.version.to_string()).collect();
    (versions.len() > 1).then(|| format!("the published crates have different versions: {versions:?}"))
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
    let folder = metadata.target_directory.join("package");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {folder}"))?;
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

fn crate_file(metadata: &Metadata, package: &Package) -> Result<Utf8PathBuf> {
    let name = format!("{}-{}.crate", package.name, package.version);
    // The second is the folder of a dry run.
    let files =
        ["package", "package/tmp-crate"].map(|folder| metadata.target_directory.join(folder).join(&name));
    files.into_iter().find(|file| file.exists()).with_context(|| format!("the dry run left no {name}"))
}

fn inspect(metadata: &Metadata, package: &Package, files: &[String]) -> Result<Vec<String>> {
    let stem = format!("{}-{}", package.name, package.version);
    let file = crate_file(metadata, package)?;
    let size = fs::metadata(&file).with_context(|| format!("cannot read {file}"))?.len().div_ceil(1024);
    let (listed, _) = read(Command::new("tar").arg("-tzf").arg(&file))?;
    let paths: Vec<_> =
        listed.lines().filter_map(|line| line.split_once('/')).map(|(_, path)| path).collect();
    println!("{stem}: {} files, {size} KiB", paths.len());
    let mut faults = faults_of_contents(&package.name, files, &paths);
    let large = LARGE.iter().find(|(name, ..)| *name == package.name.as_str());
    let most = large.map_or(MAX_KIB, |(_, most, _)| *most);
    if size > most {
        faults.push(format!("{stem}: {size} KiB, at most {most}"));
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

/// Compares a package with the files of its folder in the repository.
fn faults_of_contents(name: &str, files: &[String], packed: &[&str]) -> Vec<String> {
    let stays_out = |path: &&str| {
        NEVER.iter().any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
    };
    let folder = format!("crates/{name}/");
    let ours = files.iter().filter_map(|file| file.strip_prefix(&folder)).filter(|path| !stays_out(path));
    let wanted: BTreeSet<_> = EVERY.iter().copied().chain(ours).collect();
    let missing = wanted.into_iter().filter(|path| !packed.contains(path));
    let missing = missing.map(|path| format!("{name}: its package does not contain {path}"));
    let surplus = packed.iter().filter(|path| stays_out(path));
    missing.chain(surplus.map(|path| format!("{name}: its package must not contain {path}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_compared_with_its_folder() {
        let packed =
            ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/lib.rs", "tests/main.rs"];
        let files = ["README.md", "src/lib.rs", "tests/main.rs", "samples/a.jpg"]
            .map(|file| format!("crates/a/{file}"));
        let others = ["crates/ab/b".to_owned()];
        let faults = [
            "a: its package does not contain samples/a.jpg",
            "a: its package must not contain tests/main.rs",
        ];
        assert_eq!(faults_of_contents("a", &[&files[..], &others].concat(), &packed), faults);
        assert_eq!(
            faults_of_contents("a", &[], &packed[1..5]),
            ["a: its package does not contain Cargo.toml"]
        );
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
