//! Types that more than one operation uses: the appkey, the verdict on liveness, and the result with its code tables.
//! (Our page: "Result".)

use kyc_core::OneOrMany;
use serde::{Deserialize, Deserializer};

mod appkey;
mod biometrics;
mod codes;
mod document;
mod evidence;
mod liveness;
mod ocr;
mod outcome;
mod photos;
mod result;
#[cfg(test)]
mod tests;

pub use appkey::Appkey;
pub(crate) use appkey::{RESULT, optional as optional_appkey};
pub use biometrics::{BiometricCheck, DocumentBiometrics};
pub use codes::{
    BiometricCode, CertifaceIdCode, DocumentSide, DocumentType, FileStatus, FraudStatus, JourneyStatus,
    LicenceFile, LicenceFormat, LicencePermission, LivenessCode, LivenessStep, LivenessVendor, PhotoKind,
    ProcessedFileStatus, ProcessingStatus, RiskClass, RiskScore,
};
pub use document::{Document, Expiry};
pub use liveness::{Liveness, LivenessResponse};
pub use ocr::{CinOcr, ClientOcr, ClientOcrs, CnhOcr, DniOcr, OcrData, RgOcr};
pub use outcome::{ContractedChecks, JourneyOutcome};
pub use photos::{DocumentPhoto, FacePhotos, Photos};
pub use result::{AnalysedFile, CertifaceId, DocumentAnalysis, Facecaptcha, JourneyResult, ProcessedFile};

/// Reads a list, or a single value in its place.
pub(crate) fn one_or_many<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<OneOrMany<T>>::deserialize(deserializer)?.map(OneOrMany::into_vec))
}
