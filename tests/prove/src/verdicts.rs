//! `prove verdicts`: nothing but a favourable value in every decisive place makes a response favourable.

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use kyc_br::INTEGRATIONS;
use test_support::verdicts::check;

pub(crate) fn run() -> Vec<String> {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header([
        "vendor",
        "capability",
        "leaf",
        "places",
        "changed payloads",
        "favourable, and said so",
    ]);
    let (mut changes, mut faults) = (0, Vec::new());
    for integration in INTEGRATIONS {
        let vendor = integration.vendor();
        for rule in integration.verdict_rules() {
            let report = check(vendor.name(), rule);
            for row in &report.rows {
                changes += row.changes;
                let figures = [row.places, row.changes, row.favourable].map(|number| number.to_string());
                let names = [vendor.name().to_owned(), rule.capability.to_owned(), row.leaf.clone()];
                table.add_row(names.into_iter().chain(figures));
            }
            faults.extend(report.faults);
        }
    }
    println!("{table}\n");
    if faults.is_empty() {
        println!(
            "verdict: held; {changes} changed payloads, none judged in the applicant's favour by anything unsaid"
        );
    }
    faults
}
