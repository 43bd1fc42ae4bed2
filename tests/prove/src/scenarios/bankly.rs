//! The calls of Bankly's client.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bankly_kyc::{
    Analysis, Client, ClientBuilder, CompanyDocument, Credentials, DocumentSide, DocumentType, MessageState,
    NewWebhook, ResultLevel, Upload, WebhookTarget,
};
use kyc_core::{Cnpj, Date, Media, Secret, VendorClient as _};
use kyc_sandbox::Sandbox;
use kyc_sandbox::bankly::Operation;
use test_support::png;

use super::{CNPJ, Calls, Site, cpf};

const SCOPES: [&str; 7] = [
    "certificate.create",
    "kyc.document.write",
    "kyc.document.deepface.write",
    "kyc.document.read",
    "webhook.read",
    "webhook.write",
    "webhook.delete",
];

pub(super) struct Bankly;

impl Calls for Bankly {
    const KEY: &'static str = "bankly";

    fn operations() -> Vec<&'static str> {
        Operation::ALL.iter().map(|operation| operation.name()).collect()
    }

    async fn call(site: &Site, operation: &str, outcome: &str) -> Result<String> {
        let secret = Credentials::by_secret(Sandbox::BANKLY_CLIENT_ID, Sandbox::BANKLY_CLIENT_SECRET);
        let client = client(site, secret).build()?;
        match operation {
            "token" => {
                let by_certificate = Credentials::by_certificate(Sandbox::BANKLY_CLIENT_ID);
                self::client(site, by_certificate).build()?.check_login().await?;
            }
            "legacy-token" => client.check_login().await?,
            "certificate" => {
                let passphrase = Secret::new("Aa1!".repeat(16));
                client.request_certificate(Sandbox::BANKLY_COMPANY_KEY, &passphrase, 365).await?;
            }
            "register" => {
                let scopes = ["kyc.document.read".to_owned()];
                client.register("CN=company", Sandbox::BANKLY_COMPANY_KEY, &scopes).await?;
            }
            "upload" | "upload-deepface" => return analysed(site, &client, operation, outcome).await,
            "upload-company" => {
                let (cnpj, pdf) = (Cnpj::parse(CNPJ)?, Media::new(&b"%PDF-1.4\n%%EOF\n"[..])?);
                let document = CompanyDocument::ArticlesOfIncorporation;
                let sent = client.upload_company(&cnpj, &document, &pdf).await?;
                return Ok(format!("token {}", sent.value().token.is_some()));
            }
            "status" => {
                client.upload(&cpf()?, &image("")?).await?;
                let found = client.analyses(&cpf()?, &[], ResultLevel::Detailed).await?;
                let statuses: Vec<_> = found.value().iter().map(|one| &one.status).collect();
                return Ok(format!("{statuses:?}"));
            }
            _ => return webhooks(site, &client, operation).await,
        }
        Ok("Ok".to_owned())
    }

    fn paid(sandbox: &Sandbox, operation: &str) -> u64 {
        Operation::named(operation).map_or(0, |operation| sandbox.bankly().paid_calls_of(operation))
    }
}

fn client(site: &Site, credentials: Credentials) -> ClientBuilder {
    let url = site.sandbox.bankly_url();
    site.sandbox.bankly().rate_limit(false);
    Client::builder(credentials).base_url(&url).auth_url(&url).scopes(SCOPES).options(site.options())
}

/// Returns the image that the outcome is about.
fn image(outcome: &str) -> Result<Upload> {
    let mut bytes = png(640);
    bytes.get_mut(20..24).context("the height")?.copy_from_slice(&480u32.to_be_bytes());
    let media = Media::new(bytes)?;
    let document = |side| Upload::document(DocumentType::Rg, side, media.clone());
    Ok(match outcome {
        outcome if outcome.starts_with("front") => document(DocumentSide::Front),
        outcome if outcome.starts_with("back") => document(DocumentSide::Back),
        _ => Upload::selfie(media).with_unico("dW5pY28="),
    })
}

