//! Tests of the page that reports a case.

mod sample;

use kyc_verify::Language;
use kyc_verify::html::{PageOptions, page};
use kyc_verify::kyc_core::Timestamp;

use self::sample::{CPF, HOSTILE, NAME, Sample, case};

/// The kinds of cases, by name.
const KINDS: &[&str] = &[
    "approved",
    "review",
    "reviewed",
    "refused",
    "capture",
    "retake",
    "vendor",
    "alert",
    "forgotten",
    "hostile",
    "real",
];

const LANGUAGES: [Language; 2] = [Language::Portuguese, Language::English];

fn options(sample: &Sample, language: Language) -> PageOptions {
    PageOptions::new(language)
        .offers(&sample.verification.offers())
        .program("test", "1.2.3")
        .chain_hash(sample.chain_hash)
        .generated_at(Timestamp::parse("2026-11-28T09:00:00Z").expect("a time"))
}

fn written(sample: &Sample, language: Language) -> String {
    page(&sample.report, &options(sample, language))
}

/// Returns the visible text, one block a line, without what differs from run to run.
fn text(html: &str, sample: &Sample) -> String {
    let body = html.split_once("<body>").expect("a body").1;
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = tag.split_once('>').expect("a whole tag");
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        let is_end = tag.starts_with('/');
        match name {
            "h1" | "h2" | "h3" if !is_end => {
                let level = name[1..].parse().expect("a level");
                text.push_str(&format!("\n{} ", "#".repeat(level)));
            }
            "td" | "th" | "dd" if !is_end => text.push_str(" | "),
            "li" if !is_end => text.push_str("\n- "),
            "small" if !is_end => text.push_str(" / "),
            "p" | "tr" | "dt" | "pre" => text.push('\n'),
            "h1" | "h2" | "h3" | "caption" => text.push('\n'),
            _ => {}
        }
        rest = after;
    }
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let text = lines.collect::<Vec<_>>().join("\n");
    let hash: String = sample.chain_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    text.replace(&sample.report.case.to_string(), "v_CASE").replace(&hash, "CHAIN")
}

#[tokio::test]
async fn an_approved_case_is_told_in_this_order() {
    let sample = case("approved").await;
    insta::assert_snapshot!("approved_en", text(&written(&sample, Language::English), &sample));
    insta::assert_snapshot!("approved_pt", text(&written(&sample, Language::Portuguese), &sample));
}

#[tokio::test]
async fn a_review_tells_disputes_and_uncertain_calls() {
    let sample = case("reviewed").await;
    insta::assert_snapshot!("reviewed_en", text(&written(&sample, Language::English), &sample));
    insta::assert_snapshot!("reviewed_pt", text(&written(&sample, Language::Portuguese), &sample));
}

#[tokio::test]
async fn a_forgotten_case_tells_what_the_records_still_say() {
    let sample = case("forgotten").await;
    insta::assert_snapshot!("forgotten_en", text(&written(&sample, Language::English), &sample));
    insta::assert_snapshot!("forgotten_pt", text(&written(&sample, Language::Portuguese), &sample));
    for language in LANGUAGES {
        assert!(!written(&sample, language).contains(NAME));
    }
}

#[tokio::test]
async fn a_case_that_waits_is_told_as_undecided() {
    for (kind, state) in [
        ("capture", "waits for the person"),
        ("retake", "waits for the person"),
        ("vendor", "waits for a vendor"),
    ] {
        let sample = case(kind).await;
        let text = text(&written(&sample, Language::English), &sample);
        assert!(text.contains(&format!("Verification report\n{state}")), "{kind}: {text}");
        assert!(text.contains("nothing is decided yet"), "{kind}");
        // What opens the capture belongs to the person's device alone.
        assert!(!text.contains("secret-appkey"), "{kind}");
    }
}

#[tokio::test]
async fn an_alert_and_a_refusal_stand_first() {
    let alert = case("alert").await;
    let text_of_alert = text(&written(&alert, Language::English), &alert);
    assert!(text_of_alert.contains("Alert: after the approval bad news came about risk."), "{text_of_alert}");
    assert!(text_of_alert.contains("There is nothing to tell the person"), "{text_of_alert}");
    let refused = case("refused").await;
    let text = text(&written(&refused, Language::English), &refused);
    assert!(text.contains("Rule of the policy: The policy refuses this status of the CPF"), "{text}");
    assert!(text.contains("aurora: a death of the holder is recorded (deceased)"), "{text}");
}

