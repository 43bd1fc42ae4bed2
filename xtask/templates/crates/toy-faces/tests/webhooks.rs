//! The documented webhook, with and without its secret.

use kyc_fixtures::toy_faces::WEBHOOK;
use toy_faces::kyc_core::{Finding, WebhookError, WebhookRequest, WebhookSource as _};
use toy_faces::{Notification, Webhook};

#[test]
fn only_the_agreed_secret_is_accepted() {
    let webhook = Webhook::new("agreed\n").unwrap();
    let receive = |secret: &str| {
        webhook.receive(&WebhookRequest::new([("Authorization", format!("Bearer {secret}"))], WEBHOOK.body))
    };
    let events = receive("agreed").unwrap();
    assert_eq!(Notification::try_from(&events[0].payload).unwrap().finding(), Finding::Yes);
    assert_eq!(receive("guessed").unwrap_err(), WebhookError::WrongSecret);
    assert!(Webhook::new(" ").is_err());
}
