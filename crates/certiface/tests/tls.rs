//! Real TLS and a custom HTTP client, with a generated certificate in front of the sandbox.

use certiface::ClientBuilder;
use certiface::kyc_core::{ClientOptions, Delivery, ErrorKind, ReqwestTransport};
use kyc_sandbox::Sandbox;
use kyc_sandbox::certiface::Operation;
use test_support::causes;
use test_support::sockets::tls_in_front_of;

use crate::support::{APPROVED, begun, builder, document, journey as from_key, person, prove_liveness};

fn certiface_at(url: &str) -> ClientBuilder {
    builder(&format!("{url}/certiface")).result_base_url(&format!("{url}/certiface-result"))
}

fn own(certificate: &str) -> ClientOptions {
    let trusted = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    let own = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    ClientOptions::new().transport(ReqwestTransport::from_client(own))
}

#[tokio::test]
async fn a_custom_client_trusts_its_own_certificate() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, certificate) = tls_in_front_of(sandbox.addr()).await;
    let client = certiface_at(&url).options(own(&certificate)).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    prove_liveness(&mut journey).await;
    assert!(journey.result().await.unwrap().value().as_ref().unwrap().liveness().is_yes());
    assert_eq!(sandbox.certiface().paid_calls(), 1);
}

#[tokio::test]
async fn an_untrusted_server_receives_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, _) = tls_in_front_of(sandbox.addr()).await;
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
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
        assert!(causes(&error).contains("certificate"), "{}", causes(&error));
    }
    let counted: u64 = Operation::ALL.iter().map(|&operation| sandbox.certiface().requests(operation)).sum();
    assert_eq!(counted, 0);
}

/// The result has an address of its own, and so its own certificate.
#[tokio::test]
async fn the_certificate_of_the_result_is_verified() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, certificate) = tls_in_front_of(sandbox.addr()).await;
    let (stranger, _) = tls_in_front_of(sandbox.addr()).await;
    let client = certiface_at(&url)
        .result_base_url(&format!("{stranger}/certiface-result"))
        .options(own(&certificate))
        .build()
        .unwrap();
    let journey = begun(&client, APPROVED).await;
    let error = journey.result().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
    assert_eq!(sandbox.certiface().requests(Operation::Result), 0);
}
