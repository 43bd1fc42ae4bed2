//! Mutual TLS: accepted and refused certificates, and how a certificate is requested and renewed.

use std::error::Error as _;
use std::time::Duration;

use bankly_kyc::kyc_core::{
    ClientCertificate, ClientOptions, Clock, Delivery, Error, ErrorKind, RedactedText, ReqwestTransport,
    Secret, VirtualClock,
};
use bankly_kyc::{
    Client, ClientBuilder, Config, Credentials, NewWebhook, Place, ResultLevel, Verdict, certificate_expires,
};
use kyc_sandbox::bankly::{BanklyTls, ClientPem, Operation};
use kyc_sandbox::{Fault, Sandbox};

use crate::support::{back, cpf, front, sandboxed, selfie};

/// Part of every spelling of `certificate expired`.
const EXPIRED: &str = "expired";

const HOUR: Duration = Duration::from_secs(3600);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

async fn still() -> Sandbox {
    let life = 1_000 * HOUR;
    let builder = Sandbox::builder().bankly_mutual_tls(true).bankly_token_life(life);
    builder.clock(VirtualClock::frozen()).start().await.unwrap()
}

fn tls(sandbox: &Sandbox) -> &BanklyTls {
    sandbox.bankly_tls().unwrap()
}

fn usable(sandbox: &Sandbox, pem: ClientPem) -> ClientCertificate {
    let authority = tls(sandbox).authority_pem();
    ClientCertificate::from_pem(pem.chain, pem.key).unwrap().with_authority(authority).unwrap()
}

/// Returns a builder for the sandbox with TLS, without a client certificate.
fn bare(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder(Credentials::by_certificate(Sandbox::BANKLY_CLIENT_ID))
        .base_url(tls(sandbox).url())
        .auth_url(tls(sandbox).url())
        .options(ClientOptions::new().clock(sandbox.clock()))
}

fn with_certificate(sandbox: &Sandbox, pem: ClientPem) -> Client {
    bare(sandbox).certificate(usable(sandbox, pem)).build().unwrap()
}

fn requests(sandbox: &Sandbox) -> u64 {
    Operation::ALL.iter().map(|&operation| sandbox.bankly().requests(operation)).sum()
}

#[tokio::test]
async fn a_valid_certificate_is_accepted() {
    let sandbox = still().await;
    let client = with_certificate(&sandbox, tls(&sandbox).client_certificate());
    let mut onboarding = client.onboarding(cpf());
    for (place, image) in [(Place::Selfie, selfie()), (Place::Front, front()), (Place::Back, back())] {
        onboarding.upload(&image).await.unwrap();
        sandbox.clock().advance(Duration::from_secs(3));
        let analysis = onboarding.wait(place, HOUR).unwrap().await.unwrap();
        assert_eq!(onboarding.note(&analysis), Verdict::Valid);
    }
    assert!(onboarding.is_complete());
    // The token came by certificate, and no secret was sent.
    assert_eq!(sandbox.bankly().requests(Operation::Token), 1);
    assert_eq!(sandbox.bankly().requests(Operation::LegacyToken), 0);
}

/// Checks that the error's line names the certificate and that its causes name the alert.
fn names_the_certificate(name: &str, error: &Error, delivery: Delivery, alert: &str) {
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, delivery), "{name}: {error}");
    let line = error.to_string();
    assert!(line.contains("client certificate") && !line.contains("error sending request"), "{name}: {line}");
    assert!(!line.contains('\n') && line.ends_with("correct the configuration"), "{name}: {line}");
    assert!(!error.may_have_landed() && !error.is_transient(), "{name}");
    let mut causes = String::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        causes.push_str(&inner.to_string());
        cause = inner.source();
    }
    assert!(causes.contains("alert") && causes.to_lowercase().contains(alert), "{name}: {causes}");
}

/// Checks that operations with and without a login are refused.
async fn refused_everywhere(name: &str, sandbox: &Sandbox, client: &Client, alert: &str) {
    // The login was refused: nothing of the call itself was sent.
    names_the_certificate(
        name,
        &client.upload(&cpf(), &selfie()).await.unwrap_err(),
        Delivery::NotSent,
        alert,
    );
    sandbox.clock().advance(Duration::from_secs(2));
    let asked = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap_err();
    names_the_certificate(name, &asked, Delivery::NotSent, alert);
    let scopes = ["kyc.document.read".to_owned()];
    let registered = client.register("CN=x", Sandbox::BANKLY_COMPANY_KEY, &scopes).await.unwrap_err();
    names_the_certificate(name, &registered, Delivery::Refused, alert);
    assert_eq!((registered.attempts(), registered.operation()), (1, Some("register")), "{name}");
    assert_eq!(requests(sandbox), 0, "{name}: no request was read");
}

