//! The same file names in each vendor's crate, so that all crates are read alike.

use super::{Violation, crates, is_vendor};

/// Files that each crate has below `src`.
const FILES: &[&str] = &[
    "auth.rs",
    "capabilities.rs",
    "client.rs",
    "config.rs",
    "error.rs",
    "integration.rs",
    "lib.rs",
    "operations.rs",
    "verdicts.rs",
    "webhook.rs",
];

/// Files that each crate has below `tests`, among others.
const TESTS: &[&str] = &[
    "answers.rs",
    "bad_input.rs",
    "errors.rs",
    "faults.rs",
    "fidelity.rs",
    "integration.rs",
    "main.rs",
    "requests.rs",
    "sentinels.rs",
    "support.rs",
    "verdicts.rs",
];

/// Types that operations share: one file, or with a folder of them.
const MODEL: &str = "model.rs";

/// Folders whose file names are free.
const FOLDERS: &[&str] = &["auth/", "model/", "operations/"];

/// A crate, a file of [`FILES`] that it lacks or another that it has, and the reason; one of [`TESTS`] as
/// `tests/faults.rs`.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "bankly-kyc",
        "capabilities.rs",
        "compares faces only within an onboarding, which no trait describes yet",
    ),
    ("bankly-kyc", "onboarding.rs", "its images have a fixed order"),
    ("cellere-portal", "webhook.rs", "responds immediately and sends no events"),
    ("certiface", "capabilities.rs", "a still image is not a liveness capture, which no trait describes yet"),
    ("certiface", "connection.rs", "its login and its operations share the calls that an appkey authorises"),
    ("certiface", "crypto.rs", "encrypts some of its bodies"),
    ("certiface", "journey.rs", "its operations have a fixed order"),
];

pub(super) fn check(files: &[String], violations: &mut Vec<Violation>) {
    for name in crates(files).filter(|name| is_vendor(name)) {
        let folder = format!("crates/{name}/src/");
        let sources: Vec<_> = files.iter().filter_map(|file| file.strip_prefix(&folder)).collect();
        let excepted = |file: &str| EXCEPTIONS.iter().any(|(of, which, _)| *of == name && *which == file);
        let mut missing = |path: String| {
            let what =
                "missing: each vendor's crate has this file (exceptions are in xtask/src/tidy/layout.rs)";
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
            violations.push(Violation::new(format!("{folder}operations"), 1, "contains no operation"));
        }
    }
}
