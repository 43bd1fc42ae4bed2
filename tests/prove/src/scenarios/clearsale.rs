//! The calls of ClearSale's client.

use anyhow::Result;
use clearsale_facematch::{Client, Credentials, MatchRequest, Transaction};
use kyc_core::{Media, VendorClient as _};
use kyc_sandbox::Sandbox;
use kyc_sandbox::clearsale::Operation;
use test_support::png;

use super::{Calls, Site, cpf};

pub(super) struct Clearsale;

impl Calls for Clearsale {
    const KEY: &'static str = "clearsale";

    fn operations() -> Vec<&'static str> {
        Operation::ALL.iter().map(|operation| operation.name()).collect()
    }

    async fn call(site: &Site, operation: &str, _outcome: &str) -> Result<String> {
        let credentials = Credentials::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
        let client = Client::builder(credentials).base_url(&site.sandbox.clearsale_url());
        let client = client.options(site.options()).build()?;
        if operation == "login" {
            client.check_login().await?;
            return Ok("Ok".to_owned());
        }
        let request = MatchRequest::new(Media::new(png(150))?, Media::new(png(151))?);
        let started = client.match2d_2d(&request.with_cpf(cpf()?)).await?.into_inner();
        site.pass_the_analysis();
        Ok(described(client.transaction(&started.transaction_id).await?.value()))
    }

    fn paid(sandbox: &Sandbox, operation: &str) -> u64 {
        Operation::named(operation).map_or(0, |operation| sandbox.clearsale().paid_calls_of(operation))
    }
}

fn described(transaction: &Transaction) -> String {
    let given = |is_given| if is_given { "given" } else { "none" };
    let (message, errors) = (transaction.message.is_some(), transaction.errors.is_some());
    format!("{:?}, message {}, errors {}", transaction.outcome(), given(message), given(errors))
}
