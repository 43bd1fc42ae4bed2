//! A small repository without violations, in which each test breaks one rule.

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
autotests = false

[package.metadata.docs.rs]
all-features = true
rustdoc-args = [\"--cfg\", \"docsrs\"]

[dev-dependencies]
behaviour = { path = \"../../tests/behaviour\" }
chores = { path = \"../../chores\" }

[dependencies]
md-5 = \"0.11\"
serde = \"1\"

[[test]]
name = \"main\"

[lints]
workspace = true
";

const LINTS: &str = "[lints]\nworkspace = true\n";

const VENDOR: &str = "pub const VENDOR: Vendor = Vendor::new(env!(\"CARGO_PKG_NAME\"));";

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
    put(root, "chores/Cargo.toml", &format!("[package]\nname = \"chores\"\npublish = false\n{LINTS}"));
    let vendor = "crates/some-vendor";
    put(root, &format!("{vendor}/Cargo.toml"), MANIFEST);
    put(root, &format!("{vendor}/README.md"), "# V\n\n[type](crate::Type)\n");
    put(root, &format!("{vendor}/LICENSE-MIT"), "mit");
    put(root, &format!("{vendor}/LICENSE-APACHE"), "apache");
    for file in [
        "auth",
        "capabilities",
        "client",
        "config",
        "error",
        "lib",
        "model",
        "operations",
        "verdicts",
        "webhook",
    ] {
        put(root, &format!("{vendor}/src/{file}.rs"), "//! Not serde(flatten).\n");
    }
    put(
        root,
        &format!("{vendor}/src/lib.rs"),
        &format!("//! pub const VENDOR: nothing\nmod auth;\n{VENDOR}\n"),
    );
    put(root, &format!("{vendor}/src/capabilities.rs"), "impl FaceMatcher for Client {}\n");
    put(root, &format!("{vendor}/src/config.rs"), "use md5::Md5;\nuse serde::Deserialize;\n");
    let tests = [
        "answers",
        "bad_input",
        "coverage",
        "errors",
        "faults",
        "fidelity",
        "requests",
        "sentinels",
        "support",
        "verdicts",
    ];
    put(root, &format!("{vendor}/tests/main.rs"), &tests.map(|test| format!("mod {test};\n")).concat());
    for test in tests {
        put(root, &format!("{vendor}/tests/{test}.rs"), "");
    }
    put(root, &format!("{vendor}/tests/faults.rs"), "mod late;\n");
    put(root, &format!("{vendor}/tests/faults/late.rs"), "");
    put(root, &format!("{vendor}/tests/support/notes.md"), "");
    put(root, &format!("{vendor}/examples/look.rs"), "");
    put(
        root,
        &format!("{vendor}/src/operations/look.rs"),
        "#[derive(Serialize)]\n#[serde(rename = \"flatten\")]\nstruct A { content: B }\n",
    );
    put(
        root,
        "crates/kyc-core/Cargo.toml",
        &format!("[package]\nname = \"kyc-core\"\npublish = false\n{LINTS}"),
    );
    put(root, "crates/kyc-core/src/lib.rs", "");
    put(root, "crates/kyc-core/tests/alone.rs", "// Cargo finds it.\n");
    put(root, "crates/kyc-core/examples/wait/main.rs", "");
    put(root, "crates/kyc-core/examples/wait/look.rs", "");
    put(root, "crates/kyc-core/src/main.rs", "#![allow(clippy::print_stdout)]\nfn main() {}\n");
}

/// Returns the violations after a change of the repository.
fn found(change: impl FnOnce(&Path)) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    tidy(root.path());
    change(root.path());
    violations(root.path()).unwrap().iter().map(ToString::to_string).collect()
}

/// Returns the violations after replacing a text in a file.
fn replaced(file: &str, from: &str, to: &str) -> Vec<String> {
    found(|root| {
        let text = fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(from));
        put(root, file, &text.replace(from, to));
    })
}

/// Asserts that there is one violation, at that place and with that word.
fn one(found: &[String], place: &str, word: &str) {
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("{place}: ")) && found[0].contains(word), "{}", found[0]);
}

#[test]
fn a_repository_without_violations_passes() {
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
    one(&empty, &format!("{src}/operations:1"), "contains no operation");
}

