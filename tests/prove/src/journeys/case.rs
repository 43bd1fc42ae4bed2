//! The persons that are verified, and the program's own set-up: store, clients, policy.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use kyc_br::config::ConfigLoader;
use kyc_core::{Applicant, ClientOptions, Cpf, Date, DocumentKind, IdentityDocument, Media, Pii};
use kyc_sandbox::samples;
use kyc_verify::{
    CaseReport, Environment, KeyRing, Policy, Record, SqliteStore, StoreKey, Verification,
    VerificationBuilder,
};
use serde::{Deserialize, Serialize};
use test_support::png;

use super::pace::Paced;

/// The name of the store's file.
pub(super) const STORE: &str = "cases.db";
pub(super) const CONFIG: &str = "kyc.toml";

const KEY: &str = "mZ0eVT1d0FQ2tAgoI1bFYzv0dxMWj4T6o1wM3cWGf1Y=";

/// The name in the sandbox's register.
const REGISTERED: &str = "MARIA EXEMPLO DA SILVA";

/// Which vendors a case asks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
pub(crate) enum Kind {
    /// Single calls of ClearSale and Cellere.
    Calls,
    /// Three uploads to Bankly.
    Bankly,
    /// A journey at Certiface with the frames of a capture.
    Certiface,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Calls, Self::Bankly, Self::Certiface];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Bankly => "bankly",
            Self::Certiface => "certiface",
        }
    }

    pub(super) fn vendors(self) -> &'static [&'static str] {
        match self {
            Self::Calls => &["clearsale", "cellere"],
            Self::Bankly => &["bankly"],
            Self::Certiface => &["certiface"],
        }
    }

    fn policy(self) -> Result<Policy> {
        let face = "[check.face_document]\nmax_false_accept = \"1/10000\"\n";
        let by = self.name();
        let checks = match self {
            Self::Calls => format!(
                "[check.registration]\nby = [\"cellere\"]\npass = [\"regular\"]\n{face}by = [\"clearsale\"]\n"
            ),
            Self::Bankly | Self::Certiface => {
                let method = if self == Self::Bankly { "still" } else { "capture" };
                format!(
                    "{face}min_similarity = {{ {by} = 0.9 }}\nby = [\"{by}\"]\n\
                     [check.liveness]\nmethod = \"{method}\"\nby = [\"{by}\"]\n\
                     [check.document]\nby = [\"{by}\"]\nagrees = [\"cpf\"]\n"
                )
            }
        };
        Ok(Policy::from_toml(&format!("version = \"proof\"\nlimits = {{ paid_calls = 4 }}\n{checks}"))?)
    }
}

/// One case: its person and its reference follow from its kind and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Subject {
    pub(super) kind: Kind,
    pub(super) number: u32,
}

impl Subject {
    pub(super) fn cpf(self) -> String {
        // No test CPF of the sandbox begins with these digits.
        let first = 700_000_000 + 10_000_000 * (self.kind as u32) + self.number;
        let mut digits: Vec<u32> =
            format!("{first:09}").bytes().map(|digit| u32::from(digit - b'0')).collect();
        for _ in 0..2 {
            let weights = (2..).zip(digits.iter().rev());
            let rest = weights.map(|(weight, digit): (u32, &u32)| weight * digit).sum::<u32>() * 10 % 11;
            digits.push(rest % 10);
        }
        digits.iter().fold(String::new(), |mut text, digit| {
            let _ = write!(text, "{digit}");
            text
        })
    }

    pub(super) fn reference(self) -> String {
        format!("pedido-{}-{:06}", self.kind.name(), self.number)
    }

    /// Returns the person's name. Cellere compares it with its register, which knows one name only.
    pub(super) fn name(self) -> String {
        if self.kind == Kind::Calls {
            return REGISTERED.to_owned();
        }
        let digits = format!("{:06}", self.number);
        let letters: String = digits.bytes().map(|digit| char::from(digit - b'0' + b'A')).collect();
        format!("{} {letters} PROVADA DE SOUZA", self.kind.name().to_uppercase())
    }

    pub(super) fn applicant(self) -> Result<Applicant> {
        let mut applicant = Applicant::new(Cpf::parse(&self.cpf())?);
        applicant.name = Some(Pii::new(self.name()));
        applicant.birth_date = Some(Pii::new(Date::parse("1990-10-12")?));
        let picture = |n: u32| match self.kind {
            // As small as the client allows.
            Kind::Calls => Media::new(png(150 + n)),
            Kind::Bankly => Media::new(vga(n)),
            Kind::Certiface => Media::new(samples::A_2014),
        };
        applicant.selfie = Some(picture(0)?);
        applicant.document =
            Some(IdentityDocument::new(DocumentKind::Rg, picture(1)?).with_back(picture(2)?));
        if self.kind == Kind::Certiface {
            applicant.capture = (0..4).map(frame).collect::<Result<_>>()?;
        }
        Ok(applicant)
    }
}

