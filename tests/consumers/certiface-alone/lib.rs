//! A backend: it creates a key for the app and queries the result after the webhook.

use certiface::kyc_core::{Cpf, Date, Error};
use certiface::{Appkey, Client, ClientBuilder, Credentials, JourneyResult, Person};

pub fn client(address: &str) -> ClientBuilder {
    Client::builder(Credentials::new("operator".to_owned(), "password".to_owned()))
        .base_url(address)
        .result_base_url(address)
}

pub async fn key_for_the_app(client: &Client, cpf: Cpf, name: &str, born: Date) -> Result<Appkey, Error> {
    Ok(client.appkey(&Person::new(cpf, name, born)).await?.into_inner().appkey)
}

pub async fn result(client: &Client, appkey: &Appkey) -> Result<Option<JourneyResult>, Error> {
    Ok(client.result(appkey).await?.into_inner())
}
