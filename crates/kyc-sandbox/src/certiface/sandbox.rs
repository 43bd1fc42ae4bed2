//! What Certiface adds to the sandbox and its builder.

use std::time::Duration;

use super::{CertifaceControl, PASSWORD, Provider, USER, base_url, result_base_url};
use crate::{Sandbox, SandboxBuilder};

impl Sandbox {
    /// The `user` that Certiface's `credencial` accepts here.
    pub const CERTIFACE_USER: &str = USER;
    /// The password; `credencial` expects its MD5.
    pub const CERTIFACE_PASSWORD: &str = PASSWORD;

    /// Returns the base URL for a Certiface client, for every operation except the result, such as
    /// `http://127.0.0.1:41234/certiface`. The vendor's paths, which begin with `/facecaptcha`, are appended to it.
    #[must_use]
    pub fn certiface_url(&self) -> String {
        base_url(&self.url())
    }

    /// Returns the base URL for Certiface's result, such as `http://127.0.0.1:41234/certiface-result`. It is separate
    /// because the vendor serves the result on another port.
    #[must_use]
    pub fn certiface_result_url(&self) -> String {
        result_base_url(&self.url())
    }

    /// Returns Certiface's counters, faults and webhooks.
    #[must_use]
    pub fn certiface(&self) -> &CertifaceControl {
        &self.vendors.certiface
    }
}

impl SandboxBuilder {
    /// Sets the lifetime of Certiface's credentials; three hours by default.
    #[must_use]
    pub fn certiface_credential_life(mut self, life: Duration) -> Self {
        self.vendors.certiface.credential_life = life;
        self
    }

    /// Sets the lifetime of Certiface's appkeys; five minutes by default.
    #[must_use]
    pub fn certiface_appkey_life(mut self, life: Duration) -> Self {
        self.vendors.certiface.appkey_life = life;
        self
    }

    /// Sets how long Certiface analyses documents; three seconds by default.
    #[must_use]
    pub fn certiface_document_delay(mut self, delay: Duration) -> Self {
        self.vendors.certiface.document_delay = delay;
        self
    }

    /// Sets the provider of Certiface's 3D liveness, FaceTec by default. Some test CPFs override it.
    #[must_use]
    pub fn certiface_liveness_3d(mut self, provider: Provider) -> Self {
        self.vendors.certiface.liveness_3d = provider;
        self
    }
}
