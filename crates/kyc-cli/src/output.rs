//! What the person at the terminal, or the program behind the pipe, gets to see.

use std::borrow::Cow;
use std::error::Error as _;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kyc_core::{Delivery, Error, ErrorKind, FieldViolation, OperationId};
use serde::Serialize;

use crate::exit::Failure;

/// The longest piece of a vendor's text that is shown.
const MAX_SHOWN_CHARS: usize = 200;

/// The widest cell that others are aligned with.
const MAX_CELL_WIDTH: usize = 44;

/// What is told of a refusal field by field.
const MAX_VIOLATIONS: usize = 5;

const BANKLY_CERTIFICATE: &str = "Bankly wants the certificate that it issued to this client, with the key of the same: KYC_BANKLY_CERTIFICATE and \
                                  KYC_BANKLY_KEY, or certificate and key in kyc.toml";

/// Said of a call that may have been paid for, where there is nothing to ask by.
const MAY_BE_PAID: &str = "it may have been paid for, and cannot be asked about: see what the vendor counted before sending it again";

const MAY_HAVE_TAKEN_CREDITS: &str = "it may have taken credits, and cannot be asked about: see in the portal what is left before sending it again";

/// Said where what was begun could have been asked about again.
const IS_OVER: &str =
    "(not this time: the embedded sandbox ended with this command; `kyc sandbox` runs one that stays)";

/// One line beside the result.
pub(crate) fn note(line: &str) {
    // A closed stderr is no reason to stop.
    let _ = writeln!(io::stderr(), "{line}");
}

