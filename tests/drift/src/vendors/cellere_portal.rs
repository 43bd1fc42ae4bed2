//! Cellere's portal.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cellere_portal::kyc_core::{Cnpj, Cpf, Media};
use cellere_portal::{
    BalanceResponse, BaseStatus, Client, CnpjResponse, Conciliation, CpfResponse, Credentials, DisplayType,
    DocumentRequest, DocumentResponse, DocumentType, ErrorBody, FaceMatchRequest, FaceMatchResponse,
    MeterRequest, MeterResponse, MeterService, ResponseText, TaxIdStatus,
};
use kyc_fixtures::{Fixture, cellere_portal as documented};
use kyc_sandbox::cellere::Operation;
use kyc_sandbox::{Sandbox, samples};
use serde_json::{Value, json};
use wiremock::{MockServer, Request};

use super::{as_documented, file, heard, requests, said, server};
use crate::reader::{Reader, listed_as};
use crate::schemas::written;
use crate::vendor::{Body, Listed, Performed, Sent, Vendor};

pub(crate) struct Cellere;

/// The texts of requests: the usual value and the changed one.
const TEXTS: &[(&str, &str, &str)] = &[
    ("cpf", "52998224725", "93000000127"),
    ("cnpj", "11222333000181", "12ABC34501DE35"),
    ("link", "https://example.com/digital.jpeg", "https://example.com/another.jpeg"),
    ("service", "energia", "agua"),
    ("reading", "", "12345"),
];

/// The documents that it reads, each at a path of its own.
const DOCUMENTS: &[&str] = &[
    "CNH",
    "RG",
    "Comprovante de Endereço",
    "Certidão de Casamento",
    "Certidão de Nascimento",
    "ART",
    "CNPJ",
    "TRT",
    "Cadastro Único",
    "Cadesp",
    "Passaporte",
    "INSS",
    "RNE",
    "CCIR",
    "ITR",
    "Contrato de Locação",
];

/// The ways to send the image of a meter.
const WAYS: &[&str] = &["base64", "image", "link"];

#[async_trait]
impl Vendor for Cellere {
    fn name(&self) -> &'static str {
        "cellere-portal"
    }

    fn reader(&self, body: &Body<'_>) -> Option<Reader> {
        Some(match body {
            Body::Answer("document", 200) => Reader::both::<DocumentResponse>("DocumentResponse"),
            Body::Answer("cpf", 200) => Reader::both::<CpfResponse>("CpfResponse"),
            Body::Answer("cnpj", 200) => Reader::both::<CnpjResponse>("CnpjResponse"),
            Body::Answer("meter", 200) => Reader::both::<MeterResponse>("MeterResponse"),
            Body::Answer("facematch", 200) => Reader::both::<FaceMatchResponse>("FaceMatchResponse"),
            Body::Answer("balance", 200) => Reader::both::<BalanceResponse>("BalanceResponse"),
            Body::Shared("Error bodies") | Body::Answer(_, 300..) => Reader::both::<ErrorBody>("ErrorBody"),
            _ => return None,
        })
    }

    async fn send(&self, operation: &str, field: &str) -> Result<Option<Sent>> {
        let Some(expected) = expected(operation, field) else { return Ok(None) };
        // The field of one way is sent in that way only.
        let kinds = kinds(operation);
        let kind = kinds.iter().find(|kind| **kind == field).or(kinds.first()).copied().unwrap_or_default();
        let plain = Order { changed: None, kind };
        let changed = Order { changed: Some(field), kind };
        Ok(Some(Sent {
            without: plain.sent(operation).await?,
            with: changed.sent(operation).await?,
            expected,
            together: &[],
        }))
    }

    fn listed(&self, list: &str, value: &str) -> Listed {
        match list {
            "Document types" => listed_as!(DocumentType, value),
            "CPF statuses" => listed_as!(TaxIdStatus, value),
            "CNPJ statuses" => listed_as!(BaseStatus, value),
            "Meter services" => listed_as!(MeterService, value),
            "Display types" => listed_as!(DisplayType, value),
            "Conciliation" => listed_as!(Conciliation, value),
            "Response texts" => listed_as!(ResponseText, value),
            _ => Listed::NoType,
        }
    }

    async fn perform(&self) -> Result<Performed> {
        let mut performed = Performed::default();
        listen(&mut performed).await?;
        stand_in(&mut performed).await?;
        Ok(performed)
    }

    fn schemas(&self) -> Vec<Value> {
        vec![
            written::<DocumentRequest>(),
            written::<DocumentResponse>(),
            written::<CpfResponse>(),
            written::<CnpjResponse>(),
            written::<MeterResponse>(),
            written::<FaceMatchRequest>(),
            written::<FaceMatchResponse>(),
            written::<BalanceResponse>(),
            written::<ErrorBody>(),
            // The text of a status, which is not a closed list.
            written::<Conciliation>(),
            written::<ResponseText>(),
        ]
    }

    async fn requests(&self) -> Result<BTreeMap<&'static str, Option<(&'static str, Value)>>> {
        let document = Order { changed: Some("deskewImage"), kind: "CNH" }.sent("document").await?;
        let faces = Order { changed: None, kind: "" }.sent("facematch").await?;
        // The others consist of a few texts or an image, and have no public type.
        Ok([
            ("document", Some(("DocumentRequest", document))),
            ("cpf", None),
            ("cnpj", None),
            ("meter", None),
            ("facematch", Some(("FaceMatchRequest", faces))),
            ("balance", None),
        ]
        .into())
    }
}

