use kyc_sandbox::Sandbox;
use kyc_sandbox::cellere::{CnpjOutcome, CpfOutcome, TEST_CNPJS, TEST_CPFS};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn the_readme_command_looks_up_a_cpf() {
    let readme = include_str!("../README.md");
    let (_, block) =
        readme.split_once("$ kyc cellere background --cpf 930.000.001-27\n").expect("the command");
    let (printed, _) = block.split_once("```").expect("the end of the block");
    let run = Desk::new().run(&["cellere", "background", "--cpf", "930.000.001-27"]).await;
    assert_eq!((run.code, format!("{}{}", run.stderr, run.stdout).as_str()), (Some(0), printed), "{run:?}");
}

#[tokio::test]
async fn each_test_number_has_its_exit_code() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    for test in TEST_CPFS {
        let (code, headline) = match test.outcome {
            CpfOutcome::Regular => (0, "REGULAR      the CPF registration is in order\n"),
            CpfOutcome::Pending => (1, "PENDING      "),
            CpfOutcome::Suspended => (1, "SUSPENDED    "),
            CpfOutcome::Cancelled => (1, "CANCELLED    "),
            CpfOutcome::Deceased => (1, "DECEASED     the holder of the CPF is deceased\n"),
            CpfOutcome::Null => (1, "VOID         "),
            _ => (12, ""),
        };
        let run = desk.run(&["cellere", "background", "--cpf", test.cpf]).await;
        assert_eq!(run.code, Some(code), "{test:?}: {run:?}");
        assert!(run.verdict().starts_with(headline) && !run.says(test.cpf), "{test:?}: {run:?}");
        assert_eq!(run.says("the call may have used credits"), code == 12, "{run:?}");
    }
    for test in TEST_CNPJS {
        let (code, headline) = match test.outcome {
            CnpjOutcome::Active | CnpjOutcome::Alphanumeric => {
                (0, "ACTIVE       the company is in operation\n")
            }
            CnpjOutcome::Closed => (1, "CLOSED       "),
            CnpjOutcome::Unfit => (1, "UNFIT        "),
            CnpjOutcome::Suspended => (1, "SUSPENDED    "),
            _ => (1, "VOID         "),
        };
        let run = desk.run(&["cellere", "background", "--cnpj", test.cnpj]).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(code), ""), "{test:?}: {run:?}");
        assert!(run.verdict().starts_with(headline) && !run.says(test.cnpj), "{test:?}: {run:?}");
        assert!(run.says("\n  CNAE                6201501\n"), "{run:?}");
    }
}

#[tokio::test]
async fn a_person_and_a_company_as_json() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let run = desk.run(&["cellere", "background", "--json", "--cpf", "93000001360"]).await;
    let expected = json!({
        "vendor": "cellere-portal",
        "environment": "sandbox",
        "subject": "cpf",
        "regular": false,
        "in_order": "no",
        "status": "deceased",
        "vendor_status": "TITULAR FALECIDO",
        "deceased": "yes",
        "origin": "RECEITA FEDERAL",
        "name": null,
        "simulated": true,
        "answer": {
            "TaxIdStatus": "TITULAR FALECIDO",
            "TaxIdOrigin": "RECEITA FEDERAL",
            "HasObitIndication": true,
            "response": {"code": 200, "message": "Success"},
        },
    });
    assert_eq!((run.code, run.json()), (Some(1), expected), "{run:?}");

    let run = desk.run(&["cellere", "background", "--json", "--cnpj", "93.ABC.001/0001-70"]).await;
    let report = run.json();
    assert_eq!((run.code, report["subject"].as_str()), (Some(0), Some("cnpj")), "{run:?}");
    assert_eq!(
        (report["status"].as_str(), report["vendor_status"].as_str()),
        (Some("active"), Some("ATIVA"))
    );
    assert_eq!(report["answer"]["AdditionalOutputData"]["CNAE"], "6201501");
}

