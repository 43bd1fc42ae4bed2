//! `cargo xtask api`: the public items of each published library, one per line, in `docs/api`.
//!
//! A change of the API is visible in its diff, and `--check` fails for an unintended one. Users rely on derived traits and
//! on `Send` and `Sync`: the derived traits of a type are one line, and a type that is not `Send` or `Sync` has a line for
//! that. Blanket impls and the other auto traits are not listed.
//!
//! The lines come from rustdoc's JSON, which is not stable: one compiler (see the manifest) makes them, with unstable options
//! enabled. Build scripts see that, so it has a target folder of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::Package;

use crate::cargo::{cargo, has_library, metadata, published, run as run_cargo};
use crate::outputs::{Args, Outputs};

const FOLDER: &str = "docs/api";

/// Features that choose a TLS and add no item. Without them no TLS is built for the list.
const TLS: &[&str] = &["default", "native-tls", "rustls", "rustls-no-provider"];

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let metadata = metadata(root)?;
    let mut outputs = Outputs::default();
    outputs.own(FOLDER);
    for package in published(&metadata).into_iter().filter(|package| has_library(package)) {
        outputs.file(format!("{FOLDER}/{}.txt", package.name), list(root, package)?);
    }
    outputs.finish(root, args, "cargo xtask api")
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
    let api = |without_auto, without_derived| {
        let builder = public_api::Builder::from_rustdoc_json(&json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(without_auto)
            .omit_auto_derived_impls(without_derived);
        let api = builder.build().with_context(|| {
            format!("{name}: the compiler may not be the one that public-api in Cargo.toml is pinned for")
        })?;
        anyhow::Ok(api.items().map(ToString::to_string).collect::<Vec<_>>())
    };
    let by_hand = api(true, true)?;
    let is_missing = |line: &String| {
        ["!core::marker::Send ", "!core::marker::Sync "].iter().any(|name| line.contains(name))
    };
    let missing: Vec<_> = api(false, true)?.into_iter().filter(is_missing).collect();
    let derived = derived(&api(true, false)?, &by_hand.iter().map(String::as_str).collect());
    Ok(by_hand.into_iter().chain(missing).chain(derived).map(|line| line + "\n").collect())
}

/// Returns a line for each type with its derived traits.
fn derived(all: &[String], by_hand: &BTreeSet<&str>) -> Vec<String> {
    let mut traits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in all.iter().filter(|line| line.starts_with("impl") && !by_hand.contains(line.as_str())) {
        let Some((head, of)) = line.split_once(" for ") else { continue };
        // `impl<'de> serde_core::de::Deserialize<'de>`
        let path = head.rsplit(' ').next().unwrap_or_default().split('<').next().unwrap_or_default();
        // A mark of the compiler, which comes with `PartialEq`.
        if !path.ends_with("::StructuralPartialEq") {
            traits.entry(of).or_default().insert(path.rsplit("::").next().unwrap_or_default());
        }
    }
    let line = |(of, traits): (&str, BTreeSet<&str>)| {
        format!("derived {} for {of}", traits.into_iter().collect::<Vec<_>>().join(", "))
    };
    traits.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_traits_are_one_line_for_each_type() {
        let all = [
            "impl core::clone::Clone for a::B",
            "impl core::fmt::Debug for a::B",
            "impl core::marker::StructuralPartialEq for a::B",
            "impl<'de> serde_core::de::Deserialize<'de> for a::B",
            "impl<T: core::clone::Clone> core::clone::Clone for a::C<T> where T: D",
            "pub fn a::B::clone(&self) -> a::B",
        ];
        let by_hand = ["impl core::fmt::Debug for a::B"].into();
        let wanted = ["derived Clone, Deserialize for a::B", "derived Clone for a::C<T> where T: D"];
        assert_eq!(derived(&all.map(str::to_owned), &by_hand), wanted);
    }
}
