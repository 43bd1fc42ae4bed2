//! What was read from the documents: an object for each kind of document. (Our page: "What was read" and "Documents".)
//!
//! The vendor sends the object of the submitted document and leaves the others out. Texts are kept as they were read:
//! the vendor prints `NULL` or a blank for an absent value, which [`Document`](crate::Document) turns into `None`.

use kyc_core::{Cpf, Date, DateTime, DocumentKind, Lenient, RedactedText, response};

use super::biometrics::DocumentBiometrics;
use super::codes::{DocumentType, LicenceFile, LicenceFormat, LicencePermission};

response! {
    /// What was read, one object per kind of document. (Vendor: `responseClientDadosOcrDTO`; our page: "What was read".)
    ///
    /// The vendor's example lacks a brace and can be repaired in more than one way, so some objects have several possible
    /// places. [`DocumentAnalysis`](crate::DocumentAnalysis) finds each in any of them.
    #[serde(rename_all = "camelCase")]
    pub struct OcrData {
        /// An RG.
        #[serde(
            rename = "responseClientRGOcrDTO",
            alias = "responseClientRGOcrDto",
            alias = "ResponseClientRGOcrDTO",
            alias = "ResponseClientRGOcrDto",
        )]
        pub response_client_rg_ocr_dto: Option<Box<RgOcr>>,
        /// A driving licence.
        #[serde(
            rename = "ResponseClientCNHOcrDTO",
            alias = "responseClientCNHOcrDTO",
            alias = "responseClientCNHOcrDto",
            alias = "ResponseClientCNHOcrDto",
        )]
        pub response_client_cnh_ocr_dto: Option<Box<CnhOcr>>,
        /// A DNI.
        #[serde(
            rename = "ResponseClientDNIOcrDTO",
            alias = "responseClientDNIOcrDTO",
            alias = "responseClientDNIOcrDto",
            alias = "ResponseClientDNIOcrDto",
        )]
        pub response_client_dni_ocr_dto: Option<Box<DniOcr>>,
        /// A CIN.
        #[serde(
            rename = "ResponseClientCINOcrDTO",
            alias = "responseClientCINOcrDTO",
            alias = "responseClientCINOcrDto",
            alias = "ResponseClientCINOcrDto",
        )]
        pub response_client_cin_ocr_dto: Option<Box<CinOcr>>,
        /// CRNM and passport. The vendor's key lacks a letter.
        #[serde(
            rename = "ResponseClienDadosOcrDTO",
            alias = "responseClienDadosOcrDTO",
            alias = "responseClienDadosOcrDto",
            alias = "ResponseClienDadosOcrDto",
        )]
        pub response_clien_dados_ocr_dto: Option<ClientOcrs>,
        /// Usually a passport.
        #[serde(rename = "responseClientOcrDto", alias = "responseClientOcrDTO")]
        pub response_client_ocr_dto: Option<Box<ClientOcr>>,
        /// Usually a CRNM. Its key begins with a capital.
        #[serde(rename = "ResponseClientOcrDto", alias = "ResponseClientOcrDTO")]
        pub response_client_ocr_dto_crnm: Option<Box<ClientOcr>>,
        /// The comparisons with the selfie, if they are in this object.
        #[serde(alias = "biometriaCertiface")]
        pub biometria_documento: Option<DocumentBiometrics>,
    }
}

response! {
    /// CRNM and passport, inside the other objects or beside them. (Vendor: `ResponseClienDadosOcrDTO`.)
    #[serde(rename_all = "camelCase")]
    pub struct ClientOcrs {
        /// Usually a passport.
        #[serde(rename = "responseClientOcrDto", alias = "responseClientOcrDTO")]
        pub response_client_ocr_dto: Option<Box<ClientOcr>>,
        /// Usually a CRNM. Its key begins with a capital.
        #[serde(rename = "ResponseClientOcrDto", alias = "ResponseClientOcrDTO")]
        pub response_client_ocr_dto_crnm: Option<Box<ClientOcr>>,
    }
}

