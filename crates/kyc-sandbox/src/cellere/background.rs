//! Registration status of persons by CPF and of companies by CNPJ.

use kyc_core::{Cnpj, Cpf};
use serde_json::Value;

use super::errors::{bad_request, service_down, unprocessable};
use super::request::Request;
use super::{CnpjOutcome, CpfOutcome, Operation};
use crate::reply::Reply;

/// The CPF or CNPJ of a request for one of the two operations that are about somebody.
pub(super) fn subject(request: &Request) -> Result<Option<String>, Reply> {
    let valid = |name, is_valid: fn(&str) -> bool, rule| {
        let fields = request.fields()?;
        let text = fields.text(name)?.filter(|text| is_bare(text) && is_valid(text));
        text.map(|text| Some(text.to_owned())).ok_or_else(|| bad_request(rule))
    };
    match request.route.operation {
        Operation::Cpf => {
            valid("cpf", |text| Cpf::parse(text).is_ok(), "cpf must be eleven digits with valid check digits")
        }
        Operation::Cnpj => valid(
            "cnpj",
            |text| Cnpj::parse(text).is_ok(),
            "cnpj must be fourteen characters with valid check digits",
        ),
        _ => Ok(None),
    }
}

pub(super) fn cpf(request: &Request, outcome: CpfOutcome) -> Result<Value, Reply> {
    // The documented field has the feminine (of "situação"); the field that other clients read has the masculine.
    let (tax_id_status, situation) = match outcome {
        CpfOutcome::Regular => ("REGULAR", "REGULAR"),
        CpfOutcome::Pending => ("PENDENTE DE REGULARIZACAO", "PENDENTE DE REGULARIZACAO"),
        CpfOutcome::Suspended => ("SUSPENSA", "SUSPENSO"),
        CpfOutcome::Cancelled => ("CANCELADA", "CANCELADO"),
        CpfOutcome::Deceased => ("TITULAR FALECIDO", "TITULAR FALECIDO"),
        CpfOutcome::Null => ("NULA", "NULO"),
        CpfOutcome::ServiceDown => return Err(service_down("the test CPF calls for it")),
        CpfOutcome::Unprocessable => return Err(unprocessable("the test CPF calls for it")),
    };
    let mut body = request.documented_reply();
    change(&mut body, "/TaxIdStatus", tax_id_status);
    change(&mut body, "/HasObitIndication", outcome == CpfOutcome::Deceased);
    change(&mut body, "/SituacaoCadastral", situation);
    change(&mut body, "/ReceitaFederalCpf/SituacaoCadastral", situation);
    Ok(body)
}

pub(super) fn cnpj(request: &Request, outcome: CnpjOutcome) -> Value {
    let status = match outcome {
        CnpjOutcome::Active | CnpjOutcome::Alphanumeric => "ATIVA",
        CnpjOutcome::Closed => "BAIXADA",
        CnpjOutcome::Unfit => "INAPTA",
        CnpjOutcome::Suspended => "SUSPENSA",
        CnpjOutcome::Null => "NULA",
    };
    let mut body = request.documented_reply();
    change(&mut body, "/BaseStatus", status);
    change(&mut body, "/SituacaoCadastral", status);
    body
}

/// Without the punctuation that the parsers also accept.
fn is_bare(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Sets a field only if the documented response of the path has it, since each path has fields of its own.
fn change(body: &mut Value, pointer: &str, value: impl Into<Value>) {
    if let Some(place) = body.pointer_mut(pointer) {
        *place = value.into();
    }
}
