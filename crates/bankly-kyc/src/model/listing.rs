//! A page of webhooks or messages.

use kyc_core::{OneOrMany, Pii};
use serde::{Deserialize, Serialize};

/// The size of a page that is requested: the largest.
pub(crate) const MAX_PAGE_SIZE: u32 = 100;

/// What webhooks and messages come in. The methods of [`Client`](crate::Client) take the list out; public for tests of what is decoded.
/// (Our page: "Webhook management".)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Listing_of_{T}"))]
#[non_exhaustive]
pub struct Listing<T> {
    /// What was asked for, one or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<OneOrMany<T>>,
    /// What can be done next, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Pii<serde_json::Value>>,
    /// Of no documented form, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Pii<serde_json::Value>>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { data: None, links: None, meta: None }
    }
}
