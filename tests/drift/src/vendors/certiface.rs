//! Certiface.

use std::collections::BTreeMap;
use std::time::Duration;

use aes::Aes128;
use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use certiface::kyc_core::{Cpf, Date, Media, WebhookEvent};
use certiface::{
    AppkeyResponse, BiometricCode, CertifaceIdCode, Challenge, Client, Completion, CompletionWebhook,
    CredentialResponse, Credentials, DocumentOutcome, DocumentResponse, DocumentSide, ErrorBody, FaceTecScan,
    FileStatus, FortfaceScan, FortfaceSession, Initialization, Journey, JourneyResult, JourneyStatus,
    LivenessCode, LivenessResponse, Person, ProcessedFileStatus, ProcessingStatus, Refusal, RiskScore,
    SessionToken, StatusUpdate, StatusWebhook,
};
use kyc_fixtures::certiface as documented;
use kyc_sandbox::certiface::{Operation, Provider, StatusUpdate as Suspicion};
use kyc_sandbox::{Sandbox, samples};
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use super::{heard, received, requests, said, server};
use crate::reader::{Reader, listed_as};
use crate::schemas::{read, written};
use crate::vendor::{Body, Listed, Performed, Sent, Vendor};

pub(crate) struct Certiface;

/// The texts of requests: the usual value and the changed one. Those of `pass` and `token` are the password and the
/// token of the credential.
const TEXTS: &[(&str, &str, &str)] = &[
    ("user", "somebody", "me"),
    ("pass", "something", "abc"),
    ("token", "QjBlFoPJZYjSry", "aXRzIHRva2Vu"),
    ("cpf", "52998224725", "91000000192"),
    ("nome", "Maria da Silva", "Ana Souza"),
    ("nascimento", "15/11/2001", "01/02/1990"),
    ("idExternoCliente", "", "4561645657446457-651A.SDRFEN"),
    (
        "appkey",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UifQ.u6EaiHfZC9VdEVBNiPqfNVnPzDill2E5YyYdSpS38iw",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UifQ.WdoUN2LA7Ved3DyrXL3NIT2J1Qq10A8enQeygiZPeek",
    ),
    ("chkey", "BlG6fiiDMy0_LFP_5ku1F3HmTfBJwSx9VrMGGtVQcb", "another"),
    ("userAgent", "", "another"),
    ("platform", "web", "another"),
    ("faceScan", "face scan", "another"),
    ("sessionId", "5dc67a9d-f8a4-44cc-b159-fbaa9ea222b3", "another"),
    ("sessionToken", "session token", "another"),
    ("requestBlob", "request blob", "another"),
    ("deviceRequestInfo", "device", "another"),
    ("key", "key", "another"),
    ("data", "data", "another"),
    ("imgData", "pictures", "another"),
];

/// Fields that contain images.
const PICTURES: &[&str] = &["images", "qrcode", "auditTrailImage", "lowQualityAuditTrailImage"];

/// Fields that are encrypted, beside the captcha's `images`.
const ENCRYPTED: &[&str] = &["auditTrailImage", "lowQualityAuditTrailImage"];

/// When the credential expires.
const EXPIRES: &str = "27/09/2099 19:09:00";

