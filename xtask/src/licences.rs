//! `cargo xtask licences`: checks all dependencies of the published crates, with every feature, on every platform.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail};
use spdx::{Expression, ParseMode};

use crate::cargo::{cargo, metadata, published, read};

/// Permissive licences, which require no more than to be reproduced.
const ALLOWED: &[&str] =
    &["Apache-2.0", "BSD-3-Clause", "CDLA-Permissive-2.0", "ISC", "MIT", "Unicode-3.0", "Zlib"];

/// Banned crates and the reasons.
const BANNED: &[(&str, &str)] = &[
    ("chrono", "use jiff"),
    ("lazy_static", "use std's LazyLock"),
    ("openssl-src", "builds OpenSSL from source; native-tls is for that of the operating system"),
    ("ring", "use aws-lc-rs as the only crypto provider"),
    ("serde_yaml", "no longer maintained"),
    ("structopt", "use clap"),
];

/// Crates in two incompatible versions, and the reasons. An entry that is no longer needed is a fault.
const TWICE: &[(&str, &str)] = &[
    ("hashbrown", "safetensors uses an older version than indexmap"),
    ("miniz_oxide", "png uses an older version than flate2"),
    ("syn", "the macros of openssl (native-tls on Linux) and jni (rustls on Android) use the older version"),
];

pub(crate) fn run(root: &Path) -> Result<()> {
    let listed = reached(root)?;
    let crates = crates(&listed);
    let mut faults = Vec::new();
    for (name, _, licence) in &crates {
        faults.extend(fault_of_licence(name, licence));
        faults.extend(fault_of_name(name));
    }
    faults.extend(doubles(&crates, TWICE));
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} fault(s) among {} dependencies", faults.len(), crates.len());
    }
    println!("{} crates, every licence allowed", crates.len());
    Ok(())
}

/// Lists the normal and build dependencies of the published crates; those of tests do not matter.
///
/// Uses `cargo tree`: the graph of `cargo metadata` has edges that only features of test dependencies enable.
fn reached(root: &Path) -> Result<String> {
    let metadata = metadata(root)?;
    let mut command = cargo(root);
    command.args(["tree", "--locked", "--all-features", "--target", "all", "--edges", "normal,build"]);
    command.args(["--prefix", "none", "--format", "{p}\t{l}"]);
    for package in published(&metadata) {
        command.args(["--package", package.name.as_str()]);
    }
    read(&mut command).map(|(out, _)| out)
}

/// Parses lines of `name v1.2.3 (more)`, a tab, the licence, and ` (*)` for a repeated crate.
fn crates(listed: &str) -> BTreeSet<(&str, &str, &str)> {
    let crate_of_line = |line| {
        let (package, licence) = str::split_once(line, '\t')?;
        let mut words = package.split_whitespace();
        let (name, version) = (words.next()?, words.next()?);
        Some((name, version.trim_start_matches('v'), licence.trim_end_matches("(*)").trim_end()))
    };
    listed.lines().filter_map(crate_of_line).collect()
}

fn fault_of_licence(name: &str, licence: &str) -> Option<String> {
    if licence.is_empty() {
        return Some(format!("{name}: its manifest has no licence"));
    }
    // Older manifests write MIT/Apache-2.0.
    let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
        return Some(format!("{name}: licence {licence} is not an SPDX expression"));
    };
    let allowed = |wanted: &spdx::LicenseReq| {
        wanted.license.id().is_some_and(|id| ALLOWED.contains(&id.name)) && wanted.addition.is_none()
    };
    (!expression.evaluate(allowed)).then(|| format!("{name}: licence {licence} is not allowed"))
}

fn fault_of_name(name: &str) -> Option<String> {
    let (_, why) = BANNED.iter().find(|(banned, _)| *banned == name)?;
    Some(format!(
        "{name}: banned ({why}); `cargo tree --workspace --all-features --invert {name}` shows the dependents"
    ))
}

fn doubles(crates: &BTreeSet<(&str, &str, &str)>, known: &[(&str, &str)]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, version, _) in crates {
        versions.entry(name).or_default().insert(version);
    }
    let mut faults = Vec::new();
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        if known.iter().all(|(known, _)| known != name) {
            let versions: Vec<_> = versions.iter().copied().collect();
            faults.push(format!("{name}: in several versions ({})", versions.join(", ")));
        }
    }
    for (name, _) in known.iter().filter(|(name, _)| versions.get(name).is_none_or(|all| all.len() < 2)) {
        faults.push(format!(
            "{name}: no longer in several versions; remove it from TWICE in xtask/src/licences.rs"
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "\
ours v0.1.0 (/somewhere/ours)\tMIT OR Apache-2.0
syn v3.0.10\tMIT OR Apache-2.0
syn v2.0.119\tMIT
derive v1.0.0 (proc-macro)\tGPL-3.0-only (*)
nameless v1.0.0\t
";

    #[test]
    fn a_tree_is_read() {
        let read: Vec<_> = crates(LISTED).into_iter().collect();
        assert_eq!(read.len(), 5);
        assert_eq!(read[0], ("derive", "1.0.0", "GPL-3.0-only"));
        assert_eq!(read[1], ("nameless", "1.0.0", ""));
    }

    #[test]
    fn licences_are_read_as_expressions_and_bans_say_why() {
        for allowed in ["MIT", "MIT/Apache-2.0", "GPL-3.0-only OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"]
        {
            assert_eq!(fault_of_licence("a", allowed), None, "{allowed}");
        }
        for refused in ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "OpenSSL", "see file"] {
            assert!(fault_of_licence("a", refused).is_some(), "{refused}");
        }
        assert_eq!(fault_of_licence("a", "").unwrap(), "a: its manifest has no licence");
        assert!(fault_of_name("chrono").unwrap().contains("jiff") && fault_of_name("jiff").is_none());
    }

    #[test]
    fn doubles_need_an_entry_and_entries_need_a_double() {
        let crates = crates(LISTED);
        assert_eq!(doubles(&crates, &[]), ["syn: in several versions (2.0.119, 3.0.10)"]);
        assert_eq!(doubles(&crates, &[("syn", "somebody")]), [] as [&str; 0]);
        assert_eq!(doubles(&crates, &[("syn", "somebody"), ("ours", "nobody")]).len(), 1);
    }
}
