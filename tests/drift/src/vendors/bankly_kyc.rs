//! Bankly KYC.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use bankly_kyc::kyc_core::{Cnpj, Cpf, Date, Media, Secret, WebhookEvent};
use bankly_kyc::{
    Analysis, AnalysisStatus, CertificateResponse, Client, CompanyDocument, Credentials, DocumentSide,
    DocumentStatus, DocumentType, Emotion, ErrorBody, Event, EventName, FaceMatchStatus, FaceStatus,
    ImageToken, LicenceCategory, Listing, LivenessStatus, Message, MessageState, NewWebhook, PrintedSide,
    RefusalMessage, RegisterResponse, ResultLevel, TokenResponse, Upload, UploadResponse, Webhook,
    WebhookConfiguration, WebhookTarget,
};
use kyc_fixtures::{Fixture, bankly_kyc as documented};
use kyc_sandbox::Sandbox;
use kyc_sandbox::bankly::Operation;
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use super::{as_documented, file, heard, received, requests, said, server};
use crate::reader::{Reader, listed_as};
use crate::schemas::{read, written};
use crate::vendor::{Body, Listed, Performed, Sent, Vendor};

pub(crate) struct Bankly;

/// The texts of requests: the usual value, which the sandbox accepts, and the changed one.
const TEXTS: &[(&str, &str, &str)] = &[
    ("client_id", Sandbox::BANKLY_CLIENT_ID, "another"),
    ("client_secret", Sandbox::BANKLY_CLIENT_SECRET, "another"),
    ("scope", SCOPES, "kyc.document.read webhook.read"),
    ("company_key", Sandbox::BANKLY_COMPANY_KEY, "another"),
    (
        "passphrase",
        "Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!Aa1!",
        "Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?Bb2?",
    ),
    ("ttlInDays", "365", "30"),
    ("tls_client_auth_subject_dn", "CN=company_key,O=Floresta,C=BR", "CN=another,C=BR"),
    ("documentSide", "FRONT", "BACK"),
    ("company document", "BALANCE_SHEET", "POWER_OF_ATTORNEY"),
    ("providerMetadata", "of the kit", "another"),
    ("resultLevel", "DETAILED", "ONLY_STATUS"),
    ("name", "pictures", "another"),
    ("eventName", "DOCUMENT_WAS_RECEIVED", "DOCUMENT_WAS_PROCESSED"),
    ("publicKey", "NWUyNjgwZDMtNmE2Ni00YWYzLWJkNjUtMGM2ODMzYzczYzI1", "another"),
    ("privateKey", PRIVATE_KEY, "b3V0cm8="),
    ("startDate", "2026-01-01", "2026-06-30"),
    ("endDate", "2099-12-31", "2099-01-01"),
    ("state", "Hold", "Failed"),
    ("page", "1", "2"),
];

/// Fields that are always the same.
const CONSTANTS: &[(&str, &str, &str)] = &[
    ("legacy-token", "grant_type", "client_credentials"),
    ("token", "grant_type", "client_credentials"),
    ("register", "token_endpoint_auth_method", "tls_client_auth"),
    ("webhook-create", "context", "Document"),
    ("webhook-list", "pageSize", "100"),
    ("messages", "context", "Document"),
    ("messages", "pageSize", "100"),
];

/// All scopes of a token.
const SCOPES: &str = "kyc.document.read kyc.document.write kyc.document.deepface.write webhook.read webhook.write \
                      webhook.delete certificate.create";
const CPF: &str = "52998224725";
const CNPJ: &str = "11222333000181";
const PRIVATE_KEY: &str = "dGVzdGU=";

