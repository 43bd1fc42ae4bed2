//! Operations over HTTP: two images of 4 MB each, from bytes in memory to the vendor's response, and a query.

use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use clearsale_facematch::kyc_core::{Cpf, Media};
use clearsale_facematch::{Client, Credentials, MatchRequest, TransactionId};

use super::{Bound, Comparison, Part, Quantity, Row};
use crate::by_hand::ByHand;
use crate::meter::{Pairs, compare, on_one_thread};
use crate::pictures::jpeg;
use crate::server::TRANSACTION;

pub(crate) const UPLOAD: Comparison = Comparison {
    name: "upload",
    method: "\
Two JPEGs of 4 MB each (a JPEG's headers and end around noise), from bytes in memory to the decoded response: 100 turns.
*Ours* is `Media::new`, `MatchRequest::new` and `Client::match2d_2d`, with all checks of the images. *By hand* encodes both
into strings, serialises and sends.",
    rows: &[
        Row {
            what: "Upload of two 4 MB images: peak heap above the input, vs. by hand",
            quantity: Quantity::Heap,
            // Three pieces on their way to the socket, whatever the size of the images.
            bound: Bound::Each(1.5e6),
        },
        Row { what: "The same: user + system, vs. by hand", quantity: Quantity::Cpu, bound: Bound::Ratio(0.35) },
    ],
    measure,
};

pub(crate) const QUERY: Comparison = Comparison {
    name: "query",
    method: "\
`GET` of a transaction with a bearer token on an open connection, and its decoding: 400 turns of each side with 50 calls
each, so 20 000 calls a side. Figures are for 50 calls, so that background work of a call hardly reaches the other side's
turn. *Ours* takes its token from the cache for each call.",
    rows: &[Row {
        what: "50 queries on a warm connection: user + system, vs. by hand",
        quantity: Quantity::Cpu,
        bound: Bound::Ratio(1.10),
    }],
    measure: measure_queries,
};

const PICTURE: usize = 4_000_000;
const TURNS: usize = 100;
const QUERY_TURNS: usize = 400;
const CALLS: usize = 50;

const REFERENCE: &str = "order-2026-000017";
const CPF: &str = "52998224725";
const PATIENCE: Duration = Duration::from_secs(30);

fn measure(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let pictures = [jpeg(PICTURE, 1), jpeg(PICTURE, 3)];
        let ours = our_client(&part.server)?;
        let by_hand = ByHand::fetch_token(&part.server, PATIENCE).await?;
        let ours = async || upload(&ours, &pictures).await;
        let by_hand = async || upload_by_hand(&by_hand, &pictures).await;
        compare(part, TURNS, ours, by_hand).await
    })
}

fn our_client(server: &str) -> Result<Client> {
    Ok(Client::builder(Credentials::new("user".to_owned(), "password".to_owned()))
        .base_url(server)
        .build()?)
}

async fn upload(client: &Client, pictures: &[Bytes; 2]) -> Result<()> {
    let [first, second] = pictures.clone();
    let request = MatchRequest::new(Media::new(first)?, Media::new(second)?)
        .with_identifier_id(REFERENCE)
        .with_cpf(Cpf::parse(CPF)?);
    let reply = client.match2d_2d(&request).await?;
    ensure!(!reply.value().transaction_id.as_str().is_empty(), "the response has no id");
    Ok(())
}

async fn upload_by_hand(client: &ByHand, [first, second]: &[Bytes; 2]) -> Result<()> {
    let answer = client.match2d_2d(REFERENCE, CPF, first, second).await?;
    ensure!(!answer.transaction_id.is_empty(), "the response has no id");
    Ok(())
}

fn measure_queries(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let ours = our_client(&part.server)?;
        let by_hand = ByHand::fetch_token(&part.server, PATIENCE).await?;
        let id = TransactionId::new(TRANSACTION);
        let call = async |is_ours: bool| {
            for _ in 0..CALLS {
                let has_verdict = if is_ours {
                    std::hint::black_box(&ours.transaction(&id).await?).value().is_match.is_some()
                } else {
                    std::hint::black_box(&by_hand.transaction(TRANSACTION).await?).is_match.is_some()
                };
                ensure!(has_verdict, "the response has no verdict");
            }
            Ok(())
        };
        compare(part, QUERY_TURNS, async || call(true).await, async || call(false).await).await
    })
}

#[cfg(test)]
mod tests {
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    use super::*;

    #[tokio::test]
    async fn both_sides_send_the_same_body() {
        let answer = r#"{"access_token":"t","expires_in":"60","transactionId":"c2a6b5c4-7650-4676-8322-b85c5e0357c1"}"#;
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_raw(answer, "application/json");
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let pictures = [jpeg(100_000, 1), jpeg(100_001, 3)];
        upload(&our_client(&server.uri()).unwrap(), &pictures).await.unwrap();
        let by_hand = ByHand::fetch_token(&server.uri(), PATIENCE).await.unwrap();
        upload_by_hand(&by_hand, &pictures).await.unwrap();
        let mut sent = server.received_requests().await.unwrap();
        sent.retain(|request| !request.url.path().ends_with("/login"));
        assert_eq!(sent.len(), 2);
        assert!(sent[0].body == sent[1].body);
    }
}
