//! What a client needs, and calls to try.

use maud::{Markup, html};

use super::View;
use super::parts;
use super::section::{Body, Live};
use crate::client_config::ClientConfig;
use crate::vendor::{SandboxVendor, VendorInfo};

pub(super) fn body(view: &View) -> Body {
    let vendors: Vec<_> = view.console.vendors().collect();
    let forms = html! {
        nav.tabs aria-label=(view.words.parts.vendor) {
            ul {
                @for vendor in &vendors {
                    li { a href={ "#" (vendor.facts().key) } { (vendor.facts().title) } }
                }
            }
        }
        @for vendor in &vendors { (of_vendor(view, *vendor)) }
    };
    Body { forms, live: Live::default(), rest: html! {} }
}

/// The first call to try, for a page without a request.
pub(super) fn first_call(view: &View) -> Option<(&'static str, String)> {
    let root = &view.console.context.url;
    view.console.vendors().find_map(|vendor| (vendor.facts().calls)(root).into_iter().next())
}

fn of_vendor(view: &View, vendor: &dyn SandboxVendor) -> Markup {
    let (words, copy) = (&view.words.connect, view.words.parts);
    let info = VendorInfo::of(vendor, &view.console.context.url);
    let key = info.key;
    html! {
        section.card id=(key) aria-labelledby={ (key) "-title" } {
            h2 id={ (key) "-title" } { (info.title) }
            p { (words.base_url) ": " (parts::copyable_word(copy, &format!("{key}-url"), &info.url)) }
            p {
                a href={ "/_sandbox/openapi/" (key) ".json" } { (words.openapi) } " · "
                a href={ (env!("CARGO_PKG_REPOSITORY")) "/blob/main/docs/vendors/" (info.id) ".md" } {
                    (words.page)
                }
            }
            h3 { (words.configuration) }
            (parts::copyable(copy, &format!("{key}-env"), words.variables, &variables(&info.client_config)))
            (parts::copyable(copy, &format!("{key}-toml"), "kyc.toml", &info.client_config.to_toml()))
            (calls(view, vendor))
            (inputs(view, &info))
            @if !info.notes.is_empty() {
                h3 { (words.notes) }
                ul lang="en" { @for note in &info.notes { li { (note) } } }
            }
        }
    }
}

/// Lines for a shell. Quoted, because a value may have characters that a shell reads.
fn variables(config: &ClientConfig) -> String {
    let variables = config.env_vars().into_iter();
    variables.map(|(name, value)| format!("export {name}='{}'\n", value.replace('\'', r"'\''"))).collect()
}

fn calls(view: &View, vendor: &dyn SandboxVendor) -> Markup {
    let words = &view.words.connect;
    let key = vendor.facts().key;
    html! {
        h3 { (words.calls) }
        p.hint { (words.calls_hint) }
        @for (at, (name, shell)) in (vendor.facts().calls)(&view.console.context.url).iter().enumerate() {
            (parts::copyable(view.words.parts, &format!("{key}-call-{at}"), name, shell))
        }
    }
}

fn inputs(view: &View, info: &VendorInfo) -> Markup {
    let words = &view.words.connect;
    html! {
        h3 { (words.inputs) }
        details {
            summary { ((words.inputs_of)(info.test_inputs.len())) }
            dl.inputs {
                @for (at, input) in info.test_inputs.iter().enumerate() {
                    div {
                        dt {
                            span.kind { (input.kind.to_uppercase()) } " "
                            (parts::copyable_word(view.words.parts, &format!("{}-input-{at}", info.key), input.value))
                        }
                        dd lang="en" { (input.what) }
                    }
                }
            }
        }
    }
}
