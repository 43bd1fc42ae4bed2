//! What a journey comes to: every part that was contracted must be there, be readable and agree. (Our page: "What a result comes
//! to".)

use kyc_core::{Lenient, Verdict};

use super::codes::{FileStatus, JourneyStatus, ProcessedFileStatus, ProcessingStatus, RiskClass, RiskScore};
use super::result::{AnalysedFile, CertifaceId, DocumentAnalysis, JourneyResult};

/// What a journey comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum JourneyOutcome {
    /// The journey has ended, and each of its parts is in the person's favour.
    Passed,
    /// A part is against the person, or the journey failed.
    NotPassed,
    /// A part that decides is missing, unreadable, unknown or contradictory.
    Unclear,
    /// The journey has not ended.
    Unfinished,
}

/// The checks that you contracted besides liveness and the analysis of the document. The vendor leaves out a check that is not
/// contracted, so that only you know whether an absent one is missing.
///
/// ```
/// use certiface::{ContractedChecks, JourneyOutcome, JourneyResult};
///
/// let json = br#"{
///     "status": "Completo",
///     "facecaptcha": { "validado": true, "codID": 200.0 },
///     "analiseDocumento": { "statusProcessamento": 4, "score": 98 }
/// }"#;
/// let result: JourneyResult = certiface::kyc_core::decode(json)?.value;
/// assert_eq!(result.outcome(ContractedChecks::NONE), JourneyOutcome::Passed);
/// let contracted = ContractedChecks::NONE.with_face_match();
/// assert_eq!(result.outcome(contracted), JourneyOutcome::Unclear);
/// assert_eq!(result.outcome_reason(contracted), Some("the comparison with the document is missing"));
/// # Ok::<(), certiface::kyc_core::DecodeFailure>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ContractedChecks {
    face_match: bool,
    serpro: bool,
    bureau: bool,
}

impl ContractedChecks {
    /// Liveness and the analysis of the document alone. What else a result holds must agree nevertheless.
    pub const NONE: Self = Self { face_match: false, serpro: false, bureau: false };

    /// Everything that the vendor offers.
    pub const ALL: Self = Self { face_match: true, serpro: true, bureau: true };

    /// Adds the comparison of the document's photograph with the selfie.
    pub const fn with_face_match(self) -> Self {
        Self { face_match: true, ..self }
    }

    /// Adds the comparison with Serpro.
    pub const fn with_serpro(self) -> Self {
        Self { serpro: true, ..self }
    }

    /// Adds the face bureau.
    pub const fn with_bureau(self) -> Self {
        Self { bureau: true, ..self }
    }
}

/// Whether a part is in the person's favour; the error names why that is unclear.
type Judged = Result<bool, &'static str>;

impl JourneyResult {
    /// Returns what the journey comes to. It has passed only if it has ended and liveness, the analysis of the document, every
    /// contracted check and every other check that the result holds are in the person's favour.
    ///
    /// A face bureau that calls the risk very high contradicts a pass; lower classes are yours to weigh: see
    /// [`risk`](Self::risk). So is the likelihood that the document is genuine, unless it is 0.
    pub fn outcome(&self, contracted: ContractedChecks) -> JourneyOutcome {
        self.judge(contracted).0
    }

