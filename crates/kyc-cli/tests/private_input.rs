//! Personal data that is not an argument, and files that are safe to read and write.

use std::process::Stdio;

use kyc_sandbox::clearsale::TestOutcome;
use kyc_sandbox::samples;

use crate::support::*;

/// Runs a command with a file as its standard input.
async fn run_with_stdin(desk: &Desk, arguments: &[&str], stdin: impl AsRef<[u8]>) -> Run {
    let file = std::fs::File::open(desk.file("stdin", stdin)).expect("the file");
    finish(desk.command(arguments).stdin(file).spawn().expect("it starts")).await
}

#[tokio::test]
async fn numbers_from_standard_input() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let run = run_with_stdin(&desk, &["background", "--cpf", "-"], "930.000.013-60\n").await;
    assert!(run.code == Some(1) && run.verdict().starts_with("DECEASED "), "{run:?}");
    let run = run_with_stdin(&desk, &["background", "--cnpj", "-"], " 93.ABC.001/0001-70 ").await;
    assert!(run.code == Some(0) && run.verdict().starts_with("ACTIVE "), "{run:?}");
    let run = run_with_stdin(&desk, &["facematch", "--cpf", "-"], cpf_for(TestOutcome::Level(0))).await;
    assert!(run.code == Some(1) && run.verdict().starts_with("NO MATCH "), "{run:?}");
    for command in [&["bankly", "--cpf", "-"][..], &["certiface", "--cpf", "-"]] {
        let (cpf, code) = if command[0] == "bankly" { ("92000001009", 10) } else { ("91000000273", 1) };
        let run = run_with_stdin(&desk, command, cpf).await;
        assert!(run.code == Some(code) && run.says("\nNOT "), "{run:?}");
    }
    for (stdin, line) in [
        (&b"52998224726"[..], "error: --cpf: check digits do not match; nothing was sent\n"),
        (b"", "error: --cpf: must have 11 digits"),
        (b"\xFF\xFE", "error: --cpf: is not UTF-8; nothing was sent\n"),
        (&[b' '; 70_000], "error: --cpf: must not be larger than 64 KiB; nothing was sent\n"),
    ] {
        let run = run_with_stdin(&desk, &["background", "--cpf", "-"], stdin).await;
        assert!(run.code == Some(3) && run.stderr.starts_with(line) && !run.says("529"), "{run:?}");
    }
}

#[tokio::test]
async fn images_from_standard_input() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    desk.file("a.jpg", samples::A_2014);
    let compare = ["facematch", "--vendor", "cellere", "-", "a.jpg"];
    let run = run_with_stdin(&desk, &compare, samples::B_2022).await;
    assert!(run.code == Some(1) && run.says("\nimages       standard input, a.jpg\n"), "{run:?}");
    let run = run_with_stdin(&desk, &["document", "--type", "rg", "-"], samples::A_2025).await;
    assert!(run.code == Some(0) && run.says("\nimage        standard input\n"), "{run:?}");
    let run =
        run_with_stdin(&desk, &["cellere", "meter", "--service", "gas", "-"], samples::METER_ANALOG).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let upload = ["bankly", "upload", "--cpf", "92000000100", "--selfie", "-"];
    let run = run_with_stdin(&desk, &upload, samples::A_2025).await;
    assert_eq!(run.code, Some(0), "{run:?}");

    let run = run_with_stdin(&desk, &["document", "--type", "rg", "-"], "this is not an image").await;
    assert!(
        run.code == Some(3) && run.stderr.starts_with("error: image (standard input): must be "),
        "{run:?}"
    );
    let run = run_with_stdin(&desk, &["facematch", "-", "-"], samples::A_2025).await;
    let line =
        "error: second image (standard input): standard input can be used only once; nothing was sent\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), line), "{run:?}");
}

