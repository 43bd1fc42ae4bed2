//! Completions and manual pages.

use crate::support::*;

/// Commands and steps, as the help lists them.
async fn listed(desk: &Desk, command: &[&str]) -> Vec<String> {
    let run = desk.run(&[command, &["--help"]].concat()).await;
    let lines = run.stdout.lines().skip_while(|line| !["Commands:", "Steps:"].contains(line)).skip(1);
    let names = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn each_command_has_completions_and_a_manual_page() {
    let desk = Desk::new();
    let commands = listed(&desk, &[]).await;
    assert!(commands.contains(&"facematch".to_owned()) && commands.len() > 7, "{commands:?}");
    assert_eq!(desk.run(&["man", "pages"]).await.code, Some(0));
    let page = |name: &str| std::fs::read_to_string(desk.path().join("pages").join(name)).expect(name);
    assert!(page("kyc.1").contains(".TH kyc 1"));
    let pages = std::fs::read_dir(desk.path().join("pages")).expect("pages");
    assert!(pages.flatten().all(|page| !page.file_name().to_string_lossy().contains("help")));
    let mut scripts = Vec::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = desk.run(&["completions", shell]).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{shell}");
        scripts.push((shell, run.stdout));
    }
    for command in &commands {
        assert!(page(&format!("kyc-{command}.1")).contains(".SH OPTIONS"), "{command}");
        for (shell, script) in &scripts {
            assert!(script.contains(command.as_str()), "{shell} lacks {command}");
        }
        for step in listed(&desk, &[command.as_str()]).await {
            assert!(!page(&format!("kyc-{command}-{step}.1")).is_empty(), "{command} {step}");
            for (shell, script) in &scripts {
                assert!(script.contains(step.as_str()), "{shell} lacks {command} {step}");
            }
        }
    }
}

#[tokio::test]
async fn both_are_in_the_language_of_the_user() {
    let desk = Desk::new().with("LC_ALL", "pt_BR.UTF-8");
    let script = desk.run(&["completions", "fish"]).await;
    assert!(script.says("Compara duas imagens: mostram a mesma pessoa?"), "{script:?}");
    assert_eq!(desk.run(&["man", "pages"]).await.code, Some(0));
    let page = std::fs::read_to_string(desk.path().join("pages/kyc.1")).expect("a page");
    assert!(page.contains("Compara duas imagens"), "{page}");
    let run = desk.run(&["man", "/dev/null/x"]).await;
    assert!(
        run.code == Some(70) && run.stderr.starts_with("erro: /dev/null/x não pode ser gravado: "),
        "{run:?}"
    );
}
