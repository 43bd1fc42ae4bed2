//! The documented webhook, with and without its secret.

use kyc_fixtures::toy_faces::WEBHOOK;
use toy_faces::kyc_core::{Finding, WebhookError, WebhookRequest, WebhookSource as _};
use toy_faces::{Notification, Webhook};

#[test]
fn only_the_agreed_secret_is_accepted() {
    let webhook = Webhook::new("agreed\n").unwrap();
    let request = |secret: &str, body: &'static str| {
        WebhookRequest::new([("Authorization", format!("Bearer {secret}"))], body)
    };
    let receive = |secret: &str| webhook.receive(&request(secret, WEBHOOK.body));
    let events = receive("agreed").unwrap();
    assert!(webhook.event_types().contains(&events[0].event_type) && events[0].subject.is_some());
    assert_eq!(Notification::try_from(&events[0].payload).unwrap().finding(), Finding::Yes);
    assert_eq!(receive("guessed").unwrap_err(), WebhookError::WrongSecret);
    // Both are known before the body is read.
    assert_eq!(webhook.check_sender(&request("agreed", "")), Ok(()));
    assert_eq!(webhook.check_sender(&request("guessed", "")), Err(WebhookError::WrongSecret));
    assert!(Webhook::new(" ").is_err());
}
