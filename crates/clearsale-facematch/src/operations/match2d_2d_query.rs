//! `GET /api/v2/Facematch/faces/match2d-2d/{transactionId}`: queries a comparison. (Our page: "Querying a
//! transaction".)

use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use kyc_core::{
    Body, Call, Cpf, Delivery, Error, ErrorKind, Finding, Lenient, Operation, OperationClass, OperationId,
    Poller, RedactedText, Response, Submission, ValidationError, authorised, request, response,
};

use super::match2d_2d;
use crate::VENDOR;
use crate::client::Client;
use crate::error::Errors;
use crate::model::{MatchLevel, TransactionId, TransactionStatus};

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "match2d-2d-query", OperationClass::Read);

response! {
    /// The state of a comparison. Field aliases are the spellings of the vendor's dictionary.
    #[serde(rename_all = "camelCase")]
    pub struct Transaction {
        /// Your reference, as you sent it.
        #[serde(alias = "IdentifierID", alias = "IdentifierId")]
        pub identifier_id: Option<RedactedText>,
        /// The CPF, as you sent it.
        #[serde(alias = "CPF", alias = "cPF")]
        pub cpf: Option<Lenient<Cpf>>,
        /// The match level, 0 to 6. It does not imply `is_match`, nor the reverse: the vendor's page prints level 6 with both.
        #[serde(alias = "Confiability")]
        pub confiability: Option<MatchLevel>,
        /// Whether the images show the same person at the requested minimum level, according to ClearSale.
        #[serde(alias = "IsMatch")]
        pub is_match: Option<Lenient<bool>>,
        /// The id of the transaction.
        #[serde(alias = "TransactionId")]
        pub transaction_id: Option<TransactionId>,
        /// The status of the transaction.
        #[serde(alias = "TransactionStatus")]
        pub transaction_status: Option<TransactionStatus>,
        /// The vendor's message in case of an error.
        #[serde(alias = "Message")]
        pub message: Option<RedactedText>,
        /// Why the images were not compared. It is in the vendor's dictionary but in no example.
        #[serde(alias = "Errors")]
        pub errors: Option<Errors>,
    }
}

/// The outcome of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The comparison is not finished.
    Pending,
    /// The images show the same person, at this level from 1 to 6.
    Match(MatchLevel),
    /// The images do not show the same person at the requested minimum level.
    NoMatch(Option<MatchLevel>),
    /// The images could not be compared; `message` and `errors` may state why.
    Failed,
    /// ClearSale reports success, but the verdict is missing, unreadable or contradictory, for the stated reason.
    Unclear(&'static str),
}

impl Transaction {
    /// Returns the outcome of the comparison. A match needs a status of success, a readable `is_match` and a level from 1 to 6.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.transaction_status {
            Some(TransactionStatus::Error) => Outcome::Failed,
            Some(TransactionStatus::Success) => self.success(),
            _ => Outcome::Pending,
        }
    }

    fn success(&self) -> Outcome {
        if self.errors.as_ref().is_some_and(|errors| !errors.violations().is_empty()) {
            return Outcome::Unclear("the status is success, but there are errors");
        }
        let level = self.confiability.as_ref();
        match (Finding::of(self.is_match.as_ref()), level) {
            (Finding::Yes, Some(level)) if level.false_accept_rate().is_some() => {
                Outcome::Match(level.clone())
            }
            (Finding::Yes, Some(MatchLevel::NoMatch)) => {
                Outcome::Unclear("isMatch is true, but the level is 0")
            }
            (Finding::Yes, _) => Outcome::Unclear("isMatch is true, but the level is missing or unknown"),
            (Finding::No, _) => Outcome::NoMatch(level.cloned()),
            _ => Outcome::Unclear("isMatch is missing or cannot be read"),
        }
    }

    /// Returns an error if the images could not be compared, `None` otherwise.
    #[must_use]
    pub fn failure(&self, id: &OperationId) -> Option<Error> {
        if self.outcome() != Outcome::Failed {
            return None;
        }
        let words = self.message.as_ref().map(|text| text.as_str().to_owned());
        let what = "the images could not be compared";
        let error = Error::new(VENDOR, ErrorKind::Rejected, Delivery::Answered, what)
            .in_operation(OPERATION.name())
            .with_vendor_error(None, words)
            .with_violations(self.errors.as_ref().map(Errors::violations).unwrap_or_default())
            .with_operation_id(id.clone());
        Some(error)
    }

    fn submission(self, id: OperationId) -> Submission<Self> {
        if self.outcome() == Outcome::Pending { Submission::Pending(id) } else { Submission::Ready(self) }
    }
}

impl Client {
    /// Queries the state of a comparison. The id may be given with or without dashes. (Our page: "Querying a
    /// transaction".)
    ///
    /// ```no_run
    /// # use clearsale_facematch::kyc_core::Error;
    /// # use clearsale_facematch::{Client, Outcome, TransactionId};
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let id = TransactionId::new("498ec397-8529-454a-ac7b-d1628d6074ed");
    /// if client.transaction(&id).await?.value().outcome() == Outcome::Pending {
    ///     println!("not finished: query again later");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the id is empty or not valid in a path; `NotFound` if ClearSale does not know
    /// the id.
    pub async fn transaction(&self, id: &TransactionId) -> Result<Response<Transaction>, Error> {
        let invalid = |rule: &ValidationError| OPERATION.invalid_input("transaction_id", rule);
        let rule = ValidationError::new("must be 1 to 200 characters that a path can hold");
        let segment = id.segment().ok_or_else(|| invalid(&rule))?;
        let path = format!("{}/{segment}", match2d_2d::PATH);
        let address = self.base.join(&path).map_err(|rule| invalid(&rule))?;
        let build = |token: Option<&_>| {
            let mut request = request(Method::GET, address.clone(), Body::empty());
            // The vendor's page prints it, although there is no body.
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            authorised(VENDOR, request, token)
        };
        let answer = self.pipeline.send(&Call::new(&OPERATION, &build).with_tokens(&self.tokens)).await?;
        self.pipeline.decode(answer)
    }

    /// Returns a poller that waits for the end of a comparison for at most `timeout`. It queries every 2 s (see
    /// [`poll_interval`](crate::ClientBuilder::poll_interval)) and ends earlier if [`Poller::wake_on`] brings the webhook.
    ///
    /// An id by reference (see [`Error::operation_id`]) cannot be queried: the poller then waits for the webhook only.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use clearsale_facematch::Client;
    /// # use clearsale_facematch::kyc_core::OperationId;
    /// # async fn example(client: Client, stored: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let id = OperationId::from_token(stored)?;
    /// let transaction = client.wait(&id, Duration::from_secs(60))?.await?;
    /// println!("{:?}", transaction.outcome());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor. The poller itself ends with `Timeout` when `timeout` is over.
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
