//! Texts in both languages, and their width.

use kyc_sandbox::samples;

use crate::support::*;

const LANGUAGES: [&str; 2] = ["en", "pt"];

/// Each command and step.
const COMMANDS: [&str; 53] = [
    "",
    "background",
    "bankly",
    "bankly upload",
    "bankly status",
    "certiface",
    "certiface appkey",
    "certiface challenge",
    "certiface captcha",
    "certiface session",
    "certiface liveness",
    "certiface document",
    "certiface result",
    "completions",
    "config",
    "config show",
    "doctor",
    "inbox",
    "inbox dead",
    "inbox forget",
    "inbox key",
    "inbox ls",
    "inbox purge",
    "inbox replay",
    "inbox show",
    "inbox stats",
    "init",
    "listen",
    "trigger",
    "cellere",
    "cellere meter",
    "cellere background",
    "document",
    "facematch",
    "man",
    "preflight",
    "sandbox",
    "verify",
    "verify check",
    "verify decide",
    "verify export",
    "verify forget",
    "verify hold",
    "verify key",
    "verify ls",
    "verify policy",
    "verify policy check",
    "verify policy show",
    "verify policy test",
    "verify retain",
    "verify review",
    "verify show",
    "verify watch",
];

fn words<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    command.split_whitespace().chain(more.iter().copied()).collect()
}

/// Returns the first line that is wider than the terminal although it has a place to break.
fn too_wide(text: &str, columns: usize) -> Option<&str> {
    let is_command = |line: &str| line.contains('`') || line.trim_start().starts_with("kyc ");
    text.lines().find(|line| line.chars().count() > columns && line.trim().contains(' ') && !is_command(line))
}

#[tokio::test]
async fn no_help_is_wider_than_the_terminal() {
    for columns in ["60", "80"] {
        let desk = Desk::new().with("COLUMNS", columns);
        for lang in LANGUAGES {
            let commands: Vec<_> =
                COMMANDS.iter().map(|command| words(command, &["--help", "--lang", lang])).collect();
            for (command, run) in commands.iter().zip(desk.run_all(&commands).await) {
                assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{command:?}");
                let wide = too_wide(&run.stdout, columns.parse().expect("a number"));
                assert_eq!(wide, None, "{command:?} at {columns} columns");
            }
        }
    }
}

#[tokio::test]
async fn the_help_in_portuguese_has_no_words_of_the_parser() {
    let desk = Desk::new().with("LANG", "pt_BR.UTF-8");
    for option in ["--help", "-h"] {
        let commands: Vec<_> = COMMANDS.iter().map(|command| words(command, &[option])).collect();
        for (command, run) in commands.iter().zip(desk.run_all(&commands).await) {
            for word in [
                "Usage",
                "Options",
                "OPTIONS",
                "Arguments",
                "Commands",
                "COMMAND",
                "Print",
                "default:",
                "possible",
            ] {
                assert!(!run.says(word), "{command:?} says {word}: {}", run.stdout);
            }
            assert!(run.says("Uso: kyc") && run.says("Opções:") && run.says("Códigos de saída:"), "{run:?}");
        }
    }
}

#[tokio::test]
async fn wrong_usage_in_both_languages() {
    let table: [(&[&str], &str, &str); 10] = [
        (&["facematch", "--max-false-accept-rate", "5"], "must be 1/N, such as", "deve ser 1/N, como"),
        (&["facematch", "--bogus"], "unexpected argument '--bogus'", "argumento desconhecido: '--bogus'"),
        (&["facemach"], "unrecognized command 'facemach'", "comando desconhecido: 'facemach'"),
        (&["facemach"], "did you mean 'facematch'?", "você quis dizer 'facematch'?"),
        (&["facematch", "a"], "missing: <B>", "falta informar: <B>"),
        (
            &["facematch", "--timeout", "0"],
            "invalid value '0' for '--timeout",
            "valor inválido '0' para '--timeout",
        ),
        (&["facematch", "--timeout"], "a value is required for '--timeout", "falta o valor de '--timeout"),
        (
            &["facematch", "--resume", "x", "a", "b"],
            "cannot be used with '[A]'",
            "não pode ser usado com '[A]'",
        ),
        (&["--color", "never"], "a command is required: background", "falta o comando: background"),
        (
            &["--lang", "de", "facematch"],
            "invalid value 'de' for '--lang",
            "valor inválido 'de' para '--lang",
        ),
    ];
    let [english, portuguese] = ["C", "pt_BR.UTF-8"].map(|lang| Desk::new().with("LC_ALL", lang));
    for (arguments, en, pt) in table {
        for (desk, line) in [(&english, en), (&portuguese, pt)] {
            let run = desk.run(arguments).await;
            assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}: {run:?}");
            assert!(run.stderr.contains(line), "{line}: {run:?}");
        }
    }
}

