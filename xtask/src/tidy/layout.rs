//! The same file names in each vendor's crate: who knows one knows them all.

use super::{Violation, crates, is_vendor};

/// Files that each has, below `src`.
const FILES: &[&str] = &[
    "auth.rs",
    "capabilities.rs",
    "client.rs",
    "config.rs",
    "error.rs",
    "lib.rs",
    "operations.rs",
    "webhook.rs",
];

/// Files that each has, below `tests`; it may have more.
const TESTS: &[&str] = &[
    "answers.rs",
    "bad_input.rs",
    "errors.rs",
    "faults.rs",
    "fidelity.rs",
    "main.rs",
    "requests.rs",
    "sentinels.rs",
    "support.rs",
];

/// Types that operations share: one file or a folder of them.
const MODEL: &str = "model.rs";

/// Folders whose files each crate names by itself.
const FOLDERS: &[&str] = &["model/", "operations/"];

/// Files of [`FILES`] that a crate does without, or has besides, and why; one of [`TESTS`] as `tests/faults.rs`.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "bankly-kyc",
        "capabilities.rs",
        "it compares faces only within an onboarding, so that no trait fits it yet",
    ),
    ("bankly-kyc", "onboarding.rs", "its pictures follow one another"),
    ("cellere-portal", "webhook.rs", "it answers at once and sends nothing by itself"),
    ("certiface", "capabilities.rs", "a still picture is no liveness capture, so that no trait fits it yet"),
    ("certiface", "crypto.rs", "some of its bodies are encrypted"),
    ("certiface", "journey.rs", "its operations follow one another"),
];

pub(super) fn check(files: &[String], violations: &mut Vec<Violation>) {
    for name in crates(files).filter(|name| is_vendor(name)) {
        let folder = format!("crates/{name}/src/");
        let sources: Vec<_> = files.iter().filter_map(|file| file.strip_prefix(&folder)).collect();
        let excepted = |file: &str| EXCEPTIONS.iter().any(|(of, which, _)| *of == name && *which == file);
        let mut missing = |path: String| {
            let what = "missing: each vendor's crate has it (exceptions stand in xtask/src/tidy/layout.rs)";
            violations.push(Violation::new(path, 1, what));
        };
        for file in FILES.iter().chain([&MODEL]).filter(|file| !sources.contains(*file) && !excepted(file)) {
            missing(format!("{folder}{file}"));
        }
        for test in TESTS.iter().map(|test| format!("tests/{test}")).filter(|test| !excepted(test)) {
            let path = format!("crates/{name}/{test}");
            if !files.contains(&path) {
                missing(path);
            }
        }
        let known = |file: &str| {
            FILES.contains(&file)
                || file == MODEL
                || FOLDERS.iter().any(|folder| file.starts_with(folder))
                || excepted(file)
        };
        for file in sources.iter().filter(|file| !known(file)) {
            let what = "not a file name of vendors' crates (docs/ARCHITECTURE.md lists them)";
            violations.push(Violation::new(format!("{folder}{file}"), 1, what));
        }
        if !sources.iter().any(|file| file.starts_with("operations/")) {
            violations.push(Violation::new(format!("{folder}operations"), 1, "no operation in it"));
        }
    }
}
