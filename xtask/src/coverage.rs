//! `cargo xtask coverage`: docs/coverage.md, a row for each item of a vendor's page.
//!
//! This package reads the pages ([`page`]) and writes the result ([`render`]). The package `drift` in tests/drift runs the
//! crates and decides whether a row is green. A row may be open only if the vendor's file there lists it as a gap, or if the
//! vendor has no crate yet.

pub(crate) mod page;
mod render;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use crate::outputs::Outputs;
use crate::{drift, fixtures};
use page::{Body, Documented};
use render::Section;

const PAGE: &str = "docs/coverage.md";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Writes nothing and fails if the page would change.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    let sections = sections(root)?;
    let mut outputs = Outputs::default();
    outputs.file(PAGE, render::page(&sections));
    let written = if args.check { outputs.check(root, "cargo xtask coverage") } else { outputs.write(root) };
    // The reason of an open row is more useful than the difference of the page.
    faults(&sections)?;
    written?;
    let verdicts = || sections.iter().flat_map(|section| &section.verdicts);
    let open = verdicts().filter(|verdict| verdict.open.is_some()).count();
    println!("{} row(s), {open} open", verdicts().count());
    Ok(())
}

/// The result for a row.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The row as messages name it.
    row: String,
    pub(crate) open: Option<String>,
    /// Whether this is the expected state.
    expected: bool,
    pub(crate) note: Option<String>,
}

pub(crate) type Verdicts = Vec<Verdict>;

fn sections(root: &Path) -> Result<Vec<Section>> {
    let mut sections = Vec::new();
    for vendor in fixtures::read_pages(root)? {
        let text = fs::read_to_string(root.join(&vendor.path))
            .with_context(|| format!("cannot read {}", vendor.path))?;
        let mut documented = page::parse(&vendor.path, &text)?;
        page::check_fixtures(&vendor.path, &text, &vendor.blocks)?;
        for block in &vendor.blocks {
            documented.add_fixture(block, &payload(&fixtures::fixture(block)?)?);
        }
        let rows = rows(&documented);
        let verdicts = if root.join("crates").join(&vendor.vendor).is_dir() {
            prove(root, &vendor.vendor, &rows)?
        } else {
            let open = || Some("there is no crate yet".to_owned());
            rows.iter()
                .map(|_| Verdict { row: String::new(), open: open(), expected: true, note: None })
                .collect()
        };
        let page = format!("{}.md", vendor.vendor);
        sections.push(Section { title: vendor.title, page, documented, verdicts });
    }
    Ok(sections)
}

/// Returns a fixture's body as a tree; a form is an object of texts.
fn payload(fixture: &fixtures::Fixture<'_>) -> Result<Value> {
    match fixture.media {
        fixtures::Media::Json => serde_json::from_str(&fixture.body).context("a fixture is not JSON"),
        fixtures::Media::Empty => Ok(Value::Null),
        fixtures::Media::Form => {
            let fields = fixture.body.lines().filter_map(|line| line.split_once('='));
            Ok(Value::Object(
                fields.map(|(key, value)| (key.to_owned(), value.into())).collect::<Map<_, _>>(),
            ))
        }
    }
}

/// Returns the rows as input of `drift`.
fn rows(documented: &Documented) -> Vec<Value> {
    let mut rows = Vec::new();
    for operation in &documented.operations {
        let (name, method, path) = (&operation.name, &operation.method, &operation.path);
        rows.push(json!({ "kind": "operation", "of": name, "method": method, "path": path }));
    }
    for (body, fields) in &documented.bodies {
        for field in fields {
            let (name, sample) = (&field.name, &field.sample);
            rows.push(match body {
                Body::Request(of) => json!({ "kind": "request", "of": of, "name": name }),
                Body::Answer(of, status) => {
                    json!({ "kind": "answer", "of": of, "status": status, "name": name, "sample": sample })
                }
                Body::Event(of) => json!({ "kind": "event", "of": of, "name": name, "sample": sample }),
                Body::Shared(of) => json!({ "kind": "shared", "of": of, "name": name, "sample": sample }),
            });
        }
    }
    for (list, values) in &documented.lists {
        rows.extend(values.iter().map(|value| json!({ "kind": "code", "of": list, "name": value })));
    }
    rows
}

