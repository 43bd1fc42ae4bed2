//! The behaviour that all commands on Cellere's portal share.

use kyc_sandbox::cellere::Operation;
use kyc_sandbox::{Fault, Sandbox, samples};
use serde_json::json;
use test_support::sockets::Abrupt;
use tokio::io::AsyncReadExt as _;

use crate::support::*;

/// Each command with its required arguments.
const COMMANDS: [&[&str]; 5] = [
    &["cellere", "background", "--cpf", "529.982.247-25"],
    &["cellere", "background", "--cnpj", "93000001000117"],
    &["cellere", "document", "--type", "cnh", "a.jpg"],
    &["cellere", "meter", "--service", "gas", "m.png"],
    &["facematch", "--vendor", "cellere", "a.jpg", "a.jpg"],
];

fn with_images(desk: Desk) -> Desk {
    desk.file("a.jpg", samples::A_2014);
    desk.file("m.png", samples::METER_DIGITAL);
    desk
}

/// Runs each command with `--json`, all at the same time, and checks its failure.
async fn each_fails(desk: &Desk, code: i32, kind: &str, words: &str) -> Vec<Run> {
    let commands = COMMANDS.map(|command| [command, &["--json"]].concat());
    let runs = desk.run_all(&commands).await;
    for (command, run) in COMMANDS.into_iter().zip(&runs) {
        let output = run.json();
        assert_eq!(
            (run.code, output["error"]["kind"].as_str()),
            (Some(code), Some(kind)),
            "{command:?}: {run:?}"
        );
        assert!(run.stderr.contains(words), "{command:?}: {run:?}");
        // Neither a token to resume with nor personal data.
        assert!(output["error"]["operation_token"].is_null() && !run.says("529"), "{command:?}: {run:?}");
        assert!(!run.says("hunter2"), "{run:?}");
    }
    runs
}

#[tokio::test]
async fn each_command_costs_one_credit() {
    let sandbox = sandbox().await;
    let desk = with_images(Desk::at(&sandbox));
    for (count, command) in (1..).zip(COMMANDS) {
        let run = desk.run(command).await;
        assert_eq!((run.code, sandbox.cellere().paid_calls()), (Some(0), count), "{command:?}: {run:?}");
        assert!(run.says(&format!("(sandbox at {})", sandbox.cellere_url())), "{run:?}");
    }
}

#[tokio::test]
async fn an_unknown_token_exits_with_5() {
    let sandbox = sandbox().await;
    let desk = with_images(Desk::new())
        .with("KYC_CELLERE_BASE_URL", &sandbox.cellere_url())
        .with("KYC_CELLERE_TOKEN", "hunter2.hunter2.hunter2");
    each_fails(&desk, 5, "unauthenticated", "vendor message: Client is not registered\n").await;
    assert_eq!(sandbox.cellere().paid_calls(), 0);
}

#[tokio::test]
async fn no_credits_exits_with_6() {
    let sandbox = sandbox().await;
    sandbox.cellere().set_credits(0);
    let desk = with_images(Desk::at(&sandbox));
    each_fails(&desk, 6, "quota_exhausted", "buy credits").await;
}

#[tokio::test]
async fn an_unreachable_portal_exits_with_7() {
    let gone = sandbox().await;
    let desk = with_images(Desk::at(&gone));
    gone.shutdown().await;
    for run in each_fails(&desk, 7, "transport", "error: cellere-portal ").await {
        assert!(!run.says("used credits"), "nothing was sent: {run:?}");
    }
}

#[tokio::test]
async fn a_call_that_may_have_been_paid_for_is_reported() {
    let sandbox = sandbox().await;
    let desk = with_images(Desk::at(&sandbox));
    for (fault, kind) in [(Fault::close().after_effect(), "transport"), (Fault::truncated_json(), "decode")] {
        sandbox.cellere().fault(fault.times(5));
        each_fails(&desk, 12, kind, "\nthe call may have used credits, and the portal has no query for it")
            .await;
    }
    assert_eq!(cellere_requests(&sandbox), 10, "no call is sent again");
}

#[tokio::test]
async fn an_unknown_path_exits_with_4() {
    let sandbox = sandbox().await;
    let token = Sandbox::CELLERE_TOKEN;
    let url = sandbox.cellere_url();
    let desk = with_images(Desk::new());
    desk.file(
        "kyc.toml",
        format!(
            "[cellere]\ntoken = '{token}'\nbase_url = '{url}'\n[cellere.endpoints]\ndocument = '/x/{{document}}'\n\
             cpf = '/x'\ncnpj = '/x'\nmeter = '/x'\nfacematch = '/x'\n"
        ),
    );
    each_fails(&desk, 4, "config", " in [cellere.endpoints]\n").await;
    assert_eq!(cellere_requests(&sandbox), 0);
}