/// The results of samples at both widths. What changes at each run is replaced.
#[tokio::test]
async fn results_in_both_languages() {
    let mut shown = String::new();
    for lang in LANGUAGES {
        for columns in ["60", "80"] {
            let desk = Desk::new().with("COLUMNS", columns);
            for command in
                ["facematch", "background --cpf 930.000.013-60", "bankly --cpf 92000001009", "certiface"]
            {
                let run = desk.run(&words(command, &["--lang", lang])).await;
                for output in [&run.stdout, &run.stderr] {
                    assert_eq!(too_wide(output, columns.parse().expect("a number")), None, "{run:?}");
                }
                shown.push_str(&format!("$ kyc {command} --lang {lang}    # {columns} columns\n"));
                shown.push_str(&constant(&format!("{}{}", run.stderr, run.stdout)));
                shown.push_str(&format!("[{}]\n\n", run.code.expect("a code")));
            }
        }
    }
    insta::assert_snapshot!(shown);
}

/// What the embedded sandbox saw on pictures, and what the vendor says of those that cannot be compared.
#[tokio::test]
async fn what_was_seen_on_pictures_in_both_languages() {
    let mut shown = String::new();
    for lang in LANGUAGES {
        for columns in ["60", "80"] {
            let desk = Desk::new().with("COLUMNS", columns);
            desk.file("a.jpg", samples::A_2025);
            desk.file("b.jpg", samples::B_2022);
            desk.file("both.jpg", both());
            desk.file("turned.jpg", turned());
            desk.file("spoilt.png", spoilt());
            desk.file("meter.png", samples::METER_DIGITAL);
            for command in [
                "facematch --sandbox a.jpg b.jpg",
                "facematch --sandbox --vendor cellere a.jpg b.jpg",
                "facematch --sandbox a.jpg meter.png",
                "facematch --sandbox both.jpg a.jpg",
                "facematch --sandbox a.jpg turned.jpg",
                "facematch --sandbox a.jpg spoilt.png",
                "facematch --sandbox --vendor cellere a.jpg meter.png",
            ] {
                let run = desk.run(&words(command, &["--lang", lang])).await;
                for output in [&run.stdout, &run.stderr] {
                    assert_eq!(too_wide(output, columns.parse().expect("a number")), None, "{run:?}");
                }
                shown.push_str(&format!("$ kyc {command} --lang {lang}    # {columns} columns\n"));
                shown.push_str(&constant(&format!("{}{}", run.stderr, run.stdout)));
                shown.push_str(&format!("[{}]\n\n", run.code.expect("a code")));
            }
        }
    }
    insta::assert_snapshot!(shown);
}

/// Both persons beside each other.
fn both() -> Vec<u8> {
    let [a, b] = [samples::A_2025, samples::B_2022].map(|sample| open(sample).thumbnail_exact(300, 360));
    let mut both = image::RgbImage::new(600, 360);
    image::imageops::replace(&mut both, &a.into_rgb8(), 0, 0);
    image::imageops::replace(&mut both, &b.into_rgb8(), 300, 0);
    encoded(&both.into(), image::ImageFormat::Jpeg)
}

fn turned() -> Vec<u8> {
    encoded(&open(samples::B_2022).rotate90(), image::ImageFormat::Jpeg)
}

fn spoilt() -> Vec<u8> {
    let mut bytes = encoded(&open(samples::B_2022), image::ImageFormat::Png);
    let middle = bytes.len() / 2;
    bytes[middle..middle + 2000].fill(0);
    bytes
}

fn open(sample: &[u8]) -> image::DynamicImage {
    image::load_from_memory(sample).expect("a sample")
}

fn encoded(image: &image::DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("memory");
    bytes.into_inner()
}