/// The customer configures the paths, and some of them return names of people.
#[tokio::test]
async fn the_response_of_another_path_is_printed() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    desk.file(
        "kyc.toml",
        format!(
            "[cellere]\ntoken = '{}'\nbase_url = '{}'\n[cellere.endpoints]\ncpf = 'GET /bg-check/cpf-completo'\n\
             cnpj = 'GET /bg-check/cnpj-completo'\n",
            Sandbox::CELLERE_TOKEN,
            sandbox.cellere_url()
        ),
    );
    let run = desk.run(&["cellere", "background", "--cpf", "930.000.001-27"]).await;
    // These paths do not state whether a death is recorded.
    assert!(
        run.code == Some(9) && run.verdict().starts_with("UNCLEAR      the status is regular, but"),
        "{run:?}"
    );
    assert!(run.says("\nname         MARIA EXEMPLO DA SILVA\n"), "{run:?}");
    let run = desk.run(&["cellere", "background", "--json", "--cpf", "529.982.247-25"]).await;
    assert!(run.json()["answer"]["CadastroPessoaFisica"]["Telefones"].is_array(), "{run:?}");
    let run = desk.run(&["cellere", "background", "--cnpj", "93000001000117"]).await;
    assert!(run.code == Some(0) && run.says("\nname         EMPRESA EXEMPLO LTDA\n"), "{run:?}");
}

#[tokio::test]
async fn unexpected_responses() {
    let table = [
        (
            json!({"TaxIdStatus": "REGULAR", "HasObitIndication": "True"}),
            1,
            "DECEASED     a death is recorded, regardless of the status\n",
        ),
        (
            json!({"TaxIdStatus": "REGULAR", "HasObitIndication": "SIM"}),
            1,
            "DECEASED     a death is recorded, regardless of the status\n",
        ),
        (
            json!({"TaxIdStatus": "REGULAR", "HasObitIndication": 1.0}),
            1,
            "DECEASED     a death is recorded, regardless of the status\n",
        ),
        (json!({"TaxIdStatus": "REGULAR", "HasObitIndication": "talvez"}), 9, "UNCLEAR "),
        (json!({"TaxIdStatus": "REGULAR"}), 9, "UNCLEAR "),
        (
            json!({"TaxIdStatus": "EM AN\u{1b}[2JÁLISE"}),
            9,
            "UNCLEAR      the status is not known to this program\n",
        ),
        (json!({}), 9, "UNCLEAR      the response does not state the status of the CPF\n"),
        (
            json!({"response": {"TaxIdStatus": "SUSPENSO", "TaxIdOrigin": "X\u{202e}Y"}}),
            1,
            "SUSPENDED    the registration data are incomplete or incorrect\n",
        ),
    ];
    for (response, code, headline) in table {
        let (_portal, desk) = portal_with(&response).await;
        let run = desk.run(&["cellere", "background", "--cpf", "930.000.001-27"]).await;
        assert!(run.code == Some(code) && run.verdict().starts_with(headline), "{run:?}");
        assert!(!run.says("\u{1b}") && !run.says("\u{202e}"), "{run:?}");
        assert!(!response.to_string().contains("Origin") || run.says("\norigin       XY\n"), "{run:?}");
    }
    let (_portal, desk) = portal_with(&json!({"BaseStatus": "ATIVA", "AdditionalOutputData": ["a"]})).await;
    let run = desk.run(&["cellere", "background", "--cnpj", "93000001000117"]).await;
    assert!(run.code == Some(0) && run.says("\n  additional  [\"a\"]\n"), "{run:?}");
}

/// The command that knows no vendor: what the trait says.
#[tokio::test]
async fn any_vendor_looks_up_a_registration() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let run = desk.run(&["background", "--json", "--cpf", "93000001360"]).await;
    let expected = json!({
        "vendor": "cellere-portal",
        "environment": "sandbox",
        "subject": "cpf",
        "regular": false,
        "in_order": "no",
        "status": "deceased",
        "deceased": "yes",
        "name": null,
        "simulated": true,
    });
    assert_eq!((run.code, run.json()), (Some(1), expected), "{run:?}");
    let run = desk.run(&["background", "--vendor", "cellere", "--cnpj", "93.ABC.001/0001-70"]).await;
    assert!(
        run.code == Some(0) && run.verdict().starts_with("ACTIVE       the company is in operation\n"),
        "{run:?}"
    );
    for (response, code) in [
        (json!({"TaxIdStatus": "REGULAR", "HasObitIndication": false}), 0),
        (json!({"TaxIdStatus": "REGULAR", "HasObitIndication": "SIM"}), 1),
        (json!({"TaxIdStatus": "REGULAR", "HasObitIndication": "talvez"}), 9),
        (json!({}), 9),
    ] {
        let (_portal, desk) = portal_with(&response).await;
        let run = desk.run(&["background", "--cpf", "930.000.001-27"]).await;
        assert_eq!(run.code, Some(code), "{response}: {run:?}");
    }
}
