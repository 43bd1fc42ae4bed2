//! Reads documents on a sandbox that this program starts itself: one by the portal's own answer, one of each kind by the
//! trait that other vendors' clients may have too, and one that the portal has no path for.
//!
//! `cargo run -p cellere-portal --example documents`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use cellere_portal::kyc_core::{Base64Bytes, DocumentKind, DocumentPage, DocumentReader, Lenient, Media};
use cellere_portal::{Block, Client, Credentials, DocumentRequest, DocumentType, Field, Json, ResponseText};
use kyc_sandbox::{Sandbox, samples};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().start().await?;
    let client = client_of(&sandbox)?;
    println!("1. A driver's licence, field by field");
    field_by_field(&client).await?;
    println!("\n2. Whoever reads it");
    whoever_reads_it(&client).await?;
    println!("\n3. A document that the portal has no path for");
    without_a_path(&sandbox).await?;
    println!("\npaid for: {} readings", sandbox.cellere().paid_calls());
    Ok(())
}

/// Without the address it would be the portal itself, where each reading costs credits.
fn client_of(sandbox: &Sandbox) -> Result<Client, Failure> {
    let credentials = Credentials::new(Sandbox::CELLERE_TOKEN);
    Ok(Client::builder(credentials).base_url(&sandbox.cellere_url()).build()?)
}

/// The sandbox reads the path and not the picture: any will do.
fn picture() -> Result<Media, Failure> {
    Ok(Media::new(samples::A_2025)?)
}

async fn field_by_field(client: &Client) -> Result<(), Failure> {
    let request = DocumentRequest::new(DocumentType::Cnh, picture()?).with_deskewed_image();
    let answer = client.document(&request).await?;
    println!("   reading {}", answer.value().query_id().unwrap_or("without an id"));
    for document in answer.value().documents() {
        println!("   taken for {:?}", document.doc_type);
        let fields = document.fields.as_ref().map(Block::records).unwrap_or_default();
        fields.iter().for_each(|field| show(field));
        // Whatever is personal hides itself: a log may have it.
        println!("     in a log: {:?}", fields.first());
        let straightened = document.deskew_image.as_ref().and_then(Base64Bytes::bytes);
        println!("   straightened: {} bytes", straightened.map_or(0, |bytes| bytes.len()));
    }
    Ok(())
}

/// What stands in a document is printed here because it is invented.
fn show(field: &Field) {
    let name = field.name.as_ref().map_or("?", |name| name.as_str());
    let value = field.value.as_ref().map(Json::to_text).unwrap_or_default();
    let score = field.score.as_ref().and_then(Lenient::get).map_or(0.0, |score| score.get());
    println!("     {name:<16} {value:<24} {:.0} % sure", score * 100.0);
}

/// This function knows no vendor.
async fn whoever_reads_it(reader: &dyn DocumentReader) -> Result<(), Failure> {
    for kind in [
        DocumentKind::Rg,
        DocumentKind::ProofOfAddress,
        DocumentKind::CompanyRegistration,
        // None of those that vendors share: by the portal's own word.
        DocumentKind::from("itr"),
    ] {
        let page = DocumentPage::new(kind, picture()?);
        let reading = reader.read_document(&page, Duration::from_secs(60)).await?;
        let names: Vec<_> = reading.fields.iter().map(|field| field.name.as_str()).collect();
        println!("   {} read {}: {}", reader.vendor(), page.kind.as_str(), names.join(", "));
    }
    Ok(())
}

/// Most segments are a guess of ours by the pattern of three. A wrong one is corrected in one line.
async fn without_a_path(sandbox: &Sandbox) -> Result<(), Failure> {
    let document = || DocumentType::from("contrato-social");
    let request = DocumentRequest::new(document(), picture()?);
    let error = client_of(sandbox)?.document(&request).await.err().ok_or("it was read")?;
    println!("   {error}");
    if ResponseText::of(&error) == Some(ResponseText::UrlNotFound) {
        let corrected = Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN))
            .base_url(&sandbox.cellere_url())
            .endpoints(|endpoints| {
                endpoints.document_segments.insert("contrato-social".into(), "contrato-locacao-v2".into());
            })
            .build()?;
        let answer = corrected.document(&DocumentRequest::new(document(), picture()?)).await?;
        println!(
            "   by another segment it is read: {:?}",
            answer.value().documents().first().and_then(|it| it.doc_type.as_ref())
        );
    }
    Ok(())
}
