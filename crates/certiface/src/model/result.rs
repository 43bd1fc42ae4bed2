//! The result of a journey and its direct parts. (Our page: "Result".)

use kyc_core::{DateTime, DocumentKind, FiniteF64, Lenient, RedactedText};
use serde::{Deserialize, Serialize};

use super::codes::{
    BiometricCode, CertifaceIdCode, DocumentSide, FileStatus, JourneyStatus, LivenessCode,
    ProcessedFileStatus, ProcessingStatus, RiskClass, RiskScore,
};
use super::document::Document;
use super::ocr::{CinOcr, ClientOcr, ClientOcrs, CnhOcr, DniOcr, OcrData, RgOcr};
use super::photos::Photos;

/// All that is known of a journey: the answer of `result`. (Our page: "Result".)
///
/// What was not ordered, or has not been done yet, is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct JourneyResult {
    /// How far the journey is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<JourneyStatus>,
    /// Your reference, as it was sent with the appkey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_externo_cliente: Option<RedactedText>,
    /// When the appkey was made; no zone is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_criacao_appkey: Option<Lenient<DateTime>>,
    /// What was read from the documents, and what was found out about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analise_documento: Option<DocumentAnalysis>,
    /// The face bureau's answer.
    #[serde(rename = "certifaceID", alias = "certifaceId", skip_serializing_if = "Option::is_none")]
    pub certiface_id: Option<CertifaceId>,
    /// The proof of life.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facecaptcha: Option<Facecaptcha>,
    /// The pictures that were handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fotos: Option<Photos>,
}

impl JourneyResult {
    /// Whether the person passed the proof of life: the vendor's own verdict, never a reading of its code.
    /// `None` if there is none.
    #[must_use]
    pub fn liveness(&self) -> Option<bool> {
        self.facecaptcha.as_ref()?.validado.as_ref()?.get().copied()
    }

    /// The comparison of the document's photograph with the selfie. `None` if it was not ordered.
    #[must_use]
    pub fn face_match(&self) -> Option<&BiometricCheck> {
        self.analise_documento.as_ref()?.biometrics()?.facematch.as_ref()
    }

    /// The comparison with Serpro, the state's base. `None` if it was not ordered.
    #[must_use]
    pub fn serpro(&self) -> Option<&BiometricCheck> {
        self.analise_documento.as_ref()?.biometrics()?.serpro.as_ref()
    }

    /// The class of the face bureau's risk. `None` if it has no information, or a score that is not in its table.
    #[must_use]
    pub fn risk(&self) -> Option<RiskClass> {
        self.certiface_id.as_ref()?.score.as_ref()?.class()
    }

    /// Every document that was read, whichever object it came in.
    #[must_use]
    pub fn documents(&self) -> Vec<Document> {
        self.analise_documento.as_ref().map(DocumentAnalysis::documents).unwrap_or_default()
    }

    /// The first of [`documents`](Self::documents): as a rule there is one.
    #[must_use]
    pub fn document(&self) -> Option<Document> {
        self.documents().into_iter().next()
    }
}

/// The analysis of the documents. (Vendor: `analiseDocumento`; our page: "The document".)
///
/// Objects that the vendor's example leaves in doubt have a field at each place where they may stand: take them by the
/// methods, which look everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentAnalysis {
    /// The vendor's own number of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Lenient<i64>>,
    /// The vendor's own id of the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_externo: Option<RedactedText>,
    /// The ticket under which the documents are worked on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<RedactedText>,
    /// When the ticket was made; no zone is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_criacao: Option<Lenient<DateTime>>,
    /// The customer, in the system that examines documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_cliente: Option<RedactedText>,
    /// The customer's branch, in the system that examines documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_subcliente: Option<RedactedText>,
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_usuario: Option<RedactedText>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_processamento: Option<ProcessingStatus>,
    /// When that status was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_status_processamento: Option<Lenient<DateTime>>,
    /// What kind of work was done: a number of the vendor's own, without a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_tipo_processamento: Option<Lenient<i64>>,
    /// How likely the document is to be genuine, in percent from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Lenient<FiniteF64>>,
    /// Where the outcome is posted, inside the vendor's house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_retorno_ticket: Option<RedactedText>,
    /// When the ticket came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_retorno_ticket: Option<Lenient<DateTime>>,
    /// What was read.
    #[serde(
        rename = "responseClientDadosOcrDTO",
        alias = "responseClientDadosOcrDto",
        alias = "ResponseClientDadosOcrDTO",
        alias = "ResponseClientDadosOcrDto",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_dados_ocr_dto: Option<OcrData>,
    /// CRNM and passport, where they stand beside the other objects.
    #[serde(
        rename = "ResponseClienDadosOcrDTO",
        alias = "ResponseClienDadosOcrDto",
        alias = "responseClienDadosOcrDTO",
        alias = "responseClienDadosOcrDto",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_clien_dados_ocr_dto: Option<ClientOcrs>,
    /// A passport as a rule, where it stands by itself.
    #[serde(
        rename = "responseClientOcrDto",
        alias = "responseClientOcrDTO",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_ocr_dto: Option<Box<ClientOcr>>,
    /// A CRNM as a rule, where it stands by itself: its key begins with a capital.
    #[serde(
        rename = "ResponseClientOcrDto",
        alias = "ResponseClientOcrDTO",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_ocr_dto_crnm: Option<Box<ClientOcr>>,
    /// The comparisons with the selfie. The vendor's table also calls it `biometriaCertiface`.
    #[serde(alias = "biometriaCertiface", skip_serializing_if = "Option::is_none")]
    pub biometria_documento: Option<DocumentBiometrics>,
    /// The files that were handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentos: Option<Vec<AnalysedFile>>,
}

