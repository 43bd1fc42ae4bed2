//! The result of a journey and its parts. (Our page: "Result".)

use kyc_core::{DateTime, DocumentKind, Finding, FiniteF64, Lenient, RedactedText, response};

use super::biometrics::{BiometricCheck, DocumentBiometrics};
use super::codes::{
    CertifaceIdCode, DocumentSide, FileStatus, JourneyStatus, LivenessCode, LivenessStep,
    ProcessedFileStatus, ProcessingStatus, RiskClass, RiskScore,
};
use super::liveness::agreed;
use super::ocr::{CinOcr, ClientOcr, ClientOcrs, CnhOcr, DniOcr, OcrData, RgOcr};
use super::one_or_many;
use super::photos::Photos;

response! {
    /// Everything that is known of a journey: the response of `result`. (Our page: "Result".)
    ///
    /// Parts that are not contracted, or not finished yet, are absent.
    #[serde(rename_all = "camelCase")]
    pub struct JourneyResult {
        /// The progress of the journey.
        pub status: Option<JourneyStatus>,
        /// Your reference, as it was sent with the appkey.
        pub id_externo_cliente: Option<RedactedText>,
        /// When the appkey was created; without a time zone.
        pub data_criacao_appkey: Option<Lenient<DateTime>>,
        /// What was read from the documents, and the analysis of them.
        pub analise_documento: Option<DocumentAnalysis>,
        /// The response of the face bureau.
        #[serde(rename = "certifaceID", alias = "certifaceId")]
        pub certiface_id: Option<CertifaceId>,
        /// The liveness check.
        pub facecaptcha: Option<Facecaptcha>,
        /// The images that were submitted.
        pub fotos: Option<Photos>,
    }
}

impl JourneyResult {
    /// Returns whether the person passed the liveness check: by the vendor's own verdict, with which the code must agree. Unclear
    /// without a verdict, and where the two contradict each other.
    pub fn liveness(&self) -> Finding {
        self.facecaptcha.as_ref().map_or(Finding::Unclear, Facecaptcha::passed)
    }

    /// Returns the comparison of the document's photograph with the selfie. `None` if it is not contracted.
    #[must_use]
    pub fn face_match(&self) -> Option<&BiometricCheck> {
        self.face_matches().next()
    }

    /// Returns the comparison with Serpro, the federal database. `None` if it is not contracted.
    #[must_use]
    pub fn serpro(&self) -> Option<&BiometricCheck> {
        self.serpros().next()
    }

    /// Returns the comparison with the selfie from every place that may hold it.
    pub(super) fn face_matches(&self) -> impl Iterator<Item = &BiometricCheck> {
        self.biometrics().filter_map(|biometrics| biometrics.facematch.as_ref())
    }

    /// Returns the comparison with Serpro from every place that may hold it.
    pub(super) fn serpros(&self) -> impl Iterator<Item = &BiometricCheck> {
        self.biometrics().filter_map(|biometrics| biometrics.serpro.as_ref())
    }

    fn biometrics(&self) -> impl Iterator<Item = &DocumentBiometrics> {
        self.analise_documento.iter().flat_map(DocumentAnalysis::all_biometrics)
    }

    /// Returns the class of the face bureau's risk score. `None` if the bureau did not finish or has no information, or for a
    /// score that is not in its table.
    #[must_use]
    pub fn risk(&self) -> Option<RiskClass> {
        self.certiface_id.as_ref()?.risk()
    }
}

