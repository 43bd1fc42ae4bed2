//! A small repository without violations, and a table of changes that break one rule each.

use std::fs;
use std::path::Path;

use super::layout::{FILES, MODEL, TESTS, VENDOR};
use super::violations;
use crate::outputs::write_file;

const MANIFEST: &str = r#"[package]
name = "some-vendor"
description = "Unofficial client of somebody"
license.workspace = true
repository.workspace = true
rust-version.workspace = true
documentation = "https://docs.rs/some-vendor"
readme = "README.md"
include = ["src/**"]
autotests = false

[package.metadata.docs.rs]
all-features = true
rustdoc-args = ["--cfg", "docsrs"]

[dev-dependencies]
behaviour = { path = "../../tests/behaviour" }
chores = { path = "../../chores" }

[lints]
workspace = true
"#;

const FACADE: &str = r#"
[features]
toy = ["_vendor", "dep:some-vendor"]
all-vendors = ["toy"]
schema = ["some-vendor?/schema"]
"#;

const LOOK: &str = r#"#[derive(Debug, Serialize)]
#[serde(rename = "flatten")]
pub struct A {
    /// A String.
    pub content: RedactedText,
}
#[derive(Debug)]
pub enum B {
    One(Lenient<bool>, &'static str),
}
#[derive(Clone)]
pub struct C(String);
#[derive(Debug)]
struct D(Vec<u8>);
response! {
    pub struct E {
        #[serde(rename = "e")]
        pub e: Option<Name>,
    }
}
"#;

fn put(root: &Path, file: &str, text: &str) {
    write_file(&root.join(file), text).unwrap();
}

fn tidy(root: &Path) {
    let private =
        |name: &str| format!("[package]\nname = \"{name}\"\npublish = false\n[lints]\nworkspace = true\n");
    let vendor = |file: &str| format!("crates/some-vendor/{file}");
    for file in FILES.iter().chain([&MODEL]) {
        put(root, &vendor(&format!("src/{file}")), "//! Not serde(flatten).\n");
    }
    let tests = [TESTS, &["more.rs"]].concat();
    for test in &tests {
        put(root, &vendor(&format!("tests/{test}")), "");
    }
    let modules = tests.iter().map(|test| format!("mod {};\n", test.trim_end_matches(".rs")));
    put(root, &vendor("tests/main.rs"), &modules.filter(|line| line != "mod main;\n").collect::<String>());
    for (file, text) in [
        ("LICENSE-MIT", "licence"),
        ("LICENSE-APACHE", "licence"),
        ("README.md", "# A\n\n[b](docs/b.md#two-words) [c](crates/some-vendor) [e](https://e.example)\n"),
        ("README.pt-BR.md", "some-vendor\n"),
        (
            "docs/b.md",
            "# B\n\n## Two `words`!\n\n## Two words\n\n[up](../README.md#a) [again](#two-words-1)\n",
        ),
        ("Cargo.toml", ""),
        ("chores/Cargo.toml", &private("chores")),
        ("crates/kyc-br/Cargo.toml", &(private("kyc-br") + FACADE)),
        ("crates/kyc-core/Cargo.toml", &private("kyc-core")),
        ("crates/kyc-core/src/lib.rs", ""),
        ("crates/kyc-core/src/main.rs", "#![allow(clippy::print_stdout)]\nfn main() {}\n"),
        ("crates/kyc-core/tests/alone.rs", "// Cargo finds it.\n"),
        (&vendor("LICENSE-MIT"), "licence"),
        (&vendor("LICENSE-APACHE"), "licence"),
        (&vendor("Cargo.toml"), MANIFEST),
        (&vendor("README.md"), "# V\n\n[type](crate::Type)\n"),
        (&vendor("src/lib.rs"), &format!("//! A\nmod auth;\n{VENDOR}\n")),
        (&vendor("src/capabilities.rs"), "#[cfg_attr(feature = \"schema\", derive(S))]\nstruct A;\n"),
        (&vendor("src/operations/look.rs"), LOOK),
        (&vendor("tests/faults.rs"), "mod late;\n"),
        (&vendor("tests/faults/late.rs"), ""),
        (&vendor("tests/support/notes.md"), ""),
    ] {
        put(root, file, text);
    }
}

/// Returns the violations after a change of the repository.
fn found(change: impl FnOnce(&Path)) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    tidy(root.path());
    change(root.path());
    violations(root.path()).unwrap().iter().map(ToString::to_string).collect()
}

