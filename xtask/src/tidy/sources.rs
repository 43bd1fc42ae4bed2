//! What must not stand in libraries' sources.

use std::path::Path;

use anyhow::Result;

use super::text::{code, is_word, places, without_tests};
use super::{Violation, crates, is_vendor, line_at, read};

/// The only file that reads a clock.
const CLOCK: &str = "crates/kyc-core/src/time.rs";

const CLOCKS: &[&str] = &["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now"];
const PRINTS: &[&str] = &["dbg!", "eprint!", "eprintln!", "print!", "println!"];

/// Serde's words that make unknown fields invisible. Those with a value are followed by `=`.
const BLINDING: &[(&str, bool)] =
    &[("content", true), ("flatten", false), ("tag", true), ("untagged", false)];

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    for name in crates(files) {
        let folder = format!("crates/{name}/src/");
        let library = format!("{folder}lib.rs");
        if !files.contains(&library) {
            continue;
        }
        let sources = files.iter().filter(|file| file.starts_with(&folder) && file.ends_with(".rs"));
        for file in sources.filter(|file| !is_program(&file[folder.len()..]) && !is_test(file)) {
            let code = without_tests(&code(&read(root, file)?));
            for what in faults(&code, is_vendor(name), file == CLOCK) {
                violations.push(Violation::new(file, line_at(&code, what.0), what.1));
            }
        }
    }
    Ok(())
}

fn is_program(file: &str) -> bool {
    file == "main.rs" || file.starts_with("bin/")
}

pub(super) fn is_test(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/")
}

fn faults(code: &str, vendor: bool, clock: bool) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    for name in CLOCKS.iter().filter(|_| !clock) {
        faults.extend(places(code, name).map(|at| (at, format!("{name}: clocks are read in {CLOCK} alone"))));
    }
    for name in PRINTS {
        faults.extend(places(code, name).map(|at| (at, format!("{name} in a library"))));
    }
    for mark in ["#![allow", "#![expect"] {
        let what = "a lint is switched off for a whole library or module: allow it where it is needed";
        faults.extend(code.match_indices(mark).map(|(at, _)| (at, what.to_owned())));
    }
    if vendor {
        for start in places(code, "serde").filter(|start| code[start + 5..].trim_start().starts_with('(')) {
            faults.extend(blinding(code, start));
        }
    }
    faults
}

/// Looks through `serde(…)`, which begins there.
fn blinding(code: &str, start: usize) -> Vec<(usize, String)> {
    let mut depth = 0usize;
    let close = code[start..].bytes().position(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        byte == b')' && depth == 0
    });
    let inside = &code[start..close.map_or(code.len(), |close| start + close)];
    let mut faults = Vec::new();
    for (word, valued) in BLINDING {
        for at in places(inside, word) {
            let rest = inside[at + word.len()..].trim_start();
            let ends = !rest.bytes().next().is_some_and(is_word);
            if ends && (!valued || (rest.starts_with('=') && !rest.starts_with("=="))) {
                let what =
                    format!("serde's {word}: unknown fields cannot be seen inside it (a visitor shows them)");
                faults.push((start + at, what));
            }
        }
    }
    faults
}
