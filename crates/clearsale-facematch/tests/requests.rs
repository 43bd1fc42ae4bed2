//! The requests: method, path, headers and body of each operation, as snapshots.

use clearsale_facematch::kyc_core::Cpf;
use clearsale_facematch::{Environment, MatchLevel, TransactionId};
use kyc_fixtures::clearsale_facematch as documented;
use serde_json::{Value, json};
use test_support::requests::{received, shown};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{builder, client, request};

pub async fn vendor() -> MockServer {
    let server = MockServer::start().await;
    let login = json!({ "access_token": "token-1", "expires_in": "3600", "token_type": "Bearer" });
    Mock::given(method("POST"))
        .and(path("/api/authentication/login"))
        .respond_with(ResponseTemplate::new(200).set_body_json(login))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/api/v2/Facematch/faces/match2d-2d"))
        .respond_with(ResponseTemplate::new(200).set_body_string(documented::MATCH_200.body))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_string(documented::QUERY_200.body))
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_journey_sends_exactly_this() {
    let server = vendor().await;
    let client = client(&server.uri());
    let request =
        request().with_cpf(Cpf::parse("529.982.247-25").unwrap()).with_min_match_level(MatchLevel::Six);
    let response = client.match2d_2d(&request).await.unwrap();
    client.transaction(&response.value().transaction_id).await.unwrap();
    client.transaction(&TransactionId::new("498EC3978529454aac7bd1628d6074ed")).await.unwrap();
    let sent: Vec<Value> = received(&server).await.iter().map(shown).collect();
    insta::assert_json_snapshot!(sent);
}

#[tokio::test]
async fn optional_fields_are_left_out_and_the_level_can_be_a_number() {
    let server = vendor().await;
    client(&server.uri()).match2d_2d(&request()).await.unwrap();
    let numeric = builder(&server.uri()).min_match_level_as_number(true).build().unwrap();
    numeric.match2d_2d(&request().with_min_match_level(MatchLevel::Two)).await.unwrap();
    let bodies: Vec<Value> = server
        .received_requests()
        .await
        .unwrap()
        .iter()
        .filter(|request| request.url.path().ends_with("match2d-2d"))
        .map(|request| shown(request)["body"].clone())
        .collect();
    insta::assert_json_snapshot!(bodies);
}

#[tokio::test]
async fn the_keys_are_those_that_the_page_prints() {
    let server = vendor().await;
    let whole = request().with_cpf(Cpf::parse("52998224725").unwrap()).with_min_match_level(MatchLevel::Six);
    client(&server.uri()).match2d_2d(&whole).await.unwrap();
    let received = received(&server).await;
    for (fixture, sent) in
        [(&documented::LOGIN_REQUEST, &received[0]), (&documented::MATCH_REQUEST, &received[1])]
    {
        let printed: Value = serde_json::from_str(fixture.body).unwrap();
        let sent: Value = serde_json::from_slice(&sent.body).unwrap();
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&printed), keys(&sent), "{}", fixture.name);
        for (key, value) in printed.as_object().unwrap() {
            assert!(value.is_string() && sent[key].is_string(), "{key} is text in both");
        }
    }
}

/// The streamed body and the type's `Serialize` both name the fields, and must agree.
#[tokio::test]
async fn the_streamed_body_is_the_serialised_request() {
    let server = vendor().await;
    let request =
        request().with_cpf(Cpf::parse("52998224725").unwrap()).with_min_match_level(MatchLevel::Six);
    let numeric = builder(&server.uri()).min_match_level_as_number(true).build().unwrap();
    numeric.match2d_2d(&request).await.unwrap();
    let received = received(&server).await;
    let sent: Value = serde_json::from_slice(&received[1].body).unwrap();
    assert_eq!(sent, serde_json::to_value(&request).unwrap());
}

#[tokio::test]
async fn a_reference_is_always_sent() {
    let server = vendor().await;
    let request = clearsale_facematch::MatchRequest::new(crate::support::image(), crate::support::image());
    client(&server.uri()).match2d_2d(&request).await.unwrap();
    let received = received(&server).await;
    let sent: Value = serde_json::from_slice(&received[1].body).unwrap();
    assert_eq!(sent["identifierId"], request.identifier_id());
    assert_eq!(request.identifier_id().len(), 36);
}

#[tokio::test]
async fn raw_bodies_are_kept_on_request() {
    let server = vendor().await;
    let options = clearsale_facematch::kyc_core::ClientOptions::new().keep_raw_bodies(true);
    let auditing = builder(&server.uri()).options(options).build().unwrap();
    let reply = auditing.match2d_2d(&request()).await.unwrap();
    assert_eq!(reply.meta().raw_body.as_ref().unwrap().expose(), documented::MATCH_200.body.as_bytes());
    assert_eq!((reply.meta().http_status, reply.meta().attempts), (200, 1));
    assert!(client(&server.uri()).match2d_2d(&request()).await.unwrap().meta().raw_body.is_none());
}

#[test]
fn the_addresses_are_those_of_the_page() {
    let addresses = [Environment::Production, Environment::Homologation].map(Environment::base_url);
    let printed =
        ["https://facematch.clearsale.com.br", "https://webapp-idlab-facematch-api-hml.azurewebsites.net"];
    assert_eq!(addresses, printed);
}