/// The result, in one piece.
pub(crate) fn result(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The result as one JSON object on one line.
pub(crate) fn json(value: &impl Serialize) -> io::Result<()> {
    result(&format!("{}\n", serde_json::to_string(value)?))
}

/// Names and values, aligned.
#[derive(Debug, Default)]
pub(crate) struct Rows(String);

impl Rows {
    pub(crate) fn row(mut self, name: &str, value: impl AsRef<str>) -> Self {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{name:<12} {}", value.as_ref());
        self
    }

    pub(crate) fn optional(self, name: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.row(name, value),
            None => self,
        }
    }

    /// Lines of several columns, indented, each column as wide as its longest cell if that is not very long.
    pub(crate) fn table<const N: usize>(mut self, lines: &[[String; N]]) -> Self {
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default().min(MAX_CELL_WIDTH)
        };
        let widths: [usize; N] = std::array::from_fn(width);
        for line in lines {
            let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
            let _ = writeln!(self.0, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        self
    }

    /// Says on the first line that no vendor was asked, and how the result came about.
    pub(crate) fn simulated(mut self, how: Option<&str>) -> Self {
        if let Some(how) = how {
            self.0.insert_str(0, &format!("{:<12} {how}\n", "SIMULATED"));
        }
        self
    }

    pub(crate) fn print(self) -> io::Result<()> {
        result(&self.0)
    }
}

/// A spinner on a terminal, nothing elsewhere. It leaves no trace.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(is_wanted: bool) -> Self {
        let target = if is_wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    pub(crate) fn say(&self, what: impl Into<Cow<'static, str>>) {
        self.0.set_message(what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Tells why there is no result: on stderr for a person, and on stdout as JSON if that was asked for.
pub(crate) fn fail(failure: &Failure, as_json: bool) {
    for line in lines(failure) {
        note(&line);
    }
    if as_json {
        // When stdout is gone the exit code still tells.
        let _ = json(&Failed { error: Told::of(failure) });
    }
}

fn lines(failure: &Failure) -> Vec<String> {
    let mut lines = vec![format!("error: {}", message(failure))];
    match failure {
        Failure::Client { error, is_over } => {
            lines.extend(error.source().map(|cause| format!("because: {}", scrub(&cause.to_string()))));
            lines.extend(error.vendor_message().map(|words| format!("the vendor says: {}", scrub(words))));
            // A certificate that is refused, or of which the TLS can make nothing: where to look is said nowhere else.
            if error.kind() == ErrorKind::Config && error.vendor() == bankly_kyc::VENDOR {
                lines.extend(error.source().map(|_| BANKLY_CERTIFICATE.to_owned()));
            }
            lines.extend(path_hint(error));
            if error.kind() == ErrorKind::Rejected {
                let is_new = |violation: &&FieldViolation| error.vendor_message() != Some(&violation.message);
                lines.extend(error.violations().iter().filter(is_new).take(MAX_VIOLATIONS).map(
                    |violation| {
                        format!("the vendor says: {}: {}", scrub(&violation.field), scrub(&violation.message))
                    },
                ));
            }
            match error.operation_id() {
                Some(id) => lines.extend(how_to_go_on(Some(error.kind()), id, *is_over)),
                None => lines.extend(without_id(error, *is_over)),
            }
        }
        Failure::Stopped { id: Some(id), is_over, .. } => lines.extend(how_to_go_on(None, id, *is_over)),
        Failure::Stopped { id: None, .. } => {}
        Failure::Input(_) | Failure::Setup(_) | Failure::System(_) => {}
    }
    lines
}

/// At Cellere our default path may be wrong, or the customer's options.
fn path_hint(error: &Error) -> Option<String> {
    let is_wrong_path = error.vendor() == cellere_portal::VENDOR
        && error.kind() == ErrorKind::Config
        && error.http_status() == Some(404);
    let operation = error.operation().filter(|_| is_wrong_path)?;
    Some(format!("the path that the portal gave you goes into kyc.toml: {operation} in [cellere.endpoints]"))
}

fn message(failure: &Failure) -> String {
    match failure {
        Failure::Client { error, .. } => error.to_string(),
        Failure::Input(what) => format!("{what}; nothing was sent"),
        Failure::Setup(what) => what.clone(),
        Failure::Stopped { what, .. } => (*what).to_owned(),
        Failure::System(error) => error.to_string(),
    }
}

/// What is left of a paid call, so that nobody pays twice.
fn how_to_go_on(kind: Option<ErrorKind>, id: &OperationId, is_over: bool) -> Vec<String> {
    if id.vendor() == clearsale_facematch::VENDOR.name() {
        return how_to_go_on_with_clearsale(kind, id, is_over);
    }
    match command_without_id(id) {
        Some(command) => vec![if is_over { IS_OVER } else { command }.to_owned()],
        None if is_over => Vec::new(),
        None => vec![may_be_paid(id.vendor()).to_owned()],
    }
}

fn how_to_go_on_with_clearsale(kind: Option<ErrorKind>, id: &OperationId, is_over: bool) -> Vec<String> {
    if id.is_reference() {
        let reference = printable(id.value());
        return vec![format!(
            "it may have been paid for: only the vendor's webhook completes it, with the reference {reference}"
        )];
    }
    match kind {
        Some(ErrorKind::InvalidInput | ErrorKind::Unsupported) => Vec::new(),
        Some(ErrorKind::Rejected | ErrorKind::NotFound) => {
            vec![format!("transaction {}", printable(id.value()))]
        }
        _ => {
            let command = format!("kyc facematch --resume {}", id.to_token());
            let mut lines = vec![format!("do not send it again; to ask for the result: {command}")];
            if is_over {
                lines.push(IS_OVER.to_owned());
            }
            lines
        }
    }
}

/// Of a call that has nothing to ask by. Paid calls of the three below have something: theirs without cost nothing.
fn without_id(error: &Error, is_over: bool) -> Option<String> {
    let has_ids =
        [certiface::VENDOR, bankly_kyc::VENDOR, clearsale_facematch::VENDOR].contains(&error.vendor());
    (!has_ids && error.may_have_landed() && !is_over).then(|| may_be_paid(error.vendor().name()).to_owned())
}

fn may_be_paid(vendor: &str) -> &'static str {
    if vendor == cellere_portal::VENDOR.name() { MAY_HAVE_TAKEN_CREDITS } else { MAY_BE_PAID }
}

/// How to go on with what is kept in a file. Its id is not told: Certiface knows a journey by its appkey, Bankly a picture
/// by the CPF with it.
fn command_without_id(id: &OperationId) -> Option<&'static str> {
    if id.vendor() == certiface::VENDOR.name() {
        return Some("to see how far the journey is: kyc certiface result");
    }
    let is_bankly = id.vendor() == bankly_kyc::VENDOR.name();
    is_bankly.then_some("to see how far the pictures are: kyc bankly status")
}

#[derive(Serialize)]
struct Failed {
    error: Told,
}

#[derive(Serialize)]
struct Told {
    kind: &'static str,
    delivery: &'static str,
    message: String,
    vendor_message: Option<String>,
    reference: Option<String>,
    operation_token: Option<String>,
}

impl Told {
    fn of(failure: &Failure) -> Self {
        let (kind, delivery, error, id) = match failure {
            Failure::Client { error, .. } => {
                (error.kind().name(), error.delivery().name(), Some(error), error.operation_id())
            }
            Failure::Input(_) => (ErrorKind::InvalidInput.name(), Delivery::NotSent.name(), None, None),
            Failure::Setup(_) => (ErrorKind::Config.name(), Delivery::NotSent.name(), None, None),
            Failure::Stopped { id, delivery, .. } => ("interrupted", delivery.name(), None, id.as_ref()),
            Failure::System(_) => ("other", Delivery::Unknown.name(), None, None),
        };
        let id = id.filter(|id| id.vendor() == clearsale_facematch::VENDOR.name());
        Self {
            kind,
            delivery,
            message: message(failure),
            vendor_message: error.and_then(Error::vendor_message).map(scrub),
            reference: id.filter(|id| id.is_reference()).map(|id| id.value().to_owned()),
            operation_token: id.map(OperationId::to_token),
        }
    }
}

/// Text from elsewhere, made fit for a terminal: nothing that moves the cursor or turns the writing direction.
pub(crate) fn visible(text: &str) -> String {
    text.chars().filter(|&character| !is_invisible(character)).collect()
}

/// [`visible`], and no longer than a terminal bears.
pub(crate) fn printable(text: &str) -> String {
    let mut characters = text.chars().filter(|&character| !is_invisible(character));
    let mut shown: String = characters.by_ref().take(MAX_SHOWN_CHARS).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// A share from 0 to 1, with one decimal place at most.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}

/// A vendor's words, which may repeat a key or a CPF: [`printable`], and words hidden that begin as a JWT does, and
/// numbers of six and more digits, also where dots, dashes, slashes and spaces stand between the digits.
pub(crate) fn scrub(text: &str) -> String {
    let text = visible(text);
    let without_key =
        |word: &'_ str| word.find("eyJ").map_or(word.to_owned(), |at| format!("{}…", &word[..at]));
    let text = text.split(' ').map(without_key).collect::<Vec<_>>().join(" ");
    let mut shown = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(char::is_numeric) {
        let (before, from_digit) = rest.split_at(start);
        let end = from_digit
            .find(|character: char| !character.is_numeric() && !matches!(character, '.' | '-' | '/' | ' '))
            .unwrap_or(from_digit.len());
        // What is between the last digit and the next word belongs to the word.
        let number = from_digit[..end].trim_end_matches(['.', '-', '/', ' ']);
        let is_long = number.chars().filter(|character| character.is_numeric()).count() >= 6;
        shown.push_str(before);
        shown.push_str(if is_long { "…" } else { number });
        rest = &from_digit[number.len()..];
    }
    shown.push_str(rest);
    printable(&shown)
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_elsewhere_are_harmless() {
        assert_eq!(scrub("CPF 52998224725 inválido"), "CPF … inválido");
        assert_eq!(scrub("cpf 529.982.247-25."), "cpf ….");
        assert_eq!(scrub("erro 12345 em 2 de 3"), "erro 12345 em 2 de 3");
        assert_eq!(scrub("appkey=eyJhbGciOiJIUzI1NiJ9.eyJjcGYiOiI1Mi.sig is over"), "appkey=… is over");
        assert_eq!(scrub("a\x1b[31mred\r\n\u{202E}b"), "a[31mredb");
        assert_eq!(scrub("529\u{200B}982\x07247"), "…");
        assert_eq!(scrub(&"ã".repeat(300)).chars().count(), MAX_SHOWN_CHARS + 1);
        assert_eq!(scrub(""), "");
    }
    #[test]
    fn a_vendor_that_nobody_wrote_lines_for_has_its_own_words() {
        let toy = kyc_core::Vendor::new("toy-faces");
        let id = OperationId::by_reference(toy, "match", "");
        assert_eq!(how_to_go_on(None, &id, false), [MAY_BE_PAID]);
        assert!(how_to_go_on(None, &id, true).is_empty());
        let lost = Error::new(toy, ErrorKind::Transport, Delivery::Unknown, "the connection broke");
        assert_eq!(without_id(&lost, false).as_deref(), Some(MAY_BE_PAID));
        assert_eq!(without_id(&lost, true), None);
        let unsent = Error::new(toy, ErrorKind::Transport, Delivery::NotSent, "no connection");
        assert_eq!(without_id(&unsent, false), None);
    }
}
