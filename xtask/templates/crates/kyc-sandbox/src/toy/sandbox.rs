//! What Toy Faces adds to the sandbox.

use super::{CLIENT_ID, CLIENT_SECRET, ToyControl, base_url};
use crate::Sandbox;

impl Sandbox {
    /// The `clientId` that the login of Toy Faces accepts here.
    pub const TOY_CLIENT_ID: &str = CLIENT_ID;
    /// The `clientSecret` that the login of Toy Faces accepts here.
    pub const TOY_CLIENT_SECRET: &str = CLIENT_SECRET;

    /// Returns the base URL for a client of Toy Faces, such as `http://127.0.0.1:41234/toy`.
    #[must_use]
    pub fn toy_url(&self) -> String {
        base_url(&self.url())
    }

    /// Returns the counters, faults and webhooks of Toy Faces.
    #[must_use]
    pub fn toy(&self) -> &ToyControl {
        &self.vendors.toy
    }
}
