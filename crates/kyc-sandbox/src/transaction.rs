//! What is going on at a vendor, for the console and the control routes.

use kyc_core::Timestamp;

/// An operation that a vendor decides later, or a journey.
#[derive(Clone)]
pub(crate) struct Transaction {
    /// The vendor's id, with which a client finds it; shortened where it holds data of the person.
    pub(crate) reference: String,
    /// The name of the operation that began it.
    pub(crate) operation: &'static str,
    /// Digits; shown masked.
    pub(crate) cpf: Option<String>,
    /// In the vendor's words, such as `Processing`.
    pub(crate) state: String,
    pub(crate) created: Timestamp,
    /// When it is or was decided; `None` if that depends on a further request.
    pub(crate) decided: Option<Timestamp>,
}