#[async_trait]
impl Vendor for Certiface {
    fn name(&self) -> &'static str {
        "certiface"
    }

    fn reader(&self, body: &Body<'_>) -> Option<Reader> {
        use certiface::{CinOcr, ClientOcr, CnhOcr, DniOcr, RgOcr};
        Some(match body {
            Body::Answer("credencial", 200) => {
                Reader::only_read::<CredentialResponse>("CredentialResponse").needing("token", "token-1")
            }
            Body::Answer("appkey", 200) => Reader::both::<AppkeyResponse>("AppkeyResponse"),
            Body::Answer("challenge", 200) => Reader::both::<Challenge>("Challenge"),
            Body::Answer("session-token", 200) => Reader::both::<SessionToken>("SessionToken"),
            Body::Answer("initialize", 200) => Reader::both::<Initialization>("Initialization"),
            Body::Answer("fortface-session-token", 200) => Reader::both::<FortfaceSession>("FortfaceSession"),
            Body::Answer(
                "captcha" | "liveness" | "process-request" | "fortface-liveness" | "captcha-result",
                200,
            ) => Reader::both::<LivenessResponse>("LivenessResponse"),
            Body::Answer("document" | "document-qrcode", 200) => {
                Reader::both::<DocumentResponse>("DocumentResponse")
            }
            Body::Answer("result", 200) => Reader::both::<JourneyResult>("JourneyResult"),
            Body::Event("completion") => Reader::both::<Completion>("Completion"),
            Body::Event("status-update") => Reader::both::<StatusUpdate>("StatusUpdate"),
            Body::Shared("RG") => Reader::both::<RgOcr>("RgOcr"),
            Body::Shared("CNH") => Reader::both::<CnhOcr>("CnhOcr"),
            Body::Shared("DNI") => Reader::both::<DniOcr>("DniOcr"),
            Body::Shared("CIN") => Reader::both::<CinOcr>("CinOcr"),
            Body::Shared("CRNM" | "Passport") => Reader::both::<ClientOcr>("ClientOcr"),
            Body::Shared("Error bodies") | Body::Answer(_, 400..) => {
                Reader::both::<ErrorBody>("ErrorBody").or(Reader::both::<Refusal>("Refusal"))
            }
            _ => return None,
        })
    }

    async fn send(&self, operation: &str, field: &str) -> Result<Option<Sent>> {
        let Some(expected) = expected(operation, field) else { return Ok(None) };
        let plain = Order { iproov: (operation, field) == ("liveness", "sessionToken"), ..USUAL };
        let changed = Order { changed: Some(field), ..plain };
        Ok(Some(Sent {
            without: plain.sent(operation).await?,
            with: changed.sent(operation).await?,
            expected,
            together: &[],
        }))
    }

    fn listed(&self, list: &str, value: &str) -> Listed {
        match list {
            "Journey status" => listed_as!(JourneyStatus, value),
            "codID" => listed_as!(LivenessCode, value),
            "statusProcessamento" => listed_as!(ProcessingStatus, value),
            "statusArquivo" => listed_as!(FileStatus, value),
            "tipo" => listed_as!(DocumentSide, value),
            "statusArquivoProcessado" => listed_as!(ProcessedFileStatus, value),
            "Face comparison codes" => listed_as!(BiometricCode, value),
            "Bureau codes" => listed_as!(CertifaceIdCode, value),
            "Risk classes" => listed_as!(RiskScore, value),
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
            read::<CredentialResponse>(),
            written::<AppkeyResponse>(),
            written::<Challenge>(),
            written::<LivenessResponse>(),
            written::<SessionToken>(),
            written::<Initialization>(),
            written::<FortfaceSession>(),
            written::<DocumentResponse>(),
            written::<JourneyResult>(),
            written::<Completion>(),
            written::<StatusUpdate>(),
            written::<ErrorBody>(),
            written::<Refusal>(),
        ]
    }

    async fn requests(&self) -> Result<BTreeMap<&'static str, Option<(&'static str, Value)>>> {
        // Each consists of an appkey and a few texts or images, and has no public type.
        Ok(Operation::ALL.iter().map(|operation| (operation.name(), None)).collect())
    }
}

/// Performs every operation against a recording server.
async fn listen(performed: &mut Performed) -> Result<()> {
    let vendor = USUAL.vendor().await;
    let client = USUAL.client(&vendor.uri(), &vendor.uri())?;
    for operation in Operation::ALL {
        let done = USUAL.perform(&client, operation.name()).await;
        performed.failures.extend(done.err().map(|error| format!("{}: {error}", operation.name())));
    }
    performed.sent = heard(&vendor).await?;
    Ok(())
}

