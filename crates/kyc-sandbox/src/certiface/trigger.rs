//! Journeys and status updates without a client.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kyc_core::{Clock as _, Media, ValidationError};

use super::journey::{Journey, Person};
use super::webhook::status_endpoint;
use super::{CertifaceControl, FACTS, Operation, State, StatusUpdate, TestDocument, TestOutcome, test_cpf};
use crate::outcomes::{self, Outcome, Row, Triggered};
use crate::samples;
use crate::scenario::{Effect, Scenario};

#[derive(Clone, Copy, Debug)]
pub(super) enum Trigger {
    Journey(TestOutcome),
    /// `novoStatus` and `descricao`.
    Update(&'static str, &'static str),
}
use Trigger::{Journey as End, Update};

const JOURNEY: &[&str] = &["captcha", "document"];

pub(super) const OUTCOMES: &[Row<Trigger>] = &[
    Row::new(
        JOURNEY,
        "complete",
        End(TestOutcome::Approved),
        "a journey ends in Completo, with all checks passed",
    ),
    Row::new(
        JOURNEY,
        "error",
        End(TestOutcome::Failed),
        "the analysis ends in Erro, the webhook's status is Error",
    ),
    Row::new(JOURNEY, "refused", End(TestOutcome::Refused), "Completo, with liveness 300.1"),
    Row::new(JOURNEY, "blocked", End(TestOutcome::Blocked), "Completo, with liveness 300.2"),
    Row::new(JOURNEY, "rg", End(TestOutcome::Document(TestDocument::Rg)), "Completo, the document is an RG"),
    Row::new(
        JOURNEY,
        "cnh",
        End(TestOutcome::Document(TestDocument::Cnh)),
        "Completo, the document is a CNH",
    ),
    Row::new(
        JOURNEY,
        "cnh-digital",
        End(TestOutcome::Document(TestDocument::CnhDigital)),
        "Completo, the document is a CNH digital",
    ),
    Row::new(
        JOURNEY,
        "dni",
        End(TestOutcome::Document(TestDocument::Dni)),
        "Completo, the document is a DNI",
    ),
    Row::new(
        JOURNEY,
        "cin",
        End(TestOutcome::Document(TestDocument::Cin)),
        "Completo, the document is a CIN",
    ),
    Row::new(
        JOURNEY,
        "crnm",
        End(TestOutcome::Document(TestDocument::Crnm)),
        "Completo, the document is a CRNM",
    ),
    Row::new(
        JOURNEY,
        "passport",
        End(TestOutcome::Document(TestDocument::Passport)),
        "Completo, the document is a passport",
    ),
    Row::new(
        JOURNEY,
        "without-ocr",
        End(TestOutcome::WithoutOcr),
        "the flow without OCR: the result is Completo sem OCR",
    ),
    Row::new(JOURNEY, "without-serpro", End(TestOutcome::WithoutSerpro), "Completo, Serpro is disabled"),
    Row::new(JOURNEY, "faces-differ", End(TestOutcome::FacesDiffer), "Completo, with facematch.codigo 300"),
    Row::new(
        JOURNEY,
        "risk-0",
        End(TestOutcome::Risk(0)),
        "Completo, with certifaceID.score 0: no information",
    ),
    Row::new(
        JOURNEY,
        "risk-500",
        End(TestOutcome::Risk(500)),
        "Completo, with certifaceID.score 500: medium risk",
    ),
    Row::new(
        JOURNEY,
        "risk-1000",
        End(TestOutcome::Risk(1000)),
        "Completo, with certifaceID.score 1000: highest risk",
    ),
    Row::new(
        JOURNEY,
        "result-refused",
        End(TestOutcome::RefusedByResult),
        "Completo, then result returns ERR, NOME",
    ),
    Row::new(
        JOURNEY,
        "status-res",
        Update("RES", "Suspeita Fraude"),
        "a status update RES about the newest protocol; without one a journey ends first",
    ),
    Row::new(
        JOURNEY,
        "status-ok",
        Update("OK", "Sem suspeita"),
        "a status update OK about the newest protocol; without one a journey ends first",
    ),
];

pub(super) fn outcomes() -> Vec<Outcome> {
    outcomes::described(FACTS.key, OUTCOMES)
}

impl CertifaceControl {
    pub(super) fn trigger_outcome(
        self: &Arc<Self>,
        scenario: &Scenario,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        match outcomes::find(OUTCOMES, &scenario.outcome)? {
            End(outcome) => self.end_journey(&mut self.lock(), outcome, delay),
            Update(status, description) => self.update_newest(status, description),
        }
    }

    /// A journey of 2D liveness and a document of two images. The reference is its appkey.
    fn end_journey(
        self: &Arc<Self>,
        state: &mut State,
        outcome: TestOutcome,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let failed = |_| ValidationError::new("the journey was refused");
        let cpf = test_cpf(outcome).unwrap_or_default().to_owned();
        let person = Person {
            cpf: cpf.clone(),
            nome: "Nome Sobrenome".to_owned(),
            nascimento: "15/11/2001".to_owned(),
            id_externo: None,
        };
        let images = [samples::A_2014, samples::A_2014].map(Media::new);
        let images = images.into_iter().collect::<Result<_, _>>()?;
        let appkey = self.begin_journey(state, person, outcome, delay);
        let frontal = Bytes::from_static(samples::A_2025);
        self.judge(state, Operation::Captcha, &appkey, frontal).map_err(failed)?;
        self.analyse(state, Operation::Document, &appkey, images).map_err(failed)?;
        let journey = state.journeys.get(&appkey);
        let ends = journey.and_then(|journey| journey.analysis.as_ref()?.ends);
        let now = self.clock.now();
        let due_in = ends.map_or(Duration::ZERO, |ends| ends.since(now));
        Ok(Triggered { reference: appkey, cpf, due_in })
    }

    /// A status update about the newest protocol. The reference is that protocol.
    fn update_newest(
        self: &Arc<Self>,
        status: &str,
        description: &str,
    ) -> Result<Triggered, ValidationError> {
        let mut state = self.lock();
        status_endpoint(&state)?;
        if newest(&state).is_none() {
            self.end_journey(&mut state, TestOutcome::Approved, Some(Duration::ZERO))?;
        }
        let (reference, cpf) = newest(&state).unwrap_or_default();
        drop(state);
        let mut update = StatusUpdate::new(reference.as_str(), cpf.as_str());
        update.novo_status = status.to_owned();
        update.descricao = description.to_owned();
        self.send_status_update(&update)?;
        Ok(Triggered { reference, cpf, due_in: Duration::ZERO })
    }
}

/// The newest protocol and its CPF.
fn newest(state: &State) -> Option<(String, String)> {
    let known = |journey: &Journey| {
        let liveness = journey.liveness.as_ref()?;
        Some((liveness.protocol.clone(), journey.person.cpf.clone()))
    };
    state.journeys.values().rev().find_map(known)
}

impl Effect for Trigger {
    fn aspect(self) -> &'static str {
        match self {
            End(_) => "journey",
            Update(..) => "update",
        }
    }
}
