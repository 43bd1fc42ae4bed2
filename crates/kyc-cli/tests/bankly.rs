use std::path::Path;
use std::time::Duration;

use kyc_core::VirtualClock;
use kyc_sandbox::bankly::{Operation, TestOutcome, test_cpf};
use kyc_sandbox::{Fault, Sandbox, samples};
use serde_json::{Value, json};

use crate::support::*;

const FILE: &str = "kyc-bankly-onboarding.json";

/// A sandbox, and a working directory with images whose environment names the sandbox.
async fn workplace() -> (Sandbox, Desk) {
    let sandbox = sandbox().await;
    let desk = with_images(Desk::at(&sandbox));
    (sandbox, desk)
}

fn with_images(desk: Desk) -> Desk {
    desk.file("me.jpg", samples::A_2025);
    desk.file("id.jpg", samples::A_2025);
    desk
}

fn cpf(outcome: TestOutcome) -> &'static str {
    test_cpf(outcome).expect("each outcome has its CPF")
}

/// Runs a step whose output must not contain personal data.
async fn step(desk: &Desk, arguments: &[&str]) -> Run {
    let run = desk.run(&[&["bankly"], arguments].concat()).await;
    assert!(!shows_person(desk, &run), "{arguments:?}: {run:?}");
    run
}

fn shows_person(desk: &Desk, run: &Run) -> bool {
    // The start of each test CPF, with and without dots; the rest is what the sandbox reads from a document.
    let sentinels = ["9200000", "920.000", "Nísia", "Dionísia", "48151623", "1990-10-12", "2020-01-30"];
    let tokens = if desk.path().join(FILE).exists() { tokens(&kept(desk)) } else { Vec::new() };
    sentinels.into_iter().chain(tokens.iter().map(String::as_str)).any(|sentinel| run.says(sentinel))
}

fn kept(desk: &Desk) -> Value {
    let text = std::fs::read_to_string(desk.path().join(FILE)).expect("the onboarding");
    serde_json::from_str(&text).expect("JSON")
}

fn tokens(kept: &Value) -> Vec<String> {
    let pictures = ["selfie", "front", "back"].map(|name| kept[name]["token"].as_str());
    pictures.into_iter().flatten().map(str::to_owned).collect()
}

