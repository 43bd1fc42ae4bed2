//! Runs cargo and other programs.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand, Package};

/// Returns a command of the cargo that started this process, in a folder.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).env("CARGO_TERM_COLOR", "never");
    command
}

/// Runs a command with the standard streams of this process.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("failed ({status}): {command:?}");
    }
    Ok(())
}

/// Runs a command and returns its standard output and its standard error.
pub(crate) fn read(command: &mut Command) -> Result<(String, String)> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        bail!("failed ({}): {command:?}\n{}", output.status, stderr.trim_end());
    }
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), stderr))
}

/// Returns the metadata of the workspace's packages.
pub(crate) fn metadata(root: &Path) -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.current_dir(root).manifest_path(root.join("Cargo.toml")).no_deps();
    command.exec().context("cargo metadata")
}

/// Returns the packages that are published, sorted by name.
pub(crate) fn published(metadata: &Metadata) -> Vec<&Package> {
    // `publish = false` is an empty list of registries.
    let goes = |package: &&Package| package.publish.as_ref().is_none_or(|registries| !registries.is_empty());
    let mut packages: Vec<_> = metadata.workspace_packages().into_iter().filter(goes).collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages
}

pub(crate) fn has_library(package: &Package) -> bool {
    package.targets.iter().any(cargo_metadata::Target::is_lib)
}
