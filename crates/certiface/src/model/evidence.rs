//! What a finished result shows for each check of a verification.

use kyc_core::{
    CheckKind, Evidence, FaceScore, Finding, Genuineness, Lenient, LivenessMethod, Pii, Retake, RetakeCause,
    RetakeItem, Verdict,
};

use super::{BiometricCheck, BiometricCode, Document, JourneyResult, JourneyStatus, RiskClass};

impl JourneyResult {
    /// Returns what the result of a journey shows whose capture was approved.
    pub(crate) fn evidence(&self, check: CheckKind) -> Evidence {
        if self.facecaptcha.is_some() && !self.liveness().is_yes() {
            return Evidence::Unclear("the result contradicts the liveness check");
        }
        if check == CheckKind::Liveness {
            return Evidence::Liveness { live: Finding::Yes, method: LivenessMethod::Capture };
        }
        match &self.status {
            Some(JourneyStatus::Complete | JourneyStatus::CompleteWithoutOcr) => {}
            Some(JourneyStatus::Error) => return Evidence::Unclear("the journey ended with an error"),
            _ => return Evidence::Unclear("the status is missing or unknown"),
        }
        match check {
            CheckKind::Document => self.read_document(),
            CheckKind::FaceDocument => {
                compared(self.face_matches(), "the comparison with the document is missing")
            }
            CheckKind::FaceRegister => compared(self.serpros(), "the comparison with Serpro is missing"),
            CheckKind::Risk => self.assessed_risk(),
            _ => Evidence::Unclear("the result does not show this check"),
        }
    }

    fn read_document(&self) -> Evidence {
        let Some(analysis) = &self.analise_documento else {
            return Evidence::Unclear("the analysis of the document is missing");
        };
        if let Err(doubt) = analysis.judge() {
            return Evidence::Unclear(doubt);
        }
        let likelihood = analysis.score.as_ref().and_then(Lenient::get).map(|percent| percent.get());
        let genuine = likelihood.map_or(Genuineness::Stated(Finding::Unclear), |percent| {
            Genuineness::Likelihood(percent / 100.0)
        });
        let documents = analysis.documents();
        Evidence::Document {
            kind: common(&documents, |document| Some(document.kind.clone())),
            cpf: common(&documents, |document| document.cpf.clone())
                .map(|cpf| Pii::new(cpf.digits().to_owned())),
            name: common(&documents, |document| document.name.clone()).map(|name| Pii::new(name.into())),
            birth_date: common(&documents, |document| document.birth_date).map(Pii::new),
            genuine: Some(genuine),
        }
    }

    fn assessed_risk(&self) -> Evidence {
        let score = self.certiface_id.as_ref().and_then(|bureau| bureau.score.as_ref());
        let low = match self.risk() {
            Some(RiskClass::VeryLow | RiskClass::Low) => Finding::Yes,
            Some(RiskClass::High | RiskClass::VeryHigh) => Finding::No,
            // Neither low nor high.
            Some(RiskClass::Medium) => Finding::Unclear,
            None => return Evidence::Unclear("the face bureau did not finish, or has no information"),
        };
        Evidence::Risk { low, score: score.and_then(|score| score.as_str().parse().ok()) }
    }
}

/// Returns what the comparisons show, from all places that may hold one.
fn compared<'a>(mut checks: impl Iterator<Item = &'a BiometricCheck>, missing: &'static str) -> Evidence {
    let Some(first) = checks.next() else { return Evidence::Unclear(missing) };
    if checks.any(|other| other.verdict() != first.verdict()) {
        return Evidence::Unclear("the comparisons contradict each other");
    }
    let cause = match &first.codigo {
        Some(BiometricCode::NoFaceInDocument) => Some(RetakeCause::NoFace),
        Some(code) if code.recommends_new_capture() => Some(RetakeCause::Unreadable),
        _ => None,
    };
    if let Some(cause) = cause {
        return Evidence::Retake(Retake::new(RetakeItem::Front, cause));
    }
    match (first.verdict(), first.unclear_reason()) {
        (verdict @ (Verdict::Match | Verdict::NoMatch), None) => {
            let score = first.score.as_ref().and_then(Lenient::get);
            let score = score.map(|score| FaceScore::Similarity(score.get()));
            Evidence::Face { verdict, score, false_accept_rate: None }
        }
        (_, reason) => Evidence::Unclear(reason.unwrap_or("the comparison is unclear")),
    }
}

/// Returns the value that all documents agree on that have one.
fn common<T: PartialEq>(documents: &[Document], read: impl Fn(&Document) -> Option<T>) -> Option<T> {
    let mut values = documents.iter().filter_map(read);
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