#[tokio::test]
async fn an_invalid_certificate_is_named_in_the_error() {
    let sandbox = still().await;
    let (expired, foreign) =
        (tls(&sandbox).expired_client_certificate(), tls(&sandbox).foreign_client_certificate());
    refused_everywhere("expired", &sandbox, &with_certificate(&sandbox, expired), EXPIRED).await;
    refused_everywhere("of another authority", &sandbox, &with_certificate(&sandbox, foreign), "alert").await;
    // With the key of another certificate no client can be built.
    let other_key = tls(&sandbox).expired_client_certificate().key;
    let mixed = ClientCertificate::from_pem(tls(&sandbox).client_certificate().chain, other_key).unwrap();
    let error = bare(&sandbox).certificate(mixed).build().unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{error}");
}

/// Returns a client with a custom HTTP client that trusts the sandbox's authority.
#[cfg(feature = "rustls")]
fn custom(sandbox: &Sandbox, pem: Option<ClientPem>, newest: reqwest::tls::Version) -> Client {
    let trusted = reqwest::Certificate::from_pem(tls(sandbox).authority_pem().as_bytes()).unwrap();
    let mut client = reqwest::Client::builder()
        .tls_backend_rustls()
        .no_proxy()
        .tls_certs_only([trusted])
        .tls_version_max(newest);
    if let Some(pem) = pem {
        let both = format!("{}\n{}", pem.key, pem.chain);
        client = client.identity(reqwest::Identity::from_pem(both.as_bytes()).unwrap());
    }
    let options = ClientOptions::new()
        .clock(sandbox.clock())
        .transport(ReqwestTransport::from_client(client.build().unwrap()));
    bare(sandbox).options(options).build().unwrap()
}

/// With TLS 1.2 the alert comes before the connection is established, with 1.3 after it.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn a_missing_certificate_is_named_in_both_versions_of_tls() {
    use reqwest::tls::Version;
    for (version, number) in [(Version::TLS_1_2, "1.2"), (Version::TLS_1_3, "1.3")] {
        let sandbox = still().await;
        let (expired, foreign) =
            (tls(&sandbox).expired_client_certificate(), tls(&sandbox).foreign_client_certificate());
        for (name, pem) in [("none", None), ("expired", Some(expired)), ("foreign", Some(foreign))] {
            let name = format!("{name}, TLS {number}");
            refused_everywhere(&name, &sandbox, &custom(&sandbox, pem, version), "alert").await;
        }
        let good = custom(&sandbox, Some(tls(&sandbox).client_certificate()), version);
        assert!(
            good.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap().value().is_empty(),
            "{number}"
        );
    }
}

/// An untrusted server is not reported as a refused client certificate.
#[tokio::test]
async fn a_server_of_an_unknown_authority_is_a_transport_error() {
    let sandbox = still().await;
    let pem = tls(&sandbox).client_certificate();
    let certificate = ClientCertificate::from_pem(pem.chain, pem.key).unwrap();
    let once = ClientOptions::new().max_attempts(1);
    let client = bare(&sandbox).options(once).certificate(certificate).build().unwrap();
    let scopes = ["kyc.document.read".to_owned()];
    let errors = [
        client.upload(&cpf(), &selfie()).await.unwrap_err(),
        client.register("CN=x", Sandbox::BANKLY_COMPANY_KEY, &scopes).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
        assert!(!error.to_string().contains("client certificate"), "{error}");
        // The first is the text of rustls, the second that of OpenSSL.
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains("UnknownIssuer") || cause.contains("verify failed"), "{cause}");
    }
    assert_eq!(requests(&sandbox), 0);
}

/// TLS to a server without TLS is a transport error that does not name the certificate.
#[tokio::test]
async fn tls_to_a_plain_server_is_a_transport_error() {
    let sandbox = still().await;
    let pem = tls(&sandbox).client_certificate();
    let to_plain = format!("{}/bankly", sandbox.url().replace("http://", "https://"));
    let options = ClientOptions::new().clock(sandbox.clock()).max_attempts(1);
    let client = bare(&sandbox)
        .base_url(&to_plain)
        .auth_url(&to_plain)
        .options(options)
        .certificate(usable(&sandbox, pem))
        .build()
        .unwrap();
    let error = client.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
    assert!(!error.to_string().contains("client certificate"), "{error}");
}

