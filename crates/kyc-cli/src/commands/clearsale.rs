//! What the program has for ClearSale alone. Its comparisons are `kyc facematch`.

use std::time::Duration;

use clearsale_facematch::{Client, INTEGRATION, TransactionId};
use kyc_core::{Error, ErrorKind, RedactedText};

use crate::own::Own;

/// The verdict is known already.
const REFERENCE_WAIT: Duration = Duration::from_secs(5);

/// No transaction has this id.
const NO_TRANSACTION: &str = "00000000-0000-0000-0000-000000000000";

pub(crate) static OWN: Own = Own {
    key: INTEGRATION.key(),
    resume: None,
    reference: Some(|client, id| {
        Box::pin(async move {
            let client = client.downcast::<Client>()?;
            let id = TransactionId::new(id.value());
            let queried = tokio::time::timeout(REFERENCE_WAIT, Box::pin(client.transaction(&id))).await;
            let transaction = queried.ok()?.ok()?;
            transaction.value().identifier_id.as_ref().map(RedactedText::as_str).map(str::to_owned)
        })
    }),
    log_in: |client| {
        Box::pin(async move {
            let Some(client) = client.downcast::<Client>() else { return Ok(()) };
            known(Box::pin(client.transaction(&TransactionId::new(NO_TRANSACTION))).await.map(drop))
        })
    },
    certificate: None,
    simulated: |t| t.place.simulated,
};

/// The vendor answers an unknown id only to a user that is logged in.
fn known(queried: Result<(), Error>) -> Result<(), Error> {
    match queried {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Rejected) => Ok(()),
        other => other,
    }
}
