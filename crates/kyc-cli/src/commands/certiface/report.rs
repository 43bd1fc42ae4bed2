//! The output of a journey's result. Personal data is printed only on request.

use certiface::{
    BiometricCheck, ContractedChecks, Document, Expiry, JourneyOutcome, JourneyResult, JourneyStatus,
    RiskClass, VENDOR,
};
use kyc_core::{Cpf, Finding, FiniteF64, Lenient, RedactedText, Verdict};
use serde::Serialize;

use super::VENDOR_NAME;
use super::images::photos;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows, field_words, printable, scrub};
use crate::place::Place;

/// The result in `--json`.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    vendor: &'static str,
    environment: &'static str,
    /// Whether the journey has ended and each part of the result is in the person's favour.
    passed: bool,
    /// Why it has not passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    status: Option<String>,
    is_final: bool,
    liveness: Option<bool>,
    liveness_code: Option<String>,
    documents: Vec<Read>,
    /// The likelihood that they are genuine, in percent.
    documents_score: Option<f64>,
    face_match: Option<Check>,
    serpro: Option<Check>,
    risk: Option<&'static str>,
    /// From 0 to 1000; null if it is no number.
    risk_score: Option<f64>,
    #[serde(skip)]
    shown_score: Option<String>,
    photos: usize,
    simulated: bool,
    /// The whole result, with personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a JourneyResult>,
    #[serde(skip)]
    label: &'a str,
    #[serde(skip)]
    outcome: JourneyOutcome,
    #[serde(skip)]
    has_simulated_row: bool,
}

/// A document and the names of the fields that were read.
#[derive(Serialize)]
struct Read {
    kind: String,
    fields: Vec<&'static str>,
    #[serde(skip)]
    values: Vec<String>,
}

/// A comparison with the selfie.
#[derive(Serialize)]
struct Check {
    matched: Option<bool>,
    /// Why it is neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    code: Option<String>,
    score: Option<f64>,
}

impl<'a> Report<'a> {
    pub(super) fn of(result: &'a JourneyResult, place: &'a Place, show_personal_data: bool) -> Self {
        let is_final = result.status.as_ref().is_some_and(JourneyStatus::is_final);
        // The contract is not known here, so a check that the response lacks does not count as missing.
        let outcome = result.outcome(ContractedChecks::NONE);
        let analysis = result.analise_documento.as_ref();
        let risk_score = result.certiface_id.as_ref().and_then(|bureau| bureau.score.as_ref());
        let code = result.facecaptcha.as_ref().and_then(|liveness| liveness.cod_id.as_ref());
        Self {
            vendor: VENDOR.name(),
            environment: place.environment,
            passed: outcome == JourneyOutcome::Passed,
            reason: result.outcome_reason(ContractedChecks::NONE),
            status: result.status.as_ref().map(|status| scrub(status.as_str())),
            is_final,
            liveness: answered(result.liveness()),
            liveness_code: code.map(|code| scrub(code.as_str())),
            documents: result.documents().iter().map(Read::of).collect(),
            documents_score: analysis.and_then(|analysis| number(&analysis.score)),
            face_match: result.face_match().map(Check::of),
            serpro: result.serpro().map(Check::of),
            risk: result.risk().map(class),
            risk_score: risk_score
                .and_then(|score| score.as_str().trim().parse().ok())
                .filter(|score: &f64| score.is_finite()),
            shown_score: risk_score.map(|score| scrub(score.as_str())),
            photos: photos(result).len(),
            simulated: place.simulated,
            result: show_personal_data.then_some(result),
            label: &place.label,
            outcome,
            has_simulated_row: place.simulated,
        }
    }

    /// Omits the row that says that the result is simulated, because it was printed before.
    pub(super) fn without_simulated_row(mut self) -> Self {
        self.has_simulated_row = false;
        self
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.outcome {
            JourneyOutcome::Passed => Outcome::Yes,
            JourneyOutcome::NotPassed => Outcome::No,
            JourneyOutcome::Unfinished => Outcome::NotYet,
            _ => Outcome::Unclear,
        }
    }

    /// `more`: an additional line in the output for people.
    pub(super) fn print(&self, as_json: bool, more: Option<&str>) -> std::io::Result<()> {
        if as_json { output::json(self.outcome(), self) } else { self.rows().optional("more", more).print() }
    }

    fn rows(&self) -> Rows {
        let t = text();
        let words = &t.certiface;
        let headline = match self.outcome {
            JourneyOutcome::Passed => words.passed,
            JourneyOutcome::NotPassed => words.not_passed,
            JourneyOutcome::Unfinished => words.unfinished,
            _ => words.unclear,
        };
        let mut rows = Rows::default()
            .headline(self.outcome(), headline, self.status.as_deref().unwrap_or(words.no_status))
            .optional(t.rows.reason, self.reason)
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", self.label))
            .row(t.rows.liveness, self.liveness());
        if let Some(reference) = self.result.and_then(|result| result.id_externo_cliente.as_ref()) {
            rows = rows.row(t.rows.reference, printable(reference.as_str()));
        }
        for document in &self.documents {
            rows = document.rows(rows, self.result.is_some());
        }
        rows.optional(t.rows.genuine, self.documents_score.map(|score| (t.rows.percent)(&score.to_string())))
            .optional(t.rows.face_match, self.face_match.as_ref().map(Check::words))
            .optional("Serpro", self.serpro.as_ref().map(Check::words))
            .optional(t.rows.risk, self.risk())
            .optional(t.rows.photos, (self.photos > 0).then(|| self.photos.to_string()))
            .simulated(self.has_simulated_row.then_some(t.place.simulated))
    }

