//! Types that several operations share.

use std::fmt;
use std::hash::{Hash, Hasher};

use kyc_core::{FalseAcceptRate, RedactedText, open_enum, path_segment};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

open_enum! {
    /// The status of a transaction. (Vendor page: "Dicionário de variáveis"; our page: "Transaction status".)
    pub enum TransactionStatus: text {
        /// The images were compared.
        Success = "Success",
        /// The comparison is not finished.
        Processing = "Processing",
        /// The images could not be compared; `message` may state why.
        Error = "Error",
    }
}

impl TransactionStatus {
    /// Returns whether the status is final. A status that this release does not know counts as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Success | Self::Error)
    }
}

open_enum! {
    /// How confident ClearSale is that two images show the same person. Each level has a false accept rate.
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
    /// The levels of a match, from the most lenient to the strictest.
    pub const MATCHES: [Self; 6] = [Self::One, Self::Two, Self::Three, Self::Four, Self::Five, Self::Six];

    /// Returns the level with this number, or `Unknown` for a number above 6.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::from(number.to_string().as_str())
    }

    /// Returns the number of the level, 0 to 6, or `None` for a level that this release does not know.
    #[must_use]
    pub fn number(&self) -> Option<u8> {
        match self {
            Self::Unknown(_) => None,
            known => known.as_str().parse().ok(),
        }
    }

    /// Returns how often two different people reach this level. `None` for level 0 and for an unknown level.
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

    /// Returns the most lenient level whose false accept rate is at most `rate`, or `None` if no level is strict enough.
    ///
    /// ```
    /// use clearsale_facematch::{MatchLevel, kyc_core::FalseAcceptRate};
    /// let rate = FalseAcceptRate::one_in(1_000).expect("not zero");
    /// assert_eq!(MatchLevel::for_false_accept_rate(rate), Some(MatchLevel::Four));
    /// ```
    #[must_use]
    pub fn for_false_accept_rate(rate: FalseAcceptRate) -> Option<Self> {
        Self::MATCHES.into_iter().find(|level| level.false_accept_rate().is_some_and(|found| found <= rate))
    }
}

/// ClearSale's id of a comparison. Ids with and without dashes are equal: the vendor prints both forms.
///
/// ```
/// use clearsale_facematch::TransactionId;
/// let id = TransactionId::new("498ec397-8529-454a-ac7b-d1628d6074ed");
/// assert_eq!(id, TransactionId::new("498EC3978529454AAC7BD1628D6074ED"));
/// ```
#[derive(Clone, Default)]
pub struct TransactionId(String);

impl TransactionId {
    /// Creates an id from its text, in either form. Whitespace around it is ignored.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().trim().to_owned())
    }

    /// Returns the id as it was received, without whitespace around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as the API spells it: in lower case and with dashes if it has the 32 hexadecimal digits of a GUID,
    /// otherwise unchanged.
    #[must_use]
    pub fn canonical(&self) -> String {
        uuid::Uuid::try_parse(&self.0).map_or_else(|_| self.0.clone(), |guid| guid.hyphenated().to_string())
    }

    /// Returns the id as a segment of a path, or `None` for an id that no path can hold.
    pub(crate) fn segment(&self) -> Option<String> {
        path_segment(&self.canonical())
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
    /// Prints only a GUID: any other text may hold personal data.
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
    fn levels_have_false_accept_rates() {
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
    fn ids_are_compared_without_dashes() {
        let dashed = TransactionId::new("498ec397-8529-454a-ac7b-d1628d6074ed");
        assert_eq!(dashed, TransactionId::new("498EC3978529454aac7bd1628d6074ed"));
        assert_ne!(dashed, TransactionId::new("498ec3978529454aac7bd1628d6074ee"));
        assert_eq!(dashed, TransactionId::new(" 498ec397-8529-454a-ac7b-d1628d6074ed\n"));
    }
}