/// Returns a picture of about 640 by 480 pixels.
fn vga(more: u32) -> Vec<u8> {
    let mut bytes = png(640 + more);
    bytes.splice(20..24, 480_u32.to_be_bytes());
    bytes
}

/// Returns a photograph with its number in a comment, so that no two are equal.
fn frame(number: u8) -> Result<Media> {
    let (start, rest) = samples::A_2014.split_at(2);
    Ok(Media::new([start, &[0xFF, 0xFE, 0, 3, number], rest].concat())?)
}

/// The place of a program: a folder with its configuration and its store.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) clock: Paced,
    pub(super) is_plain: bool,
}

impl Place {
    pub(super) fn new(folder: &Path, clock: Paced) -> Self {
        Self { folder: folder.to_owned(), clock, is_plain: false }
    }

    pub(super) fn store(&self) -> Result<SqliteStore> {
        let store = SqliteStore::builder(self.folder.join(STORE)).clock(self.clock);
        let store =
            if self.is_plain { store.plain_text() } else { store.keys(KeyRing::new(StoreKey::parse(KEY)?)) };
        Ok(store.open()?)
    }

    pub(super) fn builder(&self, store: SqliteStore, kind: Kind) -> Result<VerificationBuilder> {
        let options = ClientOptions::new().clock(self.clock);
        let clients = ConfigLoader::new().file(self.folder.join(CONFIG)).clients_with(&options)?;
        let verification = Verification::builder(store, Environment::Simulated).clock(self.clock);
        Ok(verification.policy(kind.policy()?).vendors(clients.verifiers()))
    }
}

/// How a case stands, for the one who judges.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) subject: Subject,
    pub(super) state: String,
    pub(super) paid: u32,
    pub(super) uncertain: u32,
    pub(super) calls: Vec<Call>,
}

/// A step that was intended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Call {
    seq: u64,
    pub(super) vendor: String,
    pub(super) step: String,
    pub(super) is_paid: bool,
    pub(super) is_repeat: bool,
    pub(super) end: String,
    /// Why it failed.
    why: Option<String>,
    /// What the last look-up found.
    pub(super) found: Option<String>,
}

impl Summary {
    pub(super) fn new(subject: Subject, report: &CaseReport) -> Self {
        let mut calls: Vec<Call> = Vec::new();
        for entry in &report.timeline {
            if let Record::Intended { vendor, step, is_paid, repeats, .. } = &entry.record {
                calls.push(Call {
                    seq: entry.seq,
                    vendor: vendor.clone(),
                    step: step.clone(),
                    is_paid: *is_paid,
                    is_repeat: repeats.is_some(),
                    end: "intended".to_owned(),
                    why: None,
                    found: None,
                });
            }
            let Some(of) = about(&entry.record) else { continue };
            let Some(call) = calls.iter_mut().find(|call| call.seq == of) else { continue };
            match &entry.record {
                Record::LookedUp { found, .. } => {
                    let name = serde_json::to_value(found).ok();
                    call.found = name.and_then(|name| Some(name.as_str()?.to_owned()));
                }
                Record::Answered { .. } => "answered".clone_into(&mut call.end),
                Record::Pending { .. } => "pending".clone_into(&mut call.end),
                Record::Failed { failure, .. } => {
                    "failed".clone_into(&mut call.end);
                    call.why = Some(failure.kind.clone());
                }
                Record::Uncertain { .. } => "uncertain".clone_into(&mut call.end),
                _ => {}
            }
        }
        let (paid, uncertain) = (report.paid_calls, report.uncertain_calls);
        Self { subject, state: report.state.as_str().to_owned(), paid, uncertain, calls }
    }

    pub(super) fn is_decided(&self) -> bool {
        matches!(self.state.as_str(), "approved" | "refused" | "review")
    }

    /// Returns the paid calls at a vendor that were not refused.
    pub(super) fn paid_at<'a>(&'a self, vendor: &'a str) -> impl Iterator<Item = &'a Call> {
        self.calls.iter().filter(move |call| call.is_paid && call.vendor == vendor && call.end != "failed")
    }
}

fn about(record: &Record) -> Option<u64> {
    match record {
        Record::LookedUp { of, .. } => Some(*of),
        _ => record.of(),
    }
}
