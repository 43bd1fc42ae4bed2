//! What a policy does, in sentences.

use kyc_core::{CheckKind, LivenessMethod, Offer, PersonStatus};

use super::read::in_words;
use super::{Agreement, Ask, CheckPolicy, CheckRule, OnFail, OnUncertain, Policy};
use crate::value::status;
use crate::words::Language::{English, Portuguese};
use crate::words::{Language, Sentence, check_name};

/// Explains what a policy does with the vendors that are configured, in sentences: what each check takes to pass, who is
/// asked, what no vendor offers, what a machine refuses, and how many paid calls a case may take at most.
#[must_use]
pub fn explain(policy: &Policy, offers: &[(&str, &[Offer])]) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for check in policy.checks() {
        sentences.push(passes(check));
        sentences.push(asked(policy, check, &offering(policy, check, offers)));
    }
    sentences.extend(not_configured(policy, offers));
    sentences.extend(independence(policy, offers));
    sentences.extend(refusals(policy));
    sentences.push(cost(policy, offers));
    sentences.push(times(policy));
    sentences
}

/// Returns the vendors that are asked for a check, in that order, and the paid calls that each takes.
fn offering<'a>(
    policy: &'a Policy,
    check: &'a CheckPolicy,
    offers: &[(&'a str, &[Offer])],
) -> Vec<(&'a str, u32)> {
    let of_vendor = |(vendor, offers): &(&'a str, &[Offer])| {
        let offer = offers.iter().find(|offer| check.wants(offer))?;
        let is_asked = policy.ask == Ask::All || check.can_measure(vendor, offer);
        is_asked.then_some((*vendor, offer.paid_calls))
    };
    if check.by.is_empty() {
        return offers.iter().filter_map(of_vendor).collect();
    }
    let named = check.by.iter().filter_map(|key| offers.iter().find(|(vendor, _)| vendor == key));
    named.filter_map(of_vendor).collect()
}

fn both(write: impl Fn(Language) -> String) -> Sentence {
    Sentence::new(write(Language::Portuguese), write(Language::English))
}

fn in_language<'a>(language: Language, portuguese: &'a str, english: &'a str) -> &'a str {
    match language {
        Language::Portuguese => portuguese,
        Language::English => english,
    }
}

fn passes(check: &CheckPolicy) -> Sentence {
    both(|language| {
        let pick = |portuguese, english| in_language(language, portuguese, english);
        let name = check_name(check.check, language);
        let need = if check.is_required {
            pick("exigido", "required")
        } else {
            pick("pedido se um fornecedor oferece", "asked for if a vendor offers it")
        };
        format!("{name} ({need}): {}.", condition(&check.rule, language))
    })
}

fn condition(rule: &CheckRule, language: Language) -> String {
    let pick = |portuguese, english| in_language(language, portuguese, english);
    match rule {
        CheckRule::Registration { pass, needs_name, .. } => {
            let statuses = statuses(pass, language);
            let name = match needs_name {
                true => {
                    pick(", e o nome no cadastro tem de conferir", ", and the registered name has to agree")
                }
                false => pick(
                    ", e o nome no cadastro, se houver, tem de conferir",
                    ", and the registered name, if there is one, has to agree",
                ),
            };
            format!("{} {statuses}{name}", pick("passa com a situação", "passes with the status"))
        }
        CheckRule::Document { agrees, min_genuine } => {
            let fields: Vec<_> = agrees.iter().map(|field| field_name(*field, language)).collect();
            format!(
                "{} {}; {} {min_genuine}",
                pick("passa se conferem com o declarado:", "passes if these agree with what was said:"),
                fields.join(", "),
                pick(
                    "se o fornecedor informa a probabilidade de ser autêntico, ela tem de ser de pelo menos",
                    "if the vendor states a likelihood of being genuine, it has to be at least"
                )
            )
        }
        CheckRule::Face { max_false_accept, min_similarity } => {
            let rate = match max_false_accept {
                Some(rate) => format!(
                    "{} 1/{}",
                    pick(
                        "passa a uma taxa de falsos aceites de até",
                        "passes at a rate of false accepts of at most"
                    ),
                    rate.comparisons()
                ),
                None => pick("passa com o sim do fornecedor", "passes with the vendor's yes").to_owned(),
            };
            let numbers = min_similarity.iter().map(|(vendor, number)| {
                format!(
                    "; {vendor}: {} {number}",
                    pick("semelhança de pelo menos", "a similarity of at least")
                )
            });
            std::iter::once(rate).chain(numbers).collect()
        }
        CheckRule::Liveness { method } => {
            let method = match method {
                LivenessMethod::Capture => pick("captura", "capture"),
                LivenessMethod::Still => pick("foto", "still"),
                other => other.as_str(),
            };
            format!("{} {method}", pick("passa pelo método", "passes by the method"))
        }
        CheckRule::Risk => {
            pick("passa se o fornecedor vê risco baixo", "passes if the vendor sees a low risk").to_owned()
        }
    }
}

fn statuses(statuses: &[PersonStatus], language: Language) -> String {
    let names: Vec<_> = statuses.iter().map(|known| status(known).in_language(language).to_owned()).collect();
    names.join(", ")
}

fn field_name(field: Agreement, language: Language) -> &'static str {
    match field {
        Agreement::Cpf => "CPF",
        Agreement::BirthDate => in_language(language, "data de nascimento", "date of birth"),
        Agreement::Name => in_language(language, "nome", "name"),
    }
}

