//! What was read from the documents: an object for each kind of document, and where they stand. (Our
//! page: "What was read" and "Documents".)
//!
//! The vendor sends the object of the document that came and leaves the others out. Texts are kept as they were read:
//! `NULL` and a blank are what the vendor prints for nothing. [`Document`](super::Document) takes them for that.

use kyc_core::{Cpf, Date, DateTime, DocumentKind, Lenient, RedactedText};
use serde::{Deserialize, Serialize};

use super::codes::DocumentType;
use super::result::DocumentBiometrics;

/// The objects that were read, and around them. (Vendor: `responseClientDadosOcrDTO`.)
///
/// The vendor's example lacks a brace and can be mended in more than one way, so some objects have several places.
/// [`DocumentAnalysis`](super::DocumentAnalysis) finds each wherever it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OcrData {
    /// An RG.
    #[serde(
        rename = "responseClientRGOcrDTO",
        alias = "responseClientRGOcrDto",
        alias = "ResponseClientRGOcrDTO",
        alias = "ResponseClientRGOcrDto",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_rg_ocr_dto: Option<Box<RgOcr>>,
    /// A driving licence.
    #[serde(
        rename = "ResponseClientCNHOcrDTO",
        alias = "responseClientCNHOcrDTO",
        alias = "responseClientCNHOcrDto",
        alias = "ResponseClientCNHOcrDto",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_cnh_ocr_dto: Option<Box<CnhOcr>>,
    /// A DNI.
    #[serde(
        rename = "ResponseClientDNIOcrDTO",
        alias = "responseClientDNIOcrDTO",
        alias = "responseClientDNIOcrDto",
        alias = "ResponseClientDNIOcrDto",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_dni_ocr_dto: Option<Box<DniOcr>>,
    /// A CIN.
    #[serde(
        rename = "ResponseClientCINOcrDTO",
        alias = "responseClientCINOcrDTO",
        alias = "responseClientCINOcrDto",
        alias = "ResponseClientCINOcrDto",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_cin_ocr_dto: Option<Box<CinOcr>>,
    /// CRNM and passport. A letter is missing in the vendor's key.
    #[serde(
        rename = "ResponseClienDadosOcrDTO",
        alias = "responseClienDadosOcrDTO",
        alias = "responseClienDadosOcrDto",
        alias = "ResponseClienDadosOcrDto",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_clien_dados_ocr_dto: Option<ClientOcrs>,
    /// A passport, as a rule.
    #[serde(
        rename = "responseClientOcrDto",
        alias = "responseClientOcrDTO",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_ocr_dto: Option<Box<ClientOcr>>,
    /// A CRNM, as a rule: its key begins with a capital.
    #[serde(
        rename = "ResponseClientOcrDto",
        alias = "ResponseClientOcrDTO",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_ocr_dto_crnm: Option<Box<ClientOcr>>,
    /// The comparisons with the selfie, where they stand in here.
    #[serde(alias = "biometriaCertiface", skip_serializing_if = "Option::is_none")]
    pub biometria_documento: Option<DocumentBiometrics>,
}

/// CRNM and passport, inside the other objects or beside them. (Vendor: `ResponseClienDadosOcrDTO`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ClientOcrs {
    /// A passport, as a rule.
    #[serde(
        rename = "responseClientOcrDto",
        alias = "responseClientOcrDTO",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_ocr_dto: Option<Box<ClientOcr>>,
    /// A CRNM, as a rule: its key begins with a capital.
    #[serde(
        rename = "ResponseClientOcrDto",
        alias = "ResponseClientOcrDTO",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_client_ocr_dto_crnm: Option<Box<ClientOcr>>,
}

