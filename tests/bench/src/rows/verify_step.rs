//! A paid step of a verification, whose intent and result are committed, against the call alone.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use clearsale_facematch::kyc_core::{
    Applicant, Clock as _, Cpf, DocumentKind, IdentityDocument, Media, SystemClock,
};
use clearsale_facematch::{Client, Credentials, MatchRequest};
use kyc_verify::{
    CaseState, Environment, KeyRing, Options, Outcome, Policy, SqliteStore, StoreKey, Verification,
};

use super::webhook_inbox::folder;
use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, cpu, on_one_thread};
use crate::pictures::jpeg;

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "verify-step",
    method: "\
ClearSale's comparison of two JPEGs of 50 kB: 30 turns of each side with 20 calls each, one after another. *Ours* is the step of
a case that `Verification` runs over a `SqliteStore` on the disk of the target folder, encrypted, with `synchronous=FULL`: from
before the intent to after the result, with a commit for each. What else a case does is not in it. The reference is
`Client::match2d_2d` alone. P50 is the median of a turn's calls. User and system time are those of the whole process, its writing
thread included, for one call. The bounds are for the differences.",
    rows: &[
        Row {
            what: "A paid step with intent and result committed: p50, vs. the call alone",
            quantity: Quantity::P50,
            bound: Bound::More(2e-3),
        },
        Row { what: "The same: user + system of a call", quantity: Quantity::Cpu, bound: Bound::More(0.5e-3) },
    ],
    measure,
};

const TURNS: usize = 30;
const WARM_UP: usize = 2;
const STEPS: usize = 20;
const PICTURE: usize = 50_000;

const POLICY: &str =
    "version = \"bench\"\n[check.face_document]\nmax_false_accept = \"1/10000\"\nby = [\"clearsale\"]\n";

/// Time and user and system time of a call.
type Cost = (Duration, Duration);

fn measure(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let folder = folder()?;
        let costs = Arc::new(Mutex::new(Vec::new()));
        let verification = observed(&part.server, folder.path(), &costs)?;
        let client = client(&part.server)?;
        let mut pairs = Pairs::new();
        for turn in 0..WARM_UP + TURNS {
            let is_first = turn % 2 == 0;
            let mut theirs = if is_first { Vec::new() } else { calls(&client).await? };
            steps(&verification, turn).await?;
            if is_first {
                theirs = calls(&client).await?;
            }
            let ours = std::mem::take(&mut *costs.lock().unwrap_or_else(PoisonError::into_inner));
            ensure!(ours.len() == STEPS, "{} steps in a turn", ours.len());
            if turn >= WARM_UP {
                pairs.push([figure(part.quantity, ours)?, figure(part.quantity, theirs)?]);
            }
        }
        Ok(pairs)
    })
}

fn figure(quantity: Quantity, costs: Vec<Cost>) -> Result<f64> {
    if quantity == Quantity::Cpu {
        return Ok(costs.iter().map(|(_, cpu)| cpu.as_secs_f64()).sum::<f64>() / costs.len() as f64);
    }
    let mut times: Vec<_> = costs.into_iter().map(|(time, _)| time).collect();
    times.sort_unstable();
    Ok(times.get(times.len() / 2).context("no calls")?.as_secs_f64())
}

pub(super) fn client(server: &str) -> Result<Client> {
    let credentials = Credentials::new("user".to_owned(), "password".to_owned());
    Ok(Client::builder(credentials).base_url(server).build()?)
}

/// Returns a builder over a new store.
pub(super) fn verification(server: &str, folder: &Path) -> Result<kyc_verify::VerificationBuilder> {
    let keys = KeyRing::new(StoreKey::generate()?);
    let store = SqliteStore::builder(folder.join("cases.db")).keys(keys).open()?;
    let builder = Verification::builder(store, Environment::Simulated).policy(Policy::from_toml(POLICY)?);
    Ok(builder.vendor("clearsale", Arc::new(client(server)?)))
}

