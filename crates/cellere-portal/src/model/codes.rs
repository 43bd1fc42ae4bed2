//! The vendor's closed lists, kept open.

use kyc_core::{CompanyStatus, DocumentKind, PersonStatus, open_enum};

open_enum! {
    /// What a document is. One that this release does not know is asked for by the portal's segment of its path:
    /// `DocumentType::from("contrato-social-v3")`. (Vendor page: "Quais documentos são lidos?"; our page: "Document
    /// types".)
    pub enum DocumentType: text {
        /// Identity card.
        Rg = "RG",
        /// Driver's licence.
        Cnh = "CNH",
        /// A bill of Claro, Elektro, Tim or Vivo that shows an address.
        ComprovanteEndereco = "Comprovante de Endereço" | "comp_endereco_v2" | "Comprovante de Endereco" | "comp_endereco",
        /// Marriage certificate.
        CertidaoCasamento = "Certidão de Casamento" | "certidao-casamento" | "Certidao de Casamento",
        /// Birth certificate.
        CertidaoNascimento = "Certidão de Nascimento" | "certidao-nascimento" | "Certidao de Nascimento",
        /// An engineer's note of responsibility.
        Art = "ART",
        /// A company's registration.
        Cnpj = "CNPJ",
        /// A technician's note of responsibility.
        Trt = "TRT",
        /// The register of social programmes.
        CadastroUnico = "Cadastro Único" | "cadastro-unico" | "Cadastro Unico",
        /// A taxpayer's registration in São Paulo.
        Cadesp = "Cadesp",
        /// Passport.
        Passaporte = "Passaporte",
        /// A document of the social security.
        Inss = "INSS",
        /// A foreigner's card.
        Rne = "RNE",
        /// A rural property's certificate.
        Ccir = "CCIR",
        /// Rural property tax.
        Itr = "ITR",
        /// A lease: on no list of the vendor's, but in a client's code.
        ContratoLocacao = "Contrato de Locação" | "contrato-locacao-v2" | "Contrato de Locacao" | "contrato-locacao",
    }
}

impl DocumentType {
    /// The segment of the path that stands for it unless [`Endpoints`](crate::Endpoints) says otherwise. Of three it was
    /// seen (`cnh`, `comp_endereco_v2`, `contrato-locacao-v2`); the others follow their pattern.
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
            // Of a kind that is the portal's own, its word.
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
    /// How a CPF stands. (Our page: "CPF statuses": the words are the Receita Federal's.)
    pub enum TaxIdStatus: text {
        /// In order.
        Regular = "REGULAR",
        /// A declaration is missing.
        Pendente = "PENDENTE DE REGULARIZACAO" | "PENDENTE DE REGULARIZAÇÃO" | "Pendente de Regularização" | "PENDENTE",
        /// Suspended.
        Suspensa = "SUSPENSA" | "SUSPENSO",
        /// Cancelled.
        Cancelada = "CANCELADA" | "CANCELADO",
        /// Its holder is dead.
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
    /// How a CNPJ stands. (Our page: "CNPJ statuses": the words are the Receita Federal's.)
    pub enum BaseStatus: text {
        /// In business.
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
    /// What a meter measures. (Vendor page: "Quais tipos de medidores o AUTOLEITURA lê?"; our page: "Meter services".)
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
    /// How a meter shows its reading. (Our page: "Display types".)
    pub enum DisplayType: text {
        /// Rollers with digits.
        Cyclometric = "ciclométrico" | "ciclometrico" | "Ciclométrico" | "CICLOMÉTRICO",
        /// A display with digits.
        Digital = "digital",
        /// Dials with pointers.
        Analog = "analógico" | "analogico" | "Analógico" | "ANALÓGICO",
    }
}

open_enum! {
    /// Whether the customer's reading and that of the picture agree. (Our page: "Conciliation".)
    pub enum Conciliation: text {
        /// They agree.
        Conciliated = "conciliated",
        /// They do not.
        NotConciliated = "not conciliated" | "not_conciliated",
    }
}
