//! The outcomes that a scenario can set.

use kyc_fixtures::{Fixture, cellere_portal as documented};

use super::{CnpjOutcome, CpfOutcome, FACTS};
use crate::outcomes::{self, Outcome, Row};
use crate::scenario::Effect;

/// What a scenario does to the answer of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) enum AnswerEffect {
    Cpf(CpfOutcome),
    Cnpj(CnpjOutcome),
    /// This documented body, with the values that depend on the request.
    Body(&'static Fixture),
    /// The document on the image is of another type than the path.
    OtherDocument,
    /// This documented error.
    Error(&'static Fixture),
    /// The answer to a reading that the request contains.
    Conciliation(&'static str),
}

impl AnswerEffect {
    pub(super) fn cpf(self) -> Option<CpfOutcome> {
        match self {
            Self::Cpf(outcome) => Some(outcome),
            _ => None,
        }
    }

    pub(super) fn cnpj(self) -> Option<CnpjOutcome> {
        match self {
            Self::Cnpj(outcome) => Some(outcome),
            _ => None,
        }
    }
}

/// A body or an error.
pub(super) const ANSWER: &str = "answer";
pub(super) const CONCILIATION: &str = "conciliation";

impl Effect for AnswerEffect {
    fn aspect(self) -> &'static str {
        match self {
            Self::Conciliation(_) => CONCILIATION,
            _ => ANSWER,
        }
    }
}

const ALL: &[&str] = &["document", "cpf", "cnpj", "meter", "facematch", "balance"];

const fn row(
    operations: &'static [&'static str],
    name: &'static str,
    effect: AnswerEffect,
    what: &'static str,
) -> Row<AnswerEffect> {
    // Nothing happens after an answer, so there is nothing to trigger.
    Row::new(operations, name, effect, what).for_scenarios_only()
}

const fn cpf(name: &'static str, outcome: CpfOutcome, what: &'static str) -> Row<AnswerEffect> {
    row(&["cpf"], name, AnswerEffect::Cpf(outcome), what)
}

const fn cnpj(name: &'static str, outcome: CnpjOutcome, what: &'static str) -> Row<AnswerEffect> {
    row(&["cnpj"], name, AnswerEffect::Cnpj(outcome), what)
}

const fn document(name: &'static str, body: &'static Fixture, what: &'static str) -> Row<AnswerEffect> {
    row(&["document"], name, AnswerEffect::Body(body), what)
}

const fn meter(name: &'static str, body: &'static Fixture, what: &'static str) -> Row<AnswerEffect> {
    row(&["meter"], name, AnswerEffect::Body(body), what)
}

const fn reading(name: &'static str, status: &'static str, what: &'static str) -> Row<AnswerEffect> {
    row(&["meter"], name, AnswerEffect::Conciliation(status), what)
}

const fn faces(name: &'static str, body: &'static Fixture, what: &'static str) -> Row<AnswerEffect> {
    row(&["facematch"], name, AnswerEffect::Body(body), what)
}

const fn error(name: &'static str, body: &'static Fixture, what: &'static str) -> Row<AnswerEffect> {
    row(ALL, name, AnswerEffect::Error(body), what)
}

pub(super) const OUTCOMES: &[Row<AnswerEffect>] = &[
    cpf("cpf-regular", CpfOutcome::Regular, "REGULAR"),
    cpf("cpf-pending", CpfOutcome::Pending, "PENDENTE DE REGULARIZACAO"),
    cpf("cpf-suspended", CpfOutcome::Suspended, "SUSPENSA"),
    cpf("cpf-cancelled", CpfOutcome::Cancelled, "CANCELADA"),
    cpf("cpf-deceased", CpfOutcome::Deceased, "TITULAR FALECIDO, HasObitIndication true"),
    cpf("cpf-null", CpfOutcome::Null, "NULA"),
    cnpj("cnpj-active", CnpjOutcome::Active, "ATIVA"),
    cnpj("cnpj-closed", CnpjOutcome::Closed, "BAIXADA"),
    cnpj("cnpj-unfit", CnpjOutcome::Unfit, "INAPTA"),
    cnpj("cnpj-suspended", CnpjOutcome::Suspended, "SUSPENSA"),
    cnpj("cnpj-null", CnpjOutcome::Null, "NULA"),
    document("document-empty", &documented::DOCUMENT_EMPTY_200, "no document was recognised on the image"),
    document("document-pages", &documented::DOCUMENT_PAGES_200, "two pages were found on the image"),
    row(
        &["document"],
        "document-other",
        AnswerEffect::OtherDocument,
        "the document is of another type: an RG, or a CNH in place of an RG",
    ),
    meter("meter-digital", &documented::METER_DIGITAL_200, "a digital meter"),
    meter("meter-cyclometric", &documented::METER_CICLOMETRICO_200, "a cyclometric meter"),
    meter("meter-analog", &documented::METER_ANALOGICO_200, "an analogue meter"),
    meter("meter-unbalanced", &documented::METER_UNBALANCED_200, "an analogue meter that is unbalanced"),
    meter("meter-partial", &documented::METER_PARTIAL_200, "only the display of the meter was read"),
    meter("meter-unread", &documented::METER_BARE_200, "nothing of the meter was read"),
    reading("reading-conciliated", "conciliated", "a reading in the request agrees"),
    reading("reading-not-conciliated", "not conciliated", "a reading in the request does not agree"),
    faces("faces-match", &documented::FACEMATCH_200, "the faces match"),
    faces("faces-differ", &documented::FACEMATCH_NO_MATCH_200, "the faces do not match"),
    faces("faces-no-verdict", &documented::FACEMATCH_OBJECT_200, "a confidence without a verdict"),
    error("no-data", &documented::ERROR_NO_DATA_400, "HTTP 400, \"The request has no data.\""),
    error(
        "image-required",
        &documented::ERROR_IMAGE_REQUIRED_400,
        "HTTP 400, \"The image field is required\"",
    ),
    error(
        "not-base64",
        &documented::ERROR_NOT_BASE64_400,
        "HTTP 400, \"The image field should be a base64 encoded string.\"",
    ),
    error(
        "bearer-required",
        &documented::ERROR_BEARER_REQUIRED_400,
        "HTTP 400, \"Bearer Token is required to perform this operation\"",
    ),
    error("not-jwt", &documented::ERROR_NOT_JWT_400, "HTTP 400, \"The token is not in JWT format\""),
    error("bad-request", &documented::ERROR_BAD_REQUEST_400, "HTTP 400, \"Bad Request\""),
    error("not-registered", &documented::ERROR_NOT_REGISTERED_401, "HTTP 401, \"Client is not registered\""),
    error(
        "no-credits",
        &documented::ERROR_NO_CREDITS_403,
        "HTTP 403, \"Insufficient credits to perform this operation\"",
    ),
    error("url-not-found", &documented::ERROR_URL_NOT_FOUND_404, "HTTP 404, \"URL not found\""),
    error("service-down", &documented::ERROR_SERVICE_DOWN_500, "HTTP 500, \"Service API is not working\""),
    error(
        "unprocessable",
        &documented::ERROR_UNPROCESSABLE_500,
        "HTTP 500, \"Could not process the service response\"",
    ),
];

pub(super) fn outcomes() -> Vec<Outcome> {
    outcomes::described(FACTS.key, OUTCOMES)
}

#[cfg(test)]
mod tests {
    use super::super::Operation;
    use super::*;

    #[test]
    fn the_errors_are_those_of_every_operation() {
        let names: Vec<_> = Operation::ALL.iter().map(|operation| operation.name()).collect();
        assert_eq!(ALL, names);
    }
}
