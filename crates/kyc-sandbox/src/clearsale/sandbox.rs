//! What ClearSale adds to the sandbox and its builder.

use std::time::Duration;

use super::{CLIENT_ID, CLIENT_SECRET, ClearsaleControl, ExpiresIn, base_url};
use crate::{Sandbox, SandboxBuilder};

impl Sandbox {
    /// The `clientId` that ClearSale's login accepts here.
    pub const CLEARSALE_CLIENT_ID: &str = CLIENT_ID;
    /// The `clientSecret` that ClearSale's login accepts here.
    pub const CLEARSALE_CLIENT_SECRET: &str = CLIENT_SECRET;

    /// Returns the base URL for a ClearSale client, such as `http://127.0.0.1:41234/clearsale`.
    #[must_use]
    pub fn clearsale_url(&self) -> String {
        base_url(&self.url())
    }

    /// Returns ClearSale's counters, faults and webhooks.
    #[must_use]
    pub fn clearsale(&self) -> &ClearsaleControl {
        &self.vendors.clearsale
    }
}

impl SandboxBuilder {
    /// Sets how long a ClearSale comparison stays `Processing`; 1.5 seconds by default.
    #[must_use]
    pub fn clearsale_match_delay(mut self, delay: Duration) -> Self {
        self.vendors.clearsale.match_delay = delay;
        self
    }

    /// Sets the lifetime of ClearSale's tokens; an hour by default.
    #[must_use]
    pub fn clearsale_token_life(mut self, life: Duration) -> Self {
        self.vendors.clearsale.token_life = life;
        self
    }

    /// Sets the form in which ClearSale's login states that lifetime.
    #[must_use]
    pub fn clearsale_expires_in(mut self, form: ExpiresIn) -> Self {
        self.vendors.clearsale.expires_in = form;
        self
    }
}
