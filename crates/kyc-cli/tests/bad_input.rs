use crate::support::*;

/// Input that is refused before any request. Each row contains the arguments and the start of the message.
#[tokio::test]
async fn bad_input_is_one_line_and_no_request() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("good.png", png(200));
    desk.file("text.jpg", "this is not an image");
    desk.file("anim.gif", b"GIF89a\xC8\0\xC8\0\0\0\0;");
    desk.file("narrow.png", png(149));
    desk.file("cut.jpg", truncated_jpeg());
    desk.file("empty.png", "");
    std::fs::create_dir(desk.path().join("folder")).expect("a folder");
    let huge = std::fs::File::create(desk.path().join("huge.jpg")).expect("a file");
    huge.set_len(200 * 1024 * 1024).expect("a sparse file");
    let long = "r".repeat(101);

    let table: &[(&[&str], &str)] = &[
        (
            &["text.jpg", "good.png"],
            "first image (text.jpg): must be JPEG or PNG, but is not a known image format",
        ),
        (
            &["good.png", "anim.gif"],
            "second image (anim.gif): must be JPEG or PNG, but is GIF by its content",
        ),
        (
            &["good.png", "narrow.png"],
            "second image (narrow.png): must be at least 150 pixels wide, but is 149",
        ),
        (&["cut.jpg", "good.png"], "first image (cut.jpg): is a truncated JPEG: its end marker is missing"),
        (&["good.png", "empty.png"], "second image (empty.png): must not be empty"),
        (&["folder", "good.png"], "first image (folder): is a directory, not a file"),
        (&["good.png", "huge.jpg"], "second image (huge.jpg): must not be larger than 50 MiB"),
        (&["good.png", "missing.png"], "second image (missing.png): does not exist"),
        (&["--cpf", "52998224726"], "--cpf: check digits do not match"),
        (&["--cpf", "529"], "--cpf: must have 11 digits"),
        (
            &["--max-false-accept-rate", "1/200000"],
            "--max-false-accept-rate: must not be stricter than 1 false accept in 100 000",
        ),
        (&["--reference", &long], "--reference: must have at most 100 characters, but has 101"),
        (&["--reference", ""], "--reference: must not be empty"),
        (&["--resume", "kyc1.nonsense"], "--resume: must be an operation token"),
    ];
    for (arguments, line) in table {
        let run = desk.run(&[&["facematch"], *arguments].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{arguments:?}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {run:?}");
        assert!(run.stderr.starts_with(&format!("error: {line}")), "{arguments:?}: {run:?}");
        assert!(!run.says("52998224726"), "{run:?}");
    }
    assert_eq!(requests(&sandbox), 0);
}

