//! One vendor through the facade, which re-exports its crate under its own name.

use kyc_br::cellere_portal::{Client, Credentials};
use kyc_br::kyc_core::Error;
use kyc_br::prelude::*;

/// Returns the registration status of a CPF from any background checker.
pub async fn status(
    checker: &dyn BackgroundChecker,
    cpf: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let person = checker.check_person(&Cpf::parse(cpf)?).await?;
    Ok(person.value().status.as_ref().map(|status| status.as_str().to_owned()).unwrap_or_default())
}

/// Returns a client for the given base URL.
pub fn client(base_url: &str) -> Result<Client, Error> {
    Client::builder(Credentials::new("token")).base_url(base_url).build()
}