/// What was read from an RG. (Vendor: `responseClientRGOcrDTO`; our page: "RG".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RgOcr {
    /// The state that issued it, by its two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estado: Option<RedactedText>,
    /// Which document it is: RG.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documento: Option<DocumentType>,
    /// The day of issue, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao: Option<Lenient<Date>>,
    /// The day of issue, as `yyyy-mm-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao_formatada: Option<Lenient<Date>>,
    /// The document's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nr_rg: Option<RedactedText>,
    /// The holder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome: Option<RedactedText>,
    /// Both parents: the father, and the mother on a second line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filiacao: Option<RedactedText>,
    /// The father's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_pai: Option<RedactedText>,
    /// The mother's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_mae: Option<RedactedText>,
    /// The certificate that it was issued upon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_origem: Option<RedactedText>,
    /// The day of birth, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento: Option<Lenient<Date>>,
    /// The day of birth, as `yyyy-mm-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento_formatada: Option<Lenient<Date>>,
    /// The holder's CPF. The table gives its form as `999999999/99`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpf: Option<Lenient<Cpf>>,
    /// Whether the picture is in black and white. Printed as a bool or as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preto_e_branco: Option<Lenient<bool>>,
    /// The place of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub naturalidade: Option<RedactedText>,
    /// The issuing body, in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nomenclatura: Option<RedactedText>,
    /// When the reading began; no zone is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_criacao: Option<Lenient<DateTime>>,
    /// True when the document bears *no* signature: see [`is_signed`](Self::is_signed).
    #[serde(alias = "analfabeto", skip_serializing_if = "Option::is_none")]
    pub fl_analfabeto: Option<Lenient<bool>>,
}

impl RgOcr {
    /// Whether the document is signed, as far as that was read.
    #[must_use]
    pub fn is_signed(&self) -> Option<bool> {
        is_signed(self.fl_analfabeto.as_ref())
    }
}

/// What was read from a driving licence. (Vendor: `ResponseClientCNHOcrDTO`; our page: "CNH".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CnhOcr {
    /// The state that issued it, by its two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estado: Option<RedactedText>,
    /// The state that issued it, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estado_nome: Option<RedactedText>,
    /// Which document it is: CNH.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documento: Option<DocumentType>,
    /// The holder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome: Option<RedactedText>,
    /// Number and issuer of the identity document that it was issued upon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_origem: Option<RedactedText>,
    /// The number of that document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documento_origem: Option<RedactedText>,
    /// The issuer of that document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emissor_origem: Option<RedactedText>,
    /// The state of that document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uf_origem: Option<RedactedText>,
    /// The holder's CPF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpf: Option<Lenient<Cpf>>,
    /// Whether the picture is in black and white. Printed as a bool or as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preto_e_branco: Option<Lenient<bool>>,
    /// The day of birth, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento: Option<Lenient<Date>>,
    /// The day of birth, as `yyyy-mm-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento_formatada: Option<Lenient<Date>>,
    /// Both parents: the father, and the mother on a second line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filiacao: Option<RedactedText>,
    /// The father's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_pai: Option<RedactedText>,
    /// The mother's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_mae: Option<RedactedText>,
    /// Whether it is a learner's permission; `NULL` if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissao: Option<RedactedText>,
    /// The permission to ride mopeds; `NULL` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acc: Option<RedactedText>,
    /// The categories of vehicles, one letter each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categoria: Option<RedactedText>,
    /// The licence's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numero_registro: Option<RedactedText>,
    /// Its last day, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validade: Option<Lenient<Date>>,
    /// The day of the holder's first licence, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primeira_habilitacao: Option<Lenient<Date>>,
    /// City and state of issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<RedactedText>,
    /// The day of issue, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao: Option<Lenient<Date>>,
    /// The day of issue, as `yyyy-mm-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao_formatada: Option<Lenient<Date>>,
    /// The security code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cod_seguranca: Option<RedactedText>,
    /// The number of the paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub espelho: Option<RedactedText>,
    /// The number of the form in the national register of drivers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renach: Option<RedactedText>,
    /// When the reading began; no zone is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_criacao: Option<Lenient<DateTime>>,
    /// How the licence came: as a QR code or a photo, for instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formato: Option<RedactedText>,
    /// What kind of file it came as: picture, PDF or binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensao: Option<RedactedText>,
    /// True when the document bears *no* signature: see [`is_signed`](Self::is_signed). Not in the licence's own table,
    /// but that of the CIN says that licences have it.
    #[serde(alias = "analfabeto", skip_serializing_if = "Option::is_none")]
    pub fl_analfabeto: Option<Lenient<bool>>,
}

