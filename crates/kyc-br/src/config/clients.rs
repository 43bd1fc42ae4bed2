//! Clients, and what they can do.

use std::sync::Arc;

use kyc_core::{BackgroundChecker, ClientOptions, DocumentReader, FaceMatcher, VendorClient, Verifier};

use super::{ConfigError, ConfigLoader};

/// A client of each vendor that is configured. Take one by its name, or all that have a capability.
#[derive(Clone, Debug)]
pub struct Clients(Vec<(&'static str, Arc<dyn VendorClient>)>);

impl ConfigLoader {
    /// Creates a client of each vendor that is configured.
    ///
    /// # Errors
    /// A configuration that cannot be used; `Absent` if no vendor is configured.
    pub fn clients(&self) -> Result<Clients, ConfigError> {
        self.clients_with(&ClientOptions::default())
    }

    /// Creates the clients with timeouts, a transport, a clock and the other options that all vendors share.
    ///
    /// # Errors
    /// A configuration that cannot be used; `Absent` if no vendor is configured.
    pub fn clients_with(&self, options: &ClientOptions) -> Result<Clients, ConfigError> {
        let mut clients = Vec::new();
        for (integration, table) in self.tables()? {
            clients.push((integration.key(), integration.connect(&table, options.clone())?));
        }
        Ok(Clients(clients))
    }
}

impl Clients {
    /// Returns the client of a vendor by the vendor's key, such as `clearsale`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Arc<dyn VendorClient>> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, client)| Arc::clone(client))
    }

    /// Returns all clients.
    pub fn iter(&self) -> impl Iterator<Item = Arc<dyn VendorClient>> + '_ {
        self.0.iter().map(|(_, client)| Arc::clone(client))
    }

    /// Returns what each client contributes to the verification of a person, by the key of its vendor:
    /// `VerificationBuilder::vendors` of `kyc-verify` takes them.
    #[must_use]
    pub fn verifiers(&self) -> Vec<(&'static str, Arc<dyn Verifier>)> {
        let clients = self.0.iter().map(|(key, client)| (*key, Arc::clone(client).verifier()));
        clients.filter_map(|(key, verifier)| Some((key, verifier?))).collect()
    }

    /// Returns the clients that compare faces.
    #[must_use]
    pub fn face_matchers(&self) -> Vec<Arc<dyn FaceMatcher>> {
        self.iter().filter_map(VendorClient::face_matcher).collect()
    }

    /// Returns the clients that read documents in one step.
    #[must_use]
    pub fn document_readers(&self) -> Vec<Arc<dyn DocumentReader>> {
        self.iter().filter_map(VendorClient::document_reader).collect()
    }

    /// Returns the clients that look up registrations.
    #[must_use]
    pub fn background_checkers(&self) -> Vec<Arc<dyn BackgroundChecker>> {
        self.iter().filter_map(VendorClient::background_checker).collect()
    }
}