#[async_trait]
impl Vendor for Bankly {
    fn name(&self) -> &'static str {
        "bankly-kyc"
    }

    fn reader(&self, body: &Body<'_>) -> Option<Reader> {
        Some(match body {
            Body::Answer("token" | "legacy-token", 200) => {
                Reader::only_read::<TokenResponse>("TokenResponse").needing("access_token", "token-1")
            }
            Body::Answer("certificate", 200) => {
                Reader::only_read::<CertificateResponse>("CertificateResponse")
            }
            Body::Answer("register", 201) => {
                Reader::only_read::<RegisterResponse>("RegisterResponse").needing("client_id", "id-1")
            }
            Body::Answer("upload", 201 | 202)
            | Body::Answer("upload-deepface", 202)
            | Body::Answer("upload-company", 201) => Reader::both::<UploadResponse>("UploadResponse"),
            Body::Answer("status", 200) => Reader::each::<Analysis>("Analysis"),
            Body::Answer("webhook-list" | "webhook-get", 200) | Body::Answer("webhook-create", 201) => {
                Reader::both::<Listing<WebhookConfiguration>>(WEBHOOKS)
            }
            Body::Answer("messages", 200) | Body::Answer("message-resend", 202) => {
                Reader::both::<Listing<Message>>(MESSAGES)
            }
            Body::Event("document-was-received" | "document-was-processed") => Reader::each::<Event>("Event"),
            Body::Shared("Envelope") => Reader::each::<Event>("Event"),
            Body::Shared("Error bodies") | Body::Answer(_, 300..) => Reader::both::<ErrorBody>("ErrorBody"),
            _ => return None,
        })
    }

    async fn send(&self, operation: &str, field: &str) -> Result<Option<Sent>> {
        let Some(expected) = expected(operation, field) else { return Ok(None) };
        let is_of_document = operation == "upload-deepface" && field != "providerMetadata";
        let plain = Order { document_type: if is_of_document { "RG" } else { "SELFIE" }, ..USUAL };
        let changed = Order { changed: Some(field), ..plain };
        Ok(Some(Sent {
            without: plain.sent(operation).await?,
            with: changed.sent(operation).await?,
            expected,
            // The source of the image depends on what it shows.
            together: if field == "provider" { &["documentType", "providerMetadata"] } else { &[] },
        }))
    }

    fn listed(&self, list: &str, value: &str) -> Listed {
        match list {
            "Image status" => listed_as!(AnalysisStatus, value),
            "Liveness status" => listed_as!(LivenessStatus, value),
            "Face details status" => listed_as!(FaceStatus, value),
            "Face match status" => listed_as!(FaceMatchStatus, value),
            "Document details status" => listed_as!(DocumentStatus, value),
            "Emotions" => listed_as!(Emotion, value),
            "Document types" => listed_as!(DocumentType, value),
            "Document sides" => listed_as!(DocumentSide, value),
            // Only sent, never read.
            "Result levels" => {
                let level = [ResultLevel::OnlyStatus, ResultLevel::Detailed].into_iter();
                let level = level.map(ResultLevel::as_str).find(|level| *level == value);
                level.map_or(Listed::Unnamed, |level| Listed::Named(level.to_owned()))
            }
            "Company document types" => listed_as!(CompanyDocument, value),
            "Event names" => listed_as!(EventName, value),
            "Message state" => listed_as!(MessageState, value),
            "Printed sides" => listed_as!(PrintedSide, value),
            "Licence categories" => listed_as!(LicenceCategory, value),
            "Refusal texts" => listed_as!(RefusalMessage, value),
            _ => Listed::NoType,
        }
    }

    async fn perform(&self) -> Result<Performed> {
        let mut performed = Performed::default();
        listen(&mut performed).await?;
        stand_in(&mut performed).await?;
        events(&mut performed).await?;
        Ok(performed)
    }

    fn schemas(&self) -> Vec<Value> {
        vec![
            read::<TokenResponse>(),
            read::<CertificateResponse>(),
            read::<RegisterResponse>(),
            written::<UploadResponse>(),
            written::<Analysis>(),
            written::<Event>(),
            written::<Listing<WebhookConfiguration>>(),
            written::<Listing<Message>>(),
            written::<ErrorBody>(),
            // A part of an upload, which is not JSON.
            written::<CompanyDocument>(),
            // The meaning of a text that is kept as received.
            written::<RefusalMessage>(),
        ]
    }

    async fn requests(&self) -> Result<BTreeMap<&'static str, Option<(&'static str, Value)>>> {
        // Each consists of a few texts or an image, and has no public type.
        Ok(Operation::ALL.iter().map(|operation| (operation.name(), None)).collect())
    }
}

const WEBHOOKS: &str = "Listing_of_WebhookConfiguration";
const MESSAGES: &str = "Listing_of_Message";

/// Performs every operation against a recording server.
async fn listen(performed: &mut Performed) -> Result<()> {
    let vendor = vendor().await;
    for operation in Operation::ALL {
        let client = USUAL.client(operation.name(), &vendor.uri())?;
        let done = USUAL.perform(&client, operation.name()).await;
        performed.failures.extend(done.err().map(|error| format!("{}: {error}", operation.name())));
    }
    performed.sent = heard(&vendor).await?;
    Ok(())
}