/// Submits the selfie and queries its analysis.
async fn submit_selfie(desk: &Desk, outcome: TestOutcome) -> Run {
    let run = step(desk, &["upload", "--force", "--cpf", cpf(outcome), "--selfie", "me.jpg"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    step(desk, &["status"]).await
}

fn requests(sandbox: &Sandbox) -> u64 {
    Operation::ALL.iter().map(|&operation| sandbox.bankly().requests(operation)).sum()
}

/// The README shows what a new user sees.
#[tokio::test]
async fn a_whole_onboarding_as_in_the_readme() {
    let readme = include_str!("../README.md");
    let (_, block) = readme.split_once("$ kyc bankly\n").expect("the command");
    let (printed, _) = block.split_once("```").expect("the end of the block");
    let run = Desk::new().run(&["bankly"]).await;
    assert_eq!((run.code, format!("{}{}", run.stderr, run.stdout).as_str()), (Some(0), printed), "{run:?}");
}

#[tokio::test]
async fn a_whole_onboarding_never_calls_a_vendor() {
    let (sandbox, desk) = workplace().await;
    let outcomes = [
        (TestOutcome::NoLiveness, 10, 2, Some("no_liveness")),
        (TestOutcome::ManyFaces, 10, 2, Some("many_faces")),
        (TestOutcome::Unmatched, 10, 3, Some("unmatched_document")),
        (TestOutcome::NoInfoOnBack, 10, 4, Some("unreadable_document")),
        (TestOutcome::Failed, 10, 2, Some("analysis_failed")),
        (TestOutcome::ValidOnSecondTry, 0, 6, None),
        (TestOutcome::LocationOnly, 0, 3, None),
        (TestOutcome::ResponseLost, 0, 3, None),
    ];
    let commands = outcomes.map(|(outcome, ..)| vec!["bankly", "--json", "--cpf", cpf(outcome)]);
    for ((outcome, code, sent, reason), run) in outcomes.into_iter().zip(desk.run_all(&commands).await) {
        assert!(!shows_person(&desk, &run), "{outcome:?}: {run:?}");
        let report = run.json();
        let pictures = report["pictures"].as_array().expect("pictures");
        assert_eq!((run.code, pictures.len()), (Some(code), sent), "{outcome:?}: {run:?}");
        assert_eq!(
            (report["complete"].as_bool(), report["mutual_tls"].as_bool()),
            (Some(code == 0), Some(true))
        );
        let last = pictures.last().expect("a picture");
        assert_eq!(last["reasons"][0]["reason"].as_str(), reason, "{outcome:?}: {run:?}");
    }
    assert_eq!((requests(&sandbox), desk.path().join(FILE).exists()), (0, false));
}

#[tokio::test]
async fn advice_in_the_language_of_the_person() {
    let cpf = ["bankly", "--cpf", cpf(TestOutcome::NoLiveness)];
    let (english, portuguese) = ("Take a new selfie now", "Tire outra selfie na hora");
    let runs = [
        ("", &[][..], english),
        ("pt_BR.UTF-8", &[], portuguese),
        ("pt_BR.UTF-8", &["--lang", "en"], english),
        ("de_DE.UTF-8", &["--lang", "pt"], portuguese),
    ]
    .map(|(lang, arguments, wanted)| {
        let desk = Desk::new().with("LANG", lang);
        let child = desk.start(&[&cpf[..], arguments].concat());
        (desk, child, wanted)
    });
    for (_desk, child, wanted) in runs {
        let run = finish(child).await;
        assert!(run.code == Some(10) && run.says(wanted), "{run:?}");
        let headline = if wanted == english {
            "NOT VALID    the selfie, submitted 2"
        } else {
            "NÃO É VÁLIDO   selfie, enviada 2"
        };
        assert!(run.says(&format!("\n{headline} ")), "{run:?}");
    }
}

#[tokio::test]
async fn image_by_image_through_the_file() {
    let (sandbox, desk) = workplace().await;
    let none = step(&desk, &["status"]).await;
    assert!(
        none.code == Some(3)
            && none
                .stderr
                .starts_with("error: kyc-bankly-onboarding.json: contains no onboarding: start one with "),
        "{none:?}"
    );

    let run = submit_selfie(&desk, TestOutcome::Approved).await;
    assert!(run.code == Some(0) && run.verdict().starts_with("VALID        so far: selfie\n"), "{run:?}");
    assert!(run.says("\nnext         `kyc bankly upload --front FILE --type TYPE`\n"), "{run:?}");
    private(&desk.path().join(FILE));

    for (side, kind) in [("--front", "RG"), ("--back", "rg")] {
        let run = step(&desk, &["upload", side, "id.jpg", "--type", kind]).await;
        assert!(run.code == Some(0) && run.verdict().starts_with("ACCEPTED "), "{run:?}");
        let run = step(&desk, &["status", "--wait", "20"]).await;
        assert!(
            run.code == Some(0) && run.says("\n  document   RG; fields read (values hidden): name, "),
            "{run:?}"
        );
    }
    let run = step(&desk, &["status"]).await;
    assert!(run.code == Some(0) && run.verdict().starts_with("COMPLETE "), "{run:?}");
    assert_eq!(sandbox.bankly().paid_calls(), 3);

    let shown = desk.run(&["bankly", "status", "--show-personal-data"]).await;
    assert!(shown.says("Nísia Floresta") && shown.says("920.000.001-00"), "{shown:?}");
    let shown = desk.run(&["bankly", "status", "--show-tokens"]).await;
    assert!(tokens(&kept(&desk)).iter().all(|token| shown.says(token)), "{shown:?}");
    assert_eq!(tokens(&kept(&desk)).len(), 3);
}

#[tokio::test]
async fn every_step_as_json() {
    let (_sandbox, desk) = workplace().await;
    let upload = ["upload", "--json", "--cpf", cpf(TestOutcome::ManyFacesOnDocument), "--selfie", "me.jpg"];
    let expected = serde_json::json!({
        "vendor": "bankly-kyc", "environment": "sandbox", "accepted": true, "picture": "selfie", "onboarding": FILE,
        "simulated": true,
    });
    assert_eq!(step(&desk, &upload).await.json(), expected);
    assert_eq!(step(&desk, &["status", "--json"]).await.code, Some(0));
    step(&desk, &["upload", "--front", "id.jpg", "--type", "CNH"]).await;
    let run = step(&desk, &["status", "--json"]).await;
    let report = run.json();
    assert_eq!(step(&desk, &["status", "--json", "--lang", "pt"]).await.stdout, run.stdout);
    let advice = json!({
        "pt": report["pictures"][1]["reasons"][0]["advice"]["pt"].as_str().expect("Portuguese"),
        "en": "We saw more than one face in the picture. Photograph the document alone; if that does not help, take the selfie again.",
    });
    let expected = serde_json::json!({
        "vendor": "bankly-kyc",
        "environment": "sandbox",
        "verdict": "invalid",
        "complete": false,
        "lost": null,
        "pictures": [
            {
                "picture": "selfie", "verdict": "valid", "status": "ANALYSIS_COMPLETED", "reasons": [], "messages": [],
                "similarity": null, "similarity_percent": null, "document": null, "fields": [],
            },
            {
                "picture": "front", "verdict": "invalid", "status": "ANALYSIS_COMPLETED",
                "reasons": [{"reason": "many_faces_on_document", "advice": advice}], "messages": [],
                "similarity": null, "similarity_percent": null, "document": "CNH", "fields": [
                    "name", "cpf", "birth_date", "mother", "number", "issue_date", "expiry", "issuer", "issued_in",
                    "state", "licence", "classes", "licensed",
                ],
            },
        ],
        "simulated": true,
    });
    assert_eq!((run.code, report), (Some(10), expected));
    let whole = desk.run(&["bankly", "status", "--json", "--show-personal-data"]).await.json();
    assert!(whole["pictures"][1]["analysis"]["documentDetails"]["registerName"].is_string(), "{whole}");
}

#[tokio::test]
async fn an_image_that_is_not_valid_is_submitted_again() {
    let (_sandbox, desk) = workplace().await;
    let run = submit_selfie(&desk, TestOutcome::ValidOnSecondTry).await;
    assert!(run.code == Some(10) && run.verdict().starts_with("NOT VALID    selfie\n"), "{run:?}");
    assert!(
        run.says("\nselfie       not valid: no live person\n  advice     Take a new selfie now, "),
        "{run:?}"
    );
    assert!(run.says("\nnext         `kyc bankly upload --selfie FILE`\n"), "{run:?}");
    // The file contains the CPF.
    let run = step(&desk, &["upload", "--selfie", "me.jpg"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(step(&desk, &["status"]).await.code, Some(0));
}

#[tokio::test]
async fn an_unfinished_analysis_is_queried_again() {
    let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await.expect("a free port");
    let desk = with_images(Desk::at(&sandbox));
    let run = submit_selfie(&desk, TestOutcome::Approved).await;
    assert!(run.code == Some(11) && run.verdict().starts_with("NOT FINISHED selfie\n"), "{run:?}");
    assert!(run.says("\nselfie       being analysed (ANALYZING)\n"), "{run:?}");

    let before = sandbox.bankly().paid_calls();
    let run = step(&desk, &["upload", "--selfie", "me.jpg"]).await;
    assert!(run.code == Some(3) && run.stderr.contains("is still being analysed"), "{run:?}");

    let run = step(&desk, &["status", "--wait", "1", "--json"]).await;
    let error = &run.json()["error"];
    assert_eq!((run.code, error["kind"].as_str()), (Some(11), Some("timeout")), "{run:?}");
    assert!(error["operation_token"].is_null(), "it would contain the CPF: {run:?}");
    assert!(run.stderr.ends_with("\nto check the images: `kyc bankly status`\n"), "{run:?}");

    sandbox.clock().advance(Duration::from_secs(10));
    assert_eq!(step(&desk, &["status", "--wait", "20"]).await.code, Some(0));
    assert_eq!(sandbox.bankly().paid_calls(), before);
}

/// Each row contains the arguments and the start of the message.
#[tokio::test]
async fn bad_input_is_one_line_and_no_request() {
    let (sandbox, desk) = workplace().await;
    submit_selfie(&desk, TestOutcome::Approved).await;
    desk.file("text.jpg", "this is not an image");
    desk.file("anim.gif", b"GIF89a\xC8\0\xC8\0\0\0\0;");
    desk.file("small.png", png(640));
    desk.file("cut.jpg", truncated_jpeg());
    desk.file("large.jpg", [samples::A_2025, &[0; 1_000_000]].concat());
    desk.file("broken.json", r#"{"cpf": "92000000100", "selfie": 1}"#);
    desk.file("empty.json", "{}");
    std::fs::create_dir(desk.path().join("folder")).expect("a folder");
    let other = ["--cpf", cpf(TestOutcome::NoLiveness)];
    let selfie = |name| ["upload", "--selfie", name];

    let table: &[(Vec<&str>, &str)] = &[
        (vec!["--cpf", "92000000101"], "--cpf: check digits do not match"),
        ([&selfie("me.jpg")[..], &["--cpf", "92000000101"]].concat(), "--cpf: check digits do not match"),
        (
            [&selfie("me.jpg")[..], &other].concat(),
            "kyc-bankly-onboarding.json: contains another person's onboarding",
        ),
        ([&selfie("me.jpg")[..], &["--onboarding", "new.json"]].concat(), "new.json: contains no onboarding"),
        (
            [&selfie("me.jpg")[..], &other, &["--onboarding", "folder"]].concat(),
            "folder: is a directory, not a file",
        ),
        (
            [&selfie("me.jpg")[..], &other, &["--onboarding", "none/o"]].concat(),
            "--onboarding (none/o): is in a folder that does not exist",
        ),
        (
            vec!["status", "--onboarding", "broken.json"],
            "broken.json: is not an onboarding file of `kyc bankly upload`",
        ),
        (
            vec!["status", "--onboarding", "empty.json"],
            "empty.json: is not an onboarding file of `kyc bankly upload`",
        ),
        (vec!["status", "--onboarding", "none.json"], "none.json: contains no onboarding"),
        (selfie("none.jpg").to_vec(), "--selfie (none.jpg): does not exist"),
        (selfie("text.jpg").to_vec(), "--selfie (text.jpg): must be JPEG or PNG"),
        (selfie("anim.gif").to_vec(), "--selfie (anim.gif): must be JPEG or PNG, but is GIF by its content"),
        (selfie("small.png").to_vec(), "--selfie (small.png): must be at least 480 pixels high, but is 200"),
        (selfie("cut.jpg").to_vec(), "--selfie (cut.jpg): "),
        (selfie("large.jpg").to_vec(), "--selfie (large.jpg): must "),
        (vec!["upload", "--front", "anim.gif", "--type", "RG"], "--front (anim.gif): must be JPEG or PNG"),
    ];
    let before = requests(&sandbox);
    for (arguments, line) in table {
        let run = step(&desk, arguments).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{arguments:?}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {run:?}");
        assert!(run.stderr.starts_with(&format!("error: {line}")), "{arguments:?}: {run:?}");
        assert!(run.stderr.ends_with("; nothing was sent\n"), "{arguments:?}: {run:?}");
    }
    assert_eq!(requests(&sandbox), before);
}

#[tokio::test]
async fn images_out_of_order_are_not_submitted() {
    let (sandbox, desk) = workplace().await;
    let begin = ["--cpf", cpf(TestOutcome::NoLiveness)];
    let front = ["upload", "--front", "id.jpg", "--type", "RG"];
    let run = step(&desk, &[&front[..], &begin].concat()).await;
    let line = "error: --front: must come after a selfie that was found valid; nothing was sent\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), line), "{run:?}");
    assert!(requests(&sandbox) == 0 && !desk.path().join(FILE).exists(), "there is nothing to store");

    submit_selfie(&desk, TestOutcome::NoLiveness).await;
    let before = requests(&sandbox);
    let run = step(&desk, &front).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), line), "{run:?}");
    assert_eq!(requests(&sandbox), before);
}

#[tokio::test]
async fn a_lost_response_is_looked_up() {
    let (sandbox, desk) = workplace().await;
    let upload = ["upload", "--json", "--cpf", cpf(TestOutcome::ResponseLost), "--selfie", "me.jpg"];
    let run = step(&desk, &upload).await;
    let error = &run.json()["error"];
    assert_eq!((run.code, error["delivery"].as_str()), (Some(12), Some("unknown")), "{run:?}");
    assert!(error["operation_token"].is_null() && error["reference"].is_null(), "{run:?}");
    assert!(run.stderr.ends_with("\nto check the images: `kyc bankly status`\n"), "{run:?}");
    let again = step(&desk, &["upload", "--selfie", "me.jpg"]).await;
    assert!(again.code == Some(3) && again.stderr.contains("look it up first"), "{again:?}");
    let run = step(&desk, &["status"]).await;
    assert!(
        run.code == Some(0) && run.says("\nlost         the response was lost, but Bankly has the image\n"),
        "{run:?}"
    );
    assert_eq!(sandbox.bankly().paid_calls(), 1);

    // An image that never arrived.
    sandbox.bankly().fault(Fault::close().on(Operation::Upload));
    let upload = ["upload", "--force", "--cpf", cpf(TestOutcome::NoInfo), "--selfie", "me.jpg"];
    assert_eq!(step(&desk, &upload).await.code, Some(12));
    let run = step(&desk, &["status", "--json"]).await;
    let report = run.json();
    assert_eq!((run.code, report["lost"].as_str()), (Some(12), Some("in_doubt")), "{run:?}");
    // Only the user can say that it did not arrive.
    assert_eq!(step(&desk, &["upload", "--selfie", "me.jpg"]).await.code, Some(3));
    assert_eq!(step(&desk, &["upload", "--not-received", "--selfie", "me.jpg"]).await.code, Some(0));
}

/// The person has a valid selfie of an earlier onboarding. That of the second one never arrived.
#[tokio::test]
async fn an_earlier_picture_is_not_the_lost_one() {
    let (sandbox, desk) = workplace().await;
    submit_selfie(&desk, TestOutcome::Approved).await;
    sandbox.bankly().fault(Fault::close().on(Operation::Upload));
    let upload = ["upload", "--force", "--cpf", cpf(TestOutcome::Approved), "--selfie", "me.jpg"];
    assert_eq!(step(&desk, &upload).await.code, Some(12));
    for _ in 0..2 {
        let run = step(&desk, &["status"]).await;
        assert!(run.code == Some(12) && run.says("IN DOUBT") && !run.says("VALID"), "{run:?}");
        let report = step(&desk, &["status", "--json", "--show-tokens"]).await.json();
        assert_eq!((report["verdict"].as_str(), &report["pictures"]), (Some("in_doubt"), &json!([])));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_while_an_image_is_submitted() {
    let (sandbox, desk) = workplace().await;
    sandbox.bankly().fault(Fault::hang().on(Operation::Upload).after_effect());
    let upload = ["bankly", "upload", "--json", "--cpf", cpf(TestOutcome::Approved), "--selfie", "me.jpg"];
    let child = desk.command(&upload).spawn().expect("it starts");
    while sandbox.bankly().paid_calls() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let id = child.id().expect("it runs").to_string();
    let sent = tokio::process::Command::new("kill").args(["-INT", &id]).status().await;
    assert!(sent.expect("kill runs").success());
    let run: Run = child.wait_with_output().await.expect("it ends").into();
    let error = &run.json()["error"];
    assert_eq!((run.code, error["kind"].as_str()), (Some(12), Some("interrupted")), "{run:?}");
    assert!(error["operation_token"].is_null() && !shows_person(&desk, &run), "{run:?}");
    assert!(run.stderr.ends_with("\nto check the images: `kyc bankly status`\n"), "{run:?}");
    let run = step(&desk, &["status"]).await;
    assert!(run.code == Some(0) && run.says("the response was lost, but Bankly has the image"), "{run:?}");
}

#[tokio::test]
async fn wrong_usage_exits_with_2() {
    let desk = Desk::new();
    for arguments in [
        &["upload"][..],
        &["upload", "--cpf", "92000000100"],
        &["upload", "--selfie", "a", "--front", "b", "--type", "RG"],
        &["upload", "--selfie", "a", "--type", "RG"],
        &["upload", "--front", "a"],
        &["upload", "--back", "a", "--type", "passport"],
        &["upload", "--selfie", "a", "--force"],
        &["status", "--wait", "0"],
        &["status", "--lang", "de"],
        &["--profile", "real"],
        &["--cpf", "92000000100", "status"],
    ] {
        let run = desk.run(&[&["bankly"], arguments].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {run:?}");
    }
}

/// A sandbox with mutual TLS. The files in the working directory are `c.pem`, `k.pem` and `a.pem`.
async fn behind_tls() -> (Sandbox, Desk) {
    let sandbox = Sandbox::builder()
        .bankly_mutual_tls(true)
        .bankly_analysis_delay(Duration::ZERO)
        .start()
        .await
        .expect("a free port");
    let tls = sandbox.bankly_tls().expect("TLS");
    let desk = with_images(Desk::new())
        .with("KYC_BANKLY_CLIENT_ID", Sandbox::BANKLY_CLIENT_ID)
        .with("KYC_BANKLY_BASE_URL", tls.url())
        .with("KYC_BANKLY_AUTH_URL", tls.url())
        .with("KYC_BANKLY_CERTIFICATE", "c.pem")
        .with("KYC_BANKLY_KEY", "k.pem")
        .with("KYC_BANKLY_AUTHORITY", "a.pem");
    let pem = tls.client_certificate();
    desk.file("c.pem", pem.chain);
    desk.file("k.pem", pem.key);
    desk.file("a.pem", tls.authority_pem());
    (sandbox, desk)
}

#[tokio::test]
async fn by_certificate() {
    let (sandbox, desk) = behind_tls().await;
    let run = submit_selfie(&desk, TestOutcome::Approved).await;
    assert!(run.code == Some(0) && run.says("(sandbox at https://127.0.0.1:"), "{run:?}");
    assert_eq!(sandbox.bankly().paid_calls(), 1);
}

#[tokio::test]
async fn an_unusable_certificate_exits_with_4() {
    let (sandbox, desk) = behind_tls().await;
    let tls = sandbox.bankly_tls().expect("TLS");
    let (good, expired) = (tls.client_certificate(), tls.expired_client_certificate());
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\naHVudGVyMg==\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let foreign = tls.foreign_client_certificate();
    for (chain, key, line) in [
        (
            &good.chain,
            Some(encrypted),
            "error: bankly-kyc: KYC_BANKLY_CERTIFICATE private key: must not be encrypted: openssl pkcs8 -in ",
        ),
        (
            &good.chain,
            Some("hunter2"),
            "error: bankly-kyc: KYC_BANKLY_CERTIFICATE private key: must be a PEM with a private key",
        ),
        (
            &"hunter2".to_owned(),
            Some(good.key.as_str()),
            "error: bankly-kyc: KYC_BANKLY_CERTIFICATE certificate: must be a PEM with a certificate",
        ),
        (&good.chain, None, "error: bankly-kyc: KYC_BANKLY_CERTIFICATE "),
        (
            &expired.chain,
            Some(expired.key.as_str()),
            "error: bankly-kyc: KYC_BANKLY_CERTIFICATE expired on 2",
        ),
        (
            &foreign.chain,
            Some(foreign.key.as_str()),
            "error: bankly-kyc upload: login failed: the server refused",
        ),
        (&good.chain, Some(foreign.key.as_str()), "error: bankly-kyc: the HTTP client cannot start"),
    ] {
        desk.file("c.pem", chain);
        match key {
            Some(key) => drop(desk.file("k.pem", key)),
            None => std::fs::remove_file(desk.path().join("k.pem")).expect("it was there"),
        }
        let upload = ["upload", "--cpf", cpf(TestOutcome::Approved), "--selfie", "me.jpg"];
        let run = step(&desk, &upload).await;
        assert!(run.code == Some(4) && run.stderr.starts_with(line), "{line}: {run:?}");
        assert!(!run.says("hunter2") && !run.says("aHVudGVyMg"), "{run:?}");
        assert_eq!(
            run.says("\nBankly requires the certificate that it issued to this client"),
            !line.contains("KYC_BANKLY_CERTIFICATE"),
            "{run:?}"
        );
        assert!(!desk.path().join(FILE).exists(), "{run:?}");
    }
    assert_eq!(requests(&sandbox), 0);
}

#[tokio::test]
async fn where_the_configuration_comes_from() {
    let (usual, other) = (sandbox().await, sandbox().await);
    let table = |head: &str, sandbox: &Sandbox| {
        format!(
            "[{head}]\nclient_id = '{}'\nclient_secret = '{}'\nbase_url = '{url}'\nauth_url = '{url}'\n",
            Sandbox::BANKLY_CLIENT_ID,
            Sandbox::BANKLY_CLIENT_SECRET,
            url = sandbox.bankly_url(),
        )
    };
    let desk = with_images(Desk::new());
    desk.file("kyc.toml", table("bankly", &usual) + &table("profile.other.bankly", &other));
    let paid = || (usual.bankly().paid_calls(), other.bankly().paid_calls());
    let upload = ["bankly", "upload", "--force", "--cpf", cpf(TestOutcome::Approved), "--selfie", "me.jpg"];
    assert_eq!((desk.run(&upload).await.code, paid()), (Some(0), (1, 0)));
    let profiled = [&upload[..], &["--profile", "other"]].concat();
    assert_eq!((desk.run(&profiled).await.code, paid()), (Some(0), (1, 1)));

    let desk = desk
        .with("KYC_BANKLY_CLIENT_ID", Sandbox::BANKLY_CLIENT_ID)
        .with("KYC_BANKLY_CLIENT_SECRET", "hunter2")
        // Otherwise the token of the valid secret would be used.
        .with("KYC_TOKEN_CACHE", "off");
    let run = desk.run(&upload).await;
    assert!(
        run.code == Some(4) && run.stderr.contains("Bankly requires the client certificate that it issued"),
        "{run:?}"
    );
    let desk = desk.with("KYC_BANKLY_BASE_URL", &usual.bankly_url());
    let run = desk.run(&upload).await;
    assert!(
        run.code == Some(4) && run.stderr.contains("auth_url: must be set together with base_url"),
        "{run:?}"
    );
    let desk = desk.with("KYC_BANKLY_AUTH_URL", &usual.bankly_url());
    let run = desk.run(&upload).await;
    assert!(run.code == Some(5) && !run.says("hunter2"), "{run:?}");

    for (name, value, line) in [
        (
            "KYC_BANKLY_AUTHORITY",
            "a.pem",
            "error: Bankly's authority is set, but its certificate and key are not\n",
        ),
        (
            "KYC_BANKLY_KEY",
            "k.pem",
            "error: bankly-kyc: KYC_BANKLY_CERTIFICATE must be set together with its key",
        ),
        ("KYC_BANKLY_ENVIRONMENT", "homologation", "error: bankly-kyc: KYC_BANKLY_ENVIRONMENT "),
    ] {
        let desk = with_images(Desk::at(&usual)).with(name, value);
        let run = desk.run(&upload).await;
        assert!(run.code == Some(4) && run.stderr.starts_with(line), "{run:?}");
    }

    let run = with_images(Desk::new()).run(&upload).await;
    assert!(
        run.code == Some(4)
            && run.stderr.starts_with("error: no Bankly credentials: set KYC_BANKLY_CLIENT_ID"),
        "{run:?}"
    );
    for name in [
        "KYC_BANKLY_CLIENT_SECRET",
        "KYC_BANKLY_KEY",
        "KYC_BANKLY_WEBHOOK_PRIVATE_KEY",
        "KYC_BANKLY_AUTH_URL",
    ] {
        let run = with_images(Desk::new()).with(name, "hunter2").run(&upload).await;
        let line =
            "error: bankly-kyc: KYC_BANKLY_CLIENT_ID is not set, although other KYC_BANKLY_* variables are";
        assert!(run.code == Some(4) && run.stderr.starts_with(line) && !run.says("hunter2"), "{run:?}");
    }
}

fn private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    #[cfg(not(unix))]
    let _ = path;
}
