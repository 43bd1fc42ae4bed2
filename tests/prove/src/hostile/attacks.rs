//! What a hostile vendor sends.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::ATTEMPT;

/// One attack.
pub(crate) struct Attack {
    /// Also the first segment of the path that asks for it.
    pub(crate) name: &'static str,
    /// The body to send, for those that are a body.
    pub(crate) body: Option<fn() -> Vec<u8>>,
    /// Whether the body is sent packed.
    pub(crate) is_packed: bool,
    /// Whether it is below HTTP/2: bytes of a connection.
    pub(crate) is_raw: bool,
    pub(crate) conduct: Conduct,
}

/// How it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// At once.
    Whole,
    /// A byte each tenth of a second, without end.
    Drip,
    /// Blanks without end.
    Endless,
    /// Nothing at all.
    Silence,
    /// Half of what was announced.
    Cut,
    /// Headers without end.
    Headers,
    /// Interim responses without end.
    Interim,
}

pub(crate) const ATTACKS: &[Attack] = &[
    body("unknown-keys", || unknown_keys("")),
    body("two-spellings", || unknown_keys(r#""Status":null,"status":1,"IsMatch":null,"isMatch":true,"#)),
    body("misfit-list", || list("{\"list\":[", "\"x\"", "],\"isMatch\":[1],\"result\":{}}", 8)),
    packed("packed-objects", objects),
    packed("packed-objects-in-a-field", || {
        list("{\"result\":[", "{}", "],\"documents\":[],\"errors\":5}", 32)
    }),
    packed("packed-blanks", || vec![b' '; 200 * 1024 * 1024]),
    body("deep", || [vec![b'['; 500_000], vec![b']'; 500_000]].concat()),
    body("long-number", || format!("{{\"status\":{}}}", "9".repeat(1_000_000)).into_bytes()),
    body("lone-surrogates", || format!("{{\"status\":\"{}\"}}", r"\ud800".repeat(200_000)).into_bytes()),
    body("control-characters", || format!("{{\"status\":\"{}\"}}", "\u{1}".repeat(1_000_000)).into_bytes()),
    body("repeated-keys", || list("{\"a\":1,", "\"a\":null", "}", 8)),
    body("large-text", || format!("{{\"message\":\"{}\"}}", "x".repeat(30 * 1024 * 1024)).into_bytes()),
    conduct("drip", Conduct::Drip, false),
    conduct("endless", Conduct::Endless, false),
    conduct("silence", Conduct::Silence, false),
    conduct("cut", Conduct::Cut, true),
    conduct("headers", Conduct::Headers, true),
    conduct("interim-responses", Conduct::Interim, true),
];

impl Attack {
    /// How long it keeps a client busy at most, beyond reading the body.
    pub(crate) fn lasts(&self) -> Duration {
        if self.body.is_some() { Duration::ZERO } else { ATTEMPT }
    }

    /// The body as it is sent.
    pub(crate) fn sent(&self) -> Option<Vec<u8>> {
        self.body.map(|make| if self.is_packed { gzip(&make()) } else { make() })
    }
}

/// What plain serde_json reads for comparison: the objects of `packed-objects`.
pub(crate) fn objects() -> Vec<u8> {
    list("[", "{}", "]", 32)
}

const fn body(name: &'static str, make: fn() -> Vec<u8>) -> Attack {
    Attack { name, body: Some(make), is_packed: false, is_raw: false, conduct: Conduct::Whole }
}

const fn packed(name: &'static str, make: fn() -> Vec<u8>) -> Attack {
    Attack { name, body: Some(make), is_packed: true, is_raw: false, conduct: Conduct::Whole }
}

const fn conduct(name: &'static str, conduct: Conduct, is_raw: bool) -> Attack {
    Attack { name, body: None, is_packed: false, is_raw, conduct }
}

/// 341 KB of keys that nobody knows.
fn unknown_keys(known: &str) -> Vec<u8> {
    let keys: Vec<_> = (0..32_000).map(|key| format!("\"k{key}\":1")).collect();
    format!("{{{known}{}}}", keys.join(",")).into_bytes()
}

/// A list of so many MiB.
fn list(open: &str, item: &str, close: &str, mib: usize) -> Vec<u8> {
    let count = mib * 1024 * 1024 / (item.len() + 1) - 100;
    let mut body = Vec::with_capacity(mib * 1024 * 1024);
    body.extend(open.bytes());
    for place in 0..count {
        if place > 0 {
            body.push(b',');
        }
        body.extend(item.bytes());
    }
    body.extend(close.bytes());
    body
}

/// The body as gzip.
fn gzip(body: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    // Memory does not fail.
    let _ = packer.write_all(body);
    packer.finish().unwrap_or_default()
}