/// Performs every operation against the sandbox, which encrypts its bodies, and receives its events.
async fn stand_in(performed: &mut Performed) -> Result<()> {
    let customer = server(ResponseTemplate::new(200)).await;
    let sandbox = Sandbox::builder().certiface_document_delay(Duration::ZERO).start().await?;
    let control = sandbox.certiface();
    control.register_completion_webhook(&format!("{}/completion", customer.uri()))?;
    control.register_status_webhook(&format!("{}/status", customer.uri()))?;
    let credentials = Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD);
    let client = Client::builder(credentials)
        .base_url(&sandbox.certiface_url())
        .result_base_url(&sandbox.certiface_result_url())
        .build()?;
    for operation in Operation::ALL {
        let mut done = USUAL.perform(&client, operation.name()).await;
        if *operation == Operation::Liveness && done.is_ok() {
            control.liveness_3d(Provider::IProov);
            done = Order { iproov: true, ..USUAL }.perform(&client, operation.name()).await;
        }
        match done {
            Ok(()) if control.requests(*operation) > 0 => {
                performed.served.insert(operation.name().to_owned());
            }
            Ok(()) => {}
            Err(error) => performed.failures.push(format!("{}: {error}", operation.name())),
        }
    }

    control.send_status_update(&Suspicion::new("202200998977", "00011122233"))?;
    let is_read = |event: &WebhookEvent| Completion::try_from(event).is_ok_and(|it| it.appkey.is_some());
    let method = received(&customer, "/completion", &CompletionWebhook::new(), is_read).await?;
    performed.received.extend(method.map(|method| ("completion".to_owned(), method)));
    let is_read = |event: &WebhookEvent| StatusUpdate::try_from(event).is_ok_and(|it| it.cpf.is_some());
    let method = received(&customer, "/status", &StatusWebhook::new(["127.0.0.1"])?, is_read).await?;
    performed.received.extend(method.map(|method| ("status-update".to_owned(), method)));
    Ok(())
}

/// The input of the client: usual values, except for one field.
#[derive(Clone, Copy)]
struct Order<'a> {
    changed: Option<&'a str>,
    /// Whether 3D liveness uses iProov instead of FaceTec.
    iproov: bool,
}

const USUAL: Order<'_> = Order { changed: None, iproov: false };

