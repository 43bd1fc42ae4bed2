//! The vendor's code tables. The same number has different meanings in different tables, so each table is a type.
//! (Our page: "Codes".)

use kyc_core::{DocumentKind, Verdict, open_enum};

open_enum! {
    /// The status of a journey, in its result and in the completion webhook. (Our page: "Journey status".)
    pub enum JourneyStatus: text {
        /// Everything that is contracted is finished.
        Complete = "Completo",
        /// Finished without OCR of the document, which is not contracted.
        CompleteWithoutOcr = "Completo sem OCR",
        /// In progress.
        Processing = "Em processamento",
        /// Nothing was processed yet, usually because no document was submitted. A journey without one may stay so.
        NotProcessed = "Não processado",
        /// Failed. The webhook sends it in English.
        Error = "Erro" | "Error",
    }
}

impl JourneyStatus {
    /// Returns whether the journey has ended. A status that this release does not know counts as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Complete | Self::CompleteWithoutOcr | Self::Error)
    }
}

open_enum! {
    /// The status of the document analysis. (Our page: "statusProcessamento".)
    pub enum ProcessingStatus: number {
        /// Queued.
        Waiting = 2,
        /// In progress.
        Processing = 3,
        /// Finished.
        Processed = 4,
        /// Cancelled.
        Cancelled = 5,
        /// Failed.
        Failed = 6,
        /// The upload was invalid.
        WrongUpload = 70,
        /// Finished without OCR, which is not contracted.
        ProcessedWithoutOcr = 100,
    }
}

open_enum! {
    /// The status of a submitted file. (Our page: "statusArquivo".)
    pub enum FileStatus: number {
        /// Its content is not identified yet.
        WaitingForIdentification = 7,
        /// Its content could not be identified.
        IdentificationFailed = 8,
        /// Its content was identified.
        Identified = 9,
        /// Cancelled.
        Cancelled = 21,
        /// Finished.
        Processed = 22,
    }
}

open_enum! {
    /// The status of a document that was found in a file. (Our page: "statusArquivoProcessado".)
    pub enum ProcessedFileStatus: number {
        /// Waiting for OCR.
        WaitingForReading = 10,
        /// OCR failed.
        ReadingFailed = 11,
        /// OCR finished.
        Read = 12,
        /// Finished.
        Processed = 19,
        /// Cancelled.
        Cancelled = 20,
    }
}

open_enum! {
    /// The document and its side that was found in a file. (Our page: "tipo".)
    pub enum DocumentSide: number {
        /// The front of an RG.
        RgFront = 1,
        /// The back of an RG.
        RgBack = 2,
        /// The front of a CNH of the model before 2022.
        CnhFront = 4,
        /// The back of a CNH of the model before 2022.
        CnhBack = 5,
        /// The front of a DNI.
        DniFront = 6,
        /// The back of a DNI.
        DniBack = 7,
        /// The front of a CNH of the model of 2022.
        Cnh2022Front = 10,
        /// The back of a CNH of the model of 2022.
        Cnh2022Back = 11,
        /// The front of a CIN.
        CinFront = 13,
        /// The back of a CIN.
        CinBack = 14,
        /// The front of a CRNM.
        CrnmFront = 15,
        /// The back of a CRNM.
        CrnmBack = 16,
    }
}

impl DocumentSide {
    /// Returns the kind of document; `None` for a code that this release does not know.
    #[must_use]
    pub fn kind(&self) -> Option<DocumentKind> {
        Some(match self {
            Self::RgFront | Self::RgBack => DocumentKind::Rg,
            Self::CnhFront | Self::CnhBack | Self::Cnh2022Front | Self::Cnh2022Back => DocumentKind::Cnh,
            Self::DniFront | Self::DniBack => DocumentKind::Dni,
            Self::CinFront | Self::CinBack => DocumentKind::Cin,
            Self::CrnmFront | Self::CrnmBack => DocumentKind::Crnm,
            Self::Unknown(_) => return None,
        })
    }

    /// Returns whether it is the front; `None` for a code that this release does not know.
    #[must_use]
    pub fn is_front(&self) -> Option<bool> {
        match self {
            Self::RgFront
            | Self::CnhFront
            | Self::DniFront
            | Self::Cnh2022Front
            | Self::CinFront
            | Self::CrnmFront => Some(true),
            Self::RgBack
            | Self::CnhBack
            | Self::DniBack
            | Self::Cnh2022Back
            | Self::CinBack
            | Self::CrnmBack => Some(false),
            Self::Unknown(_) => None,
        }
    }
}

