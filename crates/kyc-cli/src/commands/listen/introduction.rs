//! What `kyc listen` says at its start.

use std::net::SocketAddr;

use kyc_br::INTEGRATIONS;
use serde::Serialize;

use crate::messages::text;
use crate::output::{self, Rows};
use crate::store::Place;
use crate::{files, vendors};

pub(super) struct Introduction<'a> {
    pub(super) address: SocketAddr,
    pub(super) urls: Vec<(&'static str, String)>,
    pub(super) store: &'a Place,
    pub(super) is_temporary: bool,
    /// The URL without what may be a secret.
    pub(super) forward_to: Option<String>,
    pub(super) has_public_url: bool,
    /// The URL of the embedded sandbox.
    pub(super) sandbox: Option<String>,
}

/// The ready line in `--json`.
#[derive(Serialize)]
struct Ready<'a> {
    line: &'static str,
    url: String,
    webhooks: Vec<Registered<'a>>,
    store: String,
    encrypted: bool,
    forward_to: Option<&'a str>,
    sandbox: Option<&'a str>,
    simulated: bool,
}

#[derive(Serialize)]
struct Registered<'a> {
    source: &'a str,
    url: &'a str,
}

impl Introduction<'_> {
    /// Prints the ready line, and on standard error what to do. A closed standard output does not stop the program.
    pub(super) fn print(&self, as_json: bool) {
        let t = &text().listen;
        let url = format!("http://{}", self.address);
        if as_json {
            let _ = output::json_line(&self.ready(url));
        } else {
            if let Some(sandbox) = &self.sandbox {
                let _ = Rows::default().simulated(Some(&(t.simulated)(sandbox))).print();
            }
            let _ = output::result(&format!("kyc listen ready on {url}\n"));
        }
        self.notes().iter().for_each(|note| output::note(note));
    }

    fn ready(&self, url: String) -> Ready<'_> {
        Ready {
            line: "ready",
            url,
            webhooks: self.urls.iter().map(|(source, url)| Registered { source, url }).collect(),
            store: files::shown(&self.store.path),
            encrypted: self.store.keys.is_some(),
            forward_to: self.forward_to.as_deref(),
            sandbox: self.sandbox.as_deref(),
            simulated: self.sandbox.is_some(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let t = &text().listen;
        let mut notes = Vec::new();
        match &self.sandbox {
            Some(_) => notes.push(t.registered.to_owned()),
            None => notes.push(t.register.to_owned()),
        }
        for (source, url) in &self.urls {
            notes.push(format!("  {url}"));
            notes.extend(self.registration(source).map(|words| format!("    {words}")));
        }
        match &self.sandbox {
            Some(sandbox) => notes.push((t.clients)(sandbox)),
            None if !self.has_public_url => notes.push(t.no_public_url.to_owned()),
            None => {}
        }
        if !self.address.ip().is_loopback() {
            notes.push(t.not_encrypted.to_owned());
        }
        let path = files::shown(&self.store.path);
        notes.push(match &self.store.keys {
            Some(_) => (t.encrypted)(&path),
            None if self.is_temporary => (t.temporary)(&path),
            None => (t.plain_text)(&path),
        });
        notes.push(match &self.forward_to {
            Some(url) => (t.forwarding)(url),
            None => t.no_forwarding.to_owned(),
        });
        notes.push(t.times.to_owned());
        notes
    }

    /// Returns how a webhook is registered with its vendor, unless the sandbox has done that.
    fn registration(&self, source: &str) -> Option<&'static str> {
        if self.sandbox.is_some() {
            return None;
        }
        let own = |integration| vendors::own(integration).and_then(|own| (own.registration)(text(), source));
        INTEGRATIONS.iter().filter(|integration| source.starts_with(integration.key())).find_map(own)
    }
}