response! {
    /// The analysis of the documents. (Vendor: `analiseDocumento`; our page: "The document".)
    ///
    /// An object whose place the vendor's example leaves open has a field in each possible place. Read it by the methods,
    /// which search all of them.
    #[serde(rename_all = "camelCase")]
    pub struct DocumentAnalysis {
        /// The vendor's number of the analysis.
        pub id: Option<Lenient<i64>>,
        /// The vendor's id of the customer.
        pub id_externo: Option<RedactedText>,
        /// The ticket under which the documents are processed.
        pub ticket: Option<RedactedText>,
        /// When the ticket was created; without a time zone.
        pub dt_criacao: Option<Lenient<DateTime>>,
        /// The customer, in the vendor's document system.
        pub id_cliente: Option<RedactedText>,
        /// The customer's branch, in the vendor's document system.
        pub id_subcliente: Option<RedactedText>,
        /// The user.
        pub id_usuario: Option<RedactedText>,
        /// The status.
        pub status_processamento: Option<ProcessingStatus>,
        /// When that status was reached.
        pub dt_status_processamento: Option<Lenient<DateTime>>,
        /// The kind of processing: a number of the vendor without a published table.
        pub id_tipo_processamento: Option<Lenient<i64>>,
        /// The likelihood that the document is genuine, in percent from 0 to 100.
        pub score: Option<Lenient<FiniteF64>>,
        /// The internal URL to which the vendor posts the outcome.
        pub url_retorno_ticket: Option<RedactedText>,
        /// When the ticket was returned.
        pub dt_retorno_ticket: Option<Lenient<DateTime>>,
        /// What was read.
        #[serde(
            rename = "responseClientDadosOcrDTO",
            alias = "responseClientDadosOcrDto",
            alias = "ResponseClientDadosOcrDTO",
            alias = "ResponseClientDadosOcrDto",
        )]
        pub response_client_dados_ocr_dto: Option<OcrData>,
        /// CRNM and passport, if they are beside the other objects.
        #[serde(
            rename = "ResponseClienDadosOcrDTO",
            alias = "ResponseClienDadosOcrDto",
            alias = "responseClienDadosOcrDTO",
            alias = "responseClienDadosOcrDto",
        )]
        pub response_clien_dados_ocr_dto: Option<ClientOcrs>,
        /// Usually a passport, if it is an object of its own.
        #[serde(rename = "responseClientOcrDto", alias = "responseClientOcrDTO")]
        pub response_client_ocr_dto: Option<Box<ClientOcr>>,
        /// Usually a CRNM, if it is an object of its own. Its key begins with a capital.
        #[serde(rename = "ResponseClientOcrDto", alias = "ResponseClientOcrDTO")]
        pub response_client_ocr_dto_crnm: Option<Box<ClientOcr>>,
        /// The comparisons with the selfie. The vendor's table also calls it `biometriaCertiface`.
        #[serde(alias = "biometriaCertiface")]
        pub biometria_documento: Option<DocumentBiometrics>,
        /// The files that were submitted.
        #[serde(default, deserialize_with = "one_or_many")]
        pub documentos: Option<Vec<AnalysedFile>>,
    }
}

impl DocumentAnalysis {
    /// Returns the comparisons with the selfie, in whichever place they are.
    #[must_use]
    pub fn biometrics(&self) -> Option<&DocumentBiometrics> {
        self.all_biometrics().next()
    }

    fn all_biometrics(&self) -> impl Iterator<Item = &DocumentBiometrics> {
        let inside = self.response_client_dados_ocr_dto.as_ref();
        let inside = inside.and_then(|ocr| ocr.biometria_documento.as_ref());
        self.biometria_documento.iter().chain(inside)
    }

    /// Returns what was read from an RG.
    #[must_use]
    pub fn rg(&self) -> Option<&RgOcr> {
        self.response_client_dados_ocr_dto.as_ref()?.response_client_rg_ocr_dto.as_deref()
    }

    /// Returns what was read from a driving licence.
    #[must_use]
    pub fn cnh(&self) -> Option<&CnhOcr> {
        self.response_client_dados_ocr_dto.as_ref()?.response_client_cnh_ocr_dto.as_deref()
    }

    /// Returns what was read from a DNI.
    #[must_use]
    pub fn dni(&self) -> Option<&DniOcr> {
        self.response_client_dados_ocr_dto.as_ref()?.response_client_dni_ocr_dto.as_deref()
    }