    fn risk(&self) -> Option<String> {
        let words = &text().certiface;
        let score = self.shown_score.as_ref()?;
        Some(match self.risk {
            Some(class) => (words.risk_of)(class_words(class), score),
            None => (words.no_information)(score),
        })
    }

    fn liveness(&self) -> String {
        let t = text();
        let verdict = match self.liveness {
            Some(true) => t.certiface.liveness_passed,
            Some(false) => t.certiface.liveness_not_passed,
            None => t.rows.unclear,
        };
        match &self.liveness_code {
            Some(code) => (t.certiface.with_code)(verdict, code),
            None => verdict.to_owned(),
        }
    }
}

impl Read {
    fn of(document: &Document) -> Self {
        let kind = scrub(&document.kind.as_str().to_uppercase());
        let (fields, values) = fields(document).into_iter().unzip();
        Self { kind, fields, values }
    }

    fn rows(&self, rows: Rows, show: bool) -> Rows {
        let t = text();
        if !show {
            let fields: Vec<_> = self.fields.iter().map(|field| field_words(field)).collect();
            return rows.row(t.rows.document, (t.rows.hidden_fields)(&self.kind, &fields.join(", ")));
        }
        let rows = rows.row(t.rows.document, &self.kind);
        let pairs = self.fields.iter().zip(&self.values);
        pairs.fold(rows, |rows, (field, value)| rows.row(&format!("  {}", field_words(field)), value))
    }
}

/// Returns the fields that were read, by name.
fn fields(document: &Document) -> Vec<(&'static str, String)> {
    let t = text();
    let text = |text: &Option<RedactedText>| {
        text.as_ref().map(|text| printable(&text.as_str().replace('\n', " / ")))
    };
    let flag = |flag: Option<bool>| flag.map(|flag| if flag { t.rows.yes } else { t.rows.no }.to_owned());
    let expiry = document.expiry.as_ref().map(|expiry| match expiry {
        Expiry::Date(date) => date.to_iso8601(),
        Expiry::Indefinite => t.fields.never.to_owned(),
        Expiry::Unread(text) => printable(text.as_str()),
        _ => t.fields.unknown_kind.to_owned(),
    });
    let all = [
        ("name", text(&document.name)),
        ("cpf", document.cpf.as_ref().map(Cpf::formatted)),
        ("birth_date", document.birth_date.map(|date| date.to_iso8601())),
        ("father", text(&document.father)),
        ("mother", text(&document.mother)),
        ("number", text(&document.number)),
        ("issue_date", document.issue_date.map(|date| date.to_iso8601())),
        ("expiry", expiry),
        ("issuer", text(&document.issuer)),
        ("state", text(&document.state)),
        ("signed", flag(document.is_signed)),
        ("black_and_white", flag(document.is_black_and_white)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

impl Check {
    fn of(check: &BiometricCheck) -> Self {
        Self {
            matched: match check.verdict() {
                Verdict::Match => Some(true),
                Verdict::NoMatch => Some(false),
                _ => None,
            },
            reason: check.unclear_reason(),
            code: check.codigo.as_ref().map(|code| scrub(code.as_str())),
            score: number(&check.score),
        }
    }

    fn words(&self) -> String {
        let t = text();
        let verdict = match self.matched {
            Some(true) => t.certiface.same_person,
            Some(false) => t.certiface.different_person,
            None => t.rows.unclear,
        };
        let facts = [self.code.as_deref().map(t.certiface.code), self.score.map(t.certiface.score)];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        if facts.is_empty() { verdict.to_owned() } else { format!("{verdict} ({})", facts.join(", ")) }
    }
}

fn answered(finding: Finding) -> Option<bool> {
    match finding {
        Finding::Yes => Some(true),
        Finding::No => Some(false),
        _ => None,
    }
}

fn number(printed: &Option<Lenient<FiniteF64>>) -> Option<f64> {
    printed.as_ref()?.get().map(|number| number.get())
}

fn class(risk: RiskClass) -> &'static str {
    match risk {
        RiskClass::VeryLow => "very low",
        RiskClass::Low => "low",
        RiskClass::Medium => "medium",
        RiskClass::High => "high",
        RiskClass::VeryHigh => "very high",
        _ => "unknown",
    }
}

/// Returns the class in the language of the user.
fn class_words(name: &'static str) -> &'static str {
    let t = &text().certiface;
    match name {
        "very low" => t.risk_very_low,
        "low" => t.risk_low,
        "medium" => t.risk_medium,
        "high" => t.risk_high,
        "very high" => t.risk_very_high,
        _ => t.unknown,
    }
}
