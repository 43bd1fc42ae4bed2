//! The four clients, with one call each.

use std::pin::Pin;

use bankly_kyc::Credentials as BanklyCredentials;
use kyc_core::{ClientOptions, Cpf, Error, Media};
use test_support::png;

type Call = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// A client, and a call to the vendor at that address.
pub(crate) struct Victim {
    pub(crate) name: &'static str,
    /// How often it reads a response: also for the error that a success status may come with.
    pub(crate) readings: u32,
    pub(crate) call: fn(String, ClientOptions) -> Call,
}

pub(crate) const ALL: &[Victim] = &[
    Victim { name: "bankly-kyc", readings: 1, call: bankly },
    Victim { name: "cellere-portal", readings: 2, call: cellere },
    Victim { name: "certiface", readings: 1, call: certiface },
    Victim { name: "clearsale-facematch", readings: 1, call: clearsale },
];

fn cpf() -> Result<Cpf, Error> {
    Ok(Cpf::parse("52998224725")?)
}

fn bankly(base: String, options: ClientOptions) -> Call {
    Box::pin(async move {
        let credentials = BanklyCredentials::by_secret("id", "secret");
        let client = bankly_kyc::Client::builder(credentials)
            .base_url(&base)
            .auth_url(&base)
            .options(options)
            .build()?;
        client.analyses(&cpf()?, &[], bankly_kyc::ResultLevel::Detailed).await.map(drop)
    })
}

fn cellere(base: String, options: ClientOptions) -> Call {
    Box::pin(async move {
        let credentials = cellere_portal::Credentials::new("token");
        let client = cellere_portal::Client::builder(credentials).base_url(&base).options(options).build()?;
        client.cpf(&cpf()?).await.map(drop)
    })
}

fn certiface(base: String, options: ClientOptions) -> Call {
    Box::pin(async move {
        let client = certiface::Client::builder(certiface::Credentials::new("user", "password"))
            .base_url(&base)
            .result_base_url(&base)
            .options(options)
            .build()?;
        client.result(&certiface::Appkey::new("appkey")).await.map(drop)
    })
}

fn clearsale(base: String, options: ClientOptions) -> Call {
    Box::pin(async move {
        let credentials = clearsale_facematch::Credentials::new("id", "secret");
        let client =
            clearsale_facematch::Client::builder(credentials).base_url(&base).options(options).build()?;
        let image = Media::new(png(150))?;
        let request = clearsale_facematch::MatchRequest::new(image.clone(), image);
        client.match2d_2d(&request).await.map(drop)
    })
}
