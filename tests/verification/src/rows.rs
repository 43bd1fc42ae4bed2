//! Reports as lines of a table.

use std::fmt::Write as _;

use kyc_core::CheckKind;
use kyc_verify::{CaseReport, CheckState};

/// Returns the state of each check, and what each vendor that was asked says.
pub fn checks(report: &CaseReport) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let (name, state) = (check.check, check.state.as_str());
        let dispute = if check.is_disputed { " (disputed)" } else { "" };
        write!(text, "{name} {state}{dispute}").unwrap();
        let said: Vec<_> = check.vendors.iter().filter(|said| said.state != CheckState::NotOffered).collect();
        match said[..] {
            [alone] => write!(text, " {}", alone.reason.as_str()).unwrap(),
            _ => said.iter().for_each(|said| {
                let (vendor, reason) = (&said.vendor, said.reason.as_str());
                write!(text, ", {vendor} {} {reason}", said.state.as_str()).unwrap();
            }),
        }
        text.push_str("; ");
    }
    text.trim_end_matches("; ").to_owned()
}

/// Returns a report in one line, with the number of calls that the sandbox counted as paid.
pub fn row(report: &CaseReport, paid: u64) -> String {
    let rule = report.decision.as_ref().map_or("-", |decision| decision.rule.as_str());
    let mut text = format!("{} | {:?} {rule} | paid {paid}", checks(report), report.state);
    if u64::from(report.paid_calls) != paid || report.uncertain_calls > 0 {
        write!(text, ", told {}, uncertain {}", report.paid_calls, report.uncertain_calls).unwrap();
    }
    text
}

/// Returns the state of a check.
pub fn state_of(report: &CaseReport, check: CheckKind) -> CheckState {
    report.checks.iter().find(|result| result.check == check).map(|result| result.state).unwrap()
}
