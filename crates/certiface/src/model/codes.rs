//! The vendor's code tables. One number means different things in different tables, so each has a type of its own.
//! (Our page: "Codes".)

use kyc_core::{DocumentKind, open_enum};

open_enum! {
    /// How far a journey is, in its result and in the completion webhook. (Our page: "Journey status".)
    pub enum JourneyStatus: text {
        /// Everything that was ordered has been done.
        Complete = "Completo",
        /// Done, and no text was read from the document: it was not ordered.
        CompleteWithoutOcr = "Completo sem OCR",
        /// Being worked on.
        Processing = "Em processamento",
        /// Nothing was worked on yet: as a rule no document has come. A journey without one may stay so.
        NotProcessed = "Não processado",
        /// Went wrong. The webhook says it in English.
        Error = "Erro" | "Error",
    }
}

impl JourneyStatus {
    /// Whether nothing more will happen. A status that this release does not know is taken as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Complete | Self::CompleteWithoutOcr | Self::Error)
    }
}

open_enum! {
    /// How far the analysis of the documents is. (Our page: "statusProcessamento".)
    pub enum ProcessingStatus: number {
        /// In the queue.
        Waiting = 2,
        /// Being worked on.
        Processing = 3,
        /// Done.
        Processed = 4,
        /// Called off.
        Cancelled = 5,
        /// Went wrong.
        Failed = 6,
        /// What was uploaded was not right.
        WrongUpload = 70,
        /// Done, and no text was read: it was not ordered.
        ProcessedWithoutOcr = 100,
    }
}

open_enum! {
    /// How far a file of the documents is. (Our page: "statusArquivo".)
    pub enum FileStatus: number {
        /// What it shows is to be found out.
        WaitingForIdentification = 7,
        /// What it shows was not recognised.
        IdentificationFailed = 8,
        /// What it shows was recognised.
        Identified = 9,
        /// Called off.
        Cancelled = 21,
        /// Done.
        Processed = 22,
    }
}

open_enum! {
    /// How far a document that was found in a file is. (Our page: "statusArquivoProcessado".)
    pub enum ProcessedFileStatus: number {
        /// To be read.
        WaitingForReading = 10,
        /// Could not be read.
        ReadingFailed = 11,
        /// Was read.
        Read = 12,
        /// Done.
        Processed = 19,
        /// Called off.
        Cancelled = 20,
    }
}