impl CnhOcr {
    /// Whether the document is signed, as far as that was read.
    #[must_use]
    pub fn is_signed(&self) -> Option<bool> {
        is_signed(self.fl_analfabeto.as_ref())
    }
}

/// What was read from a DNI. (Vendor: `ResponseClientDNIOcrDTO`; our page: "DNI".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DniOcr {
    /// The state that issued it, by its two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estado: Option<RedactedText>,
    /// The issuing body, in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nomenclatura: Option<RedactedText>,
    /// The place of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub naturalidade: Option<RedactedText>,
    /// Both parents: the father, and the mother on a second line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filiacao: Option<RedactedText>,
    /// The father's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_pai: Option<RedactedText>,
    /// The mother's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_mae: Option<RedactedText>,
    /// The day of birth, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento: Option<Lenient<Date>>,
    /// The day of birth, as `yyyy-mm-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento_formatada: Option<Lenient<Date>>,
    /// The holder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome: Option<RedactedText>,
    /// Remarks on the front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observacao_front: Option<RedactedText>,
    /// The number of another RG.
    #[serde(rename = "outroRG", alias = "outroRg", skip_serializing_if = "Option::is_none")]
    pub outro_rg: Option<RedactedText>,
    /// The issuing body, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orgao: Option<RedactedText>,
    /// The blood group and Rh factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fator: Option<RedactedText>,
    /// The certificate of birth or marriage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registro_civil: Option<RedactedText>,
    /// The driving licence's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnh: Option<RedactedText>,
    /// The health card's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cns: Option<RedactedText>,
    /// The holder's CPF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpf: Option<Lenient<Cpf>>,
    /// Whether the picture is in black and white. Printed as a bool or as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preto_e_branco: Option<Lenient<bool>>,
    /// The work card's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctps: Option<RedactedText>,
    /// The work card's series.
    #[serde(rename = "serieCTPS", alias = "serieCtps", skip_serializing_if = "Option::is_none")]
    pub serie_ctps: Option<RedactedText>,
    /// The state that issued the work card.
    #[serde(alias = "ufCTPS", skip_serializing_if = "Option::is_none")]
    pub ufctps: Option<RedactedText>,
    /// The document's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dni: Option<RedactedText>,
    /// The voter's card's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub titulo_eleitor: Option<RedactedText>,
    /// The day of issue, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao: Option<Lenient<Date>>,
    /// The day of issue, as `yyyy-mm-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao_formatada: Option<Lenient<Date>>,
    /// The post that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<RedactedText>,
    /// The military certificate's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_militar: Option<RedactedText>,
    /// The name that the holder goes by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_social: Option<RedactedText>,
    /// The number in the social integration programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pis: Option<RedactedText>,
    /// The number of a professional card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profissional: Option<RedactedText>,
    /// The RG's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rg: Option<RedactedText>,
    /// When the reading began; no zone is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_criacao: Option<Lenient<DateTime>>,
    /// True when the document bears *no* signature: see [`is_signed`](Self::is_signed).
    #[serde(alias = "analfabeto", skip_serializing_if = "Option::is_none")]
    pub fl_analfabeto: Option<Lenient<bool>>,
}

impl DniOcr {
    /// Whether the document is signed, as far as that was read.
    #[must_use]
    pub fn is_signed(&self) -> Option<bool> {
        is_signed(self.fl_analfabeto.as_ref())
    }
}

