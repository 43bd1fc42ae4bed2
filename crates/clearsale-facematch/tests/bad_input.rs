//! Input that is refused before anything is sent: the field, the rule, and no request.

use clearsale_facematch::kyc_core::{Cpf, Delivery, ErrorKind, Media};
use clearsale_facematch::{MatchLevel, MatchRequest, TransactionId};
use kyc_sandbox::Sandbox;
use kyc_sandbox::clearsale::Operation;

use crate::support::{builder, client, image, png, request};

fn with(bytes: impl Into<Vec<u8>>) -> MatchRequest {
    MatchRequest::new(image(), Media::new(bytes.into()).unwrap())
}

#[tokio::test]
async fn nothing_is_sent_and_the_rule_is_named() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = client(&sandbox.clearsale_url());
    let whole = png(150);
    let rows = [
        (with("hello"), "image1: must be JPEG or PNG, but is not a known image format"),
        (with(&b"GIF89a\x01\0\x01\0\0\0\0"[..]), "image1: must be JPEG or PNG, but is GIF by its content"),
        (with(png(149)), "image1: must be at least 150 pixels wide, but is 149"),
        (with(&whole[..whole.len() - 12]), "image1: is a truncated PNG: its end marker is missing"),
        (request().with_min_match_level(MatchLevel::NoMatch), "min_match_level: must be a level from 1 to 6"),
        (
            request().with_min_match_level(MatchLevel::from_number(7)),
            "min_match_level: must be a level from 1 to 6",
        ),
        (
            request().with_identifier_id("x".repeat(101)),
            "identifier_id: must have at most 100 characters, but has 101",
        ),
        (request().with_identifier_id(""), "identifier_id: must not be empty"),
    ];
    for (request, rule) in rows {
        let error = client.match2d_2d(&request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery(), error.attempts()),
            (ErrorKind::InvalidInput, Delivery::NotSent, 0)
        );
        let line = format!("clearsale-facematch match2d-2d: {rule}; nothing was sent; correct the value");
        assert_eq!(error.to_string(), line);
        assert_eq!(error.violations().len(), 1);
    }
    for id in ["", " ", "..", "../../authentication/login", "a/b", "a\\b", "a\nb", &"a".repeat(201)] {
        let error = client.transaction(&TransactionId::new(id)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id}");
    }
    for operation in Operation::ALL {
        assert_eq!(sandbox.clearsale().requests(*operation), 0);
    }
}

#[test]
fn invalid_values_cannot_be_constructed() {
    assert_eq!(Cpf::parse("52998224726").unwrap_err().to_string(), "CPF: check digits do not match");
    assert_eq!(Media::new("").unwrap_err().to_string(), "must not be empty");
    assert_eq!(Media::read("/").unwrap_err().to_string(), "file: is a directory, not a file");
    let folder = std::env::temp_dir().join(format!("kyc-large-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let large = folder.join("kyc-large");
    std::fs::File::create(&large).unwrap().set_len(200 * 1024 * 1024).unwrap();
    assert_eq!(Media::read(&large).unwrap_err().to_string(), "kyc-large: must not be larger than 50 MiB");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_limits_themselves_are_allowed() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = client(&sandbox.clearsale_url());
    // Characters are counted, not bytes.
    let request = request().with_identifier_id("ç".repeat(100)).with_min_match_level(MatchLevel::One);
    client.match2d_2d(&request).await.unwrap();
}

#[tokio::test]
async fn recommendations_can_be_disabled_but_truncated_files_are_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let relaxed = builder(&sandbox.clearsale_url()).accept_any_image(true).build().unwrap();
    relaxed.match2d_2d(&with(png(149))).await.unwrap();
    relaxed.match2d_2d(&with(&b"GIF89a\x01\0\x01\0\0\0\0;"[..])).await.unwrap();
    let whole = png(150);
    let error = relaxed.match2d_2d(&with(&whole[..40])).await.unwrap_err();
    assert_eq!(error.violations()[0].message, "is truncated: its end marker is missing");
}

#[test]
fn an_address_must_be_safe() {
    for address in ["http://example.com", "nonsense", "https://user:pass@example.com"] {
        let error = builder(address).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{address}");
        assert!(!error.to_string().contains("pass"));
    }
}
