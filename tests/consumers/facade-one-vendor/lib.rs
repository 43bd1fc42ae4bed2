//! One vendor by way of the facade: its crate stands under its own name.

use kyc_br::cellere_portal::{Client, Credentials};
use kyc_br::prelude::*;

/// How a CPF stands, by whoever looks it up.
pub async fn status(
    checker: &dyn BackgroundChecker,
    cpf: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let person = checker.check_person(&Cpf::parse(cpf)?).await?;
    Ok(person.status.as_ref().map(|status| status.as_str().to_owned()).unwrap_or_default())
}

/// A client of an address of the caller's choice.
pub fn client(base_url: &str) -> Result<Client, Error> {
    Client::builder(Credentials::new("token")).base_url(base_url).build()
}