open_enum! {
    /// Which side of which document was found in a file. (Our page: "tipo".)
    pub enum DocumentSide: number {
        /// The front of an RG.
        RgFront = 1,
        /// The back of an RG.
        RgBack = 2,
        /// The front of a CNH of the older model.
        CnhFront = 4,
        /// The back of a CNH of the older model.
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
    /// Of which document; `None` for a code that this release does not know.
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

    /// Whether it is the front; `None` for a code that this release does not know.
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
    /// Which document it is. (Vendor: `documento`; our page: "Documents".)
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
    /// What a comparison of faces came to, with the selfie or with Serpro's base. (Vendor: `facematch.codigo` and
    /// `serpro.codigo`; our page: "Face comparison codes".)
    ///
    /// The wire has these numbers as texts. 401 and 402 mean something else in [`CertifaceIdCode`].
    pub enum BiometricCode: text {
        /// Something needed was missing or wrong in what was handed in.
        InvalidInput = "1",
        /// There is no active operator.
        NoActiveOperator = "2",
        /// The CPF is none.
        InvalidCpf = "3",
        /// The CPF is not in the vendor's own base.
        CpfNotRegistered = "4",
        /// The picture has a format or an extension that is not supported.
        UnsupportedPicture = "5",
        /// Set up wrongly: for the vendor's support.
        ConfigurationFailure = "101",
        /// Set up wrongly in another way: for the vendor's support, too.
        OtherConfigurationFailure = "102",
        /// The operator has no access.
        NoAccess = "103",
        /// The faces are alike.
        Match = "200",
        /// The faces are not alike enough.
        NoMatch = "300",
        /// No face was found in the document.
        NoFaceInDocument = "400",
        /// The vendor failed to compare.
        ComparisonFailed = "401",
        /// The document cannot be read well enough: a new picture of it is recommended.
        Illegible = "402",
        /// The vendor failed.
        InternalError = "500",
    }
}

impl BiometricCode {
    /// Whether the faces are one person's; `None` when they were not compared, or the code is not known.
    #[must_use]
    pub fn is_match(&self) -> Option<bool> {
        match self {
            Self::Match => Some(true),
            Self::NoMatch => Some(false),
            _ => None,
        }
    }

    /// Whether the vendor recommends to take the document's picture again.
    #[must_use]
    pub fn recommends_new_capture(&self) -> bool {
        matches!(self, Self::Illegible)
    }
}

open_enum! {
    /// How the enquiry at the face bureau ended. (Our page: "Bureau codes".)
    ///
    /// The vendor's own example has a 203, which its table lacks. 401 and 402 mean something else in [`BiometricCode`].
    pub enum CertifaceIdCode: number {
        /// Done.
        Success = 200,
        /// The picture of the face was not good enough.
        PoorFaceQuality = 401,
        /// Registration is switched off.
        RegistrationDisabled = 402,
        /// The face could not be registered.
        RegistrationFailed = 501,
    }
}

open_enum! {
    /// The face bureau's risk, in steps of a hundred. (Our page: "Risk classes".)
    pub enum RiskScore: number {
        /// Nothing is known. The table prints `000`.
        NoInformation = 0,
        /// The lowest: very low risk.
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
        /// The highest: very high risk.
        Thousand = 1000,
    }
}

impl RiskScore {
    /// The class that the table gives it. `None` for no information, and for a figure that is not in the table.
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

/// The class of a [`RiskScore`], from the least risk to the greatest. (Our page: "Risk classes".)
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
    /// How a proof of life ended. (Our page: "codID".)
    ///
    /// The vendor's table has 200.0, 300.1 and 300.2. The rest is known from elsewhere, mostly from older public
    /// tables, and the vendor's examples also show a 1.2 that stands in none. The first digit says nothing: 200.1 is a
    /// refusal. Whether the person passed is said by `valid` (in results `validado`); the code only explains it.
    pub enum LivenessCode: number {
        /// Passed.
        Approved = 200.0,
        /// Not passed. It may be tried again.
        Refused = 300.1,
        /// The person is blocked: trying again is of no use.
        Blocked = 300.2,
        /// Passed, too: not in the table, but in the example without OCR and in the vendor's guides for mobile kits.
        OtherApproved = 1.0,
        /// No face in the picture, by an older table.
        NoFace = 100.1,
        /// The face did not look ahead, by an older table.
        NotFrontal = 100.2,
        /// The face was too close, by an older table.
        TooClose = 100.3,
        /// The face was too far away, by an older table.
        TooFar = 100.4,
        /// There was more than one face, by an older table.
        SeveralFaces = 100.5,
        /// The light was bad, by an older table.
        BadLight = 100.6,
        /// Not passed: another face than the registered one, or like that of another CPF. By an older table.
        OtherPerson = 200.1,
    }
}

impl LivenessCode {
    /// Whether it is one of the two codes that are known to mean that the person passed.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        matches!(self, Self::Approved | Self::OtherApproved)
    }
}

open_enum! {
    /// What a photo among the documents shows. (Vendor: `descricao`; our page: "The pictures".)
    pub enum PhotoKind: text {
        /// One side of the document.
        FaceA = "FACE A",
        /// The other side.
        FaceB = "FACE B",
        /// The digital driving licence, drawn from its PDF or for the comparison with Serpro.
        CnhDigital = "CNH DIGITAL",
        /// The side that bears the photograph.
        FaceWithPhoto = "FACE COM FOTO",
        /// What it shows was not recognised.
        Unrecognised = "DESCONHECIDO",
    }
}