open_enum! {
    /// The kind of document. (Vendor: `documento`; our page: "Documents".)
    pub enum DocumentType: text {
        /// Identity card of a state (registro geral).
        Rg = "RG",
        /// Driving licence.
        Cnh = "CNH",
        /// National identity document (documento nacional de identidade).
        Dni = "DNI",
        /// The newer identity card, which is numbered by the CPF (carteira de identidade nacional).
        Cin = "CIN",
        /// Registration card of a migrant (carteira de registro nacional migratório).
        Crnm = "CRNM",
        /// Brazilian passport.
        Passport = "PASSPORT",
    }
}

impl From<&DocumentType> for DocumentKind {
    fn from(document: &DocumentType) -> Self {
        match document {
            DocumentType::Rg => Self::Rg,
            DocumentType::Cnh => Self::Cnh,
            DocumentType::Dni => Self::Dni,
            DocumentType::Cin => Self::Cin,
            DocumentType::Crnm => Self::Crnm,
            DocumentType::Passport => Self::Passport,
            other => Self::from(other.as_str()),
        }
    }
}

open_enum! {
    /// The outcome of a comparison of faces, with the selfie or with Serpro's database. (Vendor: `facematch.codigo` and
    /// `serpro.codigo`; our page: "Face comparison codes".)
    ///
    /// The numbers are JSON texts. 401 and 402 have other meanings in [`CertifaceIdCode`].
    pub enum BiometricCode: text {
        /// Something required was missing or wrong in the request.
        InvalidInput = "1",
        /// There is no active operator.
        NoActiveOperator = "2",
        /// The CPF is invalid.
        InvalidCpf = "3",
        /// The CPF is not in the vendor's database.
        CpfNotRegistered = "4",
        /// The image has an unsupported format or file extension.
        UnsupportedImage = "5",
        /// Wrong configuration at the vendor: contact its support.
        ConfigurationFailure = "101",
        /// Another wrong configuration at the vendor: contact its support.
        OtherConfigurationFailure = "102",
        /// The operator has no access.
        NoAccess = "103",
        /// The faces match.
        Match = "200",
        /// The faces do not match.
        NoMatch = "300",
        /// No face was found in the document.
        NoFaceInDocument = "400",
        /// The vendor failed to compare.
        ComparisonFailed = "401",
        /// The document is not legible: a new image is recommended.
        Illegible = "402",
        /// The vendor failed.
        InternalError = "500",
    }
}

impl BiometricCode {
    /// Returns whether the faces belong to one person, by the code alone. Inconclusive if they were not compared or the code is
    /// unknown. [`BiometricCheck::verdict`](crate::BiometricCheck::verdict) also considers the score.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Match => Verdict::Match,
            Self::NoMatch => Verdict::NoMatch,
            _ => Verdict::Inconclusive,
        }
    }

    /// Returns whether the vendor recommends a new image of the document.
    #[must_use]
    pub fn recommends_new_capture(&self) -> bool {
        matches!(self, Self::Illegible)
    }
}

open_enum! {
    /// The outcome of the query at the face bureau. (Our page: "Bureau codes".)
    ///
    /// 401 and 402 have other meanings in [`BiometricCode`].
    pub enum CertifaceIdCode: number {
        /// Finished.
        Success = 200,
        /// In the vendor's long example of a result, beside a score. Its table lacks it.
        InExample = 203,
        /// The quality of the face image was insufficient.
        PoorFaceQuality = 401,
        /// Registration is disabled.
        RegistrationDisabled = 402,
        /// The face could not be registered.
        RegistrationFailed = 501,
    }
}

impl CertifaceIdCode {
    /// Returns whether a score beside the code is that of a finished query: the table's 200, and the 203 of the vendor's example.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Success | Self::InExample)
    }
}

open_enum! {
    /// The risk score of the face bureau, in steps of 100. (Our page: "Risk classes".)
    pub enum RiskScore: number {
        /// No information. The table prints `000`.
        NoInformation = 0,
        /// Very low risk, the lowest score.
        Hundred = 100,
        /// Very low risk.
        TwoHundred = 200,
        /// Low risk.
        ThreeHundred = 300,
        /// Medium risk.
        FourHundred = 400,
        /// Medium risk.
        FiveHundred = 500,
        /// Medium risk.
        SixHundred = 600,
        /// High risk.
        SevenHundred = 700,
        /// High risk.
        EightHundred = 800,
        /// Very high risk.
        NineHundred = 900,
        /// Very high risk, the highest score.
        Thousand = 1000,
    }
}

impl RiskScore {
    /// Returns the class of the score. `None` for no information, and for a score that is not in the table.
    #[must_use]
    pub fn class(&self) -> Option<RiskClass> {
        Some(match self {
            Self::Hundred | Self::TwoHundred => RiskClass::VeryLow,
            Self::ThreeHundred => RiskClass::Low,
            Self::FourHundred | Self::FiveHundred | Self::SixHundred => RiskClass::Medium,
            Self::SevenHundred | Self::EightHundred => RiskClass::High,
            Self::NineHundred | Self::Thousand => RiskClass::VeryHigh,
            Self::NoInformation | Self::Unknown(_) => return None,
        })
    }
}

