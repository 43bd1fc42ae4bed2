//! The vendor's closed lists, as open enums.

use kyc_core::{CompanyStatus, DocumentKind, PersonStatus, open_enum};

open_enum! {
    /// The type of a document. A type that this release does not know is requested by the portal's path segment:
    /// `DocumentType::from("contrato-social-v3")`. (Vendor page: "Quais documentos são lidos?"; our page: "Document
    /// types".)
    pub enum DocumentType: text {
        /// State identity card.
        Rg = "RG",
        /// Driving licence.
        Cnh = "CNH",
        /// Proof of address: a bill of Claro, Elektro, Tim or Vivo.
        ComprovanteEndereco = "Comprovante de Endereço" | "comp_endereco_v2" | "Comprovante de Endereco" | "comp_endereco",
        /// Marriage certificate.
        CertidaoCasamento = "Certidão de Casamento" | "certidao-casamento" | "Certidao de Casamento",
        /// Birth certificate.
        CertidaoNascimento = "Certidão de Nascimento" | "certidao-nascimento" | "Certidao de Nascimento",
        /// An engineer's declaration of technical responsibility.
        Art = "ART",
        /// Proof of a company's registration.
        Cnpj = "CNPJ",
        /// A technician's declaration of technical responsibility.
        Trt = "TRT",
        /// Registration for social programmes.
        CadastroUnico = "Cadastro Único" | "cadastro-unico" | "Cadastro Unico",
        /// A taxpayer's registration in the state of São Paulo.
        Cadesp = "Cadesp",
        /// Passport.
        Passaporte = "Passaporte",
        /// A document of the social security institute.
        Inss = "INSS",
        /// Identity card of a foreign resident.
        Rne = "RNE",
        /// Certificate of a rural property.
        Ccir = "CCIR",
        /// Rural property tax declaration.
        Itr = "ITR",
        /// Lease agreement. It is not on the vendor's list, but a public client uses it.
        ContratoLocacao = "Contrato de Locação" | "contrato-locacao-v2" | "Contrato de Locacao" | "contrato-locacao",
    }
}

impl DocumentType {
    /// Returns the default path segment, which [`Endpoints`](crate::Endpoints) can replace. Three were seen in a public
    /// client (`cnh`, `comp_endereco_v2`, `contrato-locacao-v2`); the others follow their pattern.
    #[must_use]
    pub fn segment(&self) -> &str {
        match self {
            Self::Rg => "rg",
            Self::Cnh => "cnh",
            Self::ComprovanteEndereco => "comp_endereco_v2",
            Self::CertidaoCasamento => "certidao-casamento",
            Self::CertidaoNascimento => "certidao-nascimento",
            Self::Art => "art",
            Self::Cnpj => "cnpj",
            Self::Trt => "trt",
            Self::CadastroUnico => "cadastro-unico",
            Self::Cadesp => "cadesp",
            Self::Passaporte => "passaporte",
            Self::Inss => "inss",
            Self::Rne => "rne",
            Self::Ccir => "ccir",
            Self::Itr => "itr",
            Self::ContratoLocacao => "contrato-locacao-v2",
            Self::Unknown(word) => word.as_str(),
        }
    }
}

impl From<&DocumentKind> for DocumentType {
    fn from(kind: &DocumentKind) -> Self {
        match kind {
            DocumentKind::Rg => Self::Rg,
            DocumentKind::Cnh => Self::Cnh,
            DocumentKind::Passport => Self::Passaporte,
            DocumentKind::Rne => Self::Rne,
            DocumentKind::ProofOfAddress => Self::ComprovanteEndereco,
            DocumentKind::BirthCertificate => Self::CertidaoNascimento,
            DocumentKind::MarriageCertificate => Self::CertidaoCasamento,
            DocumentKind::CompanyRegistration => Self::Cnpj,
            // A kind that only the portal has.
            other => Self::from(other.as_str()),
        }
    }
}

