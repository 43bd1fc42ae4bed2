//! What the help of each command ends with.

use kyc_br::INTEGRATIONS;
use kyc_br::config::Section;

use super::wrap::{columns, wrap};
use crate::messages::text;
use crate::outcome::Outcome;

/// The width of the help without a terminal.
const COLUMNS: usize = 100;

/// The width of the column of codes.
const CODE_WIDTH: usize = 7;

/// Returns the width of the help.
pub(crate) fn help_columns() -> usize {
    columns().unwrap_or(COLUMNS)
}

/// Breaks a line of the help that starts at the column `indent`.
pub(crate) fn help_line(line: &str, indent: usize) -> String {
    let line = format!("{:indent$}{line}", "");
    wrap(&line, indent, Some(help_columns())).trim_start().to_owned()
}

/// Returns the variables and the exit codes.
pub(crate) fn help() -> String {
    let t = text();
    let line = |outcome: &Outcome| {
        let line = format!("  {:>3}  {}", outcome.code(), outcome.meaning(t));
        // The parser would continue the line below the code.
        format!("\n{}", wrap(&line, CODE_WIDTH, Some(help_columns())))
    };
    let codes: String = Outcome::ALL.iter().map(line).collect();
    let prefixes = INTEGRATIONS.iter().map(|vendor| format!("KYC_{}_*", vendor.key().to_ascii_uppercase()));
    let sections = Section::ALL.iter().map(|section| format!("KYC_{}_*", section.key().to_ascii_uppercase()));
    let environment = t.help.environment.replace("{VENDORS}", &prefixes.collect::<Vec<_>>().join(", "));
    let environment = environment.replace("{SECTIONS}", &sections.collect::<Vec<_>>().join(", "));
    format!("{environment}\n\n{}{codes}", t.help.exit_codes)
}