#[tokio::test]
async fn the_expiry_of_a_certificate() {
    let sandbox = still().await;
    let now = sandbox.clock().now();
    let good = usable(&sandbox, tls(&sandbox).client_certificate());
    let end = certificate_expires(&good).unwrap();
    assert_eq!(end.unix_seconds(), now.saturating_add(YEAR).unix_seconds());
    let short = tls(&sandbox).client_certificate_for(HOUR).unwrap();
    let end = certificate_expires(&usable(&sandbox, short.clone())).unwrap();
    assert_eq!(end.unix_seconds(), now.unix_seconds() + 3600);
    let expired = usable(&sandbox, tls(&sandbox).expired_client_certificate());
    assert!(certificate_expires(&expired).unwrap() < now);

    // openssl writes a description before the certificate, and Windows has its own line ends.
    let described = format!("Bag Attributes\r\n    friendlyName: x\r\nsubject=CN=x\r\n{}", short.chain);
    for chain in [described, short.chain.replace('\n', "\r\n")] {
        let read = ClientCertificate::from_pem(chain, short.key.clone()).unwrap();
        assert_eq!(certificate_expires(&read).unwrap(), end);
    }
    // Lines of other lengths, which TLS takes, and blanks.
    let lines = short.chain.lines().skip(1);
    let body: String = lines.take_while(|line| !line.starts_with("-----")).map(str::trim).collect();
    for width in [76, 48, 1, body.len()] {
        let lines: Vec<_> =
            body.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
        for separator in ["\n", "\r\n", " \n\t"] {
            let chain = format!(
                "-----BEGIN CERTIFICATE-----{separator}{}{separator}-----END CERTIFICATE-----",
                lines.join(separator)
            );
            let read = ClientCertificate::from_pem(chain, short.key.clone()).unwrap();
            assert_eq!(certificate_expires(&read), Some(end), "{width} {separator:?}");
        }
    }
    // A chain in any order, and one file with everything.
    let authority = tls(&sandbox).authority_pem();
    let foreign = tls(&sandbox).foreign_client_certificate().chain;
    for chain in [
        format!("{authority}{}", short.chain),
        format!("{}{authority}", short.chain),
        format!("{}{authority}{}", short.key, short.chain),
        format!("{foreign}{authority}{}", short.chain),
        format!("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{}", short.chain),
    ] {
        let read = ClientCertificate::from_pem(chain, short.key.clone()).unwrap();
        assert_eq!(certificate_expires(&read), Some(end));
    }
    // With a key that belongs to none of them it is the leaf, or else the earliest end.
    let other_key = tls(&sandbox).foreign_client_certificate().key;
    let read = ClientCertificate::from_pem(format!("{authority}{}", short.chain), other_key.clone()).unwrap();
    assert_eq!(certificate_expires(&read), Some(end));
    let good = tls(&sandbox).client_certificate().chain;
    for chain in [format!("{good}{}", short.chain), format!("{}{good}", short.chain)] {
        let read = ClientCertificate::from_pem(chain, other_key.clone()).unwrap();
        assert_eq!(certificate_expires(&read), Some(end));
    }
    for garbage in ["", "AAAA", "not base64!"] {
        let chain = format!("-----BEGIN CERTIFICATE-----\n{garbage}\n-----END CERTIFICATE-----\n");
        let read = ClientCertificate::from_pem(chain, short.key.clone()).unwrap();
        assert_eq!(certificate_expires(&read), None, "{garbage}");
    }
}

