//! What a policy says.

mod explain;
mod read;

use std::collections::BTreeMap;
use std::time::Duration;

use kyc_core::{CheckKind, FalseAcceptRate, LivenessMethod, Offer, PersonStatus};
use sha2::{Digest as _, Sha256};

pub use explain::explain;
pub use read::PolicyError;

/// The rules by which a case is decided, with the text in which they were written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// The author's name for this version of the policy.
    pub version: String,
    /// What follows from a required check that failed.
    pub on_fail: OnFail,
    /// How many vendors are asked for a check.
    pub ask: Ask,
    /// What bounds a case.
    pub limits: Limits,
    /// How long pictures are kept; `None`: nothing is deleted.
    pub retain_pictures: Option<Duration>,
    checks: Vec<CheckPolicy>,
    text: String,
}

impl Policy {
    /// Reads a policy from TOML.
    ///
    /// # Errors
    /// The text is not TOML or larger than 64 KiB, a key is missing or unknown, or a value breaks a rule.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        read::policy(text)
    }

    /// Returns the policy of a program that is given none. It approves only if everything that it requires passed, and it
    /// refuses nobody.
    ///
    /// # Panics
    /// Never: a test reads the text.
    #[must_use]
    pub fn built_in() -> Self {
        Self::from_toml(include_str!("policy/built_in.toml")).expect("the built-in policy is valid")
    }

    /// Returns the checks of the policy, in the order in which they are shown.
    #[must_use]
    pub fn checks(&self) -> &[CheckPolicy] {
        &self.checks
    }

    /// Returns what the policy says of a check; `None` if it does not want it.
    #[must_use]
    pub fn check(&self, check: CheckKind) -> Option<&CheckPolicy> {
        self.checks.iter().find(|wanted| wanted.check == check)
    }

    /// Returns the text as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the SHA-256 of the text.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// Returns the SHA-256 of the text in hexadecimal digits.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        self.sha256().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What a policy says of one check.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CheckPolicy {
    /// The check.
    pub check: CheckKind,
    /// Whether a case can be approved without it, if no vendor offers it.
    pub is_required: bool,
    /// The keys of the vendors to ask, in order; empty: every vendor that offers it.
    pub by: Vec<String>,
    /// What follows from a call that may have been paid, but has no answer.
    pub uncertain: OnUncertain,
    /// When the check passes.
    pub rule: CheckRule,
}

impl CheckPolicy {
    /// Returns whether the vendor may be asked.
    #[must_use]
    pub fn names(&self, vendor: &str) -> bool {
        self.by.is_empty() || self.by.iter().any(|key| key == vendor)
    }

    /// Returns whether an offer is for this check, by the method that it wants.
    pub(crate) fn wants(&self, offer: &Offer) -> bool {
        let method = match self.rule {
            CheckRule::Liveness { method } => Some(method),
            _ => None,
        };
        offer.check == self.check && (method.is_none() || offer.method == method)
    }

    /// Returns whether a match of that vendor can pass: it states a rate, or there is a similarity for it, if the policy asks for
    /// a measure.
    pub(crate) fn can_measure(&self, vendor: &str, offer: &Offer) -> bool {
        match &self.rule {
            CheckRule::Face { max_false_accept: Some(_), min_similarity } => {
                offer.has_rate || min_similarity.contains_key(vendor)
            }
            _ => true,
        }
    }
}

/// When a check passes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CheckRule {
    /// The registration of the CPF.
    Registration {
        /// The statuses that pass.
        pass: Vec<PersonStatus>,
        /// The statuses for which a machine refuses.
        refuse: Vec<PersonStatus>,
        /// Whether the register has to state the name. A name that is there has to agree in any case.
        needs_name: bool,
    },
    /// The document.
    Document {
        /// The fields that have to be read and to agree with what the person said.
        agrees: Vec<Agreement>,
        /// The smallest likelihood, up to 1, that counts as genuine, for vendors that state one.
        min_genuine: f64,
    },
    /// A comparison of faces.
    Face {
        /// The largest rate of false accepts; `None` only for a register, whose own yes then counts.
        max_false_accept: Option<FalseAcceptRate>,
        /// The smallest similarity that counts as a match, by vendor. It is needed for vendors that state no rate.
        min_similarity: BTreeMap<String, f64>,
    },
    /// Liveness.
    Liveness {
        /// How it has to be proved.
        method: LivenessMethod,
    },
    /// The risk of fraud: it passes if the vendor sees a low one.
    Risk,
}

/// A field of a document that has to agree with what the person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Agreement {
    /// The CPF.
    Cpf,
    /// The date of birth.
    BirthDate,
    /// The name.
    Name,
}

kyc_core::named!(Agreement, "agrees", Cpf = "cpf", BirthDate = "birth_date", Name = "name");

/// What follows from a required check that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnFail {
    /// A person decides.
    #[default]
    Review,
    /// The machine refuses.
    Refuse,
}

kyc_core::named!(OnFail, "on_fail", Review = "review", Refuse = "refuse");

/// How many vendors are asked for a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ask {
    /// One after another, until one answers.
    #[default]
    First,
    /// All of them, to compare their answers. Each is paid.
    All,
}

kyc_core::named!(Ask, "ask", First = "first", All = "all");

/// What follows from a call that may have been paid, but has no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnUncertain {
    /// A person decides.
    #[default]
    Review,
    /// The call is sent once more, or the next vendor is asked.
    Repeat,
}

kyc_core::named!(OnUncertain, "uncertain", Review = "review", Repeat = "repeat");

/// What bounds a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How often the person may hand in one thing, the first time included.
    pub attempts: u32,
    /// How many paid calls may be sent.
    pub paid_calls: u32,
    /// How long the case waits for the person or a vendor.
    pub wait: Duration,
    /// How long bad news after the decision is watched for.
    pub watch: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 3,
            paid_calls: 10,
            wait: Duration::from_secs(30 * 60),
            watch: Duration::from_secs(10 * 24 * 60 * 60),
        }
    }
}
