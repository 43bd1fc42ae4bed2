//! The name and the capabilities of each vendor's crate.

use std::path::Path;

use anyhow::Result;

use super::manifests::Manifest;
use super::{Violation, crates, is_vendor, read};

const VENDOR: &str = r#"pub const VENDOR: Vendor = Vendor::new(env!("CARGO_PKG_NAME"));"#;

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    for name in crates(files).filter(|name| is_vendor(name)) {
        let library = format!("crates/{name}/src/lib.rs");
        // The layout reports a missing file.
        if files.contains(&library) {
            constant(&library, &read(root, &library)?, violations);
        }
        let capabilities = format!("crates/{name}/src/capabilities.rs");
        if !files.contains(&capabilities) {
            continue;
        }
        if has_trait(&read(root, &capabilities)?) {
            let file = format!("crates/{name}/Cargo.toml");
            suites(&Manifest::parse(&file, &read(root, &file)?)?, violations);
        } else {
            let what = "no trait for Client: implement one, or remove the file with a reason in xtask/src/tidy/layout.rs";
            violations.push(Violation::new(capabilities, 1, what));
        }
    }
    Ok(())
}

/// Checks `VENDOR`, by which errors, stored ids and fixtures name their vendor.
fn constant(file: &str, text: &str, violations: &mut Vec<Violation>) {
    if text.lines().all(|line| line != VENDOR) {
        let line =
            text.lines().position(|line| line.starts_with("pub const VENDOR:")).map_or(1, |index| index + 1);
        violations.push(Violation::new(
            file,
            line,
            format!("expected `{VENDOR}`: VENDOR is the crate's name"),
        ));
    }
}

/// Returns whether there is an `impl … for Client`. `cargo fmt` begins a line with it.
fn has_trait(text: &str) -> bool {
    let of_client = |line: &str| {
        let head = line.strip_prefix("impl").and_then(|rest| rest.split_once(" for Client"));
        head.is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(' '))
    };
    text.lines().any(of_client)
}

/// Checks that the crate's tests can call the suites of its traits.
fn suites(manifest: &Manifest<'_>, violations: &mut Vec<Violation>) {
    if manifest.dependencies("dev-dependencies").all(|(key, _)| key.get_ref().as_ref() != "behaviour") {
        let what = "has core traits (in capabilities.rs): add behaviour, and call its suites in tests/capabilities.rs";
        violations.push(Violation::new(manifest.file, 1, what.to_owned()));
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
            "impl A for B {}\nfn c() for Client",
            "",
        ] {
            assert!(!has_trait(code), "{code}");
        }
    }
}