response! {
    /// What was read from an RG. (Vendor: `responseClientRGOcrDTO`; our page: "RG".)
    #[serde(rename_all = "camelCase")]
    pub struct RgOcr {
        /// The state that issued it, as two letters.
        pub estado: Option<RedactedText>,
        /// The kind of document: RG.
        pub documento: Option<DocumentType>,
        /// The date of issue, as `dd/mm/yyyy`.
        pub dt_expedicao: Option<Lenient<Date>>,
        /// The date of issue, as `yyyy-mm-dd`.
        pub dt_expedicao_formatada: Option<Lenient<Date>>,
        /// The document's number.
        pub nr_rg: Option<RedactedText>,
        /// The holder's name.
        pub nome: Option<RedactedText>,
        /// Both parents: the father on the first line, the mother on the second.
        pub filiacao: Option<RedactedText>,
        /// The father's name.
        pub nome_pai: Option<RedactedText>,
        /// The mother's name.
        pub nome_mae: Option<RedactedText>,
        /// The certificate that it is based on.
        pub doc_origem: Option<RedactedText>,
        /// The date of birth, as `dd/mm/yyyy`.
        pub dt_nascimento: Option<Lenient<Date>>,
        /// The date of birth, as `yyyy-mm-dd`.
        pub dt_nascimento_formatada: Option<Lenient<Date>>,
        /// The holder's CPF. The vendor's table gives its form as `999999999/99`.
        pub cpf: Option<Lenient<Cpf>>,
        /// Whether the image is in black and white. Sent as a boolean or as text.
        pub preto_e_branco: Option<Lenient<bool>>,
        /// The place of birth.
        pub naturalidade: Option<RedactedText>,
        /// The full name of the issuing body.
        pub nomenclatura: Option<RedactedText>,
        /// When the OCR started; without a time zone.
        pub dt_criacao: Option<Lenient<DateTime>>,
        /// True when the document bears *no* signature: see [`is_signed`](Self::is_signed).
        #[serde(alias = "analfabeto")]
        pub fl_analfabeto: Option<Lenient<bool>>,
    }
}

impl RgOcr {
    /// Returns whether the document is signed; `None` if that was not read.
    #[must_use]
    pub fn is_signed(&self) -> Option<bool> {
        is_signed(self.fl_analfabeto.as_ref())
    }
}

