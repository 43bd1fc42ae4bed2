//! Keys of manifests, and licences beside them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::{Violation, crates, is_vendor, read};

const LICENCES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    let is_package = |file: &str| {
        file.ends_with("/Cargo.toml")
            && !["tests/consumers/", "xtask/templates/"].iter().any(|folder| file.starts_with(folder))
    };
    let mut packages = Vec::new();
    for file in files.iter().filter(|file| is_package(file)) {
        let manifest: Table = read(root, file)?.parse().with_context(|| format!("in {file}"))?;
        packages.push((file, manifest));
    }
    let names: Vec<_> =
        packages.iter().filter_map(|(_, manifest)| at(manifest, "package.name")?.as_str()).collect();
    for (file, manifest) in &packages {
        let mut fault = |what: String| violations.push(Violation::of_file(*file, what));
        if at(manifest, "lints.workspace") != Some(&Value::Boolean(true)) {
            fault("lints.workspace must be true: otherwise clippy accepts clocks and prints here".to_owned());
        }
        dev_dependencies(manifest, &names, &mut fault);
        if at(manifest, "package.publish") == Some(&Value::Boolean(false)) {
            continue;
        }
        match crates(files).find(|name| **file == format!("crates/{name}/Cargo.toml")) {
            Some(name) => {
                published(name, files, manifest, &mut fault);
                licences(root, name, violations);
            }
            None => fault("a package outside `crates` must have publish = false".to_owned()),
        }
    }
    Ok(())
}

/// Returns the value of a dotted key.
fn at<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let value = table.get(first)?;
    if rest.is_empty() { Some(value) } else { at(value.as_table()?, rest) }
}

/// A version would make publishing circular, since a crate's tests use crates that depend on it.
fn dev_dependencies(manifest: &Table, names: &[&str], fault: &mut impl FnMut(String)) {
    let platforms = at(manifest, "target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = std::iter::once(manifest).chain(platforms.filter_map(Value::as_table));
    for (key, value) in tables.filter_map(|table| at(table, "dev-dependencies")?.as_table()).flatten() {
        let of = |key: &str| value.as_table()?.get(key);
        let name = of("package").and_then(Value::as_str).unwrap_or(key);
        if names.contains(&name)
            && (of("path").is_none() || of("version").is_some() || of("workspace").is_some())
        {
            fault(format!(
                "{key}: a dev-dependency on a crate of this repository must be a path without a version"
            ));
        }
    }
}

fn published(name: &str, files: &[String], manifest: &Table, fault: &mut impl FnMut(String)) {
    for key in ["description", "license", "repository", "rust-version", "include"] {
        if at(manifest, &format!("package.{key}")).is_none() {
            fault(format!("no `{key}`"));
        }
    }
    let description = at(manifest, "package.description").and_then(Value::as_str).unwrap_or_default();
    if is_vendor(name) && !description.to_lowercase().contains("unofficial") {
        fault("the description of a vendor's crate must contain `unofficial`".to_owned());
    }
    let readme = at(manifest, "package.readme").and_then(Value::as_str).unwrap_or("a readme");
    if !files.contains(&format!("crates/{name}/{readme}")) {
        fault(format!("there is no {readme}"));
    }
    if !files.contains(&format!("crates/{name}/src/lib.rs")) {
        return;
    }
    let docs = "package.metadata.docs.rs";
    for (key, wanted) in [
        ("package.documentation".to_owned(), Value::from(format!("https://docs.rs/{name}"))),
        (format!("{docs}.all-features"), Value::from(true)),
        (format!("{docs}.rustdoc-args"), Value::from(vec!["--cfg", "docsrs"])),
    ] {
        if at(manifest, &key) != Some(&wanted) {
            fault(format!("{key} must be {wanted}"));
        }
    }
}

/// A dangling link, or one that a checkout has replaced by a text, is not the licence.
fn licences(root: &Path, name: &str, violations: &mut Vec<Violation>) {
    for licence in LICENCES {
        let file = format!("crates/{name}/{licence}");
        let is_same =
            fs::read(root.join(&file)).is_ok_and(|found| fs::read(root.join(licence)).ok() == Some(found));
        if !is_same {
            violations
                .push(Violation::of_file(file, "missing, a dangling link, or not that of the repository"));
        }
    }
}
