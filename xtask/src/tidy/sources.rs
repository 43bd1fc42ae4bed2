//! Rules about the sources of libraries, which are parsed.

use std::path::Path;

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::{Violation, crates, is_vendor, read};

/// Types that print whatever they hold, besides `Vec<u8>`.
const PLAIN: &[&str] = &["String", "str", "Bytes", "Value", "HeaderMap", "PathBuf", "Uri", "Url"];

/// Types that hide what they hold.
const HIDING: &[&str] = &["Pii", "Secret"];

/// Unknown fields cannot be seen inside serde's flattened, untagged and internally tagged types.
const BLINDING: &[&str] = &["content", "flatten", "tag", "untagged"];

const EVERY_VENDOR: &str = "*";

/// A crate, a public type with a derived `Debug` and plain fields, and why it may print them.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        EVERY_VENDOR,
        "Config",
        "paths, addresses and scopes, which a user looks for in a log; secrets are `Secret`",
    ),
    ("bankly-kyc", "ClientBuilder", "scopes are Bankly's own names"),
    ("bankly-kyc", "NewWebhook", "the name that you give to a webhook, and Bankly's name of an event"),
    ("cellere-portal", "Endpoint", "a path of the portal"),
    ("cellere-portal", "Endpoints", "paths and field names of the portal"),
    ("cellere-portal", "MeterNames", "field names of the portal"),
    ("certiface", "ClientBuilder", "paths of the vendor"),
    ("certiface", "WebhookConfig", "addresses of the vendor"),
    ("kyc-br", "ConfigError", "names of files, keys and variables, never values"),
    ("kyc-br", "ConfigLoader", "the name of a file and of a profile"),
    ("kyc-br", "ConfigKey", "names and documentation of keys, never values"),
    ("kyc-core", "Advice", "the name of a configuration key"),
    ("kyc-core", "DecodeFailure", "a path with masked keys, and the name of a type"),
    ("kyc-core", "Decoded", "paths with masked keys; the value hides itself"),
    ("kyc-core", "Failure", "the name of a kind of failure"),
    ("kyc-core", "Intent", "a random reference of our own; the notes hide themselves"),
    ("kyc-core", "StepRecord", "the name of a step"),
    ("kyc-core", "UnknownField", "a path with masked keys"),
    ("kyc-core", "ValidationError", "a rule and its subject, in our words"),
    ("kyc-face", "WeightsError", "the name of a layer of ours"),
    ("kyc-sandbox", "Delivery", "a reference of the sandbox's own making"),
    ("kyc-sandbox", "RequestFilter", "names of the sandbox's vendors and operations"),
    ("kyc-sandbox", "RequestRecord", "a path without what a client wrote into it, and reasons in our words"),
    ("kyc-store", "StoreError", "the store's own words, paths and ids of keys, never content"),
    ("kyc-verify", "Asked", "the names of what is asked for, and why"),
    ("kyc-verify", "CaseReport", "the reference hides itself, and so does the applicant"),
    ("kyc-verify", "CheckPolicy", "keys of vendors, in the words of the policy's author"),
    ("kyc-verify", "CheckRule", "keys of vendors, in the words of the policy's author"),
    ("kyc-verify", "Decision", "the author's name for a version of the policy"),
    ("kyc-verify", "Handout", "the key of a vendor; what a kit needs hides itself"),
    ("kyc-verify", "Notice", "what the caller says of a notice, which holds nothing of a person"),
    ("kyc-verify", "PageOptions", "the name and the version of a program"),
    ("kyc-verify", "Policy", "what the author of the policy wrote"),
    ("kyc-verify", "PolicyError", "keys, lines and values of the policy, in its author's words"),
    ("kyc-verify", "Asked", "the names of a picture and of a cause, without anything of the person"),
    (
        "kyc-verify",
        "Record",
        "keys of vendors, names of steps, rules and checks; what is personal hides itself",
    ),
    ("kyc-verify", "Sentence", "words of the crate itself"),
    ("kyc-verify", "SqliteStoreBuilder", "the path of the file; keys hide themselves"),
    ("kyc-verify", "StepNotice", "the key of a vendor, and the name of a step"),
    ("kyc-verify", "VerifyError", "the key of a vendor"),
    ("kyc-verify", "VendorCheck", "the key of a vendor; the evidence hides itself"),
    ("kyc-webhook", "Filter", "names of webhooks and of types of events, in the operator's words"),
    ("kyc-webhook", "SqliteInboxBuilder", "the path of the file; keys hide themselves"),
    ("kyc-webhook", "InboxError", "the store's own words, paths and ids of keys, never content"),
];

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    for name in crates(files).filter(|name| files.contains(&format!("crates/{name}/src/lib.rs"))) {
        let folder = format!("crates/{name}/src/");
        let programs = [format!("{folder}main.rs"), format!("{folder}bin/")];
        let is_library = |file: &str| !programs.iter().any(|program| file.starts_with(program));
        for file in files.iter().filter(|file| file.starts_with(&folder) && file.ends_with(".rs")) {
            let parsed =
                syn::parse_file(&read(root, file)?).with_context(|| format!("cannot parse {file}"))?;
            let mut found = Faults { of: name, faults: Vec::new() };
            if is_library(file) {
                found.module_wide(&parsed.attrs);
            }
            found.visit_file(&parsed);
            violations.extend(found.faults.into_iter().map(|(line, what)| Violation::new(file, line, what)));
        }
    }
    Ok(())
}