response! {
    /// What was read from a driving licence. (Vendor: `ResponseClientCNHOcrDTO`; our page: "CNH".)
    #[serde(rename_all = "camelCase")]
    pub struct CnhOcr {
        /// The state that issued it, as two letters.
        pub estado: Option<RedactedText>,
        /// The name of the state that issued it.
        pub estado_nome: Option<RedactedText>,
        /// The kind of document: CNH.
        pub documento: Option<DocumentType>,
        /// The holder's name.
        pub nome: Option<RedactedText>,
        /// Number and issuer of the identity document that it is based on.
        pub doc_origem: Option<RedactedText>,
        /// The number of that document.
        pub documento_origem: Option<RedactedText>,
        /// The issuer of that document.
        pub emissor_origem: Option<RedactedText>,
        /// The state of that document.
        pub uf_origem: Option<RedactedText>,
        /// The holder's CPF.
        pub cpf: Option<Lenient<Cpf>>,
        /// Whether the image is in black and white. Sent as a boolean or as text.
        pub preto_e_branco: Option<Lenient<bool>>,
        /// The date of birth, as `dd/mm/yyyy`.
        pub dt_nascimento: Option<Lenient<Date>>,
        /// The date of birth, as `yyyy-mm-dd`.
        pub dt_nascimento_formatada: Option<Lenient<Date>>,
        /// Both parents: the father on the first line, the mother on the second.
        pub filiacao: Option<RedactedText>,
        /// The father's name.
        pub nome_pai: Option<RedactedText>,
        /// The mother's name.
        pub nome_mae: Option<RedactedText>,
        /// Whether it is a provisional licence; `NULL` if not.
        pub permissao: Option<LicencePermission>,
        /// The permission to ride mopeds; `NULL` if there is none.
        pub acc: Option<RedactedText>,
        /// The categories of vehicles, one letter each.
        pub categoria: Option<RedactedText>,
        /// The licence's number.
        pub numero_registro: Option<RedactedText>,
        /// The expiry date, as `dd/mm/yyyy`.
        pub validade: Option<Lenient<Date>>,
        /// The date of the holder's first licence, as `dd/mm/yyyy`.
        pub primeira_habilitacao: Option<Lenient<Date>>,
        /// City and state of issue.
        pub local: Option<RedactedText>,
        /// The date of issue, as `dd/mm/yyyy`.
        pub dt_expedicao: Option<Lenient<Date>>,
        /// The date of issue, as `yyyy-mm-dd`.
        pub dt_expedicao_formatada: Option<Lenient<Date>>,
        /// The security code.
        pub cod_seguranca: Option<RedactedText>,
        /// The number of the blank form.
        pub espelho: Option<RedactedText>,
        /// The number of the form in the national register of drivers.
        pub renach: Option<RedactedText>,
        /// When the OCR started; without a time zone.
        pub dt_criacao: Option<Lenient<DateTime>>,
        /// How the licence was submitted, for instance as a QR code or a photograph.
        pub formato: Option<LicenceFormat>,
        /// The kind of file that was submitted: image, PDF or binary.
        pub extensao: Option<LicenceFile>,
        /// True when the document bears *no* signature: see [`is_signed`](Self::is_signed). Not in the vendor's table of
        /// the licence, but its table of the CIN says that licences have it.
        #[serde(alias = "analfabeto")]
        pub fl_analfabeto: Option<Lenient<bool>>,
    }
}

impl CnhOcr {
    /// Returns whether the document is signed; `None` if that was not read.
    #[must_use]
    pub fn is_signed(&self) -> Option<bool> {
        is_signed(self.fl_analfabeto.as_ref())
    }
}

response! {
    /// What was read from a DNI. (Vendor: `ResponseClientDNIOcrDTO`; our page: "DNI".)
    #[serde(rename_all = "camelCase")]
    pub struct DniOcr {
        /// The state that issued it, as two letters.
        pub estado: Option<RedactedText>,
        /// The full name of the issuing body.
        pub nomenclatura: Option<RedactedText>,
        /// The place of birth.
        pub naturalidade: Option<RedactedText>,
        /// Both parents: the father on the first line, the mother on the second.
        pub filiacao: Option<RedactedText>,
        /// The father's name.
        pub nome_pai: Option<RedactedText>,
        /// The mother's name.
        pub nome_mae: Option<RedactedText>,
        /// The date of birth, as `dd/mm/yyyy`.
        pub dt_nascimento: Option<Lenient<Date>>,
        /// The date of birth, as `yyyy-mm-dd`.
        pub dt_nascimento_formatada: Option<Lenient<Date>>,
        /// The holder's name.
        pub nome: Option<RedactedText>,
        /// Remarks on the front.
        pub observacao_front: Option<RedactedText>,
        /// The number of another RG.
        #[serde(rename = "outroRG", alias = "outroRg")]
        pub outro_rg: Option<RedactedText>,
        /// The short name of the issuing body.
        pub orgao: Option<RedactedText>,
        /// The blood group and Rh factor.
        pub fator: Option<RedactedText>,
        /// The certificate of birth or marriage.
        pub registro_civil: Option<RedactedText>,
        /// The driving licence's number.
        pub cnh: Option<RedactedText>,
        /// The health card's number.
        pub cns: Option<RedactedText>,
        /// The holder's CPF.
        pub cpf: Option<Lenient<Cpf>>,
        /// Whether the image is in black and white. Sent as a boolean or as text.
        pub preto_e_branco: Option<Lenient<bool>>,
        /// The work card's number.
        pub ctps: Option<RedactedText>,
        /// The work card's series.
        #[serde(rename = "serieCTPS", alias = "serieCtps")]
        pub serie_ctps: Option<RedactedText>,
        /// The state that issued the work card.
        #[serde(alias = "ufCTPS")]
        pub ufctps: Option<RedactedText>,
        /// The document's number.
        pub dni: Option<RedactedText>,
        /// The voter's card's number.
        pub titulo_eleitor: Option<RedactedText>,
        /// The date of issue, as `dd/mm/yyyy`.
        pub dt_expedicao: Option<Lenient<Date>>,
        /// The date of issue, as `yyyy-mm-dd`.
        pub dt_expedicao_formatada: Option<Lenient<Date>>,
        /// The post that issued it.
        pub local: Option<RedactedText>,
        /// The military certificate's number.
        pub cert_militar: Option<RedactedText>,
        /// The holder's social name.
        pub nome_social: Option<RedactedText>,
        /// The number in the social integration programme.
        pub pis: Option<RedactedText>,
        /// The number of a professional card.
        pub profissional: Option<RedactedText>,
        /// The RG's number.
        pub rg: Option<RedactedText>,
        /// When the OCR started; without a time zone.
        pub dt_criacao: Option<Lenient<DateTime>>,
        /// True when the document bears *no* signature: see [`is_signed`](Self::is_signed).
        #[serde(alias = "analfabeto")]
        pub fl_analfabeto: Option<Lenient<bool>>,
    }
}

