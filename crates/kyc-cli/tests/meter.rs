use kyc_sandbox::cellere::Operation;
use kyc_sandbox::samples;
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn the_readme_command_reads_a_sample() {
    let readme = include_str!("../README.md");
    let (_, block) = readme.split_once("$ kyc cellere meter --reading 12345\n").expect("the command");
    let (printed, _) = block.split_once("```").expect("the end of the block");
    let run = Desk::new().run(&["cellere", "meter", "--reading", "12345"]).await;
    assert_eq!((run.code, format!("{}{}", run.stderr, run.stdout).as_str()), (Some(0), printed), "{run:?}");
}

#[tokio::test]
async fn each_way_to_submit_an_image() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("m.png", samples::METER_CYCLOMETRIC);
    let link = "https://example.com/ciclometrico-7.jpg?key=hunter2";
    for how in [&["m.png"][..], &["m.png", "--base64"], &["--link", link]] {
        let run = desk.run(&[&["cellere", "meter", "--service", "agua"], how].concat()).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{how:?}: {run:?}");
        assert!(run.verdict().starts_with("READ         04821 (confidence 98 %)\n"), "{how:?}: {run:?}");
        assert!(run.says("\nmeter        water, cyclometric\n") && !run.says("hunter2"), "{run:?}");
    }
    assert_eq!(sandbox.cellere().paid_calls_of(Operation::Meter), 3);
}

#[tokio::test]
async fn each_service_has_a_sample() {
    for (service, line) in [
        ("energy", "meter        energy, digital\nnumber "),
        ("Energia", "power code   03\n"),
        ("water", "meter        water, cyclometric\n"),
        ("gas", "meter        gas, analog\n"),
    ] {
        let run = Desk::new().run(&["cellere", "meter", "--service", service]).await;
        assert!(run.code == Some(0) && run.says(&format!("\n{line}")), "{run:?}");
        assert!(run.says("SIMULATED") && run.stderr.contains("nothing leaves this machine"), "{run:?}");
    }
}

#[tokio::test]
async fn the_customers_reading_is_compared_with_the_image() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("m.png", samples::METER_ANALOG);
    for (reading, code, headline) in [
        ("7395", 0, "AGREES       7395 (confidence 98 %), equal to the customer's reading\n"),
        ("07395", 0, "AGREES       "),
        ("7396", 1, "DISAGREES    7395 (confidence 98 %), different from the customer's reading\n"),
    ] {
        let run = desk.run(&["cellere", "meter", "--service", "energy", "m.png", "--reading", reading]).await;
        assert!(run.code == Some(code) && run.verdict().starts_with(headline), "{run:?}");
        assert!(run.says("\npointers     consistent\n"), "{run:?}");
    }
}

#[tokio::test]
async fn a_reading_as_json() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("m.png", samples::METER_DIGITAL);
    let run =
        desk.run(&["cellere", "meter", "--json", "--service", "energy", "m.png", "--reading", "1"]).await;
    let expected = json!({
        "vendor": "cellere-portal",
        "environment": "sandbox",
        "service": "energy",
        "reading": "012345",
        "confidence": 0.98,
        "conciliated": false,
        "display_type": "digital",
        "meter_id": "A0012345",
        "meter_id_confidence": 0.97,
        "model": "MEDIDOR EXEMPLO D1",
        "model_confidence": 0.91,
        "power_code": "03",
        "unbalanced": null,
        "simulated": true,
    });
    assert_eq!((run.code, run.json()), (Some(1), expected), "{run:?}");
    assert!(run.stderr.is_empty(), "{run:?}");
}

#[tokio::test]
async fn unexpected_responses() {
    let nasty = "9\u{1b}[2J9";
    let table = [
        (json!({}), 1, "NOTHING READ the response has no reading\n"),
        (json!({"read_result": ""}), 1, "NOTHING READ "),
        (
            json!({"read_result": nasty, "user_ip": "203.0.113.7"}),
            9,
            "UNCLEAR      9[2J9; the response does not state whether the customer's reading agrees",
        ),
        (
            json!({"read_result": 12, "confidence_read": "97.4%", "status": "conciliated"}),
            0,
            "AGREES       12 (confidence 97.4 %)",
        ),
        (
            json!({"read_result": 12, "status": "perhaps"}),
            9,
            "UNCLEAR      12; the response does not state whether the customer's reading agrees\n",
        ),
        (
            json!({"read_result": 12, "status": "não conciliado"}),
            1,
            "DISAGREES    12, different from the customer's reading\n",
        ),
        (
            json!({"response": {"read_result": 12, "status": "conciliated"}}),
            0,
            "AGREES       12, equal to the customer's reading\n",
        ),
    ];
    for (response, code, headline) in table {
        let (_portal, desk) = portal_with(&response).await;
        desk.file("m.png", samples::METER_DIGITAL);
        let run = desk.run(&["cellere", "meter", "--service", "gas", "m.png", "--reading", "9"]).await;
        assert!(run.code == Some(code) && run.verdict().starts_with(headline), "{response}: {run:?}");
        assert!(!run.says("\u{1b}") && !run.says("203.0.113.7"), "{run:?}");
    }
}
