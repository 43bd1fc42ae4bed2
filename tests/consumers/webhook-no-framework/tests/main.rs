//! The program stores what ClearSale sends, and nothing else.

use kyc_webhook::{Inbox, RequestHead};

const EVENT: &str = r#"{"transactionId": "498ec3978529454aac7bd1628d6074ed", "transactionStatus": "Success"}"#;

#[tokio::test]
async fn an_event_with_the_secret_is_stored() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let (receiver, inbox) = webhook_no_framework::receiver("a secret", &folder.path().join("inbox.sqlite"))?;
    for (secret, status) in [("Bearer a secret", 200), ("Bearer another", 401), ("Bearer a secret", 200)] {
        let head = RequestHead::new("POST", "/webhooks/clearsale", [("authorization", secret)]);
        assert_eq!(receiver.receive(&head, EVENT.into()).await.status, status);
    }
    assert_eq!(inbox.stats().await?.new, 1);
    Ok(())
}