impl From<&DocumentType> for DocumentKind {
    fn from(document: &DocumentType) -> Self {
        match document {
            DocumentType::Rg => Self::Rg,
            DocumentType::Cnh => Self::Cnh,
            DocumentType::Passaporte => Self::Passport,
            DocumentType::Rne => Self::Rne,
            DocumentType::ComprovanteEndereco => Self::ProofOfAddress,
            DocumentType::CertidaoNascimento => Self::BirthCertificate,
            DocumentType::CertidaoCasamento => Self::MarriageCertificate,
            DocumentType::Cnpj => Self::CompanyRegistration,
            other => Self::from(other.segment()),
        }
    }
}

open_enum! {
    /// The registration status of a CPF, in the terms of the Receita Federal. (Our page: "CPF statuses".)
    pub enum TaxIdStatus: text {
        /// In good order.
        Regular = "REGULAR",
        /// A declaration is missing.
        Pendente = "PENDENTE DE REGULARIZACAO" | "PENDENTE DE REGULARIZAÇÃO" | "Pendente de Regularização" | "PENDENTE",
        /// Suspended.
        Suspensa = "SUSPENSA" | "SUSPENSO",
        /// Cancelled.
        Cancelada = "CANCELADA" | "CANCELADO",
        /// The holder is deceased.
        TitularFalecido = "TITULAR FALECIDO",
        /// Void.
        Nula = "NULA" | "NULO",
    }
}

impl From<&TaxIdStatus> for PersonStatus {
    fn from(status: &TaxIdStatus) -> Self {
        match status {
            TaxIdStatus::Regular => Self::Regular,
            TaxIdStatus::Pendente => Self::Pending,
            TaxIdStatus::Suspensa => Self::Suspended,
            TaxIdStatus::Cancelada => Self::Cancelled,
            TaxIdStatus::TitularFalecido => Self::Deceased,
            TaxIdStatus::Nula => Self::Void,
            TaxIdStatus::Unknown(word) => Self::from(word.as_str()),
        }
    }
}

open_enum! {
    /// The registration status of a CNPJ, in the terms of the Receita Federal. (Our page: "CNPJ statuses".)
    pub enum BaseStatus: text {
        /// Active.
        Ativa = "ATIVA",
        /// Closed.
        Baixada = "BAIXADA",
        /// Declared unfit.
        Inapta = "INAPTA",
        /// Suspended.
        Suspensa = "SUSPENSA",
        /// Void.
        Nula = "NULA",
    }
}

impl From<&BaseStatus> for CompanyStatus {
    fn from(status: &BaseStatus) -> Self {
        match status {
            BaseStatus::Ativa => Self::Active,
            BaseStatus::Baixada => Self::Closed,
            BaseStatus::Inapta => Self::Unfit,
            BaseStatus::Suspensa => Self::Suspended,
            BaseStatus::Nula => Self::Void,
            BaseStatus::Unknown(word) => Self::from(word.as_str()),
        }
    }
}

open_enum! {
    /// The kind of a meter. (Vendor page: "Quais tipos de medidores o AUTOLEITURA lê?"; our page: "Meter services".)
    pub enum MeterService: text {
        /// Electricity.
        Energy = "energia" | "luz",
        /// Water.
        Water = "agua" | "água" | "Água" | "ÁGUA",
        /// Gas.
        Gas = "gas" | "gás" | "Gás" | "GÁS",
    }
}

open_enum! {
    /// The display of a meter. (Our page: "Display types".)
    pub enum DisplayType: text {
        /// Drums with digits.
        Cyclometric = "ciclométrico" | "ciclometrico" | "Ciclométrico" | "CICLOMÉTRICO",
        /// An electronic display.
        Digital = "digital",
        /// Dials with pointers.
        Analog = "analógico" | "analogico" | "Analógico" | "ANALÓGICO",
    }
}

open_enum! {
    /// Whether the customer's reading agrees with the one in the image. (Our page: "Conciliation".)
    pub enum Conciliation: text {
        /// The readings agree.
        Conciliated = "conciliated" | "conciliado",
        /// The readings do not agree.
        NotConciliated = "not conciliated" | "not_conciliated" | "não conciliado" | "nao conciliado" | "Não conciliado" | "NÃO CONCILIADO",
    }
}
