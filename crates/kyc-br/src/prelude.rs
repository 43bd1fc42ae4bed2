//! What a program over several vendors names all the time: `use kyc_br::prelude::*;`.

pub use kyc_core::{
    BackgroundChecker, Cnpj, Cpf, Delivery, DocumentKind, DocumentPage, DocumentReader, Error, FaceMatch,
    FaceMatcher, FacePair, Kind, Media, OperationId, Reply, Secret, Settings, Submission, WebhookSource,
};