/// Performs every operation against a sandbox of its own: a webhook's name is unique, and an image is accepted only
/// after the one before it.
async fn stand_in(performed: &mut Performed) -> Result<()> {
    let customer = server(ResponseTemplate::new(200)).await;
    let (hook, other_hook) = (format!("{}/hook", customer.uri()), format!("{}/other", customer.uri()));
    let order = Order { hooks: [&hook, &other_hook], ..USUAL };
    for operation in Operation::ALL {
        let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::ZERO).start().await?;
        let client = order.client(operation.name(), &sandbox.bankly_url())?;
        match order.perform(&client, operation.name()).await {
            Ok(()) if sandbox.bankly().requests(*operation) > 0 => {
                performed.served.insert(operation.name().to_owned());
            }
            Ok(()) => {}
            Err(error) => performed.failures.push(format!("{}: {error}", operation.name())),
        }
    }
    Ok(())
}

/// Receives the signed events of the sandbox.
async fn events(performed: &mut Performed) -> Result<()> {
    let customer = server(ResponseTemplate::new(200)).await;
    let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::ZERO).start().await?;
    let client = USUAL.client("upload", &sandbox.bankly_url())?;
    let wanted = [
        ("document-was-received", "/received", EventName::DocumentWasReceived),
        ("document-was-processed", "/processed", EventName::DocumentWasProcessed),
    ];
    for (operation, path, name) in &wanted {
        let url = format!("{}{path}", customer.uri());
        let hook = NewWebhook::new(*operation, name.as_str(), url, "public", PRIVATE_KEY.to_owned());
        client.create_webhook(&hook).await?;
    }
    USUAL.perform(&client, "upload").await?;
    let receiver = Webhook::new(PRIVATE_KEY.to_owned())?;
    for (operation, path, name) in &wanted {
        let is_read = |event: &WebhookEvent| {
            Event::try_from(event)
                .is_ok_and(|event| event.name.as_ref() == Some(name) && event.data.is_some())
        };
        let method = received(&customer, path, &receiver, is_read).await?;
        performed.received.extend(method.map(|method| ((*operation).to_owned(), method)));
    }
    Ok(())
}

/// The input of the client: usual values, except for one field.
#[derive(Clone, Copy)]
struct Order<'a> {
    changed: Option<&'a str>,
    /// What an image usually shows.
    document_type: &'a str,
    /// The address of events: the usual one and the changed one.
    hooks: [&'a str; 2],
}

const USUAL: Order<'_> = Order {
    changed: None,
    document_type: "SELFIE",
    hooks: ["https://hooks.example.com/bankly?x=1", "https://hooks.example.com/other"],
};

