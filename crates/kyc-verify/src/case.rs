//! Cases, and the records of what happened in them.

use std::fmt;
use std::str::FromStr;

use kyc_core::{
    Answer, Charge, CheckKind, Failure, Intent, OperationId, Retake, RetakeCause, RetakeItem, Timestamp,
    ValidationError,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The alphabet of Crockford's base32: no letter is mistaken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const PREFIX: &str = "v_";
const LENGTH: usize = 16;

/// The id of a case: `v_` and 80 random bits in base32. It tells nothing of the person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId([u8; LENGTH]);

impl CaseId {
    /// Creates an id from ten random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 10]) -> Self {
        let mut bits = bytes.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let mut text = [0; LENGTH];
        for letter in text.iter_mut().rev() {
            *letter = ALPHABET[usize::try_from(bits & 31).unwrap_or_default()];
            bits >>= 5;
        }
        Self(text)
    }

    fn letters(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for CaseId {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let letters = text.strip_prefix(PREFIX).and_then(|letters| letters.as_bytes().try_into().ok());
        letters
            .filter(|letters: &[u8; LENGTH]| letters.iter().all(|letter| ALPHABET.contains(letter)))
            .map(Self)
            .ok_or_else(|| ValidationError::new("must be v_ and 16 letters or digits").about("case"))
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.letters())
    }
}

impl fmt::Debug for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for CaseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CaseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = kyc_core::RedactedText::deserialize(deserializer)?;
        text.as_str().parse().map_err(serde::de::Error::custom)
    }
}

/// Whether a case asks the vendors' sandbox or the vendors. A case never mixes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Nothing leaves the machine, and nothing is paid.
    Simulated,
    /// The vendors are asked.
    Real,
}

kyc_core::named!(Environment, "environment", Simulated = "simulated", Real = "real");

/// A value that may be personal. It is stored encrypted, never printed, and gone once the case is forgotten.
#[derive(Clone, PartialEq)]
pub struct Sealed<T>(Option<T>);

impl<T> Sealed<T> {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// Returns the value, unless the case is forgotten. The caller must keep it out of logs and errors.
    #[must_use]
    pub fn expose(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> Default for Sealed<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "[redacted]" } else { "[forgotten]" })
    }
}

impl<T: Serialize> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self)
    }
}

/// Who did something, as they claim, and why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Who, as they claim.
    pub who: String,
    /// Why.
    pub why: String,
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Statement([redacted])")
    }
}

/// The privacy notice that the person was shown, as the caller states it. It must hold nothing of the person: it stays when the
/// case is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Notice {
    /// The version of the notice.
    pub version: String,
    /// When the person was shown it.
    pub shown: Timestamp,
    /// The legal basis that the caller claims.
    pub legal_basis: String,
}

impl Notice {
    /// Creates the record of a notice.
    #[must_use]
    pub fn new(version: impl Into<String>, shown: Timestamp, legal_basis: impl Into<String>) -> Self {
        Self { version: version.into(), shown, legal_basis: legal_basis.into() }
    }
}

