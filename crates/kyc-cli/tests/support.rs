//! Runs the program and creates its input.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
pub(crate) use test_support::png;

use kyc_sandbox::clearsale::{Operation, TEST_CPFS, TestOutcome};
use kyc_sandbox::{Sandbox, cellere};
use serde_json::Value;
use tempfile::TempDir;
use test_support::sockets::Abrupt;
use tokio::process::{Child, Command};

/// The output of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Returns the JSON object after checking that its `outcome` is that of the exit code, without `outcome`.
    pub(crate) fn json(&self) -> Value {
        let mut object: Value = serde_json::from_str(&self.stdout).expect("one JSON object");
        let outcome = object.as_object_mut().and_then(|object| object.remove("outcome"));
        let code = self.code.expect("an exit code");
        let row = format!("| {code} | `{}` |", outcome.as_ref().and_then(Value::as_str).expect("an outcome"));
        assert!(include_str!("../README.md").contains(&row), "{row}: {self:?}");
        object
    }

    /// Returns the output after the line that says that the result is simulated.
    pub(crate) fn verdict(&self) -> &str {
        match self.stdout.split_once('\n') {
            Some((first, rest)) if first.starts_with("SIMULATED") => rest,
            _ => &self.stdout,
        }
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.stdout.contains(text) || self.stderr.contains(text)
    }

    /// Returns the token of the command that resumes a comparison.
    pub(crate) fn token(&self) -> &str {
        let (_, rest) = self.stderr.split_once("--resume ").expect("a command to resume");
        rest.split_whitespace().next().expect("a token")
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A working directory, and an environment without the variables of this process.
pub(crate) struct Desk {
    folder: TempDir,
    /// Where its runs keep their tokens.
    tokens: TempDir,
    variables: Vec<(String, String)>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let [folder, tokens] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let variables = vec![("KYC_TOKEN_CACHE".to_owned(), tokens.path().to_string_lossy().into_owned())];
        Self { folder, tokens, variables }
    }

    /// Adds the sandbox's credentials to the environment.
    pub(crate) fn at(sandbox: &Sandbox) -> Self {
        let variables = sandbox.env_vars().into_iter();
        variables.fold(Self::new(), |desk, (name, value)| desk.with(&name, &value))
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the directory in which its runs keep their tokens.
    pub(crate) fn tokens(&self) -> &Path {
        self.tokens.path()
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kyc"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Sockets do not work on Windows without it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        finish(self.start(arguments)).await
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("it starts")
    }

    /// Runs commands at the same time.
    pub(crate) async fn run_all(&self, commands: &[Vec<&str>]) -> Vec<Run> {
        let mut runs = Vec::new();
        for child in commands.iter().map(|arguments| self.start(arguments)).collect::<Vec<_>>() {
            runs.push(finish(child).await);
        }
        runs
    }
}

pub(crate) async fn finish(child: Child) -> Run {
    let output = tokio::time::timeout(Duration::from_secs(30), child.wait_with_output());
    output.await.expect("it ends").expect("it runs").into()
}

/// Starts a sandbox without delays.
pub(crate) async fn sandbox() -> Sandbox {
    let builder = Sandbox::builder()
        .bankly_analysis_delay(Duration::ZERO)
        .certiface_document_delay(Duration::ZERO)
        .clearsale_match_delay(Duration::ZERO);
    builder.start().await.expect("a free port")
}

pub(crate) fn requests(sandbox: &Sandbox) -> u64 {
    Operation::ALL.iter().map(|&operation| sandbox.clearsale().requests(operation)).sum()
}

/// Returns how many requests the sandbox's Cellere portal received.
pub(crate) fn cellere_requests(sandbox: &Sandbox) -> u64 {
    cellere::Operation::ALL.iter().map(|&operation| sandbox.cellere().requests(operation)).sum()
}

/// Starts a portal that always sends this response, and returns it with a desk whose environment names it.
pub(crate) async fn portal_with(json: &Value) -> (Abrupt, Desk) {
    let body = json.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let portal = Abrupt::start(head + &body).await;
    let desk = Desk::new().with("KYC_CELLERE_BASE_URL", portal.url()).with("KYC_CELLERE_TOKEN", "a.b.c");
    (portal, desk)
}

/// Sends the signal of Ctrl-C.
pub(crate) async fn interrupt(child: &Child) {
    let id = child.id().expect("it runs").to_string();
    let killed = Command::new("kill").args(["-INT", &id]).status().await.expect("kill runs");
    assert!(killed.success());
}

pub(crate) fn cpf_for(outcome: TestOutcome) -> &'static str {
    TEST_CPFS.iter().find(|test| test.outcome == outcome).expect("each outcome has its CPF").cpf
}

/// Returns a JPEG of 200 × 150 pixels without its end marker.
pub(crate) fn truncated_jpeg() -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 150, 0, 200, 1, 1, 0x11, 0];
    bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0x34]);
    bytes
}