impl Order<'_> {
    fn text(&self, field: &str) -> &'static str {
        let text = TEXTS.iter().find(|(known, ..)| *known == field);
        text.map_or("", |(_, usual, changed)| if self.is_changed(field) { changed } else { usual })
    }

    fn is_changed(&self, field: &str) -> bool {
        self.changed == Some(field)
    }

    fn number(&self, field: &str) -> Result<u32> {
        Ok(self.text(field).parse()?)
    }

    fn day(&self, field: &str) -> Result<Date> {
        Ok(Date::parse(self.text(field))?)
    }

    fn client(&self, operation: &str, url: &str) -> Result<Client> {
        let (id, secret) = (self.text("client_id").to_owned(), self.text("client_secret").to_owned());
        let credentials = match operation {
            "legacy-token" | "certificate" => Credentials::by_secret(id, secret),
            _ => Credentials::by_certificate(id),
        };
        let scopes = self.text("scope").split(' ');
        Ok(Client::builder(credentials).base_url(url).auth_url(url).scopes(scopes).build()?)
    }

    fn upload(&self) -> Result<Upload> {
        let document_type = match self.changed {
            Some("documentType") => "CNH",
            Some("provider") => "SELFIE",
            _ => self.document_type,
        };
        let side = DocumentSide::from(self.text("documentSide"));
        let upload =
            Upload::document(DocumentType::from(document_type), side, picture(self.is_changed("image"))?);
        Ok(upload.with_unico(self.text("providerMetadata")))
    }

    fn target(&self) -> WebhookTarget {
        let uri = self.hooks[usize::from(self.is_changed("uri"))];
        WebhookTarget::new(uri, self.text("publicKey"), self.text("privateKey").to_owned())
    }

    fn webhook(&self) -> NewWebhook {
        let uri = self.hooks[usize::from(self.is_changed("uri"))];
        let [name, event, public, private] =
            ["name", "eventName", "publicKey", "privateKey"].map(|field| self.text(field).to_owned());
        NewWebhook::new(name, event, uri, public, private)
    }

    /// Performs an operation and those before it. Its own request is the last one, except for tokens.
    async fn perform(&self, client: &Client, operation: &str) -> Result<()> {
        let cpf = Cpf::parse(CPF)?;
        match operation {
            "token" | "legacy-token" => {
                client.analyses(&cpf, &[], ResultLevel::Detailed).await?;
            }
            "certificate" => {
                let passphrase = Secret::new(self.text("passphrase").to_owned());
                let (key, days) = (self.text("company_key"), self.number("ttlInDays")?);
                let made = client.request_certificate(key, &passphrase, days).await?;
                ensure!(made.value().private_key.is_some(), "there is no key");
            }
            "register" => {
                let scopes: Vec<_> = self.text("scope").split(' ').map(str::to_owned).collect();
                let subject = self.text("tls_client_auth_subject_dn");
                client.register(subject, self.text("company_key"), &scopes).await?;
            }
            "upload" => {
                let taken = client.upload(&cpf, &self.upload()?).await?;
                ensure!(taken.value().token.is_some(), "there is no token");
            }
            "upload-deepface" => {
                let taken = client.upload_deepface(&cpf, &self.upload()?).await?;
                ensure!(taken.value().token.is_some(), "there is no token");
            }
            "upload-company" => {
                let document = match self.is_changed("documentType") {
                    true => CompanyDocument::PowerOfAttorney,
                    false => CompanyDocument::BalanceSheet,
                };
                let file = pdf(self.is_changed("file"))?;
                let taken = client.upload_company(&Cnpj::parse(CNPJ)?, &document, &file).await?;
                ensure!(taken.value().token.is_some(), "there is no token");
            }
            "status" => {
                client.upload(&cpf, &self.upload()?).await?;
                let tokens = if self.is_changed("token") { &TOKENS[..] } else { &[] };
                let tokens: Vec<_> = tokens.iter().copied().map(ImageToken::new).collect();
                let level = match self.is_changed("resultLevel") {
                    true => ResultLevel::OnlyStatus,
                    false => ResultLevel::Detailed,
                };
                ensure!(
                    !client.analyses(&cpf, &tokens, level).await?.value().is_empty(),
                    "there is no analysis"
                );
            }
            "messages" => {
                self.announce(client, &cpf).await?;
                self.messages(client).await?;
            }
            "message-resend" => {
                self.announce(client, &cpf).await?;
                let key = self.messages(client).await?.idempotency_key.context("a message has no key")?;
                ensure!(!client.resend(key.as_str()).await?.value().is_empty(), "nothing is sent again");
            }
            _ => self.manage(client, operation).await?,
        }
        Ok(())
    }

    async fn manage(&self, client: &Client, operation: &str) -> Result<()> {
        let made = client.create_webhook(&self.webhook()).await?;
        let id = made.value().id.as_ref().context("the webhook has no id")?.as_str();
        match operation {
            "webhook-create" => {}
            "webhook-list" => {
                ensure!(
                    !client.webhooks(self.number("page")?).await?.value().is_empty(),
                    "there is no webhook"
                );
            }
            "webhook-get" => drop(client.webhook(id).await?),
            "webhook-update" => drop(client.update_webhook(id, &self.target()).await?),
            "webhook-enable" => drop(client.enable_webhook(id).await?),
            "webhook-disable" => drop(client.disable_webhook(id).await?),
            "webhook-delete" => drop(client.delete_webhook(id).await?),
            _ => anyhow::bail!("unknown operation"),
        }
        Ok(())
    }

    /// Makes the sandbox send a message to the customer.
    async fn announce(&self, client: &Client, cpf: &Cpf) -> Result<()> {
        client.create_webhook(&self.webhook()).await?;
        client.upload(cpf, &self.upload()?).await?;
        Ok(())
    }

    /// Returns one of the messages, which may not have arrived yet.
    async fn messages(&self, client: &Client) -> Result<Message> {
        let (first, last) = (self.day("startDate")?, self.day("endDate")?);
        for state in [MessageState::from(self.text("state")), MessageState::Success] {
            let found = client.messages(first, last, &state, self.number("page")?).await?;
            if let Some(message) = found.into_inner().into_iter().next() {
                return Ok(message);
            }
        }
        anyhow::bail!("there is no message")
    }

    /// Returns the body of an operation as sent.
    async fn sent(&self, operation: &str) -> Result<Value> {
        let vendor = vendor().await;
        self.perform(&self.client(operation, &vendor.uri())?, operation).await?;
        let mut requests = requests(&vendor).await?.into_iter();
        let is_login = matches!(operation, "token" | "legacy-token");
        let request = if is_login { requests.next() } else { requests.last() };
        let mut sent = said(&request.context("nothing was sent")?)?;
        // A part that the page calls JSON.
        if let Some(Value::String(text)) = sent.get("providerMetadata") {
            sent["providerMetadata"] = serde_json::from_str(text)?;
        }
        Ok(sent)
    }
}