fn asked(policy: &Policy, check: &CheckPolicy, vendors: &[(&str, u32)]) -> Sentence {
    let keys: Vec<_> = vendors.iter().map(|(vendor, _)| *vendor).collect();
    // Several calls are not begun to replace one, unless the policy names the vendor.
    let is_bundle = |(_, calls): &&(&str, u32)| *calls > 1 && check.by.is_empty() && policy.ask == Ask::First;
    let bundles: Vec<_> = vendors.iter().skip(1).filter(is_bundle).map(|(vendor, _)| *vendor).collect();
    both(|language| {
        let pick = |portuguese, english| in_language(language, portuguese, english);
        let name = check_name(check.check, language);
        if keys.is_empty() {
            let then = if check.is_required {
                pick("todo caso vai para análise", "every case goes to review")
            } else {
                pick("fica de fora", "it is left out")
            };
            let lead = pick("nenhum fornecedor configurado oferece", "no configured vendor offers it");
            return format!("{name}: {lead}; {then}.");
        }
        let how = match policy.ask {
            Ask::First => pick(
                "o próximo só se a consulta anterior não foi enviada ou foi rejeitada",
                "the next one only if the call before was not sent or was refused",
            ),
            Ask::All => pick("todos, para comparar", "all of them, to compare"),
        };
        let repeat = match check.uncertain {
            OnUncertain::Review => "",
            OnUncertain::Repeat => pick(
                "; uma consulta incerta é repetida uma vez e pode ser paga duas vezes",
                "; an uncertain call is repeated once, and may be paid twice",
            ),
        };
        let only = match bundles.as_slice() {
            [] => String::new(),
            bundles => {
                let when = pick(
                    "só se já consultado por outra verificação",
                    "only if asked for another check anyway",
                );
                format!("; {} {when}", bundles.join(", "))
            }
        };
        let lead = pick("consulta", "asks");
        format!("{name}: {lead} {} ({how}{only}){repeat}.", keys.join(", "))
    })
}

fn not_configured(policy: &Policy, offers: &[(&str, &[Offer])]) -> Option<Sentence> {
    let mut keys: Vec<_> = policy.checks().iter().flat_map(|check| &check.by).collect();
    keys.retain(|key| offers.iter().all(|(vendor, _)| vendor != key));
    keys.sort_unstable();
    keys.dedup();
    let keys = keys.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    (!keys.is_empty()).then(|| {
        Sentence::new(
            format!("A política nomeia fornecedores que não estão configurados: {keys}."),
            format!("The policy names vendors that are not configured: {keys}."),
        )
    })
}

