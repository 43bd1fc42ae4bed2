//! What Bankly adds to the sandbox and its builder.

use std::path::PathBuf;
use std::time::Duration;

use super::{BanklyControl, BanklyTls, CLIENT_ID, CLIENT_SECRET, COMPANY_KEY, base_url};
use crate::{Sandbox, SandboxBuilder};

impl Sandbox {
    /// The client id for which Bankly's tokens are issued here, by certificate and by secret.
    pub const BANKLY_CLIENT_ID: &str = CLIENT_ID;
    /// The client secret, for tokens of the older kind.
    pub const BANKLY_CLIENT_SECRET: &str = CLIENT_SECRET;
    /// The company key of Bankly's only partner here.
    pub const BANKLY_COMPANY_KEY: &str = COMPANY_KEY;

    /// Returns the base URL for a Bankly client, tokens included, such as `http://127.0.0.1:41234/bankly`. For TLS with
    /// client certificates see [`bankly_tls`](Self::bankly_tls).
    #[must_use]
    pub fn bankly_url(&self) -> String {
        base_url(&self.url())
    }

    /// Returns Bankly's mutual TLS listener, if [`SandboxBuilder::bankly_mutual_tls`] enabled it.
    #[must_use]
    pub fn bankly_tls(&self) -> Option<&BanklyTls> {
        self.vendors.bankly.tls.as_ref()
    }

    /// Returns Bankly's counters, faults and webhooks.
    #[must_use]
    pub fn bankly(&self) -> &BanklyControl {
        &self.vendors.bankly
    }
}

impl SandboxBuilder {
    /// Sets whether Bankly also listens for mutual TLS, on a free port of its own; see [`Sandbox::bankly_tls`]. Off by
    /// default.
    #[must_use]
    pub fn bankly_mutual_tls(mut self, enabled: bool) -> Self {
        self.vendors.bankly.mutual_tls = enabled;
        self
    }

    /// Does the same, and writes `authority.pem`, `client.pem` and `client-key.pem` to a directory. On Unix only the
    /// owner can read the key.
    #[must_use]
    pub fn bankly_tls_files(mut self, directory: impl Into<PathBuf>) -> Self {
        self.vendors.bankly.tls_directory = Some(directory.into());
        self
    }

    /// Sets how long Bankly analyses an image, three seconds by default; see [`BanklyControl::analysis_delay`].
    #[must_use]
    pub fn bankly_analysis_delay(mut self, delay: Duration) -> Self {
        self.vendors.bankly.analysis_delay = delay;
        self
    }

    /// Sets the lifetime of Bankly's tokens; an hour by default.
    #[must_use]
    pub fn bankly_token_life(mut self, life: Duration) -> Self {
        self.vendors.bankly.token_life = life;
        self
    }
}
