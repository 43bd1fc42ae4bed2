use std::path::Path;

use kyc_core::VirtualClock;
use kyc_sandbox::certiface::{Operation, Provider, TestDocument, TestOutcome, test_cpf};
use kyc_sandbox::{Fault, Sandbox, samples};
use serde_json::Value;

use crate::support::*;

/// Personal data that is printed only on request.
const NAME: &str = "Quitéria Sentinela";
const REFERENCE: &str = "order-of-sentinels";
const FILE: &str = "kyc-certiface-journey.json";

/// A sandbox, and a working directory with frames whose environment names the sandbox.
async fn workplace() -> (Sandbox, Desk) {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    for face in 1..=2 {
        let folder = format!("frames/{face}");
        std::fs::create_dir_all(desk.path().join(&folder)).expect("a folder");
        for number in 1..=2 {
            desk.file(&format!("{folder}/{number}.jpg"), frame(face * 10 + number));
        }
    }
    desk.file("id.jpg", samples::A_2025);
    (sandbox, desk)
}

/// Returns a photograph with a comment, so that no two frames are equal.
fn frame(number: u8) -> Vec<u8> {
    let (start, rest) = samples::A_2014.split_at(2);
    [start, &[0xFF, 0xFE, 0, 3, number], rest].concat()
}

fn cpf(outcome: TestOutcome) -> &'static str {
    test_cpf(outcome).expect("each outcome has its CPF")
}

/// Runs a step whose output must not contain personal data.
async fn step(sandbox: &Sandbox, desk: &Desk, arguments: &[&str]) -> Run {
    let run = desk.run(&[&["certiface"], arguments].concat()).await;
    assert!(!shows_person(sandbox, &run), "{arguments:?}: {run:?}");
    run
}

fn shows_person(sandbox: &Sandbox, run: &Run) -> bool {
    let keys = sandbox.certiface().appkeys();
    let upper = NAME.to_uppercase();
    // The start of each test CPF, with and without dots, and the start of every key.
    let sentinels = ["9100000", "910.000", NAME, &upper, REFERENCE, "eyJ"];
    sentinels.into_iter().chain(keys.iter().map(String::as_str)).any(|sentinel| run.says(sentinel))
}

async fn begin(sandbox: &Sandbox, desk: &Desk, outcome: TestOutcome) {
    let person =
        ["--cpf", cpf(outcome), "--name", NAME, "--birth-date", "15/11/2001", "--reference", REFERENCE];
    let run = step(sandbox, desk, &[&["appkey", "--force"], &person[..]].concat()).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert!(run.verdict().starts_with("KEY          created, valid until 2"), "{run:?}");
}