/// Uploads an image, a document after a selfie, and describes its analysis.
async fn analysed(site: &Site, client: &Client, operation: &str, outcome: &str) -> Result<String> {
    let mut onboarding = client.onboarding(cpf()?);
    let mut images = vec![image("")?];
    if outcome.starts_with("front") || outcome.starts_with("back") {
        images.push(image(outcome)?);
    }
    let mut found = None;
    for image in &images {
        let sent = match operation {
            "upload" => onboarding.upload(image).await?,
            _ => client.upload_deepface(&cpf()?, image).await?,
        };
        let token = sent.into_inner().token.context("a token")?;
        site.pass_the_analysis();
        found = client.analysis(&cpf()?, &token).await?.into_inner();
        found.iter().for_each(|analysis| drop(onboarding.note(analysis)));
    }
    let Some(found) = found else { return Ok("no analysis".to_owned()) };
    // Only an onboarding knows the person and the image that was sent.
    let verdict = if operation == "upload" { onboarding.judge(&found) } else { found.verdict() };
    Ok(format!("{verdict:?}; {}", described(&found)))
}

fn described(analysis: &Analysis) -> String {
    let document = analysis.document_details.as_ref();
    format!(
        "{:?}, liveness {:?}, face {:?}, face match {:?}, document {:?} {:?}, its CPF is {}",
        analysis.status,
        analysis.liveness.as_ref().map(|liveness| &liveness.status),
        analysis.face_details.as_ref().map(|face| &face.status),
        analysis.face_match.as_ref().map(|face| &face.status),
        document.map(|document| &document.status),
        document.map(|document| &document.identified_document_type),
        document.map_or("none", |document| match &document.cpf_number {
            Some(number) if number.get().is_some_and(|number| number.digits() == super::CPF) =>
                "the person's",
            Some(_) => "another",
            None => "none",
        })
    )
}

async fn webhooks(site: &Site, client: &Client, operation: &str) -> Result<String> {
    let new = NewWebhook::new(
        "documents",
        "DOCUMENT_WAS_PROCESSED",
        "https://hooks.example.com/bankly",
        "NWUyNjgwZDMtNmE2Ni00YWYzLWJkNjUtMGM2ODMzYzczYzI1",
        "dGVzdGU=".to_owned(),
    );
    if operation == "webhook-create" {
        let created = client.create_webhook(&new).await?;
        return Ok(format!("id {}", created.value().id.is_some()));
    }
    let created = client.create_webhook(&new).await?.into_inner().id.context("an id")?;
    let id = created.as_str();
    match operation {
        "webhook-list" => return Ok(format!("{} webhooks", client.webhooks(1).await?.value().len())),
        "webhook-get" => {
            let found = client.webhook(id).await?;
            return Ok(format!("id {}", found.value().id.is_some()));
        }
        "webhook-update" => {
            let target =
                WebhookTarget::new("https://hooks.example.com/other", "other", "b3V0cm8=".to_owned());
            client.update_webhook(id, &target).await.map(drop)?;
        }
        "webhook-enable" => client.enable_webhook(id).await.map(drop)?,
        "webhook-disable" => client.disable_webhook(id).await.map(drop)?,
        "webhook-delete" => client.delete_webhook(id).await.map(drop)?,
        _ => return messages(site, client, operation).await,
    }
    Ok("Ok".to_owned())
}

/// The event of an upload, which cannot be delivered to the address.
async fn messages(site: &Site, client: &Client, operation: &str) -> Result<String> {
    client.upload(&cpf()?, &image("")?).await?;
    site.pass_the_analysis();
    let key = event(&site.sandbox).await?;
    let found = match operation {
        "messages" => {
            let (first, last) = (Date::parse("2020-01-01")?, Date::parse("2020-01-02")?);
            client.messages(first, last, &MessageState::Failed, 0).await?
        }
        "message-resend" => client.resend(&key).await?,
        other => bail!("no call for {other}"),
    };
    Ok(format!("{} messages", found.value().len()))
}

/// Waits for an event of the sandbox, and returns its key.
async fn event(sandbox: &Sandbox) -> Result<String> {
    for _ in 0..1_000 {
        if let Some(event) = sandbox.bankly().deliveries().pop() {
            return Ok(event.reference);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    bail!("no event came");
}