#[test]
fn vendors_have_the_same_tests() {
    let crate_ = "crates/some-vendor";
    let gone = found(|root| {
        fs::remove_file(root.join(crate_).join("tests/sentinels.rs")).unwrap();
        put(root, &format!("{crate_}/tests/more.rs"), "");
        let main = fs::read_to_string(root.join(crate_).join("tests/main.rs")).unwrap();
        put(root, &format!("{crate_}/tests/main.rs"), &main.replace("mod sentinels;", "mod more;"));
    });
    one(&gone, &format!("{crate_}/tests/sentinels.rs:1"), "missing");
}

#[test]
fn uncompiled_tests_are_found() {
    let tests = "crates/some-vendor/tests";
    let main = format!("{tests}/main.rs");
    for left_out in ["", "// mod errors;", "mod errors {}", "mod errors_too;"] {
        let what = format!("add `mod errors;` to {main}");
        one(&replaced(&main, "mod errors;", left_out), &format!("{tests}/errors.rs:1"), &what);
    }
    let folder = found(|root| put(root, &format!("{tests}/tokens/mod.rs"), ""));
    one(&folder, &format!("{tests}/tokens/mod.rs:1"), &format!("add `mod tokens;` to {main}"));
    let inner = replaced(&format!("{tests}/faults.rs"), "mod late;", "");
    one(&inner, &format!("{tests}/faults/late.rs:1"), &format!("add `mod late;` to {tests}/faults.rs"));
    let above = found(|root| put(root, &format!("{tests}/lost/inner.rs"), ""));
    one(&above, &format!("{tests}/lost/inner.rs:1"), &format!("add `mod inner;` to {tests}/lost.rs"));

    let manifest = "crates/some-vendor/Cargo.toml";
    one(&replaced(manifest, "[[test]]\nname = \"main\"\n", ""), &format!("{main}:1"), "[[test]]");
    let second = "[[test]]\nname = \"main\"\n[[test]]\nname = \"slow\"\n";
    let named = found(|root| {
        put(root, manifest, &MANIFEST.replace("[[test]]\nname = \"main\"\n", second));
        put(root, &format!("{tests}/slow.rs"), "");
    });
    assert_eq!(named, [] as [&str; 0]);
    let by_cargo = found(|root| {
        put(root, manifest, &MANIFEST.replace("autotests = false\n", ""));
        put(root, &format!("{tests}/slow.rs"), "");
    });
    assert_eq!(by_cargo, [] as [&str; 0]);
}

#[test]
fn examples_have_names_of_their_own() {
    let what = "crates/kyc-core also has an example look";
    let twice = found(|root| put(root, "crates/kyc-core/examples/look.rs", ""));
    one(&twice, "crates/some-vendor/examples/look.rs:1", what);
    let in_a_folder = found(|root| put(root, "crates/kyc-core/examples/look/main.rs", ""));
    one(&in_a_folder, "crates/some-vendor/examples/look.rs:1", what);
}

#[test]
fn a_vendor_is_named_after_its_crate() {
    let file = "crates/some-vendor/src/lib.rs";
    for (other, line) in [
        (VENDOR.replace("env!(\"CARGO_PKG_NAME\")", "\"some-vendor\""), 3),
        (VENDOR.replace("pub", "pub(crate)"), 1),
        (format!("// {VENDOR}"), 1),
        (String::new(), 1),
    ] {
        one(&replaced(file, VENDOR, &other), &format!("{file}:{line}"), VENDOR);
    }
}

#[test]
fn capabilities_are_in_the_suite() {
    let (file, manifest) = ("crates/some-vendor/src/capabilities.rs", "crates/some-vendor/Cargo.toml");
    let none = found(|root| put(root, file, "//! impl FaceMatcher for Client {}\n"));
    one(&none, &format!("{file}:1"), "no trait for Client");
    let forgotten = replaced(manifest, "behaviour = { path = \"../../tests/behaviour\" }\n", "");
    one(&forgotten, &format!("{manifest}:1"), "has core traits");
}

