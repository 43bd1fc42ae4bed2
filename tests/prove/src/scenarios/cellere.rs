//! The calls of Cellere's client.

use anyhow::{Result, bail};
use cellere_portal::{
    Client, Credentials, DocumentRequest, DocumentResponse, DocumentType, FaceMatchRequest, MeterRequest,
    MeterResponse, MeterService,
};
use kyc_core::{Cnpj, Lenient, Media};
use kyc_sandbox::Sandbox;
use kyc_sandbox::cellere::Operation;
use test_support::png;

use super::{CNPJ, Calls, Site, cpf};

pub(super) struct Cellere;

impl Calls for Cellere {
    const KEY: &'static str = "cellere";

    fn operations() -> Vec<&'static str> {
        Operation::ALL.iter().map(|operation| operation.name()).collect()
    }

    async fn call(site: &Site, operation: &str, outcome: &str) -> Result<String> {
        let client = Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN));
        let client = client.base_url(&site.sandbox.cellere_url()).options(site.options()).build()?;
        let image = || Media::new(png(150));
        Ok(match operation {
            "document" => {
                let request = DocumentRequest::new(DocumentType::Cnh, image()?);
                document(client.document(&request).await?.value())
            }
            "cpf" => {
                let found = client.cpf(&cpf()?).await?;
                format!("{:?}, obit {:?}", found.value().status(), found.value().has_obit())
            }
            "cnpj" => format!("{:?}", client.cnpj(&Cnpj::parse(CNPJ)?).await?.value().status()),
            "meter" => {
                let request = MeterRequest::base64(MeterService::Energy, image()?);
                // Without a reading there is no conciliation.
                let has_reading = outcome.starts_with("reading");
                let request = if has_reading { request.with_reading("1") } else { request };
                meter(client.meter(&request).await?.value())
            }
            "facematch" => {
                let request = FaceMatchRequest::new(image()?, Media::new(png(151))?);
                let found = client.facematch(&request).await?;
                let verdict = found.value().verdict(None);
                format!("{verdict:?}, confidence {}", found.value().confidence().is_some())
            }
            "balance" => {
                let amount = client.balance().await?.into_inner().amount;
                format!("amount {}", amount.as_ref().and_then(Lenient::get).is_some())
            }
            other => bail!("no call for {other}"),
        })
    }

    fn paid(sandbox: &Sandbox, operation: &str) -> u64 {
        Operation::named(operation).map_or(0, |operation| sandbox.cellere().paid_calls_of(operation))
    }
}

fn document(response: &DocumentResponse) -> String {
    let documents = response.documents();
    let shown = |one: &&DocumentResponse| {
        let fields = one.fields.as_ref().map_or(0, |fields| usize::from(format!("{fields:?}").len() > 2));
        format!("{:?}, fields {}", one.doc_type, fields > 0)
    };
    format!("{} documents: {}", documents.len(), documents.iter().map(shown).collect::<Vec<_>>().join("; "))
}

fn meter(response: &MeterResponse) -> String {
    let reading = response.reading();
    format!(
        "{:?}, number {}, model {}, unbalanced {:?}, conciliation {:?}",
        reading.display_type,
        reading.read_number().is_some(),
        reading.model_meter.is_some(),
        reading.unbalanced_analogical.as_ref().and_then(Lenient::get),
        response.conciliation()
    )
}
