//! A small repository that is tidy, and each rule broken once in it.

use std::fs;
use std::path::Path;

use super::violations;

const MANIFEST: &str = "\
[package]
name = \"some-vendor\"
description = \"Unofficial client of somebody\"
license.workspace = true
repository.workspace = true
rust-version.workspace = true
documentation = \"https://docs.rs/some-vendor\"
readme = \"README.md\"
include = [\"src/**\"]

[package.metadata.docs.rs]
all-features = true
rustdoc-args = [\"--cfg\", \"docsrs\"]

[dev-dependencies]
chores = { path = \"../../chores\" }
";

fn put(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn tidy(root: &Path) {
    put(root, "LICENSE-MIT", "mit");
    put(root, "LICENSE-APACHE", "apache");
    put(
        root,
        "README.md",
        "# A\n\n[b](docs/b.md#two-words) [c](crates/some-vendor) [d](#a) [e](https://e.example)\n",
    );
    put(
        root,
        "docs/b.md",
        "# B\n\n## Two `words`!\n\n## Two words\n\n[up](../README.md#a) [again](#two-words-1)\n",
    );
    put(root, "chores/Cargo.toml", "[package]\nname = \"chores\"\npublish = false\n");
    let vendor = "crates/some-vendor";
    put(root, &format!("{vendor}/Cargo.toml"), MANIFEST);
    put(root, &format!("{vendor}/README.md"), "# V\n\n[type](crate::Type)\n");
    put(root, &format!("{vendor}/LICENSE-MIT"), "mit");
    put(root, &format!("{vendor}/LICENSE-APACHE"), "apache");
    for file in ["auth", "capabilities", "client", "config", "error", "lib", "model", "operations", "webhook"]
    {
        put(root, &format!("{vendor}/src/{file}.rs"), "//! Not println! nor Instant::now.\n");
    }
    put(
        root,
        &format!("{vendor}/src/operations/look.rs"),
        "#[derive(Serialize)]\n#[serde(rename = \"tag = flatten\")]\nstruct A { content: B }\n\
         #[cfg(test)]\nmod tests {\n    fn f() { println!(\"{:?}\", Instant::now()); }\n}\n",
    );
    put(root, "crates/kyc-core/Cargo.toml", "[package]\nname = \"kyc-core\"\npublish = false\n");
    put(root, "crates/kyc-core/src/lib.rs", "");
    put(root, "crates/kyc-core/src/time.rs", "fn now() { Instant::now(); }\n");
    put(
        root,
        "crates/kyc-core/src/main.rs",
        "#![allow(clippy::print_stdout)]\nfn main() { println!(\"x\"); }\n",
    );
}

/// What is found after a change to the tidy repository.
fn found(change: impl FnOnce(&Path)) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    tidy(root.path());
    change(root.path());
    violations(root.path()).unwrap().iter().map(ToString::to_string).collect()
}

/// What is found after one text in one file was replaced by another.
fn replaced(file: &str, from: &str, to: &str) -> Vec<String> {
    found(|root| {
        let text = fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(from));
        put(root, file, &text.replace(from, to));
    })
}

/// One violation, at that place and with that word in it.
fn one(found: &[String], place: &str, word: &str) {
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("{place}: ")) && found[0].contains(word), "{}", found[0]);
}

#[test]
fn a_tidy_repository_has_no_violation() {
    assert_eq!(found(|_| ()), [] as [&str; 0]);
}

#[test]
fn vendors_files_have_the_same_names() {
    let src = "crates/some-vendor/src";
    one(
        &found(|root| fs::remove_file(root.join(src).join("auth.rs")).unwrap()),
        &format!("{src}/auth.rs:1"),
        "missing",
    );
    one(
        &found(|root| put(root, &format!("{src}/util.rs"), "")),
        &format!("{src}/util.rs:1"),
        "not a file name",
    );
    let empty = found(|root| fs::remove_dir_all(root.join(src).join("operations")).unwrap());
    one(&empty, &format!("{src}/operations:1"), "no operation");
}

