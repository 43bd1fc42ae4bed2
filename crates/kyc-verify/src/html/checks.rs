//! What each vendor said of each check, beside what the policy asks for.

use kyc_core::{CheckKind, Evidence, Finding, Genuineness};
use maud::{Markup, html};

use super::Page;
use super::parts::{Row, Tone, chip, list, name, nothing, section as framed, table};
use super::words::Words;
use crate::case::Environment;
use crate::model::{CheckResult, CheckState, VendorCheck};
use crate::policy::{Agreement, CheckRule};
use crate::reason::Reason;
use crate::value::{percent, rate, status};

pub(super) fn section(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title = words.of("Verificações", "Checks");
    if page.is_forgotten() {
        return framed("checks", title, &nothing(gone(words)));
    }
    let vendors = vendors(page);
    let mut heads = vec![words.of("Verificação", "Check"), words.of("Resultado", "Result")];
    heads.extend(&vendors);
    let rows: Vec<_> = page.report.checks.iter().map(|result| row(page, result, &vendors)).collect();
    let hint = words.of(
        "Só o que foi aprovado conta a favor. Um hífen quer dizer: não consultado, ou não oferecido pelo fornecedor.",
        "Only what passed counts in favour. A hyphen means: not asked, or not offered by the vendor.",
    );
    let body = html! { p.hint { (hint) } (table(title, &heads, &rows)) };
    framed("checks", title, &body)
}

fn gone(words: Words) -> &'static str {
    words.of("Apagado com o caso.", "Deleted with the case.")
}

/// Returns the vendors that the policy's checks name, in the order in which they appear.
fn vendors<'a>(page: &Page<'a>) -> Vec<&'a str> {
    let mut vendors: Vec<&str> = Vec::new();
    for vendor in page.report.checks.iter().flat_map(|result| &result.vendors) {
        if !vendors.contains(&vendor.vendor.as_str()) {
            vendors.push(&vendor.vendor);
        }
    }
    vendors
}

fn row(page: &Page<'_>, result: &CheckResult, vendors: &[&str]) -> Row {
    let words = page.words;
    let need = if result.is_required {
        words.of("exigida", "required")
    } else {
        words.of("só se oferecida", "only if offered")
    };
    let mut cells = vec![
        html! { (name(result.check, words)) small { (need) } },
        html! {
            (chip(Tone::of(result.state), result.state.in_language(words.0)))
            @if result.is_disputed { small { (words.of("os fornecedores discordam", "vendors disagree")) } }
        },
    ];
    cells.extend(vendors.iter().map(|vendor| {
        let said = result.vendors.iter().find(|said| said.vendor == *vendor);
        said.filter(|said| !is_silent(said)).map_or_else(none, |said| cell(page, said))
    }));
    Row { tone: Tone::of(result.state), cells }
}

/// Whether there is nothing to tell of a vendor: it was not asked, or has no such check.
fn is_silent(said: &VendorCheck) -> bool {
    matches!(said.reason, Reason::NotAsked | Reason::NotInPolicy | Reason::NotOffered)
}

fn none() -> Markup {
    html! { span.none { "-" } }
}

fn cell(page: &Page<'_>, said: &VendorCheck) -> Markup {
    let words = page.words;
    let value = said.value();
    let value = value.in_language(words.0);
    html! {
        strong class=(Tone::of(said.state).name()) { (words.unbroken(value)) }
        @if value != said.state.in_language(words.0)
            && !matches!(said.state, CheckState::NotAsked | CheckState::NotOffered)
        { " · " (said.state.in_language(words.0)) }
        @for measure in measures(page, said) { small { (measure) } }
        small { (said.reason.in_language(words.0)) }
        @if let Some(Evidence::Unclear(why)) = said.evidence { small lang="en" { (why) } }
    }
}

