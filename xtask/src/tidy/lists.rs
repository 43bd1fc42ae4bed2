//! Lists that name every vendor: one that a compiler does not miss is found here.

use std::path::Path;

use anyhow::{Context, Result};
use toml::de::DeTable;

use super::{Violation, crates, is_vendor, read};

const FACADE: &str = "crates/kyc-br/Cargo.toml";

/// Features of the facade that are handed on to each vendor's crate.
const HANDED_ON: &[&str] = &["metrics", "native-tls", "reqwest", "rustls", "rustls-no-provider", "schema"];

/// What each vendor's own feature has, or `config` would not be there beside it.
const MARK: &str = "_vendor";

/// Pages and chores that name each vendor's crate.
const PAGES: &[&str] = &[
    ".github/workflows/ci.yml",
    "CHANGELOG.md",
    "README.md",
    "README.pt-BR.md",
    "crates/kyc-br/README.md",
    "crates/kyc-cli/README.md",
    "crates/kyc-fixtures/README.md",
    "crates/kyc-sandbox/README.md",
];

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    let vendors: Vec<_> = crates(files).filter(|name| is_vendor(name)).collect();
    for page in PAGES.iter().filter(|page| files.iter().any(|file| file == *page)) {
        let text = read(root, page)?;
        for vendor in vendors.iter().filter(|vendor| !text.contains(*vendor)) {
            violations.push(Violation::new(*page, 1, format!("does not name {vendor}")));
        }
    }
    if files.iter().any(|file| file == FACADE) {
        facade(&read(root, FACADE)?, &vendors, violations)?;
    }
    Ok(())
}

/// Each vendor has a feature, which has [`MARK`] and is in `all-vendors`; and gets what the facade's features hand on.
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
                    fault(format!("all-vendors is without {own}"));
                }
                if !has(own, MARK) {
                    fault(format!("{own} is without {MARK}: with it alone there would be no `config`"));
                }
            }
        }
        for handed_on in
            HANDED_ON.iter().filter(|handed_on| !has(handed_on, &format!("{vendor}?/{handed_on}")))
        {
            fault(format!("{handed_on} is not handed on to {vendor}"));
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
    fn a_vendor_that_stands_nowhere_and_one_that_stands_everywhere() {
        assert_eq!(faults("[features]\n").len(), 1 + HANDED_ON.len());
        let lists: String =
            HANDED_ON.iter().map(|name| format!("{name} = ['toy-faces?/{name}']\n")).collect();
        let own = "toy = ['_vendor', 'dep:toy-faces']\n";
        assert_eq!(
            faults(&format!("[features]\n{own}all-vendors = []\n{lists}")),
            ["all-vendors is without toy"]
        );
        let unmarked = own.replace("'_vendor', ", "");
        assert_eq!(
            faults(&format!("[features]\n{unmarked}all-vendors = ['toy']\n{lists}")),
            ["toy is without _vendor: with it alone there would be no `config`"]
        );
        assert!(faults(&format!("[features]\n{own}all-vendors = ['toy']\n{lists}")).is_empty());
    }
}
