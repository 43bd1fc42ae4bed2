//! A page of webhooks or messages.

use kyc_core::{OneOrMany, Pii};
use serde::{Deserialize, Serialize};

/// The page size of every list request: the largest that Bankly allows.
pub(crate) const MAX_PAGE_SIZE: u32 = 100;

/// The envelope of a list of webhooks or messages. The methods of [`Client`](crate::Client) return its `data`; the type
/// is public for tests of decoding. (Our page: "Webhook management".)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Listing_of_{T}"))]
#[non_exhaustive]
pub struct Listing<T> {
    /// The requested items, one or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<OneOrMany<T>>,
    /// Links to related requests, as received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Pii<serde_json::Value>>,
    /// Metadata without a documented form, as received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Pii<serde_json::Value>>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { data: None, links: None, meta: None }
    }
}
