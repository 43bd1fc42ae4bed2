//! One view of a document, whichever object holds it. (Our page: "Documents".)

use kyc_core::{Cpf, Date, DocumentKind, Lenient, RedactedText};

use super::ocr::{CinOcr, ClientOcr, CnhOcr, DniOcr, RgOcr};
use super::result::{DocumentAnalysis, JourneyResult};

/// What was read from a document: one view of the vendor's six objects. (Our page: "Documents".)
///
/// A field is `None` if the vendor left it out or printed `NULL` or a blank, and if the document does not bear it. Texts
/// are trimmed. A value that is not a valid date or CPF is `None` here and is kept as text in the vendor's object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// The kind of document.
    pub kind: DocumentKind,
    /// The holder's name.
    pub name: Option<RedactedText>,
    /// The holder's CPF, from any of the forms that the vendor prints.
    pub cpf: Option<Cpf>,
    /// The date of birth.
    pub birth_date: Option<Date>,
    /// The father's name, from its own field or else the first of the two lines that hold both parents.
    pub father: Option<RedactedText>,
    /// The mother's name, from its own field or else the second of those lines.
    pub mother: Option<RedactedText>,
    /// The document's number. The number of a CIN is the CPF.
    pub number: Option<RedactedText>,
    /// The date of issue.
    pub issue_date: Option<Date>,
    /// When it expires. An RG and a DNI bear no such date.
    pub expiry: Option<Expiry>,
    /// The issuing body. The vendor prints none for a driving licence.
    pub issuer: Option<RedactedText>,
    /// The state that issued it, usually as two letters.
    pub state: Option<RedactedText>,
    /// Whether the holder signed it. The document of an illiterate holder bears no signature.
    pub is_signed: Option<bool>,
    /// Whether the image is in black and white.
    pub is_black_and_white: Option<bool>,
}

/// When a document expires.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expiry {
    /// On that date.
    Date(Date),
    /// Never, as the document states.
    Indefinite,
    /// The text that was read is not a date.
    Unread(RedactedText),
}

impl Document {
    fn new(kind: DocumentKind) -> Self {
        Self {
            kind,
            name: None,
            cpf: None,
            birth_date: None,
            father: None,
            mother: None,
            number: None,
            issue_date: None,
            expiry: None,
            issuer: None,
            state: None,
            is_signed: None,
            is_black_and_white: None,
        }
    }
}

impl JourneyResult {
    /// Returns every document that was read, whichever object holds it.
    #[must_use]
    pub fn documents(&self) -> Vec<Document> {
        self.analise_documento.as_ref().map(DocumentAnalysis::documents).unwrap_or_default()
    }

    /// Returns the first of [`documents`](Self::documents). Usually there is one.
    #[must_use]
    pub fn document(&self) -> Option<Document> {
        self.documents().into_iter().next()
    }
}

impl DocumentAnalysis {
    /// Returns every document that was read, whichever object holds it. An empty object is skipped.
    #[must_use]
    pub fn documents(&self) -> Vec<Document> {
        let found = [
            self.rg().map(from_rg),
            self.cnh().map(from_cnh),
            self.dni().map(from_dni),
            self.cin().map(from_cin),
            self.crnm().map(|ocr| from_client(ocr, DocumentKind::Crnm)),
            self.passport().map(|ocr| from_client(ocr, DocumentKind::Passport)),
        ];
        found.into_iter().flatten().filter(|found| *found != Document::new(found.kind.clone())).collect()
    }
}

fn from_rg(ocr: &RgOcr) -> Document {
    let (father, mother) = parents(&ocr.nome_pai, &ocr.nome_mae, &ocr.filiacao);
    Document {
        name: text(&ocr.nome),
        cpf: cpf(&ocr.cpf),
        birth_date: date(&ocr.dt_nascimento_formatada, &ocr.dt_nascimento),
        father,
        mother,
        number: text(&ocr.nr_rg),
        issue_date: date(&ocr.dt_expedicao_formatada, &ocr.dt_expedicao),
        issuer: text(&ocr.nomenclatura),
        state: text(&ocr.estado),
        is_signed: ocr.is_signed(),
        is_black_and_white: flag(&ocr.preto_e_branco),
        ..Document::new(DocumentKind::Rg)
    }
}

fn from_cnh(ocr: &CnhOcr) -> Document {
    let (father, mother) = parents(&ocr.nome_pai, &ocr.nome_mae, &ocr.filiacao);
    Document {
        name: text(&ocr.nome),
        cpf: cpf(&ocr.cpf),
        birth_date: date(&ocr.dt_nascimento_formatada, &ocr.dt_nascimento),
        father,
        mother,
        number: text(&ocr.numero_registro),
        issue_date: date(&ocr.dt_expedicao_formatada, &ocr.dt_expedicao),
        expiry: expiry(&ocr.validade),
        state: text(&ocr.estado).or_else(|| text(&ocr.estado_nome)),
        is_signed: ocr.is_signed(),
        is_black_and_white: flag(&ocr.preto_e_branco),
        ..Document::new(DocumentKind::Cnh)
    }
}