/// Something that happened in a case. What may be personal stands in the field `private` alone.
///
/// `of` is the position of the intent that a record is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Record {
    /// The case began, and what the applicant handed in is stored.
    Started {
        /// The policy's version.
        policy_version: String,
        /// The SHA-256 of the policy's text, in hexadecimal digits.
        policy_sha256: String,
        /// Whether vendors are asked.
        environment: Environment,
        /// The privacy notice that the person was shown, if the caller told.
        #[serde(default)]
        notice: Option<Notice>,
        /// The caller's reference.
        #[serde(default)]
        private: Sealed<String>,
    },
    /// A step is going to be sent.
    Intended {
        /// The key of the vendor.
        vendor: String,
        /// The step.
        step: String,
        /// Whether it may cost something.
        is_paid: bool,
        /// The position of an uncertain intent that this one repeats.
        #[serde(default)]
        repeats: Option<u64>,
        /// The intent.
        #[serde(default)]
        private: Sealed<Intent>,
    },
    /// The vendor answered.
    Answered {
        /// The intent.
        of: u64,
        /// The answer.
        #[serde(default)]
        private: Sealed<Answer>,
    },
    /// The vendor decides later.
    Pending {
        /// The intent.
        of: u64,
        /// The id by which the operation is queried.
        #[serde(default)]
        private: Sealed<OperationId>,
    },
    /// The step was not sent, or the vendor refused it.
    Failed {
        /// The intent.
        of: u64,
        /// Why.
        failure: Failure,
    },
    /// The step may have been paid, and no look-up could tell.
    Uncertain {
        /// The intent.
        of: u64,
        /// Why.
        failure: Failure,
    },
    /// A look-up was made: of an intent without an end, or because of an event or a watch.
    LookedUp {
        /// The intent, or what the event is about.
        of: u64,
        /// What it found.
        found: Found,
    },
    /// The person handed something in anew, so that these intents no longer count.
    Superseded {
        /// What was handed in.
        item: String,
        /// The intents.
        of: Vec<u64>,
    },
    /// Before anything was sent, the pictures were looked at, and the person is asked for these again, once. None: the case goes on
    /// with the pictures as they are.
    Advised {
        /// What the person is asked for.
        retakes: Vec<Asked>,
    },
    /// What a vendor's kit needs was handed out.
    CaptureOpened {
        /// The key of the vendor.
        vendor: String,
        /// When it expires.
        expires: Option<Timestamp>,
        /// The id by which the vendor's webhooks name the capture.
        #[serde(default)]
        private: Sealed<OperationId>,
    },
    /// The capture ended, and this is its result.
    Captured {
        /// The key of the vendor.
        vendor: String,
        /// The step.
        step: String,
        /// The answer.
        #[serde(default)]
        private: Sealed<Answer>,
    },
    /// A vendor's webhook arrived about an intent or a capture. It is a reason to look, never an answer: what it tells may only
    /// speak against one.
    Event {
        /// The intent, or the record of the capture.
        of: u64,
        /// The type of the event.
        event_type: String,
        /// What it tells of the intent, if its sender is authenticated.
        #[serde(default)]
        private: Sealed<Answer>,
    },
    /// The policy decided.
    Decided {
        /// The outcome.
        outcome: String,
        /// The rule.
        rule: String,
        /// The checks that the rule looked at.
        decisive: Vec<String>,
    },
    /// A person decided.
    Reviewed {
        /// The outcome.
        outcome: String,
        /// Who, and why.
        #[serde(default)]
        private: Sealed<Statement>,
    },
    /// The person asked for a person to review a decision.
    ReviewRequested {
        /// Who wrote it down, and what the person said.
        #[serde(default)]
        private: Sealed<Statement>,
    },
    /// Bad news came after the decision.
    Alert {
        /// The checks that are not as they were.
        checks: Vec<String>,
        /// The SHA-256 of the event that brought the news, if an event alone did.
        #[serde(default)]
        private: Sealed<String>,
    },
    /// A hold was set or released: meanwhile nothing is deleted.
    Held {
        /// Whether it is held.
        is_held: bool,
        /// Who, and why.
        #[serde(default)]
        private: Sealed<Statement>,
    },
    /// What is personal was deleted.
    Forgotten,
}

/// A picture that the person is asked for again. It holds nothing of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Asked {
    /// The name of the [`RetakeItem`].
    pub item: String,
    /// The name of the [`RetakeCause`](kyc_core::RetakeCause).
    pub cause: String,
}

impl Asked {
    pub(crate) fn retake(&self) -> Option<Retake> {
        Some(Retake::new(self.item.parse().ok()?, self.cause.parse().unwrap_or(RetakeCause::Other)))
    }
}

impl From<Retake> for Asked {
    fn from(retake: Retake) -> Self {
        Self { item: retake.item.as_str().to_owned(), cause: retake.cause.as_str().to_owned() }
    }
}

/// What a look-up found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// An answer.
    Answered,
    /// An operation that is pending.
    Pending,
    /// That the vendor never got it.
    NotReceived,
    /// Nothing yet.
    NotYetKnown,
    /// That no look-up can tell.
    Unknowable,
}

impl Record {
    /// Creates the record of an intent.
    #[must_use]
    pub fn intended(vendor: &str, step: &str, charge: Charge, repeats: Option<u64>, intent: Intent) -> Self {
        Self::Intended {
            vendor: vendor.to_owned(),
            step: step.to_owned(),
            is_paid: charge == Charge::Paid,
            repeats,
            private: Sealed::new(intent),
        }
    }

    /// Creates the record of an alert, with the SHA-256 of the event that brought the news, if an event alone did.
    #[must_use]
    pub fn alert(checks: &[CheckKind], event: Option<String>) -> Self {
        let checks = checks.iter().map(|check| check.as_str().to_owned()).collect();
        Self::Alert { checks, private: event.map(Sealed::new).unwrap_or_default() }
    }

    /// Creates the record of something that was handed in anew.
    #[must_use]
    pub fn superseded(item: RetakeItem, of: Vec<u64>) -> Self {
        Self::Superseded { item: item.as_str().to_owned(), of }
    }

    /// Returns the intent that this record ends or continues.
    #[must_use]
    pub fn of(&self) -> Option<u64> {
        match self {
            Self::Answered { of, .. }
            | Self::Pending { of, .. }
            | Self::Failed { of, .. }
            | Self::Uncertain { of, .. } => Some(*of),
            _ => None,
        }
    }
}

/// A record as it stands in the ledger.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The position within the case, from 1.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    pub record: Record,
}

impl Entry {
    /// Creates an entry.
    #[must_use]
    pub fn new(seq: u64, at: Timestamp, record: Record) -> Self {
        Self { seq, at, record }
    }
}
