//! Receives ClearSale's webhooks into a file.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use clearsale_facematch::Webhook;
use kyc_webhook::{Receiver, SqliteInbox};

/// Opens a receiver that stores in that file, in plain text.
pub fn receiver(secret: &str, path: &Path) -> Result<(Receiver, SqliteInbox), Box<dyn Error>> {
    let inbox = SqliteInbox::builder(path).plain_text().open()?;
    let source = Arc::new(Webhook::new(secret.to_owned())?);
    let receiver = Receiver::builder(Arc::new(inbox.clone())).source(source).build()?;
    Ok((receiver, inbox))
}
