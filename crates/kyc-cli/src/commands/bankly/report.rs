//! The output of one image: its verdict and the advice to the person. Personal data is printed only on request.

use bankly_kyc::{Advice, Analysis, DocumentDetails, ImageToken, Place as Slot, Reason, Verdict};
use kyc_core::{Cpf, Date, Lenient, RedactedText};
use serde::Serialize;

use super::{name, shown};
use crate::messages::{Lang, text};
use crate::outcome::Outcome;
use crate::output::{Rows, field_words, printable, scrub};

/// What is printed.
#[derive(Clone, Copy)]
pub(super) struct Show {
    pub(super) personal_data: bool,
    pub(super) tokens: bool,
}

/// An image in `--json`.
#[derive(Serialize)]
pub(super) struct ImageReport {
    picture: &'static str,
    /// `valid`, `invalid`, `unclear`, `pending`, or `unknown` if Bankly does not know the image.
    pub(super) verdict: &'static str,
    /// The vendor's status of the analysis.
    status: Option<String>,
    reasons: Vec<Why>,
    /// The vendor's messages about a refused selfie.
    messages: Vec<String>,
    /// The similarity of the faces, from 0 to 1, as with every vendor.
    similarity: Option<f64>,
    /// The same as Bankly states it.
    similarity_percent: Option<f64>,
    document: Option<String>,
    /// The names of the fields that were read.
    fields: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// The whole analysis, with personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis: Option<Analysis>,
    #[serde(skip)]
    pub(super) slot: Slot,
    #[serde(skip)]
    values: Vec<String>,
}

/// Why an image is not valid, and the advice to the person.
#[derive(Serialize)]
struct Why {
    reason: &'static str,
    advice: InLanguages,
    #[serde(skip)]
    words: &'static str,
}

/// The advice in each language, because the JSON does not depend on the user's.
#[derive(Serialize)]
struct InLanguages {
    pt: &'static str,
    en: &'static str,
}

impl ImageReport {
    /// `judged`: the analysis and its verdict within the onboarding.
    pub(super) fn of(
        slot: Slot,
        token: &ImageToken,
        judged: Option<(&Analysis, Verdict)>,
        show: Show,
    ) -> Self {
        let (analysis, verdict) = judged.unzip();
        let details = analysis.and_then(|analysis| analysis.document_details.as_ref());
        let (fields, values) = details.map(fields).unwrap_or_default().into_iter().unzip();
        let face_match = analysis.and_then(|analysis| analysis.face_match.as_ref());
        let similarity = face_match.and_then(|result| result.similarity.as_ref()?.get().copied());
        let liveness = analysis.and_then(|analysis| analysis.liveness.as_ref());
        let messages = liveness.into_iter().flat_map(|liveness| liveness.messages());
        let status = analysis.and_then(|analysis| analysis.status.as_ref());
        let kind = details.and_then(|details| details.identified_document_type.as_ref());
        Self {
            picture: name(slot),
            verdict: match &verdict {
                None => "unknown",
                Some(Verdict::Valid) => "valid",
                Some(Verdict::Invalid(_)) => "invalid",
                Some(Verdict::Pending) => "pending",
                Some(_) => "unclear",
            },
            status: status.map(|status| scrub(status.as_str())),
            reasons: match &verdict {
                Some(Verdict::Invalid(reasons)) => reasons.iter().map(|&reason| Why::of(reason)).collect(),
                _ => Vec::new(),
            },
            messages: messages.map(|message| scrub(message.as_str())).collect(),
            similarity: similarity.map(|number| fraction(number.get())),
            similarity_percent: similarity.map(|number| number.get()),
            document: kind.map(|kind| scrub(kind.as_str())),
            fields,
            token: show.tokens.then(|| printable(token.as_str())),
            analysis: analysis.filter(|_| show.personal_data).cloned(),
            slot,
            values,
        }
    }

    pub(super) fn is_valid(&self) -> bool {
        self.verdict == "valid"
    }

    pub(super) fn outcome(&self) -> Outcome {
        outcome_of(self.verdict)
    }

    /// Returns the rows of the image, with advice if it is not valid.
    pub(super) fn rows(&self, rows: Rows) -> Rows {
        let t = text();
        let mut rows = rows.row(shown(self.slot), self.verdict());
        for why in &self.reasons {
            let advice = if t.lang == Lang::Pt { why.advice.pt } else { why.advice.en };
            rows = rows.row(&below(t.rows.advice), advice);
        }
        for message in &self.messages {
            rows = rows.row(&below(t.rows.vendor_says), message);
        }
        rows = rows.optional(&below(t.rows.token), self.token.as_deref());
        let similarity = self.similarity_percent.map(|percent| (t.rows.percent)(&format!("{percent:.2}")));
        rows = rows.optional(&below(t.rows.similarity), similarity);
        self.document(rows)
    }

