//! A vendor's part of the page docs/coverage.md.

use std::fmt::Write as _;

use super::Proof;
use super::page::{Body, Item, Page, Row};

/// Returns the vendor's row of the summary, and its section.
pub(super) fn section(vendor: &str, page: &Page, proofs: &[Proof]) -> String {
    let mut counts = [0; 8];
    for (row, proof) in page.rows.iter().zip(proofs) {
        counts[match row.item {
            Item::Operation { .. } => 0,
            Item::Field { body: Body::Request(_), .. } => 1,
            Item::Field { .. } => 2,
            Item::Value { .. } => 3,
            Item::Fact { kind: "header", operation: Some(_), .. } => 4,
            Item::Fact { operation: Some(_), .. } => 5,
            Item::Fact { .. } => 6,
        }] += 1;
        counts[7] += usize::from(proof.is_err());
    }
    let mut out = format!("| [{}](vendors/{}.md) |", page.title, vendor);
    counts.iter().for_each(|count| out += &format!(" {count} |"));
    let _ = writeln!(out, "\n\n## {}", page.title);
    for head in
        ["operation | method and path", "body | field | table | fixtures", "list | value", "kind | fact"]
    {
        let mut cells: Vec<_> = page
            .rows
            .iter()
            .zip(proofs)
            .map(|(row, proof)| (cells(row), state(proof)))
            .filter(|((of, ..), _)| *of == head)
            .collect();
        // The fields of a body stand together, in the order of their first ones.
        let places: Vec<_> = cells.iter().map(|((.., group, _), _)| group.clone()).collect();
        cells.sort_by_key(|((.., group, _), _)| places.iter().position(|other| other == group));
        if !cells.is_empty() {
            let columns = head.matches('|').count() + 2;
            let _ = writeln!(out, "\n| {head} | state |\n|{}", " --- |".repeat(columns));
        }
        for ((_, group, rest), state) in cells {
            let _ = writeln!(out, "| {group} | {rest} | {state} |");
        }
    }
    out
}

/// Returns the head of a row's table, and its cells.
fn cells(row: &Row) -> (&'static str, String, String) {
    let name = row.name;
    match &row.item {
        Item::Operation { method, path, .. } => {
            let path = path.map(|path| format!(" {path}")).unwrap_or_default();
            ("operation | method and path", format!("`{name}`"), format!("`{method}{path}`"))
        }
        Item::Field { body, in_table, fixtures, .. } => {
            let body = match body {
                Body::Request(operation) => format!("request of `{operation}`"),
                Body::Answer(operation, status) => format!("{status} of `{operation}`"),
                Body::Event(event) => format!("event `{event}`"),
                Body::Shared(heading) => (*heading).to_owned(),
            };
            let table = if *in_table { "yes" } else { "no" };
            ("body | field | table | fixtures", body, format!("`{name}` | {table} | {fixtures}"))
        }
        Item::Value { list } => ("list | value", (*list).to_owned(), format!("`{name}`")),
        Item::Fact { kind, operation, .. } => {
            let of = operation.map(|operation| format!(" of `{operation}`")).unwrap_or_default();
            ("kind | fact", format!("{kind}{of}"), name.to_owned())
        }
    }
}

fn state(proof: &Proof) -> String {
    match proof {
        Ok(note) if note.is_empty() => "green".to_owned(),
        Ok(note) => format!("green, {note}"),
        Err(why) => format!("**open**: {why}"),
    }
    .replace('|', "\\|")
}
