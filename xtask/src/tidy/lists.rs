//! Lists that name every vendor and that no compiler checks, and manifests that name none.

use std::path::Path;

use anyhow::{Context, Result};
use toml::de::DeTable;

use super::{Violation, crates, is_vendor, read};

const FACADE: &str = "crates/kyc-br/Cargo.toml";

/// The feature of the facade that it forwards to each vendor's crate: the only one under which these have code of their
/// own. Features of kyc-core need not be forwarded, since cargo unifies them.
const FORWARDED: &str = "schema";

/// Part of each vendor's own feature: without it `config` has no effect.
const MARK: &str = "_vendor";

/// Pages that name each vendor's crate.
const PAGES: &[&str] = &[
    "CHANGELOG.md",
    "README.md",
    "README.pt-BR.md",
    "crates/kyc-br/README.md",
    "crates/kyc-cli/README.md",
    "crates/kyc-fixtures/README.md",
    "crates/kyc-sandbox/README.md",
];

/// Files that all vendors share: a new one needs no change in them.
const SHARED: &[&str] = &[
    ".github/workflows/ci.yml",
    "Cargo.toml",
    "crates/kyc-core/Cargo.toml",
    "crates/kyc-fixtures/Cargo.toml",
    "crates/kyc-sandbox/Cargo.toml",
];

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    let vendors: Vec<_> = crates(files).filter(|name| is_vendor(name)).collect();
    for page in PAGES.iter().filter(|page| files.iter().any(|file| file == *page)) {
        let text = read(root, page)?;
        for vendor in vendors.iter().filter(|vendor| !text.contains(*vendor)) {
            violations.push(Violation::new(*page, 1, format!("does not name {vendor}")));
        }
    }
    for shared in SHARED.iter().filter(|shared| files.iter().any(|file| file == *shared)) {
        let text = read(root, shared)?;
        for vendor in vendors.iter().filter(|vendor| text.contains(*vendor)) {
            violations.push(Violation::new(*shared, 1, format!("names {vendor}: it must know no vendor")));
        }
    }
    for vendor in &vendors {
        let folder = format!("crates/{vendor}/src/");
        for file in files.iter().filter(|file| file.starts_with(&folder)) {
            violations.extend(not_forwarded(file, &read(root, file)?));
        }
    }
    if files.iter().any(|file| file == FACADE) {
        facade(&read(root, FACADE)?, &vendors, violations)?;
    }
    Ok(())
}

fn not_forwarded(file: &str, text: &str) -> Option<Violation> {
    let mut features = text.split("feature = \"").skip(1).filter_map(|rest| rest.split('"').next());
    let other = features.find(|feature| *feature != FORWARDED)?;
    Some(Violation::new(file, 1, format!("code under `{other}`: the facade does not forward this feature")))
}

/// Each vendor has a feature, which contains [`MARK`] and is in `all-vendors`, and [`FORWARDED`] reaches its crate.
fn facade(text: &str, vendors: &[&str], violations: &mut Vec<Violation>) -> Result<()> {
    let manifest = DeTable::parse(text).with_context(|| format!("cannot read {FACADE}"))?.into_inner();
    let features = manifest.get("features").and_then(|table| table.get_ref().as_table());
    let has = |feature: &str, wanted: &str| {
        let list = features.and_then(|features| features.get(feature)?.get_ref().as_array());
        list.is_some_and(|list| list.iter().any(|entry| entry.get_ref().as_str() == Some(wanted)))
    };
    let names =
        || features.into_iter().flat_map(|features| features.keys()).map(|name| name.get_ref().as_ref());
    for vendor in vendors {
        let mut fault = |what: String| violations.push(Violation::new(FACADE, 1, what));
        match names().find(|name| has(name, &format!("dep:{vendor}"))) {
            None => fault(format!("no feature of {vendor}")),
            Some(own) => {
                if !has("all-vendors", own) {
                    fault(format!("all-vendors does not contain {own}"));
                }
                if !has(own, MARK) {
                    fault(format!("{own} does not contain {MARK}: with it alone there would be no `config`"));
                }
            }
        }
        if !has(FORWARDED, &format!("{vendor}?/{FORWARDED}")) {
            fault(format!("{FORWARDED} is not forwarded to {vendor}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let mut violations = Vec::new();
        facade(text, &["toy-faces"], &mut violations).expect("a manifest");
        violations.into_iter().map(|violation| violation.what).collect()
    }

    #[test]
    fn code_under_a_feature_that_is_not_forwarded_is_found() {
        let found = |text: &str| not_forwarded("a.rs", text).map(|violation| violation.what);
        assert_eq!(found("#[cfg_attr(feature = \"schema\", derive(A))]"), None);
        let what = "code under `metrics`: the facade does not forward this feature";
        assert_eq!(found("#[cfg(feature = \"metrics\")]").as_deref(), Some(what));
    }

    #[test]
    fn the_facade_lists_each_vendor() {
        assert_eq!(
            faults("[features]\n"),
            ["no feature of toy-faces", "schema is not forwarded to toy-faces"]
        );
        let lists = "schema = ['toy-faces?/schema']\n";
        let own = "toy = ['_vendor', 'dep:toy-faces']\n";
        assert_eq!(
            faults(&format!("[features]\n{own}all-vendors = []\n{lists}")),
            ["all-vendors does not contain toy"]
        );
        let unmarked = own.replace("'_vendor', ", "");
        assert_eq!(
            faults(&format!("[features]\n{unmarked}all-vendors = ['toy']\n{lists}")),
            ["toy does not contain _vendor: with it alone there would be no `config`"]
        );
        assert!(faults(&format!("[features]\n{own}all-vendors = ['toy']\n{lists}")).is_empty());
    }
}
