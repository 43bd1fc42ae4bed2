//! Tests and examples that cargo would leave out or build over one another without a word.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::manifests::{Manifest, Value};
use super::{Violation, crates, read};

/// The test that the others are modules of.
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

/// Where cargo does not look for tests itself, each file is a test of the manifest or a module of what encloses it.
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
        let cure = if named.contains(&module) {
            None
        } else if module == MAIN {
            Some(format!("put a [[test]] with name = \"{MAIN}\" into {}", manifest.file))
        } else {
            missing_module(root, files, &folder, module)?
        };
        if let Some(cure) = cure {
            violations.push(Violation::new(file, 1, format!("never compiled: {cure}")));
        }
    }
    Ok(())
}

fn named_tests<'a>(manifest: &'a Manifest<'_>) -> Vec<&'a str> {
    let tests = manifest.table.get("test").and_then(|tests| tests.get_ref().as_array());
    let name = |test: &'a Value<'_>| test.get_ref().as_table()?.get("name")?.get_ref().as_str();
    tests.into_iter().flat_map(|tests| tests.iter()).filter_map(name).collect()
}

/// What to write where, if the file that encloses a module does not name it.
fn missing_module(root: &Path, files: &[String], folder: &str, module: &str) -> Result<Option<String>> {
    let (above, name) = module.rsplit_once('/').unwrap_or((MAIN, module));
    let nested = format!("{folder}{above}/mod.rs");
    let above = if files.contains(&nested) { nested } else { format!("{folder}{above}.rs") };
    let declared = files.contains(&above) && declares(&read(root, &above)?, name);
    Ok((!declared).then(|| format!("put `mod {name};` into {above}")))
}

fn declares(text: &str, module: &str) -> bool {
    let is_it = |line: &str| {
        line.trim().trim_start_matches("pub ").strip_prefix("mod ") == Some(&format!("{module};"))
    };
    text.lines().any(is_it)
}

/// All are built into one folder, where the last of a name stays.
fn examples(files: &[String], violations: &mut Vec<Violation>) {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for owner in crates(files) {
        let folder = format!("crates/{owner}/examples/");
        for (file, rest) in files.iter().filter_map(|file| Some((file, file.strip_prefix(&folder)?))) {
            // A file, or a folder with a main.rs.
            let Some(name) = rest.strip_suffix("/main.rs").or(rest.strip_suffix(".rs")) else { continue };
            if name.contains('/') {
                continue;
            }
            if let Some(other) = owners.insert(name, owner) {
                let what = format!("crates/{other} has an example {name}, too: give this one another name");
                violations.push(Violation::new(file, 1, what));
            }
        }
    }
}