#[tokio::test]
async fn samples_are_sent_to_the_sandbox_only() {
    let (portal, desk) = portal_with(&json!({})).await;
    for command in [
        &["document"][..],
        &["cellere", "document", "--type", "rg"],
        &["cellere", "meter"],
        &["cellere", "meter", "--service", "gas"],
    ] {
        let run = desk.run(command).await;
        assert!(
            run.code == Some(3) && run.says("samples are sent to the sandbox only"),
            "{command:?}: {run:?}"
        );
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    }
    assert_eq!(portal.requests(), 0);

    // A sandbox of another program is also a sandbox.
    let sandbox = sandbox().await;
    for command in [&["document"][..], &["cellere", "meter"]] {
        let run = Desk::at(&sandbox).run(command).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    }
}

#[tokio::test]
async fn where_the_configuration_comes_from() {
    let (usual, other) = (sandbox().await, sandbox().await);
    let table = |head: &str, sandbox: &Sandbox| {
        let url = sandbox.cellere_url();
        format!("[{head}]\ntoken = '{}'\nbase_url = '{url}'\n", Sandbox::CELLERE_TOKEN)
    };
    let desk = with_images(Desk::new());
    desk.file("kyc.toml", table("cellere", &usual) + &table("profile.other.cellere", &other));
    for command in COMMANDS {
        let run = desk.run(command).await;
        assert_eq!(run.code, Some(0), "{command:?}: {run:?}");
        let run = desk.run(&[command, &["--profile", "other"]].concat()).await;
        assert_eq!(run.code, Some(0), "{command:?}: {run:?}");
        let run = desk.run(&[command, &["--profile", "none"]].concat()).await;
        assert_eq!(run.stderr, "error: kyc.toml has no table [profile.none.…]\n", "{command:?}: {run:?}");
        assert_eq!(run.code, Some(4), "{run:?}");
    }
    let paid = (usual.cellere().paid_calls(), other.cellere().paid_calls());
    assert_eq!(paid, (COMMANDS.len() as u64, COMMANDS.len() as u64));
}

#[tokio::test]
async fn an_unusable_configuration_exits_with_4_and_leaks_nothing() {
    let alone = |name: &str, value: &str| Desk::new().with(name, value);
    let file = |content: &str| {
        let desk = Desk::new();
        desk.file("kyc.toml", content);
        desk
    };
    for desk in [
        alone("KYC_CELLERE_BASE_URL", "https://kyc.example"),
        alone("KYC_CELLERE_TOKEN", "hunter2").with("KYC_CELLERE_BASE_URL", "http://kyc.example"),
        alone("KYC_CELLERE_TOKEN", "hunter2").with("KYC_CELLERE_CPF_ENDPOINT", "PUT /hunter2"),
        alone("KYC_CELLERE_TOKEN", "hunter2\n2"),
        file("[cellere]\ntoken = hunter2\n"),
        file("[cellere]\nhunter2 = 'x'\n"),
        file("[cellere]\ntoken = 'hunter2'\n[cellere.endpoints]\nmeter = 'hunter2'\n"),
    ] {
        let desk = with_images(desk);
        for command in COMMANDS {
            let run = desk.run(command).await;
            assert_eq!((run.code, run.stderr.lines().count()), (Some(4), 1), "{command:?}: {run:?}");
            assert!(!run.says("hunter2"), "{run:?}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_reports_that_credits_may_have_been_used() {
    let sandbox = sandbox().await;
    let desk = with_images(Desk::at(&sandbox));
    for command in COMMANDS {
        sandbox.cellere().fault(Fault::hang().after_effect());
        let before = sandbox.cellere().paid_calls();
        let mut child = desk.command(&[command, &["--json"]].concat()).spawn().expect("it starts");
        while sandbox.cellere().paid_calls() == before {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        interrupt(&child).await;
        let mut output = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut output).await.expect("text");
        assert!(
            output.contains("interrupted ") && output.contains("the call may have used credits"),
            "{output}"
        );
        assert_eq!(child.wait().await.expect("it ends").code(), Some(12));
    }
}

#[tokio::test]
async fn a_broken_connection_exits_with_12() {
    let portal = Abrupt::start("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{").await;
    let desk = with_images(Desk::new())
        .with("KYC_CELLERE_BASE_URL", portal.url())
        .with("KYC_CELLERE_TOKEN", "hunter2");
    each_fails(&desk, 12, "transport", "the call may have used credits").await;
    assert_eq!(portal.requests(), COMMANDS.len() as u64);
}

#[tokio::test]
async fn operations_are_called_once_each() {
    let sandbox = sandbox().await;
    let desk = with_images(Desk::at(&sandbox));
    for command in COMMANDS {
        desk.run(command).await;
    }
    for operation in
        [Operation::Cpf, Operation::Cnpj, Operation::Document, Operation::Meter, Operation::FaceMatch]
    {
        assert_eq!(sandbox.cellere().requests(operation), 1, "{operation:?}");
    }
}