    fn verdict(&self) -> String {
        let t = text();
        let reasons: Vec<_> = self.reasons.iter().map(|why| why.words).collect();
        match (self.verdict, &self.status) {
            ("valid", _) => t.bankly.valid.to_owned(),
            ("invalid", _) => (t.bankly.not_valid)(&reasons.join(", ")),
            ("pending", Some(status)) => (t.bankly.analysed)(status),
            ("pending", None) => t.bankly.being_analysed.to_owned(),
            ("unclear", _) => t.rows.unclear.to_owned(),
            _ => t.bankly.not_known.to_owned(),
        }
    }

    fn document(&self, rows: Rows) -> Rows {
        if self.fields.is_empty() {
            return rows;
        }
        let t = text();
        let kind = self.document.as_deref().unwrap_or(t.rows.no_kind);
        let name = below(t.rows.document);
        if self.analysis.is_none() {
            let fields: Vec<_> = self.fields.iter().map(|field| field_words(field)).collect();
            return rows.row(&name, (t.rows.hidden_fields)(kind, &fields.join(", ")));
        }
        let rows = rows.row(&name, kind);
        let pairs = self.fields.iter().zip(&self.values);
        pairs.fold(rows, |rows, (field, value)| rows.row(&below(field_words(field)), value))
    }
}

/// Converts a percentage. The division of decimals leaves a rest in the last digits.
fn fraction(percent: f64) -> f64 {
    (percent * 1e4).round() / 1e6
}

/// Returns the name of a row that belongs to the row above.
fn below(name: &str) -> String {
    format!("  {name}")
}

/// Returns the outcome for the verdict on an image or an onboarding. Bankly accepts a new image in place of an invalid one.
pub(super) fn outcome_of(verdict: &str) -> Outcome {
    match verdict {
        "valid" => Outcome::Yes,
        "invalid" => Outcome::Retake,
        "pending" | "unknown" => Outcome::NotYet,
        "in_doubt" => Outcome::MayHaveBeenPaid,
        "none" => Outcome::No,
        _ => Outcome::Unclear,
    }
}

impl Why {
    fn of(reason: Reason) -> Self {
        let t = &text().bankly;
        let (reason_name, words) = match reason {
            Reason::NoLiveness => ("no_liveness", t.no_live_person),
            Reason::NoFace => ("no_face", t.no_face),
            Reason::ManyFaces => ("many_faces", t.many_faces),
            Reason::UnmatchedDocument => ("unmatched_document", t.unmatched),
            Reason::ManyFacesOnDocument => ("many_faces_on_document", t.many_faces),
            Reason::NoDocument => ("no_document", t.no_document),
            Reason::UnreadableDocument => ("unreadable_document", t.unreadable),
            Reason::AnalysisFailed => ("analysis_failed", t.analysis_failed),
            _ => ("unclear", t.no_reason),
        };
        let Advice { pt, en, .. } = reason.advice();
        Self { reason: reason_name, advice: InLanguages { pt, en }, words }
    }
}

/// Returns the fields that were read, by name.
fn fields(details: &DocumentDetails) -> Vec<(&'static str, String)> {
    let text = |text: &Option<RedactedText>| text.as_ref().map(|text| printable(text.as_str()));
    let date = |date: &Option<Lenient<Date>>| date.as_ref().map(|date| printable(date.text()));
    let cpf = details.cpf_number.as_ref();
    let cpf = cpf.map(|cpf| cpf.get().map_or_else(|| printable(cpf.text()), Cpf::formatted));
    let all = [
        ("name", text(&details.register_name)),
        ("cpf", cpf),
        ("birth_date", date(&details.birth_date)),
        ("birthplace", text(&details.place_of_birth)),
        ("father", text(&details.father_name)),
        ("mother", text(&details.mother_name)),
        ("number", text(&details.id_number)),
        ("issue_date", date(&details.issue_date)),
        ("expiry", date(&details.valid_date)),
        ("issuer", text(&details.issued_by)),
        ("issued_in", text(&details.issue_place)),
        ("state", text(&details.federative_unit)),
        ("licence", text(&details.drive_license_number)),
        ("classes", details.drive_license_category.as_ref().map(|class| printable(class.as_str()))),
        ("licensed", date(&details.drive_license_first_qualifying_date)),
    ];
    let read = |(name, value): (_, Option<String>)| Some((name, value.filter(|value| !value.is_empty())?));
    all.into_iter().filter_map(read).collect()
}
