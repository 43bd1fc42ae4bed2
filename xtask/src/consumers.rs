//! `cargo xtask consumers`: programs outside the workspace that use our crates as a user does.
//!
//! Each member of the workspace in `tests/consumers` is built alone, since features of members built together would unify. Its
//! tests must pass, and its tree of normal dependencies on Linux must be the one in its `tree.txt`: the names, and the features
//! of our crates. Whatever that file says, a program must not get the crates of [`BANNED`], those in
//! `package.metadata.tree.ban` of its manifest, nor the crate of a vendor that it does not name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, Package};

use crate::cargo::{cargo, metadata, read, run as run_cargo};
use crate::outputs::Outputs;

const FOLDER: &str = "tests/consumers";

const FACADE: &str = "kyc-br";

/// The facade's feature that enables every vendor's crate.
const ALL: &str = "all-vendors";

/// Crates that no user of a client should get without naming them.
const BANNED: &[&str] = &[
    "axum",
    "chrono",
    "clap",
    "insta",
    "kyc-fixtures",
    "kyc-sandbox",
    "schemars",
    "test-support",
    "wiremock",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Tests only these programs.
    names: Vec<String>,
    /// Updates the lock file to our manifests, writes the trees, and does nothing else.
    #[arg(long)]
    update: bool,
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let folder = root.join(FOLDER);
    if args.update {
        read(cargo(&folder).args(["metadata", "--format-version", "1"]))?;
    }
    let (crates, consumers) = (metadata(root)?, metadata(&folder)?);
    let facade = crates.packages.iter().find(|package| package.name == FACADE).context("no facade")?;
    let consumers: Vec<_> = consumers
        .packages
        .iter()
        .filter(|package| args.names.is_empty() || args.names.contains(&package.name))
        .collect();
    if let Some(unknown) =
        args.names.iter().find(|name| consumers.iter().all(|package| package.name != **name))
    {
        bail!("there is no consumer {unknown}");
    }
    let mut outputs = Outputs::default();
    for consumer in &consumers {
        let listed = tree(&folder, consumer, &["--prefix", "none", "--format", "{p}|{f}"])?;
        let crates = crates_of(&listed);
        println!("{}: {} crates", consumer.name, crates.len());
        if let Some(name) = banned(consumer, facade)?.iter().find(|name| crates.contains_key(name.as_str())) {
            let by = tree(&folder, consumer, &["--invert", name])?;
            bail!("{}: {name} is banned, and required by\n{by}", consumer.name);
        }
        outputs.file(format!("{FOLDER}/{}/tree.txt", consumer.name), shown(&crates));
    }
    if args.update {
        return outputs.write(root);
    }
    outputs.check(root, "cargo xtask consumers --update")?;
    for consumer in &consumers {
        println!("{}: cargo test", consumer.name);
        let mut command = cargo(&folder);
        command.args(["test", "--quiet", "--locked", "--test", "*", "--package", &consumer.name]);
        command.env("CARGO_TARGET_DIR", root.join("target/consumers"));
        run_cargo(&mut command).with_context(|| format!("consumer {}", consumer.name))?;
    }
    Ok(())
}

/// Returns a form of the tree of a consumer's normal dependencies, the same on every machine.
fn tree(folder: &Path, consumer: &Package, form: &[&str]) -> Result<String> {
    let mut command = cargo(folder);
    command.args(["tree", "--locked", "--edges", "normal", "--target", "x86_64-unknown-linux-gnu"]);
    let (listed, _) = read(command.args(["--package", &consumer.name]).args(form))
        .context("after a change of manifests, `cargo xtask consumers --update`")?;
    Ok(listed)
}

/// What a tree has of one crate.
#[derive(Debug, Default, PartialEq, Eq)]
struct Node {
    versions: BTreeSet<String>,
    /// Of our crates only: others may change theirs.
    features: BTreeSet<String>,
}

/// Parses lines of `name v1.2.3 (more)|feature,feature (*)`, without the consumer itself in the first line.
fn crates_of(listed: &str) -> BTreeMap<String, Node> {
    let mut crates: BTreeMap<String, Node> = BTreeMap::new();
    for line in listed.lines().skip(1) {
        let (package, features) = line.split_once('|').unwrap_or((line, ""));
        let mut words = package.split_whitespace();
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let node = crates.entry(name.to_owned()).or_default();
        node.versions.insert(version.to_owned());
        // `(proc-macro)` is the only other remark.
        if words.next().is_some_and(|remark| remark.contains('/')) {
            let features = features.trim_end_matches(" (*)").split(',').filter(|feature| !feature.is_empty());
            node.features.extend(features.map(str::to_owned));
        }
    }
    crates
}

