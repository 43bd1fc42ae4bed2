//! What each vendor's crate has, and where each vendor is named, so that all crates are read alike and none is forgotten.

use std::path::Path;

use anyhow::{Context, Result};

use super::{Violation, crates, is_vendor, read};

/// Files that each crate has below `src`.
pub(super) const FILES: &[&str] = &[
    "auth.rs",
    "capabilities.rs",
    "client.rs",
    "config.rs",
    "error.rs",
    "integration.rs",
    "lib.rs",
    "operations.rs",
    "verdicts.rs",
    "verifier.rs",
    "webhook.rs",
];

/// Files that each crate has below `tests`, among others.
pub(super) const TESTS: &[&str] = &[
    "answers.rs",
    "bad_input.rs",
    "coverage.rs",
    "errors.rs",
    "faults.rs",
    "fidelity.rs",
    "integration.rs",
    "main.rs",
    "requests.rs",
    "sentinels.rs",
    "support.rs",
    "verdicts.rs",
    "verifier.rs",
];

/// Types that operations share: one file, or with a folder of them.
pub(super) const MODEL: &str = "model.rs";

/// Folders whose file names are free.
const FOLDERS: &[&str] = &["auth/", "model/", "operations/"];

/// A crate, a file of [`FILES`] that it lacks or another that it has, and the reason; one of [`TESTS`] as
/// `tests/faults.rs`.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "bankly-kyc",
        "capabilities.rs",
        "compares faces only within an onboarding, which only its verifier describes",
    ),
    ("bankly-kyc", "onboarding.rs", "its images have a fixed order"),
    ("cellere-portal", "webhook.rs", "responds immediately and sends no events"),
    (
        "certiface",
        "capabilities.rs",
        "a still image is not a liveness capture, which only its verifier describes",
    ),
    ("certiface", "connection.rs", "its login and its operations share the calls that an appkey authorises"),
    ("certiface", "crypto.rs", "encrypts some of its bodies"),
    ("certiface", "journey.rs", "its operations have a fixed order"),
];

/// By which errors, stored ids and fixtures name their vendor.
pub(super) const VENDOR: &str = r#"pub const VENDOR: Vendor = Vendor::new(env!("CARGO_PKG_NAME"));"#;

/// Files that name each vendor's crate.
const NAMING: &[&str] = &["README.md", "README.pt-BR.md"];

/// Files that all vendors share: a new one needs no change in them.
const SHARED: &[&str] = &[
    ".github/workflows/ci.yml",
    "Cargo.toml",
    "crates/kyc-core/Cargo.toml",
    "crates/kyc-fixtures/Cargo.toml",
    "crates/kyc-sandbox/Cargo.toml",
];

/// The suites of the core traits, which each crate with capabilities calls in its tests.
const SUITES: &str = "../../tests/behaviour";

const FACADE: &str = "crates/kyc-br/Cargo.toml";

/// The feature of the facade that it forwards to each vendor's crate: the only one under which these have code of their
/// own. Features of kyc-core need not be forwarded, since cargo unifies them.
const FORWARDED: &str = "schema";

/// Part of each vendor's own feature: without it `config` has no effect.
const MARK: &str = "_vendor";

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    let vendors: Vec<_> = crates(files).filter(|name| is_vendor(name)).collect();
    for name in &vendors {
        names(name, files, violations);
        contents(root, name, files, violations)?;
    }
    for (shared, is_naming) in
        NAMING.iter().map(|file| (file, true)).chain(SHARED.iter().map(|file| (file, false)))
    {
        let text = if files.iter().any(|file| file == shared) { read(root, shared)? } else { continue };
        for vendor in vendors.iter().filter(|vendor| text.contains(*vendor) != is_naming) {
            let what = if is_naming { "does not name" } else { "must name no vendor, but names" };
            violations.push(Violation::of_file(*shared, format!("{what} {vendor}")));
        }
    }
    if files.iter().any(|file| file == FACADE) {
        let manifest: toml::Table = read(root, FACADE)?.parse().with_context(|| format!("in {FACADE}"))?;
        let faults = vendors.iter().flat_map(|vendor| facade(&manifest, vendor));
        violations.extend(faults.map(|what| Violation::of_file(FACADE, what)));
    }
    tests(root, files, violations)
}