impl Order<'_> {
    fn text(&self, field: &str) -> &'static str {
        let text = TEXTS.iter().find(|(known, ..)| *known == field);
        text.map_or("", |(_, usual, changed)| if self.changed == Some(field) { changed } else { usual })
    }

    fn picture(&self, field: &str) -> Result<Media> {
        Ok(Media::new(if self.changed == Some(field) { samples::A_2025 } else { samples::A_2014 })?)
    }

    fn person(&self) -> Result<Person> {
        let person = Person::new(
            Cpf::parse(self.text("cpf"))?,
            self.text("nome"),
            Date::parse(self.text("nascimento"))?,
        );
        Ok(match self.text("idExternoCliente") {
            "" => person,
            id => person.with_id_externo_cliente(id),
        })
    }

    fn client(&self, base: &str, result: &str) -> Result<Client> {
        let credentials = Credentials::new(self.text("user"), self.text("pass"));
        Ok(Client::builder(credentials).base_url(base).result_base_url(result).build()?)
    }

    /// Performs an operation and those before it on a new journey. Its own request is the last one, except for those
    /// that begin the journey.
    async fn perform(&self, client: &Client, operation: &str) -> Result<()> {
        let mut journey = client.journey(&self.person()?).await?;
        let user_agent = self.text("userAgent");
        match operation {
            "credencial" | "appkey" => {}
            "checkauth" => {
                ensure!(*client.check_appkey(journey.appkey()).await?.value(), "the appkey is not accepted");
            }
            "challenge" => {
                journey.challenge().await?;
            }
            "captcha" => self.capture(&mut journey).await?,
            "initialize" => {
                journey.initialize(self.text("platform")).await?;
            }
            "session-token" => {
                journey.session(Some(user_agent).filter(|text| !text.is_empty())).await?;
            }
            "liveness" => {
                journey.session(None).await?;
                if self.iproov {
                    journey.liveness_iproov().await?;
                } else {
                    journey.liveness_facetec(&self.scan()?).await?;
                }
            }
            "process-request" => {
                journey.process_request(self.text("requestBlob").to_owned(), self.agent()).await?;
            }
            "fortface-session-token" => {
                journey.fortface_session(self.agent(), self.text("deviceRequestInfo")).await?;
            }
            "fortface-liveness" => {
                let session = journey.fortface_session(self.agent(), self.text("deviceRequestInfo")).await?;
                let [key, data, pictures] =
                    ["key", "data", "imgData"].map(|field| self.text(field).to_owned());
                let scan = FortfaceScan::new(session.value(), self.agent(), key, data, pictures);
                journey.fortface_liveness(&scan).await?;
            }
            "document" => {
                let sent = journey.document(&[self.picture("images")?]).await?;
                ensure!(
                    matches!(*sent.value(), DocumentOutcome::Accepted(_)),
                    "the document is not accepted"
                );
            }
            "document-qrcode" => {
                let sent = journey.document_qr_code(&self.picture("qrcode")?).await?;
                ensure!(matches!(*sent.value(), DocumentOutcome::Accepted(_)), "the code is not accepted");
            }
            "captcha-result" => {
                self.capture(&mut journey).await?;
                let verdict = client.liveness_result(journey.appkey()).await?;
                ensure!(verdict.value().is_some(), "there is no verdict");
            }
            "result" => {
                self.capture(&mut journey).await?;
                journey.document(&[self.picture("images")?]).await?;
                ensure!(journey.result().await?.value().is_some(), "there is no result");
            }
            _ => anyhow::bail!("unknown operation"),
        }
        Ok(())
    }

    /// Returns the user agent of a kit, which may not be empty.
    fn agent(&self) -> &'static str {
        match self.text("userAgent") {
            "" => "a kit",
            agent => agent,
        }
    }

    fn scan(&self) -> Result<FaceTecScan> {
        Ok(FaceTecScan::new(
            self.agent(),
            self.text("faceScan").to_owned(),
            self.picture("auditTrailImage")?,
            self.picture("lowQualityAuditTrailImage")?,
            self.text("sessionId"),
        ))
    }

    /// Two frames for each of two challenges, as in the page's example and the sandbox.
    async fn capture(&self, journey: &mut Journey) -> Result<()> {
        journey.challenge().await?;
        let [a, b, c, d] = self.frames().map(Media::new);
        journey.captcha(&[vec![a?, b?], vec![c?, d?]]).await?;
        Ok(())
    }

    /// Four different images, and four others for the changed field.
    fn frames(&self) -> [Vec<u8>; 4] {
        let first = if self.changed == Some("images") { b'e' } else { b'a' };
        [0, 1, 2, 3].map(|number| {
            let (start, rest) = samples::A_2014.split_at(2);
            // A comment of one letter.
            [start, &[0xFF, 0xFE, 0, 3, first + number], rest].concat()
        })
    }

    /// Returns the body of an operation as sent, decrypted.
    async fn sent(&self, operation: &str) -> Result<Value> {
        let vendor = self.vendor().await;
        self.perform(&self.client(&vendor.uri(), &vendor.uri())?, operation).await?;
        let mut requests = requests(&vendor).await?.into_iter();
        let request = if operation == "credencial" { requests.next() } else { requests.last() };
        let mut sent = said(&request.context("nothing was sent")?)?;
        let encrypted: &[_] = if operation == "captcha" { &["images"] } else { ENCRYPTED };
        for field in encrypted {
            if let Some(value) = sent.get_mut(*field) {
                *value = in_clear(self.text("appkey"), value.as_str().unwrap_or_default())?.into();
            }
        }
        Ok(sent)
    }

    /// Answers every request as documented. Encrypted responses are plain, which the client accepts as well.
    async fn vendor(&self) -> MockServer {
        let with = |printed: &str, changes: &[(&str, &str)]| {
            let mut body: Value = serde_json::from_str(printed).unwrap_or_default();
            changes.iter().for_each(|(key, value)| body[*key] = (*value).into());
            body.to_string()
        };
        let session = self.text("sessionToken");
        let answers: BTreeMap<&str, String> = [
            (
                "credencial",
                with(documented::CREDENCIAL_200.body, &[("token", self.text("token")), ("expires", EXPIRES)]),
            ),
            ("appkey", with(documented::APPKEY_200.body, &[("appkey", self.text("appkey"))])),
            ("challenge", with(documented::CHALLENGE_200.body, &[("chkey", self.text("chkey"))])),
            (
                "3d/session-token",
                if self.iproov {
                    with(documented::SESSION_TOKEN_IPROOV_200.body, &[("token", session)])
                } else {
                    documented::SESSION_TOKEN_FACETEC_200.body.to_owned()
                },
            ),
            (
                "fortface/session-token",
                with(
                    documented::FORTFACE_SESSION_TOKEN_200.body,
                    &[("sessionId", self.text("sessionId")), ("sessionToken", session)],
                ),
            ),
            ("checkauth", documented::CHECKAUTH_200.body.to_owned()),
            ("3d/initialize", documented::INITIALIZE_200.body.to_owned()),
            ("3d/liveness", documented::LIVENESS_FACETEC_200.body.to_owned()),
            ("3d/process-request", documented::PROCESS_REQUEST_FINAL_200.body.to_owned()),
            ("fortface/liveness", documented::FORTFACE_LIVENESS_200.body.to_owned()),
            ("document/result", documented::RESULT_200.body.to_owned()),
            ("result", documented::CAPTCHA_RESULT_200.body.to_owned()),
            ("document", documented::DOCUMENT_200.body.to_owned()),
        ]
        .into();
        let answer = move |request: &Request| {
            let path = request.url.path();
            // The longest matching suffix: one path is the suffix of another.
            let fitting = answers.iter().filter(|(end, _)| path.ends_with(&format!("/{end}")));
            let body = fitting.max_by_key(|(end, _)| end.len()).map(|(_, body)| body.as_str());
            let body = body.unwrap_or(documented::CAPTCHA_200.body);
            ResponseTemplate::new(200).set_body_raw(body, "application/json")
        };
        server(answer).await
    }
}