/// What was read from a CIN. (Vendor: `ResponseClientCINOcrDTO`; our page: "CIN".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CinOcr {
    /// Which document it is: CIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documento: Option<DocumentType>,
    /// The state that issued it. In the table, in no example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estado: Option<RedactedText>,
    /// The issuing body, in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nomenclatura: Option<RedactedText>,
    /// The holder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome: Option<RedactedText>,
    /// The holder's CPF. It is the document's number, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpf: Option<Lenient<Cpf>>,
    /// Whether the picture is in black and white. Printed as a bool or as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preto_e_branco: Option<Lenient<bool>>,
    /// The holder's sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sexo: Option<RedactedText>,
    /// The day of birth, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento: Option<Lenient<Date>>,
    /// The day of birth, as `yyyy-mm-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento_formatada: Option<Lenient<Date>>,
    /// The holder's nationality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nacionalidade: Option<RedactedText>,
    /// The place of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub naturalidade: Option<RedactedText>,
    /// Its last day, or `INDETERMINADA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_validade: Option<Lenient<Date>>,
    /// The number of the paper. In the example, not in the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nr_espelho: Option<RedactedText>,
    /// The post that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posto: Option<RedactedText>,
    /// Both parents: the father, and the mother on a second line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filiacao: Option<RedactedText>,
    /// The father's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_pai: Option<RedactedText>,
    /// The mother's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_mae: Option<RedactedText>,
    /// The issuing body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orgao_emissor: Option<RedactedText>,
    /// Where it was issued: a state in the table, a city in the example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<RedactedText>,
    /// The day of issue, as `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao: Option<Lenient<Date>>,
    /// The day of issue, as `yyyy-mm-dd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao_formatada: Option<Lenient<Date>>,
    /// True when the document bears *no* signature: see [`is_signed`](Self::is_signed).
    #[serde(alias = "flAnalfabeto", skip_serializing_if = "Option::is_none")]
    pub analfabeto: Option<Lenient<bool>>,
    /// When the reading began; no zone is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_criacao: Option<Lenient<DateTime>>,
}

impl CinOcr {
    /// Whether the document is signed, as far as that was read.
    #[must_use]
    pub fn is_signed(&self) -> Option<bool> {
        is_signed(self.analfabeto.as_ref())
    }
}

/// What was read from a CRNM or a passport. (Vendor: `ResponseClientOcrDto`, `ResponseClientOcrDTO` in the table, and
/// `responseClientOcrDto`; our page: "CRNM" and "Passport".)
///
/// The two share one shape, and their keys differ in the case of one letter. [`DocumentAnalysis::crnm`] and
/// [`DocumentAnalysis::passport`] find the right one.
///
/// [`DocumentAnalysis::crnm`]: super::DocumentAnalysis::crnm
/// [`DocumentAnalysis::passport`]: super::DocumentAnalysis::passport
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ClientOcr {
    /// Which document it is: CRNM or passport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documento: Option<DocumentType>,
    /// The holder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome: Option<RedactedText>,
    /// The holder's CPF. A blank if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpf: Option<Lenient<Cpf>>,
    /// Whether the picture is in black and white. Printed as a bool or as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preto_e_branco: Option<Lenient<bool>>,
    /// A CRNM's number in the national register of migrants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nr_rnm: Option<RedactedText>,
    /// A passport's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nr_passaporte: Option<RedactedText>,
    /// A passport's type.
    #[serde(alias = "tpPassaporte", skip_serializing_if = "Option::is_none")]
    pub tp_passaport: Option<RedactedText>,
    /// The day of birth. The example has `yyyy-mm-dd`, the table `dd/mm/yyyy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_nascimento: Option<Lenient<Date>>,
    /// The holder's sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sexo: Option<RedactedText>,
    /// The day of issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expedicao: Option<Lenient<Date>>,
    /// Its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dt_expiracao: Option<Lenient<Date>>,
    /// Both parents, without anything between them. The table says that it is the father.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nome_pais: Option<RedactedText>,
    /// The holder's nationality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nacionalidade: Option<RedactedText>,
    /// The place of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub naturalidade: Option<RedactedText>,
    /// The issuing body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoridade_emissora: Option<RedactedText>,
    /// The issuing country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pais_emissor: Option<RedactedText>,
    /// A migrant's class, a resident for instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classificacao: Option<RedactedText>,
}

impl ClientOcr {
    /// Which of the two it is, by what it says of itself or by the number that only one of them has. `None` if neither
    /// tells: then its key does.
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

/// The vendor says the opposite: that there is no signature.
fn is_signed(unsigned: Option<&Lenient<bool>>) -> Option<bool> {
    unsigned?.get().map(|unsigned| !unsigned)
}
