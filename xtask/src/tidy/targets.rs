//! Tests that cargo would ignore silently, and examples that would overwrite one another.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::manifests::{Manifest, Value};
use super::{Violation, crates, read};

/// The test whose modules the others are.
const MAIN: &str = "main";

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    for file in files.iter().filter(|file| file.ends_with("/Cargo.toml")) {
        let text = read(root, file)?;
        let manifest = Manifest::parse(file, &text)?;
        let found = manifest.package("autotests").and_then(|value| value.get_ref().as_bool());
        if found == Some(false) {
            tests(root, files, &manifest, violations)?;
        }
    }
    examples(files, violations);
    Ok(())
}

/// Checks that each file is a test of the manifest or a declared module, in a package without automatic tests.
fn tests(
    root: &Path,
    files: &[String],
    manifest: &Manifest<'_>,
    violations: &mut Vec<Violation>,
) -> Result<()> {
    let folder = manifest.file.replace("Cargo.toml", "tests/");
    let named = named_tests(manifest);
    for file in files.iter().filter(|file| file.starts_with(&folder) && file.ends_with(".rs")) {
        let module = file[folder.len()..].trim_end_matches(".rs").trim_end_matches("/mod");
        let fix = if named.contains(&module) {
            None
        } else if module == MAIN {
            Some(format!("add a [[test]] with name = \"{MAIN}\" to {}", manifest.file))
        } else {
            missing_module(root, files, &folder, module)?
        };
        if let Some(fix) = fix {
            violations.push(Violation::new(file, 1, format!("never compiled: {fix}")));
        }
    }
    Ok(())
}

fn named_tests<'a>(manifest: &'a Manifest<'_>) -> Vec<&'a str> {
    let tests = manifest.table.get("test").and_then(|tests| tests.get_ref().as_array());
    let name = |test: &'a Value<'_>| test.get_ref().as_table()?.get("name")?.get_ref().as_str();
    tests.into_iter().flat_map(|tests| tests.iter()).filter_map(name).collect()
}

/// Returns the missing declaration, if the enclosing file does not declare a module.
fn missing_module(root: &Path, files: &[String], folder: &str, module: &str) -> Result<Option<String>> {
    let (above, name) = module.rsplit_once('/').unwrap_or((MAIN, module));
    let nested = format!("{folder}{above}/mod.rs");
    let above = if files.contains(&nested) { nested } else { format!("{folder}{above}.rs") };
    let declared = files.contains(&above) && declares(&read(root, &above)?, name);
    Ok((!declared).then(|| format!("add `mod {name};` to {above}")))
}

fn declares(text: &str, module: &str) -> bool {
    let is_it = |line: &str| {
        line.trim().trim_start_matches("pub ").strip_prefix("mod ") == Some(&format!("{module};"))
    };
    text.lines().any(is_it)
}

/// Checks that the names of examples are unique: all are built into one folder.
fn examples(files: &[String], violations: &mut Vec<Violation>) {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for owner in crates(files) {
        let folder = format!("crates/{owner}/examples/");
        for (file, rest) in files.iter().filter_map(|file| Some((file, file.strip_prefix(&folder)?))) {
            // A file, or a folder with main.rs.
            let Some(name) = rest.strip_suffix("/main.rs").or(rest.strip_suffix(".rs")) else { continue };
            if name.contains('/') {
                continue;
            }
            if let Some(other) = owners.insert(name, owner) {
                let what = format!("crates/{other} also has an example {name}: rename this one");
                violations.push(Violation::new(file, 1, what));
            }
        }
    }
}