/// Performs every operation against a recording server.
async fn listen(performed: &mut Performed) -> Result<()> {
    let vendor = vendor().await;
    let client = client("somebody's", &vendor.uri())?;
    for operation in Operation::ALL {
        let done = perform(&client, operation.name()).await;
        performed.failures.extend(done.err().map(|error| format!("{}: {error:#}", operation.name())));
    }
    performed.sent = heard(&vendor).await?;
    Ok(())
}

/// Performs every operation against the sandbox.
async fn stand_in(performed: &mut Performed) -> Result<()> {
    let sandbox = Sandbox::builder().start().await?;
    let client = client(Sandbox::CELLERE_TOKEN, &sandbox.cellere_url())?;
    for operation in Operation::ALL {
        match perform(&client, operation.name()).await {
            Ok(()) if sandbox.cellere().requests(*operation) > 0 => {
                performed.served.insert(operation.name().to_owned());
            }
            Ok(()) => {}
            Err(error) => performed.failures.push(format!("{}: {error:#}", operation.name())),
        }
    }
    Ok(())
}

fn client(token: &str, url: &str) -> Result<Client> {
    Ok(Client::builder(Credentials::new(token.to_owned())).base_url(url).build()?)
}

/// Performs all variants of an operation.
async fn perform(client: &Client, operation: &str) -> Result<()> {
    for kind in kinds(operation) {
        let order = Order { changed: None, kind };
        order.perform(client, operation).await.with_context(|| (*kind).to_owned())?;
    }
    Ok(())
}

fn kinds(operation: &str) -> &'static [&'static str] {
    match operation {
        "document" => DOCUMENTS,
        "meter" => WAYS,
        _ => &[""],
    }
}

/// The input of the client: usual values, except for one field.
#[derive(Clone, Copy)]
struct Order<'a> {
    changed: Option<&'a str>,
    /// One of [`kinds`].
    kind: &'a str,
}

