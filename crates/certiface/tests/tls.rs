//! Real TLS, and a client of the user's own: a certificate made here, in front of the sandbox.

use std::sync::Arc;

use certiface::ClientBuilder;
use certiface::core::{Delivery, Kind, ReqwestTransport, Settings};
use kyc_sandbox::Sandbox;
use kyc_sandbox::certiface::Operation;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::support::{APPROVED, begun, builder, document, journey as from_key, person, prove_liveness};

/// Ends TLS before the sandbox. Returns the address and the certificate, as PEM.
async fn tls_in_front_of(sandbox: &Sandbox) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, inner) = (listener.local_addr().unwrap().port(), sandbox.addr());
    tokio::spawn(async move {
        while let Ok((outer, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut outer = acceptor.accept(outer).await?;
                let mut inner = TcpStream::connect(inner).await?;
                tokio::io::copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    (format!("https://localhost:{port}"), made.cert.pem())
}

fn certiface_at(url: &str) -> ClientBuilder {
    builder(&format!("{url}/certiface")).result_base_url(&format!("{url}/certiface-result"))
}

fn own(certificate: &str) -> Settings {
    let trusted = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    let own = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    Settings::new().transport(ReqwestTransport::from_client(own))
}

#[tokio::test]
async fn a_client_of_ones_own_trusts_ones_own_certificate() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, certificate) = tls_in_front_of(&sandbox).await;
    let client = certiface_at(&url).settings(own(&certificate)).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    prove_liveness(&mut journey).await;
    assert_eq!(journey.result().await.unwrap().as_ref().unwrap().liveness(), Some(true));
    assert_eq!(sandbox.certiface().paid_calls(), 1);
}

#[tokio::test]
async fn a_stranger_is_not_trusted_and_is_sent_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, _) = tls_in_front_of(&sandbox).await;
    let client = certiface_at(&url).build().unwrap();
    let mut journey = from_key(&client);
    let errors = [
        client.appkey(&person(APPROVED)).await.unwrap_err(),
        journey.challenge().await.unwrap_err(),
        journey.document(&[document()]).await.unwrap_err(),
        journey.result().await.unwrap_err(),
        client.check_appkey(journey.appkey()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.delivery()), (Kind::Transport, Delivery::NotSent), "{error}");
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("certificate"), "{cause}");
    }
    let counted: u64 = Operation::ALL.iter().map(|&operation| sandbox.certiface().requests(operation)).sum();
    assert_eq!(counted, 0);
}

/// The result has an address of its own, and so a certificate.
#[tokio::test]
async fn the_result_s_address_is_held_to_the_same() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, certificate) = tls_in_front_of(&sandbox).await;
    let (stranger, _) = tls_in_front_of(&sandbox).await;
    let client = certiface_at(&url)
        .result_base_url(&format!("{stranger}/certiface-result"))
        .settings(own(&certificate))
        .build()
        .unwrap();
    let journey = begun(&client, APPROVED).await;
    let error = journey.result().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (Kind::Transport, Delivery::NotSent), "{error}");
    assert_eq!(sandbox.certiface().requests(Operation::Result), 0);
}
