//! What goes out: the end of a journey, and changes of status later on.

use std::fmt;

use bytes::Bytes;
use kyc_core::{Clock as _, ValidationError};
use serde_json::json;

use super::test_cpfs::TestOutcome;
use super::{CertifaceControl, State};
use crate::webhooks::Event;

/// A change of a person's status in the bureau, for
/// [`send_status_update`](CertifaceControl::send_status_update).
#[derive(Clone)]
#[non_exhaustive]
pub struct StatusUpdate {
    /// Protocol of the transaction.
    pub protocolo: String,
    /// Digits; check digits are not looked at.
    pub cpf: String,
    /// The new status: `RES` by default, the only one that the vendor prints.
    pub novo_status: String,
    /// The status in words.
    pub descricao: String,
    /// How the CPF is written.
    pub cpf_form: CpfForm,
}

/// How a status update writes the CPF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CpfForm {
    /// A bare number, leading zeros included, which is not JSON: what the vendor's page shows.
    #[default]
    BareNumber,
    /// Text.
    Text,
}

impl StatusUpdate {
    /// A suspicion of fraud, as the vendor's page shows one.
    #[must_use]
    pub fn new(protocolo: impl Into<String>, cpf: impl Into<String>) -> Self {
        Self {
            protocolo: protocolo.into(),
            cpf: cpf.into(),
            novo_status: "RES".to_owned(),
            descricao: "Suspeita Fraude".to_owned(),
            cpf_form: CpfForm::default(),
        }
    }

    /// In the vendor's order; by hand, since a bare CPF is not JSON.
    fn body(&self) -> String {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let cpf = match self.cpf_form {
            CpfForm::BareNumber => self.cpf.clone(),
            CpfForm::Text => text(&self.cpf),
        };
        let (protocolo, novo_status, descricao) =
            (text(&self.protocolo), text(&self.novo_status), text(&self.descricao));
        format!(
            r#"{{"protocolo":{protocolo},"cpf":{cpf},"novoStatus":{novo_status},"descricao":{descricao}}}"#
        )
    }
}

impl fmt::Debug for StatusUpdate {
    /// Without the CPF.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusUpdate")
            .field("protocolo", &self.protocolo)
            .field("novo_status", &self.novo_status)
            .field("cpf_form", &self.cpf_form)
            .finish_non_exhaustive()
    }
}

impl CertifaceControl {
    /// Sends a status update to the registered URL, in the background.
    ///
    /// # Errors
    /// No URL is registered, or the CPF holds something else than digits.
    pub fn send_status_update(&self, update: &StatusUpdate) -> Result<(), ValidationError> {
        if self.senders.status.url().is_none() {
            return Err(ValidationError::new("no URL is registered for status updates"));
        }
        if update.cpf.is_empty() || !update.cpf.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(ValidationError::new("\"cpf\" must be digits"));
        }
        let event = Event {
            reference: update.protocolo.clone(),
            name: "status-update",
            body: Bytes::from(update.body()),
        };
        self.senders.status.send(&event, None);
        Ok(())
    }

    /// Announces the end of an analysis whose time has come, once. The analysis' own task calls this, and so does a
    /// request for the result that comes before that task was woken.
    pub(super) fn announce_end(&self, state: &mut State, appkey: &str) {
        let now = self.clock.now();
        let Some(journey) = state.journeys.get_mut(appkey) else { return };
        let Some(analysis) = journey.analysis.as_mut() else { return };
        if analysis.announced || analysis.ends.is_none_or(|ends| now < ends) {
            return;
        }
        analysis.announced = true;
        let status = if journey.outcome == TestOutcome::Failed { "Error" } else { "Completo" };
        let reference =
            journey.liveness.as_ref().map(|liveness| liveness.protocol.clone()).unwrap_or_default();
        let body = json!({ "Status": status, "Appkey": appkey }).to_string();
        self.senders.completion.send(&Event { reference, name: status, body: Bytes::from(body) }, None);
    }
}
