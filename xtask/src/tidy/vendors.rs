//! What each vendor's crate says of itself: its name, and what it can do.

use std::path::Path;

use anyhow::Result;

use super::manifests::Manifest;
use super::text::{code, is_word, places};
use super::{Violation, crates, is_vendor, line_at, read};

/// The suite over the core traits.
const BEHAVIOUR: &str = "tests/behaviour/Cargo.toml";

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    let mut capable = Vec::new();
    for name in crates(files).filter(|name| is_vendor(name)) {
        let library = format!("crates/{name}/src/lib.rs");
        // A file that is missing is found by its name.
        if files.contains(&library) {
            constant(name, &library, &read(root, &library)?, violations);
        }
        let capabilities = format!("crates/{name}/src/capabilities.rs");
        if !files.contains(&capabilities) {
            continue;
        }
        if has_trait(&code(&read(root, &capabilities)?)) {
            capable.push(name);
        } else {
            let what = "no trait for Client: write it, or take the file away with the reason in xtask/src/tidy/layout.rs";
            violations.push(Violation::new(capabilities, 1, what));
        }
    }
    if files.iter().any(|file| file == BEHAVIOUR) {
        let text = read(root, BEHAVIOUR)?;
        let manifest = Manifest::parse(BEHAVIOUR, &text)?;
        behaviour(&manifest, &capable, violations);
    }
    Ok(())
}

/// Errors, stored ids and fixtures say by that name whose they are.
fn constant(name: &str, file: &str, text: &str, violations: &mut Vec<Violation>) {
    let code = code(text);
    let at = places(&code, "VENDOR").find(|at| code[..*at].ends_with("pub const "));
    let wanted = format!("VENDOR: Vendor = Vendor::new(\"{name}\");");
    // Where a literal stands, the code is blank: the text has it at the same place.
    if !at.is_some_and(|at| text[at..].starts_with(&wanted)) {
        let what = format!("`pub const {wanted}` belongs here: VENDOR is the crate's name");
        violations.push(Violation::new(file, at.map_or(1, |at| line_at(text, at)), what));
    }
}

/// Whether there is an `impl … for Client`.
fn has_trait(code: &str) -> bool {
    places(code, "impl").any(|at| {
        let head = code[at..].split('{').next().unwrap_or_default();
        head.split_once(" for Client").is_some_and(|(_, rest)| !rest.bytes().next().is_some_and(is_word))
    })
}

fn behaviour(manifest: &Manifest<'_>, capable: &[&str], violations: &mut Vec<Violation>) {
    let mut tested = Vec::new();
    for kind in ["dependencies", "dev-dependencies"] {
        tested.extend(manifest.dependencies(kind).map(|(key, _)| key.get_ref().as_ref()));
    }
    for name in capable.iter().filter(|name| !tested.contains(*name)) {
        let what = format!("{name} has core traits (its capabilities.rs): name it here and in tests/main.rs");
        violations.push(Violation::new(manifest.file, 1, what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trait_for_the_client_is_seen() {
        for code in [
            "#[async_trait]\nimpl FaceMatcher for Client {\n}",
            "impl<T> core::Reader<T> for Client\nwhere T: A {}",
        ] {
            assert!(has_trait(code), "{code}");
        }
        for code in [
            "impl Client {}",
            "impl FaceMatcher for ClientBuilder {}",
            "impl A for B {} fn c() for Client",
            "",
        ] {
            assert!(!has_trait(code), "{code}");
        }
    }
}
