//! What a part of a proof found.

use comfy_table::{Table, presets::ASCII_MARKDOWN};
use serde::{Deserialize, Serialize};

/// One part of a proof: a table of figures, and what did not hold.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) title: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) faults: Vec<String>,
    /// What this machine does not allow.
    pub(crate) untried: Vec<String>,
}

impl Part {
    pub(crate) fn new<const N: usize>(title: &str, header: [&str; N]) -> Self {
        Self { title: title.to_owned(), header: header.map(str::to_owned).to_vec(), ..Self::default() }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    pub(crate) fn check(&mut self, holds: bool, fault: impl Into<String>) {
        if !holds {
            self.faults.push(format!("{}: {}", self.title, fault.into()));
        }
    }

    /// Prints the part. In the full form, what was not tried is a fault.
    pub(crate) fn conclude(self, short: bool, faults: &mut Vec<String>) {
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(&self.header);
        table.add_rows(&self.rows);
        println!("{}\n\n{table}\n", self.title);
        for untried in &self.untried {
            println!("not tried: {untried}\n");
        }
        faults.extend(self.faults);
        if !short {
            faults.extend(self.untried.into_iter().map(|untried| format!("not tried: {untried}")));
        }
    }
}
