//! The calls of Certiface's client.

use anyhow::{Result, bail};
use certiface::{
    Client, ContractedChecks, Credentials, DocumentOutcome, FaceTecScan, FortfaceScan, Journey,
    JourneyResult, LivenessResponse, Person, Provider,
};
use kyc_core::{Date, Lenient, Media};
use kyc_sandbox::certiface::Operation;
use kyc_sandbox::{Sandbox, samples};

use super::{Calls, Site, cpf};

pub(super) struct Certiface;

impl Calls for Certiface {
    const KEY: &'static str = "certiface";

    fn operations() -> Vec<&'static str> {
        Operation::ALL.iter().map(|operation| operation.name()).collect()
    }

    async fn call(site: &Site, operation: &str, _outcome: &str) -> Result<String> {
        let credentials = Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD);
        let client = Client::builder(credentials).base_url(&site.sandbox.certiface_url());
        let client = client.result_base_url(&site.sandbox.certiface_result_url()).options(site.options());
        let client = client.build()?;
        let person = Person::new(cpf()?, "Maria da Silva", Date::parse("15/11/2001")?);
        let mut journey = client.journey(&person).await?;
        Ok(match operation {
            // Only a person's key needs the credentials.
            "credencial" | "appkey" => "Ok".to_owned(),
            "checkauth" => format!("valid: {}", client.check_appkey(journey.appkey()).await?.value()),
            "challenge" => {
                let challenge = journey.challenge().await?.into_inner();
                format!("{} poses", challenge.challenges.map_or(0, |poses| poses.len()))
            }
            "initialize" => {
                let started = journey.initialize("web").await?;
                format!("key {}", started.value().production_key.is_some())
            }
            "session-token" => format!("{:?}", journey.session(Some("browser")).await?.value().provider()),
            "fortface-session-token" => {
                let session = journey.fortface_session("browser", "device").await?;
                format!("key {}", session.value().session_key.is_some())
            }
            "captcha" | "liveness" | "process-request" | "fortface-liveness" => {
                let live = liveness(&mut journey, operation).await?;
                format!("{}; {}", described(&live), ended(site, &journey, "document").await?)
            }
            "captcha-result" => {
                liveness(&mut journey, "captcha").await?;
                let found = client.liveness_result(journey.appkey()).await?;
                found.value().as_ref().map_or_else(|| "no result".to_owned(), described)
            }
            "document" | "document-qrcode" | "result" => {
                liveness(&mut journey, "captcha").await?;
                ended(site, &journey, operation).await?
            }
            other => bail!("no call for {other}"),
        })
    }

    fn paid(sandbox: &Sandbox, operation: &str) -> u64 {
        Operation::named(operation).map_or(0, |operation| sandbox.certiface().paid_calls_of(operation))
    }
}

/// Returns a photograph with its number in a comment, so that no two are equal.
fn frame(number: u8) -> Result<Media> {
    let (start, rest) = samples::A_2014.split_at(2);
    Ok(Media::new([start, &[0xFF, 0xFE, 0, 3, number], rest].concat())?)
}

/// Proves liveness by that operation.
async fn liveness(journey: &mut Journey, operation: &str) -> Result<LivenessResponse> {
    let response = match operation {
        "captcha" => {
            journey.challenge().await?;
            journey.captcha(&[vec![frame(0)?, frame(1)?], vec![frame(2)?, frame(3)?]]).await?
        }
        "liveness" => match journey.session(Some("browser")).await?.value().provider() {
            Some(Provider::IProov) => journey.liveness_iproov().await?,
            _ => {
                let scan = FaceTecScan::new("browser", "c2Nhbg==", frame(0)?, frame(1)?, "session-1");
                journey.liveness_facetec(&scan).await?
            }
        },
        "process-request" => {
            journey.process_request("blob 1", "browser").await?;
            journey.process_request("blob 2", "browser").await?
        }
        _ => {
            let session = journey.fortface_session("browser", "device").await?;
            let scan = FortfaceScan::new(session.value(), "browser", "key", "data", "image");
            journey.fortface_liveness(&scan).await?
        }
    };
    Ok(response.into_inner())
}

fn described(live: &LivenessResponse) -> String {
    format!("{:?}, {:?}", live.outcome(), live.cod_id)
}

/// Sends a document, by QR code or as images, and describes the end of the journey.
async fn ended(site: &Site, journey: &Journey, operation: &str) -> Result<String> {
    let document = Media::new(samples::A_2025)?;
    let outcome = match operation {
        "document-qrcode" => journey.document_qr_code(&document).await?,
        _ => journey.document(&[document]).await?,
    };
    match outcome.into_inner() {
        DocumentOutcome::Accepted(_) => {}
        DocumentOutcome::Retake(_) => return Ok("Retake".to_owned()),
        _ => return Ok("Unclear document".to_owned()),
    }
    site.pass_the_analysis();
    let result = journey.result().await?.into_inner();
    Ok(result.as_ref().map_or_else(|| "no result".to_owned(), judged))
}

fn judged(result: &JourneyResult) -> String {
    let kinds: Vec<_> = result.documents().iter().map(|document| document.kind.clone()).collect();
    let analysis = result.analise_documento.as_ref();
    let score = analysis.and_then(|analysis| analysis.score.as_ref()).and_then(Lenient::get);
    let bureau = result.certiface_id.as_ref();
    let all = ContractedChecks::ALL;
    format!(
        "{:?}{}, {:?}, liveness {:?}, {kinds:?}, score {:?}, faces {:?}, Serpro {:?}, bureau {:?} {:?}",
        result.outcome(all),
        result.outcome_reason(all).map_or_else(String::new, |why| format!(" ({why})")),
        result.status,
        result.liveness(),
        score.map(|score| score.get()),
        result.face_match().map(|check| (check.verdict(), &check.codigo)),
        result.serpro().map(|check| (check.verdict(), &check.codigo)),
        bureau.map(|bureau| &bureau.codigo),
        bureau.map(|bureau| bureau.risk()),
    )
}
