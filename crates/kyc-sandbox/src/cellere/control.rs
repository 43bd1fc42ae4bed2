//! The description and the control routes of Cellere.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CellereControl, FACTS, Settings, TEST_CNPJS, TEST_CPFS, TOKEN, base_url};
use crate::client_config::ClientConfig;
use crate::control::{Body, ControlError};
use crate::counters::Counters;
use crate::scenario::ScenarioTable;
use crate::transaction::Transaction;
use crate::vendor::{SandboxVendor, SharedContext, TestInput, VendorFacts};

pub(super) fn client_config(root: &str) -> ClientConfig {
    ClientConfig::new(FACTS.key).with("base_url", base_url(root)).with("token", TOKEN)
}

pub(super) fn test_inputs() -> Vec<TestInput> {
    let cpfs = TEST_CPFS.iter().map(|test| test.input());
    cpfs.chain(TEST_CNPJS.iter().map(|test| test.input())).collect()
}

impl SandboxVendor for CellereControl {
    type Settings = Settings;

    fn start(settings: Settings, shared: &SharedContext) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self::new(&settings, shared)))
    }

    fn facts(&self) -> &'static VendorFacts {
        &FACTS
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn api(self: Arc<Self>) -> Router {
        super::routes(&self)
    }

    fn control(self: Arc<Self>) -> Router {
        Router::new().route("/credits", post(set_credits)).with_state(self)
    }

    fn help(&self) -> &'static [&'static str] {
        &["POST /_sandbox/cellere/credits {\"credits\": 0}"]
    }

    fn notes(&self) -> Vec<String> {
        vec![
            format!("There are {} credits left.", self.credits()),
            "Any other valid CPF is regular, any other valid CNPJ active.".to_owned(),
            "The file name in a meter's link determines the meter: digital, ciclometrico or analogico."
                .to_owned(),
        ]
    }

    fn state(&self) -> Value {
        json!({
            "credits": self.credits(),
        })
    }

    fn clear_faults(&self) {
        self.clear_faults();
    }

    fn scenarios(&self) -> &dyn ScenarioTable {
        &self.scenarios
    }

    fn transactions(&self, _most: usize) -> Vec<Transaction> {
        Vec::new()
    }

    fn reset(&self) {
        self.set_credits(self.initial_credits);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credits {
    credits: u64,
}

async fn set_credits(
    Shared(cellere): Shared<Arc<CellereControl>>,
    body: Body<Credits>,
) -> Result<StatusCode, ControlError> {
    cellere.set_credits(body?.credits);
    Ok(StatusCode::NO_CONTENT)
}
