//! What every page has: the head, the navigation, and the texts about a form that was sent.

use kyc_core::ValidationError;
use maud::{DOCTYPE, Markup, html};

use super::words::{Lang, Words};
use super::{Section, View};

pub(super) fn page(view: &View, section: Section, error: Option<&ValidationError>) -> Markup {
    let words = view.words;
    let of_section = section.words(words);
    let body = section.body(view);
    html! {
        (DOCTYPE)
        html lang=(words.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (of_section.title) " · kyc-sandbox" }
                link rel="icon" href="/console/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/console/assets/console.css";
                script src="/console/assets/console.js" defer {}
            }
            body data-copied=(words.parts.copied) data-offline=(words.parts.offline)
                data-section=(section.name())
            {
                a.skip href="#main" { (words.parts.skip) }
                (header(view, section))
                main #main tabindex="-1" {
                    h1 { (of_section.title) }
                    (notice(view, error))
                    p.lead { (of_section.lead) }
                    p #summary.summary aria-live="polite" { (body.live.summary) }
                    p #offline.notice.bad role="status" hidden {}
                    (body.forms)
                    div #live { (body.live.content) }
                    (body.rest)
                }
                (footer(view))
                p #said.hidden role="status" {}
            }
        }
    }
}

fn header(view: &View, section: Section) -> Markup {
    let words = view.words;
    html! {
        header {
            div.bar {
                a.brand href="/" { "kyc-sandbox" }
                nav.languages aria-label=(words.parts.language) { (languages(view, section)) }
            }
            nav.sections aria-label=(words.parts.sections) {
                ul {
                    @for each in Section::ALL {
                        li {
                            a href=(each.path()) aria-current=[(each == section).then_some("page")] {
                                (each.words(words).title)
                            }
                        }
                    }
                }
            }
        }
    }
}

fn languages(view: &View, section: Section) -> Markup {
    html! {
        @for lang in Lang::ALL {
            a href=(format!("{}?lang={}", section.path(), lang.code())) lang=(lang.tag()) hreflang=(lang.tag())
                aria-current=[(lang == view.words.lang).then_some("true")] aria-label=(lang.name())
            { (lang.code().to_uppercase()) }
        }
    }
}

/// What became of a form.
fn notice(view: &View, error: Option<&ValidationError>) -> Markup {
    let Words { parts, done, .. } = view.words;
    html! {
        @if let Some(error) = error {
            p #error.notice.bad role="alert" { (parts.refused) " " span lang="en" { (error.to_string()) } }
        } @else if let Some(said) = done.named(view.fields.text("done")) {
            p #done.notice.good role="status" { (said) }
        }
    }
}

fn footer(view: &View) -> Markup {
    let words = view.words.parts;
    html! {
        footer {
            p { (words.unofficial) }
            p {
                a href="/_sandbox/" { (words.control) } " · "
                a href=(concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/crates/kyc-sandbox/README.md")) {
                    (words.documentation)
                }
            }
        }
    }
}
