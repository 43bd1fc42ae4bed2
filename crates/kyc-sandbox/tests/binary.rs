use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::*;

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_kyc-sandbox"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary starts")
}

#[tokio::test]
async fn it_prints_one_line_and_serves_until_interrupted() {
    let mut child = start(&["--port", "0"]);
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut ready = String::new();
    stdout.read_line(&mut ready).await.expect("a line");
    let url =
        ready.strip_prefix("kyc-sandbox ready on ").and_then(|rest| rest.strip_suffix('\n')).expect("ready");
    assert!(url.starts_with("http://127.0.0.1:"));
    let (status, summary) =
        read(client().get(format!("{url}/_sandbox/")).send().await.expect("a response")).await;
    assert_eq!(
        (status, summary["vendors"]["clearsale"]["client_config"]["client_id"].as_str()),
        (200, Some("sandbox-client"))
    );

    // Standard error has the base URL of each vendor.
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let mut said = String::new();
    while !said.contains("help and state") {
        said += &lines.next_line().await.expect("text").expect("a line");
        said.push('\n');
    }
    for (vendor, summary) in summary["vendors"].as_object().expect("vendors") {
        let address = summary["client_config"]["base_url"].as_str().expect("an address");
        assert!(said.contains(&format!(": {address}\n")), "{vendor}: {said}");
    }

    if cfg!(unix) {
        let id = child.id().expect("it runs").to_string();
        let interrupted = Command::new("kill").args(["-INT", &id]).status().await.expect("kill runs");
        assert!(interrupted.success());
        assert!(child.wait().await.expect("it ends").success());
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).await.expect("the end");
        assert_eq!(rest, "");
    }
}

#[tokio::test]
async fn it_refuses_unknown_arguments_and_unsafe_addresses() {
    assert_eq!(start(&["--serve"]).wait().await.expect("it ends").code(), Some(2));
    assert_eq!(start(&["--bind", "0.0.0.0"]).wait().await.expect("it ends").code(), Some(1));
}
