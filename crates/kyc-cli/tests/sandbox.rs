use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout};

use crate::support::*;

/// A sandbox on a free port.
struct Running {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: Lines<BufReader<ChildStderr>>,
}

impl Running {
    fn start(desk: &Desk, options: &[&str]) -> Self {
        let mut child =
            desk.command(&[&["sandbox", "--port", "0"], options].concat()).spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
        let stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
        Self { child, stdout, stderr }
    }

    /// Returns the ready line.
    async fn ready(&mut self) -> String {
        self.stdout.next_line().await.expect("text").expect("a line")
    }

    async fn url(&mut self) -> String {
        self.ready().await.strip_prefix("kyc-sandbox ready on ").expect("the ready line").to_owned()
    }

    async fn line(&mut self) -> String {
        self.stderr.next_line().await.expect("text").expect("a line")
    }

    /// Returns the lines on standard error until the one about Ctrl-C.
    async fn introduction(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| !line.contains("Ctrl-C")) {
            lines.push(self.line().await);
        }
        lines
    }

    /// Stops it, and returns what it still says on standard error.
    #[cfg(unix)]
    async fn stop(mut self) -> Vec<String> {
        let id = self.child.id().expect("it runs").to_string();
        let interrupted = tokio::process::Command::new("kill").args(["-INT", &id]).status().await;
        assert!(interrupted.expect("kill runs").success());
        assert_eq!(self.child.wait().await.expect("it ends").code(), Some(0));
        assert_eq!(self.stdout.next_line().await.expect("text"), None, "the ready line is all");
        let mut rest = Vec::new();
        while let Some(line) = self.stderr.next_line().await.expect("text") {
            rest.push(line);
        }
        rest
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client")
}

/// Has a login refused.
async fn refused(url: &str) {
    let request = client().post(format!("{url}/clearsale/api/authentication/login"));
    let request = request.header("content-type", "application/json").body("{}");
    assert_eq!(request.send().await.expect("a response").status(), 400);
}

