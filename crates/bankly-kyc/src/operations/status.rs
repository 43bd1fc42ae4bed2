//! `GET /document-analysis/{documentNumber}`: queries the analyses of a person's images. (Vendor page: "Consulta de
//! status de análise"; our page: "Status".)

use std::time::Duration;

use http::header::CACHE_CONTROL;
use http::{HeaderValue, Method};
use kyc_core::{
    Body, Cpf, Error, Operation, OperationClass, OperationId, Poller, Response, Submission, ValidationError,
    named, request,
};

use crate::VENDOR;
use crate::client::Client;
use crate::model::listing::Root;
use crate::model::path::analysis_path;
use crate::model::{Analysis, ImageToken};

/// Bankly responds with 404 when it knows none of the images.
static OPERATION: Operation = Operation::new(VENDOR, "status", OperationClass::Read).answers_with(&[404]);

/// How much detail a response has. (Our page: "Result levels".)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultLevel {
    /// The status of each image only.
    OnlyStatus,
    /// The status and the findings.
    #[default]
    Detailed,
}

named!(ResultLevel, "result level", OnlyStatus = "ONLY_STATUS", Detailed = "DETAILED");

impl Client {
    /// Queries the analyses of some images of a person, or of all images when no token is given. The list is empty when
    /// Bankly knows none of them. (Our page: "Status".)
    ///
    /// ```no_run
    /// # use bankly_kyc::kyc_core::Cpf;
    /// # use bankly_kyc::{Client, ResultLevel};
    /// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let cpf = Cpf::parse("529.982.247-25")?;
    /// for analysis in client.analyses(&cpf, &[], ResultLevel::Detailed).await?.value() {
    ///     println!("{:?}: {:?}", analysis.document_type, analysis.verdict());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if a token is blank or not valid in a query. For unknown images it returns an
    /// empty list.
    pub async fn analyses(
        &self,
        cpf: &Cpf,
        tokens: &[ImageToken],
        level: ResultLevel,
    ) -> Result<Response<Vec<Analysis>>, Error> {
        if !tokens.iter().all(ImageToken::is_usable) {
            let rule = "must be 1 to 200 characters without control characters";
            return Err(OPERATION.invalid_input("token", &ValidationError::new(rule)));
        }
        let mut query: Vec<_> = tokens.iter().map(|token| ("token", token.as_str())).collect();
        query.push(("resultLevel", level.as_str()));
        let address = self.address_with(&analysis_path(cpf), &query)?;
        let make = || {
            let mut request = request(Method::GET, address.clone(), Body::empty());
            // The vendor's page suggests it.
            request.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
            request
        };
        let answer = self.call_with(&OPERATION, &make).await?;
        if answer.is_value() {
            return Ok(self.pipeline.reply(answer, Vec::new()));
        }
        Ok(self.pipeline.decode::<Root<Analysis, Analysis>>(answer)?.map(|root| match root {
            Root::List(analyses) => analyses,
            Root::Object(analysis) => vec![analysis],
        }))
    }

    /// Queries the analysis of one image. Returns `None` when Bankly does not know the image. (Our page: "Status".)
    ///
    /// ```no_run
    /// # use bankly_kyc::kyc_core::Cpf;
    /// # use bankly_kyc::{Client, ImageToken};
    /// # async fn example(client: Client, token: ImageToken) -> Result<(), Box<dyn std::error::Error>> {
    /// let cpf = Cpf::parse("529.982.247-25")?;
    /// match client.analysis(&cpf, &token).await?.into_inner() {
    ///     Some(analysis) => println!("{:?}", analysis.verdict()),
    ///     None => println!("unknown image"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as [`analyses`](Self::analyses).
    pub async fn analysis(&self, cpf: &Cpf, token: &ImageToken) -> Result<Response<Option<Analysis>>, Error> {
        let found = self.analyses(cpf, std::slice::from_ref(token), ResultLevel::Detailed).await?;
        Ok(found.map(|found| {
            let count = found.len();
            // A single analysis without a token is the one that was queried.
            let is_it =
                |analysis: &Analysis| analysis.token.as_ref().map_or(count == 1, |named| named == token);
            found.into_iter().find(is_it)
        }))
    }

    /// Returns a poller that waits for the end of an image's analysis for at most `timeout`. It queries at once, then
    /// every 300 s as the vendor's page suggests ([`poll_interval`](crate::ClientBuilder::poll_interval) and
    /// [`Poller::every`] change that), and ends earlier if
    /// [`Poller::wake_on`] brings an event. [`analysis`](Self::analysis) may be called in between at any time. (Our
    /// page: "Waiting".)
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use bankly_kyc::Client;
    /// # use bankly_kyc::kyc_core::OperationId;
    /// # async fn example(client: Client, stored: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let id = OperationId::from_token(stored)?;
    /// let analysis = client.wait(&id, Duration::from_secs(3600))?.await?;
    /// println!("{:?}", analysis.verdict());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor, `InvalidInput` for an id that no upload returned. The poller itself
    /// ends with `Timeout` when `timeout` is over.
    pub fn wait(&self, id: &OperationId, timeout: Duration) -> Result<Poller<'_, Analysis>, Error> {
        id.check_vendor(VENDOR)?;
        let (cpf, token) = parts(id).ok_or_else(|| {
            OPERATION.invalid_input("id", &ValidationError::new("must be an id that an upload returned"))
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
    /// Returns the operation id that [`Client::wait`] takes. It holds the token and the person's CPF: store it like the
    /// CPF.
    #[must_use]
    pub fn operation_id(&self, cpf: &Cpf) -> OperationId {
        OperationId::by_id(VENDOR, OPERATION.name(), format!("{} {}", cpf.digits(), self.as_str()))
    }
}

/// Splits an operation id into what [`ImageToken::operation_id`] joins.
pub(crate) fn parts(id: &OperationId) -> Option<(Cpf, ImageToken)> {
    let (cpf, token) = id.value().split_once(' ')?;
    Some((Cpf::parse(cpf).ok()?, Some(ImageToken::new(token)).filter(ImageToken::is_usable)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_levels_are_printed_and_parsed_by_name() {
        for (name, level) in ResultLevel::NAMES {
            assert_eq!(name.parse(), Ok(level));
            assert_eq!(level.to_string(), name);
        }
        let error = "ALL".parse::<ResultLevel>().expect_err("not a name");
        assert_eq!(error.to_string(), "result level: must be ONLY_STATUS or DETAILED");
    }
}
