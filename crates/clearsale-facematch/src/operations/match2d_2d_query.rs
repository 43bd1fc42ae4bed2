//! `GET /api/v2/Facematch/faces/match2d-2d/{transactionId}`: asks for the verdict. (Our page: "Querying a
//! transaction".)

use std::time::Duration;

use http::Method;
use kyc_core::{
    Body, Call, Cpf, Delivery, Error, ErrorKind, Lenient, Operation, OperationClass, OperationId, Poller,
    RedactedText, Response, Submission, ValidationError, authorised, request,
};
use serde::{Deserialize, Serialize};

use super::match2d_2d;
use crate::VENDOR;
use crate::client::Client;
use crate::error::Errors;
use crate::model::{MatchLevel, TransactionId, TransactionStatus};

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "match2d-2d-query", OperationClass::Read);

/// A comparison as far as it is known. Aliases are the spellings of the vendor's dictionary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Transaction {
    /// Your reference, as it was sent.
    #[serde(alias = "IdentifierID", alias = "IdentifierId", skip_serializing_if = "Option::is_none")]
    pub identifier_id: Option<RedactedText>,
    /// The CPF, as it was sent.
    #[serde(alias = "CPF", alias = "cPF", skip_serializing_if = "Option::is_none")]
    pub cpf: Option<Lenient<Cpf>>,
    /// The match level, 0 to 6. It says nothing of `is_match`, nor that of it: the page prints 6 with both.
    #[serde(alias = "Confiability", skip_serializing_if = "Option::is_none")]
    pub confiability: Option<MatchLevel>,
    /// Whether ClearSale takes the faces for one person's, at the least level that was asked for.
    #[serde(alias = "IsMatch", skip_serializing_if = "Option::is_none")]
    pub is_match: Option<Lenient<bool>>,
    /// The id of the transaction.
    #[serde(alias = "TransactionId", skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<TransactionId>,
    /// How far it is.
    #[serde(alias = "TransactionStatus", skip_serializing_if = "Option::is_none")]
    pub transaction_status: Option<TransactionStatus>,
    /// What went wrong, if something did.
    #[serde(alias = "Message", skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
    /// Why the pictures were not compared: in the vendor's dictionary, in no example.
    #[serde(alias = "Errors", skip_serializing_if = "Option::is_none")]
    pub errors: Option<Errors>,
}

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Being worked on.
    Pending,
    /// One person, at that level.
    Match(Option<MatchLevel>),
    /// Not one person, at the least level that was asked for.
    NoMatch(Option<MatchLevel>),
    /// The pictures could not be compared; `message` and `errors` may say why.
    Failed,
    /// ClearSale says that it is done and not with what result.
    Unclear,
}

impl Transaction {
    /// What the comparison came to.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let level = || self.confiability.clone();
        match (&self.transaction_status, self.is_match.as_ref().and_then(Lenient::get)) {
            (Some(TransactionStatus::Error), _) => Outcome::Failed,
            (Some(TransactionStatus::Success), Some(true)) => Outcome::Match(level()),
            (Some(TransactionStatus::Success), Some(false)) => Outcome::NoMatch(level()),
            (Some(TransactionStatus::Success), None) => Outcome::Unclear,
            _ => Outcome::Pending,
        }
    }

    /// Why the transaction has ended without a verdict, as an error; `None` while it goes on and after a verdict.
    #[must_use]
    pub fn failure(&self, id: &OperationId) -> Option<Error> {
        let (kind, what) = match self.outcome() {
            Outcome::Failed => (ErrorKind::Rejected, "the pictures could not be compared"),
            Outcome::Unclear => (ErrorKind::Decode, "the result does not say whether it is a match"),
            Outcome::Pending | Outcome::Match(_) | Outcome::NoMatch(_) => return None,
        };
        let words = self.message.as_ref().map(|text| text.as_str().to_owned());
        let error = Error::new(VENDOR, kind, Delivery::Answered, what)
            .in_operation(OPERATION.name())
            .with_vendor_words(None, words)
            .with_violations(self.errors.as_ref().map(Errors::violations).unwrap_or_default())
            .with_operation_id(id.clone());
        Some(error)
    }

    fn submission(self, id: OperationId) -> Submission<Self> {
        if self.outcome() == Outcome::Pending { Submission::Pending(id) } else { Submission::Ready(self) }
    }
}

impl Client {
    /// Asks for a comparison, with or without dashes in its id.
    ///
    /// # Errors
    /// `NotFound` if ClearSale does not know the id.
    pub async fn transaction(&self, id: &TransactionId) -> Result<Response<Transaction>, Error> {
        if !id.is_sendable() {
            return Err(OPERATION.invalid_input(
                "transaction_id",
                &ValidationError::new("must be letters, digits and dashes, at most 64"),
            ));
        }
        let path = format!("{}/{}", match2d_2d::PATH, id.canonical());
        let address =
            self.base.join(&path).map_err(|rule| OPERATION.invalid_input("transaction_id", &rule))?;
        let build = |token: Option<&_>| {
            authorised(VENDOR, request(Method::GET, address.clone(), Body::empty()), token)
        };
        let answer = self.pipeline.send(&Call::new(&OPERATION, &build).with_tokens(&self.tokens)).await?;
        self.pipeline.decode(answer)
    }

    /// Waits for the end of a comparison, at most `timeout` from now: asks every 2 s, and takes the webhook if
    /// [`Poller::wake_on`] brings it first.
    ///
    /// For an id by reference (see [`Error::operation_id`]) there is no question to ask: only the webhook answers.
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor. The wait itself ends with `Timeout` at its deadline.
    pub fn wait(&self, id: &OperationId, timeout: Duration) -> Result<Poller<'_, Transaction>, Error> {
        id.check_vendor(VENDOR)?;
        let (clock, id) = (self.pipeline.clock(), id.clone());
        if id.is_reference() {
            return Ok(Poller::webhook_only(VENDOR, id, clock, timeout));
        }
        let asked = id.clone();
        Ok(Poller::new(VENDOR, id, clock, timeout, self.options.poll_interval, move || {
            let id = asked.clone();
            async move { Ok(self.transaction(&TransactionId::new(id.value())).await?.into_inner().submission(id)) }
        }))
    }
}
