//! What is refused before anything is sent.

use super::desk::*;
use crate::support::*;

#[tokio::test]
async fn bad_input_is_one_line_and_no_request() {
    let sandbox = sandbox().await;
    let desk = desk_at(&sandbox);
    desk.file("text.jpg", "this is not an image");
    desk.file("empty.png", "");
    let picture = ["--cpf", CPF, "--selfie"];
    let table: &[(&[&str], &str)] = &[
        (&["--name", "Ana Lima"], "--cpf: is missing"),
        (&["--cpf", "52998224726"], "--cpf: check digits do not match"),
        (&["--cpf", "529"], "--cpf: must have 11 digits"),
        (&["--cpf", CPF, "--name", " "], "--name: must not be empty"),
        (&["--cpf", CPF, "--birth-date", "31/02/1990"], "--birth-date: "),
        (&["--cpf", CPF, "--birth-date", "hunter2"], "--birth-date: "),
        (&["--cpf", CPF, "--front", "front.jpg"], "--document-kind: is missing"),
        (&["--cpf", CPF, "--back", "back.jpg"], "--front: is missing"),
        (&["--cpf", CPF, "--document-kind", "rg"], "--front: is missing"),
        (&[picture[0], picture[1], picture[2], "missing.jpg"], "--selfie (missing.jpg): does not exist"),
        (&[picture[0], picture[1], picture[2], "text.jpg"], "--selfie (text.jpg): "),
        (&[picture[0], picture[1], picture[2], "empty.png"], "--selfie (empty.png): must not be empty"),
        (&["--cpf", CPF, "--policy", "missing.toml"], "missing.toml: does not exist"),
    ];
    for (arguments, line) in table {
        let run = desk.run(&[&["verify"], *arguments].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{arguments:?}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {run:?}");
        assert!(run.stderr.starts_with(&format!("error: {line}")), "{arguments:?}: {run:?}");
        let is_quoted = ["52998224726", "Ana Lima", "hunter2", "31/02"].iter().any(|text| run.says(text));
        assert!(!is_quoted, "{run:?}");
    }
    assert_eq!(paid(&sandbox), [0; 4]);
    assert!(!desk.path().join("kyc-verify.sqlite").exists());
}

#[tokio::test]
async fn a_key_is_demanded_and_one_that_does_not_fit_is_refused() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let words = ["verify", "--cpf", CPF, "--timeout", "0"];
    let run = desk.run(&words).await;
    assert!(run.code == Some(4) && run.says("the cases need a key: set KYC_VERIFY_KEY"), "{run:?}");
    let run = desk.run(&["verify", "key"]).await;
    assert!(run.code == Some(0) && run.stdout.trim_end().len() == 44, "{run:?}");
    let file = desk.path().join("kyc-verify.sqlite").to_string_lossy().into_owned();
    let at = |key: &str| Desk::at(&sandbox).with("KYC_VERIFY_PATH", &file).with("KYC_VERIFY_KEY", key);
    assert!(at(KEY).run(&words).await.code.is_some_and(|code| code != 4));
    let other = at(run.stdout.trim_end()).run(&["verify", "ls"]).await;
    assert!(other.code == Some(4) && other.says("the store's key does not fit"), "{other:?}");
    let wrong = at("hunter2").run(&["verify", "ls"]).await;
    assert!(wrong.code == Some(4) && wrong.says("KYC_VERIFY_KEY must be 32 bytes in base64"), "{wrong:?}");
    assert!(!wrong.says("hunter2"), "{wrong:?}");
}

#[tokio::test]
async fn a_sample_is_never_sent_to_a_vendor() {
    let desk = Desk::new()
        .with("KYC_CLEARSALE_CLIENT_ID", "own")
        .with("KYC_CLEARSALE_CLIENT_SECRET", "hunter2")
        .with("KYC_CLEARSALE_BASE_URL", "http://127.0.0.1:9");
    let run = desk.run(&["verify"]).await;
    assert!(run.code == Some(3) && run.says("sample"), "{run:?}");
    let run = desk.run(&["verify", "--sandbox"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let none = Desk::new().with("KYC_VERIFY_KEY", KEY).run(&["verify", "--cpf", CPF]).await;
    assert!(none.code == Some(4) && none.says("no vendor is configured"), "{none:?}");
}

#[tokio::test]
async fn a_case_that_does_not_exist_is_told() {
    let desk = Desk::new();
    let run = desk.run(&["verify", "ls"]).await;
    assert!(run.code == Some(4), "{run:?}");
    assert_eq!(desk.run(&["verify"]).await.code, Some(0));
    for command in ["show", "review", "export", "forget", "check"] {
        let run = desk.run(&["verify", command, "v_0000000000000000"]).await;
        assert!(run.code == Some(3) && run.says("there is no case v_0000000000000000"), "{command}: {run:?}");
        let run = desk.run(&["verify", command, "v_1"]).await;
        assert!(run.code == Some(2) && run.says("must be v_ and 16 letters or digits"), "{command}: {run:?}");
    }
}