impl DocumentAnalysis {
    /// The comparisons with the selfie, wherever they stand.
    #[must_use]
    pub fn biometrics(&self) -> Option<&DocumentBiometrics> {
        let inside = || self.response_client_dados_ocr_dto.as_ref()?.biometria_documento.as_ref();
        self.biometria_documento.as_ref().or_else(inside)
    }

    /// What was read from an RG.
    #[must_use]
    pub fn rg(&self) -> Option<&RgOcr> {
        self.response_client_dados_ocr_dto.as_ref()?.response_client_rg_ocr_dto.as_deref()
    }

    /// What was read from a driving licence.
    #[must_use]
    pub fn cnh(&self) -> Option<&CnhOcr> {
        self.response_client_dados_ocr_dto.as_ref()?.response_client_cnh_ocr_dto.as_deref()
    }

    /// What was read from a DNI.
    #[must_use]
    pub fn dni(&self) -> Option<&DniOcr> {
        self.response_client_dados_ocr_dto.as_ref()?.response_client_dni_ocr_dto.as_deref()
    }

    /// What was read from a CIN.
    #[must_use]
    pub fn cin(&self) -> Option<&CinOcr> {
        self.response_client_dados_ocr_dto.as_ref()?.response_client_cin_ocr_dto.as_deref()
    }

    /// What was read from a CRNM, wherever it stands and under either key.
    #[must_use]
    pub fn crnm(&self) -> Option<&ClientOcr> {
        self.client_ocr(&DocumentKind::Crnm)
    }

    /// What was read from a passport, wherever it stands and under either key.
    #[must_use]
    pub fn passport(&self) -> Option<&ClientOcr> {
        self.client_ocr(&DocumentKind::Passport)
    }

    /// What the object says of itself counts before its key: keys that differ in the case of one letter are soon mixed
    /// up.
    fn client_ocr(&self, wanted: &DocumentKind) -> Option<&ClientOcr> {
        let inside = self.response_client_dados_ocr_dto.as_ref();
        let wrapped = [
            inside.and_then(|ocr| ocr.response_clien_dados_ocr_dto.as_ref()),
            self.response_clien_dados_ocr_dto.as_ref(),
        ];
        let wrapped = wrapped
            .map(|ocrs| ocrs.map(|ocrs| (&ocrs.response_client_ocr_dto, &ocrs.response_client_ocr_dto_crnm)));
        let single = [
            inside.map(|ocr| (&ocr.response_client_ocr_dto, &ocr.response_client_ocr_dto_crnm)),
            Some((&self.response_client_ocr_dto, &self.response_client_ocr_dto_crnm)),
        ];
        let pairs = wrapped.into_iter().chain(single).flatten();
        pairs
            .flat_map(|(passport, crnm)| [(passport, DocumentKind::Passport), (crnm, DocumentKind::Crnm)])
            .filter_map(|(ocr, by_key)| ocr.as_deref().map(|ocr| (ocr, by_key)))
            .find(|(ocr, by_key)| ocr.kind().as_ref().unwrap_or(by_key) == wanted)
            .map(|(ocr, _)| ocr)
    }
}

/// The comparisons of a document with other pictures. (Vendor: `biometriaDocumento`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentBiometrics {
    /// The vendor's number of the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocolo: Option<RedactedText>,
    /// The document's photograph with the selfie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facematch: Option<BiometricCheck>,
    /// With the picture that Serpro has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serpro: Option<BiometricCheck>,
}

/// One comparison. (Vendor: `facematch` and `serpro`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BiometricCheck {
    /// What it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codigo: Option<BiometricCode>,
    /// The same in the vendor's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causa: Option<RedactedText>,
    /// How alike the faces are, from 0 to 1. Only if they were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Lenient<FiniteF64>>,
}

impl BiometricCheck {
    /// Whether the faces are one person's; `None` when they were not compared.
    #[must_use]
    pub fn is_match(&self) -> Option<bool> {
        self.codigo.as_ref()?.is_match()
    }
}

/// A file that was handed in. (Vendor: an entry of `documentos`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AnalysedFile {
    /// Its place in the order in which files came to the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arquivo: Option<Lenient<i64>>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_arquivo: Option<FileStatus>,
    /// What was found in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arquivos_processado: Option<Vec<ProcessedFile>>,
}

/// A side of a document that was found in a file. (Vendor: an entry of `arquivosProcessado`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ProcessedFile {
    /// Which side of which document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tipo: Option<DocumentSide>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_arquivo_processado: Option<ProcessedFileStatus>,
}

/// The face bureau's answer. (Vendor: `certifaceID`; our page: "The bureau of faces".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CertifaceId {
    /// How the enquiry ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codigo: Option<CertifaceIdCode>,
    /// The vendor's number of the transaction: a number here, text elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocolo: Option<RedactedText>,
    /// The risk, from 100 (lowest) to 1000; 0 is no information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<RiskScore>,
}

/// The proof of life. (Vendor: `facecaptcha`; our page: "The proof of life".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Facecaptcha {
    /// The step at which it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causa: Option<RedactedText>,
    /// How it ended: to explain [`validado`](Self::validado), not to replace it.
    #[serde(rename = "codID", alias = "codId", skip_serializing_if = "Option::is_none")]
    pub cod_id: Option<LivenessCode>,
    /// The vendor's number of the transaction: a number here, text elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocolo: Option<RedactedText>,
    /// Whether the person passed; false also when something went wrong. The vendor's table calls it `valid`.
    #[serde(alias = "valid", skip_serializing_if = "Option::is_none")]
    pub validado: Option<Lenient<bool>>,
}