#[tokio::test]
async fn no_page_shows_a_cpf() {
    let punctuated = "529.982.247-25";
    for kind in KINDS {
        let sample = case(kind).await;
        for language in LANGUAGES {
            let html = page(&sample.report, &options(&sample, language).pictures(true));
            assert!(!html.contains(CPF) && !html.contains(punctuated), "{kind}");
            assert!(*kind == "forgotten" || html.contains("•••.•••.•••-25"), "{kind}");
        }
    }
}

#[tokio::test]
async fn what_people_and_vendors_wrote_is_never_markup() {
    let sample = case("hostile").await;
    for language in LANGUAGES {
        let html = written(&sample, language);
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        // The name, said and read; the reference; who decided, and why.
        let escaped = HOSTILE.replace(CPF, "•••.•••.•••-25").replace('&', "&amp;").replace('<', "&lt;");
        let escaped = escaped.replace('>', "&gt;").replace('"', "&quot;");
        assert!(html.matches(&escaped).count() >= 5, "{}", html.matches(&escaped).count());
    }
}

#[tokio::test]
async fn the_page_of_the_message_holds_the_message_alone() {
    for kind in KINDS {
        let sample = case(kind).await;
        for language in LANGUAGES {
            let html = written(&sample, language);
            let (_, rest) = html.split_once("<section id=\"message\"").expect("the section");
            let (section, _) = rest.split_once("</section>").expect("its end");
            let text = text(&format!("<body><p{section}"), &sample);
            let message = sample.report.message();
            let said = LANGUAGES.map(|language| {
                message.as_ref().map(|message| message.in_language(language).to_owned()).unwrap_or_default()
            });
            let mut left = text;
            for said in said.iter().filter(|said| !said.is_empty()) {
                assert!(left.contains(said), "{kind}");
                left = left.replace(said, "");
            }
            // Besides the message there is its title, or that there is none.
            assert!(left.lines().filter(|line| !line.trim().is_empty()).count() <= 2, "{kind}: {left}");
            for vendor in ["aurora", "boreal", "celeste", "delta"] {
                assert!(!left.contains(vendor), "{kind}");
            }
        }
    }
}

#[tokio::test]
async fn the_page_loads_nothing_and_has_pictures_only_when_asked() {
    let sample = case("approved").await;
    let html = written(&sample, Language::English);
    assert!(html.contains("content=\"default-src 'none'; style-src 'sha256-"), "{html}");
    for address in ["http:", "https:", "//", "url(", "@import", "<script", "onload"] {
        assert!(!html.contains(address), "{address}");
    }
    assert_eq!((html.matches(" href=").count(), html.matches(" src=").count()), (1, 0));
    let html = page(&sample.report, &options(&sample, Language::English).pictures(true));
    // A PDF is no picture.
    assert_eq!(html.matches("<img ").count(), 2);
    assert_eq!(html.matches(" src=\"data:image/").count(), 2);
}

#[tokio::test]
async fn every_section_is_in_both_languages() {
    for kind in KINDS {
        let sample = case(kind).await;
        let [portuguese, english] = LANGUAGES.map(|language| written(&sample, language));
        let sections = |html: &str| {
            let ids = html
                .split("<section id=\"")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
            ids.collect::<Vec<_>>()
        };
        assert_eq!(sections(&portuguese), sections(&english), "{kind}");
        let order = [
            "why",
            "checks",
            "unclear",
            "data",
            "timeline",
            "calls",
            "people",
            "message",
            "not-checked",
            "evidence",
            "policy",
        ];
        assert_eq!(sections(&english), order, "{kind}");
    }
}

#[tokio::test]
async fn a_case_with_real_vendors_is_not_called_simulated_and_tells_what_they_lack() {
    let sample = case("real").await;
    let html = written(&sample, Language::English);
    let text = text(&html, &sample);
    assert!(
        !text.to_lowercase().contains("simulated") && text.contains("Environment\n | real vendors"),
        "{text}"
    );
    for said in [
        "liveness: no configured vendor offers it as the policy wants it.",
        "risk: no configured vendor offers it as the policy wants it.",
        "Nothing independent of the applicant's own papers was asked about the face",
        "No capture shows that a living person was in front of the camera.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let simulated = case("approved").await;
    let html = written(&simulated, Language::English);
    assert!(!html.contains("Nothing independent") && html.contains("SIMULATED"), "{html}");
}
