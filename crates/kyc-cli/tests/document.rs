use kyc_sandbox::samples;
use serde_json::json;

use crate::support::*;

/// The README shows what a new user sees, except the id.
#[tokio::test]
async fn the_readme_command_reads_a_sample() {
    let readme = include_str!("../README.md");
    let (_, block) = readme.split_once("$ kyc cellere document\n").expect("the command");
    let (printed, _) = block.split_once("```").expect("the end of the block");
    let run = Desk::new().run(&["cellere", "document"]).await;
    let without_id = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("query "));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let shown = format!("{}{}", run.stderr, run.stdout);
    assert_eq!((run.code, without_id(&shown)), (Some(0), without_id(printed)), "{run:?}");
    assert!(run.says("\nquery        "), "{run:?}");
}

#[tokio::test]
async fn each_type_is_read() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("id.jpg", samples::A_2025);
    let types = [
        ("rg", "RG"),
        ("CNH", "CNH"),
        ("comp_endereco", "Comprovante de Endereço"),
        ("certidao-casamento", "Certidão de Casamento"),
        ("certidao-nascimento", "Certidão de Nascimento"),
        ("art", "ART"),
        ("cnpj", "CNPJ"),
        ("trt", "TRT"),
        ("cadastro-unico", "Cadastro Único"),
        ("cadesp", "Cadesp"),
        ("passaporte", "Passaporte"),
        ("inss", "INSS"),
        ("rne", "RNE"),
        ("ccir", "CCIR"),
        ("itr", "ITR"),
        ("contrato-locacao", "Contrato de Locação"),
    ];
    for (word, printed) in types {
        let run = desk.run(&["cellere", "document", "--json", "--type", word, "id.jpg"]).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{word}: {run:?}");
        let report = run.json();
        assert_eq!((report["asked_for"].as_str(), report["read"].as_bool()), (Some(printed), Some(true)));
        assert_eq!(report["documents"][0]["document_type"], printed, "{run:?}");
    }
    assert_eq!(sandbox.cellere().paid_calls(), types.len() as u64);
}

#[tokio::test]
async fn a_reading_as_json() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("id.jpg", samples::A_2025);
    let run = desk.run(&["cellere", "document", "--json", "--type", "cnh", "id.jpg"]).await;
    let mut report = run.json();
    let id = report["query_id"].take();
    assert!(id.as_str().is_some_and(|id| id.len() == 36), "{run:?}");
    let field = |name: &str, value: &str, score: f64| json!({"name": name, "value": value, "score": score});
    let expected = json!({
        "vendor": "cellere-portal",
        "environment": "sandbox",
        "read": true,
        "asked_for": "CNH",
        "documents": [{
            "document_type": "CNH",
            "quality": 0.93,
            "page_index": 1,
            "tags": ["frente"],
            "fields": [
                field("nome", "MARIA EXEMPLO DA SILVA", 0.98),
                field("cpf", "529.982.247-25", 0.97),
                field("data_nascimento", "12/10/1990", 0.99),
                field("numero_registro", "12345678900", 0.96),
                field("categoria", "B", 0.95),
                field("validade", "15/03/2033", 0.94),
            ],
        }],
        "query_id": null,
        "deskewed": [],
        "simulated": true,
    });
    assert_eq!(report, expected);
}

#[tokio::test]
async fn only_the_owner_can_read_the_straightened_image() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("id.jpg", samples::A_2025);
    let arguments = ["cellere", "document", "--type", "rg", "id.jpg", "--deskewed", "straight.jpg"];
    let run = desk.run(&arguments).await;
    assert!(
        run.code == Some(0) && run.says("\ndeskewed     straight.jpg (contains personal data)\n"),
        "{run:?}"
    );
    let straight = desk.path().join("straight.jpg");
    assert_eq!(std::fs::read(&straight).expect("written"), samples::A_2025);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&straight).expect("written").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let run = desk.run(&[&arguments[..], &["--json"]].concat()).await;
    assert_eq!(run.json()["deskewed"], json!(["straight.jpg"]), "{run:?}");

    // An impossible path is refused before anything is sent, so nothing is paid.
    let paid = sandbox.cellere().paid_calls();
    for place in [".", "nowhere/straight.jpg"] {
        let run = desk.run(&["cellere", "document", "--type", "rg", "id.jpg", "--deskewed", place]).await;
        assert!(run.code == Some(3) && run.stderr.starts_with("error: --deskewed ("), "{run:?}");
    }
    assert_eq!(sandbox.cellere().paid_calls(), paid);
}