/// Returns the changed value of a field; `None` for a field that nothing sets.
fn expected(operation: &str, field: &str) -> Option<Value> {
    let order = Order { changed: Some(field), ..USUAL };
    let picture = STANDARD.encode(samples::A_2025);
    Some(match (operation, field) {
        // The MD5 of "abc", as RFC 1321 has it.
        ("credencial", "pass") => json!("900150983cd24fb0d6963f7d28e17f72"),
        ("appkey", "token") => {
            json!(format!("{{\"token\":\"{}\",\"expires\":\"{EXPIRES}\"}}", order.text("token")))
        }
        ("captcha", "images") => records(&order).into(),
        ("document", "images") => json!([picture]),
        _ if PICTURES.contains(&field) => json!(picture),
        _ if TEXTS.iter().any(|(known, ..)| *known == field) => order.text(field).into(),
        _ => return None,
    })
}

/// The frames as the page describes their records.
fn records(order: &Order<'_>) -> String {
    let challenge: Value = serde_json::from_str(documented::CHALLENGE_200.body).unwrap_or_default();
    let code = |place: usize| &challenge["challenges"][place]["tipoFace"]["codigo"];
    let record = |(place, frame): (usize, Vec<u8>)| {
        let code = code(place / 2).as_str().unwrap_or_default();
        format!("data:image/jpeg;base64,type:{code},{}", STANDARD.encode(frame))
    };
    order.frames().into_iter().enumerate().map(record).collect()
}

/// Decrypts a body as the page describes under "Encrypted bodies", without the client's code.
fn in_clear(appkey: &str, field: &str) -> Result<String> {
    let encoded = field.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let mut buffer = STANDARD.decode(encoded).context("not base64 with percent signs")?;
    let ends = appkey.as_bytes().first_chunk::<16>().zip(appkey.as_bytes().last_chunk::<16>());
    let (key, last) = ends.context("the appkey is short")?;
    let mut vector = *last;
    vector.reverse();
    let cipher = cbc::Decryptor::<Aes128>::new(key.into(), (&vector).into());
    let plain = cipher.decrypt_padded::<NoPadding>(&mut buffer).ok().context("not whole blocks")?;
    let spaced = plain.strip_suffix(&[16; 16]).context("no PKCS#7 block")?;
    let text = std::str::from_utf8(spaced)?.trim_end_matches(' ');
    ensure!(spaced.len() == (text.len() / 16 + 1) * 16, "not padded with spaces as documented");
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_page_is_read() {
        let appkey = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UiLCJjcGYiOiIwMDAwMDAxNDE0MSJ9.WdoUN2LA7Ved3DyrXL3NIT2J1Qq10A8enQeygiZPeek";
        let field = "3RndZJEYqdqUKj5PQKxBSzK%2B3m7E5j8TIPZRxm6JTIc%3D";
        assert_eq!(in_clear(appkey, field).unwrap(), "a");
        assert!(in_clear(&appkey.replacen("eyJh", "eyJi", 1), field).is_err(), "another key");
        assert!(in_clear(appkey, "3RndZJEYqdqUKj5PQKxBSw==").is_err());
        assert!(in_clear("short", field).is_err());
    }

    #[tokio::test]
    async fn a_field_is_looked_for_in_the_request_of_its_own_operation() {
        let sent = Certiface.send("captcha", "chkey").await.unwrap().unwrap();
        assert_eq!(sent.with["chkey"], sent.expected);
        assert_ne!(sent.without["chkey"], sent.expected);
        let elsewhere = Certiface.send("challenge", "chkey").await.unwrap().unwrap();
        assert_eq!(elsewhere.with, elsewhere.without);
        assert!(Certiface.send("challenge", "colour").await.unwrap().is_none());
    }
}