/// What is found in one file of a crate.
struct Faults<'a> {
    of: &'a str,
    faults: Vec<(usize, String)>,
}

impl Faults<'_> {
    /// Clippy can demand a reason of such an attribute, but not forbid it.
    fn module_wide(&mut self, attributes: &[syn::Attribute]) {
        for attribute in attributes {
            if attribute.path().is_ident("allow") || attribute.path().is_ident("expect") {
                let what = "disables a lint for a whole module: disable it on the item that needs it";
                self.faults.push((attribute.span().start().line, what.to_owned()));
            }
        }
    }

    /// A public type with a derived `Debug` whose fields are plain text or bytes hides them by a type of kyc-core, or is an
    /// exception with a reason: types that print text cannot be forgotten, because every other type fails.
    fn printed<'f>(
        &mut self,
        visibility: &syn::Visibility,
        prints: bool,
        name: &syn::Ident,
        fields: impl Iterator<Item = &'f syn::Field>,
    ) {
        let is_public = matches!(visibility, syn::Visibility::Public(_));
        let is_excepted = EXCEPTIONS.iter().any(|(of, which, _)| {
            (*of == self.of || *of == EVERY_VENDOR && is_vendor(self.of)) && name == which
        });
        // The payloads of kyc-fixtures are documented examples.
        if !is_public || !prints || is_excepted || self.of == "kyc-fixtures" {
            return;
        }
        for field in fields.filter(|field| is_plain(&field.ty)) {
            let what = format!(
                "{name} derives Debug and prints this field: hide it by Pii, Secret or RedactedText, write Debug by hand, or \
                 list the type with a reason in xtask/src/tidy/sources.rs"
            );
            self.faults.push((field.ty.span().start().line, what));
        }
    }
}

impl<'ast> Visit<'ast> for Faults<'_> {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.printed(&item.vis, derives_debug(&item.attrs), &item.ident, item.fields.iter());
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let fields = item.variants.iter().flat_map(|variant| &variant.fields);
        self.printed(&item.vis, derives_debug(&item.attrs), &item.ident, fields);
        visit::visit_item_enum(self, item);
    }

    /// The macro adds the derives.
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        if item.path.segments.last().is_none_or(|name| name.ident != "response") {
            return;
        }
        match item.parse_body::<syn::ItemStruct>() {
            Ok(item) => {
                self.printed(&item.vis, true, &item.ident, item.fields.iter());
                item.attrs.iter().chain(item.fields.iter().flat_map(|field| &field.attrs)).for_each(
                    |attribute| {
                        self.blinding(attribute);
                    },
                );
            }
            Err(error) => {
                self.faults.push((error.span().start().line, "not a struct in response!".to_owned()))
            }
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        self.blinding(attribute);
    }
}

impl Faults<'_> {
    fn blinding(&mut self, attribute: &syn::Attribute) {
        let is_serde = attribute.path().is_ident("serde")
            || attribute.path().is_ident("cfg_attr") && has_word(tokens(attribute), &["serde"]).is_some();
        if !is_serde || !(is_vendor(self.of) || self.of == "kyc-core") {
            return;
        }
        if let Some(word) = has_word(tokens(attribute), BLINDING) {
            let what =
                format!("serde's {word}: unknown fields cannot be seen inside it; write a visitor instead");
            self.faults.push((attribute.span().start().line, what));
        }
    }
}

fn derives_debug(attributes: &[syn::Attribute]) -> bool {
    let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    derives.into_iter().any(|attribute| has_word(tokens(attribute), &["Debug"]).is_some())
}

fn tokens(attribute: &syn::Attribute) -> TokenStream {
    attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default()
}

/// Returns the first of some words in tokens, at any depth. Texts in quotes are no words.
fn has_word(tokens: TokenStream, words: &[&str]) -> Option<String> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident.to_string()).filter(|ident| words.contains(&ident.as_str())),
        TokenTree::Group(group) => has_word(group.stream(), words),
        _ => None,
    })
}

fn is_plain(field: &syn::Type) -> bool {
    struct Search(bool);

    impl<'ast> Visit<'ast> for Search {
        fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
            let name = segment.ident.to_string();
            if HIDING.contains(&name.as_str()) {
                return;
            }
            let is_bytes =
                || matches!(&segment.arguments, syn::PathArguments::AngleBracketed(of) if is_u8(of));
            self.0 |= PLAIN.contains(&name.as_str()) || name == "Vec" && is_bytes();
            visit::visit_path_segment(self, segment);
        }

        fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
            // A constant of ours.
            if reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static") {
                visit::visit_type_reference(self, reference);
            }
        }
    }

    fn is_u8(of: &syn::AngleBracketedGenericArguments) -> bool {
        matches!(of.args.first(), Some(syn::GenericArgument::Type(syn::Type::Path(path))) if path.path.is_ident("u8"))
    }

    let mut search = Search(false);
    search.visit_type(field);
    search.0
}