fn from_dni(ocr: &DniOcr) -> Document {
    let (father, mother) = parents(&ocr.nome_pai, &ocr.nome_mae, &ocr.filiacao);
    Document {
        name: text(&ocr.nome),
        cpf: cpf(&ocr.cpf),
        birth_date: date(&ocr.dt_nascimento_formatada, &ocr.dt_nascimento),
        father,
        mother,
        number: text(&ocr.dni),
        issue_date: date(&ocr.dt_expedicao_formatada, &ocr.dt_expedicao),
        issuer: text(&ocr.nomenclatura).or_else(|| text(&ocr.orgao)),
        state: text(&ocr.estado),
        is_signed: ocr.is_signed(),
        is_black_and_white: flag(&ocr.preto_e_branco),
        ..Document::new(DocumentKind::Dni)
    }
}

fn from_cin(ocr: &CinOcr) -> Document {
    let (father, mother) = parents(&ocr.nome_pai, &ocr.nome_mae, &ocr.filiacao);
    Document {
        name: text(&ocr.nome),
        cpf: cpf(&ocr.cpf),
        birth_date: date(&ocr.dt_nascimento_formatada, &ocr.dt_nascimento),
        father,
        mother,
        number: ocr.cpf.as_ref().and_then(|cpf| present(cpf.text())),
        issue_date: date(&ocr.dt_expedicao_formatada, &ocr.dt_expedicao),
        expiry: expiry(&ocr.dt_validade),
        // `nomenclatura` is the republic on every CIN.
        issuer: text(&ocr.orgao_emissor).or_else(|| text(&ocr.nomenclatura)),
        state: text(&ocr.estado),
        is_signed: ocr.is_signed(),
        is_black_and_white: flag(&ocr.preto_e_branco),
        ..Document::new(DocumentKind::Cin)
    }
}

fn from_client(ocr: &ClientOcr, kind: DocumentKind) -> Document {
    let number = if kind == DocumentKind::Crnm { &ocr.nr_rnm } else { &ocr.nr_passaporte };
    // Both parents' names in one line cannot be separated.
    let (father, mother) = parents(&None, &None, &ocr.nome_pais);
    Document {
        name: text(&ocr.nome),
        cpf: cpf(&ocr.cpf),
        birth_date: date(&ocr.dt_nascimento, &None),
        father,
        mother,
        number: text(number),
        issue_date: date(&ocr.dt_expedicao, &None),
        expiry: expiry(&ocr.dt_expiracao),
        issuer: text(&ocr.autoridade_emissora),
        is_black_and_white: flag(&ocr.preto_e_branco),
        ..Document::new(kind)
    }
}

/// Returns the text, unless it is what the vendor prints for an absent value.
fn present(printed: &str) -> Option<RedactedText> {
    let printed = printed.trim();
    (!printed.is_empty() && !printed.eq_ignore_ascii_case("null")).then(|| printed.into())
}

fn text(printed: &Option<RedactedText>) -> Option<RedactedText> {
    present(printed.as_ref()?.as_str())
}

fn flag(printed: &Option<Lenient<bool>>) -> Option<bool> {
    printed.as_ref()?.get().copied()
}

fn date(first: &Option<Lenient<Date>>, second: &Option<Lenient<Date>>) -> Option<Date> {
    [first, second].into_iter().flatten().find_map(|printed| printed.get().copied())
}

/// The documented form on an RG is `999999999/99`, which the general parser does not accept.
fn cpf(printed: &Option<Lenient<Cpf>>) -> Option<Cpf> {
    let printed = printed.as_ref()?;
    let digits = || printed.text().replace(['.', '-', '/', ' '], "");
    printed.get().cloned().or_else(|| Cpf::parse(&digits()).ok())
}

fn expiry(printed: &Option<Lenient<Date>>) -> Option<Expiry> {
    let printed = printed.as_ref()?;
    if let Some(date) = printed.get() {
        return Some(Expiry::Date(*date));
    }
    let text = present(printed.text())?;
    let is_indefinite = text.as_str().eq_ignore_ascii_case("INDETERMINADA");
    Some(if is_indefinite { Expiry::Indefinite } else { Expiry::Unread(text) })
}

fn parents(
    father: &Option<RedactedText>,
    mother: &Option<RedactedText>,
    both: &Option<RedactedText>,
) -> (Option<RedactedText>, Option<RedactedText>) {
    // One line may be either parent, and three lines may contain a wrapped name.
    let lines = both.as_ref().and_then(|both| both.as_str().trim().split_once('\n'));
    let (first, second) = lines.filter(|(_, second)| !second.contains('\n')).unzip();
    (text(father).or_else(|| present(first?)), text(mother).or_else(|| present(second?)))
}
