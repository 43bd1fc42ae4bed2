//! Mutual TLS: an authority created for this run and its certificates, as PEM files in a folder that both processes read.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

const AUTHORITY: &str = "authority.pem";
const SERVER: [&str; 2] = ["server.pem", "server.key"];
const CLIENT: [&str; 2] = ["client.pem", "client.key"];

/// A client's certificate with its key, and the authority that it trusts, as PEM.
pub(crate) struct Client {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) authority: String,
}

/// Writes an authority's certificate, a server's for 127.0.0.1 and a client's.
pub(crate) fn make(folder: &Path) -> Result<()> {
    let key = KeyPair::generate()?;
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(folder.join(AUTHORITY), authority.self_signed(&key)?.pem())?;
    let authority = Issuer::new(authority, key);
    for (files, name, purpose) in [
        (SERVER, "127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth),
        (CLIENT, "client.example", ExtendedKeyUsagePurpose::ClientAuth),
    ] {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.extended_key_usages = vec![purpose];
        fs::write(folder.join(files[0]), params.signed_by(&key, &authority)?.pem())?;
        fs::write(folder.join(files[1]), key.serialize_pem())?;
    }
    Ok(())
}

/// Reads the client's files of the folder.
pub(crate) fn client(folder: &Path) -> Result<Client> {
    let read = |name| fs::read_to_string(folder.join(name)).with_context(|| format!("cannot read {name}"));
    Ok(Client { certificate: read(CLIENT[0])?, key: read(CLIENT[1])?, authority: read(AUTHORITY)? })
}

/// Reads the server's files of the folder; clients without a certificate of the authority are refused.
pub(crate) fn acceptor(folder: &Path) -> Result<TlsAcceptor> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join(AUTHORITY))?)?;
    let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider)).build()?;
    let certificate = CertificateDer::from_pem_file(folder.join(SERVER[0]))?;
    let key = PrivateKeyDer::from_pem_file(folder.join(SERVER[1]))?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