#[tokio::test]
async fn several_documents_and_a_missing_image() {
    let one = |kind: &str| json!({"docType": kind, "fields": [{"name": "nome", "value": "A"}]});
    let mut two = vec![one("RG"), one("CNH")];
    for document in &mut two {
        document["deskewImage"] = json!("/9j/2Q==");
    }
    let (_portal, desk) = portal_with(&json!({"result": two})).await;
    desk.file("id.jpg", samples::A_2025);
    let arguments = ["cellere", "document", "--type", "rg", "id.jpg", "--deskewed", "s.jpg"];
    let run = desk.run(&arguments).await;
    assert!(run.says("READ         2 fields; requested type: RG\n"), "{run:?}");
    assert!(run.says("\ndocument     RG\n") && run.says("\ndocument     CNH\n"), "{run:?}");
    assert!(run.says("\ndeskewed     s.jpg, s-2.jpg (contains personal data)\n"), "{run:?}");
    assert!(desk.path().join("s-2.jpg").exists() && !run.says("SIMULATED"), "{run:?}");

    let (_portal, desk) = portal_with(&json!({"result": [one("RG")]})).await;
    desk.file("id.jpg", samples::A_2025);
    let run = desk.run(&arguments).await;
    assert!(
        run.code == Some(0) && run.says("\ndeskewed     no file: the portal returned no image\n"),
        "{run:?}"
    );
}

#[tokio::test]
async fn nothing_read_exits_with_1() {
    for response in [json!({}), json!({"result": []}), json!({"response": {"docType": "RG", "fields": []}})] {
        let (_portal, desk) = portal_with(&response).await;
        desk.file("id.jpg", samples::A_2025);
        let run = desk.run(&["cellere", "document", "--type", "rg", "id.jpg"]).await;
        assert!(run.code == Some(1) && run.verdict().starts_with("NOTHING READ 0 fields"), "{run:?}");
    }
}

/// OCR returns any text that is on the paper.
#[tokio::test]
async fn text_on_a_document_cannot_move_the_cursor() {
    let nasty = "a\u{1b}[2Jb\u{202e}c\rd\ne";
    let response = json!({
        "queryId": nasty, "docType": nasty, "docQualityScore": nasty, "tags": [nasty],
        "fields": [{"name": nasty, "value": nasty, "score": nasty}, {"name": "n", "value": {"a": 1}}],
    });
    let (_portal, desk) = portal_with(&response).await;
    desk.file("id.jpg", samples::A_2025);
    let run = desk.run(&["cellere", "document", "--type", "rg", "id.jpg"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.stdout.contains(|symbol: char| symbol != '\n' && symbol.is_control()), "{run:?}");
    assert!(!run.says("\u{202e}") && run.says("\n  n         {\"a\":1}\n"), "{run:?}");
    assert!(run.says("\n  a[2Jbcde  a[2Jbcd / e\n"), "{run:?}");
}

#[tokio::test]
async fn a_type_that_the_portal_does_not_know() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("id.jpg", samples::A_2025);
    let run = desk.run(&["cellere", "document", "--other-type", "contrato-social-v3", "id.jpg"]).await;
    assert!(run.code == Some(4) && run.says("\nvendor message: URL not found\n"), "{run:?}");
    assert!(run.says("in kyc.toml: document in [cellere.endpoints]\n"), "{run:?}");
    let run = desk.run(&["cellere", "document", "--other-type", "contrato-locacao-v2", "id.jpg"]).await;
    assert_eq!((run.code, sandbox.cellere().paid_calls()), (Some(0), 1), "{run:?}");
}

/// The command that knows no vendor: what the trait says.
#[tokio::test]
async fn any_vendor_reads_a_document() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("id.jpg", samples::A_2025);
    let run = desk.run(&["document", "--type", "cnh", "id.jpg"]).await;
    assert!(
        run.code == Some(0) && run.verdict().starts_with("READ         6 fields; requested type: CNH\n"),
        "{run:?}"
    );
    assert!(run.says("\ndocument     CNH\n") && run.says("\n  categoria        B "), "{run:?}");
    let run = desk.run(&["document", "--json", "--vendor", "cellere", "--type", "cnh", "id.jpg"]).await;
    let report = run.json();
    assert_eq!((report["read"].as_bool(), report["kind"].as_str()), (Some(true), Some("cnh")), "{run:?}");
    assert_eq!(
        report["fields"][0],
        json!({"name": "nome", "value": "MARIA EXEMPLO DA SILVA", "confidence": 0.98})
    );
    assert!(report["reading_id"].as_str().is_some_and(|id| id.len() == 36), "{run:?}");
    assert_eq!(desk.run(&["document", "--vendor", "bankly", "--type", "rg", "id.jpg"]).await.code, Some(2));
}
