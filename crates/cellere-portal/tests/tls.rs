//! Real TLS and a custom HTTP client, with a generated certificate in front of the sandbox.

use cellere_portal::kyc_core::{ClientOptions, Delivery, ErrorKind, ReqwestTransport};
use kyc_sandbox::Sandbox;
use kyc_sandbox::cellere::Operation;
use test_support::causes;
use test_support::sockets::tls_in_front_of;

use crate::support::{OPERATIONS, builder, call};

async fn cellere_behind_tls(sandbox: &Sandbox) -> (String, String) {
    let (url, certificate) = tls_in_front_of(sandbox.addr()).await;
    (format!("{url}/cellere"), certificate)
}

#[tokio::test]
async fn a_custom_client_trusts_its_own_certificate() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, certificate) = cellere_behind_tls(&sandbox).await;
    let trusted = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    let own = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    let options = ClientOptions::new().transport(ReqwestTransport::from_client(own));
    let client = builder(&url).options(options).build().unwrap();
    for (name, _) in OPERATIONS {
        call(&client, name).await.unwrap();
    }
    assert_eq!(sandbox.cellere().paid_calls(), 5);
}

/// It does not even receive the token.
#[tokio::test]
async fn an_untrusted_server_receives_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (url, _) = cellere_behind_tls(&sandbox).await;
    let client = builder(&url).build().unwrap();
    for (name, _) in OPERATIONS {
        let error = call(&client, name).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
        assert!(causes(&error).contains("certificate"), "{}", causes(&error));
    }
    let counted: u64 = Operation::ALL.iter().map(|&operation| sandbox.cellere().requests(operation)).sum();
    assert_eq!(counted, 0);
}

/// Plain HTTP would send the token in clear before a server could refuse it.
#[tokio::test]
async fn an_address_without_tls_is_refused_unless_it_is_loopback() {
    let error = builder("http://api.gw.cellereit.com.br").build().unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent));
    assert!(error.to_string().contains("https"), "{error}");
}
