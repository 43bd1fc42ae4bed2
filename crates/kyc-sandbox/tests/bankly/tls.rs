use std::error::Error as _;
use std::time::Duration;

use kyc_core::VirtualClock;
use kyc_sandbox::bankly::ClientPem;
use kyc_sandbox::{BanklyTls, Sandbox};
use reqwest::{Certificate, Client, Identity};

use super::client::CPF;
use crate::support::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn listening() -> Sandbox {
    builder().bankly_mutual_tls(true).start().await.expect("free ports")
}

fn tls(sandbox: &Sandbox) -> &BanklyTls {
    sandbox.bankly_tls().expect("enabled")
}

fn client_with(tls: &BanklyTls, shown: Option<&ClientPem>) -> Client {
    let authority = Certificate::from_pem(tls.authority_pem().as_bytes()).expect("PEM");
    let mut builder = Client::builder().no_proxy().tls_certs_only([authority]).timeout(seconds(10));
    if let Some(shown) = shown {
        let pem = format!("{}{}", shown.chain, shown.key);
        builder = builder.identity(Identity::from_pem(pem.as_bytes()).expect("PEM"));
    }
    builder.build().expect("a client")
}

/// A token, or the error with all its sources.
async fn try_log_in(sandbox: &Sandbox, shown: Option<&ClientPem>) -> Result<String, String> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", Sandbox::BANKLY_CLIENT_ID),
        ("scope", "kyc.document.read"),
    ];
    let tls = tls(sandbox);
    let request = client_with(tls, shown).post(format!("{}/oauth2/token", tls.url())).form(&form);
    match request.send().await {
        Ok(answer) => Ok(read(answer).await.1["access_token"].as_str().expect("a token").to_owned()),
        Err(error) => {
            let mut words = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                words = format!("{words}: {error}");
                cause = error.source();
            }
            Err(words)
        }
    }
}

#[tokio::test]
async fn a_valid_certificate_is_accepted() {
    let sandbox = listening().await;
    let good = tls(&sandbox).client_certificate();
    let token = try_log_in(&sandbox, Some(&good)).await.expect("let in");
    let by_name = tls(&sandbox).url().replace("127.0.0.1", "localhost");
    let answer = client_with(tls(&sandbox), Some(&good))
        .get(format!("{by_name}/document-analysis/{CPF}"))
        .bearer_auth(token)
        .header("api-version", "1")
        .send()
        .await;
    assert_eq!(answer.expect("a response").status(), 404);
    assert_eq!(sandbox.bankly().status_requests(), 1);
    assert!(!format!("{good:?}").contains("PRIVATE KEY"));
}

#[tokio::test]
async fn other_certificates_are_refused_with_an_alert() {
    let sandbox = listening().await;
    let tls = tls(&sandbox);
    for _ in 0..10 {
        for (shown, alert) in [
            (None, "CertificateRequired"),
            (Some(tls.expired_client_certificate()), "CertificateExpired"),
            (Some(tls.foreign_client_certificate()), "UnknownCA"),
        ] {
            let words = try_log_in(&sandbox, shown.as_ref()).await.expect_err("refused");
            assert!(words.contains(alert), "{alert}: {words}");
        }
    }
    assert_eq!(sandbox.bankly().logins(), 0);
}

#[tokio::test]
async fn certificates_expire_on_the_sandboxs_clock() {
    let sandbox = listening().await;
    let short = tls(&sandbox).client_certificate_for(DAY).expect("made");
    try_log_in(&sandbox, Some(&short)).await.expect("let in");
    sandbox.clock().advance(DAY + Duration::from_secs(1));
    let words = try_log_in(&sandbox, Some(&short)).await.expect_err("expired");
    assert!(words.contains("CertificateExpired"), "{words}");
    let next = tls(&sandbox).client_certificate_for(DAY).expect("made");
    try_log_in(&sandbox, Some(&next)).await.expect("let in");
}

#[tokio::test]
async fn there_is_no_tls_unless_enabled() {
    assert!(sandbox().await.bankly_tls().is_none());
    let running = Sandbox::builder().clock(VirtualClock::running()).bankly_mutual_tls(true);
    let sandbox = running.start().await.expect("free ports");
    let url = tls(&sandbox).url().to_owned();
    assert!(url.starts_with("https://127.0.0.1:") && url.ends_with("/bankly"));
    let good = tls(&sandbox).client_certificate();
    let client = client_with(tls(&sandbox), Some(&good));
    sandbox.shutdown().await;
    assert!(client.get(url).send().await.is_err(), "the port is free");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = std::env::temp_dir().join(format!("kyc-sandbox-test-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&directory).expect("a directory");
    // An earlier file that everyone can read, and a link to a file of someone else.
    std::fs::write(directory.join("client.pem"), "earlier").expect("written");
    let elsewhere = directory.join("elsewhere");
    std::fs::write(&elsewhere, "not a key").expect("written");
    std::os::unix::fs::symlink(&elsewhere, directory.join("client-key.pem")).expect("a link");

    let sandbox = builder().bankly_tls_files(&directory).start().await.expect("free ports");
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).expect("written");
    let pem = tls(&sandbox).client_certificate();
    assert_eq!((read("client.pem"), read("client-key.pem")), (pem.chain, pem.key));
    assert_eq!(read("authority.pem"), tls(&sandbox).authority_pem());
    assert_eq!(read("elsewhere"), "not a key");
    for name in ["authority.pem", "client.pem", "client-key.pem"] {
        let mode = std::fs::symlink_metadata(directory.join(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    std::fs::remove_dir_all(&directory).expect("removed");
}
