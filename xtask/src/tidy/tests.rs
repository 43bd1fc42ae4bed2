//! A small repository without violations, and a table of changes that break one rule each.

use std::fs;
use std::path::Path;

use super::violations;

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

const TESTS: [&str; 12] = [
    "answers",
    "bad_input",
    "coverage",
    "errors",
    "faults",
    "fidelity",
    "integration",
    "more",
    "requests",
    "sentinels",
    "support",
    "verdicts",
];

const SOURCES: [&str; 8] =
    ["auth", "client", "config", "error", "integration", "model", "operations", "webhook"];

fn put(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn tidy(root: &Path) {
    let private =
        |name: &str| format!("[package]\nname = \"{name}\"\npublish = false\n[lints]\nworkspace = true\n");
    let vendor = |file: &str| format!("crates/some-vendor/{file}");
    for file in [
        "LICENSE-MIT".to_owned(),
        "LICENSE-APACHE".to_owned(),
        vendor("LICENSE-MIT"),
        vendor("LICENSE-APACHE"),
    ] {
        put(root, &file, "licence");
    }
    put(
        root,
        "README.md",
        "# A\n\n[b](docs/b.md#two-words) [c](crates/some-vendor) [e](https://e.example)\n",
    );
    put(
        root,
        "docs/b.md",
        "# B\n\n## Two `words`!\n\n## Two words\n\n[up](../README.md#a) [again](#two-words-1)\n",
    );
    put(root, "README.pt-BR.md", "some-vendor\n");
    put(root, "Cargo.toml", "");
    put(root, "chores/Cargo.toml", &private("chores"));
    put(root, "crates/kyc-br/Cargo.toml", &(private("kyc-br") + FACADE));
    put(root, "crates/kyc-core/Cargo.toml", &private("kyc-core"));
    put(root, "crates/kyc-core/src/lib.rs", "");
    put(root, "crates/kyc-core/src/main.rs", "#![allow(clippy::print_stdout)]\nfn main() {}\n");
    put(root, "crates/kyc-core/tests/alone.rs", "// Cargo finds it.\n");
    put(root, &vendor("Cargo.toml"), MANIFEST);
    put(root, &vendor("README.md"), "# V\n\n[type](crate::Type)\n");
    for file in SOURCES {
        put(root, &vendor(&format!("src/{file}.rs")), "//! Not serde(flatten).\n");
    }
    put(root, &vendor("src/lib.rs"), &format!("//! A\nmod auth;\n{}\n", super::layout::VENDOR));
    put(root, &vendor("src/capabilities.rs"), "#[cfg_attr(feature = \"schema\", derive(S))]\nstruct A;\n");
    put(root, &vendor("src/verdicts.rs"), "");
    put(root, &vendor("src/operations/look.rs"), LOOK);
    put(root, &vendor("tests/main.rs"), &TESTS.map(|test| format!("mod {test};\n")).concat());
    for test in TESTS {
        put(root, &vendor(&format!("tests/{test}.rs")), "");
    }
    put(root, &vendor("tests/faults.rs"), "mod late;\n");
    put(root, &vendor("tests/faults/late.rs"), "");
    put(root, &vendor("tests/support/notes.md"), "");
}

/// Returns the violations after a change of the repository.
fn found(change: impl FnOnce(&Path)) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    tidy(root.path());
    change(root.path());
    violations(root.path()).unwrap().iter().map(ToString::to_string).collect()
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
        let found = found(|root| {
            let text = fs::read_to_string(root.join(file)).unwrap();
            assert!(text.contains(from), "{file} {from}");
            put(root, file, &text.replace(from, to));
        });
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
        let found = found(|root| {
            let text = fs::read_to_string(root.join(file)).unwrap();
            put(root, file, &text.replace(from, to));
        });
        assert_eq!(found, [""; 0], "{file} {to}");
    }
}

#[test]
fn missing_and_unknown_files_are_found() {
    let vendor = |file: &str| format!("crates/some-vendor/{file}");
    // The file, whether it is removed, the violation's file, and a word of it.
    for (file, is_removed, place, word) in [
        ("src/auth.rs", true, "src/auth.rs", "missing"),
        ("src/util.rs", false, "src/util.rs", "not a file name"),
        ("src/operations/look.rs", true, "src/operations", "contains no operation"),
        ("tests/main.rs", true, "tests/main.rs", "missing"),
        ("LICENSE-MIT", true, "LICENSE-MIT", "missing"),
        (
            "tests/tokens/mod.rs",
            false,
            "tests/tokens/mod.rs",
            "add `mod tokens;` to crates/some-vendor/tests/main.rs",
        ),
        (
            "tests/lost/inner.rs",
            false,
            "tests/lost/inner.rs",
            "add `mod inner;` to crates/some-vendor/tests/lost.rs",
        ),
        (
            "tests/faults/new.rs",
            false,
            "tests/faults/new.rs",
            "add `mod new;` to crates/some-vendor/tests/faults.rs",
        ),
    ] {
        let found = found(|root| match is_removed {
            true => fs::remove_file(root.join(vendor(file))).unwrap(),
            false => put(root, &vendor(file), ""),
        });
        let is_it =
            |found: &String| found.starts_with(&format!("{}:1: ", vendor(place))) && found.contains(word);
        assert!(found.len() == 1 && found.iter().all(is_it), "{file}: {found:?}");
    }
    for shared in ["Cargo.toml", ".github/workflows/ci.yml"] {
        let named = found(|root| put(root, shared, "# some-vendor\n"));
        assert_eq!(named, [format!("{shared}:1: must name no vendor, but names some-vendor")]);
    }
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_not_a_licence() {
    let licence = "crates/some-vendor/LICENSE-APACHE";
    let dangling = found(|root| {
        fs::remove_file(root.join(licence)).unwrap();
        std::os::unix::fs::symlink("../../NOWHERE", root.join(licence)).unwrap();
    });
    assert!(dangling.len() == 1 && dangling[0].contains("a dangling link"), "{dangling:?}");
}