/// Returns what was measured beside what the policy asks for.
fn measures(page: &Page<'_>, said: &VendorCheck) -> Vec<String> {
    let words = page.words;
    let Some(evidence) = &said.evidence else { return Vec::new() };
    let rule = page.report.policy.check(said.check).map(|check| &check.rule);
    match (evidence, rule) {
        (Evidence::Registration { deceased, .. }, Some(CheckRule::Registration { pass, .. })) => {
            let pass: Vec<_> =
                pass.iter().map(|passes| status(passes).in_language(words.0).to_owned()).collect();
            vec![
                format!("{}: {}", words.of("pedido", "asked"), pass.join(", ")),
                format!("{}: {}", words.of("óbito", "death"), words.finding(*deceased)),
            ]
        }
        (Evidence::Document { genuine, .. }, Some(CheckRule::Document { agrees, min_genuine })) => {
            let fields: Vec<_> = agrees.iter().map(|field| field_name(words, *field)).collect();
            let genuine = match genuine {
                Some(Genuineness::Stated(found)) => words.finding(*found).to_owned(),
                Some(Genuineness::Likelihood(part)) => {
                    let [part, min] = [*part, *min_genuine].map(|part| words.decimal(&percent(part)));
                    format!("{part} ({} {min})", words.of("pedido", "asked"))
                }
                _ => words.of("não informado", "not stated").to_owned(),
            };
            vec![
                format!("{}: {}", words.of("deve conferir", "has to agree"), fields.join(", ")),
                format!("{}: {genuine}", words.of("autêntico", "genuine")),
            ]
        }
        (
            Evidence::Face { false_accept_rate, .. },
            Some(CheckRule::Face { max_false_accept, min_similarity }),
        ) => {
            let found = false_accept_rate.map_or(words.of("não informados", "not stated").to_owned(), rate);
            let own_yes = words.of("o sim do próprio cadastro", "the register's own yes");
            let asked = max_false_accept.map_or(own_yes.to_owned(), rate);
            let mut measures = vec![format!(
                "{} {found}; {} {asked}",
                words.of("falsos aceites", "false accepts"),
                words.of("pedido:", "asked:")
            )];
            if let Some(min) = min_similarity.get(&said.vendor) {
                let min = words.unbroken(&words.decimal(&percent(*min)));
                measures.push(format!("{} {min}", words.of("semelhança mínima", "smallest similarity")));
            }
            measures
        }
        (Evidence::Liveness { method, .. }, Some(CheckRule::Liveness { method: wanted })) => {
            let simulated = match page.report.environment {
                Some(Environment::Real) => "",
                _ => words.of(" (simulado)", " (simulated)"),
            };
            vec![format!(
                "{}: {}{simulated}; {}: {}",
                words.of("método", "method"),
                words.method(*method),
                words.of("pedido", "asked"),
                words.method(*wanted)
            )]
        }
        (Evidence::Retake(retake), _) => {
            vec![format!("{}: {}", words.item(retake.item.as_str()), words.cause(retake.cause))]
        }
        (Evidence::Risk { .. }, _) => vec![words.of("pedido: baixo", "asked: low").to_owned()],
        _ => Vec::new(),
    }
}

fn field_name(words: Words, field: Agreement) -> &'static str {
    match field {
        Agreement::Cpf => "CPF",
        Agreement::BirthDate => words.of("nascimento", "birth date"),
        Agreement::Name => words.of("nome", "name"),
    }
}

/// Where vendors disagree, and what could not be read or contradicts itself.
pub(super) fn unclear(page: &Page<'_>) -> Markup {
    let words = page.words;
    let title = words.of("Divergências e valores não lidos", "Disagreements and unread values");
    if page.is_forgotten() {
        return framed("unclear", title, &nothing(gone(words)));
    }
    let mut items = Vec::new();
    for result in &page.report.checks {
        if result.is_disputed {
            items.push(dispute(words, result));
        }
        for said in &result.vendors {
            items.extend(doubt(words, result.check, said));
        }
    }
    let body = if items.is_empty() {
        nothing(words.of(
            "Nada: os fornecedores consultados não discordam, e nada ficou sem leitura.",
            "Nothing: the vendors that were asked do not disagree, and nothing was left unread.",
        ))
    } else {
        list(&items)
    };
    framed("unclear", title, &body)
}

fn dispute(words: Words, result: &CheckResult) -> Markup {
    let says = |state| {
        let those = result.vendors.iter().filter(|said| said.state == state);
        those.map(|said| said.vendor.as_str()).collect::<Vec<_>>().join(", ")
    };
    html! {
        (name(result.check, words)) ": "
        (words.of("os fornecedores discordam. Sim: ", "vendors disagree. Yes: ")) (says(CheckState::Passed))
        (words.of(". Não: ", ". No: ")) (says(CheckState::Failed)) "."
    }
}

/// Returns what is in doubt of one vendor's answer.
fn doubt(words: Words, check: CheckKind, said: &VendorCheck) -> Option<Markup> {
    let mut doubts: Vec<&str> = Vec::new();
    if matches!(said.state, CheckState::Unclear | CheckState::Uncertain) {
        doubts.push(said.reason.in_language(words.0));
    }
    doubts.extend(unread(words, said.evidence.as_ref()));
    (!doubts.is_empty()).then(|| {
        html! { (name(check, words)) ", " (said.vendor) ": " (doubts.join("; ")) "." }
    })
}

/// Returns what an answer leaves open, also where the policy does not ask for it.
fn unread(words: Words, evidence: Option<&Evidence>) -> Vec<&'static str> {
    let open = match evidence {
        Some(Evidence::Registration { status, deceased, .. }) => vec![
            (status.is_none(), words.of("situação não informada", "status not stated")),
            (*deceased == Finding::Unclear, words.of("óbito incerto", "death unclear")),
        ],
        Some(Evidence::Document { cpf, name, birth_date, genuine, .. }) => vec![
            (cpf.is_none(), words.of("CPF não lido", "CPF not read")),
            (name.is_none(), words.of("nome não lido", "name not read")),
            (birth_date.is_none(), words.of("data de nascimento não lida", "birth date not read")),
            (
                *genuine == Some(Genuineness::Stated(Finding::Unclear)),
                words.of("autenticidade incerta", "genuineness unclear"),
            ),
        ],
        _ => Vec::new(),
    };
    open.into_iter().filter(|(is_open, _)| *is_open).map(|(_, text)| text).collect()
}
