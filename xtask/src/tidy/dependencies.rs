//! Dependencies that no source names. No compiler finds them, and every user builds them.

use std::path::Path;

use anyhow::Result;

use super::manifests::Manifest;
use super::sources::is_test;
use super::text::{code, is_word, places, without_tests};
use super::{Violation, crates, line_at, read};

/// What a library is called in code, where that is not its package's name.
const LIBRARIES: &[(&str, &str)] = &[("md-5", "md5")];

/// Of which crate, which one no source names, and why it is there: a feature of it, say.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    for name in crates(files) {
        let file = format!("crates/{name}/Cargo.toml");
        let text = read(root, &file)?;
        let manifest = Manifest::parse(&file, &text)?;
        if manifest.is_private() {
            continue;
        }
        let code = code_of(root, files, name)?;
        let excepted = |key: &str| EXCEPTIONS.iter().any(|(of, which, _)| *of == name && *which == key);
        for (key, _) in manifest.dependencies("dependencies") {
            let package: &str = key.get_ref();
            if !excepted(package) && !is_named(&code, &library(package)) {
                let what = format!(
                    "{package}: no source names it: take it out, or put it under [dev-dependencies] if tests do \
                     (exceptions stand in xtask/src/tidy/dependencies.rs)"
                );
                violations.push(Violation::new(&file, line_at(&text, key.span().start), what));
            }
        }
    }
    Ok(())
}

/// All that is built for users.
fn code_of(root: &Path, files: &[String], name: &str) -> Result<String> {
    let folder = format!("crates/{name}/src/");
    let sources =
        files.iter().filter(|file| file.starts_with(&folder) && file.ends_with(".rs") && !is_test(file));
    sources.map(|file| Ok(without_tests(&code(&read(root, file)?)))).collect()
}

fn library(package: &str) -> String {
    match LIBRARIES.iter().find(|(of, _)| *of == package) {
        Some((_, library)) => (*library).to_owned(),
        None => package.replace('-', "_"),
    }
}

/// As the beginning of a path or in a `use`: a variable or a field may have the same name.
fn is_named(code: &str, library: &str) -> bool {
    places(code, library).any(|at| {
        let (before, after) = (&code[..at], &code[at + library.len()..]);
        // What a path goes on with is a module of ours.
        let goes_on = before.strip_suffix("::").is_some_and(|path| path.bytes().last().is_some_and(is_word));
        let used = before.ends_with("use ") || before.ends_with("extern crate ");
        !goes_on && (used || after.starts_with("::"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_named_by_a_path_or_a_use() {
        for code in [
            "use http::Uri;",
            "pub use http;",
            "use http as h;",
            "extern crate http;",
            "fn f(uri: http::Uri) {}",
            "fn f() { ::http::f() }",
            "#[http::main]",
        ] {
            assert!(is_named(code, "http"), "{code}");
        }
        for code in ["let http = 1;", "self.http.send()", "use crate::http::Uri;", "use http_body::Body;", ""]
        {
            assert!(!is_named(code, "http"), "{code}");
        }
        assert_eq!([library("md-5"), library("http-body")], ["md5", "http_body"]);
    }
}
