//! Reads documents, on a local sandbox that the program starts: one with the portal's own response, several kinds through
//! the trait of kyc-core, and one for which the portal has no path.
//!
//! `cargo run -p cellere-portal --example documents`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use cellere_portal::kyc_core::{
    Base64Bytes, DocumentKind, DocumentPage, DocumentReader, Lenient, Media, RawJson,
};
use cellere_portal::{Block, Client, Credentials, DocumentRequest, DocumentType, Field, ResponseText};
use kyc_sandbox::{Sandbox, samples};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().start().await?;
    let client = client_of(&sandbox)?;
    println!("1. A driving licence, field by field");
    field_by_field(&client).await?;
    println!("\n2. Independent of the vendor");
    by_the_trait(&client).await?;
    println!("\n3. A document without a path");
    without_a_path(&sandbox).await?;
    println!("\npaid for: {} readings", sandbox.cellere().paid_calls());
    Ok(())
}

/// Uses the sandbox; without `base_url` it would be the portal itself, where each reading costs credits.
fn client_of(sandbox: &Sandbox) -> Result<Client, Failure> {
    let credentials = Credentials::new(Sandbox::CELLERE_TOKEN);
    Ok(Client::builder(credentials).base_url(&sandbox.cellere_url()).build()?)
}

/// The sandbox evaluates only the path, so any image will do.
fn image() -> Result<Media, Failure> {
    Ok(Media::new(samples::A_2025)?)
}

async fn field_by_field(client: &Client) -> Result<(), Failure> {
    let request = DocumentRequest::new(DocumentType::Cnh, image()?).with_deskewed_image();
    let response = client.document(&request).await?;
    println!("   reading {}", response.value().query_id().unwrap_or("without an id"));
    for document in response.value().documents() {
        println!("   recognised as {:?}", document.doc_type);
        let fields = document.fields.as_ref().map(Block::records).unwrap_or_default();
        fields.iter().for_each(|field| show(field));
        // Personal data is hidden in `Debug`, so a field may be logged.
        println!("     in a log: {:?}", fields.first());
        let straightened = document.deskew_image.as_ref().and_then(Base64Bytes::bytes);
        println!("   straightened: {} bytes", straightened.map_or(0, |bytes| bytes.len()));
    }
    Ok(())
}

/// Prints a field. Its data is fictitious.
fn show(field: &Field) {
    let name = field.name.as_ref().map_or("?", |name| name.as_str());
    let value = field.value.as_ref().map(RawJson::to_text).unwrap_or_default();
    let score = field.score.as_ref().and_then(Lenient::get).map_or(0.0, |score| score.get());
    println!("     {name:<16} {value:<24} {:.0} % confidence", score * 100.0);
}

/// Uses only the trait, so that any vendor fits.
async fn by_the_trait(reader: &dyn DocumentReader) -> Result<(), Failure> {
    for kind in [
        DocumentKind::Rg,
        DocumentKind::ProofOfAddress,
        DocumentKind::CompanyRegistration,
        // A kind that only the portal has, by its path segment.
        DocumentKind::from("itr"),
    ] {
        let page = DocumentPage::new(kind, image()?);
        let reading = reader.read_document(&page, Duration::from_secs(60)).await?;
        let names: Vec<_> = reading.fields.iter().map(|field| field.name.as_str()).collect();
        println!("   {} read {}: {}", reader.vendor(), page.kind.as_str(), names.join(", "));
    }
    Ok(())
}

/// Most path segments follow the pattern of the three known ones. A wrong one is corrected in one line.
async fn without_a_path(sandbox: &Sandbox) -> Result<(), Failure> {
    let document = || DocumentType::from("contrato-social");
    let request = DocumentRequest::new(document(), image()?);
    let error = client_of(sandbox)?.document(&request).await.err().ok_or("the document was read")?;
    println!("   {error}");
    if ResponseText::of(&error) == Some(ResponseText::UrlNotFound) {
        let corrected = Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN))
            .base_url(&sandbox.cellere_url())
            .endpoints(|endpoints| {
                endpoints.document_segments.insert("contrato-social".into(), "contrato-locacao-v2".into());
            })
            .build()?;
        let response = corrected.document(&DocumentRequest::new(document(), image()?)).await?;
        println!(
            "   read with another segment: {:?}",
            response.value().documents().first().and_then(|document| document.doc_type.as_ref())
        );
    }
    Ok(())
}
