//! What was not checked, and by which program and policy the rest was.

use kyc_core::{CheckKind, Evidence, LivenessMethod, Offer};
use maud::{Markup, html};

use super::Page;
use super::parts::{code, facts, list, name, section as framed};
use crate::case::Environment;
use crate::model::{CheckResult, CheckState};
use crate::policy::explain;

pub(super) fn not_checked(page: &Page<'_>) -> Markup {
    let words = page.words;
    let mut items = vec![html! {
        (words.of(
            "Pessoa politicamente exposta (PEP), listas de sanções, endereço e renda: nenhum fornecedor configurado verifica.",
            "Politically exposed persons (PEP), lists of sanctions, address and income: no configured vendor checks them.",
        ))
    }];
    items.extend(CheckKind::ALL.into_iter().filter_map(|check| left_out(page, check)));
    if !page.is_forgotten() {
        items.extend(page.report.checks.iter().filter_map(|result| not_made(page, result)));
        items.extend(dependence(page).into_iter().map(|text| html! { (text) }));
    }
    if page.report.environment == Some(Environment::Simulated) {
        items.push(html! {
            (words.of(
                "Nenhuma verificação foi feita de verdade: o caso é simulado.",
                "No check was really made: the case is simulated.",
            ))
        });
    }
    framed("not-checked", words.of("O que não foi verificado", "What was not checked"), &list(&items))
}

/// Returns that the policy does not want a check.
fn left_out(page: &Page<'_>, check: CheckKind) -> Option<Markup> {
    let words = page.words;
    if page.report.policy.check(check).is_some() {
        return None;
    }
    let all = page.options.offers.as_ref();
    let is_offered =
        all.map(|all| all.iter().flat_map(|(_, offers)| offers).any(|offer| offer.check == check));
    Some(html! {
        (name(check, words)) ": " (words.of("a política não pede", "the policy does not ask for it"))
        @if is_offered == Some(false) {
            (words.of(", e nenhum fornecedor configurado oferece", ", and no configured vendor offers it"))
        }
        "."
    })
}

/// Returns that a check of the policy was not made.
fn not_made(page: &Page<'_>, result: &CheckResult) -> Option<Markup> {
    let words = page.words;
    let why = match result.state {
        CheckState::NotOffered => words.of(
            "nenhum fornecedor configurado oferece como a política pede",
            "no configured vendor offers it as the policy wants it",
        ),
        CheckState::NotAsked => words.of("nenhum fornecedor foi consultado", "no vendor was asked"),
        _ if result.vendors.iter().all(|said| said.evidence.is_none()) => {
            words.of("nenhum fornecedor respondeu", "no vendor answered")
        }
        _ => return None,
    };
    Some(html! { (name(result.check, words)) ": " (why) "." })
}

/// Returns what the answers do not prove, since they rest on what the person handed in.
fn dependence(page: &Page<'_>) -> Vec<&'static str> {
    let words = page.words;
    let evidence = |check| {
        let results = page.report.checks.iter().filter(move |result| result.check == check);
        results.flat_map(|result| &result.vendors).filter_map(|said| said.evidence.as_ref())
    };
    let mut sentences = Vec::new();
    let has_register = evidence(CheckKind::FaceRegister).any(|found| matches!(found, Evidence::Face { .. }));
    if !has_register {
        sentences.push(words.of(
            "Nada independente dos documentos da própria pessoa foi consultado sobre o rosto: rosto e documento juntos não \
             provam o CPF.",
            "Nothing independent of the applicant's own papers was asked about the face: a face and a document together do \
             not prove the CPF.",
        ));
    }
    let is_capture =
        |found: &Evidence| matches!(found, Evidence::Liveness { method: LivenessMethod::Capture, .. });
    if !evidence(CheckKind::Liveness).any(is_capture) {
        sentences.push(words.of(
            "Nenhuma captura mostra que uma pessoa viva estava diante da câmera.",
            "No capture shows that a living person was in front of the camera.",
        ));
    }
    sentences
}

/// The program, and the text of the policy.
pub(super) fn program(page: &Page<'_>) -> Markup {
    let (report, words) = (page.report, page.words);
    let (name, version) = &page.options.program;
    let rows = [
        (words.of("Programa", "Program"), html! { (name) " " (version) }),
        (words.of("Versão da política", "Version of the policy"), html! { (report.policy.version) }),
        ("SHA-256", code(&report.policy.sha256_hex())),
    ];
    let body = html! {
        (facts(&rows))
        @if let Some(offers) = &page.options.offers {
            h3 {
                (words.of(
                    "O que a política faz com os fornecedores configurados agora",
                    "What the policy does with the vendors that are configured now",
                ))
            }
            (list(&explained(page, offers)))
        }
        h3 { (words.of("Texto da política", "Text of the policy")) }
        pre { code { (report.policy.text()) } }
    };
    framed("policy", words.of("Programa e política", "Program and policy"), &body)
}

fn explained(page: &Page<'_>, offers: &[(String, Vec<Offer>)]) -> Vec<Markup> {
    let offers: Vec<_> = offers.iter().map(|(vendor, offers)| (vendor.as_str(), offers.as_slice())).collect();
    let sentences = explain(&page.report.policy, &offers);
    sentences.iter().map(|sentence| html! { (sentence.in_language(page.words.0)) }).collect()
}
