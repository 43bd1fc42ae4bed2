//! Types that more than one operation uses: the journey's result and its code tables. (Our page: "Result".)

mod codes;
mod document;
mod ocr;
mod photos;
mod result;
#[cfg(test)]
mod tests;

pub use codes::{
    BiometricCode, CertifaceIdCode, DocumentSide, DocumentType, FileStatus, JourneyStatus, LivenessCode,
    PhotoKind, ProcessedFileStatus, ProcessingStatus, RiskClass, RiskScore,
};
pub use document::{Document, Expiry};
pub use ocr::{CinOcr, ClientOcr, ClientOcrs, CnhOcr, DniOcr, OcrData, RgOcr};
pub use photos::{DocumentPhoto, FacePhotos, Photos};
pub use result::{
    AnalysedFile, BiometricCheck, CertifaceId, DocumentAnalysis, DocumentBiometrics, Facecaptcha,
    JourneyResult, ProcessedFile,
};