#[test]
fn dev_dependencies_of_ours_are_paths() {
    let file = "crates/some-vendor/Cargo.toml";
    let path = "chores = { path = \"../../chores\" }";
    for other in [
        "chores.workspace = true",
        "chores = \"0.1\"",
        "chores = { path = \"../../chores\", version = \"0.1\" }",
        "tools = { package = \"chores\", workspace = true }",
    ] {
        one(&replaced(file, path, other), &format!("{file}:16"), "without a version");
    }
    let of_a_platform = format!("[target.'cfg(unix)'.dev-dependencies]\nchores = \"0.1\"\n[other]\n{path}");
    one(&replaced(file, path, &of_a_platform), &format!("{file}:17"), "without a version");
    assert_eq!(replaced(file, path, "serde = \"1\""), [] as [&str; 0]);
}

#[test]
fn blinding_serde_attributes_are_found() {
    let file = "crates/some-vendor/src/operations/look.rs";
    let from = "#[serde(rename = \"tag = flatten\")]";
    for (to, line, word) in [
        ("#[serde(flatten)]", 2, "flatten"),
        ("#[serde(default, untagged)]", 2, "untagged"),
        ("#[serde(\n    tag = \"kind\"\n)]", 3, "tag"),
        ("#[cfg_attr(a, serde(content=\"c\"))]", 2, "content"),
    ] {
        one(&replaced(file, from, to), &format!("{file}:{line}"), word);
    }
    assert_eq!(replaced(file, from, "#[command(flatten)]"), [] as [&str; 0]);
}

#[test]
fn clocks_prints_and_lints_are_found() {
    let file = "crates/some-vendor/src/client.rs";
    for (line, word) in [
        ("let a = std::time::Instant::now();", "Instant::now"),
        ("let a = SystemTime::now;", "SystemTime::now"),
        ("let a = jiff::Timestamp::now();", "Timestamp::now"),
        ("println!(\"a\");", "println!"),
        ("eprintln!(\"a\");", "eprintln!"),
        ("dbg!(a);", "dbg!"),
        ("#![allow(missing_docs)]", "lint"),
    ] {
        one(&found(|root| put(root, file, &format!("//! A\n{line}\n"))), &format!("{file}:2"), word);
    }
}

#[test]
fn links_lead_somewhere() {
    for (link, word) in [
        ("docs/c.md", "there is no docs/c.md"),
        ("docs/b.md#three", "no heading #three"),
        ("#b", "no heading #b"),
        ("../x.md", "leaves"),
        ("/docs/b.md", "leaves"),
    ] {
        one(&replaced("README.md", "#a)", &format!("#a) [x]({link})")), "README.md:3", word);
    }
}

#[test]
fn published_crates_are_complete() {
    let folder = "crates/some-vendor";
    let manifest = format!("{folder}/Cargo.toml");
    one(&replaced(&manifest, "Unofficial client", "A client"), &format!("{manifest}:3"), "unofficial");
    one(&replaced(&manifest, "license.workspace = true\n", ""), &format!("{manifest}:1"), "license");
    one(&replaced(&manifest, "include = [\"src/**\"]\n", ""), &format!("{manifest}:1"), "include");
    one(&replaced(&manifest, "all-features = true", ""), &format!("{manifest}:11"), "docs.rs");
    one(
        &replaced(&manifest, "docs.rs/some-vendor", "docs.rs/other"),
        &format!("{manifest}:7"),
        "documentation",
    );
    one(&replaced(&manifest, "\"README.md\"", "\"READ.md\""), &format!("{manifest}:8"), "READ.md");
    let gone = found(|root| fs::remove_file(root.join(folder).join("LICENSE-MIT")).unwrap());
    one(&gone, &format!("{folder}/LICENSE-MIT:1"), "missing");
    let text = found(|root| put(root, &format!("{folder}/LICENSE-MIT"), "../../LICENSE-MIT"));
    one(&text, &format!("{folder}/LICENSE-MIT:1"), "not the repository's");
    one(&replaced("chores/Cargo.toml", "publish = false\n", ""), "chores/Cargo.toml:1", "publish");
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_no_licence() {
    let licence = "crates/some-vendor/LICENSE-APACHE";
    let dangling = found(|root| {
        fs::remove_file(root.join(licence)).unwrap();
        std::os::unix::fs::symlink("../../NOWHERE", root.join(licence)).unwrap();
    });
    one(&dangling, &format!("{licence}:1"), "link to nothing");
}
