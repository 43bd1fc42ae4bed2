//! What a program over several vendors names all the time: `use kyc_br::prelude::*;`.

pub use kyc_core::{
    BackgroundChecker, ClientOptions, Cnpj, Cpf, Delivery, DocumentKind, DocumentPage, DocumentReader, Error,
    ErrorKind, FaceMatch, FaceMatcher, FacePair, Media, OperationId, Response, Secret, Submission,
    WebhookSource,
};
