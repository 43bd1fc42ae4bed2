//! Looks at the pictures of a case with kyc-face before anything is sent.

use kyc_core::{Applicant, Retake, RetakeItem};
use kyc_face::{Detector, Purpose, WeightsError};
use kyc_verify::Preflight;

/// Looks at what a person handed in, for `VerificationBuilder::preflight`: no face, more than one, a small or a turned one, blur, light,
/// the same picture twice.
///
/// It is advice, whose error was not measured: the person is asked once.
#[derive(Debug)]
pub struct FacePreflight(Detector);

impl FacePreflight {
    /// Reads the weights of the detector. One may be shared by several verifications, in an `Arc`.
    ///
    /// # Errors
    /// The file of the weights was changed after its crate was published.
    pub fn new() -> Result<Self, WeightsError> {
        Detector::new().map(Self)
    }
}

impl Preflight for FacePreflight {
    fn advise(&self, applicant: &Applicant) -> Vec<Retake> {
        let mut pictures = Vec::new();
        pictures.extend(applicant.selfie.clone().map(|selfie| (Purpose::new(RetakeItem::Selfie), selfie)));
        if let Some(document) = &applicant.document {
            let of = |item| Purpose::of_document(item, document.kind.clone());
            pictures.push((of(RetakeItem::Front), document.front.clone()));
            pictures.extend(document.back.clone().map(|back| (of(RetakeItem::Back), back)));
        }
        let reports = self.0.reports(&pictures);
        let asked = pictures.iter().zip(reports).flat_map(|((purpose, _), report)| {
            let item = purpose.item;
            report.advice.into_iter().map(move |cause| Retake::new(item, cause))
        });
        asked.collect()
    }
}