/// Returns a verification that notes what each step cost.
fn observed(server: &str, folder: &Path, costs: &Arc<Mutex<Vec<Cost>>>) -> Result<Verification> {
    let (costs, begun) = (Arc::clone(costs), Mutex::new(None));
    let builder = verification(server, folder)?.on_step(move |notice| {
        let now = (SystemClock.elapsed(), cpu().unwrap_or_default());
        let mut begun = begun.lock().unwrap_or_else(PoisonError::into_inner);
        match begun.take() {
            Some((time, cpu)) if notice.has_ended => {
                let cost: Cost = (now.0.saturating_sub(time), now.1.saturating_sub(cpu));
                costs.lock().unwrap_or_else(PoisonError::into_inner).push(cost);
            }
            _ => *begun = Some(now),
        }
    });
    Ok(builder.build())
}

async fn steps(verification: &Verification, turn: usize) -> Result<()> {
    for number in 0..STEPS {
        verify(verification, turn * STEPS + number).await?;
    }
    Ok(())
}

/// Verifies one person, whose comparison is answered at once.
pub(super) async fn verify(verification: &Verification, number: usize) -> Result<()> {
    let applicant = applicant(number)?;
    let report = verification.verify(&format!("case {number}"), &applicant, Options::default()).await?;
    ensure!(report.state == CaseState::Decided(Outcome::Approved), "a case is {:?}", report.state);
    Ok(())
}

async fn calls(client: &Client) -> Result<Vec<Cost>> {
    let mut costs = Vec::new();
    for number in 0..STEPS {
        let applicant = applicant(number)?;
        let request = request(&applicant)?;
        let (time, before) = (SystemClock.elapsed(), cpu()?);
        let reply = client.match2d_2d(&request).await?;
        costs.push((SystemClock.elapsed().saturating_sub(time), cpu()?.saturating_sub(before)));
        ensure!(!reply.value().transaction_id.as_str().is_empty(), "the response has no id");
    }
    Ok(costs)
}

pub(super) fn request(applicant: &Applicant) -> Result<MatchRequest> {
    let selfie = applicant.selfie.clone().context("no selfie")?;
    let front = applicant.document.as_ref().context("no document")?.front.clone();
    Ok(MatchRequest::new(selfie, front).with_identifier_id("reference").with_cpf(applicant.cpf.clone()))
}

/// Returns a person of their own for each number.
pub(super) fn applicant(number: usize) -> Result<Applicant> {
    static PICTURES: std::sync::LazyLock<[Bytes; 2]> =
        std::sync::LazyLock::new(|| [jpeg(PICTURE, 1), jpeg(PICTURE, 3)]);
    let [selfie, front] = PICTURES.clone();
    let mut applicant = Applicant::new(Cpf::parse(&cpf(number)?)?);
    applicant.selfie = Some(Media::new(selfie)?);
    applicant.document = Some(IdentityDocument::new(DocumentKind::Rg, Media::new(front)?));
    Ok(applicant)
}

fn cpf(number: usize) -> Result<String> {
    let mut digits = format!("7{number:08}");
    for _ in 0..2 {
        let weighted =
            (2..).zip(digits.bytes().rev()).map(|(weight, digit)| weight * u32::from(digit - b'0'));
        let check = weighted.sum::<u32>() * 10 % 11 % 10;
        digits.push(char::from_digit(check, 10).context("no digit")?);
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    use super::*;

    #[tokio::test]
    async fn each_case_makes_one_call_which_is_measured() {
        let answer = r#"{"access_token":"t","expires_in":"60","transactionId":"c2a6b5c4-7650-4676-8322-b85c5e0357c1",
            "transactionStatus":"Success","confiability":6,"isMatch":true}"#;
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_raw(answer, "application/json");
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let (folder, costs) = (folder().unwrap(), Arc::default());
        let verification = observed(&server.uri(), folder.path(), &costs).unwrap();
        for number in 0..3 {
            verify(&verification, number).await.unwrap();
        }
        assert_eq!(costs.lock().unwrap().len(), 3);
        let requests = server.received_requests().await.unwrap();
        let uploads = requests.iter().filter(|request| request.url.path().ends_with("match2d-2d")).count();
        assert_eq!(uploads, 3);
        assert_eq!(calls(&client(&server.uri()).unwrap()).await.unwrap().len(), STEPS);
    }
}
