//! One file for each operation of the vendor: its class, what is sent and what comes back. The paths stand in
//! [`Endpoints`](crate::Endpoints), since no page of the vendor names them.

pub(crate) mod balance;
pub(crate) mod cnpj;
pub(crate) mod cpf;
pub(crate) mod document;
pub(crate) mod facematch;
pub(crate) mod meter;

use kyc_core::{Error, Invalid, Operation};

use crate::VENDOR;

pub(crate) fn invalid(operation: &Operation, field: &'static str, rule: &Invalid) -> Error {
    Error::invalid_input(VENDOR, field, rule).in_operation(operation.name())
}
