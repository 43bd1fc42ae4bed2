//! What a policy does, in sentences.

use kyc_verify::kyc_core::{CheckKind, LivenessMethod, Offer};
use kyc_verify::{Language, Policy, explain};

use crate::support::policy;

const FACES: &[Offer] = &[Offer::new(CheckKind::FaceDocument, 1)];
const THREE: &[Offer] = &[
    Offer::new(CheckKind::Registration, 1),
    Offer::new(CheckKind::Document, 2),
    Offer::new(CheckKind::FaceDocument, 1),
];
const STILL: &[Offer] = &[Offer::liveness(LivenessMethod::Still, 1)];

fn lines(policy: &Policy, offers: &[(&str, &[Offer])], language: Language) -> Vec<String> {
    explain(policy, offers).iter().map(|sentence| sentence.in_language(language).to_owned()).collect()
}

#[track_caller]
fn assert_says(policy: &Policy, offers: &[(&str, &[Offer])], portuguese: &str, english: &str) {
    for (language, wanted) in [(Language::Portuguese, portuguese), (Language::English, english)] {
        let lines = lines(policy, offers, language);
        assert!(lines.iter().any(|line| line == wanted), "{lines:#?}");
    }
}

#[test]
fn it_tells_whom_it_asks_and_what_nobody_offers() {
    let (policy, offers) =
        (Policy::built_in(), [("clearsale", FACES), ("cellere", THREE), ("bankly", STILL)]);
    assert_says(
        &policy,
        &offers,
        "rosto e documento: consulta clearsale, cellere (o próximo só se a consulta anterior não foi enviada ou foi \
         rejeitada).",
        "face and document: asks clearsale, cellere (the next one only if the call before was not sent or was refused).",
    );
    assert_says(
        &policy,
        &offers,
        "prova de vida: nenhum fornecedor configurado oferece; todo caso vai para análise.",
        "liveness: no configured vendor offers it; every case goes to review.",
    );
    assert_says(
        &policy,
        &offers,
        "risco: nenhum fornecedor configurado oferece; fica de fora.",
        "risk: no configured vendor offers it; it is left out.",
    );
    assert!(
        lines(&policy, &offers, Language::English).iter().any(|line| line.contains("do not prove the CPF"))
    );
}

#[test]
fn it_tells_which_vendors_are_not_configured() {
    let policy =
        policy("version='1'\n[check.document]\nby=['certiface','cellere']\n[check.risk]\nby=['certiface']");
    assert_says(
        &policy,
        &[("cellere", THREE)],
        "A política nomeia fornecedores que não estão configurados: certiface.",
        "The policy names vendors that are not configured: certiface.",
    );
}

#[test]
fn it_tells_the_largest_number_of_paid_calls_and_when_the_limit_binds() {
    let offers = [("clearsale", FACES), ("cellere", THREE)];
    // One registration, and three attempts of a document (2) and of the dearer face (1).
    assert_says(
        &Policy::built_in(),
        &offers,
        "Um caso faz no máximo 10 consultas pagas, com todas as tentativas; o limite é 10.",
        "A case takes at most 10 paid calls, with all attempts; the limit is 10.",
    );
    let text = "version='1'\nask='all'\nlimits={attempts=1,paid_calls=2}\n[check.registration]\nuncertain='repeat'\n\
                [check.face_document]";
    assert_says(
        &policy(text),
        &offers,
        "Um caso faz no máximo 2 consultas pagas: sem este limite seriam até 4; o que faltar vai para análise.",
        "A case takes at most 2 paid calls: without this limit it could be 4; what is missing then goes to review.",
    );
}

#[test]
fn it_tells_what_a_machine_refuses() {
    let text = "version='1'\non_fail='refuse'\n[check.registration]\nrefuse=['void','deceased']";
    let (refusing, offers) = (policy(text), [("cellere", THREE)]);
    assert_says(
        &refusing,
        &offers,
        "A máquina recusa com a situação do CPF: nulo, óbito.",
        "The machine refuses with the status of the CPF: void, deceased.",
    );
    assert_says(
        &refusing,
        &offers,
        "A máquina recusa se uma verificação exigida é reprovada.",
        "The machine refuses if a required check fails.",
    );
    let strict = lines(&Policy::built_in(), &offers, Language::English);
    assert!(strict.iter().all(|line| !line.contains("refuses")), "{strict:#?}");
}

#[test]
fn it_tells_when_each_check_passes() {
    let text = "version='1'\n[check.face_document]\nmin_similarity={cellere=0.9}\n[retain]\npictures='90d'";
    assert_says(
        &policy(text),
        &[],
        "rosto e documento (exigido): passa a uma taxa de falsos aceites de até 1/10000; cellere: semelhança de pelo \
         menos 0.9.",
        "face and document (required): passes at a rate of false accepts of at most 1/10000; cellere: a similarity of at \
         least 0.9.",
    );
    let times = lines(&policy(text), &[], Language::English);
    assert_eq!(
        times.last().map(String::as_str),
        Some(
            "The person has 3 attempts; a case waits 30m and is watched 10d after the decision; pictures are deleted \
             after 90d."
        )
    );
}

#[test]
fn it_tells_how_likely_a_document_has_to_be_genuine() {
    let policy = policy("version='1'\n[check.document]\nagrees=['cpf']\nmin_genuine=0.8");
    assert_says(
        &policy,
        &[],
        "documento (exigido): passa se conferem com o declarado: CPF; se o fornecedor informa a probabilidade de ser \
         autêntico, ela tem de ser de pelo menos 0.8.",
        "document (required): passes if these agree with what was said: CPF; if the vendor states a likelihood of being \
         genuine, it has to be at least 0.8.",
    );
}

#[test]
fn it_tells_that_a_bundle_does_not_replace_one_call() {
    const BUNDLE: &[Offer] = &[Offer::new(CheckKind::FaceDocument, 2)];
    let offers = [("one", FACES), ("bundle", BUNDLE)];
    let refused = "the next one only if the call before was not sent or was refused";
    for (by, only) in [("", "; bundle only if asked for another check anyway"), ("by=['one','bundle']", "")] {
        let policy = policy(&format!("version='1'\n[check.face_document]\n{by}"));
        let wanted = format!("face and document: asks one, bundle ({refused}{only}).");
        assert!(lines(&policy, &offers, Language::English).contains(&wanted), "{wanted}");
    }
}
