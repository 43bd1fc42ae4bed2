//! The capability traits of kyc-core.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_core::{
    BackgroundChecker, Capability, Clock, Cnpj, CompanyCheck, Cpf, DocumentField, DocumentPage,
    DocumentReader, DocumentReading, Error, ErrorKind, FaceMatch, FaceMatcher, FacePair, FaceScore,
    FieldViolation, Finding, Lenient, OperationId, PersonCheck, PersonStatus, Pii, RedactedText, Response,
    Submission, Vendor,
};

use crate::VENDOR;
use crate::client::Client;
use crate::integration::FACE_MATCH;
use crate::model::Block;
use crate::model::codes::DocumentType;
use crate::operations::cnpj::CnpjResponse;
use crate::operations::cpf::CpfResponse;
use crate::operations::document::{self, DocumentRequest, DocumentResponse, Field};
use crate::operations::facematch::{self, FaceMatchRequest, FaceMatchResponse};

const NO_VERDICT: &str =
    "the response has no verdict: set least_confiability, or read the response in the error's body";

impl Capability for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.pipeline.clock()
    }
}

#[async_trait]
impl FaceMatcher for Client {
    /// Returns the verdict immediately. A CPF and a `max_false_accept_rate` are refused, since the portal accepts no CPF and states
    /// no rate; the reference is not sent.
    async fn submit_faces(&self, pair: &FacePair) -> Result<Response<Submission<FaceMatch>>, Error> {
        FACE_MATCH.check(VENDOR, pair).map_err(|error| error.in_operation(facematch::OPERATION.name()))?;
        let request = FaceMatchRequest::new(pair.first.clone(), pair.second.clone());
        let answer = self.send_faces(&request).await.map_err(in_pair)?;
        let reply: Response<FaceMatchResponse> = self.pipeline.decode(answer.clone())?;
        let is_undecidable = !reply.value().has_verdict()
            && (reply.value().confidence().is_none() || self.options.least_confiability.is_none());
        if is_undecidable {
            // The response is paid for, so the error keeps it.
            return Err(answer.error(ErrorKind::Config, NO_VERDICT));
        }
        Ok(reply.map(|response| Submission::Ready(response.face_match(self.options.least_confiability))))
    }
}

/// Names the images in violations as the pair does.
fn in_pair(error: Error) -> Error {
    let named = |violation: &FieldViolation| {
        let field = match violation.field.as_str() {
            "image1" => "first",
            "image2" => "second",
            other => other,
        };
        FieldViolation::new(field, violation.message.clone())
    };
    let violations = error.violations().iter().map(named).collect();
    error.with_violations(violations)
}

impl FaceMatchResponse {
    pub(crate) fn face_match(&self, least_confiability: Option<f64>) -> FaceMatch {
        let (verdict, reason) = self.verdict(least_confiability);
        let mut found = FaceMatch::new(verdict);
        found.reason = reason;
        found.score = self.confidence().map(|confidence| FaceScore::Similarity(confidence.get()));
        found
    }
}

#[async_trait]
impl DocumentReader for Client {
    /// Returns the reading immediately.
    async fn submit_document(
        &self,
        page: &DocumentPage,
    ) -> Result<Response<Submission<DocumentReading>>, Error> {
        let request = DocumentRequest::new(DocumentType::from(&page.kind), page.image.clone());
        let reply = self.document(&request).await?;
        let reading = reply.value().reading();
        Ok(reply.map(|_| Submission::Ready(reading)))
    }
}

impl DocumentResponse {
    /// Collects the fields of all documents in the image, in order.
    pub(crate) fn reading(&self) -> DocumentReading {
        let documents = self.documents();
        let mut reading = DocumentReading::default();
        reading.kind = documents.iter().find_map(|document| document.doc_type.as_ref()).map(Into::into);
        let fields = documents.iter().filter_map(|document| document.fields.as_ref());
        reading.fields = fields.flat_map(Block::records).filter_map(Field::domain).collect();
        reading.id = self.query_id().map(|id| OperationId::by_id(VENDOR, document::OPERATION.name(), id));
        reading
    }
}

impl Field {
    fn domain(&self) -> Option<DocumentField> {
        let value = self.value.as_ref()?.to_text();
        let mut field = DocumentField::new(self.name.as_ref().map(RedactedText::as_str)?, value);
        field.confidence = self.score.as_ref().and_then(Lenient::get).map(|score| score.get());
        Some(field)
    }
}

#[async_trait]
impl BackgroundChecker for Client {
    async fn check_person(&self, cpf: &Cpf) -> Result<Response<PersonCheck>, Error> {
        Ok(self.cpf(cpf).await?.map(|response| PersonCheck::from(&response)))
    }

    async fn check_company(&self, cnpj: &Cnpj) -> Result<Response<CompanyCheck>, Error> {
        Ok(self.cnpj(cnpj).await?.map(|response| CompanyCheck::from(&response)))
    }
}

impl From<&CpfResponse> for PersonCheck {
    fn from(response: &CpfResponse) -> Self {
        let mut check = Self::default();
        check.status = response.status().map(Into::into);
        // Either of the two is enough.
        check.deceased = match &check.status {
            Some(PersonStatus::Deceased) => Finding::Yes,
            _ => response.has_obit(),
        };
        check.name = response.name().map(|name| Pii::new(name.to_owned()));
        check
    }
}

impl From<&CnpjResponse> for CompanyCheck {
    fn from(response: &CnpjResponse) -> Self {
        let mut check = Self::default();
        check.status = response.status().map(Into::into);
        check.name = response.name().map(|name| Pii::new(name.to_owned()));
        check
    }
}
