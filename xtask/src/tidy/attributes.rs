//! Attributes that must not stand in libraries and that no lint of clippy finds.

use std::path::Path;

use anyhow::Result;

use super::{Violation, crates, is_vendor, line_at, read};

/// Unknown fields cannot be seen inside serde's flattened, untagged and internally tagged types.
const BLINDING: &[&str] = &["content", "flatten", "tag", "untagged"];

/// Sources of vendors' crates and of kyc-core; `lib.rs` alone marks a library.
pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    for name in crates(files).filter(|name| files.contains(&format!("crates/{name}/src/lib.rs"))) {
        let folder = format!("crates/{name}/src/");
        let programs = [format!("{folder}main.rs"), format!("{folder}bin/")];
        let sources = files.iter().filter(|file| file.starts_with(&folder) && file.ends_with(".rs"));
        for file in sources.filter(|file| programs.iter().all(|program| !file.starts_with(program))) {
            let text = read(root, file)?;
            let mut faults = module_wide(&text);
            if is_vendor(name) || name == "kyc-core" {
                faults.extend(blinding(&text));
            }
            violations.extend(faults.into_iter().map(|(line, what)| Violation::new(file, line, what)));
        }
    }
    Ok(())
}

/// Clippy can demand a reason of such an attribute, but not forbid it.
fn module_wide(text: &str) -> Vec<(usize, String)> {
    let is_one =
        |line: &str| ["#![allow(", "#![expect("].iter().any(|mark| line.trim_start().starts_with(mark));
    let what = "disables a lint for a whole module: disable it on the item that needs it";
    let lines = text.lines().enumerate().filter(|(_, line)| is_one(line));
    lines.map(|(index, _)| (index + 1, what.to_owned())).collect()
}

fn blinding(text: &str) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    for (at, mark) in text.match_indices("serde(") {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        let arguments = text[at + mark.len()..].split(")]").next().unwrap_or_default();
        let keys = arguments.split([',', '(', ')']).filter_map(|argument| argument.split('=').next());
        for key in keys.map(str::trim).filter(|key| BLINDING.contains(key) && !line.contains("//")) {
            let what =
                format!("serde's {key}: unknown fields cannot be seen inside it; write a visitor instead");
            faults.push((line_at(text, at), what));
        }
    }
    faults
}
