//! A desk for `kyc verify`, its applicant, and what the sandbox counted.

use kyc_sandbox::{Sandbox, Scenario, samples};

use crate::support::*;

pub(crate) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(crate) const CPF: &str = "52998224725";

/// A desk whose environment has the sandbox's credentials and a key.
pub(crate) fn desk_at(sandbox: &Sandbox) -> Desk {
    let desk = Desk::at(sandbox).with("KYC_VERIFY_KEY", KEY);
    for (name, comment) in [("selfie.jpg", "selfie"), ("front.jpg", "front"), ("back.jpg", "back")] {
        desk.file(name, photograph(comment));
    }
    for frame in 1..=samples::FRAMES {
        desk.file(&format!("frame-{frame}.jpg"), photograph(&format!("frame {frame}")));
    }
    desk.file("policy.toml", all());
    desk
}

/// The sample photograph with a comment, so that no two are equal.
pub(crate) fn photograph(comment: &str) -> Vec<u8> {
    let (start, rest) = samples::A_2025.split_at(2);
    let length = u16::try_from(comment.len() + 2).expect("short").to_be_bytes();
    [start, &[0xFF, 0xFE], &length, comment.as_bytes(), rest].concat()
}

/// The policy of the sample, which asks every vendor.
pub(crate) fn all() -> String {
    include_str!("../../src/commands/verify/sample.toml")
        .replace("{SIMILARITIES}", "bankly = 0.95, cellere = 0.90, certiface = 0.90")
}

pub(crate) const PERSON: [&str; 6] =
    ["--cpf", CPF, "--name", "Maria Exemplo da Silva", "--birth-date", "1990-10-12"];
pub(crate) const PICTURES: [&str; 8] =
    ["--selfie", "selfie.jpg", "--front", "front.jpg", "--back", "back.jpg", "--document-kind", "rg"];
pub(crate) const CAPTURE: [&str; 5] =
    ["--capture", "frame-1.jpg", "frame-2.jpg", "frame-3.jpg", "frame-4.jpg"];

/// Verifies the applicant under the policy that asks all, unless other options say otherwise.
pub(crate) async fn verify(desk: &Desk, more: &[&str]) -> Run {
    let policy: &[&str] = if more.contains(&"--policy") { &[] } else { &["--policy", "policy.toml"] };
    let words = [&["verify"], &PERSON[..], &PICTURES, &CAPTURE, policy, more].concat();
    let run = desk.run(&words).await;
    assert!(!run.says(CPF) && !run.says("Exemplo") && !run.says("1990-10-12"), "{run:?}");
    run
}

/// Returns the id of the case of a run.
pub(crate) fn case_of(run: &Run) -> String {
    let text = format!("{}{}", run.stdout, run.stderr);
    let start = text.find("v_").expect("a case");
    text[start..start + 18].to_owned()
}

pub(crate) fn set(sandbox: &Sandbox, vendor: &'static str, outcome: &'static str) {
    sandbox.set_scenario(Scenario::new(vendor, outcome).cpf(CPF)).expect("a scenario");
}

pub(crate) fn paid(sandbox: &Sandbox) -> [u64; 4] {
    [
        sandbox.bankly().paid_calls(),
        sandbox.cellere().paid_calls(),
        sandbox.certiface().paid_calls(),
        sandbox.clearsale().paid_calls(),
    ]
}

/// Returns the one case that is open.
pub(crate) async fn open_case(desk: &Desk) -> String {
    let list = desk.run(&["verify", "ls", "--open", "--json"]).await.json();
    list["cases"][0]["case"].as_str().expect("a case").to_owned()
}
