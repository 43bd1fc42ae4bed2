//! Clients, and what they can do.

use std::sync::Arc;

use kyc_core::{BackgroundChecker, ClientOptions, DocumentReader, FaceMatcher, WebhookSource};

use super::{ConfigError, ConfigLoader};

/// A client of each vendor that is configured, and of those in this build. Take one by name, or all that have a
/// capability.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Clients {
    /// Bankly's.
    #[cfg(feature = "bankly")]
    pub bankly: Option<bankly_kyc::Client>,
    /// Cellere's.
    #[cfg(feature = "cellere")]
    pub cellere: Option<cellere_portal::Client>,
    /// Certiface's.
    #[cfg(feature = "certiface")]
    pub certiface: Option<certiface::Client>,
    /// ClearSale's.
    #[cfg(feature = "clearsale")]
    pub clearsale: Option<clearsale_facematch::Client>,
    webhooks: Vec<Arc<dyn WebhookSource>>,
}

impl ConfigLoader {
    /// A client of each vendor that is configured.
    ///
    /// # Errors
    /// A configuration that cannot be used.
    pub fn clients(&self) -> Result<Clients, ConfigError> {
        self.clients_with(&ClientOptions::default())
    }

    /// The same with timeouts, a transport, a clock and the rest of what all vendors share.
    ///
    /// # Errors
    /// A configuration that cannot be used.
    pub fn clients_with(&self, options: &ClientOptions) -> Result<Clients, ConfigError> {
        let mut clients = Clients::default();
        #[cfg(feature = "bankly")]
        if let Some(config) = self.optional(Self::bankly)? {
            let builder = bankly_kyc::Client::builder_from(&config);
            clients.bankly = Some(builder.options(options.clone()).build()?);
            if let Some(key) = config.webhook_private_key {
                clients.webhooks.push(Arc::new(bankly_kyc::Webhook::new(key)?));
            }
        }
        #[cfg(feature = "cellere")]
        if let Some(config) = self.optional(Self::cellere)? {
            let builder = cellere_portal::Client::builder_from(&config);
            clients.cellere = Some(builder.options(options.clone()).build()?);
        }
        #[cfg(feature = "certiface")]
        if let Some(config) = self.optional(Self::certiface)? {
            let builder = certiface::Client::builder_from(&config);
            clients.certiface = Some(builder.options(options.clone()).build()?);
            if !config.status_peers.is_empty() {
                clients.webhooks.push(Arc::new(certiface::StatusWebhook::new(&config.status_peers)?));
            }
        }
        #[cfg(feature = "clearsale")]
        if let Some(config) = self.optional(Self::clearsale)? {
            let builder = clearsale_facematch::Client::builder_from(&config);
            clients.clearsale = Some(builder.options(options.clone()).build()?);
            if let Some(token) = config.webhook_token {
                clients.webhooks.push(Arc::new(clearsale_facematch::Webhook::new(token)?));
            }
        }
        Ok(clients)
    }
}

impl Clients {
    /// Those that compare faces.
    #[must_use]
    pub fn face_matchers(&self) -> Vec<Arc<dyn FaceMatcher>> {
        present([
            #[cfg(feature = "cellere")]
            self.cellere.clone().map(|client| Arc::new(client) as Arc<dyn FaceMatcher>),
            #[cfg(feature = "clearsale")]
            self.clearsale.clone().map(|client| Arc::new(client) as Arc<dyn FaceMatcher>),
        ])
    }

    /// Those that read documents in one step.
    #[must_use]
    pub fn document_readers(&self) -> Vec<Arc<dyn DocumentReader>> {
        present([
            #[cfg(feature = "cellere")]
            self.cellere.clone().map(|client| Arc::new(client) as Arc<dyn DocumentReader>),
        ])
    }

    /// Those that look up registrations.
    #[must_use]
    pub fn background_checkers(&self) -> Vec<Arc<dyn BackgroundChecker>> {
        present([
            #[cfg(feature = "cellere")]
            self.cellere.clone().map(|client| Arc::new(client) as Arc<dyn BackgroundChecker>),
        ])
    }

    /// What takes the vendors' webhooks, of those whose secret or peers are configured. Certiface's completion event has
    /// neither, so its receiver is not among them: make a `certiface::CompletionWebhook` yourself.
    #[must_use]
    pub fn webhook_sources(&self) -> &[Arc<dyn WebhookSource>] {
        &self.webhooks
    }
}

fn present<T: ?Sized, const N: usize>(found: [Option<Arc<T>>; N]) -> Vec<Arc<T>> {
    found.into_iter().flatten().collect()
}