/// Runs the steps up to the liveness verdict.
async fn pass_liveness(sandbox: &Sandbox, desk: &Desk, outcome: TestOutcome) -> Run {
    begin(sandbox, desk, outcome).await;
    let run = step(sandbox, desk, &["challenge"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    step(sandbox, desk, &["captcha", "frames"]).await
}

fn requests(sandbox: &Sandbox) -> u64 {
    Operation::ALL.iter().map(|&operation| sandbox.certiface().requests(operation)).sum()
}

/// The README shows what a new user sees.
#[tokio::test]
async fn a_whole_journey_as_in_the_readme() {
    let readme = include_str!("../README.md");
    let (_, block) = readme.split_once("$ kyc certiface\n").expect("the command");
    let (printed, _) = block.split_once("```").expect("the end of the block");
    let run = Desk::new().run(&["certiface"]).await;
    assert_eq!((run.code, format!("{}{}", run.stderr, run.stdout).as_str()), (Some(0), printed), "{run:?}");
}

#[tokio::test]
async fn a_whole_journey_never_calls_a_vendor() {
    let (sandbox, desk) = workplace().await;
    let outcomes = [
        (TestOutcome::Refused, 1),
        (TestOutcome::Blocked, 1),
        (TestOutcome::FacesDiffer, 1),
        (TestOutcome::Failed, 1),
        (TestOutcome::NoDocumentAtFirst, 0),
        (TestOutcome::WithoutSerpro, 0),
        (TestOutcome::WithoutOcr, 0),
        (TestOutcome::CpfRefused, 6),
        (TestOutcome::RefusedByResult, 6),
    ];
    let commands = outcomes.map(|(outcome, _)| vec!["certiface", "--json", "--cpf", cpf(outcome)]);
    for ((outcome, code), run) in outcomes.into_iter().zip(desk.run_all(&commands).await) {
        assert!(!shows_person(&sandbox, &run), "{outcome:?}: {run:?}");
        assert_eq!(run.code, Some(code), "{outcome:?}: {run:?}");
        assert!(!run.says("kyc certiface result"), "there is nothing to query: {run:?}");
        if code < 2 {
            assert_eq!(run.json()["passed"], code == 0, "{run:?}");
        }
    }
    assert_eq!(requests(&sandbox), 0);
}

#[tokio::test]
async fn step_by_step_through_the_file() {
    let (sandbox, desk) = workplace().await;
    let none = step(&sandbox, &desk, &["result"]).await;
    assert!(
        none.code == Some(3)
            && none
                .stderr
                .starts_with("error: kyc-certiface-journey.json: contains no journey: start one with "),
        "{none:?}"
    );

    begin(&sandbox, &desk, TestOutcome::Approved).await;
    let run = step(&sandbox, &desk, &["result"]).await;
    assert!(run.code == Some(11) && run.verdict().starts_with("NO RESULT "), "{run:?}");

    let run = step(&sandbox, &desk, &["challenge"]).await;
    assert!(
        run.verdict().starts_with("CHALLENGE    make 2 faces in turn; submit the frames by 2"),
        "{run:?}"
    );
    for name in ["1-words.png", "1-face.png", "2-words.png", "2-face.png"] {
        let image = std::fs::read(desk.path().join("kyc-certiface-challenge").join(name)).expect(name);
        assert!(image.starts_with(b"\x89PNG") && run.says(name), "{run:?}");
    }

    let run = step(&sandbox, &desk, &["captcha", "frames"]).await;
    assert!(run.code == Some(0) && run.verdict().starts_with("APPROVED     code 200.0\n"), "{run:?}");
    let run = step(&sandbox, &desk, &["document", "id.jpg", "id.jpg"]).await;
    assert!(run.code == Some(0) && run.verdict().starts_with("ACCEPTED "), "{run:?}");

    let run = step(&sandbox, &desk, &["result", "--wait", "20"]).await;
    assert!(run.code == Some(0) && run.verdict().starts_with("PASSED       Completo\n"), "{run:?}");
    assert!(
        run.says("document     RG; fields read (values hidden): name, cpf, birth date, father"),
        "{run:?}"
    );
    assert_eq!(sandbox.certiface().paid_calls(), 2);

    let shown = desk.run(&["certiface", "result", "--show-personal-data"]).await;
    assert!(shown.code == Some(0) && shown.says("910.000.001-92") && shown.says(REFERENCE), "{shown:?}");
    assert!(shown.says(&NAME.to_uppercase()), "{shown:?}");
}

#[tokio::test]
async fn every_step_as_json() {
    let (sandbox, desk) = workplace().await;
    let person = ["--cpf", cpf(TestOutcome::Approved), "--name", NAME, "--birth-date", "2001-11-15"];
    let run = step(&sandbox, &desk, &[&["appkey", "--json"], &person[..]].concat()).await;
    let made = run.json();
    assert_eq!((made["journey"].as_str(), made["appkey"].is_null()), (Some(FILE), true), "{run:?}");
    assert!(made["simulated"] == true && made["expires"].is_string(), "{run:?}");

    let challenge = step(&sandbox, &desk, &["challenge", "--json"]).await.json();
    assert_eq!(
        (challenge["frames_per_face"].as_i64(), challenge["interval_ms"].as_i64()),
        (Some(2), Some(1990))
    );
    assert_eq!(challenge["faces"].as_array().map(Vec::len), Some(2));

    let verdict = step(&sandbox, &desk, &["captcha", "frames", "--json"]).await.json();
    assert_eq!((verdict["verdict"].as_str(), verdict["code"].as_str()), (Some("approved"), Some("200.0")));
    let taken = step(&sandbox, &desk, &["document", "id.jpg", "--json"]).await.json();
    assert_eq!(taken["accepted"], true);

    let report = step(&sandbox, &desk, &["result", "--json", "--wait", "20"]).await.json();
    let expected = serde_json::json!({
        "vendor": "certiface",
        "environment": "sandbox",
        "passed": true,
        "status": "Completo",
        "is_final": true,
        "liveness": true,
        "liveness_code": "200.0",
        "documents": [{"kind": "RG", "fields": [
            "name", "cpf", "birth_date", "father", "mother", "number", "issue_date", "issuer", "state", "signed",
            "black_and_white",
        ]}],
        "documents_score": 100.0,
        "face_match": {"matched": true, "code": "200", "score": 0.99583},
        "serpro": {"matched": true, "code": "200", "score": 0.966_724_7},
        "risk": "low",
        "risk_score": 300.0,
        "photos": 2,
        "simulated": true,
    });
    assert_eq!(report, expected);
    let whole = desk.run(&["certiface", "result", "--json", "--show-personal-data"]).await.json();
    assert!(whole["result"]["fotos"]["facecaptcha"]["frontal"].is_string());
}

#[tokio::test]
async fn each_document_is_reported() {
    let (sandbox, desk) = workplace().await;
    for (kind, name) in [
        (TestDocument::Rg, "RG"),
        (TestDocument::Cnh, "CNH"),
        (TestDocument::CnhDigital, "CNH"),
        (TestDocument::Dni, "DNI"),
        (TestDocument::Cin, "CIN"),
        (TestDocument::Crnm, "CRNM"),
        (TestDocument::Passport, "PASSPORT"),
    ] {
        pass_liveness(&sandbox, &desk, TestOutcome::Document(kind)).await;
        step(&sandbox, &desk, &["document", "id.jpg"]).await;
        let run = step(&sandbox, &desk, &["result", "--wait", "20"]).await;
        assert!(run.code == Some(0) && run.says(&format!("\ndocument     {name}; ")), "{run:?}");
    }
}

#[tokio::test]
async fn refusals_are_results() {
    let (sandbox, desk) = workplace().await;
    for (outcome, code, headline) in [
        (TestOutcome::Refused, 10, "NOT APPROVED code 300.1, PROVA DE VIDA\n"),
        (TestOutcome::Blocked, 1, "BLOCKED      code 300.2, BIOMETRIA\n"),
    ] {
        let run = pass_liveness(&sandbox, &desk, outcome).await;
        assert!(run.code == Some(code) && run.verdict().starts_with(headline), "{run:?}");
    }
    begin(&sandbox, &desk, TestOutcome::NoDocumentAtFirst).await;
    let run = step(&sandbox, &desk, &["document", "id.jpg"]).await;
    assert!(run.code == Some(10) && run.verdict().starts_with("RETAKE "), "{run:?}");
    let run = step(&sandbox, &desk, &["document", "--qr-code", "id.jpg"]).await;
    assert!(run.code == Some(0) && run.verdict().starts_with("ACCEPTED "), "{run:?}");

    let person = ["--cpf", cpf(TestOutcome::DateRefused), "--name", NAME, "--birth-date", "2001-11-15"];
    let run = step(&sandbox, &desk, &[&["appkey", "--force"], &person[..]].concat()).await;
    assert!(run.code == Some(6) && run.stderr.ends_with("\nvendor message: INVALID DATE\n"), "{run:?}");
}

#[tokio::test]
async fn iproov_with_a_second_attempt() {
    let (sandbox, desk) = workplace().await;
    begin(&sandbox, &desk, TestOutcome::RetriedOnce).await;
    for (headline, code) in [("NOT APPROVED ", 10), ("APPROVED ", 0)] {
        let run = step(&sandbox, &desk, &["session"]).await;
        assert!(
            run.code == Some(0) && run.verdict().starts_with("SESSION      provider: iProov\n"),
            "{run:?}"
        );
        let run = step(&sandbox, &desk, &["liveness"]).await;
        assert!(run.code == Some(code) && run.verdict().starts_with(headline), "{run:?}");
        assert_eq!(
            run.says("next         `kyc certiface session`, for another attempt with the same key"),
            code == 10
        );
    }
    assert_eq!(step(&sandbox, &desk, &["liveness"]).await.code, Some(3));

    begin(&sandbox, &desk, TestOutcome::Liveness3d(Provider::FaceTec)).await;
    let run = step(&sandbox, &desk, &["session", "--show-token", "--json"]).await;
    assert_eq!((run.json()["provider"].as_str(), run.json()["token"].is_string()), (Some("FaceTec"), true));
}

#[tokio::test]
async fn steps_out_of_order_are_not_sent() {
    let (sandbox, desk) = workplace().await;
    begin(&sandbox, &desk, TestOutcome::Approved).await;
    let before = requests(&sandbox);
    let run = step(&sandbox, &desk, &["captcha", "frames"]).await;
    assert!(
        run.code == Some(3) && run.stderr.starts_with("error: no challenge is open, or it is "),
        "{run:?}"
    );
    assert_eq!(step(&sandbox, &desk, &["liveness"]).await.code, Some(3));
    assert_eq!(requests(&sandbox), before);

    // A minute later.
    step(&sandbox, &desk, &["challenge"]).await;
    let text = std::fs::read_to_string(desk.path().join(FILE)).expect("the journey");
    let mut kept: Value = serde_json::from_str(&text).expect("JSON");
    let since = kept["state"]["challenge"]["since"].as_i64().expect("a time");
    kept["state"]["challenge"]["since"] = (since - 61).into();
    desk.file(FILE, kept.to_string());
    let run = step(&sandbox, &desk, &["captcha", "frames"]).await;
    assert!(run.code == Some(3) && run.stderr.contains("older than 60 s"), "{run:?}");

    step(&sandbox, &desk, &["challenge"]).await;
    std::fs::copy(desk.path().join(FILE), desk.path().join("copy.json")).expect("a copy");
    assert_eq!(step(&sandbox, &desk, &["captcha", "frames"]).await.code, Some(0));
    let before = requests(&sandbox);
    for arguments in [&["challenge"][..], &["captcha", "frames"], &["session"], &["liveness"]] {
        let run = step(&sandbox, &desk, arguments).await;
        assert_eq!((run.code, run.stderr.lines().count()), (Some(3), 1), "{run:?}");
        assert!(
            run.stderr.starts_with("error: the key is used up: a liveness check was made with it"),
            "{run:?}"
        );
    }
    assert_eq!(requests(&sandbox), before);

    // A copy of the file does not know that the key is used up, but the vendor does.
    let run = step(&sandbox, &desk, &["captcha", "frames", "--journey", "copy.json"]).await;
    assert!(run.code == Some(6) && run.stderr.contains("start again"), "{run:?}");
    assert_eq!(sandbox.certiface().paid_calls(), 1);
}

/// Each row contains the arguments and the start of the message.
#[tokio::test]
async fn bad_input_is_one_line_and_no_request() {
    let (sandbox, desk) = workplace().await;
    begin(&sandbox, &desk, TestOutcome::Approved).await;
    step(&sandbox, &desk, &["challenge"]).await;
    desk.file("text.jpg", "this is not an image");
    desk.file("cut.jpg", truncated_jpeg());
    desk.file("broken.json", r#"{"state": "eyJ91000000192"}"#);
    let folder = |name: &str, files: &[(&str, Vec<u8>)]| {
        std::fs::create_dir(desk.path().join(name)).expect("a folder");
        for (file, content) in files {
            desk.file(&format!("{name}/{file}"), content);
        }
    };
    folder("empty", &[]);
    folder("cut", &[("1.jpg", frame(1)), ("2.jpg", truncated_jpeg())]);
    folder("png", &[("1.jpg", frame(1)), ("2.jpg", png(200))]);
    folder("odd", &[("1.jpg", frame(1)), ("2.jpg", frame(2)), ("3.jpg", frame(3))]);
    folder("few", &[("1.jpg", frame(1)), ("2.jpg", frame(2)), (".hidden", vec![])]);
    folder("same", &[("1.jpg", frame(1)), ("2.jpg", frame(1)), ("3.jpg", frame(2)), ("4.jpg", frame(3))]);
    let long = "r".repeat(256);
    let appkey = ["appkey", "--force", "--birth-date", "2001-11-15"];
    let named = [&appkey[..], &["--name", NAME, "--cpf", "91000000192"]].concat();

    let table: &[(Vec<&str>, &str)] = &[
        (
            [&appkey[..], &["--name", NAME, "--cpf", "91000000193"]].concat(),
            "--cpf: check digits do not match",
        ),
        ([&appkey[..], &["--name", " ", "--cpf", "91000000192"]].concat(), "--name: must not be empty"),
        ([&named[..], &["--reference", ""]].concat(), "--reference: must not be empty"),
        ([&named[..], &["--reference", &long]].concat(), "--reference: must have at most 255 characters"),
        ([&named[..], &["--journey", "empty"]].concat(), "--journey (empty): is a directory"),
        (
            [&named[..], &["--journey", "none/j"]].concat(),
            "--journey (none/j): is in a folder that does not exist",
        ),
        (
            vec!["appkey", "--cpf", "91000000192", "--name", NAME, "--birth-date", "2001-11-15"],
            "kyc-certiface-journey.json: already contains a journey",
        ),
        (
            vec!["appkey", "--force", "--cpf", "91000000192", "--name", NAME, "--birth-date", "31/02/2001"],
            "--birth-date: must be a calendar day",
        ),
        (vec!["challenge", "--journey", "none.json"], "none.json: contains no journey"),
        (
            vec!["challenge", "--journey", "broken.json"],
            "broken.json: is not a journey file of `kyc certiface appkey`",
        ),
        (vec!["challenge", "--out", "id.jpg"], "--out (id.jpg): is not a folder"),
        (vec!["captcha", "none"], "none: does not exist"),
        (vec!["captcha", "id.jpg"], "id.jpg: is not a folder"),
        (vec!["captcha", "empty"], "empty: contains no frames"),
        (vec!["captcha", "."], ".: contains both files and folders"),
        (vec!["captcha", "cut"], "frame (cut/2.jpg): is a truncated JPEG: its end marker is missing"),
        (vec!["captcha", "png"], "frame (png/2.jpg): must be JPEG, but is PNG by its content"),
        (vec!["captcha", "odd"], "odd: contains 3 frames, which cannot be divided evenly among 2 faces"),
        (vec!["captcha", "few"], "the frames (few): must be 2 for challenge 1, but are 1"),
        (vec!["captcha", "same"], "the frames (same): must come from a capture, but one is repeated"),
        (vec!["document", "none.jpg"], "document (none.jpg): does not exist"),
        (vec!["document", "id.jpg", "text.jpg"], "document (text.jpg): must be JPEG or PNG or PDF"),
        (vec!["document", "cut.jpg"], "document (cut.jpg): is a truncated JPEG"),
        (vec!["document", "--qr-code", "frames"], "document (frames): is a directory, not a file"),
        (vec!["result", "--photos", "frames"], "--photos (frames): must be new or empty"),
        (vec!["result", "--appkey-stdin"], "--appkey-stdin: standard input must contain exactly one appkey"),
        (vec!["--cpf", "91000000193"], "--cpf: check digits do not match"),
    ];
    let before = requests(&sandbox);
    for (arguments, line) in table {
        let run = desk.run(&[&["certiface"], &arguments[..]].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{arguments:?}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {run:?}");
        assert!(run.stderr.starts_with(&format!("error: {line}")), "{arguments:?}: {run:?}");
        assert!(run.stderr.ends_with("; nothing was sent\n"), "{arguments:?}: {run:?}");
        assert!(!shows_person(&sandbox, &run), "{arguments:?}: {run:?}");
    }
    assert_eq!(requests(&sandbox), before);
    // None of it counted as a liveness check.
    assert_eq!(step(&sandbox, &desk, &["captcha", "frames"]).await.code, Some(0));
}

#[tokio::test]
async fn wrong_usage_exits_with_2() {
    let desk = Desk::new();
    for arguments in [
        &["appkey"][..],
        &["captcha"],
        &["document"],
        &["document", "a", "b", "c"],
        &["document", "a", "--qr-code", "b"],
        &["result", "--wait", "0"],
        &["result", "--appkey-stdin", "--journey", "x"],
        &["--profile", "real"],
        &["--cpf", "91000000192", "result"],
        &["journey"],
    ] {
        let run = desk.run(&[&["certiface"], arguments].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {run:?}");
    }
}

#[tokio::test]
async fn frames_in_one_folder_are_divided_by_name() {
    let (sandbox, desk) = workplace().await;
    begin(&sandbox, &desk, TestOutcome::Approved).await;
    std::fs::create_dir(desk.path().join("flat")).expect("a folder");
    for number in 8..=11 {
        desk.file(&format!("flat/frame-{number}.jpg"), frame(number));
    }
    step(&sandbox, &desk, &["challenge"]).await;
    assert_eq!(step(&sandbox, &desk, &["captcha", "flat"]).await.code, Some(0));
    // The sandbox uses the first frame as the photo of the face.
    step(&sandbox, &desk, &["document", "id.jpg"]).await;
    let run = step(&sandbox, &desk, &["result", "--wait", "20", "--photos", "photos"]).await;
    assert!(run.code == Some(0) && run.says("photos written to photos (delete them afterwards)"), "{run:?}");
    let photo = |name: &str| std::fs::read(desk.path().join("photos").join(name)).expect(name);
    assert_eq!(photo("face.jpg"), frame(8));
    assert_eq!(photo("document-1.jpg"), samples::A_2025);
    private(&desk.path().join("photos/face.jpg"));
    private(&desk.path().join(FILE));
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

#[tokio::test]
async fn the_key_is_printed_and_read_on_request() {
    let (sandbox, desk) = workplace().await;
    let person = ["--cpf", cpf(TestOutcome::Refused), "--name", NAME, "--birth-date", "2001-11-15"];
    let run = desk.run(&[&["certiface", "appkey", "--show-appkey", "--json"][..], &person].concat()).await;
    let key = run.json()["appkey"].as_str().expect("a key").to_owned();
    assert_eq!(sandbox.certiface().appkeys(), [key.as_str()]);
    step(&sandbox, &desk, &["challenge"]).await;
    step(&sandbox, &desk, &["captcha", "frames"]).await;
    std::fs::remove_file(desk.path().join(FILE)).expect("the journey");

    let file = std::fs::File::open(desk.file("key.txt", key + "\n")).expect("the key");
    let child =
        desk.command(&["certiface", "result", "--appkey-stdin"]).stdin(file).spawn().expect("it starts");
    let run: Run = child.wait_with_output().await.expect("it ends").into();
    assert!(run.code == Some(11) && run.verdict().starts_with("NOT FINISHED "), "{run:?}");
    assert!(run.says("liveness     not passed (code 300.1)") && !shows_person(&sandbox, &run), "{run:?}");
}

#[tokio::test]
async fn an_unfinished_journey_is_queried_again() {
    let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await.expect("a free port");
    let (_, desk) = workplace().await;
    let desk = desk
        .with("KYC_CERTIFACE_BASE_URL", &sandbox.certiface_url())
        .with("KYC_CERTIFACE_RESULT_BASE_URL", &sandbox.certiface_result_url());
    pass_liveness(&sandbox, &desk, TestOutcome::Approved).await;
    step(&sandbox, &desk, &["document", "id.jpg"]).await;
    let run = step(&sandbox, &desk, &["result"]).await;
    assert!(run.code == Some(11) && run.verdict().starts_with("NOT FINISHED Em processamento\n"), "{run:?}");

    let run = step(&sandbox, &desk, &["result", "--wait", "1", "--json"]).await;
    let error = &run.json()["error"];
    assert_eq!((run.code, error["kind"].as_str()), (Some(11), Some("timeout")), "{run:?}");
    assert!(error["operation_token"].is_null(), "it would contain the appkey: {run:?}");
    assert!(run.stderr.ends_with("\nto check the journey: `kyc certiface result`\n"), "{run:?}");

    // The failure of one query does not end the wait.
    sandbox.clock().advance(std::time::Duration::from_secs(10));
    sandbox.certiface().fault(Fault::status(503).on(Operation::Result).times(5));
    assert_eq!(step(&sandbox, &desk, &["result", "--wait", "20"]).await.code, Some(0));
}

/// However the call ends, the file records that the key may be used up.
#[tokio::test]
async fn a_lost_verdict_is_not_requested_twice() {
    let (sandbox, desk) = workplace().await;
    begin(&sandbox, &desk, TestOutcome::Approved).await;
    step(&sandbox, &desk, &["challenge"]).await;
    sandbox.certiface().fault(Fault::close().on(Operation::Captcha).after_effect());
    let run = step(&sandbox, &desk, &["captcha", "frames", "--json"]).await;
    assert_eq!((run.code, run.json()["error"]["delivery"].as_str()), (Some(12), Some("unknown")), "{run:?}");
    assert!(run.stderr.ends_with("\nto check the journey: `kyc certiface result`\n"), "{run:?}");
    assert_eq!(step(&sandbox, &desk, &["captcha", "frames"]).await.code, Some(3));
    assert_eq!(sandbox.certiface().paid_calls(), 1);

    // An expired key.
    begin(&sandbox, &desk, TestOutcome::Approved).await;
    sandbox.clock().advance(std::time::Duration::from_secs(301));
    let run = step(&sandbox, &desk, &["challenge"]).await;
    assert!(run.code == Some(6) && run.stderr.contains("start again with a new one"), "{run:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_while_the_frames_are_submitted() {
    let (sandbox, desk) = workplace().await;
    begin(&sandbox, &desk, TestOutcome::Approved).await;
    step(&sandbox, &desk, &["challenge"]).await;
    sandbox.certiface().fault(Fault::hang().on(Operation::Captcha).after_effect());
    let child = desk.command(&["certiface", "captcha", "frames", "--json"]).spawn().expect("it starts");
    while sandbox.certiface().paid_calls() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let id = child.id().expect("it runs").to_string();
    let sent = tokio::process::Command::new("kill").args(["-INT", &id]).status().await;
    assert!(sent.expect("kill runs").success());
    let run: Run = child.wait_with_output().await.expect("it ends").into();
    let error = &run.json()["error"];
    assert_eq!((run.code, error["kind"].as_str()), (Some(12), Some("interrupted")), "{run:?}");
    assert!(error["operation_token"].is_null() && !shows_person(&sandbox, &run), "{run:?}");
    assert!(run.stderr.ends_with("\nto check the journey: `kyc certiface result`\n"), "{run:?}");
    assert_eq!(
        step(&sandbox, &desk, &["captcha", "frames"]).await.code,
        Some(3),
        "the key counts as used up"
    );
}

#[tokio::test]
async fn where_the_configuration_comes_from() {
    let (usual, other) = (sandbox().await, sandbox().await);
    let table = |head: &str, sandbox: &Sandbox| {
        format!(
            "[{head}]\nlogin = '{}'\npassword = '{}'\nbase_url = '{}'\nresult_base_url = '{}'\n",
            Sandbox::CERTIFACE_USER,
            Sandbox::CERTIFACE_PASSWORD,
            sandbox.certiface_url(),
            sandbox.certiface_result_url()
        )
    };
    let desk = Desk::new();
    desk.file("kyc.toml", table("certiface", &usual) + &table("profile.other.certiface", &other));
    let keys = || (usual.certiface().appkeys().len(), other.certiface().appkeys().len());
    let appkey = [
        "certiface",
        "appkey",
        "--force",
        "--cpf",
        "91000000192",
        "--name",
        NAME,
        "--birth-date",
        "2001-11-15",
    ];
    assert_eq!((desk.run(&appkey).await.code, keys()), (Some(0), (1, 0)));
    let profiled = [&appkey[..], &["--profile", "other"]].concat();
    assert_eq!((desk.run(&profiled).await.code, keys()), (Some(0), (1, 1)));
    let desk = desk
        .with("KYC_CERTIFACE_LOGIN", Sandbox::CERTIFACE_USER)
        .with("KYC_CERTIFACE_PASSWORD", "hunter2")
        // Otherwise the token of the valid password would be used.
        .with("KYC_TOKEN_CACHE", "off")
        .with("KYC_CERTIFACE_BASE_URL", &usual.certiface_url());
    let run = desk.run(&appkey).await;
    assert!(
        run.code == Some(4) && run.stderr.contains("result_base_url: must be set together with base_url"),
        "{run:?}"
    );
    let desk = desk.with("KYC_CERTIFACE_RESULT_BASE_URL", &usual.certiface_result_url());
    let run = desk.run(&appkey).await;
    assert!(run.code == Some(5) && run.stderr.contains("check the credentials"), "{run:?}");
    assert!(!run.says("hunter2"), "{run:?}");

    let run = Desk::new().run(&appkey).await;
    assert!(
        run.code == Some(4)
            && run.stderr.starts_with("error: no Certiface credentials: set KYC_CERTIFACE_LOGIN"),
        "{run:?}"
    );
    for name in ["KYC_CERTIFACE_ENVIRONMENT", "KYC_CERTIFACE_BASE_URL", "KYC_CERTIFACE_RESULT_BASE_URL"] {
        let run = Desk::new().with(name, "production").run(&appkey).await;
        assert!(run.code == Some(4) && run.stderr.contains("KYC_CERTIFACE_LOGIN is not set"), "{run:?}");
    }
}

#[tokio::test]
async fn what_nobody_knows_is_neither_yes_nor_no() {
    let (sandbox, desk) = workplace().await;
    pass_liveness(&sandbox, &desk, TestOutcome::Risk(1000)).await;
    step(&sandbox, &desk, &["document", "id.jpg"]).await;
    let run = step(&sandbox, &desk, &["result", "--wait", "20"]).await;
    assert!(run.code == Some(9) && run.verdict().starts_with("UNCLEAR      Completo\n"), "{run:?}");
    assert!(run.says("the face bureau calls the risk very high"), "{run:?}");
    let report = step(&sandbox, &desk, &["result", "--json"]).await.json();
    assert_eq!((report["passed"].as_bool(), report["risk"].as_str()), (Some(false), Some("very high")));
}

/// Nothing comes of waiting for a journey without a liveness check.
#[tokio::test]
async fn a_wait_without_a_liveness_check_ends_at_once() {
    let (sandbox, desk) = workplace().await;
    begin(&sandbox, &desk, TestOutcome::Approved).await;
    let run = step(&sandbox, &desk, &["result", "--wait", "3600"]).await;
    assert!(run.code == Some(11) && run.verdict().starts_with("NO RESULT "), "{run:?}");
    assert_eq!(sandbox.certiface().requests(Operation::Result), 1);
}
