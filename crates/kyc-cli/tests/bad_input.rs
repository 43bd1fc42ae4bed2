use crate::support::*;

/// What is refused, before a single request: each row is a name, the arguments and a piece of the line.
#[tokio::test]
async fn bad_input_is_one_line_and_no_request() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("good.png", png(200));
    desk.file("text.jpg", "hello, this is no picture");
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
            "first picture (text.jpg) must be JPEG or PNG, but is no known picture format",
        ),
        (
            &["good.png", "anim.gif"],
            "second picture (anim.gif) must be JPEG or PNG, but is GIF by its content",
        ),
        (
            &["good.png", "narrow.png"],
            "second picture (narrow.png) must be at least 150 pixels wide, but is 149",
        ),
        (&["cut.jpg", "good.png"], "first picture (cut.jpg) is a truncated JPEG: its end is missing"),
        (&["--any-picture", "cut.jpg", "good.png"], "first picture (cut.jpg) is truncated"),
        (&["good.png", "empty.png"], "second picture (empty.png) is empty"),
        (&["folder", "good.png"], "first picture (folder) is a directory, not a file"),
        (&["good.png", "huge.jpg"], "second picture (huge.jpg) must not be larger than 50 MiB"),
        (&["good.png", "missing.png"], "second picture (missing.png) does not exist"),
        (&["--cpf", "52998224726"], "--cpf check digits do not match"),
        (&["--cpf", "529"], "--cpf must be 11 digits"),
        (&["--min-level", "0"], "--min-level must be a level from 1 to 6"),
        (&["--min-level", "7"], "--min-level must be a level from 1 to 6"),
        (&["--min-level", "-1"], "--min-level must be a level from 1 to 6"),
        (&["--min-level", "high"], "--min-level must be a level from 1 to 6"),
        (&["--reference", &long], "--reference must have at most 100 characters, but has 101"),
        (&["--reference", ""], "--reference must not be empty"),
        (&["--resume", "kyc1.nonsense"], "--resume is not an operation token"),
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

#[tokio::test]
async fn what_is_not_recommended_can_be_sent_all_the_same() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("narrow.png", png(149));
    let run = desk.run(&["facematch", "--any-picture", "narrow.png", "narrow.png"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[tokio::test]
async fn wrong_usage_is_two() {
    let desk = Desk::new();
    for arguments in [
        &["facematch", "one.png"][..],
        &["facematch", "1", "2", "3"],
        &["facematch", "--deadline", "0"],
        &["facematch", "--resume", "kyc1.x", "--cpf", "1"],
        &["facematch", "--client-secret", "x"],
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
            .is_some_and(|text| text.starts_with("first picture (none.png) does not exist"))
    );
    assert!(error["operation_token"].is_null());
}