/// The class of a [`RiskScore`], ordered from the lowest risk to the highest. (Our page: "Risk classes".)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RiskClass {
    /// 100 and 200.
    VeryLow,
    /// 300.
    Low,
    /// 400, 500 and 600.
    Medium,
    /// 700 and 800.
    High,
    /// 900 and 1000.
    VeryHigh,
}

open_enum! {
    /// The outcome code of a liveness check. (Our page: "codID".)
    ///
    /// The vendor's table has 200.0, 300.1 and 300.2. The other codes come from other sources, mostly older public tables. The
    /// first digit has no meaning: 200.1 is a refusal. Whether the person passed is the value of `valid` (`validado` in
    /// results); the code only explains it, and one that contradicts it makes the verdict unclear.
    pub enum LivenessCode: number {
        /// Passed.
        Approved = 200.0,
        /// Not passed. Another attempt is possible.
        Refused = 300.1,
        /// The person is blocked: another attempt does not help.
        Blocked = 300.2,
        /// Also passed: not in the table, but in the example without OCR and in the vendor's guides for mobile SDKs.
        OtherApproved = 1.0,
        /// In the vendor's long example of a result, beside a pass. No table has it, so that alone it says nothing.
        InExample = 1.2,
        /// No face in the image, by an older table.
        NoFace = 100.1,
        /// The face was not frontal, by an older table.
        NotFrontal = 100.2,
        /// The face was too close, by an older table.
        TooClose = 100.3,
        /// The face was too far away, by an older table.
        TooFar = 100.4,
        /// There was more than one face, by an older table.
        SeveralFaces = 100.5,
        /// The lighting was bad, by an older table.
        BadLight = 100.6,
        /// Not passed: the face differs from the registered one, or resembles the face of another CPF; by an older table.
        OtherPerson = 200.1,
    }
}

impl LivenessCode {
    /// Returns whether it is one of the two codes known to mean that the person passed.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        matches!(self, Self::Approved | Self::OtherApproved)
    }

    /// Returns whether the vendor prints the code beside a pass.
    pub(crate) fn is_printed_with_pass(&self) -> bool {
        self.is_approved() || matches!(self, Self::InExample)
    }
}

open_enum! {
    /// The step at which a liveness check failed or ended. (Vendor: `cause` and `facecaptcha.causa`; our
    /// page: "Answers of captcha".)
    pub enum LivenessStep: text {
        /// The liveness check.
        ProofOfLife = "PROVA DE VIDA",
        /// The comparison of the face.
        Biometrics = "BIOMETRIA",
        /// The last step, after which nothing is left to do.
        Certiface = "CERTIFACE",
    }
}

open_enum! {
    /// The provider of a 3D liveness check. (Vendor: `vendor` of iProov's session; our page: "3D session".)
    pub enum LivenessVendor: text {
        /// iProov.
        IProov = "IPROOV",
    }
}

open_enum! {
    /// Whether a driving licence is provisional. (Vendor: `permissao`; our page: "CNH".)
    pub enum LicencePermission: text {
        /// A permit of the first year (permissão para dirigir).
        Provisional = "PERMISSÃO" | "permissão" | "Permissão" | "PERMISSAO",
        /// The vendor's text for an absent value.
        NotPrinted = "NULL",
    }
}

open_enum! {
    /// How a driving licence was submitted. (Vendor: `formato`; our page: "CNH".)
    pub enum LicenceFormat: text {
        /// By its QR code.
        QrCode = "QRCode" | "QR Code",
        /// As a photograph.
        Photo = "Foto",
    }
}

open_enum! {
    /// The kind of file in which a driving licence was submitted. (Vendor: `extensao`; our page: "CNH".)
    pub enum LicenceFile: text {
        /// An image.
        Image = "Imagem",
        /// A PDF.
        Pdf = "PDF",
        /// Binary data.
        Binary = "Binário" | "BINÁRIO" | "Binario",
    }
}

open_enum! {
    /// The status of a suspicion of fraud. The vendor prints one and has no list. (Vendor: `novoStatus`; our page: "Status
    /// updater".)
    pub enum FraudStatus: text {
        /// A suspicion of fraud.
        Suspected = "RES",
    }
}

open_enum! {
    /// What an image among the documents shows. (Vendor: `descricao`; our page: "The pictures".)
    pub enum PhotoKind: text {
        /// One side of the document.
        FaceA = "FACE A",
        /// The other side.
        FaceB = "FACE B",
        /// The digital driving licence, rendered from its PDF or for the comparison with Serpro.
        CnhDigital = "CNH DIGITAL",
        /// The side that bears the photograph.
        FaceWithPhoto = "FACE COM FOTO",
        /// The content was not recognised.
        Unrecognised = "DESCONHECIDO",
    }
}