/// Two images, in the order of the query.
const TOKENS: [&str; 2] = ["wGW_jgBuoZNMxqBYwzFIPZGT0jbgRzJL", "YR5GMNH.D3HMQKa2SfPjUwwlhx.kypcx"];

/// Returns the changed or constant value of a field; `None` for a field that nothing sets.
fn expected(operation: &str, field: &str) -> Option<Value> {
    let constant = CONSTANTS.iter().find(|(of, known, _)| (*of, *known) == (operation, field));
    if let Some((.., value)) = constant {
        return Some((*value).into());
    }
    let file = |media: Result<Media>, name: &str, kind: &str| Some(file(name, kind, media.ok()?.bytes()));
    let order = Order { changed: Some(field), ..USUAL };
    Some(match (operation, field) {
        ("register", "grant_types") => json!(["client_credentials"]),
        ("register", "response_types") => json!(["access_token"]),
        ("certificate", "ttlInDays") => json!(30),
        ("upload-company", "documentType") => json!("POWER_OF_ATTORNEY"),
        ("upload-company", "file") => return file(pdf(true), "file.pdf", "application/pdf"),
        (_, "documentType") => json!("CNH"),
        (_, "image") => return file(picture(true), "image.jpeg", "image/jpeg"),
        ("upload-deepface", "provider") => json!("UNICO_CHECK"),
        ("upload-deepface", "providerMetadata") => json!({ "isLastDocument": true, "encrypted": "another" }),
        ("status", "token") => json!(TOKENS),
        ("webhook-create" | "webhook-update", "uri") => order.hooks[1].into(),
        _ if TEXTS.iter().any(|(known, ..)| *known == field) => order.text(field).into(),
        _ => return None,
    })
}

/// A JPEG of VGA size or larger: only its header, which is all that is read here.
fn picture(is_larger: bool) -> Result<Media> {
    let (width, height): (u16, u16) = if is_larger { (800, 600) } else { (640, 480) };
    let mut bytes = b"\xFF\xD8\xFF\xC0\0\x11\x08".to_vec();
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend(b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xFF\xD9");
    Ok(Media::new(bytes)?)
}

fn pdf(is_newer: bool) -> Result<Media> {
    Ok(Media::new(if is_newer { &b"%PDF-1.7\n%%EOF\n"[..] } else { b"%PDF-1.4\n%%EOF\n" })?)
}

/// Answers every request as documented.
async fn vendor() -> MockServer {
    server(|request: &Request| as_documented(answer_to(request.method.as_str(), request.url.path()))).await
}

fn answer_to(method: &str, path: &str) -> &'static Fixture {
    let path: Vec<_> = path.split('/').collect();
    match (method, path.as_slice()) {
        ("POST", [.., "connect", "token"]) => &documented::LEGACY_TOKEN_200,
        ("POST", [.., "token"]) => &documented::TOKEN_200,
        ("POST", [.., "certificates"]) => &documented::CERTIFICATE_200,
        ("POST", [.., "register"]) => &documented::REGISTER_201,
        ("POST", [.., "deepface"]) => &documented::UPLOAD_DEEPFACE_202,
        ("PUT", [.., "corporation-business"]) => &documented::UPLOAD_COMPANY_201,
        ("PUT", _) => &documented::UPLOAD_202,
        ("GET", [.., "document-analysis", _]) => &documented::STATUS_ANALYZING_200,
        ("POST", [.., "configurations"]) => &documented::WEBHOOK_CREATE_201,
        ("GET", [.., "configurations"]) => &documented::WEBHOOK_LIST_200,
        ("GET", [.., "processed-messages"]) => &documented::MESSAGES_200,
        ("GET", _) => &documented::WEBHOOK_GET_200,
        ("POST", _) => &documented::MESSAGE_RESEND_202,
        _ => &documented::WEBHOOK_ENABLE_204,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_field_is_looked_for_in_the_request_of_its_own_operation() {
        let sent = Bankly.send("certificate", "passphrase").await.unwrap().unwrap();
        assert_eq!(sent.with["passphrase"], sent.expected);
        assert_ne!(sent.without["passphrase"], sent.expected);
        let elsewhere = Bankly.send("upload", "passphrase").await.unwrap().unwrap();
        assert_eq!(elsewhere.with, elsewhere.without);
        assert!(Bankly.send("upload", "colour").await.unwrap().is_none());
    }
}
