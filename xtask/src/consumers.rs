//! `cargo xtask consumers`: programs outside the workspace that use our crates as a user does.
//!
//! Each folder in `tests/consumers` with a manifest is a program with a lock file of its own. Its tests must pass, and its
//! tree of normal dependencies, on this machine's platform, must follow the rules in its manifest:
//!
//! | `package.metadata.tree` | meaning |
//! | --- | --- |
//! | `ban` | crates that must not occur, besides those of [`BANNED`] and the vendors' that it does not name |
//! | `allow` | crates of [`BANNED`] that may occur |
//! | `twice` | crates that may occur in two versions; no other crate may |
//! | `at-most` | the maximum number of crates |

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cargo::{cargo, read, run as run_cargo};

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
    "openssl",
    "openssl-sys",
    "schemars",
    "test-support",
    "wiremock",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Tests only these programs.
    names: Vec<String>,
    /// Updates the lock files to our manifests, and does nothing else.
    #[arg(long)]
    update: bool,
}

#[derive(Debug)]
struct Consumer {
    name: String,
    folder: PathBuf,
    rules: Rules,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Rules {
    ban: BTreeSet<String>,
    allow: BTreeSet<String>,
    twice: BTreeSet<String>,
    at_most: Option<usize>,
}

/// A rule that a tree breaks.
#[derive(Debug, PartialEq, Eq)]
enum Broken {
    /// The name of a banned crate.
    Banned(String),
    Twice(String, BTreeSet<String>),
    TooMany(usize, usize),
    /// An exception that has no effect.
    Needless(String),
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let consumers = consumers(root, &args.names)?;
    if args.update {
        return consumers.iter().try_for_each(|consumer| {
            read(cargo(&consumer.folder).args(["metadata", "--format-version", "1"])).map(drop)
        });
    }
    let mut faults = 0;
    for consumer in &consumers {
        faults += check_tree(consumer)?;
    }
    if faults > 0 {
        bail!("{faults} fault(s) in the trees of the consumers: see {FOLDER}/*/Cargo.toml");
    }
    for consumer in &consumers {
        println!("{}: cargo test", consumer.name);
        let mut command = cargo(&consumer.folder);
        command.args(["test", "--quiet", "--locked", "--test", "*"]);
        // They share their builds, and nobody debugs them.
        command.env("CARGO_TARGET_DIR", root.join("target/consumers")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        run_cargo(&mut command).with_context(|| format!("consumer {}", consumer.name))?;
    }
    Ok(())
}

fn consumers(root: &Path, names: &[String]) -> Result<Vec<Consumer>> {
    let facade = format!("crates/{FACADE}/Cargo.toml");
    let facade = fs::read_to_string(root.join(&facade)).with_context(|| format!("cannot read {facade}"))?;
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(FOLDER)).with_context(|| format!("cannot list {FOLDER}"))? {
        let folder = entry.with_context(|| format!("cannot list {FOLDER}"))?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let manifest = folder.join("Cargo.toml");
        if !manifest.is_file() || !(names.is_empty() || names.contains(&name)) {
            continue;
        }
        let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read {name}/Cargo.toml"))?;
        let rules = rules(&text, &facade).with_context(|| format!("{FOLDER}/{name}/Cargo.toml"))?;
        found.push(Consumer { name, folder, rules });
    }
    if let Some(unknown) = names.iter().find(|name| found.iter().all(|consumer| consumer.name != **name)) {
        bail!("there is no {FOLDER}/{unknown}");
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn rules(manifest: &str, facade: &str) -> Result<Rules> {
    let manifest: toml::Table = manifest.parse()?;
    let facade: toml::Table = facade.parse().with_context(|| format!("{FACADE}'s manifest"))?;
    if manifest.get("workspace").and_then(|table| table.as_table()).is_none() {
        bail!("no [workspace] table: cargo would take it for a member of another workspace");
    }
    let table = || manifest.get("package")?.get("metadata")?.get("tree")?.as_table();
    let mut rules = Rules::default();
    for (key, value) in table().context("no [package.metadata.tree]")? {
        let names = || {
            let names = value.as_array()?.iter().map(|name| name.as_str().map(str::to_owned));
            names.collect::<Option<BTreeSet<_>>>()
        };
        let wrong = || format!("{key} has a wrong type");
        match key.as_str() {
            "ban" => rules.ban = names().with_context(wrong)?,
            "allow" => rules.allow = names().with_context(wrong)?,
            "twice" => rules.twice = names().with_context(wrong)?,
            "at-most" => {
                let number = value.as_integer().and_then(|number| usize::try_from(number).ok());
                rules.at_most = Some(number.with_context(wrong)?);
            }
            other => bail!("{other}: not a rule of [package.metadata.tree]"),
        }
    }
    rules.ban.extend(left_out(&manifest, &facade));
    Ok(rules)
}

/// Returns the vendors' crates that a consumer enables neither by name nor by a feature of the facade.
fn left_out(manifest: &toml::Table, facade: &toml::Table) -> BTreeSet<String> {
    let mut vendors = brought(facade, vec![ALL.to_owned()]);
    let Some(dependencies) = manifest.get("dependencies").and_then(toml::Value::as_table) else {
        return vendors;
    };
    let mut asked = BTreeSet::new();
    if let Some(dependency) = dependencies.get(FACADE) {
        let features = dependency.get("features").and_then(toml::Value::as_array).into_iter().flatten();
        let mut features: Vec<_> = features.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        if dependency.get("default-features").and_then(toml::Value::as_bool) != Some(false) {
            features.push("default".to_owned());
        }
        asked = brought(facade, features);
    }
    vendors.retain(|vendor| !asked.contains(vendor) && !dependencies.contains_key(vendor));
    vendors
}

/// Returns the optional crates that features enable. `crate/feature` enables one by mistake for `crate?/feature`, and so
/// does not count.
fn brought(facade: &toml::Table, mut features: Vec<String>) -> BTreeSet<String> {
    let table = facade.get("features").and_then(toml::Value::as_table);
    let mut seen = BTreeSet::new();
    while let Some(feature) = features.pop() {
        let entries = table.and_then(|table| table.get(&feature)?.as_array()).into_iter().flatten();
        if seen.insert(feature.clone()) {
            features.extend(entries.filter_map(|entry| entry.as_str().map(str::to_owned)));
        }
    }
    seen.iter().filter_map(|entry| entry.strip_prefix("dep:").map(str::to_owned)).collect()
}

fn check_tree(consumer: &Consumer) -> Result<usize> {
    let tree = |more: &[&str]| {
        let mut command = cargo(&consumer.folder);
        read(command.args(["tree", "--locked", "--edges", "normal"]).args(more)).map(|(out, _)| out)
    };
    let listed = tree(&["--prefix", "none", "--format", "{p}"]);
    let listed = listed.with_context(|| {
        format!("consumer {}: after a change of manifests, `cargo xtask consumers --update`", consumer.name)
    })?;
    let crates = crates(&listed);
    let broken = broken(&crates, &consumer.rules);
    let count: usize = crates.values().map(BTreeSet::len).sum();
    let at_most = consumer.rules.at_most.map(|most| format!(" of at most {most}")).unwrap_or_default();
    println!("{}: {count} crates{at_most}", consumer.name);
    for fault in &broken {
        eprint!("{}: ", consumer.name);
        match fault {
            Broken::Banned(name) => {
                eprintln!("{name} is banned, and required by");
                eprintln!("{}", indented(&tree(&["--invert", name])?));
            }
            Broken::Twice(name, versions) => {
                eprintln!("{name} occurs in {} versions", versions.len());
                for version in versions {
                    let package = format!("{name}@{version}");
                    eprintln!("{}", indented(&tree(&["--invert", &package, "--depth", "1"])?));
                }
            }
            Broken::TooMany(count, most) => eprintln!("{count} crates, at most {most} are allowed"),
            Broken::Needless(rule) => eprintln!("{rule} has no effect: remove it from the manifest"),
        }
    }
    Ok(broken.len())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// Parses lines of `name v1.2.3 (more)` into names and versions, without the consumer itself in the first line.
fn crates(listed: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in listed.lines().skip(1) {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            let version = version.trim_start_matches('v').to_owned();
            crates.entry(name.to_owned()).or_default().insert(version);
        }
    }
    crates
}

fn broken(crates: &BTreeMap<String, BTreeSet<String>>, rules: &Rules) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (name, versions) in crates {
        let banned = BANNED.contains(&name.as_str()) && !rules.allow.contains(name);
        if banned || rules.ban.contains(name) {
            broken.push(Broken::Banned(name.clone()));
        }
        if versions.len() > 1 && !rules.twice.contains(name) {
            broken.push(Broken::Twice(name.clone(), versions.clone()));
        }
    }
    let count = crates.values().map(BTreeSet::len).sum();
    if let Some(most) = rules.at_most.filter(|most| count > *most) {
        broken.push(Broken::TooMany(count, most));
    }
    for name in rules.allow.iter().filter(|name| !crates.contains_key(*name)) {
        broken.push(Broken::Needless(format!("allow = [\"{name}\"]")));
    }
    for name in rules.twice.iter().filter(|name| crates.get(*name).is_none_or(|versions| versions.len() < 2))
    {
        broken.push(Broken::Needless(format!("twice = [\"{name}\"]")));
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
user v0.0.0 (/somewhere/user)
clearsale-facematch v0.1.0 (/somewhere/crates/clearsale-facematch)
syn v3.0.10
openssl-sys v0.9.118
syn v2.0.119
serde_derive v1.0.229 (proc-macro)
syn v3.0.10 (*)
";

    const FEATURES: &str = "\
[features]
default = ['rustls']
rustls = ['reqwest', 'bankly-kyc?/rustls']
reqwest = []
bankly = ['_vendor', 'dep:bankly-kyc']
clearsale = ['_vendor', 'dep:clearsale-facematch']
all-vendors = ['bankly', 'clearsale']
_vendor = []
config = ['dep:toml']
";

    fn with(table: &str) -> Rules {
        rules(&format!("[workspace]\n[package.metadata.tree]\n{table}"), "").unwrap()
    }

    /// Returns the crates that are banned for a program with this dependency.
    fn banned(dependency: &str, facade: &str) -> Vec<String> {
        let manifest = format!("[workspace]\n[package.metadata.tree]\n[dependencies]\n{dependency}");
        rules(&manifest, facade).unwrap().ban.into_iter().collect()
    }

    #[test]
    fn vendors_that_are_not_enabled_are_banned() {
        let both = ["bankly-kyc", "clearsale-facematch"];
        for (dependency, left_out) in [
            ("kyc-br = { features = ['bankly', 'config'] }", &both[1..]),
            ("kyc-br = { default-features = false, features = ['clearsale'] }", &both[..1]),
            ("kyc-br = { features = ['all-vendors'] }", &[]),
            ("kyc-br = '0.1'", &both),
            ("kyc-core = '0.1'", &both),
            ("clearsale-facematch = '0.1'", &both[..1]),
        ] {
            assert_eq!(banned(dependency, FEATURES), left_out, "{dependency}");
        }
        let careless = FEATURES.replace("'bankly-kyc?/rustls'", "'bankly-kyc/rustls'");
        assert_eq!(banned("kyc-br = '0.1'", &careless), both, "a feature must not enable a vendor");
        let by_default = FEATURES.replace("['rustls']", "['bankly']");
        assert_eq!(banned("kyc-br = '0.1'", &by_default), both[1..]);
    }

    #[test]
    fn each_rule_is_checked() {
        let syn = ["2.0.119".to_owned(), "3.0.10".to_owned()].into();
        assert_eq!(
            broken(&crates(TREE), &with("ban = [\"serde_derive\"]\nat-most = 4")),
            [
                Broken::Banned("openssl-sys".into()),
                Broken::Banned("serde_derive".into()),
                Broken::Twice("syn".into(), syn),
                Broken::TooMany(5, 4),
            ]
        );
        let lenient = with("allow = [\"openssl-sys\"]\ntwice = [\"syn\"]\nat-most = 5");
        assert_eq!(broken(&crates(TREE), &lenient), []);
    }

    #[test]
    fn exceptions_that_are_not_needed_are_faults() {
        let rules = with("allow = [\"axum\", \"openssl-sys\"]\ntwice = [\"serde_derive\", \"syn\"]");
        let needless = ["allow = [\"axum\"]", "twice = [\"serde_derive\"]"];
        assert_eq!(broken(&crates(TREE), &rules), needless.map(|rule| Broken::Needless(rule.into())));
    }

    #[test]
    fn manifests_without_their_tables_are_refused() {
        assert!(rules("[package.metadata.tree]\n", "").unwrap_err().to_string().contains("[workspace]"));
        assert!(rules("[workspace]\n", "").unwrap_err().to_string().contains("metadata.tree"));
        let typo = rules("[workspace]\n[package.metadata.tree]\nat_most = 3\n", "").unwrap_err();
        assert!(typo.to_string().contains("at_most"), "{typo}");
    }
}
