//! Real TLS and a custom HTTP client, with a generated certificate in front of the sandbox.

use clearsale_facematch::kyc_core::{ClientOptions, Delivery, ErrorKind, ReqwestTransport};
use kyc_sandbox::Sandbox;
use test_support::causes;
use test_support::sockets::tls_in_front_of;

use crate::support::{builder, request};

async fn clearsale_behind_tls(sandbox: &Sandbox) -> (String, String) {
    let (url, certificate) = tls_in_front_of(sandbox.addr()).await;
    (format!("{url}/clearsale"), certificate)
}

#[tokio::test]
async fn a_custom_client_trusts_its_own_certificate() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, certificate) = clearsale_behind_tls(&sandbox).await;
    let trusted = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    let own = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    let options = ClientOptions::new().transport(ReqwestTransport::from_client(own));
    builder(&url).options(options).build().unwrap().match2d_2d(&request()).await.unwrap();
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
}

#[tokio::test]
async fn an_untrusted_server_receives_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, _) = clearsale_behind_tls(&sandbox).await;
    let error = builder(&url).build().unwrap().match2d_2d(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent));
    assert!(causes(&error).contains("certificate"), "{}", causes(&error));
    assert_eq!(sandbox.clearsale().logins(), 0);
}
