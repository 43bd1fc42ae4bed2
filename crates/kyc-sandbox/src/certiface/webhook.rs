//! Webhooks: the end of a journey, and later changes of status.

use std::fmt;

use bytes::Bytes;
use kyc_core::{Clock as _, ValidationError};
use serde_json::json;

use super::courses::{Course, End, aspect};
use super::{CertifaceControl, Operation, State};
use crate::scenario::Applied;
use crate::webhooks::{Endpoint, Event};

/// A change of a person's status in the bureau, for
/// [`send_status_update`](CertifaceControl::send_status_update).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusUpdate {
    /// The protocol of the transaction.
    pub protocolo: String,
    /// Digits; check digits are not verified.
    pub cpf: String,
    /// The new status: `RES` by default, the only one that the vendor prints.
    pub novo_status: String,
    /// The description of the status.
    pub descricao: String,
    /// How the CPF is written.
    pub cpf_form: CpfForm,
}

/// The form of the CPF in a status update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CpfForm {
    /// A bare number with leading zeros, which is not valid JSON, as on the vendor's page.
    #[default]
    BareNumber,
    /// Text.
    Text,
}

impl StatusUpdate {
    /// Creates a status update for suspected fraud, as on the vendor's page.
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

    /// Formatted by hand, in the vendor's order, since a CPF with leading zeros is not a JSON number.
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
    /// Omits the CPF.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusUpdate")
            .field("protocolo", &self.protocolo)
            .field("novo_status", &self.novo_status)
            .field("cpf_form", &self.cpf_form)
            .finish_non_exhaustive()
    }
}

/// Where status updates are sent.
pub(super) fn status_endpoint(state: &State) -> Result<Endpoint, ValidationError> {
    let webhook = state.status_webhook.clone();
    webhook.ok_or_else(|| ValidationError::new("no URL is registered for status updates"))
}

impl CertifaceControl {
    /// Sends a status update to the registered URL, in the background.
    ///
    /// # Errors
    /// No URL is registered, or the CPF contains anything other than digits.
    pub fn send_status_update(&self, update: &StatusUpdate) -> Result<(), ValidationError> {
        let webhook = status_endpoint(&self.lock())?;
        if update.cpf.is_empty() || !update.cpf.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(ValidationError::new("\"cpf\" must contain only digits"));
        }
        self.send_update(Some(webhook), update);
        Ok(())
    }

    /// Sends the webhook of an analysis that has ended, once. Called by the analysis' own task, and by a request for
    /// the result that arrives before that task wakes.
    pub(super) fn announce_end(&self, state: &mut State, appkey: &str) {
        let now = self.clock.now();
        let Some(journey) = state.journeys.get_mut(appkey) else { return };
        let Some(analysis) = journey.analysis.as_mut() else { return };
        if analysis.announced || analysis.ends.is_none_or(|ends| now < ends) {
            return;
        }
        analysis.announced = true;
        let status = if analysis.findings.end == End::Failed { "Error" } else { "Completo" };
        let protocol = journey.liveness.as_ref().map(|liveness| liveness.judged.protocol.clone());
        let reference = protocol.unwrap_or_default();
        let (cpf, triggered) = (journey.person.cpf.clone(), journey.triggered.as_ref());
        let update = self.course(Operation::Document, &cpf, triggered, aspect::UPDATE);
        let body = json!({ "Status": status, "Appkey": appkey }).to_string();
        let event = Event { reference: reference.clone(), name: status, body: Bytes::from(body) };
        self.sender.send(state.completion_webhook.clone(), &event, None);
        if let Some(Applied { effect: Course::Update(status, usual), reason, .. }) = update {
            let mut update = StatusUpdate::new(reference, cpf);
            update.novo_status = status.to_owned();
            update.descricao = reason.unwrap_or_else(|| usual.to_owned());
            self.send_update(state.status_webhook.clone(), &update);
        }
    }

    fn send_update(&self, webhook: Option<Endpoint>, update: &StatusUpdate) {
        let event = Event {
            reference: update.protocolo.clone(),
            name: "status-update",
            body: Bytes::from(update.body()),
        };
        self.sender.send(webhook, &event, None);
    }
}
