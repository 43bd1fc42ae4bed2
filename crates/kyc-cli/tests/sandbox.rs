use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::support::*;

#[tokio::test]
async fn the_other_commands_can_use_it() {
    let mut child = Desk::new().command(&["sandbox"]).spawn().expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
    let ready = stdout.next_line().await.expect("a line").expect("a line");
    let url = ready.strip_prefix("kyc-sandbox ready on ").expect("the ready line");
    let url: reqwest::Url = format!("{url}/_sandbox/").parse().expect("an address");
    assert_eq!(url.host_str(), Some("127.0.0.1"));

    // Standard error contains everything that a client needs.
    let mut desk = Desk::new();
    let mut exported = Vec::new();
    let mut has_test_cpfs = false;
    while let Some(line) = stderr.next_line().await.expect("text") {
        if let Some((name, value)) = line.trim().strip_prefix("export ").and_then(|line| line.split_once('='))
        {
            desk = desk.with(name, value);
            exported.push(value.to_owned());
        }
        has_test_cpfs |= line.contains("90000000094  no match");
        if line.contains("Stop with Ctrl-C") {
            break;
        }
    }
    assert!(has_test_cpfs);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let summary = client.get(url).send().await.expect("a response").text().await.expect("text");
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("JSON");
    for (vendor, summary) in summary["vendors"].as_object().expect("vendors") {
        assert!(
            exported.iter().any(|value| summary["client_config"]["base_url"] == value.as_str()),
            "{vendor}"
        );
    }
    let run = desk.run(&["facematch", "--cpf", "90000000094"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{run:?}");
    let person = ["--cpf", "91000000192", "--name", "Maria da Silva", "--birth-date", "2001-11-15"];
    let run = desk.run(&[&["certiface", "appkey"][..], &person].concat()).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");

    let run = desk.run(&["background", "--cnpj", "93000010000108"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{run:?}");
    let run = desk.run(&["facematch", "--vendor", "cellere"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");

    std::fs::write(desk.path().join("me.jpg"), kyc_sandbox::samples::A_2025).expect("a file");
    let run = desk.run(&["bankly", "upload", "--cpf", "92000000100", "--selfie", "me.jpg"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");

    if cfg!(unix) {
        let id = child.id().expect("it runs").to_string();
        let interrupted = tokio::process::Command::new("kill").args(["-INT", &id]).status().await;
        assert!(interrupted.expect("kill runs").success());
        assert_eq!(child.wait().await.expect("it ends").code(), Some(0));
        assert_eq!(stdout.next_line().await.expect("text"), None, "the ready line is all");
    }
}

#[tokio::test]
async fn it_refuses_a_public_address_and_a_port_in_use() {
    let desk = Desk::new();
    let run = desk.run(&["sandbox", "--bind", "0.0.0.0"]).await;
    assert!(run.code == Some(4) && run.stderr.contains("--allow-non-loopback"), "{run:?}");
    let taken = sandbox().await;
    let run = desk.run(&["sandbox", "--port", &taken.addr().port().to_string()]).await;
    assert!(
        run.code == Some(4) && run.stderr.starts_with("error: cannot listen on 127.0.0.1, port "),
        "{run:?}"
    );
}

#[tokio::test]
async fn its_options_are_checked() {
    let desk = Desk::new();
    for wrong in [&["--port"][..], &["--port", "70000"], &["--bind", "localhost"], &["serve"], &["--serve"]] {
        let run = desk.run(&[&["sandbox"], wrong].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    }
    let help = desk.run(&["sandbox", "--help"]).await;
    assert!(help.stdout.starts_with("Runs a local sandbox"), "{help:?}");
    for option in ["--port <N>", "--bind <IP>", "--allow-non-loopback", "--bankly-tls <DIR>"] {
        assert!(help.stdout.contains(option), "{help:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_argument_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;

    let desk = Desk::new();
    let mut command = desk.command(&["sandbox"]);
    let output = command.arg(std::ffi::OsStr::from_bytes(b"\xff")).output().await.expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[tokio::test]
async fn it_writes_the_certificates_for_mutual_tls() {
    let desk = Desk::new();
    let mut child = desk.command(&["sandbox", "--bankly-tls", "pems"]).spawn().expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
    assert!(stdout.next_line().await.expect("a line").is_some(), "the ready line");
    for (name, label) in
        [("authority", "CERTIFICATE"), ("client", "CERTIFICATE"), ("client-key", "PRIVATE KEY")]
    {
        let path = desk.path().join("pems").join(format!("{name}.pem"));
        let pem = std::fs::read_to_string(&path).expect("written before the ready line");
        assert!(pem.starts_with(&format!("-----BEGIN {label}-----")), "{name}");
    }
    child.kill().await.expect("it ends");

    desk.file("taken", "");
    let run = desk.run(&["sandbox", "--bankly-tls", "taken"]).await;
    assert!(run.code == Some(4) && run.says("cannot write the certificates to taken"), "{run:?}");
}