fn prove(root: &Path, vendor: &str, rows: &[Value]) -> Result<Verdicts> {
    let output = drift::run(root, "coverage", &json!({ "vendor": vendor, "rows": rows }))?;
    let text = |verdict: &Value, key: &str| verdict[key].as_str().map(str::to_owned);
    let verdict = |verdict: &Value| {
        let expected = verdict["expected"].as_bool()?;
        let (open, note) = (text(verdict, "open"), text(verdict, "note"));
        Some(Verdict { row: text(verdict, "row")?, open, expected, note })
    };
    let verdicts: Option<Vec<_>> =
        output.as_array().and_then(|verdicts| verdicts.iter().map(verdict).collect());
    let verdicts = verdicts.context("drift's output is not a list of verdicts")?;
    ensure!(
        verdicts.len() == rows.len(),
        "drift judged {} of {} rows of {vendor}",
        verdicts.len(),
        rows.len()
    );
    Ok(verdicts)
}

/// Fails, with each row, if one is not in its expected state.
fn faults(sections: &[Section]) -> Result<()> {
    let mut count = 0;
    for section in sections {
        for verdict in section.verdicts.iter().filter(|verdict| !verdict.expected) {
            let why = verdict.open.as_ref().or(verdict.note.as_ref()).map_or("", String::as_str);
            eprintln!("open: {}: {}: {why}", section.page.trim_end_matches(".md"), verdict.row);
            count += 1;
        }
    }
    if count > 0 {
        bail!("{count} row(s) of {PAGE} are not in their expected state");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Acme\n\n| operation | method and path | section |\n| --- | --- | --- |\n\
        | `login` | `POST /login` | [Login](#login) |\n\n## Login\n\n| request field | type |\n| --- | --- |\n\
        | `user` | string |\n\n## States\n\n| value | meaning |\n| --- | --- |\n| `Open` | open |\n";

    fn section(verdicts: Verdicts) -> Section {
        let documented = page::parse("acme.md", TEXT).unwrap();
        Section { title: "Acme".into(), page: "acme.md".into(), documented, verdicts }
    }

    fn verdict(open: Option<&str>, expected: bool, note: Option<&str>) -> Verdict {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Verdict { row: "row".into(), open: own(open), expected, note: own(note) }
    }

    #[test]
    fn rows_are_proved_in_the_order_of_the_page() {
        let rows = rows(&page::parse("acme.md", TEXT).unwrap());
        assert_eq!(rows.len(), 3);
        assert_eq!(
            rows[0],
            json!({ "kind": "operation", "of": "login", "method": "POST", "path": "/login" })
        );
        assert_eq!(rows[1], json!({ "kind": "request", "of": "login", "name": "user" }));
        assert_eq!(rows[2], json!({ "kind": "code", "of": "States", "name": "Open" }));
    }

    #[test]
    fn the_page_shows_each_state_and_counts_the_open_rows() {
        let verdicts = vec![
            verdict(None, true, None),
            verdict(Some("a | b"), true, Some("the vendor took it back")),
            verdict(None, true, Some("beside `id`")),
        ];
        let page = render::page(&[section(verdicts)]);
        for line in [
            "| [Acme](vendors/acme.md) | 1 | 1 | 0 | 1 | 1 |",
            "| `login` | `POST /login` | green |",
            "| request of `login` | `user` | yes | 0 | **open**: a \\| b; the vendor took it back |",
            "| States | `Open` | green, beside `id` |",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
    }

    #[test]
    fn an_open_row_fails_unless_it_is_expected() {
        assert!(
            faults(&[section(vec![verdict(Some("gap"), true, None), verdict(None, true, None)])]).is_ok()
        );
        assert!(faults(&[section(vec![verdict(Some("lost"), false, None)])]).is_err());
        assert!(faults(&[section(vec![verdict(None, false, Some("but proven"))])]).is_err());
    }
}