/// The same for the commands that call Cellere's portal.
#[tokio::test]
async fn bad_input_for_the_portal_is_one_line_and_no_request() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("good.png", png(200));
    desk.file("text.jpg", "this is not an image");
    desk.file("doc.pdf", b"%PDF-1.4\n%%EOF\n");
    desk.file("anim.gif", b"GIF89a\xC8\0\xC8\0\0\0\0;");
    desk.file("cut.jpg", truncated_jpeg());
    let table: &[(&[&str], &str)] = &[
        (&["cellere", "background", "--cpf", "52998224726"], "--cpf: check digits do not match"),
        (&["cellere", "background", "--cpf", "529"], "--cpf: must have 11 digits"),
        (&["cellere", "background", "--cnpj", "93ABC001000171"], "--cnpj: check digits do not match"),
        (&["cellere", "background", "--cnpj", ""], "--cnpj: must be 12 digits or capital letters"),
        (&["document", "--type", "rg", "text.jpg"], "image (text.jpg): must be "),
        (
            &["document", "--type", "rg", "cut.jpg"],
            "image (cut.jpg): is a truncated JPEG: its end marker is missing",
        ),
        (&["document", "--type", "rg", "missing.png"], "image (missing.png): does not exist"),
        (
            &["cellere", "document", "--other-type", "../rg", "good.png"],
            "--other-type: must be 1 to 64 letters",
        ),
        (&["cellere", "document", "--other-type", "", "good.png"], "--other-type: must be 1 to 64 letters"),
        (
            &["cellere", "meter", "--service", "gas", "doc.pdf"],
            "image (doc.pdf): must be JPEG or PNG or GIF or HEIC, but is PDF",
        ),
        (
            &["cellere", "meter", "--service", "gas", "--base64", "doc.pdf"],
            "image (doc.pdf): must be JPEG or PNG or GIF or HEIC",
        ),
        (&["cellere", "meter", "--service", "gas", "--link", "photo.jpg"], "--link: must be an absolute URL"),
        (
            &["cellere", "meter", "--service", "gas", "good.png", "--reading", "-1"],
            "--reading: must be digits",
        ),
        (
            &["cellere", "meter", "--service", "gas", "good.png", "--reading", "1.2.3"],
            "--reading: must be digits",
        ),
        (
            &["cellere", "meter", "--service", "gas", "good.png", "--reading", ""],
            "--reading: must not be empty",
        ),
        (
            &["facematch", "--vendor", "cellere", "good.png", "anim.gif"],
            "second image (anim.gif): must be JPEG or PNG or BMP or PDF, but is GIF by its content",
        ),
        (
            &["facematch", "--vendor", "cellere", "text.jpg", "good.png"],
            "first image (text.jpg): must be JPEG",
        ),
        (
            &["facematch", "--vendor", "cellere", "--cpf", "529.982.247-25"],
            "--cpf: Cellere portal does not support it",
        ),
        (
            &["facematch", "--vendor", "cellere", "--max-false-accept-rate", "1/500"],
            "--max-false-accept-rate: Cellere portal does not support it",
        ),
        (
            &["facematch", "--vendor", "cellere", "--reference", "order-1"],
            "--reference: Cellere portal does not support it",
        ),
        (
            // A token of the portal.
            &[
                "facematch",
                "--resume",
                "kyc1.eyJ2IjoiY2VsbGVyZS1wb3J0YWwiLCJvIjoiZmFjZW1hdGNoIiwiciI6ZmFsc2UsImkiOiIxIn0",
            ],
            "--resume: Cellere portal does not support it",
        ),
    ];
    for (arguments, line) in table {
        let run = desk.run(arguments).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{arguments:?}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {run:?}");
        assert!(run.stderr.starts_with(&format!("error: {line}")), "{arguments:?}: {run:?}");
        assert!(run.stderr.ends_with("; nothing was sent\n"), "{arguments:?}: {run:?}");
        assert!(!run.says("52998224726") && !run.says("529.982"), "{run:?}");
    }
    assert_eq!(cellere_requests(&sandbox), 0);
    let run = desk.run(&["facematch", "--vendor", "cellere", "doc.pdf", "good.png"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[tokio::test]
async fn an_image_that_is_not_recommended_can_be_submitted() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("narrow.png", png(149));
    let desk = desk.with("KYC_CLEARSALE_ACCEPT_ANY_IMAGE", "true");
    let run = desk.run(&["facematch", "narrow.png", "narrow.png"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[tokio::test]
async fn wrong_usage_exits_with_2() {
    let desk = Desk::new();
    for arguments in [
        &["facematch", "one.png"][..],
        &["facematch", "1", "2", "3"],
        &["facematch", "--timeout", "0"],
        &["facematch", "--max-false-accept-rate", "0"],
        &["facematch", "--max-false-accept-rate", "1/0"],
        &["facematch", "--max-false-accept-rate", "high"],
        &["facematch", "--resume", "kyc1.x", "--cpf", "1"],
        &["facematch", "--client-secret", "x"],
        &["facematch", "--vendor", "serpro"],
        &["cellere", "background"],
        &["cellere", "background", "--cpf", "1", "--cnpj", "1"],
        &["document", "a.png"],
        &["document", "--type", "cng", "a.png"],
        &["cellere", "document", "--type", "rg", "--other-type", "rg-v2", "a.png"],
        &["cellere", "meter", "a.png"],
        &["cellere", "meter", "--link", "https://example.com/a.png"],
        &["cellere", "meter", "--service", "steam"],
        &["cellere", "meter", "--service", "gas", "a.png", "--link", "https://example.com/a.png"],
        &["cellere", "meter", "--service", "gas", "--base64", "--link", "https://example.com/a.png"],
        &["cellere", "background", "--token", "x"],
        &["face"],
        &[],
    ] {
        let run = desk.run(arguments).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {run:?}");
    }
}

#[tokio::test]
async fn bad_input_as_json() {
    let run = Desk::new().run(&["facematch", "--json", "none.png", "none.png"]).await;
    let error = &run.json()["error"];
    assert_eq!(
        (run.code, error["kind"].as_str(), error["delivery"].as_str()),
        (Some(3), Some("invalid_input"), Some("not_sent"))
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("first image (none.png): does not exist"))
    );
    assert!(error["operation_token"].is_null());
}

#[tokio::test]
async fn wrong_usage_as_json() {
    let desk = Desk::new().with("LANG", "pt_BR.UTF-8");
    let run = desk.run(&["facematch", "--json", "--bogus"]).await;
    let error = run.json()["error"].take();
    assert_eq!((run.code, error["kind"].as_str()), (Some(2), Some("wrong_usage")), "{run:?}");
    assert_eq!(error["message"], "unexpected argument '--bogus'");
}
