//! What Cellere adds to the sandbox and its builder.

use super::{CellereControl, TOKEN, base_url};
use crate::{Sandbox, SandboxBuilder};

impl Sandbox {
    /// The token of Cellere's only customer here. It has the form of a JWT and expires in 2100.
    pub const CELLERE_TOKEN: &str = TOKEN;

    /// Returns the base URL for a Cellere client, such as `http://127.0.0.1:41234/cellere`.
    #[must_use]
    pub fn cellere_url(&self) -> String {
        base_url(&self.url())
    }

    /// Returns Cellere's counters, faults and credits.
    #[must_use]
    pub fn cellere(&self) -> &CellereControl {
        &self.vendors.cellere
    }
}

impl SandboxBuilder {
    /// Sets the initial number of credits at Cellere; a thousand by default.
    #[must_use]
    pub fn cellere_credits(mut self, credits: u64) -> Self {
        self.vendors.cellere.credits = credits;
        self
    }
}