#[tokio::test]
async fn a_person_from_a_file() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let person = r#"{"cpf": "910.000.001-92", "name": "Quitéria Sentinela", "birth_date": "15/11/2001"}"#;
    desk.file("person.json", person);
    let run = desk.run(&["certiface", "appkey", "--person", "person.json"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    let run = run_with_stdin(&desk, &["certiface", "appkey", "--force", "--person", "-"], person).await;
    assert_eq!((run.code, sandbox.certiface().appkeys().len()), (Some(0), 2), "{run:?}");

    for (content, line) in [
        (r#"{"cpf": "91000000192"}"#, "must be a JSON object with cpf, name and birth_date"),
        (
            r#"{"cpf": "91000000193", "name": "hunter2", "birth_date": "2001-11-15"}"#,
            "cpf: check digits do not match",
        ),
        (r#"{"cpf": "91000000192", "name": " ", "birth_date": "2001-11-15"}"#, "name: must not be empty"),
        (
            r#"{"cpf": "91000000192", "name": "hunter2", "birth_date": "hunter2"}"#,
            "birth_date: must be a calendar day",
        ),
        ("hunter2", "must be a JSON object with cpf, name and birth_date"),
    ] {
        desk.file("person.json", content);
        let run = desk.run(&["certiface", "appkey", "--force", "--person", "person.json"]).await;
        assert_eq!((run.code, run.stderr.lines().count()), (Some(3), 1), "{run:?}");
        assert!(run.stderr.starts_with(&format!("error: --person (person.json): {line}")), "{run:?}");
        assert!(!run.says("hunter2") && !run.says("9100000"), "{run:?}");
    }
    let run = desk.run(&["certiface", "appkey", "--force", "--person", "none.json"]).await;
    assert!(run.code == Some(3) && run.says("--person (none.json): does not exist"), "{run:?}");
    let both = ["certiface", "appkey", "--person", "person.json", "--cpf", "91000000192"];
    assert_eq!(desk.run(&both).await.code, Some(2));
}

/// A device has no end, and a pipe without a writer blocks.
#[cfg(unix)]
#[tokio::test]
async fn only_regular_files_of_limited_size_are_read() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let pipe =
        tokio::process::Command::new("mkfifo").arg(desk.path().join("pipe")).stdin(Stdio::null()).status();
    assert!(pipe.await.expect("mkfifo runs").success());
    let large = std::fs::File::create(desk.path().join("large")).expect("a file");
    large.set_len(2 * 1024 * 1024).expect("a sparse file");
    std::fs::create_dir(desk.path().join("folder")).expect("a folder");
    for (file, rule) in [
        ("/dev/zero", "is not a regular file"),
        ("pipe", "is not a regular file"),
        ("large", "must not be larger than 1 MiB"),
        ("folder", "is a directory, not a file"),
    ] {
        for (code, command) in [
            (4, &["background", "--cpf", "93000000127", "--config", file][..]),
            (4, &["facematch", "--config", file]),
            (3, &["certiface", "result", "--journey", file]),
            (3, &["bankly", "status", "--onboarding", file]),
            (3, &["certiface", "appkey", "--person", file]),
        ] {
            let run = desk.run(command).await;
            assert_eq!((run.code, run.stderr.lines().count()), (Some(code), 1), "{command:?}: {run:?}");
            assert!(run.stderr.contains(rule), "{command:?}: {run:?}");
        }
        let bankly = Desk::new()
            .with("KYC_BANKLY_CLIENT_ID", "me")
            .with("KYC_BANKLY_CERTIFICATE", &desk.path().join(file).to_string_lossy())
            .with("KYC_BANKLY_KEY", &desk.path().join(file).to_string_lossy());
        bankly.file("me.jpg", samples::A_2025);
        let run = bankly.run(&["bankly", "upload", "--cpf", "92000000100", "--selfie", "me.jpg"]).await;
        assert!(run.code == Some(4) && run.stderr.contains(rule), "{file}: {run:?}");
    }
}

#[tokio::test]
async fn a_folder_that_is_too_large_is_not_read() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let person = ["--cpf", "91000000192", "--name", "Maria", "--birth-date", "2001-11-15"];
    assert_eq!(desk.run(&[&["certiface", "appkey"][..], &person].concat()).await.code, Some(0));
    for folder in ["flat", "faces/1"] {
        std::fs::create_dir_all(desk.path().join(folder)).expect("a folder");
        for number in 1..=3 {
            let path = desk.path().join(folder).join(format!("{number}.jpg"));
            std::fs::File::create(path).expect("a file").set_len(40 * 1024 * 1024).expect("a sparse file");
        }
    }
    for folder in ["flat", "faces"] {
        let run = desk.run(&["certiface", "captcha", folder]).await;
        let line = format!("error: {folder}: contains more than 64 MiB of files; nothing was sent\n");
        assert_eq!((run.code, run.stderr), (Some(3), line));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_written_through_a_link() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox);
    let target = desk.file("target", "untouched");
    let person = ["--cpf", "91000000192", "--name", "Maria", "--birth-date", "2001-11-15"];
    std::fs::create_dir(desk.path().join("out")).expect("a folder");
    let links = ["out/1-face.png", "out/1-words.png", "journey.json", "straight.jpg"];
    for link in links {
        std::os::unix::fs::symlink(&target, desk.path().join(link)).expect("a link");
    }
    let journey = ["--journey", "journey.json"];
    let appkey = [&["certiface", "appkey", "--force"][..], &person, &journey].concat();
    let challenge = [&["certiface", "challenge", "--out", "out"][..], &journey].concat();
    desk.file("id.jpg", samples::A_2025);
    let document = ["cellere", "document", "--type", "rg", "id.jpg", "--deskewed", "straight.jpg"];
    for command in [&appkey[..], &challenge, &document] {
        let run = desk.run(command).await;
        assert_eq!(run.code, Some(0), "{command:?}: {run:?}");
    }
    assert_eq!(std::fs::read_to_string(&target).expect("the target"), "untouched");
    for link in links {
        let metadata = std::fs::symlink_metadata(desk.path().join(link)).expect("the file");
        assert!(metadata.is_file(), "{link}");
    }
}

#[tokio::test]
async fn the_interval_of_a_wait() {
    let clock = kyc_core::VirtualClock::frozen();
    let sandbox = kyc_sandbox::Sandbox::builder().clock(clock).start().await.expect("a free port");
    let desk = Desk::at(&sandbox);
    desk.file("me.jpg", samples::A_2025);
    let upload = ["bankly", "upload", "--cpf", "92000000100", "--selfie", "me.jpg"];
    assert_eq!(desk.run(&upload).await.code, Some(0));
    let before = sandbox.bankly().status_requests();
    let run = desk.run(&["bankly", "status", "--wait", "1", "--interval", "60"]).await;
    // At the sandbox's own interval there are at least five: one every 200 ms.
    let queries = sandbox.bankly().status_requests() - before;
    assert!(run.code == Some(11) && queries <= 3, "{queries}: {run:?}");
    let run = desk.run(&["bankly", "status", "--interval", "60"]).await;
    assert_eq!(run.code, Some(2), "it requires --wait: {run:?}");
}