fn independence(policy: &Policy, offers: &[(&str, &[Offer])]) -> Option<Sentence> {
    let is_asked = policy
        .check(CheckKind::FaceRegister)
        .is_some_and(|check| !offering(policy, check, offers).is_empty());
    (!is_asked).then(|| {
        Sentence::new(
            "Nada compara o rosto com algo que não venha da própria pessoa: rosto e documento juntos não provam o CPF.",
            "Nothing compares the face with anything that does not come from the person: a face and a document together \
             do not prove the CPF.",
        )
    })
}

fn refusals(policy: &Policy) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for check in policy.checks() {
        if let CheckRule::Registration { refuse, .. } = &check.rule
            && !refuse.is_empty()
        {
            sentences.push(Sentence::new(
                format!("A máquina recusa com a situação do CPF: {}.", statuses(refuse, Portuguese)),
                format!("The machine refuses with the status of the CPF: {}.", statuses(refuse, English)),
            ));
        }
    }
    sentences.push(match policy.on_fail {
        OnFail::Refuse => Sentence::new(
            "A máquina recusa se uma verificação exigida é reprovada.",
            "The machine refuses if a required check fails.",
        ),
        OnFail::Review => Sentence::new(
            "Uma verificação reprovada vai para análise de uma pessoa.",
            "A check that failed goes to a person's review.",
        ),
    });
    sentences.push(Sentence::new(
        "O que não é claro vai para análise de uma pessoa; só se aprova quando tudo o que se exige foi aprovado.",
        "What is not clear goes to a person's review; a case is approved only if everything that is required passed.",
    ));
    sentences
}

/// Returns the largest number of paid calls of a check: in each attempt, one vendor's or all of them.
fn paid_calls(policy: &Policy, check: &CheckPolicy, offers: &[(&str, &[Offer])]) -> u64 {
    let calls = offering(policy, check, offers).into_iter().map(|(_, calls)| u64::from(calls));
    let once = match policy.ask {
        Ask::First => calls.max().unwrap_or_default(),
        Ask::All => calls.sum(),
    };
    // Nothing of the person's is sent for the registration, so nothing is handed in again.
    let attempts = if check.check == CheckKind::Registration { 1 } else { policy.limits.attempts };
    let repeats = if check.uncertain == OnUncertain::Repeat { 2 } else { 1 };
    once.saturating_mul(u64::from(attempts)).saturating_mul(repeats)
}

fn cost(policy: &Policy, offers: &[(&str, &[Offer])]) -> Sentence {
    let calls: u64 = policy.checks().iter().map(|check| paid_calls(policy, check, offers)).sum();
    let cap = policy.limits.paid_calls;
    if calls > u64::from(cap) {
        return Sentence::new(
            format!(
                "Um caso faz no máximo {cap} consultas pagas: sem este limite seriam até {calls}; o que faltar vai para \
                 análise."
            ),
            format!(
                "A case takes at most {cap} paid calls: without this limit it could be {calls}; what is missing then goes \
                 to review."
            ),
        );
    }
    Sentence::new(
        format!("Um caso faz no máximo {calls} consultas pagas, com todas as tentativas; o limite é {cap}."),
        format!("A case takes at most {calls} paid calls, with all attempts; the limit is {cap}."),
    )
}

fn times(policy: &Policy) -> Sentence {
    let (attempts, wait) = (policy.limits.attempts, in_words(policy.limits.wait.as_secs()));
    let watch = in_words(policy.limits.watch.as_secs());
    let kept = policy.retain_pictures.map(|kept| in_words(kept.as_secs()));
    let (portuguese, english) = match &kept {
        Some(kept) => {
            (format!("fotos são apagadas após {kept}"), format!("pictures are deleted after {kept}"))
        }
        None => ("nada é apagado".to_owned(), "nothing is deleted".to_owned()),
    };
    Sentence::new(
        format!(
            "A pessoa tem {attempts} tentativas; espera-se {wait}, observa-se {watch} após a decisão; {portuguese}."
        ),
        format!(
            "The person has {attempts} attempts; a case waits {wait} and is watched {watch} after the decision; {english}."
        ),
    )
}
