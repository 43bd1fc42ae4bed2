//! Journeys and status updates without a client.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kyc_core::{Clock as _, Media, ValidationError};

use super::courses::{Course, OUTCOMES};
use super::journey::{Journey, Person};
use super::webhook::status_endpoint;
use super::{CertifaceControl, Operation, State, StatusUpdate, TEST_CPFS};
use crate::outcomes::{self, Triggered};
use crate::samples;
use crate::scenario::{Applied, Scenario};

impl CertifaceControl {
    pub(super) fn trigger_outcome(
        self: &Arc<Self>,
        scenario: &Scenario,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let effect = outcomes::find(OUTCOMES, &scenario.outcome)?;
        let cpf = scenario.cpf.clone().unwrap_or_else(|| test_cpf_for(effect).to_owned());
        // Only a client waits for a late response.
        let applied = Applied { effect, reason: scenario.reason.clone(), delay: None };
        let mut state = self.lock();
        if let Course::Update(status, usual) = effect {
            status_endpoint(&state)?;
            if let Some((reference, cpf)) = newest(&state, scenario.cpf.as_deref()) {
                drop(state);
                let mut update = StatusUpdate::new(reference.as_str(), cpf.as_str());
                update.novo_status = status.to_owned();
                update.descricao = applied.reason.unwrap_or_else(|| usual.to_owned());
                self.send_status_update(&update)?;
                return Ok(Triggered { reference, cpf, due_in: Duration::ZERO });
            }
        }
        self.end_journey(&mut state, &cpf, applied, delay)
    }

    /// A journey of 2D liveness and a document of two images. The reference is its appkey.
    fn end_journey(
        self: &Arc<Self>,
        state: &mut State,
        cpf: &str,
        applied: Applied<Course>,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let failed = |_| ValidationError::new("the journey was refused");
        let person = Person {
            cpf: cpf.to_owned(),
            nome: "Nome Sobrenome".to_owned(),
            nascimento: "15/11/2001".to_owned(),
            id_externo: None,
        };
        let images = [samples::A_2014, samples::A_2014].map(Media::new);
        let images = images.into_iter().collect::<Result<_, _>>()?;
        let appkey = self.begin_journey(state, person);
        if let Some(journey) = state.journeys.get_mut(&appkey) {
            journey.triggered = Some(applied);
            journey.analysis_delay = delay;
        }
        let frontal = Some(Bytes::from_static(samples::A_2025));
        self.judge(state, Operation::Captcha, &appkey, frontal, None).map_err(failed)?;
        self.analyse(state, Operation::Document, &appkey, images).map_err(failed)?;
        let journey = state.journeys.get(&appkey);
        let ends = journey.and_then(|journey| journey.analysis.as_ref()?.ends);
        let now = self.clock.now();
        let due_in = ends.map_or(Duration::ZERO, |ends| ends.since(now));
        Ok(Triggered { reference: appkey, cpf: cpf.to_owned(), due_in })
    }
}

/// The test CPF with that outcome, or else the one that is approved.
fn test_cpf_for(course: Course) -> &'static str {
    let with_it = TEST_CPFS.iter().find(|test| test.outcome.courses().contains(&course));
    with_it.or(TEST_CPFS.first()).map_or("", |test| test.cpf)
}

/// The newest protocol, of that person if one is named, and its CPF.
fn newest(state: &State, cpf: Option<&str>) -> Option<(String, String)> {
    let known = |journey: &Journey| {
        let liveness = journey.liveness.as_ref()?;
        let is_wanted = cpf.is_none_or(|cpf| cpf == journey.person.cpf);
        is_wanted.then(|| (liveness.judged.protocol.clone(), journey.person.cpf.clone()))
    };
    state.journeys.values().rev().find_map(known)
}
