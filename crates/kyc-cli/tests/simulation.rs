//! A simulated result is never mistaken for a real one.

use kyc_sandbox::samples;
use test_support::sockets::Abrupt;

use crate::support::*;

/// Each command with the user's own input, and the variables of its credentials.
const OWN_INPUT: [(&[&str], &str); 9] = [
    (
        &["facematch", "mine.jpg", "other.jpg"],
        "ClearSale Facematch credentials: set KYC_CLEARSALE_CLIENT_ID, KYC_CLEARSALE_CLIENT_SECRET",
    ),
    (
        &["facematch", "--cpf", "529.982.247-25"],
        "ClearSale Facematch credentials: set KYC_CLEARSALE_CLIENT_ID",
    ),
    (
        &["facematch", "--vendor", "cellere", "mine.jpg", "other.jpg"],
        "Cellere portal credentials: set KYC_CELLERE_TOKEN",
    ),
    (&["background", "--cpf", "529.982.247-25"], "Cellere portal credentials: set KYC_CELLERE_TOKEN"),
    (&["background", "--cnpj", "11.222.333/0001-81"], "Cellere portal credentials: set KYC_CELLERE_TOKEN"),
    (&["document", "--type", "rg", "mine.jpg"], "Cellere portal credentials: set KYC_CELLERE_TOKEN"),
    (
        &["cellere", "meter", "--service", "gas", "meter.png"],
        "Cellere portal credentials: set KYC_CELLERE_TOKEN",
    ),
    (
        &["cellere", "meter", "--service", "gas", "--link", "https://example.com/digital.jpg"],
        "Cellere portal credentials: set KYC_CELLERE_TOKEN",
    ),
    (
        &["cellere", "meter", "--service", "gas", "meter.png", "--base64"],
        "Cellere portal credentials: set KYC_CELLERE_TOKEN",
    ),
];

/// The commands that run on the embedded sandbox only.
const WHOLE: [&[&str]; 2] =
    [&["bankly", "--cpf", "529.982.247-25"], &["certiface", "--cpf", "529.982.247-25"]];

/// The steps, which cannot run on the embedded sandbox.
const STEPS: [&[&str]; 2] = [
    &["bankly", "upload", "--cpf", "529.982.247-25", "--selfie", "mine.jpg"],
    &["certiface", "appkey", "--cpf", "529.982.247-25", "--name", "Maria", "--birth-date", "2001-11-15"],
];

fn with_images(desk: Desk) -> Desk {
    desk.file("mine.jpg", samples::A_2025);
    desk.file("other.jpg", samples::B_2022);
    desk.file("meter.png", samples::METER_DIGITAL);
    desk
}

/// A vendor at which any request would be counted, and a desk with the credentials of a customer.
async fn vendor() -> (Abrupt, Desk) {
    let vendor = Abrupt::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
    let desk = [
        ("KYC_BANKLY_BASE_URL", vendor.url()),
        ("KYC_BANKLY_AUTH_URL", vendor.url()),
        ("KYC_BANKLY_CLIENT_ID", "me"),
        ("KYC_BANKLY_CLIENT_SECRET", "hunter2"),
        ("KYC_CELLERE_BASE_URL", vendor.url()),
        ("KYC_CELLERE_TOKEN", "a.b.c"),
        ("KYC_CERTIFACE_BASE_URL", vendor.url()),
        ("KYC_CERTIFACE_RESULT_BASE_URL", vendor.url()),
        ("KYC_CERTIFACE_LOGIN", "me"),
        ("KYC_CERTIFACE_PASSWORD", "hunter2"),
        ("KYC_CLEARSALE_BASE_URL", vendor.url()),
        ("KYC_CLEARSALE_CLIENT_ID", "me"),
        ("KYC_CLEARSALE_CLIENT_SECRET", "hunter2"),
    ]
    .into_iter()
    .fold(with_images(Desk::new()), |desk, (name, value)| desk.with(name, value));
    (vendor, desk)
}

fn begins_with_simulated(run: &Run) -> bool {
    run.stdout.starts_with("SIMULATED    no vendor was called: ") && run.stderr.starts_with("SIMULATED: ")
}