fn replaced(file: &str, from: &str, to: &str) -> Vec<String> {
    found(|root| {
        let text = fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(from), "{file} {from}");
        put(root, file, &text.replace(from, to));
    })
}

#[test]
fn a_repository_without_violations_passes() {
    assert_eq!(found(|_| ()), [""; 0]);
}

/// A file, a text in it, what replaces it, the line of the violation, and a word of it.
type Edit = (&'static str, &'static str, &'static str, usize, &'static str);

const LIB: &str = "crates/some-vendor/src/lib.rs";
const OPERATION: &str = "crates/some-vendor/src/operations/look.rs";
const CARGO: &str = "crates/some-vendor/Cargo.toml";
const LINK: &str = "[e](https://e.example)";

const EDITS: &[Edit] = &[
    // Names of vendors.
    (LIB, "env!(\"CARGO_PKG_NAME\")", "\"some-vendor\"", 1, "VENDOR is the crate's name"),
    (LIB, "pub const", "// pub const", 1, "VENDOR is the crate's name"),
    ("crates/some-vendor/src/capabilities.rs", "schema", "metrics", 1, "does not forward"),
    (CARGO, "tests/behaviour", "tests/other", 1, "has core traits"),
    ("README.pt-BR.md", "some-vendor", "other", 1, "does not name some-vendor"),
    ("crates/kyc-br/Cargo.toml", "dep:some-vendor", "dep:other", 1, "no feature of some-vendor"),
    ("crates/kyc-br/Cargo.toml", "[\"toy\"]", "[]", 1, "all-vendors does not contain toy"),
    ("crates/kyc-br/Cargo.toml", "\"_vendor\", ", "", 1, "toy does not contain _vendor"),
    ("crates/kyc-br/Cargo.toml", "some-vendor?/schema", "some-vendor/schema", 1, "schema does not contain"),
    // Manifests.
    (CARGO, "{ path = \"../../chores\" }", "\"0.1\"", 1, "without a version"),
    (CARGO, "\"../../chores\"", "\"../../chores\", version = \"0.1\"", 1, "without a version"),
    (
        CARGO,
        "chores = { path = \"../../chores\" }",
        "tools = { package = \"chores\", workspace = true }",
        1,
        "without a version",
    ),
    (
        CARGO,
        "\nchores = { path = \"../../chores\" }",
        "\n[target.'cfg(unix)'.dev-dependencies]\nchores = \"0.1\"",
        1,
        "without a version",
    ),
    (CARGO, "[lints]\nworkspace = true\n", "", 1, "lints"),
    ("chores/Cargo.toml", "[lints]\nworkspace = true\n", "", 1, "lints"),
    ("chores/Cargo.toml", "publish = false\n", "", 1, "publish"),
    (CARGO, "Unofficial client", "A client", 1, "unofficial"),
    (CARGO, "license.workspace = true\n", "", 1, "no `license`"),
    (CARGO, "include = [\"src/**\"]\n", "", 1, "no `include`"),
    (CARGO, "all-features = true", "", 1, "all-features"),
    (CARGO, "\"--cfg\"", "\"--all\"", 1, "rustdoc-args"),
    (CARGO, "docs.rs/some-vendor", "docs.rs/other", 1, "documentation"),
    (CARGO, "README.md", "READ.md", 1, "READ.md"),
    ("crates/some-vendor/LICENSE-MIT", "licence", "../../LICENSE-MIT", 1, "not that of the repository"),
    // Sources.
    (OPERATION, "rename = \"flatten\"", "flatten", 2, "flatten"),
    (OPERATION, "rename = \"flatten\"", "default, untagged", 2, "untagged"),
    (OPERATION, "serde(rename = \"flatten\")", "serde(\n    default,\n    tag = \"kind\"\n)", 2, "tag"),
    (OPERATION, "serde(rename = \"flatten\")", "cfg_attr(a, serde(content=\"c\"))", 2, "content"),
    (OPERATION, "RedactedText", "Option<Vec<String>>", 5, "A derives Debug"),
    (OPERATION, "RedactedText", "(Secret<String>, serde_json::Value)", 5, "A derives Debug"),
    (OPERATION, "Lenient<bool>", "Vec<u8>", 9, "B derives Debug"),
    (OPERATION, "'static", "'a", 9, "B derives Debug"),
    (OPERATION, "#[derive(Clone)]", "#[derive(Clone, Debug)]", 12, "C derives Debug"),
    (OPERATION, "struct D", "pub struct D", 14, "D derives Debug"),
    (OPERATION, "Name", "String", 18, "E derives Debug"),
    (OPERATION, "rename = \"e\"", "flatten", 17, "flatten"),
    (LIB, "mod auth", "#![expect(missing_docs)]\nmod auth", 2, "lint"),
    // Links.
    ("README.md", LINK, "[x](docs/c.md)", 3, "there is no docs/c.md"),
    ("README.md", LINK, "[x](docs/b.md#three)", 3, "no heading #three"),
    ("README.md", LINK, "[x](#b)", 3, "no heading #b"),
    ("README.md", LINK, "[x](../x.md)", 3, "leaves"),
    ("README.md", LINK, "[x](/docs/b.md)", 3, "leaves"),
];