    /// Returns why the journey has not passed, in words without personal data; `None` if it has, or has not ended.
    #[must_use]
    pub fn outcome_reason(&self, contracted: ContractedChecks) -> Option<&'static str> {
        self.judge(contracted).1
    }

    fn judge(&self, contracted: ContractedChecks) -> (JourneyOutcome, Option<&'static str>) {
        match &self.status {
            Some(JourneyStatus::Complete | JourneyStatus::CompleteWithoutOcr) => {}
            Some(JourneyStatus::Processing | JourneyStatus::NotProcessed) => {
                return (JourneyOutcome::Unfinished, None);
            }
            Some(JourneyStatus::Error) => {
                return (JourneyOutcome::NotPassed, Some("the journey ended with an error"));
            }
            _ => return (JourneyOutcome::Unclear, Some("the status is missing or unknown")),
        }
        let parts = self.parts(contracted);
        if let Some((_, against)) = parts.iter().find(|(judged, _)| *judged == Ok(false)) {
            return (JourneyOutcome::NotPassed, Some(against));
        }
        match parts.iter().find_map(|(judged, _)| judged.err()) {
            Some(doubt) => (JourneyOutcome::Unclear, Some(doubt)),
            None => (JourneyOutcome::Passed, None),
        }
    }

    /// Judges each part, and names what it says if it is against the person.
    fn parts(&self, contracted: ContractedChecks) -> Vec<(Judged, &'static str)> {
        let liveness = match &self.facecaptcha {
            Some(facecaptcha) => facecaptcha.judge(),
            None => Err("the liveness check is missing"),
        };
        let analysis = match &self.analise_documento {
            Some(analysis) => analysis.judge(),
            None => Err("the analysis of the document is missing"),
        };
        let compared = |verdict: Verdict, doubt: Option<&'static str>| match (verdict, doubt) {
            (Verdict::Match, None) => Ok(true),
            (Verdict::NoMatch, None) => Ok(false),
            (_, doubt) => Err(doubt.unwrap_or("the comparison is unclear")),
        };
        let mut parts = vec![
            (liveness, "the person did not pass the liveness check"),
            (analysis, "the document is not genuine"),
        ];
        let (document, serpro) =
            ("the faces of document and selfie do not match", "the face does not match that of Serpro");
        parts.extend(
            self.face_matches().map(|check| (compared(check.verdict(), check.unclear_reason()), document)),
        );
        parts.extend(self.serpros().map(|check| (compared(check.verdict(), check.unclear_reason()), serpro)));
        parts.extend(self.certiface_id.iter().map(|bureau| {
            (judge_bureau(bureau, contracted.bureau), "the face bureau is against the person")
        }));
        let missing = [
            (
                contracted.face_match && self.face_match().is_none(),
                "the comparison with the document is missing",
            ),
            (contracted.serpro && self.serpro().is_none(), "the comparison with Serpro is missing"),
            (contracted.bureau && self.certiface_id.is_none(), "the response of the face bureau is missing"),
        ];
        parts.extend(
            missing.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| (Err(what), what)),
        );
        parts
    }
}

impl DocumentAnalysis {
    /// Judges whether the analysis was made. It never says that the document is a forgery: see [`score`](Self::score).
    pub(super) fn judge(&self) -> Judged {
        let is_scored = match &self.status_processamento {
            Some(ProcessingStatus::Processed) => true,
            Some(ProcessingStatus::ProcessedWithoutOcr) => self.score.is_some(),
            Some(ProcessingStatus::Waiting | ProcessingStatus::Processing) => {
                return Err("the journey is complete, but the analysis of the document is not");
            }
            Some(ProcessingStatus::Cancelled | ProcessingStatus::Failed | ProcessingStatus::WrongUpload) => {
                return Err(
                    "the journey is complete, but the analysis of the document failed or was cancelled",
                );
            }
            _ => return Err("the status of the document's analysis is missing or unknown"),
        };
        if self.documentos.iter().flatten().any(has_failed) {
            return Err("the journey is complete, but a submitted file could not be read or was cancelled");
        }
        match self.score.as_ref().and_then(Lenient::get).map(|score| score.get()) {
            _ if !is_scored => Ok(true),
            Some(score) if score > 0.0 && score <= 100.0 => Ok(true),
            Some(0.0) => Err("the journey is complete, but the likelihood that the document is genuine is 0"),
            _ => Err("the likelihood that the document is genuine is missing, unreadable or out of range"),
        }
    }
}

fn has_failed(file: &AnalysedFile) -> bool {
    let is_lost =
        matches!(file.status_arquivo, Some(FileStatus::IdentificationFailed | FileStatus::Cancelled));
    let mut found = file.arquivos_processado.iter().flatten();
    is_lost
        || found.any(|found| {
            let status = found.status_arquivo_processado.as_ref();
            matches!(status, Some(ProcessedFileStatus::ReadingFailed | ProcessedFileStatus::Cancelled))
        })
}

/// `is_required`: a bureau without information on the person is not enough.
fn judge_bureau(bureau: &CertifaceId, is_required: bool) -> Judged {
    if !bureau.codigo.as_ref().is_some_and(|code| code.is_finished()) {
        return Err("the face bureau did not finish, or its code is missing or unknown");
    }
    match (bureau.risk(), &bureau.score) {
        (Some(RiskClass::VeryHigh), _) => {
            Err("the journey is complete, but the face bureau calls the risk very high")
        }
        (Some(_), _) => Ok(true),
        (None, Some(RiskScore::NoInformation)) if !is_required => Ok(true),
        (None, Some(RiskScore::NoInformation)) => Err("the face bureau has no information on the person"),
        (None, _) => Err("the score of the face bureau is missing or unknown"),
    }
}
