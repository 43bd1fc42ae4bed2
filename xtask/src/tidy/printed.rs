//! What a derived `Debug` prints. A public type whose fields are plain text or bytes must hide them by a type of kyc-core, or is
//! listed here with the reason: the list of types that print text cannot be forgotten, because every other type fails.

use std::path::Path;

use anyhow::Result;

use super::{Violation, crates, line_at, read};

/// Types that print whatever they hold.
const PLAIN: &[&str] = &["String", "str", "Bytes", "Value", "HeaderMap", "PathBuf", "Uri", "Url", "Vec<u8>"];

/// Types that hide what they hold.
const HIDING: &[&str] = &["Pii<", "Secret<"];

/// A crate, a public type with a derived `Debug` and plain fields, and why it may print them.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("bankly-kyc", "ClientBuilder", "scopes are Bankly's own names"),
    (
        "bankly-kyc",
        "Config",
        "paths, addresses and scopes, which a user looks for in a log; secrets are `Secret`",
    ),
    ("bankly-kyc", "NewWebhook", "the name that you give to a webhook, and Bankly's name of an event"),
    ("cellere-portal", "Config", "an address, which a user looks for in a log; the token is `Secret`"),
    ("cellere-portal", "Endpoint", "a path of the portal"),
    ("cellere-portal", "Endpoints", "paths and field names of the portal"),
    ("cellere-portal", "MeterNames", "field names of the portal"),
    ("certiface", "ClientBuilder", "paths of the vendor"),
    ("certiface", "WebhookConfig", "addresses of the vendor"),
    ("certiface", "Config", "addresses, which a user looks for in a log; secrets are `Secret`"),
    ("clearsale-facematch", "Config", "an address, which a user looks for in a log; secrets are `Secret`"),
    ("kyc-br", "ConfigError", "names of files, keys and variables, never values"),
    ("kyc-br", "ConfigLoader", "the name of a file and of a profile"),
    ("kyc-core", "Advice", "the name of a configuration key"),
    ("kyc-core", "DecodeFailure", "a path with masked keys, and the name of a type"),
    ("kyc-core", "Decoded", "paths with masked keys; the value hides itself"),
    ("kyc-core", "UnknownField", "a path with masked keys"),
    ("kyc-core", "ValidationError", "a rule and its subject, in our words"),
    ("kyc-sandbox", "Delivery", "a reference of the sandbox's own making"),
];

pub(super) fn check(root: &Path, files: &[String], violations: &mut Vec<Violation>) -> Result<()> {
    for name in crates(files).filter(|name| files.contains(&format!("crates/{name}/src/lib.rs"))) {
        // Its payloads are documented examples.
        if name == "kyc-fixtures" {
            continue;
        }
        let folder = format!("crates/{name}/src/");
        for file in files.iter().filter(|file| file.starts_with(&folder) && file.ends_with(".rs")) {
            let text = read(root, file)?;
            let is_excepted = |of: &str| EXCEPTIONS.iter().any(|(by, which, _)| *by == name && *which == of);
            for (line, of, field) in plain_fields(&text).into_iter().filter(|(_, of, _)| !is_excepted(of)) {
                let what = format!(
                    "{of} derives Debug and prints `{field}`: hide it by Pii, Secret or RedactedText, write Debug by hand, or \
                     list the type with a reason in xtask/src/tidy/printed.rs"
                );
                violations.push(Violation::new(file, line, what));
            }
        }
    }
    Ok(())
}

/// Returns the line, the type and the field of each plain field of a public type with a derived `Debug`.
fn plain_fields(text: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("#[derive(") {
        let Some((derived, rest)) = text[at..].split_once(")]") else { continue };
        if !derived.contains("Debug") {
            continue;
        }
        let start = at + derived.len() + ")]".len();
        let Some((of, body, offset)) = item(rest) else { continue };
        for (line_offset, line) in lines(body) {
            let line = line.split("//").next().unwrap_or_default().trim();
            if !line.starts_with('#') && is_plain(line) {
                found.push((line_at(text, start + offset + line_offset), of.to_owned(), line.to_owned()));
            }
        }
    }
    found
}

/// Returns the name of the public type that follows its attributes, its body, and where the body begins.
fn item(rest: &str) -> Option<(&str, &str, usize)> {
    let is_attribute = |line: &str| {
        line.trim().is_empty() || line.trim_start().starts_with(['#', '/']) || line.starts_with(' ')
    };
    let (at, head) = lines(rest).find(|(_, line)| !is_attribute(line))?;
    let named = ["pub struct ", "pub enum "].iter().find_map(|mark| head.strip_prefix(mark))?;
    let name = named.split(|character: char| !character.is_alphanumeric() && character != '_').next()?;
    let open = at + rest[at..].find(['{', '(', ';'])?;
    let end = match rest.as_bytes()[open] {
        b'{' => open + rest[open..].find("\n}")?,
        b'(' => open + rest[open..].find(';')?,
        _ => return None,
    };
    Some((name, rest.get(open + 1..end)?, open + 1))
}

fn lines(body: &str) -> impl Iterator<Item = (usize, &str)> {
    body.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}

fn is_plain(field: &str) -> bool {
    let mut field = field.replace("&'static str", "");
    for hiding in HIDING {
        while let Some(at) = field.find(hiding) {
            let end = field[at..].find('>').map_or(field.len(), |end| at + end + 1);
            field.replace_range(at..end, "");
        }
    }
    PLAIN.iter().any(|plain| {
        field.match_indices(plain).any(|(at, _)| {
            let before = field[..at].chars().next_back();
            let after = field[at + plain.len()..].chars().next();
            let is_part = |near: Option<char>| near.is_some_and(|near| near.is_alphanumeric() || near == '_');
            !is_part(before) && !is_part(after)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::plain_fields;

    #[test]
    fn plain_fields_of_public_types_are_found() {
        let fields = |text: &str| -> Vec<String> {
            plain_fields(text).into_iter().map(|(line, of, field)| format!("{line} {of} {field}")).collect()
        };
        let text = "\
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct A {
    /// A String.
    pub one: Option<String>,
    pub two: Pii<String>,
    three: &'static str,
    #[serde(with = \"String\")]
    four: RedactedText,
}
#[derive(Debug)]
pub enum B {
    One(Vec<(String, u8)>),
    Two(Lenient<bool>),
}
#[derive(Debug)]
pub struct C(Vec<u8>);
#[derive(Clone)]
pub struct D(String);
#[derive(Debug)]
struct E(String);
";
        let wanted = ["5 A pub one: Option<String>,", "13 B One(Vec<(String, u8)>),", "17 C Vec<u8>)"];
        assert_eq!(fields(text), wanted);
    }
}