#[tokio::test]
async fn the_other_commands_can_use_it() {
    let mut running = Running::start(&Desk::new(), &[]);
    let url: reqwest::Url = running.url().await.parse().expect("an address");
    assert_eq!(url.host_str(), Some("127.0.0.1"));
    let port = url.port().expect("a port").to_string();
    let introduction = running.introduction().await;
    assert!(introduction.len() <= 11, "{introduction:?}");
    let command = format!("`kyc sandbox --env --port {port}`");
    assert!(introduction.iter().any(|line| line.ends_with(&command)), "{introduction:?}");

    let variables = Desk::new().run(&["sandbox", "--env", "--port", &port]).await;
    assert_eq!((variables.code, variables.stderr.as_str()), (Some(0), ""), "{variables:?}");
    let pairs = variables.stdout.lines().map(|line| line.split_once('=').expect("NAME=value"));
    let desk = pairs.clone().fold(Desk::new(), |desk, (name, value)| desk.with(name, value));
    let exported: Vec<_> = pairs.map(|(_, value)| value).collect();
    let url = url.join("/_sandbox/").expect("an address");
    let summary = client().get(url).send().await.expect("a response").text().await.expect("text");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    for (vendor, summary) in summary["vendors"].as_object().expect("vendors") {
        assert!(exported.iter().any(|value| summary["client_config"]["base_url"] == *value), "{vendor}");
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

    #[cfg(unix)]
    {
        let lines = running.stop().await;
        for operation in ["clearsale  login ", "certiface  appkey ", "cellere    cnpj ", "bankly     upload "]
        {
            assert!(lines.iter().any(|line| line.contains(operation)), "{operation}: {lines:?}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn each_request_has_a_line_and_a_refusal_its_reason() {
    let mut running = Running::start(&Desk::new(), &[]);
    let url = running.url().await;
    running.introduction().await;
    refused(&url).await;
    let (line, reason) = (running.line().await, running.line().await);
    let words: Vec<_> = line.split_whitespace().collect();
    let [time, vendor, operation, status, milliseconds, unit] = words[..] else { panic!("{line}") };
    assert_eq!((vendor, operation, status, unit), ("clearsale", "login", "400", "ms"));
    assert!(time.len() == 8 && time.matches(':').count() == 2, "{line}");
    assert!(milliseconds.parse::<u32>().is_ok(), "{line}");
    assert!(
        reason.starts_with("          clientId and clientSecret are required, as text; see https://"),
        "{reason}"
    );
    client().get(format!("{url}/clearsale/52998224725")).send().await.expect("a response");
    let rest = running.stop().await;
    assert!(rest[0].contains("GET /clearsale/…  404"), "{rest:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn quiet_prints_no_line_for_a_request() {
    let mut running = Running::start(&Desk::new(), &["--quiet"]);
    let url = running.url().await;
    running.introduction().await;
    refused(&url).await;
    assert_eq!(running.stop().await, Vec::<String>::new());
}

#[cfg(unix)]
#[tokio::test]
async fn json_prints_an_object_for_the_start_and_for_each_request() {
    let mut running = Running::start(&Desk::new(), &["--json", "--seed", "7"]);
    let ready: Value = serde_json::from_str(&running.ready().await).expect("JSON");
    let url = ready["url"].as_str().expect("a URL").to_owned();
    assert_eq!(ready["line"], "ready");
    assert_eq!(ready["vendors"][3], json!({ "vendor": "clearsale", "url": format!("{url}/clearsale") }));
    refused(&url).await;
    let rest = running.stop().await;
    let [line] = &rest[..] else { panic!("{rest:?}") };
    let request: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(
        (&request["line"], &request["operation"], &request["status"]),
        (&json!("request"), &json!("login"), &json!(400))
    );
    assert!(request["reason"].is_string() && request["number"] == 1, "{request}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_it_says_fits_a_narrow_terminal_in_both_languages() {
    for (columns, lang) in [(60, "en"), (60, "pt"), (80, "en"), (80, "pt")] {
        let desk = Desk::new().with("COLUMNS", &columns.to_string()).with("LANG", lang);
        let mut running = Running::start(&desk, &[]);
        let url = running.url().await;
        let mut lines = running.introduction().await;
        assert!(lines.len() <= 12, "{lines:?}");
        refused(&url).await;
        lines.extend(running.stop().await);
        for line in &lines {
            // A URL and a command to copy have no place to break.
            let breaks = line.trim().contains(' ') && !line.contains('`');
            assert!(line.chars().count() <= columns || !breaks, "{lang} {columns}: {line}");
        }
    }
}

#[tokio::test]
async fn the_variables_need_a_port() {
    let desk = Desk::new();
    let run = desk.run(&["sandbox", "--env"]).await;
    assert!(run.code == Some(0) && run.stdout.contains("=http://127.0.0.1:8750/"), "{run:?}");
    let run = desk.run(&["sandbox", "--env", "--port", "0"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{run:?}");
    assert!(run.stderr.starts_with("error: --env: needs a port"), "{run:?}");
    let run = desk.run(&["sandbox", "--env", "--quiet"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
}

#[tokio::test]
async fn it_refuses_a_public_address_and_a_port_in_use() {
    let desk = Desk::new();
    let run = desk.run(&["sandbox", "--port", "0", "--bind", "0.0.0.0"]).await;
    assert!(run.code == Some(4) && run.stderr.contains("--allow-non-loopback"), "{run:?}");
    let taken = sandbox().await;
    let run = desk.run(&["sandbox", "--port", &taken.addr().port().to_string()]).await;
    assert!(
        run.code == Some(4) && run.stderr.contains("it is in use; choose another with --port N"),
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
    for option in
        ["--port <N>", "--bind <IP>", "--allow-non-loopback", "--seed <N>", "--bankly-tls <DIR>", "--env"]
    {
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
    let mut running = Running::start(&desk, &["--bankly-tls", "pems"]);
    running.url().await;
    let introduction = running.introduction().await;
    assert!(
        introduction.iter().any(|line| line.contains("With mutual TLS: https://127.0.0.1:")),
        "{introduction:?}"
    );
    for (name, label) in
        [("authority", "CERTIFICATE"), ("client", "CERTIFICATE"), ("client-key", "PRIVATE KEY")]
    {
        let path = desk.path().join("pems").join(format!("{name}.pem"));
        let pem = std::fs::read_to_string(&path).expect("written before the ready line");
        assert!(pem.starts_with(&format!("-----BEGIN {label}-----")), "{name}");
    }
    running.child.kill().await.expect("it ends");

    desk.file("taken", "");
    let run = desk.run(&["sandbox", "--port", "0", "--bankly-tls", "taken"]).await;
    assert!(run.code == Some(4) && run.says("cannot write the certificates to taken"), "{run:?}");
}