    /// Returns what was read from a CIN.
    #[must_use]
    pub fn cin(&self) -> Option<&CinOcr> {
        self.response_client_dados_ocr_dto.as_ref()?.response_client_cin_ocr_dto.as_deref()
    }

    /// Returns what was read from a CRNM, in any place and under either key.
    #[must_use]
    pub fn crnm(&self) -> Option<&ClientOcr> {
        self.client_ocr(&DocumentKind::Crnm)
    }

    /// Returns what was read from a passport, in any place and under either key.
    #[must_use]
    pub fn passport(&self) -> Option<&ClientOcr> {
        self.client_ocr(&DocumentKind::Passport)
    }

    /// The object's own fields take precedence over its key: keys that differ in the case of one letter are easily mixed
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

response! {
    /// A file that was submitted. (Vendor: an entry of `documentos`.)
    #[serde(rename_all = "camelCase")]
    pub struct AnalysedFile {
        /// Its position in the order of submission to the ticket.
        pub arquivo: Option<Lenient<i64>>,
        /// The status.
        pub status_arquivo: Option<FileStatus>,
        /// What was found in the file.
        #[serde(default, deserialize_with = "one_or_many")]
        pub arquivos_processado: Option<Vec<ProcessedFile>>,
    }
}

response! {
    /// A side of a document that was found in a file. (Vendor: an entry of `arquivosProcessado`.)
    #[serde(rename_all = "camelCase")]
    pub struct ProcessedFile {
        /// The document and its side.
        pub tipo: Option<DocumentSide>,
        /// The status.
        pub status_arquivo_processado: Option<ProcessedFileStatus>,
    }
}

response! {
    /// The response of the face bureau. (Vendor: `certifaceID`; our page: "The bureau of faces".)
    #[serde(rename_all = "camelCase")]
    pub struct CertifaceId {
        /// The outcome of the query.
        pub codigo: Option<CertifaceIdCode>,
        /// The vendor's transaction number: a JSON number here, text elsewhere.
        pub protocolo: Option<RedactedText>,
        /// The risk score, from 100 (lowest) to 1000 (highest); 0 means no information.
        pub score: Option<RiskScore>,
    }
}

impl CertifaceId {
    /// Returns the class of the risk score. `None` if the bureau did not finish or has no information, or for a score that is not
    /// in its table.
    #[must_use]
    pub fn risk(&self) -> Option<RiskClass> {
        self.codigo.as_ref().filter(|code| code.is_finished())?;
        self.score.as_ref()?.class()
    }
}

response! {
    /// The liveness check. (Vendor: `facecaptcha`; our page: "The proof of life".)
    #[serde(rename_all = "camelCase")]
    pub struct Facecaptcha {
        /// The step at which it ended.
        pub causa: Option<LivenessStep>,
        /// The outcome code. It explains [`validado`](Self::validado) and does not replace it.
        #[serde(rename = "codID", alias = "codId")]
        pub cod_id: Option<LivenessCode>,
        /// The vendor's transaction number: a JSON number here, text elsewhere.
        pub protocolo: Option<RedactedText>,
        /// Whether the person passed; also false after a failure. The vendor's table calls it `valid`.
        #[serde(alias = "valid")]
        pub validado: Option<Lenient<bool>>,
    }
}

impl Facecaptcha {
    /// Returns whether the person passed: by `validado`, with which the code must agree. Unclear if either is missing or
    /// unreadable, or if they contradict each other: [`unclear_reason`](Self::unclear_reason) names which.
    pub fn passed(&self) -> Finding {
        self.judge().ok().into()
    }

    /// Returns why [`passed`](Self::passed) is [`Finding::Unclear`].
    #[must_use]
    pub fn unclear_reason(&self) -> Option<&'static str> {
        self.judge().err()
    }

    pub(super) fn judge(&self) -> Result<bool, &'static str> {
        agreed(self.validado.as_ref(), self.cod_id.as_ref())
    }
}
