//! What the program has for ClearSale alone. Its comparisons are `kyc facematch`.

use std::time::Duration;

use clearsale_facematch::{Client, INTEGRATION, TransactionId};
use kyc_core::RedactedText;

use crate::own::Own;

/// The verdict is known already.
const REFERENCE_WAIT: Duration = Duration::from_secs(5);

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
    certificate: None,
    registration: |t, _| Some(t.registration.clearsale),
    least_similarity: None,
    simulated: |t| t.place.simulated,
};
