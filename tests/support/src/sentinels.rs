//! Checks that private values are never printed: collects all output and searches it.

use std::error::Error;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use kyc_core::{ClientOptions, ReqwestTransport};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;
use wiremock::matchers::{any, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// All output so far.
#[derive(Clone, Debug, Default)]
pub struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    /// Collects all logs of the process at the finest level from now on: those of our crates and of the whole HTTP
    /// stack, by `tracing` or by `log`. Works once per process.
    pub fn by_the_process() -> Self {
        let all = Self::default();
        tracing_log::LogTracer::init().unwrap();
        all.subscriber().init();
        all
    }

    /// Collects the `tracing` logs of this thread while the guard lives.
    pub fn by_this_thread() -> (Self, impl Drop) {
        let all = Self::default();
        let guard = all.subscriber().set_default();
        (all, guard)
    }

    fn subscriber(&self) -> impl tracing_subscriber::util::SubscriberInitExt + use<> {
        let all = self.clone();
        let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false);
        subscriber.with_writer(move || all.clone()).finish()
    }

    /// Adds text that a program might print.
    pub fn add(&self, text: &str) {
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
    }

    /// Adds the `Debug` output of a value, in both of its forms.
    pub fn value(&self, value: &(impl fmt::Debug + ?Sized)) {
        self.add(&format!("{value:?} {value:#?}\n"));
    }

    /// Adds an error and its causes, in every form.
    pub fn error(&self, error: &(dyn Error + 'static)) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.add(&format!("{error} {error:?} {error:#?}\n"));
            next = error.source();
        }
    }

    /// Adds a value or an error.
    pub fn outcome<T: fmt::Debug, E: Error + 'static>(&self, outcome: Result<T, E>) {
        match outcome {
            Ok(value) => self.value(&value),
            Err(error) => self.error(&error),
        }
    }

    /// Returns the output so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// Checks that none of these texts was printed: as it is, in base64, in hexadecimal digits or as a list of bytes.
    pub fn hides<'a>(&self, hidden: impl IntoIterator<Item = &'a str>) {
        let text = self.text();
        for hidden in hidden {
            for disguise in disguises(hidden) {
                if let Some(at) = text.find(&disguise) {
                    let (from, to) = (at.saturating_sub(300), (at + 150).min(text.len()));
                    let around = String::from_utf8_lossy(&text.as_bytes()[from..to]);
                    panic!("{hidden} was printed: …{around}…");
                }
            }
        }
    }

    /// Checks that each of these sources printed something: otherwise [`hides`](Self::hides) proves nothing.
    pub fn heard(&self, talkers: &[&str]) {
        let text = self.text();
        for talker in talkers {
            assert!(text.contains(talker), "{talker} printed nothing");
        }
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Returns all forms in which a text might be printed. One of the three in base64 occurs whatever surrounds the text.
fn disguises(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut forms = vec![
        text.to_owned(),
        bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "),
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    ];
    for shift in 0..3 {
        // Complete groups of three bytes are encoded the same in any surroundings.
        let whole = bytes.get(shift..).unwrap_or_default();
        let whole = &whole[..whole.len() / 3 * 3];
        if whole.len() >= 6 {
            forms.push(STANDARD_NO_PAD.encode(whole));
        }
    }
    forms
}

/// A vendor's response, a success or a failure, with sentinels wherever they might occur.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Whether it also answers the calls that others depend on: logins, keys.
    pub from_the_start: bool,
}

impl Answer {
    /// Creates a response to the call under test.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, body: body.into(), from_the_start: false }
    }

    /// Creates a response to every call.
    pub fn first(status: u16, body: impl Into<String>) -> Self {
        Self { from_the_start: true, ..Self::new(status, body) }
    }

    /// Starts a vendor that responds so, with these headers, except at the paths in `usual`, which get their own body.
    pub async fn vendor(&self, usual: &[(&str, String)], headers: &[(&'static str, String)]) -> MockServer {
        let server = MockServer::start().await;
        for (path, body) in usual {
            let good = ResponseTemplate::new(200).set_body_string(body.as_str());
            Mock::given(path_regex(*path)).respond_with(good).mount(&server).await;
        }
        let rest = ResponseTemplate::new(self.status).set_body_string(self.body.as_str());
        let rest = headers.iter().fold(rest, |rest, (name, value)| rest.insert_header(*name, value.as_str()));
        Mock::given(any()).respond_with(rest).mount(&server).await;
        server
    }
}

/// Returns options for HTTP/1.1 and for HTTP/2 that keep each body and send nothing twice.
pub fn by_both_versions() -> [ClientOptions; 2] {
    let second = reqwest::Client::builder().no_proxy().http2_prior_knowledge();
    let second = second.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let options = || ClientOptions::new().keep_raw_bodies(true).max_attempts(1);
    [options(), options().transport(ReqwestTransport::from_client(second))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentinel_is_found_in_any_disguise() {
        let shown = |bytes: &[u8]| [format!("{bytes:?}"), String::from_utf8_lossy(bytes).into_owned()];
        for text in ["s3ntinel", "52998224725"] {
            let mut printed = disguises(text);
            for before in ["", "x", "xy"] {
                let whole = format!("{before}{text} and more");
                printed.push(STANDARD_NO_PAD.encode(&whole));
                printed.extend(shown(whole.as_bytes()));
            }
            for printed in printed {
                let all = Printed::default();
                all.add(&printed);
                let found = std::panic::catch_unwind(|| all.hides([text]));
                assert!(found.is_err(), "{text} in {printed}");
                all.hides(["an0ther"]);
            }
        }
    }

    #[test]
    fn logs_of_log_and_of_tracing_are_collected() {
        let all = Printed::by_the_process();
        let (own, guard) = Printed::by_this_thread();
        tracing::trace!("said by tracing");
        own.heard(&["said by tracing"]);
        drop(guard);
        tracing::trace!("said to all");
        log::trace!("said by log");
        all.heard(&["said to all", "said by log"]);
        assert!(std::panic::catch_unwind(|| all.heard(&["said by tracing"])).is_err());
    }
}