fn names(name: &str, files: &[String], violations: &mut Vec<Violation>) {
    let folder = format!("crates/{name}/");
    let files: Vec<_> = files.iter().filter_map(|file| file.strip_prefix(&folder)).collect();
    let is_excepted = |file: &str| EXCEPTIONS.iter().any(|(of, which, _)| *of == name && *which == file);
    let sources = FILES.iter().chain([&MODEL]).map(|file| (format!("src/{file}"), *file));
    let tests = TESTS.iter().map(|file| (format!("tests/{file}"), ""));
    for (path, source) in sources.chain(tests) {
        if !files.contains(&path.as_str()) && !is_excepted(source) && !is_excepted(&path) {
            let what =
                "missing: each vendor's crate has this file (exceptions are in xtask/src/tidy/layout.rs)";
            violations.push(Violation::of_file(format!("{folder}{path}"), what));
        }
    }
    for file in files.iter().filter_map(|file| file.strip_prefix("src/")) {
        let is_free = FOLDERS.iter().any(|folder| file.starts_with(folder));
        if !is_free && file != MODEL && !FILES.contains(&file) && !is_excepted(file) {
            let what = "not a file name of vendors' crates (docs/ARCHITECTURE.md lists them)";
            violations.push(Violation::of_file(format!("{folder}src/{file}"), what));
        }
    }
    if !files.iter().any(|file| file.starts_with("src/operations/")) {
        violations.push(Violation::of_file(format!("{folder}src/operations"), "contains no operation"));
    }
}

fn contents(root: &Path, name: &str, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    let folder = format!("crates/{name}/src/");
    for file in files.iter().filter(|file| file.starts_with(&folder)) {
        let text = read(root, file)?;
        if file.ends_with("/src/lib.rs") && text.lines().all(|line| line != VENDOR) {
            violations
                .push(Violation::of_file(file, format!("expected `{VENDOR}`: VENDOR is the crate's name")));
        }
        let features = text.split("feature = \"").skip(1).filter_map(|rest| rest.split('"').next());
        for feature in features.filter(|feature| *feature != FORWARDED) {
            let what = format!("code under `{feature}`: the facade does not forward this feature");
            violations.push(Violation::of_file(file, what));
        }
    }
    let capable = files.contains(&format!("{folder}capabilities.rs"));
    let manifest = format!("crates/{name}/Cargo.toml");
    if capable && !read(root, &manifest)?.contains(SUITES) {
        let what = "has core traits (in capabilities.rs): add behaviour, and call its suites in tests/capabilities.rs";
        violations.push(Violation::of_file(manifest, what));
    }
    Ok(())
}

/// Each vendor has a feature, which contains [`MARK`] and is in `all-vendors`, and [`FORWARDED`] reaches its crate.
fn facade(manifest: &toml::Table, vendor: &str) -> Vec<String> {
    let features = manifest.get("features").and_then(toml::Value::as_table);
    let has = |feature: &str, wanted: &str| {
        let list = features.and_then(|features| features.get(feature)?.as_array());
        list.is_some_and(|list| list.iter().any(|entry| entry.as_str() == Some(wanted)))
    };
    let dependency = format!("dep:{vendor}");
    let own = features.into_iter().flat_map(toml::Table::keys).find(|name| has(name, &dependency));
    let Some(own) = own else { return vec![format!("no feature of {vendor}")] };
    let wanted =
        [("all-vendors", own.clone()), (own, MARK.to_owned()), (FORWARDED, format!("{vendor}?/{FORWARDED}"))];
    let missing = wanted.iter().filter(|(feature, entry)| !has(feature, entry));
    missing.map(|(feature, entry)| format!("the feature {feature} does not contain {entry}")).collect()
}

/// Where the tests of a package are modules of `main.rs`, cargo ignores a file that no module declares.
fn tests(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    for main in files.iter().filter(|file| file.ends_with("/tests/main.rs")) {
        let folder = main.trim_end_matches("main.rs");
        let manifest = format!("{}Cargo.toml", folder.trim_end_matches("tests/"));
        let manifest = if files.contains(&manifest) { read(root, &manifest)? } else { String::new() };
        for file in
            files.iter().filter(|file| file.starts_with(folder) && file.ends_with(".rs") && *file != main)
        {
            let module = file[folder.len()..].trim_end_matches(".rs").trim_end_matches("/mod");
            // One that needs a process of its own, such as one that counts allocations.
            if manifest.contains(&format!("[[test]]\nname = \"{module}\"\n")) {
                continue;
            }
            let (above, name) = module.rsplit_once('/').unwrap_or(("main", module));
            let above = [format!("{folder}{above}/mod.rs"), format!("{folder}{above}.rs")];
            let above = above.iter().find(|above| files.contains(above)).unwrap_or(&above[1]);
            let declares = |line: &str| {
                line.trim().trim_start_matches("pub ").trim_start_matches("pub(crate) ").strip_prefix("mod ")
                    == Some(&format!("{name};"))
            };
            if !files.contains(above) || !read(root, above)?.lines().any(declares) {
                violations
                    .push(Violation::of_file(file, format!("never compiled: add `mod {name};` to {above}")));
            }
        }
    }
    Ok(())
}
