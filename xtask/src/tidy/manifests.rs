//! Required keys of manifests, and files beside them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Violation, crates, is_vendor, line_at, read};

const LICENCES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

pub(super) type Value<'a> = Spanned<DeValue<'a>>;

pub(super) struct Manifest<'a> {
    pub(super) file: &'a str,
    text: &'a str,
    pub(super) table: DeTable<'a>,
}

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    let consumer = |file: &str| file.starts_with("tests/consumers/");
    let manifests = files.iter().filter(|file| file.ends_with("/Cargo.toml") && !consumer(file));
    let mut packages = Vec::new();
    for file in manifests {
        packages.push((file.as_str(), read(root, file)?));
    }
    let packages =
        packages.iter().map(|(file, text)| Manifest::parse(file, text)).collect::<Result<Vec<_>>>()?;
    let names: Vec<_> = packages.iter().filter_map(Manifest::name).collect();
    for package in &packages {
        dev_dependencies(package, &names, violations);
        if !package.inherits_lints() {
            let what = "[lints] must have workspace = true: otherwise clippy accepts clocks and prints here";
            violations.push(Violation::new(package.file, 1, what));
        }
        let folder = package.file.trim_end_matches("Cargo.toml").trim_end_matches('/');
        if !package.is_private() {
            match crates(files).find(|name| folder == format!("crates/{name}")) {
                Some(name) => published(root, files, name, package, violations),
                None => package.fault(
                    "publish",
                    "a package outside `crates` must have publish = false",
                    violations,
                ),
            }
        }
    }
    Ok(())
}

impl<'a> Manifest<'a> {
    pub(super) fn parse(file: &'a str, text: &'a str) -> Result<Self> {
        let table = DeTable::parse(text).with_context(|| format!("cannot read {file}"))?.into_inner();
        Ok(Self { file, text, table })
    }

    pub(super) fn package(&self, key: &str) -> Option<&Value<'a>> {
        self.table.get("package")?.get_ref().as_table()?.get(key)
    }

    fn name(&self) -> Option<&str> {
        self.package("name")?.get_ref().as_str()
    }

    pub(super) fn is_private(&self) -> bool {
        self.package("publish").and_then(|value| value.get_ref().as_bool()) == Some(false)
    }

    /// Returns the entries of the table of that name, and of those for specific platforms.
    pub(super) fn dependencies<'b>(
        &'b self,
        kind: &'b str,
    ) -> impl Iterator<Item = (&'b Spanned<DeString<'a>>, &'b Value<'a>)> {
        let platforms = self.table.get("target").and_then(|table| table.get_ref().as_table());
        let platforms = platforms.into_iter().flat_map(|table| table.values());
        let tables = platforms.filter_map(|table| table.get_ref().as_table());
        std::iter::once(&self.table)
            .chain(tables)
            .filter_map(move |table| table.get(kind)?.get_ref().as_table())
            .flat_map(|table| table.iter())
    }

    fn inherits_lints(&self) -> bool {
        let lints = self.table.get("lints").and_then(|table| table.get_ref().as_table());
        lints.and_then(|lints| lints.get("workspace")?.get_ref().as_bool()) == Some(true)
    }

    /// Reports a violation at a key of `[package]`, or at the first line if the key is missing.
    fn fault(&self, key: &str, what: &str, violations: &mut Vec<Violation>) {
        let line = self.package(key).map_or(1, |value| line_at(self.text, value.span().start));
        violations.push(Violation::new(self.file, line, what));
    }
}

/// Checks dev-dependencies: a version would make publishing circular, since a crate's tests use crates that depend on it.
fn dev_dependencies(manifest: &Manifest<'_>, names: &[&str], violations: &mut Vec<Violation>) {
    for (key, value) in manifest.dependencies("dev-dependencies") {
        let ours = names.contains(&real_name(key, value));
        let key_of = |key: &str| value.get_ref().as_table().is_some_and(|table| table.contains_key(key));
        if ours && (!key_of("path") || key_of("version") || key_of("workspace")) {
            let what = format!(
                "{}: a dev-dependency on a crate of this repository must be a path without a version",
                key.get_ref()
            );
            violations.push(Violation::new(manifest.file, line_at(manifest.text, key.span().start), what));
        }
    }
}

fn real_name<'a>(key: &'a Spanned<DeString<'_>>, value: &'a Value<'_>) -> &'a str {
    let renamed = value.get_ref().as_table().and_then(|table| table.get("package")?.get_ref().as_str());
    renamed.unwrap_or(key.get_ref())
}

fn published(
    root: &Path,
    files: &[String],
    name: &str,
    manifest: &Manifest<'_>,
    violations: &mut Vec<Violation>,
) {
    let folder = format!("crates/{name}");
    let text = |key: &str| manifest.package(key).and_then(|value| value.get_ref().as_str());
    let description = text("description").unwrap_or_default();
    if description.is_empty() {
        manifest.fault("description", "no description", violations);
    } else if is_vendor(name) && !description.to_lowercase().contains("unofficial") {
        manifest.fault(
            "description",
            "the description of a vendor's crate must contain `unofficial`",
            violations,
        );
    }
    for key in ["license", "repository", "rust-version", "include"] {
        if manifest.package(key).is_none() {
            manifest.fault(key, &format!("no `{key}`"), violations);
        }
    }
    match text("readme") {
        Some(readme) if files.contains(&format!("{folder}/{readme}")) => {}
        Some(readme) => manifest.fault("readme", &format!("there is no {folder}/{readme}"), violations),
        None => manifest.fault("readme", "no `readme`", violations),
    }
    for licence in LICENCES {
        // A dangling link, or one that a checkout has replaced by a text, is not the licence.
        let (ours, theirs) = (fs::read(root.join(licence)), fs::read(root.join(&folder).join(licence)));
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) if ours == theirs => {}
            (_, Err(_)) => {
                violations.push(Violation::new(
                    format!("{folder}/{licence}"),
                    1,
                    "missing, or a dangling link",
                ));
            }
            _ => violations.push(Violation::new(
                format!("{folder}/{licence}"),
                1,
                "differs from that of the repository",
            )),
        }
    }
    if !files.contains(&format!("{folder}/src/lib.rs")) {
        return;
    }
    if text("documentation") != Some(&format!("https://docs.rs/{name}")) {
        let what = format!("`documentation` must be https://docs.rs/{name}");
        manifest.fault("documentation", &what, violations);
    }
    let docs = manifest
        .package("metadata")
        .and_then(|table| table.get_ref().as_table()?.get("docs")?.get_ref().as_table()?.get("rs"))
        .and_then(|table| table.get_ref().as_table());
    let all = docs.and_then(|table| table.get("all-features")?.get_ref().as_bool()) == Some(true);
    let cfg =
        docs.and_then(|table| table.get("rustdoc-args")?.get_ref().as_array()).is_some_and(|arguments| {
            arguments.iter().filter_map(|argument| argument.get_ref().as_str()).eq(["--cfg", "docsrs"])
        });
    if !(all && cfg) {
        let what = "[package.metadata.docs.rs] must have all-features = true and rustdoc-args = [\"--cfg\", \"docsrs\"]";
        manifest.fault("metadata", what, violations);
    }
}