#[test]
fn each_edit_breaks_one_rule() {
    for (file, from, to, line, word) in EDITS {
        let found = replaced(file, from, to);
        let is_it = |found: &String| found.starts_with(&format!("{file}:{line}: ")) && found.contains(word);
        assert!(found.len() == 1 && found.iter().all(is_it), "{file}, {from} → {to}: {found:?}");
    }
}

#[test]
fn what_is_allowed_is_no_violation() {
    for (file, from, to) in [
        (OPERATION, "serde(rename = \"flatten\")", "command(flatten)"),
        (OPERATION, "RedactedText", "Pii<String>"),
        (LIB, "//! A", "//! `#![allow(missing_docs)]`"),
        (LIB, "mod auth", "#[allow(missing_docs)]\nmod auth"),
        (CARGO, "chores = { path = \"../../chores\" }", "serde = \"1\""),
    ] {
        assert_eq!(replaced(file, from, to), [""; 0], "{file} {to}");
    }
}

#[test]
fn missing_and_unknown_files_are_found() {
    let vendor = |file: &str| format!("crates/some-vendor/{file}");
    // The file, the violation's file if the first is removed, and a word of the violation.
    for (file, removed, word) in [
        ("src/auth.rs", Some("src/auth.rs"), "missing"),
        ("src/util.rs", None, "not a file name"),
        ("src/operations/look.rs", Some("src/operations"), "contains no operation"),
        ("tests/main.rs", Some("tests/main.rs"), "missing"),
        ("LICENSE-MIT", Some("LICENSE-MIT"), "missing"),
        ("tests/tokens/mod.rs", None, "add `mod tokens;` to crates/some-vendor/tests/main.rs"),
        ("tests/lost/inner.rs", None, "add `mod inner;` to crates/some-vendor/tests/lost.rs"),
        ("tests/faults/new.rs", None, "add `mod new;` to crates/some-vendor/tests/faults.rs"),
    ] {
        let found = found(|root| match removed {
            Some(_) => fs::remove_file(root.join(vendor(file))).unwrap(),
            None => put(root, &vendor(file), ""),
        });
        let place = format!("{}:1: ", vendor(removed.unwrap_or(file)));
        let is_it = |found: &String| found.starts_with(&place) && found.contains(word);
        assert!(found.len() == 1 && found.iter().all(is_it), "{file}: {found:?}");
    }
    for shared in ["Cargo.toml", ".github/workflows/ci.yml"] {
        let named = found(|root| put(root, shared, "# some-vendor\n"));
        assert_eq!(named, [format!("{shared}:1: must name no vendor, but names some-vendor")]);
    }
}