impl DniOcr {
    /// Returns whether the document is signed; `None` if that was not read.
    #[must_use]
    pub fn is_signed(&self) -> Option<bool> {
        is_signed(self.fl_analfabeto.as_ref())
    }
}

response! {
    /// What was read from a CIN. (Vendor: `ResponseClientCINOcrDTO`; our page: "CIN".)
    #[serde(rename_all = "camelCase")]
    pub struct CinOcr {
        /// The kind of document: CIN.
        pub documento: Option<DocumentType>,
        /// The state that issued it. In the vendor's table, in no example.
        pub estado: Option<RedactedText>,
        /// The full name of the issuing body.
        pub nomenclatura: Option<RedactedText>,
        /// The holder's name.
        pub nome: Option<RedactedText>,
        /// The holder's CPF, which is also the document's number.
        pub cpf: Option<Lenient<Cpf>>,
        /// Whether the image is in black and white. Sent as a boolean or as text.
        pub preto_e_branco: Option<Lenient<bool>>,
        /// The holder's sex.
        pub sexo: Option<RedactedText>,
        /// The date of birth, as `dd/mm/yyyy`.
        pub dt_nascimento: Option<Lenient<Date>>,
        /// The date of birth, as `yyyy-mm-dd`.
        pub dt_nascimento_formatada: Option<Lenient<Date>>,
        /// The holder's nationality.
        pub nacionalidade: Option<RedactedText>,
        /// The place of birth.
        pub naturalidade: Option<RedactedText>,
        /// The expiry date, or `INDETERMINADA`.
        pub dt_validade: Option<Lenient<Date>>,
        /// The number of the blank form. In the vendor's example, not in its table.
        pub nr_espelho: Option<RedactedText>,
        /// The post that issued it.
        pub posto: Option<RedactedText>,
        /// Both parents: the father on the first line, the mother on the second.
        pub filiacao: Option<RedactedText>,
        /// The father's name.
        pub nome_pai: Option<RedactedText>,
        /// The mother's name.
        pub nome_mae: Option<RedactedText>,
        /// The issuing body.
        pub orgao_emissor: Option<RedactedText>,
        /// Where it was issued: a state in the vendor's table, a city in its example.
        pub local: Option<RedactedText>,
        /// The date of issue, as `dd/mm/yyyy`.
        pub dt_expedicao: Option<Lenient<Date>>,
        /// The date of issue, as `yyyy-mm-dd`.
        pub dt_expedicao_formatada: Option<Lenient<Date>>,
        /// True when the document bears *no* signature: see [`is_signed`](Self::is_signed).
        #[serde(alias = "flAnalfabeto")]
        pub analfabeto: Option<Lenient<bool>>,
        /// When the OCR started; without a time zone.
        pub dt_criacao: Option<Lenient<DateTime>>,
    }
}