/// Returns the text of `tree.txt`.
fn shown(crates: &BTreeMap<String, Node>) -> String {
    let mut text = String::new();
    for (name, node) in crates {
        text.push_str(name);
        if node.versions.len() > 1 {
            let _ = write!(text, " in {} versions", node.versions.len());
        }
        if !node.features.is_empty() {
            let features: Vec<_> = node.features.iter().map(String::as_str).collect();
            let _ = write!(text, " with {}", features.join(", "));
        }
        text.push('\n');
    }
    text
}

fn banned(consumer: &Package, facade: &Package) -> Result<BTreeSet<String>> {
    let own = || {
        let names = consumer.metadata.get("tree")?.get("ban")?.as_array()?.iter();
        names.map(|name| name.as_str().map(str::to_owned)).collect::<Option<BTreeSet<_>>>()
    };
    let own = own().with_context(|| format!("{}: no list package.metadata.tree.ban", consumer.name))?;
    let others = BANNED.iter().map(|name| (*name).to_owned());
    Ok(own.into_iter().chain(others).chain(left_out(consumer, facade)).collect())
}

/// Returns the vendors' crates that a consumer enables neither by name nor by a vendor's own feature of the facade. What other
/// features enable does not count: they would by mistake.
fn left_out(consumer: &Package, facade: &Package) -> BTreeSet<String> {
    let all = facade.features.get(ALL).map(Vec::as_slice).unwrap_or_default();
    let enabled = |features: &[String]| -> BTreeSet<&str> {
        let entries = features.iter().filter_map(|feature| facade.features.get(feature)).flatten();
        entries.filter_map(|entry| entry.strip_prefix("dep:")).collect()
    };
    let mut vendors = enabled(all);
    for dependency in consumer.dependencies.iter().filter(|found| found.kind == DependencyKind::Normal) {
        vendors.remove(dependency.name.as_str());
        if dependency.name == FACADE {
            let is_all = dependency.features.iter().any(|feature| feature == ALL);
            let asked = enabled(if is_all { all } else { &dependency.features });
            vendors.retain(|vendor| !asked.contains(vendor));
        }
    }
    vendors.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn package(features: Value, dependency: Option<(&str, &[&str])>) -> Package {
        let dependency = dependency.map(|(name, features)| {
            json!({
                "name": name, "req": "*", "kind": null, "optional": false, "target": null, "source": null,
                "uses_default_features": true, "features": features,
            })
        });
        let package = json!({
            "name": "user", "version": "0.0.0", "id": "user", "manifest_path": "/user/Cargo.toml", "targets": [],
            "dependencies": Vec::from_iter(dependency), "features": features,
            "metadata": { "tree": { "ban": ["ring"] } },
        });
        serde_json::from_value(package).unwrap()
    }

    #[test]
    fn vendors_that_are_not_named_are_banned() {
        let facade = json!({
            "default": ["bankly"], "rustls": ["reqwest", "bankly-kyc/rustls"], "reqwest": [], "config": ["dep:toml"],
            "bankly": ["dep:bankly-kyc"], "clearsale": ["dep:clearsale-facematch"], ALL: ["bankly", "clearsale"],
        });
        let facade = package(facade, None);
        let (bankly, clearsale) = ("bankly-kyc", "clearsale-facematch");
        for (dependency, wanted) in [
            ((FACADE, &["bankly", "config"][..]), &[clearsale][..]),
            ((FACADE, &["clearsale"]), &[bankly]),
            ((FACADE, &[ALL]), &[]),
            // Neither by default, nor by a careless feature.
            ((FACADE, &[]), &[bankly, clearsale]),
            ((FACADE, &["rustls"]), &[bankly, clearsale]),
            (("kyc-core", &[]), &[bankly, clearsale]),
            ((clearsale, &[]), &[bankly]),
        ] {
            let consumer = package(json!({}), Some(dependency));
            assert_eq!(
                left_out(&consumer, &facade).into_iter().collect::<Vec<_>>(),
                wanted,
                "{dependency:?}"
            );
            let banned = banned(&consumer, &facade).unwrap();
            assert!(["axum", "ring"].iter().chain(wanted).all(|name| banned.contains(*name)));
        }
    }
}
