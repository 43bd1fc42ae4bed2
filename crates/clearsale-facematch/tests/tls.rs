//! Real TLS, and a client of the user's own: a certificate made here, in front of the sandbox.

use std::sync::Arc;

use clearsale_facematch::core::{Delivery, Kind, ReqwestTransport, Settings};
use kyc_sandbox::Sandbox;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::support::{builder, request};

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
    (format!("https://localhost:{port}/clearsale"), made.cert.pem())
}

#[tokio::test]
async fn a_client_of_ones_own_trusts_ones_own_certificate() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, certificate) = tls_in_front_of(&sandbox).await;
    let trusted = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    let own = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    let settings = Settings::new().transport(ReqwestTransport::from_client(own));
    builder(&url).settings(settings).build().unwrap().match2d_2d(&request()).await.unwrap();
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
}

#[tokio::test]
async fn a_stranger_is_not_trusted_and_is_sent_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, _) = tls_in_front_of(&sandbox).await;
    let error = builder(&url).build().unwrap().match2d_2d(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (Kind::Transport, Delivery::NotSent));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("certificate"), "{cause}");
    assert_eq!(sandbox.clearsale().logins(), 0);
}
