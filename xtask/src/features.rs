//! `cargo xtask features`: each published crate with no feature, with each one alone, and with all, through clippy.
//!
//! In a workspace features unify: what one crate forgets to enable is enabled by another.
//!
//! With the last set each dependency must be used, too. Here the compiler sees a library alone, without the
//! dev-dependencies that only some test targets use.

use std::path::Path;

use anyhow::{Result, bail};
use cargo_metadata::Package;

use crate::cargo::{cargo, has_library, metadata, published, run as run_cargo};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these crates.
    crates: Vec<String>,
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let metadata = metadata(root)?;
    let mut failed = Vec::new();
    for package in published(&metadata) {
        let name = package.name.as_str();
        if !(args.crates.is_empty() || args.crates.iter().any(|wanted| wanted == name)) {
            continue;
        }
        let sets = sets(package);
        for (index, set) in sets.iter().enumerate() {
            let shown = format!("{name} with {}", if set.is_empty() { "no feature" } else { set });
            println!("{shown}");
            let target = if has_library(package) { "--lib" } else { "--bins" };
            let mut command = cargo(root);
            command.args(["clippy", "--quiet", "--locked", "--package", name, target]);
            command.args(["--no-default-features", "--features", set, "--", "-D", "warnings"]);
            if index + 1 == sets.len() {
                command.args(["-D", "unused_crate_dependencies"]);
            }
            if run_cargo(&mut command).is_err() {
                failed.push(shown);
            }
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join("; "));
    }
    Ok(())
}

/// None, each alone, all; last all but those that exclude the code of `rustls-no-provider`. `default` is one of the
/// names, and for a crate with one feature all is that one.
fn sets(package: &Package) -> Vec<String> {
    let names: Vec<_> = package.features.keys().cloned().collect();
    let mut sets = vec![String::new()];
    sets.extend(names.iter().cloned());
    if names.len() > 1 {
        sets.push(names.join(","));
    }
    if names.iter().any(|name| name == "rustls-no-provider") {
        let others = names.into_iter().filter(|name| !["default", "rustls"].contains(&name.as_str()));
        sets.push(others.collect::<Vec<_>>().join(","));
    }
    sets
}