impl Order<'_> {
    fn text(&self, field: &str) -> &'static str {
        let text = TEXTS.iter().find(|(known, ..)| *known == field);
        text.map_or("", |(_, usual, changed)| if self.is_changed(field) { changed } else { usual })
    }

    fn is_changed(&self, field: &str) -> bool {
        self.changed == Some(field)
    }

    fn picture(&self, field: &str) -> Result<Media> {
        Ok(Media::new(if self.is_changed(field) { samples::A_2025 } else { samples::A_2014 })?)
    }

    fn document(&self) -> Result<DocumentRequest> {
        let request = DocumentRequest::new(DocumentType::from(self.kind), self.picture("image")?);
        Ok(if self.is_changed("deskewImage") { request.with_deskewed_image() } else { request })
    }

    fn meter(&self) -> Result<MeterRequest> {
        let service = MeterService::from(self.text("service"));
        let request = match self.kind {
            "image" => MeterRequest::file(service, self.picture("image")?),
            "base64" => MeterRequest::base64(service, self.picture("base64")?),
            _ => MeterRequest::link(service, self.text("link")),
        };
        Ok(match self.text("reading") {
            "" => request,
            reading => request.with_reading(reading),
        })
    }

    async fn perform(&self, client: &Client, operation: &str) -> Result<()> {
        match operation {
            "document" => {
                let read = client.document(&self.document()?).await?;
                let wanted = Some(DocumentType::from(self.kind));
                let is_read = read.value().documents().iter().any(|document| document.doc_type == wanted);
                ensure!(is_read, "another document is read");
            }
            "cpf" => {
                let found = client.cpf(&Cpf::parse(self.text("cpf"))?).await?;
                ensure!(found.value().status() == Some(&TaxIdStatus::Regular), "the CPF is not regular");
            }
            "cnpj" => {
                let found = client.cnpj(&Cnpj::parse(self.text("cnpj"))?).await?;
                ensure!(found.value().status() == Some(&BaseStatus::Ativa), "the company is not active");
            }
            "meter" => {
                let read = client.meter(&self.meter()?).await?;
                ensure!(read.value().read_result.is_some(), "nothing is read");
            }
            "facematch" => {
                let faces = FaceMatchRequest::new(self.picture("image1")?, self.picture("image2")?);
                ensure!(
                    client.facematch(&faces).await?.value().is_match().is_yes(),
                    "the faces do not match"
                );
            }
            "balance" => {
                ensure!(client.balance().await?.value().amount.is_some(), "there is no amount");
            }
            _ => anyhow::bail!("unknown operation"),
        }
        Ok(())
    }

    /// Returns the body of an operation as sent.
    async fn sent(&self, operation: &str) -> Result<Value> {
        let vendor = vendor().await;
        self.perform(&client("somebody's", &vendor.uri())?, operation).await?;
        said(requests(&vendor).await?.first().context("nothing was sent")?)
    }
}

/// Returns the changed value of a field; `None` for a field that nothing sets.
fn expected(operation: &str, field: &str) -> Option<Value> {
    let order = Order { changed: Some(field), kind: "" };
    Some(match (operation, field) {
        ("document", "deskewImage") => json!(true),
        ("meter", "image") => file("image.jpeg", "image/jpeg", samples::A_2025),
        (_, "image" | "base64" | "image1" | "image2") => json!(STANDARD.encode(samples::A_2025)),
        _ if TEXTS.iter().any(|(known, ..)| *known == field) => order.text(field).into(),
        _ => return None,
    })
}

/// Answers every request as documented.
async fn vendor() -> MockServer {
    server(|request: &Request| as_documented(answer_to(request.url.path()))).await
}

fn answer_to(path: &str) -> &'static Fixture {
    let last = path.rsplit('/').next().unwrap_or_default();
    // The page names these operations after their path.
    let document = format!("document-{}-200", last.replace('_', "-"));
    match last {
        "cpf-simples" => &documented::CPF_200,
        "cnpj-simples" => &documented::CNPJ_200,
        "autoleitura" => &documented::METER_DIGITAL_200,
        "facematch" => &documented::FACEMATCH_200,
        "saldo-portal" => &documented::BALANCE_200,
        _ => documented::ALL
            .iter()
            .find(|fixture| fixture.name == document)
            .copied()
            .unwrap_or(&documented::ERROR_URL_NOT_FOUND_404),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_field_is_looked_for_in_the_request_of_its_own_operation() {
        let sent = Cellere.send("cpf", "cpf").await.unwrap().unwrap();
        assert_eq!(sent.with["cpf"], sent.expected);
        assert_ne!(sent.without["cpf"], sent.expected);
        let elsewhere = Cellere.send("balance", "cpf").await.unwrap().unwrap();
        assert_eq!(elsewhere.with, elsewhere.without);
        assert!(Cellere.send("cpf", "colour").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_meter_is_sent_in_one_way() {
        for way in WAYS {
            let sent = Cellere.send("meter", way).await.unwrap().unwrap();
            let keys: Vec<_> = WAYS.iter().filter(|other| sent.with.get(**other).is_some()).collect();
            assert_eq!(keys, [way]);
        }
    }
}
