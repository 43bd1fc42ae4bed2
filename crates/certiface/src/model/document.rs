//! One document, whichever object it came in. (Our page: "Documents".)

use kyc_core::{Cpf, Date, DocumentKind, Lenient, RedactedText};

use super::ocr::{CinOcr, ClientOcr, CnhOcr, DniOcr, RgOcr};
use super::result::DocumentAnalysis;

/// What was read from a document: one view of the vendor's six objects.
///
/// `None` is what the vendor left out, printed as `NULL` or as a blank, and what the document does not bear. Texts are
/// trimmed. What could not be read as a day or a CPF is `None` here and stands as text in the vendor's object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// Which document it is.
    pub kind: DocumentKind,
    /// The holder's name.
    pub name: Option<RedactedText>,
    /// The holder's CPF, in any of the forms that the vendor prints.
    pub cpf: Option<Cpf>,
    /// The day of birth.
    pub birth_date: Option<Date>,
    /// The father's name, by its own field, else the first of the two lines that hold both parents.
    pub father: Option<RedactedText>,
    /// The mother's name, by its own field, else the second of those lines.
    pub mother: Option<RedactedText>,
    /// The document's number. That of a CIN is the CPF.
    pub number: Option<RedactedText>,
    /// The day of issue.
    pub issue_date: Option<Date>,
    /// Until when it is valid. An RG and a DNI bear no such day.
    pub expiry: Option<Expiry>,
    /// The issuing body. None is printed for a driving licence.
    pub issuer: Option<RedactedText>,
    /// The state that issued it: two letters as a rule.
    pub state: Option<RedactedText>,
    /// Whether the holder signed it. An illiterate holder's document bears no signature.
    pub is_signed: Option<bool>,
    /// Whether the picture is in black and white.
    pub is_black_and_white: Option<bool>,
}

/// Until when a document is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expiry {
    /// Until that day.
    Date(Date),
    /// For ever: the document says so.
    Indefinite,
    /// Something else was read.
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

impl DocumentAnalysis {
    /// Every document that was read, whichever object it came in. An object that says nothing is none.
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
        number: ocr.cpf.as_ref().and_then(|cpf| said(cpf.text())),
        issue_date: date(&ocr.dt_expedicao_formatada, &ocr.dt_expedicao),
        expiry: expiry(&ocr.dt_validade),
        // The other one is the republic, on every CIN.
        issuer: text(&ocr.orgao_emissor).or_else(|| text(&ocr.nomenclatura)),
        state: text(&ocr.estado),
        is_signed: ocr.is_signed(),
        is_black_and_white: flag(&ocr.preto_e_branco),
        ..Document::new(DocumentKind::Cin)
    }
}

fn from_client(ocr: &ClientOcr, kind: DocumentKind) -> Document {
    let number = if kind == DocumentKind::Crnm { &ocr.nr_rnm } else { &ocr.nr_passaporte };
    // Both parents' names in one line cannot be told apart.
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

/// The text, unless it is what the vendor prints for nothing.
fn said(printed: &str) -> Option<RedactedText> {
    let printed = printed.trim();
    (!printed.is_empty() && !printed.eq_ignore_ascii_case("null")).then(|| printed.into())
}

fn text(printed: &Option<RedactedText>) -> Option<RedactedText> {
    said(printed.as_ref()?.as_str())
}

fn flag(printed: &Option<Lenient<bool>>) -> Option<bool> {
    printed.as_ref()?.get().copied()
}

fn date(first: &Option<Lenient<Date>>, second: &Option<Lenient<Date>>) -> Option<Date> {
    [first, second].into_iter().flatten().find_map(|printed| printed.get().copied())
}

/// The documented form on an RG is `999999999/99`, which nobody else writes: the digits count.
fn cpf(printed: &Option<Lenient<Cpf>>) -> Option<Cpf> {
    let printed = printed.as_ref()?;
    let bare = || printed.text().replace(['.', '-', '/', ' '], "");
    printed.get().cloned().or_else(|| Cpf::parse(&bare()).ok())
}

fn expiry(printed: &Option<Lenient<Date>>) -> Option<Expiry> {
    let printed = printed.as_ref()?;
    if let Some(date) = printed.get() {
        return Some(Expiry::Date(*date));
    }
    let text = said(printed.text())?;
    let is_indefinite = text.as_str().eq_ignore_ascii_case("INDETERMINADA");
    Some(if is_indefinite { Expiry::Indefinite } else { Expiry::Unread(text) })
}

fn parents(
    father: &Option<RedactedText>,
    mother: &Option<RedactedText>,
    both: &Option<RedactedText>,
) -> (Option<RedactedText>, Option<RedactedText>) {
    // One line may be either parent, three may be a name that was broken.
    let lines = both.as_ref().and_then(|both| both.as_str().trim().split_once('\n'));
    let (first, second) = lines.filter(|(_, second)| !second.contains('\n')).unzip();
    (text(father).or_else(|| said(first?)), text(mother).or_else(|| said(second?)))
}
