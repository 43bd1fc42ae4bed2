//! `cargo xtask api`: the public items of each published library, one per line, in `docs/api`.
//!
//! A change of the API is visible in its diff, and `--check` fails for an unintended one. Users rely on derived traits and
//! on `Send` and `Sync`: a derived impl is one line without its methods, and a type that is not `Send` or `Sync` has a line
//! for that. Blanket impls and the other auto traits are not listed.
//!
//! The lines come from rustdoc's JSON, which is not stable: one compiler (see the manifest) makes them, with unstable options
//! enabled. Build scripts see that, so it has a target folder of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::Package;

use crate::cargo::{cargo, has_library, metadata, published, run as run_cargo};
use crate::outputs::Outputs;

const FOLDER: &str = "docs/api";

/// Features that choose a TLS and add no item. Without them no TLS is built for the list.
const TLS: &[&str] = &["default", "native-tls", "rustls", "rustls-no-provider"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Writes nothing and fails if anything would change, with each changed line.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let metadata = metadata(root)?;
    let mut outputs = Outputs::default();
    outputs.own(FOLDER);
    for package in published(&metadata).into_iter().filter(|package| has_library(package)) {
        let path = format!("{FOLDER}/{}.txt", package.name);
        let listed = list(root, package)?;
        if args.check {
            let kept = std::fs::read_to_string(root.join(&path)).unwrap_or_default();
            for line in changes(&kept, &listed) {
                eprintln!("{path}: {line}");
            }
        }
        outputs.file(path, listed);
    }
    if args.check { outputs.check(root, "cargo xtask api") } else { outputs.write(root) }
}

fn list(root: &Path, package: &Package) -> Result<String> {
    let name = package.name.as_str();
    let features: Vec<_> =
        package.features.keys().map(String::as_str).filter(|name| !TLS.contains(name)).collect();
    let target = root.join("target/api");
    let mut command = cargo(root);
    command.args(["rustdoc", "--quiet", "--locked", "--lib", "--package", name]);
    command.args(["--no-default-features", "--features", &features.join(",")]);
    command.args(["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"]);
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", &target);
    run_cargo(&mut command)?;
    let json = target.join("doc").join(format!("{}.json", name.replace('-', "_")));
    let api = |without_derived| {
        let builder = public_api::Builder::from_rustdoc_json(&json).omit_blanket_impls(true);
        let api = builder.omit_auto_derived_impls(without_derived).build().with_context(|| {
            format!("{name}: the compiler may not be the one that public-api in Cargo.toml is pinned for")
        })?;
        anyhow::Ok(api.items().map(ToString::to_string).collect::<Vec<_>>())
    };
    let by_hand: BTreeSet<_> = api(true)?.into_iter().collect();
    let lines = api(false)?.into_iter().filter(|line| is_listed(line, by_hand.contains(line)));
    Ok(lines.map(|line| line + "\n").collect())
}

/// Of derived impls only the head is listed, and of auto traits only a missing `Send` or `Sync`.
fn is_listed(line: &str, by_hand: bool) -> bool {
    const AUTO: &[&str] = &[
        "core::marker::Freeze",
        "core::marker::Send",
        "core::marker::StructuralPartialEq",
        "core::marker::Sync",
        "core::marker::Unpin",
        "core::marker::UnsafeUnpin",
        "core::panic::unwind_safe::RefUnwindSafe",
        "core::panic::unwind_safe::UnwindSafe",
    ];
    if !line.starts_with("impl") {
        return by_hand;
    }
    let head = line.split(" for ").next().unwrap_or_default();
    let is_missing = ["!core::marker::Send", "!core::marker::Sync"].iter().any(|name| head.ends_with(name));
    is_missing || !AUTO.iter().any(|name| head.ends_with(name))
}

/// Returns the removed and the added lines, in order.
fn changes(kept: &str, listed: &str) -> Vec<String> {
    let mut count: BTreeMap<&str, i32> = BTreeMap::new();
    kept.lines().for_each(|line| *count.entry(line).or_default() -= 1);
    listed.lines().for_each(|line| *count.entry(line).or_default() += 1);
    let moved = count.into_iter().filter(|(_, by)| *by != 0);
    moved.map(|(line, by)| format!("{} {line}", if by < 0 { '-' } else { '+' })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_item_is_one_removed_line_and_one_added() {
        let (kept, listed) = ("pub fn a::b()\npub fn a::c()\n", "pub fn a::c()\npub fn a::d()\n");
        assert_eq!(changes(kept, listed), ["- pub fn a::b()", "+ pub fn a::d()"]);
        assert_eq!(changes(kept, kept), [] as [&str; 0]);
        assert_eq!(changes("x\nx\n", "x\n"), ["- x"], "one of two equal lines is a change too");
    }

    #[test]
    fn derived_impls_are_one_line_and_auto_traits_only_listed_where_missing() {
        assert!(is_listed("impl core::clone::Clone for a::B", false));
        assert!(!is_listed("pub fn a::B::clone(&self) -> a::B", false));
        assert!(is_listed("pub fn a::B::new() -> a::B", true));
        assert!(is_listed("impl<T> core::ops::Deref for a::B<T>", true));
        assert!(!is_listed("impl core::marker::Send for a::B", true));
        assert!(is_listed("impl !core::marker::Send for a::B", true));
        assert!(!is_listed("impl core::marker::Unpin for a::B", true));
        assert!(!is_listed("impl<T> !core::panic::unwind_safe::UnwindSafe for a::B<T>", true));
    }
}
