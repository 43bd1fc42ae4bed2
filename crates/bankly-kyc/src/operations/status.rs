//! `GET /document-analysis/{documentNumber}`: how far the analysis of a person's pictures is. (Vendor page: "Consulta de
//! status de análise"; our page: "Status".)

use std::time::Duration;

use http::Method;
use kyc_core::{
    Body, Cpf, Error, OneOrMany, Operation, OperationClass, OperationId, Poller, Response, Submission,
    ValidationError,
};

use crate::VENDOR;
use crate::client::Client;
use crate::model::path::analysis_path;
use crate::model::{Analysis, ImageToken};

static OPERATION: Operation = Operation::new(VENDOR, "status", OperationClass::Read).answers_with(&[404]);

/// How much is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultLevel {
    /// How far each picture is.
    OnlyStatus,
    /// What was found, too.
    #[default]
    Detailed,
}

impl ResultLevel {
    /// The vendor's own word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnlyStatus => "ONLY_STATUS",
            Self::Detailed => "DETAILED",
        }
    }
}

impl Client {
    /// Asks for the analyses of some pictures of a person, or of all when no token is given. Empty when Bankly knows none.
    ///
    /// # Errors
    /// Only what kept the answer away.
    pub async fn analyses(
        &self,
        cpf: &Cpf,
        tokens: &[ImageToken],
        level: ResultLevel,
    ) -> Result<Response<Vec<Analysis>>, Error> {
        let mut query: Vec<_> = tokens.iter().map(|token| ("token", token.as_str())).collect();
        query.push(("resultLevel", level.as_str()));
        let address = self.address_with(&analysis_path(cpf), &query)?;
        let answer = self.call(&OPERATION, Method::GET, address, Body::empty()).await?;
        if answer.is_value() {
            return Ok(self.pipeline.reply(answer, Vec::new()));
        }
        Ok(self.pipeline.decode::<OneOrMany<Analysis>>(answer)?.map(OneOrMany::into_vec))
    }

    /// Asks for one picture; `None` when Bankly does not know it.
    ///
    /// # Errors
    /// Only what kept the answer away.
    pub async fn analysis(&self, cpf: &Cpf, token: &ImageToken) -> Result<Response<Option<Analysis>>, Error> {
        let found = self.analyses(cpf, std::slice::from_ref(token), ResultLevel::Detailed).await?;
        Ok(found.map(|found| {
            let count = found.len();
            // Alone and without a name it is the one that was asked for.
            let is_it =
                |analysis: &Analysis| analysis.token.as_ref().map_or(count == 1, |named| named == token);
            found.into_iter().find(is_it)
        }))
    }

    /// Waits for the end of a picture's analysis, at most `timeout` from now: asks at once and then every 300 s, which
    /// the page suggests ([`Poller::every`] changes it), and when [`Poller::wake_on`] brings an event. A single question
    /// in between is always allowed.
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor. The wait itself ends with `Timeout` at its deadline.
    pub fn wait(&self, id: &OperationId, timeout: Duration) -> Result<Poller<'_, Analysis>, Error> {
        id.check_vendor(VENDOR)?;
        let (cpf, token) = parts(id).ok_or_else(|| {
            OPERATION.invalid_input("id", &ValidationError::new("must be one that an upload gave"))
        })?;
        let (clock, asked) = (self.pipeline.clock(), id.clone());
        Ok(Poller::new(VENDOR, id.clone(), clock, timeout, self.options.poll_interval, move || {
            let (cpf, token, id) = (cpf.clone(), token.clone(), asked.clone());
            async move {
                let found = self.analysis(&cpf, &token).await?.into_inner();
                Ok(match found.filter(Analysis::is_final) {
                    Some(analysis) => Submission::Ready(analysis),
                    None => Submission::Pending(id),
                })
            }
        }))
    }
}

impl ImageToken {
    /// What a waiter knows the picture by: the person's CPF with the token, so store it as you would the CPF.
    #[must_use]
    pub fn operation_id(&self, cpf: &Cpf) -> OperationId {
        OperationId::by_id(VENDOR, OPERATION.name(), format!("{} {}", cpf.digits(), self.as_str()))
    }
}

fn parts(id: &OperationId) -> Option<(Cpf, ImageToken)> {
    let (cpf, token) = id.value().split_once(' ').filter(|(_, token)| !token.is_empty())?;
    Some((Cpf::parse(cpf).ok()?, ImageToken::new(token)))
}
