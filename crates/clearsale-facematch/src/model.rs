//! Types that more than one operation uses.

use std::fmt;
use std::hash::{Hash, Hasher};

use kyc_core::{FalseAcceptRate, RedactedText, open_enum};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

open_enum! {
    /// How far a transaction is. (Vendor page: "Dicionário de variáveis"; our page: "Transaction status".)
    pub enum TransactionStatus: text {
        /// The pictures were compared.
        Success = "Success",
        /// Being worked on.
        Processing = "Processing",
        /// The pictures could not be compared; `message` may say why.
        Error = "Error",
    }
}

impl TransactionStatus {
    /// Whether nothing more will happen. A status that this release does not know is taken as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Success | Self::Error)
    }
}

open_enum! {
    /// How sure ClearSale is that two faces are one person's. Each level stands for a false accept rate.
    /// (Vendor page: "Guia de match levels"; our page: "Match levels".)
    pub enum MatchLevel: number {
        /// No match.
        NoMatch = 0,
        /// One false accept in 100.
        One = 1,
        /// One false accept in 250.
        Two = 2,
        /// One false accept in 500.
        Three = 3,
        /// One false accept in 1 000.
        Four = 4,
        /// One false accept in 10 000.
        Five = 5,
        /// One false accept in 100 000.
        Six = 6,
    }
}

impl MatchLevel {
    /// The levels that are a match, from the most lenient to the strictest.
    pub const MATCHES: [Self; 6] = [Self::One, Self::Two, Self::Three, Self::Four, Self::Five, Self::Six];

    /// The level of that number; `Unknown` over 6.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::from(number.to_string().as_str())
    }

    /// The number of the level, 0 to 6; `None` for one that this release does not know.
    #[must_use]
    pub fn number(&self) -> Option<u8> {
        match self {
            Self::Unknown(_) => None,
            known => known.as_str().parse().ok(),
        }
    }

    /// How often two different people reach this level; `None` for level 0 and for an unknown one.
    ///
    /// ```
    /// use clearsale_facematch::MatchLevel;
    /// let rate = MatchLevel::Six.false_accept_rate().expect("a match");
    /// assert_eq!(rate.to_string(), "1 false accept in 100 000");
    /// ```
    #[must_use]
    pub fn false_accept_rate(&self) -> Option<FalseAcceptRate> {
        FalseAcceptRate::one_in(match self {
            Self::One => 100,
            Self::Two => 250,
            Self::Three => 500,
            Self::Four => 1_000,
            Self::Five => 10_000,
            Self::Six => 100_000,
            Self::NoMatch | Self::Unknown(_) => return None,
        })
    }

    /// The most lenient level whose false accepts are no more frequent than `rate`; `None` if there is none so strict.
    #[must_use]
    pub fn for_false_accept_rate(rate: FalseAcceptRate) -> Option<Self> {
        Self::MATCHES.into_iter().find(|level| level.false_accept_rate().is_some_and(|found| found <= rate))
    }
}

/// The id that ClearSale gives a comparison. With and without dashes it is the same id: the vendor prints both.
#[derive(Clone, Default)]
pub struct TransactionId(String);

impl TransactionId {
    /// An id as it was printed somewhere.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The spelling of the API: lower case, with dashes if the id has the 32 hexadecimal digits of a GUID.
    #[must_use]
    pub fn canonical(&self) -> String {
        uuid::Uuid::try_parse(&self.0).map_or_else(|_| self.0.clone(), |guid| guid.hyphenated().to_string())
    }

    /// Whether it is fit for a path: letters, digits and dashes, at most 64.
    pub(crate) fn is_sendable(&self) -> bool {
        !self.0.is_empty()
            && self.0.len() <= 64
            && self.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }
}

impl PartialEq for TransactionId {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for TransactionId {}

impl Hash for TransactionId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl fmt::Debug for TransactionId {
    /// Shown when it is a GUID; what else stands in its place may be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match uuid::Uuid::try_parse(&self.0) {
            Ok(_) => write!(f, "TransactionId({})", self.canonical()),
            Err(_) => f.write_str("TransactionId([redacted])"),
        }
    }
}

impl Serialize for TransactionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TransactionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RedactedText::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for TransactionId {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TransactionId".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_their_rates() {
        let rates: Vec<_> = MatchLevel::MATCHES
            .iter()
            .map(|level| level.false_accept_rate().map(FalseAcceptRate::comparisons))
            .collect();
        assert_eq!(rates, [100, 250, 500, 1_000, 10_000, 100_000].map(Some));
        assert_eq!(MatchLevel::NoMatch.false_accept_rate(), None);
        assert_eq!(MatchLevel::from_number(7).number(), None);
        let level = |comparisons| {
            MatchLevel::for_false_accept_rate(FalseAcceptRate::one_in(comparisons).expect("not zero"))
        };
        assert_eq!(level(1), Some(MatchLevel::One));
        assert_eq!(level(1_000), Some(MatchLevel::Four));
        assert_eq!(level(1_001), Some(MatchLevel::Five));
        assert_eq!(level(100_001), None);
    }

    #[test]
    fn dashes_make_no_difference() {
        let dashed = TransactionId::new("498ec397-8529-454a-ac7b-d1628d6074ed");
        assert_eq!(dashed, TransactionId::new("498EC3978529454aac7bd1628d6074ed"));
        assert_ne!(dashed, TransactionId::new("498ec3978529454aac7bd1628d6074ee"));
        assert!(!TransactionId::new("../login").is_sendable());
    }
}