#[test]
fn pages_name_every_vendor() {
    for page in ["CHANGELOG.md", "crates/kyc-cli/README.md"] {
        one(&found(|root| put(root, page, "# Some\n")), &format!("{page}:1"), "does not name some-vendor");
        assert_eq!(found(|root| put(root, page, "# some-vendor\n")), [] as [&str; 0]);
    }
}

#[test]
fn shared_manifests_name_no_vendor() {
    for shared in ["Cargo.toml", ".github/workflows/ci.yml"] {
        one(&found(|root| put(root, shared, "# some-vendor\n")), &format!("{shared}:1"), "names some-vendor");
    }
}

#[test]
fn dev_dependencies_on_our_crates_are_paths() {
    let file = "crates/some-vendor/Cargo.toml";
    let path = "chores = { path = \"../../chores\" }";
    for other in [
        "chores.workspace = true",
        "chores = \"0.1\"",
        "chores = { path = \"../../chores\", version = \"0.1\" }",
        "tools = { package = \"chores\", workspace = true }",
    ] {
        one(&replaced(file, path, other), &format!("{file}:18"), "without a version");
    }
    let of_a_platform = format!("[target.'cfg(unix)'.dev-dependencies]\nchores = \"0.1\"\n[other]\n{path}");
    one(&replaced(file, path, &of_a_platform), &format!("{file}:19"), "without a version");
    assert_eq!(replaced(file, path, "serde = \"1\""), [] as [&str; 0]);
}

#[test]
fn blinding_serde_attributes_are_found() {
    let file = "crates/some-vendor/src/operations/look.rs";
    let from = "#[serde(rename = \"flatten\")]";
    for (to, line, word) in [
        ("#[serde(flatten)]", 2, "flatten"),
        ("#[serde(default, untagged)]", 2, "untagged"),
        ("#[serde(\n    default,\n    tag = \"kind\"\n)]", 2, "tag"),
        ("#[cfg_attr(a, serde(content=\"c\"))]", 2, "content"),
    ] {
        one(&replaced(file, from, to), &format!("{file}:{line}"), word);
    }
    assert_eq!(replaced(file, from, "#[command(flatten)]"), [] as [&str; 0]);
}

#[test]
fn lints_disabled_for_a_whole_module_are_found() {
    let file = "crates/some-vendor/src/client.rs";
    for line in ["#![allow(missing_docs)]", "#![expect(missing_docs)]"] {
        one(&found(|root| put(root, file, &format!("//! A\n{line}\n"))), &format!("{file}:2"), "lint");
    }
    let item =
        found(|root| put(root, file, "//! `#![allow(missing_docs)]`\n#[allow(missing_docs)]\nfn a() {}\n"));
    assert_eq!(item, [] as [&str; 0]);
}

#[test]
fn packages_without_the_lints_of_the_workspace_are_found() {
    for file in ["crates/some-vendor/Cargo.toml", "chores/Cargo.toml"] {
        one(&replaced(file, LINTS, ""), &format!("{file}:1"), "[lints]");
    }
}

#[test]
fn links_to_missing_files_and_headings_are_found() {
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
    one(&replaced(&manifest, "all-features = true", ""), &format!("{manifest}:12"), "docs.rs");
    one(
        &replaced(&manifest, "docs.rs/some-vendor", "docs.rs/other"),
        &format!("{manifest}:7"),
        "documentation",
    );
    one(&replaced(&manifest, "\"README.md\"", "\"READ.md\""), &format!("{manifest}:8"), "READ.md");
    let gone = found(|root| fs::remove_file(root.join(folder).join("LICENSE-MIT")).unwrap());
    one(&gone, &format!("{folder}/LICENSE-MIT:1"), "missing");
    let text = found(|root| put(root, &format!("{folder}/LICENSE-MIT"), "../../LICENSE-MIT"));
    one(&text, &format!("{folder}/LICENSE-MIT:1"), "differs");
    one(&replaced("chores/Cargo.toml", "publish = false\n", ""), "chores/Cargo.toml:1", "publish");
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_not_a_licence() {
    let licence = "crates/some-vendor/LICENSE-APACHE";
    let dangling = found(|root| {
        fs::remove_file(root.join(licence)).unwrap();
        std::os::unix::fs::symlink("../../NOWHERE", root.join(licence)).unwrap();
    });
    one(&dangling, &format!("{licence}:1"), "dangling link");
}
