//! The control routes of Cellere.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Body, ControlContext, ControlError, ControlledVendor, listed};
use crate::cellere::{CellereControl, PREFIX, TEST_CNPJS, TEST_CPFS, TOKEN};
use crate::counters::Counters;

impl ControlledVendor for CellereControl {
    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn routes(self: Arc<Self>) -> Router {
        Router::new().route("/_sandbox/cellere-portal/credits", post(set_credits)).with_state(self)
    }

    fn help(&self) -> &'static [&'static str] {
        &["POST /_sandbox/cellere-portal/credits {\"credits\": 0}"]
    }

    fn summary(&self, context: &ControlContext) -> Value {
        json!({
            "base_url": format!("{}{PREFIX}", context.url),
            "token": TOKEN,
            "credits": self.credits(),
            "test_cpfs": listed("cpf", TEST_CPFS.iter().map(|test| (test.cpf, test.what))),
            "test_cnpjs": listed("cnpj", TEST_CNPJS.iter().map(|test| (test.cnpj, test.what))),
        })
    }

    fn clear_faults(&self) {
        self.clear_faults();
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
