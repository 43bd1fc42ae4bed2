//! What the person said, what was read from the document, and what the register says.

use kyc_core::{Applicant, Cpf, Date, DocumentKind, Evidence, Pii};
use maud::{Markup, html};

use super::parts::{Row, Tone, nothing, section as framed, table};
use super::words::Words;
use super::{Page, mask};
use crate::judge::cpf_of;
use crate::names::{NameMatch, compare_names};

/// What one vendor read or has registered.
struct Source<'a> {
    head: String,
    /// `None` where the vendor's answer has no such field at all.
    cpf: Option<Option<&'a Pii<String>>>,
    name: Option<Option<&'a Pii<String>>>,
    birth_date: Option<Option<&'a Pii<Date>>>,
    kind: Option<Option<&'a DocumentKind>>,
}

pub(super) fn section(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title = words.of("Dados declarados, lidos e cadastrados", "Data said, read and registered");
    let Some(said) = &page.report.applicant else {
        let gone = words.of("Apagados com o caso.", "Deleted with the case.");
        return framed("data", title, &nothing(gone));
    };
    let sources = sources(page);
    let mut heads = vec![words.of("Campo", "Field"), words.of("Declarado", "Said")];
    heads.extend(sources.iter().map(|source| source.head.as_str()));
    let rows = [
        row("CPF", html! { (mask::cpf(&said.cpf)) }, &sources, |source| {
            source.cpf.map(|read| read_cpf(words, &said.cpf, read))
        }),
        row(words.of("Nome", "Name"), stated_name(words, said), &sources, |source| {
            source.name.map(|read| read_name(words, said, read))
        }),
        row(words.of("Nascimento", "Birth date"), stated_birth_date(words, said), &sources, |source| {
            source.birth_date.map(|read| read_birth_date(words, said, read))
        }),
        row(words.of("Documento", "Document"), stated_kind(words, said), &sources, |source| {
            source.kind.map(|read| read_kind(words, said, read))
        }),
    ];
    let hint = words.of(
        "O CPF aparece só com os dois últimos dígitos; a comparação usa o número inteiro.",
        "Of the CPF only the last two digits are shown; the comparison is made with the whole number.",
    );
    framed("data", title, &html! { p.hint { (hint) } (table(title, &heads, &rows)) })
}

fn sources<'a>(page: &Page<'a>) -> Vec<Source<'a>> {
    let words = page.words;
    let said = page.report.checks.iter().flat_map(|result| &result.vendors);
    said.filter_map(|said| match &said.evidence {
        Some(Evidence::Document { kind, cpf, name, birth_date, .. }) => Some(Source {
            head: format!("{} ({})", words.of("Lido no documento", "Read from the document"), said.vendor),
            cpf: Some(cpf.as_ref()),
            name: Some(name.as_ref()),
            birth_date: Some(birth_date.as_ref()),
            kind: Some(kind.as_ref()),
        }),
        Some(Evidence::Registration { name, .. }) => Some(Source {
            head: format!("{} ({})", words.of("Cadastro", "Register"), said.vendor),
            cpf: None,
            name: Some(name.as_ref()),
            birth_date: None,
            kind: None,
        }),
        _ => None,
    })
    .collect()
}

fn row(
    name: &str,
    said: Markup,
    sources: &[Source<'_>],
    read: impl Fn(&Source<'_>) -> Option<(Markup, Agrees)>,
) -> Row {
    let mut cells = vec![html! { (name) }, said];
    let mut tone = Tone::Plain;
    for source in sources {
        let Some((value, agrees)) = read(source) else {
            cells.push(html! { "-" });
            continue;
        };
        tone = agrees.worse(tone);
        cells.push(value);
    }
    Row { tone, cells }
}

/// Whether what was read agrees with what was said.
#[derive(Clone, Copy)]
enum Agrees {
    Yes,
    Nearly,
    No,
    Unread,
}

impl Agrees {
    fn worse(self, than: Tone) -> Tone {
        match (self, than) {
            (Self::No, _) | (_, Tone::Failed) => Tone::Failed,
            (Self::Nearly | Self::Unread, _) | (_, Tone::Waiting) => Tone::Waiting,
            (Self::Yes, _) => Tone::Good,
        }
    }

    fn beside(self, words: Words, value: &str) -> (Markup, Self) {
        let word = match self {
            Self::Yes => words.of("confere", "agrees"),
            Self::Nearly => words.of("parecido", "similar"),
            Self::No => words.of("difere", "differs"),
            Self::Unread => words.of("não comparado", "not compared"),
        };
        (html! { (value) small { (word) } }, self)
    }
}

fn missing(words: Words) -> (Markup, Agrees) {
    (html! { (words.of("não lido", "not read")) }, Agrees::Unread)
}

fn not_said(words: Words) -> Markup {
    html! { (words.of("não declarado", "not stated")) }
}

fn read_cpf(words: Words, said: &Cpf, read: Option<&Pii<String>>) -> (Markup, Agrees) {
    let Some(read) = read else { return missing(words) };
    match cpf_of(read.expose()) {
        Some(read) if read == *said => Agrees::Yes.beside(words, &mask::cpf(&read)),
        Some(read) => Agrees::No.beside(words, &mask::cpf(&read)),
        // A misread number is nearly the CPF, so that nothing of it is shown.
        None => (html! { (words.of("ilegível", "illegible")) }, Agrees::Unread),
    }
}

fn stated_name(words: Words, said: &Applicant) -> Markup {
    let name = said.name.as_ref().map(|name| words.free(name.expose()));
    name.map_or_else(|| not_said(words), |name| html! { (name) })
}

fn read_name(words: Words, said: &Applicant, read: Option<&Pii<String>>) -> (Markup, Agrees) {
    let Some(read) = read else { return missing(words) };
    let agrees = match said.name.as_ref().map(|said| compare_names(read.expose(), said.expose())) {
        Some(NameMatch::Same) => Agrees::Yes,
        Some(NameMatch::Near) => Agrees::Nearly,
        Some(NameMatch::Different) => Agrees::No,
        Some(NameMatch::Unread) | None => Agrees::Unread,
    };
    agrees.beside(words, &words.free(read.expose()))
}

fn stated_birth_date(words: Words, said: &Applicant) -> Markup {
    let date = said.birth_date.as_ref().map(|date| words.date(*date.expose()));
    date.map_or_else(|| not_said(words), |date| html! { (date) })
}

fn read_birth_date(words: Words, said: &Applicant, read: Option<&Pii<Date>>) -> (Markup, Agrees) {
    let Some(read) = read else { return missing(words) };
    let agrees = match &said.birth_date {
        Some(said) if said == read => Agrees::Yes,
        Some(_) => Agrees::No,
        None => Agrees::Unread,
    };
    agrees.beside(words, &words.date(*read.expose()))
}

fn stated_kind(words: Words, said: &Applicant) -> Markup {
    let kind = said.document.as_ref().map(|document| words.document(&document.kind));
    kind.map_or_else(|| not_said(words), |kind| html! { (kind) })
}

fn read_kind(words: Words, said: &Applicant, read: Option<&DocumentKind>) -> (Markup, Agrees) {
    let Some(read) = read else { return missing(words) };
    let agrees = match (&said.document, read) {
        // Vendors' own names of kinds tell nothing.
        (_, DocumentKind::Unknown(_)) | (None, _) => Agrees::Unread,
        (Some(document), read) if document.kind == *read => Agrees::Yes,
        (Some(_), _) => Agrees::No,
    };
    agrees.beside(words, words.document(read))
}