#[tokio::test]
async fn own_input_without_credentials_exits_with_4() {
    // An empty variable counts as missing.
    let empty = ["KYC_CELLERE_TOKEN", "KYC_CLEARSALE_CLIENT_ID", "KYC_CLEARSALE_CLIENT_SECRET"]
        .into_iter()
        .fold(with_images(Desk::new()), |desk, name| desk.with(name, ""));
    for desk in [with_images(Desk::new()), empty, with_images(Desk::new()).with("KYC_SANDBOX", "0")] {
        for (command, line) in OWN_INPUT {
            let run = desk.run(command).await;
            assert_eq!((run.code, run.stdout.as_str()), (Some(4), ""), "{command:?}: {run:?}");
            assert!(run.stderr.starts_with(&format!("error: no {line}")), "{command:?}: {run:?}");
            assert!(run.stderr.ends_with("add --sandbox for a simulated result\n"), "{command:?}: {run:?}");
        }
        for command in STEPS {
            let run = desk.run(command).await;
            assert_eq!((run.code, run.stdout.as_str()), (Some(4), ""), "{command:?}: {run:?}");
            assert!(run.stderr.contains(" credentials: set KYC_"), "{command:?}: {run:?}");
            assert!(run.stderr.contains("run `kyc sandbox` in another terminal"), "{command:?}: {run:?}");
        }
        for command in WHOLE {
            let run = desk.run(command).await;
            assert_eq!((run.code, run.stdout.as_str()), (Some(4), ""), "{command:?}: {run:?}");
            assert!(run.stderr.starts_with("error: --cpf: is not one of the sandbox's test CPFs"), "{run:?}");
            assert!(run.stderr.contains("add --sandbox") && !run.says("529"), "{run:?}");
        }
    }
}

#[tokio::test]
async fn a_similar_variable_is_reported_with_the_right_name() {
    for (name, right, command) in [
        ("KYC_CLEARSALE_CLIENTID", "KYC_CLEARSALE_CLIENT_ID", OWN_INPUT[0].0),
        ("KYC_CELLERE_TOKENS", "KYC_CELLERE_TOKEN", OWN_INPUT[3].0),
        ("KYC_BANKLY_CLIENT_IDS", "KYC_BANKLY_CLIENT_ID", STEPS[0]),
        ("KYC_CERTIFACE_LOGIM", "KYC_CERTIFACE_LOGIN", STEPS[1]),
    ] {
        let run = with_images(Desk::new()).with(name, "hunter2").run(command).await;
        let line = format!("{name} is not known (did you mean {right}?)");
        assert!(run.code == Some(4) && run.stderr.contains(&line) && !run.says("hunter2"), "{run:?}");
    }
    // The variable may be another program's.
    let run = with_images(Desk::new()).with("KYC_CELERE_TOKEN", "hunter2").run(OWN_INPUT[2].0).await;
    let line = "KYC_CELERE_TOKEN is not a known variable; did you mean KYC_CELLERE_*?\n";
    assert!(run.code == Some(4) && run.stderr.starts_with(line) && !run.says("hunter2"), "{run:?}");
    // Also where the credentials are right: this call would otherwise go to the wrong environment unnoticed.
    let sandbox = sandbox().await;
    let run = Desk::at(&sandbox).with("KYC_CLEARSALE_ENVIROMENT", "production").run(&["facematch"]).await;
    let line = "KYC_CLEARSALE_ENVIROMENT is not known (did you mean KYC_CLEARSALE_ENVIRONMENT?)";
    assert!(run.code == Some(4) && run.stderr.contains(line), "{run:?}");
}

#[tokio::test]
async fn the_requested_sandbox_takes_precedence_over_a_vendor() {
    let (vendor, desk) = vendor().await;
    let with = |command: &[&'static str], options: &[&'static str]| [command, options].concat();
    let commands = OWN_INPUT.map(|(command, _)| with(command, &["--sandbox", "--json"]));
    for (command, run) in commands.iter().zip(desk.run_all(&commands).await) {
        let report = run.json();
        assert_eq!(report["simulated"], true, "{command:?}: {run:?}");
        assert_eq!(report["environment"], "sandbox", "{command:?}: {run:?}");
    }
    let own_input = OWN_INPUT.iter().map(|(command, _)| *command).chain(WHOLE);
    let by_option: Vec<_> = own_input.clone().map(|command| with(command, &["--sandbox"])).collect();
    let by_variable: Vec<_> = own_input.map(<[_]>::to_vec).collect();
    let without_credentials = with_images(Desk::new()).with("KYC_SANDBOX", "1");
    for (desk, commands) in [(&desk, by_option), (&without_credentials, by_variable)] {
        for (command, run) in commands.iter().zip(desk.run_all(&commands).await) {
            assert!(matches!(run.code, Some(0 | 1)) && begins_with_simulated(&run), "{command:?}: {run:?}");
        }
    }
    for command in STEPS {
        let run = desk.run(&[command, &["--sandbox"]].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(4), ""), "{command:?}: {run:?}");
        assert!(
            run.stderr.starts_with("error: the sandbox was requested, but a vendor is configured"),
            "{run:?}"
        );
    }
    assert_eq!(vendor.requests(), 0);
}