/// Replaces identifiers and times.
fn constant(text: &str) -> String {
    let word = |word: &str| {
        let is_id = word.len() == 36 && word.matches('-').count() == 4;
        if is_id { "ID".to_owned() } else { word.to_owned() }
    };
    let line = |line: &str| {
        if line.starts_with("time ") || line.starts_with("tempo ") {
            return format!("{} …", line.split(' ').next().unwrap_or_default());
        }
        line.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[tokio::test]
async fn the_help_in_both_languages() {
    let desk = Desk::new().with("COLUMNS", "60");
    for lang in LANGUAGES {
        let mut shown = String::new();
        for command in [
            "--help",
            "facematch --help",
            "certiface --help",
            "bankly upload --help",
            "listen --help",
            "inbox --help",
            "inbox replay --help",
            "trigger --help",
        ] {
            shown.push_str(&desk.run(&words(command, &["--lang", lang])).await.stdout);
            shown.push('\n');
        }
        insta::assert_snapshot!(format!("help_{lang}"), shown);
    }
}

/// Neither keys nor values of JSON are in the language of the user.
#[tokio::test]
async fn json_does_not_depend_on_the_language() {
    let desk = Desk::new();
    desk.file("a.jpg", samples::A_2014);
    for command in [
        "background --cpf 930.000.001-27",
        "background --cpf 123",
        "bankly --cpf 92000001009",
        "certiface",
        "facematch a.jpg none.jpg",
        "facematch a.jpg a.jpg",
        "document --type rg a.jpg",
        "certiface result",
        "inbox ls",
        "listen",
        "trigger",
        "trigger clearsale mach",
        "bankly upload --selfie a.jpg --cpf 52998224725",
    ] {
        let [en, pt] = LANGUAGES.map(|lang| words(command, &["--json", "--lang", lang]));
        let (en, pt) = (desk.run(&en).await, desk.run(&pt).await);
        assert_eq!(en.stdout, pt.stdout, "{command}");
        assert_eq!(en.code, pt.code, "{command}");
        en.json();
        assert!(en.code == Some(0) || en.stderr != pt.stderr || en.stderr.is_empty(), "{command}: {pt:?}");
    }
}

/// A library's text is English: it stands after what happened, whether anything was sent, and what to do.
#[tokio::test]
async fn an_error_of_a_library_in_portuguese() {
    let sandbox = sandbox().await;
    let desk = Desk::at(&sandbox).with("LANG", "pt_BR.UTF-8");
    desk.file("a.jpg", samples::A_2014);
    sandbox.cellere().set_credits(0);
    let run = desk.run(&["document", "--type", "rg", "a.jpg"]).await;
    assert_eq!(run.code, Some(6), "{run:?}");
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(
        lines[0],
        "erro: cellere-portal: créditos ou volume esgotados; o fornecedor respondeu; compre créditos ou \
         aumente o volume do contrato"
    );
    assert!(lines[1].starts_with("detalhe: cellere-portal "), "{run:?}");

    let lost = kyc_sandbox::Fault::close().after_effect();
    sandbox.cellere().set_credits(9);
    sandbox.cellere().fault(lost);
    let run = desk.run(&["document", "--type", "rg", "a.jpg"]).await;
    assert_eq!(run.code, Some(12), "{run:?}");
    assert!(run.says("não envie de novo") && run.says("pode ter consumido créditos"), "{run:?}");

    let gone = sandbox.cellere_url();
    sandbox.shutdown().await;
    let run = desk.run(&["document", "--type", "rg", "a.jpg"]).await;
    assert!(
        run.code == Some(7) && run.says("; nada foi enviado; tente novamente mais tarde\n"),
        "{gone}: {run:?}"
    );
}

#[tokio::test]
async fn colours_on_a_terminal_only_or_on_request() {
    let command = ["background", "--cpf", "930.000.013-60"];
    let plain = Desk::new().run(&command).await;
    assert!(!plain.says("\u{1b}"), "{plain:?}");
    let always = Desk::new().run(&[&command[..], &["--color", "always"]].concat()).await;
    assert!(always.stdout.contains("\u{1b}[31mDECEASED\u{1b}[0m     the holder"), "{always:?}");
    let forced = Desk::new().with("CLICOLOR_FORCE", "1");
    assert_eq!(forced.run(&command).await.stdout, always.stdout);
    for (desk, more) in [
        (Desk::new().with("CLICOLOR_FORCE", "1"), &["--color", "never"][..]),
        (Desk::new().with("CLICOLOR_FORCE", "1").with("NO_COLOR", "1"), &[]),
    ] {
        let run = desk.run(&[&command[..], more].concat()).await;
        assert!(!run.says("\u{1b}"), "{more:?}: {run:?}");
    }
    // Neither the JSON nor its errors.
    let json = Desk::new().run(&["background", "--cpf", "1", "--json", "--color", "always"]).await;
    assert!(
        !json.stdout.contains('\u{1b}') && json.stderr.starts_with("\u{1b}[1m\u{1b}[31merror"),
        "{json:?}"
    );
}
