//! What a vendor says of a check, in two or three words: the cells of the tables for people.

use kyc_core::{
    Evidence, FaceScore, FalseAcceptRate, Finding, Genuineness, LivenessMethod, PersonStatus, Verdict,
};

use crate::model::{CheckState, VendorCheck};
use crate::reason::Reason;
use crate::words::{Language, Sentence};

impl VendorCheck {
    /// Returns what the vendor says in two or three words, such as `level 6`, or `-` if it was not asked. It holds nothing of the
    /// person.
    #[must_use]
    pub fn value(&self) -> Sentence {
        match &self.evidence {
            Some(evidence) => of_evidence(self, evidence),
            None if self.reason == Reason::CallFailed => both("sem resposta", "no answer"),
            None if matches!(self.state, CheckState::NotAsked | CheckState::NotOffered) => both("-", "-"),
            None => state(self.state),
        }
    }
}

fn of_evidence(check: &VendorCheck, evidence: &Evidence) -> Sentence {
    match evidence {
        Evidence::Registration { deceased: Finding::Yes, .. } => status(&PersonStatus::Deceased),
        Evidence::Registration { status: Some(known), .. } => status(known),
        Evidence::Document { genuine: Some(Genuineness::Stated(Finding::No)), .. } => {
            both("não autêntico", "not genuine")
        }
        Evidence::Document { .. } => both("lido", "read"),
        Evidence::Face { verdict, score, .. } => face(*verdict, *score),
        Evidence::Liveness { live, method } => live_by(*live, *method),
        Evidence::Risk { low, score } => risk(*low, *score),
        _ => state(check.state),
    }
}

fn state(state: CheckState) -> Sentence {
    both(state.in_language(Language::Portuguese), state.in_language(Language::English))
}

pub(crate) fn status(status: &PersonStatus) -> Sentence {
    match status {
        PersonStatus::Regular => both("regular", "regular"),
        PersonStatus::Pending => both("pendente", "pending"),
        PersonStatus::Suspended => both("suspenso", "suspended"),
        PersonStatus::Cancelled => both("cancelado", "cancelled"),
        PersonStatus::Deceased => both("óbito", "deceased"),
        PersonStatus::Void => both("nulo", "void"),
        // What a vendor wrote may hold anything.
        _ => both("desconhecida", "unknown"),
    }
}

fn face(verdict: Verdict, score: Option<FaceScore>) -> Sentence {
    match (score, verdict) {
        (Some(FaceScore::Level(level)), _) => {
            Sentence::new(format!("nível {level}"), format!("level {level}"))
        }
        (Some(FaceScore::Similarity(part)), _) if (0.0..=1.0).contains(&part) => {
            let percent = percent(part);
            Sentence::new(percent.replace('.', ","), percent)
        }
        (_, Verdict::Match) => both("confere", "match"),
        (_, Verdict::NoMatch) => both("não confere", "no match"),
        _ => state(CheckState::Unclear),
    }
}

/// Writes a similarity with two digits at most, never rounded up: 99.999 % is not 100 %.
pub(crate) fn percent(part: f64) -> String {
    let hundredths = (part * 10_000.0 + 1e-6).floor();
    let text = format!("{:.2}", hundredths / 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

fn live_by(live: Finding, method: LivenessMethod) -> Sentence {
    let (portuguese, english) = match method {
        LivenessMethod::Capture => ("captura", "capture"),
        LivenessMethod::Still => ("foto", "still"),
        _ => (method.as_str(), method.as_str()),
    };
    let found = match live {
        Finding::Yes => ("sim", "yes"),
        Finding::No => ("não", "no"),
        _ => ("incerta", "unclear"),
    };
    Sentence::new(format!("{portuguese} {}", found.0), format!("{english} {}", found.1))
}

fn risk(low: Finding, score: Option<u32>) -> Sentence {
    let found = match low {
        Finding::Yes => ("baixo", "low"),
        Finding::No => ("alto", "high"),
        _ => ("incerto", "unclear"),
    };
    let score = score.map(|score| format!("{score} ")).unwrap_or_default();
    Sentence::new(format!("{score}{}", found.0), format!("{score}{}", found.1))
}

fn both(portuguese: &str, english: &str) -> Sentence {
    Sentence::new(portuguese, english)
}

/// Writes a rate as `1/10000`.
pub(crate) fn rate(rate: FalseAcceptRate) -> String {
    format!("1/{}", rate.comparisons())
}
