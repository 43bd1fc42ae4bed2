//! Responses that list items: their envelope, and the two forms of their root.

use std::fmt;
use std::marker::PhantomData;

use kyc_core::{OneOrMany, RawJson};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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
    pub links: Option<RawJson>,
    /// Metadata without a documented form, as received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<RawJson>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { data: None, links: None, meta: None }
    }
}

impl<T> Listing<T> {
    pub(crate) fn into_items(self) -> Vec<T> {
        self.data.unwrap_or_default().into_vec()
    }
}

/// The root of a response: a list of items, or an object in its place. A text or number in its place is not an empty list,
/// but a response that cannot be read.
pub(crate) enum Root<T, O> {
    List(Vec<T>),
    Object(O),
}

impl<'de, T: Deserialize<'de>, O: Deserialize<'de>> Deserialize<'de> for Root<T, O> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RootVisitor<T, O>(PhantomData<(T, O)>);

        impl<'de, T: Deserialize<'de>, O: Deserialize<'de>> Visitor<'de> for RootVisitor<T, O> {
            type Value = Root<T, O>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or an object")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Root<T, O>, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(list)).map(Root::List)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, object: A) -> Result<Root<T, O>, A::Error> {
                O::deserialize(de::value::MapAccessDeserializer::new(object)).map(Root::Object)
            }
        }

        deserializer.deserialize_any(RootVisitor(PhantomData))
    }
}
