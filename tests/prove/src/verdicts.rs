//! `prove verdicts`: nothing but a favourable value in every decisive place makes a response favourable.

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use kyc_core::{Vendor, VerdictRule};
use test_support::verdicts::check;

/// Every vendor's rules.
const RULES: [(Vendor, &[VerdictRule]); 4] = [
    (bankly_kyc::VENDOR, bankly_kyc::VERDICT_RULES),
    (cellere_portal::VENDOR, cellere_portal::VERDICT_RULES),
    (certiface::VENDOR, certiface::VERDICT_RULES),
    (clearsale_facematch::VENDOR, clearsale_facematch::VERDICT_RULES),
];

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
    for (vendor, rules) in RULES {
        for rule in rules {
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
