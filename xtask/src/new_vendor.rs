//! `cargo xtask new-vendor`: the skeleton of a vendor, copied from `xtask/templates`.
//!
//! The templates are a made-up vendor in the places of a real one, so that they are read and compiled as what they become. Its
//! names are replaced: `toy-faces` by the name of the crate, `toy` by the vendor's short name, in each spelling. `--check`
//! compiles a copy of the repository with a vendor that is made from them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cargo::{cargo, read, run as run_cargo};
use crate::outputs::{files_below, write_file};
use crate::{fixtures, openapi};

const TEMPLATES: &str = "xtask/templates";

const LICENCES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name of the crate, which is that of the vendor's product, such as `toy-faces`.
    #[arg(required_unless_present = "check", requires = "key")]
    name: Option<String>,
    /// The vendor's short name, such as `toy`: its feature, its table in kyc.toml, its variables `KYC_TOY_*`.
    #[arg(long)]
    key: Option<String>,
    /// Tests a vendor made from the templates in a copy of the repository below `target`, and writes nothing else.
    #[arg(long, conflicts_with = "name")]
    check: bool,
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let (Some(name), Some(key)) = (&args.name, &args.key) else { return check(root) };
    write(root, name, key)?;
    println!(
        "continue with \"Adding a vendor\" in docs/ARCHITECTURE.md; `cargo xtask tidy` names what is missing"
    );
    Ok(())
}

fn write(root: &Path, name: &str, key: &str) -> Result<()> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    ensure!(name.split('-').all(is_word) && !name.starts_with("kyc-"), "{name}: a name is words with dashes");
    ensure!(is_word(key), "{key}: a key is one word in lower case");
    let folder = format!("crates/{name}");
    ensure!(!root.join(&folder).exists(), "{folder} exists already");
    for file in files_below(root, TEMPLATES)? {
        let template = fs::read_to_string(root.join(&file)).with_context(|| format!("cannot read {file}"))?;
        let path = renamed(file.trim_start_matches(TEMPLATES).trim_start_matches('/'), name, key);
        let text = renamed(&template, name, key);
        // The order of imports depends on the name.
        let text = if path.ends_with(".rs") { fixtures::rust::format(&text)? } else { text };
        write_file(&root.join(&path), &text)?;
        println!("wrote {path}");
    }
    for licence in LICENCES {
        fs::copy(root.join(licence), root.join(&folder).join(licence))
            .with_context(|| format!("cannot copy {licence}"))?;
    }
    list(root, name, key)?;
    fixtures::run(root, &crate::outputs::Args::default())?;
    openapi::run(root, &crate::outputs::Args::default())
}

/// Replaces each spelling of the made-up vendor, the longer ones first.
fn renamed(text: &str, name: &str, key: &str) -> String {
    let title: Vec<_> = name.split('-').map(capital).collect();
    text.replace("toy-faces", name)
        .replace("toy_faces", &name.replace('-', "_"))
        .replace("Toy Faces", &title.join(" "))
        .replace("TOY", &key.to_ascii_uppercase())
        .replace("Toy", &capital(key))
        .replace("toy", key)
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_ascii_uppercase() + rest
}

const FACADE: &str = "crates/kyc-br/Cargo.toml";

/// The lists that a vendor stands in: a file, what each entry contains, and the entry of the made-up vendor. Entries are sorted.
const LISTS: &[(&str, &str, &str)] = &[
    (FACADE, "= [\"_vendor\", \"dep:", "toy = [\"_vendor\", \"dep:toy-faces\"]"),
    (FACADE, "default-features = false, optional = true }", DEPENDENCY),
    (
        "crates/kyc-br/src/vendors.rs",
        "    #[cfg(feature = \"",
        "    #[cfg(feature = \"toy\")] toy => toy_faces;",
    ),
    ("crates/kyc-sandbox/src/lib.rs", "pub mod ", "pub mod toy;"),
    ("crates/kyc-sandbox/src/vendors.rs", "Control,", "    toy: ToyControl,"),
];

const DEPENDENCY: &str = concat!(
    "toy-faces = { version = \"",
    env!("CARGO_PKG_VERSION"),
    "\", path = \"../toy-faces\", default-features = false, optional = true }"
);

/// Features of the facade that name every vendor: the start of a line, and the entry at its end.
const FEATURES: &[(&str, &str)] = &[("all-vendors = [", "\"toy\""), ("schema = [", "\"toy-faces?/schema\"")];

fn list(root: &Path, name: &str, key: &str) -> Result<()> {
    for (file, mark, entry) in LISTS {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
        let entry = renamed(entry, name, key);
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        let is_entry = |line: &String| line.contains(mark);
        let after = lines.iter().rposition(is_entry).with_context(|| format!("{file} has no list"))? + 1;
        let place = lines.iter().position(|line| is_entry(line) && *line > entry).unwrap_or(after);
        lines.insert(place, entry);
        for line in lines.iter_mut().filter(|_| *file == FACADE && mark.contains("dep:")) {
            if let Some((_, entry)) = FEATURES.iter().find(|(start, _)| line.starts_with(start)) {
                line.truncate(line.len() - 1);
                line.push_str(&format!(", {}]", renamed(entry, name, key)));
            }
        }
        fs::write(root.join(file), lines.join("\n") + "\n")
            .with_context(|| format!("cannot write {file}"))?;
        println!("added to {file}");
    }
    Ok(())
}

/// The files that git tracks or would add.
const LISTED: &[&str] = &["ls-files", "-z", "--cached", "--others", "--exclude-standard"];

fn check(root: &Path) -> Result<()> {
    let copy = root.join("target/new-vendor");
    if copy.exists() {
        fs::remove_dir_all(&copy).context("cannot remove the last copy")?;
    }
    let (tracked, _) = read(Command::new("git").args(LISTED).current_dir(root))?;
    for file in tracked.split_terminator('\0') {
        let target = copy.join(file);
        fs::create_dir_all(target.parent().unwrap_or(&copy))?;
        fs::copy(root.join(file), target).with_context(|| format!("cannot copy {file}"))?;
    }
    write(&copy, "made-up", "madeup")?;
    let shared = root.join("target");
    for arguments in [
        "clippy --quiet --all-features --package kyc-br --package kyc-sandbox --lib -- -D warnings",
        "clippy --quiet --all-features --all-targets --package made-up -- -D warnings",
        "test --quiet --all-features --package made-up",
    ] {
        println!("cargo {arguments}");
        run_cargo(cargo(&copy).args(arguments.split(' ')).env("CARGO_TARGET_DIR", &shared))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_is_renamed() {
        let text = "toy-faces toy_faces::Toy, Toy Faces, KYC_TOY_ID, [toy], crates/toy-faces/src/toy.rs";
        let wanted =
            "fast-kyc fast_kyc::Speedy, Fast Kyc, KYC_SPEEDY_ID, [speedy], crates/fast-kyc/src/speedy.rs";
        assert_eq!(renamed(text, "fast-kyc", "speedy"), wanted);
    }

    #[test]
    fn names_are_words() {
        let root = tempfile::tempdir().unwrap();
        let wrong =
            [("Fast", "fast"), ("fast-", "fast"), ("../fast", "fast"), ("kyc-fast", "fast"), ("fast", "a-b")];
        for (name, key) in wrong {
            assert!(write(root.path(), name, key).is_err(), "{name} {key}");
        }
    }
}
