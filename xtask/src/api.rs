//! `cargo xtask api`: the public items of each published library, one a line, in `docs/api`.
//!
//! A change of the API shows in the change that makes it, and `--check` fails for one that was not meant. Derived traits
//! and `Send` and `Sync` are listed, since users rely on them; blanket impls and the other auto traits are not.
//!
//! The lines come from rustdoc's JSON, which is not stable: they are made by one compiler (see the manifest), for which
//! the switch for unstable options is set. It is set in a target folder of its own: build scripts look at it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::Package;

use crate::cargo::{cargo, has_library, metadata, published, run as run_cargo};
use crate::outputs::Outputs;

const FOLDER: &str = "docs/api";

/// They choose a TLS and add no item; the listing does without, and so without building one.
const TLS: &[&str] = &["default", "native-tls", "rustls", "rustls-no-provider"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Writes nothing and fails, naming each line, when anything would change.
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
    let api = public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).build();
    let api = api.with_context(|| {
        format!("{name}: is this the compiler that the crate public-api in Cargo.toml is pinned for?")
    })?;
    let mut text = String::new();
    for line in api.items().map(ToString::to_string).filter(|line| !is_noise(line)) {
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

/// Traits that say nothing about what a user may do.
fn is_noise(line: &str) -> bool {
    const TRAITS: &[&str] = &[
        "core::marker::Freeze",
        "core::marker::StructuralPartialEq",
        "core::marker::Unpin",
        "core::marker::UnsafeUnpin",
        "core::panic::unwind_safe::RefUnwindSafe",
        "core::panic::unwind_safe::UnwindSafe",
    ];
    let of = |line: &str, name: &&str| {
        line.split(" for ").next().is_some_and(|head| head.trim_start_matches('!').ends_with(*name))
    };
    line.starts_with("impl") && TRAITS.iter().any(|name| of(line, name))
}

/// The lines that went and those that came, in order.
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
    fn a_renamed_item_is_one_line_gone_and_one_come() {
        let (kept, listed) = ("pub fn a::b()\npub fn a::c()\n", "pub fn a::c()\npub fn a::d()\n");
        assert_eq!(changes(kept, listed), ["- pub fn a::b()", "+ pub fn a::d()"]);
        assert_eq!(changes(kept, kept), [] as [&str; 0]);
        assert_eq!(changes("x\nx\n", "x\n"), ["- x"], "one of two is a change too");
    }

    #[test]
    fn only_auto_traits_without_meaning_are_left_out() {
        assert!(is_noise("impl core::marker::Unpin for a::B"));
        assert!(is_noise("impl<T> !core::panic::unwind_safe::UnwindSafe for a::B<T>"));
        assert!(!is_noise("impl core::marker::Send for a::B"));
        assert!(!is_noise("impl<T> core::ops::Deref for a::B<T>"));
    }
}