impl CinOcr {
    /// Returns whether the document is signed; `None` if that was not read.
    #[must_use]
    pub fn is_signed(&self) -> Option<bool> {
        is_signed(self.analfabeto.as_ref())
    }
}

response! {
    /// What was read from a CRNM or a passport. (Vendor: `ResponseClientOcrDto`, `ResponseClientOcrDTO` in the table, and
    /// `responseClientOcrDto`; our page: "CRNM" and "Passport".)
    ///
    /// The two share one shape, and their keys differ in the case of one letter. [`DocumentAnalysis::crnm`] and
    /// [`DocumentAnalysis::passport`] find the right one.
    ///
    /// [`DocumentAnalysis::crnm`]: crate::DocumentAnalysis::crnm
    /// [`DocumentAnalysis::passport`]: crate::DocumentAnalysis::passport
    #[serde(rename_all = "camelCase")]
    pub struct ClientOcr {
        /// The kind of document: CRNM or passport.
        pub documento: Option<DocumentType>,
        /// The holder's name.
        pub nome: Option<RedactedText>,
        /// The holder's CPF; a blank if there is none.
        pub cpf: Option<Lenient<Cpf>>,
        /// Whether the image is in black and white. Sent as a boolean or as text.
        pub preto_e_branco: Option<Lenient<bool>>,
        /// A CRNM's number in the national register of migrants.
        pub nr_rnm: Option<RedactedText>,
        /// A passport's number.
        pub nr_passaporte: Option<RedactedText>,
        /// A passport's type.
        #[serde(alias = "tpPassaporte")]
        pub tp_passaport: Option<RedactedText>,
        /// The date of birth. The vendor's example has `yyyy-mm-dd`, its table `dd/mm/yyyy`.
        pub dt_nascimento: Option<Lenient<Date>>,
        /// The holder's sex.
        pub sexo: Option<RedactedText>,
        /// The date of issue.
        pub dt_expedicao: Option<Lenient<Date>>,
        /// The expiry date.
        pub dt_expiracao: Option<Lenient<Date>>,
        /// Both parents, without a separator. The vendor's table says that it is the father.
        pub nome_pais: Option<RedactedText>,
        /// The holder's nationality.
        pub nacionalidade: Option<RedactedText>,
        /// The place of birth.
        pub naturalidade: Option<RedactedText>,
        /// The issuing body.
        pub autoridade_emissora: Option<RedactedText>,
        /// The issuing country.
        pub pais_emissor: Option<RedactedText>,
        /// The migrant's class, for instance resident.
        pub classificacao: Option<RedactedText>,
    }
}

impl ClientOcr {
    /// Returns the kind of document, from `documento` or from the number that only one of the two kinds has. `None` if
    /// neither decides: then use the key of the object.
    #[must_use]
    pub fn kind(&self) -> Option<DocumentKind> {
        if let Some(document @ (DocumentType::Crnm | DocumentType::Passport)) = &self.documento {
            return Some(document.into());
        }
        match (&self.nr_rnm, &self.nr_passaporte) {
            (Some(_), None) => Some(DocumentKind::Crnm),
            (None, Some(_)) => Some(DocumentKind::Passport),
            _ => None,
        }
    }
}

/// The vendor states the opposite: that there is no signature.
fn is_signed(unsigned: Option<&Lenient<bool>>) -> Option<bool> {
    unsigned?.get().map(|unsigned| !unsigned)
}