/// The certificate expires while the client is in use. The token remains valid: the call itself is refused.
#[tokio::test]
async fn a_certificate_is_renewed_without_a_restart() {
    let sandbox = still().await;
    let client = with_certificate(&sandbox, tls(&sandbox).client_certificate_for(HOUR).unwrap());
    let clone = client.clone();
    client.upload(&cpf(), &selfie()).await.unwrap();
    sandbox.clock().advance(2 * HOUR);
    // The existing connection still works; a new one is refused.
    clone.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
    sandbox.bankly().fault(Fault::close().on(Operation::Upload));
    let lost = client.upload(&cpf(), &front()).await.unwrap_err();
    assert_eq!((lost.kind(), lost.delivery()), (ErrorKind::Transport, Delivery::Unknown), "{lost}");
    let error = client.upload(&cpf(), &front()).await.unwrap_err();
    names_the_certificate("expired", &error, Delivery::Refused, EXPIRED);
    assert_eq!((error.operation(), error.attempts()), (Some("upload"), 1));
    assert!(error.operation_id().is_none());
    assert_eq!((sandbox.bankly().requests(Operation::Upload), sandbox.bankly().paid_calls()), (2, 1));

    let fresh = usable(&sandbox, tls(&sandbox).client_certificate());
    client.renew_certificate(&fresh).unwrap();
    clone.upload(&cpf(), &front()).await.unwrap();
    client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
    assert_eq!((sandbox.bankly().paid_calls(), sandbox.bankly().logins()), (2, 1), "with the existing token");
}

#[tokio::test]
async fn a_request_under_way_keeps_the_old_certificate() {
    let sandbox = still().await;
    let client = with_certificate(&sandbox, tls(&sandbox).client_certificate());
    client.upload(&cpf(), &selfie()).await.unwrap();
    sandbox.clock().advance(HOUR);
    sandbox.bankly().fault(Fault::latency(Duration::from_millis(400)).on(Operation::Upload));
    let uploading = tokio::spawn({
        let client = client.clone();
        async move { client.upload(&cpf(), &front()).await }
    });
    crate::support::until(|| sandbox.bankly().requests(Operation::Upload) == 2).await;
    // From now on new connections are refused, but the call under way succeeds.
    let expired = usable(&sandbox, tls(&sandbox).expired_client_certificate());
    client.renew_certificate(&expired).unwrap();
    let error = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap_err();
    names_the_certificate("the new one", &error, Delivery::Refused, EXPIRED);
    assert!(!uploading.is_finished());
    assert!(uploading.await.unwrap().unwrap().value().token.is_some());

    // A certificate that cannot be used changes nothing.
    client.renew_certificate(&usable(&sandbox, tls(&sandbox).client_certificate())).unwrap();
    let chain = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let bad = ClientCertificate::from_pem(chain, tls(&sandbox).client_certificate().key).unwrap();
    let error = client.renew_certificate(&bad).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{error}");
    client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
}

#[tokio::test]
async fn a_custom_transport_excludes_a_certificate() {
    let sandbox = still().await;
    let certificate = usable(&sandbox, tls(&sandbox).client_certificate());
    let custom = || ClientOptions::new().transport(ReqwestTransport::new().unwrap());
    let both = [
        bare(&sandbox).options(custom()).certificate(certificate.clone()).build(),
        bare(&sandbox).options(custom().certificate(certificate.clone())).build(),
    ];
    let client = bare(&sandbox).options(custom()).build().unwrap();
    let renewed = client.renew_certificate(&certificate).map(|()| client);
    for refused in both.into_iter().chain([renewed]) {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent));
        assert!(error.to_string().contains("custom transport"), "{error}");
    }
}

fn passphrase() -> Secret<String> {
    Secret::new("Aa1!".repeat(16))
}

fn text(text: Option<&RedactedText>) -> &str {
    text.map(RedactedText::as_str).unwrap_or_default()
}

