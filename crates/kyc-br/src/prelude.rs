//! The names that a program over several vendors uses all the time: `use kyc_br::prelude::*;`.
//!
//! `Error`, `ErrorKind` and `Response` are left out, because almost every program has its own.

pub use kyc_core::{
    Applicant, BackgroundChecker, Capability, ClientOptions, Cnpj, Cpf, Date, Delivery, DocumentKind,
    DocumentPage, DocumentReader, FaceMatch, FaceMatcher, FacePair, Finding, IdentityDocument, Media,
    OperationId, Pii, Secret, Submission, Verdict, WebhookSource,
};