#[tokio::test]
async fn samples_without_credentials_are_simulated() {
    let commands = [
        vec!["facematch"],
        vec!["facematch", "--cpf", "90000000094"],
        vec!["facematch", "--vendor", "cellere"],
        vec!["background", "--cpf", "930.000.001-27"],
        vec!["document"],
        vec!["cellere", "meter"],
        vec!["bankly"],
        vec!["certiface"],
    ];
    for (command, run) in commands.iter().zip(Desk::new().run_all(&commands).await) {
        assert!(matches!(run.code, Some(0 | 1)) && begins_with_simulated(&run), "{command:?}: {run:?}");
    }
}

#[tokio::test]
async fn sample_images_are_never_sent_to_a_vendor() {
    let (vendor, desk) = vendor().await;
    for command in [
        &["facematch"][..],
        &["facematch", "--cpf", "529.982.247-25"],
        &["facematch", "--cpf", "90000000094"],
        &["facematch", "--vendor", "cellere"],
        &["document"],
        &["cellere", "meter"],
    ] {
        let run = desk.run(command).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""), "{command:?}: {run:?}");
        assert!(
            run.stderr.contains("required with real credentials; samples are sent to the sandbox only"),
            "{command:?}: {run:?}"
        );
    }
    assert_eq!(vendor.requests(), 0);
}

/// Steps on a sandbox of another process are simulated, too.
#[tokio::test]
async fn each_step_on_a_sandbox_begins_with_simulated() {
    let sandbox = sandbox().await;
    let desk = with_images(Desk::at(&sandbox)).with("KYC_SANDBOX", "1");
    let person = ["--cpf", "91000000192", "--name", "Maria da Silva", "--birth-date", "2001-11-15"];
    let key = [&["certiface", "appkey"][..], &person].concat();
    // The flows 2D and 3D exclude each other: each has a key of its own.
    let another = [&key[..], &["--force"]].concat();
    let commands: [&[&str]; 8] = [
        &["bankly", "upload", "--cpf", "92000000100", "--selfie", "mine.jpg"],
        &["bankly", "status"],
        &key,
        &["certiface", "result"],
        &["certiface", "challenge"],
        &another,
        &["certiface", "session"],
        &["certiface", "document", "mine.jpg"],
    ];
    for command in commands {
        let run = desk.run(command).await;
        assert!(run.stdout.starts_with("SIMULATED    no vendor was called: "), "{command:?}: {run:?}");
    }
}

/// On a narrow terminal, lines break between words.
#[tokio::test]
async fn lines_break_between_words() {
    let words = |run: &Run| {
        let text = format!("{}{}", run.stderr, run.stdout);
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let commands = [
        vec!["background", "--cpf", "930.000.001-27"],
        vec!["certiface"],
        vec!["bankly"],
        vec!["document"],
        vec!["cellere", "meter"],
        vec!["facematch", "--vendor", "cellere", "mine.jpg", "mine.jpg"],
        vec!["facematch", "--help"],
    ];
    let whole = with_images(Desk::new()).run_all(&commands).await;
    for columns in [60, 80] {
        let desk = with_images(Desk::new()).with("COLUMNS", &columns.to_string());
        for (whole, run) in whole.iter().zip(desk.run_all(&commands).await) {
            for line in run.stdout.lines().chain(run.stderr.lines()) {
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
            // The query of a document has a random id.
            let varies = |word: &&String| word.contains('-') && word.len() == 36;
            let [one, other] = [words(whole), words(&run)]
                .map(|words| words.iter().filter(|word| !varies(word)).cloned().collect::<Vec<_>>());
            assert_eq!(one, other, "{columns}");
        }
    }
}