/// A new partner requests a certificate with its secret, then a client id, and needs no secret from then on.
#[tokio::test]
async fn a_certificate_and_a_client_id_are_requested() {
    let sandbox = still().await;
    let older = sandboxed(&sandbox).scopes(["certificate.create"]).build().unwrap();
    let key = Sandbox::BANKLY_COMPANY_KEY;
    let issued = older.request_certificate(key, &passphrase(), 30).await.unwrap();
    let private_key = issued.value().private_key.as_ref().unwrap().expose().clone();
    let error =
        ClientCertificate::from_pem(text(issued.value().certificate.as_ref()), private_key).unwrap_err();
    assert!(error.to_string().contains("openssl pkcs8 -in key.pem -out plain.pem"), "{error}");
    // The expiry can be read with any key.
    let any_key = tls(&sandbox).client_certificate().key;
    let read = ClientCertificate::from_pem(text(issued.value().certificate.as_ref()), any_key).unwrap();
    let month = Duration::from_secs(30 * 24 * 3600);
    let end = sandbox.clock().now().saturating_add(month);
    assert_eq!(certificate_expires(&read).unwrap().unix_seconds(), end.unix_seconds());

    let subject = text(issued.value().subject_dn.as_ref()).to_owned();
    let scopes = ["kyc.document.write", "kyc.document.read"].map(str::to_owned);
    let first = with_certificate(&sandbox, tls(&sandbox).client_certificate());
    let registered = first.register(&subject, key, &scopes).await.unwrap();
    assert_eq!(registered.meta().http_status, 201);
    assert_eq!(text(registered.value().tls_client_auth_subject_dn.as_ref()), subject);
    let certificate = usable(&sandbox, tls(&sandbox).client_certificate());
    let registered_client = || {
        let id = registered.value().client_id.expose().clone();
        let builder = Client::builder(Credentials::by_certificate(id)).certificate(certificate.clone());
        builder.base_url(tls(&sandbox).url()).auth_url(tls(&sandbox).url())
    };
    assert!(
        registered_client().build().unwrap().upload(&cpf(), &selfie()).await.unwrap().value().token.is_some()
    );
    // It was registered for these scopes only.
    let error = registered_client().scopes(["webhook.read"]).build().unwrap().webhooks(1).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Forbidden, Delivery::NotSent), "{error}");

    let other = older.request_certificate("ANOTHER_CO", &passphrase(), 30).await.unwrap_err();
    assert_eq!((other.kind(), other.http_status()), (ErrorKind::Forbidden, Some(403)), "{other}");
    older.request_certificate(key, &passphrase(), 365).await.unwrap();
    let third = older.request_certificate(key, &passphrase(), 30).await.unwrap_err();
    assert_eq!((third.kind(), third.http_status(), third.attempts()), (ErrorKind::Rejected, Some(422), 1));
    let wrong = first.register(&subject, "ANOTHER_CO", &scopes).await.unwrap_err();
    assert_eq!((wrong.kind(), wrong.http_status()), (ErrorKind::Rejected, Some(400)), "{wrong}");
}

/// A configuration names the files of the certificate. Invalid files are refused.
#[tokio::test]
async fn certificates_come_from_files() {
    let sandbox = still().await;
    let folder = std::env::temp_dir().join(format!("bankly-kyc-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let pem = tls(&sandbox).client_certificate();
    let mut config = Config::new(Sandbox::BANKLY_CLIENT_ID);
    config.base_url = Some(tls(&sandbox).url().to_owned());
    config.auth_url = Some(tls(&sandbox).url().to_owned());
    config.authority = Some(file("authority.pem", &tls(&sandbox).authority_pem()));
    // Both in one file, as `openssl pkcs12 -nodes` writes them.
    let both = file("both.pem", &format!("{}{}", pem.key, pem.chain));
    (config.certificate, config.key) = (Some(both.clone()), Some(both));
    let options = ClientOptions::new().clock(sandbox.clock());
    let client = Client::builder_from(&config).options(options).build().unwrap();
    assert!(client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap().value().is_empty());

    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let wrong = [
        (Some(file("encrypted.pem", encrypted)), "openssl pkcs8 -in key.pem -out plain.pem"),
        (Some(file("empty.pem", "")), "private key"),
        (Some(folder.join("missing.pem")), "does not exist"),
        (Some(folder.clone()), "is a directory"),
        (None, "must be set together with its key"),
    ];
    for (key, advice) in wrong {
        config.key = key;
        let error = Client::builder_from(&config).build().unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{error}");
        let line = error.to_string();
        assert!(line.contains(advice) && !line.contains("bankly-kyc-"), "{line}");
    }
    config.key = config.certificate.clone();
    config.authority = Some(folder.join("missing.pem"));
    let error = Client::builder_from(&config).build().unwrap_err();
    assert!(error.to_string().contains("authority cannot be read"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Requests and events require TLS, except on this machine.
#[tokio::test]
async fn plain_http_is_for_loopback_addresses_only() {
    let error = Client::builder(Credentials::by_certificate("id".to_owned()))
        .base_url("http://api.example.com")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    let sandbox = still().await;
    let client = sandboxed(&sandbox).scopes(["webhook.write"]).build().unwrap();
    let plain = NewWebhook::new(
        "x",
        "DOCUMENT_WAS_PROCESSED",
        "http://hooks.example.com/",
        "cA==",
        "cA==".to_owned(),
    );
    let error = client.create_webhook(&plain).await.unwrap_err();
    assert_eq!((error.kind(), requests(&sandbox)), (ErrorKind::InvalidInput, 0), "{error}");
}
