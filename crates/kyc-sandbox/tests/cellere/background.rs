use kyc_fixtures::{Fixture, cellere_portal as documented};
use kyc_sandbox::cellere::{CnpjOutcome, CpfOutcome, test_cnpj, test_cpf};
use serde_json::json;

use super::client::*;
use crate::support::*;

const DOWN: &str = "Service API is not working";
const UNPROCESSABLE: &str = "Could not process the service response";

fn cpf_of(outcome: CpfOutcome) -> &'static str {
    test_cpf(outcome).expect("each outcome has its CPF")
}

#[tokio::test]
async fn each_test_cpf_has_its_status() {
    let sandbox = sandbox().await;
    let wanted: &[(CpfOutcome, &Fixture)] = &[
        (CpfOutcome::Regular, &documented::CPF_200),
        (CpfOutcome::Pending, &documented::CPF_PENDING_200),
        (CpfOutcome::Suspended, &documented::CPF_SUSPENDED_200),
        (CpfOutcome::Cancelled, &documented::CPF_CANCELLED_200),
        (CpfOutcome::Deceased, &documented::CPF_DECEASED_200),
        (CpfOutcome::Null, &documented::CPF_NULL_200),
    ];
    for (outcome, fixture) in wanted {
        let answer = send_json(&sandbox, CPF, &json!({ "cpf": cpf_of(*outcome) })).await;
        assert_eq!(answer, (200, body_of(fixture)), "{outcome:?}");
    }
    let any_other = send_json(&sandbox, CPF, &json!({ "cpf": "52998224725" })).await;
    assert_eq!(any_other, (200, body_of(&documented::CPF_200)));
    for (outcome, text) in [(CpfOutcome::ServiceDown, DOWN), (CpfOutcome::Unprocessable, UNPROCESSABLE)] {
        let answer = send_json(&sandbox, CPF, &json!({ "cpf": cpf_of(outcome) })).await;
        assert_eq!(answer, refusal(500, text));
    }
    assert_eq!(sandbox.cellere().paid_calls(), 7, "a 500 costs nothing");
}

#[tokio::test]
async fn complete_variants_for_a_cpf() {
    let sandbox = sandbox().await;
    let path = |name: &str, outcome| format!("/bg-check/{name}?cpf={}", cpf_of(outcome));
    for (name, fixture) in [
        ("cpf-completo", &documented::CPF_COMPLETO_200),
        ("cpf-validacao-cadastral", &documented::CPF_VALIDACAO_CADASTRAL_200),
    ] {
        let regular = fetch(&sandbox, &path(name, CpfOutcome::Regular)).await;
        assert_eq!(regular, (200, body_of(fixture)), "{name}");
        let down = fetch(&sandbox, &path(name, CpfOutcome::ServiceDown)).await;
        assert_eq!(down, refusal(500, DOWN), "{name}");
    }
    let suspended = fetch(&sandbox, &path("cpf-validacao-cadastral", CpfOutcome::Suspended)).await;
    assert_eq!(suspended, (200, body_of(&documented::CPF_VALIDACAO_CADASTRAL_SUSPENDED_200)));
    for (outcome, word) in [
        (CpfOutcome::Pending, "PENDENTE DE REGULARIZACAO"),
        (CpfOutcome::Suspended, "SUSPENSO"),
        (CpfOutcome::Cancelled, "CANCELADO"),
        (CpfOutcome::Deceased, "TITULAR FALECIDO"),
        (CpfOutcome::Null, "NULO"),
    ] {
        let (status, body) = fetch(&sandbox, &path("cpf-completo", outcome)).await;
        assert_eq!((status, &body["ReceitaFederalCpf"]["SituacaoCadastral"]), (200, &json!(word)));
        assert_eq!((&body["TaxIdStatus"], &body["SituacaoCadastral"]), (&json!(null), &json!(null)));
    }
}

#[tokio::test]
async fn each_test_cnpj_has_its_status() {
    let sandbox = sandbox().await;
    let wanted: &[(CnpjOutcome, &Fixture, &str)] = &[
        (CnpjOutcome::Active, &documented::CNPJ_200, "ATIVA"),
        (CnpjOutcome::Alphanumeric, &documented::CNPJ_200, "ATIVA"),
        (CnpjOutcome::Closed, &documented::CNPJ_CLOSED_200, "BAIXADA"),
        (CnpjOutcome::Unfit, &documented::CNPJ_UNFIT_200, "INAPTA"),
        (CnpjOutcome::Suspended, &documented::CNPJ_SUSPENDED_200, "SUSPENSA"),
        (CnpjOutcome::Null, &documented::CNPJ_NULL_200, "NULA"),
    ];
    for (outcome, fixture, word) in wanted {
        let cnpj = test_cnpj(*outcome).expect("each outcome has its CNPJ");
        let answer = send_json(&sandbox, CNPJ, &json!({ "cnpj": cnpj })).await;
        assert_eq!(answer, (200, body_of(fixture)), "{outcome:?}");
        let mut expected = body_of(&documented::CNPJ_COMPLETO_200);
        expected["SituacaoCadastral"] = json!(word);
        let answer = fetch(&sandbox, &format!("/bg-check/cnpj-completo?cnpj={cnpj}")).await;
        assert_eq!(answer, (200, expected), "{outcome:?}");
    }
    let any_other = send_json(&sandbox, CNPJ, &json!({ "cnpj": "12ABC34501DE35" })).await;
    assert_eq!(any_other, (200, body_of(&documented::CNPJ_200)));
}

#[tokio::test]
async fn wrong_numbers_are_bad_requests() {
    let sandbox = sandbox().await;
    let bad = refusal(400, "Bad Request");
    for wrong in [
        json!({ "cpf": "93000000128" }),
        json!({ "cpf": "930.000.001-27" }),
        json!({ "cpf": 93_000_000_127_u64 }),
        json!({ "cpf": "" }),
        json!({ "cpf": null }),
        json!({ "cpf": "93000000127", "databases": ["receita"] }),
        json!({ "cnpj": "93000001000117" }),
        json!({}),
        json!(["93000000127"]),
    ] {
        assert_eq!(send_json(&sandbox, CPF, &wrong).await, bad, "{wrong}");
    }
    for wrong in ["93000001000118", "93.000.001/0001-17", "93abc001000170"] {
        assert_eq!(send_json(&sandbox, CNPJ, &json!({ "cnpj": wrong })).await, bad, "{wrong}");
        let path = format!("/bg-check/cnpj-completo?cnpj={wrong}");
        assert_eq!(fetch(&sandbox, &path).await, bad, "{wrong}");
    }
    for wrong in ["cpf=93000000128", "cpf=93000000127&cpf=93000000127", "cpf=93000000127&x=1", "cpf"] {
        let path = format!("/bg-check/cpf-completo?{wrong}");
        assert_eq!(fetch(&sandbox, &path).await, bad, "{wrong}");
    }
    assert_eq!(sandbox.cellere().paid_calls(), 0);
}
